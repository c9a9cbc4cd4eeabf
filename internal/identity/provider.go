// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"motcua/internal/db"
	"motcua/internal/form"
	"motcua/internal/refusal"
	"motcua/internal/secret"
)

// Provider is an identity provider whose word this site takes (OpenID Connect,
// code flow with PKCE), such as VNeID or the national portal's sign-on: who it
// vouches for, under which names it says what, and how surely.
type Provider struct {
	ID         string            `json:"id"` // "vneid"
	Name       form.Text         `json:"name"`
	For        string            `json:"for"` // citizen, officer
	Issuer     string            `json:"issuer"`
	Client     string            `json:"client_id"`
	SecretFile string            `json:"client_secret_file,omitempty"`
	SecretEnv  string            `json:"client_secret_env,omitempty"`
	Scopes     []string          `json:"scopes,omitempty"` // beside openid
	UserInfo   bool              `json:"userinfo,omitempty"`
	Claims     map[string]string `json:"claims"` // what we ask → its name there
	Levels     []ProviderLevel   `json:"levels"` // the lowest first

	secret string
	http   *http.Client
	mu     sync.Mutex
	found  *oidc.Provider
}

// ProviderLevel is a level of a provider's (acr) and what it is here.
type ProviderLevel struct {
	ACR   string `json:"acr"`
	Level Level  `json:"level"`
}

// UnmarshalText reads a level by its name.
func (l *Level) UnmarshalText(text []byte) error {
	for i, name := range levelNames {
		if string(text) == name {
			*l = Level(i)
			return nil
		}
	}
	return fmt.Errorf("level %q: one of %s", text, strings.Join(levelNames[1:], ", "))
}

// MarshalText is the name of a level.
func (l Level) MarshalText() ([]byte, error) { return []byte(levelNames[l]), nil }

var levelNames = []string{"half", "single", "double", "high"}

// claims are what a provider can say of a person.
var claims = []string{"name", "id_number", "birth_date", "gender", "phone", "email", "address", "organisation_code", "organisation_name", "login"}

var providerID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)

// ReadProviders reads the identity providers of a site from a JSON file, and their
// secrets from where it says. They are asked by client.
func ReadProviders(file string, client *http.Client) ([]*Provider, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	var list []*Provider
	if err := d.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i, p := range list {
		if slices.ContainsFunc(list[:i], func(q *Provider) bool { return q.ID == p.ID }) {
			return nil, fmt.Errorf("%s: id %q twice", file, p.ID)
		}
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", file, p.ID, err)
		}
		p.http = client
	}
	return list, nil
}

func (p *Provider) check() error {
	u, err := url.Parse(p.Issuer)
	switch {
	case !providerID.MatchString(p.ID):
		return errors.New("id: small letters, digits and hyphens")
	case p.For != "citizen" && p.For != "officer":
		return errors.New("for: citizen or officer")
	case err != nil || u.Host == "" || u.Scheme != "https" && !local(u.Hostname()):
		return errors.New("issuer: an https address")
	case p.Client == "":
		return errors.New("client_id is missing")
	case len(p.Levels) == 0:
		return errors.New("levels: at least one")
	case p.For == "officer" && p.Claims["login"] == "", p.For == "citizen" && (p.Claims["name"] == "" || p.Claims["id_number"] == ""):
		return errors.New("claims: login for officers, name and id_number for citizens")
	}
	for k := range p.Claims {
		if !slices.Contains(claims, k) {
			return fmt.Errorf("claims: %q is none of %s", k, strings.Join(claims, ", "))
		}
	}
	if p.SecretFile != "" {
		text, err := secret.Read(p.SecretFile)
		if err != nil {
			return err
		}
		p.secret = strings.TrimSpace(string(text))
	} else if p.SecretEnv != "" {
		if p.secret = os.Getenv(p.SecretEnv); p.secret == "" {
			return fmt.Errorf("client_secret_env: %s is empty", p.SecretEnv)
		}
	}
	return nil
}

// local is true for this machine, where tests have their provider.
func local(host string) bool { return host == "127.0.0.1" || host == "localhost" || host == "::1" }

// Origin is the address to which a sign-in at the provider leads.
func (p *Provider) Origin() string {
	u, _ := url.Parse(p.Issuer) // was checked
	return u.Scheme + "://" + u.Host
}

// Provider finds an identity provider by its id; NotFound if there is none.
func (r *Register) Provider(id string) (*Provider, error) {
	for _, p := range r.Providers {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, refusal.New(refusal.NotFound, "identity.provider.unknown")
}

// known is the provider's own description of itself, asked for once it is needed.
func (p *Provider) known(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// What is remembered asks for keys later, when this visit is over.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.http), p.Issuer)
	if err != nil {
		return nil, p.away(err)
	}
	p.found = found
	return found, nil
}

// away is the refusal while a provider does not answer as it should.
func (p *Provider) away(err error) error {
	e := refusal.As(refusal.New(refusal.Unavailable, "identity.provider.away", "name", p.Name))
	return fmt.Errorf("%w: %v", e, err)
}

func (p *Provider) config(found *oidc.Provider, back string) *oauth2.Config {
	return &oauth2.Config{ClientID: p.Client, ClientSecret: p.secret, Endpoint: found.Endpoint(), RedirectURL: back, Scopes: append([]string{oidc.ScopeOpenID}, p.Scopes...)}
}

// acr are the provider's levels that are at least this one, for its acr_values.
func (p *Provider) acr(least Level) string {
	var list []string
	for _, l := range p.Levels {
		if l.Level >= least {
			list = append(list, l.ACR)
		}
	}
	return strings.Join(list, " ")
}

// Reaches is true when the provider vouches at this level.
func (p *Provider) Reaches(least Level) bool { return p.acr(least) != "" }

// Errand is what a sign-in at a provider is for.
type Errand struct {
	Next  string          // where to go afterwards
	Kept  json.RawMessage `json:",omitempty"` // what was typed before, as the pages keep it
	Level Level           // at least
	Self  int64           // the account that is signed in, to be raised, linked or merged; 0 is nobody
}

// sent is an errand on its way.
type sent struct {
	Errand
	Provider, Nonce, Verifier string
}

// SendTo begins a sign-in at a provider, which answers at the address back: where
// the browser is to be sent, and the secret it must bring along.
func (r *Register) SendTo(ctx context.Context, p *Provider, back string, e Errand) (address, secret string, err error) {
	found, err := p.known(ctx)
	if err != nil {
		return "", "", err
	}
	s := sent{Errand: e, Provider: p.ID, Nonce: randomSecret(), Verifier: oauth2.GenerateVerifier()}
	if secret, err = r.sendOut(ctx, "provider", s); err != nil {
		return "", "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(s.Nonce), oauth2.S256ChallengeOption(s.Verifier)}
	if e.Self != 0 {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login")) // it is to be asked anew who they are
	}
	if acr := p.acr(max(e.Level, Single)); acr != "" {
		options = append(options, oauth2.SetAuthURLParam("acr_values", acr))
	}
	return p.config(found, back).AuthCodeURL(secret, options...), secret, nil
}

// vouched is what a provider said of a person.
type vouched struct {
	provider *Provider
	subject  string
	level    Level
	said     map[string]string // by our names
}

// answered takes a provider's answer, as the browser brings it, and asks the
// provider who it is. Everything that is not exactly right is refused.
func (r *Register) answered(ctx context.Context, back string, q url.Values) (v vouched, s sent, err error) {
	if err := r.comeBack(ctx, "provider", q.Get("state"), &s); err != nil {
		return v, s, err
	}
	if v.provider, err = r.Provider(s.Provider); err != nil {
		return v, s, err
	}
	p := v.provider
	refuse := func(key string, args ...any) error {
		return refusal.New(refusal.Invalid, key, append(args, "name", p.Name)...)
	}
	if said := q.Get("error"); said == "access_denied" {
		return v, s, refuse("identity.provider.denied")
	} else if said != "" {
		return v, s, fmt.Errorf("%w: %s", refuse("identity.provider.wrong"), db.Clip(said, 60))
	}
	if iss := q.Get("iss"); iss != "" && iss != p.Issuer {
		return v, s, refuse("identity.provider.wrong")
	}
	found, err := p.known(ctx)
	if err != nil {
		return v, s, err
	}
	ctx = oidc.ClientContext(ctx, p.http)
	token, err := p.config(found, back).Exchange(ctx, q.Get("code"), oauth2.VerifierOption(s.Verifier))
	var told *oauth2.RetrieveError
	if errors.As(err, &told) && told.Response.StatusCode < 500 {
		return v, s, fmt.Errorf("%w: %s", refuse("identity.provider.wrong"), told.ErrorCode)
	}
	if err != nil {
		return v, s, p.away(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.VerifierContext(ctx, &oidc.Config{ClientID: p.Client, Now: r.Now}).Verify(ctx, raw)
	if err != nil {
		return v, s, fmt.Errorf("%w: %v", refuse("identity.provider.wrong"), err)
	}
	if id.Nonce != s.Nonce {
		return v, s, refuse("identity.provider.wrong")
	}
	all := map[string]any{}
	if err := id.Claims(&all); err != nil {
		return v, s, fmt.Errorf("%w: %v", refuse("identity.provider.wrong"), err)
	}
	acr, _ := all["acr"].(string)
	v.subject, v.level = id.Subject, p.level(acr)
	if v.level < max(s.Level, Single) {
		return v, s, refuse("identity.provider.low")
	}
	if p.UserInfo {
		more, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return v, s, p.away(err)
		}
		if more.Subject != id.Subject {
			return v, s, refuse("identity.provider.wrong")
		}
		if err := more.Claims(&all); err != nil {
			return v, s, fmt.Errorf("%w: %v", refuse("identity.provider.wrong"), err)
		}
	}
	v.said = map[string]string{}
	for ours, theirs := range p.Claims {
		if text, ok := all[theirs].(string); ok {
			v.said[ours] = strings.TrimSpace(text)
		}
	}
	return v, s, nil
}

// level is what an acr is here; Half, which opens nothing, if it is not known.
func (p *Provider) level(acr string) Level {
	for _, l := range p.Levels {
		if l.ACR == acr {
			return l.Level
		}
	}
	return Half
}

// Leave is where the browser is to be sent to be signed out at the provider too;
// "" if the provider has no such page.
func (p *Provider) Leave(ctx context.Context, back string) string {
	found, err := p.known(ctx)
	var more struct {
		End string `json:"end_session_endpoint"`
	}
	if err != nil || found.Claims(&more) != nil || more.End == "" {
		return ""
	}
	u, err := url.Parse(more.End)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.Client)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}
