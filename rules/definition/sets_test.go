package definition

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/formats/strictyaml"
	"drover/rules/targeting"
)

// A file that is only asked which tests run need not say what they run, and may
// hold what a database of kpet said.
func TestReadToSelect(t *testing.T) {
	const text = `sets:
  net: [mptcp, tcp]
  mptcp: tests of MPTCP
tests:
  Net - mptcp:
    when: {paths: [net/mptcp/]}
    sets: mptcp
    cost: high
    kpet: {location: x, host_types: [normal]}
  two:
`
	f, err := ReadToSelect([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Sets) != 2 || f.Sets[0].Includes[1] != "tcp" || f.Sets[1].Description != "tests of MPTCP" {
		t.Errorf("%+v", f.Sets)
	}
	joined, err := Join(Part{"a.yaml", f})
	if err != nil {
		t.Fatal(err)
	}
	got := joined.Targeting()
	got[0].When.Places = nil
	want := []targeting.Definition{
		{Name: "Net - mptcp", When: targeting.Condition{Paths: []string{"net/mptcp/"}}, Sets: []string{"mptcp", "net"}, Cost: targeting.High,
			File: "a.yaml", Place: strictyaml.Place{Line: 5, Column: 3}},
		{Name: "two", File: "a.yaml", Place: strictyaml.Place{Line: 10, Column: 3}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if tree, err := ReadToSelect([]byte("tree: x\nurl: y\n")); err != nil || len(tree.Trees) != 1 {
		t.Errorf("a tree beside definitions: %+v, %v", tree, err)
	}
	for text, want := range map[string]string{
		"tests: {'': {}}":                 "line 1, column 9: the test has no name",
		"tests: {a: {cost: hihg}}":        `line 1, column 13: "hihg": did you mean high?`,
		"tests: {a: {when: {path: [x]}}}": "line 1, column 20: `path`: did you mean `paths`?",
		"tests: {a: {wen: {paths: [x]}}}": "line 1, column 13: `wen`: did you mean `when`?",
		"sets: {a: {include: [b]}}":       "line 1, column 12: `include`: did you mean `includes`?",
		"tests: {a: {edition: x}}":        `line 1, column 22: an edition is a number from 1, not "x"`,
		"trees: {a: {tree: b}}":           "line 1, column 13: the name of the tree is the key above",
		"trees: {a: {branch: b}}":         "line 1, column 13: `branch`: did you mean `branches`?",
		"tests: {a: {sets: [[b]]}}":       "line 1, column 20: expected a text, found a list",
	} {
		if _, err := ReadToSelect([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestJoin(t *testing.T) {
	read := func(name, text string) Part {
		f, err := ReadToSelect([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return Part{name, f}
	}
	_, err := Join(read("one.yaml", "tests: {a: {}}\nsets: {s: [r]}\ntrees: {x: {url: u}}"), read("two.yaml", "\ntests: {a: {}}\nsets: {s: x, r: [s2], s2: [r]}\ntrees: {x: {url: u}}"))
	var problems strictyaml.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	want := []string{
		`two.yaml, line 2, column 9: there are two tests of the name "a": one.yaml line 1, and two.yaml line 2`,
		"two.yaml, line 3, column 14: sets include each other in a circle: r, s2, r",
		`two.yaml, line 3, column 8: there are two sets of the name "s": one.yaml line 2, and two.yaml line 3`,
		`two.yaml, line 4, column 9: there are two trees of the name "x": one.yaml line 3, and two.yaml line 4`,
	}
	for _, one := range want {
		if !strings.Contains(err.Error(), one) {
			t.Errorf("no %s in\n%s", one, err)
		}
	}
	if len(problems) != len(want) {
		t.Errorf("%s", err)
	}
	all, err := Join(read("a.yaml", "tests: {a: {sets: [nte, net]}}"), read("b.yaml", "sets: {net: [nett]}"))
	if err != nil {
		t.Fatal(err)
	}
	unknown := all.UnknownSets(all.SetNames()).Err()
	if unknown == nil || unknown.Error() != "a.yaml, line 1, column 13: no set is called \"nte\": did you mean net?\nb.yaml, line 1, column 8: no set is called \"nett\": did you mean net?" {
		t.Error(unknown)
	}
}

// A text with thousands of the same mistake costs no more than one with a few,
// and tells as many as somebody reads.
func TestMistakesAreBounded(t *testing.T) {
	var sets, tests strings.Builder
	sets.WriteString("sets:\n")
	for i := range mostSets + 500 {
		fmt.Fprintf(&sets, "  network-set-%d: x\n", i)
	}
	_, err := Read([]byte(sets.String()))
	if diff := cmp.Diff("line 2002, column 3: one text has at most 2000 sets", fmt.Sprint(err)); diff != "" {
		t.Errorf("too many sets: %s", diff)
	}
	tests.WriteString("tests:\n")
	for i := range 3000 {
		fmt.Fprintf(&tests, "  t%d: {sets: [network-sat-%dq]}\n", i, i)
	}
	all, err := Read([]byte(tests.String()))
	var problems strictyaml.Problems
	if !errors.As(err, &problems) || len(problems) != strictyaml.Most {
		t.Errorf("tests without a command: %d problems", len(problems))
	}
	if unknown := all.UnknownSets([]string{"network-set-1"}); len(unknown) != strictyaml.Most {
		t.Errorf("unknown sets: %d problems", len(unknown))
	}
}
