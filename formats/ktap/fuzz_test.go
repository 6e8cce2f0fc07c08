package ktap

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"drover/rules/status"
)

// FuzzParse checks that every input has a report within its limits, and that
// nothing without a result line passes.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		_, input, _ := readCase(&testing.T{}, file)
		f.Add([]byte(input))
	}
	f.Add([]byte("KTAP version 1\n1..2\n# Subtest: a\n    1..1\n    ok 1 b\nBail out!\n"))
	f.Fuzz(func(t *testing.T, input []byte) {
		report, err := Parse(bytes.NewReader(input), Limits{Tests: 200, Depth: 5, Bytes: 1 << 16, Diagnostics: 4, Text: 1 << 15, Problems: 20})
		if err != nil {
			t.Fatalf("error without a broken reader: %v", err)
		}
		checkInvariants(t, report)
		if len(report.Problems) > 21 {
			t.Errorf("%d problems", len(report.Problems))
		}
		if n := count(report.Tests); n > 200+10 {
			t.Errorf("%d tests", n)
		}
		if report.Overall() == status.Pass && bytes.Contains(input, []byte("\nnot ok 1 x\n")) && !bytes.Contains(input, []byte("---")) && !bytes.Contains(input, []byte("Bail")) {
			t.Errorf("passes with a failed result")
		}
	})
}

// FuzzCut checks that a cut log does not pass.
func FuzzCut(f *testing.F) {
	f.Add(uint8(3), uint8(4), uint16(40))
	f.Fuzz(func(t *testing.T, suites, cases uint8, cut uint16) {
		whole := sample(int(suites%5)+1, int(cases%5)+1)
		end := strings.LastIndex(strings.TrimRight(whole, "\n"), "\n")
		report, err := Parse(strings.NewReader(whole[:int(cut)%end]), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		checkInvariants(t, report)
		if report.Overall() == status.Pass {
			t.Errorf("passes though cut at %d of %d", int(cut)%end, len(whole))
		}
	})
}

func count(tests []*Test) int {
	n := len(tests)
	for _, t := range tests {
		n += count(t.Children)
	}
	return n
}

// sample is a passing KUnit log.
func sample(suites, cases int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[    0.100000] KTAP version 1\n[    0.100000] 1..%d\n", suites)
	for s := range suites {
		fmt.Fprintf(&b, "[    0.2%05d]     KTAP version 1\n[    0.200000]     # Subtest: suite_%d\n[    0.200000]     1..%d\n", s, s, cases)
		for c := range cases {
			fmt.Fprintf(&b, "[    0.300000]     # case_%d: initializing\n[    0.300000]     ok %d case_%d\n", c, c+1, c)
		}
		fmt.Fprintf(&b, "[    0.400000] # suite_%d: pass:%d fail:0 skip:0 total:%d\n[    0.400000] ok %d suite_%d\n", s, cases, cases, s+1, s)
	}
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	inputs := []struct{ name, text string }{
		{"kunit", sample(200, 50)},
		{"noise", strings.Repeat("[   12.345678] exdrv 0000:00:05.0: link is up, 1000 Mbps full duplex\n", 20_000)},
		{"flat", "TAP version 13\n" + strings.Repeat("ok - a name without a number # SKIP and a reason\n", 10_000) + "1..10000\n"},
	}
	for _, input := range inputs {
		b.Run(input.name, func(b *testing.B) {
			b.SetBytes(int64(len(input.text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(strings.NewReader(input.text), Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkLeaves(b *testing.B) {
	report, err := Parse(strings.NewReader(sample(200, 50)), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(report.Leaves()); n != 10_000 {
			b.Fatalf("%d leaves", n)
		}
	}
}
