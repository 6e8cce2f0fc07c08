package targeting

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds of one condition.
const (
	longestText = 1 << 20 // bytes
	deepest     = 32      // and, or, not within each other
	mostLeaves  = 5000    // patterns, sections and subjects
)

// list is a key that holds patterns or names.
type list struct {
	key   string
	field func(*Condition) *[]string
	check func(string) error
	whole bool // null may stand among them
}

// lists are the keys with lists, in the order in which they are written.
var lists = []list{
	{"paths", func(c *Condition) *[]string { return &c.Paths }, checkPath, true},
	{"not_paths", func(c *Condition) *[]string { return &c.NotPaths }, checkPath, false},
	{"maintainers", func(c *Condition) *[]string { return &c.Maintainers }, checkSection, false},
	{"trees", func(c *Condition) *[]string { return &c.Trees }, CheckPattern, true},
	{"arches", func(c *Condition) *[]string { return &c.Arches }, CheckPattern, true},
	{"configs", func(c *Condition) *[]string { return &c.Configs }, CheckPattern, true},
	{"components", func(c *Condition) *[]string { return &c.Components }, CheckPattern, true},
	{"sets", func(c *Condition) *[]string { return &c.Sets }, CheckPattern, true},
}

const (
	keySubject = "subject"
	keyAnd     = "and"
	keyOr      = "or"
	keyNot     = "not"
)

// keys are all that a condition may have.
func keys() []string {
	var all []string
	for _, l := range lists {
		all = append(all, l.key)
	}
	return append(all, keySubject, keyAnd, keyOr, keyNot)
}

func checkSection(name string) error {
	if len(name) > longestPattern {
		return fmt.Errorf("the name has %d bytes, %d are the most", len(name), longestPattern)
	}
	return nil
}

// Parse reads a condition from YAML. An error is Problems. An empty text is the
// zero Condition.
func Parse(text string) (Condition, error) {
	node, problems := document([]byte(text), longestText)
	if len(problems) > 0 || node == nil {
		return Condition{}, problems.err()
	}
	return ReadNode(node)
}

// UnmarshalYAML is ReadNode, for structs that hold a condition.
func (c *Condition) UnmarshalYAML(node *yaml.Node) (err error) {
	*c, err = ReadNode(node)
	return err
}

// ReadNode reads a condition from a node of a larger text. An error is Problems.
func ReadNode(node *yaml.Node) (Condition, error) {
	r := reader{}
	c := r.condition(node, 1)
	if r.leaves > mostLeaves {
		r.add(node, "the condition has %d patterns, %d are the most", r.leaves, mostLeaves)
	}
	if err := r.problems.err(); err != nil {
		return Condition{}, err
	}
	return c, nil
}

// document is the one node of a text, nil where it is empty.
func document(text []byte, most int) (*yaml.Node, Problems) {
	if len(text) > most {
		return nil, Problems{{Message: fmt.Sprintf("the text has %d bytes, %d are the most", len(text), most)}}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	err := decoder.Decode(&first)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err == nil {
		if err = decoder.Decode(&second); errors.Is(err, io.EOF) {
			return first.Content[0], nil
		}
		if err == nil {
			err = fmt.Errorf("yaml: line %d: a second document begins here", second.Line)
		}
	}
	return nil, Problems{syntaxProblem(err, 1+bytes.Count(bytes.TrimSpace(text), []byte("\n")))}
}

var (
	yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?s:(.*))$`)
	// parserError are those errors of which the library counts lines from 0.
	parserError = regexp.MustCompile(`^did not find expected (?:<|node content|'-'|key|',')`)
)

// syntaxProblem is an error of the library, which tells the line alone, and of
// the end of a text one that is not there.
func syntaxProblem(err error, lines int) Problem {
	parts := yamlError.FindStringSubmatch(err.Error())
	if parts == nil {
		return Problem{Place{1, 1}, err.Error()}
	}
	line, err := strconv.Atoi(parts[1])
	if err != nil { // the library leaves the number out for the first line
		line = 1
	} else if parserError.MatchString(parts[2]) {
		line++
	}
	return Problem{Place{min(line, lines), 1}, "this is no YAML: " + parts[2]}
}

// reader gathers what is wrong, so that all of it is told at once.
type reader struct {
	problems Problems
	leaves   int
}

func (r *reader) add(node *yaml.Node, format string, args ...any) {
	const most = 100 // nobody reads more
	if len(r.problems) < most {
		r.problems = append(r.problems, Problem{placeOf(node), fmt.Sprintf(format, args...)})
	}
}

func placeOf(node *yaml.Node) Place { return Place{max(node.Line, 1), max(node.Column, 1)} }

// condition reads one mapping.
func (r *reader) condition(node *yaml.Node, depth int) Condition {
	c := Condition{Places: map[string]Place{"": placeOf(node)}}
	if depth > deepest {
		r.add(node, "and, or and not are nested more than %d deep", deepest)
		return c
	}
	r.mapping(node, keys(), func(key string, at, value *yaml.Node) {
		c.Places[key] = placeOf(at)
		switch key {
		case keyAnd:
			c.And = r.operands(key, value, depth)
		case keyOr:
			c.Or = r.operands(key, value, depth)
		case keyNot:
			not := r.condition(value, depth+1)
			c.Not = &not
		case keySubject:
			c.Subject = r.subject(value)
		default:
			for _, l := range lists {
				if l.key == key {
					*l.field(&c) = r.patterns(l, value)
				}
			}
		}
	})
	return c
}

// mapping calls each for the known keys of a mapping, and reports the others.
func (r *reader) mapping(node *yaml.Node, known []string, each func(key string, at, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		r.add(node, "expected %s, found %s", "keys such as "+known[0], describe(node))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		at, value := node.Content[i], node.Content[i+1]
		key := at.Value
		switch {
		case at.Kind != yaml.ScalarNode:
			r.add(at, "expected a key, found %s", describe(at))
		case seen[key]:
			r.add(at, "`%s` stands here twice", key)
		case !slices.Contains(known, key):
			r.add(at, "%s", unknownKey(key, known))
		default:
			seen[key] = true
			each(key, at, value)
		}
	}
}

func unknownKey(key string, known []string) string {
	if meant := suggestion(key, known); meant != "" {
		return fmt.Sprintf("`%.60s`: did you mean `%s`?", key, meant)
	}
	return fmt.Sprintf("`%.60s` is no key here: use %s", key, strings.Join(known, ", "))
}

// describe names what stands at a node, for messages.
func describe(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "keys"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Kind == yaml.AliasNode:
		return "an alias, which is not read here"
	case node.Tag == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%.60q", node.Value)
}

// operands are what and and or join: a list of conditions.
func (r *reader) operands(key string, node *yaml.Node, depth int) []Condition {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		r.add(node, "`%s` needs a list of conditions, found %s", key, orEmpty(node))
		return nil
	}
	operands := make([]Condition, 0, len(node.Content))
	for _, one := range node.Content {
		operands = append(operands, r.condition(one, depth+1))
	}
	return operands
}

func orEmpty(node *yaml.Node) string {
	if node.Kind == yaml.SequenceNode {
		return "an empty one"
	}
	return describe(node)
}

func (r *reader) subject(node *yaml.Node) string {
	r.leaves++
	text, ok := r.text(node)
	if !ok {
		return ""
	}
	if text == "" {
		r.add(node, "`%s` is empty: leave it out", keySubject)
	} else if err := CheckSubject(text); err != nil {
		r.add(node, "%v", err)
	}
	return text
}

// text is a scalar that is not null.
func (r *reader) text(node *yaml.Node) (string, bool) {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		r.add(node, "expected a text, found %s", describe(node))
		return "", false
	}
	return node.Value, true
}

// patterns is a list, or one text alone.
func (r *reader) patterns(l list, node *yaml.Node) []string {
	nodes := node.Content
	if node.Kind != yaml.SequenceNode {
		nodes = []*yaml.Node{node}
		if node.Tag == "!!null" {
			r.add(node, "`%s` is empty: leave it out, or write [null] for runs without patches alone", l.key)
			return nil
		}
	} else if len(nodes) == 0 {
		r.add(node, "`%s` is an empty list: leave it out", l.key)
	}
	values := make([]string, 0, len(nodes))
	for _, one := range nodes {
		r.leaves++
		if l.whole && one.Kind == yaml.ScalarNode && one.Tag == "!!null" {
			values = append(values, Whole)
			continue
		}
		text, ok := r.text(one)
		if !ok {
			continue
		}
		if err := l.check(text); text == "" {
			r.add(one, "`%s` holds an empty text", l.key)
		} else if err != nil {
			r.add(one, "%v", err)
		}
		values = append(values, text)
	}
	return values
}
