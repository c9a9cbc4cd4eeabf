// SPDX-License-Identifier: Apache-2.0

package search

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// few is a small catalogue.
func few() []Document {
	var docs []Document
	for _, d := range [][3]string{
		{"birth", "Đăng ký khai sinh", "Hộ tịch"},
		{"birth-again", "Đăng ký lại khai sinh", "Hộ tịch"},
		{"marriage", "Đăng ký kết hôn", "Hộ tịch"},
		{"death", "Đăng ký khai tử", "Hộ tịch"},
		{"residence", "Đăng ký thường trú", "Cư trú"},
		{"stay", "Đăng ký tạm trú", "Cư trú"},
		{"copy", "Chứng thực bản sao từ bản chính giấy tờ", "Chứng thực"},
		{"house", "Cấp giấy phép xây dựng nhà ở riêng lẻ", "Xây dựng"},
		{"card", "Cấp lại thẻ căn cước", "Căn cước"},
		{"driver", "Cấp lại giấy phép lái xe", "Đường bộ"},
		{"land", "Cấp giấy chứng nhận quyền sử dụng đất", "Đất đai"},
	} {
		docs = append(docs, Document{d[0], []Field{{d[1], 8}, {d[2], 2}}})
	}
	return docs
}

func first(x *Index, query string) string {
	if hits := x.Find(query, 1, nil); len(hits) > 0 {
		return x.ID(hits[0].Doc)
	}
	return ""
}

func TestFind(t *testing.T) {
	x := build(few())
	for _, c := range []struct{ query, want string }{
		{"đăng ký kết hôn", "marriage"},
		{"ĐĂNG KÝ KẾT HÔN", "marriage"},
		{norm.NFD.String("đăng ký kết hôn"), "marriage"},
		{"dang ky ket hon", "marriage"},
		{"thủ tục đăng kí kết hôn", "marriage"},
		{"dang ky ket hom", "marriage"},       // a wrong letter
		{"dang ky kett hon", "marriage"},      // one too many
		{"đăng ký thườg trú", "residence"},    // one too few
		{"dang ky khia tu", "death"},          // two swapped
		{"dangky kethon", "marriage"},         // two words in one
		{"ddawng kys keets hoon", "marriage"}, // Telex off
		{"d9a8ng ky1 ke6t1 ho6n", "marriage"}, // VNI off
		{"cưới vợ", "marriage"},
		{"dk tam tru o dau a", "stay"},
		{"bố em mất rồi", "death"},
		{"làm khai sinh cho con mất bao lâu", "birth"}, // mất: takes, not died
		{"sao y bản chính", "copy"},
		{"xin xây nhà", "house"},
		{"đánh rơi cccd", "card"},
		{"bằng lái bị mất", "driver"},
		{"sổ đỏ", "land"},
		{"qqqqqqqq", ""},
		{"日本語 العربية", ""},
		{"", ""},
		{" \t\n", ""},
		{"?!.,;", ""},
		{"\xff\xfe\x00", ""},
	} {
		if got := first(x, c.query); got != c.want {
			t.Errorf("%q finds %q, want %q", c.query, got, c.want)
		}
	}
}

func TestFindIsBestFirstAndLimited(t *testing.T) {
	docs := few()
	twin := docs[0]
	twin.ID = "birth-twin"
	x := build(append(docs, twin))
	hits := x.Find("đăng ký khai sinh", 4, nil)
	var ids []string
	for _, h := range hits {
		ids = append(ids, x.ID(h.Doc))
	}
	if diff := cmp.Diff([]string{"birth", "birth-twin", "birth-again", "death"}, ids); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if got := x.Find("đăng ký", 0, nil); got != nil {
		t.Errorf("asked for none, found %v", got)
	}
	if got := x.Find("đăng ký", -1, nil); got != nil {
		t.Errorf("asked for fewer than none, found %v", got)
	}
	kept := x.Find("đăng ký khai sinh", 9, func(doc int) bool { return x.ID(doc) == "death" })
	if len(kept) != 1 || x.ID(kept[0].Doc) != "death" {
		t.Errorf("kept death alone, found %v", kept)
	}
}

func TestBuildNothing(t *testing.T) {
	for _, docs := range [][]Document{nil, {{ID: "a"}}, {{"a", []Field{{"", 1}, {"x y", 0}, {"x y", -1}}}}} {
		x := build(docs)
		if got := x.Find("x y", 5, nil); got != nil || x.Len() != len(docs) {
			t.Errorf("%v: found %v of %d", docs, got, x.Len())
		}
	}
}

func TestBuildEnds(t *testing.T) {
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if x, err := Build(ctx, few()); x != nil || !errors.Is(err, stop) {
		t.Errorf("ended: %v, %v", x, err)
	}
}

// hostileQueries are long and made to be slow.
func hostileQueries(size int) []string {
	var known, unknown strings.Builder
	for i := 0; known.Len() < size; i++ {
		known.WriteString([]string{"đăng ", "ký ", "cấp ", "giấy ", "phép ", "chứng ", "nhận "}[i%7])
	}
	for i := 0; unknown.Len() < size; i++ {
		unknown.WriteString([]string{"qwzrfsjxaaddeeoo", "ngghhieeengg", "zzsfrxjzz", "dangkyketho"}[i%4] + string(rune('a'+i%26)) + " ")
	}
	return []string{
		known.String(), unknown.String(),
		strings.Repeat("a", size), strings.Repeat("s", size), strings.Repeat("\u0301", size/2), "a" + strings.Repeat("\u0323\u0301", size/4),
		strings.Repeat("ﷺ", size/3), strings.Repeat("\xff", size), strings.Repeat("a ", size/2), strings.Repeat("bố mất ", size/10),
		strings.Repeat("có ", size/4), strings.Repeat("đ", size/2) + " khai sinh",
	}
}

func TestHostileQueries(t *testing.T) {
	x := build(few())
	for _, q := range hostileQueries(320 << 10) {
		cut := q[:maxBytes]
		if diff := cmp.Diff(x.Find(cut, 5, nil), x.Find(q, 5, nil)); diff != "" {
			t.Errorf("%.20q is read beyond its first %d bytes:\n%s", q, maxBytes, diff)
		}
		if n := len(x.wanted(q)); n > 40*maxWords {
			t.Errorf("%.20q asks for %d terms", q, n)
		}
	}
}

// vietnamese draws text near to what people type.
var vietnamese = rapid.OneOf(
	rapid.String(),
	rapid.StringOf(rapid.RuneFrom([]rune("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấềộ ýỳ 09.\u0301\u0323"))),
	rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOf(rapid.SampledFrom(strings.Fields("đăng ký khai sinh tử bố mất sổ đỏ giay phep xay dk ko có không bằng lái k2 rơi cccd"))).Draw(t, "words"), " ")
	}),
)

func TestFindHolds(t *testing.T) {
	x, again := build(few()), build(few())
	rapid.Check(t, func(t *rapid.T) {
		q, limit := vietnamese.Draw(t, "query"), rapid.IntRange(0, 12).Draw(t, "limit")
		hits := x.Find(q, limit, nil)
		if diff := cmp.Diff(hits, again.Find(q, limit, nil)); diff != "" {
			t.Fatalf("a second index says otherwise:\n%s", diff)
		}
		if len(hits) > limit {
			t.Fatalf("%d hits of %d", len(hits), limit)
		}
		seen := map[int]bool{}
		for i, h := range hits {
			if h.Score <= 0 || seen[h.Doc] || i > 0 && (h.Score > hits[i-1].Score || h.Score == hits[i-1].Score && h.Doc < hits[i-1].Doc) {
				t.Fatalf("hit %d of %v", i, hits)
			}
			seen[h.Doc] = true
		}
		if all := x.Find(q, x.Len(), nil); !slices.Equal(hits, all[:min(limit, len(all))]) {
			t.Fatalf("first %d are %v of %v", limit, hits, all)
		}
		if composed := x.Find(norm.NFC.String(q), limit, nil); len(q) < 500 && !slices.Equal(composed, x.Find(norm.NFD.String(q), limit, nil)) {
			t.Fatalf("the Unicode form matters")
		}
	})
}

func TestFindAtOnce(t *testing.T) {
	x := build(few())
	want := x.Find("dang ky khai sihn", 5, nil)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if got := x.Find("dang ky khai sihn", 5, nil); !slices.Equal(got, want) {
					t.Errorf("found %v, want %v", got, want)
				}
			}
		})
	}
	all.Wait()
}

// build makes an index of documents at leisure.
func build(docs []Document) *Index {
	x, err := Build(context.Background(), docs)
	if err != nil {
		panic(err)
	}
	return x
}
