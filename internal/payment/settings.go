// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"motcua/internal/form"
	"motcua/internal/secret"
)

// Settings say by which ways people pay and who collects.
type Settings struct {
	Ways       []WaySettings `json:"ways"`
	Collectors []Collector   `json:"collectors"`
}

// WaySettings are one way; each kind of gateway uses some of them.
type WaySettings struct {
	ID          string      `json:"id"`
	Kind        string      `json:"kind"` // vnpay, platform, transfer
	Name        form.Text   `json:"name"`
	URL         string      `json:"url,omitempty"`       // of the page to pay at, or of the platform
	QueryURL    string      `json:"query_url,omitempty"` // where VNPay is asked
	Merchant    string      `json:"merchant,omitempty"`  // vnp_TmnCode, MaDoiTac
	SecretFile  string      `json:"secret_file"`         // beside the settings, or absolute
	BIN         string      `json:"bin,omitempty"`
	BankName    string      `json:"bank_name,omitempty"`
	Beneficiary Beneficiary `json:"beneficiary,omitzero"`
}

// gateways make a gateway of each kind from its settings.
var gateways = map[string]func(s *WaySettings, secret string, client *http.Client, now func() time.Time) (Gateway, error){
	"vnpay": func(s *WaySettings, secret string, client *http.Client, now func() time.Time) (Gateway, error) {
		return &VNPay{Pay: s.URL, Query: s.QueryURL, Merchant: s.Merchant, Secret: secret, Client: client, Now: now}, addresses(s.URL, s.QueryURL)
	},
	"platform": func(s *WaySettings, secret string, client *http.Client, now func() time.Time) (Gateway, error) {
		return &Platform{URL: s.URL, Partner: s.Merchant, Secret: secret, Beneficiary: s.Beneficiary, Client: client, Now: now}, addresses(s.URL)
	},
	"transfer": func(s *WaySettings, secret string, _ *http.Client, _ func() time.Time) (Gateway, error) {
		if _, err := QR(s.BIN, s.Beneficiary.Account, 1, "A"); err != nil {
			return nil, errors.New("bin, beneficiary.account")
		}
		if _, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")); err != nil {
			return nil, errors.New("the secret is not whsec_ and base64")
		}
		return &Bank{BIN: s.BIN, Name: s.BankName, Account: s.Beneficiary.Account, Holder: s.Beneficiary.Holder, Secret: secret}, nil
	},
}

func addresses(list ...string) error {
	for _, s := range list {
		if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return fmt.Errorf("address %q", s)
		}
	}
	return nil
}

var (
	idForm     = regexp.MustCompile(`^[a-z][a-z0-9-]{1,19}$`)
	taxForm    = regexp.MustCompile(`^[0-9]{10}(-[0-9]{3})?$`)
	seriesForm = regexp.MustCompile(`^[0-9A-Z/-]{3,20}$`)
)

// Read reads settings from a file (JSON) with secrets in files beside it, and fills
// ways and collectors of an office. All that is wrong is said.
func (o *Office) Read(file string, client *http.Client) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var s Settings
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(&s); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(file+": "+format, args...)) }
	seen := map[string]bool{}
	for i := range s.Ways {
		w := &s.Ways[i]
		if !idForm.MatchString(w.ID) || seen[w.ID] || w.Name.VI == "" || w.Name.EN == "" {
			add("way %q: id, name.vi, name.en", w.ID)
			continue
		}
		seen[w.ID] = true
		made, ok := gateways[w.Kind]
		if !ok {
			add("way %q: kind %q", w.ID, w.Kind)
			continue
		}
		at := w.SecretFile
		if !filepath.IsAbs(at) {
			at = filepath.Join(filepath.Dir(file), at)
		}
		key, err := secret.Read(at)
		if err != nil {
			add("way %q: %w", w.ID, err)
			continue
		}
		g, err := made(w, strings.TrimSpace(string(key)), client, o.Now)
		if err != nil {
			add("way %q: %w", w.ID, err)
			continue
		}
		o.Ways = append(o.Ways, &Way{ID: w.ID, Name: w.Name, Credited: w.Kind == "transfer", Gateway: g})
	}
	for _, c := range s.Collectors {
		if c.Agency == "" || c.Name == "" || !taxForm.MatchString(c.TaxCode) || !seriesForm.MatchString(c.FormSign) || !seriesForm.MatchString(c.Series) {
			add("collector %q: agency, name, tax_code, form_sign, series", c.Agency)
		}
	}
	o.Collectors = s.Collectors
	return errors.Join(wrong...)
}
