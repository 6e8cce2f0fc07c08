package ktap

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// errTooLong says that the input is longer than Limits.Bytes.
var errTooLong = errors.New("input too long")

// lineReader cuts a stream into lines without ever holding more than one
// capped line.
type lineReader struct {
	from   *bufio.Reader
	keep   int   // bytes of a line that are kept
	left   int64 // bytes that may still be read
	number int   // of the last line returned, from 1
	line   []byte
}

func newLineReader(r io.Reader, limits Limits) *lineReader {
	return &lineReader{from: bufio.NewReaderSize(r, 32<<10), keep: limits.Line, left: limits.Bytes}
}

// next is the next line without its end; it is valid until the next call. A
// last line without an end counts. io.EOF is returned bare.
func (l *lineReader) next() ([]byte, error) {
	l.line = l.line[:0]
	for {
		part, err := l.from.ReadSlice('\n')
		l.left -= int64(len(part))
		if room := l.keep - len(l.line); room > 0 {
			l.line = append(l.line, part[:min(room, len(part))]...)
		}
		switch {
		case l.left < 0:
			return nil, errTooLong
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(l.line) > 0:
		case err != nil:
			l.number++
			return nil, err
		}
		l.number++
		return bytes.TrimRight(l.line, "\r\n"), nil
	}
}

// clean removes what a terminal would not show: ANSI sequences and control
// characters other than tab and carriage return. It works in place.
func clean(line []byte) []byte {
	first := 0
	for first < len(line) && !isControl(line[first]) {
		first++
	}
	out := line[:first]
	for i := first; i < len(line); {
		switch c := line[i]; {
		case c == 0x1b:
			i += escapeLength(line[i:])
		case isControl(c):
			i++
		default:
			out = append(out, c)
			i++
		}
	}
	return out
}

func isControl(c byte) bool { return c < 0x20 && c != '\t' && c != '\r' || c == 0x7f }

// escapeLength is the length of the escape sequence that s begins with:
// ESC [ parameters letter, ESC ] text BEL (or ESC \), or two characters.
func escapeLength(s []byte) int {
	if len(s) < 2 {
		return 1
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1
			}
			if s[i] < 0x20 || s[i] > 0x7e { // broken: only drop its beginning
				return 2
			}
		}
		return len(s)
	case ']':
		for i := 2; i < len(s); i++ {
			if s[i] == 0x07 {
				return i + 1
			}
			if s[i] == 0x1b {
				return min(i+2, len(s))
			}
		}
		return 2 // no end: keep the text, it may be a result
	case 0x1b:
		return 1
	}
	return 2
}

// withoutStamp strips what printk puts before a message, "<6>", "[    5.1]",
// "[   T12]" and exactly one space, because what follows is indentation.
func withoutStamp(s string) string {
	if rest, ok := afterBracket(s, '<', '>', isLevel); ok {
		s = rest
	}
	rest, ok := afterBracket(s, '[', ']', isSeconds)
	if !ok {
		return s
	}
	if caller, ok := afterBracket(rest, '[', ']', isCaller); ok {
		rest = caller
	}
	if rest == "" {
		return rest
	}
	if rest[0] == ' ' || rest[0] == '\t' {
		return rest[1:]
	}
	return s
}

// afterBracket is what follows open…shut at the start of s, if accept likes
// what is between them.
func afterBracket(s string, open, shut byte, accept func(string) bool) (string, bool) {
	if s == "" || s[0] != open {
		return "", false
	}
	end := strings.IndexByte(s, shut)
	if end < 0 || end > 40 || !accept(s[1:end]) {
		return "", false
	}
	return s[end+1:], true
}

func isLevel(s string) bool { return allDigits(s) && len(s) <= 3 }

func isSeconds(s string) bool {
	whole, fraction, ok := strings.Cut(strings.TrimLeft(s, " "), ".")
	return ok && allDigits(whole) && allDigits(fraction)
}

// isCaller accepts what CONFIG_PRINTK_CALLER adds: T12 for a task, C0 for a
// processor, padded on the left.
func isCaller(s string) bool {
	s = strings.TrimLeft(s, " ")
	return len(s) > 1 && (s[0] == 'T' || s[0] == 'C') && allDigits(s[1:])
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// kept is s as it is stored: valid UTF-8, at most limit bytes and "…", and a
// copy, so that a short name does not keep a long line in memory.
func kept(s string, limit int) string {
	s = strings.ToValidUTF8(strings.TrimSpace(s), "\uFFFD")
	if len(s) <= limit {
		return strings.Clone(s)
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}
