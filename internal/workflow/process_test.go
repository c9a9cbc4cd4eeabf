// SPDX-License-Identifier: Apache-2.0

package workflow_test

import (
	"strings"
	"testing"

	"motcua/internal/form"
	"motcua/internal/workflow"
)

const questions = `{
 "title": {"vi": "Tờ khai", "en": "Declaration"}, "declaration": {"vi": "Cam đoan", "en": "Declared"},
 "source": {"kind": "derived", "document": "mẫu", "note": {"vi": "mẫu", "en": "sample"}},
 "pages": [{"id": "p", "title": {"vi": "Trang", "en": "Page"}, "fields": [
  {"id": "urgent", "type": "yes_no", "label": {"vi": "Gấp?", "en": "Urgent?"}}]}]}`

const process = `{
 "decision": "Quyết định 1", "invented": true,
 "steps": [
  {"id": "reception", "name": {"vi": "Tiếp nhận", "en": "Reception"}, "public": {"vi": "Đang kiểm tra", "en": "Being checked"}, "role": "clerk", "at": "reception",
   "limit": {"n": 2, "unit": "working_hour"}, "actions": [{"id": "receive", "label": {"vi": "Nhận", "en": "Receive"}, "act": "receive", "to": "draft"}]},
  {"id": "draft", "name": {"vi": "Thẩm định", "en": "Examine"}, "public": {"vi": "Đang thẩm định", "en": "Examined"}, "role": "specialist", "at": "competent",
   "inputs": [{"id": "visit", "type": "yes_no", "label": {"vi": "Đi thực địa?", "en": "Visit?"}}],
   "actions": [{"id": "up", "label": {"vi": "Trình", "en": "Put up"}, "act": "propose", "to": "approval"},
               {"id": "look", "label": {"vi": "Thực địa", "en": "Visit"}, "act": "step", "to": "visit", "when": {"field": "visit", "is": true}}]},
  {"id": "visit", "name": {"vi": "Thực địa", "en": "Visit"}, "public": {"vi": "Đang xác minh", "en": "Verified"}, "role": "specialist", "at": "competent",
   "limit": {"n": 1, "unit": "working_day"}, "actions": [{"id": "done", "label": {"vi": "Xong", "en": "Done"}, "act": "step", "to": "draft"}]},
  {"id": "approval", "name": {"vi": "Duyệt", "en": "Approve"}, "public": {"vi": "Chờ duyệt", "en": "Being approved"}, "role": "leader", "at": "competent",
   "actions": [{"id": "yes", "label": {"vi": "Duyệt", "en": "Approve"}, "act": "approve", "to": "issue"},
               {"id": "no", "label": {"vi": "Trả lại", "en": "Send back"}, "act": "send_back", "to": "draft", "reason": true}]},
  {"id": "issue", "name": {"vi": "Ban hành", "en": "Issue"}, "public": {"vi": "Đang ban hành", "en": "Being issued"}, "role": "clerk", "at": "competent",
   "actions": [{"id": "issue", "label": {"vi": "Ban hành", "en": "Issue"}, "act": "issue", "to": "return"}]},
  {"id": "return", "name": {"vi": "Trả", "en": "Return"}, "public": {"vi": "Có kết quả", "en": "Ready"}, "role": "clerk", "at": "reception",
   "actions": [{"id": "over", "label": {"vi": "Trả", "en": "Hand over"}, "act": "hand_over", "to": "end"}]}
 ]}`

func parse(t *testing.T) *workflow.Process {
	t.Helper()
	f, err := form.Parse([]byte(questions), nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := workflow.Parse([]byte(process), f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A process that could get stuck or names what is not there is refused when it
// is loaded.
func TestParseRefuses(t *testing.T) {
	f, err := form.Parse([]byte(questions), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"unknown key":            {`"invented": true,`, `"invented": true, "colour": "red",`},
		"unknown step":           {`"to": "approval"`, `"to": "aproval"`},
		"unknown role":           {`"role": "leader"`, `"role": "king"`},
		"unknown act":            {`"act": "approve"`, `"act": "bless"`},
		"unknown place":          {`"at": "reception"`, `"at": "moon"`},
		"unknown field":          {`{"field": "visit", "is": true}`, `{"field": "visti", "is": true}`},
		"the same step twice":    {`{"id": "visit", "name"`, `{"id": "draft", "name"`},
		"nothing leads there":    {`"to": "visit"`, `"to": "draft"`},
		"no way to the end":      {`"to": "end"`, `"to": "issue"`},
		"does not begin rightly": {`"act": "receive"`, `"act": "step"`},
		"unknown unit":           {`"unit": "working_day"`, `"unit": "moon"`},
		"no Vietnamese":          {`{"vi": "Duyệt", "en": "Approve"}, "public"`, `{"en": "Approve"}, "public"`},
	} {
		text := strings.Replace(process, change[0], change[1], 1)
		if text == process {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := workflow.Parse([]byte(text), f); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestWays(t *testing.T) {
	p := parse(t)
	draft := p.Step("draft")
	none := form.Scope{Answers: form.Answers{}}
	if ways := draft.Ways(workflow.Step, none); len(ways) != 0 {
		t.Errorf("without a visit: %v", ways)
	}
	if ways := draft.Ways(workflow.Step, none.In(form.Answers{"visit": true})); len(ways) != 1 || ways[0].To != "visit" {
		t.Errorf("with a visit: %v", ways)
	}
	if p.Step("nowhere") != nil || !draft.Has(workflow.Propose) || draft.Has(workflow.Issue) {
		t.Error("steps and acts")
	}
}

// Progress only grows along the main way and is whole at the end.
func TestProgress(t *testing.T) {
	p := parse(t)
	last := 0
	for _, s := range []string{"reception", "draft", "approval", "issue", "return"} {
		n := p.Progress(s)
		if n <= last || n >= 100 {
			t.Errorf("%s is at %d after %d", s, n, last)
		}
		last = n
	}
}
