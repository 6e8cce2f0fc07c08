package mail

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters are those that do not come apart into an ASCII letter and a mark.
var letters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'Æ': "AE", 'ø': "o", 'Ø': "O", 'œ': "oe", 'Œ': "OE", 'ł': "l", 'Ł': "L",
	'đ': "d", 'Đ': "D", 'ð': "d", 'Ð': "D", 'þ': "th", 'Þ': "Th", 'ı': "i", 'ħ': "h", 'Ħ': "H",
	'‘': "'", '’': "'", '‚': "'", '“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`,
	'–': "-", '—': "-", '‐': "-", '‑': "-", '−': "-", '×': "x", '·': "-", '•': "*", '⁄': "/",
	'→': "->", '←': "<-", '✓': "ok", '✔': "ok", '✗': "x", '✘': "x",
}

// terminalCodes are ANSI colours and cursor moves, which no reader wants to see.
var terminalCodes = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(\x07|\x1b\\\\)")

// ascii writes text in printable ASCII: letters lose their marks, what has no
// likeness becomes an escape as in C (\u4e2d, \x1b). Compilers quote with
// typographic marks, and names of people and files know no bounds.
func ascii(text string) string {
	if printable(text) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, `\x%02x`, text[i])
		} else {
			b.WriteString(asciiRune(r))
		}
		i += size
	}
	return b.String()
}

func asciiRune(r rune) string {
	if r >= ' ' && r < 0x7f {
		return string(r)
	}
	if s, ok := letters[r]; ok {
		return s
	}
	if r < 0x20 || r == 0x7f {
		return fmt.Sprintf(`\x%02x`, r)
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		s, known := letters[part]
		switch {
		case part >= ' ' && part < 0x7f:
			b.WriteRune(part)
		case known:
			b.WriteString(s)
		case unicode.Is(unicode.Mn, part):
		default:
			return escaped(r)
		}
	}
	if b.Len() == 0 && !unicode.Is(unicode.Mn, r) {
		return escaped(r)
	}
	return b.String()
}

func escaped(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

func printable(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] >= 0x7f {
			return false
		}
	}
	return true
}

// oneLine turns every run of white space and control characters into one
// space, so that foreign text can start neither a header nor a line.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}

// maxWords is how much prose from outside one place of a mail takes, in bytes.
const maxWords = 1000

// words is prose from outside in one ASCII line.
func words(text string) string { return shorten(ascii(oneLine(text)), maxWords) }

// maxURL keeps a line of a URL, its label and CRLF within SMTP's 998 bytes.
const maxURL = 900

// address makes a URL safe to print: one word, ASCII, not too long.
func address(url string) string {
	var b strings.Builder
	for i := range len(url) {
		if c := url[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	if b.Len() > maxURL {
		return "(an address of " + fmt.Sprint(b.Len()) + " characters)"
	}
	return b.String()
}
