// SPDX-License-Identifier: Apache-2.0

package documenttest

import (
	"encoding/binary"
	"hash/crc32"
)

// PixelBomb is a PNG that says it has sixty thousand dots each way.
func PixelBomb() []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	b = chunk(b, "IHDR", "\x00\x00\xea\x60\x00\x00\xea\x60\x08\x02\x00\x00\x00")
	return chunk(b, "IEND", "")
}

func chunk(b []byte, kind, body string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	b = append(b, kind+body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(kind+body)))
}
