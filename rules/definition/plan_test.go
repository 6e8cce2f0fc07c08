package definition

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"drover/formats/strictyaml"
	"drover/formats/treefile"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/targeting"
)

// odd are texts that YAML could take for something else.
var odd = []string{"true", "null", "~", "1e3", "2026-12-31", "a: b", "- a", "#a", "'", "\"", "with  two", "ä€😀", "a\tb", "{x}", "[y]", "0x1f", "yes", "*a", "&a", "!t", "%d", "@x", "a #b", "|", ">"}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

func some(r *rand.Rand, list []string) []string {
	var chosen []string
	for range r.IntN(3) {
		chosen = append(chosen, pick(r, list))
	}
	return sortedOnce(chosen)
}

// aTest is a valid test with every field now and then set.
func aTest(r *rand.Rand, name string) Test {
	t := Test{
		Name: name, Description: pick(r, odd), Owners: some(r, []string{"Tomás <t@example.org>", "a@example.org", "Wen", "null"}), Sets: some(r, []string{"net", "1", "true"}),
		Trees: some(r, []string{"net-next", "6.1", "null"}), State: states[r.IntN(4)], Cost: costs[r.IntN(len(costs))], Recipe: recipe.NameCommand,
		Command: "x " + pick(r, odd) + "\n\t" + pick(r, odd), Code: some(r, []string{"tools/a", "lib/b.c"}), Format: formats[r.IntN(2)], EachCase: r.IntN(2) == 0,
		Timeout: time.Duration(1+r.IntN(7200)) * time.Second, HostType: pick(r, odd), HostNeeds: pick(r, odd) + "\n" + pick(r, odd), Edition: r.Int64N(3),
	}
	if r.IntN(4) == 0 {
		t.State, t.Quarantine = status.TestQuarantined, Quarantine{pick(r, []string{"12", "https://b.example.org/1"}), time.Date(2026, 12, 1+r.IntN(31), 0, 0, 0, 0, time.UTC)}
	}
	paths := []string{"net/", "~a(b|c)*", "**/*.rst", targeting.Whole, "null", "[ab]x"}
	t.When = targeting.Condition{Paths: some(r, paths), Arches: some(r, []string{"x86_64", "~arm.*"}), Subject: pick(r, []string{"", "^net: ", "true"})}
	if r.IntN(3) == 0 {
		not := targeting.Condition{Maintainers: some(r, []string{"NETWORKING [TCP]", "#x"}), Paths: []string{"mm/"}}
		t.When.Or = []targeting.Condition{{NotPaths: []string{"Documentation/"}, Paths: []string{"a"}}, {Not: &not}}
	}
	return t
}

// Whatever is stored is read back as it was, every field of it.
func TestRandomRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 400 {
		var f File
		for i := range r.IntN(4) {
			f.Tests = append(f.Tests, aTest(r, fmt.Sprintf("t/%d", i)))
		}
		for i := range r.IntN(3) {
			f.Sets = append(f.Sets, Set{Name: fmt.Sprint("s", i), Description: pick(r, odd), Includes: some(r, []string{"x", "true", "1"})})
			f.Trees = append(f.Trees, Tree{File: treefile.File{
				Tree: fmt.Sprint("6.", i), URL: "https://example.org/" + pick(r, odd), Branches: some(r, []string{"main", "6.1", "for-*"}), Policy: pick(r, []string{"", "tip"}),
				Builds: pick(r, []string{"matrix", "recipe", "quick"}), Arches: some(r, []string{"um", "s390"}), Configs: some(r, odd), Compilers: some(r, []string{"gcc"}),
				Recipe: pick(r, odd) + "\n" + pick(r, odd) + "\n", Trusted: r.IntN(2) == 0, Mail: some(r, []string{"list a@example.org", "b@example.org"}), Agreed: r.IntN(2) == 0, Tests: some(r, odd),
			}})
		}
		text, err := f.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read([]byte(text))
		if err != nil {
			t.Fatalf("%d: %v\n%s", n, err, text)
		}
		plan := Compare(f, again.Over(f))
		if len(plan.Changes)+len(plan.Absent) > 0 || len(plan.Unchanged) != len(f.Tests)+len(f.Sets)+len(f.Trees) {
			t.Fatalf("%d: %+v\n%s", n, plan.Changes, text)
		}
		for i := range f.Tests {
			if again.Tests[i].Edition != f.Tests[i].Edition || !slices.Equal(again.Tests[i].Owners, f.Tests[i].Owners) {
				t.Fatalf("%+v\n%+v", f.Tests[i], again.Tests[i])
			}
		}
	}
}

func TestCompare(t *testing.T) {
	stored := File{
		Trees: []Tree{{File: treefile.File{Tree: "net", URL: "u", Builds: "quick"}}},
		Sets:  []Set{{Name: "s", Includes: []string{"b", "a"}}, {Name: "old"}},
		Tests: []Test{{Name: "a", State: status.TestBlocking, Command: "x\n", Sets: []string{"s"}, Trees: []string{"a", "b"}}, {Name: "b", State: status.TestQuarantined, Quarantine: Quarantine{Issue: "1"}}},
	}
	wanted := File{
		Trees: []Tree{{File: treefile.File{Tree: "net", URL: "u"}}, {File: treefile.File{Tree: "new", URL: "v"}}},
		Sets:  []Set{{Name: "s", Includes: []string{"a", "b"}}},
		Tests: []Test{
			{Name: "b", State: status.TestTrial}, {Name: "c", State: status.TestTrial, Edition: 3},
			{Name: "a", State: status.TestTrial, Command: "x", Sets: []string{"s", "s"}, Trees: []string{"b", "a"}, Timeout: time.Minute},
		},
	}
	plan := Compare(stored, wanted.Over(stored))
	var got []string
	for _, c := range plan.Changes {
		line := fmt.Sprintf("%s %s %t", c.Kind, c.Name, c.New)
		for _, d := range c.Differences {
			line += " " + d.Key
		}
		got = append(got, line)
	}
	if want := "tree new true url\ntest a false timeout\ntest c true state"; strings.Join(got, "\n") != want {
		t.Errorf("changes\n%s", strings.Join(got, "\n"))
	}
	if fmt.Sprint(plan.Unchanged, plan.Absent) != "[{tree net} {set s} {test b}] [{set old}]" || plan.Count(true) != 2 || plan.Count(false) != 1 {
		t.Errorf("%v %v", plan.Unchanged, plan.Absent)
	}
	said := wanted
	said.Tests = slices.Clone(wanted.Tests)
	said.Tests[2].Places = map[string]strictyaml.Place{"state": {}}
	if c := Compare(stored, said.Over(stored)).Changes[1]; len(c.Differences) != 2 {
		t.Errorf("a state that is said: %+v", c)
	}
	if again := Compare(stored, said.Over(stored)); again.Base != plan.Base {
		t.Error("the base is of what is stored alone")
	}
	other := stored
	other.Tests = slices.Clone(stored.Tests)
	other.Tests[0].Description = "changed meanwhile"
	if again := Compare(other, wanted.Over(other)); again.Base == plan.Base {
		t.Error("a change of what is stored has no other base")
	}
	other = stored
	other.Sets = []Set{stored.Sets[0]}
	if again := Compare(other, wanted.Over(other)); again.Base != plan.Base {
		t.Error("what no file names is not of the base")
	}
}
