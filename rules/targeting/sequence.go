package targeting

import (
	"strings"
	"unicode/utf8"
)

// A pattern becomes sequences of parts, any of which may match: most patterns
// that people write have one, and each is matched far faster than a regular
// expression. What cannot be said so stays a regular expression.

// runes is a set of characters, as pairs from and to, sorted. Nil is all of them.
type runes []rune

var notSlash = runes{0, '/' - 1, '/' + 1, utf8.MaxRune}

func (s runes) has(r rune) bool {
	if s == nil {
		return true
	}
	for i := 0; i+1 < len(s); i += 2 {
		if r >= s[i] && r <= s[i+1] {
			return true
		}
	}
	return false
}

func (s runes) isNotSlash() bool {
	return len(s) == 4 && s[0] == 0 && s[1] == '/'-1 && s[2] == '/'+1 && s[3] == utf8.MaxRune
}

// part is a text, or one character of a set, or any number of them.
type part struct {
	text  string // "" for a set
	set   runes
	many  bool
	plain bool // set is notSlash
}

func textPart(text string) part { return part{text: text} }

func setPart(set runes, many bool) part {
	return part{set: set, many: many, plain: set.isNotSlash()}
}

// anything is .* of a whole path.
func (p part) anything() bool { return p.text == "" && p.many && p.set == nil }

// sequence is parts, of which two texts never follow each other.
type sequence []part

// append joins texts and repeated stars.
func (s sequence) append(more ...part) sequence {
	out := s[:len(s):len(s)]
	for _, p := range more {
		last := len(out) - 1
		switch {
		case last >= 0 && p.text != "" && out[last].text != "":
			out = append(out[:last:last], textPart(out[last].text+p.text))
		case last >= 0 && p.anything() && out[last].anything():
		default:
			out = append(out, p)
		}
	}
	return out
}

// prefix is the text with which all that matches begins, and what follows.
func (s sequence) prefix() (string, sequence) {
	if len(s) > 0 && s[0].text != "" {
		return s[0].text, s[1:]
	}
	return "", s
}

// flat tells that what matches holds no slash.
func (s sequence) flat() bool {
	for _, p := range s {
		if strings.Contains(p.text, "/") || p.text == "" && p.set.has('/') {
			return false
		}
	}
	return true
}

// needle is the longest text that all that matches holds.
func (s sequence) needle() string {
	longest := ""
	for _, p := range s {
		if len(p.text) > len(longest) {
			longest = p.text
		}
	}
	return longest
}

// steps bounds one match; beyond it the regular expression, which is linear,
// is asked instead.
const steps = 400

// match tells whether the whole of text matches; sure is false if that would
// take too long to find out.
func (s sequence) match(text string) (yes, sure bool) {
	left := steps
	yes = s.walk(text, &left)
	return yes, left > 0
}

func (s sequence) walk(text string, left *int) bool {
	for i, p := range s {
		if *left--; *left <= 0 {
			return false
		}
		switch {
		case p.text != "":
			if !strings.HasPrefix(text, p.text) {
				return false
			}
			text = text[len(p.text):]
		case p.many:
			return s[i:].star(text, left)
		default:
			r, size := utf8.DecodeRuneInString(text)
			if size == 0 || !p.set.has(r) {
				return false
			}
			text = text[size:]
		}
	}
	return text == ""
}

// star tries each length of the first part.
func (s sequence) star(text string, left *int) bool {
	p, rest := s[0], s[1:]
	reach := p.reach(text)
	if len(rest) == 0 {
		return reach == len(text)
	}
	if rest[0].text == "" {
		for at := 0; ; {
			if rest.walk(text[at:], left) {
				return true
			}
			_, size := utf8.DecodeRuneInString(text[at:])
			if at += size; at > reach || size == 0 || *left <= 0 {
				return false
			}
		}
	}
	word := rest[0].text
	if len(rest) == 1 { // it has to be at the end
		at := len(text) - len(word)
		return at >= 0 && at <= reach && text[at:] == word
	}
	for at := 0; at <= reach && *left > 0; at++ {
		next := strings.Index(text[at:], word)
		if next < 0 || at+next > reach {
			return false
		}
		at += next
		if rest[1:].walk(text[at+len(word):], left) {
			return true
		}
	}
	return false
}

// reach is how far a star can go from the beginning of text.
func (p part) reach(text string) int {
	switch {
	case p.set == nil:
		return len(text)
	case p.plain:
		if at := strings.IndexByte(text, '/'); at >= 0 {
			return at
		}
		return len(text)
	}
	for at, r := range text {
		if !p.set.has(r) {
			return at
		}
	}
	return len(text)
}
