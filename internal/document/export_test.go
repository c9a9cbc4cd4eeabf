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

// Examine says why a file is not taken, and how many pages it has, in this process.
func Examine(kind string, content []byte) (key string, pages int) {
	f := safely(examined[kind], content)
	return f.Key, f.Pages
}

// ExamineRaw is Examine without the net under it.
func ExamineRaw(kind string, content []byte) (key string, pages int) {
	f := examined[kind](content)
	return f.Key, f.Pages
}

// Recognise tells the kind of a file that begins so.
func Recognise(head []byte, kinds ...string) (string, error) {
	mediaType, err := Takes{Kinds: kinds}.recognise(head)
	return KindOf(mediaType), err
}

// ParseAnswer reads what clamd says.
var ParseAnswer = parseAnswer

// Named is the name under which a file of a kind is kept.
func Named(name, kind string) string { return named(CleanName(name), kind) }
