package ktap

import (
	"strconv"
	"strings"

	"drover/rules/status"
)

// kind is what a line is, looked at alone.
type kind int

const (
	noise kind = iota
	version
	plan
	outcome
	bail
	comment
	yamlStart
)

// deepest is the column from which indentation is taken for noise.
const deepest = 1000

// tabStop is where a tab leads: to the next multiple of it. Old KUnit indents
// by one tab.
const tabStop = 8

// scanned is one line taken apart. "# " counts as indentation by two, because
// kselftest nests in that way; the parser decides whether to believe it.
type scanned struct {
	kind   kind
	column int    // of payload
	hashes int    // how many "# " came before payload
	hashAt int    // column of the last of them
	glued  bool   // the last one has no space after it: "#text"
	text   string // payload, without indentation and hashes

	ktap   bool   // of a version line
	number int    // of a plan: how many; of an outcome: its number, -1 for none
	result result // of an outcome
}

// scan takes a line apart that is already clean and without stamp.
func scan(s string) scanned {
	var l scanned
	s = strings.TrimRight(s, " \t")
	for {
		s = l.indent(s)
		if l.column > deepest {
			l.text = s
			return l
		}
		if !strings.HasPrefix(s, "#") {
			break
		}
		l.hashAt = l.column
		l.hashes++
		if !strings.HasPrefix(s, "# ") { // "#" alone, or "#text": never nesting
			l.kind, l.glued, l.text = comment, true, strings.TrimLeft(s, "# \t")
			return l
		}
		l.column += 2
		s = s[2:]
	}
	l.text = s
	l.classify()
	if l.kind == noise && l.hashes > 0 {
		l.kind = comment
	}
	return l
}

func (l *scanned) indent(s string) string {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ':
			l.column++
		case '\t':
			l.column += tabStop - l.column%tabStop
		default:
			return s[i:]
		}
	}
	return ""
}

func (l *scanned) classify() {
	if l.text == "" {
		return
	}
	switch l.text[0] {
	case 'K', 'T':
		l.classifyVersion()
	case '1':
		l.classifyPlan()
	case 'o', 'n':
		if r, ok := parseResult(l.text); ok {
			l.kind, l.number, l.result = outcome, r.number, r
		}
	case 'B':
		if strings.HasPrefix(l.text, "Bail out!") {
			l.kind = bail
		}
	case '-':
		if l.text == "---" {
			l.kind = yamlStart
		}
	}
}

func (l *scanned) classifyVersion() {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(l.text, "K"), "TAP version ")
	if ok && allDigits(rest) && len(rest) < 4 {
		l.kind, l.ktap = version, l.text[0] == 'K'
	}
}

// classifyPlan reads "1..N" with an optional "# reason".
func (l *scanned) classifyPlan() {
	rest, ok := strings.CutPrefix(l.text, "1..")
	if !ok {
		return
	}
	count, reason, _ := strings.Cut(rest, "#")
	n, ok := smallNumber(strings.TrimSpace(count))
	if !ok {
		return
	}
	l.kind, l.number = plan, n
	l.result.reason = strings.TrimSpace(reason)
}

// smallNumber reads up to nine digits: more is not a count of tests.
func smallNumber(s string) (int, bool) {
	if !allDigits(s) || len(s) > 9 {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// result is a result line taken apart.
type result struct {
	ok        bool
	number    int  // -1 if there is none
	overflow  bool // the number is absurd
	dash      bool // "ok - name": surely meant as TAP, even without a number
	name      string
	directive string
	reason    string
}

// parseResult reads "ok|not ok [n] [-] [description] [# [directive] [text]]".
func parseResult(s string) (result, bool) {
	r := result{number: -1}
	rest, not := strings.CutPrefix(s, "not ")
	r.ok = !not
	rest, ok := strings.CutPrefix(rest, "ok")
	if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
		return r, false
	}
	rest = r.readNumber(strings.TrimLeft(rest, " \t"))
	if rest == "-" || strings.HasPrefix(rest, "- ") {
		r.dash = true
		rest = strings.TrimLeft(rest[1:], " \t")
	}
	r.readDescription(rest)
	return r, true
}

func (r *result) readNumber(s string) string {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if end == 0 {
		return s
	}
	rest := s[end:]
	if rest != "" && rest[0] != ' ' && rest[0] != '\t' && rest[0] != ':' {
		return s // "ok 2nd try": a description
	}
	n, ok := smallNumber(s[:end])
	r.overflow = !ok
	r.number = n
	return strings.TrimLeft(rest, ": \t")
}

// readDescription splits name, directive and reason. A "#" begins the last two
// if a known directive follows it, else if it stands alone.
func (r *result) readDescription(s string) {
	name, after := s, ""
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if s[i] != '#' || i > 0 && s[i-1] != ' ' && s[i-1] != '\t' {
			continue
		}
		tail := s[i+1:]
		word, reason := directive(strings.TrimLeft(tail, " \t"), i == 0)
		if word != "" {
			r.name, r.directive, r.reason = unescape(s[:i]), word, reason
			r.nameAfterDirective()
			return
		}
		if after == "" && name == s && (tail == "" || tail[0] == ' ' || tail[0] == '\t') {
			name, after = s[:i], strings.TrimSpace(tail)
		}
	}
	r.name, r.reason = unescape(name), after
}

// nameAfterDirective serves kselftest.h, which prints "ok 3 # SKIP name".
func (r *result) nameAfterDirective() {
	if r.name == "" {
		r.name, r.reason = r.reason, ""
	}
}

// directives are the words after "#". Skip and todo are TAP's: any case, and
// skip may have letters glued to it. The others are KTAP's: upper case, but
// kselftest.h prints a small "error" where a name should be (first).
func directive(s string, first bool) (word, reason string) {
	head, rest, _ := strings.Cut(s, " ")
	upper := strings.ToUpper(head)
	switch {
	case strings.HasPrefix(upper, "SKIP"):
		return "SKIP", strings.TrimSpace(rest)
	case strings.TrimRight(upper, ":") == "TODO":
		return "TODO", strings.TrimSpace(rest)
	case head == "XFAIL", head == "TIMEOUT", head == "ERROR":
		return head, strings.TrimSpace(rest)
	case first && head == "error":
		return "ERROR", strings.TrimSpace(rest)
	}
	return "", ""
}

// unescape undoes TAP 14's "\#" and "\\".
func unescape(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\\`, `\`, `\#`, `#`).Replace(s)
}

// status is what the line itself says. An expected failure (TODO, XFAIL) is a
// pass that keeps its mark; a time-out is no verdict on the kernel.
func (r result) status() status.Status {
	switch r.directive {
	case "SKIP":
		return status.Skip
	case "TODO", "XFAIL":
		return status.Pass
	case "TIMEOUT", "ERROR":
		return status.Error
	}
	if r.ok {
		return status.Pass
	}
	return status.Fail
}
