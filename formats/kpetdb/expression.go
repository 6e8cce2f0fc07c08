package kpetdb

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"drover/rules/targeting"
)

// refused are the beginnings of groups that Go's regular expressions lack.
var refused = []struct{ begin, name string }{
	{"(?=", "lookahead"}, {"(?!", "lookahead"}, {"(?<=", "lookbehind"}, {"(?<!", "lookbehind"},
	{"(?P=", "backreference"}, {"(?(", "condition"}, {"(?#", "comment"}, {"(?>", "atomic group"},
}

// translate makes a regular expression of Python's into one of Go's, which
// means the same. An error says what Go cannot say.
func translate(text string) (string, error) {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		for _, group := range refused {
			if !inClass && strings.HasPrefix(rest, group.begin) {
				return "", fmt.Errorf("Go's regular expressions have no %s %s", group.name, group.begin)
			}
		}
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			escaped, err := escape(rest[1], inClass)
			if err != nil {
				return "", err
			}
			b.WriteString(escaped)
			i++
		case inClass && rest[0] == '[': // only a character to Python
			b.WriteString(`\[`)
		case inClass && rest[0] == ']':
			inClass = false
			b.WriteByte(']')
		case !inClass && rest[0] == '[':
			inClass = true
			b.WriteByte('[')
			for _, first := range []string{"^", "]"} { // a ] in the first place is itself
				if strings.HasPrefix(text[i+1:], first) {
					b.WriteString(map[string]string{"^": "^", "]": `\]`}[first])
					i++
				}
			}
		case !inClass && strings.HasPrefix(rest, "{,"):
			b.WriteString("{0,")
			i++
		default:
			b.WriteByte(rest[0])
		}
	}
	return b.String(), targeting.CheckPattern("~" + b.String())
}

// escape is what stands for a backslash and c.
func escape(c byte, inClass bool) (string, error) {
	switch {
	case c >= '1' && c <= '9' && !inClass:
		return "", fmt.Errorf(`Go's regular expressions have no backreference \%c`, c)
	case c == 'Z':
		return `\z`, nil
	case c == 'b' && inClass:
		return `\x08`, nil
	case strings.IndexByte("QEpPCzK", c) >= 0:
		return "", errors.New(`\` + string(c) + " is no escape of Python's")
	}
	return `\` + string(c), nil
}

var (
	literalName = regexp.MustCompile(`^(?:[A-Za-z0-9_/,-]|\\[.+/_-])+$`)
	leadingRoot = regexp.MustCompile(`^\.{0,2}/`)
)

// pattern is an expression of whole paths or names as people would write it: a
// folder or a name if it is one, else a regular expression.
func pattern(expression string) string {
	body, folder := strings.CutSuffix(expression, "/.*")
	plain := strings.ReplaceAll(body, `\`, "")
	switch {
	case !literalName.MatchString(body) || leadingRoot.MatchString(plain) || strings.Contains(plain, "/../") || strings.HasSuffix(plain, "/"):
		return "~" + expression
	case folder:
		return plain + "/"
	}
	return plain
}
