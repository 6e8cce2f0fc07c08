package kpetdb

import (
	"errors"
	"fmt"
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
	if means(text) {
		return text, targeting.CheckPattern("~" + text)
	}
	var b strings.Builder
	b.Grow(len(text) + 8)
	inClass := false
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case rest[0] == '(' && !inClass:
			if err := group(rest); err != nil {
				return "", err
			}
			b.WriteByte('(')
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

// means tells quickly that an expression means the same to Go. It may say no
// where it would.
func means(text string) bool {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '(', '{':
			return false
		case '[':
			if !strings.HasPrefix(text[i:], "[^/]") {
				return false
			}
			i += len("[^/]") - 1
		case '\\':
			if i++; i == len(text) || strings.IndexByte(`.+-_/*?()[]{}|^$\`, text[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// group refuses the beginnings of groups that Go lacks.
func group(rest string) error {
	for _, one := range refused {
		if strings.HasPrefix(rest, one.begin) {
			return fmt.Errorf("%s %s is not among Go's regular expressions", one.name, one.begin)
		}
	}
	return nil
}

// escape is what stands for a backslash and c.
func escape(c byte, inClass bool) (string, error) {
	switch {
	case c >= '1' && c <= '9' && !inClass:
		return "", fmt.Errorf(`backreference \%c is not among Go's regular expressions`, c)
	case c == 'Z':
		return `\z`, nil
	case c == 'b' && inClass:
		return `\x08`, nil
	case strings.IndexByte("QEpPCzK", c) >= 0:
		return "", errors.New(`\` + string(c) + " is no escape of Python's")
	}
	return `\` + string(c), nil
}

// isLiteral tells an expression that is a path or name, in which only what is
// no sign of a glob may be escaped.
func isLiteral(text string) bool {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_/,-", c) >= 0:
		case c == '\\' && i+1 < len(text) && strings.IndexByte(".+/_-", text[i+1]) >= 0:
			i++
		default:
			return false
		}
	}
	return text != ""
}

// leavesTree tells a path that does not begin at the top of a tree.
func leavesTree(path string) bool {
	for _, begin := range []string{"/", "./", "../"} {
		if strings.HasPrefix(path, begin) {
			return true
		}
	}
	return strings.Contains(path, "/../")
}

// pattern is an expression of whole paths or names as people would write it: a
// folder or a name if it is one, else a regular expression.
func pattern(expression string) string {
	body, folder := strings.CutSuffix(expression, "/.*")
	plain := strings.ReplaceAll(body, `\`, "")
	switch {
	case !isLiteral(body) || leavesTree(plain) || strings.HasSuffix(plain, "/"):
		return "~" + expression
	case folder:
		return plain + "/"
	}
	return plain
}
