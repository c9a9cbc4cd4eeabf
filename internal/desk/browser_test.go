// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db/dbtest"
	"motcua/internal/desk"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/web"
)

// town is the demo province with its officers' pages behind a real server.
type town struct {
	t        testing.TB
	url      string
	book     *dossier.Book
	register *identity.Register
	site     *agency.Site
	clock    *clock
}

// clock stands still but when a test moves it.
type clock struct {
	sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.Lock()
	defer c.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.Lock()
	defer c.Unlock()
	c.now = c.now.Add(d)
}

func open(t testing.TB) *town {
	t.Helper()
	ctx := context.Background()
	d := dbtest.Open(t)
	w := &town{t: t, clock: &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, calendar.Zone)}}
	must(province.Load(ctx, d, demo.Files, w.clock.Now()))
	w.site = must(agency.OpenSite(ctx, d, w.clock.Now))
	catalogue := must(procedure.OpenCatalogue(ctx, d))
	w.register = &identity.Register{DB: d, Now: w.clock.Now}
	w.book = &dossier.Book{DB: d, Catalogue: catalogue, Site: w.site, Now: w.clock.Now, Followers: []dossier.Follower{dossier.Announce}}
	guard := &web.Guard{}
	mux := http.NewServeMux()
	(&desk.Desk{Book: w.book, Register: w.register, Catalogue: catalogue, Site: w.site, Guard: guard, Now: w.clock.Now}).Routes(mux)
	server := httptest.NewServer(guard.Wrap(mux))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// actor is an account of the demo as the book knows it.
func (w *town) actor(login string) dossier.Actor {
	w.t.Helper()
	account, err := w.register.FindLogin(context.Background(), login)
	if err != nil {
		w.t.Fatal(err)
	}
	return dossier.ActorOf(account, w.site.Directory(), calendar.DateOf(w.clock.Now()))
}

// sample is the sample dossier of a procedure.
func (w *town) sample(code string) dossier.Filing {
	w.t.Helper()
	f, err := w.book.Sample(context.Background(), code, "vi")
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// file lets a citizen send the sample dossier of a procedure.
func (w *town) file(code string) dossier.State {
	w.t.Helper()
	w.clock.move(time.Minute)
	s, err := w.book.Submit(context.Background(), w.actor("nguoidan"), w.sample(code), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// browser is one person's browser without scripts.
type browser struct {
	*town
	login  string
	client *http.Client
	path   string // of the page shown, with its query
	status int
	text   string
	page   *html.Node
}

// browser opens a browser; somebody is signed in if login is not "".
func (w *town) browser(login string) *browser {
	w.t.Helper()
	jar := must(cookiejar.New(nil))
	b := &browser{town: w, login: login, client: &http.Client{Jar: jar}}
	if login != "" {
		_, secret, err := w.register.SignIn(context.Background(), login, province.Password)
		if err != nil {
			w.t.Fatal(err)
		}
		jar.SetCookies(must(url.Parse(w.url)), []*http.Cookie{{Name: "session", Value: secret, Path: "/"}})
	}
	return b
}

func (b *browser) get(path string) *browser {
	b.t.Helper()
	r, err := b.client.Get(b.url + path)
	b.show(r, err)
	return b
}

func (b *browser) show(r *http.Response, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	body := must(io.ReadAll(r.Body))
	b.path, b.status, b.text, b.page = r.Request.URL.RequestURI(), r.StatusCode, string(body), nil
	if r.StatusCode >= 500 {
		b.t.Fatalf("%s: %d\n%s", b.path, r.StatusCode, b.text)
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		b.page = must(html.Parse(bytes.NewReader(body)))
		b.lint()
	}
}

// lint holds every page that a test comes by against the rules of all pages.
func (b *browser) lint() {
	b.t.Helper()
	ids, labelled, level, h1 := map[string]bool{}, map[string]bool{}, 0, 0
	each(b.page, func(n *html.Node) {
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				b.t.Errorf("%s: id %q twice", b.path, id)
			}
			ids[id] = true
		}
		if n.Data == "label" {
			labelled[attr(n, "for")] = true
		}
		if len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6' {
			now := int(n.Data[1] - '0')
			if now == 1 {
				h1++
			}
			if now > level+1 && level > 0 {
				b.t.Errorf("%s: h%d after h%d: %s", b.path, now, level, inner(n))
			}
			level = now
		}
		for _, a := range n.Attr {
			if a.Key == "style" || a.Key == "autofocus" || strings.HasPrefix(a.Key, "on") {
				b.t.Errorf("%s: %s on <%s>", b.path, a.Key, n.Data)
			}
		}
		if n.Data == "th" && attr(n, "scope") == "" {
			b.t.Errorf("%s: th without scope", b.path)
		}
	})
	if h1 != 1 {
		b.t.Errorf("%s: %d h1", b.path, h1)
	}
	each(b.page, func(n *html.Node) {
		kind := attr(n, "type")
		if (n.Data == "input" && kind != "hidden" || n.Data == "select" || n.Data == "textarea") && !labelled[attr(n, "id")] {
			b.t.Errorf("%s: no label for %s %q", b.path, n.Data, attr(n, "name"))
		}
		for _, ref := range strings.Fields(attr(n, "aria-describedby") + " " + attr(n, "aria-labelledby")) {
			if !ids[ref] {
				b.t.Errorf("%s: described by %q, which is not there", b.path, ref)
			}
		}
		if href := attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, "#") && !ids[href[1:]] {
			b.t.Errorf("%s: link to %s, which is not there", b.path, href)
		}
	})
	for _, prefix := range []string{"[desk.", "[portal.", "[form.", "[page.", "[footer.", "[product.", "[dossier.", "[document.", "[request.", "[]"} {
		if i := strings.Index(b.text, prefix); i >= 0 {
			b.t.Errorf("%s: no words for %.60s", b.path, b.text[i:])
		}
	}
	if i := strings.Index(b.text, "{label}"); i >= 0 {
		b.t.Errorf("%s: sentence with a hole: %.120s", b.path, b.text[max(0, i-60):])
	}
}

// form reads what the browser would send for the form with an action.
func (b *browser) form(action string) url.Values {
	b.t.Helper()
	f := first(b.page, func(n *html.Node) bool {
		return n.Data == "form" && attr(n, "method") == "post" && attr(n, "action") == action
	})
	if f == nil {
		b.t.Fatalf("%s (%d) has no form to %s\n%s", b.path, b.status, action, visible(b.page))
	}
	values := url.Values{}
	each(f, func(n *html.Node) {
		name := attr(n, "name")
		if name == "" {
			return
		}
		switch n.Data {
		case "input":
			switch attr(n, "type") {
			case "radio", "checkbox":
				if has(n, "checked") {
					values.Add(name, attr(n, "value"))
				}
			case "file":
			default:
				values.Add(name, attr(n, "value"))
			}
		case "textarea":
			values.Add(name, inner(n))
		case "select":
			each(n, func(o *html.Node) {
				if o.Data == "option" && has(o, "selected") {
					values.Set(name, attr(o, "value"))
				}
			})
		}
	})
	return values
}

// submit fills a form of the page in and sends it with a button ("name=value",
// or "" for the first), following what it leads to.
func (b *browser) submit(action string, fill url.Values, button string) *browser {
	b.t.Helper()
	values := b.form(action)
	maps.Copy(values, fill)
	if name, value, ok := strings.Cut(button, "="); ok {
		values.Set(name, value)
	}
	r, err := b.client.PostForm(b.url+action, values)
	b.show(r, err)
	return b
}

// scan is a file for an input of a form.
type scan struct {
	input, name string
	content     []byte
}

// upload is submit for a form with files.
func (b *browser) upload(action string, fill url.Values, button string, files ...scan) *browser {
	b.t.Helper()
	values := b.form(action)
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
		part := must(w.CreateFormFile(f.input, f.name))
		_, _ = part.Write(f.content)
	}
	_ = w.Close()
	r, err := b.client.Post(b.url+action, w.FormDataContentType(), &body)
	b.show(r, err)
	return b
}

func (b *browser) has(texts ...string) *browser {
	b.t.Helper()
	for _, s := range texts {
		if !strings.Contains(b.text, html.EscapeString(s)) && !strings.Contains(b.text, s) {
			b.t.Fatalf("%s (%d) does not say %q\n%s", b.path, b.status, s, visible(b.page))
		}
	}
	return b
}

func (b *browser) lacks(texts ...string) *browser {
	b.t.Helper()
	for _, s := range texts {
		if strings.Contains(b.text, s) {
			b.t.Errorf("%s says %q", b.path, s)
		}
	}
	return b
}

func (b *browser) at(status int) *browser {
	b.t.Helper()
	if b.status != status {
		b.t.Fatalf("%s answers %d, not %d\n%s", b.path, b.status, status, visible(b.page))
	}
	return b
}

func each(n *html.Node, f func(*html.Node)) {
	if n == nil {
		return
	}
	if n.Type == html.ElementNode {
		f(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, f)
	}
}

func first(n *html.Node, is func(*html.Node) bool) (found *html.Node) {
	each(n, func(x *html.Node) {
		if found == nil && is(x) {
			found = x
		}
	})
	return found
}

func attr(n *html.Node, key string) string {
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

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func inner(n *html.Node) string {
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

func visible(n *html.Node) string {
	if n == nil {
		return ""
	}
	return strings.Join(strings.Fields(inner(n)), " ")
}

// flat writes answers as the names and values of an HTML form.
func flat(answers map[string]any, prefix string, into url.Values) url.Values {
	for id, v := range answers {
		switch x := v.(type) {
		case map[string]any:
			flat(x, prefix+id+".", into)
		case []any:
			for n, y := range x {
				if item, ok := y.(map[string]any); ok {
					flat(item, fmt.Sprintf("%s%s.%d.", prefix, id, n), into)
				} else {
					into.Add(prefix+id, fmt.Sprint(y))
				}
			}
		default:
			into.Set(prefix+id, form.Raw(x))
		}
	}
	return into
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
