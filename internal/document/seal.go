// SPDX-License-Identifier: Apache-2.0

package document

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"motcua/internal/db"
	"motcua/internal/vault"
)

// Every file is kept sealed: what it is handed in for may be told later, and most
// papers are somebody's. Its content lies under a keyed digest, so that equal
// content is stored once and nobody can tell whether a paper that they hold is
// there; its name and plain digest are sealed with its row.

// address is the name under which content of a plain digest lies sealed.
func address(v *vault.Vault, sha string) string { return "k" + v.Digest("file", sha) }

// sealer seals the pieces of one content. They are bound to each other by a number of
// their own: the address is not known before the last of them.
type sealer struct {
	vault  *vault.Vault
	number string
}

const numberBytes = 16

func newSealer(v *vault.Vault) sealer {
	var b [numberBytes]byte
	rand.Read(b[:])
	return sealer{v, string(b[:])}
}

func (s *sealer) place(n int) string { return fmt.Sprintf("piece/%x/%d", s.number, n) }

// seal makes of piece n what is stored.
func (s *sealer) seal(n int, piece []byte) ([]byte, error) {
	sealed, err := s.vault.Seal(s.place(n), piece)
	return append([]byte(s.number), sealed...), err
}

// open opens piece n; the first one says which number all have.
func (s *sealer) open(n int, stored []byte) ([]byte, error) {
	if len(stored) < numberBytes {
		return nil, fmt.Errorf("piece %d: %w", n, vault.ErrClosed)
	}
	if n == 0 {
		s.number = string(stored[:numberBytes])
	}
	if string(stored[:numberBytes]) != s.number {
		return nil, fmt.Errorf("piece %d: of another content: %w", n, vault.ErrClosed)
	}
	return s.vault.Open(s.place(n), stored[numberBytes:])
}

// label is what a file's row tells to who can open it.
type label struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

func (f *File) sealed(v *vault.Vault) (string, error) {
	text, err := json.Marshal(label{f.Name, f.SHA256})
	if err != nil {
		return "", err
	}
	return v.SealText("file/"+f.ID, string(text))
}

// open reads what the row of a file says of its name and content.
func (f *File) open(v *vault.Vault, name, address string) error {
	f.address = address
	if !vault.Sealed(name) { // from before files were sealed
		f.Name, f.SHA256 = name, address
		return nil
	}
	text, err := v.OpenText("file/"+f.ID, name)
	if err != nil {
		return err
	}
	var l label
	if err := json.Unmarshal([]byte(text), &l); err != nil {
		return fmt.Errorf("file %s: %w", f.ID, err)
	}
	f.Name, f.SHA256 = l.Name, l.SHA256
	return nil
}

// pieces reads the pieces of a content in order and opens them.
type pieces struct {
	db      *db.DB
	address string
	sealer  sealer
	n       int
	lying   bool // some lie open
}

func piecesOf(d *db.DB, address string) pieces {
	return pieces{db: d, address: address, sealer: sealer{vault: d.Vault}}
}

// next is the next piece; nil after the last.
func (p *pieces) next(ctx context.Context) ([]byte, error) {
	var stored []byte
	var key int64
	var more bool
	if err := p.db.Read(ctx, func(tx *db.Tx) (err error) {
		more, err = tx.One(`SELECT content, sealed FROM file_piece WHERE sha256 = $1 AND n = $2`, []any{p.address, p.n}, &stored, &key)
		return err
	}); err != nil || !more {
		return nil, err
	}
	switch {
	case key == 0 && p.address[0] == 'k':
		return nil, fmt.Errorf("file %s: piece %d lies open: %w", p.address, p.n, vault.ErrClosed)
	case key == 0:
		p.lying = true
	default:
		var err error
		if stored, err = p.sealer.open(p.n, stored); err != nil {
			return nil, fmt.Errorf("file %s: %w", p.address, err)
		}
	}
	p.n++
	return stored, nil
}

// copy writes the content, and holds its last piece back until right says that the
// digest of the whole is what it should be.
func (p *pieces) copy(ctx context.Context, to io.Writer, right func(sum string) bool) error {
	sum := sha256.New()
	var held []byte
	for {
		piece, err := p.next(ctx)
		if err != nil {
			return err
		}
		if piece == nil {
			break
		}
		sum.Write(piece)
		if _, err := to.Write(held); err != nil {
			return err
		}
		held = piece
	}
	if got := sumOf(sum); !right(got) {
		return fmt.Errorf("file %s: content has another digest", p.address)
	}
	_, err := to.Write(held)
	return err
}

// are tells whether pieces of a digest may lie under this address.
func (p *pieces) are(sum string) bool {
	return strings.HasPrefix(p.address, uploading) || sum == p.address || address(p.db.Vault, sum) == p.address
}

func sumOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// Reseal seals anew every piece and row that is not sealed with the key that seals
// now, and what lies open from before files were sealed. It can be stopped and
// called again; files are read meanwhile. done is told how many contents were looked
// at.
func Reseal(ctx context.Context, d *db.DB, done func(n int64)) error {
	var n int64
	for after := ""; ; {
		addresses, err := contents(ctx, d, after)
		if err != nil || len(addresses) == 0 {
			return err
		}
		for _, a := range addresses {
			if err := reseal(ctx, d, a); err != nil {
				return fmt.Errorf("file %s: %w", a, err)
			}
			n++
			done(n)
		}
		after = addresses[len(addresses)-1]
	}
}

// contents lists the addresses of whole contents behind one.
func contents(ctx context.Context, d *db.DB, after string) ([]string, error) {
	var list []string
	err := d.Read(ctx, func(tx *db.Tx) error {
		list = nil
		for row := range tx.Query(`SELECT DISTINCT sha256 FROM file WHERE sha256 > $1 ORDER BY sha256 LIMIT 500`, after) {
			var a string
			row.Scan(&a)
			list = append(list, a)
		}
		return tx.Err()
	})
	return list, err
}

func reseal(ctx context.Context, d *db.DB, at string) error {
	if at[0] != 'k' {
		return sealOld(ctx, d, at)
	}
	p := piecesOf(d, at)
	for {
		n := p.n
		piece, err := p.next(ctx)
		if err != nil {
			return err
		}
		if piece == nil {
			break
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			var key int64
			found, err := tx.One(`SELECT sealed FROM file_piece WHERE sha256 = $1 AND n = $2`, []any{at, n}, &key)
			if err != nil || !found || key == d.Vault.Key() {
				return err
			}
			stored, err := p.sealer.seal(n, piece)
			tx.Exec(`UPDATE file_piece SET content = $1, sealed = $2 WHERE sha256 = $3 AND n = $4`, stored, keyOf(stored), at, n)
			return err
		}); err != nil {
			return err
		}
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		files, err := filesAt(tx, at)
		if err != nil {
			return err
		}
		for _, f := range files {
			if f.key == d.Vault.Key() {
				continue
			}
			name, err := f.sealed(tx.Vault())
			if err != nil {
				return err
			}
			tx.Exec(`UPDATE file SET name = $1 WHERE id = $2`, name, f.ID)
		}
		return tx.Err()
	})
}

// keyOf is the key with which a stored piece is sealed.
func keyOf(stored []byte) int64 { return vault.KeyOf(stored[numberBytes:]) }

// resealed is a file with the key of its row.
type resealed struct {
	File
	key int64
}

func filesAt(tx *db.Tx, at string) ([]resealed, error) {
	var list []resealed
	var fault error
	for row := range tx.Query(`SELECT id, account, name FROM file WHERE sha256 = $1`, at) {
		var f resealed
		var name string
		row.Scan(&f.ID, &f.Account, &name)
		f.key = vault.TextKey(name)
		if fault = f.open(tx.Vault(), name, at); fault != nil {
			return nil, fault
		}
		list = append(list, f)
	}
	return list, tx.Err()
}

// sealOld seals a content that lies open under its plain digest: a sealed copy first,
// then in one transaction that stands in its place.
func sealOld(ctx context.Context, d *db.DB, sha string) error {
	provisional := fmt.Sprintf("%s%013d:%s", uploading, time.Now().UnixMilli(), newID())
	p, s := piecesOf(d, sha), newSealer(d.Vault)
	err := p.copy(ctx, &sealing{ctx, d, provisional, &s, 0}, func(sum string) bool { return sum == sha })
	if err != nil {
		sweep(d, provisional)
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		files, err := filesAt(tx, sha)
		if err != nil {
			return err
		}
		to := address(tx.Vault(), sha)
		if err := settle(tx, provisional, to); err != nil {
			return err
		}
		for _, f := range files {
			name, err := f.sealed(tx.Vault())
			if err != nil {
				return err
			}
			tx.Exec(`UPDATE file SET name = $1, sha256 = $2 WHERE id = $3`, name, to, f.ID)
		}
		tx.Exec(`DELETE FROM file_piece WHERE sha256 = $1`, sha)
		tx.Exec(`DELETE FROM file_scan WHERE sha256 = $1 AND EXISTS (SELECT 1 FROM file_scan WHERE sha256 = $2)`, sha, to)
		var proof string
		if _, err := tx.One(`SELECT proof FROM file_scan WHERE sha256 = $1`, []any{sha}, &proof); err != nil {
			return err
		}
		if proven(tx, sha, proof) {
			proof = prove(tx, to)
		}
		tx.Exec(`UPDATE file_scan SET sha256 = $1, proof = $2 WHERE sha256 = $3`, to, proof, sha)
		return nil
	})
}

// sealing writes pieces sealed under a name.
type sealing struct {
	ctx    context.Context
	db     *db.DB
	under  string
	sealer *sealer
	n      int
}

func (s *sealing) Write(piece []byte) (int, error) {
	if len(piece) == 0 {
		return 0, nil
	}
	err := s.db.Write(s.ctx, func(tx *db.Tx) error { return putPiece(tx, s.sealer, s.under, s.n, piece, "") })
	s.n++
	return len(piece), err
}

func putPiece(tx *db.Tx, s *sealer, under string, n int, piece []byte, otherwise string) error {
	stored, err := s.seal(n, piece)
	if err != nil {
		return err
	}
	tx.Exec(`INSERT INTO file_piece (sha256, n, content, sealed) VALUES ($1, $2, $3, $4)`+otherwise, under, n, stored, keyOf(stored))
	return nil
}

// Unrenewed tells how many pieces and rows are not sealed with the key that seals now.
func Unrenewed(tx *db.Tx) (left int64, err error) {
	if _, err := tx.One(`SELECT COUNT(*) FROM file_piece WHERE sealed <> $1`, []any{tx.Vault().Key()}, &left); err != nil {
		return 0, err
	}
	for row := range tx.Query(`SELECT name FROM file`) {
		var name string
		row.Scan(&name)
		if vault.TextKey(name) != tx.Vault().Key() {
			left++
		}
	}
	return left, tx.Err()
}
