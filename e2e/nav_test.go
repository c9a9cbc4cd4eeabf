// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What is asked for less often stands behind "Khác": by keyboard, without scripts, on
// a phone too. It is closed where one arrives, or a phone would show little else, and
// names the page that one is on.
func TestNavigation(t *testing.T) {
	s := start(t)
	for login, inside := range map[string]string{"motcua": "/mot-cua/vang-mat", "truongphong": "/mot-cua/luot-xem", "quantri": "/mot-cua/ly-do", "dulieu": "/mot-cua/su-co-du-lieu"} {
		for _, width := range []int64{320, 1280} {
			b := s.browse(fmt.Sprintf("nav-%s-%d", login, width), width, false)
			b.signIn(login)
			b.open("/mot-cua/giam-sat")
			if evaluate[bool](b, `document.querySelector(".nav-more details").open`) {
				t.Errorf("%s: open where nothing of it is shown", login)
			}
			b.look("closed")
			evaluate[chromedp.Void](b, `void document.querySelector(".nav-more summary").focus()`)
			if _, err := chromedp.Run(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
				t.Fatal(err)
			}
			if !evaluate[bool](b, `document.querySelector(".nav-more a[href='`+inside+`']").checkVisibility()`) {
				t.Errorf("%s: %s does not appear", login, inside)
			}
			b.look("opened")
			b.press(`.nav-more a[href="` + inside + `"]`)
			if !evaluate[bool](b, `(() => {
				const here = document.querySelector(".nav-more a[aria-current=page]"), more = document.querySelector(".nav-more summary[aria-current]");
				return !document.querySelector(".nav-more details").open && here?.getAttribute("href") === "`+inside+`" && more?.textContent.endsWith(here.textContent) === true;
			})()`) {
				t.Errorf("%s: %s is not shown as where one is", login, inside)
			}
			b.look("inside")
		}
	}
}
