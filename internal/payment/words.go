// SPDX-License-Identifier: Apache-2.0

package payment

import "strings"

var digits = [...]string{"không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"}

// Words is the amount in Vietnamese words, as receipts say it: "Năm mươi nghìn đồng".
func (v VND) Words() string {
	if v <= 0 {
		return "Không đồng"
	}
	var groups []int
	for n := v; n > 0; n /= 1000 {
		groups = append(groups, int(n%1000))
	}
	units := [...]string{"", "nghìn", "triệu", "tỷ", "nghìn tỷ", "triệu tỷ", "tỷ tỷ"}
	var said []string
	for i := len(groups) - 1; i >= 0; i-- {
		if groups[i] == 0 {
			continue
		}
		said = append(said, three(groups[i], i < len(groups)-1)...)
		if i == 4 && groups[3] != 0 {
			said = append(said, "nghìn") // the billions follow
		} else if units[i] != "" {
			said = append(said, units[i])
		}
	}
	s := strings.Join(append(said, "đồng"), " ")
	return strings.ToUpper(s[:1]) + s[1:]
}

// three says a number below a thousand; whole with its hundreds even if there are none.
func three(n int, whole bool) (said []string) {
	hundreds, tens, ones := n/100, n/10%10, n%10
	if hundreds > 0 || whole {
		said = append(said, digits[hundreds], "trăm")
	}
	switch {
	case tens == 0 && ones > 0 && len(said) > 0:
		said = append(said, "lẻ")
	case tens == 1:
		said = append(said, "mười")
	case tens > 1:
		said = append(said, digits[tens], "mươi")
	}
	switch {
	case ones == 0:
	case ones == 1 && tens > 1:
		said = append(said, "mốt")
	case ones == 4 && tens > 1:
		said = append(said, "tư")
	case ones == 5 && tens > 0:
		said = append(said, "lăm")
	default:
		said = append(said, digits[ones])
	}
	return said
}
