package kpetdb

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"drover/rules/targeting"
)

// qualifiers are the keys under which patterns have expressions, and the lists
// of a Condition that they become.
var qualifiers = map[string]func(*targeting.Condition) *[]string{
	"trees":      func(c *targeting.Condition) *[]string { return &c.Trees },
	"arches":     func(c *targeting.Condition) *[]string { return &c.Arches },
	"components": func(c *targeting.Condition) *[]string { return &c.Components },
	"sources":    func(c *targeting.Condition) *[]string { return &c.Paths },
}

// never is a condition that nothing fits.
func never() targeting.Condition { return targeting.Condition{Not: &targeting.Condition{}} }

// sense is what is known on the way down a pattern.
type sense struct {
	file      string
	qualifier string // "" before one was met
	or        bool   // the members are joined by "or"
	negated   bool   // below an odd number of nots
	depth     int
}

// condition makes a pattern into a Condition that has the same answer for
// every change.
func (r *reader) condition(node *yaml.Node, s sense) targeting.Condition {
	node = r.resolve(s.file, node)
	if s.depth++; s.depth > maxDepth {
		r.wrong(s.file, node, "the pattern is nested more than %d deep", maxDepth)
		return targeting.Condition{}
	}
	var operands operands
	switch node.Kind {
	case yaml.MappingNode:
		r.each(s.file, node, func(key string, at, value *yaml.Node) {
			if one, ok := r.member(key, at, value, s); ok {
				operands.add(one)
			}
		})
	case yaml.SequenceNode:
		for _, one := range node.Content {
			inner := s
			inner.or = false
			operands.add(r.condition(one, inner))
		}
	default:
		return r.leaf(node, s)
	}
	return operands.join(s.or)
}

// operands are what is joined, which mostly is one.
type operands struct {
	first targeting.Condition
	all   []targeting.Condition // nil as long as there is one at most
	count int
}

func (o *operands) add(one targeting.Condition) {
	switch o.count++; o.count {
	case 1:
		o.first = one
	case 2:
		o.all = []targeting.Condition{o.first, one}
	default:
		o.all = append(o.all, one)
	}
}

func (o *operands) join(or bool) targeting.Condition {
	if o.count == 1 {
		return o.first
	}
	return join(o.all, or)
}

// member is one key of a mapping.
func (r *reader) member(key string, at, value *yaml.Node, s sense) (targeting.Condition, bool) {
	inner := s
	inner.or = key == "or"
	switch {
	case key == "not":
		inner.negated = !s.negated
		one := r.condition(value, inner)
		return targeting.Condition{Not: &one}, true
	case key == "and" || key == "or":
	case qualifiers[key] == nil:
		r.wrong(s.file, at, "%q is no part of a pattern: it has and, or, not, trees, arches, components and sources", key)
		return targeting.Condition{}, false
	case s.qualifier != "":
		r.wrong(s.file, at, "%s stands inside of %s", key, s.qualifier)
		return targeting.Condition{}, false
	default:
		inner.qualifier = key
	}
	return r.condition(value, inner), true
}

// leaf is an expression, or null for a change of everything alone.
func (r *reader) leaf(node *yaml.Node, s sense) targeting.Condition {
	var c targeting.Condition
	if s.qualifier == "" {
		r.wrong(s.file, node, "expected trees, arches, components or sources before an expression")
		return c
	}
	list := []string{targeting.Whole}
	if node.Tag != "!!null" {
		list[0] = r.like(node, s)
	}
	if s.qualifier == "sources" { // most of all; the others by way of the heap
		c.Paths = list
		return c
	}
	return leafOf(s.qualifier, list)
}

func leafOf(qualifier string, list []string) targeting.Condition {
	var c targeting.Condition
	*qualifiers[qualifier](&c) = list
	return c
}

// like is the pattern of an expression. What Go cannot say is taken to match
// where that makes tests run, and not to where it would keep them from it.
func (r *reader) like(node *yaml.Node, s sense) string {
	expression, err := translate(node.Value)
	if err == nil {
		return pattern(expression)
	}
	if s.negated {
		r.lost(s.file, node, "the pattern %q cannot be said: %v. It is taken to match nothing, so its test runs more often", node.Value, err)
		return targeting.Whole
	}
	r.lost(s.file, node, "the pattern %q cannot be said: %v. It is taken to match everything, so its test runs more often", node.Value, err)
	if s.qualifier == "sources" {
		return "**"
	}
	return "*"
}

// join makes one condition of several. Alternatives that are expressions of one
// qualifier become one list.
func join(operands []targeting.Condition, or bool) targeting.Condition {
	switch {
	case len(operands) == 1:
		return operands[0]
	case len(operands) == 0 && or:
		return never()
	case len(operands) == 0:
		return targeting.Condition{}
	case !or:
		return together(operands)
	}
	for _, list := range qualifiers {
		if all := merged(operands, list); all != nil {
			var c targeting.Condition
			*list(&c) = all
			return c
		}
	}
	return targeting.Condition{Or: operands}
}

// together joins by "and", as keys of one condition where they are free.
func together(operands []targeting.Condition) targeting.Condition {
	var c targeting.Condition
	for _, one := range operands {
		if !one.IsZero() && take(&c, one) {
			continue
		}
		c.And = append(c.And, one)
	}
	return c
}

// take gives c the keys of another condition, if it has none of them yet.
func take(c *targeting.Condition, other targeting.Condition) bool {
	if len(other.And) > 0 || len(other.Or) > 0 && len(c.Or) > 0 || other.Not != nil && c.Not != nil {
		return false
	}
	for _, list := range qualifiers {
		if len(*list(c)) > 0 && len(*list(&other)) > 0 {
			return false
		}
	}
	for _, list := range qualifiers {
		*list(c) = append(*list(c), *list(&other)...)
	}
	if other.Not != nil {
		c.Not = other.Not
	}
	c.Or = append(c.Or, other.Or...)
	return true
}

// merged are the patterns of conditions that have this list and nothing else,
// nil if one of them is another.
func merged(operands []targeting.Condition, list func(*targeting.Condition) *[]string) []string {
	var all []string
	for i := range operands {
		one := operands[i]
		mine := *list(&one)
		size := len(one.Paths) + len(one.NotPaths) + len(one.Trees) + len(one.Arches) + len(one.Components)
		if len(mine) == 0 || size != len(mine) || one.Not != nil || len(one.And) > 0 || len(one.Or) > 0 {
			return nil
		}
		for _, text := range mine {
			if !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}
