// SPDX-License-Identifier: Apache-2.0

// Package pdftest judges papers with other people's tools, as those who receive
// them would: qpdf, poppler, zbar. Start at Judge.
package pdftest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Paper is what the tools see in a PDF.
type Paper struct {
	Text     string   // as laid out
	Elements []string // of the logical structure, in reading order: "H1 Giấy tiếp nhận …"
	Unread   string   // what is on the paper but not in the structure, without spaces, sorted
	Sizes    []string // of the pages: "210 x 297"
	Codes    []string // what the QR codes say, page by page
}

// Judge reports whatever makes a PDF unfit to be an official paper: unsound,
// fonts missing or without their letters, not tagged, untitled, pictures without
// words, no Vietnamese text in NFC, text in the structure that is not on the paper.
func Judge(t testing.TB, content []byte) Paper {
	t.Helper()
	folder := t.TempDir()
	file := filepath.Join(folder, "paper.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out := run(t, "qpdf", "--check", file)
	if !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Errorf("qpdf: %s", out)
	}
	fonts := strings.Split(strings.TrimSpace(run(t, "pdffonts", file)), "\n")[2:]
	for _, line := range fonts {
		if f := strings.Fields(line); len(f) < 5 || f[len(f)-5] != "yes" || f[len(f)-3] != "yes" {
			t.Errorf("font not embedded, or without letters: %s", line)
		}
	}
	info := run(t, "pdfinfo", "-f", "1", "-l", "-1", file)
	if !strings.Contains(info, "Tagged:          yes") || !regexp.MustCompile(`(?m)^Title: +\S`).MatchString(info) {
		t.Errorf("not tagged or not titled:\n%s", info)
	}
	catalog := run(t, "qpdf", "--show-object=trailer", file)
	root := regexp.MustCompile(`/Root (\d+) 0 R`).FindStringSubmatch(catalog)
	if catalog = run(t, "qpdf", "--show-object="+root[1], file); !strings.Contains(catalog, "/Lang (vi-VN)") || !strings.Contains(catalog, "/DisplayDocTitle true") {
		t.Errorf("catalog %s", catalog)
	}
	objects := run(t, "qpdf", "--qdf", "--object-streams=disable", file, "-")
	if strings.Count(objects, "/S /Figure") != strings.Count(objects, "/Alt <") {
		t.Error("a picture has no words")
	}
	p := Paper{Text: run(t, "pdftotext", "-layout", file, "-"), Elements: elements(run(t, "pdfinfo", "-struct-text", file))}
	for _, m := range regexp.MustCompile(`Page +\d+ size: +([\d.]+) x ([\d.]+)`).FindAllStringSubmatch(info, -1) {
		p.Sizes = append(p.Sizes, millimetres(m[1])+" x "+millimetres(m[2]))
	}
	if !norm.NFC.IsNormalString(info+p.Text) || !strings.ContainsFunc(p.Text, func(r rune) bool { return unicode.Is(unicode.Latin, r) && r > 0x1e9f && r < 0x1f00 }) {
		t.Errorf("no Vietnamese text in NFC:\n%s", p.Text)
	}
	p.Unread = unread(t, p)
	p.Codes = codes(t, file, folder)
	return p
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", c, err, out, &said)
	}
	if said.Len() > 0 {
		t.Errorf("%s says %s", name, &said)
	}
	return string(out)
}

func millimetres(points string) string {
	var f float64
	_, _ = fmt.Sscan(points, &f)
	return fmt.Sprintf("%.0f", f*25.4/72)
}

// elements joins the pieces of each element of the structure to one line.
func elements(text string) []string {
	var list []string
	joined := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, `"`):
			list[len(list)-1] += strings.TrimPrefix(strings.TrimSuffix(line, `"`), `"`)
			joined = true
		case strings.HasPrefix(line, "/"): // an attribute
		case line != "":
			if n := len(list); n > 0 && !joined { // a group, or a picture
				list[n-1] = strings.TrimSpace(list[n-1])
			}
			kind, _, _ := strings.Cut(line, " ")
			list, joined = append(list, strings.TrimSuffix(kind, ":")+" "), false
		}
	}
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// unread is what remains of the text without what the structure says.
func unread(t testing.TB, p Paper) string {
	t.Helper()
	count := map[rune]int{}
	for _, r := range p.Text {
		if !unicode.IsSpace(r) {
			count[r]++
		}
	}
	for _, e := range p.Elements {
		_, said, _ := strings.Cut(e, " ")
		for _, r := range said {
			if !unicode.IsSpace(r) {
				count[r]--
			}
		}
	}
	var left []rune
	for r, n := range count {
		if n < 0 {
			t.Errorf("%d × %q is read aloud but not on the paper", -n, r)
		}
		for range n {
			left = append(left, r)
		}
	}
	slices.Sort(left)
	return string(left)
}

// Letters are a text's letters without spaces, sorted, as Unread has them.
func Letters(s string) string {
	r := []rune(strings.Join(strings.Fields(s), ""))
	slices.Sort(r)
	return string(r)
}

// codes reads the codes as from a scan.
func codes(t testing.TB, file, folder string) []string {
	t.Helper()
	run(t, "pdftoppm", "-r", "150", "-png", file, filepath.Join(folder, "page"))
	pages, err := filepath.Glob(filepath.Join(folder, "page*.png"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("zbarimg", append([]string{"--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"}, pages...)...).Output()
	if err != nil { // 4: there is no code on any page
		if e, ok := err.(*exec.ExitError); !ok || e.ExitCode() != 4 {
			t.Fatal(err)
		}
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
}
