// SPDX-License-Identifier: Apache-2.0

package form_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"motcua/internal/form"
	"motcua/internal/refusal"
)

const wedding = `{
 "title": {"vi": "Tờ khai", "en": "Declaration"},
 "source": {"kind": "derived", "document": "Luật mẫu", "note": {"vi": "mẫu", "en": "sample"}},
 "declaration": {"vi": "Tôi cam đoan.", "en": "I declare."},
 "pages": [
  {"id": "who", "title": {"vi": "Ai", "en": "Who"}, "fields": [
   {"id": "name", "type": "name", "label": {"vi": "Họ tên", "en": "Name"}},
   {"id": "born", "type": "date", "label": {"vi": "Ngày sinh", "en": "Born"}, "to": "today"},
   {"id": "before", "type": "yes_no", "label": {"vi": "Đã kết hôn?", "en": "Married before?"}},
   {"id": "ended", "type": "date", "label": {"vi": "Ngày ly hôn", "en": "Ended"}, "when": {"field": "before", "is": true}, "to": "today"},
   {"id": "gender", "type": "choice", "label": {"vi": "Giới tính", "en": "Gender"}, "options": [
     {"value": "male", "label": {"vi": "Nam", "en": "Male"}}, {"value": "female", "label": {"vi": "Nữ", "en": "Female"}}]}
  ]},
  {"id": "children", "title": {"vi": "Con", "en": "Children"}, "fields": [
   {"id": "children", "type": "group", "label": {"vi": "Các con", "en": "Children"}, "optional": true,
    "repeat": {"min": 0, "max": 3, "item": {"vi": "Con", "en": "Child"}}, "fields": [
     {"id": "name", "type": "name", "label": {"vi": "Họ tên con", "en": "Child's name"}},
     {"id": "living", "type": "yes_no", "label": {"vi": "Sống cùng?", "en": "Lives with you?"}},
     {"id": "where", "type": "address", "label": {"vi": "Nơi ở", "en": "Where"}, "when": {"field": "living", "is": false}}
   ]},
   {"id": "fee", "type": "money", "label": {"vi": "Số tiền", "en": "Sum"}, "optional": true, "min": 1000}
  ]}
 ]}`

var today = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func parse(t *testing.T, text string) *form.Form {
	t.Helper()
	f, err := form.Parse([]byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func answers(t *testing.T, text string) form.Answers {
	t.Helper()
	var a form.Answers
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func pointers(wrong []refusal.Field) []string {
	var list []string
	for _, w := range wrong {
		list = append(list, w.Pointer+" "+w.Key)
	}
	slices.Sort(list)
	return list
}

func TestCheck(t *testing.T) {
	f := parse(t, wedding)
	right := `"name": "Lê Thị Mai", "born": "1990-05-01", "gender": "female"`
	for name, c := range map[string]struct {
		given string
		wrong []string
	}{
		"all right":            {`{` + right + `, "before": false}`, nil},
		"condition asks":       {`{` + right + `, "before": true}`, []string{"/answers/ended form.required"}},
		"condition answered":   {`{` + right + `, "before": true, "ended": "2020-01-01"}`, nil},
		"nothing":              {`{}`, []string{"/answers/before form.required.choice", "/answers/born form.required", "/answers/gender form.required.choice", "/answers/name form.required"}},
		"unknown question":     {`{` + right + `, "before": false, "colour": "red"}`, []string{"/answers/colour form.unknown"}},
		"not an option":        {`{"name": "A B", "born": "1990-05-01", "gender": "cat", "before": false}`, []string{"/answers/gender form.choice"}},
		"a date that is none":  {`{"name": "A B", "born": "1990-02-31", "gender": "male", "before": false}`, []string{"/answers/born form.date"}},
		"born tomorrow":        {`{"name": "A B", "born": "2026-11-24", "gender": "male", "before": false}`, []string{"/answers/born form.date.to"}},
		"a number for a name":  {`{"name": 7, "born": "1990-05-01", "gender": "male", "before": false}`, []string{"/answers/name form.type"}},
		"text for yes or no":   {`{` + right + `, "before": "perhaps"}`, []string{"/answers/before form.type"}},
		"too many items":       {`{` + right + `, "before": false, "children": [{},{},{},{}]}`, []string{"/answers/children form.repeat.max"}},
		"inside an item":       {`{` + right + `, "before": false, "children": [{"name": "An Lê", "living": true}, {"name": "", "living": false}]}`, []string{"/answers/children/1/name form.required", "/answers/children/1/where form.required"}},
		"items are no list":    {`{` + right + `, "before": false, "children": {"name": "x"}}`, []string{"/answers/children form.type"}},
		"too little":           {`{` + right + `, "before": false, "fee": 5}`, []string{"/answers/fee form.min"}},
		"half a đồng":          {`{` + right + `, "before": false, "fee": 1000.5}`, []string{"/answers/fee form.integer"}},
		"everything at once":   {`{"name": "<b>", "born": "x", "gender": "y", "before": 1}`, []string{"/answers/before form.type", "/answers/born form.date", "/answers/gender form.choice", "/answers/name form.name"}},
		"hidden is not looked": {`{` + right + `, "before": false, "ended": "nonsense"}`, nil},
	} {
		_, wrong := f.Check(answers(t, c.given), nil, today)
		if diff := cmp.Diff(c.wrong, pointers(wrong)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A refusal within a group names whose answer it is.
func TestCheckNamesTheGroup(t *testing.T) {
	f := parse(t, wedding)
	_, wrong := f.Check(answers(t, `{"name": "Lê Thị Mai", "born": "1990-05-01", "gender": "female", "before": false, "fee": 5, "children": [{"name": "An Lê", "living": true}, {"name": "", "living": true}]}`), nil, today)
	if len(wrong) != 2 {
		t.Fatalf("%v", wrong)
	}
	for _, w := range wrong {
		within, _ := w.Args["within"].(form.Text)
		if want := map[string]string{"form.required": "Con 2", "form.min": ""}[w.Key]; within.VI != want {
			t.Errorf("%s: within %q, want %q", w.Pointer, within.VI, want)
		}
	}
}

// What is kept is clean: composed, trimmed, without what a condition hides.
func TestCheckCleans(t *testing.T) {
	f := parse(t, wedding)
	given := answers(t, `{"name": "  `+norm.NFD.String("Lê  Thị Mỹ")+`\u200b ", "born": "01/05/1990", "gender": "female", "before": false, "ended": "2020-01-01", "fee": 20000}`)
	clean, wrong := f.Check(given, nil, today)
	if len(wrong) > 0 {
		t.Fatal(pointers(wrong))
	}
	want := form.Answers{"name": "Lê Thị Mỹ", "born": "1990-05-01", "gender": "female", "before": false, "fee": int64(20000)}
	if diff := cmp.Diff(want, clean); diff != "" {
		t.Error(diff)
	}
}

// Checking what a check returned changes nothing, whatever was typed.
func TestCheckTwiceIsOnce(t *testing.T) {
	f := parse(t, wedding)
	rapid.Check(t, func(t *rapid.T) {
		given := form.Answers{
			"name":   rapid.String().Draw(t, "name"),
			"born":   rapid.SampledFrom([]string{"1990-05-01", "1/5/1990", "", "31/02/2000", "2026-11-23"}).Draw(t, "born"),
			"gender": rapid.SampledFrom([]string{"male", "female", "other"}).Draw(t, "gender"),
			"before": rapid.Bool().Draw(t, "before"),
			"ended":  rapid.SampledFrom([]string{"2020-01-01", ""}).Draw(t, "ended"),
		}
		clean, _ := f.Check(given, nil, today)
		again, _ := f.Check(clean, nil, today)
		if diff := cmp.Diff(clean, again); diff != "" {
			t.Fatal(diff)
		}
		for id, v := range clean {
			if s, ok := v.(string); ok && (!norm.NFC.IsNormalString(s) || s != strings.TrimSpace(s)) {
				t.Fatalf("%s is kept as %q", id, s)
			}
		}
	})
}

// A form that cannot work is refused when it is read, with file, place and key.
func TestParseRefuses(t *testing.T) {
	for name, change := range map[string][2]string{
		"unknown key":       {`"id": "who",`, `"id": "who", "colour": "red",`},
		"unknown type":      {`"type": "money"`, `"type": "gold"`},
		"unknown condition": {`{"field": "before", "is": true}`, `{"field": "befor", "is": true}`},
		"no such option":    {`{"field": "before", "is": true}`, `{"field": "gender", "is": "cat"}`},
		"the same id twice": {`"id": "born"`, `"id": "name"`},
		"choice of nothing": {`"type": "name", "label": {"vi": "Họ tên", "en"`, `"type": "choice", "label": {"vi": "Họ tên", "en"`},
		"no Vietnamese":     {`{"vi": "Họ tên", "en": "Name"}`, `{"en": "Name"}`},
		"a bound that is none": {`"to": "today"},
   {"id": "before"`, `"to": "someday"},
   {"id": "before"`},
		"not JSON": {`{"id": "name", "type": "name",`, `{"id": "name", "type": "name"`},
	} {
		text := strings.Replace(wedding, change[0], change[1], 1)
		if text == wedding {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := form.Parse([]byte(text), nil); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

// What a page posts comes back as answers; what is typed wrong stays as typed.
func TestValuesOfAPage(t *testing.T) {
	f := parse(t, wedding)
	values := map[string][]string{
		"name": {"Lê Mai"}, "born": {"1/5/1990"}, "before": {"yes"}, "ended": {"nonsense"}, "gender": {"female"},
		"children.0.name": {"An"}, "children.0.living": {"no"}, "children.0.where": {"Huế"}, "fee": {"20.000"},
	}
	got := form.Answers{}
	for i := range f.Pages {
		for k, v := range form.FromValues(f.Pages[i].Fields, values) {
			got[k] = v
		}
	}
	if got["before"] != true || got["ended"] != "nonsense" {
		t.Errorf("got %v", got)
	}
	child := got["children"].([]any)[0].(map[string]any)
	if child["living"] != false || child["where"] != "Huế" {
		t.Errorf("child %v", child)
	}
	clean, wrong := f.Check(got, nil, today)
	if diff := cmp.Diff([]string{"/answers/ended form.date"}, pointers(wrong)); diff != "" {
		t.Error(diff)
	}
	if clean["fee"] != int64(20000) {
		t.Errorf("20.000 is read as %v", clean["fee"])
	}
}

func BenchmarkCheck(b *testing.B) {
	f, err := form.Parse([]byte(wedding), nil)
	if err != nil {
		b.Fatal(err)
	}
	given := form.Answers{"name": "Nguyễn Thị Hương Giang", "born": "1990-05-01", "gender": "female", "before": true, "ended": "2020-01-01",
		"children": []any{map[string]any{"name": "Lê An", "living": false, "where": "12 Lê Lợi, phường Thuận Hóa"}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, wrong := f.Check(given, nil, today); len(wrong) > 0 {
			b.Fatal(wrong)
		}
	}
}

// Names come out composed, and without what nobody sees.
func TestTidy(t *testing.T) {
	for given, want := range map[string]string{
		"Nguyê\u0303n":             "Nguyễn",
		"Nguye\u200b\u0302\u0303n": "Nguyễn",
		"Va\u0000\u0306n":          "Văn",
		"\u202eNguyễn\u200f":       "Nguyễn",
		"\u3164\u00ad\u2060":       "",
		"  Lê   Văn ":              "Lê Văn",
		"Đỗ\tThị":                  "Đỗ Thị",
	} {
		if got := form.Tidy(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

// A question that hangs on a hidden one is hidden too, whatever was answered,
// and what hid it wrongly does not make its answer disappear.
func TestChainedConditions(t *testing.T) {
	f := parse(t, `{"title": {"vi": "T"}, "source": {"kind": "derived", "document": "d", "note": {"vi": "n"}}, "declaration": {"vi": "d"}, "pages": [
		{"id": "one", "title": {"vi": "1"}, "fields": [
			{"id": "a", "type": "yes_no", "label": {"vi": "A"}},
			{"id": "b", "type": "yes_no", "label": {"vi": "B"}, "when": {"field": "a", "is": true}},
			{"id": "c", "type": "text", "label": {"vi": "C"}, "when": {"field": "b", "is": true}},
			{"id": "d", "type": "text", "label": {"vi": "D"}, "when": {"not": {"field": "b", "is": true}}},
			{"id": "g", "type": "group", "label": {"vi": "G"}, "fields": [
				{"id": "e", "type": "yes_no", "label": {"vi": "E"}, "when": {"field": "a", "is": true}},
				{"id": "h", "type": "text", "label": {"vi": "H"}, "when": {"field": "e", "is": true}}]}]},
		{"id": "two", "title": {"vi": "2"}, "when": {"field": "b", "is": true}, "fields": [{"id": "z", "type": "text", "label": {"vi": "Z"}}]}]}`)
	given := form.Answers{"a": false, "b": true, "c": "x", "d": "kept", "z": "x", "g": map[string]any{"e": true, "h": "x"}}
	want := form.Answers{"a": false, "d": "kept", "g": map[string]any{}}
	clean, wrong := f.Check(given, nil, today)
	if diff := cmp.Diff(want, clean); diff != "" || len(wrong) > 0 {
		t.Errorf("%s %v", diff, wrong)
	}
	if again, _ := f.Check(clean, nil, today); !cmp.Equal(clean, again) {
		t.Error(cmp.Diff(clean, again))
	}
	if pages := f.Visible(given, nil); len(pages) != 1 {
		t.Errorf("%d pages", len(pages))
	}
	given["a"] = true
	if clean, wrong = f.Check(given, nil, today); len(wrong) > 0 || clean["c"] != "x" || clean["d"] != nil || clean["z"] != "x" {
		t.Errorf("%v %v", clean, wrong)
	}
}
