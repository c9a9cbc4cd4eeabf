// SPDX-License-Identifier: Apache-2.0

package db

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestMigrationsChooseTheirFiles(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"schema/0001_start.sql":         {Data: []byte("both")},
		"schema/0002_find.sqlite.sql":   {Data: []byte("one")},
		"schema/0002_find.postgres.sql": {Data: []byte("other")},
		"schema/0010_more.sql":          {Data: []byte("both")},
	}
	for _, dialect := range []string{"sqlite", "postgres"} {
		list, err := migrations(files, dialect, sqliteWords, "")
		if err != nil {
			t.Fatal(err)
		}
		var versions []int64
		for _, m := range list {
			versions = append(versions, m.Version)
		}
		if len(versions) != 3 || versions[0] != 1 || versions[1] != 2 || versions[2] != 10 {
			t.Errorf("%s: versions %v, want 1 2 10", dialect, versions)
		}
	}
	if _, err := migrations(fstest.MapFS{"schema/start.sql": {}}, "sqlite", sqliteWords, ""); err == nil {
		t.Error("a file without a number: no error")
	}
}

func TestWordsAreKnownToBoth(t *testing.T) {
	t.Parallel()
	names, err := schema.ReadDir("schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := schema.ReadFile("schema/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		for dialect, words := range map[string]*strings.Replacer{"sqlite": sqliteWords, "postgres": postgresWords} {
			if at := strings.Index(words.Replace(string(text)), "{{"); at >= 0 {
				t.Errorf("%s: a word that %s does not know at byte %d", name.Name(), dialect, at)
			}
		}
	}
}
