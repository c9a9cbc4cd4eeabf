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

// begin says what is sent; nobody keeps it on the way.
func (f File) begin(w http.ResponseWriter) {
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

// Send sends what write writes. What fails before the first byte is returned and can
// still be a page; what fails later cuts the connection, so that half a file does not
// pass for a whole one.
func (f File) Send(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) error {
	to := &sending{ResponseWriter: w, file: f}
	err := write(to)
	switch {
	case to.begun && err != nil:
		Fault(r, err)
		panic(http.ErrAbortHandler)
	case !to.begun && err == nil:
		f.begin(w) // an empty one
	}
	return err
}

// sending is a file that begins with its first byte.
type sending struct {
	http.ResponseWriter
	file  File
	begun bool
}

func (s *sending) Write(b []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.file.begin(s.ResponseWriter)
	}
	return s.ResponseWriter.Write(b)
}

// SendPDF sends a paper of ours, to be shown.
func SendPDF(w http.ResponseWriter, name string, pdf []byte) error {
	File{Name: name + ".pdf", Type: PDF, Size: int64(len(pdf)), Shown: true}.begin(w)
	_, _ = w.Write(pdf)
	return nil
}

// SendXML sends a document for machines.
func SendXML(w http.ResponseWriter, name string, text []byte) error {
	File{Name: name + ".xml", Type: XML, Size: int64(len(text))}.begin(w)
	_, _ = w.Write(text)
	return nil
}
