// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image/png"
	"net/http"
	"strconv"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/refusal"
	"motcua/internal/web"
)

// stepPage is the second step of a sign-in: a code, or, for who must have a
// second factor and has none yet, the making of one.
type stepPage struct {
	web.Page
	Next         string
	Kept         *web.Kept
	New          *newFactor
	Officer      bool
	WrongCode    string
	WrongPasskey string
}

// newFactor is a code generator that is being added.
type newFactor struct {
	Key, Name string
	Picture   template.URL // of the key, for an app's camera
}

// askStep shows the second step of the sign-in whose secret this is; strangers to
// it begin again.
func (v *visit) askStep(secret, next string, wrong *refusal.Error) error {
	account, enlisted, err := v.Register.Pending(v.R.Context(), secret)
	if err != nil {
		return err
	}
	p := stepPage{Page: v.page(v.T("session.step.title")), Next: next, Kept: v.KeptHere(), Officer: account.Officer}
	if !enlisted {
		p.Title = v.T("session.factor.first")
		if p.New, err = v.newFactor(account.Login); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if wrong != nil {
		status = web.Status(wrong)
		if len(wrong.Fields) == 0 {
			wrong.Fields = []refusal.Field{{Pointer: "/code", Key: wrong.Key, Args: wrong.Args}}
		}
		p.Refuse(wrong, "")
		if f := wrong.Fields[0]; f.Pointer == "/passkey" {
			p.WrongPasskey = p.Wrong(f)
		} else {
			p.WrongCode = p.Wrong(f)
		}
	}
	return v.Render(status, "account_confirm", p)
}

// newFactor is the generator that is being added: the one whose key the form
// carries, or a fresh one.
func (v *visit) newFactor(login string) (*newFactor, error) {
	f := &newFactor{Key: v.R.PostForm.Get("key"), Name: v.R.PostForm.Get("name")}
	issuer := v.Site.Terms().Name.VI
	address, err := identity.KeyAddress(issuer, login, f.Key)
	if err != nil {
		f.Key, address, err = identity.NewKey(issuer, login)
	}
	if err != nil {
		return nil, err
	}
	if f.Name == "" {
		f.Name = v.T("session.factor.phone")
	}
	f.Picture, err = picture(address)
	return f, err
}

// picture is a QR code as an image within a page.
func picture(content string) (template.URL, error) {
	code, err := qr.Encode(content, qr.M, qr.Auto)
	if err != nil {
		return "", err
	}
	const scale = 5
	if code, err = barcode.Scale(code, code.Bounds().Dx()*scale, code.Bounds().Dy()*scale); err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, code); err != nil {
		return "", err
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), nil
}

func askStep(v *visit) error {
	next := web.LocalPath(v.R.URL.Query().Get("next"), "")
	if v.who.Account != 0 {
		return v.Redirect(v.home(next, v.who.Officer))
	}
	return v.askStep(v.Secret(), next, nil)
}

// takeStep takes the code of the second step. Wrong codes count as wrong passwords.
func takeStep(v *visit) error {
	next := web.LocalPath(v.R.PostForm.Get("next"), "")
	account, enlisted, err := v.Register.Pending(v.R.Context(), v.Secret())
	if err != nil {
		return err
	}
	if refused := v.tryCode(account.ID); refused != nil {
		return v.askStep(v.Secret(), next, refused)
	}
	code, fresh, codes := v.R.PostForm.Get("code"), "", []string(nil)
	if enlisted {
		fresh, err = v.Register.Confirm(v.R.Context(), v.Secret(), code)
	} else {
		fresh, codes, err = v.Register.Enlist(v.R.Context(), v.Secret(), v.R.PostForm.Get("name"), v.R.PostForm.Get("key"), code)
	}
	if e := refusal.As(err); e != nil && e.Kind == refusal.Invalid {
		return v.askStep(v.Secret(), next, e)
	}
	if err != nil {
		return err
	}
	v.codeRight(account.ID)
	if len(codes) == 0 {
		return v.enter(fresh, next)
	}
	if err := v.become(fresh); err != nil {
		return err
	}
	return v.showCodes(codes, v.home(next, account.Officer))
}

// become makes this visit that of a sign-in that was just completed.
func (v *visit) become(secret string) error {
	account, err := v.Register.Session(v.R.Context(), secret)
	if err != nil {
		return err
	}
	v.KeepSession(secret)
	v.KeepDevice(account.Login)
	v.who = dossier.ActorOf(account, v.Site.Directory(), v.today())
	return nil
}

// tryCode counts a try at somebody's codes, and refuses one too many.
func (v *visit) tryCode(account int64) *refusal.Error {
	if v.signIns.Try("code/"+strconv.FormatInt(account, 10), web.Address(v.R), v.Now()) {
		return nil
	}
	return refusal.As(refusal.New(refusal.TooMany, "session.code.too_many"))
}

func (v *visit) codeRight(account int64) {
	v.signIns.Right("code/"+strconv.FormatInt(account, 10), web.Address(v.R))
}

// codesPage shows recovery codes, once.
type codesPage struct {
	web.Page
	Codes []string
	Next  string
	Kept  *web.Kept
}

func (v *visit) showCodes(codes []string, next string) error {
	return v.Render(http.StatusOK, "account_codes", codesPage{Page: v.page(v.T("session.codes.title")), Codes: codes, Next: next, Kept: v.KeptHere()})
}

// enter leads on from a sign-in: to what was typed before it, or to where somebody
// wanted to go.
func (v *visit) enter(secret, next string) error {
	if err := v.become(secret); err != nil {
		return err
	}
	next = v.home(next, v.who.Officer)
	kept := v.KeptHere()
	if kept == nil {
		return v.Redirect(next)
	}
	p := codesPage{Page: v.page(v.T("session.back.title")), Next: next, Kept: kept}
	return v.Render(http.StatusOK, "account_back", p)
}
