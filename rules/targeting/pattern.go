package targeting

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// longestPattern bounds one pattern, in bytes.
const longestPattern = 1000

// CheckPattern says what is wrong with a pattern of paths or names, or nil.
func CheckPattern(pattern string) error {
	if pattern == Whole {
		return nil
	}
	if err := checkLength(pattern); err != nil {
		return err
	}
	if plainGlob(pattern) {
		if trailing := len(pattern) - len(strings.TrimRight(pattern, `\`)); trailing%2 == 1 {
			return errors.New(`the pattern ends with \`)
		}
		return nil
	}
	text, err := expression(pattern, inPaths)
	if err != nil {
		return err
	}
	if simple(text) {
		return nil
	}
	return checkExpression(text)
}

// checkLength refuses what is no text of a sensible length.
func checkLength(pattern string) error {
	if len(pattern) > longestPattern {
		return fmt.Errorf("the pattern has %d bytes, %d are the most", len(pattern), longestPattern)
	}
	if !utf8.ValidString(pattern) {
		return fmt.Errorf("the pattern is not UTF-8: %.60q", pattern)
	}
	return nil
}

// plainGlob tells a glob without classes, of which nearly all are right.
func plainGlob(pattern string) bool {
	return !strings.HasPrefix(pattern, "~") && !strings.Contains(pattern, "[")
}

// checkPath is CheckPattern with what paths cannot be.
func checkPath(pattern string) error {
	switch {
	case strings.HasPrefix(pattern, "/"):
		return errors.New("paths begin at the top of the tree: write it without the first /")
	case strings.HasPrefix(pattern, "./"), strings.HasPrefix(pattern, "../"), strings.Contains(pattern, "/../"):
		return errors.New("paths begin at the top of the tree: leave . and .. out")
	}
	return CheckPattern(pattern)
}

// CheckSubject says what is wrong with a regular expression of subjects, or nil.
func CheckSubject(text string) error {
	if len(text) > longestPattern {
		return fmt.Errorf("the regular expression has %d bytes, %d are the most", len(text), longestPattern)
	}
	return checkExpression(text)
}

// checkExpression parses, which bounds the size of what would be compiled.
func checkExpression(text string) error {
	_, err := parseExpression(text)
	return err
}

// parseExpression tells in our words what is wrong.
func parseExpression(text string) (*syntax.Regexp, error) {
	tree, err := syntax.Parse(text, flags)
	var known *syntax.Error
	if errors.As(err, &known) {
		return nil, fmt.Errorf("the regular expression is refused: %s: %q", known.Code, known.Expr)
	}
	return tree, err
}

// flags of regular expressions: Perl's, and a dot is any character, since a
// path may hold a line end.
const flags = syntax.Perl | syntax.DotNL

// compile makes the expression of a whole path or name. one is what ? stands
// for, and * any number of.
func compile(pattern, one string) (*regexp.Regexp, error) {
	text, err := expression(pattern, one)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(`(?s)\A(?:` + text + `)\z`)
}

// What ? and * stand for.
const (
	inPaths = "[^/]"
	inNames = "."
)

// expression is the regular expression of a pattern, to be anchored.
func expression(pattern, one string) (string, error) {
	if text, ok := strings.CutPrefix(pattern, "~"); ok {
		return text, nil
	}
	var b strings.Builder
	for i := 0; i < len(pattern); {
		rest := pattern[i:]
		folder := i == 0 || pattern[i-1] == '/'
		switch {
		case folder && strings.HasPrefix(rest, "**/"):
			b.WriteString("(?:.*/)?")
			i += 3
		case strings.HasPrefix(rest, "**"):
			b.WriteString(".*")
			i += 2
		case rest[0] == '*':
			b.WriteString(one + "*")
			i++
		case rest[0] == '?':
			b.WriteString(one)
			i++
		case rest[0] == '[':
			class, length, err := globClass(rest)
			if err != nil {
				return "", err
			}
			b.WriteString(class)
			i += length
		case rest[0] == '\\' && len(rest) == 1:
			return "", errors.New(`the pattern ends with \`)
		case rest[0] == '\\':
			b.WriteString(regexp.QuoteMeta(rest[1:2]))
			i += 2
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
			i++
		}
	}
	if strings.HasSuffix(pattern, "/") {
		b.WriteString(".*")
	}
	return b.String(), nil
}

// globClass translates [abc], [a-z] and [!abc] at the beginning of text. No
// class matches a slash.
func globClass(text string) (class string, length int, err error) {
	end := 1
	if end < len(text) && (text[end] == '!' || text[end] == '^') {
		end++
	}
	inside := end
	end++ // a ] in the first place is itself
	for end < len(text) && text[end] != ']' {
		end++
	}
	if end >= len(text) {
		return "", 0, errors.New("a [ has no ] behind it: write \\[ for the character itself")
	}
	escaped := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`).Replace(text[inside:end])
	if strings.Contains(escaped, "/") {
		return "", 0, fmt.Errorf("the class %s holds a /", text[:end+1])
	}
	if inside > 1 {
		return "[^/" + escaped + "]", end + 1, nil
	}
	return "[" + escaped + "]", end + 1, nil
}
