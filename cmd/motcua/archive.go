// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"

	"motcua/internal/records"
	"motcua/internal/web"
)

// archiveCmd is about archive packages.
type archiveCmd struct {
	Check archiveCheckCmd `cmd:"" help:"Kiểm tra gói hồ sơ lưu trữ, không cần cơ sở dữ liệu. / Check an archive package; needs no database."`
}

type archiveCheckCmd struct {
	File string `arg:"" help:"Gói hồ sơ lưu trữ. / The package." placeholder:"FILE.zip"`
}

// Run says what is not as it was packed, and fails if anything is.
func (c *archiveCheckCmd) Run() error {
	file, err := os.Open(c.File)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	r, err := records.Check(file, info.Size())
	if err != nil {
		return err
	}
	for _, w := range r.Wrong {
		fmt.Printf("%s: %s\n", w.Path, web.T("vi", w.Key))
	}
	fmt.Printf("%s: %d tệp, %d byte, %d sai lệch; SHA-256 của bảng kê %s. / %d files, %d wrong.\n", r.Code, r.Files, r.Bytes, len(r.Wrong), r.Digest, r.Files, len(r.Wrong))
	if len(r.Wrong) > 0 {
		return errFound
	}
	return nil
}
