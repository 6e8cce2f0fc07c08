package trigger

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// CheckPattern says what is wrong with a branch pattern, or nil. Patterns are
// those of path.Match: * and ? stay within one part of the name.
func CheckPattern(pattern string) error {
	switch {
	case pattern == "":
		return fmt.Errorf("the pattern is empty")
	case strings.HasPrefix(pattern, "refs/"):
		return fmt.Errorf("write %q without refs/heads/", pattern)
	case strings.ContainsAny(pattern, " ~^:\\\x00\n") || len(pattern) > 200:
		return fmt.Errorf("%q cannot be part of a branch name", pattern)
	}
	if _, err := path.Match(pattern, "x"); err != nil {
		return fmt.Errorf("%q is not a pattern: %w", pattern, err)
	}
	return nil
}

// Watches tells whether a branch, without refs/heads/, matches a pattern.
func Watches(patterns []string, branch string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		ok, err := path.Match(pattern, branch)
		return ok && err == nil
	})
}

// Prefixes are the beginnings of ref names that patterns can match: what a
// remote is asked for. They are sorted, and none is the beginning of another.
func Prefixes(patterns []string) []string {
	var all []string
	for _, pattern := range patterns {
		end := strings.IndexAny(pattern, `*?[\`)
		if end < 0 {
			end = len(pattern)
		}
		all = append(all, "refs/heads/"+pattern[:end])
	}
	slices.Sort(all)
	var kept []string
	for _, prefix := range all {
		if len(kept) == 0 || !strings.HasPrefix(prefix, kept[len(kept)-1]) {
			kept = append(kept, prefix)
		}
	}
	return kept
}
