package targeting

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// Sections gives the files of a section of MAINTAINERS, and whether there is such
// a section.
type Sections func(name string) (section Section, known bool)

// Section is which files are a section's, in patterns as a Condition has them:
// those like one of Paths and like none of NotPaths.
type Section struct {
	Paths    []string
	NotPaths []string
}

// Index is definitions made ready to be asked. It may be used by several
// goroutines at once.
type Index struct {
	tests  []test
	paths  *paths
	users  [][]int32 // by leaf: the tests with it, each once
	always []int32   // tests to look at whatever files have changed
	names  []nameLeaf
	spare  sync.Pool
}

// test is one definition, compiled.
type test struct {
	*Definition
	root   branch
	aimed  []int32 // leaves on files that speak for the test, not against it
	gated  bool    // without one of its leaves on files it cannot run
	leaves int32   // how many of files it has
}

// nameLeaf is a condition on names of one kind, or on subjects.
type nameLeaf struct {
	values func(*Change) *Values
	like   []*regexp.Regexp
}

// op is what a branch of a compiled condition does.
type op uint8

const (
	opAnd op = iota
	opOr
	opNot
	opFiles
	opNames
)

// branch is a compiled condition, or one key of it.
type branch struct {
	op   op
	leaf int32
	kids []branch
	from *Condition // what it was made of
	key  string     // which of its keys; "" all of them
	lack bool       // a section of MAINTAINERS is not known
}

// Compile makes definitions ready, and keeps them: they must not be changed any
// more. sections may be nil where no condition names one. Names must be unique.
// Errors of conditions are Problems.
func Compile(definitions []Definition, sections Sections) (*Index, error) {
	c := compiler{
		ix: &Index{tests: make([]test, len(definitions))}, sections: sections,
		leaves: make([]fileLeaf, 0, len(definitions)), users: make([]user, 0, len(definitions)), aimed: make([]int32, 0, len(definitions)),
		files: map[string]int32{}, names: map[string]int32{}, patterns: make(map[string]*pathPattern, len(definitions)),
	}
	seen := make(map[string]bool, len(definitions))
	for i := range definitions {
		d := &definitions[i]
		if d.Name == "" || seen[d.Name] {
			return nil, fmt.Errorf("there are two tests of the name %q", d.Name)
		}
		seen[d.Name] = true
		t := &c.ix.tests[i]
		t.Definition = d
		c.test, c.number, c.positive = t, int32(i), true
		before := len(c.aimed)
		root, err := c.condition(&t.When, 1)
		if err != nil {
			return nil, fmt.Errorf("test %s: %w", d.Name, err)
		}
		t.root, t.aimed = root, c.aimed[before:len(c.aimed):len(c.aimed)]
		t.gated = t.leaves > 0 && t.Cost != Always && root.without() == canNo
	}
	c.finish()
	return c.ix, nil
}

// Len is how many tests there are.
func (ix *Index) Len() int { return len(ix.tests) }

// Definition is that of test i, from 0, in the order in which they were given.
func (ix *Index) Definition(i int) Definition { return *ix.tests[i].Definition }

// compiler keeps what is equal once.
type compiler struct {
	ix       *Index
	sections Sections
	leaves   []fileLeaf
	files    map[string]int32 // leaves of more than one pattern, by their texts
	names    map[string]int32
	maker    patternMaker
	patterns map[string]*pathPattern
	likes    []*pathPattern // of all leaves
	users    []user
	aimed    []int32 // leaves of all tests
	test     *test
	number   int32
	positive bool // not below an odd number of nots
}

// user is a test with a leaf.
type user struct{ leaf, test int32 }

// branches gathers the parts of a condition until one is wrong. Most conditions
// have one.
type branches struct {
	first branch
	more  []branch
	count int
	err   error
}

func (b *branches) add(one branch, err error) {
	switch {
	case b.err != nil:
		return
	case b.count == 0:
		b.first = one
	case b.count == 1:
		b.more = []branch{b.first, one}
	default:
		b.more = append(b.more, one)
	}
	b.count, b.err = b.count+1, err
}

// condition compiles; one key or operand needs no branch around it.
func (c *compiler) condition(from *Condition, depth int) (branch, error) {
	if depth > deepest {
		return branch{}, Problems{{Place: from.Places.At(""), Message: fmt.Sprintf("and, or and not are nested more than %d deep", deepest)}}
	}
	var parts branches
	c.keys(from, &parts)
	for i := range from.And {
		parts.add(c.condition(&from.And[i], depth+1))
	}
	if len(from.Or) > 0 {
		parts.add(c.alternatives(from, depth))
	}
	if from.Not != nil {
		c.positive = !c.positive
		inner, err := c.condition(from.Not, depth+1)
		c.positive = !c.positive
		parts.add(branch{op: opNot, kids: []branch{inner}, from: from, key: keyNot}, err)
	}
	if parts.count == 1 {
		return parts.first, parts.err
	}
	return branch{op: opAnd, kids: parts.more, from: from}, parts.err
}

// keys compiles those with patterns.
func (c *compiler) keys(from *Condition, parts *branches) {
	if len(from.Paths) > 0 || len(from.NotPaths) > 0 {
		parts.add(c.fileBranch(from))
	}
	if len(from.Maintainers) > 0 {
		parts.add(c.sectionBranch(from))
	}
	for i := range nameKinds {
		if kind := &nameKinds[i]; kind.has(from) {
			parts.add(c.nameBranch(from, kind))
		}
	}
}

func (c *compiler) alternatives(from *Condition, depth int) (branch, error) {
	b := branch{op: opOr, from: from, key: keyOr, kids: make([]branch, len(from.Or))}
	for i := range from.Or {
		kid, err := c.condition(&from.Or[i], depth+1)
		if err != nil {
			return b, err
		}
		b.kids[i] = kid
	}
	return b, nil
}

func (c *compiler) fileBranch(from *Condition) (branch, error) {
	leaf, err := c.fileLeaf(from.Paths, from.NotPaths, nil)
	if err != nil {
		return branch{}, Problems{{Place: from.Places.At("paths"), Message: err.Error()}}
	}
	return branch{op: opFiles, leaf: leaf, from: from, key: "paths"}, nil
}

// fileLeaf numbers a condition on files. Of paths that are only left out, all
// others count; a section without files has none.
func (c *compiler) fileLeaf(like, not, missing []string) (int32, error) {
	if len(like) == 0 && len(not) > 0 {
		like = []string{"**"}
	}
	leaf, err := c.leaf(like, not, missing)
	if err != nil {
		return 0, err
	}
	c.test.leaves++
	c.users = append(c.users, user{leaf, c.number})
	if c.positive {
		c.aimed = append(c.aimed, leaf)
	}
	return leaf, nil
}

// leaf is the one with these patterns.
func (c *compiler) leaf(like, not, missing []string) (int32, error) {
	if len(like) == 1 && len(not)+len(missing) == 0 && like[0] != Whole {
		p, err := c.pathPattern(like[0])
		if err != nil {
			return 0, err
		}
		if p.leaf == none {
			p.leaf = c.addLeaf(fileLeaf{patterns: c.keep(p)})
		}
		return p.leaf, nil
	}
	key := strings.Join(like, "\x00") + "\x01" + strings.Join(not, "\x00") + "\x01" + strings.Join(missing, "\x00")
	if leaf, known := c.files[key]; known {
		return leaf, nil
	}
	made := fileLeaf{missing: missing}
	var err error
	if made.patterns, err = c.pathPatterns(like); err != nil {
		return 0, err
	}
	if made.not, err = c.pathPatterns(not); err != nil {
		return 0, err
	}
	leaf := c.addLeaf(made)
	c.files[key] = leaf
	return leaf, nil
}

func (c *compiler) addLeaf(l fileLeaf) int32 {
	c.leaves = append(c.leaves, l)
	return int32(len(c.leaves) - 1)
}

// keep is a list of its own.
func (c *compiler) keep(list ...*pathPattern) []*pathPattern {
	from := len(c.likes)
	c.likes = append(c.likes, list...)
	return c.likes[from:len(c.likes):len(c.likes)]
}

// pathPatterns leaves Whole out: no file is like it.
func (c *compiler) pathPatterns(list []string) ([]*pathPattern, error) {
	made := make([]*pathPattern, 0, len(list))
	for _, source := range list {
		if source == Whole {
			continue
		}
		p, err := c.pathPattern(source)
		if err != nil {
			return nil, err
		}
		made = append(made, p)
	}
	return made, nil
}

func (c *compiler) pathPattern(source string) (*pathPattern, error) {
	if p := c.patterns[source]; p != nil {
		return p, nil
	}
	p, err := c.maker.path(source)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", source, err)
	}
	c.patterns[source] = p
	return p, nil
}

// byLeaf are the tests of each leaf, each once.
func byLeaf(users []user, leaves int) [][]int32 {
	begin := make([]int32, leaves+1)
	for _, u := range users {
		begin[u.leaf+1]++
	}
	for i := range leaves {
		begin[i+1] += begin[i]
	}
	numbers, lists := make([]int32, len(users)), make([][]int32, leaves)
	for i := range lists {
		lists[i] = numbers[begin[i]:begin[i]:begin[i+1]]
	}
	for _, u := range users { // in the order of tests
		if list := lists[u.leaf]; len(list) == 0 || list[len(list)-1] != u.test {
			lists[u.leaf] = append(list, u.test)
		}
	}
	return lists
}
