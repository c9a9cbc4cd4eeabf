// SPDX-License-Identifier: Apache-2.0

package privacy

import (
	"fmt"
	"strings"

	"motcua/internal/calendar"
	"motcua/internal/pdf"
	"motcua/internal/regime"
)

// breachKindNames are the kinds of breaches as papers say them.
var breachKindNames = map[string]string{
	"confidentiality": "Lộ, bị xem hoặc bị lấy dữ liệu", "integrity": "Dữ liệu bị sửa trái phép", "availability": "Mất dữ liệu hoặc không truy cập được",
}

// Paper draws the notice of a breach to the ministry, as it is known now; the same
// entries give the same paper.
func (o *Office) Paper(b *Breach) ([]byte, error) {
	home, made := o.Home(), b.Entries[len(b.Entries)-1].At
	agency, place := "", ""
	if home != nil {
		day := calendar.DateOf(made)
		agency, place = o.Site.Directory().NameOn(home.ID, day, "vi"), o.Site.Directory().PlaceOn(home.ID, day)
	}
	law := regime.FindDataLaw(b.Law)
	p := pdf.New(pdf.Options{Title: "Thông báo vi phạm quy định về bảo vệ dữ liệu cá nhân " + b.Number, Subject: b.Title, CreatedAt: made, Author: agency, Footer: b.Number})
	p.Letterhead("", strings.ToUpper(agency))
	p.NumberAndDate("Số: "+b.Number, strings.TrimPrefix(place+", "+calendar.LongDate(made), ", "))
	p.Title("THÔNG BÁO", "Vi phạm quy định về bảo vệ dữ liệu cá nhân")
	p.Field("Kính gửi", "Bộ Công an (Cục An ninh mạng và phòng, chống tội phạm sử dụng công nghệ cao – A05)")
	p.Para("Căn cứ "+law.BreachBy+", "+agency+" thông báo như sau:", "")
	p.Field("1. Vụ việc", b.Title)
	p.Field("Loại vi phạm", breachKindNames[b.Kind])
	if b.HappenedAt.IsZero() {
		p.Field("Xảy ra lúc", "chưa xác định")
	} else {
		p.Field("Xảy ra lúc", calendar.HourAndDate(b.HappenedAt))
	}
	p.Field("Phát hiện lúc", calendar.HourAndDate(b.NoticedAt))
	p.Field("2. Diễn biến", b.What)
	p.Field("3. Chủ thể dữ liệu bị ảnh hưởng", b.Whose)
	if b.HowMany > 0 {
		p.Field("Số người (ước tính)", fmt.Sprint(b.HowMany))
	} else {
		p.Field("Số người (ước tính)", "chưa xác định")
	}
	p.Field("4. Loại dữ liệu", b.Data)
	p.Field("5. Hậu quả, thiệt hại có thể xảy ra", orUnknown(b.Consequences))
	p.Field("6. Biện pháp đã và sẽ thực hiện", orUnknown(b.Measures))
	contact := b.Entries[0].Name
	if home != nil && home.Phone != "" {
		contact += ", " + home.Phone
	}
	p.Field("7. Cán bộ bảo vệ dữ liệu", contact)
	p.Field("Hạn thông báo (72 giờ)", calendar.HourAndDate(b.NotifyBy))
	if b.Late(made) {
		p.Field("Thông báo chậm", "phải nêu lý do")
	}
	p.Para("Những nội dung chưa xác định được thông báo bổ sung ngay khi có.", "I")
	p.Signatures(pdf.Signature{Office: []string{"CÁN BỘ BẢO VỆ DỮ LIỆU"}, Note: "(Ký, ghi rõ họ tên)", Name: b.Entries[len(b.Entries)-1].Name},
		pdf.Signature{Office: []string{"THỦ TRƯỞNG CƠ QUAN"}, Note: "(Ký, đóng dấu)"})
	return p.Bytes()
}

func orUnknown(s string) string {
	if s == "" {
		return "chưa xác định"
	}
	return s
}
