package consolelog

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean gives a line as a terminal would leave it, as plain text: the last
// state of a progress display, without escape sequences and control
// characters; NUL and bytes that are not UTF-8 become U+FFFD. line may end in
// its newline.
func Clean(line []byte) string {
	text, _ := clean(line)
	return text
}

// clean also counts the replaced bytes.
func clean(line []byte) (text string, repairs int) {
	line = lastState(trimNewline(line))
	if plain(line) {
		return string(line), 0
	}
	var b strings.Builder
	b.Grow(len(line))
	for len(line) > 0 {
		if line[0] == escape {
			line = line[sequenceLength(line):]
			continue
		}
		r, size := utf8.DecodeRune(line)
		switch {
		case r == 0, r == utf8.RuneError && size == 1:
			b.WriteRune(utf8.RuneError)
			repairs++
		case visible(r):
			b.Write(line[:size])
		}
		line = line[size:]
	}
	return b.String(), repairs
}

const escape = 0x1b

// visible leaves out control characters, and those that reorder the text
// around them, with which a log could show what it does not say.
func visible(r rune) bool {
	return r == '\t' || !unicode.IsControl(r) && !unicode.Is(unicode.Bidi_Control, r) && r != '\u2028' && r != '\u2029'
}

// plain tells whether line is printable ASCII and tabs only.
func plain(line []byte) bool {
	for _, c := range line {
		if c >= 0x7f || c < ' ' && c != '\t' {
			return false
		}
	}
	return true
}

func trimNewline(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimRight(line, "\r") // serial lines end in \r\n or \r\r\n
}

// lastState is what is left of a line that was written over with carriage
// returns: the last part that shows something.
func lastState(line []byte) []byte {
	last := bytes.LastIndexByte(line, '\r')
	if last < 0 {
		return line
	}
	for rest := line; ; last = bytes.LastIndexByte(rest, '\r') {
		if part := rest[last+1:]; !blank(part) {
			return part
		}
		if last < 0 {
			return nil
		}
		rest = rest[:last]
	}
}

// blank tells whether a part of a line shows nothing.
func blank(part []byte) bool {
	for len(part) > 0 {
		switch c := part[0]; {
		case c == escape:
			part = part[sequenceLength(part):]
		case c > ' ' && c != 0x7f, c == 0:
			return false
		default:
			part = part[1:]
		}
	}
	return true
}

// sequenceLength is the number of bytes of the escape sequence that text
// begins with (ECMA-48), at least 1. Of a sequence that does not end in this
// line only the escape is taken, so that no text is lost.
func sequenceLength(text []byte) int {
	if len(text) < 2 {
		return 1
	}
	switch c := text[1]; {
	case c == '[':
		i := 2
		for i < len(text) && text[i] >= 0x20 && text[i] <= 0x3f {
			i++
		}
		if i < len(text) && text[i] >= 0x40 && text[i] <= 0x7e {
			return i + 1
		}
		return 1
	case c == ']', c == 'P', c == 'X', c == '^', c == '_': // OSC, DCS, SOS, PM, APC
		return stringLength(text)
	case c >= 0x20 && c <= 0x2f:
		i := 2
		for i < len(text) && text[i] >= 0x20 && text[i] <= 0x2f {
			i++
		}
		if i < len(text) && text[i] >= 0x30 && text[i] <= 0x7e {
			return i + 1
		}
		return 1
	case c >= 0x30 && c <= 0x7e:
		return 2
	}
	return 1
}

// stringLength is the length of a sequence that carries a string and ends in
// BEL or ESC \.
func stringLength(text []byte) int {
	for i := 2; i < len(text); i++ {
		switch {
		case text[i] == 0x07:
			return i + 1
		case text[i] == escape:
			if i+1 < len(text) && text[i+1] == '\\' {
				return i + 2
			}
			return 1
		}
	}
	return 1
}

// cut shortens text to at most count characters.
func cut(text string, count int) (short string, cut bool) {
	if len(text) <= count {
		return text, false
	}
	for i := range text {
		if count == 0 {
			return text[:i], true
		}
		count--
	}
	return text, false
}

// message is the part of a clean line that a program wrote: without leading
// blanks, log level, kernel time stamps and wall clock. kernel tells whether a
// kernel time stamp was among them.
func message(text string) (body string, kernel bool) {
	for {
		text = strings.TrimLeft(text, " \t")
		switch size := stampLength(text); {
		case size == 0:
			return text, kernel
		case text[0] == '[' && strings.IndexByte(text[:size], '.') > 0:
			kernel = true
			text = text[size:]
		default:
			text = text[size:]
		}
	}
}

// stampLength is the length of the stamp at the begin of text: "<4>",
// "[   12.345678]", "[  T123]", "[ C0]" or "2026-11-27T10:42:07.123Z"; 0
// without one.
func stampLength(text string) int {
	if text == "" {
		return 0
	}
	switch c := text[0]; {
	case c == '<':
		if end := strings.IndexByte(text, '>'); end > 1 && end <= 4 && digits(text[1:end]) {
			return end + 1
		}
	case c == '[':
		end := strings.IndexByte(text, ']')
		if end < 2 || end > 24 {
			return 0
		}
		inner := strings.TrimLeft(text[1:end], " ")
		seconds, fraction, dot := strings.Cut(inner, ".")
		if dot && digits(seconds) && digits(fraction) {
			return end + 1
		}
		if inner != "" && (inner[0] == 'T' || inner[0] == 'C') && digits(inner[1:]) {
			return end + 1
		}
	case c == '2':
		return clockLength(text)
	}
	return 0
}

// clockLength is the length of a wall clock as RFC 3339 and a blank.
func clockLength(text string) int {
	const shape = "2000-00-00T00:00:00"
	if len(text) <= len(shape) {
		return 0
	}
	for i := range len(shape) {
		digit := shape[i] >= '0' && shape[i] <= '9'
		if digit != digits(text[i:i+1]) || !digit && shape[i] != text[i] {
			return 0
		}
	}
	if end := strings.IndexByte(text, ' '); end > 0 && end <= len(shape)+16 {
		return end
	}
	return 0
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
