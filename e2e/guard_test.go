// SPDX-License-Identifier: Apache-2.0

//go:build walk

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// from makes the window one that comes through the proxy ahead, from an address.
func (b *browser) from(address string) {
	b.Helper()
	text, err := json.Marshal(map[string]string{"X-Forwarded-For": address})
	if err != nil {
		b.Fatal(err)
	}
	headers := network.Headers{}
	if err := json.Unmarshal(text, &headers); err != nil {
		b.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers}); err != nil {
		b.Fatal(err)
	}
}

// More come than are let in: who waits sees their place, and is led on when it is
// their turn without doing anything, with scripts and without.
func TestWaitingWalk(t *testing.T) {
	s := start(t, "--behind", "127.0.0.1", "--new-visitors", "0.5")
	first := s.guest("198.51.100.1", &http.Transport{})
	for i, width := range []int64{320, 1280} {
		for range 12 {
			first.client.Jar = nil // somebody else each time
			if _, _, err := first.ask(t.Context(), "GET", "/thu-tuc", nil); err != nil {
				t.Fatal(err)
			}
		}
		b := s.browse(fmt.Sprintf("waiting-%d", width), width, i == 1)
		b.waits = true
		b.from(fmt.Sprintf("198.51.100.%d", 50+i))
		b.open("/thu-tuc?q=khai+sinh")
		if said := b.text("main"); !strings.Contains(said, "Bạn đang ở hàng chờ") || !strings.Contains(said, "Số thứ tự của bạn: ") {
			t.Fatalf("at %d: %s", width, said)
		}
		b.look("vi")
		still := evaluate[string](b, `document.querySelector('main a:not(.button)').getAttribute('href')`)
		if !strings.Contains(still, "q=khai") {
			t.Errorf("the page that stands still leads to %s", still)
		}
		other := s.browse(fmt.Sprintf("waiting-en-%d", width), width, true)
		other.waits = true
		other.from(fmt.Sprintf("198.51.100.%d", 60+i))
		other.open("/thu-tuc?q=khai+sinh&lang=en")
		if said := other.text("main"); !strings.Contains(said, "You are waiting in line") {
			t.Fatalf("in English: %s", said)
		}
		other.look("en")
		for n := 0; strings.Contains(b.text("main"), "hàng chờ") || !strings.Contains(b.text("main"), "khai sinh"); n++ {
			if n > 720 {
				t.Fatalf("at %d: still waiting after three minutes: %s", width, b.text("main"))
			}
			time.Sleep(250 * time.Millisecond)
		}
		if b.path() != "/thu-tuc" {
			t.Errorf("at %d: led to %s", width, b.path())
		}
		b.look("in")
	}
}

// Files that were handed in are shown where officers work, under the policies that
// keep them from running.
func TestFilesAreShownWalk(t *testing.T) {
	s := start(t)
	code := s.must(201, "nguoidan", "POST", "/dossiers", s.must(200, "", "GET", "/procedures/1.001193/sample", nil))["code"].(string)
	b := s.browse("files-1280", 1280, true)
	b.open("/mot-cua")
	b.signIn("motcua")
	b.open("/mot-cua/ho-so/" + code)
	b.press(".task-list li a")
	time.Sleep(2 * time.Second) // the viewer comes after the page
	b.look("shown")
	shown := evaluate[string](b, `(e => e ? e.tagName + " " + e.offsetWidth + "x" + e.offsetHeight : "")(document.querySelector("main object, main figure img, main .viewer img, main img"))`)
	t.Log("shown:", shown)
	if shown == "" {
		t.Error("no file is shown")
	}
}
