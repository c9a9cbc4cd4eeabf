// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/api"
	"motcua/internal/calendar"
	"motcua/internal/db/dbtest"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/payment"
	"motcua/internal/portal"
	"motcua/internal/privacy"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/web"
	"motcua/internal/web/webtest"
)

// town is the demo province behind a real server.
type town struct {
	t        testing.TB
	url      string
	book     *dossier.Book
	register *identity.Register
	privacy  *privacy.Office
	site     *agency.Site
	clock    *clock
	payments *payment.Office
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
	w.payments = &payment.Office{DB: d, Now: w.clock.Now, Settle: w.book.Paid, Collectors: []payment.Collector{{Agency: "H57", Name: "Trung tâm", TaxCode: "3300000001", FormSign: "01BLP0-001", Series: "HU-26E"}},
		Ways: []*payment.Way{
			{ID: "vnpay", Name: form.Text{VI: "VNPay", EN: "VNPay"}, Gateway: &payment.VNPay{Pay: "https://pay.example/", Query: "https://pay.example/query", Merchant: "M", Secret: "secret", Client: http.DefaultClient, Now: w.clock.Now}},
			{ID: "bank", Name: form.Text{VI: "Chuyển khoản", EN: "Transfer"}, Credited: true, Gateway: &payment.Bank{BIN: "970436", Name: "Ngân hàng", Account: "0123456789", Holder: "TRUNG TAM", Secret: "whsec_c2VjcmV0"}}}}
	w.book.Followers = append(w.book.Followers, dossier.Money(w.payments))
	w.privacy = &privacy.Office{DB: d, Book: w.book, Register: w.register, Site: w.site, Now: w.clock.Now}
	guard := &web.Guard{}
	mux := http.NewServeMux()
	(&portal.Portal{Book: w.book, Register: w.register, Catalogue: catalogue, Site: w.site, Guard: guard, Guesses: &web.Tries{}, Now: w.clock.Now, Privacy: w.privacy, Payments: w.payments}).Routes(mux)
	(&api.API{Payments: w.payments}).Routes(mux)
	server := httptest.NewServer(guard.Wrap(mux))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// browser is one person's browser without scripts.
type browser struct {
	*town
	*webtest.Browser
}

func (w *town) browser() *browser { return &browser{w, webtest.Open(w.t, w.url)} }

// citizen is the browser of somebody who is signed in, of an officer too.
func (w *town) citizen(login string) *browser {
	w.t.Helper()
	b := w.browser()
	b.signIn(login)
	return b
}

// signIn signs in by password, again too, after the clock has run on.
func (b *browser) signIn(login string) {
	b.t.Helper()
	b.Get("/dang-nhap").Submit("/dang-nhap", url.Values{"login": {login}, "password": {province.Password}, "next": {"/tro-giup"}}, "")
	if strings.HasPrefix(b.Path, "/dang-nhap") {
		b.t.Fatalf("%s cannot sign in: %d %s", login, b.Status, b.Path)
	}
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
			if offer.Aside {
				continue
			}
			if _, err := w.book.Act(ctx, who, code, dossier.Request{Act: offer.Act, Version: s.Version, Params: dossier.Filled(offer.Params)}); err != nil {
				w.t.Fatalf("%s %s: %v", offer.Act, code, err)
			}
			return true
		}
	}
	return false
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
func (b *browser) raw(action string, values map[string]string, file webtest.File) int {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, v := range values {
		_ = w.WriteField(name, v)
	}
	part, err := w.CreateFormFile(file.Input, file.Name)
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = part.Write(file.Content)
	_ = w.Close()
	r, err := b.Client.Post(b.url+action, w.FormDataContentType(), &body)
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
