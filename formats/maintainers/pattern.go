package maintainers

import (
	"errors"
	"regexp"
	"strings"
)

// longestPattern bounds a pattern, in bytes.
const longestPattern = 2000

var errLong = errors.New("the pattern has more than 2000 bytes")

// pattern is a compiled F: or X: line. It matches the beginning of a path, as
// the script's does; unless it ends in a slash or spans levels, the path must
// also have as many slashes as it has.
type pattern struct {
	prefix string  // what the path begins with, in plain text
	chunks []chunk // what follows, found one after the other
	odd    *regexp.Regexp
	level  bool
	slash  int // slashes of the pattern, if level counts
	depth  int // rank among the sections that match
}

// chunk is plain text in which \x00 stands for any character.
type chunk struct {
	text  string
	loose bool // anything may come before it
}

// anyByte stands for a question mark. No path has it.
const anyByte = '\x00'

// compilePattern reads a pattern. Beside * and ? the script hands everything to
// Perl, so that other signs of regular expressions have their meaning too.
func compilePattern(text string, isDir func(string) bool) (*pattern, error) {
	if len(text) > longestPattern {
		return nil, errLong
	}
	if !strings.HasSuffix(text, "/") && text != "" && !strings.ContainsAny(text, "*?.") && isDir(text) {
		text += "/" // a directory whose name has a dot is none for the script: it looks for the escaped name
	}
	p := &pattern{slash: strings.Count(text, "/")}
	p.level = !strings.HasSuffix(text, "/") && !strings.Contains(text, "**")
	p.depth = p.slash
	switch {
	case strings.HasPrefix(text, "*"):
		p.depth = -1
	case !strings.HasSuffix(text, "/"):
		p.depth++
	}
	if strings.ContainsAny(text, "[]+(){}|^$\\") {
		return p, p.compileOdd(text)
	}
	end := strings.IndexAny(text, "*?")
	if end < 0 {
		end = len(text)
	}
	p.prefix = text[:end]
	p.chunks = chunksOf(text[end:])
	return p, nil
}

// compileOdd keeps what comes before the first sign that is not plain as the
// prefix, less one character, which a sign such as + may speak of.
func (p *pattern) compileOdd(text string) error {
	perl := strings.NewReplacer(".", `\.`, "**", ".*", "*", ".*", "?", ".").Replace(text)
	var err error
	if p.odd, err = compilePerl("^" + perl); err != nil {
		return err
	}
	if !strings.Contains(text, "|") {
		end := strings.IndexAny(text, "*?[]+(){}^$\\")
		p.prefix = text[:max(0, end-1)]
	}
	return nil
}

// chunksOf splits the rest of a pattern, which begins with a wildcard or is
// empty.
func chunksOf(rest string) []chunk {
	var list []chunk
	for i, part := range strings.Split(strings.ReplaceAll(rest, "?", string(anyByte)), "*") {
		if part != "" {
			list = append(list, chunk{text: part, loose: i > 0})
		}
	}
	return list
}

// matches tells of a path that is known to begin with the prefix.
func (p *pattern) matches(path string, slashes int) bool {
	if p.level && slashes != p.slash {
		return false
	}
	if p.odd != nil {
		return p.odd.MatchString(path)
	}
	at := len(p.prefix)
	for _, c := range p.chunks {
		from := c.find(path[at:])
		if from < 0 {
			return false
		}
		at += from + len(c.text)
	}
	return true
}

// find gives where the chunk begins, -1 for nowhere. The first place is as good
// as any: the pattern may end anywhere in the path.
func (c chunk) find(text string) int {
	if strings.IndexByte(c.text, anyByte) < 0 {
		if c.loose {
			return strings.Index(text, c.text)
		}
		if strings.HasPrefix(text, c.text) {
			return 0
		}
		return -1
	}
	for from := 0; from+len(c.text) <= len(text); from++ {
		if c.fits(text[from:]) {
			return from
		}
		if !c.loose {
			break
		}
	}
	return -1
}

func (c chunk) fits(text string) bool {
	for i := range len(c.text) {
		if c.text[i] != anyByte && c.text[i] != text[i] {
			return false
		}
	}
	return true
}

// compilePerl compiles an expression of N: or K:, where white space and
// comments do not count. What Go's package does not know, such as looking
// around, is an error.
func compilePerl(text string) (*regexp.Regexp, error) {
	if len(text) > longestPattern {
		return nil, errLong
	}
	return regexp.Compile(text)
}

// freeSpacing takes out what Perl's /x does not see.
func freeSpacing(text string) string {
	var b strings.Builder
	class, comment := false, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case comment:
			comment = c != '\n'
			continue
		case c == '\\' && i+1 < len(text):
			b.WriteByte(c)
			i++
			c = text[i]
		case class:
			class = c != ']'
		case c == '[':
			class = true
		case c == '#':
			comment = true
			continue
		case strings.IndexByte(spaces, c) >= 0:
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
