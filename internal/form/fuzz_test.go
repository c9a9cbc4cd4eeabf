// SPDX-License-Identifier: Apache-2.0

package form_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"motcua/internal/form"
)

// What a form takes it takes again, and then it is as it was; what is refused is
// refused by a pointer into the answers.
func FuzzCheck(f *testing.F) {
	asked, err := form.Parse([]byte(wedding), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`{"name":"Nguyễn Thị Bưởi","born":"01/02/1990","before":false,"gender":"female","children":[],"fee":"1.000"}`)
	f.Add(`{"name":"a\u0301 b","born":"1990-02-01","before":true,"ended":"2020-02-30","gender":"x","children":[{"name":"An","living":true,"where":{}}]}`)
	f.Add(`{"children":[null,[],{"name":[1]}],"fee":1e300,"born":{"a":[]},"x":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var given form.Answers
		if json.Unmarshal([]byte(text), &given) != nil {
			return
		}
		clean, wrong := asked.Check(given, nil, today)
		for _, w := range wrong {
			if !strings.HasPrefix(w.Pointer, "/answers") || w.Key == "" {
				t.Errorf("%s: refused at %q for %q", text, w.Pointer, w.Key)
			}
		}
		body, err := json.Marshal(clean)
		if err != nil || !utf8.Valid(body) {
			t.Fatalf("%s: %v", text, err)
		}
		if len(wrong) > 0 {
			return
		}
		var read form.Answers
		if err := json.Unmarshal(body, &read); err != nil {
			t.Fatal(err)
		}
		again, wrong := asked.Check(read, nil, today)
		if len(wrong) > 0 || !reflect.DeepEqual(again, clean) {
			t.Errorf("%s is taken as %v, then as %v, refused %v", text, clean, again, wrong)
		}
	})
}
