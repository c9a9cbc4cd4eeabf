// SPDX-License-Identifier: Apache-2.0

// Package staff takes up who joins, moves and leaves: the list of officers and
// posts that the personnel department keeps, as a table, against the directory.
//
// Start at Office.Plan.
package staff

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/workflow"
)

// Row is one line of a list: an officer's post.
type Row struct {
	Line  int
	Login string
	Name  string
	Post  agency.Post // without the account; From is zero where the list names no day
}

// Columns are the columns of a list, by what they may be called. The first four
// must be there.
var Columns = []struct {
	Key   string
	Names []string
	Help  form.Text
}{
	{"login", []string{"tên đăng nhập", "tài khoản"}, form.Text{VI: "chữ thường không dấu, số, dấu chấm", EN: "small letters, figures, dots"}},
	{"name", []string{"họ và tên", "họ tên"}, form.Text{VI: "như trong hồ sơ cán bộ", EN: "as in the personnel file"}},
	{"role", []string{"vai trò", "chức vụ"}, form.Text{VI: "tên vai trò, ví dụ Chuyên viên", EN: "a role, such as specialist"}},
	{"agency", []string{"cơ quan", "mã cơ quan", "đơn vị"}, form.Text{VI: "mã định danh, ví dụ H57.101", EN: "an identifier, such as H57.101"}},
	{"fields", []string{"lĩnh vực"}, form.Text{VI: "mã lĩnh vực, cách nhau bằng dấu chấm phẩy; để trống là mọi lĩnh vực", EN: "keys of fields with semicolons between; none is every field"}},
	{"procedures", []string{"thủ tục"}, form.Text{VI: "mã thủ tục; để trống là mọi thủ tục", EN: "codes of procedures; none is every procedure"}},
	{"territory", []string{"địa bàn"}, form.Text{VI: "mã các một cửa tiếp nhận; để trống là mọi nơi", EN: "one-stops that receive; none is everywhere"}},
	{"cleared", []string{"hạn chế tiếp cận"}, form.Text{VI: "x nếu được xem hồ sơ hạn chế tiếp cận", EN: "x for who may see what is of restricted access"}},
	{"external", []string{"hợp đồng"}, form.Text{VI: "x nếu là nhân viên doanh nghiệp làm tại quầy", EN: "x for staff of a contractor at the counter"}},
	{"from", []string{"từ ngày"}, form.Text{VI: "để trống là từ hôm nay", EN: "none is from today"}},
	{"to", []string{"đến ngày"}, form.Text{VI: "ngày cuối; để trống là chưa có", EN: "the last day; none is open"}},
}

// roleNames are what roles may be called.
var roleNames = map[workflow.Role][]string{
	workflow.Clerk:      {"cán bộ một cửa", "một cửa", "one-stop clerk"},
	workflow.Specialist: {"chuyên viên"},
	workflow.Head:       {"trưởng đơn vị", "trưởng phòng", "head of unit"},
	workflow.Leader:     {"lãnh đạo"},
	workflow.Cashier:    {"thủ quỹ"},
	workflow.Admin:      {"quản trị viên", "quản trị", "administrator"},
}

// A list's limits: its lines, and bytes of its file, unpacked.
const (
	Most      = 5000
	MostBytes = 4 << 20
)

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

// Read reads a list from a CSV or XLSX file. What is wrong is refused (Invalid)
// line by line, and nothing is taken.
func Read(r io.Reader) ([]Row, error) {
	content, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return nil, err
	}
	if len(content) > MostBytes {
		return nil, refusal.New(refusal.TooLarge, "request.too_large", "mb", MostBytes>>20)
	}
	var table [][]string
	if strings.HasPrefix(string(content), "PK") {
		table, err = sheet(content)
	} else {
		table, err = commas(content)
	}
	if err != nil {
		return nil, err
	}
	return rows(table)
}

func commas(content []byte) ([][]string, error) {
	text := strings.TrimPrefix(string(content), "\ufeff")
	c := csv.NewReader(strings.NewReader(text))
	if head, _, _ := strings.Cut(text, "\n"); strings.Count(head, ";") > strings.Count(head, ",") {
		c.Comma = ';' // as spreadsheets write it here
	}
	c.FieldsPerRecord, c.TrimLeadingSpace = -1, true
	var table [][]string
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return table, nil
		}
		if err != nil {
			return nil, refusal.New(refusal.Invalid, "staff.list.unreadable")
		}
		number, _ := c.FieldPos(0)
		for len(table) < number-1 {
			table = append(table, nil) // the number of a line stays its place
		}
		table = append(table, row)
	}
}

func sheet(content []byte) ([][]string, error) {
	f, err := excelize.OpenReader(strings.NewReader(string(content)), excelize.Options{UnzipSizeLimit: 32 << 20, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return nil, refusal.New(refusal.Invalid, "staff.list.unreadable")
	}
	defer f.Close()
	table, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		return nil, refusal.New(refusal.Invalid, "staff.list.unreadable")
	}
	return table, nil
}

// rows reads the lines below the heading.
func rows(table [][]string) ([]Row, error) {
	if len(table) == 0 {
		return nil, refusal.New(refusal.Invalid, "staff.list.empty")
	}
	if len(table) > Most+1 {
		return nil, refusal.New(refusal.TooLarge, "staff.list.long", "n", Most)
	}
	at := map[string]int{}
	for i, title := range table[0] {
		title = strings.ToLower(form.Tidy(title))
		for _, c := range Columns {
			if title == c.Key || slices.Contains(c.Names, title) {
				at[c.Key] = i
			}
		}
	}
	for _, c := range Columns[:4] {
		if _, there := at[c.Key]; !there {
			return nil, refusal.New(refusal.Invalid, "staff.list.column", "column", c.Names[0])
		}
	}
	var list []Row
	var wrong []refusal.Field
	for i, cells := range table[1:] {
		line := reader{line: i + 2, cells: cells, at: at}
		if strings.Join(cells, "") == "" {
			continue
		}
		list = append(list, line.row())
		wrong = append(wrong, line.wrong...)
	}
	if len(list) == 0 && len(wrong) == 0 {
		return nil, refusal.New(refusal.Invalid, "staff.list.empty")
	}
	return list, refusal.Fields("staff.list.wrong", wrong)
}

// reader reads one line.
type reader struct {
	line  int
	cells []string
	at    map[string]int
	wrong []refusal.Field
}

func (l *reader) text(column string) string {
	i, there := l.at[column]
	if !there || i >= len(l.cells) {
		return ""
	}
	return form.Tidy(l.cells[i])
}

func (l *reader) refuse(key string, args ...any) {
	l.wrong = append(l.wrong, refusal.At(fmt.Sprint("/", l.line), key, append(args, "line", l.line)...))
}

func (l *reader) list(column string) []string {
	var list []string
	for part := range strings.FieldsFuncSeq(l.text(column), func(c rune) bool { return c == ';' || c == ',' || c == ' ' }) {
		list = append(list, part)
	}
	return list
}

func (l *reader) day(column string) (day calendar.Date) {
	text := l.text(column)
	if text == "" {
		return day
	}
	if d, m, y, ok := slashed(text); ok {
		text = fmt.Sprintf("%04d-%02d-%02d", y, m, d)
	}
	day, err := calendar.ParseDate(text)
	if err != nil {
		l.refuse("staff.list.day", "value", text)
	}
	return day
}

// slashed reads 31/12/2026.
func slashed(text string) (d, m, y int, ok bool) {
	n, err := fmt.Sscanf(text, "%d/%d/%d", &d, &m, &y)
	return d, m, y, n == 3 && err == nil
}

func (l *reader) yes(column string) bool {
	switch strings.ToLower(l.text(column)) {
	case "", "0", "không", "no", "false":
		return false
	case "x", "1", "có", "yes", "true":
		return true
	}
	l.refuse("staff.list.yes", "value", l.text(column))
	return false
}

func (l *reader) role() workflow.Role {
	text := strings.ToLower(l.text("role"))
	for role, names := range roleNames {
		if text == string(role) || slices.Contains(names, text) {
			return role
		}
	}
	l.refuse("staff.list.role", "value", text)
	return ""
}

func (l *reader) row() Row {
	r := Row{Line: l.line, Login: strings.ToLower(l.text("login")), Name: l.text("name")}
	if !loginForm.MatchString(r.Login) {
		l.refuse("staff.list.login", "value", r.Login)
	}
	if r.Name == "" || len(r.Name) > 200 {
		l.refuse("staff.list.name")
	}
	r.Post = agency.Post{Role: l.role(), Agency: agency.ID(l.text("agency")), From: l.day("from"), To: l.day("to"),
		Remit: agency.Remit{Fields: l.list("fields"), Procedures: l.list("procedures"), Cleared: l.yes("cleared"), External: l.yes("external")}}
	for _, id := range l.list("territory") {
		r.Post.Territory = append(r.Post.Territory, agency.ID(id))
	}
	if !r.Post.To.IsZero() && r.Post.To.Before(r.Post.From) {
		l.refuse("staff.list.order")
	}
	if r.Post.External && r.Post.Role != workflow.Clerk && r.Post.Role != "" {
		l.refuse("staff.list.external")
	}
	return r
}
