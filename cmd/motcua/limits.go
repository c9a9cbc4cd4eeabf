// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"strings"
	"time"

	"motcua/internal/document"
	"motcua/internal/gate"
	"motcua/internal/identity"
	"motcua/internal/staff"
	"motcua/internal/web"
)

// bodies is the room in memory for the bodies of all calls under way. A filing is
// there about five times over while it is read, which a machine of 512 MB bears.
const bodies = 64 << 20

// The limits of the routes by what they cost. Strangers are counted by address,
// and many people may stand behind one: a school, an office, a phone network.
var (
	pages = &gate.Limit{Name: "page", Body: 64 << 10, Time: 30 * time.Second, AtOnce: 400, Held: true,
		Stranger: gate.Rate{Every: 50 * time.Millisecond, Burst: 600}, Account: gate.Rate{Every: 100 * time.Millisecond, Burst: 200}}
	deskPages = &gate.Limit{Name: "desk", Body: 64 << 10, Time: 30 * time.Second, AtOnce: 400,
		Stranger: pages.Stranger, Account: gate.Rate{Every: 50 * time.Millisecond, Burst: 400}}
	forms = &gate.Limit{Name: "form", Body: web.FormLimit, Time: 60 * time.Second, AtOnce: 200,
		Stranger: gate.Rate{Every: 250 * time.Millisecond, Burst: 200}, Account: gate.Rate{Every: 200 * time.Millisecond, Burst: 200}}
	searches = &gate.Limit{Name: "search", Body: 64 << 10, Time: 15 * time.Second, AtOnce: 64, Held: true,
		Stranger: gate.Rate{Every: 200 * time.Millisecond, Burst: 300}, Account: gate.Rate{Every: 250 * time.Millisecond, Burst: 100}}
	signIns = &gate.Limit{Name: "sign-in", Body: web.FormLimit, Time: 30 * time.Second, AtOnce: 600,
		Stranger: gate.Rate{Every: 500 * time.Millisecond, Burst: 120}, Account: gate.Rate{Every: 2 * time.Second, Burst: 30}}
	uploads = &gate.Limit{Name: "upload", Body: 4*document.MaxBytes + web.FormLimit, Keeps: 512 << 10, Time: 15 * time.Minute, AtOnce: 64, Each: 16,
		Stranger: gate.Rate{Every: time.Second, Burst: 60}, Account: gate.Rate{Every: time.Second, Burst: 120}}
	lists = &gate.Limit{Name: "list", Body: staff.MostBytes + web.FormLimit, Time: 2 * time.Minute, AtOnce: 4, Each: 2,
		Stranger: uploads.Stranger, Account: uploads.Account}
	papers = &gate.Limit{Name: "paper", Body: 64 << 10, Time: 2 * time.Minute, AtOnce: 16, Each: 8,
		Stranger: gate.Rate{Every: time.Second, Burst: 60}, Account: gate.Rate{Every: 500 * time.Millisecond, Burst: 120}}
	exports = &gate.Limit{Name: "export", Body: web.FormLimit, Time: 10 * time.Minute, AtOnce: 3, Each: 2,
		Stranger: gate.Rate{Every: time.Minute, Burst: 5}, Account: gate.Rate{Every: 10 * time.Second, Burst: 20}}
	reads = &gate.Limit{Name: "api-read", Body: 64 << 10, Time: 30 * time.Second, AtOnce: 400, Held: true,
		Stranger: gate.Rate{Every: 100 * time.Millisecond, Burst: 300}, Account: gate.Rate{Every: 5 * time.Millisecond, Burst: 1000}}
	writes = &gate.Limit{Name: "api-write", Body: 16 << 20, Time: 2 * time.Minute, AtOnce: 400,
		Stranger: gate.Rate{Every: time.Second, Burst: 60}, Account: gate.Rate{Every: 10 * time.Millisecond, Burst: 1000}}
	// Gateways tell of payments from a few addresses, many a second.
	told = &gate.Limit{Name: "payment", Body: 1 << 20, Time: 30 * time.Second, AtOnce: 100,
		Stranger: gate.Rate{Every: 2 * time.Millisecond, Burst: 2000}, Account: gate.Rate{Every: 100 * time.Millisecond, Burst: 100}}
	health = &gate.Limit{Name: "health", Body: 1 << 10, Time: 5 * time.Second, AtOnce: 20, Stranger: gate.Rate{Every: 100 * time.Millisecond, Burst: 100}, Account: gate.Rate{Every: 100 * time.Millisecond, Burst: 100}}
)

// limits are the limits of all routes; the most special pattern counts.
var limits = []gate.Route{
	{Pattern: "GET /", Limit: pages}, {Pattern: "/", Limit: forms},
	{Pattern: "GET /thu-tuc", Limit: searches},
	{Pattern: "POST /tra-cuu", Limit: searches},
	{Pattern: "POST /dang-nhap", Limit: signIns}, {Pattern: "POST /dang-nhap/", Limit: signIns},
	{Pattern: "POST /dang-ky", Limit: signIns},
	{Pattern: "POST /tai-khoan/mat-khau", Limit: signIns},
	{Pattern: "POST /tai-khoan/du-lieu/ban-sao", Limit: exports},
	{Pattern: "POST /ho-so/nhap/{draft}/giay-to", Limit: uploads},
	{Pattern: "GET /ho-so/nhap/{draft}/tep/{file}", Limit: papers},
	{Pattern: "GET /ho-so/{code}/giay/{paper}", Limit: papers}, {Pattern: "GET /ho-so/{code}/bien-lai/{receipt}", Limit: papers},
	{Pattern: "GET /ho-so/{code}/ket-qua/{id}", Limit: papers},
	{Pattern: "GET /ho-so/{code}/tep/{file}", Limit: papers},

	{Pattern: "GET /mot-cua", Limit: deskPages}, {Pattern: "GET /mot-cua/", Limit: deskPages},
	{Pattern: "GET /mot-cua/tim", Limit: searches},
	{Pattern: "POST /mot-cua/tiep-nhan/{procedure}", Limit: uploads},
	{Pattern: "POST /mot-cua/ho-so/{code}/sua", Limit: uploads}, {Pattern: "POST /mot-cua/ho-so/{code}/bo-sung", Limit: uploads},
	{Pattern: "GET /mot-cua/ho-so/{code}/giay/{paper}", Limit: papers}, {Pattern: "GET /mot-cua/ho-so/{code}/ket-qua/{id}", Limit: papers},
	{Pattern: "GET /mot-cua/ho-so/{code}/tep/{file}", Limit: papers}, {Pattern: "POST /mot-cua/ho-so/{code}/tep/{file}/ban-goc", Limit: papers},
	{Pattern: "GET /mot-cua/ho-so/{code}/du-thao", Limit: papers}, {Pattern: "GET /mot-cua/ho-so/{code}/trinh-ky", Limit: papers},
	{Pattern: "POST /mot-cua/in", Limit: exports},
	{Pattern: "GET /mot-cua/gian-doan/{outage}/giay", Limit: exports},
	{Pattern: "GET /mot-cua/ho-so/{code}/goi", Limit: exports}, {Pattern: "GET /mot-cua/luu-tru/{round}/goi", Limit: exports},
	{Pattern: "POST /mot-cua/can-bo/nhap", Limit: lists}, {Pattern: "POST /mot-cua/tien/doi-soat", Limit: lists},
	{Pattern: "GET /mot-cua/ho-so/{code}/bien-lai/{receipt}", Limit: papers},
	{Pattern: "GET /mot-cua/can-bo/danh-sach.csv", Limit: exports}, {Pattern: "GET /mot-cua/can-bo/danh-sach.xlsx", Limit: exports},
	{Pattern: "GET /mot-cua/su-co-du-lieu/{number}/giay", Limit: papers},
	{Pattern: "GET /mot-cua/so-theo-doi.xlsx", Limit: exports}, {Pattern: "GET /mot-cua/so-theo-doi.pdf", Limit: exports},

	{Pattern: "GET /api/", Limit: reads}, {Pattern: "POST /api/", Limit: writes},
	{Pattern: "GET /api/v1/procedures", Limit: searches},
	{Pattern: "POST /api/v1/files", Limit: uploads},
	{Pattern: "GET /api/v1/payments/{way}", Limit: told}, {Pattern: "POST /api/v1/payments/{way}", Limit: told},
	{Pattern: "GET /api/v1/dossiers/{code}/documents/{id}", Limit: papers}, {Pattern: "POST /api/v1/dossiers/{code}/documents/{id}/original", Limit: papers},
	{Pattern: "GET /api/v1/dossiers/{code}/papers/{id}", Limit: papers}, {Pattern: "GET /api/v1/dossiers/{code}/results/{id}", Limit: papers},

	{Pattern: "GET /healthz", Limit: health}, {Pattern: "GET /readyz", Limit: health}, {Pattern: "GET /metrics", Limit: health},
	{Pattern: "GET /tinh/", Limit: &gate.Limit{Name: "asset", Time: time.Minute, Body: 1 << 10}},
}

// caller is who calls, by the session of a browser or the token of a program.
func (s *site) caller(r *http.Request) gate.Caller {
	var a identity.Account
	var err error
	if strings.HasPrefix(r.URL.Path, "/api/") {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			return gate.Caller{}
		}
		a, _, err = s.register.Token(r.Context(), strings.TrimSpace(token))
	} else {
		secret := web.SessionSecret(r)
		if secret == "" {
			return gate.Caller{}
		}
		a, err = s.register.Session(r.Context(), secret)
	}
	if err != nil {
		return gate.Caller{} // the face says why
	}
	return gate.Caller{Account: a.ID, Officer: a.Officer}
}
