package targeting

import (
	"regexp"
	"strings"
)

// nameKind is a key with patterns of names, and what of a change they are for.
type nameKind struct {
	key      string
	patterns func(*Condition) []string
	values   func(*Change) *Values
	compile  func(string) (*regexp.Regexp, error)
}

var nameKinds = []nameKind{
	{"trees", func(c *Condition) []string { return c.Trees }, func(c *Change) *Values { return &c.Trees }, compileName},
	{"arches", func(c *Condition) []string { return c.Arches }, func(c *Change) *Values { return &c.Arches }, compileName},
	{"configs", func(c *Condition) []string { return c.Configs }, func(c *Change) *Values { return &c.Configs }, compileName},
	{"components", func(c *Condition) []string { return c.Components }, func(c *Change) *Values { return &c.Components }, compileName},
	{"sets", func(c *Condition) []string { return c.Sets }, func(c *Change) *Values { return &c.Sets }, compileName},
	{keySubject, subjectOf, func(c *Change) *Values { return &c.Subjects }, compileSubject},
}

func (k *nameKind) has(c *Condition) bool { return len(k.patterns(c)) > 0 }

func compileName(pattern string) (*regexp.Regexp, error) { return compile(pattern, inNames) }

func compileSubject(text string) (*regexp.Regexp, error) { return regexp.Compile(text) }

func subjectOf(c *Condition) []string {
	if c.Subject == "" {
		return nil
	}
	return []string{c.Subject}
}

// nameBranch numbers a condition on names; equal ones are one.
func (c *compiler) nameBranch(from *Condition, kind *nameKind) (branch, error) {
	patterns := kind.patterns(from)
	key := kind.key + "\x01" + strings.Join(patterns, "\x00")
	leaf, known := c.names[key]
	if !known {
		made := nameLeaf{values: kind.values}
		for _, pattern := range patterns {
			if pattern == Whole {
				continue
			}
			like, err := kind.compile(pattern)
			if err != nil {
				return branch{}, Problems{{Place: from.Places.At(kind.key), Message: err.Error()}}
			}
			made.like = append(made.like, like)
		}
		leaf = int32(len(c.ix.names))
		c.names[key] = leaf
		c.ix.names = append(c.ix.names, made)
	}
	return branch{op: opNames, leaf: leaf, from: from, key: kind.key}, nil
}

// finish makes the search for files, and the list of tests that it does not find.
func (c *compiler) finish() {
	c.ix.paths = newPaths(c.leaves)
	c.ix.users = byLeaf(c.users, len(c.leaves))
	for i := range c.ix.tests {
		if !c.ix.tests[i].gated {
			c.ix.always = append(c.ix.always, int32(i))
		}
	}
	p := c.ix.paths
	c.ix.spare.New = func() any { return p.newScratch() }
}

// value of the leaf for a change.
func (l *nameLeaf) value(change *Change) value {
	have := l.values(change)
	switch have.Extent {
	case Open:
		return unknown
	case Everything:
		return yes
	}
	for _, text := range have.List {
		for _, like := range l.like {
			if like.MatchString(text) {
				return yes
			}
		}
	}
	return no
}
