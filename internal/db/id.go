// SPDX-License-Identifier: Apache-2.0

package db

import (
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// idEpoch is 1 January 2020 in UTC, in milliseconds.
const idEpoch = 1_577_836_800_000

var (
	// idProcess tells processes apart: 14 random bits are drawn once, because
	// drawing them for every id would let two busy processes meet in minutes.
	idProcess = rand.Int64N(1 << 14)
	idLast    atomic.Int64
)

// NewID makes an identifier: positive, 63 bits, later ones greater. From the
// top: 41 bits of milliseconds since 2020, 14 bits for the process, 8 bits
// that count within the millisecond. A process never makes the same twice;
// two processes only if both drew the same 14 bits.
func NewID() int64 {
	for {
		last := idLast.Load()
		next := max((time.Now().UnixMilli()-idEpoch)<<8, last+1)
		if idLast.CompareAndSwap(last, next) {
			return next>>8<<22 | idProcess<<8 | next&0xff
		}
	}
}
