// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"time"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/pdf"
	"motcua/internal/refusal"
	"motcua/internal/regime"
)

// Register is the tracking register of a one-stop: every dossier that was filed
// there from a day to a day, in the order of their codes, at most limit of them
// (form 06 of 2018, 07 of 2025). Only who works there may read it.
// That it was read, and how – on the screen, as a file or a paper –, is noted.
func (b *Book) Register(ctx context.Context, who Actor, how RegisterAs, at agency.ID, from, to calendar.Date, limit int) ([]State, error) {
	if !who.Works(at) {
		return nil, refusal.New(refusal.NotFound, "agency.unknown", "agency", string(at))
	}
	edge := func(day calendar.Date) string { return fmt.Sprintf("%s-%06d", at, number(day)%1_000_000) }
	var list []State
	err := b.DB.Read(ctx, func(tx *db.Tx) (err error) {
		q := query{args: []any{edge(from), edge(to + 1), limit}}
		list, err = states(tx, `code >= $1 AND code < $2 AND `+who.seen(&q)+` ORDER BY code LIMIT $3`, q.args...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, b.listed(ctx, who, Listing{What: string(how), Of: at, From: from.String(), To: to.String(), N: len(list)})
}

// RegisterAs is how the register is read.
type RegisterAs string

// How it may be read.
const (
	RegisterShown   RegisterAs = "register"
	RegisterFile    RegisterAs = "register_file"
	RegisterPrinted RegisterAs = "register_paper"
)

// RegisterColumn is a column of the register on paper: its heading, that above it
// and its neighbours, and its share of the width.
type RegisterColumn struct {
	Title, Above string
	Share        float64
}

// DrawRegister draws lines of the register of a one-stop from a day to a day, as
// it is now.
func (b *Book) DrawRegister(at agency.ID, from, to calendar.Date, columns []RegisterColumn, rows [][]string) ([]byte, error) {
	now, dir := b.Now(), b.Site.Directory()
	set := regime.FormsOn(to)
	number := map[regime.FormSet]string{regime.Forms2018: "06", regime.Forms2025: "07"}[set]
	const name = "Sổ theo dõi hồ sơ"
	return drawn(func(file *pdf.File) error {
		p := file.Begin(pdf.Options{Title: name + " " + string(at), CreatedAt: now, Author: dir.NameOn(at, to, "vi"), Format: pdf.A4Wide,
			Footer: fmt.Sprintf("%s · Mẫu số %s, %s", name, number, set)})
		b.letterhead(p, at, now)
		code := fmt.Sprintf("%s|%s|%s|SO THEO DOI HO SO|motcua|%s", at, from, to, now.In(calendar.Zone).Format(time.RFC3339))
		below := fmt.Sprintf("Từ ngày %s đến ngày %s: %d hồ sơ", shortDate(from.At(0)), shortDate(to.At(0)), len(rows))
		if err := p.CodedTitle("SỔ THEO DÕI HỒ SƠ", below, code); err != nil {
			return err
		}
		list := make([]pdf.Column, len(columns))
		for i, c := range columns {
			list[i] = pdf.Column{Title: c.Title, Above: c.Above, Share: c.Share, Align: "L"}
		}
		p.Table(list, rows)
		return nil
	})
}
