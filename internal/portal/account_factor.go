// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"

	"github.com/mileusna/useragent"
)

// factorsPage is what somebody signs in with beside a password.
type factorsPage struct {
	web.Page
	Login         string
	Factors       []factorItem
	Codes         int // recovery codes that are left
	New           *newFactor
	Double        bool // this session was opened with a second factor
	Needed        bool // an officer needs one
	WrongCode     string
	WrongPassword string
	WrongPasskey  string
	WrongOwn      string // the code for another generator, or for taking one away
}

type factorItem struct {
	ID          int64
	Name, Kind  string
	Since, Used string
}

func askFactors(v *visit) error { return v.askFactors(nil) }

func (v *visit) askFactors(wrong *refusal.Error) error {
	a, err := v.Register.Find(v.R.Context(), v.self())
	if err != nil {
		return err
	}
	list, codes, err := v.Register.Factors(v.R.Context(), a.ID)
	if err != nil {
		return err
	}
	p := factorsPage{Page: v.page(v.T("session.factor.title")), Login: a.Login, Codes: codes, Needed: a.Officer && v.Register.SecondFactor}
	p.Back = "/tai-khoan"
	for _, f := range list {
		i := factorItem{ID: f.ID, Name: f.Name, Kind: v.T("session.factor." + f.Kind), Since: web.Instant(v.Lang, f.CreatedAt), Used: v.T("session.never")}
		if !f.UsedAt.IsZero() {
			i.Used = web.Instant(v.Lang, f.UsedAt)
		}
		p.Factors = append(p.Factors, i)
	}
	if p.New, err = v.newFactor(a.Login); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		status = web.Status(wrong)
		p.Refuse(wrong, "")
		p.Place(wrong.Fields, map[string]*string{"/code": &p.WrongCode, "/password": &p.WrongPassword, "/own": &p.WrongOwn, "/passkey": &p.WrongPasskey})
	}
	return v.Render(status, "account_factor", p)
}

// addFactor adds a code generator.
func addFactor(v *visit) error {
	refused, err := v.passwordAgain()
	if err != nil {
		return err
	}
	if refused != nil {
		return v.askFactors(refused)
	}
	fresh, codes, err := v.Register.Enlist(v.R.Context(), v.Secret(), v.R.PostForm.Get("name"), v.R.PostForm.Get("key"), v.R.PostForm.Get("code"))
	if e := refusal.As(err); e != nil && (e.Kind == refusal.Invalid || e.Kind == refusal.NotNow) {
		return v.askFactors(e)
	}
	if err != nil {
		return err
	}
	v.KeepSession(fresh)
	if len(codes) > 0 {
		return v.showCodes(codes, "/tai-khoan/xac-thuc")
	}
	return v.Redirect("/tai-khoan/xac-thuc?da=xac-thuc")
}

// changeFactors takes a code generator away, or makes recovery codes anew; both
// against a code.
func changeFactors(v *visit) error {
	account, own := v.self(), v.R.PostForm.Get("own")
	if refused := v.tryCode(account); refused != nil {
		return v.askFactors(refused)
	}
	var codes []string
	var err error
	if drop := v.R.PostForm.Get("bo"); drop != "" {
		id, bad := strconv.ParseInt(drop, 10, 64)
		if bad != nil {
			return refusal.New(refusal.NotFound, "identity.code.unknown")
		}
		err = v.Register.Delist(v.R.Context(), account, id, own)
	} else {
		codes, err = v.Register.Recovery(v.R.Context(), account, own)
	}
	if e := refusal.As(err); e != nil {
		if e.Kind == refusal.Invalid {
			e = refusal.As(refusal.Fields("request.invalid", []refusal.Field{{Pointer: "/own", Key: e.Key, Args: e.Args}}))
		}
		return v.askFactors(e)
	}
	if err != nil {
		return err
	}
	v.codeRight(account)
	if codes != nil {
		return v.showCodes(codes, "/tai-khoan/xac-thuc")
	}
	return v.Redirect("/tai-khoan/xac-thuc?da=bo-xac-thuc")
}

// sessionsPage is where somebody is signed in.
type sessionsPage struct {
	web.Page
	Sessions []sessionItem
}

type sessionItem struct {
	identity.Session
	Since, Seen, Way string
}

func listSessions(v *visit) error {
	list, err := v.Register.Sessions(v.R.Context(), v.self(), v.Secret())
	if err != nil {
		return err
	}
	p := sessionsPage{Page: v.page(v.T("session.list.title"))}
	p.Back = "/tai-khoan"
	for _, s := range list {
		s.Device = v.device(s.Device)
		p.Sessions = append(p.Sessions, sessionItem{s, web.Instant(v.Lang, s.CreatedAt), web.Instant(v.Lang, s.SeenAt), v.T("session.level." + strconv.Itoa(int(s.Level)))})
	}
	return v.Render(http.StatusOK, "account_sessions", p)
}

// device is a browser as people name it: by its kind and what it runs on.
func (v *visit) device(said string) string {
	a := useragent.Parse(said)
	names := slices.DeleteFunc([]string{a.Name, a.OS, a.Device}, func(s string) bool { return s == "" })
	if len(names) == 0 {
		return v.T("session.list.unknown")
	}
	return strings.Join(names, ", ")
}

// endSession ends one sign-in, or all but this.
func endSession(v *visit) error {
	id, err := strconv.ParseInt(v.R.PostForm.Get("phien"), 10, 64)
	if err != nil || id < 0 {
		return refusal.New(refusal.NotFound, "identity.session.unknown")
	}
	if err := v.Register.EndSession(v.R.Context(), v.self(), id, v.Secret()); err != nil {
		return err
	}
	return v.Redirect("/tai-khoan/phien?da=ket-thuc-phien")
}
