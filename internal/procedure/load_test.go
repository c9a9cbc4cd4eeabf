// SPDX-License-Identifier: Apache-2.0

package procedure_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"motcua/demo"
	"motcua/internal/form"
	"motcua/internal/procedure"
)

// A procedure that does not fit together is refused, and the refusal names the
// file and the place.
func TestLoadRefuses(t *testing.T) {
	text, err := fs.ReadFile(demo.Files, "blocks.json")
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := form.ParseBlocks(text)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := fs.Sub(demo.Files, "procedures/1.001193")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := procedure.Load(dir, blocks); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, old, new string
		says           []string
	}{
		{"procedure.json", `"audience"`, `"audiance"`, []string{"procedure.json", "audiance"}},
		{"procedure.json", `"audience": [`, `"audience" [`, []string{"procedure.json", "line "}},
		{"procedure.json", `"originals": 1`, `"originals": "one"`, []string{"procedure.json", "line ", "originals"}},
		{"procedure.json", `{"field": "proof", "is": "certificate"}`, `{"field": "prof", "is": "certificate"}`, []string{"procedure.json", "prof"}},
		{"procedure.json", `"code": "1.001193"`, `"code": "1.1193"`, []string{"procedure.json", "1.1193"}},
		{"form.json", `"type": "choice"`, `"type": "choose"`, []string{"form.json", "choose"}},
		{"form.json", `"block": "person"`, `"block": "persn"`, []string{"form.json", "persn"}},
		{"process.json", `"role": "clerk"`, `"role": "klerk"`, []string{"process.json", "klerk"}},
		{"process.json", `"act": "receive"`, `"act": "recieve"`, []string{"process.json", "recieve"}},
		{"process.json", `"to": "examine"`, `"to": "examin"`, []string{"process.json", "examin"}},
		{"process.json", `{"field": "@channel", "is": "online"}`, `{"field": "@chanel", "is": "online"}`, []string{"process.json", "@chanel"}},
		{"process.json", `"limit": {"n": 1, "unit": "working_hour"}`, `"limit": {"n": 1, "unit": "hour"}`, []string{"process.json", "hour"}},
		{"result.json", `"title"`, `"titel"`, []string{"result.json", "titel"}},
		{"result.json", `{child_name}`, `{child_nam}`, []string{"result.json", "{child_nam}"}},
		{"sample.json", `"case"`, `"kase"`, []string{"sample.json", "kase"}},
	} {
		changed := fstest.MapFS{}
		for _, name := range []string{"procedure.json", "form.json", "process.json", "result.json", "sample.json"} {
			text, err := fs.ReadFile(dir, name)
			if err != nil {
				t.Fatal(err)
			}
			if name == c.file {
				if !strings.Contains(string(text), c.old) {
					t.Fatalf("%s has no %s to change", c.file, c.old)
				}
				text = []byte(strings.Replace(string(text), c.old, c.new, 1))
			}
			changed[name] = &fstest.MapFile{Data: text}
		}
		_, err := procedure.Load(changed, blocks)
		if err == nil {
			t.Errorf("%s with %s is taken", c.file, c.new)
			continue
		}
		for _, want := range c.says {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s with %s: %q does not say %q", c.file, c.new, err, want)
			}
		}
	}
}
