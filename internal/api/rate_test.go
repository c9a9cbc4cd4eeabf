// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"motcua/internal/identity"
	"net/http"
	"testing"
	"time"
)

// What is offered to the applicant after the result is done over the API too:
// the rating, with all rights or only that to file.
func TestRate(t *testing.T) {
	s := open(t)
	for _, scopes := range [][]string{nil, {"file"}} {
		token, err := s.register.CreateToken(t.Context(), "nguoidan", scopes, identity.Double, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		s.tokens["nguoidan"] = token
		d := s.file("1.001193")
		path := "/dossiers/" + d["code"].(string)
		for acted := true; acted; s.now = s.now.Add(time.Minute) {
			_, acted = s.forward(d["code"].(string))
		}
		d = s.must(http.StatusOK, "nguoidan", "GET", path, nil).json
		var body map[string]any
		for _, o := range d["acts"].([]any) {
			if o := o.(map[string]any); o["act"] == "rate" {
				body = filled(o["params"].([]any))
			}
		}
		if body == nil {
			t.Fatalf("no rating is asked for: %v", d["acts"])
		}
		body["version"] = d["version"]
		rated := s.must(http.StatusOK, "nguoidan", "POST", path+"/acts/rate", body).json
		if rated["version"] != d["version"].(float64)+1 {
			t.Errorf("rated at version %v, now %v", d["version"], rated["version"])
		}
	}
	s.verify()
}

// What is the applicant's own is done with the right to file; what is the
// officers' is not.
func TestApplicantsActsWithTheRightToFile(t *testing.T) {
	s := open(t)
	token, err := s.register.CreateToken(t.Context(), "nguoidan", []string{"file"}, identity.Double, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	s.tokens["nguoidan"] = token
	d := s.file("1.001193")
	path := "/dossiers/" + d["code"].(string) + "/acts/"
	after := s.must(http.StatusOK, "nguoidan", "POST", path+"message", map[string]any{"version": d["version"], "text": "Tôi cần bổ sung gì không?"}).json
	s.must(http.StatusForbidden, "nguoidan", "POST", path+"receive", map[string]any{"version": after["version"]})
	s.must(http.StatusOK, "nguoidan", "POST", path+"withdraw", map[string]any{"version": after["version"]})
}
