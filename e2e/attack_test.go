// SPDX-License-Identifier: Apache-2.0

//go:build walk && attack

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// attackers are who tools attack as: nobody, a citizen, officers.
var attackers = []string{"", "nguoidan", "motcua", "quantri"}

// armed is a running demo with a dossier in it, and the session of everybody who
// attacks it.
type armed struct {
	*server
	code    string
	cookies map[string]string // by login
}

func arm(t *testing.T) *armed {
	t.Helper()
	a := &armed{server: start(t), cookies: map[string]string{}}
	filing := a.must(http.StatusOK, "", "GET", "/procedures/1.001193/sample", nil)
	a.code = a.must(http.StatusCreated, "nguoidan", "POST", "/dossiers", filing)["code"].(string)
	for _, login := range attackers {
		v := (&provider{server: a.server}).visitor()
		v.get("http://" + a.address + "/dang-nhap")
		if login != "" {
			v.post("/dang-nhap", url.Values{"login": {login}, "password": {"motcua-demo"}})
		}
		at, err := url.Parse("http://" + a.address + "/")
		if err != nil {
			t.Fatal(err)
		}
		var pairs []string
		for _, c := range v.client.Jar.Cookies(at) {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
		if a.cookies[login] = strings.Join(pairs, "; "); strings.Contains(a.cookies[login], "session=") != (login != "") {
			t.Fatalf("%s has the cookies %s at %s", login, a.cookies[login], v.at)
		}
	}
	return a
}

// alive holds that the server has come through: it answers, its data are proved and
// it said nothing of a panic.
func (a *armed) alive() {
	a.Helper()
	r, err := http.Get("http://" + a.address + "/readyz")
	if err != nil || r.StatusCode != http.StatusOK {
		a.Fatalf("the server is gone: %v", err)
	}
	r.Body.Close()
	a.verify()
	a.kill() // nothing is written to what it said any more
	if strings.Contains(a.said.String(), "panic") {
		a.Errorf("a panic: %s", a.said.String())
	}
}

// wapitiModules are its attacks, those apart that need an endpoint on the network
// or guess names of files we have not.
const wapitiModules = "blindsql,cookieflags,crlf,csp,exec,file,htaccess,methods,permanentxss,redirect,shellshock,sql,xss"

// light are findings without weight: what the demo lacks for having no TLS, and that
// the desk shows papers in an object, from this site alone.
var light = regexp.MustCompile(`Secure flag is not set|Strict-Transport-Security is not set|CSP "object-src" value is not safe`)

// Nothing of weight is found by wapiti, whoever is signed in.
func TestAttackByWapiti(t *testing.T) {
	a := arm(t)
	starts := map[string][]string{
		"":         {"/", "/thu-tuc?q=khai+sinh", "/tra-cuu?code=" + a.code, "/dang-nhap?next=/ho-so", "/dang-ky?next=/", "/so-lieu?by=agency", "/gian-doan"},
		"nguoidan": {"/ho-so?tu=", "/ho-so/" + a.code, "/tai-khoan?next=/ho-so", "/thu-tuc/1.001193/bat-dau", "/to-chuc/them", "/ho-so/" + a.code + "/rut"},
		"motcua":   {"/mot-cua?tu=", "/mot-cua/tim?q=an", "/mot-cua/ho-so/" + a.code + "?hang=receive&xem=form", "/mot-cua/tiep-nhan?q=a", "/mot-cua/so-theo-doi?tu=2026-11-01&den=2026-11-30", "/mot-cua/luot-xem"},
		"quantri":  {"/mot-cua/ly-do?ma=a", "/mot-cua/gian-doan", "/mot-cua/vang-mat", "/mot-cua/giam-sat"},
	}
	for _, login := range attackers {
		t.Run("as "+login, func(t *testing.T) {
			report := filepath.Join(t.TempDir(), "report.json")
			base, seen := a.disguised(login)
			args := []string{"-u", base + "/", "--scope", "folder", "-m", wapitiModules, "--max-scan-time", "20", "--max-attack-time", "8", "--max-links-per-page", "40", "--max-files-per-dir", "20",
				"--no-bugreport", "--flush-session", "--store-session", t.TempDir(),
				"-f", "json", "-o", report, "-v", "0"}
			for _, s := range starts[login] {
				args = append(args, "-s", base+s)
			}
			attack(t, 10*time.Minute, "wapiti", args...)
			text, err := os.ReadFile(report)
			if err != nil {
				t.Fatal(err)
			}
			var found struct {
				Vulnerabilities map[string][]struct{ Method, Path, Info, Parameter string }
			}
			if err := json.Unmarshal(text, &found); err != nil {
				t.Fatal(err)
			}
			for kind, list := range found.Vulnerabilities {
				for _, x := range list {
					if !light.MatchString(x.Info) {
						t.Errorf("%s: %s %s %s: %s", kind, x.Method, x.Path, x.Parameter, x.Info)
					}
				}
			}
			seen.judge(t)
		})
	}
	a.alive()
}

// traffic is what went to the server and came back.
type traffic struct {
	mu     sync.Mutex
	asked  map[string]int // by method and status
	faults []string
}

// disguised is a proxy before the server that lends a tool somebody's session, and
// keeps it from ending that session.
func (a *armed) disguised(login string) (base string, seen *traffic) {
	seen = &traffic{asked: map[string]int{}}
	to, err := url.Parse("http://" + a.address)
	if err != nil {
		a.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		ErrorLog: log.New(io.Discard, "", 0), // tools hang up as they like
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Set("Cookie", a.cookies[login])
		},
		ModifyResponse: func(r *http.Response) error {
			seen.mu.Lock()
			defer seen.mu.Unlock()
			seen.asked[fmt.Sprintf("%s %d", r.Request.Method, r.StatusCode)]++
			if r.StatusCode >= 500 {
				seen.faults = append(seen.faults, fmt.Sprintf("%s %s: %d", r.Request.Method, r.Request.URL, r.StatusCode))
			}
			return nil
		},
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/dang-xuat" || r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/tai-khoan/") {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	a.Cleanup(s.Close)
	return s.URL, seen
}

// judge holds that pages were seen and forms sent, and that nothing failed.
func (s *traffic) judge(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	t.Log(s.asked)
	if s.asked["GET 200"] < 100 || s.asked["POST 200"]+s.asked["POST 303"]+s.asked["POST 422"] < 10 {
		t.Errorf("hardly anything was attacked: %v", s.asked)
	}
	for _, f := range s.faults {
		t.Error("a fault: ", f)
	}
}

// attack runs a tool for so long at the most.
func attack(t *testing.T, most time.Duration, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command("timeout", append([]string{fmt.Sprint(most.Seconds()), name}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// What sqlmap says of a target in the end: the one when it got something into a
// statement, else the other. What looked like it and was not is said in between.
const (
	injected = "identified the following injection point"
	cleared  = "all tested parameters do not appear to be injectable"
)

// No parameter reaches a statement, as sqlmap sees it.
func TestAttackBySQLMap(t *testing.T) {
	a := arm(t)
	base, token := "http://"+a.address, "Authorization: Bearer "+a.token("motcua")
	citizen := "Authorization: Bearer " + a.token("nguoidan")
	targets := []struct{ login, header, url, data string }{
		{"", "", "/thu-tuc?q=a&linh-vuc=b&trang=1", ""},
		{"", "", "/tra-cuu?code=" + a.code, ""},
		{"", "", "/api/v1/procedures?q=a&limit=5&offered=true", ""},
		{"", "", "/api/v1/procedures?after=x", ""},
		{"", "", "/api/v1/lookup/" + a.code + "*?secret=abc", ""},
		{"", "", "/api/v1/statistics/dossiers?by=agency&from=2026-01-01", ""},
		{"", "", "/dang-nhap", "login=nguoidan&password=x&next=/ho-so"},
		{"nguoidan", "", "/ho-so?tu=1", ""},
		{"nguoidan", citizen, "/api/v1/dossiers?q=a&procedure=b", ""},
		{"nguoidan", citizen, "/api/v1/dossiers/" + a.code + "*/documents/1*", ""},
		{"motcua", "", "/mot-cua?tu=1&hang=receive&thu-tuc=1.001193", ""},
		{"motcua", "", "/mot-cua/tim?tim=x", ""},
		{"motcua", "", "/mot-cua/tim", "q=an&thu-tuc=1.001193"},
		{"motcua", "", "/mot-cua/ho-so/" + a.code + "*?hang=receive&xem=form", ""},
		{"motcua", "", "/mot-cua/so-theo-doi?tu=2026-11-01&den=2026-11-30&co-quan=H57.101.1", ""},
		{"motcua", token, "/api/v1/queues/receive?limit=5&procedure=y&due_before=2026-12-01T00:00:00Z", ""},
		{"motcua", token, "/api/v1/queues/receive?after=x", ""},
		{"quantri", "", "/mot-cua/ly-do?ma=a", ""},
	}
	for _, x := range targets {
		t.Run(x.login+x.url, func(t *testing.T) {
			level, follow := "2", "N"
			if x.data != "" {
				level, follow = "3", "Y" // also what the browser says it is, which sessions keep; what a form leads to
			}
			args := []string{"-u", base + x.url, "--batch", "--disable-coloring", "--dbms", "sqlite", "--level", level, "--risk", "2", "--technique", "BEUT", "--time-sec", "2", "--flush-session",
				"--output-dir", t.TempDir(), "--ignore-code", "401,404,422", "--answers", "follow=" + follow + ",skip=N", "--cookie", a.cookies[x.login], "--param-exclude", "session|form|lang"}
			if x.header != "" {
				args = append(args, "--header", x.header)
			}
			if x.data != "" {
				args = append(args, "--data", x.data, "--csrf-token", "csrf", "--csrf-url", base+x.url)
			} else {
				args = append(args, "--threads", "4")
			}
			said := attack(t, 8*time.Minute, "sqlmap", args...)
			if strings.Contains(said, injected) {
				t.Errorf("injected:\n%s", said)
			}
			if !strings.Contains(said, cleared) {
				t.Errorf("nothing was tested:\n%s", said)
			}
		})
	}
	a.alive()
}
