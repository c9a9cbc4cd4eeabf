// SPDX-License-Identifier: Apache-2.0

package regime

import "motcua/internal/calendar"

// Notice is how long before a planned outage the public is told, by which law.
type Notice struct {
	Days  int // working days
	Basis string
}

// NoticeOn returns the notice that a planned outage needs if it is declared on a
// day.
func NoticeOn(day calendar.Date) Notice {
	if day.Before(calendar.MustDate("2026-07-01")) {
		return Notice{1, "Thông tư 32/2017/TT-BTTTT"}
	}
	return Notice{7, "Nghị định 224/2026/NĐ-CP, Điều 13"}
}
