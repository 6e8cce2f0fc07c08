// Package treefile reads and writes the configuration of a tree as YAML: what
// the wizard of trees shows on its last step and takes on its first, and what a
// file of definitions says of each of its trees.
//
// It checks the form alone: that keys are known and hold what they should.
// Whether an address or a name will do is checked where the tree is added.
package treefile

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"drover/formats/strictyaml"
)

// largest bounds a file, in bytes.
const largest = 64 << 10

// File is the configuration of a tree.
type File struct {
	Tree      string   `yaml:"tree,omitempty"`
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

	// Places says where in the text the keys stand, "" the tree itself; nil
	// where it was not read from a text.
	Places map[string]strictyaml.Place `yaml:"-"`
}

// key is one key, how it is read, and what it says as a text, a list one a
// line.
type key struct {
	name string
	read func(*strictyaml.Reader, *File, *yaml.Node)
	text func(File) string
}

// keys are those of a tree, in the order in which they are written.
var keys = []key{
	text("tree", func(f *File) *string { return &f.Tree }),
	text("url", func(f *File) *string { return &f.URL }),
	texts("branches", func(f *File) *[]string { return &f.Branches }),
	text("policy", func(f *File) *string { return &f.Policy }),
	text("builds", func(f *File) *string { return &f.Builds }),
	texts("arches", func(f *File) *[]string { return &f.Arches }),
	texts("configs", func(f *File) *[]string { return &f.Configs }),
	texts("compilers", func(f *File) *[]string { return &f.Compilers }),
	text("recipe", func(f *File) *string { return &f.Recipe }),
	yes("trusted", func(f *File) *bool { return &f.Trusted }),
	texts("mail", func(f *File) *[]string { return &f.Mail }),
	yes("lists_agreed", func(f *File) *bool { return &f.Agreed }),
	texts("tests", func(f *File) *[]string { return &f.Tests }),
}

// names are those of the keys.
var names = func() (all []string) {
	for _, k := range keys {
		all = append(all, k.name)
	}
	return all
}()

func text(name string, field func(*File) *string) key {
	return key{name, func(r *strictyaml.Reader, f *File, n *yaml.Node) { *field(f), _ = r.Text(n) }, func(f File) string { return *field(&f) }}
}

func texts(name string, field func(*File) *[]string) key {
	return key{name, func(r *strictyaml.Reader, f *File, n *yaml.Node) { *field(f) = r.Texts(n) }, func(f File) string { return strings.Join(*field(&f), "\n") }}
}

func yes(name string, field func(*File) *bool) key {
	return key{name, func(r *strictyaml.Reader, f *File, n *yaml.Node) { *field(f) = r.Bool(n) }, func(f File) string {
		if *field(&f) {
			return "true"
		}
		return ""
	}}
}

// Keys are the names of all keys.
func Keys() []string { return slices.Clone(names) }

// Text is what a key says, a list one a line; "" where it is not set.
func (f File) Text(name string) string {
	if i := slices.Index(names, name); i >= 0 {
		return keys[i].text(f)
	}
	return ""
}

// SaysNoBuilds tells whether a file leaves open what a tree is built for.
func (f File) SaysNoBuilds() bool {
	return f.Builds == "" && f.Recipe == "" && len(f.Arches)+len(f.Configs)+len(f.Compilers) == 0
}

// WithBuildsOf is the file with what another says a tree is built for.
func (f File) WithBuildsOf(other File) File {
	f.Builds, f.Recipe, f.Arches, f.Configs, f.Compilers = other.Builds, other.Recipe, other.Arches, other.Configs, other.Compilers
	return f
}

// Parse reads a file that says one tree; an error is strictyaml.Problems.
func Parse(text string) (File, error) {
	node, err := strictyaml.Document([]byte(text), largest)
	if err != nil {
		return File{}, err
	}
	if node == nil {
		return File{}, strictyaml.Problems{{Message: "there is nothing in it"}}
	}
	var r strictyaml.Reader
	f := Read(&r, node)
	return f, r.Problems.Err()
}

// Read reads a tree from a node of a larger text; what is wrong is told to r.
func Read(r *strictyaml.Reader, node *yaml.Node) File {
	f := File{Places: map[string]strictyaml.Place{"": strictyaml.PlaceOf(node)}}
	r.Mapping(node, names, func(name string, at, value *yaml.Node) {
		f.Places[name] = strictyaml.PlaceOf(at)
		for _, k := range keys {
			if k.name == name {
				k.read(r, &f, value)
			}
		}
	})
	return f
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
