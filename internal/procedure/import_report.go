// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Keys of what an import finds. A line with one of the first seven is not taken.
const (
	ImportNotJSON         = "not_json"
	ImportWrongType       = "wrong_type"
	ImportLineTooLong     = "line_too_long"
	ImportNoCode          = "no_code"
	ImportBadCode         = "bad_code"
	ImportNoName          = "no_name"
	ImportRepeated        = "repeated_code"
	ImportCodeShape       = "code_shape"
	ImportLevel           = "level_unknown"
	ImportChannelUnknown  = "channel_unknown"
	ImportNoLevel         = "no_level"
	ImportNoField         = "no_field"
	ImportNoAudience      = "no_audience"
	ImportNoAgency        = "no_agency"
	ImportNoSteps         = "no_steps"
	ImportNoChannels      = "no_channels"
	ImportNoComponents    = "no_components"
	ImportNoComponentName = "component_without_name"
	ImportQuantity        = "component_quantity"
	ImportNoBasis         = "no_legal_basis"
	ImportNoResults       = "no_results"
	ImportNoLimit         = "no_limit"
	ImportLimitUnit       = "limit_without_unit"
	ImportLimitText       = "limit_as_text"
	ImportLimitInexact    = "limit_not_exact"
	ImportLimitsDiffer    = "channel_limits_differ"
	ImportFeeFreeAmount   = "fee_free_note_names_amount"
	ImportFeeFreeLaw      = "fee_free_note_names_regulation"
	ImportFeeThousands    = "fee_under_1000"
	ImportFeeNotPublished = "fee_not_published"
	ImportFeeForeign      = "fee_foreign_currency"
	ImportFeeText         = "fee_as_text"
	ImportWarned          = "parse_warning"
	ImportNotNFC          = "not_nfc"
	ImportControl         = "control_characters"
	ImportDamaged         = "damaged_text"
	ImportDiffers         = "differs_from_offered"
)

// importWords say each key in the words of the report.
var importWords = map[string]string{
	ImportNotJSON:         "dòng hỏng, không đọc được JSON",
	ImportWrongType:       "dòng hỏng, sai kiểu dữ liệu",
	ImportLineTooLong:     "dòng hỏng, quá dài",
	ImportNoCode:          "dòng hỏng, thiếu mã thủ tục",
	ImportBadCode:         "dòng hỏng, mã thủ tục không hợp lệ",
	ImportNoName:          "dòng hỏng, thiếu tên thủ tục",
	ImportRepeated:        "trùng mã thủ tục, giữ dòng đầu",
	ImportCodeShape:       "mã thủ tục khác dạng quốc gia",
	ImportLevel:           "cấp thực hiện không rõ",
	ImportChannelUnknown:  "cách thức thực hiện không rõ",
	ImportNoLevel:         "thiếu cấp thực hiện",
	ImportNoField:         "thiếu lĩnh vực",
	ImportNoAudience:      "không rõ đối tượng thực hiện",
	ImportNoAgency:        "thiếu cơ quan thực hiện",
	ImportNoSteps:         "thiếu trình tự thực hiện",
	ImportNoChannels:      "thiếu cách thức thực hiện",
	ImportNoComponents:    "thiếu thành phần hồ sơ",
	ImportNoComponentName: "thành phần hồ sơ không có tên",
	ImportQuantity:        "số lượng bản giấy tờ vô lý",
	ImportNoBasis:         "thiếu căn cứ pháp lý",
	ImportNoResults:       "thiếu kết quả",
	ImportNoLimit:         "thiếu thời hạn giải quyết",
	ImportLimitUnit:       "thời hạn không có đơn vị, giữ nguyên văn",
	ImportLimitText:       "thời hạn là câu chữ, giữ nguyên văn",
	ImportLimitInexact:    "thời hạn không quy đổi chính xác được, giữ nguyên văn",
	ImportLimitsDiffer:    "một cách thức có nhiều thời hạn khác nhau",
	ImportFeeFreeAmount:   "ghi miễn phí nhưng ghi chú nêu số tiền: xem ghi chú",
	ImportFeeFreeLaw:      "ghi miễn phí nhưng ghi chú dẫn quy định thu: xem ghi chú",
	ImportFeeThousands:    "mức thu dưới 1.000 đồng, có thể mất hàng nghìn: xem ghi chú",
	ImportFeeNotPublished: "chưa công bố phí, lệ phí",
	ImportFeeForeign:      "mức thu bằng ngoại tệ: xem ghi chú",
	ImportFeeText:         "mức thu không phải là số tiền rõ ràng: xem ghi chú",
	ImportWarned:          "nguồn báo có phần chưa tách được",
	ImportNotNFC:          "chữ chưa ở dạng Unicode dựng sẵn (NFC), đã chuẩn hóa",
	ImportControl:         "có ký tự điều khiển hoặc ký tự ẩn, đã bỏ",
	ImportDamaged:         "có ký tự hỏng",
	ImportDiffers:         "khác với bản đang cung cấp ở đây, giữ bản đang cung cấp",
}

// ImportReport says what an import read and what was missing or wrong.
// Lines = Read + Broken + Repeated; blank lines are not counted. ByKey counts
// lines by key, all of them. Findings are in the order of the file, one for
// each line and key; after the first 100,000 they are only counted, in
// Omitted. Repeated codes are noticed among the first 200,000 different ones.
type ImportReport struct {
	Lines    int            `json:"lines"`
	Read     int            `json:"read"`
	Broken   int            `json:"broken"`
	Repeated int            `json:"repeated"`
	ByKey    map[string]int `json:"by_key"`
	Omitted  int            `json:"omitted,omitempty"`
	Findings []Finding      `json:"-"`
}

// Finding is one thing that a line lacks or has wrong; Detail shows the first
// place, Times counts them.
type Finding struct {
	Line   int    `json:"line,omitempty"` // 0 for what concerns no line but what is offered
	Code   string `json:"code,omitempty"`
	Key    string `json:"key"`
	Detail string `json:"detail,omitempty"`
	Times  int    `json:"times"`
}

const maxImportFindings = 100_000

func (r *ImportReport) take(n importNotes) {
	for _, f := range n.found {
		r.ByKey[f.Key]++
		f.Code = n.code
		if len(r.Findings) < maxImportFindings {
			r.Findings = append(r.Findings, f)
		} else {
			r.Omitted++
		}
	}
}

// WriteText writes the report in Vietnamese: a line for each finding, then the sums.
func (r ImportReport) WriteText(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, f := range r.Findings {
		if f.Line > 0 {
			fmt.Fprintf(b, "dòng %d", f.Line)
		} else {
			b.WriteString("thủ tục")
		}
		if f.Code != "" {
			fmt.Fprintf(b, ", %s", f.Code)
		}
		fmt.Fprintf(b, ": %s", importWords[f.Key])
		if f.Detail != "" {
			fmt.Fprintf(b, " (%s)", strings.Join(strings.Fields(f.Detail), " "))
		}
		if f.Times > 1 {
			fmt.Fprintf(b, " × %d", f.Times)
		}
		b.WriteByte('\n')
	}
	if r.Omitted > 0 {
		fmt.Fprintf(b, "… và %d điều khác\n", r.Omitted)
	}
	fmt.Fprintf(b, "\n%d dòng: đã đọc %d, hỏng %d, trùng mã %d\n", r.Lines, r.Read, r.Broken, r.Repeated)
	for _, key := range slices.Sorted(maps.Keys(r.ByKey)) {
		fmt.Fprintf(b, "%7d  %s [%s]\n", r.ByKey[key], importWords[key], key)
	}
	return b.Flush()
}

// WriteJSON writes one JSON object a line: every finding, then the sums.
func (r ImportReport) WriteJSON(w io.Writer) error {
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	for _, f := range r.Findings {
		if err := e.Encode(f); err != nil {
			return err
		}
	}
	if err := e.Encode(r); err != nil {
		return err
	}
	return b.Flush()
}

// importNotes gathers what one line lacks or has wrong.
type importNotes struct {
	line  int
	code  string
	found []Finding
}

func (n *importNotes) add(key, detail string) {
	for i := range n.found {
		if n.found[i].Key == key {
			n.found[i].Times++
			return
		}
	}
	n.found = append(n.found, Finding{Line: n.line, Key: key, Detail: detail, Times: 1})
}

// lookOver notes what a procedure lacks as a whole.
func (n *importNotes) lookOver(p *Imported) {
	missing := func(is bool, key string) {
		if is {
			n.add(key, "")
		}
	}
	missing(len(p.Levels) == 0, ImportNoLevel)
	missing(p.Field == "", ImportNoField)
	missing(len(p.Audience) == 0, ImportNoAudience)
	missing(p.Agencies.Competent == "" && len(p.Agencies.Executing) == 0, ImportNoAgency)
	missing(len(p.Steps) == 0, ImportNoSteps)
	missing(len(p.Channels) == 0, ImportNoChannels)
	missing(!slices.ContainsFunc(p.Cases, func(c ImportedCase) bool { return len(c.Components) > 0 }), ImportNoComponents)
	missing(len(p.Basis) == 0, ImportNoBasis)
	missing(len(p.Results) == 0, ImportNoResults)
	for _, w := range p.Warnings {
		n.add(ImportWarned, short(w))
	}
	for i, c := range p.Channels {
		differs := func(o ImportedChannel) bool { return o.Channel == c.Channel && !sameLimit(o, c) }
		if at := slices.IndexFunc(p.Channels[:i], differs); at >= 0 {
			n.add(ImportLimitsDiffer, short(fmt.Sprintf("%s: %s; %s", c.Channel, p.Channels[at].LimitText, c.LimitText)))
		}
	}
}

func sameLimit(a, b ImportedChannel) bool {
	if a.Limit == nil || b.Limit == nil {
		return a.Limit == b.Limit && a.LimitText == b.LimitText
	}
	return *a.Limit == *b.Limit
}

// text cleans what was published: NFC, no control or hidden characters, no
// space around, and nothing where the portal says that it has nothing.
func (n *importNotes) text(s string) string {
	if i := strings.IndexFunc(s, hidden); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s[i:])
		n.add(ImportControl, fmt.Sprintf("%U", r))
		s = strings.Map(func(r rune) rune {
			if hidden(r) {
				return -1
			}
			return r
		}, s)
	}
	if !norm.NFC.IsNormalString(s) {
		s = norm.NFC.String(s)
		n.add(ImportNotNFC, short(s))
	}
	if strings.ContainsFunc(s, damaged) {
		n.add(ImportDamaged, short(s))
		s = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Co, r) {
				return '•' // what a Word list bullet leaves behind
			}
			return r
		}, s)
	}
	s = strings.TrimSpace(s)
	if importEmpty.MatchString(s) {
		return ""
	}
	return s
}

// texts cleans a list and drops what is empty.
func (n *importNotes) texts(list []string) []string {
	var kept []string
	for _, s := range list {
		if s = n.text(s); s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

func hidden(r rune) bool {
	return r != '\n' && r != '\t' && r != '\r' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}

func damaged(r rune) bool { return r == utf8.RuneError || unicode.Is(unicode.Co, r) }

// short cuts a text to what fits a line of a report.
func short(s string) string {
	const most = 120
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
