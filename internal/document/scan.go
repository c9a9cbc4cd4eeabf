// SPDX-License-Identifier: Apache-2.0

package document

import (
	"context"
	"crypto/subtle"
	"errors"
	"io"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Where a site has a virus scanner, every content waits from the moment it is
// stored until the scanner has found it clean, and nobody opens it before. While
// the scanner is away, what waits goes on waiting. What was found to do harm is
// never opened again. It is a state of the content, not of who handed it in, and
// lies under the content's address.

// Scan is what is known of a content.
type Scan string

// The states of a content.
const (
	NotScanned Scan = "not_scanned" // the site has no scanner: it may be opened
	Waiting    Scan = "waiting"
	Clean      Scan = "clean"
	Infected   Scan = "infected"
)

// Opens is true when the content may be opened.
func (s Scan) Opens() bool { return s == NotScanned || s == Clean }

// Scanned tells what is known of the content of a plain digest.
func Scanned(tx *db.Tx, sha string) (Scan, error) {
	s, _, err := scanned(tx, sha)
	return s, err
}

func scanned(tx *db.Tx, sha string) (s Scan, askedAt int64, err error) {
	var at, proof string
	known, err := tx.One(`SELECT sha256, state, proof, asked_at FROM file_scan WHERE sha256 = $1 OR sha256 = $2`, []any{address(tx.Vault(), sha), sha}, &at, &s, &proof, &askedAt)
	if s == Clean && !proven(tx, at, proof) {
		s = Waiting // and verify tells of it
	}
	if err != nil || known {
		return s, askedAt, err
	}
	if on, err := scanning(tx); err != nil || !on {
		return NotScanned, 0, err
	}
	return Waiting, -1, nil
}

// prove marks a content that the scanner found clean with the site's key, so that
// who can write to the database alone cannot let a file be opened.
func prove(tx *db.Tx, at string) string { return tx.Vault().Digest("clean", at) }

func proven(tx *db.Tx, at, proof string) bool {
	return subtle.ConstantTimeCompare([]byte(prove(tx, at)), []byte(proof)) == 1
}

// askAgain is how long a content that was asked for stands before all others.
const askAgain = 30 * time.Second

// Openable says of a content why it may not be opened; nil if it may. One that waits
// and is asked for is scanned before others.
func Openable(ctx context.Context, d *db.DB, sha string) error {
	var s Scan
	var askedAt int64
	if err := d.Read(ctx, func(tx *db.Tx) (err error) {
		s, askedAt, err = scanned(tx, sha)
		return err
	}); err != nil {
		return err
	}
	switch s {
	case Infected:
		return refusal.New(refusal.NotAllowed, "document.infected")
	case Waiting:
		if now := time.Now(); now.UnixMilli()-askedAt > askAgain.Milliseconds() {
			if err := d.Write(ctx, func(tx *db.Tx) error {
				at, err := lies(tx, sha)
				if err != nil {
					return err
				}
				await(tx, at, now.UnixMilli())
				tx.Exec(`UPDATE file_scan SET asked_at = $1 WHERE sha256 = $2 AND state = 'waiting'`, now.UnixMilli(), at)
				return nil
			}); err != nil {
				return err
			}
		}
		return refusal.New(refusal.NotNow, "document.waiting")
	}
	return nil
}

// await makes a content wait that was not scanned yet, if the site has a scanner.
func await(tx *db.Tx, at string, now int64) {
	tx.Exec(`INSERT INTO file_scan (sha256, state, found, asked_at, next_at, tries, done_at)
		SELECT $1, 'waiting', '', $2, 0, 0, 0 WHERE EXISTS (SELECT 1 FROM file_scanning) ON CONFLICT DO NOTHING`, at, now)
}

func scanning(tx *db.Tx) (bool, error) {
	return tx.One(`SELECT 1 FROM file_scanning`, nil, new(int))
}

// Scanning is true for a site whose files are scanned.
func Scanning(ctx context.Context, d *db.DB) (on bool, err error) {
	err = d.Read(ctx, func(tx *db.Tx) (err error) {
		on, err = scanning(tx)
		return err
	})
	return on, err
}

// What the journal says of the two.
const (
	startedScanning = "scanning_started"
	endedScanning   = "scanning_ended"
)

// StartScanning makes a site one whose files are scanned: from now on nothing is
// opened before it is clean, what was handed in earlier neither.
func StartScanning(ctx context.Context, d *db.DB, now time.Time) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		if on, err := scanning(tx); err != nil || on {
			return err
		}
		tx.Exec(`INSERT INTO file_scanning (id, since) VALUES (1, $1) ON CONFLICT DO NOTHING`, now.UnixMilli())
		awaitAll(tx)
		return audit.By{}.Note(tx, now, audit.Configured, startedScanning)
	})
}

// awaitAll makes every content wait of which nothing is known.
func awaitAll(tx *db.Tx) {
	tx.Exec(`INSERT INTO file_scan (sha256, state, found, asked_at, next_at, tries, done_at)
		SELECT DISTINCT sha256, 'waiting', '', 0, 0, 0, 0 FROM file WHERE NOT EXISTS (SELECT 1 FROM file_scan WHERE file_scan.sha256 = file.sha256) ON CONFLICT DO NOTHING`)
}

// StopScanning lets everything be opened that is not known to do harm.
func StopScanning(ctx context.Context, d *db.DB, now time.Time) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		if on, err := scanning(tx); err != nil || !on {
			return err
		}
		tx.Exec(`DELETE FROM file_scanning`)
		tx.Exec(`DELETE FROM file_scan WHERE state = 'waiting'`)
		return audit.By{}.Note(tx, now, audit.Configured, endedScanning)
	})
}

// Scanner asks ClamAV about what waits.
type Scanner struct {
	DB    *db.DB
	Clamd Clamd
	Found func(tx *db.Tx, files []File, what string) error // tells people, in the transaction that says so
	Now   func() time.Time

	down time.Time // since when it does not answer
}

var (
	waitingFiles = promauto.NewGauge(prometheus.GaugeOpts{Name: "motcua_files_waiting", Help: "Files that wait to be scanned."})
	scannerUp    = promauto.NewGauge(prometheus.GaugeOpts{Name: "motcua_scanner_up", Help: "1 while the virus scanner answers."})
	scannedFiles = promauto.NewCounterVec(prometheus.CounterOpts{Name: "motcua_files_scanned_total", Help: "Files that were scanned, by what came of it."}, []string{"state"})
)

const (
	scanAtOnce = 4
	scanPause  = 5 * time.Second // while the scanner is away
	scanLater  = time.Minute     // after one that could not be scanned, longer each time
)

// Work scans some of what waits, what was asked for last first; more is true when
// there may be more. While the scanner is away it does nothing.
func (s *Scanner) Work(ctx context.Context) (more bool, err error) {
	var waiting []string
	var count int64
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		waiting = nil
		for row := range tx.Query(`SELECT sha256 FROM file_scan WHERE state = 'waiting' AND next_at <= $1 ORDER BY asked_at DESC LIMIT $2`, s.Now().UnixMilli(), scanAtOnce) {
			var at string
			row.Scan(&at)
			waiting = append(waiting, at)
		}
		_, err := tx.One(`SELECT COUNT(*) FROM file_scan WHERE state = 'waiting'`, nil, &count)
		return err
	})
	if err != nil {
		return false, err
	}
	waitingFiles.Set(float64(count))
	errs := make([]error, len(waiting))
	var all sync.WaitGroup
	for i, at := range waiting {
		all.Go(func() { errs[i] = s.scan(ctx, at) })
	}
	all.Wait()
	err = errors.Join(errs...)
	if len(waiting) == 0 {
		return false, nil
	}
	away := errors.Is(err, errDown)
	s.answers(ctx, !away, err)
	if away {
		rest(ctx)
		return false, nil
	}
	return len(waiting) == scanAtOnce, err
}

// answers notes whether the scanner answers, and says so once when that changes.
func (s *Scanner) answers(ctx context.Context, up bool, err error) {
	if up != s.down.IsZero() {
		if s.down = (time.Time{}); !up {
			s.down = s.Now()
			slog.ErrorContext(ctx, "virus scanner away, files wait", "error", err)
		} else {
			slog.InfoContext(ctx, "virus scanner is back")
		}
	}
	scannerUp.Set(map[bool]float64{true: 1}[up])
}

func rest(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(scanPause):
	}
}

// scan asks about one content, and keeps what is said. One that cannot be scanned
// waits longer than others.
func (s *Scanner) scan(ctx context.Context, at string) error {
	found, err := s.Clamd.scan(ctx, func(to io.Writer) error { return copyWhole(ctx, s.DB, at, to) })
	switch {
	case errors.Is(err, errDown) || ctx.Err() != nil:
		return err
	case err != nil:
		slog.ErrorContext(ctx, "not scanned", "content", at, "error", err)
		return s.DB.Write(ctx, func(tx *db.Tx) error {
			tx.Exec(`UPDATE file_scan SET tries = tries + 1, next_at = $1 + $2 * CASE WHEN tries > 60 THEN 60 ELSE tries + 1 END WHERE sha256 = $3 AND state = 'waiting'`,
				s.Now().UnixMilli(), scanLater.Milliseconds(), at)
			return nil
		})
	}
	state := Clean
	if found != "" {
		state = Infected
	}
	scannedFiles.WithLabelValues(string(state)).Inc()
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		waits, err := tx.One(`SELECT 1 FROM file_scan WHERE sha256 = $1 AND state = 'waiting'`, []any{at}, new(int))
		if err != nil || !waits { // somebody else has just asked about the same, or it is gone
			return err
		}
		proof := ""
		if state == Clean {
			proof = prove(tx, at)
		}
		tx.Exec(`UPDATE file_scan SET state = $1, found = $2, proof = $3, done_at = $4 WHERE sha256 = $5`, string(state), found, proof, s.Now().UnixMilli(), at)
		if state == Infected {
			if err := (audit.By{}).Note(tx, s.Now(), audit.Found, "file", "content", at, "found", found); err != nil {
				return err
			}
			list, err := filesAt(tx, at)
			if err != nil {
				return err
			}
			var files []File
			for _, f := range list {
				files = append(files, f.File)
			}
			return s.Found(tx, files, found)
		}
		return nil
	})
}

// verifyScans tells of contents that were never asked about though the site has a
// scanner, of those that are clean without the scanner's word, and of what is known
// of contents that are not there.
func verifyScans(tx *db.Tx, wrong func(what, detail string)) error {
	on, err := scanning(tx)
	if err != nil {
		return err
	}
	tell := func(detail, query string) {
		for row := range tx.Query(query) {
			var sha string
			row.Scan(&sha)
			wrong(sha, detail)
		}
	}
	if on {
		tell("not scanned and not waiting", `SELECT DISTINCT sha256 FROM file WHERE NOT EXISTS (SELECT 1 FROM file_scan WHERE file_scan.sha256 = file.sha256)`)
	} else {
		tell("waits for a scanner that the site does not have", `SELECT sha256 FROM file_scan WHERE state = 'waiting'`)
	}
	tell("scanned, but no file", `SELECT sha256 FROM file_scan WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.sha256 = file_scan.sha256)`)
	tell("in no known state", `SELECT sha256 FROM file_scan WHERE state NOT IN ('waiting', 'clean', 'infected')`)
	for row := range tx.Query(`SELECT sha256, proof FROM file_scan WHERE state = 'clean'`) {
		var at, proof string
		row.Scan(&at, &proof)
		if !proven(tx, at, proof) {
			wrong(at, "clean, but the scanner did not say so")
		}
	}
	if !on {
		if err := verifyEnded(tx, wrong); err != nil {
			return err
		}
	}
	found, err := audit.Find(tx, `kind = $1`, string(audit.Found), math.MaxInt32)
	for i := range found {
		if err == nil {
			err = verifyFound(tx, &found[i], wrong)
		}
	}
	if err != nil {
		return err
	}
	return tx.Err()
}

// verifyEnded tells of a site whose files are not scanned though nobody ended it.
func verifyEnded(tx *db.Tx, wrong func(what, detail string)) error {
	last := func(what string) (at time.Time, err error) {
		lines, err := audit.Find(tx, `kind = 'configured' AND body LIKE $1`, `%"`+what+`"%`, 1)
		if len(lines) > 0 {
			at = lines[0].At
		}
		return at, err
	}
	started, err := last(startedScanning)
	if err != nil {
		return err
	}
	ended, err := last(endedScanning)
	if err == nil && started.After(ended) {
		wrong("file_scanning", "the journal says that files are scanned, and they are not")
	}
	return err
}

// verifyFound holds what the journal says was found to do harm against its state, as
// long as it was not gone in between: then it was looked at again.
func verifyFound(tx *db.Tx, l *audit.Line, wrong func(what, detail string)) error {
	var said struct{ Content string }
	if err := l.Read(&said); err != nil {
		return err
	}
	still, err := tx.One(`SELECT 1 FROM file WHERE sha256 IN ($1, $2) AND created_at <= $3`, []any{said.Content, address(tx.Vault(), said.Content), l.At.UnixMilli()}, new(int))
	if err != nil || !still {
		return err
	}
	s, err := Scanned(tx, said.Content)
	if err == nil && s != Infected {
		wrong(said.Content, "was found to do harm, and may be opened")
	}
	return err
}
