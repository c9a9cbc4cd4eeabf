// SPDX-License-Identifier: Apache-2.0

package procedure

import (
	"motcua/internal/db"
)

// finder is the search index over the entries of a shelf.
type finder struct{}

func (c *Catalogue) build(s *shelf) {}

func readImported(tx *db.Tx, s *shelf) error { return nil }

func (s *shelf) search(f Filter, skip, limit int) []Entry { return nil }
