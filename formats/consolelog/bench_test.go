package consolelog

import (
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// BenchmarkIndex prints MB/s of indexing a log of about 10 MB, and beside it
// that of every regular expression on every line. TestSameAsPlainly is the
// proof that both find the same.
func BenchmarkIndex(b *testing.B) {
	text := []byte(sampleLog(140_000, 1))
	b.Run("prefilter", func(b *testing.B) { benchmarkIndex(b, text, NewMatcher().match) })
	b.Run("plain", func(b *testing.B) { benchmarkIndex(b, text[:len(text)/50], matchPlainly) })
}

func benchmarkIndex(b *testing.B, text []byte, match matchFunc) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := index(bytes.NewReader(text), Options{}, match); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWindow(b *testing.B) {
	text := sampleLog(140_000, 1)
	log, err := Index(strings.NewReader(text), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if lines, err := Window(strings.NewReader(text), log, 100_000, 101_999); err != nil || len(lines) != 2000 {
			b.Fatal(len(lines), err)
		}
	}
}

func TestSameAsPlainly(t *testing.T) {
	lines := 8_000
	if testing.Short() {
		lines = 800 // the plain way is slow, with the race detector very slow
	}
	text := sampleLog(lines, 0)
	fast := indexOf(t, text)
	plainly, err := index(strings.NewReader(text), Options{}, matchPlainly)
	if diff := cmp.Diff(plainly, fast); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if fast.HitsTotal < lines/200 {
		t.Errorf("only %d hits: the sample proves nothing", fast.HitsTotal)
	}
}

// TestMemory reads 200 MB, among it lines of 1 MB, and looks at the heap.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 MB")
	}
	block := sampleLog(10_000, 1) + strings.Repeat("z", 1<<20) + "\n" + strings.Repeat("9 %\r", 1<<18) + "\n"
	parts := make([]io.Reader, 200<<20/len(block))
	for i := range parts {
		parts[i] = strings.NewReader(block)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	log, err := Index(io.MultiReader(parts...), Options{})
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if log.Lines != len(parts)*10_002 || log.HitsTotal == 0 {
		t.Errorf("%d lines, %d hits", log.Lines, log.HitsTotal)
	}
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	runtime.KeepAlive(log)
	runtime.KeepAlive(parts)
}
