// Package strictyaml reads YAML that people write: every key must be known,
// every mistake is told with its line and column, and all of them at once.
//
// It is pure and bounded. Aliases are refused, since they can make a short text
// endless. Readers of definitions and conditions call it; it knows none of
// their keys.
package strictyaml

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Place is a position in a text, both from 1. The zero Place is none.
type Place struct {
	Line   int
	Column int
}

// PlaceOf is where a node stands.
func PlaceOf(node *yaml.Node) Place { return Place{max(node.Line, 1), max(node.Column, 1)} }

// Problem is what is wrong at one place of a text, and what to do about it.
type Problem struct {
	Place
	Message string
	File    string // name of the text, "" where there is one alone
}

func (p Problem) String() string {
	where := ""
	switch {
	case p.Line > 0 && p.File != "":
		where = fmt.Sprintf("%s, line %d, column %d: ", p.File, p.Line, p.Column)
	case p.Line > 0:
		where = fmt.Sprintf("line %d, column %d: ", p.Line, p.Column)
	case p.File != "":
		where = p.File + ": "
	}
	return where + p.Message
}

// Problems is all that is wrong. As an error it prints one line each.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// In says of all of them which text they are in.
func (p Problems) In(file string) Problems {
	for i := range p {
		p[i].File = file
	}
	return p
}

// Most is how many problems are told: nobody reads more. Whoever looks for many
// may stop there.
const Most = 100

// Err is the first of p as an error, in the order of the text; nil if there is
// none.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return p[:min(len(p), Most)]
}

// Document is the one node of a text of at most so many bytes, nil where it is
// empty. An error is Problems.
func Document(text []byte, most int) (*yaml.Node, error) {
	if len(text) > most {
		return nil, Problems{{Message: fmt.Sprintf("the text has %d bytes, %d are the most", len(text), most)}}
	}
	if root := quick(string(text), Room{}); root != nil {
		return root, nil
	}
	return slow(text)
}

// slow is Document by the library.
func slow(text []byte) (*yaml.Node, error) {
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
		return Problem{Place: Place{1, 1}, Message: err.Error()}
	}
	line, err := strconv.Atoi(parts[1])
	if err != nil { // the library leaves the number out for the first line
		line = 1
	} else if parserError.MatchString(parts[2]) {
		line++
	}
	return Problem{Place: Place{min(line, lines), 1}, Message: "this is no YAML: " + parts[2]}
}

// Reader gathers what is wrong, so that all of it is told at once.
type Reader struct {
	Problems Problems
}

// Add says what is wrong at a node.
func (r *Reader) Add(node *yaml.Node, format string, args ...any) {
	if len(r.Problems) < Most {
		r.Problems = append(r.Problems, Problem{Place: PlaceOf(node), Message: fmt.Sprintf(format, args...)})
	}
}

// Append takes over what another reader found wrong below a node.
func (r *Reader) Append(node *yaml.Node, err error) {
	var more Problems
	switch {
	case err == nil:
	case errors.As(err, &more):
		r.Problems = append(r.Problems, more...)
	default:
		r.Add(node, "%v", err)
	}
}

// Mapping calls each for the known keys of a mapping, and reports the others.
func (r *Reader) Mapping(node *yaml.Node, known []string, each func(key string, at, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		r.Add(node, "expected keys such as %s, found %s", known[0], Describe(node))
		return
	}
	r.Pairs(node, func(at, value *yaml.Node) {
		if !slices.Contains(known, at.Value) {
			r.Add(at, "%s", unknownKey(at.Value, known))
			return
		}
		each(at.Value, at, value)
	})
}

// Names calls each for the keys of a mapping whose keys are free names.
func (r *Reader) Names(node *yaml.Node, what string, each func(name string, at, value *yaml.Node)) {
	if node.Kind != yaml.MappingNode {
		r.Add(node, "expected %s, each with its name as key, found %s", what, Describe(node))
		return
	}
	r.Pairs(node, func(at, value *yaml.Node) { each(at.Value, at, value) })
}

// Pairs calls each for the pairs of a mapping, whatever their keys, each once.
func (r *Reader) Pairs(node *yaml.Node, each func(at, value *yaml.Node)) {
	seen := KeysOf(node)
	for i := 0; i+1 < len(node.Content); i += 2 {
		at := node.Content[i]
		switch {
		case at.Kind != yaml.ScalarNode:
			r.Add(at, "expected a key, found %s", Describe(at))
		case seen.Twice(i):
			r.Add(at, "`%.60s` stands here twice", at.Value)
		default:
			each(at, node.Content[i+1])
		}
	}
}

// Text is a scalar that is not null.
func (r *Reader) Text(node *yaml.Node) (text string, ok bool) {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		r.Add(node, "expected a text, found %s", Describe(node))
		return "", false
	}
	return node.Value, true
}

// Texts is a list of texts, or one text alone.
func (r *Reader) Texts(node *yaml.Node) []string {
	nodes := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		nodes = node.Content
	}
	var texts []string
	for _, one := range nodes {
		if text, ok := r.Text(one); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// Bool is true or false.
func (r *Reader) Bool(node *yaml.Node) bool {
	var yes bool
	if node.Kind != yaml.ScalarNode || node.Tag != "!!bool" || node.Decode(&yes) != nil {
		r.Add(node, "expected true or false, found %s", Describe(node))
	}
	return yes
}

// Describe names what stands at a node, for messages.
func Describe(node *yaml.Node) string {
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
