// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"archive/zip"
	"io"

	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/privacy"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// copyPage is the page of a copy, which is read without a network.
type copyPage struct {
	web.Page
	*privacy.Copy
	Facts []privacy.Said
}

// sendCopy sends a person everything that is kept of them, as a ZIP file that is
// written while it is sent.
func sendCopy(v *visit) error {
	a, err := v.Privacy.Copy(v.R.Context(), v.who, v.Lang)
	if e := refusal.As(err); e != nil && e.Key == dossier.LevelLow {
		return v.Redirect(toRise(e, dataPath))
	}
	if err != nil {
		return err
	}
	return web.File{Name: "du-lieu-" + a.Number + ".zip", Type: web.ZIP}.Send(v.W, v.R, func(to io.Writer) error { return v.writeCopy(a, to) })
}

func (v *visit) writeCopy(a *privacy.Copy, to io.Writer) error {
	z := zip.NewWriter(to)
	data, err := a.JSON()
	if err != nil {
		return err
	}
	index, err := z.CreateHeader(&zip.FileHeader{Name: "index.html", Method: zip.Deflate, Modified: a.MadeAt})
	if err != nil {
		return err
	}
	p := copyPage{Page: web.Page{Lang: v.Lang, Title: v.T("privacy.copy.title"), Site: v.Site.Terms().Name.In(v.Lang), Face: "portal"}, Copy: a}
	for _, name := range identity.PersonFacts {
		if value := a.Account.Person.Fact(name); value != "" {
			p.Facts = append(p.Facts, privacy.Said{Label: v.T("portal.person." + name), Value: privacy.FactText(name, value, v.Lang)})
		}
	}
	if err := v.Write(index, "data_copy", p); err != nil {
		return err
	}
	for name, content := range map[string][]byte{"data.json": data, "data.schema.json": privacy.Shape} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.MadeAt})
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			return err
		}
	}
	for i := range a.Files {
		f := &a.Files[i]
		if f.Gone || f.Closed != "" {
			continue
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Path, Method: zip.Store, Modified: a.MadeAt})
		if err == nil {
			err = v.Privacy.Write(v.R.Context(), f, w)
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

// SaysEvent says what happened to a dossier.
func (p copyPage) SaysEvent(kind string) string { return p.T("portal.event." + kind) }

// SaysNotice says what a notice is about.
func (p copyPage) SaysNotice(kind string) string { return noticeText(p.Lang, kind) }

// SaysWhat says what of a dossier somebody looked at.
func (p copyPage) SaysWhat(what string) string { return web.ViewWhat(p.Lang, what) }
