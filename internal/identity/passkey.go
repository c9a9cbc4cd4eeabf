// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"motcua/internal/db"
	"motcua/internal/refusal"
)

// Place is the site as a device knows it: a passkey opens only where it was made.
type Place struct {
	Name   string // of the site
	Origin string // "https://dichvucong.hue.gov.vn"
}

func (p Place) library() (*webauthn.WebAuthn, error) {
	u, err := url.Parse(p.Origin)
	if err != nil {
		return nil, err
	}
	lib, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: p.Name, RPOrigins: []string{p.Origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{RequireResidentKey: protocol.ResidentKeyRequired(), ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}})
	if err != nil { // a number, or no name at all
		return nil, refusal.New(refusal.Invalid, "identity.passkey.place", "host", u.Hostname())
	}
	return lib, nil
}

// holder is an account as the library asks for it.
type holder struct {
	Account
	keys []Factor
}

func (h holder) WebAuthnID() []byte          { return binary.BigEndian.AppendUint64(nil, uint64(h.ID)) }
func (h holder) WebAuthnName() string        { return h.Login }
func (h holder) WebAuthnDisplayName() string { return h.Name }

func (h holder) WebAuthnCredentials() (list []webauthn.Credential) {
	for _, f := range h.keys {
		list = append(list, *f.passkey)
	}
	return list
}

// AskPasskey begins a sign-in with a passkey: what the browser is to be given, and
// the secret that the answer comes back with.
func (r *Register) AskPasskey(ctx context.Context, at Place) (options any, errand string, err error) {
	lib, err := at.library()
	if err != nil {
		return nil, "", err
	}
	asked, session, err := lib.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", err
	}
	errand, err = r.sendOut(ctx, "passkey", session)
	return asked, errand, err
}

// PasskeySignIn opens a session for who answers with a passkey of theirs. An
// answer that is wrong, of another place, or comes twice is refused (Invalid).
func (r *Register) PasskeySignIn(ctx context.Context, at Place, errand string, answer []byte, from From) (Account, string, error) {
	var session webauthn.SessionData
	if err := r.comeBack(ctx, "passkey", errand, &session); err != nil {
		return Account{}, "", err
	}
	lib, err := at.library()
	if err != nil {
		return Account{}, "", err
	}
	reply, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Account{}, "", wrongPasskey(err)
	}
	var who holder
	var fault error
	key, err := lib.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		if len(handle) != 8 {
			return nil, errUnknown
		}
		who, fault = r.holder(ctx, int64(binary.BigEndian.Uint64(handle)))
		return who, fault
	}, session, reply)
	if fault != nil && !refusal.Is(fault, refusal.Invalid) {
		return Account{}, "", fault
	}
	if err != nil {
		return Account{}, "", wrongPasskey(err)
	}
	if key.Authenticator.CloneWarning {
		return Account{}, "", refusal.New(refusal.Invalid, "identity.passkey.copied")
	}
	who.Level = Double
	secret := randomSecret()
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		for _, f := range who.keys {
			if string(f.passkey.ID) != string(key.ID) {
				continue
			}
			body, err := json.Marshal(key)
			if err != nil {
				return err
			}
			if err := tx.Amend("factor", `id = $1`, []any{f.ID}, func() {
				tx.ExecOne(`UPDATE factor SET body = $1, step = $2, used_at = $3 WHERE id = $4`, string(body), int64(key.Authenticator.SignCount), r.Now().UnixMilli(), f.ID)
			}); err != nil {
				return err
			}
		}
		return r.open(tx, who.Account, secret, SessionFor, from, "passkey")
	})
	return who.Account, secret, err
}

// holder finds an account and its passkeys.
func (r *Register) holder(ctx context.Context, id int64) (h holder, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		if h.Account, _, err = findID(tx, id); err != nil {
			return err
		}
		list, err := factors(tx, id)
		h.keys = nil
		for _, f := range list {
			if f.passkey != nil {
				h.keys = append(h.keys, f)
			}
		}
		return err
	})
	return h, err
}

// AskNewPasskey begins the making of a passkey for an account.
func (r *Register) AskNewPasskey(ctx context.Context, at Place, account int64) (options any, errand string, err error) {
	lib, err := at.library()
	if err != nil {
		return nil, "", err
	}
	who, err := r.holder(ctx, account)
	if err != nil {
		return nil, "", err
	}
	asked, session, err := lib.BeginRegistration(who, webauthn.WithExclusions(webauthn.Credentials(who.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, "", err
	}
	errand, err = r.sendOut(ctx, "passkey-new", session)
	return asked, errand, err
}

// AddPasskey adds a passkey to who a session is of, as Enlist adds a code generator.
func (r *Register) AddPasskey(ctx context.Context, at Place, secret, errand, name string, answer []byte) (fresh string, codes []string, err error) {
	var session webauthn.SessionData
	if err := r.comeBack(ctx, "passkey-new", errand, &session); err != nil {
		return "", nil, err
	}
	lib, err := at.library()
	if err != nil {
		return "", nil, err
	}
	reply, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return "", nil, wrongPasskey(err)
	}
	if len(session.UserID) != 8 {
		return "", nil, errUnknown
	}
	account := int64(binary.BigEndian.Uint64(session.UserID))
	who, err := r.holder(ctx, account)
	if err != nil {
		return "", nil, err
	}
	key, err := lib.CreateCredential(who, session, reply)
	if err != nil {
		return "", nil, wrongPasskey(err)
	}
	body, err := json.Marshal(key)
	if err != nil {
		return "", nil, err
	}
	return r.add(ctx, secret, Factor{Kind: "passkey", Name: name, body: string(body), account: account, step: int64(key.Authenticator.SignCount)})
}

// wrongPasskey is the refusal of an answer that the library does not take.
func wrongPasskey(err error) error {
	var known *protocol.Error
	if errors.As(err, &known) || refusal.As(err) != nil {
		return refusal.New(refusal.Invalid, "identity.passkey.wrong")
	}
	return err
}
