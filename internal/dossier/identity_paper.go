// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"bytes"
	"context"
	"io"
	"slices"

	"motcua/internal/calendar"
	"motcua/internal/document"
	"motcua/internal/refusal"
)

// Content is a file of a dossier as somebody is given it.
type Content struct {
	Size  int64
	write func(io.Writer) error
}

// Send writes it.
func (c Content) Send(w io.Writer) error { return c.write(w) }

// Give gives a file of a dossier to who may see the dossier; that an officer looks is
// noted first. Of an identity paper an officer is given a copy with a mark across it –
// only for this dossier, by whom, where, when and what for –, the applicant what was
// handed in (pictures of identity papers are sensitive personal data: NĐ
// 356/2025/NĐ-CP).
func (b *Book) Give(ctx context.Context, who Actor, f *File, d Document) (Content, error) {
	if err := b.opens(ctx, f, d); err != nil {
		return Content{}, err
	}
	if err := b.Viewed(ctx, who, f, "file "+d.Name); err != nil {
		return Content{}, err
	}
	identifies, err := b.identifies(ctx, f, d)
	if err != nil {
		return Content{}, err
	}
	if !identifies || !who.Conceals(&f.State) {
		return b.whole(ctx, d), nil
	}
	copied, err := document.Marked(ctx, b.DB, document.File{Name: d.Name, Size: d.Size, SHA256: d.SHA256, MediaType: d.MediaType}, b.markFor(who, f))
	if err != nil {
		return Content{}, err
	}
	return Content{int64(len(copied)), func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(copied))
		return err
	}}, nil
}

// opens refuses a file that was removed by rule, and one that waits for the virus
// scanner or was found to do harm.
func (b *Book) opens(ctx context.Context, f *File, d Document) error {
	if err := f.Readable(d); err != nil {
		return err
	}
	return document.Openable(ctx, b.DB, d.SHA256)
}

// GiveOriginal gives an identity paper without a mark to who answers for the agency
// that receives or decides, and says what for.
func (b *Book) GiveOriginal(ctx context.Context, who Actor, f *File, d Document, purpose string) (Content, error) {
	if !who.MayHaveOriginals(&f.State) {
		return Content{}, refusal.New(refusal.NotAllowed, "document.originals").Because(originalBasis)
	}
	if err := b.opens(ctx, f, d); err != nil {
		return Content{}, err
	}
	if err := b.Reveal(ctx, who, f, "original "+d.Name, purpose); err != nil {
		return Content{}, err
	}
	return b.whole(ctx, d), nil
}

const originalBasis = "Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15"

// MayHaveOriginals is true for the applicant, and for who heads the agency that
// receives or decides.
func (a Actor) MayHaveOriginals(s *State) bool {
	a = a.On(s)
	return !a.Conceals(s) || a.answers(s.Competent) || a.answers(s.Reception)
}

func (b *Book) whole(ctx context.Context, d Document) Content {
	return Content{d.Size, func(w io.Writer) error { return document.Copy(ctx, b.DB, d.SHA256, w) }}
}

// Identifies is true of a file that is somebody's identity paper.
func (f *File) Identifies(t *Track, d Document) bool {
	for _, c := range t.Edition.Facts.Cases {
		for _, k := range c.Components {
			if k.ID == d.Component && k.IdentityPaper {
				return true
			}
		}
	}
	return false
}

func (b *Book) identifies(ctx context.Context, f *File, d Document) (bool, error) {
	t, err := b.Track(ctx, &f.State)
	return err == nil && f.Identifies(&t, d), err
}

// markFor is what is written across a copy.
func (b *Book) markFor(who Actor, f *File) []string {
	who = who.On(&f.State)
	_, at := who.through(&f.State)
	lines := []string{"CHỈ DÙNG CHO HỒ SƠ " + string(f.State.Code), who.Name, b.Site.Directory().Name(at, "vi"),
		b.Now().In(calendar.Zone).Format("15:04 ngày 02/01/2006") + " · " + PurposeNames[who.purpose(&f.State, f.Events)].VI}
	return slices.DeleteFunc(lines, func(s string) bool { return s == "" })
}
