// SPDX-License-Identifier: Apache-2.0

package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"testing"
)

// A file is sent under its name, whatever is in it, to be saved or shown, and is
// kept by nobody; one that fails before it begins is an error like any, one that
// breaks off cuts the connection.
func TestSend(t *testing.T) {
	r := httptest.NewRequest("GET", "/tep", nil)
	for name, f := range map[string]File{
		"attachment": {Name: "Giấy \"khai sinh\"\r\nX: y.pdf", Type: PDF, Size: 3},
		"inline":     {Name: "biên nhận.pdf", Type: PDF, Size: 3, Shown: true},
	} {
		w := httptest.NewRecorder()
		if err := f.Send(w, r, func(to io.Writer) error { _, err := io.WriteString(to, "tệp"[:3]); return err }); err != nil {
			t.Fatal(err)
		}
		h := w.Header()
		how, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
		if err != nil || how != name || params["filename"] != f.Name || h.Get("Content-Type") != PDF || h.Get("Content-Length") != "3" || h.Get("Cache-Control") != "no-store" || h.Get("X") != "" {
			t.Errorf("%s: %v %v", name, h, err)
		}
	}
	w := httptest.NewRecorder()
	if err := SendPDF(w, "H57.101-1", []byte("%PDF")); err != nil || w.Header().Get("Content-Disposition") != "inline; filename=H57.101-1.pdf" || w.Body.String() != "%PDF" {
		t.Errorf("%v %v", w.Header(), err)
	}
	w = httptest.NewRecorder()
	broken := errors.New("đứt")
	if err := (File{Name: "a.zip", Type: ZIP}).Send(w, r, func(io.Writer) error { return broken }); err != broken || len(w.Header()) != 0 {
		t.Errorf("nothing of a file: %v %v", err, w.Header())
	}
	defer func() {
		if p := recover(); p != http.ErrAbortHandler || w.Header().Get("Content-Length") != "" {
			t.Errorf("half a file: %v %v", p, w.Header())
		}
	}()
	err := File{Name: "a.zip", Type: ZIP}.Send(w, r, func(to io.Writer) error {
		_, _ = io.WriteString(to, "PK")
		return broken
	})
	t.Errorf("half a file passes for a whole one: %v", err)
}
