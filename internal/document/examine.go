// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"motcua/internal/refusal"
)

// Who takes apart a stranger's PDF or office file can be made to run for ever or
// to fill the memory. So it is done in a process of its own, this same program
// started as an examiner: it has nothing but the file, a few seconds and so much
// memory, and what becomes of it does not touch the site.

const (
	examiners    = 2 // at one time
	examineTime  = 10 * time.Second
	examineBytes = 320 << 20 // of memory
)

// examined are the kinds that an examiner looks into.
var examined = map[string]func(content []byte) findings{"pdf": examinePDF, "docx": examineOffice, "xlsx": examineOffice}

// findings are what an examiner says of a file: why it is not taken, or how many
// pages it has.
type findings struct {
	Key   string         `json:"key,omitempty"`
	Args  map[string]any `json:"args,omitempty"`
	Pages int            `json:"pages,omitempty"`
}

func refused(key string, args ...any) findings {
	e := refusal.New(refusal.Invalid, key, args...)
	return findings{Key: e.Key, Args: e.Args}
}

// The name of the variable that makes this program an examiner, of a kind.
const examinerFor = "MOTCUA_EXAMINE"

func init() {
	if kind := os.Getenv(examinerFor); kind != "" {
		os.Exit(beExaminer(examined[kind], os.Stdin, os.Stdout))
	}
}

// beExaminer reads a file, and writes what is found in it.
func beExaminer(examine func([]byte) findings, in io.Reader, out io.Writer) int {
	debug.SetMemoryLimit(examineBytes / 2) // from here on memory is used again rather than taken
	go endAt(examineBytes)
	var content bytes.Buffer
	if _, err := io.Copy(&content, in); err != nil || examine == nil {
		return 1
	}
	if err := json.NewEncoder(out).Encode(safely(examine, content.Bytes())); err != nil {
		return 1
	}
	return 0
}

// safely makes a panic over a file a refusal of it.
func safely(examine func([]byte) findings, content []byte) (f findings) {
	defer func() {
		if recover() != nil {
			f = refused("document.broken")
		}
	}()
	return examine(content)
}

// endAt ends the process once it takes so much memory.
func endAt(most uint64) {
	use := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	for {
		metrics.Read(use)
		if use[0].Value.Uint64()-use[1].Value.Uint64() > most {
			os.Exit(3)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// lately is what was found in contents that were handed in a short while ago: the
// same paper is often handed in again.
var lately = struct {
	sync.Mutex
	found map[string]findings
}{found: map[string]findings{}}

const mostLately = 1_000

// examineOnce is examine for a content that is known by its digest.
func examineOnce(ctx context.Context, kind, sha string, copyTo func(context.Context, io.Writer) error) (findings, error) {
	lately.Lock()
	f, known := lately.found[kind+sha]
	lately.Unlock()
	if known {
		return f, nil
	}
	f, err := examine(ctx, kind, copyTo)
	if err == nil && f.Key != unreadable {
		lately.Lock()
		defer lately.Unlock()
		if len(lately.found) >= mostLately {
			clear(lately.found)
		}
		lately.found[kind+sha] = f
	}
	return f, err
}

// unreadable is a file over which the examiner came to an end.
const unreadable = "document.unreadable"

var examinerFree = make(chan struct{}, examiners)

// examine has a file looked into that copyTo writes; kinds that nobody looks into
// are as they are.
func examine(ctx context.Context, kind string, copyTo func(context.Context, io.Writer) error) (findings, error) {
	if examined[kind] == nil {
		return findings{}, nil
	}
	select {
	case examinerFree <- struct{}{}:
		defer func() { <-examinerFree }()
	case <-ctx.Done():
		return findings{}, ctx.Err()
	}
	self, err := os.Executable()
	if err != nil {
		return findings{}, err
	}
	limited, cancel := context.WithTimeout(ctx, examineTime)
	defer cancel()
	c := exec.CommandContext(limited, self)
	c.Env, c.Dir, c.WaitDelay = []string{examinerFor + "=" + kind}, os.TempDir(), time.Second
	var said bytes.Buffer
	c.Stdout = &said
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return findings{}, fmt.Errorf("examine %s: %w", kind, err)
	}
	gone := &mouth{to: in}
	err = copyTo(limited, gone)
	_ = in.Close()
	ended := c.Wait()
	switch {
	case ctx.Err() != nil:
		return findings{}, ctx.Err()
	case err != nil && gone.err == nil && limited.Err() == nil:
		return findings{}, fmt.Errorf("examine %s: %w", kind, err) // the file could not be read
	}
	var f findings
	if ended != nil || json.Unmarshal(said.Bytes(), &f) != nil {
		slog.WarnContext(ctx, "examiner ended", "kind", kind, "error", errors.Join(ended, limited.Err()))
		return refused(unreadable), nil
	}
	return f, nil
}

// mouth tells a reader that has gone from content that could not be read.
type mouth struct {
	to  io.Writer
	err error
}

func (m *mouth) Write(p []byte) (int, error) {
	n, err := m.to.Write(p)
	if err != nil {
		m.err = err
	}
	return n, err
}
