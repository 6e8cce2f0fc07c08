package consolelog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func indexOf(t *testing.T, text string) *Log {
	t.Helper()
	log, err := Index(strings.NewReader(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestFirstError(t *testing.T) {
	for _, c := range []struct {
		why, log string
		line     int
		rule     string
	}{
		{"no log", "", 0, ""},
		{"a clean log", "ok 1 a\nok 2 b\n", 0, ""},
		{"the expectation tells more than the not ok after it, or the one before it", `KTAP version 1
1..2
    not ok 1 other # SKIP
    not ok 2 nameless
    # example_test: EXPECTATION FAILED at lib/kunit/example.c:29
    Expected 1 + 1 == 3, but
    not ok 3 example_test
not ok 1 example
`, 5, "kunit"},
		{"a crash tells more than a failed expectation", `    # a: EXPECTATION FAILED at a.c:1
[    1.000000] BUG: KASAN: slab-use-after-free in a+0x1/0x2
[    1.100000] Kernel panic - not syncing: KASAN: panic_on_warn set ...
`, 2, "kasan"},
		{"a panic because of a warning only repeats it", `[    1.000000] WARNING: CPU: 0 PID: 1 at a.c:1 a+0x1/0x2
[    1.100000] Kernel panic - not syncing: kernel: panic_on_warn set ...
[    1.100000] ---[ end Kernel panic - not syncing: kernel: panic_on_warn set ... ]---
`, 1, "warning"},
		{"the compiler tells more than make, and than its own warning", `a.c:1:2: warning: unused variable 'x'
make[2]: *** [scripts/Makefile.build:244: b.o] Error 1
a.c:9:2: error: expected ';'
make[1]: *** [scripts/Makefile.build:244: a.o] Error 1
`, 3, "compiler error"},
		{"make alone is better than nothing, and than a warning", "a.c:1:2: warning: x\nmake: *** [Makefile:1: all] Error 2\n", 2, "make"},
		{"the missing symbol tells more than the place and the exit", "ld: a.o: in function `f':\na.c:(.text+0x1): undefined reference to `g'\ncollect2: error: ld returned 1 exit status\n", 2, "linker error"},
		{"a full disk is why the compiler stopped", "cc1: No space left on device\na.c:1:1: fatal error: cannot write\n", 1, "disk full"},
		{"LTP's own word before a warning at boot", "[    1.000000] WARNING: odd firmware\nfork01.c:52: TFAIL: no\n", 2, "ltp"},
		{"the case inside comes before its suite", "    not ok 1 inner\nnot ok 1 outer\n", 1, "not ok"},
	} {
		hit, ok := indexOf(t, c.log).First()
		if hit.Line != c.line || hit.Rule != c.rule || ok != (c.rule != "") {
			t.Errorf("%s: first error is line %d, %q", c.why, hit.Line, hit.Rule)
		}
	}
}

func TestFirstBetween(t *testing.T) {
	log := indexOf(t, "BUG: a\nnot ok 1 a\n# b: EXPECTATION FAILED at b.c:1\nnot ok 2 b\nok 3 c\n")
	for _, c := range []struct{ first, last, want int }{{1, 5, 1}, {2, 2, 2}, {2, 4, 3}, {4, 4, 4}, {5, 5, 0}, {4, 2, 0}} {
		if hit, ok := log.FirstBetween(c.first, c.last); hit.Line != c.want || ok != (c.want > 0) {
			t.Errorf("lines %d to %d: line %d", c.first, c.last, hit.Line)
		}
	}
}

func TestIndex(t *testing.T) {
	text := SectionStart("Boot") + "[    1.000000] hello\n" + SectionEnd("Boot", 48.25, "pass") +
		SectionStart("Test ltp/mm") + "a\x00b\xff\r\n" + "\x1b[31mnot ok 1 x\x1b[0m\n" + Truncated(4096) + "tail"
	log := indexOf(t, text)
	want := &Log{
		Version: 1, Lines: 8, Bytes: int64(len(text)), Offsets: []int64{0},
		Hits: []Hit{{6, "not ok", Failure, "not ok 1 x"}}, HitsTotal: 1,
		Sections: []Section{
			{Name: "Boot", Start: 1, End: 3, Seconds: 48.25, Status: "pass"},
			{Name: "Test ltp/mm", Start: 4, End: 8, Open: true},
		},
		Truncated: true, TruncatedBytes: 4096, TruncatedLine: 7, Repairs: 2,
	}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Error(diff)
	}
}

// TestSideFile pins the names in the side file: pages and jobs of other
// versions read it.
func TestSideFile(t *testing.T) {
	log := indexOf(t, SectionStart("Boot")+"BUG: x\n"+SectionEnd("Boot", 1.5, "fail")+Truncated(7))
	got, err := json.Marshal(log)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"version":1,"lines":4,"bytes":93,"offsets":[0],` +
		`"hits":[{"line":2,"rule":"bug","severity":"crash","text":"BUG: x"}],"hits_total":1,` +
		`"sections":[{"name":"Boot","start":1,"end":3,"seconds":1.5,"status":"fail"}],` +
		`"truncated":true,"truncated_bytes":7,"truncated_line":4,"repairs":0}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	back, err := Read(bytes.NewReader(got))
	if diff := cmp.Diff(log, back); diff != "" || err != nil {
		t.Error(err, diff)
	}
	empty, _ := json.Marshal(indexOf(t, ""))
	if want := `{"version":1,"lines":0,"bytes":0,"offsets":[],"hits":[],"hits_total":0,"sections":[],"truncated":false,"repairs":0}`; string(empty) != want {
		t.Errorf("empty log: %s", empty)
	}
	for _, bad := range []string{"", "{", "null", `{"version":2}`, `{"version":1,"lines":300,"bytes":9,"offsets":[0]}`, `{"version":1,"lines":-1}`,
		`{"version":1,"lines":257,"bytes":9,"offsets":[5,5]}`, `{"version":1,"lines":1,"bytes":9,"offsets":[-5]}`, `{"version":1,"lines":1,"bytes":9,"offsets":[9]}`,
		strings.Replace(string(got), "crash", "worse", 1)} {
		if _, err := Read(strings.NewReader(bad)); !errors.Is(err, ErrSideFile) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestSections(t *testing.T) {
	for _, c := range []struct {
		why, log string
		want     []Section
	}{
		{"inside one another", SectionStart("a") + SectionStart("b") + SectionEnd("b", 1, "pass") + SectionEnd("a", 2, "fail"),
			[]Section{{"a", 1, 4, 2, "fail", false}, {"b", 2, 3, 1, "pass", false}}},
		{"the same name twice", SectionStart("a") + SectionEnd("a", 1, "pass") + SectionStart("a") + SectionEnd("a", 2, "fail"),
			[]Section{{"a", 1, 2, 1, "pass", false}, {"a", 3, 4, 2, "fail", false}}},
		{"the outer one ends first", SectionStart("a") + SectionStart("b") + SectionEnd("a", 2, "fail"),
			[]Section{{"a", 1, 3, 2, "fail", false}, {"b", 2, 3, 0, "", true}}},
		{"a name with blanks and colours", SectionStart(" \x1b[31mTest  ltp/mm\n"), []Section{{"Test ltp/mm", 1, 1, 0, "", true}}},
		{"an end without a start", SectionEnd("a", 1, "pass"), nil},
		{"serial line ends", "##drover section-start a\r\n##drover section-end a 1 pass\r\n", []Section{{"a", 1, 2, 1, "pass", false}}},
		{"numbers that are none", SectionStart("a") + "##drover section-end a NaN pass\n##drover section-end a -1 pass\n##drover section-end a 1\n##drover section-end a x y\n",
			[]Section{{"a", 1, 5, 0, "", true}}},
		{"not at the begin of the line", " ##drover section-start a\n", nil},
		{"without a name", "##drover section-start \n##drover section-start\n", nil},
		{"words that are not ours", "##drover section-begin a\n##drover truncated -4\n##drover truncated x\n##drover\n", nil},
	} {
		log := indexOf(t, c.log)
		if c.want == nil {
			c.want = []Section{}
		}
		if diff := cmp.Diff(c.want, log.Sections); diff != "" || log.Truncated {
			t.Errorf("%s: %s", c.why, diff)
		}
	}
}

func TestBounds(t *testing.T) {
	var text strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&text, "not ok %d x\n%s", i, SectionStart(fmt.Sprint(i)))
	}
	text.WriteString("BUG: late\n" + strings.Repeat("make: *** [a] Error 1\n", 900))
	log := indexOf(t, text.String())
	if len(log.Hits) != MaxHits || log.HitsTotal != 2101 || log.Hits[0].Rule != "bug" || log.Hits[1].Line != 1 || log.Hits[499].Line != 997 {
		t.Errorf("%d hits of %d, first %v, last %v", len(log.Hits), log.HitsTotal, log.Hits[0], log.Hits[len(log.Hits)-1])
	}
	if len(log.Sections) != MaxSections || !log.SectionsCut {
		t.Errorf("%d sections, cut %v", len(log.Sections), log.SectionsCut)
	}
	few, err := Index(strings.NewReader(text.String()), Options{MaxHits: 3, MaxSections: 2})
	if err != nil || len(few.Hits) != 3 || len(few.Sections) != 2 || few.HitsTotal != 2101 {
		t.Errorf("%d hits, %d sections, %v", len(few.Hits), len(few.Sections), err)
	}
	long := indexOf(t, "BUG: "+strings.Repeat("ä", 300)+"\n")
	if got := []rune(long.Hits[0].Text); len(got) != HitCharacters {
		t.Errorf("hit of %d characters", len(got))
	}
}

func TestLongLines(t *testing.T) {
	mega := strings.Repeat("x", 1<<20)
	progress := strings.Repeat("50 %\r", 1<<18)
	for _, c := range []struct {
		why, line string
		rule      string
		repairs   int
	}{
		{"1 MB of text", mega, "", 0},
		{"an error at its begin is found", "BUG: y " + mega, "bug", 0},
		{"1 MB of progress keeps its last state", progress + "BUG: z", "bug", 0},
		{"what was written over is gone", "BUG: y\r" + progress, "", 0},
		{"blanks at the end are no state", progress + "BUG: z\r" + strings.Repeat(" ", 1<<20) + "\r", "bug", 0},
		{"a character cut by the bound is no repair", strings.Repeat("€", 1<<20), "", 0},
		{"nor is it after one letter", "x" + strings.Repeat("€", 1<<20), "", 0},
	} {
		log := indexOf(t, "first\n"+c.line+"\nlast\n")
		var rule string
		if hit, ok := log.First(); ok {
			rule = hit.Rule
		}
		if log.Lines != 3 || log.Bytes != int64(len(c.line)+12) || rule != c.rule || log.Repairs != c.repairs {
			t.Errorf("%s: %d lines, %d bytes, %d repairs, rule %q", c.why, log.Lines, log.Bytes, log.Repairs, rule)
		}
	}
}

func TestBrokenReader(t *testing.T) {
	broken := errors.New("broken")
	for _, size := range []int{3, 100_000} {
		log, err := Index(iotest.DataErrReader(&failing{strings.NewReader("BUG: x\n" + strings.Repeat("y", size)), broken}), Options{})
		if !errors.Is(err, broken) || log.Lines != 1 || len(log.Hits) != 1 {
			t.Errorf("%v, %+v", err, log)
		}
	}
	for _, wrap := range []func(*strings.Reader) *Log{
		func(r *strings.Reader) *Log { l, _ := Index(iotest.OneByteReader(r), Options{}); return l },
		func(r *strings.Reader) *Log { l, _ := Index(iotest.HalfReader(r), Options{}); return l },
		func(r *strings.Reader) *Log { l, _ := Index(iotest.DataErrReader(r), Options{}); return l },
	} {
		text := sampleLog(300, 1)
		if diff := cmp.Diff(indexOf(t, text), wrap(strings.NewReader(text))); diff != "" {
			t.Error(diff)
		}
	}
}

// failing gives its text and then an error.
type failing struct {
	text *strings.Reader
	err  error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.text.Len() == 0 {
		return 0, f.err
	}
	return f.text.Read(p)
}

func FuzzIndex(f *testing.F) {
	for _, c := range lineCases {
		f.Add([]byte(c.line + "\n" + SectionStart("a") + c.line + "\r\nx\ry\n" + SectionEnd("a", 1, "pass")))
	}
	f.Add([]byte(strings.Repeat("BUG: x\n\n", 300)))
	f.Fuzz(func(t *testing.T, text []byte) {
		log, err := Index(bytes.NewReader(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		plainly, _ := index(bytes.NewReader(text), Options{}, matchPlainly)
		if diff := cmp.Diff(plainly, log); diff != "" {
			t.Fatal(diff)
		}
		lines := bytes.Count(text, []byte("\n"))
		if len(text) > 0 && text[len(text)-1] != '\n' {
			lines++
		}
		if log.Lines != lines || log.Bytes != int64(len(text)) {
			t.Fatalf("%d lines, %d bytes", log.Lines, log.Bytes)
		}
		for _, s := range log.Sections {
			if s.Start < 1 || s.End < s.Start || s.End > lines {
				t.Fatalf("section %+v in %d lines", s, lines)
			}
		}
		for i, h := range log.Hits {
			if i > 0 && (h.Severity > log.Hits[i-1].Severity || h.Severity == log.Hits[i-1].Severity && h.Line <= log.Hits[i-1].Line) {
				t.Fatalf("hit %d is out of order", i)
			}
		}
		side, err := json.Marshal(log)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := Read(bytes.NewReader(side)); err != nil || cmp.Diff(log, back) != "" {
			t.Fatal(err, cmp.Diff(log, back))
		}
	})
}
