// SPDX-License-Identifier: Apache-2.0

package province

import (
	"context"
	"time"

	"motcua/internal/calendar"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/privacy"
	"motcua/internal/regime"
)

// Requests gives the demo province a request about personal data that waits for its
// answer, and one that was carried out.
func Requests(ctx context.Context, o *privacy.Office, b *dossier.Book, r *identity.Register, now time.Time) error {
	actor := func(login string) (dossier.Actor, error) {
		a, err := r.FindLogin(ctx, login)
		return sure(a, b.Site.Directory(), calendar.DateOf(now)), err
	}
	asks, err := actor("nguoidan2")
	if err != nil {
		return err
	}
	officer, err := actor("dulieu")
	if err != nil {
		return err
	}
	done, err := o.Ask(ctx, asks, privacy.Asked{Right: regime.Object, Subject: identity.UseRemind, Text: "Tôi không muốn được nhắc về bản khai chưa gửi."})
	if err != nil {
		return err
	}
	if done, err = o.Act(ctx, officer, done.Number, privacy.ActAccept, privacy.Given{Version: done.Version, Text: "Yêu cầu hợp lệ, việc nhắc sẽ dừng ngay."}); err != nil {
		return err
	}
	if _, err = o.Act(ctx, officer, done.Number, privacy.ActDo, privacy.Given{Version: done.Version, Text: "Hệ thống không nhắc nữa."}); err != nil {
		return err
	}
	_, err = o.Ask(ctx, asks, privacy.Asked{Right: regime.Correct, Subject: "address", Value: "47 Nguyễn Sinh Cung, phường Vỹ Dạ, thành phố Huế", Text: "Số nhà ghi trong tài khoản không đúng."})
	return err
}
