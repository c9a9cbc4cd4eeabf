// SPDX-License-Identifier: Apache-2.0

// Package webtest is a browser without scripts for tests of pages. Every page
// it comes by is held against the rules of all pages: one main heading, labels,
// references that lead somewhere, words for every key. Start at Browser.
package webtest

import (
	"bytes"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Browser is one person's browser and the page it shows.
type Browser struct {
	T      testing.TB
	URL    string // of the server
	Client *http.Client
	Path   string // of the page shown, with its query
	Status int
	Text   string
	Page   *html.Node // nil unless it is HTML
}

// Open opens a browser on a server.
func Open(t testing.TB, server string) *Browser {
	t.Helper()
	return &Browser{T: t, URL: server, Client: &http.Client{Jar: must(cookiejar.New(nil))}}
}

// SignIn gives the browser the session of somebody who has signed in.
func (b *Browser) SignIn(secret string) {
	b.T.Helper()
	b.Client.Jar.SetCookies(must(url.Parse(b.URL)), []*http.Cookie{{Name: "session", Value: secret, Path: "/"}})
}

// Get opens a page.
func (b *Browser) Get(path string) *Browser {
	b.T.Helper()
	r, err := b.Client.Get(b.URL + path)
	b.Show(r, err)
	return b
}

// Show takes an answer as the page shown; a fault fails the test.
func (b *Browser) Show(r *http.Response, err error) {
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
	defer r.Body.Close()
	body := must(io.ReadAll(r.Body))
	b.Path, b.Status, b.Text, b.Page = r.Request.URL.RequestURI(), r.StatusCode, string(body), nil
	if r.StatusCode >= 500 {
		b.T.Fatalf("%s: %d\n%s", b.Path, r.StatusCode, b.Text)
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		b.Page = must(html.Parse(bytes.NewReader(body)))
		b.lint()
	}
}

// lint holds every page that a test comes by against the rules of all pages.
func (b *Browser) lint() {
	b.T.Helper()
	ids, labelled, level, h1 := map[string]bool{}, map[string]bool{}, 0, 0
	Each(b.Page, func(n *html.Node) {
		if id := Attr(n, "id"); id != "" {
			if ids[id] {
				b.T.Errorf("%s: id %q twice", b.Path, id)
			}
			ids[id] = true
		}
		if n.Data == "label" {
			labelled[Attr(n, "for")] = true
		}
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			now := int(n.Data[1] - '0')
			if now == 1 {
				h1++
			}
			if now > level+1 && level > 0 {
				b.T.Errorf("%s: h%d after h%d: %s", b.Path, now, level, Inner(n))
			}
			level = now
		}
		for _, a := range n.Attr {
			if a.Key == "style" || a.Key == "autofocus" || strings.HasPrefix(a.Key, "on") {
				b.T.Errorf("%s: %s on <%s>", b.Path, a.Key, n.Data)
			}
		}
		if n.Data == "th" && Attr(n, "scope") == "" {
			b.T.Errorf("%s: th without scope", b.Path)
		}
	})
	if h1 != 1 {
		b.T.Errorf("%s: %d h1", b.Path, h1)
	}
	Each(b.Page, func(n *html.Node) {
		kind := Attr(n, "type")
		if (n.Data == "input" && kind != "hidden" || n.Data == "select" || n.Data == "textarea") && !labelled[Attr(n, "id")] {
			b.T.Errorf("%s: no label for %s %q", b.Path, n.Data, Attr(n, "name"))
		}
		for _, ref := range strings.Fields(Attr(n, "aria-describedby") + " " + Attr(n, "aria-labelledby")) {
			if !ids[ref] {
				b.T.Errorf("%s: described by %q, which is not there", b.Path, ref)
			}
		}
		if href := Attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, "#") && !ids[href[1:]] {
			b.T.Errorf("%s: link to %s, which is not there", b.Path, href)
		}
	})
	if i := wordless.FindStringIndex(b.Text); i != nil {
		b.T.Errorf("%s: no words for %.60s", b.Path, b.Text[i[0]:])
	}
	if i := strings.Index(b.Text, "{label}"); i >= 0 {
		b.T.Errorf("%s: sentence with a hole: %.120s", b.Path, b.Text[max(0, i-60):])
	}
}

// Form reads what the browser would send for the form with an action.
func (b *Browser) Form(action string) url.Values {
	b.T.Helper()
	f := First(b.Page, func(n *html.Node) bool {
		return n.Data == "form" && Attr(n, "method") == "post" && Attr(n, "action") == action
	})
	if f == nil {
		b.T.Fatalf("%s (%d) has no form to %s\n%s", b.Path, b.Status, action, Visible(b.Page))
	}
	values := url.Values{}
	Each(f, func(n *html.Node) {
		name := Attr(n, "name")
		if name == "" {
			return
		}
		switch n.Data {
		case "input":
			switch Attr(n, "type") {
			case "radio", "checkbox":
				if hasAttr(n, "checked") {
					values.Add(name, Attr(n, "value"))
				}
			case "file":
			default:
				values.Add(name, Attr(n, "value"))
			}
		case "textarea":
			values.Add(name, Inner(n))
		case "select":
			Each(n, func(o *html.Node) {
				if o.Data == "option" && hasAttr(o, "selected") {
					values.Set(name, Attr(o, "value"))
				}
			})
		}
	})
	return values
}

// Submit fills a form of the page in and sends it with a button ("name=value",
// or "" for the first), following what it leads to.
func (b *Browser) Submit(action string, fill url.Values, button string) *Browser {
	b.T.Helper()
	values := b.Form(action)
	maps.Copy(values, fill)
	if name, value, ok := strings.Cut(button, "="); ok {
		values.Set(name, value)
	}
	r, err := b.Client.PostForm(b.URL+action, values)
	b.Show(r, err)
	return b
}

// File is a file for an input of a form.
type File struct {
	Input, Name string
	Content     []byte
}

// Upload is Submit for a form with files.
func (b *Browser) Upload(action string, fill url.Values, button string, files ...File) *Browser {
	b.T.Helper()
	values := b.Form(action)
	maps.Copy(values, fill)
	if name, value, ok := strings.Cut(button, "="); ok {
		values.Set(name, value)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("csrf", values.Get("csrf"))
	for name, list := range values {
		for _, v := range list {
			if name != "csrf" {
				_ = w.WriteField(name, v)
			}
		}
	}
	for _, f := range files {
		part := must(w.CreateFormFile(f.Input, f.Name))
		_, _ = part.Write(f.Content)
	}
	_ = w.Close()
	r, err := b.Client.Post(b.URL+action, w.FormDataContentType(), &body)
	b.Show(r, err)
	return b
}

// Has fails unless the page says all of these.
func (b *Browser) Has(texts ...string) *Browser {
	b.T.Helper()
	for _, s := range texts {
		if !strings.Contains(b.Text, html.EscapeString(s)) && !strings.Contains(b.Text, s) {
			b.T.Fatalf("%s (%d) does not say %q\n%s", b.Path, b.Status, s, Visible(b.Page))
		}
	}
	return b
}

// Lacks fails if the page says one of these.
func (b *Browser) Lacks(texts ...string) *Browser {
	b.T.Helper()
	for _, s := range texts {
		if strings.Contains(b.Text, s) {
			b.T.Errorf("%s says %q", b.Path, s)
		}
	}
	return b
}

// At fails unless the page answered with this status.
func (b *Browser) At(status int) *Browser {
	b.T.Helper()
	if b.Status != status {
		b.T.Fatalf("%s answers %d, not %d\n%s", b.Path, b.Status, status, Visible(b.Page))
	}
	return b
}

// Each visits every element below n.
func Each(n *html.Node, f func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		Each(c, f)
	}
}

// First is the first element below n that is what is sought; nil if none is.
func First(n *html.Node, is func(*html.Node) bool) (found *html.Node) {
	Each(n, func(x *html.Node) {
		if found == nil && is(x) {
			found = x
		}
	})
	return found
}

// Attr is an attribute of an element, "" if it has none.
func Attr(n *html.Node, key string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// Inner is the text of an element as it stands.
func Inner(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return b.String()
}

// Visible is the text of an element in one line.
func Visible(n *html.Node) string {
	if n == nil {
		return ""
	}
	return strings.Join(strings.Fields(Inner(n)), " ")
}

// wordless finds a key that is shown because it has no words.
var wordless = regexp.MustCompile(`\[[a-z]+\.[a-z0-9_.]+\]`)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
