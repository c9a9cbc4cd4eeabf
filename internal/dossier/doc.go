// SPDX-License-Identifier: Apache-2.0

// Package dossier is one case (hồ sơ) from submission to returned result.
//
// A dossier is its events: append-only, written in one transaction with the
// state row they fold to, the due instant, the counters and the outgoing work.
// Nothing is changed otherwise, nothing outside is called inside. What anyone
// may do is listed by the dossier (offer.go), never guessed by a page. Each
// act of the law is one file with its event, what that does to the state, when
// it is open, what it asks for and its pure rule: receive.go, assign.go, …
//
// Start at act.go, which lists the acts and is the shell of every one; then
// event.go, fold.go and policy.go.
package dossier

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"motcua/internal/calendar"
)

// Code is a dossier code: "H57.21.3-261123-0001", reception agency, date and
// number of the day (TT 01/2018 art. 19; QĐ 20/2020). Codes of other systems
// are kept verbatim.
type Code string

var codePattern = regexp.MustCompile(`^(?:\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}|[A-Y]\d{2}(?:\.[A-Z0-9]+)*)-(?:\d{6}|\d{8})-\d{4,7}$`)

// ParseCode reads a code as people type it; ok is false if it is none.
func ParseCode(s string) (Code, bool) {
	if len(s) > 64 || !codePattern.MatchString(s) {
		return "", false
	}
	return Code(s), true
}

// codeOf makes the code of the n-th dossier that an agency receives on a day.
// It widens past 9999 and never wraps.
func codeOf(reception string, day calendar.Date, n int64) Code {
	return Code(fmt.Sprintf("%s-%06d-%04d", reception, number(day)%1_000_000, n))
}

// local is the calendar day of an instant in Vietnam.
func local(t time.Time) calendar.Date { return calendar.DateOf(t) }

// number is a day as yyyymmdd.
func number(d calendar.Date) int {
	n, _ := strconv.Atoi(strings.ReplaceAll(d.String(), "-", ""))
	return n
}
