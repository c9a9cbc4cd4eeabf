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
		fmt.Sprintf("`--new-visitors` (%s) new ones a second", preset("NewVisitors")),
		fmt.Sprintf("`--busy-at` (%s) calls", preset("BusyAt")),
		fmt.Sprintf("those who are inside (%s since", map[time.Duration]string{time.Hour: "an hour", 2 * time.Hour: "two hours"}[gate.PassFor]),
		fmt.Sprintf("renewed files are taken within %s", map[time.Duration]string{time.Minute: "a minute"}[certificateEvery]),
		fmt.Sprintf("The program serves %s unless told otherwise", strings.TrimSuffix(preset("Listen"), ":8080")),
	} {
		if !strings.Contains(text, says) {
			t.Errorf("does not say %q", says)
		}
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
