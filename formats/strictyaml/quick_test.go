package strictyaml

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// difference is a place where two nodes are not alike, "" if there is none.
// Comments do not count.
func difference(a, b *yaml.Node) string {
	mine, theirs := *a, *b
	for _, n := range []*yaml.Node{&mine, &theirs} {
		n.HeadComment, n.LineComment, n.FootComment, n.Content = "", "", "", nil
	}
	if diff := cmp.Diff(mine, theirs); diff != "" || len(a.Content) != len(b.Content) {
		return fmt.Sprintf("%d and %d in it: %s", len(a.Content), len(b.Content), diff)
	}
	for i, one := range a.Content {
		if diff := difference(one, b.Content[i]); diff != "" {
			return diff
		}
	}
	return ""
}

// checkQuick holds what was read quickly to what the library reads.
func checkQuick(t *testing.T, text string) (wasQuick bool) {
	t.Helper()
	got := quick(text, Room{})
	if got == nil {
		return false
	}
	want, err := slow([]byte(text))
	if err != nil {
		t.Fatalf("read, though the library refuses it: %v\n%s", err, text)
	}
	if diff := difference(want, got); diff != "" {
		t.Fatalf("%s\n%q", diff, text)
	}
	return true
}

// quickTexts are read quickly; otherTexts, right or wrong, are for the library.
var (
	quickTexts = []string{
		"a: b", "---\na: b\n", "# of us\n\na: b # here\n  # there\nc: 'd # e'\n", "a:\n  b: c\n  d:\n", "a:\n- b\n- c\nd: e\n", "a:\n    - b\n",
		"- a: b\n  c: d\n-   e: f\n    g: h\n- - i\n  - j\n", "-\n  a: b\n", "a: [b, 'c', \"d\"]\ne: []\nf: {}\n", "'a': \"b\"\n\"c d\": 'e''f'\n", "a b : c  d \n",
		"a: http://b/c#d\n", "a: 12\nb: 1.5\nc: yes\nd: ~\ne: 0x1f\nf: 2021-01-01\ng: .inf\nh: -5\ni: true\nj: null\nk: <<\n<<: 07\n", "größe: [ü, ä] # ö\nä: b\n",
		"a:\nb:\n", "a: -b\nc: a?b\nd: e,f]\n", "a:   \n   b: c", "paths: [net/, '~drivers/.*\\.[ch]']\n",
	}
	otherTexts = []string{
		"", "a", "a: |\n  b\n", "a: &b c\nd: *b\n", "a: b\n c\n", "a: b\n---\nc: d\n", "a: 'b\n  c'\n", `a: "\n"`, "a:\tb\n", "a: b: c\n", "- a\nb: c\n", "a:\n  - b\n  c: d\n",
		"a: [b\n", "a: [b, [c]]\n", "a: {b: c}\n", "a: !!str b\n", "? a\n: b\n", "a: @b\n", "a: b\r\nc: d\n", "a: \u0085b\n", "- \n- a\n", "a:\n    b: c\n  d: e\n", "a: 'b' c\n", "%YAML 1.2\n---\na: b\n",
		strings.Repeat("- ", deepestQuick+1) + "a: b", strings.Repeat("k", longestKey+1) + ": a", "\ufeffa: b",
	}
)

func TestQuick(t *testing.T) {
	for _, text := range quickTexts {
		if !checkQuick(t, text) {
			t.Errorf("not read quickly: %q", text)
		}
	}
	for _, text := range otherTexts {
		if checkQuick(t, text) {
			t.Errorf("read quickly: %q", text)
		}
	}
}

func TestRoom(t *testing.T) {
	var room Room
	for range 2 {
		for _, text := range append(append([]string{}, quickTexts...), otherTexts...) {
			got, err := room.Document(text, 10_000)
			want, wrong := slow([]byte(text))
			if (err == nil) != (wrong == nil) || (got == nil) != (want == nil) {
				t.Fatalf("%v, %v, want %v, %v", got, err, want, wrong)
			}
			if got == nil {
				continue
			}
			if diff := difference(want, got); diff != "" {
				t.Errorf("%s\n%q", diff, text)
			}
		}
	}
	if _, err := room.Document("a: b", 3); err == nil {
		t.Error("read, though it is too long")
	}
}

// TestQuickAgainstLibrary puts lines of few pieces together, so that many texts
// are nearly right.
func TestQuickAgainstLibrary(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	pieces := []string{
		"a: ", "b:", "- ", "-", "'c': ", "\"d\":", "x", "'y'", "\"z\"", "12", "null", "~", "[e, 'f']", "[]", "{}", " # g", "#", ":", ",", " ", "  ", "''", "ö", "]", "'", "?", "---", "yes", "h i", "<<",
	}
	quickly := 0
	for range 60_000 {
		var text strings.Builder
		for range 1 + r.IntN(5) {
			text.WriteString(strings.Repeat(" ", r.IntN(3)*r.IntN(3)))
			for range 1 + r.IntN(3) {
				text.WriteString(pieces[r.IntN(len(pieces))])
			}
			text.WriteByte('\n')
		}
		if checkQuick(t, text.String()) {
			quickly++
		}
	}
	if quickly < 1000 {
		t.Errorf("%d texts were read quickly: they say little", quickly)
	}
}

func FuzzQuick(f *testing.F) {
	for _, text := range append(append([]string{}, quickTexts...), otherTexts...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 10_000 {
			checkQuick(t, text)
		}
	})
}
