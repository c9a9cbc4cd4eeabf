// SPDX-License-Identifier: Apache-2.0

package payment

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"motcua/internal/calendar"
)

// Platform is the payment platform of the national public service portal (Nền tảng
// thanh toán trực tuyến, messages of version 1.0.6): INIT gives the page to pay at,
// its server says CONFIRM, and it is asked by QUERY; GET_BILL gives its own receipt.
type Platform struct {
	URL         string
	Partner     string // MaDoiTac
	Secret      string
	Beneficiary Beneficiary
	Client      *http.Client
	Now         func() time.Time
}

// Beneficiary is the account that the platform pays to.
type Beneficiary struct {
	Bank    string `json:"bank"`
	Account string `json:"account"`
	Holder  string `json:"holder"`
}

// PlatformMessage is a message of the platform; each kind uses some of the fields.
type PlatformMessage struct {
	Kind        string           `json:"LoaiBanTin"`
	Code        string           `json:"MaLoi,omitempty"`
	Says        string           `json:"MoTaLoi,omitempty"`
	Version     string           `json:"PhienBan,omitempty"`
	Partner     string           `json:"MaDoiTac"`
	Ref         string           `json:"MaThamChieu"`
	Amount      string           `json:"SoTien,omitempty"`
	PayKind     string           `json:"LoaiHinhThanhToan,omitempty"`
	Channel     string           `json:"MaKenhThanhToan,omitempty"`
	Device      string           `json:"MaThietBi,omitempty"`
	Lang        string           `json:"NgonNgu,omitempty"`
	Currency    string           `json:"MaTienTe,omitempty"`
	Transaction string           `json:"MaGiaoDich,omitempty"`
	Bank        string           `json:"MaNganHang,omitempty"`
	Info        string           `json:"ThongTinGiaoDich,omitempty"`
	At          string           `json:"ThoiGianGD,omitempty"`
	Address     string           `json:"Ip,omitempty"`
	Receipt     *PlatformReceipt `json:"ThongTinBienLai,omitempty"`
	State       string           `json:"TrangThaiGD,omitempty"` // of a transaction: 1 paid, 0 not
	URL         string           `json:"UrlThanhToan,omitempty"`
	Bill        string           `json:"UrlBienLai,omitempty"`
	Sum         string           `json:"MaXacThuc"`
}

// PlatformReceipt is what the platform is told for its receipt.
type PlatformReceipt struct {
	Service string        `json:"MaDichVu"`
	Code    string        `json:"MaTTHC"`
	Name    string        `json:"TenTTHC"`
	Agency  string        `json:"MaDonVi"`
	Dossier string        `json:"MaHoSo"`
	Account string        `json:"TKThuHuong"`
	Bank    string        `json:"MaNHThuHuong"`
	Holder  string        `json:"TenTKThuHuong"`
	Says    string        `json:"NoiDungThanhToan"`
	Payer   string        `json:"HoTenNguoiNop"`
	Number  string        `json:"SoCMNDNguoiNop"`
	Address string        `json:"DiaChiNguoiNop"`
	Parts   []platformFee `json:"PhiLePhi"`
}

type platformFee struct {
	Kind   string `json:"LoaiPhi"` // 1 charge, 2 fee
	Code   string `json:"MaPhiLePhi"`
	Name   string `json:"TenPhiLePhi"`
	Amount string `json:"SoTien"`
}

// Sign is the check sum of a message with a secret.
func (m *PlatformMessage) Sign(secret string) string {
	list := []string{m.Kind, m.Version, m.Partner, m.Ref, m.At}
	switch m.Kind {
	case "INIT":
		list = []string{m.Kind, m.Version, m.Partner, m.Ref, m.Amount, m.PayKind, m.Channel, m.Device, m.Lang, m.Currency, m.Bank, m.Info, m.At, m.Address}
	case "CONFIRM":
		list = []string{m.Kind, m.Code, m.Partner, m.Ref, m.Amount, m.Currency, m.Transaction, m.Bank, m.At, m.Info}
	case "QUERY_RESULT":
		list = []string{m.Kind, m.Code, m.Partner, m.Ref, m.Amount, m.Transaction, m.At, m.State}
	case "INIT_RESULT", "BILL_RESULT":
		list = []string{m.Kind, m.Code, m.Partner, m.Ref, m.URL, m.Bill}
	}
	sum := sha256.Sum256([]byte(strings.Join(append(list, secret), "|")))
	return hex.EncodeToString(sum[:])
}

func (m *PlatformMessage) signed(secret string) bool {
	return subtle.ConstantTimeCompare([]byte(strings.ToLower(m.Sum)), []byte(m.Sign(secret))) == 1
}

func (g *Platform) call(ctx context.Context, m PlatformMessage, answer string) (PlatformMessage, error) {
	m.Version, m.Partner = "1.0.6", g.Partner
	m.Sum = m.Sign(g.Secret)
	var a PlatformMessage
	if err := postJSON(ctx, g.Client, g.URL, m, &a); err != nil {
		return a, fmt.Errorf("payment platform: %w", err)
	}
	if a.Kind != answer || !a.signed(g.Secret) || a.Ref != m.Ref {
		return a, ErrForged
	}
	return a, nil
}

// Start says INIT.
func (g *Platform) Start(ctx context.Context, o Order, v Visit) (Started, error) {
	r := &PlatformReceipt{Service: "2", Code: o.Procedure, Name: o.Title.VI, Agency: string(o.Agency), Dossier: o.Code, Account: g.Beneficiary.Account, Bank: g.Beneficiary.Bank, Holder: g.Beneficiary.Holder,
		Says: "Nộp phí, lệ phí hồ sơ " + o.Code, Payer: o.Payer.Name, Number: o.Payer.Number, Address: o.Payer.Address}
	for _, p := range o.Parts {
		kind := "1"
		if p.Kind == Phi {
			kind = "2"
		}
		r.Parts = append(r.Parts, platformFee{kind, p.Fee, p.Name.VI, strconv.FormatInt(int64(p.Amount), 10)})
	}
	a, err := g.call(ctx, PlatformMessage{Kind: "INIT", Ref: string(o.Ref), Amount: strconv.FormatInt(int64(o.Amount), 10), PayKind: "PAY", Channel: "1", Device: "1", Lang: "vi-VN", Currency: "VND", Bank: "PAYMENT",
		Info: plain("Phi le phi "+o.Code, 200), At: o.CreatedAt.In(calendar.Zone).Format(vnpayTime), Address: v.Address, Receipt: r}, "INIT_RESULT")
	if err != nil {
		return Started{}, err
	}
	if a.Code != "00" || a.URL == "" {
		return Started{}, fmt.Errorf("payment platform: INIT answers %s %s", a.Code, a.Says)
	}
	return Started{URL: a.URL}, nil
}

// Read reads CONFIRM.
func (g *Platform) Read(r *http.Request) ([]Notice, Answer, error) {
	var m PlatformMessage
	answer := func(w http.ResponseWriter, outcomes []Outcome, err error) {
		code := "99"
		if err == nil && len(outcomes) == 1 {
			code = map[Outcome]string{Settled: "00", Noted: "00", Over: "00", Stray: "00", Again: "00", Unknown: "01", Mismatch: "04"}[outcomes[0]]
		} else if err == ErrForged {
			code = "97"
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"MaLoi": code, "MoTaLoi": vnpaySays[code]})
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 64<<10)).Decode(&m); err != nil {
		return nil, answer, fmt.Errorf("payment platform: %w", err)
	}
	if m.Kind != "CONFIRM" || m.Partner != g.Partner || !m.signed(g.Secret) {
		return nil, answer, ErrForged
	}
	n, err := g.notice(m, m.Code == "00")
	return []Notice{n}, answer, err
}

func (g *Platform) notice(m PlatformMessage, paid bool) (Notice, error) {
	amount, err := strconv.ParseInt(m.Amount, 10, 64)
	if err != nil || amount < 0 || VND(amount) > most {
		return Notice{}, fmt.Errorf("payment platform: amount %q", m.Amount)
	}
	at, err := time.ParseInLocation(vnpayTime, m.At, calendar.Zone)
	if err != nil {
		at = g.Now()
	}
	return Notice{Ref: Ref(m.Ref), Bank: m.Transaction, Amount: VND(amount), Paid: paid, At: at}, nil
}

// Ask says QUERY.
func (g *Platform) Ask(ctx context.Context, o Order) (Notice, error) {
	a, err := g.call(ctx, PlatformMessage{Kind: "QUERY", Ref: string(o.Ref), At: g.Now().In(calendar.Zone).Format(vnpayTime)}, "QUERY_RESULT")
	switch {
	case err != nil:
		return Notice{}, err
	case a.Code == "01", a.Code == "00" && a.State == "":
		return Notice{}, ErrPending
	case a.Code != "00":
		return Notice{}, fmt.Errorf("payment platform: QUERY answers %s %s", a.Code, a.Says)
	}
	return g.notice(a, a.State == "1")
}

// Bill says GET_BILL: the address of the platform's own receipt of an order.
func (g *Platform) Bill(ctx context.Context, o Order) (string, error) {
	a, err := g.call(ctx, PlatformMessage{Kind: "GET_BILL", Ref: string(o.Ref), At: g.Now().In(calendar.Zone).Format(vnpayTime)}, "BILL_RESULT")
	if err == nil && a.Code != "00" {
		err = ErrPending
	}
	return a.Bill, err
}
