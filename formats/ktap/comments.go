package ktap

import (
	"fmt"
	"strings"

	"drover/rules/status"
)

// Lines kept of what follows KUnit's "EXPECTATION FAILED", which has no "#",
// and of a YAML block before it is taken for a broken one.
const (
	explainLines = 16
	yamlLines    = 1000
)

// comments holds the lines that explain results, between the lines that are results.
type comments struct {
	pending []string // before a result line, newest last
	dropped int      // how many were pushed out of the middle of pending
	explain int      // how many more lines of noise belong to a failed expectation

	latest   *Test // the last result, for what comes after it
	latestAt int   // its column
	after    bool  // Perl's "#   Failed test" comes after the result

	yamlOpen  bool
	yamlAt    int
	yamlCount int
}

// onComment keeps a diagnostic line, or reads a heading.
func (p *parser) onComment(l *scanned) {
	p.explain = 0
	if name, ok := strings.CutPrefix(l.text, "Subtest: "); ok {
		p.onHeading(l, strings.TrimSpace(name))
		return
	}
	if strings.HasPrefix(l.text, "selftests: ") && strings.Count(l.text, ": ") >= 2 {
		if closed := p.closeDeeper(l.hashAt); closed != nil {
			p.conclude(closed) // the program before got no result line
		}
		p.dropPending()
		p.subtest, p.selftest = kept(l.text, nameBytes), true
		return
	}
	if l.text == "" || strings.HasPrefix(l.text, "module: ") || isCount(l.text) {
		return
	}
	if p.latest != nil && len(p.pending) == 0 && p.latest.Reported == status.Fail && isPerl(l.text) {
		p.after = true
	}
	if p.after {
		p.diagnose(p.latest, l.text)
		return
	}
	// KUnit indents what its cases print; at the margin it is the kernel's "#PF:".
	if name, _, ok := strings.Cut(l.text, ": "); ok && isWord(name) && l.hashAt > 0 && !l.glued {
		p.hint = kept(name, nameBytes)
	}
	p.keepPending(l.text)
	if strings.Contains(l.text, "EXPECTATION FAILED at ") || strings.Contains(l.text, "ASSERTION FAILED at ") {
		p.explain = explainLines
	}
}

// onHeading reads "# Subtest: name", which stands at the column of the level it
// names (KUnit) or of that level's parent (TAP 14).
func (p *parser) onHeading(l *scanned, name string) {
	top := p.top()
	if top != nil && len(p.stack) > 1 && top.column == l.hashAt && len(top.tests) == 0 {
		top.name = kept(name, nameBytes)
		return
	}
	p.subtest, p.selftest = kept(name, nameBytes), false
}

// isCount recognises the sums "Totals: pass:1 fail:0" and "suite: pass:1 …",
// which explain nothing.
func isCount(s string) bool {
	_, sums, ok := strings.Cut(s, ": ")
	return ok && strings.HasPrefix(sums, "pass:") && strings.Contains(sums, " fail:")
}

func isPerl(s string) bool {
	return strings.HasPrefix(s, "Failed test") || strings.HasPrefix(s, "Failed (TODO) test")
}

// isWord tells whether s can be the name of a KUnit case: a C identifier.
func isWord(s string) bool {
	for _, c := range s {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != "" && len(s) <= nameBytes
}

// onNoise drops a line, unless it belongs to a failed expectation.
func (p *parser) onNoise(l *scanned) {
	if p.explain > 0 && l.column > 0 && l.text != "" {
		p.explain--
		p.keepPending(l.text)
	}
}

// keepPending holds a line for the next result. Beyond the limit the middle
// goes: the first lines name the failure, the last ones come right before it.
func (p *parser) keepPending(text string) {
	text = kept(text, textBytes)
	if len(p.pending) < p.limits.Diagnostics {
		p.pending = append(p.pending, text)
		return
	}
	half := p.limits.Diagnostics / 2
	copy(p.pending[half:], p.pending[half+1:])
	p.pending[len(p.pending)-1] = text
	p.dropped++
}

// takePending gives the lines held so far to t.
func (p *parser) takePending(t *Test) {
	for i, text := range p.pending {
		if p.dropped > 0 && i == p.limits.Diagnostics/2 {
			text = fmt.Sprintf("… %d lines left out", p.dropped+1)
		}
		p.diagnose(t, text)
	}
	p.dropPending()
}

func (p *parser) dropPending() {
	p.pending, p.dropped, p.explain, p.after = p.pending[:0], 0, 0, false
}

// diagnose adds a line to a test. Passing tests may fill an eighth of the text
// budget and all tests the half of it, so that chatter cannot crowd out what
// explains a failure, nor that the results.
func (p *parser) diagnose(t *Test, text string) {
	share := p.limits.Text / 2
	if t.Reported == status.Pass || t.Reported == status.Skip {
		share = p.limits.Text / 8
	}
	if len(t.Diagnostics) >= p.limits.Diagnostics || p.text+len(text) > share {
		return
	}
	t.Diagnostics = append(t.Diagnostics, kept(text, textBytes))
	p.spend(len(text))
}

// onYAML opens a block "---" that follows a result line at once and is indented
// below it. KTAP has no such blocks: there it is noise.
func (p *parser) onYAML(l *scanned) {
	top := p.top()
	if top == nil || top.section.ktap || p.latest == nil || p.line != p.latest.Line+1 || l.column <= p.latestAt {
		return
	}
	p.yamlOpen, p.yamlAt, p.yamlCount = true, l.column, 0
}

// inYAML takes the line if it belongs to an open block. The block ends at
// "...", at a line left of it, or where it is absurdly long.
func (p *parser) inYAML(l *scanned) bool {
	if !p.yamlOpen {
		return false
	}
	if l.text == "" && l.hashes == 0 {
		return true
	}
	if l.column < p.yamlAt || l.kind == version {
		p.endYAML()
		return false
	}
	p.yamlCount++
	if l.text == "..." || p.yamlCount > yamlLines {
		if l.text != "..." {
			p.problem("a YAML block does not end")
		}
		p.endYAML()
		return true
	}
	p.diagnose(p.latest, l.text)
	return true
}

func (p *parser) endYAML() { p.yamlOpen = false }
