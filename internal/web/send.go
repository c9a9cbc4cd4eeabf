// SPDX-License-Identifier: Apache-2.0

package web

import (
	"io"
	"mime"
	"net/http"
	"strconv"
)

// File is a file that is sent, under its name in any script.
type File struct {
	Name, Type string
	Size       int64 // bytes; 0 is not known
	Shown      bool  // by browsers themselves; others are saved
}

// The types of files that the program makes.
const (
	PDF  = "application/pdf"
	ZIP  = "application/zip"
	CSV  = "text/csv; charset=utf-8"
	XML  = "application/xml; charset=utf-8"
	XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// Begin says what is sent; nobody keeps it on the way.
func (f File) Begin(w http.ResponseWriter) {
	how := "attachment"
	if f.Shown {
		how = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": f.Name}))
	h.Set("Cache-Control", "no-store")
	if f.Size > 0 {
		h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	}
}

// Send sends what write writes, or cuts the connection.
func (f File) Send(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) error {
	f.Begin(w)
	Cut(r, write(w))
	return nil
}

// SendPDF sends a paper of ours, to be shown.
func SendPDF(w http.ResponseWriter, name string, pdf []byte) error {
	File{Name: name + ".pdf", Type: PDF, Size: int64(len(pdf)), Shown: true}.Begin(w)
	_, _ = w.Write(pdf)
	return nil
}

// SendXML sends a document for machines.
func SendXML(w http.ResponseWriter, name string, text []byte) error {
	File{Name: name + ".xml", Type: XML, Size: int64(len(text))}.Begin(w)
	_, _ = w.Write(text)
	return nil
}

// Cut cuts the connection when sending failed half way, so that half a file does
// not pass for a whole one.
func Cut(r *http.Request, err error) {
	if err != nil {
		Fault(r, err)
		panic(http.ErrAbortHandler)
	}
}
