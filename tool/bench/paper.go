// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"motcua/internal/pdf"
)

// The paper of the measure: one A4 page with everything official papers have.
const (
	paperCode  = "H57.101.1-261123-0005|1.001193|046190001234|PHIEU KIEM SOAT|motcua|2026-11-23T10:00:00+07:00"
	paperTitle = "PHIẾU KIỂM SOÁT QUÁ TRÌNH GIẢI QUYẾT HỒ SƠ"
)

var (
	paperFields  = [][2]string{{"Thủ tục", "Đăng ký khai sinh"}, {"Người đề nghị", "Nguyễn Thị Hương Giang"}, {"Cơ quan giải quyết", "Ủy ban nhân dân phường Thuận Hóa"}, {"Hẹn trả", "17 giờ 30 phút, ngày 23/11/2026"}}
	paperColumns = []pdf.Column{{Title: "STT", Share: 2.4}, {Title: "Cơ quan, bước", Share: 10}, {Title: "Nhận", Share: 6}, {Title: "Giao", Share: 6}, {Title: "Người giao", Share: 6}}
	paperRow     = []string{"1", "Trung tâm Phục vụ hành chính công phường Thuận Hóa, tiếp nhận hồ sơ", "09 giờ 00 phút, ngày 23/11/2026", "10 giờ 00 phút, ngày 23/11/2026", "Trần Thị Mỹ Linh"}
	paperSigned  = []string{"NGƯỜI GIAO HỒ SƠ", "NGƯỜI NHẬN HỒ SƠ"}
)

const paperRows = 10

// papers draws papers in this process for a while and prints what each took, for
// the process that started it.
func papers() error {
	rows := slices.Repeat([][]string{paperRow}, paperRows)
	var times []time.Duration
	var before, after runtime.MemStats
	size, began, used := 0, time.Now(), processorTime(os.Getpid())
	runtime.ReadMemStats(&before)
	for time.Since(began) < *each {
		at := time.Now()
		p := pdf.New(pdf.Options{Title: paperTitle, Footer: "Mã hồ sơ", CreatedAt: began})
		p.Letterhead("ỦY BAN NHÂN DÂN PHƯỜNG THUẬN HÓA", "TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG")
		p.NumberAndDate("Số: 3/TNHS", "Thuận Hóa, ngày 23 tháng 11 năm 2026")
		if err := p.CodedTitle(paperTitle, "", paperCode); err != nil {
			return err
		}
		for _, f := range paperFields {
			p.Field(f[0], f[1])
		}
		p.Table(paperColumns, rows)
		p.Signatures(pdf.Signature{Office: paperSigned[:1]}, pdf.Signature{Office: paperSigned[1:]})
		content, err := p.Bytes()
		if err != nil {
			return err
		}
		size = len(content)
		times = append(times, time.Since(at))
	}
	runtime.ReadMemStats(&after)
	slices.Sort(times)
	_, peak := memory(os.Getpid())
	return json.NewEncoder(os.Stdout).Encode(paperFigure{Each: times[len(times)/2].Seconds(), CPU: (processorTime(os.Getpid()) - used).Seconds() / float64(len(times)), Peak: peak, Size: size,
		Allocated: int64(after.TotalAlloc-before.TotalAlloc) / int64(len(times))})
}

// paperFigure is what one paper takes: seconds, those of the processor, the peak
// of the process that draws it in bytes, the file's bytes, what was allocated.
type paperFigure struct {
	Each, CPU       float64
	Peak, Allocated int64
	Size            int
}

func (f paperFigure) String() string {
	return fmt.Sprintf("p50 %6.1f ms  cpu %6.1f ms  process peak %4d MB  file %4d kB", f.Each*1000, f.CPU*1000, f.Peak>>20, f.Size>>10)
}

// peer is WeasyPrint in one process, as a program that prints many pages would
// use it.
const peer = `import json, resource, sys, time, weasyprint
page, times, size, used = open(sys.argv[1]).read(), [], 0, time.process_time()
end = time.time() + float(sys.argv[2])
while not times or time.time() < end:
    at = time.time()
    size = len(weasyprint.HTML(string=page, base_url=sys.argv[3]).write_pdf())
    times.append(time.time() - at)
times.sort()
print(json.dumps({"Each": times[len(times)//2], "CPU": (time.process_time() - used) / len(times), "Peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "Size": size}))
`

// comparePapers measures one A4 paper beside the same page in HTML through
// WeasyPrint, where Debian's is installed.
func comparePapers(folder string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ours, err := paperOf(exec.Command(self, "-each", each.String(), "paper"))
	if err != nil {
		return err
	}
	fmt.Printf("%-22s %s, %d MB allocated\n", "paper, one A4 page", ours, ours.Allocated>>20)
	page, err := paperPage()
	if err != nil {
		return err
	}
	file := filepath.Join(folder, "paper.html")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		return err
	}
	if _, err := exec.LookPath("weasyprint"); err != nil {
		fmt.Println("paper: weasyprint is not installed (apt-get install weasyprint), nothing to compare with")
		return nil
	}
	theirs, err := paperOf(exec.Command("/usr/bin/python3", "-c", peer, file, fmt.Sprint(each.Seconds()), "."))
	if err != nil {
		return err
	}
	fmt.Printf("%-22s %s: %.0f times the processor, %.1f times the memory\n", "paper, weasyprint", theirs, theirs.CPU/ours.CPU, float64(theirs.Peak)/float64(ours.Peak))
	return nil
}

func paperOf(c *exec.Cmd) (f paperFigure, err error) {
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return f, fmt.Errorf("%s: %w", c.Path, err)
	}
	return f, json.Unmarshal(out, &f)
}

// paperPage is the same paper in HTML, in the same fonts.
func paperPage() ([]byte, error) {
	code, err := qr.Encode(paperCode, qr.M, qr.Auto)
	if err != nil {
		return nil, err
	}
	if code, err = barcode.Scale(code, 300, 300); err != nil {
		return nil, err
	}
	var picture, b bytes.Buffer
	if err := png.Encode(&picture, code); err != nil {
		return nil, err
	}
	b.WriteString(`<!doctype html><html lang="vi"><meta charset="utf-8"><title>` + paperTitle + `</title><style>@page{size:A4;margin:20mm}body{font:12.5pt Tinos}h1{font-size:15.5pt;text-align:center}table{border-collapse:collapse;font-size:10.5pt;width:100%}th,td{border:.2mm solid}.two{display:flex;justify-content:space-around;text-align:center}`)
	for style, file := range map[string]string{"": "regular", "font-weight:bold;": "bold", "font-style:italic;": "italic"} {
		fmt.Fprintf(&b, `@font-face{font-family:Tinos;%ssrc:url(internal/pdf/font/tinos-%s.ttf)}`, style, file)
	}
	b.WriteString(`</style><div class="two"><p>ỦY BAN NHÂN DÂN PHƯỜNG THUẬN HÓA<br><b>TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG</b><br>Số: 3/TNHS</p><p><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM<br>Độc lập - Tự do - Hạnh phúc</b><br><i>Thuận Hóa, ngày 23 tháng 11 năm 2026</i></p></div>`)
	fmt.Fprintf(&b, `<img alt="" style="width:25mm" src="data:image/png;base64,%s"><h1>%s</h1>`, base64.StdEncoding.EncodeToString(picture.Bytes()), paperTitle)
	for _, f := range paperFields {
		fmt.Fprintf(&b, "<p>%s: <b>%s</b></p>", f[0], f[1])
	}
	b.WriteString("<table><tr>")
	for _, c := range paperColumns {
		b.WriteString("<th>" + html.EscapeString(c.Title))
	}
	for range paperRows {
		b.WriteString("<tr><td>" + strings.Join(paperRow, "<td>"))
	}
	b.WriteString(`</table><div class="two"><b>` + strings.Join(paperSigned, "</b><b>") + "</b></div>")
	return b.Bytes(), nil
}
