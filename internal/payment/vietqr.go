// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"motcua/internal/search"
)

// QR is a bank transfer as a code that every Vietnamese bank's app reads (VietQR of
// NAPAS, EMVCo QR for merchants): to an account, with amount and text. The text is of
// letters and figures, at most 25.
func QR(bank, account string, amount VND, text string) (string, error) {
	if !binForm.MatchString(bank) || !accountForm.MatchString(account) || amount <= 0 || amount >= most || !textForm.MatchString(text) {
		return "", errors.New("payment: not to be written as VietQR")
	}
	to := field("00", napas) + field("01", field("00", bank)+field("01", account)) + field("02", toAccount)
	s := field("00", "01") + field("01", "12") + field("38", to) + field("53", "704") + field("54", strconv.FormatInt(int64(amount), 10)) +
		field("58", "VN") + field("62", field("08", text)) + "6304"
	return s + crc(s), nil
}

const (
	napas     = "A000000727"
	toAccount = "QRIBFTTA"
)

var (
	binForm     = regexp.MustCompile(`^[0-9]{6}$`)
	accountForm = regexp.MustCompile(`^[0-9A-Za-z]{1,19}$`)
	textForm    = regexp.MustCompile(`^[0-9A-Za-z ]{1,25}$`)
)

func field(id, value string) string { return fmt.Sprintf("%s%02d%s", id, len(value), value) }

// ReadQR reads what QR writes, and refuses what is damaged.
func ReadQR(s string) (bank, account string, amount VND, text string, err error) {
	bad := errors.New("payment: no VietQR")
	if len(s) < 8 || s[len(s)-8:len(s)-4] != "6304" || crc(s[:len(s)-4]) != s[len(s)-4:] {
		return "", "", 0, "", bad
	}
	fields, ok := split(s[:len(s)-8])
	to, ok2 := split(fields["38"])
	whose, ok3 := split(to["01"])
	said, ok4 := split(fields["62"])
	n, err := strconv.ParseInt(fields["54"], 10, 64)
	if !ok || !ok2 || !ok3 || !ok4 || err != nil || to["00"] != napas || fields["53"] != "704" || fields["58"] != "VN" {
		return "", "", 0, "", bad
	}
	return whose["00"], whose["01"], VND(n), said["08"], nil
}

func split(s string) (map[string]string, bool) {
	fields := map[string]string{}
	for s != "" {
		if len(s) < 4 {
			return nil, false
		}
		n, err := strconv.Atoi(s[2:4])
		if err != nil || n < 0 || len(s) < 4+n {
			return nil, false
		}
		fields[s[:2]], s = s[4:4+n], s[4+n:]
	}
	return fields, true
}

// crc is CRC-16/CCITT-FALSE: polynomial 1021, from FFFF.
func crc(s string) string {
	sum := uint16(0xFFFF)
	for _, b := range []byte(s) {
		sum ^= uint16(b) << 8
		for range 8 {
			carry := sum&0x8000 != 0
			if sum <<= 1; carry {
				sum ^= 0x1021
			}
		}
	}
	return fmt.Sprintf("%04X", sum)
}

// plain is a text without what banks lose: marks, and all but letters, figures and
// single spaces, cut to n.
func plain(s string, n int) string {
	s = strings.Map(func(c rune) rune {
		if c > 'z' {
			return -1
		}
		return c
	}, search.Fold(s))
	return strings.TrimSpace(s[:min(len(s), n)])
}
