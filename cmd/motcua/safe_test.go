// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// filled is the data folder of a demo province without history.
func filledProvince(t *testing.T) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	if code, out, told := motcua(t, "demo", "--data", data, "--dossiers", "1"); code != 0 {
		t.Fatal(out, told)
	}
	return data
}

// What would let strangers in or others listen is not served, and it is said why
// and what to do, in both languages.
func TestUnsafeIsNotServed(t *testing.T) {
	data := filledProvince(t)
	folder := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	real, err := os.ReadFile(filepath.Join(data, "motcua.key"))
	if err != nil {
		t.Fatal(err)
	}
	provider := `[{"id":"vneid","name":{"vi":"VNeID","en":"VNeID"},"for":"citizen","issuer":"ISSUER","client_id":"motcua","claims":{"name":"name","id_number":"sub"},"levels":[{"acr":"1","level":"single"}]EXTRA}]`
	plain := write("plain.json", strings.NewReplacer("ISSUER", "http://127.0.0.1:9", "EXTRA", "").Replace(provider), 0o600)
	inline := write("inline.json", strings.NewReplacer("ISSUER", "https://vneid.example", "EXTRA", `,"client_secret":"x"`).Replace(provider), 0o600)
	open := write("secret", "x", 0o644)
	shown := write("shown.json", strings.NewReplacer("ISSUER", "https://vneid.example", "EXTRA", `,"client_secret_file":"`+open+`"`).Replace(provider), 0o600)
	for _, x := range []struct {
		name string
		args []string
		says []string
	}{
		{"no TLS", []string{"serve", "--listen", "0.0.0.0:0"}, []string{"không có TLS", "without TLS", "--behind", "--tls-cert"}},
		{"no TLS, every address", []string{"serve", "--listen", ":0"}, []string{"without TLS"}},
		{"no TLS, a name", []string{"serve", "--listen", "motcua.example:0"}, []string{"without TLS"}},
		{"a demo on a network", []string{"demo", "--listen", "0.0.0.0:0", "--behind", "10.0.0.1", "--second-factor"}, []string{"Tài khoản mẫu", "demo account", "--i-know-demo-accounts"}},
		{"demo accounts served", []string{"serve", "--listen", "[::]:0", "--behind", "10.0.0.1"}, []string{"demo account"}},
		{"everybody is a proxy", []string{"serve", "--behind", "0.0.0.0/0"}, []string{"--behind"}},
		{"half a certificate", []string{"serve", "--tls-cert", "x"}, []string{"--tls-key"}},
		{"a plain provider", []string{"serve", "--listen", "0.0.0.0:0", "--behind", "10.0.0.1", "--i-know-demo-accounts", "--providers", plain}, []string{"vneid", "https"}},
		{"a secret in the file", []string{"serve", "--providers", inline}, []string{"client_secret"}},
		{"a secret that all can read", []string{"serve", "--providers", shown}, []string{"chmod 600", "others can read"}},
		{"a key that all can read", []string{"serve", "--key-file", write("open.key", string(real), 0o644)}, []string{"chmod 600"}},
		{"a key that all can change", []string{"serve", "--key-file", write("open2.key", string(real), 0o660)}, []string{"chmod 600"}},
		{"a default key", []string{"serve", "--key-file", write("zero.key", strings.Repeat("00", 32), 0o600)}, []string{"ngẫu nhiên", "guessed"}},
		{"a typed key", []string{"serve", "--key-file", write("typed.key", hex.EncodeToString([]byte("change-me-change-me-change-me-now")), 0o600)}, []string{"guessed"}},
		{"a typed vault key", []string{"serve", "--vault-key", write("typed.vault.key", hex.EncodeToString([]byte("change-me-change-me-change-me-now"))[:64]+"\n", 0o600)}, []string{"guessed"}},
		{"a token of a collector on the command line", []string{"serve", "--audit-to", "https://log.example/?token=s3cret"}, []string{"--config"}},
		{"a settings file with a list that holds a password and that all can read", []string{"serve", "--config", write("e.json", `{"audit-to": ["https://u:s3cret@log.example"]}`, 0o644)}, []string{"chmod 600", "others can read"}},
		{"a password on the command line", []string{"serve", "--database", "postgres://mot:s3cret@127.0.0.1:1/x"}, []string{"--database-file", "MOTCUA_DATABASE"}},
		{"another", []string{"verify", "--database=host=127.0.0.1 password=s3cret"}, []string{"--database-file"}},
		{"a database file that all can read", []string{"serve", "--database-file", write("db", "postgres://x", 0o644)}, []string{"chmod 600"}},
		{"a settings file with a password that all can read", []string{"serve", "--config", write("c.json", `{"database": "postgres://mot:s3cret@127.0.0.1:1/x"}`, 0o644)}, []string{"chmod 600", "others can read"}},
		{"a setting that is none", []string{"serve", "--config", write("d.json", `{"new-visitor": 5}`, 0o644)}, []string{"new-visitor"}},
		{"what may be called", []string{"serve", "--outgoing-allow", "10.0.0.0/99"}, []string{"10.0.0.0/99"}},
	} {
		args := x.args
		if !strings.Contains(strings.Join(args, " "), "--database") && !strings.Contains(strings.Join(args, " "), "--data ") {
			args = append(args, "--data", data)
		}
		code, out, told := motcua(t, args...)
		if code == 0 {
			t.Errorf("%s is served", x.name)
		}
		for _, s := range x.says {
			if !strings.Contains(told, s) {
				t.Errorf("%s: does not say %q: %s", x.name, s, told)
			}
		}
		if strings.Contains(out+told, "s3cret") {
			t.Errorf("%s: says the password: %s", x.name, told)
		}
	}
}

// officersWithoutSecondFactor are refused on a network also where no demo is.
func TestSecondFactorOnANetwork(t *testing.T) {
	l := settle(t)
	l.register.SecondFactor = false
	for _, a := range personas {
		if a.login == "" {
			continue
		}
		account, err := l.register.FindLogin(t.Context(), a.login)
		if err == nil {
			err = l.register.ChangePassword(t.Context(), account.ID, "một mật khẩu khác", "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	c := &serving{Listen: "0.0.0.0:0", Behind: []string{"10.0.0.1"}}
	err := c.safe(t.Context(), l.site)
	for i := 0; err != nil && strings.Contains(err.Error(), "safe.demo") && i < 100; i++ { // the accounts of the demo beside these
		login, e := l.site.demoAccount(t.Context())
		if e != nil {
			t.Fatal(e)
		}
		account, e := l.register.FindLogin(t.Context(), login)
		if e == nil {
			e = l.register.ChangePassword(t.Context(), account.ID, "một mật khẩu khác", "")
		}
		if e != nil {
			t.Fatal(e)
		}
		err = c.safe(t.Context(), l.site)
	}
	if err == nil || !strings.Contains(err.Error(), "safe.second_factor") {
		t.Errorf("officers with a password alone: %v", err)
	}
	l.register.SecondFactor = true
	if err := c.safe(t.Context(), l.site); err != nil {
		t.Error(err)
	}
}

// Settings come from the command line, else from the environment, else from a
// file, and are shown with where they come from and without secrets.
func TestConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "motcua.json")
	if err := os.WriteFile(file, []byte(`{"listen": "127.0.0.1:1", "new-visitors": 7.5, "busy-at": 9, "behind": ["10.0.0.1", "10.0.0.2"], "second-factor": false}`), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MOTCUA_BUSY_AT", "11")
	t.Setenv("MOTCUA_DATABASE", "postgres://mot:s3cret@db.example/motcua?sslmode=require")
	t.Setenv("MOTCUA_OUTGOING_PROXY", "http://u:s3cret@proxy:3128")
	code, out, told := motcua(t, "config", "--config", file, "--listen", "127.0.0.1:2")
	if code != 0 || strings.Contains(out+told, "s3cret") {
		t.Fatalf("%d %s %s", code, out, told)
	}
	lines := map[string]string{}
	for line := range strings.Lines(out) {
		lines[strings.Fields(line)[0]] = strings.Join(strings.Fields(line)[1:], " ")
	}
	for name, want := range map[string]string{
		"--listen":         "127.0.0.1:2 tham số / flag",
		"--new-visitors":   "7.5 tệp / file " + file,
		"--busy-at":        "11 môi trường / environment MOTCUA_BUSY_AT",
		"--behind":         "10.0.0.1,10.0.0.2 tệp / file " + file,
		"--second-factor":  "false tệp / file " + file,
		"--database":       "postgres://mot:xxxxx@db.example/motcua?sslmode=require môi trường / environment MOTCUA_DATABASE",
		"--outgoing-proxy": "http://u:xxxxx@proxy:3128 môi trường / environment MOTCUA_OUTGOING_PROXY",
		"--providers":      "mặc định / default",
	} {
		if lines[name] != want {
			t.Errorf("%s: %q, want %q", name, lines[name], want)
		}
	}
	if len(lines) < 15 {
		t.Errorf("only %d settings", len(lines))
	}
}

// TLS by files of one's own: browsers are kept on it, and a renewed certificate is
// taken without a restart.
func TestTLS(t *testing.T) {
	data, folder := filledProvince(t), t.TempDir()
	cert, key := filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	issue(t, cert, key, 1)
	c := &certificate{cert: cert, key: key}
	first, err := c.get(nil)
	if err != nil {
		t.Fatal(err)
	}
	issue(t, cert, key, 2)
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(cert, later, later); err != nil {
		t.Fatal(err)
	}
	if again, err := c.get(nil); err != nil || again != first {
		t.Error("looked at each time", err)
	}
	c.read = time.Now().Add(-certificateEvery)
	if second, err := c.get(nil); err != nil || second == first {
		t.Error("a renewed certificate is not taken", err)
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	server := exec.Command(os.Args[0], "serve", "--data", data, "--listen", address, "--tls-cert", cert, "--tls-key", key)
	server.Env, server.Stderr = append(os.Environ(), "MOTCUA_AS_PROGRAM=1"), os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }()
	pem, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	known := x509.NewCertPool()
	known.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: known}, ForceAttemptHTTP2: true}}
	var a *http.Response
	for range 200 {
		if a, err = client.Get("https://" + address + "/dang-nhap"); err == nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	text, _ := io.ReadAll(a.Body)
	if a.StatusCode != http.StatusOK || a.ProtoMajor != 2 || a.Header.Get("Strict-Transport-Security") == "" || !strings.HasPrefix(a.Header.Get("Set-Cookie"), "__Host-form=") || !strings.Contains(string(text), "<h1") {
		t.Errorf("%s %d %v", a.Proto, a.StatusCode, a.Header)
	}
}

// issue writes a certificate of its own for this machine.
func issue(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "motcua"}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
