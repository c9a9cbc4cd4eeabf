// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"net/http"
	"net/url"
	"testing"
)

// An administrator changes the words in which officers say why; nobody else does.
func TestReasons(t *testing.T) {
	w := open(t)
	const path = "/mot-cua/ly-do"
	w.browser("motcua").Get(path).At(http.StatusForbidden)
	b := w.browser("quantri")
	b.Get(path).At(http.StatusOK).Has("unreadable").
		Submit(path, url.Values{"code": {"Bad Code"}, "vi": {"Ảnh chụp ngược."}}, "").At(http.StatusUnprocessableEntity).Has("Ảnh chụp ngược.").
		Submit(path, url.Values{"code": {"upside_down"}, "for": {"supplement"}}, "").At(http.StatusOK).Has("upside_down")
	b.Get(path+"?ma=upside_down").Has("Ảnh chụp ngược.").Submit(path, url.Values{"vi": {"Ảnh chụp bị ngược, xin chụp lại."}}, "").At(http.StatusOK).Has("Ảnh chụp bị ngược")
	s := w.file("1.001193")
	w.browser("motcua").Get("/mot-cua/ho-so/" + string(s.Code)).Has("Ảnh chụp bị ngược, xin chụp lại.")
	b.Get(path).Submit(path+"/bo", nil, "bo=upside_down").At(http.StatusOK).Lacks("upside_down")
}
