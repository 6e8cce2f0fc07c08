package kpetdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v3"

	"drover/formats/strictyaml"
)

// reader goes through a database once.
type reader struct {
	folder   fs.FS
	db       Database
	settings settings
	tests    [][]Test // in pieces
	count    int      // of them
	room     [maxDepth]inherited
	problems []Problem
	parsed   map[string]*parsed
	running  sync.WaitGroup // files that are being read
	slots    chan struct{}
	total    atomic.Int64
	budget   int // values of YAML that may be read
	read     int // of these
	flooded  bool
}

// parsed is a file that was read, or is being read.
type parsed struct {
	root *yaml.Node
	err  error
	wait chan struct{}
}

func newReader(folder fs.FS) *reader {
	return &reader{folder: folder, parsed: map[string]*parsed{}, slots: make(chan struct{}, atOnce), budget: maxNodes}
}

// problem notes what is wrong at a node; a nil node is the whole file.
func (r *reader) problem(file string, at *yaml.Node, lost bool, format string, args ...any) {
	const most = 5000
	if len(r.problems) == most {
		r.problems = append(r.problems, Problem{File: file, Message: "there are more problems than are told"})
	}
	if len(r.problems) > most {
		return
	}
	line := 0
	if at != nil {
		line = at.Line
	}
	r.problems = append(r.problems, Problem{File: file, Line: line, Message: fmt.Sprintf(format, args...), Lost: lost})
}

// wrong is a problem for which kpet would refuse the database too.
func (r *reader) wrong(file string, at *yaml.Node, format string, args ...any) {
	r.problem(file, at, false, format, args...)
}

// lost is something of the database that is not said by what is made of it.
func (r *reader) lost(file string, at *yaml.Node, format string, args ...any) {
	r.problem(file, at, true, format, args...)
}

// insideOf is the path of a file that another file names: below the folder of
// the other, or below the database's, as both are in use.
func insideOf(from, name string) ([]string, error) {
	if strings.HasPrefix(name, "/") {
		return nil, fmt.Errorf("%q leads out of the database", name)
	}
	near, top := path.Join(path.Dir(from), name), path.Clean(name)
	if !fs.ValidPath(near) {
		return nil, fmt.Errorf("%q leads out of the database", name)
	}
	if near == top || !fs.ValidPath(top) {
		return []string{near}, nil
	}
	return []string{near, top}, nil
}

// text reads a bounded file.
func text(folder fs.FS, name string) (content []byte, err error) {
	file, err := folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	content, err = read(io.LimitReader(file, maxFile+1), file)
	if err == nil && len(content) > maxFile {
		return nil, fmt.Errorf("the file has more than %d bytes", maxFile)
	}
	return content, err
}

// read is io.ReadAll in one piece where the file tells its size.
func read(from io.Reader, file fs.File) ([]byte, error) {
	var all bytes.Buffer
	if about, err := file.Stat(); err == nil && about.Size() <= maxFile {
		all.Grow(int(about.Size()) + bytes.MinRead)
	}
	_, err := all.ReadFrom(from)
	return all.Bytes(), err
}

// atOnce is how many files are read at the same time.
const atOnce = 4

// ahead begins to read files that will be asked for, while others are looked at.
func (r *reader) ahead(names []string) {
	for _, name := range names {
		if len(r.parsed) >= maxFiles || r.parsed[name] != nil {
			continue
		}
		p := &parsed{wait: make(chan struct{})}
		r.parsed[name] = p
		r.running.Go(func() {
			r.slots <- struct{}{}
			p.root, p.err = r.parse(name)
			<-r.slots
			close(p.wait)
		})
	}
}

// parse gives the one document of a file.
func (r *reader) parse(name string) (*yaml.Node, error) {
	content, err := text(r.folder, name)
	if err != nil {
		return nil, err
	}
	if r.total.Add(int64(len(content))) > maxTotal {
		return nil, fmt.Errorf("the database has more than %d bytes", maxTotal)
	}
	root, err := strictyaml.Document(content, maxFile)
	if err == nil && root == nil {
		root = &yaml.Node{Kind: yaml.MappingNode, Line: 1}
	}
	return root, err
}

// file reads a YAML file, nil with a problem at the node that names it.
func (r *reader) file(from string, at *yaml.Node, name string) (*yaml.Node, string) {
	candidates, err := insideOf(from, name)
	if err != nil {
		r.wrong(from, at, "%v", err)
		return nil, ""
	}
	for _, candidate := range candidates {
		r.ahead([]string{candidate})
		p := r.parsed[candidate]
		if p == nil {
			r.wrong(from, at, "the database has more than %d files", maxFiles)
			return nil, ""
		}
		<-p.wait
		if errors.Is(p.err, fs.ErrNotExist) {
			continue
		}
		if p.err != nil {
			r.refused(candidate, p.err)
			return nil, ""
		}
		return p.root, candidate
	}
	r.wrong(from, at, "there is no file %s", name)
	return nil, ""
}

// refused tells why a file could not be read, and at which line if that is known.
func (r *reader) refused(file string, err error) {
	var problems strictyaml.Problems
	if !errors.As(err, &problems) {
		r.wrong(file, nil, "%v", err)
	}
	for _, p := range problems {
		r.wrong(file, &yaml.Node{Line: p.Line}, "%s", p.Message)
	}
}

// template is the text of a file that is named in the database.
func (r *reader) template(file string, at *yaml.Node) string {
	name, ok := r.scalar(file, at)
	if !ok || name == "" {
		return ""
	}
	candidates, err := insideOf(file, name)
	if err != nil {
		r.wrong(file, at, "%v", err)
		return ""
	}
	for _, candidate := range candidates {
		content, err := text(r.folder, candidate)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		switch {
		case err != nil:
			r.wrong(file, at, "%s: %v", candidate, err)
			return ""
		case r.total.Add(int64(len(content))) > maxTotal:
			r.wrong(file, at, "the database has more than %d bytes", maxTotal)
			return ""
		}
		if words := string(content); strings.Contains(words, "{{") || strings.Contains(words, "{%") {
			r.lost(file, at, "%s is a Jinja2 template; its text is kept as it is", candidate)
		}
		return string(content)
	}
	r.wrong(file, at, "there is no file %s", name)
	return ""
}

// resolve follows an alias, and counts, so that a small text cannot unfold to
// a large one.
func (r *reader) resolve(file string, node *yaml.Node) *yaml.Node {
	r.read++
	if r.read > r.budget {
		if !r.flooded {
			r.flooded = true
			r.wrong(file, node, "the database unfolds to more than %d values", r.budget)
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Line: node.Line}
	}
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// each calls do for the keys of a mapping in order.
func (r *reader) each(file string, node *yaml.Node, do func(key string, at, value *yaml.Node)) {
	node = r.resolve(file, node)
	if node.Kind != yaml.MappingNode {
		if node.Tag != "!!null" {
			r.wrong(file, node, "expected keys")
		}
		return
	}
	seen := strictyaml.KeysOf(node)
	for i := 0; i+1 < len(node.Content); i += 2 {
		at, value := r.resolve(file, node.Content[i]), r.resolve(file, node.Content[i+1])
		switch {
		case at.Kind != yaml.ScalarNode:
			r.wrong(file, at, "expected a key")
		case at.Tag == "!!merge":
			r.lost(file, at, "merged keys (<<) are not read")
		case seen.Twice(i):
			r.wrong(file, at, "`%.60s` stands here twice", at.Value)
		default:
			do(at.Value, at, value)
		}
	}
}

// scalar is a text.
func (r *reader) scalar(file string, node *yaml.Node) (string, bool) {
	node = r.resolve(file, node)
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" {
		r.wrong(file, node, "expected a text")
		return "", false
	}
	return node.Value, true
}

// list is a list of texts, or one alone.
func (r *reader) list(file string, node *yaml.Node) []located {
	node = r.resolve(file, node)
	nodes := []*yaml.Node{node}
	if node.Kind == yaml.SequenceNode {
		nodes = node.Content
	}
	list := make([]located, 0, len(nodes))
	for _, one := range nodes {
		one = r.resolve(file, one)
		if value, ok := r.scalar(file, one); ok {
			list = append(list, located{value, one, file})
		}
	}
	return list
}

// located is a text and where it stands.
type located struct {
	value string
	at    *yaml.Node
	file  string
}

func values(list []located) []string {
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = one.value
	}
	return texts
}

// truth is true or false.
func (r *reader) truth(file string, node *yaml.Node) bool {
	node = r.resolve(file, node)
	var value bool
	if err := node.Decode(&value); err != nil || node.Kind != yaml.ScalarNode {
		r.wrong(file, node, "expected true or false")
	}
	return value
}
