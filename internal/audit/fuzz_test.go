// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"encoding/json"
	"strings"
	"testing"
)

// Of whatever a line holds, only details that are known to name nobody leave.
func FuzzOutgoing(f *testing.F) {
	f.Add("viewed", `{"what":"file Nguyễn Thị Bưởi.pdf","name":"x","address":"2001:db8::1","said":"y"}`)
	f.Add("configured", `{"what":"outage","outage":5,"reason":"z"}`)
	f.Add("listed", `null`)
	f.Add("acted", `{"address":"10.1.2.3:80","from":1}`)
	f.Fuzz(func(t *testing.T, kind, body string) {
		l := Line{Entry: Entry{Kind: Kind(kind)}, Body: body}
		r, err := l.Outgoing()
		if err != nil {
			return
		}
		for name, value := range r.Detail {
			text, _ := value.(string)
			switch {
			case name == "network":
				if text != "" && !strings.HasSuffix(text, ".0/24") && !strings.HasSuffix(text, "/48") {
					t.Errorf("%s leaves as %s", body, text)
				}
			case name == "what":
				if (r.Kind == Viewed || r.Kind == Listed) && strings.Contains(text, " ") {
					t.Errorf("%s leaves as %s", body, text)
				}
			case !leaves[name]:
				t.Errorf("%s leaves of %s", name, body)
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	})
}
