// SPDX-License-Identifier: Apache-2.0

//go:build shared

package search

import (
	"runtime"
	"testing"
)

func BenchmarkFind(b *testing.B) {
	x := build(wholeCatalogue(b))
	var queries []string
	for _, q := range lines[asked](b, inventedQuestions) {
		queries = append(queries, q.Question)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		x.Find(queries[i%len(queries)], 20, nil)
		i++
	}
}

func BenchmarkBuild(b *testing.B) {
	docs := wholeCatalogue(b)
	before := heap()
	b.ReportAllocs()
	var x *Index
	for b.Loop() {
		x = build(docs)
	}
	b.ReportMetric(float64(heap()-before)/megabyte, "MB-kept")
	runtime.KeepAlive(docs)
	runtime.KeepAlive(x)
}
