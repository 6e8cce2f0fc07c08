package targeting

import (
	"slices"
	"strings"
)

// Nearly everybody writes expressions of the same few signs. These are read here,
// far faster than a parser does, and for checking them nothing has to be made.

// sign is what stands at one place of an expression.
type sign uint8

const (
	signOther sign = iota // for the parser
	signByte              // of a text
	signAny               // .
	signAll               // .*
	signName              // [^/]*
	signClass             // [ch], [^/]
	signGroup             // (a|b), of texts
)

// signAt tells what an expression begins with, and how long that is.
func signAt(text string) (kind sign, length int) {
	switch text[0] {
	case '.':
		kind, length = signAny, 1
		if len(text) > 1 && text[1] == '*' {
			kind, length = signAll, 2
		}
	case '[':
		kind, length = classAt(text)
	case '(':
		kind, length = signGroup, groupLength(text)
	case '\\':
		if len(text) < 2 || strings.IndexByte(`.+-_/*?()[]{}|^$\`, text[1]) < 0 {
			return signOther, 0
		}
		kind, length = signByte, 2
	case '+', '*', '?', ')', ']', '{', '}', '|', '^', '$':
		return signOther, 0
	default:
		kind, length = signByte, 1
	}
	if length == 0 || length < len(text) && strings.IndexByte("*+?{", text[length]) >= 0 {
		return signOther, 0
	}
	return kind, length
}

// classAt is a class of single letters, digits and points, or of all but a slash.
func classAt(text string) (sign, int) {
	if strings.HasPrefix(text, "[^/]") {
		if len(text) > 4 && text[4] == '*' {
			return signName, 5
		}
		return signClass, 4
	}
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == ']' && i > 1:
			return signClass, i + 1
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_':
		default:
			return signOther, 0
		}
	}
	return signOther, 0
}

// groupLength is how long a group of alternative texts is, 0 if it is another.
func groupLength(text string) int {
	before := byte('|')
	for i := groupBegin(text); i < len(text); {
		c := text[i]
		if c == '|' || c == ')' {
			if before == '|' {
				return 0
			}
			if c == ')' {
				return i + 1
			}
			before = c
			i++
			continue
		}
		if c == '(' {
			return 0
		}
		kind, length := signAt(text[i:])
		if kind != signByte {
			return 0
		}
		before = ' '
		i += length
	}
	return 0
}

// groupBegin is how long the sign is that opens a group.
func groupBegin(text string) int {
	if strings.HasPrefix(text, "(?:") {
		return 3
	}
	return 1
}

// simple tells an expression of nothing but these signs; it needs no check.
func simple(text string) bool {
	for len(text) > 0 {
		kind, length := signAt(text)
		if kind == signOther {
			return false
		}
		text = text[length:]
	}
	return true
}

// simpleSequences reads a simple expression; false says nothing.
func (m *patternMaker) simpleSequences(text string) ([]sequence, bool) {
	b := m.begin()
	for i := 0; i < len(text); {
		kind, length := signAt(text[i:])
		switch kind {
		case signOther:
			return nil, false
		case signByte:
			b.byte(text[i+length-1])
		case signAny:
			b.add(setPart(nil, false))
		case signAll:
			b.add(setPart(nil, true))
		case signName:
			b.add(setPart(notSlash, true))
		case signClass:
			b.add(setPart(classRunes(text[i:i+length]), false))
		case signGroup:
			if !b.group(text[i+groupBegin(text[i:]) : i+length-1]) {
				return nil, false
			}
		}
		i += length
	}
	return b.end(), b.longest() <= mostParts
}

func classRunes(class string) runes {
	if class == "[^/]" {
		return notSlash
	}
	var set runes
	for _, c := range slices.Sorted(strings.SplitSeq(class[1:len(class)-1], "")) {
		set = append(set, rune(c[0]), rune(c[0]))
	}
	return set
}

// unquoted is a text of an expression without its backslashes.
func unquoted(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
