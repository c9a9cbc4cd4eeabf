// SPDX-License-Identifier: Apache-2.0

package desk

import (
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
	return v.showPDF(&f, f.State.PaperName(id), id, pdf, err)
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
	return v.showPDF(&f, "Kết quả", "ket-qua", pdf, err)
}

// sendDraft sends the result as it is drafted now, marked as a draft.
func sendDraft(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	pdf, err := v.Book.DraftResult(v.R.Context(), &f)
	return v.showPDF(&f, "Dự thảo kết quả", "du-thao", pdf, err)
}

// sendToSign sends what was put to the leader as it would be issued, marked as a
// draft.
func sendToSign(v *visit) error {
	f, err := v.open()
	if err != nil {
		return err
	}
	pdf, err := v.Book.PreviewSigned(v.R.Context(), v.who, &f)
	return v.showPDF(&f, "Văn bản trình ký", "trinh-ky", pdf, err)
}

// showPDF sends a paper of a dossier, once it is noted that the officer looks at it.
func (v *visit) showPDF(f *dossier.File, paper, file string, pdf []byte, err error) error {
	if err == nil {
		err = v.Book.Viewed(v.R.Context(), v.who, f, "paper "+paper)
	}
	return v.sendPDF(string(f.State.Code)+"-"+file, pdf, err)
}

func (v *visit) sendPDF(name string, pdf []byte, err error) error {
	if err != nil {
		return err
	}
	return web.SendPDF(v.W, name, pdf)
}

// inlineKinds are the kinds of files that a browser shows by itself.
var inlineKinds = map[string]bool{"pdf": true, "jpg": true, "png": true}

// sendFile sends a file that was handed in, to be looked at where browsers can; an
// identity paper with a mark across it.
func sendFile(v *visit) error {
	f, d, err := v.openFile()
	if err != nil {
		return err
	}
	content, err := v.Book.Give(v.R.Context(), v.who, &f, d)
	return v.sendContent(d, content, err, !inlineKinds[document.KindOf(d.MediaType)] || v.R.FormValue("luu") != "")
}

// sendOriginal sends an identity paper without a mark, to who may have it and says
// what for.
func sendOriginal(v *visit) error {
	f, d, err := v.openFile()
	if err != nil {
		return err
	}
	content, err := v.Book.GiveOriginal(v.R.Context(), v.who, &f, d, v.R.PostForm.Get("muc-dich"))
	return v.sendContent(d, content, err, true)
}

func (v *visit) openFile() (dossier.File, dossier.Document, error) {
	f, err := v.open()
	if err != nil {
		return f, dossier.Document{}, err
	}
	d, ok := f.Document(v.R.PathValue("file"))
	if !ok {
		return f, d, refusal.New(refusal.NotFound, "document.unknown")
	}
	return f, d, nil
}

func (v *visit) sendContent(d dossier.Document, content dossier.Content, err error, save bool) error {
	if err != nil {
		return err
	}
	return web.File{Name: d.Name, Type: d.MediaType, Size: content.Size, Shown: !save}.Send(v.W, v.R, content.Send)
}
