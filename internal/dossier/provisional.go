// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"fmt"
	"slices"
	"time"

	"motcua/internal/agency"
	"motcua/internal/db"
	"motcua/internal/pdf"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// While the system cannot be used, counters receive on paper under provisional
// numbers that were drawn and printed before. Each is booked once afterwards, as
// of the time when the papers were handed in, or declared void.

// Provisional is a number for reception on paper.
type Provisional struct {
	Number string
	Outage int64
	Agency agency.ID
	Code   Code   // of the dossier booked under it
	Void   string // why it was not used
}

// provisionalMost is how many numbers are drawn at once.
const provisionalMost = 100

// DrawProvisional draws numbers for a counter at which the officer is a clerk.
func (b *Book) DrawProvisional(ctx context.Context, who Actor, outage int64, at agency.ID, n int) error {
	if !who.Holds(workflow.Clerk, at) {
		return refusal.New(refusal.NotAllowed, "dossier.submit.clerks_only")
	}
	if n < 1 || n > provisionalMost {
		return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/n", "calendar.limit.n", "value", n, "min", 1, "max", provisionalMost)})
	}
	switch o := b.outage(outage); {
	case o == nil:
		return refusal.New(refusal.NotFound, "outage.unknown")
	case o.Over(b.Now()):
		return refusal.New(refusal.NotNow, "outage.over")
	}
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		for range n {
			k, err := tx.Next(fmt.Sprintf("#provisional/%s/%d", at, outage))
			if err != nil {
				return err
			}
			tx.Exec(`INSERT INTO provisional (number, outage, agency, drawn_at, drawn_by, code, void) VALUES ($1, $2, $3, $4, $5, '', '')`,
				fmt.Sprintf("TAM-%s-%d-%04d", at, outage%1_000_000, k), outage, string(at), b.Now().UnixMilli(), who.Name)
		}
		return nil
	})
}

func (b *Book) outage(id int64) *agency.Outage {
	list := b.Site.Outages()
	if i := slices.IndexFunc(list, func(o agency.Outage) bool { return o.ID == id && !o.Cancelled }); i >= 0 {
		return &list[i]
	}
	return nil
}

// Provisionals lists the numbers of an outage at counters where the officer is a
// clerk.
func (b *Book) Provisionals(ctx context.Context, who Actor, outage int64) ([]Provisional, error) {
	var list []Provisional
	err := b.DB.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for row := range tx.Query(`SELECT number, agency, code, void FROM provisional WHERE outage = $1 ORDER BY number`, outage) {
			p := Provisional{Outage: outage}
			row.Scan(&p.Number, &p.Agency, &p.Code, &p.Void)
			if who.Holds(workflow.Clerk, p.Agency) {
				list = append(list, p)
			}
		}
		return tx.Err()
	})
	return list, err
}

// Void says why a number was not used; one that was booked stays.
func (b *Book) Void(ctx context.Context, who Actor, number, why string) error {
	if why == "" {
		return refusal.Fields("request.invalid", []refusal.Field{refusal.At("/why", "form.required")})
	}
	return b.DB.Write(ctx, func(tx *db.Tx) error {
		p, err := findProvisional(tx, number)
		if err != nil {
			return err
		}
		if !who.Holds(workflow.Clerk, p.Agency) {
			return refusal.New(refusal.NotFound, "outage.number.unknown", "number", number)
		}
		switch {
		case p.Code != "":
			return refusal.New(refusal.Conflict, "outage.number.booked", "number", number, "code", string(p.Code))
		case p.Void != "":
			return refusal.New(refusal.Conflict, "outage.number.void", "number", number)
		}
		tx.ExecOne(`UPDATE provisional SET void = $1 WHERE number = $2 AND code = '' AND void = ''`, why, number)
		return nil
	})
}

func findProvisional(tx *db.Tx, number string) (Provisional, error) {
	p := Provisional{Number: number}
	found, err := tx.One(`SELECT outage, agency, code, void FROM provisional WHERE number = $1`, []any{number}, &p.Outage, &p.Agency, &p.Code, &p.Void)
	if err == nil && !found {
		err = refusal.New(refusal.NotFound, "outage.number.unknown", "number", number)
	}
	return p, err
}

// booked checks a provisional number under which a filing was received on paper,
// and when; wrong is nil if it may be booked.
func (b *Book) booked(tx *db.Tx, f Filing, reception agency.ID, now time.Time) (wrong *refusal.Field, err error) {
	refuse := func(pointer, key string, args ...any) *refusal.Field {
		w := refusal.At(pointer, key, args...)
		return &w
	}
	if f.Provisional == "" {
		if !f.ReceivedAt.IsZero() {
			return refuse("/provisional", "outage.number.missing"), nil
		}
		return nil, nil
	}
	p, err := findProvisional(tx, f.Provisional)
	switch e := refusal.As(err); {
	case e != nil:
		return refuse("/provisional", e.Key, "number", f.Provisional), nil
	case err != nil:
		return nil, err
	case p.Agency != reception || f.Support != "" || f.Channel == procedure.Online:
		return refuse("/provisional", "outage.number.unknown", "number", f.Provisional), nil
	case p.Code != "":
		return refuse("/provisional", "outage.number.booked", "number", f.Provisional, "code", string(p.Code)), nil
	case p.Void != "":
		return refuse("/provisional", "outage.number.void", "number", f.Provisional), nil
	}
	if o := b.outage(p.Outage); o == nil || !o.Within(f.ReceivedAt) || f.ReceivedAt.After(now) {
		return refuse("/received_at", "outage.number.time"), nil
	}
	return nil, nil
}

// DrawSlips draws the receipts of numbers that are free, to be filled in by hand:
// two for each number, one for the person and one for the counter.
func (b *Book) DrawSlips(list []Provisional) ([]byte, error) {
	var file pdf.File
	at := b.Now()
	for _, x := range list {
		if x.Code != "" || x.Void != "" {
			continue
		}
		for _, whose := range []string{"Bản giao người nộp", "Bản lưu tại quầy"} {
			p := file.Begin(pdf.Options{Format: pdf.A5Wide, Title: "Giấy tiếp nhận tạm " + x.Number, Subject: "Tiếp nhận khi hệ thống gián đoạn", CreatedAt: at, Author: b.Site.Directory().Name(x.Agency, "vi"), Footer: x.Number + " · " + whose})
			b.letterhead(p, x.Agency, at)
			p.NumberAndDate("Số tạm: "+x.Number, b.placeAndDate(x.Agency, at))
			if err := p.CodedTitle("GIẤY TIẾP NHẬN TẠM", "Hệ thống gián đoạn, hồ sơ được nhập và cấp mã sau", x.Number); err != nil {
				return nil, err
			}
			for _, label := range []string{"Thủ tục", "Người đề nghị", "Số định danh", "Số điện thoại", "Giấy tờ đã nhận", "Giờ, ngày tiếp nhận"} {
				p.Field(label, "……………………………………………………………………………………")
			}
			p.Signatures(pdf.Signature{Office: []string{"NGƯỜI NỘP HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)"}, pdf.Signature{Office: []string{"NGƯỜI TIẾP NHẬN HỒ SƠ"}, Note: "(Ký, ghi rõ họ tên)"})
		}
	}
	return file.Bytes()
}
