// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"net/http"

	"motcua/internal/privacy"
)

// Routes adds the citizen's pages to a mux, and the page for addresses that do
// not exist.
func (p *Portal) Routes(mux *http.ServeMux) {
	open := func(pattern string, h handler) { mux.Handle(pattern, p.answer(h)) }
	own := func(pattern string, h handler) { mux.Handle(pattern, p.answer(signedIn(h))) }

	open("/", showMissing)
	open("GET /{$}", showHome)
	open("GET /tro-giup", showHelp)
	open("GET /so-lieu", showFigures)
	open("GET /gian-doan", showOutages)

	open("GET /thu-tuc", findProcedures)
	open("GET /thu-tuc/{code}", showProcedure)
	own("GET /thu-tuc/{code}/bat-dau", chooseDraft)

	own("POST /ho-so/nhap", beginDraft)
	own("GET /ho-so/nhap/{draft}", showDraft)
	own("GET /ho-so/nhap/{draft}/nguoi-nop", askApplicant)
	own("POST /ho-so/nhap/{draft}/nguoi-nop", saveApplicant)
	own("GET /ho-so/nhap/{draft}/trang/{page}", askPage)
	own("POST /ho-so/nhap/{draft}/trang/{page}", savePage)
	mux.Handle("POST /ho-so/nhap/{draft}/luu", p.autosave())
	own("GET /ho-so/nhap/{draft}/giay-to", askPapers)
	mux.Handle("POST /ho-so/nhap/{draft}/giay-to", p.answerForm(signedIn(attachPapers), true))
	own("POST /ho-so/nhap/{draft}/giay-to/bo", detachPaper)
	own("GET /ho-so/nhap/{draft}/tep/{file}", sendDraftFile)
	own("GET /ho-so/nhap/{draft}/nhan-ket-qua", askReturn)
	own("POST /ho-so/nhap/{draft}/nhan-ket-qua", saveReturn)
	own("GET /ho-so/nhap/{draft}/kiem-tra", checkDraft)
	own("POST /ho-so/nhap/{draft}/gui", sendDraft)
	own("GET /ho-so/nhap/{draft}/cung-khai", askInvite)
	own("POST /ho-so/nhap/{draft}/cung-khai", invite)
	own("GET /loi-moi/{invitation}", askInvitation)
	own("POST /loi-moi/{invitation}", answerInvitation)
	own("POST /ho-so/nhap/{draft}/bo", discardDraft)

	own("GET /ho-so", listDossiers)
	// Below /ho-so/{code} a mux of its own: to one mux, /ho-so/{code}/giay and
	// /ho-so/nhap/{draft} would be in conflict.
	mux.Handle("/ho-so/{code}", p.dossiers())
	mux.Handle("/ho-so/{code}/{rest...}", p.dossiers())

	open("GET "+payBack, comeBack)

	open("GET /tra-cuu", askLookup)
	open("POST /tra-cuu", lookup)

	open("GET /dang-nhap", askSignIn)
	open("POST /dang-nhap", signIn)
	open("POST /dang-nhap/qua/{provider}", goToProvider)
	open("GET "+providerBack, comeFromProvider)
	open("GET /dang-nhap/buoc-hai", askStep)
	open("POST /dang-nhap/buoc-hai", takeStep)
	open("POST /dang-nhap/buoc-hai/khoa/hoi", askNewPasskey)
	open("POST /dang-nhap/buoc-hai/khoa", addPasskey)
	open("POST /dang-nhap/khoa/hoi", askPasskey)
	open("POST /dang-nhap/khoa", passkeySignIn)
	open("GET /dang-nhap/vao-lai", askReadmit)
	open("POST /dang-nhap/vao-lai", readmit)
	open("POST /dang-xuat", signOut)
	open("GET /dang-ky", askSignUp)
	open("POST /dang-ky", signUp)
	own("GET /tai-khoan", oneself(askAccount))
	own("POST /tai-khoan", oneself(saveAccount))
	own("GET /tai-khoan/mat-khau", oneself(askPassword))
	own("POST /tai-khoan/mat-khau", oneself(changePassword))
	own("GET /tai-khoan/xac-thuc", askFactors)
	own("POST /tai-khoan/xac-thuc", addFactor)
	own("POST /tai-khoan/xac-thuc/doi", changeFactors)
	own("POST /tai-khoan/xac-thuc/khoa/hoi", askNewPasskey)
	own("POST /tai-khoan/xac-thuc/khoa", addPasskey)
	own("GET /tai-khoan/nang-muc", askRise)
	own("POST /tai-khoan/nang-muc", rise)
	own("GET /tai-khoan/phien", listSessions)
	own("POST /tai-khoan/phien", endSession)
	open("GET /quyen-rieng-tu", showPrivacy)
	own("GET /tai-khoan/du-lieu", oneself(showData))
	own("GET /tai-khoan/du-lieu/yeu-cau", oneself(askData))
	own("POST /tai-khoan/du-lieu/yeu-cau", oneself(fileRequest))
	own("GET /tai-khoan/du-lieu/yeu-cau/{number}", oneself(showRequest))
	own("GET /tai-khoan/du-lieu/yeu-cau/{number}/rut", oneself(askRequestBack))
	own("POST /tai-khoan/du-lieu/yeu-cau/{number}/rut", oneself(actOnRequest(privacy.ActWithdraw)))
	own("POST /tai-khoan/du-lieu/yeu-cau/{number}/khieu-nai", oneself(actOnRequest(privacy.ActComplain)))
	own("POST /tai-khoan/du-lieu/ban-sao", oneself(sendCopy))
	own("POST /tai-khoan/du-lieu/noi-lai", oneself(resumeUses))
	own("GET /tai-khoan/du-lieu/su-co/{number}", oneself(showBreach))
	open("GET /to-chuc", citizen(showOrganisations))
	open("POST /to-chuc/chon", citizen(actFor))
	open("POST /to-chuc/thoi", citizen(endMandate))
	open("GET /to-chuc/them", citizen(askOrganisation))
	open("POST /to-chuc/them", citizen(foundOrganisation))
	open("GET /to-chuc/thanh-vien", members(askMember))
	open("POST /to-chuc/thanh-vien", members(addMember))
}

// dossiers are the pages of dossiers that were sent.
func (p *Portal) dossiers() http.Handler {
	mux := http.NewServeMux()
	open := func(pattern string, h handler) { mux.Handle(pattern, p.answer(h)) }
	own := func(pattern string, h handler) { mux.Handle(pattern, p.answer(signedIn(h))) }
	open("/", showMissing)
	open("GET /ho-so/{code}", showDossier)
	own("GET /ho-so/{code}/da-nop", showSent)
	own("GET /ho-so/{code}/luot-xem", showViews)
	open("GET /ho-so/{code}/giay/{paper}", sendPaper)
	open("GET /ho-so/{code}/ket-qua/{id}", sendResult)
	own("GET /ho-so/{code}/tep/{file}", sendFile)
	own("POST /ho-so/{code}/bo-sung", beginSupplement)
	own("GET /ho-so/{code}/rut", askWithdrawal)
	own("POST /ho-so/{code}/rut", withdraw)
	own("GET /ho-so/{code}/danh-gia", askRating)
	own("POST /ho-so/{code}/danh-gia", rate)
	own("GET /ho-so/{code}/thanh-toan", askPay)
	own("POST /ho-so/{code}/thanh-toan", pay)
	own("GET /ho-so/{code}/thanh-toan/{ref}", showOrder)
	own("GET /ho-so/{code}/bien-lai/{receipt}", sendReceipt)
	return mux
}
