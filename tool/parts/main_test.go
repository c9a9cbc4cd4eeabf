// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pb33f/jsonschema/v6"
)

// TestMain works where the program does: at the top of the project.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// docs/dependencies.md names every module with its version and licence, and each
// that our code imports has been looked at.
func TestPageIsTrue(t *testing.T) {
	want, err := page()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/dependencies.md is not what go.mod says: look at what is new and run go run ./tool/parts page > docs/dependencies.md")
	}
}

func TestLicences(t *testing.T) {
	for want, text := range map[string]string{
		"Apache-2.0":   "Apache License\n   Version 2.0, January 2004",
		"BSD-3-Clause": "Redistribution and use in source\nand binary forms … Neither the name of",
		"BSD-2-Clause": "Redistribution and use in source and binary forms, with or without modification, are permitted",
		"MIT":          "Permission is hereby granted, free of charge, to any person … in all copies or substantial portions of",
		"GPL":          "GNU GENERAL PUBLIC LICENSE Version 3",
		"":             "All rights reserved.",
	} {
		if got := licenceIn(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

// release runs the release of a source tree for this machine.
func release(t *testing.T, tree string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	c := exec.Command("./tool/release", folder)
	c.Dir = tree
	c.Env = append(os.Environ(), "PLATFORMS=linux/amd64", "VERSION=v0.0.0-test", "SOURCE_DATE_EPOCH=1780000000")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("release: %v\n%s", err, out)
	}
	return folder
}

// A release built twice, in folders of different names, is the same to the byte,
// and its list of parts is one by CycloneDX's own schema, with every module in it.
func TestRelease(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "elsewhere")
	files, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(files), "\x00"), "\x00") {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // removed, or a link
		}
		at := filepath.Join(other, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	one, two := release(t, here), release(t, other)
	names, err := os.ReadDir(one)
	if err != nil || len(names) != 3 {
		t.Fatal(names, err)
	}
	for _, f := range names {
		a, err := os.ReadFile(filepath.Join(one, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(two, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs between two builds", f.Name())
		}
	}
	binary := filepath.Join(one, "motcua-linux-amd64")
	if out, err := exec.Command(binary, "version").Output(); err != nil || !strings.Contains(string(out), "v0.0.0-test") {
		t.Errorf("version: %s %v", out, err)
	}
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = one
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("sums: %v %s", err, out)
	}
	judge(t, binary+".cdx.json")
}

// judge holds a list of parts against the schema that comes with CycloneDX's own
// library.
func judge(t *testing.T, file string) {
	t.Helper()
	const folder = "test/node_modules/@cyclonedx/cyclonedx-library/res/schema/"
	c := jsonschema.NewCompiler()
	for _, name := range []string{"bom-1.6", "spdx", "jsf-0.82"} {
		schema := decoded(t, folder+name+".SNAPSHOT.schema.json")
		if err := c.AddResource(fmt.Sprintf("http://cyclonedx.org/schema/%s.SNAPSHOT.schema.json", name), schema); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("http://cyclonedx.org/schema/bom-1.6.SNAPSHOT.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc := decoded(t, file)
	if err := s.Validate(doc); err != nil {
		t.Error(err)
	}
	components := doc.(map[string]any)["components"].([]any)
	program, err := modules(false)
	if err != nil {
		t.Fatal(err)
	}
	if len(components) < len(program)+1 {
		t.Errorf("%d parts of %d", len(components), len(program)+1)
	}
	broken := doc.(map[string]any)
	broken["components"] = append(components, map[string]any{"type": "no such type", "name": "x"})
	if s.Validate(broken) == nil {
		t.Error("the schema takes anything")
	}
}

func decoded(t *testing.T, file string) any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
