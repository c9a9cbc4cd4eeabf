// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"motcua/internal/document"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// uploadLimit bounds all scans that are sent at once.
const uploadLimit = 4 * document.MaxBytes

// readBody reads what was typed, and stores the scans as they come. The form
// token stands before the files, so that nothing of a stranger's form is kept.
func (x *counting) readBody() error {
	if !web.Multipart(x.R) {
		x.values = x.R.PostForm
		return nil
	}
	x.R.Body = http.MaxBytesReader(x.W, x.R.Body, uploadLimit)
	parts, err := x.R.MultipartReader()
	if err != nil {
		return refusal.New(refusal.Invalid, "request.unreadable")
	}
	x.values = url.Values{}
	x.R.Form, x.R.PostForm = x.values, x.values // where the guard looks for the token
	left := int64(web.FormLimit)
	for n := 0; ; n++ {
		part, err := web.NextPart(parts, n)
		if errors.Is(err, io.EOF) {
			return x.Guard.Check(x.R)
		}
		if err != nil {
			return web.Unreadable(err, uploadLimit)
		}
		if part.FileName() != "" {
			if err := x.takeFile(part); err != nil {
				return web.Interrupted(err, uploadLimit)
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, left+1))
		if left -= int64(len(text)); left < 0 {
			return refusal.New(refusal.TooLarge, "request.too_large", "mb", web.FormLimit>>20)
		}
		if err != nil {
			return web.Unreadable(err, uploadLimit)
		}
		if !x.isFile(part.FormName()) { // an input in which no file was chosen
			x.values.Add(part.FormName(), string(text))
		}
	}
}

// typed is what was sent, a scan by its content: the same form sent again is
// the same though its scans were stored anew.
func (x *counting) typed() url.Values {
	typed := url.Values{}
	for name, list := range x.values {
		for _, value := range list {
			if sum, ok := x.scans[value]; ok {
				value = sum
			}
			typed.Add(name, value)
		}
	}
	return typed
}

func (x *counting) isFile(name string) bool {
	return strings.HasPrefix(name, fileName) && !strings.HasPrefix(name, keptName)
}

// takeFile stores a scan and puts it to its component. One that is refused is
// named at its input, and all others are kept.
func (x *counting) takeFile(part *multipart.Part) error {
	if err := x.Guard.Check(x.R); err != nil {
		return err
	}
	id := strings.TrimPrefix(part.FormName(), fileName)
	k := x.component(id)
	if k == nil || !x.isFile(part.FormName()) {
		return nil
	}
	f, err := x.Book.Upload(x.R.Context(), x.who, k, part.FileName(), part, nil)
	e := refusal.As(err)
	switch {
	case err == nil:
		kept := keptFile{ID: f.ID, Name: f.Name}.Value()
		x.values.Add(keptName+id, kept)
		x.scans[kept] = f.SHA256
	case e == nil || e.Kind == refusal.Unavailable:
		return err
	default:
		args := map[string]any{"label": k.Name}
		for name, v := range e.Args {
			args[name] = v
		}
		x.failed[id] = refusal.Field{Pointer: "/" + fileName + id, Key: e.Key, Args: args}
	}
	return nil
}

// component finds a component of any case of the procedure.
func (x *counting) component(id string) *procedure.Component {
	for i := range x.e.Facts.Cases {
		for j := range x.e.Facts.Cases[i].Components {
			if k := &x.e.Facts.Cases[i].Components[j]; k.ID == id {
				return k
			}
		}
	}
	return nil
}
