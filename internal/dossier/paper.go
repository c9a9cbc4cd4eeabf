// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/pdf"
	"motcua/internal/refusal"
	"motcua/internal/search"
)

// Papers are drawn when they are asked for, from what the events pinned: the
// same paper a year later is the same file.

// Paper draws a paper of the one-stop by its id: "submission", one of the
// official forms that were issued, from the dossier as it was at that moment, or
// a slip that goes with the dossier.
func (b *Book) Paper(ctx context.Context, f *File, id string) ([]byte, error) {
	return drawn(func(to *pdf.File) error { return b.draw(ctx, to, f, id) })
}

// Print draws one kind of paper of several dossiers as one file, to be printed in
// one go; refused with their codes if some have no such paper.
func (b *Book) Print(ctx context.Context, who Actor, codes []Code, id string) ([]byte, error) {
	kinds := Printable()
	i := slices.IndexFunc(kinds, func(p PaperRef) bool { return p.ID == id })
	if i < 0 || len(codes) == 0 {
		return nil, refusal.New(refusal.NotFound, "document.unknown")
	}
	var without []string
	to := &pdf.File{Title: fmt.Sprintf("%s – %d hồ sơ", kinds[i].Name.VI, len(codes))}
	for _, code := range codes {
		f, err := b.Open(ctx, who, code)
		if err == nil {
			err = b.Viewed(ctx, who, &f, "paper "+f.State.PaperName(id))
		}
		if err == nil {
			err = b.draw(ctx, to, &f, id)
		}
		if refusal.Is(err, refusal.NotFound) {
			without = append(without, string(code))
		} else if err != nil {
			return nil, err
		}
	}
	if len(without) > 0 {
		return nil, refusal.New(refusal.Invalid, "dossier.print.without", "codes", strings.Join(without, ", "))
	}
	return to.Bytes()
}

// OfficersOnly is true of papers that go with the dossier from desk to desk and
// are not the applicant's.
func OfficersOnly(id string) bool { return id == ControlSlip || id == TransferSlip }

// Printable are the kinds of paper that are printed for many dossiers at once.
func Printable() []PaperRef {
	return []PaperRef{{ID: "receipt", Name: formNames["01"]}, {ID: TransferSlip, Name: transferName}, {ID: ControlSlip, Name: controlName}, {ID: "submission", Name: submissionName}}
}

// PaperName is what a paper of the dossier is called.
func (s *State) PaperName(id string) string {
	for _, p := range append(s.Papers(), Printable()...) {
		if p.ID == id {
			return p.Name.VI
		}
	}
	return id
}

// draw adds a paper to a file.
func (b *Book) draw(ctx context.Context, to *pdf.File, f *File, id string) error {
	seq, draw := 0, b.drawForm
	_, forwarded, wasForwarded := Last[Forwarded](f.Events)
	_, taken, _ := Last[TakenOver](f.Events)
	switch {
	case id == "submission":
		seq, draw = 1, b.drawSubmission
	case id == ControlSlip && !f.State.ReceivedAt.IsZero():
		seq, draw = len(f.Events), b.drawControl
	case id == TransferSlip && wasForwarded:
		seq, draw = max(forwarded.Seq, taken.Seq), b.drawTransfer
	}
	for _, i := range f.State.Issues {
		if i.id() != id {
			continue
		}
		if seq = i.Seq; i.Form == "01" {
			draw = b.drawReceipt
		}
	}
	if seq == 0 {
		return refusal.New(refusal.NotFound, "document.unknown")
	}
	past, err := f.until(seq)
	if err != nil {
		return err
	}
	t, err := b.Track(ctx, &past.State)
	if err != nil {
		return err
	}
	return draw(to, past, &t)
}

// drawn is a file of what was drawn.
func drawn(draw func(to *pdf.File) error) ([]byte, error) {
	to := &pdf.File{}
	if err := draw(to); err != nil {
		return nil, err
	}
	return to.Bytes()
}

// Result draws the result that was issued.
func (b *Book) Result(ctx context.Context, f *File, id string) ([]byte, error) {
	for _, x := range f.State.Issued {
		if x.id() != id {
			continue
		}
		past, err := f.until(x.Seq)
		if err != nil {
			return nil, err
		}
		t, err := b.Track(ctx, &past.State)
		if err != nil {
			return nil, err
		}
		watermark := ""
		if x.Revoked {
			watermark = "ĐÃ THU HỒI"
		}
		return drawn(func(to *pdf.File) error { return b.drawResult(to, past, &t, x.Template, watermark) })
	}
	return nil, refusal.New(refusal.NotFound, "dossier.result.none")
}

// DraftResult draws the result as it is drafted now, marked as a draft.
func (b *Book) DraftResult(ctx context.Context, f *File) ([]byte, error) {
	t, err := b.Track(ctx, &f.State)
	if err != nil {
		return nil, err
	}
	id := f.State.Template
	if id == "" {
		template := t.Edition.Template(form.Scope{Answers: f.Answers, Facts: f.State.facts()})
		if template == nil {
			return nil, refusal.New(refusal.NotFound, "dossier.result.none")
		}
		id = template.ID
	}
	return drawn(func(to *pdf.File) error { return b.drawResult(to, f, &t, id, draftMark) })
}

// qrText is what the QR code of a paper says at least (TT 01/2023): dossier,
// procedure, who asks for it, what the paper is, the issuing system, when it was
// issued; and the appointment on the receipt. The name is without its marks:
// scanners guess the letters of a code, and guess Vietnamese wrong.
func qrText(s *State, name string, at ...time.Time) string {
	parts := []string{string(s.Code), s.Procedure, s.Applicant.IDNumber, strings.ToUpper(search.Fold(name)), "motcua"}
	for _, t := range at {
		parts = append(parts, t.In(calendar.Zone).Format(time.RFC3339))
	}
	return strings.Join(parts, "|")
}

// coded draws the title of a paper of a dossier beside its QR code.
func coded(p *pdf.Paper, s *State, title, name string, at ...time.Time) error {
	return p.CodedTitle(title, "Mã hồ sơ: "+string(s.Code), qrText(s, name, at...))
}

// letterhead names the agency and the one above it as they were on the day of
// the paper.
func (b *Book) letterhead(p *pdf.Paper, id agency.ID, at time.Time) {
	d, day := b.Site.Directory(), local(at)
	parent := ""
	if a := d.On(id, day); a != nil && a.Parent != "" {
		parent = d.NameOn(a.Parent, day, "vi")
	}
	p.Letterhead(strings.ToUpper(parent), strings.ToUpper(d.NameOn(id, day, "vi")))
}

// placeAndDate is where and when a paper of an agency was made: "Huế, ngày 23
// tháng 11 năm 2026".
func (b *Book) placeAndDate(id agency.ID, at time.Time) string {
	if place := b.Site.Directory().PlaceOn(id, local(at)); place != "" {
		return place + ", " + calendar.LongDate(at)
	}
	return calendar.LongDate(at)
}

func shortDate(t time.Time) string {
	if t.IsZero() {
		return "…"
	}
	return t.In(calendar.Zone).Format("02/01/2006")
}

// LimitWords says a time limit: "3 ngày làm việc".
func LimitWords(l calendar.Limit, lang string) string {
	vi := map[calendar.Unit]string{calendar.WorkingDay: "ngày làm việc", calendar.Day: "ngày", calendar.Month: "tháng", calendar.WorkingHour: "giờ làm việc"}
	en := map[calendar.Unit]string{calendar.WorkingDay: "working days", calendar.Day: "days", calendar.Month: "months", calendar.WorkingHour: "working hours"}
	words := vi
	if lang == "en" {
		words = en
	}
	if l.Unit == calendar.SameDay {
		return map[string]string{"vi": "trong ngày", "en": "the same day"}[lang]
	}
	w := words[l.Unit]
	if lang == "en" && l.N == 1 {
		w = strings.TrimSuffix(w, "s")
	}
	return fmt.Sprintf("%d %s", l.N, w)
}
