// SPDX-License-Identifier: Apache-2.0

package desk

import (
	"net/http"
	"strconv"

	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// open finds the dossier of the address, if the officer may see it.
func (v *visit) open() (dossier.File, error) {
	code, ok := dossier.ParseCode(v.R.PathValue("code"))
	if !ok {
		return dossier.File{}, refusal.New(refusal.NotFound, "dossier.unknown", "code", v.R.PathValue("code"))
	}
	return v.Book.Open(v.R.Context(), v.who, code)
}

// sendPaper sends a paper that the one-stop made.
func sendPaper(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	id := v.R.PathValue("paper")
	pdf, err := v.Book.Paper(v.R.Context(), &f, id)
	return v.sendPDF(string(f.State.Code)+"-"+id, pdf, err)
}

// sendResult sends a result that was issued.
func sendResult(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	if err := f.State.MayHaveResult(v.who); err != nil {
		return err
	}
	pdf, err := v.Book.Result(v.R.Context(), &f, v.R.PathValue("id"))
	return v.sendPDF(string(f.State.Code)+"-ket-qua", pdf, err)
}

// sendDraft sends the result as it is drafted now, marked as a draft.
func sendDraft(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	pdf, err := v.Book.DraftResult(v.R.Context(), &f)
	return v.sendPDF(string(f.State.Code)+"-du-thao", pdf, err)
}

// sendToSign sends what was put to the leader as it would be issued, marked as a
// draft.
func sendToSign(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	pdf, err := v.Book.PreviewSigned(v.R.Context(), v.who, &f)
	return v.sendPDF(string(f.State.Code)+"-trinh-ky", pdf, err)
}

func (v *visit) sendPDF(name string, pdf []byte, err error) error {
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `inline; filename="`+name+`.pdf"`)
	h.Set("Content-Length", strconv.Itoa(len(pdf)))
	h.Set("Cache-Control", "no-store")
	_, _ = v.W.Write(pdf)
	return nil
}

// inlineKinds are the kinds of files that a browser shows by itself.
var inlineKinds = map[string]bool{"pdf": true, "jpg": true, "png": true}

// sendFile sends a file that was handed in, to be looked at where browsers can.
// What fails after the first byte cuts the connection, so that half a file does
// not pass for a whole one.
func sendFile(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	d, ok := f.Document(v.R.PathValue("file"))
	if !ok {
		return refusal.New(refusal.NotFound, "document.unknown")
	}
	if err := document.Openable(v.R.Context(), v.Book.DB, d.SHA256); err != nil {
		return err
	}
	if err := v.Book.Viewed(v.R.Context(), v.who, &f, "file "+d.Name); err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", d.MediaType)
	h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	h.Set("Content-Disposition", "inline")
	if !inlineKinds[document.KindOf(d.MediaType)] || v.R.FormValue("luu") != "" {
		h.Set("Content-Disposition", document.Attachment(d.Name))
	}
	h.Set("Cache-Control", "no-store")
	if err := document.Copy(v.R.Context(), v.Book.DB, d.SHA256, v.W); err != nil {
		web.Fault(v.R, err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
