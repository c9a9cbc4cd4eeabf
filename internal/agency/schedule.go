// SPDX-License-Identifier: Apache-2.0

package agency

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Keep is a line of the record schedule (bảng thời hạn lưu trữ): how
// long dossiers of a procedure, of a field, or all others are kept that are closed
// from a day on (Luật Lưu trữ 33/2024/QH15). The narrowest line applies.
type Keep struct {
	From      calendar.Date `json:"from,omitzero"`
	Field     string        `json:"field,omitempty"`
	Procedure string        `json:"procedure,omitempty"`
	Permanent bool          `json:"permanent,omitempty"`
	Years     int           `json:"years"`              // kept after the year of closing; of what is permanent, until it is handed over
	Identity  int           `json:"identity,omitempty"` // days after closing until identity papers are removed; 0 is with the dossier
	Name      string        `json:"name"`
	Basis     string        `json:"basis"`
}

// key tells lines apart: there is one for each day, field and procedure.
func (k Keep) key() string { return k.From.String() + " " + k.Field + " " + k.Procedure }

// Due is the first day on which a dossier closed on a day may be destroyed, or if
// it is permanent, is to be handed over to the historical archive: years count
// from the year in which the work was finished, so the first day of a year.
func (k Keep) Due(closed calendar.Date) calendar.Date {
	return calendar.NewDate(closed.Year()+k.Years+1, 1, 1)
}

// Schedule is the record schedule of a site. Lines are added, never changed once
// they apply.
type Schedule []Keep

// On is the line for a dossier of a procedure and field that is closed on a day;
// nil if there is none.
func (s Schedule) On(day calendar.Date, field, procedure string) *Keep {
	var best *Keep
	rank := func(k *Keep) int {
		switch {
		case k.Procedure != "":
			return 2
		case k.Field != "":
			return 1
		}
		return 0
	}
	for i := range s {
		k := &s[i]
		if k.From.After(day) || k.Procedure != "" && k.Procedure != procedure || k.Field != "" && k.Field != field {
			continue
		}
		if best == nil || rank(k) > rank(best) || rank(k) == rank(best) && k.From.After(best.From) {
			best = k
		}
	}
	return best
}

// Bounds of a term in years; the law keeps nothing with a term longer than 70.
const (
	leastYears = 2
	mostYears  = 70
)

var scheduleColumns = []string{"from", "field", "procedure", "keep", "years", "identity_days", "name", "basis"}

// ParseSchedule reads a record schedule as CSV with the columns from, field,
// procedure, keep ("years" or "permanent"), years, identity_days, name, basis. All
// wrong lines are told at once.
func ParseSchedule(r io.Reader) (Schedule, error) {
	file := csv.NewReader(r)
	file.Comment = '#'
	head, err := file.Read()
	if err != nil {
		return nil, refusal.New(refusal.Invalid, "schedule.columns", "columns", strings.Join(scheduleColumns, ", "))
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	if !slices.Equal(head, scheduleColumns) {
		return nil, refusal.New(refusal.Invalid, "schedule.columns", "columns", strings.Join(scheduleColumns, ", "))
	}
	var list Schedule
	var wrong []refusal.Field
	seen := map[string]bool{}
	for {
		cells, err := file.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := file.FieldPos(0)
		bad := func(key string) {
			wrong = append(wrong, refusal.At(fmt.Sprintf("/%d", line), key, "line", line))
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				line = at.Line
			}
			bad("schedule.line.cells")
			if !errors.Is(err, csv.ErrFieldCount) {
				break
			}
			continue
		}
		k, key := readKeep(cells)
		switch {
		case key != "":
			bad(key)
		case seen[k.key()]:
			bad("schedule.line.twice")
		default:
			seen[k.key()] = true
			list = append(list, k)
		}
	}
	if len(list)+len(wrong) == 0 {
		return nil, refusal.New(refusal.Invalid, "schedule.empty")
	}
	return list, refusal.Fields("schedule.invalid", wrong)
}

// readKeep reads a line; the key says what is wrong with it.
func readKeep(cells []string) (k Keep, key string) {
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	from, err := calendar.ParseDate(cells[0])
	if err != nil {
		return k, "schedule.line.from"
	}
	k = Keep{From: from, Field: cells[1], Procedure: cells[2], Permanent: cells[3] == "permanent", Name: cells[6], Basis: cells[7]}
	k.Years, err = strconv.Atoi(cells[4])
	least := leastYears
	if k.Permanent {
		least = 0
	}
	if err != nil || k.Years < least || k.Years > mostYears || !k.Permanent && cells[3] != "years" {
		return k, "schedule.line.years"
	}
	if cells[5] != "" {
		if k.Identity, err = strconv.Atoi(cells[5]); err != nil || k.Identity < 1 || k.Identity > 366*leastYears {
			return k, "schedule.line.identity"
		}
	}
	if k.Name == "" || k.Basis == "" {
		return k, "schedule.line.basis"
	}
	return k, ""
}

// Schedule is the record schedule, the latest lines first.
func (s *Site) Schedule() Schedule { return s.current.Load().schedule }

// AddSchedule adds lines to the record schedule, and changes those that do not
// apply yet. Refused: a line that applies already said otherwise; what was closed
// under it keeps to it.
func (s *Site) AddSchedule(ctx context.Context, by audit.By, lines Schedule) error {
	return s.Change(ctx, func(tx *db.Tx) error {
		if err := s.note(tx, by, "schedule", "lines", lines); err != nil {
			return err
		}
		return SaveSchedule(tx, lines, calendar.DateOf(s.now()))
	})
}

// SaveSchedule is AddSchedule within a transaction, as of a day.
func SaveSchedule(tx *db.Tx, lines Schedule, today calendar.Date) error {
	all, err := readSchedule(tx)
	if err != nil {
		return err
	}
	var wrong []refusal.Field
	for _, k := range lines {
		i := slices.IndexFunc(all, func(x Keep) bool { return x.key() == k.key() })
		switch {
		case i < 0:
			all = append(all, k)
		case all[i] != k && !k.From.After(today):
			wrong = append(wrong, refusal.At("", "schedule.line.applies", "name", all[i].Name, "from", k.From.String()))
		default:
			all[i] = k
		}
	}
	if err := refusal.Fields("schedule.invalid", wrong); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b Keep) int {
		return cmp.Or(cmp.Compare(b.From, a.From), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Procedure, b.Procedure))
	})
	body, err := json.Marshal(all)
	if err != nil {
		return err
	}
	tx.Touch(revisionName)
	return SaveSetting(tx, "schedule", string(body))
}

func readSchedule(tx *db.Tx) (Schedule, error) {
	var body []byte
	found, err := tx.One(`SELECT body FROM setting WHERE name = 'schedule'`, nil, &body)
	if err != nil || !found {
		return nil, err
	}
	var list Schedule
	return list, json.Unmarshal(body, &list)
}
