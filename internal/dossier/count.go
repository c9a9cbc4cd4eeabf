// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"slices"
	"strconv"

	"motcua/internal/db"
)

// count keeps the figures: how many dossiers there are by day of filing,
// agency, procedure, channel, status and outcome, and the same of all time
// (day 0, without procedure and channel), which dashboards read; and how many
// wait in each queue (day -1); and how many days a procedure took, by month of
// issue (day -yyyymm).
func count(tx *db.Tx, before, after *State) {
	var from db.DeltaKey
	var beside []aside
	if before != nil {
		from, beside = before.queueKey(), before.asides()
	}
	moved(tx, from, after.queueKey())
	now := after.asides()
	same := func(list []aside, a aside) bool {
		return slices.ContainsFunc(list, func(b aside) bool { return a.key == b.key })
	}
	for _, a := range now {
		if !same(beside, a) {
			tx.Delta(a.key, 1)
		}
	}
	for _, a := range beside {
		if !same(now, a) {
			tx.Delta(a.key, -1)
		}
	}
	if before != nil && before.Status() == after.Status() && before.Outcome == after.Outcome && before.Procedure == after.Procedure && before.Competent == after.Competent && before.Channel == after.Channel {
		return
	}
	for _, k := range after.counted() {
		tx.Delta(k, 1)
	}
	if before != nil {
		for _, k := range before.counted() {
			tx.Delta(k, -1)
		}
	}
}

// moved counts a dossier that stands in another queue than before; zero is none.
func moved(tx *db.Tx, from, to db.DeltaKey) {
	if from == to {
		return
	}
	if to != (db.DeltaKey{}) {
		tx.Delta(to, 1)
	}
	if from != (db.DeltaKey{}) {
		tx.Delta(from, -1)
	}
}

// assisted is the channel under which figures show what was filed on line with
// an officer's help.
const assisted = "assisted"

// counted are the figures a dossier is part of.
func (s *State) counted() []db.DeltaKey {
	k := db.DeltaKey{Agency: string(s.Competent), Status: strconv.Itoa(int(s.Status())), Outcome: string(s.Outcome)}
	day := k
	day.Day, day.Procedure, day.Channel = number(local(s.SentAt)), s.Procedure, string(s.Channel)
	if s.Support != "" {
		day.Channel = assisted // filed on line with an officer's help: counted apart
	}
	if s.IssuedAt.IsZero() {
		return []db.DeltaKey{k, day}
	}
	took := db.DeltaKey{Day: -number(local(s.IssuedAt)) / 100, Procedure: s.Procedure, Status: "took", Outcome: strconv.Itoa(int(local(s.IssuedAt) - local(s.ReceivedAt)))}
	return []db.DeltaKey{k, day, took}
}
