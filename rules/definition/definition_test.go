package definition

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/formats/strictyaml"
	"drover/rules/recipe"
)

const whole = `sets:
    net:
        description: Networking
        includes:
            - mptcp
    mptcp: {}
tests:
    kselftest/net/tls:
        description: TLS in the kernel
        owners:
            - Tomás <tomas@example.org>
            - netdev@example.org
        state: quarantined
        quarantine:
            issue: "12"
            until: "2026-12-31"
        sets:
            - net
        trees:
            - net-next
        when:
            paths:
                - net/tls/
                - ~include/net/tls.*
            arches:
                - x86_64
        cost: high
        command: make -C tools/testing/selftests TARGETS=net run_tests
        code:
            - tools/testing/selftests/net/tls.c
        each_case: true
        timeout: 1h30m
        host_type: vm
        host_needs: 8 GiB of memory
    smoke:
        state: trial
        command: "true"
        format: exit
        timeout: 10m
`

func TestRoundTrip(t *testing.T) {
	f, err := Read([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	text, err := f.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, text); diff != "" {
		t.Errorf("written differently (-read +written):\n%s", diff)
	}
	tls := f.ByName("kselftest/net/tls")
	if tls == nil || tls.Timeout != 90*time.Minute || tls.Recipe != recipe.NameCommand || tls.Quarantine.Issue != "12" || len(tls.When.Paths) != 2 {
		t.Errorf("%+v", tls)
	}
	if f.ByName("smoke").Format != recipe.Exit || f.ByName("nobody") != nil {
		t.Error("the other test was read wrongly")
	}
}

func TestProblems(t *testing.T) {
	test := func(body string) string { return "tests:\n  a:\n    command: run\n" + body }
	for _, c := range []struct{ name, text, want string }{
		{"no YAML", "tests: [", "line 1, column 1: this is no YAML"},
		{"a misspelt key", test("    pathes: [a]\n"), "line 4, column 5: `pathes` is no key here: use description, owners"},
		{"another one", test("    owner: a\n"), "line 4, column 5: `owner`: did you mean `owners`?"},
		{"at the top", "test: {}\n", "line 1, column 1: `test`: did you mean `tests`?"},
		{"in a condition", test("    when:\n      path: [a]\n"), "line 5, column 7: `path`: did you mean `paths`?"},
		{"a bad pattern", test("    when:\n      paths: ['~(']\n"), "line 5, column 15: the regular expression is refused"},
		{"a list instead of keys", "tests: [a]\n", "line 1, column 8: expected tests, each with its name as key, found a list"},
		{"twice", "tests:\n  a: {command: x}\n  a: {command: y}\n", "line 3, column 3: `a` stands here twice"},
		{"no command", "tests:\n  a:\n    timeout: 1m\n", "line 2, column 3: write the command that runs the test"},
		{"a state", test("    state: reportin\n"), `line 4, column 5: "reportin": did you mean reporting?`},
		{"a format", test("    format: xml\n"), `line 4, column 5: "xml" is not known here: use ktap, tap, exit`},
		{"a recipe", test("    recipe: ltp\n"), "line 4, column 5: no recipe is named"},
		{"a time", test("    timeout: ten\n"), `line 4, column 14: write a time such as 90s, 10m or 1h30m, not "ten"`},
		{"too long a time", test("    timeout: 48h\n"), "line 4, column 5: use a time between 1 second and 24 hours"},
		{"yes for true", test("    each_case: maybe\n"), `line 4, column 16: expected true or false, found "maybe"`},
		{"cases of an exit status", test("    format: exit\n    each_case: true\n"), "line 5, column 5: an exit status has no cases"},
		{"an owner", test("    owners: [Tomas <tomas>]\n"), "line 4, column 5: \"Tomas <tomas>\" is no person"},
		{"no end of a quarantine", test("    state: quarantined\n    quarantine: {issue: 3}\n"), "line 5, column 5: a quarantine needs an issue and an end"},
		{"a quarantine of a test that counts", test("    state: blocking\n    quarantine: {issue: 3, until: 2026-12-31}\n"), "line 5, column 5: only a test whose state is quarantined"},
		{"a day", test("    state: quarantined\n    quarantine: {issue: 3, until: soon}\n"), `line 5, column 35: write a day as 2026-12-31, not "soon"`},
		{"a name with a space", "tests:\n  a b: {command: x}\n", "line 2, column 3: \"a b\": a name has no spaces"},
		{"a long name", "tests:\n  " + strings.Repeat("a", 101) + ": {command: x}\n", "line 2, column 3: a name has at most 100 characters"},
		{"a circle", "sets:\n  a: {includes: [b]}\n  b: {includes: [c]}\n  c: {includes: [b]}\n", "line 3, column 3: sets include each other in a circle: b, c, b"},
		{"a set in itself", "sets:\n  a: {includes: [a]}\n", "line 2, column 3: sets include each other in a circle: a, a"},
		{"an alias", "tests:\n  a: &x {command: x}\n  b: *x\n", "line 3, column 6: expected keys such as description, found an alias"},
		{"two documents", "tests: {}\n---\ntests: {}\n", "this is no YAML: a second document begins here"},
		{"too long", strings.Repeat("#", longestText+1), "the text has 33554433 bytes, 33554432 are the most"},
	} {
		_, err := Read([]byte(c.text))
		var problems strictyaml.Problems
		if !errors.As(err, &problems) {
			t.Errorf("%s: %v, want problems", c.name, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.name, err, c.want)
		}
	}
}

// What is wrong is told at once, in the order of the text.
func TestAllProblemsAtOnce(t *testing.T) {
	_, err := Read([]byte("tests:\n  a:\n    state: x\n    timeout: y\n    colour: z\n"))
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 4 || !strings.HasPrefix(lines[0], "line 2") || !strings.HasPrefix(lines[3], "line 5") {
		t.Errorf("%s", err)
	}
}

func TestDifferences(t *testing.T) {
	f, err := Read([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	before := *f.ByName("kselftest/net/tls")
	after := before
	after.Owners, after.When.Paths, after.Timeout = nil, []string{"net/"}, time.Hour
	var keys []string
	for _, d := range Differences(before, after) {
		keys = append(keys, d.Key+": "+d.Before+" -> "+d.After)
	}
	want := []string{
		"owners: Tomás <tomas@example.org>\nnetdev@example.org -> ",
		"when: paths:\n    - net/tls/\n    - ~include/net/tls.*\narches:\n    - x86_64 -> paths:\n    - net/\narches:\n    - x86_64",
		"timeout: 1h30m -> 1h",
	}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Error(diff)
	}
	if RunsOtherwise(before, after) {
		t.Error("nothing of how it runs has changed")
	}
	after.Command = "other"
	if !RunsOtherwise(before, after) {
		t.Error("another command runs otherwise")
	}
}

func TestAllSets(t *testing.T) {
	sets := []Set{{Name: "all", Includes: []string{"net", "fs"}}, {Name: "net", Includes: []string{"mptcp"}}, {Name: "mptcp"}, {Name: "fs"}}
	if got := AllSets([]string{"mptcp"}, sets); strings.Join(got, " ") != "mptcp net all" {
		t.Error(got)
	}
	if got := AllSets(nil, sets); got != nil {
		t.Error(got)
	}
	circle := []Set{{Name: "a", Includes: []string{"b"}}, {Name: "b", Includes: []string{"a"}}}
	if got := AllSets([]string{"a"}, circle); len(got) != 2 {
		t.Error(got)
	}
}

// A long chain of sets is neither slow nor a circle.
func TestCycleInLongChain(t *testing.T) {
	var sets []Set
	for i := range 1500 {
		s := Set{Name: "s" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String()}
		if i > 0 {
			s.Includes = []string{sets[i-1].Name}
		}
		sets = append(sets, s)
	}
	if got := Cycle(sets); got != "" {
		t.Error(got)
	}
	sets[0].Includes = []string{sets[1499].Name}
	if Cycle(sets) == "" {
		t.Error("the circle was not found")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("tests:\n  a: {command: x, state: reporting, when: {or: [{paths: [a]}, {not: {subject: b}}]}}\n"))
	f.Add([]byte("sets: {a: {includes: [b]}, b: {includes: [a]}}"))
	f.Fuzz(func(t *testing.T, content []byte) {
		read, err := Read(content)
		if err != nil {
			var problems strictyaml.Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("an error that is no list of problems: %v", err)
			}
			return
		}
		text, err := read.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read([]byte(text))
		if err != nil {
			t.Fatalf("what was written is not read back: %v\n%s", err, text)
		}
		if second, err := again.YAML(); err != nil || second != text {
			t.Fatalf("%v\n%s\n%s", err, text, second)
		}
	})
}
