// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"

	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// jotting is what the officer finds on the dossier beside its history: the
// officer's own note and the agency's labels.
type jotting struct {
	dossier.Jotting
	Known               []string // labels in use, to choose from
	Word                string   // that was refused
	WrongNote, WrongTag string
}

// jotted finds it for a page; sent is what was refused, if anything was.
func (v *visit) jotted(s *dossier.State, sent *refusal.Error) (j jotting, err error) {
	if j.Jotting, err = v.Book.Jotted(v.R.Context(), v.who, s); err != nil {
		return j, err
	}
	if j.Known, err = v.Book.Labels(v.R.Context(), v.who); err != nil || sent == nil {
		return j, err
	}
	switch sent.Fields[0].Pointer {
	case "/note":
		j.Note, j.WrongNote = v.R.PostForm.Get("note"), web.FieldSentence(v.Lang, sent.Fields[0])
	case "/label":
		j.Word, j.WrongTag = v.R.PostForm.Get("label"), web.FieldSentence(v.Lang, sent.Fields[0])
	}
	return j, nil
}

// saveNote keeps or deletes the officer's own note.
func saveNote(v *visit) error {
	return v.jot(func(code dossier.Code) (string, error) {
		text := v.R.PostForm.Get("note")
		if v.R.PostForm.Get("bo") != "" {
			text = ""
		}
		if text == "" {
			return "note_deleted", v.Book.Note(v.R.Context(), v.who, code, "")
		}
		return "note", v.Book.Note(v.R.Context(), v.who, code, text)
	})
}

// saveLabel puts a label on the dossier, or takes one off.
func saveLabel(v *visit) error {
	return v.jot(func(code dossier.Code) (string, error) {
		if word := v.R.PostForm.Get("bo"); word != "" {
			return "unlabel", v.Book.Unlabel(v.R.Context(), v.who, code, word)
		}
		return "label", v.Book.Label(v.R.Context(), v.who, code, v.R.PostForm.Get("label"))
	})
}

// jot changes what stands beside the history and shows the dossier again, with
// what was typed if it was refused.
func (v *visit) jot(change func(code dossier.Code) (string, error)) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	done, err := change(f.State.Code)
	if err == nil {
		return v.Redirect(say(dossierPath(f.State.Code, v.R.PostForm.Get("hang")), done, f.State.Code) + "#ghi-chu")
	}
	e := refusal.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	p, err := v.dossierPage(&f, v.R.PostForm.Get("hang"), "", nil)
	if err != nil {
		return err
	}
	p.Path = dossierPath(f.State.Code, p.Hang)
	p.Refuse(e, "")
	if p.Jotting, err = v.jotted(&f.State, e); err != nil {
		return err
	}
	return v.Render(http.StatusUnprocessableEntity, "dossier_show", p)
}
