package targeting

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"drover/formats/strictyaml"
)

// shelf is the definitions that most tests here ask.
const shelf = `
sets:
  net: [mptcp, tcp]
  mptcp: tests of MPTCP
  tcp: []
  tier0: runs always
tests:
  mptcp:
    when:
      paths: [net/mptcp/]
      not_paths: ['**/*.rst']
    sets: [mptcp, net]
  tcp:
    when: {paths: [net/ipv4/tcp*, include/net/tcp.h], arches: [x86_64, aarch64]}
    sets: [tcp, net]
  docs:
    when: {or: [{paths: [Documentation/]}, {subject: '^docs: '}]}
  code:
    when: {not: {paths: [Documentation/]}}
  boot:
    when: {arches: [x86_64]}
    sets: [tier0]
  lsm:
    when: {maintainers: [SECURITY SUBSYSTEM]}
  gone:
    when: {maintainers: [NO SUCH SECTION], arches: [s390x]}
  baseline:
    when: {paths: [null]}
  smoke:
    when: {paths: [kernel/], trees: [mainline]}
    cost: always
  stress:
    when: {paths: [mm/]}
    cost: high
`

func shelfIndex(t *testing.T) *Index {
	t.Helper()
	var file struct{ Tests yaml.Node }
	if err := yaml.Unmarshal([]byte(shelf), &file); err != nil {
		t.Fatal(err)
	}
	var definitions []Definition
	for i := 0; i < len(file.Tests.Content); i += 2 {
		name, node := file.Tests.Content[i], file.Tests.Content[i+1]
		d := Definition{Name: name.Value, File: "shelf.yaml", Place: strictyaml.PlaceOf(name)}
		var body struct {
			When Condition
			Sets []string
			Cost Cost
		}
		if err := node.Decode(&body); err != nil {
			t.Fatal(err)
		}
		d.When, d.Sets, d.Cost = body.When, body.Sets, body.Cost
		definitions = append(definitions, d)
	}
	ix, err := Compile(definitions, func(name string) (Section, bool) {
		return Section{Paths: []string{"security/", "include/linux/security.h"}}, name == "SECURITY SUBSYSTEM"
	})
	if err != nil {
		t.Fatal(err)
	}
	return ix
}

func changeOf(names ...string) Change {
	files := make([]File, len(names))
	for i, name := range names {
		old, fresh, renamed := strings.Cut(name, " > ")
		files[i] = File{Path: name}
		if renamed {
			files[i] = File{Path: fresh, Old: old}
		}
	}
	return Change{Files: OfFiles(files...), Trees: Only("mainline"), Arches: Only("x86_64"), Subjects: Only("x: y")}
}

func TestSelect(t *testing.T) {
	ix := shelfIndex(t)
	on := func(c Change, arch string) Change { c.Arches = Only(arch); return c }
	asking := func(c Change, sets ...string) Change { c.Sets = Only(sets...); return c }
	baseline := Change{Files: AllFiles(), Trees: Only("mainline"), Arches: Only("x86_64")}
	for _, c := range []struct {
		name   string
		change Change
		policy Policy
		want   string
	}{
		{"one file", changeOf("net/mptcp/ctrl.c"), Policy{}, "mptcp code boot smoke"},
		{"what is left out", changeOf("net/mptcp/x.rst"), Policy{}, "code boot smoke"},
		{"another arch", on(changeOf("net/ipv4/tcp_input.c"), "s390x"), Policy{}, "code gone smoke"},
		{"a rename counts where it was", changeOf("net/mptcp/a.c > net/other/a.c"), Policy{}, "mptcp code boot smoke"},
		{"and where it is", changeOf("net/other/a.c > net/mptcp/a.c"), Policy{}, "mptcp code boot smoke"},
		{"several files", changeOf("Documentation/a", "net/ipv4/tcp.c", "mm/slub.c"), Policy{}, "tcp docs boot smoke stress"},
		{"a subject", Change{Files: OfFiles(File{Path: "x"}), Trees: Only("net"), Arches: Only("x86_64"), Subjects: Only("a", "docs: b")}, Policy{}, "docs code boot"},
		{"a section", changeOf("include/linux/security.h"), Policy{}, "code boot lsm smoke"},
		{"everything", baseline, Policy{}, "mptcp tcp docs boot lsm baseline smoke"},
		{"everything, costs do not matter", baseline, Policy{HighCost: HighAlways}, "mptcp tcp docs boot lsm baseline smoke stress"},
		{"files left open", Change{Trees: Only("mainline"), Arches: Only("s390x")}, Policy{}, "mptcp docs code lsm gone baseline smoke"},
		{"all left open", Change{}, Policy{HighCost: HighAlways}, "mptcp tcp docs code boot lsm gone baseline smoke stress"},
		{"nothing is aimed at it", changeOf("sound/x.c"), Policy{}, "code boot smoke"},
		{"nothing at all", changeOf(), Policy{}, "code boot smoke"},
		{"nothing is aimed at it: sets", changeOf("sound/x.c"), Policy{Unmatched: UnmatchedSets, Sets: []string{"net"}}, "mptcp tcp code boot smoke"},
		{"nothing is aimed at it: all", on(changeOf("sound/x.c"), "s390x"), Policy{Unmatched: UnmatchedAll}, "mptcp code lsm gone baseline smoke"},
		{"the policy waits for its case", changeOf("net/mptcp/ctrl.c"), Policy{Unmatched: UnmatchedAll}, "mptcp code boot smoke"},
		{"high cost, aimed at", changeOf("mm/slub.c"), Policy{}, "code boot smoke stress"},
		{"high cost, switched off", changeOf("mm/slub.c"), Policy{HighCost: HighNever}, "code boot smoke"},
		{"sets", asking(changeOf("net/mptcp/a.c", "net/ipv4/tcp.c"), "mptcp"), Policy{}, "mptcp"},
		{"sets that hold others", asking(changeOf("net/mptcp/a.c", "net/ipv4/tcp.c"), "net"), Policy{}, "mptcp tcp"},
		{"sets of nobody", asking(changeOf("net/mptcp/a.c"), "fs"), Policy{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := ix.Select(c.change, c.policy)
			var got []string
			for i := range s.Len() {
				choice := s.Choice(i)
				if choice.Chosen != s.Chosen(i) {
					t.Errorf("%s: chosen %v, the reason says %v", choice.Test, s.Chosen(i), choice.Chosen)
				}
				if choice.Reason == "" || strings.Contains(choice.Reason, "\n") {
					t.Errorf("%s: reason %q", choice.Test, choice.Reason)
				}
				if choice.Chosen {
					got = append(got, choice.Test)
				}
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
		})
	}
}

func TestReasons(t *testing.T) {
	ix := shelfIndex(t)
	byName := map[string]int{}
	for i := range ix.Len() {
		byName[ix.Definition(i).Name] = i
	}
	lost := changeOf("sound/x.c")
	lost.Arches = Only("s390x")
	asked := changeOf("net/mptcp/a.c")
	asked.Sets = Only("tcp", "tier0")
	for _, c := range []struct {
		change Change
		policy Policy
		test   string
		want   string
	}{
		{changeOf("a", "net/mptcp/ctrl.c"), Policy{}, "mptcp", "yes condition 10:7 [net/mptcp/ctrl.c] net/mptcp/ctrl.c has changed: the test is for changes of a file below net/mptcp/, leaving out those like **/*.rst"},
		{changeOf("a"), Policy{}, "mptcp", "no condition 10:7 [] the test is only for changes of a file below net/mptcp/, leaving out those like **/*.rst"},
		{changeOf("net/ipv4/tcp.c"), Policy{}, "tcp", "yes condition 14:12 [net/ipv4/tcp.c] net/ipv4/tcp.c has changed: the test is for changes of a file like net/ipv4/tcp* or include/net/tcp.h"},
		{lost, Policy{}, "tcp", "no condition 14:12 [] the test is only for changes of a file like net/ipv4/tcp* or include/net/tcp.h"},
		{Change{Files: AllFiles(), Arches: Only("s390x")}, Policy{}, "tcp", "no condition 14:55 [] the test is only for changes on x86_64 or aarch64"},
		{changeOf("a"), Policy{}, "docs", "no condition 17:12 [] the test is only for changes that fit this: changes a file below Documentation/ or with a subject like “^docs: ”"},
		{changeOf("Documentation/x"), Policy{}, "code", "no condition 19:18 [Documentation/x] Documentation/x has changed: the test is not for changes of a file below Documentation/"},
		{changeOf("a"), Policy{}, "code", "yes condition 19:18 [] the test is for changes other than those of a file below Documentation/"},
		{changeOf("a"), Policy{}, "boot", "yes condition 21:12 [] the test is for changes on x86_64"},
		{lost, Policy{}, "gone", "yes condition 26:44 [] the test is for changes on s390x"},
		{Change{Files: OfFiles(File{Path: "a"})}, Policy{}, "gone", "yes condition 26:12 [] MAINTAINERS has no section “NO SUCH SECTION”, so nothing is known against the test"},
		{Change{}, Policy{}, "boot", "yes condition 21:12 [] what the condition of the test asks for was left open"},
		{Change{Files: AllFiles()}, Policy{}, "baseline", "yes condition 28:12 [] everything has changed: the test is for changes of everything"},
		{changeOf("a"), Policy{}, "smoke", "yes always 29:3 [] the test runs whatever has changed"},
		{Change{Trees: Only("net")}, Policy{}, "smoke", "no always 30:30 [] the test is only for changes in mainline"},
		{changeOf("a"), Policy{}, "stress", "no high cost 32:3 [] the test costs much and runs only if a changed file asks for it"},
		{changeOf("mm/a"), Policy{HighCost: HighNever}, "stress", "no high cost 32:3 [] the test costs much, and such tests are switched off"},
		{lost, Policy{Unmatched: UnmatchedAll}, "mptcp", "yes unmatched 8:3 [] no test is aimed at what has changed, so all run whose other conditions fit"},
		{lost, Policy{Unmatched: UnmatchedSets, Sets: []string{"net"}}, "mptcp", "yes unmatched 8:3 [] no test is aimed at what has changed, so those of net run"},
		{asked, Policy{}, "mptcp", "no sets 8:3 [] the test is in none of the sets that were asked for: tcp, tier0"},
	} {
		got := ix.Select(c.change, c.policy).Choice(byName[c.test])
		chosen := map[bool]string{true: "yes", false: "no"}[got.Chosen]
		if text := fmt.Sprintf("%s %s %d:%d [%s] %s", chosen, got.Rule, got.Line, got.Column, got.File, got.Reason); text != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.test, text, c.want)
		}
		if got.Source != "shelf.yaml" {
			t.Errorf("%s: from %q", c.test, got.Source)
		}
	}
}

// TestCovering: what runs because of which file, and what nobody covers.
func TestCovering(t *testing.T) {
	ix := shelfIndex(t)
	s := ix.Select(changeOf("sound/x.c", "net/mptcp/b.c > net/ipv4/tcp_b.c", "Documentation/a", "mm/x", "net/mptcp/x.rst"), Policy{HighCost: HighNever})
	var got []string
	for _, c := range s.Covering() {
		line := c.File + ":"
		for _, i := range c.Tests {
			line += " " + ix.Definition(i).Name
		}
		got = append(got, line)
	}
	want := []string{"sound/x.c:", "net/ipv4/tcp_b.c: mptcp tcp", "Documentation/a: docs", "mm/x:", "net/mptcp/x.rst:"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	var witnesses []string
	for i, file := range s.Each {
		witnesses = append(witnesses, ix.Definition(i).Name+" "+file)
	}
	want = []string{"mptcp net/mptcp/b.c", "tcp net/ipv4/tcp_b.c", "docs Documentation/a", "boot ", "smoke "}
	if diff := cmp.Diff(want, witnesses); diff != "" {
		t.Errorf("witnesses (-want +got)\n%s", diff)
	}
}

func TestSummary(t *testing.T) {
	ix := shelfIndex(t)
	for policy, want := range map[Unmatched]string{
		"":            "3 of 10 tests run; no test is aimed at what has changed, so only those without conditions on paths run",
		UnmatchedSets: "4 of 10 tests run; no test is aimed at what has changed, so those of mptcp run too",
		UnmatchedAll:  "7 of 10 tests run; no test is aimed at what has changed, so paths do not count",
	} {
		if got := ix.Select(changeOf("sound/x.c"), Policy{Unmatched: policy, Sets: []string{"mptcp"}}).Summary(); got != want {
			t.Errorf("%q: %s", policy, got)
		}
	}
	if got := ix.Select(changeOf("mm/x"), Policy{}).Summary(); got != "4 of 10 tests run" {
		t.Error(got)
	}
}

// TestBareConditions: conditions that ask for nothing, and a policy without sets.
func TestBareConditions(t *testing.T) {
	never := Condition{Not: &Condition{}}
	ix, err := Compile([]Definition{{Name: "always"}, {Name: "never", When: never}, {Name: "not never", When: Condition{Not: &never}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := ix.Select(changeOf("a"), Policy{Unmatched: UnmatchedSets})
	for i, want := range []string{"true the test is for every change", "false the test is for no change", "true the test is for every change"} {
		if c := s.Choice(i); fmt.Sprint(c.Chosen, " ", c.Reason) != want {
			t.Errorf("%s: %v %s, want %s", c.Test, c.Chosen, c.Reason, want)
		}
	}
	if got, want := s.Summary(), "2 of 3 tests run; no test is aimed at what has changed, so those of none run too"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	empty, err := Compile(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := empty.Select(changeOf("a"), Policy{}).Summary(); !strings.HasPrefix(got, "0 of 0 tests run") {
		t.Error(got)
	}
}

// TestLeftOutAlone: files that are only left out are not the same as none that are
// asked for beside them.
func TestLeftOutAlone(t *testing.T) {
	ix, err := Compile([]Definition{{Name: "all but", When: Condition{NotPaths: []string{"a/"}}}, {Name: "whole", When: Condition{Paths: []string{Whole}, NotPaths: []string{"a/"}}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := ix.Select(changeOf("b"), Policy{}); !s.Chosen(0) || s.Chosen(1) {
		t.Error(s.Choices())
	}
}

// TestManyFiles: a change of 100,000 files is answered, and the answer is right.
func TestManyFiles(t *testing.T) {
	ix := shelfIndex(t)
	files := make([]File, 100_000)
	for i := range files {
		files[i] = File{Path: fmt.Sprintf("drivers/d%d/f%d.c", i%317, (i*7919)%100_000)}
	}
	files[77_777].Path = "net/mptcp/pm.c"
	s := ix.Select(Change{Files: OfFiles(files...)}, Policy{})
	if c := s.Choice(0); !c.Chosen || c.File != "net/mptcp/pm.c" {
		t.Errorf("%+v", c)
	}
	if covered := s.Covering(); len(covered) != len(files) || len(covered[77_777].Tests) != 1 || len(covered[0].Tests) != 0 {
		t.Errorf("%d files covered, %+v", len(covered), covered[77_777])
	}
}

// TestTogether: an index may be asked by several at once.
func TestTogether(t *testing.T) {
	ix := shelfIndex(t)
	changes := []Change{changeOf("net/mptcp/a.c"), changeOf("mm/x", "Documentation/y"), {Files: AllFiles()}, changeOf("sound/x")}
	var want []string
	for _, change := range changes {
		want = append(want, ix.Select(change, Policy{}).Summary())
	}
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for i := range 400 {
				change := i % len(changes)
				if got := ix.Select(changes[change], Policy{}).Summary(); got != want[change] {
					t.Errorf("%s, want %s", got, want[change])
				}
			}
		})
	}
	running.Wait()
}

func TestCompileRefuses(t *testing.T) {
	deep := Condition{}
	for range 40 {
		inner := deep
		deep = Condition{Not: &inner}
	}
	for want, definitions := range map[string][]Definition{
		`there are two tests of the name "a"`: {{Name: "a"}, {Name: "a"}},
		"missing closing )":                   {{Name: "a", When: Condition{Paths: []string{"~("}}}},
		"test b: ":                            {{Name: "a"}, {Name: "b", When: Condition{Or: []Condition{{Arches: []string{"["}}}}}},
		"nested more than 32 deep":            {{Name: "a", When: deep}},
		"missing argument":                    {{Name: "a", When: Condition{Subject: "*"}}},
	} {
		if _, err := Compile(definitions, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
