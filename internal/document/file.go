// SPDX-License-Identifier: Apache-2.0

// Package document is the files people hand in, checked and kept.
//
// A file's content is stored once, sealed (seal.go), in pieces, in the site's
// database: what was answered is there after any crash, and every process of
// the site sees it. Start at Store.
package document

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	"golang.org/x/text/unicode/norm"

	"motcua/internal/db"
	"motcua/internal/refusal"
	"motcua/internal/vault"
)

// File is a stored file. Its content never changes.
type File struct {
	ID        string `json:"id"`
	Account   int64  `json:"-"`
	Name      string `json:"name"`
	Size      int64  `json:"size"` // bytes
	SHA256    string `json:"sha256"`
	MediaType string `json:"media_type"`
	Pages     int    `json:"-"` // of a PDF; 0 is not known
	Harmful   bool   `json:"-"` // the virus scanner says so; known of a file that was found

	address string // under which its content lies
}

// MaxBytes is the largest file that is taken at all.
const MaxBytes = 50 << 20

// pieceBytes is how much of a file is in memory at once.
const pieceBytes = 256 << 10

// kinds are the kinds of files that are taken, by media type. Archives are none of
// them: what is in them nobody sees before it is unpacked. Nor are office files of
// the old kind, whose macros cannot be told apart.
var kinds = map[string]string{
	"application/pdf": "pdf",
	"image/jpeg":      "jpg",
	"image/png":       "png",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       "xlsx",
	"image/vnd.dwg": "dwg",
}

// Takes says which files are taken: their kinds, "pdf", none meaning every kind
// that is taken at all, the bytes of the largest, 0 meaning MaxBytes, and the pages
// of the longest, 0 meaning any number.
type Takes struct {
	Kinds []string
	Most  int64
	Pages int
}

// named lists the kinds as they are shown: "PDF, JPG".
func (t Takes) named() string {
	if len(t.Kinds) == 0 {
		return "PDF, JPG, PNG, DOCX, XLSX, DWG"
	}
	known := slices.Collect(maps.Values(kinds))
	return strings.ToUpper(strings.Join(slices.DeleteFunc(slices.Clone(t.Kinds), func(k string) bool { return !slices.Contains(known, k) }), ", "))
}

// recognise tells the media type of a file that begins so, if it is taken.
func (t Takes) recognise(head []byte) (string, error) {
	if len(head) == 0 {
		return "", refusal.New(refusal.Invalid, "document.empty")
	}
	mediaType, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	kind := kinds[mediaType]
	if kind == "" && strings.HasSuffix(mediaType, "zip") || mediaType == "application/x-rar-compressed" || mediaType == "application/x-7z-compressed" {
		return "", refusal.New(refusal.Invalid, "document.archive", "kinds", t.named())
	}
	if kind == "" || len(t.Kinds) > 0 && !slices.Contains(t.Kinds, kind) {
		return "", refusal.New(refusal.Invalid, "document.kind", "kinds", t.named())
	}
	return mediaType, nil
}

// Refuse says of a file that was stored before why it is not taken; nil if it is.
func (t Takes) Refuse(f File) error {
	switch {
	case f.Harmful:
		return refusal.New(refusal.Invalid, "document.infected")
	case len(t.Kinds) > 0 && !slices.Contains(t.Kinds, KindOf(f.MediaType)):
		return about(refusal.New(refusal.Invalid, "document.kind", "kinds", t.named()), f.Name)
	case f.Size > t.most():
		return about(t.tooLarge(), f.Name)
	case t.Pages > 0 && f.Pages > t.Pages:
		return about(refusal.New(refusal.TooLarge, "document.pages", "n", f.Pages, "max", t.Pages), f.Name)
	}
	return nil
}

func (t Takes) most() int64 {
	if t.Most == 0 {
		return MaxBytes
	}
	return t.Most
}

func (t Takes) tooLarge() error {
	return refusal.New(refusal.TooLarge, "document.too_large", "mb", t.most()>>20)
}

// about names in a refusal the file that is refused.
func about(err error, name string) error {
	e := refusal.As(err)
	if e == nil || !strings.HasPrefix(e.Key, "document.") {
		return err
	}
	said := *e
	said.Args = map[string]any{"file": name}
	maps.Copy(said.Args, e.Args)
	return &said
}

// KindOf is the short name of a media type: "pdf"; "" if it is not taken.
func KindOf(mediaType string) string { return kinds[mediaType] }

// Store keeps an upload for an account, reading it once. Its kind is told by
// its content; an empty file, one too large, of a kind not taken, or one that
// could do harm when it is opened is refused and nothing is kept.
func Store(ctx context.Context, d *db.DB, account int64, name string, content io.Reader, takes Takes) (File, error) {
	f := File{ID: newID(), Account: account, Name: CleanName(name)}
	err := f.store(ctx, d, content, takes)
	return f, about(err, CleanName(name))
}

func (f *File) store(ctx context.Context, d *db.DB, content io.Reader, takes Takes) error {
	head := make([]byte, 4096)
	content = whole{content}
	n, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read upload: %w", err)
	}
	head = head[:n]
	if f.MediaType, err = takes.recognise(head); err != nil {
		return err
	}
	f.Name = named(f.Name, KindOf(f.MediaType))
	// Pieces are kept under a provisional name until the digest of the whole is
	// known; if it never is, they are swept.
	provisional := fmt.Sprintf("%s%013d:%s", uploading, time.Now().UnixMilli(), f.ID)
	sum := sha256.New()
	clean := stripped(KindOf(f.MediaType), io.MultiReader(bytes.NewReader(head), content))
	defer clean.Close()
	err = f.pieces(ctx, d, provisional, clean, sum, takes)
	f.is(d.Vault, sumOf(sum))
	if err == nil {
		err = f.examine(ctx, takes, func(ctx context.Context, to io.Writer) error { return copyWhole(ctx, d, provisional, to) })
	}
	if err != nil {
		sweep(d, provisional)
		return err
	}
	err = f.settle(ctx, d, provisional)
	if errors.Is(err, db.ErrDuplicate) {
		err = f.settle(ctx, d, provisional) // somebody has just stored the same content
	}
	return err
}

// examine has the content looked into that copyTo writes.
func (f *File) examine(ctx context.Context, takes Takes, copyTo func(context.Context, io.Writer) error) error {
	found, err := examineOnce(ctx, KindOf(f.MediaType), f.SHA256, copyTo)
	if err != nil {
		return err
	}
	if found.Key != "" {
		return &refusal.Error{Kind: refusal.Invalid, Key: found.Key, Args: found.Args}
	}
	f.Pages = found.Pages
	return takes.Refuse(*f)
}

// whole tells an upload that was cut off from one that ended.
type whole struct{ io.Reader }

var errCutOff = refusal.New(refusal.Invalid, "request.unreadable")

func (w whole) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errCutOff
	}
	return n, err
}

// uploading begins the name under which the pieces of an unfinished upload lie.
const uploading = "upload:"

// settle gives the pieces of a whole upload their address, or lets them go if
// the same content is stored already.
func (f *File) settle(ctx context.Context, d *db.DB, provisional string) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		if err := settle(tx, provisional, f.address); err != nil {
			return err
		}
		return insert(tx, *f)
	})
}

func settle(tx *db.Tx, provisional, address string) error {
	known, err := tx.One(`SELECT 1 FROM file_piece WHERE sha256 = $1 AND n = 0`, []any{address}, new(int))
	if err != nil {
		return err
	}
	if known {
		tx.Exec(`DELETE FROM file_piece WHERE sha256 = $1`, provisional)
	} else {
		tx.Exec(`UPDATE file_piece SET sha256 = $1 WHERE sha256 = $2`, address, provisional)
	}
	return nil
}

// is says which content a file has.
func (f *File) is(v *vault.Vault, sha string) { f.SHA256, f.address = sha, address(v, sha) }

func (f *File) pieces(ctx context.Context, d *db.DB, under string, content io.Reader, sum hash.Hash, takes Takes) error {
	piece, s := make([]byte, pieceBytes), newSealer(d.Vault)
	var seen sizing
	for n := 0; ; n++ {
		got, err := io.ReadFull(content, piece)
		if got > 0 {
			f.Size += int64(got)
			if f.Size > takes.most() {
				return takes.tooLarge()
			}
			sum.Write(piece[:got])
			seen.see(piece[:got])
			if err := d.Write(ctx, func(tx *db.Tx) error { return putPiece(tx, &s, under, n, piece[:got], "") }); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return seen.refuse(KindOf(f.MediaType))
		case err != nil:
			return fmt.Errorf("read upload: %w", err)
		}
	}
}

// Sweep forgets the pieces of uploads that were begun before an instant and
// never came to an end, such as those cut off by a crash.
func Sweep(ctx context.Context, d *db.DB, before time.Time) error {
	return d.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`DELETE FROM file_piece WHERE sha256 >= $1 AND sha256 < $2`, uploading, fmt.Sprintf("%s%013d", uploading, before.UnixMilli()))
		return nil
	})
}

// sweep forgets the pieces of an upload that failed; should that fail too,
// Sweep finds them later.
func sweep(d *db.DB, provisional string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = d.Write(ctx, func(tx *db.Tx) error {
		tx.Exec(`DELETE FROM file_piece WHERE sha256 = $1`, provisional)
		return nil
	})
}

// Ready is a small file that was looked into and can be kept.
type Ready struct {
	file    File
	content []byte
}

// Prepare looks into a small file, outside any transaction: as Store, but that
// nothing is kept yet.
func Prepare(ctx context.Context, name string, content []byte) (Ready, error) {
	r := Ready{file: File{Name: CleanName(name)}}
	return r, about(r.prepare(ctx, content), r.file.Name)
}

func (r *Ready) prepare(ctx context.Context, content []byte) error {
	var takes Takes
	var err error
	f := &r.file
	if f.MediaType, err = takes.recognise(content[:min(len(content), 4096)]); err != nil {
		return err
	}
	if int64(len(content)) > takes.most() {
		return takes.tooLarge()
	}
	clean := stripped(KindOf(f.MediaType), bytes.NewReader(content))
	defer clean.Close()
	if r.content, err = io.ReadAll(clean); err != nil {
		return err
	}
	f.Size = int64(len(r.content))
	var seen sizing
	seen.see(r.content)
	if err := seen.refuse(KindOf(f.MediaType)); err != nil {
		return err
	}
	f.Name = named(f.Name, KindOf(f.MediaType))
	sum := sha256.Sum256(r.content)
	f.SHA256 = hex.EncodeToString(sum[:])
	return f.examine(ctx, takes, func(_ context.Context, to io.Writer) error { _, err := to.Write(r.content); return err })
}

// Keep stores the file for an account within a transaction, if it is taken there.
func (r Ready) Keep(tx *db.Tx, account int64, takes Takes) (File, error) {
	f := r.file
	if r.content == nil {
		return f, errors.New("keep: not looked into")
	}
	if err := takes.Refuse(f); err != nil {
		return f, err
	}
	f.ID, f.Account = newID(), account
	f.is(tx.Vault(), f.SHA256)
	s := newSealer(tx.Vault())
	for n := 0; n*pieceBytes < len(r.content); n++ {
		if err := putPiece(tx, &s, f.address, n, r.content[n*pieceBytes:min((n+1)*pieceBytes, len(r.content))], ` ON CONFLICT DO NOTHING`); err != nil {
			return f, err
		}
	}
	return f, insert(tx, f)
}

// Forget removes a file that nothing refers to, and its content if no other
// file has the same.
func Forget(tx *db.Tx, f File) {
	tx.Exec(`DELETE FROM file WHERE id = $1`, f.ID)
	for _, table := range []string{"file_piece", "file_scan"} {
		tx.Exec(`DELETE FROM `+table+` WHERE sha256 = $1 AND NOT EXISTS (SELECT 1 FROM file WHERE sha256 = $1)`, f.address)
	}
}

func insert(tx *db.Tx, f File) error {
	name, err := f.sealed(tx.Vault())
	if err != nil {
		return err
	}
	now := time.Now().UnixMilli()
	tx.Exec(`INSERT INTO file (id, account, name, size, sha256, media_type, pages, created_at, unused_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		f.ID, f.Account, name, f.Size, f.address, f.MediaType, f.Pages, now, now+UnusedFor.Milliseconds())
	await(tx, f.address, now)
	return tx.Err()
}

// UnusedFor is how long a file is kept that was uploaded and handed in with nothing:
// a day longer than a repeated call gives the same file.
const UnusedFor = 31 * 24 * time.Hour

// Used notes that a file stands in a dossier; db.ErrStale if it was forgotten meanwhile.
func Used(tx *db.Tx, id string) { tx.ExecOne(`UPDATE file SET unused_at = 0 WHERE id = $1`, id) }

// Unused lists files that have been handed in with nothing for UnusedFor, as far as
// is noted.
func Unused(tx *db.Tx, now time.Time, limit int) (ids []string, err error) {
	for row := range tx.Query(`SELECT id FROM file WHERE unused_at > 0 AND unused_at <= $1 ORDER BY unused_at LIMIT $2`, now.UnixMilli(), limit) {
		var id string
		row.Scan(&id)
		ids = append(ids, id)
	}
	return ids, tx.Err()
}

// Later puts off when an unused file is looked at again, and keeps it from being
// handed in before the transaction ends; db.ErrStale if it is used by now.
func Later(tx *db.Tx, id string, at time.Time) {
	tx.ExecOne(`UPDATE file SET unused_at = $1 WHERE id = $2 AND unused_at > 0`, at.UnixMilli(), id)
}

// Find returns what is known of a file; NotFound if there is none.
func Find(tx *db.Tx, id string) (File, error) {
	f := File{ID: id}
	var name, address string
	var harmful int
	found, err := tx.One(`SELECT account, name, size, sha256, media_type, pages, (SELECT COUNT(*) FROM file_scan WHERE file_scan.sha256 = file.sha256 AND state = 'infected') FROM file WHERE id = $1`,
		[]any{id}, &f.Account, &name, &f.Size, &address, &f.MediaType, &f.Pages, &harmful)
	if err == nil && !found {
		err = refusal.New(refusal.NotFound, "document.unknown")
	}
	if err != nil {
		return f, err
	}
	f.Harmful = harmful > 0
	return f, f.open(tx.Vault(), name, address)
}

// Copy writes the content of a plain digest that may be opened, piece by piece: one
// that waits to be scanned, or that was found to do harm, is refused before the first
// byte. The last piece is held back until the digest of the whole is right: a file
// that does not match is a fault, and never looks complete.
func Copy(ctx context.Context, d *db.DB, sha string, to io.Writer) error {
	if err := Openable(ctx, d, sha); err != nil {
		return err
	}
	var at string
	if err := d.Look(ctx, func(tx *db.Tx) (err error) {
		at, err = lies(tx, sha)
		return err
	}); err != nil {
		return err
	}
	p := piecesOf(d, at)
	return p.copy(ctx, to, func(sum string) bool { return sum == sha })
}

// lies is the address under which the content of a plain digest is kept: the digest
// itself, if it is from before files were sealed.
func lies(tx *db.Tx, sha string) (string, error) {
	at := address(tx.Vault(), sha)
	found, err := tx.One(`SELECT 1 FROM file_piece WHERE sha256 = $1 AND n = 0`, []any{at}, new(int))
	if !found {
		at = sha
	}
	return at, err
}

// copyWhole writes the content that lies under an address, or of an upload that has
// none yet.
func copyWhole(ctx context.Context, d *db.DB, at string, to io.Writer) error {
	p := piecesOf(d, at)
	return p.copy(ctx, to, p.are)
}

// CleanName makes a file name safe to store, show, send back and save on any
// machine: no path, no control or direction characters, NFC, no name that Windows
// keeps for itself, at most 120 characters and 240 bytes.
func CleanName(name string) string {
	name = path.Base(strings.ReplaceAll(norm.NFC.String(strings.ToValidUTF8(name, "")), `\`, "/"))
	name = norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*/`, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name))
	name = trimmed(name)
	if stem, _, _ := strings.Cut(name, "."); ofWindows.MatchString(strings.TrimSpace(stem)) {
		name = "tep-" + name
	}
	if r := []rune(name); len(r) > mostRunes || len(name) > mostNameBytes {
		ext := path.Ext(name)
		if utf8.RuneCountInString(ext) > 10 {
			ext = ""
		}
		r = []rune(strings.TrimSuffix(name, ext))
		r = r[:min(len(r), mostRunes-utf8.RuneCountInString(ext))]
		for len(string(r))+len(ext) > mostNameBytes {
			r = r[:len(r)-1]
		}
		name = trimmed(string(r) + ext)
	}
	if name == "" {
		return "tep"
	}
	return name
}

const mostRunes, mostNameBytes = 120, 240 // disks take names of up to 255 bytes

// ofWindows are the names that mean a device on Windows, whatever follows them.
var ofWindows = regexp.MustCompile(`(?i)^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])$`)

func trimmed(name string) string {
	return strings.TrimRight(strings.TrimLeft(name, ". "), ". ")
}

// named is a name that ends as its kind does, so that nobody opens it as
// something else.
func named(name, kind string) string {
	ext := strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")
	if ext == kind || kind == "jpg" && ext == "jpeg" {
		return name
	}
	return name + "." + kind
}

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Verify checks that every file's content is there, sealed, and matches its digest,
// and that no pieces but those of uploads under way are without a file; wrong
// is told each that does not.
func Verify(ctx context.Context, d *db.DB, wrong func(what, detail string)) error {
	var digests []string
	err := d.Read(ctx, func(tx *db.Tx) error {
		for row := range tx.Query(`SELECT DISTINCT sha256 FROM file`) {
			var s string
			row.Scan(&s)
			digests = append(digests, s)
		}
		for row := range tx.Query(`SELECT id, name, sha256 FROM file WHERE name LIKE $1`, vault.Mark+"%") {
			var f File
			var name, address string
			row.Scan(&f.ID, &name, &address)
			if err := f.open(tx.Vault(), name, address); err != nil {
				wrong(f.ID, err.Error())
			}
		}
		for row := range tx.Query(`SELECT DISTINCT sha256 FROM file_piece WHERE sha256 NOT LIKE 'upload:%' AND NOT EXISTS (SELECT 1 FROM file WHERE file.sha256 = file_piece.sha256)`) {
			var s string
			row.Scan(&s)
			wrong(s, "pieces without a file")
		}
		for row := range tx.Query(`SELECT sha256 FROM file_piece WHERE sha256 NOT LIKE 'upload:%' GROUP BY sha256 HAVING COUNT(*) <> MAX(n) + 1`) {
			var s string
			row.Scan(&s)
			wrong(s, "pieces are missing")
		}
		return tx.Err()
	})
	if err != nil {
		return err
	}
	if err := d.Read(ctx, func(tx *db.Tx) error { return verifyScans(tx, wrong) }); err != nil {
		return err
	}
	for _, s := range digests {
		p := piecesOf(d, s)
		if err := p.copy(ctx, io.Discard, p.are); refusal.As(err) != nil {
			return err
		} else if err != nil {
			wrong(s, err.Error())
		} else if p.lying {
			wrong(s, "lies open and should be sealed")
		}
	}
	return nil
}

// Rehome makes the files of one account those of another.
func Rehome(tx *db.Tx, from, to int64) error {
	tx.Exec(`UPDATE file SET account = $1 WHERE account = $2`, to, from)
	return tx.Err()
}

// Of lists the files of an account.
func Of(tx *db.Tx, account int64) ([]File, error) {
	var list []File
	for row := range tx.Query(`SELECT id, name, size, sha256, media_type FROM file WHERE account = $1 ORDER BY id`, account) {
		f := File{Account: account}
		var name, address string
		row.Scan(&f.ID, &name, &f.Size, &address, &f.MediaType)
		if err := f.open(tx.Vault(), name, address); err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, tx.Err()
}

// There tells whether the content of a plain digest is kept.
func There(tx *db.Tx, sha string) (bool, error) {
	return tx.One(`SELECT 1 FROM file_piece WHERE (sha256 = $1 OR sha256 = $2) AND n = 0`, []any{address(tx.Vault(), sha), sha}, new(int))
}
