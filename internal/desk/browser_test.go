// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/calendar"
	"motcua/internal/db/dbtest"
	"motcua/internal/desk"
	"motcua/internal/dossier"
	"motcua/internal/form"
	"motcua/internal/identity"
	"motcua/internal/payment"
	"motcua/internal/privacy"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/records"
	"motcua/internal/web"
	"motcua/internal/web/webtest"
)

// town is the demo province with its officers' pages behind a real server.
type town struct {
	t        testing.TB
	url      string
	book     *dossier.Book
	register *identity.Register
	privacy  *privacy.Office
	payments *payment.Office
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
	w.book = &dossier.Book{DB: d, Catalogue: catalogue, Site: w.site, Now: w.clock.Now, Followers: []dossier.Follower{dossier.Announce, dossier.NoteAssigned}}
	w.privacy = &privacy.Office{DB: d, Book: w.book, Register: w.register, Site: w.site, Now: w.clock.Now}
	guard := &web.Guard{}
	mux := http.NewServeMux()
	w.payments = &payment.Office{DB: d, Now: w.clock.Now, Settle: w.book.Paid, Collectors: []payment.Collector{{Agency: "H57", Name: "Trung tâm", TaxCode: "3300000001", FormSign: "01BLP0-001", Series: "HU-26E"}},
		Ways: []*payment.Way{{ID: "bank", Name: form.Text{VI: "Chuyển khoản", EN: "Transfer"}, Credited: true, Gateway: &payment.Bank{BIN: "970436", Account: "0123456789", Secret: "whsec_c2VjcmV0"}}}}
	w.book.Followers = append(w.book.Followers, dossier.Money(w.payments))
	(&desk.Desk{Book: w.book, Keeper: &records.Keeper{Book: w.book}, Register: w.register, Catalogue: catalogue, Site: w.site, Guard: guard, Now: w.clock.Now, Privacy: w.privacy, Payments: w.payments}).Routes(mux)
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
	account.Level = identity.Double
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
	*webtest.Browser
	login string
}

// browser opens a browser; somebody is signed in if login is not "".
func (w *town) browser(login string) *browser {
	w.t.Helper()
	b := &browser{town: w, login: login, Browser: webtest.Open(w.t, w.url)}
	if login != "" {
		_, secret, err := w.register.SignIn(context.Background(), login, province.Password, identity.From{})
		if err != nil {
			w.t.Fatal(err)
		}
		b.SignIn(secret)
	}
	return b
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
