package targeting

import (
	"fmt"
	"strings"
)

// String is the condition in words, to stand behind "runs if the change …":
// "changes a file below net/mptcp/ on x86_64".
func (c Condition) String() string {
	var parts []string
	if phrase := c.keyWords(); phrase != "" {
		parts = append(parts, phrase)
	}
	for _, one := range c.And {
		parts = append(parts, one.inside(len(c.And) > 1 || phraseCount(c) > 1))
	}
	if len(c.Or) > 0 {
		var alternatives []string
		for _, one := range c.Or {
			alternatives = append(alternatives, one.inside(len(c.Or) > 1))
		}
		text := strings.Join(alternatives, " or ")
		if phraseCount(c) > 1 && len(alternatives) > 1 {
			text = "(" + text + ")"
		}
		parts = append(parts, text)
	}
	if c.Not != nil {
		parts = append(parts, "not ("+c.Not.String()+")")
	}
	if len(parts) == 0 {
		return "always"
	}
	return strings.Join(parts, " and ")
}

// inside is the condition as a part of a longer sentence, in brackets if it
// would be read wrongly without.
func (c Condition) inside(joined bool) string {
	if joined && phraseCount(c) > 1 || joined && len(c.Or) > 1 {
		return "(" + c.String() + ")"
	}
	return c.String()
}

// phraseCount is how many parts String joins with "and".
func phraseCount(c Condition) int {
	n := len(c.And)
	if c.keyWords() != "" {
		n++
	}
	if len(c.Or) > 0 {
		n++
	}
	if c.Not != nil {
		n++
	}
	return n
}

// keyWords are the keys other than and, or, not.
func (c Condition) keyWords() string {
	var words []string
	if len(c.Paths) > 0 || len(c.NotPaths) > 0 {
		words = append(words, "changes "+filesWords(c.Paths, c.NotPaths))
	}
	if len(c.Maintainers) > 0 {
		verb := "changes"
		if len(words) > 0 {
			verb = "and"
		}
		words = append(words, verb+" a file of "+or(c.Maintainers, quote))
	}
	for _, one := range []struct {
		before string
		list   []string
	}{
		{"in", c.Trees}, {"on", c.Arches}, {"built with config", c.Configs}, {"with component", c.Components},
		{"when asked for set", c.Sets},
	} {
		if len(one.list) > 0 {
			words = append(words, one.before+" "+or(one.list, nameWords))
		}
	}
	if c.Subject != "" {
		words = append(words, "with a subject like "+quote(c.Subject))
	}
	return strings.Join(words, " ")
}

func filesWords(paths, not []string) string {
	text := "a file"
	if len(paths) > 0 {
		text = or(paths, pathWords)
		if first := paths[0]; first != Whole && (strings.HasPrefix(first, "~") || strings.ContainsAny(first, `*?[\`) || strings.HasSuffix(first, "/")) {
			text = "a file " + text
		}
	}
	if len(not) > 0 {
		text += ", leaving out those " + strings.TrimSuffix(or(not, leftOutWords), ",")
	}
	return text
}

// pathWords is one pattern of paths.
func pathWords(pattern string) string {
	below := strings.TrimSuffix(pattern, "**")
	switch {
	case pattern == Whole:
		return "everything"
	case strings.HasPrefix(pattern, "~"):
		return "like " + quote(pattern)
	case strings.HasSuffix(below, "/") && !strings.ContainsAny(below, `*?[\`):
		return "below " + below
	case strings.ContainsAny(pattern, `*?[\`):
		return "like " + pattern
	}
	return pattern
}

// leftOutWords is pathWords where an exact name would lack a word before it.
func leftOutWords(pattern string) string {
	if text := pathWords(pattern); text != pattern {
		return text
	}
	return "named " + pattern
}

func nameWords(pattern string) string {
	switch {
	case pattern == Whole:
		return "all there are"
	case strings.HasPrefix(pattern, "~"):
		return "one like " + quote(pattern)
	}
	return pattern
}

func quote(text string) string { return fmt.Sprintf("“%s”", text) }

// or joins a list as people do; of a long one it shows the beginning.
func or(list []string, word func(string) string) string {
	const most = 6
	var words []string
	for _, one := range list[:min(len(list), most)] {
		words = append(words, word(one))
	}
	if more := len(list) - most; more > 0 {
		return strings.Join(words, ", ") + fmt.Sprintf(" or one of %d more", more)
	}
	switch len(words) {
	case 0:
		return "none"
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
