// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"strings"
	"testing"
	"time"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
)

// Who brings the national catalogue in leaves a line in the journal; once more, when
// nothing changes, none.
func TestImportIsJournalled(t *testing.T) {
	d := dbtest.Open(t)
	c, err := OpenCatalogue(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, err := c.Import(t.Context(), strings.NewReader(oneLine(fullLine)), time.UnixMilli(1)); err != nil {
			t.Fatal(err)
		}
	}
	c.Settle()
	if err := d.Read(t.Context(), func(tx *db.Tx) error {
		lines, err := audit.Find(tx, `kind = $1`, string(audit.Configured), 9)
		if len(lines) != 1 || !strings.Contains(lines[0].Body, `"what":"catalogue"`) || !strings.Contains(lines[0].Body, `"new":1`) {
			t.Errorf("%+v", lines)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
