// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// A person reads the privacy notice, sees what is kept of them, asks with mistakes and
// without, and opens their copy; the officer in charge answers, and records a breach.
func TestPrivacyWalk(t *testing.T) {
	s := start(t)
	for _, x := range []struct {
		width  int64
		script bool
		login  string
	}{{320, true, "nguoidan"}, {1280, true, "nguoidan2"}} {
		name := fmt.Sprintf("privacy-%d", x.width)
		b := s.browse(name, x.width, x.script)
		b.open("/quyen-rieng-tu")
		b.look("notice")
		b.open("/tai-khoan/du-lieu")
		b.signIn(x.login)
		b.look("mine")
		for _, right := range []string{"correct", "object", "delete", "restrict", "access"} {
			b.open("/tai-khoan/du-lieu/yeu-cau?quyen=" + right)
			b.look("ask-" + right)
		}
		b.open("/tai-khoan/du-lieu/yeu-cau?quyen=correct")
		b.fill(map[string][]string{"subject": {"email"}, "value": {"không phải thư"}, "text": {strings.Repeat("Dài. ", 20)}})
		b.press("main form button[type=submit]")
		b.look("ask-wrong")
		b.fill(map[string][]string{"subject": {"email"}, "value": {"ten.moi@vidu.vn"}, "text": {"Địa chỉ cũ không dùng nữa."}})
		b.press("main form button[type=submit]")
		b.look("request")
		number := b.path()[strings.LastIndex(b.path(), "/")+1:]

		o := s.browse(name+"-officer", x.width, x.script)
		o.open("/mot-cua")
		o.signIn("dulieu")
		o.look("first")
		o.open("/mot-cua/giam-sat")
		o.look("watch")
		o.open("/mot-cua/quyen-du-lieu")
		o.look("list")
		o.open("/mot-cua/quyen-du-lieu/" + number)
		o.look("case")
		o.press(`form[action$="/viec/refuse"] button[type=submit]`)
		o.look("case-wrong")
		o.press(`form[action$="/viec/accept"] button[type=submit]`)
		o.look("accepted")
		o.fill(map[string][]string{"days": {"5"}, "text": {"Cần đối chiếu thêm."}})
		o.press(`form[action$="/viec/extend"] button[type=submit]`)
		o.look("extended")
		o.fill(map[string][]string{"value": {"ten.moi@vidu.vn"}})
		o.press(`form[action$="/viec/do"] button[type=submit]`)
		o.look("done")

		o.open("/mot-cua/su-co-du-lieu")
		o.press("main form button[type=submit]")
		o.look("breach-wrong")
		o.fill(map[string][]string{"title": {"Danh sách gửi nhầm"}, "kind": {"confidentiality"}, "what": {"Thư có tệp gửi nhầm người."}, "whose": {"Người nộp hồ sơ hộ tịch"}, "how_many": {"40"}, "data": {"Họ tên, số định danh"}})
		o.press("main form button[type=submit]")
		o.look("breach")
		o.press(`form:has(input[value="tell"]) button[type=submit]`)
		o.look("breach-tell-wrong")
		o.fill(map[string][]string{"who": {"named"}, "named": {x.login}, "text": {"Tên và số định danh của bạn đã bị gửi nhầm. Hãy cẩn thận cuộc gọi lạ."}})
		o.press(`form:has(input[value="tell"]) button[type=submit]`)
		o.look("breach-told")
		o.open("/mot-cua/su-co-du-lieu")
		o.look("breaches")

		b.open("/ho-so")
		b.look("inbox")
		b.open("/tai-khoan/du-lieu/yeu-cau/" + number)
		b.look("request-done")
		b.press(`form[action$="/khieu-nai"] button[type=submit]`)
		b.look("complain-wrong")
		b.fill(map[string][]string{"text": {"Địa chỉ vẫn chưa đúng."}})
		b.press(`form[action$="/khieu-nai"] button[type=submit]`)
		b.look("complained")
		b.open("/ho-so")
		b.press(`a[href*="/su-co/"]`)
		b.look("breach")
		b.archive(t)
		b.look("archive")
	}
}

// archive downloads the copy with the window's session, unpacks it and opens its page.
func (b *browser) archive(t *testing.T) {
	b.Helper()
	b.open("/tai-khoan/du-lieu")
	text := evaluate[string](b, `(async () => {
		const form = document.querySelector('form[action$="/ban-sao"]');
		const answer = await fetch(form.action, {method: "POST", body: new URLSearchParams(new FormData(form))});
		const bytes = new Uint8Array(await answer.arrayBuffer());
		let text = "";
		for (const b of bytes) text += String.fromCharCode(b);
		return btoa(text);
	})()`, chromedp.EvalAwaitPromise)
	body, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatalf("%.40q: %v", body, err)
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, z); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(b.ctx, chromedp.Navigate("file://"+filepath.Join(folder, "index.html"))); err != nil {
		t.Fatal(err)
	}
}
