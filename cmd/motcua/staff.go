// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/refusal"
	"motcua/internal/staff"
	"motcua/internal/web"
)

// importStaffCmd takes up a list of officers and posts.
type importStaffCmd struct {
	where
	File   string   `arg:"" help:"Tệp CSV hoặc XLSX, như trang /mot-cua/can-bo tải về. / CSV or XLSX file, as /mot-cua/can-bo gives it." placeholder:"FILE"`
	Agency []string `help:"Cơ quan mà danh sách nói về, kể cả đơn vị trực thuộc; mặc định là các cơ quan có tên trong đó. / Agencies that the list speaks of, with all below; those that it names by default." placeholder:"H57.…"`
	Part   bool     `help:"Danh sách chỉ có người thay đổi: không ai rời. / The list has only who changes: nobody leaves."`
	Apply  bool     `help:"Áp dụng. / Take it up."`
}

// Run prints what the list changes, and does it if it was told to.
func (c *importStaffCmd) Run() error { return load(&c.where, c.File, staff.Read, c.take) }

func (c *importStaffCmd) take(ctx context.Context, s *site, l staff.List) error {
	l.Whole = !c.Part
	for _, id := range c.Agency {
		l.Agencies = append(l.Agencies, agency.ID(id))
	}
	office := s.office()
	plan, err := office.Plan(ctx, office.Machine(), l)
	if e := refusal.As(err); e != nil && len(e.Fields) > 0 {
		for _, f := range e.Fields {
			fmt.Println(web.FieldSentence("vi", f))
		}
		fmt.Fprintln(os.Stderr, "motcua:", web.Sentence("vi", e))
		return errFound
	}
	if err != nil {
		return err
	}
	if c.Apply && !plan.Empty() {
		hands := plan
		if plan, err = office.TakeUp(ctx, office.Machine(), l, plan.Digest()); err != nil {
			return err
		}
		for i := range plan.Leaves {
			plan.Leaves[i].Hands = hands.Leaves[i].Hands
		}
		for i := range plan.Moves {
			plan.Moves[i].Hands = hands.Moves[i].Hands
		}
		if _, err := s.book.Release(ctx); err != nil {
			return err
		}
	}
	tellPlan(os.Stdout, &plan)
	switch {
	case plan.Empty():
		fmt.Println("Không có gì thay đổi. / Nothing changes.")
	case !c.Apply:
		fmt.Println("Chưa áp dụng; thêm --apply để áp dụng. / Not taken up; add --apply to do it.")
	default:
		fmt.Println("Đã áp dụng. Mã vào lần đầu chỉ in một lần; phần thứ hai do trưởng đơn vị, lãnh đạo hoặc motcua readmit cấp. / Taken up. The codes are printed once; the second part comes from a head, a leader or motcua readmit.")
	}
	return nil
}

// tellPlan prints a plan, a line for each change.
func tellPlan(w io.Writer, p *staff.Plan) {
	var about []string
	for _, id := range p.Agencies {
		about = append(about, string(id))
	}
	fmt.Fprintln(w, "Nói về / speaks of:", strings.Join(about, ", "))
	for _, g := range []struct {
		mark    string
		changes []staff.Change
	}{{"+", p.Joins}, {"~", p.Moves}, {"-", p.Leaves}} {
		for _, c := range g.changes {
			fmt.Fprintf(w, "%s %s  %s\n", g.mark, c.Login, c.Name)
			if c.Was != "" {
				fmt.Fprintf(w, "    tên cũ / was: %s\n", c.Was)
			}
			tellPosts(w, "bắt đầu / begins", c.Begins)
			tellPosts(w, "đổi ngày cuối / lasts", c.Lasts)
			tellPosts(w, "kết thúc / ends", c.Ends)
			for _, h := range c.Hands {
				fmt.Fprintf(w, "    %d hồ sơ trở về đơn vị / dossiers go back to %s\n", h.Open, h.Agency)
			}
			if c.First != "" {
				fmt.Fprintf(w, "    mã, phần thứ nhất / code, first part: %s\n", c.First)
			}
		}
	}
	fmt.Fprintf(w, "vào / join %d, đổi / change %d, rời / leave %d, như cũ / same %d\n", len(p.Joins), len(p.Moves), len(p.Leaves), p.Same)
}

func tellPosts(w io.Writer, what string, posts []agency.Post) {
	for _, p := range posts {
		fmt.Fprintf(w, "    %s: %s %s %s…%s\n", what, p.Role, p.Agency, p.From, p.To)
	}
}

// office is where lists are taken up and officers let in.
func (s *site) office() *staff.Office {
	return &staff.Office{Site: s.site, Register: s.register, Catalogue: s.catalogue, Book: s.book}
}

// readmitCmd gives both parts of a code: who has the machine may, and so the first
// officers of a site come in.
type readmitCmd struct {
	where
	Login string `arg:"" help:"Tên đăng nhập. / Login." placeholder:"LOGIN"`
}

// Run prints the two parts, once.
func (c *readmitCmd) Run() error {
	ctx := context.Background()
	s, err := c.openSite(ctx)
	if err != nil {
		return err
	}
	defer s.db.Close()
	a, err := s.register.FindLogin(ctx, c.Login)
	if err != nil {
		return err
	}
	first, err := s.office().Readmit(ctx, s.office().Machine(), a.ID)
	if err != nil {
		return err
	}
	second, err := s.office().Vouch(ctx, audit.By{}, a.ID)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "Phần một và phần hai của mã, dùng một lần trong 7 ngày tại /dang-nhap/vao-lai; đưa cho đúng người. / Parts one and two of the code, for one use within 7 days at /dang-nhap/vao-lai; hand them to the right person.")
	fmt.Printf("%s\n%s\n", first, second)
	return nil
}
