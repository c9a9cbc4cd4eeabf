// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/identity"
)

// For want of the holidays of a year nothing is promised: the answer says for
// want of which, that nothing was written and what is to be done.
func TestYearWithoutACalendar(t *testing.T) {
	s := open(t)
	s.now = time.Date(2027, 12, 29, 9, 0, 0, 0, calendar.Zone) // three working days end in 2028
	for login := range s.tokens {
		token, err := s.register.CreateToken(t.Context(), login, nil, identity.Double, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		s.tokens[login] = token
	}
	path := "/dossiers/" + s.file("1.004859")["code"].(string)
	before := s.must(http.StatusOK, "motcua", "GET", path, nil).Body.String()
	for lang, says := range map[string][]string{
		"vi": {"Chưa có lịch nghỉ của năm 2028", "chưa ghi gì", "quản trị viên"},
		"en": {"holidays of 2028 are not loaded", "nothing was written", "administrator"},
	} {
		got := s.call("motcua", "POST", path+"/acts/receive", map[string]any{"version": 1}, "Accept-Language", lang)
		s.problem(got, http.StatusUnprocessableEntity, "calendar.year.missing")
		for _, text := range says {
			if detail := got.json["detail"].(string); !strings.Contains(detail, text) {
				t.Errorf("%s: %q lacks %q", lang, detail, text)
			}
		}
	}
	if after := s.must(http.StatusOK, "motcua", "GET", path, nil).Body.String(); after != before {
		t.Errorf("the dossier is %s, it was %s", after, before)
	}
	s.verify()
}
