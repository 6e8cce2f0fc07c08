package maintainers

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// names finds which of many N: expressions match a path. Each is known by a
// literal that must be in the path; all literals are looked for at once, by
// their first three bytes, and an expression runs only where its own is there.
type names struct {
	list    []name
	heads   [headSize]uint16 // by hash of three bytes: 1 + index of the first literal in chain
	chain   []uint16         // by literal: 1 + index of the next one with the same hash
	lengthy []int            // of list: those without a literal of three bytes, always tried
}

type name struct {
	section int
	line    int
	literal string
	whole   bool // the literal is all there is to it
	re      *regexp.Regexp
}

const headSize = 4096

func head(a, b, c byte) int { return (int(a) + int(b)<<4 + int(c)<<7 ^ int(c)) & (headSize - 1) }

// add compiles an expression.
func (n *names) add(section, line int, text string) error {
	text = freeSpacing(text)
	re, err := compilePerl(text)
	if err != nil {
		return err
	}
	one := name{section: section, line: line, re: re}
	one.literal, one.whole = literalOf(text)
	index := len(n.list)
	n.list, n.chain = append(n.list, one), append(n.chain, 0)
	if len(one.literal) < 3 || index >= 1<<16-1 {
		n.lengthy = append(n.lengthy, index)
		return nil
	}
	at := head(one.literal[0], one.literal[1], one.literal[2])
	n.chain[index], n.heads[at] = n.heads[at], uint16(index+1)
	return nil
}

// find calls a function for each expression that matches.
func (n *names) find(path string, found func(name)) {
	for i := 0; i+3 <= len(path); i++ {
		for at := n.heads[head(path[i], path[i+1], path[i+2])]; at != 0; at = n.chain[at-1] {
			one := &n.list[at-1]
			if strings.HasPrefix(path[i:], one.literal) && (one.whole || one.re.MatchString(path)) {
				found(*one)
			}
		}
	}
	for _, at := range n.lengthy {
		if n.list[at].re.MatchString(path) {
			found(n.list[at])
		}
	}
}

// literalOf gives the longest text that must be in whatever an expression
// matches, "" if there is none.
func literalOf(text string) (literal string, whole bool) {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return "", false
	}
	re = re.Simplify()
	if re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0 {
		return string(re.Rune), true
	}
	return required(re), false
}

func required(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return string(re.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpConcat:
		longest := ""
		for _, sub := range re.Sub {
			if text := required(sub); len(text) > len(longest) {
				longest = text
			}
		}
		return longest
	}
	return ""
}
