package targeting

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestLibrary(t *testing.T) {
	lib, err := ReadLibrary("a.yaml", []byte(`
version: 3
tests:
  net/one:
    command: make one
    when: {paths: [net/]}
    sets: net
    cost: high
  two:
sets: {net: Networking}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := Library{File: "a.yaml", Sets: map[string][]string{"net": nil}, Definitions: []Definition{
		{Name: "net/one", When: Condition{Paths: []string{"net/"}}, Sets: []string{"net"}, Cost: High, File: "a.yaml", Place: Place{Line: 4, Column: 3}},
		{Name: "two", File: "a.yaml", Place: Place{Line: 9, Column: 3}},
	}}
	if diff := cmp.Diff(want, lib, unplaced); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	text, err := lib.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ReadLibrary("a.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if diff := cmp.Diff(want, again, unplaced, cmpopts.IgnoreFields(Definition{}, "Place"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("written and read (-want +got)\n%s\n%s", diff, text)
	}
}

func TestLibraryProblems(t *testing.T) {
	chain := "sets:\n"
	for i := range 40 {
		chain += fmt.Sprintf("  s%02d: [s%02d]\n", i, i+1)
	}
	for _, c := range []struct{ name, text, want string }{
		{"two tests of one name", "tests:\n  a: {}\n  a: {}", "line 3, column 3: `a` stands here twice"},
		{"a test without a name", "tests: {'': {}}", "line 1, column 9: the test has no name"},
		{"a bad condition", "tests:\n  a:\n    when: {path: [x]}", "line 3, column 12: `path`: did you mean `paths`?"},
		{"a bad cost", "tests: {a: {cost: low}}", `line 1, column 19: expected always or high, found "low"`},
		{"no tests", "tests: [a]", "line 1, column 8: expected keys, found a list"},
		{"a list", "[a]", "line 1, column 1: expected keys, found a list"},
		{"bad sets", "tests: {a: {sets: [[b]]}}", "line 1, column 20: expected a text, found a list"},
		{"a set that holds itself", "sets: {a: [b], b: [c], c: [a]}", "the set a holds itself: a → b → c → a"},
		{"a set in itself", "sets: {a: a2, b: [b]}", "the set b holds itself: b → b"},
		{"sets too deep", chain, "the sets are nested more than 32 deep, from s00 on"},
		{"an unknown set", "sets: {net: x}\ntests: {a: {sets: [nte]}}", `x.yaml line 2: test a is in the set "nte", which is not among the sets: did you mean net?`},
		{"no YAML", "tests: {", "this is no YAML"},
	} {
		lib, err := ReadLibrary("x.yaml", []byte(c.text))
		if err == nil {
			_, err = Join(lib)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	one, err := ReadLibrary("one.yaml", []byte("tests: {a: {}}"))
	if err != nil {
		t.Fatal(err)
	}
	two := one
	two.Definitions = []Definition{{Name: "a", File: "two.yaml", Place: Place{Line: 7, Column: 1}}}
	if _, err := Join(one, two); err == nil || err.Error() != `there are two tests of the name "a": one.yaml line 1, and two.yaml line 7` {
		t.Error(err)
	}
}
