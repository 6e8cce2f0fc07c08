package targeting

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The reference: the rules written down as plainly as can be, one file and one
// pattern at a time. The Index has to give its answers.

// tri is true, false, or nil for unknown.
type tri *bool

func known(b bool) tri { return &b }

// fold joins what is known; "and" of nothing is true, "or" of nothing false.
func fold(and bool, operands []tri) tri {
	if len(operands) == 0 {
		return known(and)
	}
	var result tri
	for _, one := range operands {
		switch {
		case one == nil:
		case result == nil:
			result = one
		case and:
			result = known(*result && *one)
		default:
			result = known(*result || *one)
		}
	}
	return result
}

// reference evaluates a condition for a change.
func reference(c Condition, change Change, sections Sections) tri {
	var operands []tri
	if len(c.Paths)+len(c.NotPaths) > 0 {
		operands = append(operands, referenceFiles(change.Files, c.Paths, c.NotPaths, false))
	}
	if len(c.Maintainers) > 0 {
		lacking := slices.ContainsFunc(c.Maintainers, func(name string) bool {
			_, known := sections(name)
			return !known
		})
		var alternatives []tri
		for _, name := range c.Maintainers {
			found, _ := sections(name)
			alternatives = append(alternatives, referenceFiles(change.Files, append(found.Paths, Whole), found.NotPaths, lacking))
		}
		operands = append(operands, fold(false, alternatives))
	}
	for _, one := range []struct {
		patterns []string
		values   Values
	}{{c.Trees, change.Trees}, {c.Arches, change.Arches}, {c.Configs, change.Configs}, {c.Components, change.Components}, {c.Sets, change.Sets}} {
		if len(one.patterns) > 0 {
			operands = append(operands, referenceNames(one.values, one.patterns, "."))
		}
	}
	if c.Subject != "" {
		operands = append(operands, referenceNames(change.Subjects, []string{"~(?s:.*)(?:" + c.Subject + ")(?s:.*)"}, "."))
	}
	for _, one := range c.And {
		operands = append(operands, reference(one, change, sections))
	}
	if len(c.Or) > 0 {
		var alternatives []tri
		for _, one := range c.Or {
			alternatives = append(alternatives, reference(one, change, sections))
		}
		operands = append(operands, fold(false, alternatives))
	}
	if c.Not != nil {
		inner := reference(*c.Not, change, sections)
		if inner != nil {
			inner = known(!*inner)
		}
		operands = append(operands, inner)
	}
	return fold(true, operands)
}

func referenceFiles(files Files, like, not []string, lacking bool) tri {
	if files.Extent != Listed {
		return referenceNames(Values{Extent: files.Extent}, like, inPaths)
	}
	for _, file := range files.List {
		for _, name := range []string{file.Path, file.Old} {
			if name != "" && (len(like) == 0 || referenceLike(name, like, inPaths)) && !referenceLike(name, not, inPaths) {
				return known(true)
			}
		}
	}
	if lacking {
		return nil
	}
	return known(false)
}

func referenceNames(values Values, like []string, one string) tri {
	switch values.Extent {
	case Open:
		return nil
	case Everything:
		return known(true)
	}
	return known(slices.ContainsFunc(values.List, func(value string) bool { return referenceLike(value, like, one) }))
}

func referenceLike(value string, patterns []string, one string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if pattern == Whole {
			return false
		}
		like, known := compiledBefore[[2]string{pattern, one}]
		if !known {
			text, err := expression(pattern, one)
			if err != nil {
				panic(err)
			}
			like = regexp.MustCompile(`(?s)\A(?:` + text + `)\z`)
			compiledBefore[[2]string{pattern, one}] = like
		}
		return like.MatchString(value)
	})
}

// compiledBefore keeps the reference from spending its time on compiling.
var compiledBefore = map[[2]string]*regexp.Regexp{}

// maker makes conditions and changes out of few words, so that they meet.
type maker struct{ *rand.Rand }

func (m maker) of(list ...string) string { return list[m.IntN(len(list))] }

func (m maker) path() string {
	parts := make([]string, 1+m.IntN(4))
	for i := range parts {
		parts[i] = m.of("net", "a", "drivers", "mptcp", "mp", "x.c", "y.h", "Makefile", "größe", "core")
	}
	return strings.Join(parts, "/")
}

func (m maker) pattern() string {
	path := m.path()
	quoted := regexp.QuoteMeta(path)
	switch m.IntN(16) {
	case 0:
		return path + "/"
	case 1:
		return path + "/**"
	case 2:
		return path + "*"
	case 3:
		return "**/" + m.of("x.c", "Makefile", "*.h", "mp*")
	case 4:
		return path + "/[mn]*"
	case 5:
		return m.of("net", "drivers") + "/**/" + m.of("core", "x.c", "mp*/", "?.c")
	case 6:
		return "~" + quoted + ".*"
	case 7:
		return "~.*" + m.of("mptcp", "core", "driv") + ".*"
	case 8:
		return "~" + m.of("net", "drivers") + "/.*" + m.of("mptcp", "core", "x") + ".*"
	case 9:
		return "~" + quoted + "/[^/]*\\.[ch]"
	case 10:
		return "~(net|a)/(core/)?.*"
	case 11:
		return "~(?i)" + quoted + ".*"
	case 12:
		return "~.*\\.[ch]"
	case 13:
		return "~(?:" + m.of("a", "net") + "/)+.+"
	case 14:
		return Whole
	}
	return path
}

func (m maker) patterns(whole bool) (list []string) {
	for range 1 + m.IntN(2) {
		if p := m.pattern(); p != Whole || whole {
			list = append(list, p)
		}
	}
	return list
}

func (m maker) condition(depth int) (c Condition) {
	if m.IntN(3) > 0 {
		c.Paths = m.patterns(true)
	}
	if m.IntN(4) == 0 {
		c.NotPaths = m.patterns(false)
	}
	if m.IntN(8) == 0 {
		c.Maintainers = []string{m.of("NET", "NOBODY", "MPTCP"), m.of("NET", "ALL", "GONE")}
	}
	if m.IntN(4) == 0 {
		c.Arches = []string{m.of("x86*", "s390x", Whole)}
	}
	if m.IntN(6) == 0 {
		c.Trees = []string{m.of("net", "~net.*", "mainline")}
	}
	if m.IntN(8) == 0 {
		c.Sets = []string{"tier?"}
	}
	if m.IntN(8) == 0 {
		c.Subject = m.of("mptcp", "^net: ")
	}
	if depth == 0 {
		return c
	}
	for range m.IntN(3) {
		c.And = append(c.And, m.condition(depth-1))
	}
	for range m.IntN(3) {
		c.Or = append(c.Or, m.condition(depth-1))
	}
	if m.IntN(3) == 0 {
		not := m.condition(depth - 1)
		c.Not = &not
	}
	return c
}

func (m maker) values(list ...string) Values {
	switch m.IntN(6) {
	case 0:
		return Values{}
	case 1:
		return Values{Extent: Everything}
	}
	return Only(m.of(list...))
}

func (m maker) change() Change {
	change := Change{
		Trees: m.values("net", "net-next", "mainline"), Arches: m.values("x86_64", "s390x"), Configs: m.values("kasan"),
		Subjects: m.values("net: mptcp: fix", "mm: fix"),
	}
	if m.IntN(8) == 0 {
		change.Sets = Only("tier1")
	}
	switch m.IntN(10) {
	case 0:
		change.Files = AllFiles()
	case 1:
	default:
		change.Files = OfFiles()
		for range m.IntN(4) {
			file := File{Path: m.path()}
			if m.IntN(5) == 0 {
				file.Old = m.path()
			}
			change.Files.List = append(change.Files.List, file)
		}
	}
	return change
}

func sectionsOfTests(name string) (Section, bool) {
	found, known := map[string]Section{
		"NET": {Paths: []string{"net/", "drivers/net/"}, NotPaths: []string{"net/mptcp/", "**/x.c"}}, "MPTCP": {Paths: []string{"net/mptcp/", "~a/mp.*"}, NotPaths: []string{"**/Makefile"}},
		"NOBODY": {}, "ALL": {Paths: []string{"net/core", "mp/"}},
	}[name]
	return found, known
}

// TestAgainstReference asks the index and the reference the same of many random
// conditions, hundreds of them in each index, as it is in use.
func TestAgainstReference(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	m := maker{rand.New(rand.NewPCG(1, 2))}
	chosen, all := 0, 0
	for range rounds {
		definitions := make([]Definition, 120)
		for i := range definitions {
			definitions[i] = Definition{Name: fmt.Sprint("test", i), When: m.condition(m.IntN(4)), Sets: []string{"tier1"}}
		}
		ix, err := Compile(definitions, sectionsOfTests)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			change := m.change()
			got := ix.Select(change, Policy{})
			for i, d := range definitions {
				value := reference(d.When, change, sectionsOfTests)
				want := value == nil || *value
				all++
				if want {
					chosen++
				}
				if got.Chosen(i) != want {
					text, _ := d.When.YAML()
					t.Fatalf("chosen %v, want %v:\n%s\nfor %+v", got.Chosen(i), want, text, change)
				}
			}
		}
	}
	if chosen < all/10 || chosen > all*9/10 {
		t.Errorf("%d of %d chosen: the conditions say little", chosen, all)
	}
}

// TestPatternsAgainstReference asks for all pairs of patterns and paths.
func TestPatternsAgainstReference(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(3, 4))}
	var definitions []Definition
	for i := range 300 {
		p := m.pattern()
		if p == Whole {
			continue
		}
		definitions = append(definitions, Definition{Name: fmt.Sprint(i), When: Condition{Paths: []string{p}}})
	}
	ix, err := Compile(definitions, nil)
	if err != nil {
		t.Fatal(err)
	}
	matched := 0
	for range 200 {
		name := m.path()
		got := ix.Select(Change{Files: OfFiles(File{Path: name})}, Policy{})
		for i, d := range definitions {
			want := referenceLike(name, d.When.Paths, inPaths)
			if want {
				matched++
			}
			if got.Chosen(i) != want {
				t.Fatalf("%q like %q: %v, want %v", name, d.When.Paths[0], got.Chosen(i), want)
			}
		}
	}
	if matched < 500 {
		t.Errorf("%d pairs matched", matched)
	}
}

// FuzzPattern compares one pattern and one path with the regular expression.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{
		{"net/**/x?.c", "net/a/b/xy.c"}, {"**/*.[ch]", "a/b.c"}, {"~(a|b)*c+[^/]*.{2,3}", "aabccxyz"}, {`a\*b\\`, `a*b\`},
		{"~.*a.*b.*[^/]*c.*", "xaxbx/cx"}, {"~(?i)MAKE.*|^x$", "makefile"}, {"*ö?", "aöß"}, {"~\\bnet\\b.*", "net/x"}, {"a**b/**/", "axb/c/d"},
		{"[!a-c]*", "d\xff"}, {"*000", "0"}, {"~a\xf0", "a"}, {"~[^a]*.b", "x\n\xffb"},
		{"~(?:net|mm\\.x)/[^/]*[ch].", "mm.x/ah\n"}, {"**/a/**/b/**/c/**/d/**/e/**/f/**/g/**/h", "a/b/c/d/e/f/x/g/h"}, {"~[hc]*(a|b)+", "a"}, {"~(a|b|c)(d|e|f)(g|h|i)(j|k|l).*", "aehl"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if pattern == Whole || CheckPattern(pattern) != nil || len(pattern) > 200 || len(name) > 500 {
			return
		}
		p, err := (&patternMaker{}).path(pattern)
		if err != nil {
			t.Fatalf("accepted, then refused: %v", err)
		}
		like, err := compile(pattern, inPaths)
		if err != nil {
			t.Fatalf("accepted, then refused: %v", err)
		}
		want := like.MatchString(name)
		if got := p.match(name); got != want {
			t.Errorf("%q like %q: %v, want %v (%+v)", name, pattern, got, want, p.sequences)
		}
		paths := newPaths([]fileLeaf{{patterns: []*pathPattern{p}}})
		if got := len(paths.of(paths.newScratch(), name)) == 1; got != want {
			t.Errorf("found %q like %q: %v, want %v", name, pattern, got, want)
		}
	})
}
