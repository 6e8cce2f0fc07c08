package ui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"drover/views/route"
)

func TestCleanLine(t *testing.T) {
	for _, c := range []struct {
		why, line, class string
		want             []span
		after            string
	}{
		{"plain", "hello", "", []span{{"", "hello"}}, ""},
		{"empty", "", "", nil, ""},
		{"colour and reset", "a \x1b[31mb\x1b[0m c", "", []span{{"", "a "}, {"a1", "b"}, {"", " c"}}, ""},
		{"colour runs on", "x\x1b[1;32my", "", []span{{"", "x"}, {"a2", "y"}}, "a2"},
		{"colour came in", "x\x1b[my", "a3", []span{{"a3", "x"}, {"", "y"}}, ""},
		{"bright", "\x1b[91mx", "", []span{{"a1", "x"}}, "a1"},
		{"256 colours are left out", "\x1b[38;5;31mx\x1b[38;2;1;2;31my\x1b[48;5;32;33mz", "", []span{{"", "xy"}, {"a3", "z"}}, "a3"},
		{"default colour", "\x1b[31mx\x1b[39my", "", []span{{"a1", "x"}, {"", "y"}}, ""},
		{"other escapes go", "\x1b[2K\x1b[1;1Hx\x1b]0;title\x07y\x1b]8;;http://x\x1b\\z\x1b(B", "", []span{{"", "xyz"}}, ""},
		{"cut escapes", "x\x1b[31", "", []span{{"", "x"}}, ""},
		{"lone escape", "x\x1b", "", []span{{"", "x"}}, ""},
		{"a progress line keeps its last state", "1 %\r50 %\r100 %\r\n", "", []span{{"", "100 %"}}, ""},
		{"control characters", "a\x00b\x07c\td", "", []span{{"", "a\ufffdb\ufffdc\td"}}, ""},
		{"bad UTF-8", "a\xff\xfeb", "", []span{{"", "a\ufffd\ufffdb"}}, ""},
		{"no reordering", "a\u202eb", "", []span{{"", "a\ufffdb"}}, ""},
	} {
		got, after := cleanLine(c.line, c.class)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(span{})); diff != "" || after != c.after {
			t.Errorf("%s: after %q, want %q\n%s", c.why, after, c.after, diff)
		}
	}
}

func TestLongLineIsCutBetweenCharacters(t *testing.T) {
	spans, _ := cleanLine(strings.Repeat("ä", 3000), "")
	text := spans[0].text
	if !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) || !strings.HasSuffix(text, "(whole line in the raw log)") || len(text) > longestLine+60 {
		t.Errorf("%d bytes, end %q", len(text), text[len(text)-60:])
	}
}

func TestLogView(t *testing.T) {
	w := Window{First: 811, Lines: []string{"", "<script>alert(1)</script>", "not ok 14", "", "end"}, Chosen: route.Lines{First: 813, Last: 814}}
	got := render(t, LogView("A log", w, []Hit{{Line: 812}, {Line: 9999}}))
	want := `<pre class="tx">` + "\n\n" + `<mark id="L812" data-m="hit">&lt;script&gt;alert(1)&lt;/script&gt;</mark>` + "\n" +
		`<mark id="L813" data-m="chosen">not ok 14</mark>` + "\n" + `<mark id="L814" data-m="chosen"> </mark>` + "\nend\n</pre>"
	if !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if !strings.Contains(got, `data-first="811">811`+"\n812\n813\n814\n815\n</pre>") {
		t.Errorf("numbers are wrong: %s", got)
	}
}

func TestLogBlocks(t *testing.T) {
	w := Window{First: 1, Lines: make([]string, 2*blockLines+1)}
	blocks := w.blocks(nil)
	if len(blocks) != 3 || blocks[1].first != blockLines+1 || len(blocks[2].lines) != 1 || w.Last() != 2*blockLines+1 {
		t.Errorf("%d blocks, last line %d", len(blocks), w.Last())
	}
	if (Window{First: 1}).Last() != 0 || len((Window{}).blocks(nil)) != 0 {
		t.Error("an empty window has lines")
	}
}

// A choice far outside of the window must not cost anything, however large.
func TestChosenLinesOutsideOfTheWindow(t *testing.T) {
	w := Window{First: 1, Lines: []string{"a"}, Chosen: route.Lines{First: 5, Last: 2_000_000_000}}
	if got := w.blocks(nil)[0].lines[0].mark; got != "" {
		t.Errorf("line 1 is marked %q", got)
	}
}

func FuzzCleanLine(f *testing.F) {
	for _, s := range []string{"", "a\x1b[31mb", "\x1b]0;x", "\x1b[38;5", "\xff\x1b[", "a\rb", "\x1b[;;;m"} {
		f.Add(s, "a1")
	}
	f.Fuzz(func(t *testing.T, line, class string) {
		spans, _ := cleanLine(line, class)
		length := 0
		for _, s := range spans {
			length += len(s.text)
			if s.class != class && s.class != "" && (len(s.class) != 2 || s.class[0] != 'a' || s.class[1] < '0' || s.class[1] > '7') {
				t.Errorf("class %q comes from %q", s.class, line)
			}
			if !utf8.ValidString(s.text) || strings.ContainsAny(s.text, "\x00\x1b\n\r") {
				t.Errorf("%q shows %q", line, s.text)
			}
		}
		if length > 3*longestLine+100 {
			t.Errorf("%d bytes are shown of one line", length)
		}
	})
}
