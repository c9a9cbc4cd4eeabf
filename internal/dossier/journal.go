// SPDX-License-Identifier: Apache-2.0

package dossier

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"motcua/internal/audit"
	"motcua/internal/db"
)

// The journal holds no events but their digests: an event that is changed, removed
// or put in between is told, and nothing is kept twice.

// acted is what the journal says of events of a dossier that were written together.
type acted struct {
	Code  Code     `json:"code"`
	From  int      `json:"from"`
	To    int      `json:"to"`
	Kinds []string `json:"kinds"`
	Sum   string   `json:"sum"` // of the digests of their rows
}

// digests adds digests up, so that neither order nor company matters.
type digests [4]uint64

func (s *digests) add(digest [32]byte) {
	var carry uint64
	for i := range s {
		d := binary.BigEndian.Uint64(digest[24-8*i:])
		n := s[i] + d
		over := n < d
		n += carry
		if n < carry {
			over = true
		}
		if carry = 0; over {
			carry = 1
		}
		s[i] = n
	}
}

func (s *digests) text() string {
	var b [32]byte
	for i, n := range s {
		binary.BigEndian.PutUint64(b[24-8*i:], n)
	}
	return hex.EncodeToString(b[:])
}

func (s *digests) addText(text string) error {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != 32 {
		return fmt.Errorf("sum %q", text)
	}
	s.add([32]byte(b))
	return nil
}

// eventDigest is of an event's row as it stands.
func eventDigest(dossier int64, seq int, at int64, kind, actor, body string) [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d %d %d %d %d %d %s%s%s", dossier, seq, at, len(kind), len(actor), len(body), kind, actor, body)
	return [32]byte(h.Sum(nil))
}

// journal proves the journal, and that the events are those that it speaks of.
func (v *verifier) journal(ctx context.Context, tx *db.Tx) error {
	var journalled, burials digests
	err := audit.Verify(ctx, v.DB, tx, func(where, detail string) { v.wrong("journal", where, "%s", detail) }, func(l audit.Line) {
		v.ordered(l)
		var b buried
		if l.Kind == audit.Destroyed {
			err := l.Read(&b)
			if err == nil {
				err = burials.addText(b.Digest)
			}
			if err != nil {
				v.wrong("journal", fmt.Sprintf("%d/%d", l.Chain, l.Seq), "%v", err)
			}
		}
		if l.Kind != audit.Acted {
			return
		}
		var a acted
		if err := l.Read(&a); err != nil {
			v.wrong("journal", fmt.Sprintf("%d/%d", l.Chain, l.Seq), "%v", err)
		} else if err := journalled.addText(a.Sum); err != nil {
			v.wrong("journal", fmt.Sprintf("%d/%d", l.Chain, l.Seq), "%v", err)
		}
	})
	for round := range v.orders {
		if v.approved[round] <= 0 {
			v.wrong("tombstone", round, "dossiers were destroyed in a round that nobody approved")
		}
	}
	if err != nil || journalled == v.events && burials == v.stones {
		return err
	}
	return v.strayed(tx)
}

// strayed finds the dossiers whose events are not those of the journal.
func (v *verifier) strayed(tx *db.Tx) error {
	told := map[int64]int{} // dossier → its events that the journal has
	found := 0
	if err := v.unburied(tx, &found); err != nil {
		return err
	}
	ended, err := destroyedSums(tx)
	if err != nil {
		return err
	}
	sums := map[int64]digests{} // of what the journal has of those
	err = audit.Walk(tx, [audit.Chains]int64{}, func(l audit.Line) bool {
		var a acted
		if l.Kind != audit.Acted || l.Read(&a) != nil {
			return true
		}
		if _, destroyed := ended[l.Dossier]; destroyed {
			sum := sums[l.Dossier]
			_ = sum.addText(a.Sum) // that it is one was looked at before
			sums[l.Dossier] = sum
			return true
		}
		var is digests
		n := 0
		for row := range tx.Query(`SELECT `+eventColumns+` FROM event WHERE dossier = $1 AND seq >= $2 AND seq <= $3`, l.Dossier, a.From, a.To) {
			e := scanEvent(row)
			if digest, err := e.digest(tx); err == nil { // what does not open is missing in the sum
				is.add(digest)
			}
			n++
		}
		told[l.Dossier] += a.To - a.From + 1
		if is.text() != a.Sum {
			found++
			v.wrong("journal", string(a.Code), "events %d to %d are not what was written (%d are there)", a.From, a.To, n)
		}
		return tx.Err() == nil
	})
	if err != nil {
		return err
	}
	for id, t := range ended {
		if sum := sums[id]; sum.text() != t.Sum {
			found++
			v.wrong("tombstone", string(t.Code), "its events are not those that were written")
		}
	}
	for row := range tx.Query(`SELECT dossier, COUNT(*) FROM event GROUP BY dossier`) {
		var id int64
		var n int
		row.Scan(&id, &n)
		if n > told[id] {
			found++
			v.wrong("journal", fmt.Sprint(id), "%d events that the journal does not have", n-told[id])
		}
	}
	if found == 0 {
		v.wrong("journal", "events", "are not those of the journal")
	}
	return tx.Err()
}

// destroyedSums are the tombstones by dossier.
func destroyedSums(tx *db.Tx) (map[int64]Tombstone, error) {
	list, err := stones(tx, `1 = 1`)
	byID := map[int64]Tombstone{}
	for _, t := range list {
		byID[t.ID] = t
	}
	return byID, err
}
