// Package treefile reads and writes the configuration of a tree as YAML: what
// the wizard of trees shows on its last step and takes on its first.
//
// It checks the form alone: that fields are known and hold what they should.
// Whether an address or a name will do is checked where the tree is added.
package treefile

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// largest bounds a file, in bytes.
const largest = 64 << 10

// File is the configuration of a tree.
type File struct {
	Tree      string   `yaml:"tree"`
	URL       string   `yaml:"url"`
	Branches  []string `yaml:"branches,flow,omitempty"`
	Policy    string   `yaml:"policy,omitempty"`
	Builds    string   `yaml:"builds,omitempty"`
	Arches    []string `yaml:"arches,flow,omitempty"`
	Configs   []string `yaml:"configs,omitempty"`
	Compilers []string `yaml:"compilers,flow,omitempty"`
	Recipe    string   `yaml:"recipe,omitempty"`
	Trusted   bool     `yaml:"trusted,omitempty"`
	Mail      []string `yaml:"mail,omitempty"`
	Agreed    bool     `yaml:"lists_agreed,omitempty"`
	Tests     []string `yaml:"tests,omitempty"`
}

// Problem is what is wrong in a line.
type Problem struct {
	Line int // from 1, 0 for the whole
	Text string
}

// Problems are an error.
type Problems []Problem

func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, one := range p {
		texts[i] = one.Text
		if one.Line > 0 {
			texts[i] = "line " + strconv.Itoa(one.Line) + ": " + one.Text
		}
	}
	return strings.Join(texts, "; ")
}

// Parse reads a file; an error is Problems.
func Parse(text string) (File, error) {
	if len(text) > largest {
		return File{}, Problems{{Text: fmt.Sprintf("a configuration has at most %d bytes", largest)}}
	}
	var f File
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil {
		return File{}, problemsOf(err)
	}
	return f, nil
}

var lineForm = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)

// unknownForm is how the library says that there is no such field.
var unknownForm = regexp.MustCompile(`^field (.+) not found in type .*$`)

func problemsOf(err error) Problems {
	var several *yaml.TypeError
	texts := []string{err.Error()}
	if errors.As(err, &several) {
		texts = several.Errors
	}
	var list Problems
	for _, text := range texts {
		p := Problem{Text: strings.TrimPrefix(text, "yaml: ")}
		if m := lineForm.FindStringSubmatch(text); m != nil {
			p.Text = m[2]
			p.Line, _ = strconv.Atoi(m[1]) // too large a number is no line
		}
		switch m := unknownForm.FindStringSubmatch(p.Text); {
		case m != nil:
			p.Text = fmt.Sprintf("there is no field %q", m[1])
		case p.Text == "EOF":
			p.Text = "there is nothing in it"
		case strings.HasPrefix(p.Text, "cannot unmarshal"):
			p.Text = "the field wants another kind of value: " + strings.TrimPrefix(p.Text, "cannot unmarshal ")
		}
		list = append(list, p)
	}
	return list
}

// String writes a file as Parse reads it.
func (f File) String() string {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(f), e.Close()); err != nil {
		return "" // cannot be: texts and lists of them, into memory
	}
	return b.String()
}
