// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"motcua/internal/refusal"
)

// Kept is what somebody had typed when their session was over: it goes with them
// through the sign-in, and is sent when they say so. Files are not kept.
type Kept struct {
	Action string
	Parts  bool // it was a form with files
	Fields []KeptField
}

// KeptField is one field of a form.
type KeptField struct{ Name, Value string }

// The fields of a sign-in form that carry what was typed before it.
const (
	keptAction = "kept-action"
	keptParts  = "kept-parts"
	keptField  = "kept."
)

// KeptPage asks who was signed in to sign in again, and holds what they had typed.
// Each face has a page "session_over" for it.
type KeptPage struct {
	Page
	Next  string
	Kept  *Kept
	Doors []Door
}

// keep reads what was typed into a form whose session is over; nil if it was
// nothing, or not from a form of ours.
func (v *Visit) keep() *Kept {
	if v.R.Method != http.MethodPost {
		return nil
	}
	parts := Multipart(v.R)
	if parts {
		if err := v.readParts(); err != nil {
			return nil
		}
	} else if v.ReadForm() != nil {
		return nil
	}
	if v.guard.Check(v.R) != nil {
		return nil
	}
	k := &Kept{Action: v.R.URL.RequestURI(), Parts: parts}
	for name, values := range v.R.PostForm {
		if slices.Contains(notKept, name) {
			continue
		}
		for _, value := range values {
			k.Fields = append(k.Fields, KeptField{name, value})
		}
	}
	slices.SortStableFunc(k.Fields, func(a, b KeptField) int { return cmp.Compare(a.Name, b.Name) })
	return k
}

// notKept are the fields that go into no page again: the token of the form, and what
// only its owner knows.
var notKept = []string{"csrf", "password", "again", "old", "new", "code", "own"}

// readParts reads the fields of a form with files, and leaves the files.
func (v *Visit) readParts() error {
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, 64<<20)
	r, err := v.R.MultipartReader()
	if err != nil {
		return err
	}
	values, room := url.Values{}, int64(FormLimit)
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if p.FileName() != "" || p.FormName() == "" {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(p, room+1))
		if err != nil {
			return err
		}
		if room -= int64(len(text)); room < 0 {
			return refusal.New(refusal.TooLarge, "request.too_large", "mb", FormLimit>>20)
		}
		values.Add(p.FormName(), string(text))
	}
	v.R.Form, v.R.PostForm = values, values
	return nil
}

// Keep is KeptHere of what came back another way than by a form.
func (v *Visit) Keep(k *Kept) { v.kept = k }

// KeptHere is what a sign-in form carried along; nil if nothing.
func (v *Visit) KeptHere() *Kept {
	if v.kept != nil {
		return v.kept
	}
	action := LocalPath(v.R.PostForm.Get(keptAction), "")
	if action == "" {
		return nil
	}
	k := &Kept{Action: action, Parts: v.R.PostForm.Get(keptParts) != ""}
	for name, values := range v.R.PostForm {
		if own, ok := strings.CutPrefix(name, keptField); ok {
			for _, value := range values {
				k.Fields = append(k.Fields, KeptField{own, value})
			}
		}
	}
	slices.SortStableFunc(k.Fields, func(a, b KeptField) int { return cmp.Compare(a.Name, b.Name) })
	return k
}
