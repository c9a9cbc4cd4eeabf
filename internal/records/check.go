// SPDX-License-Identifier: Apache-2.0

package records

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"motcua/internal/refusal"
)

// Report is what was found when a package was checked.
type Report struct {
	Code   string
	Files  int
	Bytes  int64
	Digest string // of the manifest, as the journal of the site that made it has it
	Wrong  []Wrong
}

// Wrong is a file that is not as the manifest has it.
type Wrong struct {
	Path string
	Key  string // of words: changed, missing, unlisted, twice, outside
}

// Check proves that a package holds the files of its manifest as they were packed,
// and no others. It needs no database and keeps no file in memory whole.
func Check(r io.ReaderAt, size int64) (Report, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return Report{}, refusal.New(refusal.Invalid, "archive.no_package")
	}
	c := checker{files: map[string]*zip.File{}, listed: map[string]bool{}}
	for _, f := range z.File {
		if root, ok := strings.CutSuffix(f.Name, "/"+declaration); ok && !strings.Contains(root, "/") {
			c.Code = root
		}
	}
	for _, f := range z.File {
		name, within := strings.CutPrefix(f.Name, c.Code+"/")
		switch {
		case strings.HasSuffix(f.Name, "/"):
		case !within || strings.Contains("/"+name+"/", "/../"):
			c.wrong(f.Name, "archive.wrong.outside")
		case c.files[name] != nil:
			c.wrong(name, "archive.wrong.twice")
		default:
			c.files[name] = f
		}
	}
	if c.Code == "" || c.files[manifest] == nil || c.files[tagManifest] == nil {
		return Report{}, refusal.New(refusal.Invalid, "archive.no_package")
	}
	for _, list := range []string{tagManifest, manifest} {
		c.listed[list] = true
		c.against(list)
	}
	for name := range c.files {
		if !c.listed[name] {
			c.wrong(name, "archive.wrong.unlisted")
		}
	}
	return c.Report, nil
}

type checker struct {
	Report
	files  map[string]*zip.File
	listed map[string]bool
}

func (c *checker) wrong(path, key string) { c.Wrong = append(c.Wrong, Wrong{path, key}) }

// against holds files against a manifest.
func (c *checker) against(list string) {
	file, err := c.files[list].Open()
	if err != nil {
		c.wrong(list, "archive.wrong.changed")
		return
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		want, path, ok := strings.Cut(lines.Text(), "  ")
		path = decoded.Replace(path)
		if !ok || c.listed[path] {
			c.wrong(list, "archive.wrong.changed")
			continue
		}
		c.listed[path] = true
		f := c.files[path]
		if f == nil {
			c.wrong(path, "archive.wrong.missing")
			continue
		}
		got, n, err := digest(f)
		if err != nil || got != strings.ToLower(want) {
			c.wrong(path, "archive.wrong.changed")
		}
		c.Files++
		c.Bytes += n
		if path == manifest {
			c.Digest = got
		}
	}
	if lines.Err() != nil {
		c.wrong(list, "archive.wrong.changed")
	}
}

// digest is the SHA-256 of a file of a ZIP file.
func digest(f *zip.File) (string, int64, error) {
	r, err := f.Open()
	if err != nil {
		return "", 0, err
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return hex.EncodeToString(sum.Sum(nil)), n, err
}
