// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"

	"motcua/internal/audit"
	"motcua/internal/db"
	"motcua/internal/outgoing"
	"motcua/internal/refusal"
	"motcua/internal/secret"
	"motcua/internal/vault"
)

// keeping says where the key is that locks the keys of the site's vault.
type keeping struct {
	calling
	VaultKey string `help:"Tệp khóa mở kho khóa mã hóa, mặc định motcua.vault.key trong thư mục dữ liệu. / File of the key that locks the sealing keys, motcua.vault.key in the data folder by default." type:"path" placeholder:"FILE"`
	KMS      string `name:"kms" help:"Khóa ở dịch vụ quản lý khóa (Vault, OpenBao transit) thay cho tệp: https://MÁY/v1/transit/KHÓA. / A key of a key management service in place of the file." placeholder:"URL"`
	KMSToken string `name:"kms-token" help:"Tệp chứa mã truy cập dịch vụ quản lý khóa. / File with the token for the key service." type:"existingfile" placeholder:"FILE"`
}

// calling says what may be called beside the public network.
type calling struct {
	OutgoingAllow []string `help:"Địa chỉ nội bộ được phép gọi ra. / What may be called inside the network." placeholder:"CIDR|HOST"`
	OutgoingProxy string   `help:"Proxy cho mọi lời gọi ra. / Proxy for all outgoing calls." placeholder:"URL"`
}

// client makes the calls.
func (c calling) client() (*http.Client, error) {
	rules, err := outgoing.ParseRules(c.OutgoingAllow, c.OutgoingProxy)
	if err != nil {
		return nil, usageError{fmt.Errorf("--outgoing-allow, --outgoing-proxy: %w", err)}
	}
	return outgoing.Client(rules), nil
}

// keeper opens the key; a key file that is not there is made when make is true.
func (k keeping) keeper(file string, make bool) (vault.Keeper, error) {
	if k.KMS != "" {
		token, err := secret.Read(k.KMSToken)
		if err != nil {
			return nil, usageError{fmt.Errorf("--kms-token: %w", err)}
		}
		client, err := k.client()
		if err != nil {
			return nil, err
		}
		t, err := vault.NewTransit(k.KMS, strings.TrimSpace(string(token)), client)
		if err != nil {
			return nil, usageError{fmt.Errorf("--kms: %w", err)}
		}
		return t, nil
	}
	path := cmp.Or(k.VaultKey, file)
	text, err := secret.Read(path)
	if errors.Is(err, fs.ErrNotExist) && make {
		if err := makeFile(path, vault.NewKeyText()); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		text, err = secret.Read(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refusal.New(refusal.NotFound, "site.vault.missing", "file", path)
	}
	if err != nil {
		return nil, err
	}
	kept, err := vault.ReadKeyFile(string(text))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", refusal.New(refusal.Invalid, "site.vault.wrong", "file", path), err)
	}
	if key, err := hex.DecodeString(strings.TrimSpace(string(text))); err != nil || secret.Weak(key) {
		return nil, refusal.New(refusal.Invalid, "site.key.weak", "file", path)
	}
	return kept, nil
}

// unlock opens the vault of a site, which is made with the site.
func (w *where) unlock(ctx context.Context, d *db.DB) error {
	if w.VaultKey == "" {
		w.VaultKey = filepath.Join(w.Data, "motcua.vault.key")
	}
	locked, err := readLocked(ctx, d)
	if err != nil {
		return err
	}
	k, err := w.keeper(w.VaultKey, locked == nil)
	if err != nil {
		return err
	}
	if locked == nil {
		fresh, err := vault.New()
		if err != nil {
			return err
		}
		made, err := fresh.Lock(ctx, k)
		if err != nil {
			return fmt.Errorf("%w: %w", refusal.New(refusal.Unavailable, "site.vault.locked"), err)
		}
		if err := d.Write(ctx, func(tx *db.Tx) error {
			tx.Exec(`INSERT INTO vault (id, seals, digests) VALUES (1, $1, $2) ON CONFLICT DO NOTHING`, made.Seals, made.Digests)
			return nil
		}); err != nil {
			return err
		}
		if locked, err = readLocked(ctx, d); err != nil { // of who came first
			return err
		}
	}
	if d.Vault, err = vault.Unlock(ctx, k, *locked); err != nil {
		return fmt.Errorf("%w: %w", refusal.New(refusal.Unavailable, "site.vault.locked"), err)
	}
	return nil
}

// readLocked reads the locked keys; nil if the site has none.
func readLocked(ctx context.Context, d *db.DB) (*vault.Locked, error) {
	var l vault.Locked
	var found bool
	err := d.Read(ctx, func(tx *db.Tx) (err error) {
		found, err = tx.One(`SELECT seals, digests FROM vault WHERE id = 1`, nil, &l.Seals, &l.Digests)
		return err
	})
	if err != nil || !found {
		return nil, err
	}
	return &l, nil
}

// rewrapped is the one change by which the keys stay the same.
const rewrapped = "vault_rewrapped"

// vaultRevision is the name under which other processes see that keys changed.
const vaultRevision = "vault"

// changed is a vault that is being changed, with its keys as they lie.
type changed struct {
	*db.DB
	keeper vault.Keeper
	lies   vault.Locked
}

// store keeps the keys as they are now; refused (Conflict) if somebody else has
// changed them meanwhile, so that no key is lost with which something is sealed.
func (c *changed) store(ctx context.Context, what string) error {
	l, err := c.Vault.Lock(ctx, c.keeper)
	if err != nil {
		return err
	}
	err = c.Write(ctx, func(tx *db.Tx) error {
		tx.ExecOne(`UPDATE vault SET seals = $1, digests = $2 WHERE id = 1 AND seals = $3`, l.Seals, l.Digests, c.lies.Seals)
		if what != rewrapped {
			tx.Touch(vaultRevision)
		}
		return audit.By{}.Note(tx, time.Now(), audit.Configured, what, "key", fmt.Sprintf("%08x", c.Vault.Key()))
	})
	if errors.Is(err, db.ErrStale) {
		return refusal.New(refusal.Conflict, "site.vault.changed")
	}
	c.lies = l
	return err
}

// askAgain is how long keys that could not be taken up wait for the next try.
const askAgain = 10 * time.Second

// renewed takes up the keys that another process has changed.
func (k keeping) renewed(ctx context.Context, d *db.DB, failed func(error)) {
	known, _ := d.Revision(ctx, vaultRevision)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, err := d.Revision(ctx, vaultRevision)
		if err == nil && now != known {
			err = k.again(ctx, d)
		}
		if err == nil {
			known = now
		} else if ctx.Err() == nil {
			failed(err)
			_ = pause(ctx, askAgain)
		}
	}
}

func (k keeping) again(ctx context.Context, d *db.DB) error {
	locked, err := readLocked(ctx, d)
	if err != nil || locked == nil {
		return err
	}
	kept, err := k.keeper(k.VaultKey, false)
	if err != nil {
		return err
	}
	v, err := vault.Unlock(ctx, kept, *locked)
	if err == nil {
		d.Vault.Take(v)
	}
	return err
}

// vaultCmd changes the keys that seal.
type vaultCmd struct {
	Rotate rotateCmd `cmd:"" help:"Khóa mới, rồi mã hóa lại mọi dữ liệu bằng khóa ấy; hệ thống vẫn phục vụ. / A new key, then everything is sealed anew with it; the site goes on serving."`
	Reseal resealCmd `cmd:"" help:"Mã hóa lại những gì chưa dùng khóa hiện hành. / Seal anew what is not sealed with the present key."`
	Retire retireCmd `cmd:"" help:"Xóa các khóa không còn mã hóa gì. / Remove the keys with which nothing is sealed any more."`
	Vouch  vouchCmd  `cmd:"" help:"Nhận các dòng về quyền chưa có dấu của hệ thống (bản cũ, hoặc sửa tay) là đúng. / Vouch for rows that give rights and have no mark of the site: of an older version, or mended by hand."`
	Rewrap rewrapCmd `cmd:"" help:"Khóa kho khóa bằng tệp khóa hoặc dịch vụ khác. / Lock the sealing keys with another key file or key service."`
}

// keysKnown is in what time every process that serves the site has taken up new keys.
const keysKnown = 3 * time.Second

type rotateCmd struct{ where }

// Run adds a key, lets every process know it, makes it the one that seals, and seals
// everything anew.
func (c *rotateCmd) Run() error {
	return c.changing(func(ctx context.Context, d *changed) error {
		if err := d.Vault.Add(); err != nil {
			return err
		}
		if err := d.store(ctx, "vault_key_added"); err != nil {
			return err
		}
		if err := pause(ctx, keysKnown); err != nil {
			return err
		}
		if err := d.Vault.Promote(); err != nil {
			return err
		}
		if err := d.store(ctx, "vault_key_promoted"); err != nil {
			return err
		}
		if err := pause(ctx, keysKnown); err != nil { // until nobody seals with the old one
			return err
		}
		return resealAll(ctx, d.DB)
	})
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

type resealCmd struct{ where }

// Run goes on with what a rotation did not finish.
func (c *resealCmd) Run() error {
	return c.changing(func(ctx context.Context, d *changed) error { return resealAll(ctx, d.DB) })
}

func resealAll(ctx context.Context, d *db.DB) error {
	s, err := assemble(ctx, d, time.Now)
	if err != nil {
		return err
	}
	bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionShowCount(), progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionThrottle(200*time.Millisecond))
	var sealed int64
	err = s.book.Reseal(ctx, func(n int64) { sealed = n; _ = bar.Set64(n) })
	fmt.Fprintln(os.Stderr)
	if err != nil {
		return fmt.Errorf("%w (motcua vault reseal)", err)
	}
	left, err := s.book.Unrenewed(ctx)
	if err == nil {
		fmt.Printf("Đã xem %d, còn lại %d. / Looked at %d, %d left.\n", sealed, left, sealed, left)
	}
	return err
}

type vouchCmd struct{ where }

// Run names what it vouches for.
func (c *vouchCmd) Run() error {
	return c.changing(func(ctx context.Context, d *changed) error {
		return d.Write(ctx, func(tx *db.Tx) error {
			rows := tx.Vouch()
			for _, r := range rows {
				fmt.Println(r)
			}
			fmt.Printf("Đã nhận %d dòng là đúng. / %d rows vouched for.\n", len(rows), len(rows))
			return audit.By{}.Note(tx, time.Now(), audit.Configured, "rows_vouched", "rows", rows)
		})
	})
}

type retireCmd struct{ where }

// Run removes old keys, if nothing is sealed with them.
func (c *retireCmd) Run() error {
	return c.changing(func(ctx context.Context, d *changed) error {
		s, err := assemble(ctx, d.DB, time.Now)
		if err != nil {
			return err
		}
		left, err := s.book.Unrenewed(ctx)
		if err != nil {
			return err
		}
		if left > 0 {
			return refusal.New(refusal.Conflict, "site.vault.in_use", "n", left)
		}
		n, err := d.Vault.Retire()
		if err != nil {
			return err
		}
		fmt.Printf("Đã xóa %d khóa. / %d keys removed.\n", n, n)
		return d.store(ctx, "vault_keys_retired")
	})
}

type rewrapCmd struct {
	where
	To keeping `embed:"" prefix:"to-"`
}

// Run locks the keys with another key, and says what to start the site with.
func (c *rewrapCmd) Run() error {
	if c.To.VaultKey == "" && c.To.KMS == "" {
		return usageError{errors.New("--to-vault-key | --to-kms")}
	}
	return c.changing(func(ctx context.Context, d *changed) error {
		next, err := c.To.keeper("", true)
		if err != nil {
			return err
		}
		d.keeper = next
		if err := d.store(ctx, rewrapped); err != nil {
			return err
		}
		flag := "--vault-key " + c.To.VaultKey
		if c.To.KMS != "" {
			flag = "--kms " + c.To.KMS + " --kms-token " + c.To.KMSToken
		}
		for _, allowed := range c.To.OutgoingAllow {
			flag += " --outgoing-allow " + allowed
		}
		fmt.Println("Từ nay khởi động với / from now on start with:", flag)
		return nil
	})
}

// changing opens a site to change its keys.
func (w *where) changing(do func(ctx context.Context, d *changed) error) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d, err := w.openOld(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	k, err := w.keeper(w.VaultKey, false)
	if err != nil {
		return err
	}
	locked, err := readLocked(ctx, d)
	if err != nil {
		return err
	}
	if d.Vault, err = vault.Unlock(ctx, k, *locked); err != nil {
		return err
	}
	return do(ctx, &changed{d, k, *locked})
}
