// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"motcua/internal/agency"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/payment"
	"motcua/internal/privacy"
	"motcua/internal/procedure"
	"motcua/internal/records"
	"motcua/internal/refusal"
	"motcua/internal/secret"
)

// where says which site a command works on.
type where struct {
	Data         string          `default:"./motcua-data" help:"Thư mục dữ liệu. / Data folder." type:"path" placeholder:"DIR"`
	Database     string          `help:"Cơ sở dữ liệu PostgreSQL thay cho thư mục dữ liệu: postgres://… / PostgreSQL in place of the data folder." placeholder:"URL"`
	DatabaseFile string          `help:"Tệp chứa địa chỉ cơ sở dữ liệu có mật khẩu. / File with a database URL that holds a password." type:"path" placeholder:"FILE"`
	Config       kong.ConfigFlag `help:"Tệp thiết lập JSON: tên tham số → giá trị. / Settings in a JSON file: flag → value." type:"path" placeholder:"FILE"`
	KeyFile      string          `help:"Tệp khóa của hệ thống, mặc định motcua.key trong thư mục dữ liệu. / The site's key file, motcua.key in the data folder by default." type:"path" placeholder:"FILE"`
	keeping
}

// site is everything that hangs on one database: made here, handed to faces.
type site struct {
	db        *db.DB
	book      *dossier.Book
	register  *identity.Register
	catalogue *procedure.Catalogue
	site      *agency.Site
	now       func() time.Time
	privacy   *privacy.Office
	keeper    *records.Keeper
	payments  *payment.Office
}

// open opens the site's database, which is made if it is not there.
func (w *where) open(ctx context.Context) (*db.DB, error) {
	url, err := w.url()
	if err != nil {
		return nil, err
	}
	if url == "" {
		if err := os.MkdirAll(w.Data, 0o700); err != nil {
			return nil, err
		}
		url = "sqlite:" + filepath.Join(w.Data, "motcua.db")
	}
	d, err := db.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("migrate: %w", err)
	}
	if d.Key, err = w.key(ctx, d); err == nil {
		err = w.unlock(ctx, d)
	}
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	return d, nil
}

// url is where the database is; "" is in the data folder.
func (w where) url() (string, error) {
	if w.DatabaseFile == "" {
		return w.Database, nil
	}
	text, err := secret.Read(w.DatabaseFile)
	return strings.TrimSpace(string(text)), err
}

// key reads the site's key, which is made with the site: it is kept beside the
// database, never in it, and every process of the site has the same.
func (w where) key(ctx context.Context, d *db.DB) ([]byte, error) {
	path := cmp.Or(w.KeyFile, filepath.Join(w.Data, "motcua.key"))
	text, err := secret.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		var lines int64
		if err := d.Read(ctx, func(tx *db.Tx) error {
			_, err := tx.One(`SELECT MAX(seq) FROM journal_head`, nil, &lines)
			return err
		}); err != nil {
			return nil, err
		}
		if lines > 0 {
			return nil, refusal.New(refusal.NotFound, "site.key.missing", "file", path)
		}
		if err := makeKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		text, err = secret.Read(path)
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) < keyLength {
		return nil, refusal.New(refusal.Invalid, "site.key.wrong", "file", path)
	}
	if secret.Weak(key) {
		return nil, refusal.New(refusal.Invalid, "site.key.weak", "file", path)
	}
	return key, nil
}

const keyLength = 32 // bytes

func makeKey(path string) error {
	key := make([]byte, keyLength)
	rand.Read(key)
	return makeFile(path, hex.EncodeToString(key)+"\n")
}

// makeFile writes a secret to a new file.
func makeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	whole := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(whole, []byte(text), 0o600); err != nil {
		return err
	}
	defer os.Remove(whole)
	return os.Link(whole, path) // all of it or nothing; who comes second finds the first one's
}

// openOld opens the database of a site that must be there already.
func (w *where) openOld(ctx context.Context) (*db.DB, error) {
	if w.Database == "" && w.DatabaseFile == "" {
		if _, err := os.Stat(filepath.Join(w.Data, "motcua.db")); err != nil {
			return nil, usageError{fmt.Errorf("không có dữ liệu / no data: %w", err)}
		}
	}
	return w.open(ctx)
}

// openSite opens a site that must be there already; who asks closes its database.
func (w *where) openSite(ctx context.Context) (*site, error) {
	d, err := w.openOld(ctx)
	if err != nil {
		return nil, err
	}
	s, err := assemble(ctx, d, time.Now)
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	return s, nil
}

// assemble reads a site from its database.
func assemble(ctx context.Context, d *db.DB, now func() time.Time) (*site, error) {
	s := &site{db: d, now: now}
	var err error
	if s.site, err = agency.OpenSite(ctx, d, now); err != nil {
		return nil, err
	}
	if s.catalogue, err = procedure.OpenCatalogue(ctx, d); err != nil {
		return nil, err
	}
	s.register = &identity.Register{DB: d, Now: now}
	s.book = &dossier.Book{DB: d, Catalogue: s.catalogue, Site: s.site, Now: now, Looks: &dossier.Looks{}}
	s.payments = &payment.Office{DB: d, Now: now, Settle: s.book.Paid}
	s.book.Followers = []dossier.Follower{dossier.Announce, dossier.NoteAssigned, dossier.Money(s.payments)}
	s.keeper = &records.Keeper{Book: s.book}
	s.privacy = &privacy.Office{DB: d, Book: s.book, Register: s.register, Site: s.site, Now: now}
	s.register.Mergers = []identity.Merger{s.book.Merge, s.privacy.Merge}
	return s, nil
}

// watch takes up what other processes change, within half a second.
func (s *site) watch(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.site.Refresh(ctx); err != nil {
				failed(err)
			}
			if err := s.catalogue.Refresh(ctx); err != nil {
				failed(err)
			}
		}
	}
}
