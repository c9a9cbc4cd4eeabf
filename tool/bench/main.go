// SPDX-License-Identifier: Apache-2.0

// Command bench measures a server over HTTP on a filled database, beside two
// limits measured in the same run: a bare handler, and the rows of one filing
// written straight into the same kind of database; and one paper beside the same
// page through WeasyPrint. Absolute figures say little about another machine;
// the ratios do.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"motcua/internal/db"
)

var (
	dossiers   = flag.Int("dossiers", 20_000, "dossiers in the database before measuring")
	database   = flag.String("database", "", "PostgreSQL to measure on instead of SQLite: postgres://…")
	data       = flag.String("data", "", "data folder to fill or reuse; a temporary one if empty")
	each       = flag.Duration("each", 3*time.Second, "how long each figure is measured")
	clients    = flag.String("clients", "1,16,64", "how many clients at once")
	catalogue  = flag.String("catalogue", "", "national catalogue (JSONL) to import before measuring the search")
	procedures = flag.Int("procedures", 0, "repeat the catalogue with other codes until it has so many")
	only       = flag.String("only", "W1,W2,W3,W4,W5,W6,paper,cost", "what to measure")
)

func main() {
	flag.Parse()
	if flag.Arg(0) == "bare" {
		bare(flag.Arg(1))
		return
	}
	work := run
	if flag.Arg(0) == "paper" {
		work = papers
	}
	if err := work(); err != nil {
		log.Fatal(err)
	}
}

// bare is the limit of the language's own HTTP server.
func bare(address string) {
	answer := []byte(strings.Repeat("x", 80))
	log.Fatal(http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(answer) })))
}

func run() error {
	folder, err := os.MkdirTemp("", "motcua-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	wanted := strings.Split(*only, ",")
	for _, alone := range []struct {
		name    string
		measure func(folder string) error
	}{{"paper", comparePapers}, {"cost", costs}} {
		i := slices.Index(wanted, alone.name)
		if i < 0 || alone.name == "cost" && *database != "" {
			continue
		}
		if err := alone.measure(folder); err != nil {
			return err
		}
		wanted = slices.Delete(wanted, i, i+1)
	}
	if *only = strings.Join(wanted, ","); *only == "" {
		return nil
	}
	binary := filepath.Join(folder, "motcua")
	if err := command("go", "build", "-o", binary, "./cmd/motcua"); err != nil {
		return err
	}
	if *data == "" {
		*data = filepath.Join(folder, "data")
	}
	at := []string{"--data", *data}
	url := "sqlite:" + filepath.Join(*data, "motcua.db")
	if *database != "" {
		at, url = []string{"--database", *database}, *database
	}
	fmt.Printf("%s, %d cores, %s\n", runtime.GOARCH, runtime.NumCPU(), processor())
	began := time.Now()
	if err := command(binary, append([]string{"demo", "--dossiers", strconv.Itoa(*dossiers)}, at...)...); err != nil {
		return err
	}
	fmt.Printf("filled to %d dossiers in %s\n", *dossiers, time.Since(began).Round(time.Second))
	if *catalogue != "" {
		if err := importCatalogue(binary, at, folder); err != nil {
			return err
		}
	}
	b := &bench{binary: binary, at: at, url: url, folder: folder}
	if err := b.start(); err != nil {
		return err
	}
	defer b.stop()
	return b.measure()
}

func command(name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return "unknown processor"
}

// importCatalogue brings the catalogue in, repeated under other codes if more
// procedures are wanted than it has.
func importCatalogue(binary string, at []string, folder string) error {
	text, err := os.ReadFile(*catalogue)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if *procedures > len(lines) {
		more := make([]string, 0, *procedures)
		for n := 0; len(more) < *procedures; n++ {
			var row map[string]any
			if err := json.Unmarshal([]byte(lines[n%len(lines)]), &row); err != nil {
				return err
			}
			if n >= len(lines) {
				row["code"] = fmt.Sprintf("%d.%06d", 7+n/len(lines), n)
			}
			line, err := json.Marshal(row)
			if err != nil {
				return err
			}
			more = append(more, string(line))
		}
		lines = more
	}
	file := filepath.Join(folder, "catalogue.jsonl")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		return err
	}
	began := time.Now()
	if err := command(binary, append([]string{"import", "procedures", file}, at...)...); err != nil {
		return err
	}
	fmt.Printf("imported %d procedures in %s\n", len(lines), time.Since(began).Round(time.Millisecond))
	return nil
}

// bench is a server under load.
type bench struct {
	binary, url, folder string
	at                  []string
	server              *exec.Cmd
	address             string
	tokens              map[string]string
	filed               []string // codes of dossiers that wait for reception
}

// start starts the server and says how long it takes until it answers.
func (b *bench) start() error {
	address, err := free()
	if err != nil {
		return err
	}
	b.address = address
	began := time.Now()
	b.server = exec.Command(b.binary, append([]string{"serve", "--listen", address}, b.at...)...)
	b.server.Stderr = os.Stderr
	if err := b.server.Start(); err != nil {
		return err
	}
	if err := wait("http://" + address + "/readyz"); err != nil {
		return err
	}
	fmt.Printf("ready after %s\n", time.Since(began).Round(time.Millisecond))
	time.Sleep(4 * time.Second) // the search index is built behind the start
	now, peak := memory(b.server.Process.Pid)
	fmt.Printf("idle memory %d MB, peak so far %d MB\n", now>>20, peak>>20)
	b.tokens = map[string]string{}
	for _, login := range []string{"nguoidan", "motcua", "chuyenvien"} {
		token, err := exec.Command(b.binary, append([]string{"token", "create", "--for", login}, b.at...)...).Output()
		if err != nil {
			return err
		}
		b.tokens[login] = strings.TrimSpace(string(token))
	}
	return nil
}

func (b *bench) stop() {
	_ = b.server.Process.Signal(os.Interrupt)
	_ = b.server.Wait()
}

func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func wait(url string) error {
	for range 2000 {
		if r, err := http.Get(url); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("%s does not answer", url)
}

// memory is the resident set of a process and its peak, in bytes.
func memory(pid int) (now, peak int64) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		n, _ := strconv.ParseInt(f[1], 10, 64)
		switch f[0] {
		case "VmRSS:":
			now = n << 10
		case "VmHWM:":
			peak = n << 10
		}
	}
	return now, peak
}

// processorTime is what a process has used so far, by the kernel's clock of it: the
// ticks of /proc are too coarse for a busy machine.
func processorTime(pid int) time.Duration {
	var t syscall.Timespec
	clock := uintptr(^pid<<3 | 2) // CPUCLOCK_SCHED of the whole process
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0); err != 0 {
		return 0
	}
	return time.Duration(t.Nano())
}

// codes reads codes of the database at random, for the look-up.
func (b *bench) codes(n int) ([]string, error) {
	d, err := db.Open(context.Background(), b.url)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var codes []string
	err = d.Read(context.Background(), func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT code FROM dossier WHERE id % 7 = 3 ORDER BY (id / 256) % 1009, id LIMIT $1`, n) {
			var c string
			row.Scan(&c)
			codes = append(codes, c)
		}
		return tx.Err()
	})
	return codes, err
}
