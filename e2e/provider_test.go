// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// provider is a stand-in identity provider for a server.
type provider struct {
	*server
	issuer string
}

// federated is a demo province that takes the word of a stand-in provider.
func federated(t *testing.T, flags ...string) *provider {
	t.Helper()
	s := &server{T: t, data: t.TempDir(), tokens: map[string]string{}, address: free(t)}
	p := &provider{s, "http://" + free(t)}
	said := &bytes.Buffer{}
	node := exec.Command("node", "../test/provider/server.mjs")
	node.Env = append(os.Environ(), "ISSUER="+p.issuer, "SITE=http://"+s.address)
	node.Stdout, node.Stderr = said, said
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = node.Process.Kill()
		_ = node.Wait()
	})
	for n := 0; ; n++ {
		if r, err := http.Get(p.issuer + "/.well-known/openid-configuration"); err == nil {
			r.Body.Close()
			break
		} else if n > 200 {
			t.Fatalf("the provider does not answer: %v\n%s", err, said)
		}
		time.Sleep(50 * time.Millisecond)
	}
	text, err := os.ReadFile("../test/provider/providers.json")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "providers.json")
	if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte("http://127.0.0.1:9700"), []byte(p.issuer)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MOTCUA_STAND_IN_SECRET", "bi-mat-chi-de-thu")
	s.serve("demo", append(flags, "--providers", file, "--outgoing-allow", "127.0.0.1")...)
	t.Cleanup(s.kill)
	return p
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// errs makes the provider err on purpose; "" ends it.
func (p *provider) errs(fault string) {
	p.Helper()
	r, err := http.Get(p.issuer + "/fault?fault=" + fault)
	if err != nil {
		p.Fatal(err)
	}
	r.Body.Close()
}

// visitor is somebody's browser without scripts, by hand.
type visitor struct {
	*provider
	client  *http.Client
	at      string // address of the page shown
	text    string
	visited []string
}

func (p *provider) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.Fatal(err)
	}
	v := &visitor{provider: p}
	v.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		v.visited = append(v.visited, r.URL.String())
		return nil
	}}
	return v
}

func (v *visitor) show(r *http.Response, err error) int {
	v.Helper()
	if err != nil {
		v.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		v.Fatal(err)
	}
	v.at, v.text = r.Request.URL.String(), string(text)
	return r.StatusCode
}

func (v *visitor) get(address string) int {
	v.Helper()
	return v.show(v.client.Get(address))
}

var csrf = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (v *visitor) post(path string, values url.Values) int {
	v.Helper()
	if m := csrf.FindStringSubmatch(v.text); m != nil {
		values.Set("csrf", m[1])
	}
	return v.show(v.client.PostForm("http://"+v.server.address+path, values))
}

// signsIn goes to the provider from the page to sign in and says who it is there.
func (v *visitor) signsIn(id, who, acr string) int {
	v.Helper()
	v.get("http://" + v.server.address + "/dang-nhap")
	return v.goes(id, who, acr, url.Values{"next": {"/tai-khoan"}})
}

// goes to the provider from the page shown.
func (v *visitor) goes(id, who, acr string, values url.Values) int {
	v.Helper()
	v.post("/dang-nhap/qua/"+id, values)
	if !strings.Contains(v.at, "/interaction/") {
		v.Fatalf("not at the provider but at %s: %s", v.at, v.text)
	}
	return v.show(v.client.PostForm(v.at, url.Values{"who": {who}, "acr": {acr}}))
}

func (v *visitor) says(texts ...string) {
	v.Helper()
	for _, s := range texts {
		if !strings.Contains(v.text, s) {
			v.Errorf("%s does not say %q", v.at, s)
		}
	}
}

// A citizen comes by the provider, the first time and again, and is the same
// person; their name and number are proved and no longer typed.
func TestCitizenByProvider(t *testing.T) {
	p := federated(t)
	v := p.visitor()
	if status := v.signsIn("thu", "hanh", "urn:stand-in:2"); status != http.StatusOK {
		t.Fatal(status, v.text)
	}
	v.says("Đặng Thị Mỹ Hạnh", "đã được xác minh", `value="046185004321"`, "02/07/1985")
	v.post("/tai-khoan", url.Values{"name": {"Người Khác"}, "id_number": {"046185004321"}, "birth_date": {"02/07/1985"}, "phone": {"0905000777"}, "address": {"5 Hùng Vương"}})
	v.says("đã được xác minh nên không sửa ở đây")
	v.get("http://" + p.address + "/tai-khoan/phien")
	v.says("Đăng nhập hai lớp")
	v.post("/dang-xuat", url.Values{})
	if !strings.HasPrefix(v.at, p.issuer+"/session/end") {
		t.Errorf("signed out, but not at the provider: %s", v.at)
	}
	again := p.visitor()
	again.signsIn("thu", "hanh", "urn:stand-in:1")
	again.get("http://" + p.address + "/tai-khoan/phien")
	if n := strings.Count(again.text, `class="card"`); n != 1 {
		t.Errorf("%d sessions of the account", n)
	}
	third := p.visitor()
	third.signsIn("thu", "hanh", "urn:stand-in:1")
	third.get("http://" + p.address + "/tai-khoan/phien")
	if n := strings.Count(third.text, `class="card"`); n != 2 {
		t.Errorf("not the same account: %d sessions", n)
	}
	// The demo's own account of the same number is the same person.
	giang := p.visitor()
	giang.signsIn("thu", "giang", "urn:stand-in:2")
	giang.says("nguoidan")
	p.verify()
}

// Each way in which a provider's answer can be wrong ends at the page to sign in,
// which says so, and signs nobody in.
func TestProviderFaults(t *testing.T) {
	p := federated(t)
	for fault, said := range map[string]string{"denied": "không đồng ý", "expired": "không hợp lệ hoặc đã hết hạn", "issuer": "không hợp lệ", "audience": "không hợp lệ", "nonce": "không hợp lệ", "key": "không hợp lệ", "none": "không hợp lệ"} {
		p.errs(fault)
		v := p.visitor()
		if status := v.signsIn("thu", "hanh", "urn:stand-in:2"); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", fault, status)
		}
		v.says(said)
		if v.get("http://" + p.address + "/tai-khoan"); !strings.Contains(v.at, "/dang-nhap") {
			t.Errorf("%s: signed in all the same", fault)
		}
	}
	p.errs("")

	// The same answer again, brought by the same browser or by another one.
	v := p.visitor()
	v.signsIn("thu", "hanh", "urn:stand-in:2")
	var back string
	for _, at := range v.visited {
		if strings.Contains(at, "/dang-nhap/ve?") {
			back = at
		}
	}
	v.post("/dang-xuat", url.Values{})
	v.get(back)
	v.says("quá 10 phút hoặc đã dùng")
	other := p.visitor()
	other.get(back)
	other.says("quá 10 phút hoặc đã dùng")

	// An answer of one's own for another's browser: who is lured to it is not signed in.
	evil := p.visitor()
	evil.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.Contains(r.URL.String(), "/dang-nhap/ve?") {
			evil.visited = append(evil.visited, r.URL.String())
			return http.ErrUseLastResponse
		}
		return nil
	}
	evil.signsIn("thu", "hue", "urn:stand-in:2")
	lured := p.visitor()
	lured.get(evil.visited[len(evil.visited)-1])
	lured.says("quá 10 phút hoặc đã dùng")

	// A state or code of nobody's making.
	for _, q := range []string{"", "?state=a&code=b", "?error=server_error", "?state=" + strings.Repeat("x", 5000)} {
		if status := p.visitor().get("http://" + p.address + "/dang-nhap/ve" + q); status != http.StatusUnprocessableEntity {
			t.Errorf("%.40s: %d", q, status)
		}
	}
}

// The provider is away, or comes back in between: the page says so, and whoever
// has another way in gets in.
func TestProviderAway(t *testing.T) {
	s := &server{T: t, data: t.TempDir(), tokens: map[string]string{}}
	file := filepath.Join(t.TempDir(), "providers.json")
	list := []map[string]any{{"id": "xa", "name": map[string]string{"vi": "Nơi xa"}, "for": "citizen", "issuer": "http://" + free(t), "client_id": "motcua", "claims": map[string]string{"name": "name", "id_number": "cccd"}, "levels": []map[string]string{{"acr": "1", "level": "single"}}}}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.serve("demo", "--providers", file)
	t.Cleanup(s.kill)
	v := (&provider{server: s}).visitor()
	v.get("http://" + s.address + "/dang-nhap")
	if status := v.post("/dang-nhap/qua/xa", url.Values{}); status != http.StatusServiceUnavailable {
		t.Errorf("%d", status)
	}
	v.says("Nơi xa đang không trả lời")
	v.get("http://" + s.address + "/dang-nhap")
	v.post("/dang-nhap", url.Values{"login": {"nguoidan"}, "password": {"motcua-demo"}})
	v.says("Hồ sơ của tôi")
}

// An account that was made here is proved by the provider; if its person had a
// proved one, the two become one, with every dossier.
func TestAccountsMerge(t *testing.T) {
	p := federated(t)
	made := func(login string) *visitor {
		v := p.visitor()
		v.get("http://" + p.address + "/dang-ky")
		if status := v.post("/dang-ky", url.Values{"login": {login}, "password": {"mật khẩu riêng"}, "again": {"mật khẩu riêng"}, "name": {"Mỹ Hạnh"}, "id_number": {"046185004321"},
			"birth_date": {"02/07/1985"}, "phone": {"0905000777"}, "gender": {"female"}, "ethnicity": {"Kinh"}, "nationality": {"Việt Nam"}, "address": {"5 Hùng Vương, phường Thuận Hóa, thành phố Huế"}}); status != http.StatusOK {
			t.Fatal(status, v.text)
		}
		return v
	}
	filed := func(login string) string {
		return p.must(201, login, "POST", "/dossiers", p.must(200, "", "GET", "/procedures/1.001193/sample", nil))["code"].(string)
	}
	first := made("myhanh")
	one := filed("myhanh")
	first.get("http://" + p.address + "/tai-khoan")
	first.says("Xác minh danh tính")
	first.goes("thu", "hanh", "urn:stand-in:2", url.Values{"next": {"/tai-khoan?da=xac-minh"}})
	first.says("Đã xác minh danh tính", "Đặng Thị Mỹ Hạnh", "myhanh")

	second := made("hanh85")
	two := filed("hanh85")
	second.get("http://" + p.address + "/tai-khoan")
	second.goes("thu", "hanh", "urn:stand-in:2", url.Values{})
	second.says("Hai tài khoản của bạn đã gộp làm một", one, two)
	second.get("http://" + p.address + "/ho-so/" + two)
	second.says("Hai tài khoản của bạn được gộp làm một")
	v := p.visitor()
	v.get("http://" + p.address + "/dang-nhap")
	v.post("/dang-nhap", url.Values{"login": {"hanh85"}, "password": {"mật khẩu riêng"}})
	v.says("chưa đúng")

	// Two proved people stay two.
	second = p.visitor() // who is not remembered at the provider
	second.get("http://" + p.address + "/dang-nhap")
	second.post("/dang-nhap", url.Values{"login": {"myhanh"}, "password": {"mật khẩu riêng"}, "next": {"/tai-khoan"}})
	if status := second.goes("thu", "hue", "urn:stand-in:2", url.Values{}); status != http.StatusConflict {
		t.Errorf("another person's identity: %d", status)
	}
	second.says("thuộc về một tài khoản khác")
	p.verify()
}

// An officer comes by the provider at the level that officers need; a lower one
// still asks for the second step, and who is no officer stays out.
func TestOfficerByProvider(t *testing.T) {
	p := federated(t, "--second-factor")
	v := p.visitor()
	v.get("http://" + p.address + "/dang-nhap?next=/mot-cua")
	v.goes("thu-can-bo", "linh", "urn:stand-in:2", url.Values{"next": {"/mot-cua"}})
	v.says("Việc của tôi")
	v = p.visitor()
	v.get("http://" + p.address + "/dang-nhap?next=/mot-cua")
	v.goes("thu-can-bo", "linh", "urn:stand-in:1", url.Values{"next": {"/mot-cua"}})
	v.says("Cần thêm xác thực hai lớp")
	v = p.visitor()
	v.get("http://" + p.address + "/dang-nhap?next=/mot-cua")
	v.goes("thu-can-bo", "giang", "urn:stand-in:3", url.Values{"next": {"/mot-cua"}})
	v.says("không xác nhận được tài khoản cán bộ nào")
}

// Who comes for an organisation acts for it, which every page says.
func TestOrganisationByProvider(t *testing.T) {
	p := federated(t)
	v := p.visitor()
	v.signsIn("thu", "hue", "urn:stand-in:3")
	v.get("http://" + p.address + "/ho-so")
	v.says("Công ty cổ phần Ngự Bình", "Phan Văn Huệ")
	v.get("http://" + p.address + "/to-chuc")
	v.says("3300777888", "Người quản lý")
}

// In a browser: by the provider and back, with a refusal, on a phone and on a
// desktop; what was typed when the session was over comes along.
func TestProviderWalk(t *testing.T) {
	p := federated(t)
	for _, x := range []struct {
		width  int64
		script bool
	}{{320, false}, {1280, true}} {
		b := p.browse(fmt.Sprintf("provider-%d", x.width), x.width, x.script)
		b.open("/dang-nhap?next=/tai-khoan")
		b.look("sign-in")
		b.press(`form[action="/dang-nhap/qua/thu"] button`)
		b.press(`button[value=""]`)
		b.look("denied")
		b.press(`form[action="/dang-nhap/qua/thu"] button`)
		b.press(`button[value="hanh"]`)
		if b.path() == "/ho-so" {
			b.open("/tai-khoan")
		}
		b.look("proved")
		address := fmt.Sprintf("Kiệt %d Nguyễn Huệ", x.width)
		b.fill(map[string][]string{"address": {address}})
		other := p.visitor()
		other.signsIn("thu", "hanh", "urn:stand-in:2")
		other.get("http://" + p.address + "/tai-khoan/phien")
		other.post("/tai-khoan/phien", url.Values{"phien": {"0"}})
		time.Sleep(3 * time.Second) // what the server remembers of a session
		b.press(`form[action="/tai-khoan"] button[type=submit]`)
		b.look("over")
		b.press(`form[action="/dang-nhap/qua/thu"] button`) // where they are remembered
		b.look("back")
		b.press(`form[action="/tai-khoan"] button[type=submit]`)
		b.open("/tai-khoan")
		if typed := evaluate[string](b, `document.querySelector('[name="address"]').value`); typed != address {
			t.Errorf("%q is kept, %q was typed", typed, address)
		}
	}
}
