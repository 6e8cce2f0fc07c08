package kpetdb

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"drover/rules/definition"
	"drover/rules/targeting"
)

func folder(files map[string]string) fstest.MapFS {
	fs := fstest.MapFS{}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

// early is a database with suites, late one with a tree of cases.
var (
	early = map[string]string{
		"index.yaml": `
arches: [x86_64, aarch64, s390x]
trees:
  upstream: {template: trees/upstream.xml.j2, arches: x86_64|aarch64}
components: {debuginfo: Debug information}
sets: {kt0: Tier 0, kt1: Tier 1, net: Networking}
host_types:
  normal: {}
  panicky: {ignore_panic: true}
host_type_regex: normal
recipesets: {rcs: [normal]}
origins: {skt: The suite}
suites: [suites/net/index.yaml, suites/boot.yaml]
`,
		"suites/net/index.yaml": `
name: Networking
location: https://example.org/net.tar.gz
origin: skt
maintainers: [Asha Rao <asha@example.org>]
sets: [net, "kt[01]"]
pattern: {trees: upstream}
hostRequires: ../memory.xml
cases:
  - name: mptcp
    universal_id: net.mptcp
    max_duration_seconds: 600
    sets: net
    host_type_regex: ".*"
    pattern:
      sources:
        or: ['net/mptcp/.*', 'include/net/mptcp\.h', 'net/(?!x).*']
      not: {arches: s390x}
    waived: true
    environment: {MODE: fast}
  - max_duration_seconds: 60
    role: CLIENTS
`,
		"suites/memory.xml": "<memory op='>=' value='4096'/>\n",
		"suites/boot.yaml": `
name: Boot
location: boot
origin: skt
sets: kt0
cases:
  - name: boot
    max_duration_seconds: 100
    maintainers: [Bo <bo@example.org>]
    pattern: {sources: null}
`,
	}
	late = map[string]string{
		"index.yaml": `
arches: [x86_64]
trees: {upstream: {template: t}}
sets: {kt1: ""}
host_types: {normal: {}}
domains: {general: {}}
case: cases/index.yaml
`,
		"cases/index.yaml": `
location: https://example.org/tests
maintainers: [{name: Asha, email: asha@example.org}]
max_duration_seconds: 60
cases:
  fs: fs.yaml
  net:
    name: Net
    target_sources: [net/.*]
    enabled: {not: {trees: old}}
    cases:
      tcp: {target_sources: 'include/net/tcp.*', high_cost: true, waived: {arches: s390x}}
      all: {}
`,
		"cases/fs.yaml": "max_duration_seconds: 90\nhigh_cost: {trees: upstream}\nenabled: false\n",
	}
)

func TestEarly(t *testing.T) {
	db, problems := Read(folder(early))
	want := []Test{
		{
			Name: "Networking - mptcp", UniversalID: "net.mptcp", Location: "https://example.org/net.tar.gz", Origin: "skt",
			When: targeting.Condition{
				Trees: []string{"upstream"}, Paths: []string{"net/mptcp/", "include/net/mptcp.h", "**"}, Not: &targeting.Condition{Arches: []string{"s390x"}},
			},
			Sets: []string{"net"}, Waived: true, Maintainers: []string{"Asha Rao <asha@example.org>"}, MaxDuration: 10 * time.Minute,
			Role: "STANDALONE", Environment: map[string]string{"MODE": "fast"}, HostTypes: []string{"normal", "panicky"},
			HostRequires: []string{"<memory op='>=' value='4096'/>\n"}, File: "suites/net/index.yaml", Line: 10,
		},
		{
			Name: "Networking", Location: "https://example.org/net.tar.gz", Origin: "skt", When: targeting.Condition{Trees: []string{"upstream"}},
			Sets: []string{"net", "kt0", "kt1"}, Maintainers: []string{"Asha Rao <asha@example.org>"}, MaxDuration: time.Minute,
			Role: "CLIENTS", HostTypes: []string{"normal"}, HostRequires: []string{"<memory op='>=' value='4096'/>\n"},
			File: "suites/net/index.yaml", Line: 21,
		},
		{
			Name: "Boot - boot", Location: "boot", Origin: "skt", When: targeting.Condition{Paths: []string{targeting.Whole}}, Sets: []string{"kt0"},
			Maintainers: []string{"Bo <bo@example.org>"}, MaxDuration: 100 * time.Second, Role: "STANDALONE", HostTypes: []string{"normal"},
			File: "suites/boot.yaml", Line: 7,
		},
	}
	if diff := cmp.Diff(want, db.Tests, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	checkProblems(t, problems,
		"index.yaml:9: what the host type panicky needs is not read, only its name", "index.yaml:11: recipesets is not read",
		"suites/net/index.yaml:17: the pattern \"net/(?!x).*\" cannot be said: lookahead (?! is not among Go's regular expressions. It is taken to match everything, so its test runs more often")
	if wrong := Wrong(problems); len(wrong) > 0 {
		t.Errorf("wrong: %v", wrong)
	}
}

func TestLate(t *testing.T) {
	db, problems := Read(folder(late))
	want := []targeting.Definition{
		{Name: "fs", When: never(), Cost: targeting.High, File: "cases/fs.yaml", Place: targeting.Place{Line: 1, Column: 1}},
		{Name: "Net - tcp", When: targeting.Condition{Not: &targeting.Condition{Trees: []string{"old"}}, Paths: []string{"net/", "~include/net/tcp.*"}},
			Cost: targeting.High, File: "cases/index.yaml", Place: targeting.Place{Line: 12, Column: 1}},
		{Name: "Net - all", When: targeting.Condition{Not: &targeting.Condition{Trees: []string{"old"}}, Paths: []string{"net/"}},
			File: "cases/index.yaml", Place: targeting.Place{Line: 13, Column: 1}},
	}
	if diff := cmp.Diff(want, db.Definitions()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if w := db.Tests[1].WaivedWhen; w == nil || w.String() != "on s390x" || db.Tests[1].Waived {
		t.Errorf("waived %+v", w)
	}
	if d := db.Tests[0].MaxDuration + db.Tests[1].MaxDuration; d != 150*time.Second || db.Tests[0].Maintainers[0] != "Asha <asha@example.org>" {
		t.Errorf("inherited %+v", db.Tests[0])
	}
	checkProblems(t, problems,
		"cases/fs.yaml:2: high_cost depends on the target; the test is taken to be of high cost everywhere",
		"index.yaml:6: domains is not read")
}

func checkProblems(t *testing.T, got []Problem, want ...string) {
	t.Helper()
	var lines []string
	for _, p := range got {
		lines = append(lines, p.String())
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("problems (-want +got)\n%s", diff)
	}
}

// TestProblems breaks the early database in one place each.
func TestProblems(t *testing.T) {
	net := "suites/net/index.yaml"
	for _, c := range []struct {
		name, file, old, new string
		want                 string
		lost                 bool
	}{
		{"two tests of one name", net, "  - max_duration_seconds: 60", "  - name: mptcp\n    max_duration_seconds: 60", net + `:21: there are two tests of the name "Networking - mptcp": the other is in suites/net/index.yaml line 10`, false},
		{"nobody maintains it", "suites/boot.yaml", "    maintainers: [Bo <bo@example.org>]\n", "", `suites/boot.yaml:7: the test "Boot - boot" has no maintainers`, false},
		{"no time", "suites/boot.yaml", "    max_duration_seconds: 100\n", "    role: x\n", `the test "Boot - boot" has no max_duration_seconds`, false},
		{"a bad time", "suites/boot.yaml", "100", "an hour", `max_duration_seconds: "an hour" is no number of seconds`, false},
		{"no place", "suites/boot.yaml", "location: boot", "", `has no location`, false},
		{"an unknown origin", "suites/boot.yaml", "origin: skt", "origin: me", `names the origin me, which is not among the origins`, false},
		{"no origin", "suites/boot.yaml", "origin: skt", "", `has no origin`, false},
		{"an origin where there are none", "index.yaml", "origins: {skt: The suite}", "", `names the origin skt, but the database has no origins`, false},
		{"a host type of nobody", net, `".*"`, "metal", net + `:14: the expression "metal" means no host type: there are normal, panicky`, false},
		{"an arch of nobody", "index.yaml", "x86_64|aarch64", "mips", `index.yaml:4: the expression "mips" means no architecture: there are x86_64, aarch64, s390x`, false},
		{"a set of nobody", net, "    sets: net", "    sets: mm", net + `:13: the expression "mm" means no set`, false},
		{"a set that the suite has not", "suites/boot.yaml", "  - name: boot", "  - name: boot\n    sets: kt1", `the set kt1 is not among those of the suite: kt0`, false},
		{"a tree without a template", "index.yaml", "template: trees/upstream.xml.j2, ", "", `index.yaml:4: the tree upstream has no template`, false},
		{"no such suite", "index.yaml", "suites/boot.yaml", "suites/gone.yaml", `index.yaml:13: there is no file suites/gone.yaml`, false},
		{"a suite elsewhere", "index.yaml", "suites/boot.yaml", "../boot.yaml", `index.yaml:13: "../boot.yaml" leads out of the database`, false},
		{"a suite from the root", "index.yaml", "suites/boot.yaml", "/etc/passwd", `"/etc/passwd" leads out of the database`, false},
		{"a template elsewhere", net, "../memory.xml", "../../../memory.xml", `"../../../memory.xml" leads out of the database`, false},
		{"no such template", net, "../memory.xml", "gone.xml", `there is no file gone.xml`, false},
		{"no YAML", "suites/boot.yaml", "cases:", "cases: [", "suites/boot.yaml:7: this is no YAML: did not find expected node content", false},
		{"two documents", "suites/boot.yaml", "cases:", "---\ncases:", "suites/boot.yaml:6: this is no YAML: a second document begins here", false},
		{"a part that patterns lack", net, "sources:", "source:", net + `:16: "source" is no part of a pattern`, false},
		{"trees in arches", net, "{arches: s390x}", "{arches: {trees: x}}", "trees stands inside of arches", false},
		{"an expression of nothing", net, "{trees: upstream}", "{or: [upstream]}", "expected trees, arches, components or sources before an expression", false},
		{"a bad id", net, "net.mptcp", "net/mptcp", `universal_id "net/mptcp" has other characters`, false},
		{"a bad expression", net, "net/mptcp/.*", "net/(", "cannot be said: the regular expression is refused: missing closing )", true},
		{"one in not", net, "{arches: s390x}", "{arches: '(?=s).*'}", "It is taken to match nothing, so its test runs more often", true},
		{"a key of nobody", net, "role: CLIENTS", "roles: CLIENTS", net + ":22: roles is not read", true},
		{"a merge", net, "    environment:", "    <<: {role: X}\n    environment:", "merged keys (<<) are not read", true},
		{"a Jinja template", "suites/memory.xml", "4096", "{{ MEMORY }}", "suites/memory.xml is a Jinja2 template; its text is kept as it is", true},
		{"a suite that holds itself", "suites/boot.yaml", "  - name: boot", "  - suites/boot.yaml\n  - name: boot", "the case holds itself", false},
		{"aliases without end", net, "{arches: s390x}", "&a {and: [*a]}", "the pattern is nested more than 24 deep", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{}
			for name, text := range early {
				files[name] = text
			}
			files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
			if files[c.file] == early[c.file] {
				t.Fatalf("%q is not in %s", c.old, c.file)
			}
			_, problems := Read(folder(files))
			var lines []string
			for _, p := range problems {
				lines = append(lines, p.String())
				if strings.Contains(p.String(), c.want) && p.Lost == c.lost {
					return
				}
			}
			t.Errorf("%q is not in\n%s", c.want, strings.Join(lines, "\n"))
		})
	}
}

// bomb are lists of lists that unfold to 8^8 expressions.
func bomb() string {
	text := "&l0 {trees: x}"
	for i := 1; i <= 8; i++ {
		text += fmt.Sprintf(", &l%d [", i) + strings.Repeat(fmt.Sprintf("*l%d, ", i-1), 8) + "]"
	}
	return text
}

func TestTooMuch(t *testing.T) {
	r := newReader(folder(map[string]string{"index.yaml": "cases: [{name: x, pattern: {and: [" + bomb() + "]}}]"}))
	r.budget = 10_000
	r.index()
	checkProblems(t, r.problems[:1], "index.yaml:1: the database unfolds to more than 10000 values")
	huge := map[string]string{"index.yaml": "suites: [a.yaml]", "a.yaml": "# " + strings.Repeat("x", maxFile)}
	_, problems := Read(folder(huge))
	checkProblems(t, problems, fmt.Sprintf("a.yaml: the file has more than %d bytes", maxFile))
	_, problems = Read(folder(nil))
	checkProblems(t, problems, "index.yaml: there is no file index.yaml")
}

func FuzzRead(f *testing.F) {
	for _, files := range []map[string]string{early, late} {
		f.Add(files["index.yaml"], files["suites/net/index.yaml"]+files["cases/index.yaml"])
	}
	f.Add("suites: [s.yaml]", "cases: [{name: x, pattern: {sources: &a [*a]}}, s.yaml]")
	f.Add("case: s.yaml", "target_sources: ['(?<=a)b', '[[]', 'a{,3}']\nwaived: {or: []}\nhigh_cost: yes")
	f.Fuzz(func(t *testing.T, index, other string) {
		db, problems := Read(folder(map[string]string{"index.yaml": index, "s.yaml": other, "suites/net/index.yaml": other, "cases/index.yaml": other}))
		for _, p := range problems {
			if p.File == "" || p.Message == "" || p.Line < 0 {
				t.Errorf("problem %+v", p)
			}
		}
		if len(Wrong(problems)) > 0 {
			return
		}
		if _, err := targeting.Compile(db.Definitions(), nil); err != nil {
			t.Errorf("no problem was told, but: %v", err)
		}
		text, err := db.YAML()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := definition.ReadToSelect([]byte(text)); err != nil {
			t.Errorf("what was made of it cannot be read: %v\n%s", err, text)
		}
	})
}
