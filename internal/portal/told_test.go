// SPDX-License-Identifier: Apache-2.0

package portal_test

import (
	"context"
	"net/http"
	"testing"
)

// The applicant reads what happened, not what officers say among themselves.
func TestWhatOfficersSayAmongThemselvesIsNotTold(t *testing.T) {
	w := open(t)
	s, err := w.book.Submit(context.Background(), w.officer("nguoidan"), w.sampleOf("1.001193"), nil)
	if err != nil {
		t.Fatal(err)
	}
	w.does("motcua", s.Code, "doubt_competence", map[string]any{"reason": "Nghi khai sai nơi cư trú."})
	w.does("motcua", s.Code, "determine", map[string]any{"agency": "H57.101"})
	w.does("motcua", s.Code, "receive", nil)
	w.does("chuyenvien", s.Code, "consult", map[string]any{"agency": "H57.102", "content": "Có dấu hiệu gian dối không?", "until": "2026-12-20"})
	w.does("phuxuan.cv", s.Code, "answer_consult", map[string]any{"question": "1", "opinion": "Đang bị tố cáo."})
	w.citizen("nguoidan").Get("/ho-so/"+string(s.Code)).At(http.StatusOK).Has("Đang xác định cơ quan có thẩm quyền", "Xác định trước").
		Lacks("Nghi khai sai", "gian dối", "tố cáo")
}
