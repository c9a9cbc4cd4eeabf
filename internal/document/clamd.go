// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"motcua/internal/outgoing"
)

// Clamd is where ClamAV's daemon listens.
type Clamd struct{ network, address string }

// ParseClamd reads "unix:/path" or "tcp:host:port".
func ParseClamd(text string) (Clamd, error) {
	network, address, _ := strings.Cut(text, ":")
	if network == "unix" && strings.HasPrefix(address, "/") {
		return Clamd{network, address}, nil
	}
	if _, port, err := net.SplitHostPort(address); network == "tcp" && err == nil && port != "" {
		return Clamd{network, address}, nil
	}
	return Clamd{}, fmt.Errorf("unix:/path, tcp:host:port: %q", text)
}

// errDown says that nobody answers there.
var errDown = errors.New("clamd does not answer")

const (
	clamdTime  = 5 * time.Minute // for one file
	clamdDial  = 5 * time.Second
	clamdReply = 4096 // bytes
)

// scan has the daemon look at what copyTo writes: the name of what it found, "" for
// nothing. Whatever is not plainly one of these is an error.
func (c Clamd) scan(ctx context.Context, copyTo func(io.Writer) error) (found string, err error) {
	soon, cancel := context.WithTimeout(ctx, clamdDial)
	defer cancel()
	conn, err := outgoing.Dial(soon, c.network, c.address)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errDown, err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(clamdTime))
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	to := chunks{bufio.NewWriterSize(conn, 64<<10)}
	_, err = to.w.WriteString("zINSTREAM\x00")
	if err == nil {
		err = copyTo(to)
	}
	if err == nil {
		err = errors.Join(binary.Write(to.w, binary.BigEndian, uint32(0)), to.w.Flush())
	}
	// It may have answered before all was sent: what it says counts first.
	answer, readErr := bufio.NewReaderSize(io.LimitReader(conn, clamdReply), clamdReply).ReadString(0)
	if answer == "" {
		return "", fmt.Errorf("clamd ended: %w", errors.Join(err, readErr))
	}
	found, answerErr := parseAnswer(answer)
	if found != "" {
		return found, nil
	}
	return "", errors.Join(err, answerErr)
}

// chunks writes each piece with its length before it.
type chunks struct{ w *bufio.Writer }

func (c chunks) Write(p []byte) (int, error) {
	if len(p) == 0 { // would be the end
		return 0, nil
	}
	if err := binary.Write(c.w, binary.BigEndian, uint32(len(p))); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// parseAnswer reads "stream: OK" and "stream: Name FOUND", each ended by a zero.
func parseAnswer(answer string) (found string, err error) {
	text, whole := strings.CutSuffix(answer, "\x00")
	said, ours := strings.CutPrefix(text, "stream: ")
	name, bad := strings.CutSuffix(said, " FOUND")
	if name = strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), ""); whole && ours && bad && name != "" {
		return name, nil
	}
	if whole && ours && said == "OK" {
		return "", nil
	}
	return "", fmt.Errorf("clamd: %q", text)
}
