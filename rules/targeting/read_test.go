package targeting

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var unplaced = cmpopts.IgnoreFields(Condition{}, "Places")

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       Condition
	}{
		{"nothing", "", Condition{}},
		{"no key", "{}", Condition{}},
		{"one pattern", "paths: net/mptcp/", Condition{Paths: []string{"net/mptcp/"}}},
		{"a list", "paths: [net/**, '~drivers/.*\\.[ch]']\nnot_paths: [net/**/*.rst]", Condition{Paths: []string{"net/**", `~drivers/.*\.[ch]`}, NotPaths: []string{"net/**/*.rst"}}},
		{"all keys", "trees: [net]\narches: x86_64\nconfigs: [kasan]\ncomponents: [debuginfo]\nsets: [tier1]\nsubject: '^net: '\nmaintainers: [NETWORKING [GENERAL]]\nand: [{paths: [a]}]\nor: [{paths: [b]}, {paths: [c]}]\nnot: {paths: [d]}",
			Condition{}}, // the list in a section's name is refused below; here it shows that a problem hides nothing
		{"everything alone", "paths: [null]", Condition{Paths: []string{Whole}}},
		{"numbers and flags are names", "trees: [6.1, on, 10]", Condition{Trees: []string{"6.1", "on", "10"}}},
		{"nested", "or:\n- paths: [a]\n- not:\n    and:\n    - arches: [s390x]\n", Condition{Or: []Condition{{Paths: []string{"a"}}, {Not: &Condition{And: []Condition{{Arches: []string{"s390x"}}}}}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.name == "all keys" {
				c.text = strings.Replace(c.text, "[NETWORKING [GENERAL]]", "['NETWORKING [GENERAL]']", 1)
				c.want = Condition{
					Trees: []string{"net"}, Arches: []string{"x86_64"}, Configs: []string{"kasan"}, Components: []string{"debuginfo"},
					Sets: []string{"tier1"}, Subject: "^net: ", Maintainers: []string{"NETWORKING [GENERAL]"},
					And: []Condition{{Paths: []string{"a"}}}, Or: []Condition{{Paths: []string{"b"}}, {Paths: []string{"c"}}}, Not: &Condition{Paths: []string{"d"}},
				}
			}
			got, err := Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, unplaced); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			again := roundTrip(t, got)
			if diff := cmp.Diff(c.want, again, unplaced); diff != "" {
				t.Errorf("written and read (-want +got)\n%s", diff)
			}
		})
	}
}

// roundTrip writes and reads.
func roundTrip(t *testing.T, c Condition) Condition {
	t.Helper()
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return again
}

func TestPlaces(t *testing.T) {
	c, err := Parse("or:\n- paths: [a]\n- arches: [x]\n  paths: [b]\n")
	if err != nil {
		t.Fatal(err)
	}
	want := Places{{"", Place{Line: 3, Column: 3}}, {"arches", Place{Line: 3, Column: 3}}, {"paths", Place{Line: 4, Column: 3}}}
	if diff := cmp.Diff(want, c.Or[1].Places); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseProblems(t *testing.T) {
	deep := strings.Repeat("{not: ", 40) + "{}" + strings.Repeat("}", 40)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a misspelt key", "path: [a]", []string{"line 1, column 1: `path`: did you mean `paths`?"}},
		{"another one", "arches: [x]\nmaintainer: [y]", []string{"line 2, column 1: `maintainer`: did you mean `maintainers`?"}},
		{"a key of nobody", "colour: red", []string{"line 1, column 1: `colour` is no key here: use paths, not_paths, maintainers, trees,"}},
		{"all at once", "path: [a]\ntrees: {}\nsubject: '('", []string{
			"line 1, column 1: `path`", "line 2, column 8: expected a text, found keys", "line 3, column 10: the regular expression is refused: missing closing )"}},
		{"a key twice", "paths: [a]\npaths: [b]", []string{"line 2, column 1: `paths` stands here twice"}},
		{"no mapping", "net/", []string{`line 1, column 1: expected keys such as paths, found "net/"`}},
		{"a list of conditions", "- paths: [a]", []string{"expected keys such as paths, found a list"}},
		{"and without a list", "and: {paths: [a]}", []string{"line 1, column 6: `and` needs a list of conditions, found keys"}},
		{"or of nothing", "or: []", []string{"`or` needs a list of conditions, found an empty one"}},
		{"not of nothing", "not:", []string{"expected keys such as paths, found nothing"}},
		{"an empty key", "paths:", []string{"line 1, column 7: `paths` is empty: leave it out, or write [null]"}},
		{"an empty list", "paths: []", []string{"`paths` is an empty list"}},
		{"an empty text", "paths: ['']", []string{"line 1, column 9: `paths` holds an empty text"}},
		{"null among those left out", "not_paths: [null]", []string{"line 1, column 13: expected a text, found nothing"}},
		{"a path from the root", "paths: [/net]", []string{"line 1, column 9: paths begin at the top of the tree: write it without the first /"}},
		{"a path out of the tree", "paths: [../net]", []string{"leave . and .. out"}},
		{"an open class", "paths: ['a[b']", []string{"a [ has no ] behind it"}},
		{"a bad expression", "paths: ['~a(b']", []string{`missing closing ): "a(b"`}},
		{"lookaround", "paths: ['~(?!a)b']", []string{"invalid or unsupported Perl syntax"}},
		{"a bomb of repeats", "paths: ['~((a{100}){100}){100}']", []string{"line 1, column 9: the regular expression is refused: invalid repeat count"}},
		{"a bomb of brackets", "subject: '" + strings.Repeat("(", 999) + "'", []string{"refused"}},
		{"a long pattern", "paths: ['" + strings.Repeat("a", 2000) + "']", []string{"the pattern has 2000 bytes, 1000 are the most"}},
		{"too deep", deep, []string{"nested more than 32 deep"}},
		{"deeper than YAML", strings.Repeat("[", 20000), []string{"exceeded max depth"}},
		{"too many", "paths: [" + strings.Repeat("a, ", 6000) + "]", []string{"the condition has 6000 patterns, 5000 are the most"}},
		{"too long", "# " + strings.Repeat("x", 1<<20), []string{"bytes, 1048576 are the most"}},
		{"an alias", "and: [&a {paths: [x]}, *a]", []string{"line 1, column 24: expected keys such as paths, found an alias, which is not read here"}},
		{"a bomb of aliases", "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\npaths: [*c,*c,*c,*c]", []string{"`a` is no key", "an alias, which is not read here"}},
		{"no YAML", "paths: [a", []string{"line 1, column 1: this is no YAML: "}},
		{"no YAML further down", "paths: [a]\ntrees: ]", []string{"line 2, column 1: this is no YAML: "}},
		{"two documents", "paths: [a]\n---\npaths: [b]", []string{"a second document begins here"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Parse(c.text)
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %+v, %v", got, err)
			}
			for _, want := range c.want {
				if !strings.Contains(problems.Error(), want) {
					t.Errorf("%q is not in\n%v", want, problems)
				}
			}
			for _, p := range problems {
				if c.name != "too long" && (p.Line < 1 || p.Column < 1) {
					t.Errorf("%q has no place", p.Message)
				}
			}
		})
	}
}

// TestCheck: a condition from a form is held to the same rules.
func TestCheck(t *testing.T) {
	deep := Condition{}
	for range 40 {
		inner := deep
		deep = Condition{Not: &inner}
	}
	for _, c := range []struct {
		name string
		in   Condition
		want string
	}{
		{"always", Condition{}, ""},
		{"good", Condition{Paths: []string{"a/", Whole}, Subject: "x", Or: []Condition{{Trees: []string{"net*"}}}}, ""},
		{"a bad path", Condition{Paths: []string{"/a"}}, "without the first /"},
		{"a bad path inside", Condition{And: []Condition{{Not: &Condition{NotPaths: []string{"~("}}}}}, "missing closing )"},
		{"a bad path in or", Condition{Or: []Condition{{Paths: []string{"["}}}}, "no ] behind it"},
		{"a bad subject", Condition{Subject: "*"}, "missing argument"},
		{"everything left out", Condition{NotPaths: []string{Whole}}, "`not_paths` holds an empty text"},
		{"too deep", deep, "nested more than 32 deep"},
		{"too many", Condition{Trees: make([]string, 6000)}, "6000 patterns, 5000 are the most"},
	} {
		err := c.in.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"{}", "always"},
		{"paths: [net/mptcp/]\narches: [x86_64]", "changes a file below net/mptcp/ on x86_64"},
		{"paths: [net/mptcp/**, net/tls/, Makefile]", "changes a file below net/mptcp/, below net/tls/ or Makefile"},
		{"paths: [Makefile]", "changes Makefile"},
		{"paths: ['**/*.dts']\nnot_paths: [arch/arm/, arch/x86/x.c]", "changes a file like **/*.dts, leaving out those below arch/arm/ or named arch/x86/x.c"},
		{"not_paths: [Documentation/]", "changes a file, leaving out those below Documentation/"},
		{"paths: ['~drivers/.*']", "changes a file like “~drivers/.*”"},
		{"paths: [null]", "changes everything"},
		{"maintainers: [EXT4 FILE SYSTEM]", "changes a file of “EXT4 FILE SYSTEM”"},
		{"paths: [a/]\nmaintainers: [X]", "changes a file below a/ and a file of “X”"},
		{"trees: [net, net-next]\nconfigs: [kasan]\ncomponents: [selftests]\nsets: [tier1]\nsubject: mptcp", "in net or net-next built with config kasan with component selftests when asked for set tier1 with a subject like “mptcp”"},
		{"or: [{paths: [a/]}, {trees: [x], not: {arches: [y]}}]", "changes a file below a/ or (in x and not (on y))"},
		{"and: [{paths: [a/]}, {or: [{paths: [b/]}, {paths: [c/]}]}]", "changes a file below a/ and (changes a file below b/ or changes a file below c/)"},
		{"trees: [a, b, c, d, e, f, g, h]", "in a, b, c, d, e, f or one of 2 more"},
	} {
		condition, err := Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := condition.String(); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// FuzzParse: whatever is read is sound, and written and read again it is the same.
func FuzzParse(f *testing.F) {
	f.Add("paths: [net/**, '~a.*']\nnot_paths: [b/]\nor: [{trees: [x]}, {not: {subject: y}}]")
	f.Add("paths: [null, ~, '~', \"a\\nb\", 'x[!a-z]']")
	f.Add("a: &a [*a]\n<<: *a")
	f.Add("and: [[{}]]\n? [x]\n: y")
	f.Add("maintainers: 'EXT4 FILE SYSTEM'\nsets: [1, on, 2026-01-01, .inf]")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse(text)
		checkParser(t, text, c, err)
		if err != nil {
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("not Problems: %v", err)
			}
			return
		}
		if err := c.Check(); err != nil {
			t.Errorf("read, but refused by Check: %v", err)
		}
		if words := c.String(); words == "" || !utf8.ValidString(words) && utf8.ValidString(text) {
			t.Errorf("words %q", words)
		}
		again := roundTrip(t, c)
		if diff := cmp.Diff(c, again, unplaced, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("written and read again (-first +second)\n%s", diff)
		}
	})
}

// checkParser: a parser that has read something else gives what Parse gives.
func checkParser(t *testing.T, text string, want Condition, wrong error) {
	t.Helper()
	var p Parser
	var got Condition
	for _, one := range []string{"paths: [x, y]\nor: [{sets: z}, {not: {}}]", text} {
		err := p.Parse(one, &got)
		if one == text && (err == nil) != (wrong == nil) {
			t.Fatalf("a parser: %v, want %v", err, wrong)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("a parser (-want +got)\n%s", diff)
	}
}

// However many conditions are read at a time, each goes to its definition, and the
// first that is wrong is told.
func TestParseAll(t *testing.T) {
	const many = 3000
	text := func(i int) string { return fmt.Sprintf("paths: dir%d/\n", i) }
	definitions := make([]Definition, many)
	if _, err := ParseAll(definitions, text); err != nil {
		t.Fatal(err)
	}
	for i, d := range definitions {
		if want := fmt.Sprintf("dir%d/", i); !slices.Equal(d.When.Paths, []string{want}) {
			t.Fatalf("%d: %q", i, d.When.Paths)
		}
	}
	for _, first := range []int{0, many / 2, many - 2} {
		wrong, err := ParseAll(definitions, func(i int) string {
			if i >= first && i%2 == 0 {
				return "paths: []"
			}
			return text(i)
		})
		if err == nil || wrong != first {
			t.Errorf("%d is the first that is wrong, told is %d: %v", first, wrong, err)
		}
	}
	if _, err := ParseAll(nil, text); err != nil {
		t.Error(err)
	}
}
