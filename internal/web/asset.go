// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:embed static
var staticFiles embed.FS

// asset is a static file with its compressed copy and its digest.
type asset struct {
	plain, packed []byte
	mediaType     string
	hash          string
}

// assets are read and compressed once, at the first page. Style sheets come
// last: they name other files by addresses that hold their digests.
var assets = sync.OnceValue(func() map[string]asset {
	all, sheets := map[string]asset{}, map[string][]byte{}
	err := fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		plain, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "static/")
		if path.Ext(name) == ".css" {
			sheets[name] = plain
		} else {
			all[name] = pack(name, plain)
		}
		return nil
	})
	if err != nil {
		panic(err)
	}
	for name, plain := range sheets {
		addressed, err := addressURLs(plain, all)
		if err != nil {
			panic(fmt.Errorf("%s: %w", name, err))
		}
		all[name] = pack(name, addressed)
	}
	return all
})

func pack(name string, plain []byte) asset {
	sum := sha256.Sum256(plain)
	a := asset{plain: plain, hash: hex.EncodeToString(sum[:6]), mediaType: mime.TypeByExtension(path.Ext(name))}
	if path.Ext(name) == ".woff2" {
		a.mediaType = "font/woff2"
		return a
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	_, _ = z.Write(plain)
	_ = z.Close()
	a.packed = b.Bytes()
	return a
}

var localURL = regexp.MustCompile(`url\("([^":#]+)"\)`)

// addressURLs puts the address of a static file in the place of its name
// wherever a style sheet says url("font/name.woff2"). A name that is no static
// file is an error.
func addressURLs(sheet []byte, all map[string]asset) ([]byte, error) {
	var missing []string
	sheet = localURL.ReplaceAllFunc(sheet, func(url []byte) []byte {
		name := string(localURL.FindSubmatch(url)[1])
		a, ok := all[name]
		if !ok {
			missing = append(missing, name)
		}
		return []byte(`url("` + a.address(name) + `")`)
	})
	if missing != nil {
		return nil, fmt.Errorf("url of no static file: %s", strings.Join(missing, ", "))
	}
	return sheet, nil
}

func (a asset) address(name string) string { return "/tinh/" + a.hash + "/" + name }

// Asset is the address of a static file, which changes with its content so that
// it may be kept for ever. A name that is none is a mistake of the build.
func Asset(name string) string {
	a, ok := assets()[name]
	if !ok {
		panic("no static file " + name)
	}
	return a.address(name)
}

// Assets serves static files below /tinh/.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/tinh/"), "/")
		a, ok := assets()[name]
		if !ok || hash != a.hash {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.mediaType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("ETag", `"`+a.hash+`"`)
		h.Set("Vary", "Accept-Encoding")
		if r.Header.Get("If-None-Match") == `"`+a.hash+`"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		body := a.plain
		if a.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = a.packed
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
	})
}
