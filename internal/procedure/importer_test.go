// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"motcua/internal/calendar"
)

// fullLine has nothing missing or wrong.
const fullLine = `{"code":"1.001193","name":"Thủ tục đăng ký khai sinh","source":"cổng","captured":"2026-07","source_url":"https://example.vn/1",
"issuing_agency":"Bộ Tư pháp","level":["PROVINCE","COMMUNE"],"kind_text":"TTHC được luật giao","field":"Hộ tịch",
"subjects":["Tổ chức (không bao gồm doanh nghiệp","HTX)","Công dân Việt Nam","Cán bộ","công chức"],
"executing_agency":"Ủy ban nhân dân cấp xã","executing_agencies_list":[],"competent_agency":"UBND cấp xã","authorized_agency":"Không có thông tin","coordinating_agency":"","receiving_address":"Trung tâm",
"decision_no":"1/QĐ-BTP","related":"","steps":["Bước 1","Bước 2"],
"methods":[{"channel":"ONLINE","channel_text":"Trực tuyến","time_value":5,"time_unit":"WORKING_DAY","time_text":"5 Ngày làm việc","fees":[{"text":"8.000 Đồng","amount":8000,"kind":"Lệ phí","note":"mỗi bản"}],"description":"nộp hồ sơ"}],
"dossier":[{"case":"","items":[{"name":"Tờ khai","original_qty":1,"copy_qty":2,"form_file":"a.docx","name_raw":"Tờ khai.a.docx"}]}],
"legal_basis":["60/2014/QH13","60/2014/QH13"],"requirements":"Không có thông tin","results":[{"name":"Giấy khai sinh","code":"KQ.1"}],"parse_warnings":[]}`

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", " ") }

func readAll(t *testing.T, text string) ([]Imported, ImportReport) {
	t.Helper()
	var all []Imported
	report, err := ReadCatalogue(strings.NewReader(text), func(p Imported) error {
		all = append(all, p)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, report
}

func TestReadCatalogueTakesEverything(t *testing.T) {
	all, report := readAll(t, "\ufeff"+oneLine(fullLine)+"\r\n\n")
	want := []Imported{{
		Code: "1.001193", Name: "Thủ tục đăng ký khai sinh", Kind: "TTHC được luật giao", Field: "Hộ tịch",
		Levels: []string{"province", "commune"}, Audience: []string{"citizen", "organisation"},
		Subjects: []string{"Tổ chức (không bao gồm doanh nghiệp, HTX)", "Công dân Việt Nam", "Cán bộ, công chức"},
		Decision: "1/QĐ-BTP", Agencies: ImportedAgencies{Issuing: "Bộ Tư pháp", Executing: []string{"Ủy ban nhân dân cấp xã"}, Competent: "UBND cấp xã"},
		ReceivingAddress: "Trung tâm", Steps: []string{"Bước 1", "Bước 2"},
		Channels: []ImportedChannel{{Channel: Online, Limit: &calendar.Limit{N: 5, Unit: calendar.WorkingDay}, LimitText: "5 Ngày làm việc",
			Fees: []ImportedFee{{State: Amount, Kind: "le_phi", Amount: 8000, Note: "mỗi bản", Text: "8.000 Đồng"}}, Description: "nộp hồ sơ"}},
		Cases: []ImportedCase{{Components: []ImportedComponent{{Name: "Tờ khai", Originals: 1, Copies: 2, Form: "a.docx", Raw: "Tờ khai.a.docx"}}}},
		Basis: []string{"60/2014/QH13"}, Results: []ImportedResult{{"Giấy khai sinh", "KQ.1"}},
		Source: ImportedSource{"cổng", "2026-07", "https://example.vn/1"},
	}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ImportReport{Lines: 1, Read: 1, ByKey: map[string]int{}}, report); diff != "" {
		t.Error(diff)
	}
	var back Imported
	if b, err := json.Marshal(all[0]); err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(back, all[0]) {
		t.Errorf("does not survive JSON: %s", b)
	}
}

func TestBrokenLinesAreNamedAndTheRestGoesIn(t *testing.T) {
	tests := []struct{ line, key, detail string }{
		{`{"code":"1.000001","name":`, ImportNotJSON, ""},
		{`xin chào`, ImportNotJSON, ""},
		{`{"code":"1.000001","name":"a"} {}`, ImportNotJSON, ""},
		{`[1]`, ImportWrongType, "array"},
		{`null`, ImportNoCode, ""},
		{`{"name":"Thủ tục không mã"}`, ImportNoCode, "Thủ tục không mã"},
		{`{"code":"  ","name":"a"}`, ImportNoCode, "a"},
		{`{"code":"1.000001; DROP","name":"a"}`, ImportBadCode, "DROP"},
		{`{"code":"1.000001","name":"Không có thông tin"}`, ImportNoName, ""},
		{`{"code":1,"name":"a"}`, ImportWrongType, "code: number, cần string"},
		{`{"code":"1.000001","name":"a","methods":[{"fees":[{"amount":"mười"}]}]}`, ImportWrongType, "methods.fees.amount"},
		{`{"code":"1.000001","name":"a","steps":"một"}`, ImportWrongType, "steps"},
		{`{"code":"1.000001","name":"` + strings.Repeat("a", MaxImportLine) + `"}`, ImportLineTooLong, ""},
	}
	for _, test := range tests {
		all, report := readAll(t, "\n"+test.line+"\n"+oneLine(fullLine))
		if len(all) != 1 || all[0].Code != "1.001193" || report.Broken != 1 || report.Lines != 2 || report.Read != 1 {
			t.Errorf("%.60s: %d read, report %+v", test.line, len(all), report)
			continue
		}
		f := report.Findings[0]
		if f.Line != 2 || f.Key != test.key || !strings.Contains(f.Detail, test.detail) || report.ByKey[test.key] != 1 {
			t.Errorf("%.60s: %+v", test.line, f)
		}
	}
}

func TestRepeatedCode(t *testing.T) {
	all, report := readAll(t, oneLine(fullLine)+"\n"+oneLine(strings.Replace(fullLine, "khai sinh", "khai tử", 1)))
	if len(all) != 1 || all[0].Name != "Thủ tục đăng ký khai sinh" {
		t.Fatalf("the first does not stand: %+v", all)
	}
	want := ImportReport{Lines: 2, Read: 1, Repeated: 1, ByKey: map[string]int{ImportRepeated: 1},
		Findings: []Finding{{Line: 2, Code: "1.001193", Key: ImportRepeated, Detail: "đã có ở dòng 1", Times: 1}}}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Error(diff)
	}
}

func TestImportedFee(t *testing.T) {
	dong := func(n float64) *float64 { return &n }
	tests := []struct {
		fee    importFee
		state  FeeState
		amount int64
		key    string
	}{
		{importFee{Text: "Miễn phí", Amount: dong(0)}, Free, 0, ""},
		{importFee{Text: "miễn phí"}, Free, 0, ""},
		{importFee{Text: "Phí : 0 Đồng", Kind: "Phí", Amount: dong(0), Note: "Không có."}, Free, 0, ""},
		{importFee{Text: "Miễn phí", Amount: dong(0), Note: "Miễn lệ phí (Thông tư số 47/2019/TT-BTC)."}, Free, 0, ""},
		{importFee{Text: "Miễn phí", Amount: dong(0), Note: "Không quy định"}, Free, 0, ""},
		{importFee{Text: "Miễn phí", Amount: dong(0), Note: "Không thu lệ phí theo quy định tại khoản 2 Điều 22"}, Free, 0, ""},
		{importFee{Text: "Miễn phí", Amount: dong(0), Note: "cảng hàng không: 30.000.000 đồng/lần"}, ByNote, 0, ImportFeeFreeAmount},
		{importFee{Text: "Miễn phí", Amount: dong(0), Note: "15000000/lần Đồng"}, ByNote, 0, ImportFeeFreeAmount},
		{importFee{Text: "Miễn phí", Amount: dong(0), Note: "8.000.000/lần"}, ByNote, 0, ImportFeeFreeAmount},
		{importFee{Text: "0 VNĐ", Amount: dong(0), Note: "20.000Đ"}, ByNote, 0, ImportFeeFreeAmount},
		{importFee{Text: "Miễn phí", Amount: dong(0), Note: "5% giá trị"}, ByNote, 0, ImportFeeFreeAmount},
		{importFee{Text: "Miễn phí", Amount: dong(0), Note: "Từ ngày 01/7/2025 đến hết năm áp dụng theo quy định"}, ByNote, 0, ImportFeeFreeLaw},
		{importFee{Text: "Miễn phí", Amount: dong(0), Note: "Theo Nghị quyết của Hội đồng nhân dân cấp tỉnh"}, ByNote, 0, ImportFeeFreeLaw},
		{importFee{Text: "50 VNĐ", Amount: dong(50)}, ByNote, 0, ImportFeeThousands},
		{importFee{Text: "999 VNĐ", Amount: dong(999)}, ByNote, 0, ImportFeeThousands},
		{importFee{Text: "1,000 VNĐ", Amount: dong(1000)}, Amount, 1000, ""},
		{importFee{Text: "1,000,000 Việt Nam Đồng", Amount: dong(1_000_000)}, Amount, 1_000_000, ""},
		{importFee{Text: "10 USD", CurrencyText: "USD", Amount: dong(10)}, ByNote, 0, ImportFeeForeign},
		{importFee{Text: "Lệ phí : 03 USD (người)", Amount: dong(3)}, ByNote, 0, ImportFeeForeign},
		{importFee{Text: "Không có thông tin"}, NotPublished, 0, ImportFeeNotPublished},
		{importFee{Text: "Phí :"}, NotPublished, 0, ImportFeeNotPublished},
		{importFee{}, NotPublished, 0, ImportFeeNotPublished},
		{importFee{Text: "Phí : Đồng", Note: "Theo quy định của Bộ Tài chính"}, ByNote, 0, ImportFeeText},
		{importFee{Text: "Từ 5 triệu"}, ByNote, 0, ImportFeeText},
		{importFee{Text: "-5", Amount: dong(-5)}, ByNote, 0, ImportFeeText},
		{importFee{Text: "1500.5", Amount: dong(1500.5)}, ByNote, 0, ImportFeeText},
		{importFee{Text: "nhiều", Amount: dong(1e300)}, ByNote, 0, ImportFeeText},
	}
	for _, test := range tests {
		var notes importNotes
		got := importedFee(&test.fee, &notes)
		key := ""
		if len(notes.found) > 0 {
			key = notes.found[0].Key
		}
		if got.State != test.state || got.Amount != test.amount || key != test.key {
			t.Errorf("%+v: got %+v, %q; want %s %d %q", test.fee, got, key, test.state, test.amount, test.key)
		}
	}
}

func TestImportLimit(t *testing.T) {
	num := func(n float64) *float64 { return &n }
	tests := []struct {
		value *float64
		unit  string
		text  string
		limit *calendar.Limit
		key   string
	}{
		{num(3), "WORKING_DAY", "3 Ngày làm việc", &calendar.Limit{N: 3, Unit: calendar.WorkingDay}, ""},
		{num(30), "DAY", "30 Ngày", &calendar.Limit{N: 30, Unit: calendar.Day}, ""},
		{num(2), "WEEK", "2 Tuần", &calendar.Limit{N: 14, Unit: calendar.Day}, ""},
		{num(6), "MONTH", "6 Tháng", &calendar.Limit{N: 6, Unit: calendar.Month}, ""},
		{num(1), "YEAR", "1 Năm", &calendar.Limit{N: 12, Unit: calendar.Month}, ""},
		{num(4), "WORKING_HOUR", "4 Giờ làm việc", &calendar.Limit{N: 4, Unit: calendar.WorkingHour}, ""},
		{num(24), "HOUR", "24 Giờ", nil, ImportLimitInexact},
		{num(30), "MINUTE", "30 Phút", nil, ImportLimitInexact},
		{num(1.5), "WORKING_DAY", "1.5 Ngày làm việc", nil, ImportLimitInexact},
		{num(0), "DAY", "0 Ngày", nil, ImportLimitInexact},
		{num(1e18), "DAY", "nhiều ngày", nil, ImportLimitInexact},
		{num(3), "FORTNIGHT", "3", nil, ImportLimitInexact},
		{num(1), "", "1", nil, ImportLimitUnit},
		{nil, "", "Không quy định", nil, ImportLimitText},
		{nil, "", "", nil, ImportNoLimit},
	}
	for _, test := range tests {
		var notes importNotes
		c := importChannel(&importMethod{Channel: "DIRECT", TimeValue: test.value, TimeUnit: test.unit, TimeText: test.text,
			Fees: []importFee{{Text: "Miễn phí"}}}, &notes)
		key := ""
		if len(notes.found) > 0 {
			key = notes.found[0].Key
		}
		if diff := cmp.Diff(test.limit, c.Limit); diff != "" || key != test.key || c.LimitText != test.text {
			t.Errorf("%v %s: %s key %q, text %q", test.value, test.unit, diff, key, c.LimitText)
		}
	}
}

func TestFindingsOfAWholeLine(t *testing.T) {
	line := oneLine(strings.ReplaceAll(`{"code":"x1","name":"De\u0302\u0300 nghi\u0323\u200e\u0007 \uf0fc","level":["PLANET"],"methods":[
	{"channel":"DIRECT","time_value":3,"time_unit":"DAY","time_text":"3 Ngày"},
	{"channel":"DIRECT","time_value":5,"time_unit":"DAY","time_text":"5 Ngày"},
	{"channel":"PIGEON","time_value":1,"time_unit":"","time_text":"1"}],
	"dossier":[{"items":[{"name":"","original_qty":-1}]}],"parse_warnings":["dossier_unparsed"]}`, "\t", ""))
	all, report := readAll(t, line)
	if len(all) != 1 || all[0].Name != "Dề nghị •" {
		t.Fatalf("%+v", all)
	}
	want := map[string]int{}
	for _, key := range []string{ImportCodeShape, ImportNotNFC, ImportControl, ImportDamaged, ImportLevel, ImportChannelUnknown,
		ImportLimitUnit, ImportFeeNotPublished, ImportNoComponentName, ImportQuantity, ImportNoField, ImportNoAudience,
		ImportNoAgency, ImportNoSteps, ImportNoComponents, ImportNoBasis, ImportNoResults, ImportWarned, ImportLimitsDiffer} {
		want[key] = 1
	}
	if diff := cmp.Diff(want, report.ByKey); diff != "" {
		t.Error(diff)
	}
	for _, f := range report.Findings {
		if f.Key == ImportFeeNotPublished && f.Times != 3 {
			t.Errorf("a line's findings of one key are not counted: %+v", f)
		}
	}
}

func TestReportIsWritten(t *testing.T) {
	_, report := readAll(t, "xin chào\n"+oneLine(strings.Replace(fullLine, `"time_unit":"WORKING_DAY"`, `"time_unit":""`, 1)))
	var text, lines bytes.Buffer
	if err := errors.Join(report.WriteText(&text), report.WriteJSON(&lines)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"dòng 1: dòng hỏng, không đọc được JSON (", "dòng 2, 1.001193: thời hạn không có đơn vị, giữ nguyên văn (5 Ngày làm việc)\n",
		"2 dòng: đã đọc 1, hỏng 1, trùng mã 0", "      1  dòng hỏng, không đọc được JSON [not_json]",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	decoder, n := json.NewDecoder(&lines), 0
	for ; ; n++ {
		var any map[string]any
		if err := decoder.Decode(&any); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n != len(report.Findings)+1 {
		t.Errorf("%d JSON lines for %d findings and the sums", n, len(report.Findings))
	}
}

func TestEveryKeyHasWords(t *testing.T) {
	for key, words := range importWords {
		if words == "" || !regexp.MustCompile(`^[a-z0-9_]+$`).MatchString(key) {
			t.Errorf("%q: %q", key, words)
		}
	}
}

func TestStopsAtTheCallersErrorAndAtAReadError(t *testing.T) {
	stop := errors.New("stop")
	if _, err := ReadCatalogue(strings.NewReader(oneLine(fullLine)), func(Imported) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
	r := io.MultiReader(strings.NewReader(oneLine(fullLine)+"\n"), iotest.ErrReader(stop))
	report, err := ReadCatalogue(r, func(Imported) error { return nil })
	if !errors.Is(err, stop) || report.Read != 1 {
		t.Errorf("got %v, %+v", err, report)
	}
}

// endless repeats broken and good lines without holding them.
type endless struct {
	left int
	n    int
	rest []byte
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.left == 0 {
			return 0, io.EOF
		}
		e.left--
		e.n++
		e.rest = fmt.Appendf(nil, `{"code":"1.%06d","name":"Thủ tục","steps":["%s"]}`+"\nhỏng\n", e.n%1000, strings.Repeat("dài ", 1000))
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	report, err := ReadCatalogue(&endless{left: 10_000}, func(Imported) error { return nil }) // 45 MB
	if err != nil || report.Lines != 20_000 || report.Read != 1000 || report.Repeated != 9000 || report.Broken != 10_000 {
		t.Fatalf("%v, %+v", err, report.ByKey)
	}
	if grown := int64(heap()) - int64(before); grown > 12<<20 {
		t.Errorf("%d MB stay after 45 MB were read", grown>>20)
	}
	runtime.KeepAlive(report)
}

func FuzzReadCatalogue(f *testing.F) {
	f.Add([]byte(oneLine(fullLine)))
	f.Add([]byte("{}\nnull\n\n{\"code\":\"1.000001\",\"name\":\"a\\u0301\",\"methods\":[{\"time_value\":1e400}]}"))
	f.Add([]byte("\xef\xbb\xbf{\"code\":\"a\",\"name\":\"\xff\",\"methods\":[{\"fees\":[{\"amount\":-0.5}]}]}\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		read := 0
		report, err := ReadCatalogue(bytes.NewReader(data), func(p Imported) error {
			read++
			b, err := json.Marshal(p)
			if err != nil || p.Code == "" || p.Name == "" || !utf8.Valid(b) {
				t.Errorf("%v: %+v", err, p)
			}
			if !norm.NFC.IsNormalString(p.Name) || strings.ContainsFunc(p.Name, hidden) {
				t.Errorf("name is not clean: %q", p.Name)
			}
			for _, c := range p.Channels {
				if c.Limit != nil && c.Limit.N < 1 {
					t.Errorf("limit %+v", c.Limit)
				}
				for _, fee := range c.Fees {
					if (fee.State == Amount) != (fee.Amount >= minImportAmount) {
						t.Errorf("fee %+v", fee)
					}
				}
			}
			return nil
		})
		if err != nil || report.Read != read || report.Lines != report.Read+report.Broken+report.Repeated {
			t.Errorf("%v, %d: %+v", err, read, report)
		}
		for _, finding := range report.Findings {
			if importWords[finding.Key] == "" || finding.Times < 1 || finding.Line < 1 {
				t.Errorf("%+v", finding)
			}
		}
	})
}
