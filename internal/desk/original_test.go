// SPDX-License-Identifier: Apache-2.0

package desk_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"motcua/internal/document"
	"motcua/internal/document/documenttest"
	"motcua/internal/dossier"
)

// identityPaper files a dossier with an identity paper.
func (w *town) identityPaper(name string, content []byte) (dossier.State, dossier.Document) {
	w.t.Helper()
	ctx, who, f := context.Background(), w.actor("nguoidan"), w.sample("3.000333")
	file, err := w.book.Upload(ctx, who, nil, name, bytes.NewReader(content), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range f.Documents {
		if f.Documents[i].Component == "identity" {
			f.Documents[i] = dossier.Paper{Component: "identity", File: file.ID}
		}
	}
	s, err := w.book.Submit(ctx, who, f, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, d := range s.Documents {
		if d.Component == "identity" && d.File == file.ID {
			return s, d
		}
	}
	w.t.Fatal("no identity paper")
	return s, dossier.Document{}
}

func card(w, h int) []byte {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range p.Pix {
		p.Pix[i] = byte(200 + i%7)
	}
	p.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// An officer is given an identity paper with a mark, whoever heads the agency the
// original for a purpose; what was handed in stays as it was.
func TestIdentityPaperIsMarked(t *testing.T) {
	w := open(t)
	whole := card(900, 600)
	s, d := w.identityPaper("căn cước.png", whole)
	at := "/mot-cua/ho-so/" + string(s.Code)
	path := at + "/tep/" + d.File
	kept := func() []byte {
		var b bytes.Buffer
		if err := document.Copy(context.Background(), w.book.DB, d.SHA256, &b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	before := kept()
	clerk := w.browser("motcua")
	for _, address := range []string{path, path + "?luu=1"} {
		clerk.Get(address).At(http.StatusOK)
		if clerk.Text == string(before) || !strings.HasPrefix(clerk.Text, "\x89PNG") {
			t.Errorf("%s sends what was handed in, or no picture", address)
		}
	}
	clerk.Get(at + "?xem=" + d.File).Has("Giấy tờ tùy thân: bản xem và bản tải về").Lacks("ban-goc")
	take := url.Values{"csrf": {clerk.csrf()}, "muc-dich": {"x"}}
	r, err := clerk.Client.PostForm(w.url+path+"/ban-goc", take)
	clerk.Show(r, err)
	clerk.At(http.StatusForbidden).Has("Chỉ trưởng đơn vị")
	head := w.browser("lanhdao")
	head.Get(at + "?xem=" + d.File).Has("Lấy bản gốc")
	head.Submit(path+"/ban-goc", url.Values{"muc-dich": {""}}, "").At(http.StatusUnprocessableEntity).Has("Hãy nêu lý do")
	head.Get(at+"?xem="+d.File).Submit(path+"/ban-goc", url.Values{"muc-dich": {"Theo yêu cầu điều tra"}}, "").At(http.StatusOK)
	if head.Text != string(before) {
		t.Error("the original is not what was handed in")
	}
	if !bytes.Equal(before, kept()) {
		t.Error("what is kept has changed")
	}
	looks := must(w.book.Views(context.Background(), w.actor("nguoidan"), s.Code))
	if !slices.ContainsFunc(looks, func(l dossier.View) bool {
		return l.What == "original căn cước.png" && l.Said == "Theo yêu cầu điều tra"
	}) {
		t.Errorf("no look at the original: %+v", looks)
	}
}

// What cannot be marked is not shown, and it is said what can be done.
func TestUnmarkable(t *testing.T) {
	w := open(t)
	s, d := w.identityPaper("hộ chiếu.pdf", []byte(documenttest.Pages(301)))
	path := "/mot-cua/ho-so/" + string(s.Code) + "/tep/" + d.File
	w.browser("motcua").Get(path).At(http.StatusUnprocessableEntity).Has("Không đóng dấu được", "bản gốc")
}

// Twenty clerks who open large pictures at once take no more memory than is set aside.
func TestMarkedAtOnce(t *testing.T) {
	w := open(t)
	s, d := w.identityPaper("căn cước.png", card(2400, 1800))
	f := must(w.book.Open(context.Background(), w.actor("motcua"), s.Code))
	who := w.actor("motcua")
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	var most uint64
	done, stop := make(chan bool), make(chan bool)
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.ReadMemStats(&now)
				most = max(most, now.HeapInuse)
			}
		}
	}()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := w.book.Give(context.Background(), who, &f, d); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	close(stop)
	<-done
	t.Logf("20 copies of 4 million pixels at once: %d MB above what was in use", (most-before.HeapInuse)>>20)
	if most-before.HeapInuse > 200<<20 {
		t.Errorf("%d MB", (most-before.HeapInuse)>>20)
	}
}
