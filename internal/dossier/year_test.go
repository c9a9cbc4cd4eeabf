// SPDX-License-Identifier: Apache-2.0

package dossier_test

import (
	"testing"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/refusal"
)

// rows counts everything that an act may write.
func (o *office) rows() map[string]int {
	o.Helper()
	n := map[string]int{}
	err := o.DB.Read(o.Context(), func(tx *db.Tx) error {
		for _, table := range []string{"dossier", "event", "aside", "outgoing", "idempotency", "file"} {
			rows := 0
			if _, err := tx.One(`SELECT COUNT(*) FROM `+table, nil, &rows); err != nil {
				return err
			}
			n[table] = rows
		}
		for row := range tx.Query(`SELECT series, last FROM number`) {
			var series string
			var last int
			row.Scan(&series, &last)
			n[series] = last
		}
		return tx.Err()
	})
	if err != nil {
		o.Fatal(err)
	}
	return n
}

// announce loads the holidays of a year.
func (o *office) announce(holidays ...calendar.Holiday) {
	o.Helper()
	err := o.site.Announce(o.Context(), audit.By{}, holidays)
	if err == nil {
		err = o.site.Refresh(o.Context())
	}
	if err != nil {
		o.Fatal(err)
	}
}

// Nothing is promised for a year whose holidays nobody has announced: the act
// is refused, says for want of which year, and writes nothing. Once the year is
// announced the same dossiers go on.
func TestYearWithoutACalendar(t *testing.T) {
	o := open(t)
	o.limited(calendar.Limit{N: 3, Unit: calendar.WorkingDay}, "")
	refused := func(what string, do func() error) {
		t.Helper()
		before := o.rows()
		err := do()
		if e := refusal.As(err); e == nil || e.Kind != refusal.NotNow || e.Key != "calendar.year.missing" || e.Args["year"] != 2028 {
			t.Errorf("%s: %v", what, err)
		}
		for table, n := range o.rows() {
			if n != before[table] {
				t.Errorf("%s wrote to %s: %d, before %d", what, table, n, before[table])
			}
		}
	}
	act := func(login string, s dossier.State, act string, params map[string]any) func() error {
		return func() error {
			_, err := o.do(login, s, act, params)
			return err
		}
	}

	// The last days of 2027: the 29th is a Wednesday, the 31st a Friday.
	o.clock("2027-12-06 09:00")
	asked := o.must("motcua", o.birthOf("nguoidan", procedure.Online), "receive", nil)
	asked = o.must(handler, asked, "ask_supplement", nil) // the applicant has until the 27th
	o.clock("2027-12-27 09:00")
	paused := o.must("motcua", o.birthOf("nguoidan", procedure.Online), "receive", nil)
	paused = o.must(handler, paused, "pause", map[string]any{"cause": "payment"})
	running := o.must("motcua", o.birthOf("nguoidan", procedure.Online), "receive", nil)
	o.clock("2027-12-29 09:00")
	filed := o.birthOf("nguoidan", procedure.Online)
	refused("ask_supplement", act(handler, running, "ask_supplement", nil)) // by when the applicant answers
	refused("receive", act("motcua", filed, "receive", nil))                // 30, 31 and one in 2028
	extended := o.must(handler, running, "extend", map[string]any{"days": 2.0})
	refused("extend", act("lanhdao", extended, "sign", nil)) // from the 30th
	o.clock("2027-12-31 17:00")
	refused("file", func() error {
		f, err := o.Sample(t.Context(), birth, "vi")
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.Submit(t.Context(), o.who["nguoidan"], f, nil) // answered within eight working hours
		return err
	})
	o.clock("2028-01-05 09:00")
	extended = o.must(handler, extended, "step", nil) // to a step without a limit of its own
	refused("supplement", act("nguoidan", asked, "supplement", nil))
	refused("resume", act(handler, paused, "resume", nil))
	refused("step", act(handler, extended, "step", nil)) // to one that has
	o.verify()

	// The holidays of 2028 are announced: Saturday 1 January and Monday the 3rd.
	announced := []calendar.Holiday{{Date: calendar.MustDate("2028-01-01"), Kind: calendar.Public}, {Date: calendar.MustDate("2028-01-03"), Kind: calendar.Observed}}
	o.announce(announced...)
	o.must(handler, extended, "step", nil)
	for what, s := range map[string]dossier.State{
		"received":     o.must("motcua", filed, "receive", nil),      // 6, 7, 10
		"supplemented": o.must("nguoidan", asked, "supplement", nil), // anew: 6, 7, 10
		"resumed":      o.must(handler, paused, "resume", nil),       // 28, 29, 30, 31, 4, 5 stood still; 6, 7, 10
	} {
		if want := instant(t, "2028-01-10 17:30"); !s.Due.Equal(want) {
			t.Errorf("%s: due %s, want %s", what, s.Due, want)
		}
	}

	// What is announced later still moves nobody's due day.
	o.announce(append(announced, calendar.Holiday{Date: calendar.MustDate("2028-01-07"), Kind: calendar.Public})...)
	o.verify()
	if s := o.must("motcua", o.birthOf("nguoidan", procedure.Online), "receive", nil); !s.Due.Equal(instant(t, "2028-01-11 17:30")) {
		t.Errorf("received after the change: due %s", s.Due) // 6, 10, 11
	}
}
