// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"motcua/internal/agency"
	"motcua/internal/db"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/procedure"
)

// where says which site a command works on.
type where struct {
	Data     string `default:"./motcua-data" help:"Thư mục dữ liệu. / Data folder." type:"path" placeholder:"DIR"`
	Database string `help:"Cơ sở dữ liệu PostgreSQL thay cho thư mục dữ liệu: postgres://… / PostgreSQL in place of the data folder." placeholder:"URL"`
}

// site is everything that hangs on one database: made here, handed to faces.
type site struct {
	db        *db.DB
	book      *dossier.Book
	register  *identity.Register
	catalogue *procedure.Catalogue
	site      *agency.Site
	now       func() time.Time
}

// open opens the site's database, which is made if it is not there.
func (w where) open(ctx context.Context) (*db.DB, error) {
	url := w.Database
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
	return d, nil
}

// openOld opens the database of a site that must be there already.
func (w where) openOld(ctx context.Context) (*db.DB, error) {
	if w.Database == "" {
		if _, err := os.Stat(filepath.Join(w.Data, "motcua.db")); err != nil {
			return nil, usageError{fmt.Errorf("không có dữ liệu / no data: %w", err)}
		}
	}
	return w.open(ctx)
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
	s.book = &dossier.Book{DB: d, Catalogue: s.catalogue, Site: s.site, Now: now}
	s.book.Followers = []dossier.Follower{dossier.Announce, dossier.NoteAssigned}
	s.register.Mergers = []identity.Merger{s.book.Merge}
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
