// SPDX-License-Identifier: Apache-2.0

package desk

import "net/http"

// Routes adds the officers' pages to a mux.
func (d *Desk) Routes(mux *http.ServeMux) {
	page := func(pattern string, h handler) { mux.Handle(pattern, d.answer(h)) }

	page("/mot-cua/", showMissing)
	page("GET /mot-cua", showQueue)
	page("GET /mot-cua/hang-loat", listBatches)
	page("POST /mot-cua/hang-loat", doBatch)
	page("GET /mot-cua/hang-loat/{id}", showBatch)
	page("POST /mot-cua/in", printBatch)
	page("GET /mot-cua/tim", findDossiers)
	page("GET /mot-cua/thu-tuc/{code}", showProcedure)

	page("GET /mot-cua/ho-so/{code}", showDossier)
	page("POST /mot-cua/ho-so/{code}/vi-sao", sayWhy)
	page("POST /mot-cua/ho-so/{code}/viec/{act}", doAct)
	page("GET /mot-cua/ho-so/{code}/sua", askAgain)
	mux.Handle("POST /mot-cua/ho-so/{code}/sua", d.answerForm(receiveAgain, true))
	page("GET /mot-cua/ho-so/{code}/bo-sung", askAgain)
	mux.Handle("POST /mot-cua/ho-so/{code}/bo-sung", d.answerForm(receiveAgain, true))
	page("POST /mot-cua/ho-so/{code}/ghi-chu", saveNote)
	page("POST /mot-cua/ho-so/{code}/nhan", saveLabel)
	page("GET /mot-cua/ho-so/{code}/giay/{paper}", sendPaper)
	page("GET /mot-cua/ho-so/{code}/ket-qua/{id}", sendResult)
	page("GET /mot-cua/ho-so/{code}/tep/{file}", sendFile)
	page("GET /mot-cua/ho-so/{code}/du-thao", sendDraft)
	page("GET /mot-cua/ho-so/{code}/trinh-ky", sendToSign)

	page("GET /mot-cua/ho-so/{code}/goi", sendPackage)

	page("GET /mot-cua/luu-tru", showRecords)
	page("POST /mot-cua/luu-tru", addSchedule)
	page("GET /mot-cua/luu-tru/{round}", showRound)
	page("POST /mot-cua/luu-tru/{round}", decideRound)
	page("GET /mot-cua/luu-tru/{round}/goi", sendRoundPackages)

	page("GET /mot-cua/luot-xem", showViews)
	page("GET /mot-cua/huong-dan", showGuide)
	page("GET /mot-cua/giam-sat", showWatch)
	page("GET /mot-cua/ly-do", askReasons)
	page("POST /mot-cua/ly-do", saveReason)
	page("POST /mot-cua/ly-do/bo", dropReason)
	page("GET /mot-cua/gian-doan", askOutage)
	page("POST /mot-cua/gian-doan", saveOutage)
	page("GET /mot-cua/gian-doan/{outage}/giay", sendSlips)
	page("GET /mot-cua/vang-mat", askAbsence)
	page("POST /mot-cua/vang-mat", saveAbsence)
	page("GET /mot-cua/so-theo-doi", showRegister)
	page("GET /mot-cua/so-theo-doi.xlsx", exportRegister)
	page("GET /mot-cua/so-theo-doi.pdf", printRegister)
	page("GET /mot-cua/tiep-nhan", findCounter)
	page("GET /mot-cua/tiep-nhan/{procedure}", askCounter)
	mux.Handle("POST /mot-cua/tiep-nhan/{procedure}", d.answerForm(receiveCounter, true))
}
