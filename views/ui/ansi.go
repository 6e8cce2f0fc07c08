package ui

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// longestLine is where a line of a log is cut, in bytes; the raw log has it whole.
const longestLine = 4000

// span is a piece of a log line with one colour class ("" for none).
type span struct{ class, text string }

// cleanLine makes one stored line fit to be shown: the last state of a progress
// line that rewrites itself with carriage returns, colours as classes, other
// escapes and control characters away, what is not UTF-8 replaced. Colour runs
// on from line to line: it comes in as class and is handed back.
func cleanLine(line, class string) (spans []span, after string) {
	line = lastState(line)
	cut := len(line) > longestLine
	if cut {
		end := longestLine
		for end > longestLine-utf8.UTFMax && !utf8.RuneStart(line[end]) {
			end--
		}
		line = line[:end]
	}
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			spans = append(spans, span{class, text.String()})
			text.Reset()
		}
	}
	for len(line) > 0 {
		if line[0] == 0x1b {
			sequence, sgr := escape(line)
			line = line[sequence:]
			if next, ok := colour(sgr, class); ok && next != class {
				flush()
				class = next
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(line)
		line = line[size:]
		text.WriteRune(visible(r))
	}
	if cut {
		text.WriteString(" … (whole line in the raw log)")
	}
	flush()
	return spans, class
}

// lastState is what a terminal shows of a line with carriage returns.
func lastState(line string) string {
	line = strings.TrimRight(line, "\r\n")
	if i := strings.LastIndexByte(line, '\r'); i >= 0 {
		return line[i+1:]
	}
	return line
}

// visible replaces what has no picture, or would reorder the text around it.
func visible(r rune) rune {
	switch {
	case r == '\t':
		return r
	case r < 0x20, r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return utf8.RuneError
	}
	return r
}

// escape measures the escape sequence at the start of s and gives the
// parameters if it sets colours ("" for a reset), "x" for any other.
func escape(s string) (length int, parameters string) {
	if len(s) < 2 {
		return len(s), "x"
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				if s[i] == 'm' {
					return i + 1, s[2:i]
				}
				return i + 1, "x"
			}
			if s[i] < 0x20 || s[i] > 0x3f {
				return i, "x"
			}
		}
		return len(s), "x"
	case ']': // a title or a link, ended by BEL or ESC \
		if i := strings.IndexByte(s, 0x07); i >= 0 {
			return i + 1, "x"
		}
		if i := strings.Index(s, "\x1b\\"); i >= 0 {
			return i + 2, "x"
		}
		return 2, "x"
	}
	// Two characters, or more if intermediate ones choose a character set.
	length = 2
	for i := 1; i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f; i++ {
		length = i + 2
	}
	return min(length, len(s)), "x"
}

// colour is the class after the parameters of an SGR sequence; ok is false for
// any other sequence. Only the eight colours and bold are kept, as "a1" to "a7".
func colour(parameters, class string) (next string, ok bool) {
	if parameters == "x" {
		return class, false
	}
	if parameters == "" {
		return "", true
	}
	codes := strings.Split(parameters, ";")
	for i := 0; i < len(codes); i++ {
		n, err := strconv.Atoi(codes[i])
		switch {
		case err != nil:
			if codes[i] == "" {
				class = ""
			}
		case n == 0, n == 39:
			class = ""
		case n >= 30 && n <= 37:
			class = "a" + strconv.Itoa(n-30)
		case n >= 90 && n <= 97:
			class = "a" + strconv.Itoa(n-90)
		case n == 38, n == 48: // 256 or true colours: not kept
			i = skipExtended(codes, i)
		}
	}
	return class, true
}

// skipExtended is the index of the last code of an extended colour at i.
func skipExtended(codes []string, i int) int {
	if i+1 >= len(codes) {
		return i
	}
	switch codes[i+1] {
	case "5":
		return i + 2
	case "2":
		return i + 4
	}
	return i + 1
}
