// SPDX-License-Identifier: Apache-2.0

// Command motcua is the portal and the one-stop of a province in one program.
package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"motcua/internal/refusal"
	"motcua/internal/web"
)

// commands are the flags and subcommands.
type commands struct {
	Demo     demoCmd     `cmd:"" help:"Mở tỉnh mẫu và phục vụ tại địa chỉ --listen. / Open the demo province and serve it."`
	Serve    serveCmd    `cmd:"" help:"Phục vụ. / Serve."`
	Import   importCmd   `cmd:"" help:"Nhập dữ liệu. / Import data."`
	Token    tokenCmd    `cmd:"" help:"Mã truy cập API. / API tokens."`
	Readmit  readmitCmd  `cmd:"" help:"Cấp cả hai phần mã để một cán bộ vào lại. / Give both parts of a code for an officer to come in."`
	Archive  archiveCmd  `cmd:"" help:"Gói hồ sơ lưu trữ. / Archive packages."`
	Verify   verifyCmd   `cmd:"" help:"Chứng minh cơ sở dữ liệu đúng. / Prove the database."`
	Vault    vaultCmd    `cmd:"" help:"Khóa mã hóa dữ liệu. / Keys that seal data."`
	Audit    auditCmd    `cmd:"" help:"Nhật ký hệ thống. / The journal."`
	Deadline deadlineCmd `cmd:"" help:"Tính thời hạn. / Compute due instants."`
	Config   configCmd   `cmd:"" help:"In các thiết lập của serve và mỗi giá trị lấy từ đâu. / Print the settings of serve and where each comes from."`
	Version  versionCmd  `cmd:"" help:"Phiên bản. / Version."`
}

func main() {
	slog.SetDefault(newLog(os.Stderr))
	var c commands
	parser := kong.Must(&c, kong.Name("motcua"), kong.Description("Một Cửa: cổng dịch vụ công và một cửa điện tử. / Public service portal and electronic one-stop."), kong.UsageOnError(),
		kong.DefaultEnvars("MOTCUA"), kong.Configuration(readSettings))
	if err := noSecrets(os.Args[1:]); err != nil {
		os.Exit(exit(usageError{err}))
	}
	ctx, err := parser.Parse(os.Args[1:])
	var wrong *kong.ParseError
	switch {
	case err == nil:
		err = ctx.Run()
	case errors.As(err, &wrong):
		err = usageError{fmt.Errorf("%w\nXem cách dùng / for usage: %s --help", err, strings.TrimSpace("motcua "+wrong.Context.Command()))}
	default:
		err = usageError{err}
	}
	os.Exit(exit(err))
}

// exit turns an error into an exit code: 1 refused or found wrong, 2 used wrongly.
func exit(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, "motcua:", say(err))
		return 2
	case errors.Is(err, errFound):
		return 1
	}
	fmt.Fprintln(os.Stderr, "motcua:", say(err))
	return 1
}

// say is the sentence of a refusal with every wrong field and what was said around
// it, such as the name of a file; or a fault as it is.
func say(err error) string {
	e := refusal.As(err)
	if e == nil {
		return err.Error()
	}
	said, name := web.Sentence("vi", e)+" / "+web.Sentence("en", e), ""
	var usage usageError
	if errors.As(err, &usage) {
		err, name = usage.error, "--"
	}
	for _, f := range e.Fields {
		at := f.Pointer
		if name != "" {
			at = name + strings.TrimPrefix(at, "/")
		}
		said += "\n  " + at + ": " + web.FieldSentence("vi", f)
	}
	if around := strings.Trim(strings.Replace(err.Error(), e.Error(), "", 1), ": \n"); around != "" {
		said += "\n  (" + around + ")"
	}
	return said
}
