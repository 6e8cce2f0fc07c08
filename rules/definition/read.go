package definition

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"drover/formats/strictyaml"
	"drover/formats/treefile"
	"drover/rules/notice"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/targeting"
)

// Bounds of one text.
const (
	longestText        = 32 << 20 // bytes
	mostTests          = 20_000
	mostSets           = 2000
	mostTrees          = 2000
	longestName        = 100 // characters
	longestDescription = 500
	longestNeeds       = 4000
)

// states are those that a test can have; "" is trial.
var states = []status.TestState{status.TestOff, status.TestTrial, status.TestReporting, status.TestBlocking, status.TestQuarantined}

var formats = []recipe.Format{recipe.KTAP, recipe.TAP, recipe.Exit}

var costs = []targeting.Cost{targeting.Normal, targeting.Always, targeting.High}

// Read reads trees, sets and tests from YAML and checks all that one text can
// be checked for. A text with the key tree is one tree, as the wizard of trees
// writes it. An error is strictyaml.Problems.
func Read(content []byte) (File, error) {
	f, err := read(&reader{}, content)
	if err != nil {
		return f, err
	}
	return f, f.circle().Err()
}

// ReadToSelect is Read for those who only want to know which tests run: a test
// need not say what it runs, and may have any name.
func ReadToSelect(content []byte) (File, error) {
	return read(&reader{selecting: true}, content)
}

func read(r *reader, content []byte) (File, error) {
	var f File
	node, err := strictyaml.Document(content, longestText)
	if err != nil || node == nil {
		return f, err
	}
	if isTree(node) {
		f.Trees = []Tree{{File: treefile.Read(&r.Reader, node)}}
		return f, r.Problems.Err()
	}
	r.Mapping(node, []string{"tests", "sets", "trees"}, func(key string, _, value *yaml.Node) {
		switch key {
		case "sets":
			f.Sets = r.sets(value)
		case "trees":
			f.Trees = r.trees(value)
		default:
			f.Tests = r.tests(value)
		}
	})
	return f, r.Problems.Err()
}

// isTree tells a text that is the configuration of one tree.
func isTree(node *yaml.Node) bool {
	for i := 0; i < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
		if node.Content[i].Value == "tree" {
			return true
		}
	}
	return false
}

// names is Names for at most so many of what; the first beyond is a problem.
func (r *reader) names(node *yaml.Node, what string, most int, each func(name string, at, value *yaml.Node)) {
	n := 0
	r.Names(node, what, func(name string, at, value *yaml.Node) {
		switch n++; {
		case n <= most:
			each(name, at, value)
		case n == most+1:
			r.Add(at, "one text has at most %d %s", most, what)
		}
	})
}

func (r *reader) trees(node *yaml.Node) []Tree {
	var trees []Tree
	r.names(node, "trees", mostTrees, func(name string, at, value *yaml.Node) {
		t := Tree{File: treefile.Read(&r.Reader, value)}
		if place, twice := t.Places["tree"]; twice {
			r.Problems = append(r.Problems, strictyaml.Problem{Place: place, Message: "the name of the tree is the key above: leave `tree` out"})
		}
		t.Tree, t.Places["tree"] = name, strictyaml.PlaceOf(at)
		trees = append(trees, t)
	})
	return trees
}

func (r *reader) sets(node *yaml.Node) []Set {
	var sets []Set
	r.names(node, "sets", mostSets, func(name string, at, value *yaml.Node) {
		s := Set{Name: name, Place: strictyaml.PlaceOf(at)}
		if err := CheckName(name); err != nil && (name == "" || !r.selecting) {
			r.Add(at, "%v", err)
		}
		r.set(&s, value)
		r.short(at, "description", s.Description, longestDescription)
		sets = append(sets, s)
	})
	return sets
}

// set reads what is said of a set. A text alone is its description, a list the
// sets that it includes.
func (r *reader) set(s *Set, node *yaml.Node) {
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag != "!!null":
		s.Description = strings.TrimSpace(node.Value)
	case node.Kind == yaml.SequenceNode:
		s.Includes = r.Texts(node)
	default:
		r.Mapping(node, []string{"description", "includes"}, func(key string, _, value *yaml.Node) {
			if key == "includes" {
				s.Includes = r.Texts(value)
				return
			}
			text, _ := r.Text(value)
			s.Description = strings.TrimSpace(text)
		})
	}
}

func (r *reader) tests(node *yaml.Node) []Test {
	var tests []Test
	r.names(node, "tests", mostTests, func(name string, at, value *yaml.Node) {
		tests = append(tests, r.test(name, at, value))
	})
	return tests
}

// test reads one test; what is wrong with a key is told at that key.
func (r *reader) test(name string, at, node *yaml.Node) Test {
	t := Test{Name: name, State: status.TestTrial, Recipe: recipe.NameCommand, Places: map[string]strictyaml.Place{"": strictyaml.PlaceOf(at)}}
	if node.Tag == "!!null" && r.selecting {
		return t
	}
	r.Mapping(node, keys, func(key string, at, value *yaml.Node) {
		t.Places[key] = strictyaml.PlaceOf(at)
		if key == keyEdition {
			t.Edition = r.edition(value)
		}
		for _, k := range testKeys {
			if k.name == key {
				k.read(r, &t, value)
			}
		}
	})
	if r.selecting {
		r.checkToSelect(t, at)
		return t
	}
	if t.Format == "" {
		t.Format = recipe.KTAP
	}
	if t.Timeout == 0 {
		t.Timeout = recipe.DefaultTest
	}
	for _, p := range t.Check() {
		r.Problems = append(r.Problems, strictyaml.Problem{Place: t.Place(p.Key), Message: p.Text})
	}
	return t
}

// checkToSelect looks at those keys alone that choose a test; its conditions
// were looked at as they were read.
func (r *reader) checkToSelect(t Test, at *yaml.Node) {
	if t.Name == "" {
		r.Add(at, "the test has no name")
	}
	if err := oneOf(t.Cost, costs); err != nil {
		r.Problems = append(r.Problems, strictyaml.Problem{Place: t.Place("cost"), Message: err.Error()})
	}
}

func (r *reader) short(node *yaml.Node, what, text string, most int) {
	if len(text) > most {
		r.Add(node, "a %s has at most %d characters", what, most)
	}
}

// Problem is what is wrong with one key of a test.
type Problem struct {
	Key  string // "" is the name
	Text string
}

// Check says what is wrong with a test that is complete in itself: forms and
// texts are checked by it alike. Names of trees, sets and issues are looked up
// by whoever knows them.
func (t Test) Check() []Problem {
	var list []Problem
	bad := func(key string, err error) {
		if err != nil {
			list = append(list, Problem{key, err.Error()})
		}
	}
	bad("", CheckName(t.Name))
	if len(t.Description) > longestDescription {
		bad("description", fmt.Errorf("a description has at most %d characters", longestDescription))
	}
	for _, owner := range t.Owners {
		bad("owners", checkOwner(owner))
	}
	bad("state", oneOf(t.State, states))
	bad("format", oneOf(t.Format, formats))
	bad("cost", oneOf(t.Cost, costs))
	bad("quarantine", t.checkQuarantine())
	bad("when", t.When.Check())
	if len(t.HostNeeds) > longestNeeds {
		bad("host_needs", fmt.Errorf("what a host must have is said in %d characters at most", longestNeeds))
	}
	if t.EachCase && t.Format == recipe.Exit {
		bad("each_case", errors.New("an exit status has no cases: choose the format ktap or tap, or one result for the whole test"))
	}
	var problems recipe.Problems
	if err := t.Settings().Check(); errors.As(err, &problems) {
		for _, p := range problems {
			if p.Field != "format" || oneOf(t.Format, formats) == nil {
				bad(p.Field, errors.New(p.Message))
			}
		}
	}
	return list
}

func (t Test) checkQuarantine() error {
	switch {
	case t.State == status.TestQuarantined && (t.Quarantine.Issue == "" || t.Quarantine.Until.IsZero()):
		return errors.New("a quarantine needs an issue and an end: quarantine: {issue: 12, until: 2026-12-31}")
	case t.State != status.TestQuarantined && t.Quarantine != Quarantine{}:
		return errors.New("only a test whose state is quarantined has a quarantine")
	}
	return nil
}

func oneOf[T ~string](word T, known []T) error {
	if slices.Contains(known, word) {
		return nil
	}
	var words []string
	for _, k := range known {
		if k != "" {
			words = append(words, string(k))
		}
	}
	if meant := strictyaml.Suggest(string(word), words); meant != "" {
		return fmt.Errorf("%.40q: did you mean %s?", string(word), meant)
	}
	return fmt.Errorf("%.40q is not known here: use %s", string(word), strings.Join(words, ", "))
}

func checkOwner(text string) error {
	address := text
	if name, rest, found := strings.Cut(text, "<"); found {
		address = strings.TrimSuffix(rest, ">")
		if strings.TrimSpace(name) == "" || rest == address {
			address = ""
		}
	} else if !strings.Contains(text, "@") && strings.TrimSpace(text) != "" && len(text) <= longestName {
		return nil // a name alone
	}
	if !notice.ValidAddress(strings.TrimSpace(address)) {
		return fmt.Errorf("%.80q is no person: write Name <address>, or an address, or a name", text)
	}
	return nil
}

// CheckName says what is wrong with the name of a test or set, or nil. What
// addresses of pages reserve is known to those who make them.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("a name is missing")
	case len(name) > longestName:
		return fmt.Errorf("a name has at most %d characters", longestName)
	case strings.ContainsFunc(name, func(c rune) bool { return !unicode.IsPrint(c) || c == ' ' }):
		return fmt.Errorf("%q: a name has no spaces", name)
	}
	return nil
}
