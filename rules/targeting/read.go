package targeting

import (
	"fmt"
	"runtime"
	"sync"

	"go.yaml.in/yaml/v3"

	"drover/formats/strictyaml"
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
	{keyMaintainers, func(c *Condition) *[]string { return &c.Maintainers }, checkSection, false},
	{"trees", func(c *Condition) *[]string { return &c.Trees }, CheckPattern, true},
	{"arches", func(c *Condition) *[]string { return &c.Arches }, CheckPattern, true},
	{"configs", func(c *Condition) *[]string { return &c.Configs }, CheckPattern, true},
	{"components", func(c *Condition) *[]string { return &c.Components }, CheckPattern, true},
	{"sets", func(c *Condition) *[]string { return &c.Sets }, CheckPattern, true},
}

const (
	keyMaintainers = "maintainers"
	keySubject     = "subject"
	keyAnd         = "and"
	keyOr          = "or"
	keyNot         = "not"
)

// keys are all that a condition may have.
var keys = append(keysOf(lists), keySubject, keyAnd, keyOr, keyNot)

func keysOf(lists []list) (all []string) {
	for _, l := range lists {
		all = append(all, l.key)
	}
	return all
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
	node, err := strictyaml.Document([]byte(text), longestText)
	if err != nil || node == nil {
		return Condition{}, err
	}
	return ReadNode(node)
}

// Parser reads many conditions, one after the other, faster than Parse does. The
// zero value is ready.
type Parser struct {
	room strictyaml.Room
}

// Parse is the function of this name.
func (p *Parser) Parse(text string, into *Condition) error {
	*into = Condition{}
	node, err := p.room.Document(text, longestText)
	if err != nil || node == nil {
		return err
	}
	return readInto(into, node)
}

// parsedAtOnce is how many conditions are worth a goroutine.
const parsedAtOnce = 500

// ParseAll reads the condition of each definition from its text, on all cores.
// An error is that of the first definition with one, whose number is given.
func ParseAll(definitions []Definition, text func(i int) string) (wrong int, err error) {
	var running sync.WaitGroup
	size := max(parsedAtOnce, (len(definitions)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	parts := (len(definitions) + size - 1) / size
	errs, at := make([]error, parts), make([]int, parts)
	for part := range parts {
		running.Go(func() {
			var parser Parser
			for i := part * size; i < min(len(definitions), (part+1)*size) && errs[part] == nil; i++ {
				at[part], errs[part] = i, parser.Parse(text(i), &definitions[i].When)
			}
		})
	}
	running.Wait()
	for part, err := range errs {
		if err != nil {
			return at[part], err
		}
	}
	return 0, nil
}

// UnmarshalYAML is ReadNode, for structs that hold a condition.
func (c *Condition) UnmarshalYAML(node *yaml.Node) (err error) {
	*c, err = ReadNode(node)
	return err
}

// ReadNode reads a condition from a node of a larger text. An error is Problems.
func ReadNode(node *yaml.Node) (c Condition, err error) {
	err = readInto(&c, node)
	return c, err
}

func readInto(c *Condition, node *yaml.Node) error {
	r := reader{}
	r.fill(c, node, 1)
	if r.leaves > mostLeaves {
		r.Add(node, "the condition has %d patterns, %d are the most", r.leaves, mostLeaves)
	}
	if err := r.Problems.Err(); err != nil {
		*c = Condition{}
		return err
	}
	return nil
}

// reader reads conditions and counts their patterns.
type reader struct {
	strictyaml.Reader
	leaves int
}

// fill reads one mapping into a condition that is zero.
func (r *reader) fill(c *Condition, node *yaml.Node, depth int) {
	c.Places = make(Places, 1, 1+min(len(node.Content)/2, len(keys)))
	c.Places[0].Place = strictyaml.PlaceOf(node)
	if depth > deepest {
		r.Add(node, "and, or and not are nested more than %d deep", deepest)
		return
	}
	r.Mapping(node, keys, func(key string, at, value *yaml.Node) {
		c.Places = append(c.Places, KeyPlace{key, strictyaml.PlaceOf(at)})
		switch key {
		case keyAnd:
			c.And = r.operands(key, value, depth)
		case keyOr:
			c.Or = r.operands(key, value, depth)
		case keyNot:
			c.Not = &Condition{}
			r.fill(c.Not, value, depth+1)
		case keySubject:
			c.Subject = r.subject(value)
		default:
			for _, l := range lists {
				if l.key == key {
					*l.field(c) = r.patterns(l, value)
				}
			}
		}
	})
}

// operands are what and and or join: a list of conditions.
func (r *reader) operands(key string, node *yaml.Node, depth int) []Condition {
	if node.Kind != yaml.SequenceNode || len(node.Content) == 0 {
		r.Add(node, "`%s` needs a list of conditions, found %s", key, orEmpty(node))
		return nil
	}
	operands := make([]Condition, len(node.Content))
	for i, one := range node.Content {
		r.fill(&operands[i], one, depth+1)
	}
	return operands
}

func orEmpty(node *yaml.Node) string {
	if node.Kind == yaml.SequenceNode {
		return "an empty one"
	}
	return strictyaml.Describe(node)
}

func (r *reader) subject(node *yaml.Node) string {
	r.leaves++
	text, ok := r.Text(node)
	if !ok {
		return ""
	}
	if text == "" {
		r.Add(node, "`%s` is empty: leave it out", keySubject)
	} else if err := CheckSubject(text); err != nil {
		r.Add(node, "%v", err)
	}
	return text
}

// patterns is a list, or one text alone.
func (r *reader) patterns(l list, node *yaml.Node) []string {
	nodes := node.Content
	if node.Kind != yaml.SequenceNode {
		nodes = []*yaml.Node{node}
		if node.Tag == "!!null" {
			r.Add(node, "`%s` is empty: leave it out, or write [null] for runs without patches alone", l.key)
			return nil
		}
	} else if len(nodes) == 0 {
		r.Add(node, "`%s` is an empty list: leave it out", l.key)
	}
	values := make([]string, 0, len(nodes))
	for _, one := range nodes {
		r.leaves++
		if l.whole && one.Kind == yaml.ScalarNode && one.Tag == "!!null" {
			values = append(values, Whole)
			continue
		}
		text, ok := r.Text(one)
		if !ok {
			continue
		}
		if err := l.check(text); text == "" {
			r.Add(one, "`%s` holds an empty text", l.key)
		} else if err != nil {
			r.Add(one, "%v", err)
		}
		values = append(values, text)
	}
	return values
}
