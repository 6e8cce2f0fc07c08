package targeting

import "slices"

// Selection says which tests a change runs. What it says in words is made when
// asked for.
type Selection struct {
	ix     *Index
	change Change
	policy Policy
	paths  []string // that have changed, sorted
	hits   map[int32]int32
	found  []hit
	chosen []uint64 // bits, by test
	// Fallback is the rule for what has changed files and no test that is aimed
	// at any of them; "" where it was not needed.
	Fallback Unmatched
}

// Select asks which tests a change runs.
func (ix *Index) Select(change Change, policy Policy) *Selection {
	s := &Selection{ix: ix, change: change, policy: policy.orDefault(), chosen: make([]uint64, (len(ix.tests)+63)/64)}
	if change.Files.Extent != Listed {
		for i := range ix.tests {
			s.decide(int32(i))
		}
		return s
	}
	s.paths = change.Files.names()
	work, ok := ix.spare.Get().(*scratch)
	if !ok {
		work = ix.paths.newScratch()
	}
	s.found = slices.Clone(ix.paths.first(work, s.paths))
	ix.spare.Put(work)
	s.decideListed()
	return s
}

func (p Policy) orDefault() Policy {
	if p.Unmatched == "" {
		p.Unmatched = UnmatchedNone
	}
	if p.HighCost == "" {
		p.HighCost = HighTargeted
	}
	return p
}

// decideListed looks at the tests that changed files ask for, and at those that
// need none; all others cannot run.
func (s *Selection) decideListed() {
	s.hits = make(map[int32]int32, len(s.found))
	for _, h := range s.found {
		s.hits[h.leaf] = h.file
	}
	aimed := false
	for _, h := range s.found {
		for _, number := range s.ix.users[h.leaf] {
			if s.decide(number) && !aimed {
				aimed = s.aimed(&s.ix.tests[number])
			}
		}
	}
	for _, number := range s.ix.always {
		if s.decide(number) && !aimed {
			aimed = s.aimed(&s.ix.tests[number])
		}
	}
	if aimed {
		return
	}
	s.Fallback = s.policy.Unmatched
	if s.Fallback != UnmatchedNone {
		for i := range s.ix.tests {
			s.decide(int32(i))
		}
	}
}

// decide sets the bit of a test.
func (s *Selection) decide(number int32) bool {
	verdict, _ := s.verdict(&s.ix.tests[number])
	if verdict {
		s.chosen[number/64] |= 1 << (number % 64)
	}
	return verdict
}

// rule is what decided on a test.
type rule string

const (
	ruleCondition rule = "condition" // its own
	ruleAlways    rule = "always"    // its cost says so; its other keys agree
	ruleSets      rule = "sets"      // others were asked for
	ruleHighCost  rule = "high cost"
	ruleUnmatched rule = "unmatched" // no test is aimed at what has changed
)

// verdict decides on a test, as the rules stand.
func (s *Selection) verdict(t *test) (bool, rule) {
	if s.change.Sets.Extent == Listed && !meet(t.Sets, s.change.Sets.List) {
		return false, ruleSets
	}
	if t.Cost == High && !s.affordable(t) {
		return false, ruleHighCost
	}
	if t.Cost == Always {
		return t.root.value(openFiles{s}) != no, ruleAlways
	}
	if t.root.value(s) != no {
		return true, ruleCondition
	}
	if s.falls(t) && t.root.value(openFiles{s}) != no {
		return true, ruleUnmatched
	}
	return false, ruleCondition
}

// falls tells whether a test is among those that run when nothing is aimed at.
func (s *Selection) falls(t *test) bool {
	return s.Fallback == UnmatchedAll || s.Fallback == UnmatchedSets && meet(t.Sets, s.policy.Sets)
}

func (s *Selection) affordable(t *test) bool {
	switch s.policy.HighCost {
	case HighNever:
		return false
	case HighAlways:
		return true
	}
	return s.change.Files.Extent == Listed && s.aimed(t)
}

// aimed tells whether a changed file speaks for a test.
func (s *Selection) aimed(t *test) bool {
	_, ok := s.witness(t)
	return ok
}

// witness is the first leaf that speaks for a test and holds.
func (s *Selection) witness(t *test) (file int32, ok bool) {
	for _, leaf := range t.aimed {
		if file, ok := s.hits[leaf]; ok {
			return file, true
		}
	}
	return 0, false
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(one string) bool { return slices.Contains(b, one) })
}

// onFiles is the value of a leaf on files.
func (s *Selection) onFiles(leaf int32) value {
	switch s.change.Files.Extent {
	case Open:
		return unknown
	case Everything:
		return yes
	}
	if _, hit := s.hits[leaf]; hit {
		return yes
	}
	if len(s.ix.paths.leaves[leaf].missing) > 0 {
		return unknown
	}
	return no
}

func (s *Selection) onNames(leaf int32) value { return s.ix.names[leaf].value(&s.change) }

// openFiles are the facts of a selection with the files left open.
type openFiles struct{ *Selection }

func (openFiles) onFiles(int32) value { return unknown }

// Len is how many tests there are, chosen or not.
func (s *Selection) Len() int { return len(s.ix.tests) }

// Chosen tells whether test i runs.
func (s *Selection) Chosen(i int) bool { return s.chosen[i/64]&(1<<(i%64)) != 0 }

// Each calls yield for every test that runs, in the order of definitions, with
// the changed file that speaks for it, "" if none does.
func (s *Selection) Each(yield func(test int, file string) bool) {
	for i := range s.ix.tests {
		if !s.Chosen(i) {
			continue
		}
		file := ""
		if number, ok := s.witness(&s.ix.tests[i]); ok {
			file = s.paths[number]
		}
		if !yield(i, file) {
			return
		}
	}
}
