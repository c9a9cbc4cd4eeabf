// SPDX-License-Identifier: Apache-2.0

// Package demo is a small province as data: Huế with its agencies, officers,
// citizens and real procedures, one folder each. Identifiers below H57 and all
// persons are invented. Start at province.json.
package demo

import (
	"embed"
	"io/fs"
)

//go:embed province.json terms.json blocks.json schedule.csv procedures
var files embed.FS

// Files is the province's data.
var Files fs.FS = files
