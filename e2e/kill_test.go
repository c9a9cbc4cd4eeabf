// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	kills       = 20
	submissions = 200
	senders     = 16
)

// The server is killed in the middle of 200 submissions, 20 times: what was
// answered is there, what is sent again is there once, and everything proves
// right.
func TestKillDuringSubmissions(t *testing.T) {
	s := start(t)
	s.token("nguoidan")
	filing, err := json.Marshal(s.must(200, "", "GET", "/procedures/1.001193/sample", nil))
	if err != nil {
		t.Fatal(err)
	}
	before := s.dossiers()
	for round := range kills {
		answered := s.submissionsKilled(round, filing)
		s.serve("serve")
		s.verify()
		codes := s.sendAgain(round, filing)
		for i, code := range answered {
			if code != "" && codes[i] != code {
				t.Fatalf("round %d: submission %d was answered %s and is now %s", round, i, code, codes[i])
			}
		}
		if after := s.dossiers(); after != before+submissions {
			t.Fatalf("round %d: %d submissions made %d dossiers", round, submissions, after-before)
		}
		before += submissions
	}
	s.verify()
}

// submissionsKilled sends until the server is killed and returns what was
// answered.
func (s *server) submissionsKilled(round int, filing []byte) []string {
	s.Helper()
	codes := make([]string, submissions)
	var next, done atomic.Int64
	end := int64(10 + rand.IntN(submissions-40))
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for i := int(next.Add(1) - 1); i < submissions; i = int(next.Add(1) - 1) {
				code, err := s.submit(round, i, filing)
				if err != nil {
					return // killed
				}
				codes[i] = code
				done.Add(1)
			}
		})
	}
	for done.Load() < end {
		time.Sleep(time.Millisecond)
	}
	s.kill()
	all.Wait()
	if done.Load() == submissions {
		s.Fatalf("round %d: killed too late", round)
	}
	return codes
}

// sendAgain sends everything again with the same keys.
func (s *server) sendAgain(round int, filing []byte) []string {
	s.Helper()
	codes := make([]string, submissions)
	for i := range codes {
		code, err := s.submit(round, i, filing)
		if err != nil {
			s.Fatal(err)
		}
		codes[i] = code
	}
	return codes
}

func (s *server) submit(round, i int, filing []byte) (string, error) {
	status, text, err := s.call("nguoidan", "POST", "/dossiers", filing, "Idempotency-Key", fmt.Sprintf("%d-%d", round, i))
	if err != nil {
		return "", err
	}
	var d struct{ Code string }
	if err := json.Unmarshal(text, &d); err != nil || status != http.StatusCreated {
		return "", fmt.Errorf("%d %s", status, text)
	}
	return d.Code, nil
}

// dossiers counts all dossiers from the public figures.
func (s *server) dossiers() int {
	s.Helper()
	n := 0
	for _, row := range s.must(200, "", "GET", "/statistics/dossiers?by=status", nil)["items"].([]any) {
		n += int(row.(map[string]any)["count"].(float64))
	}
	return n
}
