// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"strings"
	"testing"
)

// A number is concealed until it is asked for, an identity paper bears its mark, on a
// phone without scripts and on a desktop.
func TestConcealedInTheBrowser(t *testing.T) {
	s := start(t)
	sent := s.must(201, "nguoidan", "POST", "/dossiers", s.must(200, "", "GET", "/procedures/3.000333/sample", nil))
	page, file := "/mot-cua/ho-so/"+sent["code"].(string), ""
	for _, d := range sent["documents"].([]any) {
		if d := d.(map[string]any); d["component"] == "identity" {
			file = d["file"].(string)
		}
	}
	const details = `(document.querySelector("details:has(form[action$='%'])").open = true)`
	for _, x := range []struct {
		name   string
		width  int64
		script bool
	}{{"concealed-320", 320, false}, {"concealed-1280", 1280, true}} {
		b := s.browse(x.name, x.width, x.script)
		b.signIn("motcua")
		b.open(page)
		evaluate[bool](b, strings.ReplaceAll(details, "%", `/hien-so`))
		b.look("ask")
		b.press(`form[action$="/hien-so"] button[type=submit]`)
		b.look("refused")
		b.fill(map[string][]string{"so": {"applicant.id_number"}, "muc-dich": {"Đối chiếu với giấy tờ xuất trình"}})
		b.press(`form[action$="/hien-so"] button[type=submit]`)
		b.look("shown")
		if text := b.text("main"); !strings.Contains(text, "046190001234") || strings.Contains(text, "0905000123") {
			t.Errorf("the page says %s", text)
		}
		b.open(page + "?xem=" + file + "#giay-to")
		b.look("paper")
		b.open("/mot-cua/tiep-nhan/1.001193")
		b.look("counter")
		b.open("/mot-cua/tim")
		b.fill(map[string][]string{"q": {"046190001234"}})
		b.press(`form[action="/mot-cua/tim"] button[type=submit]`)
		if b.path() != "/mot-cua/tim" {
			t.Errorf("looking for a number leads to %s", b.path())
		}
		b.look("found")
		head := s.browse(x.name+"-head", x.width, x.script)
		head.signIn("lanhdao")
		head.open(page + "?xem=" + file)
		evaluate[bool](head, strings.ReplaceAll(details, "%", `/ban-goc`))
		head.look("original")
		citizen := s.browse(x.name+"-citizen", x.width, x.script)
		citizen.signIn("nguoidan")
		citizen.open("/ho-so/" + sent["code"].(string) + "/luot-xem")
		citizen.look("looks")
		if text := citizen.text("main"); !strings.Contains(text, "số đầy đủ: ") || !strings.Contains(text, "Đối chiếu với giấy tờ") {
			t.Errorf("the applicant reads %s", text)
		}
	}
}
