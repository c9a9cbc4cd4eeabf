// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// removed is a program with something taken out of it, to see what that costs. It is
// taken out of the source when the program is built for the measure (go build
// -overlay): the product has no switch for it.
type removed struct {
	name  string
	edits []edit
}

// edit puts a text in place of another, which stands in the file once.
type edit struct{ file, from, to string }

var without = []removed{
	{"as it is", nil},
	{"as it is, again", nil}, // what differs here is the machine's doing
	{"without audit", []edit{
		{"internal/audit/audit.go", "func Write(tx *db.Tx, e Entry) error {\n", "func Write(tx *db.Tx, e Entry) error {\n\tif e.Kind != \"\" {\n\t\treturn nil\n\t}\n"},
		{"internal/dossier/view.go", "\tif !who.Officer || who.Account == s.Account {\n", "\tif s != nil {\n"},
		{"internal/dossier/listed.go", "\tif !who.Officer {\n", "\tif l.What != \"\" {\n"},
		{"internal/dossier/store.go", "\t\tdigest, err := e.digest(tx)\n\t\tif err != nil {\n\t\t\treturn err\n\t\t}\n\t\ttotal.add(digest)\n", ""},
	}},
	{"without permission", []edit{
		{"internal/dossier/policy.go", "func (a Actor) On(s *State) Actor {\n", "func (a Actor) On(s *State) Actor {\n\tif s != nil {\n\t\treturn a\n\t}\n"},
		{"internal/dossier/policy.go", "func (a Actor) Sees(s *State) bool {\n", "func (a Actor) Sees(s *State) bool {\n\tif s != nil {\n\t\treturn true\n\t}\n"},
		{"internal/dossier/policy.go", "func (r remit) condition(q *query) string {\n", "func (r remit) condition(q *query) string {\n\tif q != nil {\n\t\treturn \"\"\n\t}\n"},
	}},
}

// build builds the program without something.
func (r removed) build(binary, folder string) error {
	overlay, err := r.overlay(folder)
	if err != nil {
		return err
	}
	return command("go", "build", "-overlay", overlay, "-o", binary, "./cmd/motcua")
}

// overlay writes the changed files into a folder and tells the file that names them.
func (r removed) overlay(folder string) (string, error) {
	changed := map[string]string{}
	for _, e := range r.edits {
		text, err := os.ReadFile(cmp.Or(changed[e.file], e.file))
		if err != nil {
			return "", err
		}
		if strings.Count(string(text), e.from) != 1 {
			return "", fmt.Errorf("%s: %s does not hold once: %q", r.name, e.file, e.from)
		}
		at := filepath.Join(folder, strings.ReplaceAll(e.file, "/", "_"))
		if err := os.WriteFile(at, []byte(strings.Replace(string(text), e.from, e.to, 1)), 0o600); err != nil {
			return "", err
		}
		changed[e.file] = at
	}
	whole := map[string]string{}
	for file, at := range changed {
		abs, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		whole[abs] = at
	}
	text, err := json.Marshal(map[string]any{"Replace": whole})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(folder, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// costRounds is how often every load is put on every program, by turns.
const costRounds = 12

// costs measures W1 to W4 of the program as it is and without audit or permission,
// by turns in one run, each on data of its own: the median of what the server's
// processor spends on an operation.
func costs(folder string) error {
	var all []*bench
	for i, r := range without {
		mine := filepath.Join(folder, "without"+strconv.Itoa(i))
		if err := os.Mkdir(mine, 0o700); err != nil {
			return err
		}
		b := &bench{binary: filepath.Join(mine, "motcua"), at: []string{"--data", filepath.Join(mine, "data")}, url: "sqlite:" + filepath.Join(mine, "data", "motcua.db"), folder: mine}
		if err := r.build(b.binary, mine); err != nil {
			return err
		}
		if i == 0 {
			if err := command(b.binary, append([]string{"demo", "--dossiers", strconv.Itoa(*dossiers)}, b.at...)...); err != nil {
				return err
			}
		} else if out, err := exec.Command("cp", "-r", filepath.Join(folder, "without0", "data"), filepath.Join(mine, "data")).CombinedOutput(); err != nil {
			return fmt.Errorf("cp: %w %s", err, out)
		}
		all = append(all, b)
	}
	for _, b := range all {
		if err := b.start(); err != nil {
			return err
		}
		defer b.stop()
	}
	var filings [][]byte // each names papers that went up to its own server
	for _, b := range all {
		filing, _, err := b.filing()
		if err != nil {
			return err
		}
		filings = append(filings, filing)
	}
	codes, err := all[0].codes(10_000)
	if err != nil {
		return err
	}
	whole := *each
	*each = whole / 6
	defer func() { *each = whole }()
	spent := map[string][]time.Duration{} // by load and program, of each round
	for round := range costRounds {
		for _, w := range []string{"W1", "W2", "W3", "W4"} {
			for i := range all {
				i = (i + round) % len(all) // each is first in its turn
				f, err := all[i].cost(w, fmt.Sprintf("c%d-%d", time.Now().UnixNano(), round), filings[i], codes)
				if err != nil {
					return err
				}
				spent[w+without[i].name] = append(spent[w+without[i].name], f.cpu)
			}
		}
	}
	for _, w := range []string{"W1", "W2", "W3", "W4"} {
		is := spent[w+without[0].name]
		fmt.Printf("%s cpu %s", w, middle(is))
		for _, r := range without[1:] {
			other := middle(spent[w+r.name])
			fmt.Printf("   %s %s, %+.1f %%", r.name, other, 100*(float64(other)/float64(middle(is))-1))
		}
		fmt.Println()
	}
	return nil
}

func middle(d []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(d))
	return sorted[len(sorted)/2].Round(100 * time.Nanosecond)
}

// cost puts one load on one program for a while.
func (b *bench) cost(w, run string, filing []byte, codes []string) (figure, error) {
	const clients = 16
	var next atomic.Int64
	switch w {
	case "W1":
		f, err := load(w, b.address, b.server.Process.Pid, clients, 201, func(n int) []byte {
			return b.post("/api/v1/dossiers", "nguoidan", fmt.Sprintf("%s-%d", run, n), filing)
		}, true)
		for _, answer := range f.answers {
			var d struct{ Code string }
			if err := json.Unmarshal(answer, &d); err != nil {
				return f, err
			}
			b.filed = append(b.filed, d.Code)
		}
		return f, err
	case "W2":
		defer func() { b.filed = b.filed[min(int(next.Load()), len(b.filed)):] }()
		return load(w, b.address, b.server.Process.Pid, clients, 200, func(int) []byte {
			i := int(next.Add(1)) - 1
			if i >= len(b.filed) {
				return nil
			}
			return b.post("/api/v1/dossiers/"+b.filed[i]+"/acts/receive", "motcua", run+"-"+b.filed[i], []byte(`{"version":1}`))
		}, false)
	case "W3":
		return load(w, b.address, b.server.Process.Pid, clients, 200, func(n int) []byte { return b.get("/api/v1/lookup/"+codes[n*7919%len(codes)], "") }, false)
	}
	return load(w, b.address, b.server.Process.Pid, clients, 200, func(int) []byte { return b.get("/api/v1/queues/handle?limit=50", "chuyenvien") }, false)
}
