// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
)

// check verifies a journal and returns its lines.
func check(t *testing.T, d *db.DB) (lines []audit.Line, wrong []string) {
	t.Helper()
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		lines, wrong = nil, nil
		return audit.Verify(t.Context(), d, tx, func(where, detail string) { wrong = append(wrong, where+": "+detail) }, func(l audit.Line) { lines = append(lines, l) })
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines, wrong
}

// Many write at once, in two processes, and some of them fail: every line of what
// was kept is there once, none of what was not, and the chains hold.
func TestChainsUnderLoad(t *testing.T) {
	url := dbtest.URL(t)
	handles := []*db.DB{dbtest.OpenURL(t, url), dbtest.OpenURL(t, url)}
	const each = 150
	var all sync.WaitGroup
	failed := errors.New("no")
	for h, d := range handles {
		for i := range each {
			all.Go(func() {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					if err := audit.Write(tx, audit.Entry{At: time.UnixMilli(int64(i)), Kind: audit.Configured, Account: int64(h*each + i), Detail: map[string]any{"was": "“cũ”"}}); err != nil {
						return err
					}
					if i%5 == 0 {
						tx.Exec(`INSERT INTO setting (name, body) VALUES ($1, 'x')`, fmt.Sprint(h, i))
					}
					if i%3 == 0 {
						return failed
					}
					return nil
				})
				if (i%3 == 0) != errors.Is(err, failed) {
					t.Errorf("%d: %v", i, err)
				}
			})
		}
	}
	all.Wait()
	lines, wrong := check(t, handles[0])
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	seen := map[int64]bool{}
	for _, l := range lines {
		if n := int(l.Account) % each; n%3 == 0 || seen[l.Account] {
			t.Errorf("line of %d, failed or twice", l.Account)
		}
		seen[l.Account] = true
	}
	if len(seen) != 2*each*2/3 {
		t.Errorf("%d lines of %d", len(seen), 2*each*2/3)
	}
}

// Who has the database but not the key cannot add a line that holds.
func TestKeyIsNeeded(t *testing.T) {
	url := dbtest.URL(t)
	d, stranger := dbtest.OpenURL(t, url), dbtest.OpenURL(t, url)
	d.Key, stranger.Key = []byte("của tỉnh"), []byte("của người lạ")
	write := func(d *db.DB) {
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			return audit.Write(tx, audit.Entry{At: time.UnixMilli(1), Kind: audit.SignedIn})
		}); err != nil {
			t.Fatal(err)
		}
	}
	write(d)
	if _, wrong := check(t, d); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	write(stranger)
	if _, wrong := check(t, d); len(wrong) != 1 {
		t.Errorf("a stranger's line: %v", wrong)
	}
}
