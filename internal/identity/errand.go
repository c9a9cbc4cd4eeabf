// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"encoding/json"
	"time"

	"motcua/internal/db"
	"motcua/internal/refusal"
)

// errandFor is how long an answer of a device or an identity provider is waited for.
const errandFor = 10 * time.Minute

// sendOut notes what an answer from outside will be held against, and returns the
// secret that names it. It lies sealed: what somebody had typed may go along.
func (r *Register) sendOut(ctx context.Context, kind string, what any) (string, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return "", err
	}
	secret, now := randomSecret(), r.Now()
	return secret, r.DB.Write(ctx, func(tx *db.Tx) error {
		sealed, err := tx.Vault().SealText(errandPlace(secret), string(body))
		if err != nil {
			return err
		}
		tx.Exec(`DELETE FROM errand WHERE expires_at < $1`, now.UnixMilli())
		tx.Exec(`INSERT INTO errand (hash, kind, body, expires_at) VALUES ($1, $2, $3, $4)`, digest(secret), kind, sealed, now.Add(errandFor).UnixMilli())
		return nil
	})
}

// comeBack takes what was noted, once; an answer that comes twice, too late or
// uncalled for is refused (Invalid).
func (r *Register) comeBack(ctx context.Context, kind, secret string, what any) error {
	return r.DB.Write(ctx, func(tx *db.Tx) error {
		var body string
		found, err := tx.One(`SELECT body FROM errand WHERE hash = $1 AND kind = $2 AND expires_at > $3`, []any{digest(secret), kind, r.Now().UnixMilli()}, &body)
		if err != nil {
			return err
		}
		if !found {
			return refusal.New(refusal.Invalid, "identity.errand.over")
		}
		tx.ExecOne(`DELETE FROM errand WHERE hash = $1`, digest(secret))
		if body, err = tx.Vault().OpenText(errandPlace(secret), body); err != nil {
			return err
		}
		return json.Unmarshal([]byte(body), what)
	})
}

func errandPlace(secret string) string { return "errand/" + digest(secret) }
