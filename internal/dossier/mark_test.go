// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
)

// mark is what an officer's list shows beside a dossier.
func (o *office) mark(login string, code dossier.Code) dossier.Mark {
	o.Helper()
	items, _, err := o.Seek(o.Context(), o.who[login], dossier.Sought{Text: string(code)}, 10)
	if err != nil || len(items) != 1 {
		o.Fatalf("%s finds %v %v", login, items, err)
	}
	marks, err := o.Marks(o.Context(), o.who[login], items)
	if err != nil {
		o.Fatal(err)
	}
	return marks[code]
}

// A dossier is marked for who has seen it once and since it changed by others,
// and looking at what has not changed writes nothing.
func TestSeen(t *testing.T) {
	o := open(t)
	s := o.file("1.001193")
	saw := func(login string, s dossier.State, want int) {
		t.Helper()
		if before, err := o.Saw(t.Context(), o.who[login], &s); err != nil || before != want {
			t.Errorf("%s had seen %d, not %d; %v", login, before, want, err)
		}
	}
	if o.mark("motcua", s.Code).Changed {
		t.Error("changed before it was ever seen")
	}
	saw("motcua", s, 0)
	commits := o.DB.Commits()
	saw("motcua", s, s.Version)
	if o.DB.Commits() != commits {
		t.Error("looking again writes")
	}
	after := o.must("truongphong", s, "message", map[string]any{"text": "Xem giúp."})
	if !o.mark("motcua", s.Code).Changed || o.mark("chuyenvien", s.Code).Changed {
		t.Error("changed for who has not seen it, or not for who has")
	}
	saw("motcua", after, s.Version)
	saw("motcua", s, after.Version) // an old page that is slow takes nothing back
	if o.mark("motcua", s.Code).Changed {
		t.Error("still marked")
	}
	// Who does an act in a batch is not told of it as news.
	id, err := o.StartBatch(t.Context(), o.who["motcua"], dossier.Batch{Act: "receive", Items: []dossier.BatchItem{{Code: s.Code, Version: after.Version}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Carry(t.Context(), o.who["motcua"], id, 1); err != nil {
		t.Fatal(err)
	}
	if now, err := o.Find(t.Context(), o.who["motcua"], s.Code); err != nil || now.Version == after.Version || o.mark("motcua", s.Code).Changed {
		t.Error("own work is news")
	}
}

// A note is its author's alone; labels are the agency's, and lists are sifted
// by them. Nobody else writes or reads either, the applicant least.
func TestNotesAndLabels(t *testing.T) {
	o := open(t)
	s, other := o.file("1.001193"), o.file("1.001193")
	jotted := func(login string) dossier.Jotting {
		t.Helper()
		j, err := o.Jotted(t.Context(), o.who[login], &s)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	note := func(login, text string) error { return o.Note(t.Context(), o.who[login], s.Code, text) }
	label := func(login, word string) error { return o.Label(t.Context(), o.who[login], s.Code, word) }
	for _, err := range []error{note("motcua", "Gọi lại\nthứ Hai"), label("truongphong", " chờ gọi  lại "), label("truongphong", "Chờ Gọi Lại"), label("truongphong", "ưu tiên")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if j := jotted("motcua"); j.Note != "Gọi lại\nthứ Hai" || j.NotedAt.IsZero() {
		t.Errorf("%+v", j)
	}
	if j := jotted("truongphong"); j.Note != "" || !slices.Equal(j.Labels, []string{"chờ gọi lại", "ưu tiên"}) {
		t.Errorf("%+v", j)
	}
	if m := o.mark("chuyenvien", s.Code); m.Noted || len(m.Labels) != 2 {
		t.Errorf("%+v", m)
	}
	if m := o.mark("motcua", s.Code); !m.Noted {
		t.Errorf("%+v", m)
	}
	for _, login := range []string{"nguoidan", "nguoidan2", "motcua2", "quantri"} {
		if err := note(login, "x"); !refusal.Is(err, refusal.NotFound) {
			t.Errorf("%s notes: %v", login, err)
		}
		if err := label(login, "x"); !refusal.Is(err, refusal.NotFound) {
			t.Errorf("%s labels: %v", login, err)
		}
		if j := jotted(login); j.Note != "" || len(j.Labels) > 0 {
			t.Errorf("%s reads %+v", login, j)
		}
	}
	f, err := o.Open(t.Context(), o.who["motcua"], s.Code)
	if err != nil || f.State.Version != s.Version {
		t.Errorf("they stand in the history: %v", err)
	}
	key := func(err error) string {
		if e := refusal.As(err); e != nil && len(e.Fields) == 1 {
			return e.Fields[0].Key
		}
		return fmt.Sprint(err)
	}
	for want, err := range map[string]error{"form.length": label("motcua", strings.Repeat("ả", 31)), "form.required": label("motcua", " ")} {
		if key(err) != want {
			t.Errorf("%s: %v", want, err)
		}
	}
	if got := key(note("motcua", strings.Repeat("ả", 2001))); got != "form.length" {
		t.Errorf("a long note: %s", got)
	}

	// Both queues of the agency: where the dossier waits, and sifted by label.
	sift := func(login string, work dossier.Work, word string) int {
		t.Helper()
		items, _, err := o.Sift(t.Context(), o.who[login], work, dossier.Sieve{Label: word}, 10, dossier.After{})
		if err != nil {
			t.Fatal(err)
		}
		return len(items)
	}
	for _, x := range []dossier.State{s, other} {
		o.must("motcua", x, "receive", nil)
	}
	for word, n := range map[string]int{"ưu tiên": 1, "": 2, "không có": 0} {
		if got := sift("chuyenvien", dossier.ToHandle, word); got != n {
			t.Errorf("%q keeps %d", word, got)
		}
	}
	owing := o.to("thuquy", o.file("1.000656"), "collect")
	if err := o.Label(t.Context(), o.who["thuquy"], owing.Code, "khẩn"); err != nil {
		t.Fatal(err)
	}
	for word, n := range map[string]int{"khẩn": 1, "không có": 0} {
		if got := sift("thuquy", dossier.ToCollect, word); got != n {
			t.Errorf("%q keeps %d beside the step in hand", word, got)
		}
	}

	// A word that nothing bears any more is forgotten, and so is an empty note.
	for _, err := range []error{o.Unlabel(t.Context(), o.who["truongphong"], s.Code, "ưu tiên"), note("motcua", " ")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if words, err := o.Labels(t.Context(), o.who["truongphong"]); err != nil || slices.Contains(words, "ưu tiên") || !slices.Contains(words, "chờ gọi lại") {
		t.Errorf("%v %v", words, err)
	}
	if j := jotted("motcua"); j.Note != "" || !j.NotedAt.IsZero() {
		t.Errorf("%+v", j)
	}
	for n := range 4 {
		if err := label("truongphong", fmt.Sprint("nhãn ", n)); err != nil {
			t.Fatal(err)
		}
	}
	if got := key(label("truongphong", "một nữa")); got != "dossier.label.many" {
		t.Errorf("the sixth label: %s", got)
	}
	if err := label("truongphong", "nhãn 3"); err != nil {
		t.Errorf("one it bears: %v", err)
	}
}
