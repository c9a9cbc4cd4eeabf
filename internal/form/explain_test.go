// SPDX-License-Identifier: Apache-2.0

package form_test

import (
	"encoding/json"
	"testing"

	"motcua/internal/form"
)

func TestExplain(t *testing.T) {
	f, err := form.Parse([]byte(`{"title": {"vi": "Tờ khai", "en": "Form"}, "source": {"kind": "derived", "document": "d", "note": {"vi": "n", "en": "n"}}, "declaration": {"vi": "d", "en": "d"}, "pages": [{"id": "p", "title": {"vi": "T", "en": "P"}, "fields": [
		{"id": "proof", "type": "choice", "label": {"vi": "Giấy tờ", "en": "Proof"}, "options": [{"value": "a", "label": {"vi": "Sổ", "en": "Book"}}, {"value": "b", "label": {"vi": "Thẻ", "en": "Card"}}]},
		{"id": "asked", "type": "choices", "label": {"vi": "Xin", "en": "Asked"}, "options": [{"value": "c", "label": {"vi": "Bản sao", "en": "Copies"}}]},
		{"id": "child", "type": "group", "label": {"vi": "Con", "en": "Child"}, "fields": [
			{"id": "age", "type": "integer", "label": {"vi": "Tuổi", "en": "Age"}, "unit": {"vi": "tuổi", "en": "years"}},
			{"id": "twin", "type": "yes_no", "label": {"vi": "Sinh đôi", "en": "Twin"}}]}]}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	fact := func(name, value string) (string, string) { return "Cách nộp", "<" + value + ">" }
	for _, c := range []struct{ when, vi, en string }{
		{`{"field": "proof", "is": "a"}`, "“Giấy tờ”: Sổ", "“Proof”: Book"},
		{`{"field": "proof", "in": ["a", "b"]}`, "“Giấy tờ”: Sổ hoặc Thẻ", "“Proof”: Book or Card"},
		{`{"field": "proof", "is_not": "a"}`, "“Giấy tờ”: Thẻ", "“Proof”: Card"},
		{`{"field": "child.age", "is_not": 3}`, "“Con – Tuổi”: không phải 3 tuổi", "“Child – Age”: not 3 years"},
		{`{"field": "asked", "has": "c"}`, "“Xin”: Bản sao", "“Asked”: Copies"},
		{`{"field": "child.twin", "is": true}`, "“Con – Sinh đôi”: có", "“Child – Twin”: yes"},
		{`{"field": "child.age", "less": 15}`, "“Con – Tuổi”: dưới 15 tuổi", "“Child – Age”: less than 15 years"},
		{`{"field": "child.age", "filled": true}`, "“Con – Tuổi”: có khai", "“Child – Age”: answered"},
		{`{"field": "@channel", "is": "online"}`, "“Cách nộp”: <online>", "“Cách nộp”: <online>"},
		{`{"not": {"field": "child.twin", "is": false}}`, "không phải: “Con – Sinh đôi”: không", "not: “Child – Twin”: no"},
		{`{"all": [{"field": "proof", "is": "a"}, {"any": [{"field": "asked", "has": "c"}, {"field": "child.age", "more": 5.5}]}]}`,
			"“Giấy tờ”: Sổ; và (“Xin”: Bản sao; hoặc “Con – Tuổi”: trên 5,5 tuổi)", "“Proof”: Book; and (“Asked”: Copies; or “Child – Age”: more than 5.5 years)"},
	} {
		var w form.When
		if err := json.Unmarshal([]byte(c.when), &w); err != nil {
			t.Fatal(err)
		}
		if got := f.Explain(&w, "vi", fact); got != c.vi {
			t.Errorf("%s: %s, want %s", c.when, got, c.vi)
		}
		if got := f.Explain(&w, "en", fact); got != c.en {
			t.Errorf("%s: %s, want %s", c.when, got, c.en)
		}
	}
	if got := f.Explain(nil, "vi", fact); got != "" {
		t.Errorf("no condition: %q", got)
	}
}
