// SPDX-License-Identifier: Apache-2.0

// Command parts says what the program is made of: the page docs/dependencies.md, and
// for a built program its list of parts (SBOM) as CycloneDX.
//
//	go run ./tool/parts page > docs/dependencies.md
//	go run ./tool/parts sbom BINARY VERSION > BINARY.cdx.json
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	var out []byte
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "page":
		out, err = page()
	case len(os.Args) == 4 && os.Args[1] == "sbom":
		out, err = sbom(os.Args[2], os.Args[3])
	default:
		err = errors.New("parts page, or parts sbom BINARY VERSION")
	}
	if err != nil {
		log.Fatal("parts: ", err)
	}
	if _, err := os.Stdout.Write(out); err != nil {
		log.Fatal("parts: ", err)
	}
}

// allowed are the licences that parts of the program may have: they ask for no more
// than to be named. MPL-2.0 is for what tests alone use.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"}

// part is a module that the program or its tests are built with.
type part struct {
	path, version, licence string
	program                bool   // not only its tests
	needs                  string // it is for, or which of ours needs it
	reviewed               string
}

// review is what somebody has said about a module that our code imports.
type review struct{ For, Reviewed string }

// parts lists the modules, with what is wrong about them.
func parts() (list []part, wrong []string, err error) {
	text, err := os.ReadFile("tool/parts/reviewed.json")
	if err != nil {
		return nil, nil, err
	}
	reviewed := map[string]review{}
	if err := json.Unmarshal(text, &reviewed); err != nil {
		return nil, nil, fmt.Errorf("reviewed.json: %w", err)
	}
	program, err := modules(false)
	if err != nil {
		return nil, nil, err
	}
	all, err := modules(true)
	if err != nil {
		return nil, nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		m := all[path]
		p := part{path: path, version: m.version, program: program[path].version != ""}
		if p.licence, err = licenceOf(m.dir); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		if !slices.Contains(allowed, p.licence) && (p.program || p.licence != "MPL-2.0") {
			wrong = append(wrong, fmt.Sprintf("%s has the licence %s", path, p.licence))
		}
		r := reviewed[path]
		p.needs, p.reviewed = r.For, r.Reviewed
		if m.ours && (r.For == "" || r.Reviewed == "") {
			wrong = append(wrong, path+" has no line in tool/parts/reviewed.json: what for, reviewed when")
		}
		if !m.ours {
			p.needs = "of " + strings.Join(m.neededBy, ", ")
		}
		list = append(list, p)
	}
	for path := range reviewed {
		if !all[path].ours {
			wrong = append(wrong, path+" is in tool/parts/reviewed.json, and our code does not import it")
		}
	}
	return list, wrong, nil
}

// module is a module as go list knows it.
type module struct {
	version, dir string
	ours         bool     // imported by our own code
	neededBy     []string // modules whose packages import it
}

// modules are those whose packages the program, or with tests all of our code, is
// built from.
func modules(tests bool) (map[string]module, error) {
	args := []string{"list", "-deps", "-json=ImportPath,Imports,Standard,Module"}
	if tests {
		args = append(args, "-test", "-tags", "walk,attack,shared", "./...")
	} else {
		args = append(args, "./cmd/motcua")
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return nil, err
	}
	type listed struct {
		ImportPath string
		Imports    []string
		Module     *struct {
			Path, Version, Dir string
			Main               bool
		}
	}
	var packages []listed
	home := map[string]string{} // package → module
	list := map[string]module{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p listed
		if err := d.Decode(&p); err != nil {
			return nil, err
		}
		if p.Module == nil {
			continue
		}
		packages = append(packages, p)
		home[p.ImportPath] = p.Module.Path
		if !p.Module.Main {
			list[p.Module.Path] = module{version: p.Module.Version, dir: p.Module.Dir}
		}
	}
	for _, p := range packages {
		for _, i := range p.Imports {
			m, known := list[home[i]]
			if !known || p.Module.Path == home[i] {
				continue
			}
			m.ours = m.ours || p.Module.Main
			if !p.Module.Main && !slices.Contains(m.neededBy, p.Module.Path) {
				m.neededBy = append(m.neededBy, p.Module.Path)
				slices.Sort(m.neededBy)
			}
			list[home[i]] = m
		}
	}
	return list, nil
}

// sayings are words by which a licence is known. A text has all of one, and the
// longest list that fits is it.
var sayings = []struct {
	licence string
	words   []string
}{
	{"Apache-2.0", []string{"Apache License", "Version 2.0"}},
	{"MPL-2.0", []string{"Mozilla Public License", "2.0"}},
	{"BSD-3-Clause", []string{"Redistribution and use in source and binary forms", "Neither the name"}},
	{"BSD-3-Clause", []string{"Redistribution and use in source and binary forms", "may be used to endorse"}},
	{"BSD-2-Clause", []string{"Redistribution and use in source and binary forms"}},
	{"ISC", []string{"Permission to use, copy, modify, and/or distribute this software"}},
	{"MIT", []string{"Permission is hereby granted, free of charge", "copies or substantial portions"}},
	{"GPL", []string{"GNU GENERAL PUBLIC LICENSE"}},
	{"AGPL", []string{"GNU AFFERO GENERAL PUBLIC LICENSE"}},
	{"LGPL", []string{"GNU LESSER GENERAL PUBLIC LICENSE"}},
}

// licenceOf reads which licence a module's files have.
func licenceOf(dir string) (string, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		name := strings.ToUpper(f.Name())
		if f.IsDir() || !strings.HasPrefix(name, "LICEN") && !strings.HasPrefix(name, "COPYING") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return "", err
		}
		if l := licenceIn(string(text)); l != "" {
			return l, nil
		}
	}
	return "unknown", nil
}

func licenceIn(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, s := range sayings {
		if !slices.ContainsFunc(s.words, func(w string) bool { return !strings.Contains(text, w) }) {
			return s.licence
		}
	}
	return ""
}

// page is docs/dependencies.md.
func page() ([]byte, error) {
	list, wrong, err := parts()
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		return nil, errors.New(strings.Join(wrong, "\n"))
	}
	others, err := os.ReadFile("tool/parts/others.md")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `# What the program is made of

Written by `+"`go run ./tool/parts page > docs/dependencies.md`"+`; a test holds it to go.mod and to the licence files of the modules.
Licences that parts of the program may have: %s; tests may also use MPL-2.0. Why a library was chosen is in [decisions](decisions).

`, strings.Join(allowed, ", "))
	for _, section := range []struct {
		title string
		in    func(part) bool
	}{
		{"In the program, imported by our code", func(p part) bool { return p.program && p.reviewed != "" }},
		{"In the program, imported by those", func(p part) bool { return p.program && p.reviewed == "" }},
		{"In tests and tools only", func(p part) bool { return !p.program }},
	} {
		fmt.Fprintf(&b, "## %s\n\n| Module | Version | Licence | For | Reviewed |\n| --- | --- | --- | --- | --- |\n", section.title)
		for _, p := range list {
			if section.in(p) {
				fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", p.path, p.version, p.licence, p.needs, cmp.Or(p.reviewed, "–"))
			}
		}
		b.WriteByte('\n')
	}
	b.Write(others)
	return b.Bytes(), nil
}
