// SPDX-License-Identifier: Apache-2.0

// Command check looks for what is wrong with the code by three programs of others:
// staticcheck, gosec, and govulncheck with the Go vulnerability database. All come
// through the module proxy, pinned in the go.mod beside this file, so that the
// product's own go.mod and its list of parts hold nothing of them; where the proxy
// has a newer vulnerability database, that one is used.
//
//	cd tool/check && go run . ../..
//
// A finding that is wrong is named in accepted.json with why; one that is named and
// no longer found fails too.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// accepted is a finding that is none, or that we live with.
type accepted struct {
	Rule string // of gosec, such as G304, or an advisory, such as GO-2026-5932
	In   string // file, or folder with a slash at its end; of an advisory the module
	Why  string

	used bool
}

// found is what a program found.
type found struct{ rule, in, text string }

func main() {
	log.SetFlags(0)
	flag.Parse()
	root, err := filepath.Abs(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	if err := run(root); err != nil {
		log.Fatal("check: ", err)
	}
}

func run(root string) error {
	var list []*accepted
	text, err := os.ReadFile("accepted.json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return fmt.Errorf("accepted.json: %w", err)
	}
	bad := 0
	for _, look := range []func(string) ([]found, error){staticcheck, gosec, vulnerabilities} {
		all, err := look(root)
		if err != nil {
			return err
		}
		for _, f := range all {
			if !accept(list, f) {
				bad++
				fmt.Printf("%s %s: %s\n", f.rule, f.in, f.text)
			}
		}
	}
	for _, a := range list {
		if !a.used {
			bad++
			fmt.Printf("accepted.json: %s in %s is no longer found\n", a.Rule, a.In)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d findings", bad)
	}
	return nil
}

func accept(list []*accepted, f found) bool {
	for _, a := range list {
		if a.Rule == f.rule && a.Why != "" && (a.In == f.in || strings.HasSuffix(a.In, "/") && strings.HasPrefix(f.in, a.In)) {
			a.used = true
			return true
		}
	}
	return false
}

// tool runs a pinned program on the project. Having found something is no error.
func tool(root, name string, args ...string) ([]byte, error) {
	path, err := exec.Command("go", "tool", "-n", name).Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, told(err))
	}
	c := exec.Command(strings.TrimSpace(string(path)), args...)
	c.Dir = root
	out, err := c.Output()
	var ended *exec.ExitError
	if errors.As(err, &ended) && len(out) > 0 {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, told(err))
	}
	return out, nil
}

func told(err error) error {
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return fmt.Errorf("%w\n%s", err, ended.Stderr)
	}
	return err
}

func staticcheck(root string) (list []found, err error) {
	out, err := tool(root, "staticcheck", "-tags", "walk,shared,attack", "-f", "json", "./...")
	if err != nil {
		return nil, err
	}
	return list, each(out, func(o struct {
		Code, Message string
		Location      struct {
			File string
			Line int
		}
	}) {
		list = append(list, found{o.Code, within(root, o.Location.File), fmt.Sprintf("line %d: %s", o.Location.Line, o.Message)})
	})
}

// gosec looks at the program and what is in it; what the project runs on itself is
// nobody's to attack.
func gosec(root string) (list []found, err error) {
	out, err := tool(root, "gosec", "-quiet", "-fmt", "json", "-severity", "medium", "-confidence", "medium", "-exclude-dir", "tool", "-exclude-dir", "test", "./...")
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return list, each(out, func(o struct {
		Errors map[string]any `json:"Golang errors"`
		Issues []struct {
			Rule    string `json:"rule_id"`
			Details string
			File    string
			Line    string
		}
	}) {
		for file := range o.Errors {
			list = append(list, found{"gosec", within(root, file), "could not be read"})
		}
		for _, i := range o.Issues {
			list = append(list, found{i.Rule, within(root, i.File), "line " + i.Line + ": " + i.Details})
		}
	})
}

func within(root, file string) string {
	if short, err := filepath.Rel(root, file); err == nil {
		return filepath.ToSlash(short)
	}
	return file
}

// each decodes JSON values one after the other.
func each[T any](text []byte, do func(T)) error {
	d := json.NewDecoder(bytes.NewReader(text))
	for {
		var o T
		switch err := d.Decode(&o); err {
		case nil:
			do(o)
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// vulnerabilities are the advisories on modules that the code calls into. Those on
// the standard library are of the Go that builds it, not of the code: they are
// told, and a newer Go mends them.
func vulnerabilities(root string) (list []found, err error) {
	at, err := database()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(at)
	out, err := tool(root, "govulncheck", "-db", "file://"+filepath.ToSlash(at), "-format", "json", "-tags", "walk", "./...")
	if err != nil {
		return nil, err
	}
	said := map[string]string{}
	var ofGo []string
	seen := map[string]bool{}
	err = each(out, func(o struct {
		OSV     *struct{ ID, Summary string }
		Finding *struct {
			OSV   string
			Fixed string `json:"fixed_version"`
			Trace []struct{ Module, Version, Function string }
		}
	}) {
		if o.OSV != nil {
			said[o.OSV.ID] = o.OSV.Summary
		}
		f := o.Finding
		switch {
		case f == nil || seen[f.OSV+fmt.Sprint(f.Trace[0].Function != "")]:
			return
		case f.Trace[0].Module == "stdlib" && f.Trace[0].Function != "":
			ofGo = append(ofGo, fmt.Sprintf("%s, mended in %s: %s", f.OSV, f.Fixed, said[f.OSV]))
		case f.Trace[0].Module != "stdlib" && !seen[f.OSV]:
			how := "is required, and not called"
			if f.Trace[0].Function != "" {
				how = "is called"
			}
			list = append(list, found{f.OSV, f.Trace[0].Module, fmt.Sprintf("%s %s, mended in %s: %s", f.Trace[0].Version, how, f.Fixed, said[f.OSV])})
			seen[f.OSV] = true
		}
		seen[f.OSV+fmt.Sprint(f.Trace[0].Function != "")] = true
	})
	if slices.Sort(ofGo); len(ofGo) > 0 {
		fmt.Printf("check: this Go has %d known vulnerabilities that the code reaches; build releases with a newer one:\n  %s\n", len(ofGo), strings.Join(ofGo, "\n  "))
	}
	return list, err
}

// database makes the vulnerability database: the newest that the proxy has, else
// the pinned one.
func database() (string, error) {
	const module = "golang.org/x/vulndb"
	var m struct{ Version, Dir string }
	for _, version := range []string{module + "@latest", module} {
		c := exec.Command("go", "mod", "download", "-json", version)
		if version != module {
			c.Dir = os.TempDir() // of no module, so that go.sum stays as it is
		}
		if out, err := c.Output(); err == nil && json.Unmarshal(out, &m) == nil && m.Dir != "" {
			break
		}
	}
	if m.Dir == "" {
		return "", errors.New(module + ": cannot be had")
	}
	at, err := os.MkdirTemp("", "vulndb")
	if err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "tool", "indexdb", "-vulns", filepath.Join(m.Dir, "data", "osv"), "-out", at).CombinedOutput(); err != nil {
		return "", fmt.Errorf("indexdb: %w\n%s", err, out)
	}
	fmt.Printf("check: vulnerabilities known on %s\n", day(m.Version))
	return at, nil
}

// day is the day of a version such as v0.0.0-20261105234957-e22db6528018.
func day(version string) string {
	if _, rest, ok := strings.Cut(version, "-"); ok && len(rest) > 8 {
		return rest[:4] + "-" + rest[4:6] + "-" + rest[6:8]
	}
	return version
}
