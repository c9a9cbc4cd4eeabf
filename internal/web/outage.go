// SPDX-License-Identifier: Apache-2.0

package web

import (
	"time"

	"motcua/internal/refusal"
)

// OutageSaid is the banner about an outage that is under way, or announced; to is
// zero while nobody knows.
func OutageSaid(lang string, from, to time.Time, reason refusal.Words, on bool) string {
	switch {
	case on && to.IsZero():
		return T(lang, "outage.on", "from", Instant(lang, from), "reason", reason)
	case on:
		return T(lang, "outage.on_until", "to", Instant(lang, to), "reason", reason)
	}
	return T(lang, "outage.coming", "from", Instant(lang, from), "to", Instant(lang, to), "reason", reason)
}
