package kpetdb

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"drover/rules/targeting"
)

func TestTranslate(t *testing.T) {
	for _, c := range []struct{ in, want, err string }{
		{`net/.*`, `net/.*`, ""},
		{`a\.c\Z`, `a\.c\z`, ""},
		{`a{,3}`, `a{0,3}`, ""},
		{`[[]x`, `[\[]x`, ""},
		{`[]a][^]b]`, `[\]a][^\]b]`, ""},
		{`[[:alpha:]]`, `[\[:alpha:]]`, ""},
		{`[(?=]`, `[(?=]`, ""},
		{`[\b]`, `[\x08]`, ""},
		{`(?P<x>a)(?i:b)`, `(?P<x>a)(?i:b)`, ""},
		{`(?=a)`, "", "lookahead (?= is not"},
		{`a(?<!b)`, "", "lookbehind (?<! is not"},
		{`(a)\1`, "", `backreference \1 is not`},
		{`(?P<x>a)(?P=x)`, "", "backreference (?P= is not"},
		{`(a)?(?(1)b)`, "", "condition (?( is not"},
		{`(?#x)`, "", "comment (?# is not"},
		{`(?>a)`, "", "atomic group (?> is not"},
		{`a++`, "", "invalid nested repetition"},
		{`(?x)a b`, "", "invalid or unsupported Perl syntax"},
		{`\pL`, "", `\p is no escape of Python's`},
		{`(`, "", "missing closing )"},
		{`a{2000}`, "", "invalid repeat count"},
	} {
		got, err := translate(c.in)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v, want %q", c.in, err, c.err)
		}
		if err == nil && got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
	}
}

func TestPattern(t *testing.T) {
	for in, want := range map[string]string{
		`net/mptcp/.*`: "net/mptcp/", `include/net/tcp\.h`: "include/net/tcp.h", `x86_64`: "x86_64",
		`a.c`: "~a.c", `net/.*\.c`: `~net/.*\.c`, `/net/.*`: "~/net/.*", `\.\./x`: `~\.\./x`, `a//.*`: "~a//.*", `a\dc`: `~a\dc`, `a/`: "~a/",
	} {
		if got := pattern(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// target is what kpet matches: for each qualifier a set, all there is, or left open.
type target map[string]targeting.Values

// literal evaluates a pattern by kpet's rules, word by word: nil is "could be any".
func literal(node *yaml.Node, on target, and bool, qualifier string) *bool {
	known := func(b bool) *bool { return &b }
	if node.Kind == yaml.ScalarNode {
		values := on[qualifier]
		switch {
		case values.Extent == targeting.Open:
			return nil
		case values.Extent == targeting.Everything:
			return known(true)
		case node.Tag == "!!null":
			return known(false)
		}
		like := regexp.MustCompile(`\A(?:` + node.Value + `)\z`)
		for _, value := range values.List {
			if like.MatchString(value) {
				return known(true)
			}
		}
		return known(false)
	}
	var results []*bool
	if node.Kind == yaml.SequenceNode {
		for _, one := range node.Content {
			results = append(results, literal(one, on, true, qualifier))
		}
	}
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		name, inner := node.Content[i].Value, qualifier
		if qualifiers[name] != nil {
			inner = name
		}
		result := literal(node.Content[i+1], on, name != "or", inner)
		if name == "not" && result != nil {
			result = known(!*result)
		}
		results = append(results, result)
	}
	if len(results) == 0 {
		return known(and)
	}
	var sum *bool
	for _, one := range results {
		switch {
		case sum == nil:
			sum = one
		case one == nil:
		case and:
			sum = known(*sum && *one)
		default:
			sum = known(*sum || *one)
		}
	}
	return sum
}

type maker struct{ *rand.Rand }

func (m maker) of(list ...string) string { return list[m.IntN(len(list))] }

// pattern is YAML of a random pattern; qualifier is "" until one was met.
func (m maker) pattern(depth int, qualifier string) string {
	if qualifier != "" && (depth <= 0 || m.IntN(3) == 0) {
		return m.leaf(qualifier)
	}
	var members []string
	if m.IntN(3) == 0 {
		for range m.IntN(4) {
			members = append(members, m.pattern(depth-1, qualifier))
		}
		return "[" + strings.Join(members, ", ") + "]"
	}
	for _, key := range []string{"and", "or", "not", "trees", "arches", "components", "sources"} {
		if m.IntN(3) > 0 || depth <= 0 && qualifiers[key] == nil || qualifier != "" && qualifiers[key] != nil {
			continue
		}
		inner := qualifier
		if qualifiers[key] != nil {
			inner = key
		}
		members = append(members, key+": "+m.pattern(depth-1, inner))
	}
	return "{" + strings.Join(members, ", ") + "}"
}

func (m maker) leaf(qualifier string) string {
	if m.IntN(8) == 0 {
		return "null"
	}
	if qualifier == "sources" {
		return "'" + m.of(`net/.*`, `net/mptcp/.*`, `include/net/tcp\.h`, `.*\.c`, `(net|mm)/[^/]*\.[ch]`, `.*tcp.*`, `mm/slub.c`) + "'"
	}
	return m.of("a", "b", "'a.*'", "'[ab]'", "c")
}

func (m maker) values(list ...string) targeting.Values {
	switch m.IntN(4) {
	case 0:
		return targeting.Values{}
	case 1:
		return targeting.Values{Extent: targeting.Everything}
	}
	some := targeting.Only()
	for range m.IntN(3) {
		some.List = append(some.List, m.of(list...))
	}
	return some
}

// TestPatternsAgainstKpet: a Condition has the answers that kpet's rules give,
// for random patterns and targets.
func TestPatternsAgainstKpet(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(5, 6))}
	yes := 0
	const all = 3000
	for range all {
		text := m.pattern(4, "")
		var node yaml.Node
		if err := yaml.Unmarshal([]byte(text), &node); err != nil {
			t.Fatal(err)
		}
		r := newReader(nil)
		condition := r.pattern("x", node.Content[0])
		ix, err := targeting.Compile([]targeting.Definition{{Name: "x", When: condition}}, nil)
		if err != nil || len(r.problems) > 0 {
			t.Fatalf("%v %v in %s", err, r.problems, text)
		}
		on := target{"trees": m.values("a", "b", "ab"), "arches": m.values("a", "c"), "components": m.values("b"),
			"sources": m.values("net/mptcp/ctrl.c", "include/net/tcp.h", "mm/slub.c", "net/core.h", "x")}
		change := targeting.Change{Trees: on["trees"], Arches: on["arches"], Components: on["components"], Files: targeting.Files{Extent: on["sources"].Extent}}
		for _, name := range on["sources"].List {
			change.Files.List = append(change.Files.List, targeting.File{Path: name})
		}
		result := literal(node.Content[0], on, true, "")
		want := result == nil || *result
		if want {
			yes++
		}
		if got := ix.Select(change, targeting.Policy{}).Chosen(0); got != want {
			t.Fatalf("%v, want %v: %s as %s for %s", got, want, text, condition, fmt.Sprint(on))
		}
	}
	if yes < all/5 || yes > all*9/10 {
		t.Errorf("%d of %d match: the patterns say little", yes, all)
	}
}
