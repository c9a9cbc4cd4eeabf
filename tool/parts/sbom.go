// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The parts of a CycloneDX 1.6 document that we fill.
type (
	bom struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Serial       string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Timestamp string    `json:"timestamp"`
		Component component `json:"component"`
	}
	component struct {
		Type     string    `json:"type"`
		Ref      string    `json:"bom-ref"`
		Name     string    `json:"name"`
		Version  string    `json:"version,omitempty"`
		Hashes   []hash    `json:"hashes,omitempty"`
		Licences []licence `json:"licenses,omitempty"`
		Purl     string    `json:"purl,omitempty"`
	}
	hash struct {
		Alg     string `json:"alg"`
		Content string `json:"content"`
	}
	licence struct {
		Licence struct {
			ID string `json:"id"`
		} `json:"license"`
	}
	dependency struct {
		Ref string   `json:"ref"`
		On  []string `json:"dependsOn"`
	}
)

func licenced(id string) []licence {
	var l licence
	l.Licence.ID = id
	return []licence{l}
}

// sbom lists the parts of a built program, as it holds them itself. The time is
// that of the source (SOURCE_DATE_EPOCH), the number follows from the program's
// bytes: the same program has the same list.
func sbom(binary, version string) ([]byte, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	seconds, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
	}
	sum := sha256.Sum256(text)
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // a UUID of version 8
	self := component{Type: "application", Ref: "motcua", Name: "motcua", Version: version, Licences: licenced("Apache-2.0"),
		Hashes: []hash{{"SHA-256", hex.EncodeToString(sha256Of(text))}}}
	doc := bom{Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Serial:   fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		Metadata: metadata{Timestamp: time.Unix(seconds, 0).UTC().Format(time.RFC3339), Component: self}}
	language := strings.TrimPrefix(info.GoVersion, "go")
	doc.Components = []component{{Type: "library", Ref: "pkg:golang/std@" + language, Name: "std", Version: language, Licences: licenced("BSD-3-Clause"), Purl: "pkg:golang/std@" + language}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		dir, err := moduleDir(m.Path, m.Version)
		if err != nil {
			return nil, err
		}
		l, err := licenceOf(dir)
		if err != nil {
			return nil, err
		}
		purl := "pkg:golang/" + m.Path + "@" + url.PathEscape(m.Version)
		c := component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, Licences: licenced(l), Purl: purl}
		// Go's sum of a module is a SHA-256 over the list of its files' sums.
		if h1, ok := strings.CutPrefix(m.Sum, "h1:"); ok {
			if raw, err := base64.StdEncoding.DecodeString(h1); err == nil {
				c.Hashes = []hash{{"SHA-256", hex.EncodeToString(raw)}}
			}
		}
		doc.Components = append(doc.Components, c)
	}
	d := dependency{Ref: self.Ref}
	for _, c := range doc.Components {
		d.On = append(d.On, c.Ref)
	}
	doc.Dependencies = []dependency{d}
	out, err := json.MarshalIndent(doc, "", "  ")
	return append(out, '\n'), err
}

func sha256Of(text []byte) []byte {
	sum := sha256.Sum256(text)
	return sum[:]
}

func moduleDir(path, version string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", path+"@"+version).Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	var m struct{ Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", err
	}
	return filepath.Clean(m.Dir), nil
}
