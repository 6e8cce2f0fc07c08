package treefile

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"drover/formats/strictyaml"
)

func TestRoundTrip(t *testing.T) {
	want := File{
		Tree: "net-next", URL: "https://git.example.org/net-next.git", Branches: []string{"main", "for-*"}, Policy: "tip", Builds: "matrix",
		Arches: []string{"x86_64"}, Configs: []string{"defconfig+kernel/configs/debug.config"}, Compilers: []string{"gcc", "clang"},
		Recipe: "make defconfig\nmake\n", Trusted: true, Mail: []string{"list a@example.org", "b@example.org"}, Agreed: true, Tests: []string{"net/tls.sh"},
	}
	got, err := Parse(want.String())
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(File{}, "Places")); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s\n%s", err, diff, want)
	}
}

func TestProblems(t *testing.T) {
	for text, want := range map[string]string{
		"tree: a\nurll: b\n":          "line 2, column 1: `urll`: did you mean `url`?",
		"tree: a\ntree: b\n":          "line 2, column 1: `tree` stands here twice",
		"tree: a\nbranches: {a: b}\n": "line 2, column 11: expected a text, found keys",
		"tree: [a\n":                  "line 1, column 1: this is no YAML: did not find expected",
		"":                            "there is nothing in it",
		"just words":                  "line 1, column 1: expected keys such as tree",
		"trusted: perhaps":            "line 1, column 10: expected true or false",
		strings.Repeat("#", 70_000):   "the text has 70000 bytes, 65536 are the most",
	} {
		_, err := Parse(text)
		var problems strictyaml.Problems
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
			var problems strictyaml.Problems
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
