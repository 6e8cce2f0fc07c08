package treefile

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRoundTrip(t *testing.T) {
	want := File{
		Tree: "net-next", URL: "https://git.example.org/net-next.git", Branches: []string{"main", "for-*"}, Policy: "tip", Builds: "matrix",
		Arches: []string{"x86_64"}, Configs: []string{"defconfig+kernel/configs/debug.config"}, Compilers: []string{"gcc", "clang"},
		Recipe: "make defconfig\nmake\n", Trusted: true, Mail: []string{"list a@example.org", "b@example.org"}, Agreed: true, Tests: []string{"net/tls.sh"},
	}
	got, err := Parse(want.String())
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s\n%s", err, diff, want)
	}
}

func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"tree: a\nurll: b\n":          `line 2: there is no field "urll"`,
		"tree: a\ntree: b\n":          "line 2: mapping key \"tree\" already defined at line 1",
		"tree: a\nbranches: {a: b}\n": "line 2: the field wants another kind of value",
		"tree: [a\n":                  "line 1: did not find expected",
		"":                            "there is nothing in it",
		"just words":                  "line 1: the field wants another kind of value",
		"trusted: perhaps":            "line 1: the field wants another kind of value",
		strings.Repeat("#", 70_000):   "at most 65536 bytes",
	} {
		_, err := Parse(text)
		var problems Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.30q: %v, want %s", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("tree: a\nurl: b\nbranches: [c]\nrecipe: |\n  make\n")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse(text)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Errorf("no problems: %v", err)
			}
			return
		}
		again, err := Parse(file.String()) // an empty list is none
		if diff := cmp.Diff(file.String(), again.String()); err != nil || diff != "" {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	})
}
