// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"motcua/internal/db"
)

// service is the program serving a province, which is killed and started again.
type service struct {
	*testing.T
	data   string
	child  *exec.Cmd
	base   atomic.Pointer[string] // nil while nobody serves
	tokens map[string]string
	calls  atomic.Int64 // sent so far
	acts   atomic.Int64 // answered so far
}

var servesAt = regexp.MustCompile(`http://\S+:\d+`)

// start starts the program and waits until it says where it serves.
func (s *service) start() {
	s.Helper()
	s.child = exec.Command(os.Args[0], "demo", "--data", s.data, "--listen", "127.0.0.1:0")
	s.child.Env = append(os.Environ(), "MOTCUA_AS_PROGRAM=1")
	s.child.Stderr = os.Stderr
	out, err := s.child.StdoutPipe()
	if err == nil {
		err = s.child.Start()
	}
	if err != nil {
		s.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if base := servesAt.FindString(lines.Text()); base != "" {
			s.base.Store(&base)
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return
		}
	}
	s.Fatal("the program ended before it served")
}

// kill ends the program as a power cut would.
func (s *service) kill() {
	s.Helper()
	if err := s.child.Process.Kill(); err != nil {
		s.Fatal(err)
	}
	s.base.Store(nil)
	_ = s.child.Wait()
}

// verify proves the data while nobody serves it.
func (s *service) verify() {
	s.Helper()
	if code, out, told := motcua(s.T, "verify", "--data", s.data); code != 0 || !strings.Contains(out, " 0 wrong") {
		s.Fatalf("verify: exit %d\n%s%s", code, out, told)
	}
}

// call makes a call and, whenever the answer does not come, makes it again with
// the same key once somebody serves.
func (s *service) call(login, method, path, key string, body any) (map[string]any, int, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, 0, err
	}
	for s.Context().Err() == nil {
		base := s.base.Load()
		if base == nil {
			time.Sleep(time.Millisecond)
			continue
		}
		r, err := http.NewRequestWithContext(s.Context(), method, *base+"/api/v1"+path, bytes.NewReader(text))
		if err != nil {
			return nil, 0, err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+s.tokens[login])
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		s.calls.Add(1)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			continue
		}
		content, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			continue // half an answer is none
		}
		var said map[string]any
		if err := json.Unmarshal(content, &said); err != nil {
			return nil, 0, fmt.Errorf("%s %s: %w in %s", method, path, err, content)
		}
		return said, answer.StatusCode, nil
	}
	return nil, 0, s.Context().Err()
}

// filled gives every required parameter of an offer its first choice or example.
func filled(offer map[string]any) map[string]any {
	given := map[string]any{}
	for _, p := range offer["params"].([]any) {
		p := p.(map[string]any)
		name := p["name"].(string)
		choices, _ := p["choices"].([]any)
		switch {
		case p["required"] != true:
		case len(choices) == 0:
			given[name] = p["example"]
		case p["type"] == "choices":
			given[name] = []any{choices[0].(map[string]any)["value"]}
		default:
			given[name] = choices[0].(map[string]any)["value"]
		}
	}
	return given
}

// filedAt is a dossier that a client filed, with the versions its acts led to.
type filedAt struct {
	code     string
	versions []float64
}

var people = []string{"nguoidan", "motcua", "chuyenvien", "truongphong", "lanhdao", "thuquy"}

// chain files a dossier and brings it, with detours, to its result.
func (s *service) chain(r *rand.Rand, procedure string) (filedAt, error) {
	key := func() string { return fmt.Sprintf("%x-%x", r.Uint64(), r.Uint64()) }
	sample, _, err := s.call("nguoidan", "GET", "/procedures/"+procedure+"/sample", "", nil)
	if err != nil {
		return filedAt{}, err
	}
	d, status, err := s.call("nguoidan", "POST", "/dossiers", key(), sample)
	if err != nil || status != http.StatusCreated {
		return filedAt{}, fmt.Errorf("file %s: %d %v %w", procedure, status, d, err)
	}
	s.acts.Add(1)
	filed := filedAt{d["code"].(string), []float64{d["version"].(float64)}}
	for n := 0; n < 60 && d["national_status"] != 10.0; n++ {
		login, offer, version, err := s.offered(r, filed.code)
		if err != nil || offer == nil {
			return filed, fmt.Errorf("%s stands still: %w", filed.code, err)
		}
		body := filled(offer)
		body["version"] = version
		path := "/dossiers/" + filed.code + "/acts/" + offer["act"].(string)
		if d, status, err = s.call(login, "POST", path, key(), body); err != nil || status != http.StatusOK {
			return filed, fmt.Errorf("%s by %s at version %v: %d %v %w", path, login, version, status, d, err)
		}
		s.acts.Add(1)
		filed.versions = append(filed.versions, d["version"].(float64))
	}
	return filed, nil
}

// offered is something that somebody may do now, now and then a detour.
func (s *service) offered(r *rand.Rand, code string) (login string, offer map[string]any, version any, err error) {
	type move struct {
		login string
		offer map[string]any
	}
	var onward, aside []move
	detours := []string{"ask_supplement", "pause", "extend", "send_back", "consult", "reassign", "undo"}
	for _, login := range people {
		d, status, err := s.call(login, "GET", "/dossiers/"+code, "", nil)
		if err != nil || status != http.StatusOK && status != http.StatusNotFound {
			return "", nil, nil, fmt.Errorf("%s looks at %s: %d %v %w", login, code, status, d, err)
		}
		offers, _ := d["acts"].([]any)
		for _, o := range offers {
			version = d["version"]
			o := o.(map[string]any)
			if o["aside"] != true {
				onward = append(onward, move{login, o})
			} else if slices.Contains(detours, o["act"].(string)) {
				aside = append(aside, move{login, o})
			}
		}
	}
	from := onward
	if len(aside) > 0 && (len(onward) == 0 || r.IntN(5) == 0) {
		from = aside
	}
	if len(from) == 0 {
		return "", nil, version, nil
	}
	m := from[r.IntN(len(from))]
	return m.login, m.offer, version, nil
}

// count asks the database of the data folder, while nobody serves it.
func (s *service) count(sql string, args ...any) int {
	s.Helper()
	d, err := db.Open(s.Context(), "sqlite:"+filepath.Join(s.data, "motcua.db"))
	if err != nil {
		s.Fatal(err)
	}
	defer d.Close()
	var n int
	if err := d.Read(s.Context(), func(tx *db.Tx) error {
		_, err := tx.One(sql, args, &n)
		return err
	}); err != nil {
		s.Fatal(err)
	}
	return n
}

// The program is killed again and again while clients act over the API; they go
// on by repeating the call that was not answered, with its key. Every answered
// act stands in its dossier's history once, nothing is there by half, and the
// data verify whenever nobody serves them.
func TestKilledBetweenActs(t *testing.T) {
	const clients, kills = 4, 10
	s := &service{T: t, data: filepath.Join(t.TempDir(), "data"), tokens: map[string]string{}}
	if code, out, told := motcua(t, "demo", "--data", s.data, "--dossiers", "1"); code != 0 {
		t.Fatal(out, told)
	}
	for _, login := range people {
		code, token, told := motcua(t, "token", "create", "--for", login, "--data", s.data)
		if code != 0 {
			t.Fatal(told)
		}
		s.tokens[login] = strings.TrimSpace(token)
	}
	before := s.count(`SELECT COUNT(*) FROM dossier`)

	var killed atomic.Int64
	var mu sync.Mutex
	var filed []filedAt
	var all sync.WaitGroup
	procedures := []string{"1.001193", "1.004859", "2.002516", "1.011609"}
	ended := make(chan struct{})
	s.start()
	for i := range clients {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 13))
			for n := i; killed.Load() < kills && !t.Failed(); n++ {
				d, err := s.chain(r, procedures[n%len(procedures)])
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				filed = append(filed, d)
				mu.Unlock()
			}
		})
	}
	go func() { all.Wait(); close(ended) }()

	r := rand.New(rand.NewPCG(99, 13))
	for killed.Load() < kills && !t.Failed() {
		for next := s.calls.Load() + 10 + r.Int64N(120); s.calls.Load() < next && !t.Failed(); {
			time.Sleep(time.Duration(r.IntN(1500)) * time.Microsecond) // to hit any moment of a call
		}
		s.kill()
		if killed.Add(1)%3 == 0 {
			s.verify()
		}
		s.start()
	}
	<-ended
	s.kill()
	s.verify()

	if n := s.count(`SELECT COUNT(*) FROM dossier`); n != before+len(filed) {
		t.Errorf("%d dossiers, there were %d and %d were filed", n, before, len(filed))
	}
	for _, d := range filed {
		if !slices.IsSorted(d.versions) || len(slices.Compact(slices.Clone(d.versions))) != len(d.versions) {
			t.Errorf("%s: two acts led to the same version: %v", d.code, d.versions)
		}
		// What one act does has one instant and one author: an act that was
		// done twice would be there as one more.
		acts := s.count(`SELECT COUNT(*) FROM (SELECT DISTINCT at FROM event WHERE dossier = (SELECT id FROM dossier WHERE code = $1)) AS acts`, d.code)
		events := s.count(`SELECT COUNT(*) FROM event WHERE dossier = (SELECT id FROM dossier WHERE code = $1)`, d.code)
		if last := d.versions[len(d.versions)-1]; acts != len(d.versions) || events != int(last) {
			t.Errorf("%s: %d acts in %d events, answered %d to version %v", d.code, acts, events, len(d.versions), last)
		}
	}
	t.Logf("%d acts on %d dossiers, %d calls, killed %d times", s.acts.Load(), len(filed), s.calls.Load(), killed.Load())
}
