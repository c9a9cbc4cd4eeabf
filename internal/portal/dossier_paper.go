// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"io"

	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// ownPaper is the paper that holds every answer: only the owner has it.
const ownPaper = "submission"

// sendPaper sends a paper that the one-stop made.
func sendPaper(v *visit) error {
	f, own, err := v.open()
	if err != nil {
		return err
	}
	id := v.R.PathValue("paper")
	if id == ownPaper && !own || dossier.OfficersOnly(id) || !f.State.Opens(v.who) {
		return refusal.New(refusal.NotFound, "document.unknown")
	}
	if err := v.Book.Viewed(v.R.Context(), v.who, &f, "paper "+f.State.PaperName(id)); err != nil {
		return err
	}
	pdf, err := v.Book.Paper(v.R.Context(), &f, id)
	if err != nil {
		return err
	}
	return web.SendPDF(v.W, string(f.State.Code)+"-"+id, pdf)
}

// sendResult sends a result, once it is paid for.
func sendResult(v *visit) error {
	f, _, err := v.open()
	if err != nil {
		return err
	}
	if err := f.State.MayHaveResult(v.who); err != nil {
		return err
	}
	if err := v.Book.Viewed(v.R.Context(), v.who, &f, "paper Kết quả"); err != nil {
		return err
	}
	pdf, err := v.Book.Result(v.R.Context(), &f, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return web.SendPDF(v.W, string(f.State.Code)+"-ket-qua", pdf)
}

// sendFile sends back a file that was handed in.
func sendFile(v *visit) error {
	f, err := v.openOwn()
	if err != nil {
		return err
	}
	d, ok := f.Document(v.R.PathValue("file"))
	if !ok {
		return refusal.New(refusal.NotFound, "document.unknown")
	}
	if err := f.Readable(d); err != nil {
		return err
	}
	return v.sendContent(d.Name, d.MediaType, d.SHA256, d.Size)
}

// sendContent sends a stored file to be saved.
func (v *visit) sendContent(name, mediaType, sha256 string, size int64) error {
	if err := document.Openable(v.R.Context(), v.Book.DB, sha256); err != nil {
		return err
	}
	return web.File{Name: name, Type: mediaType, Size: size}.Send(v.W, v.R, func(to io.Writer) error { return document.Copy(v.R.Context(), v.Book.DB, sha256, to) })
}
