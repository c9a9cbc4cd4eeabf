// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/schollz/progressbar/v3"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
)

// importCmd brings data of others in.
type importCmd struct {
	Procedures importProceduresCmd `cmd:"" help:"Nhập danh mục thủ tục hành chính quốc gia, mỗi dòng một thủ tục dạng JSON. / Import the national catalogue, one JSON object a line."`
	Schedule   importScheduleCmd   `cmd:"" help:"Nạp bảng thời hạn lưu trữ hồ sơ. / Load the record schedule."`
	Holidays   importHolidaysCmd   `cmd:"" help:"Nạp lịch nghỉ của một hay nhiều năm. / Load the holidays of one year or more."`
	Staff      importStaffCmd      `cmd:"" help:"Nhập danh sách cán bộ; không có --apply thì chỉ in các thay đổi. / Take up a list of officers; without --apply only say what it changes."`
}

// importHolidaysCmd loads the holidays of a year once they are announced.
type importHolidaysCmd struct {
	where
	File string `arg:"" help:"Tệp CSV có cột date và kind: holiday, observed, swap_off, swap_work. / CSV file with the columns date and kind." placeholder:"FILE.csv"`
}

// Run puts the years of the file in the place of what was known of them.
func (c *importHolidaysCmd) Run() error {
	return load(&c.where, c.File, calendar.ParseHolidays, func(ctx context.Context, s *site, holidays []calendar.Holiday) error {
		if err := s.site.Announce(ctx, audit.By{}, holidays); err != nil {
			return err
		}
		fmt.Println("Đã nạp lịch nghỉ các năm / loaded the holidays of", calendar.New(holidays, nil).Years())
		return nil
	})
}

// importScheduleCmd adds lines to the record schedule.
type importScheduleCmd struct {
	where
	File string `arg:"" help:"Tệp CSV có cột from, field, procedure, keep (years hoặc permanent), years, identity_days, name, basis. / CSV file with these columns." placeholder:"FILE.csv"`
}

// Run adds the lines of the file; those that apply already stay as they are.
func (c *importScheduleCmd) Run() error {
	return load(&c.where, c.File, agency.ParseSchedule, func(ctx context.Context, s *site, lines agency.Schedule) error {
		if err := s.site.AddSchedule(ctx, audit.By{}, lines); err != nil {
			return err
		}
		fmt.Printf("Đã nạp %d dòng, bảng thời hạn lưu trữ có %d dòng. / %d lines loaded, the record schedule has %d.\n", len(lines), len(s.site.Schedule()), len(lines), len(s.site.Schedule()))
		return nil
	})
}

// load reads a file whole and takes up what is in it.
func load[T any](w *where, name string, read func(io.Reader) (T, error), take func(ctx context.Context, s *site, what T) error) error {
	ctx := context.Background()
	file, err := os.Open(name)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	what, err := read(file)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s, err := w.openSite(ctx)
	if err != nil {
		return err
	}
	defer s.db.Close()
	return take(ctx, s, what)
}

type importProceduresCmd struct {
	where
	File string `arg:"" help:"Tệp JSONL; - là đầu vào chuẩn. / JSONL file; - is standard input." placeholder:"FILE.jsonl"`
	JSON bool   `name:"json" help:"Báo cáo dạng JSON, mỗi dòng một điều. / Report as JSON lines."`
}

// Run reads the file, showing how far it is on standard error, and reports on
// standard output line by line what was missing or wrong.
func (c *importProceduresCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	file, size := os.Stdin, int64(-1)
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return usageError{err}
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		if info.IsDir() {
			return usageError{fmt.Errorf("%s là thư mục / is a folder", c.File)}
		}
		file, size = f, info.Size()
	}
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	s, err := assemble(ctx, d, time.Now)
	if err != nil {
		return err
	}
	bar := progressbar.NewOptions64(size, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription("Nhập / import"), progressbar.OptionShowBytes(true), progressbar.OptionSetSpinnerChangeInterval(0), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	counted := progressbar.NewReader(file, bar)
	report, sums, err := s.catalogue.Import(ctx, &counted, time.Now())
	_ = bar.Finish()
	write := report.WriteText
	if c.JSON {
		write = report.WriteJSON
	}
	if e := write(os.Stdout); e != nil && err == nil {
		err = e
	}
	if !c.JSON {
		fmt.Printf("mới %d, thay đổi %d, như cũ %d\n", sums.New, sums.Changed, sums.Unchanged)
	}
	return err
}
