// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browser is one person's window.
type browser struct {
	*server
	ctx    context.Context
	name   string
	width  int64
	script bool
	shots  int
	waits  bool   // may come to a page to wait on (503)
	host   string // by which it calls the server; the server's address unless it is set
}

// browse opens a window of its own, with or without scripts.
func (s *server) browse(name string, width int64, script bool) *browser {
	s.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "vi"))
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	s.Cleanup(stop)
	ctx, done := chromedp.NewContext(all)
	s.Cleanup(done)
	b := &browser{server: s, ctx: ctx, name: name, width: width, script: script}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900)); err != nil {
		s.Fatal(err)
	}
	b.hears()
	if !script {
		if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			s.Fatal(err)
		}
	}
	return b
}

// hears fails the test when the browser blocks something of a page, by the policies
// that its answers carry.
func (b *browser) hears() {
	b.Helper()
	if err := chromedp.Listen(b.ctx, func(event any) {
		if e, ok := event.(*log.EventEntryAdded); ok && blocked.MatchString(e.Entry.Text) {
			b.Errorf("%s: %s (%s)", b.name, e.Entry.Text, e.Entry.URL)
		}
	}); err != nil {
		b.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, log.Enable, cdp.Empty{}); err != nil {
		b.Fatal(err)
	}
}

var blocked = regexp.MustCompile(`(?i)content.security.policy|blocked|refused to|cross-origin|permissions.policy`)

// evaluate asks the page something.
func evaluate[T any](b *browser, script string, options ...chromedp.EvaluateOption) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, options...))
	if err != nil {
		b.Fatalf("%s at %s: %v", b.name, b.path(), err)
	}
	return v
}

// goes does something that leads to another page.
func (b *browser) goes(what string, action chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	r, err := chromedp.RunResponse(ctx, action)
	if err != nil {
		b.picture("stuck")
		b.Fatalf("%s: %s at %s: %v", b.name, what, b.path(), err)
	}
	if r != nil && r.Status >= 500 && !b.waits {
		b.Fatalf("%s: %s: %d %s", b.name, what, r.Status, r.URL)
	}
}

func (b *browser) open(path string) {
	b.Helper()
	b.goes("open "+path, chromedp.Navigate("http://"+cmp.Or(b.host, b.address)+path))
}

// press clicks what a selector finds, which leads to another page.
func (b *browser) press(selector string) {
	b.Helper()
	if !evaluate[bool](b, fmt.Sprintf(`document.querySelector(%q) !== null`, selector)) {
		b.picture("missing")
		b.Fatalf("%s: no %s at %s", b.name, selector, b.path())
	}
	b.goes("press "+selector, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void document.querySelector(%q).click()`, selector)))
}

// pressUntil clicks, which with scripts may lead nowhere, and waits for
// something to be said.
func (b *browser) pressUntil(selector, said string) {
	b.Helper()
	evaluate[bool](b, fmt.Sprintf(`document.querySelector(%q).click(), true`, selector))
	for range 100 {
		time.Sleep(100 * time.Millisecond)
		if text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf(`(document.querySelector(%q) || {innerText: ""}).innerText`, said))); err == nil && text != "" {
			return
		}
	}
	b.picture("silent")
	b.Fatalf("%s: nothing is said after %s at %s", b.name, selector, b.path())
}

// path is where the window is.
func (b *browser) path() string {
	at, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		return err.Error()
	}
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	return u.Path
}

func (b *browser) text(selector string) string {
	b.Helper()
	return evaluate[string](b, fmt.Sprintf(`(document.querySelector(%q) || {innerText: ""}).innerText`, selector))
}

// fill types values into controls by name and returns the names that are not
// on the page.
func (b *browser) fill(values map[string][]string) []string {
	b.Helper()
	text, err := json.Marshal(values)
	if err != nil {
		b.Fatal(err)
	}
	return evaluate[[]string](b, `(values => {
		const missing = [];
		for (const [name, list] of Object.entries(values)) {
			const controls = [...document.querySelectorAll('main [name="' + name + '"]')].filter(c => c.type !== "hidden");
			if (!controls.length) { missing.push(name); continue; }
			for (const c of controls) {
				if (c.type === "radio" || c.type === "checkbox") c.checked = list.includes(c.value);
				else c.value = list[0];
				c.dispatchEvent(new Event("input", {bubbles: true}));
				c.dispatchEvent(new Event("change", {bubbles: true}));
			}
		}
		return missing;
	})(`+string(text)+`)`)
}

// chooseFirst picks the first of every group of options that has no choice yet.
func (b *browser) chooseFirst() {
	b.Helper()
	evaluate[bool](b, `(() => {
		const seen = new Set();
		for (const c of document.querySelectorAll('main input[type=radio]')) {
			if (seen.has(c.name)) continue;
			seen.add(c.name);
			if (!document.querySelector('main input[name="' + c.name + '"]:checked')) c.checked = true;
		}
		return true;
	})()`)
}

// look holds the page against what every page must be, and takes its picture:
// nothing wider than the window, one heading of the first order, no finding of
// the accessibility checker.
func (b *browser) look(name string) {
	b.Helper()
	b.picture(name)
	page := evaluate[struct {
		Wide, Headings int
		Widest         string
	}](b, `(() => {
		let widest = "", most = innerWidth;
		for (const e of document.body.querySelectorAll("*")) {
			const r = e.getBoundingClientRect();
			if (r.right > most + 1 && !e.closest(".table-wrap, .visually-hidden, .skip-link")) { most = r.right; widest = e.outerHTML.slice(0, 200); }
		}
		return {wide: document.scrollingElement.scrollWidth - innerWidth, headings: document.querySelectorAll("h1").length, widest};
	})()`)
	if page.Wide > 0 {
		b.Errorf("%s %s is %d px wider than %d: %s", b.name, name, page.Wide, b.width, page.Widest)
	}
	if page.Headings != 1 {
		b.Errorf("%s %s has %d headings of the first order", b.name, name, page.Headings)
	}
	b.axe(name)
}

// axe runs the accessibility checker on the page as it stands.
func (b *browser) axe(name string) {
	b.Helper()
	if !b.script {
		return // the checker is a script; pages are the same without
	}
	source, err := os.ReadFile("../test/node_modules/axe-core/axe.min.js")
	if err != nil {
		b.Fatal(err)
	}
	evaluate[bool](b, string(source)+"; true")
	// What sticks to the edge covers now this and now that; the checker looks but once.
	evaluate[bool](b, `document.querySelectorAll(".sticky-actions").forEach(e => { e.style.position = "static" }); true`)
	defer evaluate[bool](b, `document.querySelectorAll(".sticky-actions").forEach(e => { e.style.position = "" }); true`)
	found := evaluate[[]struct {
		ID, Help string
		Nodes    []struct{ HTML string }
	}](b, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.map(n => ({html: n.html}))})))`, chromedp.EvalAwaitPromise)
	for _, f := range found {
		b.Errorf("%s %s: %s (%s): %s", b.name, name, f.ID, f.Help, f.Nodes[0].HTML)
	}
}

// picture keeps the whole page as a picture in test/shots.
func (b *browser) picture(name string) {
	image, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.Logf("no picture of %s: %v", name, err)
		return
	}
	b.shots++
	folder := filepath.Join("..", "test", "shots")
	_ = os.MkdirAll(folder, 0o755)
	file := fmt.Sprintf("%s-%02d-%s.png", b.name, b.shots, strings.ReplaceAll(name, "/", "_"))
	if err := os.WriteFile(filepath.Join(folder, file), image, 0o600); err != nil {
		b.Fatal(err)
	}
}

// weigh opens a page for the first time and adds up what came over the wire.
func (b *browser) weigh(path string) int64 {
	b.Helper()
	var bytes atomic.Int64
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		b.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.ClearBrowserCache, cdp.Empty{}); err != nil {
		b.Fatal(err)
	}
	if err := chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*network.EventLoadingFinished); ok {
			bytes.Add(int64(e.EncodedDataLength))
		}
	}); err != nil {
		b.Fatal(err)
	}
	b.open(path)
	time.Sleep(500 * time.Millisecond) // fonts come after the text
	return bytes.Load()
}

// upload puts a file into a file field.
func (b *browser) upload(selector, file string) {
	b.Helper()
	if err := chromedp.Do(b.ctx, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file})); err != nil {
		b.Fatalf("%s: %s at %s: %v", b.name, selector, b.path(), err)
	}
}

// signIn signs a demo account in.
func (b *browser) signIn(login string) {
	b.Helper()
	if b.path() != "/dang-nhap" {
		b.open("/dang-nhap")
	}
	b.fill(map[string][]string{"login": {login}, "password": {"motcua-demo"}})
	b.press(`form[action="/dang-nhap"] button[type=submit]`)
	if b.path() == "/dang-nhap" {
		b.Fatalf("%s cannot sign in: %s", login, b.text("main"))
	}
}

func flat(prefix string, v any, into map[string][]string) {
	switch x := v.(type) {
	case map[string]any:
		for k, y := range x {
			flat(prefix+"."+k, y, into)
		}
	case []any:
		for i, y := range x {
			if text, ok := y.(string); ok {
				into[prefix] = append(into[prefix], text)
			} else {
				flat(fmt.Sprintf("%s.%d", prefix, i), y, into)
			}
		}
	case bool:
		into[prefix] = []string{map[bool]string{true: "yes", false: "no"}[x]}
	case float64:
		into[prefix] = []string{fmt.Sprint(int64(x))}
	case string:
		if day, err := time.Parse(time.DateOnly, x); err == nil {
			x = day.Format("2/1/2006")
		}
		into[prefix] = []string{x}
	}
}
