package ktap

import (
	"fmt"
	"strings"

	"drover/rules/status"
)

// knownVersions are the lines after which the format is as expected.
var knownVersions = map[string]bool{
	"KTAP version 1": true, "TAP version 12": true, "TAP version 13": true, "TAP version 14": true,
}

// onVersion begins a section: of a deeper level, or anew at an open one, when a
// second module is loaded or the machine came up again.
func (p *parser) onVersion(l *scanned) {
	if p.report.Version == "" {
		p.report.Version = kept(l.text, textBytes)
	}
	if !knownVersions[l.text] {
		p.note("unknown version: " + l.text)
	}
	// After "Bail out!" only the top can go on.
	p.ended = false
	lv := p.settle(l)
	if lv == nil {
		return
	}
	if lv.section.plan >= 0 || len(lv.tests) > lv.section.first || lv.section.closed {
		if len(p.stack) > 1 && lv.hashes == 0 {
			// A kselftest program may run two others; a KUnit suite has one
			// version line, so this is the next suite.
			p.conclude(p.closeDeeper(l.column - 1))
			lv = p.push(l)
		}
		p.closeSection(lv, true)
		lv.section = newSection(len(lv.tests))
		p.dropPending()
	}
	lv.section.started, lv.section.version, lv.section.ktap = true, true, l.ktap
}

func (p *parser) onPlan(l *scanned) {
	lv := p.settle(l)
	if lv == nil {
		return
	}
	s := &lv.section
	if s.plan >= 0 {
		s.second = l.number
		p.note(fmt.Sprintf("a second plan, 1..%d after 1..%d", l.number, s.plan))
		return
	}
	s.plan, s.started = l.number, true
	if l.number == 0 {
		lv.skipped, lv.reason = true, emptyReason(l.result.reason)
	}
}

// emptyReason is why a plan is "1..0": "# SKIP reason", "# reason" or nothing.
func emptyReason(text string) string {
	if word, reason := directive(text, false); word != "" {
		text = reason
	}
	if text == "" {
		return "nothing to run"
	}
	return kept(text, textBytes)
}

// onResult reads a result line: of a test at an open level, of the parent of
// the levels to its right, or the first of a new level.
func (p *parser) onResult(l *scanned) {
	if p.tests >= p.limits.Tests {
		p.truncate(fmt.Sprintf("more than %d tests", p.limits.Tests))
		return
	}
	children := p.closeDeeper(l.column)
	lv := p.top()
	if lv == nil || lv.column < l.column {
		if lv = p.push(l); lv == nil {
			return
		}
	}
	t := p.testOf(l, lv)
	if children != nil && p.stranger(lv, children, t) {
		p.orphan(lv, children)
		children = nil
	}
	if children != nil {
		p.closeSection(children, t.Reported == status.Fail || t.Reported == status.Error)
		p.adopt(t, children)
	}
	p.checkNumber(lv, t.Number)
	p.takePending(t)
	lv.add(t)
	p.subtest, p.selftest, p.hint, p.latest, p.latestAt = "", false, "", t, l.column
}

// stranger tells that children belong to another test than t, whose result
// line was lost: they were announced under another name, and a number is missing.
func (p *parser) stranger(lv, children *level, t *Test) bool {
	return children.name != "" && children.name != t.Name && t.Number > lv.section.last+1
}

// testOf makes the test of a result line.
func (p *parser) testOf(l *scanned, lv *level) *Test {
	number := l.number
	if number < 0 || l.result.overflow {
		number = lv.section.last + 1
	}
	if l.result.overflow {
		p.problem("absurd test number")
	}
	t := p.newTest(l.result.name, number, l.result.status())
	t.Line = p.line
	t.Directive = l.result.directive
	t.Reason = kept(l.result.reason, textBytes)
	p.spend(len(t.Reason))
	return t
}

// checkNumber compares a test's number with the one before it and the plan.
func (p *parser) checkNumber(lv *level, number int) {
	s := &lv.section
	switch {
	case s.closed: // results go on after "Bail out!" and a version line
		lv.section = newSection(len(lv.tests))
	case s.second >= 0 && (number <= s.last || number == 1):
		next := s.second
		p.closeSection(lv, true)
		lv.section = newSection(len(lv.tests))
		lv.section.plan = next
	case number <= s.last:
		if !s.restarted {
			p.problem(fmt.Sprintf("number %d after %d", number, s.last))
		}
		s.restarted = true
	case s.plan >= 0 && number > s.plan:
		p.problem(fmt.Sprintf("test %d is beyond the plan of %d", number, s.plan))
	}
}

// onBail ends a level: the whole report at the top, one program below it.
func (p *parser) onBail(l *scanned) {
	lv := p.settle(l)
	if lv == nil {
		return
	}
	reason := kept(strings.TrimPrefix(l.text, "Bail out!"), textBytes)
	if reason == "" {
		reason = "no reason given"
	}
	lv.bailed, lv.section.bailed, lv.section.started = true, true, true
	lv.reason = "Bail out! " + reason
	p.problem("Bail out! " + reason)
	if len(p.stack) > 1 || l.hashes > 0 {
		return
	}
	p.closeSection(lv, false)
	p.ended = true
	if p.report.Bail == "" {
		p.report.Bail = reason
	}
}
