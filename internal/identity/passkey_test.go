// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"motcua/internal/identity"
	"motcua/internal/refusal"
)

var here = identity.Place{Name: "Huế", Origin: "https://dichvucong.hue.gov.vn"}

// device is a device that keeps passkeys, at the site or somewhere that looks like it.
type device struct {
	virtualwebauthn.Authenticator
	at  virtualwebauthn.RelyingParty
	key virtualwebauthn.Credential
}

func newDevice(account int64) *device {
	return &device{virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: binary.BigEndian.AppendUint64(nil, uint64(account))}),
		virtualwebauthn.RelyingParty{Name: here.Name, ID: "dichvucong.hue.gov.vn", Origin: here.Origin}, virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA)} // its EC keys are now and then a byte short
}

func (d *device) made(t *testing.T, options any) []byte {
	t.Helper()
	text, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAttestationOptions(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(d.at, d.Authenticator, d.key, *asked))
}

func (d *device) answer(t *testing.T, options any) []byte {
	t.Helper()
	text, err := json.Marshal(options)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := virtualwebauthn.ParseAssertionOptions(string(text))
	if err != nil {
		t.Fatal(err)
	}
	d.key.Counter++
	return []byte(virtualwebauthn.CreateAssertionResponse(d.at, d.Authenticator, d.key, *asked))
}

// A passkey opens by itself, where it was made, each answer once; with one, the
// password alone opens no more.
func TestPasskey(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	r := register(t, &now)
	a, secret, err := r.SignIn(t.Context(), "mai", password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	d := newDevice(a.ID)
	options, errand, err := r.AskNewPasskey(t.Context(), here, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	answer := d.made(t, options)
	fresh, codes, err := r.AddPasskey(t.Context(), here, secret, errand, "Điện thoại", answer)
	if err != nil || len(codes) != 10 {
		t.Fatal(codes, err)
	}
	if _, _, err := r.AddPasskey(t.Context(), here, fresh, errand, "", answer); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("the same answer twice: %v", err)
	}
	if a, _, err := r.SignIn(t.Context(), "mai", password, identity.From{}); err != nil || a.Level != identity.Half {
		t.Errorf("a password alone beside a passkey: %v %v", a.Level, err)
	}

	ask := func() (any, string) {
		t.Helper()
		options, errand, err := r.AskPasskey(t.Context(), here)
		if err != nil {
			t.Fatal(err)
		}
		return options, errand
	}
	options, errand = ask()
	answer = d.answer(t, options)
	who, secret, err := r.PasskeySignIn(t.Context(), here, errand, answer, identity.From{})
	if err != nil || who.ID != a.ID {
		t.Fatal(who, err)
	}
	if s, err := r.Session(t.Context(), secret); err != nil || s.Level != identity.Double {
		t.Error(s.Level, err)
	}
	refused := func(what string, at identity.Place, errand string, answer []byte) {
		t.Helper()
		if _, _, err := r.PasskeySignIn(t.Context(), at, errand, answer, identity.From{}); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("the same answer twice", here, errand, answer)
	_, other := ask()
	refused("the answer to another question", here, other, answer)
	_, errand = ask()
	refused("no answer", here, errand, []byte(`{}`))
	_, errand = ask()
	refused("no JSON", here, errand, []byte(`%`))

	options, errand = ask()
	d.at.Origin = "https://dichvucong-hue.gov.vn.example"
	refused("answered elsewhere", here, errand, d.answer(t, options))
	d.at.Origin = here.Origin

	options, errand = ask()
	d.Authenticator.Options.UserNotVerified = true
	refused("without fingerprint, face or code", here, errand, d.answer(t, options))
	d.Authenticator.Options.UserNotVerified = false

	options, errand = ask()
	stranger := newDevice(a.ID)
	refused("a key that is not kept", here, errand, stranger.answer(t, options))
	options, errand = ask()
	stranger = newDevice(a.ID + 1)
	refused("a person who is not known", here, errand, stranger.answer(t, options))

	options, errand = ask()
	d.key.Counter = 0
	refused("a counter that went back", here, errand, d.answer(t, options))
	d.key.Counter = 20

	options, errand = ask()
	now = now.Add(11 * time.Minute)
	refused("too late", here, errand, d.answer(t, options))
	options, errand = ask()
	if _, _, err := r.PasskeySignIn(t.Context(), here, errand, d.answer(t, options), identity.From{}); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// Who is signed in cannot put a passkey into another's account.
func TestPasskeyOfAnother(t *testing.T) {
	now := time.Now()
	r := register(t, &now)
	if err := r.SignUp(t.Context(), "lan", password, identity.Person{Kind: "citizen", Name: "Trần Lan"}); err != nil {
		t.Fatal(err)
	}
	victim, err := r.FindLogin(t.Context(), "lan")
	if err != nil {
		t.Fatal(err)
	}
	_, secret, err := r.SignIn(t.Context(), "mai", password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	options, errand, err := r.AskNewPasskey(t.Context(), here, victim.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.AddPasskey(t.Context(), here, secret, errand, "", newDevice(victim.ID).made(t, options)); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("added to another's account: %v", err)
	}
}
