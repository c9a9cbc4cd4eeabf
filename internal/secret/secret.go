// SPDX-License-Identifier: Apache-2.0

// Package secret reads what must stay secret – keys, passwords – from files, and
// keeps it from being shown. A secret is in a file that only its owner can read,
// or in the environment; never in the database or on a command line, which every
// user of the machine can read. Start at Read.
package secret

import (
	"net/url"
	"os"
	"regexp"
	"strings"

	"motcua/internal/refusal"
)

// Read reads a secret from a file; one that others can read is refused.
func Read(path string) ([]byte, error) {
	if err := Private(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// othersMay are the rights to a file that its owner's group (to change) and all
// others (at all) must not have. A group may read, as those of services do.
const othersMay = 0o027

// Private refuses a file that others can read or change.
func Private(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&othersMay != 0 {
		return refusal.New(refusal.NotAllowed, "secret.open", "file", path, "mode", mode.String())
	}
	return nil
}

// Weak is true for a key that somebody typed, not one that was drawn by lot: of 32
// bytes by lot, at least 20 differ.
func Weak(key []byte) bool {
	seen := map[byte]bool{}
	for _, b := range key {
		seen[b] = true
	}
	return len(seen) < 20
}

// inWords is a password in the words of a database's address, and inQuery a secret in
// the query of any.
var (
	inWords = regexp.MustCompile(`(?i)(\b(?:ssl)?password\s*=\s*)('[^']*'|[^\s&]+)`)
	inQuery = regexp.MustCompile(`(?i)([?&](?:access_?token|token|api_?key|access_?key|client_?secret|secret|sig|signature)=)([^\s&#]+)`)
)

// Hide is a setting without the password, or another secret, in it.
func Hide(value string) string {
	if u, err := url.Parse(value); err == nil && u.Host != "" {
		if _, ok := u.User.Password(); ok {
			u.User = url.UserPassword(u.User.Username(), "xxxxx")
			value = u.String()
		}
	} else if strings.Contains(value, "://") { // cannot be read, but may hold one
		if at := strings.LastIndex(value, "@"); at >= 0 {
			scheme, _, _ := strings.Cut(value, "://")
			value = scheme + "://xxxxx" + value[at:]
		}
	}
	return inQuery.ReplaceAllString(inWords.ReplaceAllString(value, "${1}xxxxx"), "${1}xxxxx")
}
