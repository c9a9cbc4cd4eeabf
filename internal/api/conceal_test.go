// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"motcua/internal/dossier"
)

// Programs of officers get what finds persons concealed, carry the dossier to its end
// with what they were given, and read it in full by a call of its own, with a purpose.
func TestConcealed(t *testing.T) {
	s := open(t)
	code := s.file("1.000894")["code"].(string)
	path := "/dossiers/" + code
	marks := []string{"046190001234", "0905000123", "huonggiang@example.vn", "046089000527", "quocbao@example.vn"}
	clean := func(login, path string, r reply) {
		t.Helper()
		for _, mark := range marks {
			if strings.Contains(r.Body.String(), mark) {
				t.Errorf("%s %s holds %s", login, path, mark)
			}
		}
	}
	if mine := s.must(http.StatusOK, "nguoidan", "GET", path, nil); !strings.Contains(mine.Body.String(), marks[0]) {
		t.Error("the applicant does not read their own number")
	}
	for range 30 {
		acted := false
		for _, login := range []string{"motcua", "truongphong", "chuyenvien", "lanhdao", "thuquy"} {
			now := s.must(http.StatusOK, login, "GET", path, nil)
			clean(login, path, now)
			clean(login, "events", s.must(http.StatusOK, login, "GET", path+"/events", nil))
			for _, x := range now.json["acts"].([]any) {
				act := x.(map[string]any)
				if act["aside"] == true || acted {
					continue
				}
				given := filled(act["params"].([]any))
				given["version"] = now.json["version"]
				clean(login, "act", s.must(http.StatusOK, login, "POST", path+"/acts/"+act["act"].(string), given))
				acted = true
			}
		}
		if !acted {
			break
		}
	}
	end, err := s.book.OpenBySecret(t.Context(), dossier.Actor{}, dossier.Code(code), s.must(http.StatusOK, "nguoidan", "GET", path, nil).json["secret"].(string))
	if err != nil || end.State.Phase != dossier.Returned {
		t.Fatalf("ended in %s: %v", end.State.Phase, err)
	}
	proposed, _, _ := dossier.Last[dossier.Proposed](end.Events)
	if proposed.Inputs.Text("wife_id_number") != marks[0] && proposed.Inputs.Text("husband_id_number") != marks[0] {
		t.Errorf("the result says %v", proposed.Inputs)
	}
	s.must(http.StatusUnprocessableEntity, "motcua", "POST", path+"/numbers", map[string]any{"purpose": " "})
	s.must(http.StatusNotFound, "motcua2", "POST", path+"/numbers", map[string]any{"purpose": "x"})
	whole := s.must(http.StatusOK, "motcua", "POST", path+"/numbers", map[string]any{"purpose": "Đối chiếu"})
	for _, mark := range marks {
		if !strings.Contains(whole.Body.String(), mark) {
			t.Errorf("asked for in full, it lacks %s", mark)
		}
	}
	looks := s.must(http.StatusOK, "nguoidan", "GET", path+"/views", nil).json["items"].([]any)
	if !slices.ContainsFunc(looks, func(l any) bool {
		look := l.(map[string]any)
		return look["what"] == "numbers" && look["said"] == "Đối chiếu"
	}) {
		t.Errorf("no look at the numbers: %v", looks)
	}
}
