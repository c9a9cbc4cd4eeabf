// SPDX-License-Identifier: Apache-2.0

package records

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/refusal"
)

// The archive package of a dossier (gói hồ sơ lưu trữ) is a BagIt bag (RFC 8493) in
// a ZIP file: what was handed in as it was handed in, what was issued, metadata,
// the history and all that the journal has of it, with a digest of each file.
// docs/archive-package.md describes it; anybody can check it, with Check or with
// sha256sum.

// metadata is data/metadata.json.
type metadata struct {
	Format    string             `json:"format"`
	Code      dossier.Code       `json:"code"`
	Procedure named              `json:"procedure"`
	Edition   int                `json:"edition"`
	Case      string             `json:"case"`
	Field     named              `json:"field"`
	Reception named              `json:"reception"`
	Competent named              `json:"competent"`
	Channel   string             `json:"channel"`
	Applicant dossier.Applicant  `json:"applicant"`
	Submitter *dossier.Applicant `json:"submitter,omitempty"`
	Answers   form.Answers       `json:"answers"`
	Status    int                `json:"status"`
	Phase     dossier.Phase      `json:"phase"`
	SentAt    time.Time          `json:"sent_at"`
	Received  time.Time          `json:"received_at,omitzero"`
	Due       time.Time          `json:"due,omitzero"`
	Issued    time.Time          `json:"issued_at,omitzero"`
	Returned  time.Time          `json:"returned_at,omitzero"`
	Closed    time.Time          `json:"closed_at,omitzero"`
	Outcome   string             `json:"outcome,omitempty"`
	Retention *dossier.Retention `json:"retention,omitempty"`
	Hold      *dossier.Hold      `json:"hold,omitempty"`
	Archived  time.Time          `json:"archived,omitzero"`
	Papers    []paper            `json:"papers"`
	MadeAt    time.Time          `json:"made_at"`
	MadeBy    string             `json:"made_by"`
}

// named is a code with its words.
type named struct {
	ID   string    `json:"id"`
	Name form.Text `json:"name"`
}

// paper is a paper of the dossier and where it lies in the package.
type paper struct {
	Path      string    `json:"path,omitempty"` // "": on paper only, or removed
	Kind      string    `json:"kind"`           // handed_in, replaced, issued, result
	Component string    `json:"component,omitempty"`
	Name      string    `json:"name"`
	Number    string    `json:"number,omitempty"`
	MediaType string    `json:"media_type,omitempty"`
	SHA256    string    `json:"sha256,omitempty"`
	Originals int       `json:"originals,omitempty"`
	Copies    int       `json:"copies,omitempty"`
	At        time.Time `json:"at,omitzero"`
	Removed   bool      `json:"removed,omitempty"`  // by rule, as history says
	Infected  bool      `json:"infected,omitempty"` // left out: the virus scanner says that it does harm
}

// format names this version of the package.
const format = "motcua-archive/1"

// bag writes a bag into a ZIP file and adds up the digests of its files.
type bag struct {
	zip      *zip.Writer
	root     string
	at       time.Time
	manifest map[string]string // by path
	bytes    int64
}

// Package writes the archive package of a closed dossier, piece by piece; only for
// who heads the agency that decided it. That it was taken is in the journal, with
// the digest of its manifest.
func (k *Keeper) Package(ctx context.Context, who dossier.Actor, code dossier.Code, to io.Writer) error {
	f, err := k.Open(ctx, who, code)
	if err != nil {
		return err
	}
	return k.Write(ctx, who, &f, to)
}

// Open opens a dossier to be packed; refused if the caller may not, it is not closed
// yet, or a file of it still waits for the virus scanner.
func (k *Keeper) Open(ctx context.Context, who dossier.Actor, code dossier.Code) (dossier.File, error) {
	f, err := k.Book.Open(ctx, who, code)
	switch {
	case err != nil:
		return f, err
	case !who.MayArchive(&f.State):
		return f, refusal.New(refusal.NotAllowed, "archive.heads_only")
	case !f.State.Closed():
		return f, refusal.New(refusal.NotNow, "archive.open")
	}
	handed := append(f.Replaced(), f.State.Documents...)
	closed, err := k.Book.Scans(ctx, dossier.DigestsOf(handed)...)
	if err != nil {
		return f, err
	}
	for _, d := range handed {
		if closed[d.SHA256] == document.Waiting && !f.State.Gone(d.File) {
			return f, refusal.New(refusal.NotNow, "document.waiting")
		}
	}
	return f, k.Book.Viewed(ctx, who, &f, "package")
}

// Write writes the package of a dossier that was opened for it.
func (k *Keeper) Write(ctx context.Context, who dossier.Actor, f *dossier.File, to io.Writer) error {
	out := zip.NewWriter(to)
	b := &bag{zip: out, root: string(f.State.Code) + "/", at: f.State.Latest, manifest: map[string]string{}}
	if err := k.fill(ctx, who, f, b); err != nil {
		return fmt.Errorf("pack %s: %w", f.State.Code, err)
	}
	digest, err := b.close(k.Book.Now())
	if err != nil {
		return err
	}
	return k.Book.DB.Write(ctx, func(tx *db.Tx) error {
		return audit.Write(tx, audit.Entry{At: k.Book.Now(), Kind: audit.Kept, Account: who.Account, Dossier: f.State.ID, Agency: string(f.State.Competent),
			Detail: map[string]any{"what": "package", "code": f.State.Code, "name": who.Name, "manifest": digest}})
	})
}

func (k *Keeper) fill(ctx context.Context, who dossier.Actor, f *dossier.File, b *bag) error {
	s := &f.State
	t, err := k.Book.Track(ctx, s)
	if err != nil {
		return err
	}
	dir, terms := k.Book.Site.Directory(), k.Book.Site.Terms()
	place := func(id string, name func(lang string) string) named {
		return named{id, form.Text{VI: name("vi"), EN: name("en")}}
	}
	m := metadata{Format: format, Code: s.Code, Procedure: named{s.Procedure, t.Procedure}, Edition: s.Edition, Case: s.Case, Field: named{s.Field, terms.Field(s.Field)},
		Reception: place(string(s.Reception), func(l string) string { return dir.Name(s.Reception, l) }), Competent: place(string(s.Competent), func(l string) string { return dir.Name(s.Competent, l) }),
		Channel: string(s.Channel), Applicant: s.Applicant, Submitter: s.Submitter, Answers: f.Answers, Status: int(s.Status()), Phase: s.Phase,
		SentAt: s.SentAt, Received: s.ReceivedAt, Due: s.Due, Issued: s.IssuedAt, Returned: s.ReturnedAt, Closed: s.ClosedAt, Outcome: string(s.Outcome),
		Retention: s.Retention, Hold: s.Hold, Archived: s.Archived, Papers: []paper{}, MadeAt: k.Book.Now(), MadeBy: who.Name}
	if m.Papers, err = k.papers(ctx, f, &t, b); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		body any
	}{{"metadata.json", m}, {"procedure.json", t.Edition}} {
		text, err := json.MarshalIndent(part.body, "", " ")
		if err != nil {
			return err
		}
		if err := b.add("data/"+part.name, bytes.NewReader(text)); err != nil {
			return err
		}
	}
	if err := b.write("data/events.jsonl", func(w io.Writer) error { return events(f, w) }); err != nil {
		return err
	}
	lines, err := k.journal(ctx, s.ID)
	if err != nil {
		return err
	}
	return b.add("data/journal.jsonl", lines)
}

// papers packs what was handed in and what was issued.
func (k *Keeper) papers(ctx context.Context, f *dossier.File, t *dossier.Track, b *bag) ([]paper, error) {
	list := []paper{}
	s := &f.State
	n := 0
	handed := func(kind string, documents []dossier.Document) error {
		for _, d := range documents {
			p := paper{Kind: kind, Component: d.Component, Name: d.Name, MediaType: d.MediaType, SHA256: d.SHA256, Originals: d.Originals, Copies: d.Copies, Removed: s.Gone(d.File)}
			closed, err := k.Book.Scans(ctx, d.SHA256)
			if err != nil {
				return err
			}
			p.Infected = closed[d.SHA256] == document.Infected
			if d.File != "" && !p.Removed && !p.Infected {
				n++
				p.Path = fmt.Sprintf("data/papers/%03d-%s", n, document.CleanName(d.Name))
				if err := b.write(p.Path, func(w io.Writer) error { return document.Copy(ctx, k.Book.DB, d.SHA256, w) }); err != nil {
					return err
				}
			}
			list = append(list, p)
		}
		return nil
	}
	if err := handed("handed_in", s.Documents); err != nil {
		return nil, err
	}
	if err := handed("replaced", f.Replaced()); err != nil {
		return nil, err
	}
	drawn := func(kind string, x dossier.PaperRef, draw func(context.Context, *dossier.File, string) ([]byte, error)) error {
		content, err := draw(ctx, f, x.ID)
		if err != nil {
			return err
		}
		n++
		p := paper{Path: fmt.Sprintf("data/issued/%03d-%s.pdf", n, document.CleanName(x.ID)), Kind: kind, Name: x.Name.VI, Number: x.Number, MediaType: "application/pdf", At: x.IssuedAt}
		sum := sha256.Sum256(content)
		p.SHA256 = hex.EncodeToString(sum[:])
		list = append(list, p)
		return b.add(p.Path, bytes.NewReader(content))
	}
	issued := s.Papers()
	if !s.ReceivedAt.IsZero() {
		issued = append(issued, dossier.PaperRef{ID: dossier.ControlSlip, Name: form.Text{VI: "Phiếu kiểm soát quá trình giải quyết hồ sơ"}, IssuedAt: s.Latest})
	}
	for _, x := range issued {
		if err := drawn("issued", x, k.Book.Paper); err != nil {
			return nil, err
		}
	}
	for _, x := range s.Results(*t) {
		if err := drawn("result", x, k.Book.Result); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// events writes the history, a line for each event.
func events(f *dossier.File, w io.Writer) error {
	lines := json.NewEncoder(w)
	for _, r := range f.Events {
		if err := lines.Encode(map[string]any{"seq": r.Seq, "at": r.At, "kind": r.Kind(), "by": r.By, "event": r.Event}); err != nil {
			return err
		}
	}
	return nil
}

// journal is what the journal has of a dossier, a line for each of its own.
func (k *Keeper) journal(ctx context.Context, id int64) (io.Reader, error) {
	text := &bytes.Buffer{}
	var fault error
	err := k.Book.DB.Read(ctx, func(tx *db.Tx) error {
		text.Reset()
		lines := json.NewEncoder(text)
		return audit.About(tx, id, func(l audit.Line) bool {
			fault = lines.Encode(map[string]any{"chain": l.Chain, "seq": l.Seq, "at": l.At.In(calendar.Zone), "kind": l.Kind, "account": l.Account, "agency": l.Agency, "flag": l.Flag, "body": json.RawMessage(l.Body), "hash": l.Hash})
			return fault == nil
		})
	})
	if fault != nil {
		return nil, fault
	}
	return text, err
}

// add packs a file.
func (b *bag) add(path string, content io.Reader) error {
	return b.write(path, func(w io.Writer) error {
		_, err := io.Copy(w, content)
		return err
	})
}

// write packs a file as it is written.
func (b *bag) write(path string, content func(w io.Writer) error) error {
	entry, err := b.zip.CreateHeader(&zip.FileHeader{Name: b.root + path, Method: zip.Deflate, Modified: b.at})
	if err != nil {
		return err
	}
	sum := &summed{to: entry, sum: sha256.New()}
	if err := content(sum); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	b.bytes += sum.n
	b.manifest[path] = hex.EncodeToString(sum.sum.Sum(nil))
	return nil
}

type summed struct {
	to  io.Writer
	sum hash.Hash
	n   int64
}

func (s *summed) Write(p []byte) (int, error) {
	s.sum.Write(p)
	s.n += int64(len(p))
	return s.to.Write(p)
}

// The files that make a ZIP file a bag.
const (
	declaration = "bagit.txt"
	bagInfo     = "bag-info.txt"
	manifest    = "manifest-sha256.txt"
	tagManifest = "tagmanifest-sha256.txt"
)

// close writes the manifests; it returns the digest of that of the files.
func (b *bag) close(now time.Time) (string, error) {
	payload, list := len(b.manifest), b.listed("data/")
	bytes := b.bytes
	for _, x := range []struct{ name, text string }{
		{declaration, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"},
		{bagInfo, fmt.Sprintf("Source-Organization: Mot Cua\nExternal-Identifier: %s\nBagging-Date: %s\nPayload-Oxum: %d.%d\nBag-Software-Agent: %s\n", strings.TrimSuffix(b.root, "/"), now.Format(time.DateOnly), bytes, payload, format)},
		{manifest, list},
	} {
		if err := b.add(x.name, strings.NewReader(x.text)); err != nil {
			return "", err
		}
	}
	if err := b.add(tagManifest, strings.NewReader(b.listed("", "data/"))); err != nil {
		return "", err
	}
	return b.manifest[manifest], b.zip.Close()
}

// listed are the lines of a manifest: the files below a folder, but for another.
func (b *bag) listed(below string, but ...string) string {
	var lines []string
	for path, sum := range b.manifest {
		if strings.HasPrefix(path, below) && !slices.ContainsFunc(but, func(x string) bool { return strings.HasPrefix(path, x) }) {
			lines = append(lines, sum+"  "+encoded.Replace(path)+"\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// encoded writes a path as manifests have it (RFC 8493, 2.1.3).
var (
	encoded = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	decoded = strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n")
)

// PackageRound writes the packages of all dossiers that a round lists and the
// caller sees, one ZIP file in another. A dossier that is refused, as one of which a
// file waits for the virus scanner, is left out and named in LeftOut with the sentence
// that say has for it. If none can be packed the first refusal is returned, before a
// byte is written.
func (k *Keeper) PackageRound(ctx context.Context, who dossier.Actor, id int64, to io.Writer, say func(*refusal.Error) string) error {
	list, err := k.Book.InRound(ctx, who, id, mostPacked)
	if err != nil {
		return err
	}
	var left strings.Builder
	var first error
	packed := 0
	out := zip.NewWriter(to)
	for i := range list {
		f, err := k.Open(ctx, who, list[i].Code)
		if e := refusal.As(err); e != nil && e.Kind != refusal.Unavailable {
			first = cmp.Or(first, err)
			fmt.Fprintf(&left, "%s\t%s\n", list[i].Code, say(e))
			continue
		}
		if err != nil {
			return err
		}
		entry, err := out.CreateHeader(&zip.FileHeader{Name: string(f.State.Code) + ".zip", Method: zip.Store, Modified: f.State.Latest})
		if err != nil {
			return err
		}
		if err := k.Write(ctx, who, &f, entry); err != nil {
			return err
		}
		packed++
	}
	if packed == 0 && first != nil {
		return first
	}
	if left.Len() > 0 {
		entry, err := out.CreateHeader(&zip.FileHeader{Name: LeftOut, Method: zip.Deflate, Modified: k.Book.Now()})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(entry, left.String()); err != nil {
			return err
		}
	}
	return out.Close()
}

// LeftOut is the file that names what a round's packages lack: a line for each
// dossier, its code and why.
const LeftOut = "left-out.txt"

// mostPacked is how many packages come in one file.
const mostPacked = 10_000
