package search

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"drover/rules/id"
)

func TestRead(t *testing.T) {
	short := id.ID(1)<<26*700 | 5
	for _, c := range []struct {
		text string
		want Asked
	}{
		{"", Asked{}},
		{" \t\n\x00 ", Asked{}},
		{"9C1E77A", Asked{Hash: "9c1e77a", Word: true, ID: parsed("9C1E77A")}},
		{"9c1e77", Asked{Word: true, ID: parsed("9c1e77")}}, // too short for a commit
		{strings.Repeat("a", 40), Asked{Hash: strings.Repeat("a", 40), Word: true}},
		{strings.Repeat("a", 41), Asked{Word: true}},
		{"v6.12-rc3-412-g9c1e77aa01cd", Asked{Hash: "9c1e77aa01cd", Word: true}},
		{"v6.12-rc3", Asked{Word: true}},
		{`9c1e77aa01cd ("tcp: close: drop it")`, Asked{Hash: "9c1e77aa01cd"}},
		{`commit 9c1e77aa01cd ("tcp: close")`, Asked{Hash: "9c1e77aa01cd"}},
		{"see v6.12-rc3-412-g9c1e77aa01cd", Asked{}},
		{"<checkout.8f3k2m.1@ci.example.org>", Asked{Message: "checkout.8f3k2m.1@ci.example.org", Word: true}},
		{"Message-ID: <a@b>", Asked{Message: "a@b"}},
		{"asha@example.org and others", Asked{}},
		{"a@b@c", Asked{Word: true}},
		{short.String(), Asked{ID: short, Word: true}},
		{strings.ToUpper(short.String()), Asked{ID: short, Word: true}},
		{"use after free", Asked{}},
		{"net/fib_tests.sh", Asked{Word: true}},
	} {
		c.want.Text = strings.Join(strings.Fields(strings.ReplaceAll(c.text, "\x00", " ")), " ")
		got, err := Read(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
	if a, err := Read(strings.Repeat("é", Longest+1)); !errors.Is(err, ErrLong) || utf8.RuneCountInString(a.Text) != Longest {
		t.Errorf("a long text: %v, %v", a, err)
	}
}

func parsed(text string) id.ID {
	i, err := id.Parse(text)
	if err != nil {
		panic(err)
	}
	return i
}

// Whatever is typed, the text that databases get is valid, and reading it again
// changes nothing.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "a@b", "<x@y>", "\x00", "\xff\xfe", "9c1e77a", "\u202eabc", "a  b", "-g9c1e77a", "Message-ID:", "%_\\", "é"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Read(text)
		if !utf8.ValidString(a.Text) || strings.ContainsAny(a.Text, "\x00\n\r\t") {
			t.Errorf("%q becomes %q", text, a.Text)
		}
		again, err2 := Read(a.Text)
		if err == nil && (again != a || err2 != nil) {
			t.Errorf("%q is %+v, read again %+v", text, a, again)
		}
	})
}
