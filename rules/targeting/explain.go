package targeting

import (
	"fmt"
	"slices"
	"strings"
)

// Choice says of one test whether it runs, and why.
type Choice struct {
	Test   string `json:"test"`
	Chosen bool   `json:"chosen"`
	Rule   string `json:"rule"`             // condition, always, sets, high cost or unmatched
	Reason string `json:"reason"`           // one sentence, without a point
	File   string `json:"file,omitempty"`   // the changed file that decided
	By     string `json:"by,omitempty"`     // the condition that decided, in words
	Source string `json:"source,omitempty"` // the file that the condition is written in
	Line   int    `json:"line,omitempty"`   // there
	Column int    `json:"column,omitempty"`
}

// Choices are those of all tests, in the order of definitions.
func (s *Selection) Choices() []Choice {
	all := make([]Choice, len(s.ix.tests))
	for i := range all {
		all[i] = s.Choice(i)
	}
	return all
}

// Choice is that of test i.
func (s *Selection) Choice(i int) Choice {
	t := &s.ix.tests[i]
	chosen, by := s.verdict(t)
	c := Choice{Test: t.Name, Chosen: chosen, Rule: string(by), Source: t.File, Line: t.Place.Line, Column: t.Place.Column}
	switch by {
	case ruleSets:
		c.Reason = "the test is in none of the sets that were asked for: " + strings.Join(s.change.Sets.List, ", ")
	case ruleHighCost:
		c.Reason = s.highCostReason()
	case ruleUnmatched:
		c.Reason = "no test is aimed at what has changed, so all run whose other conditions fit"
		if s.Fallback == UnmatchedSets {
			c.Reason = "no test is aimed at what has changed, so those of " + or(s.policy.Sets, func(set string) string { return set }) + " run"
		}
	case ruleAlways:
		c.Reason = "the test runs whatever has changed"
		if !chosen {
			s.explain(&c, t, openFiles{s})
		}
	default:
		s.explain(&c, t, s)
	}
	return c
}

func (s *Selection) highCostReason() string {
	if s.policy.HighCost == HighNever {
		return "the test costs much, and such tests are switched off"
	}
	return "the test costs much and runs only if a changed file asks for it"
}

// explain finds the part of the condition that decided, and says so.
func (s *Selection) explain(c *Choice, t *test, f facts) {
	decider, negated := s.decider(&t.root, f)
	from, key := decider.from, decider.key
	if len(decider.kids) == 0 && decider.op == opAnd {
		c.Reason = "the test is for every change"
		if !c.Chosen {
			c.Reason = "the test is for no change"
		}
		return
	}
	part := from.only(key)
	c.By = part.String()
	if place := from.Places.At(key); place != (Place{}) {
		c.Line, c.Column = place.Line, place.Column
	} else if place := from.Places.At(""); place != (Place{}) {
		c.Line, c.Column = place.Line, place.Column
	}
	if decider.value(f) == unknown {
		c.Reason = s.unknownReason(decider)
		return
	}
	changed := ""
	if decider.op == opFiles {
		if number, hit := s.hits[decider.leaf]; hit {
			c.File = s.paths[number]
			changed = c.File + " has changed: "
		} else if s.change.Files.Extent == Everything {
			changed = "everything has changed: "
		}
	}
	switch {
	case c.Chosen && negated:
		c.Reason = changed + "the test is for changes other than those " + part.phrase()
	case c.Chosen:
		c.Reason = changed + "the test is for changes " + part.phrase()
	case negated:
		c.Reason = changed + "the test is not for changes " + part.phrase()
	default:
		c.Reason = changed + "the test is only for changes " + part.phrase()
	}
}

func (s *Selection) unknownReason(b *branch) string {
	if b.op == opFiles && s.change.Files.Extent == Listed {
		missing := s.ix.paths.leaves[b.leaf].missing
		return "MAINTAINERS has no section " + or(missing, quote) + ", so nothing is known against the test"
	}
	return "what the condition of the test asks for was left open"
}

// phrase is a condition behind "changes".
func (c Condition) phrase() string {
	words := c.String()
	if len(c.Or) > 0 || len(c.And) > 0 || c.Not != nil {
		return "that fit this: " + words
	}
	if rest, ok := strings.CutPrefix(words, "changes "); ok {
		return "of " + rest
	}
	return words
}

// only is a condition with one of its keys; "" all.
func (c Condition) only(key string) Condition {
	switch key {
	case "":
		return c
	case "paths":
		return Condition{Paths: c.Paths, NotPaths: c.NotPaths}
	case keySubject:
		return Condition{Subject: c.Subject}
	case keyOr:
		return Condition{Or: c.Or}
	case keyNot:
		return Condition{Not: c.Not}
	}
	var one Condition
	for _, l := range lists {
		if l.key == key {
			*l.field(&one) = *l.field(&c)
		}
	}
	return one
}

// decider is the smallest part of a condition that decided, and whether it
// stands below a "not". If a changed file decided as much as anything, it goes
// first.
func (s *Selection) decider(b *branch, f facts) (part *branch, negated bool) {
	result := b.value(f)
	switch {
	case b.op == opNot:
		part, negated = s.decider(&b.kids[0], f)
		return part, !negated
	case len(b.kids) == 0:
		return b, false
	case result == no && b.op == opOr && len(b.kids) > 1:
		return b, false // all of them were against it
	}
	for i := range b.kids {
		if b.kids[i].value(f) != result {
			continue
		}
		found, not := s.decider(&b.kids[i], f)
		_, hit := s.hits[found.leaf]
		if found.op == opFiles && hit && !not {
			return found, not
		}
		if part == nil {
			part, negated = found, not
		}
	}
	return part, negated
}

// Covered is a changed file and the tests that run because of it.
type Covered struct {
	File  string
	Old   string // before a rename
	Tests []int  // in the order of definitions
}

// Covering gives all changed files in the order of the change, each with the
// tests that run and are aimed at it, by either name. Files without tests are
// those that nobody covers.
func (s *Selection) Covering() []Covered {
	all := make([]Covered, 0, len(s.change.Files.List))
	work := s.ix.paths.newScratch()
	stamps := make([]int, len(s.ix.tests))
	for number, file := range s.change.Files.List {
		c := Covered{File: file.Path, Old: file.Old}
		for _, name := range OfFiles(file).names() {
			for _, h := range s.ix.paths.of(work, name) {
				c.Tests = s.cover(c.Tests, h.leaf, func(test int32) bool {
					before := stamps[test]
					stamps[test] = number + 1
					return before != number+1
				})
			}
		}
		slices.Sort(c.Tests)
		all = append(all, c)
	}
	return all
}

// cover adds the tests of a leaf that run and that it speaks for.
func (s *Selection) cover(tests []int, leaf int32, first func(int32) bool) []int {
	for _, number := range s.ix.users[leaf] {
		if s.Chosen(int(number)) && slices.Contains(s.ix.tests[number].aimed, leaf) && first(number) {
			tests = append(tests, int(number))
		}
	}
	return tests
}

// Summary is the sum of a selection as a sentence.
func (s *Selection) Summary() string {
	chosen := 0
	for i := range s.ix.tests {
		if s.Chosen(i) {
			chosen++
		}
	}
	text := fmt.Sprintf("%d of %d tests run", chosen, len(s.ix.tests))
	switch s.Fallback {
	case UnmatchedNone:
		return text + "; no test is aimed at what has changed, so only those without conditions on paths run"
	case UnmatchedSets:
		return text + "; no test is aimed at what has changed, so those of " + or(s.policy.Sets, func(set string) string { return set }) + " run too"
	case UnmatchedAll:
		return text + "; no test is aimed at what has changed, so paths do not count"
	}
	return text
}
