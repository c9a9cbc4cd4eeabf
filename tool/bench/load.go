// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// request makes the n-th request of a load.
type request func(n int) []byte

// figure is what one load at one number of clients came to.
type figure struct {
	name     string
	clients  int
	rate     float64
	p50, p99 time.Duration
	cpu      time.Duration // of the server, each operation
	answers  [][]byte      // where they are kept
}

func (f figure) String() string {
	return fmt.Sprintf("%-22s %3d clients %9.0f/s  p50 %8s  p99 %8s  cpu %8s", f.name, f.clients, f.rate,
		f.p50.Round(time.Microsecond), f.p99.Round(time.Microsecond), f.cpu.Round(100*time.Nanosecond))
}

// load sends requests over kept connections for a while.
func load(name, address string, pid, clients int, want int, make request, keep bool) (figure, error) {
	f := figure{name: name, clients: clients}
	var next atomic.Int64
	var mu sync.Mutex
	var times []time.Duration
	var fault error
	var all sync.WaitGroup
	before, began := processorTime(pid), time.Now()
	end := began.Add(*each)
	for range clients {
		all.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				mu.Lock()
				fault = err
				mu.Unlock()
				return
			}
			defer conn.Close()
			r := bufio.NewReaderSize(conn, 64<<10)
			var mine []time.Duration
			var kept [][]byte
			for time.Now().Before(end) {
				sent := make(int(next.Add(1) - 1))
				if sent == nil {
					break
				}
				at := time.Now()
				status, body, err := exchange(conn, r, sent)
				if err == nil && status != want {
					err = fmt.Errorf("%s: %d %.300s", name, status, body)
				}
				if err != nil {
					mu.Lock()
					fault = err
					mu.Unlock()
					break
				}
				mine = append(mine, time.Since(at))
				if keep {
					kept = append(kept, bytes.Clone(body))
				}
			}
			mu.Lock()
			times, f.answers = append(times, mine...), append(f.answers, kept...)
			mu.Unlock()
		})
	}
	all.Wait()
	took := time.Since(began)
	if len(times) > 0 {
		slices.Sort(times)
		f.rate = float64(len(times)) / took.Seconds()
		f.p50, f.p99 = times[len(times)/2], times[len(times)*99/100]
		f.cpu = (processorTime(pid) - before) / time.Duration(len(times))
	}
	return f, fault
}

// exchange writes a request and reads its answer.
func exchange(conn net.Conn, r *bufio.Reader, sent []byte) (status int, body []byte, err error) {
	if _, err := conn.Write(sent); err != nil {
		return 0, nil, err
	}
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 {
		return 0, nil, fmt.Errorf("answer %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, err
	}
	length, chunked := 0, false
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return status, nil, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, _ = strconv.Atoi(string(v))
		}
		chunked = chunked || bytes.HasPrefix(line, []byte("Transfer-Encoding: chunked"))
	}
	if !chunked {
		body = make([]byte, length)
		_, err = io.ReadFull(r, body)
		return status, body, err
	}
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return status, body, err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return status, body, err
		}
		piece := make([]byte, n+2)
		if _, err := io.ReadFull(r, piece); err != nil {
			return status, body, err
		}
		if n == 0 {
			return status, body, nil
		}
		body = append(body, piece[:n]...)
	}
}

func (b *bench) get(path, login string) []byte {
	head := "GET " + path + " HTTP/1.1\r\nHost: bench\r\n"
	if login != "" {
		head += "Authorization: Bearer " + b.tokens[login] + "\r\n"
	}
	return []byte(head + "\r\n")
}

func (b *bench) post(path, login, key string, body []byte) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		path, b.tokens[login], key, len(body), body)
}

// measure measures everything asked for at every number of clients.
func (b *bench) measure() error {
	filing, what, err := b.filing()
	if err != nil {
		return err
	}
	codes, err := b.codes(100_000)
	if err != nil {
		return err
	}
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	var received atomic.Int64
	loads := map[string]struct {
		name   string
		status int
		make   request
	}{
		"W1": {"W1 submit " + what, 201, func(n int) []byte {
			return b.post("/api/v1/dossiers", "nguoidan", fmt.Sprintf("%s-%d-%d", run, received.Add(1), n), filing)
		}},
		"W2": {"W2 one step", 200, func(n int) []byte {
			i := int(received.Add(1)) - 1
			if i >= len(b.filed) {
				return nil
			}
			return b.post("/api/v1/dossiers/"+b.filed[i]+"/acts/receive", "motcua", fmt.Sprintf("%s-r%d", run, i), []byte(`{"version":1}`))
		}},
		"W3": {"W3 look-up", 200, func(n int) []byte { return b.get("/api/v1/lookup/"+codes[n*7919%len(codes)], "") }},
		"W4": {"W4 queue of 50", 200, func(n int) []byte { return b.get("/api/v1/queues/handle?limit=50", "chuyenvien") }},
		"W5": {"W5 counts", 200, func(n int) []byte {
			return b.get("/api/v1/statistics/dossiers?by=agency,status,outcome&n="+strconv.Itoa(n), "")
		}},
		"W6": {"W6 search", 200, func(n int) []byte {
			return b.get("/api/v1/procedures?limit=20&q="+url.QueryEscape(questions[n%len(questions)]), "")
		}},
	}
	for _, at := range strings.Split(*clients, ",") {
		n, err := strconv.Atoi(at)
		if err != nil {
			return err
		}
		limit, err := b.bare(n)
		if err != nil {
			return err
		}
		fmt.Println(limit)
		for _, w := range strings.Split(*only, ",") {
			l := loads[w]
			if w == "W1" || w == "W2" {
				received.Store(0)
			}
			f, err := load(l.name, b.address, b.server.Process.Pid, n, l.status, l.make, w == "W1")
			if err != nil {
				return err
			}
			for _, answer := range f.answers {
				var d struct{ Code string }
				if err := json.Unmarshal(answer, &d); err != nil {
					return err
				}
				b.filed = append(b.filed, d.Code)
			}
			if w == "W2" {
				b.filed = b.filed[min(int(received.Load()), len(b.filed)):]
			}
			fmt.Printf("%s  %5.1f %% of bare\n", f, 100*f.rate/limit.rate)
		}
		run += "x"
	}
	now, peak := memory(b.server.Process.Pid)
	fmt.Printf("memory after the load %d MB, peak %d MB\n", now>>20, peak>>20)
	return b.straight(filing)
}

// bare measures the bare handler as another process.
func (b *bench) bare(clients int) (figure, error) {
	address, err := free()
	if err != nil {
		return figure{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return figure{}, err
	}
	c := exec.Command(self, "bare", address)
	if err := c.Start(); err != nil {
		return figure{}, err
	}
	defer func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}()
	if err := wait("http://" + address + "/"); err != nil {
		return figure{}, err
	}
	get := b.get("/", "")
	return load("bare handler", address, c.Process.Pid, clients, 200, func(int) []byte { return get }, false)
}

// filing is a sample filing with its papers uploaded, the one nearest to 24
// answers and 3 papers; what says how many.
func (b *bench) filing() (body []byte, what string, err error) {
	base := "http://" + b.address + "/api/v1"
	var list struct {
		Items []struct{ Code string }
	}
	if err := fetch(base+"/procedures?offered=true&limit=100", &list); err != nil {
		return nil, "", err
	}
	best, answers, papers := map[string]any(nil), 0, 0
	for _, p := range list.Items {
		var f map[string]any
		if err := fetch(base+"/procedures/"+p.Code+"/sample", &f); err != nil {
			return nil, "", err
		}
		n := leaves(f["answers"])
		k := len(f["documents"].([]any))
		if best == nil || distance(n, k) < distance(answers, papers) {
			best, answers, papers = f, n, k
		}
	}
	if best == nil {
		return nil, "", fmt.Errorf("nothing is offered")
	}
	for _, d := range best["documents"].([]any) {
		d := d.(map[string]any)
		content, err := base64.StdEncoding.DecodeString(d["content"].(string))
		if err != nil {
			return nil, "", err
		}
		if d["file"], err = b.upload(d["name"].(string), content); err != nil {
			return nil, "", err
		}
		delete(d, "content")
	}
	body, err = json.Marshal(best)
	return body, fmt.Sprintf("(%d, %d)", answers, papers), err
}

// distance is how far a filing is from 24 answers and 3 papers.
func distance(answers, papers int) int {
	return max(answers-24, 24-answers) + 10*max(papers-3, 3-papers)
}

func leaves(v any) int {
	n := 0
	switch v := v.(type) {
	case map[string]any:
		for _, x := range v {
			n += leaves(x)
		}
	case []any:
		for _, x := range v {
			n += leaves(x)
		}
	default:
		n = 1
	}
	return n
}

func fetch(url string, into any) error {
	r, err := http.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, r.Status)
	}
	return json.NewDecoder(r.Body).Decode(into)
}

func (b *bench) upload(name string, content []byte) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		return "", err
	}
	_, _ = part.Write(content)
	_ = form.Close()
	r, err := http.NewRequest(http.MethodPost, "http://"+b.address+"/api/v1/files", &body)
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+b.tokens["nguoidan"])
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var f struct{ ID string }
	if err := json.NewDecoder(answer.Body).Decode(&f); err != nil || f.ID == "" {
		return "", fmt.Errorf("upload: %s %v", answer.Status, err)
	}
	return f.ID, nil
}

// questions are what people type.
var questions = []string{
	"làm giấy khai sinh cho con", "dang ky ket hon", "khai tử", "xin giay xac nhan doc than", "chứng thực bản sao", "tạm trú", "tam vang",
	"mở hộ kinh doanh", "giấy phép xây nhà", "sổ đỏ", "sang tên đất", "lý lịch tư pháp", "doi bang lai xe", "đăng ký xe", "giấy phép môi trường",
	"trợ cấp xã hội", "nhận con nuôi", "thay đổi họ tên", "cấp lại giấy khai sinh", "hộ nghèo", "đăng kí kinh doanh", "thanh lap cong ty",
	"giay phep lai xe quoc te", "khai sinh co yeu to nuoc ngoai", "xác nhận tình trạng hôn nhân", "nghĩa vụ quân sự", "khieu nai", "luật sư",
	"công chứng viên", "khai thác nước dưới đất",
}
