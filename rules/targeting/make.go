package targeting

import (
	"slices"
	"strings"
)

// patternMaker makes patterns. There are many of them and each is small, so it
// takes room for many at a time. The zero value is ready.
type patternMaker struct {
	patterns []pathPattern
	parts    []part
	texts    *strings.Builder
	working  []part // of the one that is being made
	all      [1]sequence
	builder  sequenceBuilder
}

const (
	roomPatterns = 128
	roomParts    = 512
	roomTexts    = 8 << 10 // bytes
)

// pattern is room for one.
func (m *patternMaker) pattern(source string) *pathPattern {
	if len(m.patterns) == 0 {
		m.patterns = make([]pathPattern, roomPatterns)
	}
	p := &m.patterns[0]
	m.patterns = m.patterns[1:]
	p.source, p.leaf = source, none
	return p
}

// begin is for the sequences of the next pattern.
func (m *patternMaker) begin() *sequenceBuilder {
	if m.texts == nil || m.texts.Cap()-m.texts.Len() < longestPattern {
		m.texts = &strings.Builder{}
		m.texts.Grow(roomTexts)
	}
	m.all[0] = m.working[:0]
	m.builder = sequenceBuilder{m: m, all: m.all[:], word: m.texts.Len()}
	return &m.builder
}

// sequenceBuilder makes the sequences of one pattern out of their parts.
type sequenceBuilder struct {
	m    *patternMaker
	all  []sequence
	word int // where in texts the text begins to which bytes are added
}

// byte adds one to the text.
func (b *sequenceBuilder) byte(c byte) { b.m.texts.WriteByte(c) }

// flush makes a part of the text.
func (b *sequenceBuilder) flush() {
	if text := b.m.texts.String()[b.word:]; text != "" {
		b.word = b.m.texts.Len()
		b.put(textPart(text))
	}
}

// add is for parts other than texts, and for texts that need no copy.
func (b *sequenceBuilder) add(p part) {
	b.flush()
	b.put(p)
}

func (b *sequenceBuilder) put(p part) {
	if len(b.all) > 1 { // they may share their beginnings
		for i := range b.all {
			b.all[i] = b.all[i].append(p)
		}
		return
	}
	s := b.all[0]
	switch last := len(s) - 1; {
	case last >= 0 && p.text != "" && s[last].text != "":
		s[last].text += p.text
	case last >= 0 && p.anything() && s[last].anything():
	default:
		b.all[0] = append(s, p)
	}
}

// double makes each sequence twice, once with more parts; false if that makes
// too many.
func (b *sequenceBuilder) double(more ...part) bool {
	b.flush()
	if len(b.all) >= mostSequences {
		return false
	}
	all := make([]sequence, 0, 2*len(b.all))
	for _, s := range b.all {
		all = append(all, slices.Clone(s).append(more...))
	}
	for _, s := range b.all {
		all = append(all, slices.Clone(s))
	}
	b.all = all
	return true
}

// group adds one of several texts, parted by |; false if that makes too many.
func (b *sequenceBuilder) group(texts string) bool {
	b.flush()
	var all []sequence
	for text := range strings.SplitSeq(texts, "|") {
		if len(all)+len(b.all) > mostSequences {
			return false
		}
		p := textPart(unquoted(text))
		for _, s := range b.all {
			all = append(all, slices.Clone(s).append(p))
		}
	}
	b.all = all
	return true
}

// longest is how many parts the longest sequence has.
func (b *sequenceBuilder) longest() (most int) {
	for _, s := range b.all {
		most = max(most, len(s))
	}
	return most
}

// end gives what was made.
func (b *sequenceBuilder) end() []sequence {
	b.flush()
	if len(b.all) > 1 {
		return b.all
	}
	s := b.all[0]
	m := b.m
	if cap(m.working) < cap(s) {
		m.working = s[:0]
	}
	if cap(m.parts)-len(m.parts) < len(s) {
		m.parts = make([]part, 0, max(roomParts, len(s)))
	}
	from := len(m.parts)
	m.parts = append(m.parts, s...)
	b.all[0] = m.parts[from:len(m.parts):len(m.parts)]
	return b.all
}
