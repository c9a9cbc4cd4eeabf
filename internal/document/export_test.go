// SPDX-License-Identifier: Apache-2.0

package document

import (
	"bytes"
	"io"
)

// Strip is what is kept of a picture.
func Strip(kind string, given []byte) ([]byte, error) {
	r := stripped(kind, bytes.NewReader(given))
	defer r.Close()
	return io.ReadAll(r)
}
