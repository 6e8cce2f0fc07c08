package ktap

import (
	"bytes"
	"fmt"

	"drover/rules/status"
)

// Bytes kept of a name, and of a reason or a line of diagnostics.
const (
	nameBytes = 250
	textBytes = 500
)

// parser is the state between two lines.
type parser struct {
	limits Limits
	report *Report
	stack  []*level // open levels, outermost first

	line  int  // number of the current line
	tests int  // made so far
	text  int  // bytes of text kept so far
	full  bool // a limit is met: read no more
	ended bool // after a "Bail out!" at the top, until the next version line

	// subtest is a heading whose tests have not begun: "# Subtest: name", or
	// kselftest's "# selftests: collection: program".
	subtest  string
	selftest bool
	// hint is the case that the last diagnostic line was about.
	hint string

	comments
}

// feed reads one raw line. A carriage return inside a line (progress output)
// separates lines that share a number.
func (p *parser) feed(raw []byte) {
	raw = clean(raw)
	for {
		part, rest, more := bytes.Cut(raw, []byte{'\r'})
		if len(part) > 0 || !more {
			p.read(withoutStamp(string(part)))
		}
		if !more || p.full {
			return
		}
		raw = rest
	}
}

func (p *parser) read(s string) {
	l := scan(s)
	if p.inYAML(&l) {
		return
	}
	if p.ended && l.kind != version {
		return
	}
	if !p.believed(&l) {
		l.kind = noise
		if l.hashes > 0 {
			l.kind = comment
		}
	}
	switch l.kind {
	case version:
		p.onVersion(&l)
	case plan:
		p.onPlan(&l)
	case outcome:
		p.onResult(&l)
	case bail:
		p.onBail(&l)
	case comment:
		p.onComment(&l)
	case yamlStart:
		p.onYAML(&l)
	case noise:
		p.onNoise(&l)
	}
}

// believed tells whether the line may be what it looks like, where it stands.
func (p *parser) believed(l *scanned) bool {
	if l.hashes > 0 && !p.selftest && !p.hasHashes(l.hashes) {
		// A diagnostic that quotes a result, unless a version or a plan
		// announces nesting where no level to the right is open.
		top := p.top()
		return (l.kind == version || l.kind == plan) && (top == nil || top.column <= l.hashAt)
	}
	if l.kind != outcome || l.number >= 0 {
		return true
	}
	// Without a number "ok" is an English word: only TAP may print it.
	for _, lv := range p.stack {
		if lv.column == l.column && !lv.section.ktap && (lv.section.version || lv.section.plan >= 0) {
			return true
		}
	}
	return l.result.dash && (len(p.stack) == 0 || !p.stack[0].section.ktap)
}

func (p *parser) hasHashes(hashes int) bool {
	for _, lv := range p.stack {
		if lv.hashes == hashes {
			return true
		}
	}
	return false
}

// closeDeeper closes the levels right of column. The outermost of them is
// returned open, for its parent may be the current line; the levels inside it
// can have no parent any more.
func (p *parser) closeDeeper(column int) *level {
	var closed *level
	for len(p.stack) > 0 {
		lv := p.stack[len(p.stack)-1]
		if lv.column <= column {
			break
		}
		if closed != nil {
			p.orphan(lv, closed)
		}
		p.stack = p.stack[:len(p.stack)-1]
		closed = lv
	}
	return closed
}

// settle makes column the innermost place, for a line that is no result, and
// returns the level there, or nil if nesting is too deep.
func (p *parser) settle(l *scanned) *level {
	if closed := p.closeDeeper(l.column); closed != nil {
		p.conclude(closed)
	}
	if top := p.top(); top != nil && top.column == l.column {
		return top
	}
	return p.push(l)
}

// conclude ends a level that gets no result line.
func (p *parser) conclude(closed *level) {
	if top := p.top(); top != nil {
		p.orphan(top, closed)
		return
	}
	p.stack = append(p.stack, closed) // it was the outermost one
	p.endTop()
}

// endTop moves the tests of the outermost level, the only open one, into the
// report.
func (p *parser) endTop() {
	root := p.stack[0]
	p.closeSection(root, true)
	p.stack = p.stack[:0]
	p.report.Tests = append(p.report.Tests, root.tests...)
	if root.lost {
		p.report.Truncated = true
	}
	if root.skipped && p.report.Skipped == "" {
		p.report.Skipped = root.reason
	}
}

func (p *parser) top() *level {
	if len(p.stack) == 0 {
		return nil
	}
	return p.stack[len(p.stack)-1]
}

// push opens a level at the column of l.
func (p *parser) push(l *scanned) *level {
	if len(p.stack) >= p.limits.Depth {
		top := p.top()
		if !top.lost {
			p.problem(fmt.Sprintf("nested deeper than %d levels", p.limits.Depth))
		}
		top.lost, p.report.Truncated, p.report.Complete = true, true, false
		return nil
	}
	lv := &level{column: l.column, hashes: l.hashes, name: p.subtest, section: newSection(0)}
	p.subtest, p.selftest, p.hint = "", false, ""
	p.stack = append(p.stack, lv)
	return lv
}

// finish closes everything at the end of the input.
func (p *parser) finish() {
	p.endYAML()
	if closed := p.closeDeeper(-1); closed != nil {
		p.conclude(closed)
	} else if name := p.subtest; name != "" { // it began, and nothing else came
		lv := p.push(&scanned{})
		lv.name, p.subtest = "", name
		p.endTop()
	}
	if len(p.report.Tests) == 0 && p.report.Skipped == "" {
		p.problem("no tests")
	}
	if p.report.Truncated || p.report.Bail != "" {
		p.report.Complete = false
	}
}

// newTest makes a test that has no result line, or not yet.
func (p *parser) newTest(name string, number int, s status.Status) *Test {
	p.tests++
	if p.tests > p.limits.Tests && !p.full {
		p.truncate(fmt.Sprintf("more than %d tests", p.limits.Tests))
	}
	t := &Test{Name: kept(name, nameBytes), Number: number, Status: s, Reported: s}
	if t.Name == "" {
		t.Name = fmt.Sprintf("test %d", number)
	}
	p.spend(len(t.Name))
	return t
}

// spend counts kept text, and ends reading where there is too much of it.
func (p *parser) spend(bytes int) {
	p.text += bytes
	if p.text > p.limits.Text && !p.full {
		p.truncate(fmt.Sprintf("names and reasons are longer than %d bytes", p.limits.Text))
	}
}

// truncate ends reading. Its problem is listed even where the list is full.
func (p *parser) truncate(why string) {
	p.report.Problems = append(p.report.Problems, Problem{Line: p.line, Text: why})
	p.full = true
	p.report.Truncated = true
	p.report.Complete = false
}

// problem notes a breach of the format; any of them makes the report incomplete.
func (p *parser) problem(text string) {
	p.report.Complete = false
	p.note(text)
}

// note records something odd that leaves the report complete.
func (p *parser) note(text string) {
	if len(p.report.Problems) < p.limits.Problems {
		p.report.Problems = append(p.report.Problems, Problem{Line: p.line, Text: kept(text, textBytes)})
	}
}
