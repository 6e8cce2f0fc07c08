package consolelog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"
)

// Found is a line that a search found, with the lines around it.
type Found struct {
	Line   int
	Text   string   // clean, at most HitCharacters
	Before []string // at most Around lines, the same way
	After  []string
}

// Around is how many lines before and after a found one come with it.
const Around = 2

// Finding is the outcome of a search.
type Finding struct {
	Found []Found // the first ones, as many as were asked for
	Total int
	Lines int // lines that were looked at
}

// Find looks through a log from its begin for the lines that match, and keeps
// the first most of them. It ends early, without an error, when stop says so:
// then Finding.Lines are fewer than the log's. Of very long lines only the
// begin is looked at, as much as is ever shown.
func Find(r io.Reader, match func(text []byte) bool, most int, stop func() bool) (Finding, error) {
	var f Finding
	lines := newLineReader(r)
	var recent [Around][]byte // the lines before, oldest first
	waiting := 0              // found lines at the end of f.Found that want lines after them
	for {
		if f.Lines%Step == 0 && stop() {
			return f, nil
		}
		raw, err := lines.next()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, fmt.Errorf("search log: %w", err)
		}
		f.Lines++
		text := shown(raw.text)
		for i := len(f.Found) - waiting; i < len(f.Found); i++ {
			f.Found[i].After = append(f.Found[i].After, short(text))
		}
		if waiting > 0 && len(f.Found[len(f.Found)-waiting].After) == Around {
			waiting--
		}
		if match(text) {
			if f.Total++; len(f.Found) < most {
				f.Found = append(f.Found, Found{Line: f.Lines, Text: short(text), Before: around(recent[:], f.Lines)})
				waiting++
			}
		}
		oldest := recent[0]
		copy(recent[:], recent[1:])
		recent[Around-1] = append(oldest[:0], text[:min(len(text), HitCharacters*utf8.UTFMax)]...)
	}
}

// around gives the lines before a line, of which there may be fewer.
func around(recent [][]byte, line int) []string {
	var before []string
	for _, text := range recent[max(0, len(recent)-line+1):] {
		before = append(before, short(text))
	}
	return before
}

// shown is Clean without a copy where nothing is to be cleaned.
func shown(raw []byte) []byte {
	raw = lastState(trimNewline(raw))
	if plain(raw) {
		return raw
	}
	text, _ := clean(raw)
	return []byte(text)
}

func short(text []byte) string {
	s, _ := cut(string(wholeEnd(text[:min(len(text), HitCharacters*utf8.UTFMax)])), HitCharacters)
	return s
}

// wholeEnd is wholeCharacters for text that may be empty or short.
func wholeEnd(text []byte) []byte {
	if len(text) < utf8.UTFMax {
		return bytes.ToValidUTF8(text, nil)
	}
	return wholeCharacters(text)
}

// Containing matches lines that contain a text, without regard to the case of
// ASCII letters.
func Containing(text string) func([]byte) bool {
	want := []byte(text)
	for i, c := range want {
		want[i] = lower(c)
	}
	return func(line []byte) bool { return containsFold(line, want) }
}

// Matching matches lines with a regular expression (RE2, so that no expression
// takes for ever).
func Matching(expression string) (func([]byte) bool, error) {
	re, err := regexp.Compile(expression)
	if err != nil {
		return nil, err
	}
	return re.Match, nil
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// containsFold looks for want, which is in lower case, with the fast search of
// its first byte in both cases.
func containsFold(line, want []byte) bool {
	if len(want) == 0 {
		return true
	}
	first, upper := want[0], want[0]
	if first >= 'a' && first <= 'z' {
		upper = first - 'a' + 'A'
	}
	small, big := nextByte(line, first, 0), nextByte(line, upper, 0)
	for {
		at := min(small, big)
		if at+len(want) > len(line) {
			return false
		}
		if equalFold(line[at:at+len(want)], want) {
			return true
		}
		if at == small {
			small = nextByte(line, first, at+1)
		}
		if at == big {
			big = nextByte(line, upper, at+1)
		}
	}
}

// nextByte is where c comes next in line from a place on; past its end if it
// does not.
func nextByte(line []byte, c byte, from int) int {
	if at := bytes.IndexByte(line[from:], c); at >= 0 {
		return from + at
	}
	return len(line)
}

func equalFold(text, want []byte) bool {
	for i, c := range want {
		if lower(text[i]) != c {
			return false
		}
	}
	return true
}
