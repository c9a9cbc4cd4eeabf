// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"motcua/internal/db"
	"motcua/internal/refusal"
)

// TestMain lets the test binary be the program, so that exit codes are real.
func TestMain(m *testing.M) {
	if os.Getenv("MOTCUA_AS_PROGRAM") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// motcua runs the program and returns its exit code and what it said.
func motcua(t *testing.T, args ...string) (code int, out, told string) {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), "MOTCUA_AS_PROGRAM=1")
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// What is refused is said in sentences, with what was said around it, and never as a
// value of the program.
func TestSay(t *testing.T) {
	unknown := refusal.New(refusal.NotFound, "identity.login.unknown", "login", "ai-do")
	const sentence = "Không có tài khoản “ai-do”. / There is no account “ai-do”."
	for want, err := range map[string]error{
		sentence:                     unknown,
		sentence + "\n  (list.csv)":  fmt.Errorf("list.csv: %w", unknown),
		sentence + "\n  (disk full)": fmt.Errorf("%w: %w", unknown, errors.New("disk full")),
		sentence + "\n  (--for)":     usageError{fmt.Errorf("--for: %w", unknown)},
		"disk full":                  errors.New("disk full"),
	} {
		if got := say(err); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	if got := say(errors.Join(unknown)); got != sentence {
		t.Errorf("said %q", got)
	}
}

func TestCommands(t *testing.T) {
	folder := t.TempDir()
	data := filepath.Join(folder, "data")
	expect := func(want int, says string, args ...string) string {
		t.Helper()
		code, out, told := motcua(t, args...)
		if code != want || !strings.Contains(out+told, says) {
			t.Fatalf("motcua %s: exit %d, want %d, saying %q\n%s%s", strings.Join(args, " "), code, want, says, out, told)
		}
		if strings.Contains(told, "map[") {
			t.Errorf("motcua %s speaks Go: %s", strings.Join(args, " "), told)
		}
		return out
	}
	expect(0, "", "demo", "--data", data, "--dossiers", "1")
	expect(0, " 0 wrong", "verify", "--data", data)

	list := filepath.Join(folder, "list.csv")
	write := func(lines string) {
		t.Helper()
		if err := os.WriteFile(list, []byte("login,name,role,agency\n"+lines), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("moi.vao,Hồ Thị Mới,sếp,H57.9\n")
	expect(1, "không có vai trò “sếp”", "import", "staff", list, "--data", data)
	expect(1, "H57.9", "import", "staff", list, "--data", data)
	write("moi.vao,Hồ Thị Mới,leader,H57.102\n")
	expect(0, "Chưa áp dụng", "import", "staff", list, "--agency", "H57.102", "--data", data)
	expect(0, "phần thứ nhất", "import", "staff", list, "--agency", "H57.102", "--apply", "--data", data)
	expect(0, "Nothing changes", "import", "staff", list, "--agency", "H57.102", "--apply", "--data", data)
	expect(2, "no such file", "import", "staff", list+"x", "--data", data)
	if parts := strings.Fields(expect(0, "", "readmit", "moi.vao", "--data", data)); len(parts) != 2 || parts[0] == parts[1] {
		t.Errorf("parts %q", parts)
	}
	expect(1, "cán bộ", "readmit", "phuxuan", "--data", data)
	expect(1, "cán bộ", "readmit", "nguoidan", "--data", data)
	expect(0, " 0 wrong", "verify", "--data", data)

	token := expect(0, "", "token", "create", "--for", "motcua", "--scope", "read", "--data", data)
	if strings.Count(token, "\n") != 1 || len(token) < 20 || strings.ContainsAny(strings.TrimSpace(token), " \t") {
		t.Errorf("token %q", token)
	}
	expect(1, "nobody", "token", "create", "--for", "nobody", "--data", data)
	expect(1, "", "token", "create", "--for", "motcua", "--scope", "everything", "--data", data)

	lines := filepath.Join(folder, "catalogue.jsonl")
	line := func(code string) string { return `{"code":"` + code + `","name":"Thủ tục ` + code + `"}` }
	if err := os.WriteFile(lines, []byte(line("1.999001")+"\n{\"code\":\n"+line("1.999002")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := expect(0, "mới 2, thay đổi 0, như cũ 0", "import", "procedures", lines, "--data", data)
	if !strings.Contains(out, "dòng 2") {
		t.Errorf("the broken line is not named: %s", out)
	}
	expect(0, "mới 0, thay đổi 0, như cũ 2", "import", "procedures", lines, "--data", data)
	expect(2, "no such file", "import", "procedures", filepath.Join(folder, "none.jsonl"), "--data", data)
	expect(2, folder, "import", "procedures", folder, "--data", data)

	holidays := filepath.Join(folder, "2031.csv")
	if err := os.WriteFile(holidays, []byte("date,kind\n2031-01-01,holiday\n2031-01-05,swap_work\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(1, "2031-01-05", "import", "holidays", holidays, "--data", data) // a Sunday
	if err := os.WriteFile(holidays, []byte("date,kind\n2031-01-01,holiday\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	expect(0, "[2031]", "import", "holidays", holidays, "--data", data)
	expect(0, " 0 wrong", "verify", "--data", data) // what was received keeps its years
	expect(2, "no such file", "import", "holidays", filepath.Join(folder, "none.csv"), "--data", data)
	expect(2, "", "improt")
	expect(2, "", "serve", "--no-such-flag")
	expect(1, "motcua demo", "serve", "--data", filepath.Join(folder, "empty"), "--listen", "127.0.0.1:0")
	expect(2, "no data", "verify", "--data", filepath.Join(folder, "nowhere"))

	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(data, "motcua.db"))
	if err != nil {
		t.Fatal(err)
	}
	var code string
	err = d.Write(context.Background(), func(tx *db.Tx) error {
		if _, err := tx.One(`SELECT code FROM dossier ORDER BY id LIMIT 1`, nil, &code); err != nil {
			return err
		}
		tx.Exec(`UPDATE dossier SET progress = progress + 1 WHERE code = $1`, code)
		tx.Exec(`UPDATE post SET role = 'leader' WHERE role = 'clerk'`)
		return nil
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	expect(1, "state "+code, "verify", "--data", data)
	expect(1, "right post ", "verify", "--data", data)
}
