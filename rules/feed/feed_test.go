package feed_test

import (
	"regexp"
	"testing"

	"drover/rules/feed"
)

var kindForm = regexp.MustCompile(`^[a-z]+\.[a-z]+$`)

// TestTable: every kind is said once, in words, and names an object.
func TestTable(t *testing.T) {
	seen := map[feed.Kind]bool{}
	for _, l := range feed.Table {
		if seen[l.Kind] || !kindForm.MatchString(string(l.Kind)) || l.Text == "" || l.Kind.Object() != l.Object || l.Object == "" || !feed.Known(string(l.Kind)) {
			t.Errorf("%+v", l)
		}
		seen[l.Kind] = true
	}
	if feed.Known("checkout") || feed.Known("") || feed.Kind("x").Object() != "" {
		t.Error("a kind that is not there is known")
	}
}
