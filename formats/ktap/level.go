package ktap

import (
	"fmt"
	"sort"

	"drover/rules/status"
)

// mostMissing bounds how many missing tests of one plan get an entry: a plan
// of a million lines is a broken plan.
const mostMissing = 1000

// level is one depth of nesting while it is open: tests that stand at the same
// column. A new version line at that column begins a new section of it.
type level struct {
	column int
	hashes int    // "# " signs before its lines
	name   string // from "# Subtest:" or "# selftests:", "" if unknown
	tests  []*Test

	planned int  // over all sections, for Test.Planned
	bailed  bool // a section ended by "Bail out!"
	skipped bool // a section was "1..0"
	reason  string
	lost    bool // lines of it were dropped because of a limit

	section section
}

// section is the part of a level that one plan speaks for.
type section struct {
	started bool // has a version, a plan or a test
	version bool
	ktap    bool
	plan    int // -1 for none
	second  int // a second plan, which counts if the numbers restart; -1 for none
	first   int // index in level.tests of its first test
	last    int // number of its last test
	ordered bool
	running bool // holds the test that ran when its output stopped
	bailed  bool
	closed  bool

	restarted bool // a number was not above the one before it, and that is noted
}

func newSection(first int) section {
	return section{plan: -1, second: -1, first: first, ordered: true}
}

// add puts a test into the section, in the order of appearance.
func (lv *level) add(t *Test) {
	if t.Number != lv.section.last+1 {
		lv.section.ordered = false
	}
	lv.section.started = true
	lv.section.last = t.Number
	lv.tests = append(lv.tests, t)
}

// missing lists the planned numbers that no test of the section has, ascending,
// at most limit of them, and how many there are in all.
func (lv *level) missing(limit int) (numbers []int, total int) {
	s := &lv.section
	tests := lv.tests[s.first:]
	if s.plan < 0 {
		return nil, 0
	}
	seen := map[int]bool{}
	from := 1
	if s.ordered {
		from = len(tests) + 1
	} else {
		for _, t := range tests {
			if t.Number >= 1 && t.Number <= s.plan {
				seen[t.Number] = true
			}
		}
	}
	total = max(0, s.plan-from+1-len(seen))
	for n := from; n <= s.plan && len(numbers) < limit; n++ {
		if !seen[n] {
			numbers = append(numbers, n)
		}
	}
	return numbers, total
}

// closeSection compares the section with its plan and adds what is missing.
// With stopped, the output ended here, so that one test may have been running.
func (p *parser) closeSection(lv *level, stopped bool) {
	s := &lv.section
	if s.closed {
		return
	}
	s.closed = true
	reported := len(lv.tests) - s.first
	lv.planned += max(0, s.plan)
	numbers, total := lv.missing(mostMissing)
	if s.plan < 0 {
		p.withoutPlan(lv)
	} else if total > 0 || reported != s.plan {
		p.problem(fmt.Sprintf("planned %d tests, got %d", s.plan, reported))
	}
	if stopped && !s.running && !s.bailed && !p.full {
		numbers = p.addRunning(lv, numbers)
	}
	p.addMissing(lv, numbers, total)
}

// withoutPlan judges a section that had no plan. Nested ones are usual (KUnit's
// parameters); at the top nobody can say whether all of it came.
func (p *parser) withoutPlan(lv *level) {
	if len(p.stack) == 0 || p.stack[0] == lv {
		if lv.section.started {
			p.problem("no plan")
		}
		return
	}
	if !lv.section.ordered {
		p.problem("numbers have gaps and there is no plan")
	}
}

// addRunning adds the test that was running when the output stopped: the first
// missing one after the last reported. It returns the other missing numbers.
func (p *parser) addRunning(lv *level, numbers []int) []int {
	at := sort.SearchInts(numbers, lv.section.last+1)
	if at == len(numbers) && (lv.section.plan >= 0 || p.subtest == "") {
		return numbers
	}
	number := lv.section.last + 1
	if at < len(numbers) {
		number = numbers[at]
		numbers = append(numbers[:at:at], numbers[at+1:]...)
	}
	t := p.newTest(p.runningName(lv), number, status.Error)
	t.Reason = "output stopped while it ran"
	p.takePending(t)
	lv.add(t)
	lv.section.running = true
	p.problem("output stopped while " + t.Name + " ran")
	return numbers
}

// runningName is what is known about a test that has no result line: the
// heading that came, or the case that KUnit's diagnostics were about.
func (p *parser) runningName(lv *level) string {
	name := p.subtest
	if name == "" && lv.name != "" && lv.hashes == 0 && p.hint != lv.name {
		name = p.hint
	}
	p.subtest, p.hint = "", ""
	return name
}

func (p *parser) addMissing(lv *level, numbers []int, total int) {
	for _, number := range numbers {
		if p.tests >= p.limits.Tests {
			break
		}
		t := p.newTest("", number, status.Miss)
		t.Reason = "planned, no result came"
		lv.tests = append(lv.tests, t)
	}
	if total > 0 {
		p.report.Complete = false
	}
	if total > mostMissing {
		p.problem(fmt.Sprintf("only %d of the %d missing tests are listed", mostMissing, total))
	}
	if total > 0 && p.tests >= p.limits.Tests {
		lv.lost = true
	}
}

// adopt gives the tests of a closed level to their parent, which has a result
// line or, where that never came, stands for it.
func (p *parser) adopt(parent *Test, from *level) {
	parent.Children = from.tests
	parent.Planned = from.planned
	list := make([]status.Status, 0, len(from.tests)+2)
	list = append(list, parent.Reported)
	for _, child := range from.tests {
		list = append(list, child.Status)
	}
	if from.bailed || from.lost {
		list = append(list, status.Error)
	}
	parent.Status = status.Worst(list...)
	empty := from.skipped && len(from.tests) == 0 && parent.Status == status.Pass
	if empty {
		parent.Status, parent.Directive = status.Skip, "SKIP"
	}
	if parent.Reason == "" && (empty || from.bailed) {
		parent.Reason = from.reason
	}
}

// orphan closes a level whose parent never got its result line, and puts an
// Error in the place of that parent.
func (p *parser) orphan(parent, child *level) {
	p.closeSection(child, true)
	t := p.newTest(child.name, parent.section.last+1, status.Error)
	t.Reason = "no result line"
	p.adopt(t, child)
	p.problem("no result line for " + t.Name)
	parent.add(t)
	parent.section.running = true
}
