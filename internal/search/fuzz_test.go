// SPDX-License-Identifier: Apache-2.0

package search

import (
	"context"
	"testing"
)

// Whatever is typed: no more than wanted is found, the best first, nothing twice.
func FuzzFind(f *testing.F) {
	x, err := Build(context.Background(), []Document{
		{ID: "1", Fields: []Field{{Text: "Đăng ký khai sinh", Weight: 3}}},
		{ID: "2", Fields: []Field{{Text: "Đăng ký kết hôn có yếu tố nước ngoài", Weight: 3}}},
		{ID: "3", Fields: []Field{{Text: "Cấp giấy phép xây dựng nhà ở riêng lẻ", Weight: 1}}},
	})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"khai sinh", "dang ki khai sihn", "xây nhà", "đ", "\xff\u0301", "  "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		hits := x.Find(query, 2, nil)
		if len(hits) > 2 || len(hits) == 2 && (hits[0].Score < hits[1].Score || hits[0].Doc == hits[1].Doc) {
			t.Errorf("%q: %+v", query, hits)
		}
	})
}
