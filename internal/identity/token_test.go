// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/internal/db/dbtest"
	"motcua/internal/identity"
	"motcua/internal/refusal"
)

var encoded = base64.RawURLEncoding.EncodeToString

// vouching is an identity provider that says what a test wants said.
type vouching struct {
	*httptest.Server
	key    *ecdsa.PrivateKey
	header string // of the token
	claims string
	forged bool // signed by another key
}

func vouch(f *testing.F) *vouching {
	f.Helper()
	v := &vouching{}
	var err error
	if v.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		f.Fatal(err)
	}
	mux := http.NewServeMux()
	v.Server = httptest.NewServer(mux)
	f.Cleanup(v.Close)
	say := func(path string, what func() any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(what())
		})
	}
	say("/.well-known/openid-configuration", func() any {
		return map[string]any{"issuer": v.URL, "authorization_endpoint": v.URL + "/a", "token_endpoint": v.URL + "/t", "jwks_uri": v.URL + "/k", "id_token_signing_alg_values_supported": []string{"ES256"}}
	})
	say("/k", func() any {
		point, _ := v.key.PublicKey.Bytes() // 4, x, y
		return map[string]any{"keys": []any{map[string]string{"kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256", "use": "sig", "x": encoded(point[1:33]), "y": encoded(point[33:])}}}
	})
	say("/t", func() any {
		return map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": v.token()}
	})
	return v
}

func (v *vouching) token() string {
	key := v.key
	if v.forged {
		key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	text := encoded([]byte(v.header)) + "." + encoded([]byte(v.claims))
	sum := sha256.Sum256([]byte(text))
	r, s, _ := ecdsa.Sign(rand.Reader, key, sum[:])
	both := make([]byte, 64)
	r.FillBytes(both[:32])
	s.FillBytes(both[32:])
	return text + "." + encoded(both)
}

// Whatever a provider's token says and however it is signed: it opens a session only
// if its signature, issuer, audience, time and nonce are right, and then for the
// person it names.
func FuzzToken(f *testing.F) {
	v := vouch(f)
	now := time.Now()
	r := &identity.Register{DB: dbtest.Open(f), Now: func() time.Time { return now }}
	file := filepath.Join(f.TempDir(), "providers.json")
	if err := os.WriteFile(file, fmt.Appendf(nil, `[{"id":"p","name":{"vi":"P","en":"P"},"for":"citizen","issuer":%q,"client_id":"motcua","client_secret_env":"FUZZ_SECRET",
		"claims":{"name":"name","id_number":"id_number","birth_date":"birthdate"},"levels":[{"acr":"1","level":"single"}]}]`, v.URL), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Setenv("FUZZ_SECRET", "x")
	var err error
	if r.Providers, err = identity.ReadProviders(file, v.Client()); err != nil {
		f.Fatal(err)
	}
	const right = `{"alg":"ES256","kid":"k"}`
	f.Add(right, `{}`, false)
	f.Add(right, `{}`, true)
	f.Add(`{"alg":"none"}`, `{"sub":"y"}`, false)
	f.Add(right, `{"iss":"https://evil.example","aud":["a","motcua"],"nonce":null,"exp":1e300,"sub":5,"name":["x"],"birthdate":"2026-02-30","id_number":"\u0000"}`, false)
	f.Fuzz(func(t *testing.T, header, said string, forged bool) {
		address, secret, err := r.SendTo(t.Context(), r.Providers[0], "http://site.example/back", identity.Errand{})
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		claims := map[string]any{"iss": v.URL, "aud": "motcua", "sub": "subject", "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "nonce": u.Query().Get("nonce"), "acr": "1", "name": "Nguyễn Thị Bưởi"}
		var other map[string]any
		if json.Unmarshal([]byte(said), &other) != nil {
			return
		}
		for name, value := range other {
			claims[name] = value
		}
		body, err := json.Marshal(claims)
		if err != nil {
			return
		}
		v.header, v.claims, v.forged = header, string(body), forged
		e, err := r.ProviderSignIn(t.Context(), "http://site.example/back", url.Values{"state": {secret}, "code": {"c"}}, "", identity.From{})
		if err != nil {
			if refusal.As(err) == nil {
				t.Errorf("%s %s: a fault: %v", header, body, err)
			}
			return
		}
		audience, _ := json.Marshal(claims["aud"])
		switch exp, _ := claims["exp"].(float64); {
		case forged, !strings.Contains(header, "ES256"), claims["iss"] != v.URL, !strings.Contains(string(audience), `"motcua"`),
			claims["nonce"] != u.Query().Get("nonce"), claims["acr"] != "1", other["exp"] != nil && exp < float64(now.Unix()):
			t.Errorf("%s %s opens a session", header, body)
		}
		if e.Account.ID == 0 || e.Secret == "" {
			t.Errorf("%s %s: no account", header, body)
		}
	})
}
