package consolelog

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func never() bool { return false }

func TestFind(t *testing.T) {
	text := "one\ntwo \x1b[31mError\x1b[0m\nthree\n10 %\rerror 100 %\r\nfive\nsix\nseven\nERROR at the end"
	got, err := Find(strings.NewReader(text), Containing("erroR"), 2, never)
	if err != nil {
		t.Fatal(err)
	}
	want := Finding{Total: 3, Lines: 8, Found: []Found{
		{Line: 2, Text: "two Error", Before: []string{"one"}, After: []string{"three", "error 100 %"}},
		{Line: 4, Text: "error 100 %", Before: []string{"two Error", "three"}, After: []string{"five", "six"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	expression, err := Matching(`^[fs].*e`)
	if err != nil {
		t.Fatal(err)
	}
	got, err = Find(strings.NewReader(text), expression, 9, never)
	if err != nil || got.Total != 2 || got.Found[0].Line != 5 || got.Found[1].Line != 7 || len(got.Found[1].After) != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if _, err := Matching("("); err == nil {
		t.Error("( is taken for an expression")
	}
	looks := 0
	got, err = Find(strings.NewReader(strings.Repeat("x\n", 10_000)), Containing("x"), 5, func() bool { looks++; return looks > 3 })
	if err != nil || got.Lines != 3*Step || got.Total != 3*Step || len(got.Found) != 5 {
		t.Errorf("stopped: %d lines, %d found, %v", got.Lines, got.Total, err)
	}
}

func TestContaining(t *testing.T) {
	for _, c := range []struct {
		line, text string
		want       bool
	}{
		{"", "", true}, {"a", "", true}, {"", "a", false}, {"BUG: KASAN", "kasan", true}, {"bug", "BUG ", false}, {"aAab", "aab", true},
		{"größe", "GRö", true}, {"x.y", "x-y", false}, {"kKkKkb", "kkb", true}, {"@`", "`", true}, {"[", "{", false},
	} {
		if got := Containing(c.text)([]byte(c.line)); got != c.want {
			t.Errorf("%q in %q: %v", c.text, c.line, got)
		}
	}
}

func TestKernelSeconds(t *testing.T) {
	for text, want := range map[string]float64{
		"[  219.633000] BUG": 219.633, "<4>[    0.000000] x": 0, "2026-11-27T10:42:07.123Z [   12.5] y": 12.5, "[  T12] [ 3.25] z": 3.25,
		"plain": -1, "": -1, "[x.y] ": -1, "[12] ": -1,
	} {
		got, ok := KernelSeconds(text)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %v %v, want %v", text, got, ok, want)
		}
	}
}

func TestGrowing(t *testing.T) {
	text := SectionStart("boot") + sampleLog(900, 3) + SectionEnd("boot", 3, "ok") + SectionStart("test") + "not ok 3 x\n" + "login: "
	text += strings.Repeat("z", keptBytes+5) + "\nmore\n"
	g := NewGrowing()
	for _, size := range growth(len(text)) {
		got, err := g.Read(strings.NewReader(text), int64(size))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(indexOf(t, text[:size]), got); diff != "" {
			t.Fatalf("%d bytes: %s", size, diff)
		}
	}
	got, err := g.Read(strings.NewReader("a\nb"), 3)
	if err != nil || got.Lines != 2 || got.Bytes != 3 {
		t.Errorf("another log: %+v %v", got, err)
	}
}

// growth is a series of sizes up to one, ends of lines among them.
func growth(size int) []int {
	sizes := []int{0, 1, 1}
	for at := 7; at < size; at += 997 {
		sizes = append(sizes, at)
	}
	return append(sizes, size, size)
}

func TestWindowIsBounded(t *testing.T) {
	line := strings.Repeat("€", LineCharacters) + "\n"
	text := strings.Repeat(line, 600)
	log := indexOf(t, text)
	lines, err := Window(strings.NewReader(text), log, 3, 600)
	if err != nil || len(lines) == 0 || len(lines)*(len(line)-1) > WindowText || lines[0].Number != 3 {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

// megabytes is a log of lines of 1 MB that is nowhere in memory.
type megabytes int64

func (m megabytes) ReadAt(p []byte, offset int64) (int, error) {
	n := min(int64(len(p)), int64(m)<<20-offset)
	for i := range n {
		p[i] = 'x'
		if (offset+i)%(1<<20) == 1<<20-1 {
			p[i] = '\n'
		}
	}
	if n < int64(len(p)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// TestLongLinesTakeLittleMemory looks at what reading and searching allocate.
func TestLongLinesTakeLittleMemory(t *testing.T) {
	const lines = megabytes(100)
	log, err := Index(io.NewSectionReader(lines, 0, int64(lines)<<20), Options{})
	if err != nil || log.Lines != int(lines) {
		t.Fatal(log.Lines, err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	window, err := Window(lines, log, 60, 100)
	if err != nil || len(window) != 41 || !window[0].Cut {
		t.Errorf("%d lines, %v", len(window), err)
	}
	found, err := Find(io.NewSectionReader(lines, 0, int64(lines)<<20), Containing("xxx"), 1000, never)
	if err != nil || found.Total != int(lines) {
		t.Errorf("%d found, %v", found.Total, err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 16<<20 {
		t.Errorf("%d bytes were allocated", took)
	}
}

func FuzzFind(f *testing.F) {
	f.Add([]byte("a\nB\r\nc\rd\n\x1b[31me"), "b")
	f.Add([]byte("\xff\x00\n\n"), "\ufffd")
	f.Fuzz(func(t *testing.T, text []byte, query string) {
		got, err := Find(bytes.NewReader(text), Containing(query), 100, never)
		if err != nil {
			t.Fatal(err)
		}
		log, err := Index(bytes.NewReader(text), Options{})
		if err != nil || got.Lines != log.Lines {
			t.Fatalf("%d lines of %d, %v", got.Lines, log.Lines, err)
		}
		total, match := 0, Containing(query)
		for _, line := range bytes.SplitAfter(text, []byte("\n")) {
			if len(line) > 0 && match([]byte(Clean(line))) {
				total++
			}
		}
		if got.Total != total {
			t.Fatalf("%d found, want %d", got.Total, total)
		}
	})
}

func FuzzKernelSeconds(f *testing.F) {
	f.Add("[  219.633000] BUG")
	f.Add("<4>[1.")
	f.Fuzz(func(t *testing.T, text string) {
		if seconds, ok := KernelSeconds(text); ok && seconds < 0 {
			t.Error(fmt.Sprint(seconds))
		}
	})
}

// BenchmarkFind prints MB/s of a search over a log of about 10 MB.
func BenchmarkFind(b *testing.B) {
	text := []byte(sampleLog(140_000, 1))
	expression, err := Matching(`slab-use-after-free|hung_task`)
	if err != nil {
		b.Fatal(err)
	}
	for name, match := range map[string]func([]byte) bool{"text": Containing("no such words"), "expression": expression} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := Find(bytes.NewReader(text), match, 1000, never); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
