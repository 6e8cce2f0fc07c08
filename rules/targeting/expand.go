package targeting

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
)

// Bounds of what one pattern is expanded to.
const (
	mostSequences = 64
	mostParts     = 64
)

// pathPattern is one pattern of paths, ready to match.
type pathPattern struct {
	source string
	// sequences are what matches, any of them. Nil with slow set: a regular
	// expression that is no set of sequences.
	sequences []sequence
	single    [1]sequence // room for sequences, which nearly always are one
	slow      bool
	begin     string // of all that matches, where slow
	leaf      int32  // that consists of this pattern alone, or none
	once      sync.Once
	like      *regexp.Regexp
}

// none is no leaf.
const none = -1

// compiled is the regular expression, which few patterns are ever asked for.
func (p *pathPattern) compiled() *regexp.Regexp {
	p.once.Do(func() { p.like = regexp.MustCompile(wholeExpression(p.source)) }) // path has parsed it
	return p.like
}

// path takes a pattern that CheckPattern accepts.
func (m *patternMaker) path(source string) (*pathPattern, error) {
	if err := checkLength(source); err != nil {
		return nil, err
	}
	p := m.pattern(source)
	if plainGlob(source) && p.take(m.globSequences(source)) {
		return p, nil
	}
	text, err := expression(source, inPaths)
	if err != nil {
		return nil, err
	}
	if p.take(m.simpleSequences(text)) {
		return p, nil
	}
	tree, err := parseExpression(text)
	if err != nil {
		return nil, err
	}
	tree = unanchored(tree.Simplify())
	if !p.take(expand(tree)) {
		p.slow, p.begin = true, beginning(tree)
	}
	return p, nil
}

// take keeps the sequences that a pattern turned out to be.
func (p *pathPattern) take(list []sequence, ok bool) bool {
	if ok && len(list) == 1 {
		p.single[0] = list[0]
		list = p.single[:]
	}
	if ok {
		p.sequences = list
	}
	return ok
}

func wholeExpression(source string) string {
	text, err := expression(source, inPaths)
	if err != nil {
		return `\z\A.` // never; path has refused it
	}
	return `(?s)\A(?:` + text + `)\z`
}

// match tells whether the whole path matches.
func (p *pathPattern) match(path string) bool {
	if p.slow {
		return p.compiled().MatchString(path)
	}
	for _, s := range p.sequences {
		yes, sure := s.match(path)
		if !sure {
			return p.compiled().MatchString(path)
		}
		if yes {
			return true
		}
	}
	return false
}

// globSequences expands a glob without classes: **/ is nothing, or folders. False
// if that makes too many, or the glob is wrong.
func (m *patternMaker) globSequences(glob string) ([]sequence, bool) {
	b := m.begin()
	for i := 0; i < len(glob); {
		rest := glob[i:]
		folder := i == 0 || glob[i-1] == '/'
		switch {
		case folder && strings.HasPrefix(rest, "**/"):
			if !b.double(setPart(nil, true), textPart("/")) {
				return nil, false
			}
			i += 3
		case strings.HasPrefix(rest, "**"):
			b.add(setPart(nil, true))
			i += 2
		case rest[0] == '*' || rest[0] == '?':
			b.add(setPart(notSlash, rest[0] == '*'))
			i++
		case rest == `\`:
			return nil, false
		default:
			text, length := literal(rest)
			b.add(textPart(text))
			i += length
		}
	}
	if strings.HasSuffix(glob, "/") {
		b.add(setPart(nil, true))
	}
	return b.end(), true
}

// literal is the text before the next sign of a glob, and its length there.
func literal(glob string) (text string, length int) {
	if glob[0] == '\\' {
		return glob[1:2], 2
	}
	end := strings.IndexAny(glob[1:], `*?\`)
	if end < 0 {
		return glob, len(glob)
	}
	return glob[:end+1], end + 1
}

// unanchored takes off ^ and $ at the ends, where they say what is so anyway.
func unanchored(tree *syntax.Regexp) *syntax.Regexp {
	switch tree.Op {
	case syntax.OpBeginText, syntax.OpEndText:
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	case syntax.OpCapture:
		return unanchored(tree.Sub[0])
	case syntax.OpConcat:
		kept := tree.Sub
		if kept[0].Op == syntax.OpBeginText {
			kept = kept[1:]
		}
		if n := len(kept); n > 0 && kept[n-1].Op == syntax.OpEndText {
			kept = kept[:n-1]
		}
		return &syntax.Regexp{Op: syntax.OpConcat, Sub: kept}
	}
	return tree
}

// expand gives the sequences of an expression; false if it is none of them, or
// too many.
func expand(tree *syntax.Regexp) ([]sequence, bool) {
	switch tree.Op {
	case syntax.OpNoMatch:
		return nil, true
	case syntax.OpEmptyMatch:
		return []sequence{nil}, true
	case syntax.OpLiteral:
		return []sequence{{textPart(string(tree.Rune))}}, tree.Flags&syntax.FoldCase == 0
	case syntax.OpCapture:
		return expand(tree.Sub[0])
	case syntax.OpConcat:
		return expandConcat(tree.Sub)
	case syntax.OpAlternate:
		return expandAlternate(tree.Sub)
	case syntax.OpQuest:
		inner, ok := expand(tree.Sub[0])
		return append(inner, nil), ok
	case syntax.OpStar, syntax.OpPlus:
		set, ok := setOf(tree.Sub[0])
		s := sequence{setPart(set, true)}
		if tree.Op == syntax.OpPlus {
			s = sequence{setPart(set, false), setPart(set, true)}
		}
		return []sequence{s}, ok
	}
	set, ok := setOf(tree)
	return []sequence{{setPart(set, false)}}, ok
}

func expandConcat(subs []*syntax.Regexp) ([]sequence, bool) {
	all := []sequence{nil}
	for _, sub := range subs {
		next, ok := expand(sub)
		if !ok || len(all)*len(next) > mostSequences {
			return nil, false
		}
		joined := make([]sequence, 0, len(all)*len(next))
		for _, head := range all {
			for _, tail := range next {
				joined = append(joined, head.append(tail...))
			}
		}
		all = joined
		if len(all) > 0 && len(all[0]) > mostParts {
			return nil, false
		}
	}
	return all, true
}

func expandAlternate(subs []*syntax.Regexp) ([]sequence, bool) {
	var all []sequence
	for _, sub := range subs {
		next, ok := expand(sub)
		if !ok || len(all)+len(next) > mostSequences {
			return nil, false
		}
		all = append(all, next...)
	}
	return all, true
}

// setOf is the set of an expression of one character.
func setOf(tree *syntax.Regexp) (runes, bool) {
	switch tree.Op {
	case syntax.OpCharClass:
		return runes(tree.Rune), true
	case syntax.OpAnyChar:
		return nil, true
	case syntax.OpAnyCharNotNL:
		return runes{0, '\n' - 1, '\n' + 1, notSlash[3]}, true
	case syntax.OpLiteral:
		if len(tree.Rune) == 1 && tree.Flags&syntax.FoldCase == 0 {
			return runes{tree.Rune[0], tree.Rune[0]}, true
		}
	case syntax.OpCapture:
		return setOf(tree.Sub[0])
	}
	return nil, false
}

// beginning is a text with which all that matches begins, "" if none is seen.
func beginning(tree *syntax.Regexp) string {
	switch {
	case tree.Op == syntax.OpLiteral && tree.Flags&syntax.FoldCase == 0:
		return string(tree.Rune)
	case tree.Op == syntax.OpCapture:
		return beginning(tree.Sub[0])
	case tree.Op == syntax.OpConcat && len(tree.Sub) > 0:
		if first := tree.Sub[0]; first.Op == syntax.OpLiteral && len(tree.Sub) > 0 {
			return beginning(first)
		}
	}
	return ""
}
