package kpetdb

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"drover/rules/targeting"
)

// addCondition reads a pattern that has to fit beside those above it.
func addCondition(r *reader, file string, value *yaml.Node, own *inherited) {
	own.conditions = append(own.conditions, r.pattern(file, value))
}

// pattern is a pattern, or true or false for always and never.
func (r *reader) pattern(file string, node *yaml.Node) targeting.Condition {
	node = r.resolve(file, node)
	if node.Kind == yaml.ScalarNode && node.Tag == "!!bool" {
		if r.truth(file, node) {
			return targeting.Condition{}
		}
		return never()
	}
	if node.Kind == yaml.ScalarNode {
		if node.Tag != "!!null" {
			r.wrong(file, node, "expected a pattern, found %q", node.Value)
		}
		return targeting.Condition{}
	}
	return r.condition(node, sense{file: file})
}

// constant tells a pattern that has the same answer always.
func constant(c targeting.Condition) (answer, same bool) {
	if c.Not == nil {
		return true, c.IsZero()
	}
	inner := *c.Not
	c.Not = nil
	return false, c.IsZero() && inner.IsZero()
}

func (r *reader) highCost(file string, value *yaml.Node, own *inherited) {
	answer, same := constant(r.pattern(file, value))
	own.test.HighCost = answer || !same
	if !same {
		r.lost(file, value, "high_cost depends on the target; the test is taken to be of high cost everywhere")
	}
}

func (r *reader) waived(file string, value *yaml.Node, own *inherited) {
	c := r.pattern(file, value)
	answer, same := constant(c)
	own.test.Waived, own.test.WaivedWhen = answer && same, nil
	if !same {
		own.test.WaivedWhen = &c
	}
}

// targetSources are added to those above: any of them is enough.
func (r *reader) targetSources(file string, value *yaml.Node, own *inherited) {
	value = r.resolve(file, value)
	if value.Tag == "!!null" {
		return
	}
	own.hasSources = true
	for _, one := range r.list(file, value) {
		text := r.like(one.at, sense{file: file, qualifier: "sources"})
		if !slices.Contains(own.sources, text) {
			own.sources = append(own.sources, text)
		}
	}
}

// sets are expressions; what they mean has to be among the sets of the case above.
func (r *reader) sets(file string, value *yaml.Node, own *inherited) {
	var names []string
	list := r.list(file, value)
	for _, one := range list {
		for _, name := range r.matching(one, r.db.Sets, "set") {
			if own.setsNamed && !slices.Contains(own.sets, name) {
				r.wrong(file, one.at, "the set %s is not among those of the suite: %s", name, orNone(own.sets))
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	own.sets, own.setsNamed = names, true
}

func (r *reader) hostType(file string, value *yaml.Node, own *inherited) {
	if list := r.list(file, value); len(list) == 1 {
		own.hostType = list[0]
	} else if len(list) > 1 {
		r.wrong(file, value, "expected one expression of host types")
	}
}

// add makes a test of a case without cases.
func (r *reader) add(b branch, own *inherited) {
	t := &own.test
	t.Name, t.File, t.Line = strings.Join(own.names, " - "), b.file, b.node.Line
	t.Sets, t.Maintainers = own.sets, own.maintainers
	if t.Role == "" {
		t.Role = "STANDALONE"
	}
	conditions := own.conditions
	if own.hasSources && len(own.sources) > 0 {
		conditions = append(conditions, targeting.Condition{Paths: own.sources})
	}
	t.When = conjunction(conditions)
	t.HostTypes = r.hostTypes(own)
	r.check(b, t)
	switch {
	case r.count < maxCases:
		r.keep(t)
	case !r.flooded:
		r.flooded = true
		r.wrong(b.file, b.node, "the database has more than %d cases", maxCases)
	}
}

// keep puts a test behind those before it, some hundred in one piece.
func (r *reader) keep(t *Test) {
	const piece = 256
	if r.count%piece == 0 {
		r.tests = append(r.tests, make([]Test, 0, piece))
	}
	last := &r.tests[len(r.tests)-1]
	*last = append(*last, *t)
	r.count++
}

// conjunction joins what has to hold together, without what always does. It
// overwrites the list.
func conjunction(all []targeting.Condition) targeting.Condition {
	kept := all[:0]
	for _, one := range all {
		if answer, same := constant(one); !same || !answer {
			kept = append(kept, one)
		}
	}
	return join(kept, false)
}

func (r *reader) hostTypes(own *inherited) []string {
	expression := own.hostType
	if expression.at == nil {
		expression = r.settings.hostType
	}
	if expression.at == nil {
		return r.db.HostTypes
	}
	if len(r.db.HostTypes) == 0 {
		return nil
	}
	return r.matching(expression, r.db.HostTypes, "host type")
}

// check holds a test to what kpet asks of every one.
func (r *reader) check(b branch, t *Test) {
	if t.Name == "" {
		r.wrong(b.file, b.node, "the case has no name, and no case above it has")
	}
	if before, twice := r.settings.names[t.Name]; twice {
		r.wrong(b.file, b.node, "there are two tests of the name %q: the other is in %s line %d", t.Name, before.file, before.line)
	}
	r.settings.names[t.Name] = origin{t.File, t.Line}
	for _, one := range []struct {
		missing bool
		what    string
	}{
		{t.Location == "", "location"}, {t.MaxDuration == 0, "max_duration_seconds"}, {len(t.Maintainers) == 0, "maintainers"},
	} {
		if one.missing {
			r.wrong(b.file, b.node, "the test %q has no %s, and no case above it has", t.Name, one.what)
		}
	}
	if message := r.originProblem(t); message != "" {
		r.wrong(b.file, b.node, "%s", message)
	}
}

func (r *reader) originProblem(t *Test) string {
	switch {
	case r.settings.origins == nil && t.Origin != "":
		return fmt.Sprintf("the test %q names the origin %s, but the database has no origins", t.Name, t.Origin)
	case r.settings.origins != nil && t.Origin == "":
		return fmt.Sprintf("the test %q has no origin", t.Name)
	case r.settings.origins != nil && !r.settings.origins[t.Origin]:
		return fmt.Sprintf("the test %q names the origin %s, which is not among the origins", t.Name, t.Origin)
	}
	return ""
}
