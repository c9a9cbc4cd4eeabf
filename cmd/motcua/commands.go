// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"motcua/demo"
	"motcua/internal/document"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/province"
)

// demoCmd opens the demo province and serves it.
type demoCmd struct {
	where
	serving
	SecondFactor bool `help:"Cán bộ phải đăng nhập hai lớp. / Officers sign in with a second factor."`
	Dossiers     int  `help:"Điền thêm cho đủ N hồ sơ rồi thoát. / Fill up to N dossiers and exit." placeholder:"N"`
}

// Run fills the province the first time, then serves it.
func (c *demoCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	filled, err := province.Load(ctx, d, demo.Files, time.Now())
	if err != nil {
		return err
	}
	if filled || c.Dossiers > 0 {
		s, err := assemble(ctx, d, time.Now)
		if err != nil {
			return err
		}
		if filled {
			fmt.Println("Đang điền tỉnh mẫu… / Filling the demo province…")
			if err := province.History(ctx, s.book, s.register, time.Now()); err != nil {
				return err
			}
			if err := province.Requests(ctx, s.privacy, s.book, s.register, time.Now()); err != nil {
				return err
			}
		}
		if c.Dossiers > 0 {
			return province.Fill(ctx, s.book, s.register, c.Dossiers, time.Now(), os.Stderr)
		}
	}
	tellGateways := func(string) {}
	if c.Payments == "" {
		if tellGateways, err = c.demoGateways(ctx, c.Data); err != nil {
			return err
		}
	}
	return c.serve(ctx, d, c.keeping, c.SecondFactor, func(address string) {
		tellGateways(address)
		greet(address)
	})
}

// greet prints where the pages are and who may sign in.
func greet(address string) {
	accounts, err := province.Accounts(demo.Files)
	if err != nil {
		return
	}
	address = named(address)
	fmt.Printf("\nMột Cửa – tỉnh mẫu / demo province\n  Công dân / citizens:  http://%s/\n  Cán bộ / officers:    http://%s/mot-cua\n  API:                  http://%s/api/v1/openapi.json\n\nTài khoản, mật khẩu %q / accounts, password %q:\n", address, address, address, province.Password, province.Password)
	for _, a := range accounts {
		role := "công dân / citizen"
		if a.Officer {
			var names []string
			for _, r := range a.Roles {
				names = append(names, roleNames[string(r)])
			}
			at := a.Agencies[0]
			if len(a.Agencies) > 1 {
				at = fmt.Sprintf("%d cơ quan / agencies", len(a.Agencies))
			}
			role = strings.Join(names, ", ") + " – " + at
		}
		fmt.Printf("  %-14s %-26s %s\n", a.Login, a.Name, role)
	}
	fmt.Println("\nDừng: Ctrl+C / stop: Ctrl+C")
}

// named is an address of this machine by its name: no browser keeps a passkey for a
// number.
func named(address string) string {
	for _, number := range []string{"127.0.0.1:", "[::1]:"} {
		if port, ok := strings.CutPrefix(address, number); ok {
			return "localhost:" + port
		}
	}
	return address
}

var roleNames = map[string]string{"clerk": "tiếp nhận / clerk", "specialist": "chuyên viên / specialist", "head": "trưởng phòng / head of unit",
	"leader": "lãnh đạo / leader", "cashier": "thủ quỹ / cashier", "admin": "quản trị / administrator", "privacy": "bảo vệ dữ liệu / data protection"}

// tokenCmd makes API tokens.
type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Tạo mã truy cập, in ra một lần. / Create a token and print it once."`
}

type tokenCreateCmd struct {
	where
	For     string        `required:"" help:"Tên đăng nhập. / Login." placeholder:"LOGIN"`
	Scope   []string      `help:"read, file, handle; để trống: mọi việc của tài khoản. / Empty: all the account may do."`
	Level   string        `default:"double" enum:"single,double,high" help:"Mức xác thực của người dùng mã: single, double, high. / Level of assurance of who uses it."`
	Expires time.Duration `default:"720h" help:"Thời gian hiệu lực. / How long it holds."`
}

// Run prints the token and nothing else.
func (c *tokenCreateCmd) Run() error {
	ctx := context.Background()
	s, err := c.openSite(ctx)
	if err != nil {
		return err
	}
	defer s.db.Close()
	var level identity.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return err
	}
	token, err := s.register.CreateToken(ctx, c.For, c.Scope, level, c.Expires)
	if err != nil {
		return err
	}
	fmt.Println(token)
	return nil
}

// errFound is something wrong that was told already.
var errFound = errors.New("found wrong")

// verifyCmd proves the database.
type verifyCmd struct {
	where
	Against string `type:"existingfile" placeholder:"FILE.jsonl" help:"Đối chiếu nhật ký với tệp đã kết xuất (audit export). / Hold the journal against lines exported before."`
}

// Run says what is wrong, and fails if anything is.
func (c *verifyCmd) Run() error {
	ctx := context.Background()
	s, err := c.openSite(ctx)
	if err != nil {
		return err
	}
	defer s.db.Close()
	var wrong, dossiers int64
	tell := func(what, where, detail string) {
		wrong++
		if wrong <= 1000 {
			fmt.Printf("%s %s: %s\n", what, where, detail)
		}
	}
	err = s.book.Verify(ctx, func(f dossier.Finding) { tell(f.What, f.Where, f.Detail) }, func(n int64) { dossiers = n })
	if err != nil {
		return err
	}
	if err := document.Verify(ctx, s.db, func(what, detail string) { tell("file", what, detail) }); err != nil {
		return err
	}
	if err := s.payments.Verify(ctx, func(where, detail string) { tell("money", where, detail) }); err != nil {
		return err
	}
	if err := s.db.VerifyMarks(ctx, func(where, detail string) { tell("right", where, detail) }); err != nil {
		return err
	}
	if err := s.privacy.Verify(ctx, func(where, detail string) { tell("privacy", where, detail) }); err != nil {
		return err
	}
	if err := c.against(ctx, s.db, func(where, detail string) { tell("journal", where, detail) }); err != nil {
		return err
	}
	fmt.Printf("Đã kiểm tra %d hồ sơ: %d sai lệch. / %d dossiers verified, %d wrong.\n", dossiers, wrong, dossiers, wrong)
	if wrong > 0 {
		return errFound
	}
	return nil
}

// version is set by a release.
var version string

// versionCmd prints what was built.
type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	v := cmp.Or(version, "devel")
	if info, ok := debug.ReadBuildInfo(); ok && version == "" && info.Main.Version != "" {
		v = info.Main.Version
	}
	fmt.Println("motcua", v)
	return nil
}
