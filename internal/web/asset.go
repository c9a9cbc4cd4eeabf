// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
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

// assets are read and compressed once, at the first page.
var assets = sync.OnceValue(func() map[string]asset {
	all := map[string]asset{}
	err := fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		plain, err := staticFiles.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(plain)
		a := asset{plain: plain, hash: hex.EncodeToString(sum[:6]), mediaType: mime.TypeByExtension(path.Ext(name))}
		if strings.HasSuffix(name, ".woff2") {
			a.mediaType = "font/woff2"
		} else {
			var b bytes.Buffer
			z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
			_, _ = z.Write(plain)
			_ = z.Close()
			a.packed = b.Bytes()
		}
		all[strings.TrimPrefix(name, "static/")] = a
		return nil
	})
	if err != nil {
		panic(err)
	}
	return all
})

// Asset is the address of a static file, which changes with its content so that
// it may be kept for ever.
func Asset(name string) string { return "/tinh/" + assets()[name].hash + "/" + name }

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
