package consolelog

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ why, line, want string }{
		{"plain text stays", "ok 1 a\tb", "ok 1 a\tb"},
		{"the newline is no part of it", "ok 1\n", "ok 1"},
		{"a serial line ends in one or more carriage returns", "ok 1\r\r\n", "ok 1"},
		{"colours go", "\x1b[01;31merror:\x1b[0m x", "error: x"},
		{"erase, cursor, private modes go", "\x1b[K\x1b[12;3H\x1b[?25lx\x1b[?2004h", "x"},
		{"a title goes, ended by BEL", "\x1b]0;root@host\x07# ls", "# ls"},
		{"a title goes, ended by ESC backslash", "\x1b]0;root@host\x1b\\# ls", "# ls"},
		{"a title that never ends takes no text with it", "\x1b]0;BUG: x", "]0;BUG: x"},
		{"a sequence that never ends takes no text with it", "\x1b[12", "[12"},
		{"character sets go", "\x1b(Bx\x1b)0y", "xy"},
		{"keypad modes go", "\x1b=x\x1b>", "x"},
		{"a lone escape goes", "x\x1b", "x"},
		{"progress keeps its last state", "10 %\r50 %\r100 %", "100 %"},
		{"an erased end is no state", "100 %\r\x1b[K", "100 %"},
		{"blanks are no state", "100 %\r     \r", "100 %"},
		{"only blank states", " \r \r", ""},
		{"a console that puts the return first", "\rBUG: x", "BUG: x"},
		{"NUL becomes the replacement sign", "a\x00b", "a\uFFFDb"},
		{"bad UTF-8 becomes the replacement sign", "a\xff\xfeb", "a\uFFFD\uFFFDb"},
		{"a real replacement sign stays", "a\uFFFDb", "a\uFFFDb"},
		{"a cut character becomes one", "a\xe2\x82", "a\uFFFD\uFFFD"},
		{"other control characters go", "a\x07\x08\x7fb", "ab"},
		{"C1 controls go", "a\u009bb\u0085c", "abc"},
		{"text is not turned around", "a\u202eb\u2066c\u200f", "abc"},
		{"line separators go", "a\u2028b\u2029", "ab"},
		{"letters of the world stay", "größe 大きさ", "größe 大きさ"},
		{"markup is text", "<script>alert(1)</script>", "<script>alert(1)</script>"},
		{"nothing", "", ""},
	} {
		if got := Clean([]byte(c.line)); got != c.want {
			t.Errorf("%s: Clean(%q) = %q, want %q", c.why, c.line, got, c.want)
		}
	}
}

func TestMessage(t *testing.T) {
	for _, c := range []struct {
		text, want string
		kernel     bool
	}{
		{"x", "x", false},
		{"  x", "x", false},
		{"[    0.000001] x", "x", true},
		{"[12345.678901][  T12]  x", "x", true},
		{"[    0.000001] [C0] x", "x", true},
		{"<6>[    0.000001] x", "x", true},
		{"2026-11-27T10:42:07.123Z x", "x", false},
		{"2026-11-27T10:42:07+00:00 [    0.1] x", "x", true},
		{"2026-11-27", "2026-11-27", false},
		{"[FAILED] x", "[FAILED] x", false},
		{"[1] x", "[1] x", false},
		{"[.] x", "[.] x", false},
		{"[ BUG: x ]", "[ BUG: x ]", false},
		{"<script> x", "<script> x", false},
		{"[", "[", false},
		{"<", "<", false},
		{"", "", false},
	} {
		if got, kernel := message(c.text); got != c.want || kernel != c.kernel {
			t.Errorf("message(%q) = %q, %v", c.text, got, kernel)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text  string
		count int
		want  string
		cut   bool
	}{
		{"abc", 3, "abc", false},
		{"abcd", 3, "abc", true},
		{"äöü", 3, "äöü", false},
		{"äöüß", 3, "äöü", true},
		{"", 3, "", false},
	} {
		if got, was := cut(c.text, c.count); got != c.want || was != c.cut {
			t.Errorf("cut(%q, %d) = %q, %v", c.text, c.count, got, was)
		}
	}
}

func TestStyled(t *testing.T) {
	red, bright := Style{Colour: "red", Bold: true}, Style{Colour: "green", Bright: true}
	for _, c := range []struct {
		why, line, want string
		spans           []Span
	}{
		{"no colour", "plain", "plain", nil},
		{"a word", "a \x1b[1;31merror\x1b[0m b", "a error b", []Span{{2, 7, red}}},
		{"m alone resets", "\x1b[1;31mx\x1b[my", "xy", []Span{{0, 1, red}}},
		{"until the end of the line", "\x1b[92mok", "ok", []Span{{0, 2, bright}}},
		{"erase in between changes nothing", "\x1b[1;31m\x1b[Kx\x1b[Ky", "xy", []Span{{0, 1, red}, {1, 2, red}}},
		{"codes beyond the palette are plain", "\x1b[31m\x1b[38;5;200mx\x1b[38;2;1;2;3my", "xy", nil},
		{"a background is left out, with its codes", "\x1b[48;5;31mx", "x", nil},
		{"attributes end one by one", "\x1b[1;4;2mx\x1b[22my\x1b[24mz", "xyz",
			[]Span{{0, 1, Style{Bold: true, Dim: true, Underline: true}}, {1, 2, Style{Underline: true}}}},
		{"default colour", "\x1b[31;39mx", "x", nil},
		{"only the last state", "\x1b[31mx\ry", "y", nil},
		{"letters count in bytes", "ä\x1b[1;31mö", "äö", []Span{{2, 4, red}}},
		{"nonsense codes", "\x1b[31;99999999999999999999;?1mx", "x", []Span{{0, 1, Style{Colour: "red"}}}},
	} {
		text, spans := styled([]byte(c.line))
		if diff := cmp.Diff(c.spans, spans); diff != "" || text != c.want {
			t.Errorf("%s: styled(%q) = %q\n%s", c.why, c.line, text, diff)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, c := range lineCases {
		f.Add([]byte(c.line))
	}
	for _, line := range []string{"\x1b[31mx\x1b[0m\r\x1b]0;a\x07b", "\x1b]\x1b]\x1b[", "a\x00\xff\r \r\n", "\x1b[31m\xe2\x1b[0m\x82\xac"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		text := Clean(line)
		if !utf8.ValidString(text) {
			t.Fatalf("%q: not UTF-8", text)
		}
		for _, r := range text {
			if r != '\t' && (r < ' ' || r >= 0x7f && r < 0xa0) {
				t.Fatalf("%q holds %U", text, r)
			}
		}
		if again := Clean([]byte(text)); again != text {
			t.Fatalf("cleaned twice: %q, then %q", text, again)
		}
		shown, spans := styled(line)
		if shown != text && !strings.Contains(string(line), "\x1b") {
			t.Fatalf("styled %q, clean %q", shown, text)
		}
		end := 0
		for _, s := range spans {
			if s.Start < end || s.End <= s.Start || s.End > len(shown) {
				t.Fatalf("spans %v of %q", spans, shown)
			}
			end = s.End
		}
		sameRule(t, NewMatcher(), string(line))
	})
}
