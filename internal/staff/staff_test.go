// SPDX-License-Identifier: Apache-2.0

package staff_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"motcua/demo"
	"motcua/internal/agency"
	"motcua/internal/audit"
	"motcua/internal/calendar"
	"motcua/internal/db"
	"motcua/internal/db/dbtest"
	"motcua/internal/dossier"
	"motcua/internal/identity"
	"motcua/internal/procedure"
	"motcua/internal/province"
	"motcua/internal/refusal"
	"motcua/internal/staff"
	"motcua/internal/workflow"
)

// house is the demo province with a clock the test moves.
type house struct {
	*testing.T
	*staff.Office
	now time.Time
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{T: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, calendar.Zone)}
	clock := func() time.Time { return h.now }
	d := dbtest.Open(t)
	must(province.Load(t.Context(), d, demo.Files, h.now))
	site := must(agency.OpenSite(t.Context(), d, clock))
	catalogue := must(procedure.OpenCatalogue(t.Context(), d))
	h.Office = &staff.Office{Site: site, Catalogue: catalogue, Register: &identity.Register{DB: d, Now: clock, SecondFactor: true},
		Book: &dossier.Book{DB: d, Catalogue: catalogue, Site: site, Now: clock, Followers: []dossier.Follower{dossier.Announce, dossier.NoteAssigned}}}
	return h
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// actor is an officer of the directory today.
func (h *house) actor(login string) dossier.Actor {
	h.Helper()
	a := must(h.Register.FindLogin(h.Context(), login))
	a.Level = identity.Double
	return dossier.ActorOf(a, h.Site.Directory(), calendar.DateOf(h.now))
}

func (h *house) officer(login string) *agency.Officer {
	for i := range h.Site.Directory().Officers {
		if o := &h.Site.Directory().Officers[i]; o.Login == login {
			return o
		}
	}
	return nil
}

const head = "login,name,role,agency,fields,procedures,territory,cleared,external,from,to\n"

// list reads lines below the heading.
func list(lines ...string) staff.List {
	return must(staff.Read(strings.NewReader(head + strings.Join(lines, "\n"))))
}

// said is a plan in short: who joins (+), moves (~), leaves (-), with posts.
func said(p staff.Plan) string {
	var b strings.Builder
	posts := func(mark string, list []agency.Post) {
		for _, x := range list {
			fmt.Fprintf(&b, " %s%s@%s", mark, x.Role, x.Agency)
			if mark != "" && !x.To.IsZero() {
				fmt.Fprintf(&b, "≤%s", x.To)
			}
		}
	}
	for mark, changes := range map[string][]staff.Change{"+": p.Joins, "~": p.Moves, "-": p.Leaves} {
		for _, c := range changes {
			fmt.Fprintf(&b, "%s%s", mark, c.Login)
			if c.Was != "" {
				fmt.Fprintf(&b, "(%s)", c.Name)
			}
			posts("+", c.Begins)
			posts("=", c.Lasts)
			posts("-", c.Ends)
			b.WriteString("; ")
		}
	}
	parts := strings.Split(strings.TrimSuffix(b.String(), "; "), "; ")
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// Who joins, moves, leaves, by what a list says and what it speaks of.
func TestPlans(t *testing.T) {
	for name, x := range map[string]struct {
		lines    []string
		whole    bool
		agencies []agency.ID
		want     string
	}{
		"as it is":                            {[]string{"bhxh,Lê Thị Hoài Thương,specialist,H57.41", "bhxh,Lê Thị Hoài Thương,head,H57.41", "bhxh,Lê Thị Hoài Thương,leader,H57.41"}, false, nil, ""},
		"joins":                               {[]string{"moi.vao,Hồ Thị Mới,specialist,H57.41"}, false, nil, "+moi.vao +specialist@H57.41"},
		"joins later":                         {[]string{"moi.vao,Hồ Thị Mới,specialist,H57.41,,,,,,1/1/2027,31/12/2027"}, false, nil, "+moi.vao +specialist@H57.41≤2027-12-31"},
		"was here in the past":                {[]string{"moi.vao,Hồ Thị Mới,specialist,H57.41,,,,,,1/1/2020,31/12/2020"}, false, nil, ""},
		"two posts, two remits":               {[]string{"moi.vao,Hồ Thị Mới,specialist,H57.41,,1.001193", "moi.vao,Hồ Thị Mới,specialist,H57.41,,,,x"}, false, nil, "+moi.vao +specialist@H57.41 +specialist@H57.41"},
		"renamed":                             {[]string{"bhxh,Lê Thị Hoài An,specialist,H57.41", "bhxh,Lê Thị Hoài An,head,H57.41", "bhxh,Lê Thị Hoài An,leader,H57.41"}, false, nil, "~bhxh(Lê Thị Hoài An)"},
		"loses two of three":                  {[]string{"bhxh,Lê Thị Hoài Thương,specialist,H57.41"}, false, nil, "~bhxh -head@H57.41≤2026-11-22 -leader@H57.41≤2026-11-22"},
		"another remit":                       {[]string{"chuyenvien2,Bùi Đức Anh,specialist,H57.12,,1.004859"}, false, nil, "~chuyenvien2 +specialist@H57.12 -specialist@H57.12≤2026-11-22"},
		"a last day":                          {[]string{"chuyenvien2,Bùi Đức Anh,specialist,H57.12,,,,,,,31/12/2026"}, false, nil, "~chuyenvien2 =specialist@H57.12≤2026-12-31"},
		"a last day of the past ends it then": {[]string{"chuyenvien2,Bùi Đức Anh,specialist,H57.12,,,,,,,30/9/2026"}, false, nil, "~chuyenvien2 -specialist@H57.12≤2026-09-30"},
		"now and later":                       {[]string{"chuyenvien2,Bùi Đức Anh,specialist,H57.12,,,,,,,31/12/2026", "chuyenvien2,Bùi Đức Anh,head,H57.12,,,,,,1/1/2027"}, false, nil, "~chuyenvien2 +head@H57.12 =specialist@H57.12≤2026-12-31"},
		"posts elsewhere stay":                {[]string{"chuyenvien2,Bùi Đức Anh,head,H57.12"}, true, nil, "~chuyenvien -specialist@H57.12≤2026-11-22; ~chuyenvien2 +head@H57.12 -specialist@H57.12≤2026-11-22; ~lanhdao -leader@H57.12≤2026-11-22; ~motcua -clerk@H57.12≤2026-11-22; ~truongphong -head@H57.12≤2026-11-22"},
		"not whole: nobody leaves":            {[]string{"moi.vao,Hồ Thị Mới,head,H57.41"}, false, nil, "+moi.vao +head@H57.41"},
		"not whole: others' agencies too":     {[]string{"moi.vao,Hồ Thị Mới,head,H57.41", "chuyenvien2,Bùi Đức Anh,specialist,H57.12"}, false, nil, "+moi.vao +head@H57.41"},
		"whole":                               {[]string{"bhxh,Lê Thị Hoài Thương,leader,H57.41"}, true, nil, "~bhxh -head@H57.41≤2026-11-22 -specialist@H57.41≤2026-11-22; ~chuyenvien -specialist@H57.41≤2026-11-22; ~lanhdao -leader@H57.41≤2026-11-22; ~motcua -clerk@H57.41≤2026-11-22; ~truongphong -head@H57.41≤2026-11-22"},
		"leaves":                              {[]string{"moi.vao,Hồ Thị Mới,leader,H57.102"}, true, []agency.ID{"H57.102"}, "+moi.vao +leader@H57.102; -phuxuan -clerk@H57.102≤2026-11-22 -cashier@H57.102.1≤2026-11-22 -clerk@H57.102.1≤2026-11-22; -phuxuan.cv -head@H57.102≤2026-11-22 -specialist@H57.102≤2026-11-22; -phuxuan.ld -leader@H57.102≤2026-11-22"},
		"moves to another agency":             {[]string{"chuyenvien2,Bùi Đức Anh,specialist,H57.17"}, false, []agency.ID{"H57.12", "H57.17", "H57.18", "H57.101"}, "~chuyenvien2 +specialist@H57.17 -specialist@H57.101≤2026-11-22 -specialist@H57.12≤2026-11-22 -specialist@H57.18≤2026-11-22"},
		"the administrator stays":             {[]string{"moi.vao,Hồ Thị Mới,leader,H57"}, true, nil, "+moi.vao +leader@H57; -dulieu -privacy@H57≤2026-11-22; -dulieu2 -privacy@H57≤2026-11-22"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			l := list(x.lines...)
			l.Whole, l.Agencies = x.whole, x.agencies
			p, err := h.Plan(t.Context(), h.Administrator(h.actor("quantri")), l)
			if got := said(p); err != nil || got != x.want {
				t.Errorf("%q %v\nwant %q", got, err, x.want)
			}
			if p.Spared != (name == "the administrator stays") {
				t.Errorf("spared %v", p.Spared)
			}
		})
	}
}

// Everything that is wrong is told at once, line by line, and nothing is done.
func TestWrongLines(t *testing.T) {
	h := open(t)
	l := list("bhxh,Lê Thị Hoài Thương,leader,H57.999", "Người Mới,x,leader,H57.41", "moi.vao,,leader,H57.41", "moi.vao,Hồ Thị Mới,trưởng,H57.41", "moi.vao,Hồ Thị Mới,head,H57.41,la,1.999999,H57.12,có thể,,31/2/2027",
		"moi.vao,Hồ Thị Mới,head,H57.41,,,,,,1/1/2027,31/12/2026", "moi.vao,Hồ Thị Mới,head,H57.41,,,,,x", "moi.vao,Hồ Thị Mới,head,H57.41,la,1.999999,H57.12", "moi.hai,Hồ Thị Hai,head,H57.41", "moi.hai,Hồ Thị Ba,head,H57.41", "nguoidan,Nguyễn Thị Hương Giang,clerk,H57.41")
	_, err := h.Plan(t.Context(), h.Administrator(h.actor("quantri")), l)
	var got []string
	if e := refusal.As(err); e != nil {
		for _, f := range e.Fields {
			got = append(got, f.Pointer+" "+strings.TrimPrefix(f.Key, "staff.list."))
		}
	}
	want := []string{"/2 agency", "/3 login", "/4 name", "/5 role", "/6 day", "/6 yes", "/6 field", "/6 procedure", "/6 territory", "/9 twice", "/7 order", "/8 external", "/9 field", "/9 procedure", "/9 territory", "/11 two_names", "/11 twice", "/12 taken"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	for name, x := range map[string]struct {
		by   staff.Administrator
		list staff.List
		key  string
	}{
		"oneself":                 {h.Administrator(h.actor("quantri")), list("quantri,Đặng Hữu Phước,admin,H57", "quantri,Đặng Hữu Phước,leader,H57"), "staff.list.oneself"},
		"oneself renamed":         {h.Administrator(h.actor("quantri")), list("quantri,Đặng Hữu Phúc,admin,H57"), "staff.list.oneself"},
		"the last administrator":  {h.Machine(), list("quantri,Đặng Hữu Phước,leader,H57"), "staff.list.last_administrator"},
		"of a later one":          {h.Machine(), list("quantri,Đặng Hữu Phước,leader,H57", "moi.vao,Hồ Thị Mới,admin,H57,,,,,,1/1/2027"), "staff.list.last_administrator"},
		"leaves, the last one":    {h.Machine(), staff.List{Rows: list("moi.vao,Hồ Thị Mới,leader,H57").Rows, Whole: true}, "staff.list.last_administrator"},
		"no administrator":        {h.Administrator(h.actor("lanhdao")), list("moi.vao,Hồ Thị Mới,leader,H57.41"), "staff.list.elsewhere"},
		"of another agency":       {staff.Administrator{Over: []agency.ID{"H57.102"}}, list("moi.vao,Hồ Thị Mới,clerk,H57.101.1"), "staff.list.elsewhere"},
		"outside what was named":  {h.Machine(), staff.List{Rows: list("moi.vao,Hồ Thị Mới,clerk,H57.101.1").Rows, Agencies: []agency.ID{"H57.102"}}, "staff.list.outside"},
		"an unknown agency named": {h.Machine(), staff.List{Rows: list("moi.vao,Hồ Thị Mới,clerk,H57.101.1").Rows, Agencies: []agency.ID{"H99"}}, "staff.list.agency"},
	} {
		_, err := h.Plan(t.Context(), x.by, x.list)
		if e := refusal.As(err); e == nil || !slices.ContainsFunc(e.Fields, func(f refusal.Field) bool { return f.Key == x.key }) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p, err := h.Plan(t.Context(), h.Machine(), list("quantri,Đặng Hữu Phước,leader,H57", "moi.vao,Hồ Thị Mới,admin,H57")); err != nil || said(p) != "+moi.vao +admin@H57; ~quantri +leader@H57 -admin@H57≤2026-11-22" {
		t.Errorf("an administrator follows another: %v %v", said(p), err)
	}
}

// The file of the directory changes nothing when it comes back, as CSV and as XLSX.
func TestWhatIsWrittenIsRead(t *testing.T) {
	h := open(t)
	by := h.Administrator(h.actor("quantri"))
	rows := h.Rows(by)
	if len(rows) < 40 {
		t.Fatalf("%d rows", len(rows))
	}
	var csv, xlsx bytes.Buffer
	if err := staff.WriteCSV(&csv, rows); err != nil {
		t.Fatal(err)
	}
	if err := h.WriteXLSX(&xlsx, "vi", rows); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]*bytes.Buffer{"csv": &csv, "xlsx": &xlsx} {
		l, err := staff.Read(file)
		if err != nil || len(l.Wrong) > 0 || len(l.Rows) != len(rows) {
			t.Fatal(name, err, l.Wrong, len(l.Rows))
		}
		l.Whole = true
		if p, err := h.Plan(t.Context(), by, l); err != nil || !p.Empty() || p.Spared || p.Same < 20 {
			t.Errorf("%s: %s %d %v", name, said(p), p.Same, err)
		}
	}
	for _, empty := range []string{"", "\n\n", head, "\ufeff" + head + "\n,,,\n"} {
		if _, err := staff.Read(strings.NewReader(empty)); !refusal.Is(err, refusal.Invalid) {
			t.Errorf("%q: %v", empty, err)
		}
	}
	for text, want := range map[string]string{
		"\ufeffHọ và tên;Tên đăng nhập;Cơ quan;Vai trò;Từ ngày\r\nHồ Thị  Mới;Moi.Vao;H57.41;Chuyên viên;1/2/2026\r\n":     "moi.vao Hồ Thị Mới specialist H57.41 2026-02-01",
		"\n\nlogin\tname\trole\tagency\tfrom\nmoi.vao\tHo\u0302\u0300 Thi\u0323 Mo\u031b\u0301i\tHEAD\tH57.41\t2026-02-01": "moi.vao Hồ Thị Mới head H57.41 2026-02-01",
		"login,name,role,agency,from,extra\n\nmoi.vao,\"Hồ Thị\nMới\",trưởng phòng,H57.41,46054,whatever":                  "moi.vao Hồ Thị Mới head H57.41 2026-02-01",
	} {
		l, err := staff.Read(strings.NewReader(text))
		if err != nil || len(l.Rows) != 1 || len(l.Wrong) > 0 {
			t.Errorf("%q: %+v %v", text, l, err)
			continue
		}
		r := l.Rows[0]
		if got := fmt.Sprint(r.Login, " ", r.Name, " ", r.Post.Role, " ", r.Post.Agency, " ", r.Post.From); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// book is a spreadsheet with a first sheet as it is given.
func book(t testing.TB, sheet io.Reader) []byte {
	t.Helper()
	var plain, out bytes.Buffer
	f := excelize.NewFile()
	if err := f.Write(&plain); err != nil {
		t.Fatal(err)
	}
	in, err := zip.NewReader(bytes.NewReader(plain.Bytes()), int64(plain.Len()))
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(&out)
	for _, part := range in.File {
		to, content := must(w.Create(part.Name)), io.Reader(must(part.Open()))
		if part.Name == "xl/worksheets/sheet1.xml" {
			content = sheet
		}
		if _, err := io.Copy(to, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Files that unpack to much, go on for ever or hold no text are refused, in
// little memory.
func TestHostileFiles(t *testing.T) {
	cell := func(at string) string { return `<c r="` + at + `" t="inlineStr"><is><t>x</t></is></c>` }
	sheet := func(rows string) io.Reader {
		return strings.NewReader(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`)
	}
	many := strings.Repeat(`<row>`+cell("A1")+`</row>`, 60_000)
	for name, file := range map[string][]byte{
		"a bomb":           book(t, io.LimitReader(zeros{}, 1<<28)),
		"the last row":     book(t, sheet(`<row r="1">`+cell("A1")+`</row><row r="1048576">`+cell("A1048576")+`</row>`)),
		"the last column":  book(t, sheet(`<row r="1">`+cell("XFD1")+`</row>`)),
		"many rows":        book(t, sheet(many)),
		"a broken sheet":   book(t, strings.NewReader("<worksheet><sheetData><row")),
		"an entity":        book(t, strings.NewReader(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData></worksheet>`)),
		"another encoding": []byte(head + "moi.vao,H\xf4 Th\xed,clerk,H57.41"),
		"no text":          []byte(head + "moi.vao,H\x00,clerk,H57.41"),
		"a quote":          []byte(head + `moi.vao,"Hồ`),
		"lines":            []byte(head + strings.Repeat("moi.vao,Hồ Thị Mới,clerk,H57.41\n", staff.Most+1)),
		"empty lines":      []byte(head + strings.Repeat("\n", 200_000) + "moi.vao,Hồ Thị Mới,clerk,H57.41\n"),
		"another program":  []byte("\x7fELF" + strings.Repeat("x", 100)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if l, err := staff.Read(bytes.NewReader(file)); refusal.As(err) == nil {
			t.Errorf("%s: %d rows, %v", name, len(l.Rows), err)
		}
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 200<<20 {
			t.Errorf("%s took %d MB", name, (after.TotalAlloc-before.TotalAlloc)>>20)
		}
	}
}

// take plans a list and takes it up.
func (h *house) take(by staff.Administrator, l staff.List) staff.Plan {
	h.Helper()
	p, err := h.Plan(h.Context(), by, l)
	if err != nil {
		h.Fatal(err)
	}
	done, err := h.TakeUp(h.Context(), by, l, p.Digest())
	if err != nil {
		h.Fatal(err)
	}
	return done
}

// Who leaves is out at once: sessions, tokens, factors and provider; what they had
// in hand goes back to the unit. Who comes back comes in as who joins does.
func TestLeaveAndReturn(t *testing.T) {
	h := open(t)
	ctx, by := t.Context(), h.Administrator(h.actor("quantri"))
	s := h.inHand("phuxuan.cv", "H57.102.1")
	_, secret, err := h.Register.SignIn(ctx, "phuxuan.cv", province.Password, identity.From{})
	if err != nil {
		t.Fatal(err)
	}
	token := must(h.Register.CreateToken(ctx, "phuxuan.cv", nil, identity.Double, time.Hour))
	away := agency.Absence{Account: h.officer("phuxuan.ld").Account, From: calendar.DateOf(h.now) + 9, To: calendar.DateOf(h.now) + 10, Substitute: h.officer("phuxuan.cv").Account}
	if err := h.Site.SaveAbsence(ctx, by.By, away); err != nil {
		t.Fatal(err)
	}
	l := list("phuxuan,Nguyễn Thị Diễm My,clerk,H57.102.1,,,,x", "phuxuan.ld,"+h.officer("phuxuan.ld").Name+",leader,H57.102,,,,x", "moi.vao,Hồ Thị Mới,specialist,H57.102,,,,x", "moi.vao,Hồ Thị Mới,head,H57.102,,,,x")
	l.Whole, l.Agencies = true, []agency.ID{"H57.102"}
	p, err := h.Plan(ctx, by, l)
	if err != nil || len(p.Leaves) != 1 || p.Leaves[0].Login != "phuxuan.cv" || len(p.Leaves[0].Hands) != 1 || p.Leaves[0].Hands[0] != (dossier.Hand{Account: h.officer("phuxuan.cv").Account, Agency: "H57.102", Open: 1}) {
		t.Fatalf("%+v %v", p, err)
	}
	if !slices.Equal(p.Leaves[0].For, []string{h.officer("phuxuan.ld").Name}) {
		t.Errorf("for whom: %q", p.Leaves[0].For)
	}
	if _, err := h.TakeUp(ctx, by, l, "another plan"); !refusal.Is(err, refusal.Conflict) || h.officer("moi.vao") != nil {
		t.Fatalf("taken up unseen: %v", err)
	}
	done := h.take(by, l)
	if n, err := h.Book.Release(ctx); n != 1 || err != nil {
		t.Errorf("%d released, %v", n, err)
	}
	if n, err := h.Book.Release(ctx); n != 0 || err != nil {
		t.Errorf("%d released once more, %v", n, err)
	}
	h.now = h.now.Add(time.Minute)
	if _, err := h.Register.Session(ctx, secret); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("session: %v", err)
	}
	if _, _, err := h.Register.Token(ctx, token); !refusal.Is(err, refusal.NotSignedIn) {
		t.Errorf("token: %v", err)
	}
	if _, _, err := h.Register.SignIn(ctx, "phuxuan.cv", province.Password, identity.From{}); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("sign in: %v", err)
	}
	if _, err := h.Register.CreateToken(ctx, "phuxuan.cv", nil, identity.Double, time.Hour); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("another token: %v", err)
	}
	if _, err := h.Readmit(ctx, by, h.officer("phuxuan.cv").Account); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("readmitted: %v", err)
	}
	if err := h.Site.SaveAbsence(ctx, by.By, away); !refusal.Is(err, refusal.Invalid) {
		t.Errorf("stands in: %v", err)
	}
	if o := h.officer("phuxuan.cv"); !o.Left || len(o.Posts) < 2 || o.Posts[0].To.String() != "2026-11-22" {
		t.Errorf("posts are not kept: %+v", o)
	}
	// The new specialist takes it, and history says how it came to be free.
	first := done.Joins[0].First
	second := must(h.Vouch(ctx, audit.By{Account: h.officer("phuxuan.ld").Account}, h.officer("moi.vao").Account))
	if _, _, err := h.Register.ComeIn(ctx, "moi.vao", first, second, "một mật khẩu mới", identity.From{}); err != nil {
		t.Fatal(err)
	}
	who := h.actor("moi.vao")
	now := must(h.Book.Find(ctx, who, s.Code))
	if now.Handler != "" || now.Assignee != 0 {
		t.Errorf("still in the hands of %s", now.Handler)
	}
	if _, err := h.Book.Act(ctx, who, s.Code, dossier.Request{Act: "claim", Version: now.Version}); err != nil {
		t.Error(err)
	}
	if f := must(h.Book.Open(ctx, who, s.Code)); !slices.ContainsFunc(f.Events, func(r dossier.Record) bool { return r.Kind() == "released" }) {
		t.Error("history does not say so")
	}
	if err := h.Book.Verify(ctx, func(f dossier.Finding) { t.Error(f) }, func(int64) {}); err != nil {
		t.Error(err)
	}
	back := list("phuxuan.cv," + h.officer("phuxuan.cv").Name + ",specialist,H57.102")
	if done = h.take(by, back); len(done.Joins) != 1 || done.Joins[0].First == "" || h.officer("phuxuan.cv").Left {
		t.Errorf("%+v", done)
	}
	if p, err := h.Plan(ctx, by, back); err != nil || !p.Empty() {
		t.Errorf("again: %s %v", said(p), err)
	}
}

// Who administers an agency lets in whom it has: not who moved to another one. What
// an officer is called, and was, stands in the journal and does not leave it.
func TestMovedOnIsAnothersToLetIn(t *testing.T) {
	h := open(t)
	by := h.Administrator(h.actor("quantri"))
	h.take(by, list("moi.qt,Hồ Thị Quản,admin,H57.102", "phuxuan.cv,Hồ Thị Đổi Tên,specialist,H57.41"))
	moved, theirs := h.officer("phuxuan.cv").Account, h.Administrator(h.actor("moi.qt"))
	if _, err := h.Readmit(t.Context(), theirs, moved); err != nil {
		t.Fatalf("with a post there: %v", err)
	}
	l := list("moi.qt,Hồ Thị Quản,admin,H57.102")
	for _, login := range []string{"phuxuan", "phuxuan.ld"} {
		for _, p := range h.officer(login).Posts {
			l.Rows = append(l.Rows, staff.Row{Login: login, Name: h.officer(login).Name, Post: p})
		}
	}
	l.Whole, l.Agencies = true, []agency.ID{"H57.102"}
	l.Rows = slices.DeleteFunc(l.Rows, func(r staff.Row) bool { return !h.Site.Directory().Below(r.Post.Agency, "H57.102") })
	h.take(by, l)
	if o := h.officer("phuxuan.cv"); o.Left || slices.ContainsFunc(o.Posts, func(p agency.Post) bool { return p.Agency == "H57.102" && staff.Held(p, calendar.DateOf(h.now)) }) {
		t.Fatalf("%+v", o)
	}
	if _, err := h.Readmit(t.Context(), theirs, moved); !refusal.Is(err, refusal.NotFound) {
		t.Errorf("the administrator of before: %v", err)
	}
	if _, err := h.Readmit(t.Context(), by, moved); err != nil {
		t.Errorf("the administrator of all: %v", err)
	}
	var out bytes.Buffer
	if err := audit.Export(t.Context(), h.Register.DB, audit.Writer(&out, "jsonl"), nil, false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"renamed"`) || strings.Contains(out.String(), "Hồ Thị") {
		t.Errorf("names leave: %s", out.String())
	}
}

// inHand files a dossier and brings it into a specialist's hands.
func (h *house) inHand(login string, at agency.ID) dossier.State {
	h.Helper()
	ctx := h.Context()
	f := must(h.Book.Sample(ctx, "1.001193", "vi"))
	f.Agency = at
	s := must(h.Book.Submit(ctx, h.actor("nguoidan"), f, nil))
	for range 10 {
		for _, who := range []string{"phuxuan", login} {
			offers := must(h.Book.Offers(ctx, h.actor(who), &s))
			if s.Handler != "" || len(offers) == 0 || offers[0].Aside && offers[0].Act != "claim" {
				continue
			}
			given := dossier.Filled(offers[0].Params)
			if offers[0].Act == "assign" {
				given["officer"] = login
			}
			s = must(h.Book.Act(ctx, h.actor(who), s.Code, dossier.Request{Act: offers[0].Act, Version: s.Version, Params: given}))
		}
	}
	if s.Handler == "" {
		h.Fatal("nobody handles it")
	}
	return s
}

// Whatever a list says: taken up, it changes nothing when it comes again; nothing
// it does not speak of changes; and posts are ended, never gone.
func TestTakenUpTwice(t *testing.T) {
	h := open(t)
	by := h.Administrator(h.actor("quantri"))
	r := rand.New(rand.NewPCG(4, 13))
	logins := []string{"phuxuan", "phuxuan.cv", "phuxuan.ld", "chuyenvien2", "bhxh", "moi.mot", "moi.hai", "moi.ba"}
	places := []agency.ID{"H57.102", "H57.102.1", "H57.41", "H57.12"}
	roles := []string{"clerk", "specialist", "head", "leader", "cashier", "admin"}
	days := []string{"", "", "1/1/2020", "1/10/2026", "23/11/2026", "1/12/2026", "1/6/2027"}
	changed := 0
	for n := range 120 {
		h.now = h.now.Add(time.Duration(r.IntN(30)) * time.Hour)
		names := map[string]string{}
		var lines []string
		for range 1 + r.IntN(8) {
			login := logins[r.IntN(len(logins))]
			if names[login] == "" {
				names[login] = fmt.Sprint("Người Thứ ", r.IntN(3))
			}
			lines = append(lines, fmt.Sprintf("%s,%s,%s,%s,,%s,,%s,,%s,%s", login, names[login], roles[r.IntN(len(roles))], places[r.IntN(len(places))], []string{"", "1.001193"}[r.IntN(2)], []string{"", "x"}[r.IntN(2)], days[r.IntN(len(days))], days[r.IntN(len(days))]))
		}
		l := list(lines...)
		l.Whole = r.IntN(2) == 0
		if r.IntN(3) == 0 {
			l.Agencies = []agency.ID{"H57.102", "H57.12"}
		}
		p, err := h.Plan(t.Context(), by, l)
		if refusal.Is(err, refusal.Invalid) {
			continue
		}
		before := h.posts()
		if done, err := h.TakeUp(t.Context(), by, l, p.Digest()); err != nil || said(done) != said(p) {
			t.Fatalf("%d %q: %s %v", n, lines, said(done), err)
		}
		changed++
		if again, err := h.Plan(t.Context(), by, l); err != nil || !again.Empty() {
			t.Fatalf("%d: %q whole %v %v\nfirst %s\nagain %s %v", n, lines, l.Whole, l.Agencies, said(p), said(again), err)
		}
		after := h.posts()
		for key, to := range before {
			now, there := after[key]
			if spoken := slices.ContainsFunc(p.Agencies, func(a agency.ID) bool { return h.Site.Directory().Below(key.Agency, a) }); !there || !spoken && now != to {
				t.Fatalf("%d %q: %+v was to %s, is to %s, there %v", n, lines, key, to, now, there)
			}
		}
		if !slices.ContainsFunc(h.Site.Directory().Officers, func(o agency.Officer) bool { return o.Login == "quantri" && !o.Left }) {
			t.Fatal("the administrator is gone")
		}
	}
	if changed < 30 {
		t.Errorf("only %d lists were right", changed)
	}
	if err := h.Book.DB.Read(t.Context(), func(tx *db.Tx) error {
		return audit.Verify(t.Context(), h.Book.DB, tx, func(where, detail string) { t.Error(where, detail) }, func(audit.Line) {})
	}); err != nil {
		t.Error(err)
	}
}

// postKey is what a post is told apart by.
type postKey struct {
	Account int64
	Role    workflow.Role
	Agency  agency.ID
	From    calendar.Date
	Remit   string
}

func (h *house) posts() map[postKey]calendar.Date {
	all := map[postKey]calendar.Date{}
	for _, o := range h.Site.Directory().Officers {
		for _, p := range o.Posts {
			all[postKey{p.Account, p.Role, p.Agency, p.From, fmt.Sprint(p.Remit)}] = p.To
		}
	}
	return all
}

// What comes as a list, whatever it is, is read or refused, never believed by half:
// a row that is read can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "moi.vao,Hồ Thị Mới,specialist,H57.41,,1.001193,H57.21.3,x,,1/1/2027,31/12/2027"))
	f.Add([]byte("\ufeffTên đăng nhập;Họ và tên;Vai trò;Cơ quan\r\n\"a\"\"b\";x;y;z"))
	f.Add([]byte("PK\x03\x04"))
	var file bytes.Buffer
	if err := staff.WriteCSV(&file, []staff.Row{{Login: "moi.vao", Name: "Hồ Thị Mới", Post: agency.Post{Role: workflow.Clerk, Agency: "H57.41", From: calendar.MustDate("2027-01-01"), Remit: agency.Remit{External: true}}}}); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, given []byte) { readsWhole(t, given) })
}

// The same of a spreadsheet, by its first sheet.
func FuzzSheet(f *testing.F) {
	row := func(cells ...string) (xml string) {
		for _, c := range cells {
			xml += `<c t="inlineStr"><is><t>` + c + `</t></is></c>`
		}
		return `<row>` + xml + `</row>`
	}
	f.Add([]byte(`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + row("login", "name", "role", "agency", "from") + row("moi.vao", "Hồ Thị Mới", "clerk", "H57.41", "46054") + `</sheetData></worksheet>`))
	f.Fuzz(func(t *testing.T, sheet []byte) { readsWhole(t, book(t, bytes.NewReader(sheet))) })
}

func readsWhole(t *testing.T, given []byte) {
	l, err := staff.Read(bytes.NewReader(given))
	if err != nil {
		if refusal.As(err) == nil {
			t.Fatal(err)
		}
		return
	}
	if len(l.Wrong) > 0 {
		return
	}
	var out bytes.Buffer
	if err := staff.WriteCSV(&out, l.Rows); err != nil {
		t.Fatal(err)
	}
	again, err := staff.Read(&out)
	if err != nil || len(again.Wrong) > 0 || len(again.Rows) != len(l.Rows) {
		t.Fatalf("%+v\n%+v %v", l.Rows, again, err)
	}
	for i, r := range again.Rows {
		want := l.Rows[i]
		if r.Line = want.Line; fmt.Sprint(r) != fmt.Sprint(want) {
			t.Fatalf("%+v, was %+v", r, want)
		}
	}
}
