package trigger

import (
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWatches(t *testing.T) {
	for _, c := range []struct {
		patterns string
		branch   string
		want     bool
	}{
		{"main", "main", true},
		{"main", "main2", false},
		{"linux-*.y", "linux-6.12.y", true},
		{"linux-*.y", "linux-rolling", false},
		{"*", "for-next", true},
		{"*", "for-6.13/block", false},
		{"for-*/block", "for-6.13/block", true},
		{"main linux-*.y", "linux-6.1.y", true},
		{"", "main", false},
		{"[", "[", false},
	} {
		if got := Watches(strings.Fields(c.patterns), c.branch); got != c.want {
			t.Errorf("%q watches %q: %v", c.patterns, c.branch, got)
		}
	}
}

func TestPrefixes(t *testing.T) {
	for _, c := range []struct {
		why      string
		patterns []string
		want     []string
	}{
		{"a name is its own prefix", []string{"main"}, []string{"refs/heads/main"}},
		{"one prefix serves several", []string{"linux-6.1.y", "linux-*.y", "main"}, []string{"refs/heads/linux-", "refs/heads/main"}},
		{"everything", []string{"main", "*"}, []string{"refs/heads/"}},
		{"nothing", nil, nil},
	} {
		if diff := cmp.Diff(c.want, Prefixes(c.patterns)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.why, diff)
		}
	}
}

func TestCheckPattern(t *testing.T) {
	for pattern, ok := range map[string]bool{
		"main": true, "linux-*.y": true, "for-?/x": true,
		"": false, "refs/heads/main": false, "[a": false, "a b": false, strings.Repeat("x", 300): false,
	} {
		if err := CheckPattern(pattern); (err == nil) != ok {
			t.Errorf("CheckPattern(%q) = %v", pattern, err)
		}
	}
}

func FuzzPrefixes(f *testing.F) {
	f.Add("linux-*.y", "linux-6.1.y")
	f.Fuzz(func(t *testing.T, pattern, branch string) {
		if CheckPattern(pattern) != nil || !Watches([]string{pattern}, branch) || path.Clean(branch) == "" {
			return
		}
		if prefix := Prefixes([]string{pattern})[0]; !strings.HasPrefix("refs/heads/"+branch, prefix) {
			t.Errorf("%q matches %q, which %q does not ask for", pattern, branch, prefix)
		}
	})
}
