package definition

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"drover/formats/strictyaml"
	"drover/rules/notice"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/targeting"
)

// Bounds of one text.
const (
	longestText        = 8 << 20 // bytes
	mostTests          = 20_000
	mostSets           = 2000
	longestName        = 100 // characters
	longestDescription = 500
	longestNeeds       = 4000
)

// states are those that a test can have; "" is trial.
var states = []status.TestState{status.TestOff, status.TestTrial, status.TestReporting, status.TestBlocking, status.TestQuarantined}

var formats = []recipe.Format{recipe.KTAP, recipe.TAP, recipe.Exit}

var costs = []targeting.Cost{targeting.Normal, targeting.Always, targeting.High}

// Read reads sets and tests from YAML and checks all that one text can be
// checked for. An error is strictyaml.Problems.
func Read(content []byte) (File, error) {
	node, err := strictyaml.Document(content, longestText)
	if err != nil || node == nil {
		return File{}, err
	}
	r := &reader{}
	var f File
	r.Mapping(node, []string{"sets", "tests"}, func(key string, _, value *yaml.Node) {
		if key == "sets" {
			f.Sets = r.sets(value)
			return
		}
		f.Tests = r.tests(value)
	})
	if circle := Cycle(f.Sets); circle != "" {
		r.Problems = append(r.Problems, strictyaml.Problem{Place: f.placeOfSet(circle), Message: "sets include each other in a circle: " + circle})
	}
	return f, r.Problems.Err()
}

func (f File) placeOfSet(circle string) strictyaml.Place {
	name, _, _ := strings.Cut(circle, ",")
	i := slices.IndexFunc(f.Sets, func(s Set) bool { return s.Name == name })
	if i < 0 {
		return strictyaml.Place{}
	}
	return f.Sets[i].Place
}

func (r *reader) sets(node *yaml.Node) []Set {
	var sets []Set
	r.Names(node, "sets", func(name string, at, value *yaml.Node) {
		if len(sets) == mostSets {
			r.Add(at, "one text has at most %d sets", mostSets)
			return
		}
		s := Set{Name: name, Place: strictyaml.PlaceOf(at)}
		if err := CheckName(name); err != nil {
			r.Add(at, "%v", err)
		}
		r.Mapping(value, []string{"description", "includes"}, func(key string, _, value *yaml.Node) {
			if key == "includes" {
				s.Includes = r.Texts(value)
			} else {
				s.Description, _ = r.Text(value)
			}
		})
		r.short(at, "description", s.Description, longestDescription)
		sets = append(sets, s)
	})
	return sets
}

func (r *reader) tests(node *yaml.Node) []Test {
	var tests []Test
	r.Names(node, "tests", func(name string, at, value *yaml.Node) {
		if len(tests) == mostTests {
			r.Add(at, "one text has at most %d tests", mostTests)
			return
		}
		tests = append(tests, r.test(name, at, value))
	})
	return tests
}

// test reads one test; what is wrong with a key is told at that key.
func (r *reader) test(name string, at, node *yaml.Node) Test {
	t := Test{Name: name, State: status.TestTrial, Recipe: recipe.NameCommand, Places: map[string]strictyaml.Place{"": strictyaml.PlaceOf(at)}}
	r.Mapping(node, Keys(), func(key string, at, value *yaml.Node) {
		t.Places[key] = strictyaml.PlaceOf(at)
		for _, k := range testKeys {
			if k.name == key {
				k.read(r, &t, value)
			}
		}
	})
	if t.Format == "" {
		t.Format = recipe.KTAP
	}
	if t.Timeout == 0 {
		t.Timeout = recipe.DefaultTest
	}
	for _, p := range t.Check() {
		place, known := t.Places[p.Key]
		if !known {
			place = t.Places[""]
		}
		r.Problems = append(r.Problems, strictyaml.Problem{Place: place, Message: p.Text})
	}
	return t
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
