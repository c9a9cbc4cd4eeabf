// SPDX-License-Identifier: Apache-2.0

package sandbox

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"motcua/internal/form"
	"motcua/internal/payment"
	"motcua/internal/secret"
)

// The ways of a sandbox, by their ids at the site.
const (
	wayVNPay    = "vnpay"
	wayPlatform = "dvcqg"
	wayBank     = "chuyen-khoan"
)

// Setup makes a sandbox that answers at base and tells a site of payments by client, and writes
// into a folder the settings with which the site pays through it (payments.json, with
// secrets beside it that are kept from one time to the next). It returns the file.
func Setup(folder, base string, collectors []payment.Collector, client *http.Client) (*Sandbox, string, error) {
	s := &Sandbox{Merchant: "MOTCUA01", Partner: "MOTCUA", Account: "19036868686868", Client: client, Now: time.Now, Delay: 20 * time.Second, Base: base}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, "", err
	}
	for _, x := range []struct {
		name, prefix string
		to           *string
	}{{wayVNPay, "", &s.Secret}, {wayPlatform, "", &s.Key}, {wayBank, "whsec_", &s.Hook}} {
		file := filepath.Join(folder, x.name+".secret")
		text, err := secret.Read(file)
		if errors.Is(err, fs.ErrNotExist) {
			b := make([]byte, 32)
			rand.Read(b)
			text = []byte(x.prefix + base64.StdEncoding.EncodeToString(b))
			err = os.WriteFile(file, text, 0o600)
		}
		if err != nil {
			return nil, "", err
		}
		*x.to = strings.TrimSpace(string(text))
	}
	to := payment.Beneficiary{Bank: "970407", Account: s.Account, Holder: "TRUNG TAM PHUC VU HANH CHINH CONG"}
	settings := payment.Settings{Collectors: collectors, Ways: []payment.WaySettings{
		{ID: wayBank, Kind: "transfer", Name: form.Text{VI: "Chuyển khoản bằng mã VietQR (thử)", EN: "Bank transfer by VietQR (sandbox)"}, SecretFile: wayBank + ".secret", BIN: to.Bank, BankName: "Ngân hàng thử", Beneficiary: to},
		{ID: wayVNPay, Kind: "vnpay", Name: form.Text{VI: "VNPay (thử)", EN: "VNPay (sandbox)"}, URL: base + "/vnpay/pay", QueryURL: base + "/vnpay/query", Merchant: s.Merchant, SecretFile: wayVNPay + ".secret"},
		{ID: wayPlatform, Kind: "platform", Name: form.Text{VI: "Nền tảng thanh toán quốc gia (thử)", EN: "National payment platform (sandbox)"}, URL: base + "/platform", Merchant: s.Partner, SecretFile: wayPlatform + ".secret", Beneficiary: to},
	}}
	text, err := json.MarshalIndent(settings, "", " ")
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(folder, "payments.json")
	return s, file, os.WriteFile(file, append(text, '\n'), 0o600)
}

// Site says where the site is that is told of payments.
func (s *Sandbox) Site(at string) {
	at = strings.TrimSuffix(at, "/")
	s.Tell.VNPay, s.Tell.Platform, s.Tell.Bank = at+"/api/v1/payments/"+wayVNPay, at+"/api/v1/payments/"+wayPlatform, at+"/api/v1/payments/"+wayBank
	s.Back = cmp.Or(s.Back, at+"/thanh-toan/ve")
}
