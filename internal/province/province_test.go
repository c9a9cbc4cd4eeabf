// SPDX-License-Identifier: Apache-2.0

package province_test

import (
	"context"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/province"
)

// The demo province fills, its history is lived by the acts themselves, and
// everything in it proves right.
func TestHistoryVerifies(t *testing.T) {
	ctx := context.Background()
	d := dbtest.Open(t)
	now := time.Now()
	if filled, err := province.Load(ctx, d, demo.Files, now); err != nil || !filled {
		t.Fatalf("load: %v %v", filled, err)
	}
	site, err := agency.OpenSite(ctx, d, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := procedure.OpenCatalogue(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	register := &identity.Register{DB: d, Now: time.Now}
	book := &dossier.Book{DB: d, Catalogue: catalogue, Site: site, Now: time.Now}
	if err := province.History(ctx, book, register, now); err != nil {
		t.Fatal(err)
	}
	var n int64
	err = book.Verify(ctx, func(f dossier.Finding) { t.Errorf("%s %s: %s", f.What, f.Where, f.Detail) }, func(seen int64) { n = seen })
	if err != nil {
		t.Fatal(err)
	}
	if n < 80 {
		t.Errorf("only %d dossiers", n)
	}
	// What a leader must see is there: running, near due and overdue, finished
	// late, and dossiers under the law of 2019.
	var late, overdue, old int
	if err := d.Read(ctx, func(tx *db.Tx) error {
		if _, err := tx.One(`SELECT COUNT(*) FROM dossier WHERE body LIKE '%"outcome":"late"%'`, nil, &late); err != nil {
			return err
		}
		if _, err := tx.One(`SELECT COUNT(*) FROM dossier WHERE queue LIKE '% handle %' AND due_at < $1 OR queue LIKE '% assign%' AND due_at < $1`, []any{now.UnixMilli()}, &overdue); err != nil {
			return err
		}
		_, err := tx.One(`SELECT COUNT(*) FROM dossier WHERE body LIKE '%"regime":"R2019"%'`, nil, &old)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if late < 5 || overdue < 5 || old < 10 {
		t.Errorf("%d finished late, %d overdue, %d under the law of 2019", late, overdue, old)
	}
}
