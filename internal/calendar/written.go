// SPDX-License-Identifier: Apache-2.0

package calendar

import (
	"fmt"
	"time"
)

// LongDate is the day of an instant as our papers write it: "ngày 23 tháng 11 năm
// 2026".
func LongDate(t time.Time) string {
	t = t.In(Zone)
	return fmt.Sprintf("ngày %02d tháng %02d năm %d", t.Day(), int(t.Month()), t.Year())
}

// HourAndDate is an instant as our papers write it: "16 giờ 45 phút, ngày
// 23/11/2026".
func HourAndDate(t time.Time) string {
	t = t.In(Zone)
	return fmt.Sprintf("%02d giờ %02d phút, ngày %02d/%02d/%d", t.Hour(), t.Minute(), t.Day(), int(t.Month()), t.Year())
}
