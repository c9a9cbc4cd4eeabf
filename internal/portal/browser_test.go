// SPDX-License-Identifier: Apache-2.0

package portal_test

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
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/portal"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/web"
)

// town is the demo province behind a real server.
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
	(&portal.Portal{Book: w.book, Register: w.register, Catalogue: catalogue, Site: w.site, Guard: guard, Guesses: &web.Tries{}, Now: w.clock.Now}).Routes(mux)
	server := httptest.NewServer(guard.Wrap(mux))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// browser is one person's browser without scripts.
type browser struct {
	*town
	client *http.Client
	path   string // of the page shown, with its query
	status int
	text   string
	page   *html.Node
}

func (w *town) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{town: w, client: &http.Client{Jar: jar}}
}

// citizen is the browser of somebody who is signed in, of an officer too.
func (w *town) citizen(login string) *browser {
	w.t.Helper()
	b := w.browser()
	b.get("/dang-nhap").submit("/dang-nhap", url.Values{"login": {login}, "password": {province.Password}}, "")
	if strings.HasPrefix(b.path, "/dang-nhap") {
		w.t.Fatalf("%s cannot sign in: %d %s", login, b.status, b.path)
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
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.path, b.status, b.text = r.Request.URL.RequestURI(), r.StatusCode, string(body)
	if r.StatusCode >= 500 {
		b.t.Fatalf("%s: %d\n%s", b.path, r.StatusCode, b.text)
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		if b.page, err = html.Parse(bytes.NewReader(body)); err != nil {
			b.t.Fatal(err)
		}
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
	for _, prefix := range []string{"portal.", "form.", "page.", "footer.", "product.", "dossier.", "document.", "request.", "identity."} {
		if i := strings.Index(b.text, "["+prefix); i >= 0 {
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
		b.t.Fatalf("%s (%d) has no form to %s\n%s", b.path, b.status, action, b.text)
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

// upload is a file for an input of a form.
type upload struct {
	input, name string
	content     []byte
}

func (b *browser) upload(action, then string, files ...upload) *browser {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range b.form(action) {
		for _, v := range values {
			_ = w.WriteField(name, v)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.input, f.name)
		if err != nil {
			b.t.Fatal(err)
		}
		_, _ = part.Write(f.content)
	}
	_ = w.WriteField("then", then)
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

// finish lets the officers carry a dossier to its end, each doing what is
// offered first.
func (w *town) finish(code dossier.Code) {
	w.t.Helper()
	ctx := context.Background()
	for range 40 {
		if !w.one(ctx, code) {
			break
		}
		w.clock.move(20 * time.Minute)
	}
	if _, err := w.book.Deliver(ctx, 100); err != nil {
		w.t.Fatal(err)
	}
	g, err := w.book.Lookup(ctx, code)
	if err != nil || g.Progress != 100 {
		w.t.Fatalf("%s: %d%% %v", code, g.Progress, err)
	}
}

func (w *town) one(ctx context.Context, code dossier.Code) bool {
	w.t.Helper()
	for _, o := range w.site.Directory().Officers {
		account, err := w.register.Find(ctx, o.Account)
		if err != nil {
			w.t.Fatal(err)
		}
		who := dossier.ActorOf(account, w.site.Directory(), calendar.DateOf(w.clock.Now()))
		s, err := w.book.Find(ctx, who, code)
		if err != nil {
			continue
		}
		offers, err := w.book.Offers(ctx, who, &s)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, offer := range offers {
			if offer.Act == "reassign" || offer.Act == "send_back" {
				continue
			}
			params := map[string]any{}
			for _, p := range offer.Params {
				if p.Required && len(p.Choices) > 0 {
					params[p.Name] = p.Choices[0].Value
				} else if p.Required {
					params[p.Name] = p.Example
				}
			}
			if _, err := w.book.Act(ctx, who, code, dossier.Request{Act: offer.Act, Version: s.Version, Params: params}); err != nil {
				w.t.Fatalf("%s %s: %v", offer.Act, code, err)
			}
			return true
		}
	}
	return false
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
		case bool:
			into.Set(prefix+id, map[bool]string{true: "yes", false: "no"}[x])
		case float64:
			into.Set(prefix+id, form.Raw(x))
		default:
			into.Set(prefix+id, fmt.Sprint(x))
		}
	}
	return into
}

// raw sends a form that was not served, and returns the status.
func (b *browser) raw(action string, values map[string]string, file upload) int {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, v := range values {
		_ = w.WriteField(name, v)
	}
	part, err := w.CreateFormFile(file.input, file.name)
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = part.Write(file.content)
	_ = w.Close()
	r, err := b.client.Post(b.url+action, w.FormDataContentType(), &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Body.Close()
	return r.StatusCode
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func dossierCode(s string) dossier.Code { return dossier.Code(s) }
