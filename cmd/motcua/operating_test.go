// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"motcua/internal/gate"
)

// What operators are told of limits is what holds.
func TestOperatingSaysTheLimits(t *testing.T) {
	content, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(content)), " ")
	preset := func(field string) string {
		f, ok := reflect.TypeOf(serving{}).FieldByName(field)
		if !ok {
			t.Fatal(field)
		}
		return f.Tag.Get("default")
	}
	for _, says := range []string{
		fmt.Sprintf("%d seconds for headers, %d without a byte, then a kilobyte a second.", newServer(nil).ReadHeaderTimeout/time.Second, gate.Pause/time.Second),
		fmt.Sprintf("An address has %d connections at most.", connectionsEach),
		fmt.Sprintf("All bodies under way have %d MB of memory: a quarter is for small ones (%d kB at most)", bodies>>20, gate.Small>>10),
		fmt.Sprintf("An upload goes to the database piece by piece and counts %d kB;", uploads.Keeps>>10),
		fmt.Sprintf("Who finds no room waits %d seconds, then gets 503.", gate.SlotFor/time.Second),
		fmt.Sprintf("%d filings of %d MB and 200 forms of %d MB", 200, writes.Body>>20, forms.Body>>20),
		fmt.Sprintf("`--new-visitors` (%s) new ones a second", preset("NewVisitors")),
		fmt.Sprintf("`--busy-at` (%s) calls", preset("BusyAt")),
		fmt.Sprintf("those who are inside (%s since", map[time.Duration]string{time.Hour: "an hour", 2 * time.Hour: "two hours"}[gate.PassFor]),
		fmt.Sprintf("renewed files are taken within %s)", map[time.Duration]string{time.Minute: "a minute"}[certificateEvery]),
		fmt.Sprintf("The program serves %s unless told otherwise", strings.TrimSuffix(preset("Listen"), ":8080")),
	} {
		if !strings.Contains(text, says) {
			t.Errorf("does not say %q", says)
		}
	}
	if all := int64(uploads.AtOnce) * uploads.Keeps; all+writes.Body > bodies/4*3 {
		t.Errorf("uploads keep %d bytes, which leave no room for a filing", all)
	}
	if gate.LeastPace != 1<<10 {
		t.Errorf("a kilobyte a second is %d bytes", gate.LeastPace)
	}
	said := regexp.MustCompile(`client_max_body_size (\d+)m;`).FindStringSubmatch(text)
	if said == nil {
		t.Fatal("says nothing of the largest body to a proxy")
	}
	proxied, _ := strconv.ParseInt(said[1], 10, 64)
	for _, l := range limits {
		if l.Limit.Body > proxied<<20 {
			t.Errorf("%s takes %d bytes, of which the proxy lets %s MB through", l.Pattern, l.Limit.Body, said[1])
		}
	}
}
