// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import "syscall"

// What the program writes – data, keys – is its owner's alone, also in a folder
// that was there before.
func init() { syscall.Umask(0o077) }
