package mail

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/rules/notice"
	"drover/rules/recipe"
)

func TestFold(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	url := "https://ci.example.org/" + x(80)
	for _, one := range []struct {
		name, text string
		want       []string
	}{
		{"short", "one two", []string{"  on  one two"}},
		{"nothing", "", []string{"  on  "}},
		{"at a space", x(40) + " " + x(40), []string{"  on  " + x(40), "      " + x(40)}},
		{"exactly full", x(66), []string{"  on  " + x(66)}},
		{"one too long", x(67), []string{"  on  " + x(66), "      x"}},
		{"a long word after a short one", "a " + x(70), []string{"  on  a", "      " + x(66), "      xxxx"}},
		{"after a slash", x(50) + "/" + x(30), []string{"  on  " + x(50) + "/", "      " + x(30)}},
		{"not after an early slash", "a/" + x(70), []string{"  on  a/" + x(64), "      " + x(6)}},
		{"a URL stays whole", "see " + url + " there", []string{"  on  see", "      " + url, "      there"}},
		{"what only looks like a URL", "x" + url, []string{"  on  xhttps://ci.example.org/" + x(42), "      " + x(38)}},
	} {
		if diff := cmp.Diff(one.want, fold("  on  ", "      ", one.text)); diff != "" {
			t.Errorf("%s: %s", one.name, diff)
		}
	}
}

func TestLogLine(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                 "     plain",
		"  indented":            "       indented",
		"a\tb":                  "     a       b",
		"12345678\tb":           "     12345678        b",
		"\x1b[1;31mred\x1b[0m":  "     red",
		"\x1b]0;title\x07text":  "     text",
		"end\r\n":               "     end",
		"trailing   ":           "     trailing",
		strings.Repeat("x", 67): "     " + strings.Repeat("x", 67),
		strings.Repeat("x", 68): "     " + strings.Repeat("x", 66) + ">",
		"https://ci.example.org/" + strings.Repeat("x", 60): "     https://ci.example.org/" + strings.Repeat("x", 43) + ">",
	} {
		p := &page{}
		p.log(text)
		if got := strings.TrimSuffix(p.b.String(), "\n"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestBlankLinesAreOne(t *testing.T) {
	p := &page{}
	p.line("a")
	p.blank()
	p.line("   ")
	p.blank()
	p.line(signature)
	p.line("b  ")
	if got, want := p.b.String(), "a\n\n-- \nb\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestColumns(t *testing.T) {
	for _, one := range []struct {
		text string
		want string
	}{
		{"short", "  #1    short                                        3 results\n"},
		{strings.Repeat("x", 50), "  #1    " + strings.Repeat("x", 50) + "  3 results\n"},
		{strings.Repeat("x", 60), "  #1    " + strings.Repeat("x", 60) + "\n        3 results\n"},
	} {
		p := &page{}
		p.columns("  #1    ", one.text, "3 results")
		if got := p.b.String(); got != one.want {
			t.Errorf("%q, want %q", got, one.want)
		}
	}
}

func TestAddress(t *testing.T) {
	for url, want := range map[string]string{
		"https://ci.example.org/r/1?l=2#x": "https://ci.example.org/r/1?l=2#x",
		"https://ci.example.org/a b\r\n":   "https://ci.example.org/a%20b%0D%0A",
		"https://ci.example.org/ü<>":       "https://ci.example.org/%C3%BC%3C%3E",
		strings.Repeat("u", 901):           "(an address of 901 characters)",
	} {
		if got := address(url); got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
}

// A command that cannot be folded is not printed broken, since half of it would
// do something else.
func TestCommandsStayWhole(t *testing.T) {
	long := "./run " + strings.Repeat("'a b'", 20)
	r := &notice.Reproduction{Number: 1, Link: "https://ci.example.org/b/1"}
	r.Steps = []recipe.ReproduceStep{{Title: "Run", Lines: []string{"make", "curl -L -o .config https://ci.example.org/" + strings.Repeat("x", 60), long}}}
	p := &page{}
	reproduce(p, r)
	want := `
HOW TO REPRODUCE 1)
===================

  make
  curl -L -o .config https://ci.example.org/` + strings.Repeat("x", 60) + `
  # a command of 106 characters stands on the page of the failure
  # https://ci.example.org/b/1

  config and kernel image:
  https://ci.example.org/b/1
`
	if diff := cmp.Diff(want, p.b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestMailbox(t *testing.T) {
	for _, one := range []struct {
		a    Address
		want string
	}{
		{Address{"", "a@example.com"}, "a@example.com"},
		{Address{"Asha Rao", "a@example.com"}, "Asha Rao <a@example.com>"},
		{Address{"Rao, Asha", "a@example.com"}, `"Rao, Asha" <a@example.com>`},
		{Address{"Bjørn", "a@example.com"}, "=?utf-8?q?Bj=C3=B8rn?= <a@example.com>"},
		{Address{"a\r\nBcc: b", "a@example.com"}, `"a Bcc: b" <a@example.com>`},
		{Address{"=?utf-8?q?x?=", "a@example.com"}, `"= ?utf-8?q?x?=" <a@example.com>`},
		{Address{"a\u202eb\xff", "a@example.com"}, `"ab?" <a@example.com>`},
	} {
		if got := mailbox(one.a); got != one.want {
			t.Errorf("%+v: %q, want %q", one.a, got, one.want)
		}
	}
}

func TestFoldHeader(t *testing.T) {
	id := "<" + strings.Repeat("x", 30) + "@example.com>"
	for _, one := range []struct {
		h    Header
		want string
	}{
		{Header{"Subject", "short"}, "Subject: short"},
		{Header{"References", id + " " + id}, "References: " + id + "\r\n " + id},
		{Header{"X-Long", strings.Repeat("y", 200)}, "X-Long: " + strings.Repeat("y", 200)},
	} {
		if got := foldHeader(one.h); got != one.want {
			t.Errorf("%q, want %q", got, one.want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, one := range []struct {
		text  string
		limit int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcdefgh", 6, "abc..."}, {"ab日本語", 8, "ab日..."}, {"a日本語", 6, "a..."},
	} {
		if got := shorten(one.text, one.limit); got != one.want {
			t.Errorf("%q, want %q", got, one.want)
		}
	}
}

func BenchmarkMessage(b *testing.B) {
	l := samples(b)["many"]
	for b.Loop() {
		if _, err := Message(l); err != nil {
			b.Fatal(err)
		}
	}
}
