// SPDX-License-Identifier: Apache-2.0

package calendar

import "time"

// Outcome says how a dossier was finished against its due instant.
type Outcome string

// The outcomes, as the official reports count them.
const (
	Early  Outcome = "early"   // before the due day
	OnTime Outcome = "on_time" // on the due day, not after the due instant
	Late   Outcome = "late"    // after the due instant
)

// OutcomeOf compares the moment the result was ready at the one-stop, not its
// collection, with the due instant.
func OutcomeOf(finished, due time.Time) Outcome {
	switch {
	case finished.After(due):
		return Late
	case DateOf(finished) < DateOf(due):
		return Early
	default:
		return OnTime
	}
}

// ExtendBy is the last instant at which an extension may be asked for: one
// working day before the due instant. Asked for later, the dossier counts as
// late all the same.
func (c *Calendar) ExtendBy(due time.Time) (time.Time, error) {
	day := DateOf(due)
	eve, err := c.Shift(day, -1)
	if err != nil {
		return time.Time{}, err
	}
	return eve.At(0).Add(due.Sub(day.At(0))), nil
}
