// SPDX-License-Identifier: Apache-2.0

// Package motcua holds the house to its plan: who may know whom, and that
// every sentence a refusal needs is there in both languages.
package motcua

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"motcua/internal/dossier"
	"motcua/internal/procedure"
	"motcua/internal/workflow"
)

// house is the plan, from the ground up. A package may import packages that
// stand before it and that its ring may know.
var house = []struct {
	ring, name string
}{
	{"ground", "refusal"}, {"ground", "vault"},
	{"ground", "db"}, {"ground", "web"}, {"ground", "pdf"}, {"ground", "search"},
	{"ground", "secret"}, {"ground", "outgoing"}, {"ground", "gate"}, {"ground", "sheet"},
	{"rules", "calendar"}, {"rules", "form"}, {"rules", "workflow"}, {"rules", "regime"},
	{"work", "audit"}, {"work", "agency"}, {"work", "identity"}, {"work", "procedure"}, {"work", "document"}, {"work", "payment"}, {"work", "dossier"}, {"work", "privacy"}, {"work", "records"}, {"work", "staff"}, {"work", "stats"}, {"work", "province"},
	{"face", "api"}, {"face", "portal"}, {"face", "desk"},
}

// mayKnow are the rings that a ring may import; single packages are named.
var mayKnow = map[string][]string{
	"ground": {"refusal", "vault", "web"},
	"rules":  {"rules", "refusal"},
	"work":   {"work", "rules", "refusal", "vault", "db", "pdf", "search", "secret", "sheet", "outgoing"},
	"face":   {"work", "rules", "refusal", "web", "sheet"},
}

// pure packages have no clock, no context, no database, no network.
var impure = []string{"context", "os", "net", "net/http", "database/sql", "log/slog", "math/rand", "math/rand/v2", "crypto/rand"}

// A package imports only what stands below it, and faces do not know each other.
func TestImportsOnlyGoDown(t *testing.T) {
	place := map[string]int{}
	for i, p := range house {
		place[p.name] = i
	}
	dirs, err := os.ReadDir("internal")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if _, planned := place[d.Name()]; !planned {
			t.Errorf("internal/%s is not in the plan", d.Name())
		}
	}
	for i, p := range house {
		for imported, file := range imports(t, filepath.Join("internal", p.name)) {
			if p.ring == "rules" && slices.Contains(impure, imported) {
				t.Errorf("%s imports %s: rules are pure", file, imported)
			}
			name, ours := strings.CutPrefix(imported, "motcua/internal/")
			if !ours {
				continue
			}
			j, planned := place[name]
			if !planned || j >= i {
				t.Errorf("%s imports %s, which does not stand below it", file, name)
				continue
			}
			if ring := house[j].ring; !slices.Contains(mayKnow[p.ring], ring) && !slices.Contains(mayKnow[p.ring], name) {
				t.Errorf("%s imports %s: %s may know %v", file, name, p.ring, mayKnow[p.ring])
			}
		}
	}
}

// outward are the names by which Go calls others over a network.
var outward = map[string][]string{
	"net/http":   {"Client", "Transport", "Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport"},
	"net":        {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialUnix", "DialIP", "Dialer"},
	"crypto/tls": {"Dial", "DialWithDialer", "Dialer"},
	"net/smtp":   {"Dial", "SendMail", "NewClient"},
	"net/rpc":    {"Dial", "DialHTTP"},
	"log/syslog": {"Dial", "New", "NewLogger"},
	"syscall":    {"Connect"},

	"net/http/httputil": {"ReverseProxy", "NewSingleHostReverseProxy"},
}

// Only one package calls out, so that its rules hold for every call; the database
// has a driver of its own. Others use its client: they may name the type of it, and
// make none.
func TestOnlyOneCallsOut(t *testing.T) {
	for _, root := range []string{"cmd", "internal"} {
		for name, file := range sources(t, root, 0) {
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(filepath.Dir(name), "test") || filepath.Dir(name) == filepath.Join("internal", "outgoing") {
				continue
			}
			packages := map[string]string{}
			for _, i := range file.Imports {
				p, _ := strconv.Unquote(i.Path.Value)
				as := path.Base(p)
				if i.Name != nil {
					as = i.Name.Name
				}
				if as == "." {
					t.Errorf("%s: what it takes of %s is not to be seen", name, p)
				}
				packages[as] = p
			}
			types := map[ast.Node]bool{} // *http.Client
			ast.Inspect(file, func(n ast.Node) bool {
				if star, ok := n.(*ast.StarExpr); ok {
					types[star.X] = true
				}
				s, ok := n.(*ast.SelectorExpr)
				if !ok || types[s] {
					return true
				}
				if on, ok := s.X.(*ast.Ident); ok && slices.Contains(outward[packages[on.Name]], s.Sel.Name) {
					t.Errorf("%s: %s.%s calls out: use internal/outgoing", name, on.Name, s.Sel.Name)
				}
				return true
			})
		}
	}
}

// imports lists what the files of a package import, tests apart, each with a
// file that does.
func imports(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for name, file := range sources(t, dir, parser.ImportsOnly) {
		if strings.HasSuffix(name, "_test.go") || filepath.Dir(name) != dir {
			continue
		}
		for _, i := range file.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			found[p] = name
		}
	}
	return found
}

// sources parses every Go file below a folder.
func sources(t *testing.T, dir string, mode parser.Mode) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, mode)
		files[name] = f
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Every file names its licence; no test is left out.
func TestEveryFile(t *testing.T) {
	for name := range sources(t, ".", parser.PackageClauseOnly) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "// SPDX-License-Identifier: Apache-2.0\n") {
			t.Errorf("%s does not name its licence in the first line", name)
		}
		if strings.HasSuffix(name, "_test.go") && strings.Contains(string(text), "t.Sk"+"ip") {
			t.Errorf("%s leaves a test out", name)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// Both languages say the same things with the same names in them.
func TestWordsAreComplete(t *testing.T) {
	vi, en := words(t, "vi"), words(t, "en")
	for key, sentence := range vi {
		other, ok := en[key]
		if !ok {
			t.Errorf("%s is not said in English", key)
			continue
		}
		a, b := placeholder.FindAllString(sentence, -1), placeholder.FindAllString(other, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s names %v in Vietnamese and %v in English", key, a, b)
		}
	}
	for key := range en {
		if _, ok := vi[key]; !ok {
			t.Errorf("%s is not said in Vietnamese", key)
		}
	}
}

func words(t *testing.T, lang string) map[string]string {
	t.Helper()
	all := map[string]string{}
	names, err := filepath.Glob("internal/web/words/*." + lang + ".json")
	if err != nil || len(names) == 0 {
		t.Fatal("no words", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return all
}

// What the pages say in English are plain words: not those that only who wrote the
// program understands. A page that another names is called so.
func TestWordsArePlain(t *testing.T) {
	en := words(t, "en")
	unclear := regexp.MustCompile(`(?i)\bvouch|\bcomes? in\b|^(looks|watch)$|\b(a|the|this|such) look(\s|[.,;])|\blooks (without|of)\b`)
	for key, text := range en {
		if said := unclear.FindString(text); said != "" {
			t.Errorf("%s says %q: %s", key, said, text)
		}
	}
	for _, lang := range []string{"vi", "en"} {
		said := words(t, lang)
		for _, key := range []string{"desk.guide_text.watch", "desk.guide_text.uncollected"} {
			if name := said["desk.nav.watch"]; !strings.Contains(said[key], "“"+name+"”") {
				t.Errorf("%s in %s does not name %q", key, lang, name)
			}
		}
	}
}

// Every key of a refusal written in the code, and every key that a template
// says, has a sentence.
func TestEveryKeyHasWords(t *testing.T) {
	known := words(t, "vi")
	for name, file := range sources(t, "internal", 0) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if at := keyOf(call); at >= 0 && at < len(call.Args) {
				if lit, ok := call.Args[at].(*ast.BasicLit); ok {
					if key, _ := strconv.Unquote(lit.Value); known[key] == "" {
						t.Errorf("%s: no words for %q", name, key)
					}
				}
			}
			return true
		})
	}
	templates, err := filepath.Glob("internal/*/*.html")
	if err != nil {
		t.Fatal(err)
	}
	shell, err := filepath.Glob("internal/web/templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`\.T "([a-z0-9_.]+)"`)
	for _, name := range append(templates, shell...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			if known[m[1]] == "" && !strings.HasSuffix(m[1], ".") {
				t.Errorf("%s: no words for %q", name, m[1])
			}
		}
	}
}

// Every key of words that the code or a page writes has a sentence, and every
// sentence is said: by its key, or by the beginning of it and what follows.
func TestWordsAreSaid(t *testing.T) {
	known := words(t, "vi")
	said := map[string]bool{}
	literal := regexp.MustCompile(`"([a-z]+)(\.[a-z0-9_]+)*\.?"`)
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") || path.Ext(name) != ".go" && path.Ext(name) != ".html" {
			return err
		}
		text, err := os.ReadFile(name)
		for _, m := range literal.FindAllStringSubmatch(string(text), -1) {
			key := strings.Trim(m[0], `"`)
			said[key] = true
			face := strings.Contains(name, "/desk/") || strings.Contains(name, "/portal/") || strings.Contains(name, "/web/")
			if face && (m[1] == "desk" || m[1] == "portal" || m[1] == "page") && strings.Contains(key, ".") && path.Ext(key) != ".css" && known[key] == "" && !begins(known, key) {
				t.Errorf("%s: no words for %q", name, key)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range known {
		spoken := said[key]
		for i := range key {
			spoken = spoken || key[i] == '.' && said[key[:i+1]]
		}
		if !spoken {
			t.Errorf("nobody says %s", key)
		}
	}
}

// begins is true when some key goes on from this one.
func begins(known map[string]string, key string) bool {
	for k := range known {
		if strings.HasPrefix(k, strings.TrimSuffix(key, ".")+".") {
			return true
		}
	}
	return false
}

// What the law names by a key of its own – events, roles, channels, kinds of
// applicants – has a sentence for every one of them.
func TestEveryKindHasWords(t *testing.T) {
	known := words(t, "vi")
	families := map[string][]string{"kind.": procedure.Applicants, "desk.criterion.": dossier.Criteria, "desk.method.": dossier.PayWays}
	for _, face := range []string{"desk.event.", "portal.event."} {
		families[face] = dossier.Kinds()
	}
	for _, act := range dossier.Acts() {
		if act != "rate" {
			families["desk.done."] = append(families["desk.done."], act)
		}
	}
	for _, c := range procedure.Channels {
		families["channel."] = append(families["channel."], string(c))
		families["return."] = append(families["return."], string(c))
	}
	for _, r := range workflow.Roles {
		families["role."] = append(families["role."], string(r))
	}
	for family, members := range families {
		if len(members) == 0 {
			t.Errorf("%s has no members", family)
		}
		for _, m := range members {
			if known[family+m] == "" {
				t.Errorf("no words for %s%s", family, m)
			}
		}
	}
}

// keyOf is which argument of a call is a key of words; -1 if none is.
func keyOf(call *ast.CallExpr) int {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "refuse" {
			return 1
		}
		return -1
	}
	on, _ := f.X.(*ast.Ident)
	switch {
	case on != nil && on.Name == "refusal" && (f.Sel.Name == "New" || f.Sel.Name == "At"):
		return 1
	case on != nil && on.Name == "refusal" && f.Sel.Name == "Fields":
		return 0
	case on != nil && on.Name == "web" && f.Sel.Name == "T":
		return 1
	case f.Sel.Name == "refuse":
		return 1
	case f.Sel.Name == "T" && len(call.Args) > 0:
		return 0
	}
	return -1
}

// Every test that the page of threats names is there.
func TestThreatsAreTested(t *testing.T) {
	tests := map[string]bool{}
	for name, file := range sources(t, ".", parser.SkipObjectResolution) {
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && strings.HasSuffix(name, "_test.go") && f.Recv == nil {
				tests[f.Name.Name] = true
			}
		}
	}
	page, err := os.ReadFile("docs/threats.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.Contains(line, "---") || strings.Contains(line, "Shown by") {
			continue
		}
		rows++
		named := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(cells[3], -1)
		if len(named) == 0 {
			t.Errorf("no test shows what stands against: %s", strings.TrimSpace(cells[1]))
		}
		for _, m := range named {
			if !tests[m[1]] {
				t.Errorf("%s is no test, but stands against: %s", m[1], strings.TrimSpace(cells[1]))
			}
		}
	}
	if rows < 10 {
		t.Errorf("only %d threats", rows)
	}
}
