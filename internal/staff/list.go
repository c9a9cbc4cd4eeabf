// SPDX-License-Identifier: Apache-2.0

// Package staff takes up who joins, moves and leaves: the list of officers and
// posts that the personnel department keeps, as a table, against the directory;
// and lets officers in who are new or have lost their way in.
//
// What a list changes is planned, shown, and taken up as one, or not at all.
// Start at Office.Plan.
package staff

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/sheet"
	"motcua/internal/workflow"
)

// List is what is handed in.
type List struct {
	Rows     []Row
	Whole    bool            // who is not in it has left the agencies that it speaks of
	Agencies []agency.ID     // that it speaks of, with all below; none: those that its lines name
	Wrong    []refusal.Field // what could not be read, by line ("/12")
}

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
	{"login", []string{"tên đăng nhập", "tài khoản"}, form.Text{VI: "2–40 chữ thường không dấu, số, dấu chấm, gạch; giữ nguyên khi người đó chuyển việc", EN: "2–40 small letters, figures, dots, hyphens; it stays when somebody moves"}},
	{"name", []string{"họ và tên", "họ tên"}, form.Text{VI: "như trong hồ sơ cán bộ", EN: "as in the personnel file"}},
	{"role", []string{"vai trò", "chức vụ"}, form.Text{VI: "cán bộ một cửa, chuyên viên, trưởng đơn vị, lãnh đạo, thủ quỹ, quản trị viên hoặc cán bộ bảo vệ dữ liệu", EN: "clerk, specialist, head, leader, cashier, admin or privacy (data protection officer)"}},
	{"agency", []string{"cơ quan", "mã cơ quan", "đơn vị"}, form.Text{VI: "mã định danh, ví dụ H57.101; giữ nhiều vị trí thì mỗi vị trí một dòng", EN: "an identifier, such as H57.101; a line for each post"}},
	{"fields", []string{"lĩnh vực"}, form.Text{VI: "mã lĩnh vực, cách nhau bằng dấu phẩy; để trống là mọi lĩnh vực", EN: "keys of fields with commas between; none is every field"}},
	{"procedures", []string{"thủ tục"}, form.Text{VI: "mã thủ tục, cách nhau bằng dấu phẩy; để trống là mọi thủ tục", EN: "codes of procedures with commas between; none is every procedure"}},
	{"territory", []string{"địa bàn"}, form.Text{VI: "mã các trung tâm phục vụ hành chính công nơi hồ sơ được tiếp nhận; để trống là mọi nơi", EN: "identifiers of the one-stops where dossiers are received; none is everywhere"}},
	{"cleared", []string{"hạn chế tiếp cận"}, form.Text{VI: "x nếu được xem hồ sơ hạn chế tiếp cận", EN: "x for who may see what is of restricted access"}},
	{"external", []string{"hợp đồng"}, form.Text{VI: "x nếu là nhân viên của doanh nghiệp làm tại quầy; chỉ cán bộ một cửa", EN: "x for staff of a contractor at the counter; clerks only"}},
	{"from", []string{"từ ngày"}, form.Text{VI: "ngày/tháng/năm; để trống là từ hôm nay", EN: "day/month/year; none is from today"}},
	{"to", []string{"đến ngày"}, form.Text{VI: "ngày cuối cùng; để trống là chưa có", EN: "the last day; none is open"}},
}

// roleNames are what roles may be called, the one that is written first.
var roleNames = map[workflow.Role][]string{
	workflow.Clerk:      {"cán bộ một cửa", "một cửa", "one-stop clerk"},
	workflow.Specialist: {"chuyên viên"},
	workflow.Head:       {"trưởng đơn vị", "trưởng phòng", "head of unit"},
	workflow.Leader:     {"lãnh đạo"},
	workflow.Cashier:    {"thủ quỹ"},
	workflow.Admin:      {"quản trị viên", "quản trị", "administrator"},
	workflow.Privacy:    {"cán bộ bảo vệ dữ liệu", "bảo vệ dữ liệu", "data protection officer"},
}

// A list's limits: its lines, and bytes of its file.
const (
	Most      = 5000
	MostBytes = 4 << 20
)

// What a spreadsheet may unpack to.
const (
	mostUnpacked = 64 << 20
	mostSheet    = 16 << 20
)

var loginForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,39}$`)

// Read reads a list from a CSV or XLSX file. What is wrong with its lines is kept
// in it; a file that cannot be read at all is refused (Invalid, TooLarge).
func Read(r io.Reader) (List, error) {
	content, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return List{}, err
	}
	if len(content) > MostBytes {
		return List{}, refusal.New(refusal.TooLarge, "request.too_large", "mb", MostBytes>>20)
	}
	var table [][]string
	if strings.HasPrefix(string(content), "PK") {
		table, err = spreadsheet(content)
	} else {
		table, err = commas(string(content))
	}
	if err != nil {
		return List{}, err
	}
	return rows(table)
}

func commas(text string) ([][]string, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	c := csv.NewReader(strings.NewReader(text))
	if head, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n"); strings.Count(head, ";") > strings.Count(head, ",") {
		c.Comma = ';' // as spreadsheets write it here
	} else if strings.Count(head, "\t") > strings.Count(head, ",") {
		c.Comma = '\t'
	}
	c.FieldsPerRecord = -1
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
		if number > 10*Most {
			return nil, refusal.New(refusal.TooLarge, "staff.list.long", "n", Most)
		}
		for len(table) < number-1 {
			table = append(table, nil) // the number of a line stays its place
		}
		table = append(table, row)
	}
}

func spreadsheet(content []byte) ([][]string, error) {
	unreadable := refusal.New(refusal.Invalid, "staff.list.unreadable")
	f, err := excelize.OpenReader(strings.NewReader(string(content)), excelize.Options{UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostSheet, RawCellValue: true})
	if err != nil {
		return nil, unreadable
	}
	defer f.Close()
	lines, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return nil, unreadable
	}
	defer lines.Close()
	var table [][]string
	for lines.Next() {
		cells, err := lines.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, unreadable
		}
		if len(table) > 10*Most || len(cells) > 1000 {
			return nil, refusal.New(refusal.TooLarge, "staff.list.long", "n", Most)
		}
		table = append(table, cells)
	}
	if lines.Error() != nil {
		return nil, unreadable
	}
	return table, nil
}

// rows reads the lines below the heading, which is the first that is not empty.
func rows(table [][]string) (List, error) {
	var l List
	if slices.ContainsFunc(table, func(cells []string) bool { return slices.ContainsFunc(cells, garbled) }) {
		return l, refusal.New(refusal.Invalid, "staff.list.unreadable")
	}
	top := slices.IndexFunc(table, func(cells []string) bool { return !blank(cells) })
	if top < 0 {
		return l, refusal.New(refusal.Invalid, "staff.list.empty")
	}
	at := heading(table[top])
	for _, c := range Columns[:4] {
		if _, there := at[c.Key]; !there {
			return l, refusal.New(refusal.Invalid, "staff.list.column", "column", c.Names[0])
		}
	}
	for i, cells := range table[top+1:] {
		if blank(cells) {
			continue
		}
		line := reader{line: top + i + 2, cells: cells, at: at}
		l.Rows = append(l.Rows, line.row())
		if l.Wrong = append(l.Wrong, line.wrong...); len(l.Rows) > Most {
			return l, refusal.New(refusal.TooLarge, "staff.list.long", "n", Most)
		}
	}
	if len(l.Rows) == 0 {
		return l, refusal.New(refusal.Invalid, "staff.list.empty")
	}
	return l, nil
}

// garbled is true of what nobody typed: another encoding, or no text at all.
func garbled(cell string) bool {
	return !utf8.ValidString(cell) || strings.ContainsFunc(cell, func(c rune) bool { return unicode.IsControl(c) && !unicode.IsSpace(c) || c == utf8.RuneError })
}

func blank(cells []string) bool { return strings.TrimSpace(strings.Join(cells, "")) == "" }

// heading finds the columns by what they are called.
func heading(cells []string) map[string]int {
	at := map[string]int{}
	for i, title := range cells {
		title = strings.ToLower(form.Tidy(title))
		for _, c := range Columns {
			if _, twice := at[c.Key]; !twice && (title == c.Key || slices.Contains(c.Names, title)) {
				at[c.Key] = i
			}
		}
	}
	return at
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

func (l *reader) deny(key string, args ...any) { l.wrong = append(l.wrong, at(l.line, key, args...)) }

// at names what is wrong in a line.
func at(line int, key string, args ...any) refusal.Field {
	return refusal.At(fmt.Sprint("/", line), key, append(args, "line", strconv.Itoa(line))...)
}

func (l *reader) list(column string) []string {
	return slices.Collect(strings.FieldsFuncSeq(l.text(column), func(c rune) bool { return c == ';' || c == ',' || unicode.IsSpace(c) }))
}

func (l *reader) day(column string) calendar.Date {
	text := l.text(column)
	if text == "" {
		return 0
	}
	day, ok := readDay(text)
	if !ok {
		l.deny("staff.list.day", "value", text)
	}
	return day
}

// readDay reads a day as people write it (31/12/2026), as machines do, or as a
// spreadsheet keeps it: the number of days since 1899.
func readDay(text string) (calendar.Date, bool) {
	if t, err := time.Parse("2/1/2006", text); err == nil {
		return inRange(calendar.DateOf(t))
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && n >= 1 && n < 100_000 {
		return inRange(calendar.NewDate(1899, time.December, 30) + calendar.Date(n))
	}
	day, err := calendar.ParseDate(text)
	if err != nil {
		return 0, false
	}
	return inRange(day)
}

func inRange(day calendar.Date) (calendar.Date, bool) {
	return day, day.Year() >= 1945 && day.Year() <= 2200
}

func (l *reader) yes(column string) bool {
	switch strings.ToLower(l.text(column)) {
	case "", "0", "không", "no", "false":
		return false
	case "x", "1", "có", "yes", "true":
		return true
	}
	l.deny("staff.list.yes", "value", l.text(column))
	return false
}

func (l *reader) role() workflow.Role {
	text := strings.ToLower(l.text("role"))
	for role, names := range roleNames {
		if text == string(role) || slices.Contains(names, text) {
			return role
		}
	}
	l.deny("staff.list.role", "value", l.text("role"))
	return ""
}

func (l *reader) row() Row {
	r := Row{Line: l.line, Login: strings.ToLower(l.text("login")), Name: l.text("name")}
	if !loginForm.MatchString(r.Login) {
		l.deny("staff.list.login", "value", r.Login)
	}
	if first, _ := utf8.DecodeRuneInString(r.Name); !unicode.IsLetter(first) || len(r.Name) > 200 {
		l.deny("staff.list.name", "value", r.Name)
	}
	r.Post = agency.Post{Role: l.role(), Agency: agency.ID(l.text("agency")), From: l.day("from"), To: l.day("to"),
		Remit: agency.Remit{Fields: l.list("fields"), Procedures: l.list("procedures"), Cleared: l.yes("cleared"), External: l.yes("external")}}
	for _, id := range l.list("territory") {
		r.Post.Territory = append(r.Post.Territory, agency.ID(id))
	}
	if !r.Post.To.IsZero() && r.Post.To.Before(r.Post.From) {
		l.deny("staff.list.order")
	}
	if r.Post.External && r.Post.Role != workflow.Clerk && r.Post.Role != "" {
		l.deny("staff.list.external")
	}
	return r
}

// head is the first line of a list that is written.
func head() []string {
	var names []string
	for _, c := range Columns {
		first, size := utf8.DecodeRuneInString(c.Names[0])
		names = append(names, string(unicode.ToUpper(first))+c.Names[0][size:])
	}
	return names
}

// cells are the cells of a row, as Read reads them.
func (r Row) cells() []string {
	mark := map[bool]string{true: "x"}
	var territory []string
	for _, id := range r.Post.Territory {
		territory = append(territory, string(id))
	}
	return []string{r.Login, r.Name, roleNames[r.Post.Role][0], string(r.Post.Agency), strings.Join(r.Post.Fields, ", "), strings.Join(r.Post.Procedures, ", "), strings.Join(territory, ", "),
		mark[r.Post.Cleared], mark[r.Post.External], written(r.Post.From), written(r.Post.To)}
}

func written(day calendar.Date) string {
	if day.IsZero() {
		return ""
	}
	return day.At(0).Format("02/01/2006")
}

// WriteCSV writes rows as a CSV file that spreadsheets here open as it is; none
// make a template.
func WriteCSV(w io.Writer, list []Row) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.Comma, c.UseCRLF = ';', true
	table := [][]string{head()}
	for _, r := range list {
		table = append(table, r.cells())
	}
	return c.WriteAll(table)
}

// WriteXLSX writes rows as a spreadsheet with a second sheet that says in lang how
// to fill it in, with the agencies and fields that there are.
func (o *Office) WriteXLSX(w io.Writer, lang string, list []Row) error {
	table := [][]string{head()}
	for _, r := range list {
		table = append(table, r.cells())
	}
	var help [][]string
	for i, c := range Columns {
		help = append(help, []string{table[0][i], c.Help.In(lang)})
	}
	help = append(help, nil)
	for _, a := range o.Site.Directory().Agencies {
		help = append(help, []string{string(a.ID), a.Name.In(lang)})
	}
	help = append(help, nil)
	for _, f := range o.Site.Terms().Fields {
		help = append(help, []string{f.Key, f.Name.In(lang)})
	}
	return sheet.Write(w, sheet.Sheet{Name: form.Text{VI: "Cán bộ", EN: "Officers"}.In(lang), Width: 22, Rows: table}, sheet.Sheet{Name: form.Text{VI: "Hướng dẫn", EN: "Help"}.In(lang), Width: 40, Rows: help})
}
