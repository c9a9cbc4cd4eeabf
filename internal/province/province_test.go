// SPDX-License-Identifier: Apache-2.0

package province_test

import (
	"context"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
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
	site, err := agency.OpenSite(ctx, d)
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
	t.Logf("%d dossiers", n)
}
