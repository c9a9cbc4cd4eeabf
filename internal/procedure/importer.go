// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/internal/calendar"
)

// Imported is a procedure as the national catalogue publishes it, in our
// structure. What could not be structured stands beside it as text.
type Imported struct {
	Code             string            `json:"code"`
	Name             string            `json:"name"`
	Kind             string            `json:"kind,omitempty"` // "TTHC được luật giao quy định chi tiết"
	Field            string            `json:"field,omitempty"`
	Levels           []string          `json:"levels,omitempty"`   // ministry, province, commune, district, other
	Audience         []string          `json:"audience,omitempty"` // citizen, organisation, household_business
	Subjects         []string          `json:"subjects,omitempty"` // the catalogue's words behind Audience
	Decision         string            `json:"decision,omitempty"`
	Agencies         ImportedAgencies  `json:"agencies"`
	ReceivingAddress string            `json:"receiving_address,omitempty"`
	Steps            []string          `json:"steps,omitempty"`
	Channels         []ImportedChannel `json:"channels,omitempty"`
	Cases            []ImportedCase    `json:"cases,omitempty"`
	Basis            []string          `json:"basis,omitempty"` // numbers of documents: 123/2015/NĐ-CP
	Requirements     string            `json:"requirements,omitempty"`
	Results          []ImportedResult  `json:"results,omitempty"`
	Related          string            `json:"related,omitempty"`
	Source           ImportedSource    `json:"source"`
	Warnings         []string          `json:"warnings,omitempty"` // what whoever cut the text could not cut
}

// ImportedAgencies are agencies as written, not yet those of a site.
type ImportedAgencies struct {
	Issuing      string   `json:"issuing,omitempty"`
	Executing    []string `json:"executing,omitempty"`
	Competent    string   `json:"competent,omitempty"`
	Authorised   string   `json:"authorised,omitempty"`
	Coordinating string   `json:"coordinating,omitempty"`
}

// ImportOther is a channel that the law does not name.
const ImportOther Channel = "other"

// ImportedChannel is one published way to hand in. One channel may come several
// times, once per stage or case.
type ImportedChannel struct {
	Channel     Channel         `json:"channel"`
	Limit       *calendar.Limit `json:"limit,omitempty"`      // nil where it cannot be said exactly
	LimitText   string          `json:"limit_text,omitempty"` // as published
	Fees        []ImportedFee   `json:"fees,omitempty"`
	Description string          `json:"description,omitempty"`
}

// ImportedFee is a published fee. Amount is whole đồng and counts only in the
// state Amount; Text and Note are as published.
type ImportedFee struct {
	State  FeeState `json:"state"`
	Kind   string   `json:"kind,omitempty"` // phi, le_phi, or "" where not said
	Amount int64    `json:"amount,omitempty"`
	Note   string   `json:"note,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// ImportedCase is one "trường hợp"; the only one often has no name.
type ImportedCase struct {
	Name       string              `json:"name,omitempty"`
	Components []ImportedComponent `json:"components,omitempty"`
}

// ImportedComponent is a paper the catalogue lists. Raw is the name before the
// form's file name was cut off it, where that was done.
type ImportedComponent struct {
	Name      string `json:"name"`
	Originals int    `json:"originals,omitempty"`
	Copies    int    `json:"copies,omitempty"`
	Form      string `json:"form,omitempty"`
	Raw       string `json:"raw,omitempty"`
}

// ImportedResult is what a procedure ends in; Code as KQ.G15.000031.
type ImportedResult struct {
	Name string `json:"name"`
	Code string `json:"code,omitempty"`
}

// ImportedSource says where a procedure was read and when ("2026-07").
type ImportedSource struct {
	Name     string `json:"name,omitempty"`
	Captured string `json:"captured,omitempty"`
	URL      string `json:"url,omitempty"`
}

// MaxImportLine is the longest line that is read; a longer one is named and passed over.
const MaxImportLine = 4 << 20

// ReadCatalogue reads a catalogue of one JSON object a line and calls each with
// every procedure, in order. A line that cannot be used is named in the report
// and passed over; a code that came before is too, the first stands. An error
// is one of reading or one that each returned, with the report up to there.
// Memory does not grow with the file beyond the bounds named in ImportReport.
func ReadCatalogue(r io.Reader, each func(Imported) error) (ImportReport, error) {
	report := ImportReport{ByKey: map[string]int{}}
	lines := importLines{r: bufio.NewReaderSize(r, 64<<10)}
	seen := map[string]int{}
	for number := 1; ; number++ {
		line, err := lines.next()
		if err == io.EOF {
			return report, nil
		}
		if err != nil && !errors.Is(err, errLongLine) {
			return report, fmt.Errorf("line %d: %w", number, err)
		}
		if err == nil && len(line) == 0 {
			continue
		}
		report.Lines++
		notes := importNotes{line: number}
		p, why := Imported{}, brokenLine(err)
		if why == nil {
			p, why = readImportLine(line, &notes)
		}
		notes.code = p.Code
		switch first, again := seen[p.Code]; {
		case why != nil:
			report.Broken++
			notes.found, notes.line = nil, number
			notes.add(why.key, why.detail)
		case again:
			report.Repeated++
			notes.found = nil
			notes.add(ImportRepeated, fmt.Sprintf("đã có ở dòng %d", first))
		default:
			if len(seen) < maxImportCodes {
				seen[p.Code] = number
			}
			report.Read++
			if err := each(p); err != nil {
				return report, fmt.Errorf("line %d, procedure %s: %w", number, p.Code, err)
			}
		}
		report.take(notes)
	}
}

// maxImportCodes bounds what is remembered to find repeated codes: many times
// the whole national catalogue.
const maxImportCodes = 200_000

var errLongLine = errors.New("line too long")

// importLines cuts a stream into trimmed lines with one buffer that never grows
// beyond a line's limit.
type importLines struct {
	r     *bufio.Reader
	buf   []byte
	begun bool
}

// next returns the next line, valid until the call after; errLongLine where it
// was too long and has been passed over.
func (l *importLines) next() ([]byte, error) {
	l.buf = l.buf[:0]
	long, some := false, false
	for {
		part, err := l.r.ReadSlice('\n')
		some = some || len(part) > 0
		if len(l.buf)+len(part) > MaxImportLine+1 {
			long = true
		} else if !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && some, err == nil:
			if long {
				return nil, errLongLine
			}
			if !l.begun {
				l.begun = true
				return bytes.TrimSpace(bytes.TrimPrefix(l.buf, []byte("\ufeff"))), nil
			}
			return bytes.TrimSpace(l.buf), nil
		default:
			return nil, err
		}
	}
}

// importBreak is why a line cannot be used.
type importBreak struct{ key, detail string }

func brokenLine(err error) *importBreak {
	if err == nil {
		return nil
	}
	return &importBreak{ImportLineTooLong, fmt.Sprintf("quá %d byte", MaxImportLine)}
}

// importRow is a line as the catalogue's file has it.
type importRow struct {
	Code                  string         `json:"code"`
	Name                  string         `json:"name"`
	Source                string         `json:"source"`
	Captured              string         `json:"captured"`
	SourceURL             string         `json:"source_url"`
	IssuingAgency         string         `json:"issuing_agency"`
	Level                 []string       `json:"level"`
	KindText              string         `json:"kind_text"`
	Field                 string         `json:"field"`
	Subjects              []string       `json:"subjects"`
	ExecutingAgency       string         `json:"executing_agency"`
	ExecutingAgenciesList []string       `json:"executing_agencies_list"`
	CompetentAgency       string         `json:"competent_agency"`
	AuthorizedAgency      string         `json:"authorized_agency"`
	CoordinatingAgency    string         `json:"coordinating_agency"`
	ReceivingAddress      string         `json:"receiving_address"`
	DecisionNo            string         `json:"decision_no"`
	Related               string         `json:"related"`
	Steps                 []string       `json:"steps"`
	Methods               []importMethod `json:"methods"`
	Dossier               []struct {
		Case  string       `json:"case"`
		Items []importItem `json:"items"`
	} `json:"dossier"`
	LegalBasis   []string `json:"legal_basis"`
	Requirements string   `json:"requirements"`
	Results      []struct {
		Name string `json:"name"`
		Code string `json:"code"`
	} `json:"results"`
	ParseWarnings []string `json:"parse_warnings"`
}

type importMethod struct {
	Channel     string      `json:"channel"`
	ChannelText string      `json:"channel_text"`
	TimeValue   *float64    `json:"time_value"`
	TimeUnit    string      `json:"time_unit"`
	TimeText    string      `json:"time_text"`
	Fees        []importFee `json:"fees"`
	Description string      `json:"description"`
}

type importFee struct {
	Text         string   `json:"text"`
	Amount       *float64 `json:"amount"`
	CurrencyText string   `json:"currency_text"`
	Kind         string   `json:"kind"`
	Note         string   `json:"note"`
}

type importItem struct {
	Name        string  `json:"name"`
	NameRaw     string  `json:"name_raw"`
	OriginalQty float64 `json:"original_qty"`
	CopyQty     float64 `json:"copy_qty"`
	FormFile    string  `json:"form_file"`
}

var (
	importCode  = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$`)
	nationwide  = regexp.MustCompile(`^[0-9]\.[0-9]{6}$`)
	importEmpty = regexp.MustCompile(`(?i)^không có thông tin\.?$`)
)

// readImportLine turns one line into a procedure, noting what is missing or
// odd; or says why it cannot.
func readImportLine(line []byte, notes *importNotes) (Imported, *importBreak) {
	var row importRow
	if err := json.Unmarshal(line, &row); err != nil {
		return Imported{}, whyNotJSON(err)
	}
	if !utf8.Valid(line) {
		notes.add(ImportDamaged, "không phải UTF-8")
	}
	p := Imported{Code: notes.text(row.Code), Name: notes.text(row.Name)}
	switch {
	case p.Code == "":
		return p, &importBreak{ImportNoCode, p.Name}
	case !importCode.MatchString(p.Code):
		why := &importBreak{ImportBadCode, short(p.Code)}
		p.Code = ""
		return p, why
	case p.Name == "":
		return p, &importBreak{ImportNoName, ""}
	case !nationwide.MatchString(p.Code):
		notes.add(ImportCodeShape, p.Code)
	}
	p.Kind, p.Field, p.Decision = notes.text(row.KindText), notes.text(row.Field), notes.text(row.DecisionNo)
	p.ReceivingAddress, p.Requirements, p.Related = notes.text(row.ReceivingAddress), notes.text(row.Requirements), notes.text(row.Related)
	p.Source = ImportedSource{notes.text(row.Source), notes.text(row.Captured), notes.text(row.SourceURL)}
	p.Levels = importLevels(row.Level, notes)
	p.Subjects = rejoined(notes.texts(row.Subjects))
	p.Audience = audienceOf(p.Subjects)
	p.Agencies = importAgencies(&row, notes)
	p.Steps, p.Basis = notes.texts(row.Steps), distinct(notes.texts(row.LegalBasis))
	p.Warnings = notes.texts(row.ParseWarnings)
	for i := range row.Methods {
		p.Channels = append(p.Channels, importChannel(&row.Methods[i], notes))
	}
	for _, c := range row.Dossier {
		p.Cases = append(p.Cases, importCase(c.Case, c.Items, notes))
	}
	for _, r := range row.Results {
		if result := (ImportedResult{notes.text(r.Name), notes.text(r.Code)}); result != (ImportedResult{}) {
			p.Results = append(p.Results, result)
		}
	}
	notes.lookOver(&p)
	return p, nil
}

func whyNotJSON(err error) *importBreak {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		want := kind.Type.String()
		switch kind.Type.Kind() {
		case reflect.Struct:
			want = "object"
		case reflect.Slice:
			want = "array"
		}
		return &importBreak{ImportWrongType, strings.TrimPrefix(fmt.Sprintf("%s: %s, cần %s", kind.Field, kind.Value, want), ": ")}
	}
	return &importBreak{ImportNotJSON, err.Error()}
}

var importLevelOf = map[string]string{
	"MINISTRY": "ministry", "PROVINCE": "province", "COMMUNE": "commune", "DISTRICT": "district", "OTHER": "other",
}

func importLevels(published []string, notes *importNotes) []string {
	var levels []string
	for _, word := range notes.texts(published) {
		level, ok := importLevelOf[word]
		if !ok {
			notes.add(ImportLevel, word)
			level = "other"
		}
		levels = append(levels, level)
	}
	return distinct(levels)
}

// rejoined mends subjects that were cut at a comma inside a bracket or in the
// middle of "Cán bộ, công chức, viên chức".
func rejoined(pieces []string) []string {
	var whole []string
	for _, piece := range pieces {
		first, _ := utf8.DecodeRuneInString(piece)
		if n := len(whole); n > 0 && (strings.Count(whole[n-1], "(") > strings.Count(whole[n-1], ")") || unicode.IsLower(first)) {
			whole[n-1] += ", " + piece
		} else {
			whole = append(whole, piece)
		}
	}
	return distinct(whole)
}

var importAudience = []struct {
	who  string
	said *regexp.Regexp
}{
	{"citizen", regexp.MustCompile(`(?i)công dân|người|cá nhân|cán bộ|đảng viên|hộ gia đình`)},
	{"organisation", regexp.MustCompile(`(?i)tổ chức|doanh nghiệp|hợp tác xã|htx|cơ quan`)},
	{"household_business", regexp.MustCompile(`(?i)hộ kinh doanh`)},
}

func audienceOf(subjects []string) []string {
	var audience []string
	for _, a := range importAudience {
		if slices.ContainsFunc(subjects, a.said.MatchString) {
			audience = append(audience, a.who)
		}
	}
	return audience
}

func importAgencies(row *importRow, notes *importNotes) ImportedAgencies {
	executing := notes.texts(row.ExecutingAgenciesList)
	if one := notes.text(row.ExecutingAgency); one != "" && strings.Join(executing, ", ") != one {
		executing = append([]string{one}, executing...)
	}
	return ImportedAgencies{
		Issuing:      notes.text(row.IssuingAgency),
		Executing:    distinct(executing),
		Competent:    notes.text(row.CompetentAgency),
		Authorised:   notes.text(row.AuthorizedAgency),
		Coordinating: notes.text(row.CoordinatingAgency),
	}
}

var importChannelOf = map[string]Channel{"ONLINE": Online, "DIRECT": Counter, "POSTAL": Post, "OTHER": ImportOther}

func importChannel(m *importMethod, notes *importNotes) ImportedChannel {
	channel, ok := importChannelOf[m.Channel]
	if !ok {
		notes.add(ImportChannelUnknown, short(notes.text(m.Channel)+" "+notes.text(m.ChannelText)))
		channel = ImportOther
	}
	c := ImportedChannel{Channel: channel, LimitText: notes.text(m.TimeText), Description: notes.text(m.Description)}
	c.Limit = importLimit(m, &c, notes)
	for i := range m.Fees {
		if fee := importedFee(&m.Fees[i], notes); !slices.Contains(c.Fees, fee) {
			c.Fees = append(c.Fees, fee)
		}
	}
	if len(c.Fees) == 0 {
		c.Fees = []ImportedFee{{State: NotPublished}}
		notes.add(ImportFeeNotPublished, "")
	}
	return c
}

// importUnitOf are the units that can be said exactly in ours. A clock hour or
// a minute cannot: ours count days or working time.
var importUnitOf = map[string]calendar.Limit{
	"WORKING_DAY":  {N: 1, Unit: calendar.WorkingDay},
	"DAY":          {N: 1, Unit: calendar.Day},
	"WEEK":         {N: 7, Unit: calendar.Day},
	"MONTH":        {N: 1, Unit: calendar.Month},
	"YEAR":         {N: 12, Unit: calendar.Month},
	"WORKING_HOUR": {N: 1, Unit: calendar.WorkingHour},
}

// maxImportLimit is far above any published limit: a larger number is damage.
const maxImportLimit = 10_000

func importLimit(m *importMethod, c *ImportedChannel, notes *importNotes) *calendar.Limit {
	said := short(c.LimitText)
	if m.TimeValue == nil {
		if c.LimitText == "" {
			notes.add(ImportNoLimit, string(c.Channel))
		} else {
			notes.add(ImportLimitText, said)
		}
		return nil
	}
	if c.LimitText == "" {
		c.LimitText = strings.TrimSpace(fmt.Sprint(*m.TimeValue, " ", m.TimeUnit))
		said = c.LimitText
	}
	if m.TimeUnit == "" {
		notes.add(ImportLimitUnit, said)
		return nil
	}
	unit, ok := importUnitOf[m.TimeUnit]
	n := int(*m.TimeValue)
	if !ok || float64(n) != *m.TimeValue || n < 1 || n > maxImportLimit {
		notes.add(ImportLimitInexact, said)
		return nil
	}
	return &calendar.Limit{N: n * unit.N, Unit: unit.Unit}
}

var (
	namesAmount = regexp.MustCompile(`(?i)[0-9][0-9.,]*\s*(?:/\pL+\s+)?(?:triệu|nghìn|ngàn|tỷ|đồng|vnđ|vnd|usd|đ(?:[^\pL]|$)|%)|[0-9]{1,3}(?:\.[0-9]{3})+`)
	namesLaw    = regexp.MustCompile(`(?i)quy định|quyết định|thông tư|nghị định|nghị quyết|biểu (?:mức )?(?:phí|giá)|theo luật`)
	saysNone    = regexp.MustCompile(`(?i)^[-+(\s]*(?:không|chưa)(?: có| quy định| thu(?: lệ phí| phí)?)?[.)\s]*$|^[-+(\s]*(?:được )?miễn|^[-+(\s]*không (?:thu|phải|được quy định)`)
	foreign     = regexp.MustCompile(`(?i)usd|eur|đô la`)
)

const (
	minImportAmount = 1_000 // no fee in force is lower: thousands were lost
	maxImportAmount = 1_000_000_000_000
)

// importedFee keeps apart what the catalogue blurs: it shows "Miễn phí" for
// every zero, though the note names an amount or a regulation that sets one.
func importedFee(f *importFee, notes *importNotes) ImportedFee {
	fee := ImportedFee{Text: notes.text(f.Text), Note: notes.text(f.Note), Kind: feeKind(f.Kind)}
	said := short(strings.TrimSpace(fee.Text + " – " + fee.Note))
	odd := func(key string) ImportedFee {
		notes.add(key, said)
		fee.State = ByNote
		return fee
	}
	switch {
	case isForeign(f):
		return odd(ImportFeeForeign)
	case f.Amount == nil && fee.Note == "" && !strings.ContainsAny(fee.Text, "0123456789") && !strings.EqualFold(fee.Text, "Miễn phí"):
		fee.State = NotPublished
		notes.add(ImportFeeNotPublished, fee.Text)
		return fee
	case f.Amount == nil && !strings.EqualFold(fee.Text, "Miễn phí"):
		return odd(ImportFeeText)
	case f.Amount == nil || *f.Amount == 0:
		return importedZero(fee, odd)
	case *f.Amount > 0 && *f.Amount < minImportAmount:
		return odd(ImportFeeThousands)
	case *f.Amount < 0 || *f.Amount > maxImportAmount || *f.Amount != float64(int64(*f.Amount)):
		return odd(ImportFeeText)
	}
	fee.State, fee.Amount = Amount, int64(*f.Amount)
	return fee
}

func importedZero(fee ImportedFee, odd func(string) ImportedFee) ImportedFee {
	switch {
	case namesAmount.MatchString(fee.Note):
		return odd(ImportFeeFreeAmount)
	case namesLaw.MatchString(fee.Note) && !saysNone.MatchString(fee.Note):
		return odd(ImportFeeFreeLaw)
	}
	fee.State = Free
	return fee
}

// isForeign is true where the fee itself, not only its note, is in foreign money.
func isForeign(f *importFee) bool {
	head, _, _ := strings.Cut(f.Text, "(")
	return foreign.MatchString(f.CurrencyText) || foreign.MatchString(head)
}

func feeKind(word string) string {
	switch strings.ToLower(norm.NFC.String(strings.TrimSpace(word))) {
	case "phí":
		return "phi"
	case "lệ phí":
		return "le_phi"
	}
	return ""
}

func importCase(name string, items []importItem, notes *importNotes) ImportedCase {
	c := ImportedCase{Name: notes.text(name)}
	for i := range items {
		item := &items[i]
		k := ImportedComponent{Name: notes.text(item.Name), Form: notes.text(item.FormFile), Raw: notes.text(item.NameRaw),
			Originals: importCount(item.OriginalQty, notes), Copies: importCount(item.CopyQty, notes)}
		if k.Name == "" {
			k.Name = k.Raw
		}
		if k.Name == "" {
			notes.add(ImportNoComponentName, c.Name)
			continue
		}
		if k.Raw == k.Name {
			k.Raw = ""
		}
		c.Components = append(c.Components, k)
	}
	return c
}

// importCount takes a number of papers; none where it makes no sense.
func importCount(n float64, notes *importNotes) int {
	if n < 0 || n > maxImportLimit || n != float64(int(n)) {
		notes.add(ImportQuantity, fmt.Sprint(n))
		return 0
	}
	return int(n)
}

// distinct drops repeats and keeps the order.
func distinct(words []string) []string {
	var kept []string
	for _, w := range words {
		if !slices.Contains(kept, w) {
			kept = append(kept, w)
		}
	}
	return kept
}
