// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/document/documenttest"
	"motcua/internal/vault"
)

func change(t *testing.T, d *db.DB, sql string, args ...any) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { tx.Exec(sql, args...); return nil }); err != nil {
		t.Fatal(err)
	}
}

func wrongs(t *testing.T, d *db.DB) (list []string) {
	t.Helper()
	if err := Verify(t.Context(), d, func(what, detail string) { list = append(list, what+": "+detail) }); err != nil {
		t.Fatal(err)
	}
	return list
}

func stored(t *testing.T, d *db.DB, content string) File {
	t.Helper()
	f, err := Store(t.Context(), d, 1, "Giay to.pdf", strings.NewReader(content), Takes{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func paper(fill string) string {
	return documenttest.PDF(documenttest.Catalogue, documenttest.Tree, documenttest.Page, documenttest.Stream("", strings.Repeat(fill, 600<<10/len(fill))))
}

// Pieces of one content do not stand for those of another, nor for each other; a
// piece that is changed, cut, missing or lies open is told, and never looks whole.
func TestPiecesAreBound(t *testing.T) {
	d := dbtest.Open(t)
	a, b := stored(t, d, paper("một")), stored(t, d, paper("hai"))
	if list := wrongs(t, d); len(list) > 0 {
		t.Fatal(list)
	}
	change(t, d, `INSERT INTO file_piece (sha256, n, content, sealed) SELECT 'kept', n, content, sealed FROM file_piece WHERE sha256 = $1`, a.address)
	restore := func() {
		change(t, d, `DELETE FROM file_piece WHERE sha256 = $1`, a.address)
		change(t, d, `INSERT INTO file_piece (sha256, n, content, sealed) SELECT $1, n, content, sealed FROM file_piece WHERE sha256 = 'kept'`, a.address)
	}
	for name, spoil := range map[string]func(){
		"of another content": func() {
			change(t, d, `UPDATE file_piece SET content = (SELECT content FROM file_piece WHERE sha256 = $1 AND n = 1) WHERE sha256 = $2 AND n = 1`, b.address, a.address)
		},
		"in another place": func() {
			change(t, d, `UPDATE file_piece SET content = (SELECT content FROM file_piece WHERE sha256 = 'kept' AND n = 0) WHERE sha256 = $1 AND n = 1`, a.address)
		},
		"all of another content": func() {
			change(t, d, `UPDATE file_piece SET content = (SELECT content FROM file_piece AS o WHERE o.sha256 = $1 AND o.n = file_piece.n) WHERE sha256 = $2`, b.address, a.address)
		},
		"the last is missing": func() { change(t, d, `DELETE FROM file_piece WHERE sha256 = $1 AND n = 2`, a.address) },
		"cut": func() {
			change(t, d, `UPDATE file_piece SET content = $1 WHERE sha256 = $2 AND n = 1`, []byte("x"), a.address)
		},
		"lies open": func() {
			change(t, d, `UPDATE file_piece SET content = $1, sealed = 0 WHERE sha256 = $2 AND n = 1`, []byte("open"), a.address)
		},
	} {
		spoil()
		var got bytes.Buffer
		if err := Copy(t.Context(), d, a.SHA256, &got); err == nil || got.Len() >= int(a.Size) {
			t.Errorf("%s: %d bytes, %v", name, got.Len(), err)
		}
		found := false
		for _, w := range wrongs(t, d) {
			found = found || strings.HasPrefix(w, a.address)
		}
		if !found {
			t.Errorf("%s is not found", name)
		}
		restore()
	}
}

// The name of a file opens with its own row only.
func TestNamesAreBound(t *testing.T) {
	d := dbtest.Open(t)
	a, b := stored(t, d, paper("một")), stored(t, d, paper("hai"))
	change(t, d, `UPDATE file SET name = (SELECT name FROM file WHERE id = $1) WHERE id = $2`, b.ID, a.ID)
	if list := wrongs(t, d); len(list) != 1 || !strings.HasPrefix(list[0], a.ID) {
		t.Error(list)
	}
}

// The same content is stored once, under a digest that nobody can make without the
// keys.
func TestSealedContentIsStoredOnce(t *testing.T) {
	d := dbtest.Open(t)
	content := paper("một")
	a, b := stored(t, d, content), stored(t, d, content)
	sum := sha256.Sum256([]byte(content))
	if a.address != b.address || a.SHA256 != hex.EncodeToString(sum[:]) || strings.Contains(a.address, a.SHA256) {
		t.Errorf("%+v %+v", a, b)
	}
	var n int64
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		_, err := tx.One(`SELECT COUNT(*) FROM file_piece`, nil, &n)
		return err
	}); err != nil || n != 3 {
		t.Errorf("%d pieces, %v", n, err)
	}
}

// Files from before files were sealed are read, told by Verify, and sealed by Reseal;
// those that were sealed with another key are sealed anew.
func TestReseal(t *testing.T) {
	d := dbtest.OpenURL(t, dbtest.URL(t))
	v, err := vault.New()
	if err != nil {
		t.Fatal(err)
	}
	d.Vault = v
	sealed := stored(t, d, paper("một"))
	old := paper("cũ")
	sum := sha256.Sum256([]byte(old))
	sha := hex.EncodeToString(sum[:])
	for n := 0; n*pieceBytes < len(old); n++ {
		change(t, d, `INSERT INTO file_piece (sha256, n, content) VALUES ($1, $2, $3)`, sha, n, []byte(old[n*pieceBytes:min((n+1)*pieceBytes, len(old))]))
	}
	change(t, d, `INSERT INTO file (id, account, name, size, sha256, media_type, created_at) VALUES ('old', 1, '~cu.pdf', $1, $2, 'application/pdf', 0)`, len(old), sha)
	if list := wrongs(t, d); len(list) != 1 || !strings.Contains(list[0], "lies open") {
		t.Errorf("an open file: %v", list)
	}
	if err := d.Vault.Add(); err != nil {
		t.Fatal(err)
	}
	if err := d.Vault.Promote(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Reseal(t.Context(), d, func(int64) {}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := d.Vault.Retire(); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if list := wrongs(t, d); len(list) > 0 {
		t.Error(list)
	}
	for want, digest := range map[string]string{old: sha, paper("một"): sealed.SHA256} {
		var got bytes.Buffer
		if err := Copy(t.Context(), d, digest, &got); err != nil || got.String() != want {
			t.Errorf("%d bytes of %d, %v", got.Len(), len(want), err)
		}
	}
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		f, err := Find(tx, "old")
		if f.Name != "~cu.pdf" || f.SHA256 != sha {
			t.Errorf("%+v", f)
		}
		left, err2 := Unrenewed(tx)
		if left != 0 || err2 != nil {
			t.Errorf("%d left, %v", left, err2)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := Copy(t.Context(), d, "no such", io.Discard); err == nil {
		t.Error("a file that is not there is copied")
	}
}
