// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"bytes"
	"testing"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// A form is looked at before it is issued: nothing is done, no number is drawn,
// and what would be refused is refused.
func TestPreviewBeforeIssue(t *testing.T) {
	o := open(t)
	filed := o.file("1.001193")
	examined := examining(o, o.file("1.011609"))
	for _, x := range []struct {
		login, act string
		s          dossier.State
	}{
		{"motcua", "ask_supplement", filed}, {"motcua", "refuse", filed}, {handler, "extend", examined}, {handler, "stop", examined}, {handler, "ask_supplement", examined},
	} {
		s := x.s
		f, err := o.Open(t.Context(), o.who[x.login], s.Code)
		if err != nil {
			t.Fatal(err)
		}
		paper, err := o.Preview(t.Context(), o.who[x.login], &f, x.act, o.suggested(x.login, s, x.act))
		if err != nil || !bytes.HasPrefix(paper, []byte("%PDF-")) {
			t.Errorf("%s: %v", x.act, err)
		}
		if now, err := o.Find(t.Context(), o.who[x.login], s.Code); err != nil || now.Version != s.Version {
			t.Errorf("%s was done: %v", x.act, err)
		}
	}
	f, err := o.Open(t.Context(), o.who[handler], examined.Code)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Preview(t.Context(), o.who[handler], &f, "extend", map[string]any{"days": "x"}); refusal.As(err) == nil || len(refusal.As(err).Fields) == 0 {
		t.Errorf("previewed what would be refused: %v", err)
	}
	if _, err := o.Preview(t.Context(), o.who["lanhdao"], &f, "refuse", nil); !refusal.Is(err, refusal.NotAllowed) {
		t.Errorf("previewed by who may not: %v", err)
	}
	if _, err := o.Preview(t.Context(), o.who[handler], &f, "step", nil); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("a step has no form: %v", err)
	}
	if s := o.must("motcua", o.file("1.001193"), "refuse", nil); s.Issues[0].Number != "1/TCTN" {
		t.Errorf("a preview drew a number: %s", s.Issues[0].Number)
	}
	o.verify()
}

// suggested are the parameters of an act as they are offered.
func (o *office) suggested(login string, s dossier.State, act string) map[string]any {
	o.Helper()
	offers, err := o.Offers(o.Context(), o.who[login], &s)
	if err != nil {
		o.Fatal(err)
	}
	for _, offer := range offers {
		if offer.Act == act {
			return dossier.Filled(offer.Params)
		}
	}
	o.Fatalf("%s is not offered to %s", act, login)
	return nil
}
