// SPDX-License-Identifier: Apache-2.0

package documenttest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// EICAR is what every scanner takes for a virus, in two parts so that none finds it
// here.
const EICAR = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR` + `-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// ClamAV is Debian's daemon with a list of one virus.
type ClamAV struct {
	dir     string
	process *exec.Cmd
}

// NewClamAV makes a daemon that is not started yet, for as long as t runs.
func NewClamAV(t testing.TB) *ClamAV {
	t.Helper()
	dir, err := os.MkdirTemp("", "clamd") // the name of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	list := fmt.Sprintf("Eicar-Test:0:*:%x\n", EICAR)
	conf := fmt.Sprintf("LocalSocket %[1]s/clamd.sock\nTCPSocket %[2]d\nTCPAddr 127.0.0.1\nDatabaseDirectory %[1]s\nForeground yes\nStreamMaxLength 100M\nMaxThreads 4\nUser root\n", dir, freePort(t))
	if os.Getuid() != 0 {
		conf = strings.Replace(conf, "User root\n", "", 1)
	}
	for name, text := range map[string]string{"one.ndb": list, "clamd.conf": conf} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := &ClamAV{dir: dir}
	t.Cleanup(c.Stop)
	return c
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Socket is where it listens.
func (c *ClamAV) Socket() string { return filepath.Join(c.dir, "clamd.sock") }

// Start starts it and waits until it answers.
func (c *ClamAV) Start(t testing.TB) {
	t.Helper()
	program, err := exec.LookPath("clamd")
	if err != nil {
		program = "/usr/sbin/clamd"
	}
	var said bytes.Buffer
	c.process = exec.Command(program, "--config-file="+filepath.Join(c.dir, "clamd.conf"))
	c.process.Stdout, c.process.Stderr = &said, &said
	if err := c.process.Start(); err != nil {
		t.Fatal(err)
	}
	for range 300 {
		if conn, err := net.Dial("unix", c.Socket()); err == nil {
			conn.Close()
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.Stop()
	t.Fatalf("clamd does not start: %s", said.String())
}

// Stop ends it.
func (c *ClamAV) Stop() {
	if c.process != nil {
		_ = c.process.Process.Kill()
		_ = c.process.Wait()
		c.process = nil
	}
	_ = os.Remove(c.Socket())
}
