// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"motcua/internal/refusal"
)

//go:embed templates/*.html
var shell embed.FS

// Page is what every page shows around its own content; a page's struct embeds it.
type Page struct {
	Lang    string
	Title   string
	Site    string // name of the province or ministry
	Face    string // portal or desk
	Path    string // of this page with its query, for links back to it
	Who     *Who   // nil for strangers
	CSRF    string
	Wide    bool   // uses the whole width
	Back    string // where the back link leads; none if empty
	Notice  string // said once after an act
	Stead   string // in whose stead, or for whom, an officer acts
	Outage  string // that the system cannot be used, or will not
	Refusal *Refusal
}

// Who is the signed-in person as pages name them.
type Who struct {
	Name    string
	For     string // the organisation that they act for
	Officer bool
	Clerk   bool // receives at a counter
	Admin   bool // of the officers of an agency
	Site    bool // sets the site up
	Head    bool // of an agency or a unit
	Privacy bool // answers for personal data
	Money   bool // takes money, or heads who does
	Unread  int
}

// Refusal is a refusal as a page says it: in a summary that takes focus, with
// links to the fields.
type Refusal struct {
	Sentence string
	Basis    string
	Next     string
	Fields   []WrongField
}

// WrongField is one wrong field in a summary.
type WrongField struct{ ID, Sentence string }

// T says a sentence of the words files in the page's language.
func (p Page) T(key string, args ...any) string { return T(p.Lang, key, args...) }

// Say says what comes in both languages.
func (p Page) Say(t refusal.Words) string { return t.In(p.Lang) }

// Wrong says what is wrong with a field.
func (p Page) Wrong(f refusal.Field) string { return FieldSentence(p.Lang, f) }

// Place says what is wrong where the page shows it: at holds the places by the
// pointers of their fields.
func (p Page) Place(wrong []refusal.Field, at map[string]*string) {
	for _, f := range wrong {
		if to := at[f.Pointer]; to != nil {
			*to = p.Wrong(f)
		}
	}
}

// Other is the other language.
func (p Page) Other() string {
	if p.Lang == "en" {
		return "vi"
	}
	return "en"
}

// Translated is the address of this page in the other language.
func (p Page) Translated() string {
	u, err := url.Parse(p.Path)
	if err != nil {
		u = &url.URL{}
	}
	q := u.Query()
	q.Set("lang", p.Other())
	u.RawQuery = q.Encode()
	return u.String()
}

// SignIn is where one signs in and comes back to this page.
func (p Page) SignIn() string {
	if strings.HasPrefix(p.Path, "/dang-") {
		return "/dang-nhap"
	}
	return "/dang-nhap?next=" + url.QueryEscape(p.Path)
}

// Refuse puts a refusal on the page. Pointers become ids of elements: the
// part below root with hyphens ("/answers/child/name" → "child-name").
func (p *Page) Refuse(e *refusal.Error, root string) {
	r := &Refusal{Sentence: Sentence(p.Lang, e), Basis: e.Basis}
	for _, f := range e.Fields {
		id := strings.ReplaceAll(strings.Trim(strings.TrimPrefix(f.Pointer, root), "/"), "/", "-")
		r.Fields = append(r.Fields, WrongField{id, FieldSentence(p.Lang, f)})
	}
	p.Refusal = r
}

// Pages are the templates of one face: each page file defines "main" and is
// named <noun>_<verb>.html; files that begin with "_" are parts of its pages.
type Pages struct {
	face  string
	pages map[string]*template.Template
}

// ParsePages reads a face's templates. They may use the shell's parts.
func ParsePages(face string, files fs.FS) *Pages {
	base := template.Must(template.New("").Funcs(funcs).ParseFS(shell, "templates/*.html"))
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		panic(err)
	}
	for _, n := range names {
		if strings.HasPrefix(n, "_") {
			template.Must(base.ParseFS(files, n))
		}
	}
	p := &Pages{face: face, pages: map[string]*template.Template{}}
	for _, n := range names {
		if !strings.HasPrefix(n, "_") {
			t := template.Must(template.Must(base.Clone()).ParseFS(files, n))
			p.pages[strings.TrimSuffix(n, path.Ext(n))] = t
		}
	}
	return p
}

// Render writes a page: data is its struct, which embeds Page. A template that
// fails is a fault, and nothing of the page is sent.
func (p *Pages) Render(w http.ResponseWriter, status int, name string, data any) error {
	var b bytes.Buffer
	if err := p.Write(&b, name, data); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
	return nil
}

// Write writes a page to where it is not shown but kept.
func (p *Pages) Write(w io.Writer, name string, data any) error {
	t, ok := p.pages[name]
	if !ok {
		return fmt.Errorf("no page %q in %s", name, p.face)
	}
	if err := t.ExecuteTemplate(w, "layout", data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	return nil
}

// funcs are what templates may do beside showing.
var funcs = template.FuncMap{
	"asset":   Asset,
	"instant": Instant,
	"date":    Day,
	"money":   Money,
	"dict":    dict,
	"size":    Size,
	"lines":   func(s string) []string { return strings.Split(s, "\n") },
}

// dict makes a map of name, value pairs for a part that needs several things.
func dict(pairs ...any) map[string]any {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

var zone = time.FixedZone("+07", 7*60*60)

// Instant writes an instant as people read it: "16:30 ngày 23/11/2026".
func Instant(lang string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	if lang == "en" {
		return t.In(zone).Format("15:04, 2 January 2006")
	}
	return t.In(zone).Format("15:04 ngày 02/01/2006")
}

// Day writes the day of an instant: "23/11/2026".
func Day(t time.Time) string { return t.In(zone).Format("02/01/2006") }

// Money writes whole đồng: "8.000 đồng", "VND 8,000".
func Money(lang string, n int64) string {
	s := fmt.Sprint(n)
	sep := "."
	if lang == "en" {
		sep = ","
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	if lang == "en" {
		return "VND " + s
	}
	return s + " đồng"
}

// ViewWhat is what of a dossier somebody looked at: "dossier", "file NAME".
func ViewWhat(lang, what string) string {
	kind, name, _ := strings.Cut(what, " ")
	return T(lang, "view.what."+kind, "name", name)
}

// Size writes a number of bytes: "1,2 MB".
func Size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KB", max(1, (n+1023)/1024))
	}
	return strings.Replace(fmt.Sprintf("%.1f MB", float64(n)/(1<<20)), ".", ",", 1)
}
