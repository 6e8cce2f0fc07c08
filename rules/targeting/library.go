package targeting

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"drover/formats/strictyaml"
)

// Library is what files of test definitions say about when tests run.
type Library struct {
	Definitions []Definition
	Sets        map[string][]string // and the sets that each of them holds
	File        string              // "" once joined
}

// longestLibrary bounds one file of definitions, in bytes.
const longestLibrary = 32 << 20

// ReadLibrary reads the keys that matter here and leaves the others alone:
//
//	sets:  {net: [mptcp, tcp]}            # a set may hold others, or have a text for people
//	tests: {name: {when: …, sets: […], cost: always or high}}
//
// file is its name for messages. An error is Problems.
func ReadLibrary(file string, text []byte) (Library, error) {
	lib := Library{Sets: map[string][]string{}, File: file}
	node, err := strictyaml.Document(text, longestLibrary)
	if err != nil || node == nil {
		return lib, err
	}
	r := reader{}
	r.some(node, func(key string, _, value *yaml.Node) {
		switch key {
		case "tests":
			r.some(value, func(name string, at, value *yaml.Node) {
				if d, ok := r.definition(name, at, value); ok {
					d.File = file
					lib.Definitions = append(lib.Definitions, d)
				}
			})
		case "sets":
			r.some(value, func(name string, _, value *yaml.Node) { lib.Sets[name] = r.members(value) })
		}
	})
	return lib, r.Problems.Err()
}

// some is mapping for those of whose keys we know a few only.
func (r *reader) some(node *yaml.Node, each func(key string, at, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		if node.Tag != "!!null" {
			r.Add(node, "expected keys, found %s", strictyaml.Describe(node))
		}
		return
	}
	r.Pairs(node, func(at, value *yaml.Node) { each(at.Value, at, value) })
}

func (r *reader) definition(name string, at, node *yaml.Node) (Definition, bool) {
	d := Definition{Name: name, Place: strictyaml.PlaceOf(at)}
	if name == "" {
		r.Add(at, "the test has no name")
		return d, false
	}
	before := len(r.Problems)
	r.some(node, func(key string, _, value *yaml.Node) {
		switch key {
		case "when":
			inner := reader{}
			d.When = inner.condition(value, 1)
			if inner.leaves > mostLeaves {
				inner.Add(value, "the condition has %d patterns, %d are the most", inner.leaves, mostLeaves)
			}
			r.Problems = append(r.Problems, inner.Problems...)
		case "sets":
			d.Sets = r.Texts(value)
		case "cost":
			d.Cost = Cost(value.Value)
			if d.Cost != Always && d.Cost != High {
				r.Add(value, "expected always or high, found %s", strictyaml.Describe(value))
			}
		}
	})
	return d, len(r.Problems) == before
}

// members are the sets that a set holds; a text is for people and holds none.
func (r *reader) members(node *yaml.Node) []string {
	if node.Kind == yaml.ScalarNode {
		return nil
	}
	return r.Texts(node)
}

// Join makes one library of several. Two tests of one name, a set that holds
// itself, and a set that nobody declared where sets are declared at all, are
// Problems.
func Join(parts ...Library) (Library, error) {
	all := Library{Sets: map[string][]string{}}
	var problems Problems
	first := map[string]Definition{}
	for _, part := range parts {
		for set, members := range part.Sets {
			all.Sets[set] = append(all.Sets[set], members...)
		}
		for _, d := range part.Definitions {
			if before, twice := first[d.Name]; twice {
				problems = append(problems, Problem{Message: fmt.Sprintf("there are two tests of the name %q: %s line %d, and %s line %d",
					d.Name, before.File, before.Place.Line, d.File, d.Place.Line)})
				continue
			}
			first[d.Name] = d
			all.Definitions = append(all.Definitions, d)
		}
	}
	holders, cycle := all.holders()
	if cycle != "" {
		problems = append(problems, Problem{Message: cycle})
	}
	for i := range all.Definitions {
		d := &all.Definitions[i]
		for _, set := range d.Sets {
			if _, declared := all.Sets[set]; !declared && len(all.Sets) > 0 {
				problems = append(problems, Problem{Message: all.unknownSet(d, set)})
			}
		}
		d.Sets = withHolders(d.Sets, holders)
	}
	return all, problems.Err()
}

func (l Library) unknownSet(d *Definition, set string) string {
	text := fmt.Sprintf("%s line %d: test %s is in the set %q, which is not among the sets", d.File, d.Place.Line, d.Name, set)
	if meant := strictyaml.Suggest(set, slices.Sorted(maps.Keys(l.Sets))); meant != "" {
		text += ": did you mean " + meant + "?"
	}
	return text
}

// withHolders adds to sets those that hold them.
func withHolders(sets []string, holders map[string][]string) []string {
	all := slices.Clone(sets)
	for i := 0; i < len(all); i++ {
		for _, holder := range holders[all[i]] {
			if !slices.Contains(all, holder) {
				all = append(all, holder)
			}
		}
	}
	return all
}

// holders are for each set those that hold it. cycle says which sets hold
// themselves, "" if none does.
func (l Library) holders() (holders map[string][]string, cycle string) {
	holders = map[string][]string{}
	done := map[string]bool{}
	for _, set := range slices.Sorted(maps.Keys(l.Sets)) {
		for _, member := range l.Sets[set] {
			holders[member] = append(holders[member], set)
		}
		if found := l.circle(set, nil, done); found != "" && cycle == "" {
			cycle = found
		}
	}
	return holders, cycle
}

// circle looks for a way from a set back to itself.
func (l Library) circle(set string, way []string, done map[string]bool) string {
	if at := slices.Index(way, set); at >= 0 {
		return fmt.Sprintf("the set %s holds itself: %s", set, strings.Join(append(way[at:], set), " → "))
	}
	if len(way) > deepest {
		return fmt.Sprintf("the sets are nested more than %d deep, from %s on", deepest, way[0])
	}
	if done[set] {
		return ""
	}
	for _, member := range l.Sets[set] {
		if found := l.circle(member, append(way, set), done); found != "" {
			return found
		}
	}
	done[set] = true
	return ""
}

// writtenTest is a definition as YAML has it.
type writtenTest struct {
	When Condition `yaml:"when,omitempty"`
	Sets []string  `yaml:"sets,omitempty,flow"`
	Cost Cost      `yaml:"cost,omitempty"`
}

// YAML is the library as ReadLibrary reads it.
func (l Library) YAML() (string, error) {
	tests := yaml.Node{Kind: yaml.MappingNode}
	for _, d := range l.Definitions {
		one := writtenTest{d.When, d.Sets, d.Cost}
		var name, value yaml.Node
		name.SetString(d.Name)
		if err := value.Encode(one); err != nil {
			return "", fmt.Errorf("write test %s: %w", d.Name, err)
		}
		tests.Content = append(tests.Content, &name, &value)
	}
	text, err := yaml.Marshal(struct {
		Sets  map[string][]string `yaml:"sets,omitempty"`
		Tests *yaml.Node          `yaml:"tests"`
	}{l.Sets, &tests})
	if err != nil {
		return "", fmt.Errorf("write the definitions: %w", err)
	}
	return string(text), nil
}

// IsZero tells a condition that is always true because it says nothing.
func (c Condition) IsZero() bool {
	lists := len(c.Paths) + len(c.NotPaths) + len(c.Maintainers) + len(c.Trees) + len(c.Arches) + len(c.Configs) + len(c.Components) + len(c.Sets)
	return lists+len(c.And)+len(c.Or) == 0 && c.Subject == "" && c.Not == nil
}
