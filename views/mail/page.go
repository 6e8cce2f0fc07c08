package mail

import (
	"strings"
)

// columns is the width of a mail that stays readable when it is quoted.
const columns = 72

// page collects the lines of a body. Its methods take text from anywhere and
// write printable ASCII of at most 72 columns, except for URLs.
type page struct {
	b     strings.Builder
	empty bool // the last line was
}

// signature is the one line that ends with a space: mail readers cut there.
const signature = "-- "

// line writes one line. Two blank ones in a row become one, whoever wrote them:
// a log may end with some, and a section begins with one.
func (p *page) line(text string) {
	if text != signature {
		text = strings.TrimRight(text, " ")
	}
	if text == "" && p.empty {
		return
	}
	p.empty = text == ""
	p.b.WriteString(text)
	p.b.WriteByte('\n')
}

func (p *page) blank() { p.line("") }

// heading starts a section.
func (p *page) heading(text string) {
	p.blank()
	p.line(text)
	p.line(strings.Repeat("=", len(text)))
	p.blank()
}

// prose writes text folded at spaces: first stands before the first line, as
// many spaces before the others.
func (p *page) prose(first, text string) {
	for _, line := range fold(first, strings.Repeat(" ", len(first)), words(text)) {
		p.line(line)
	}
}

// url writes an address, on the line of its label whatever its length.
func (p *page) url(label, url string) {
	if url != "" {
		p.line(label + address(url))
	}
}

// log writes one line of a log, cut at the margin.
func (p *page) log(text string) {
	p.line(cut(logIndent + ascii(expand(terminalCodes.ReplaceAllString(text, "")))))
}

const logIndent = "     "

// cut ends a line that is too long with a mark.
func cut(line string) string {
	if len(line) <= columns {
		return line
	}
	return line[:columns-1] + ">"
}

// expand puts spaces for tabs, as a terminal does, and drops the carriage
// return that consoles leave at the end.
func expand(text string) string {
	text = strings.TrimRight(text, "\r\n")
	if !strings.Contains(text, "\t") {
		return text
	}
	var b strings.Builder
	column := 0
	for _, r := range text {
		if r == '\t' {
			n := 8 - column%8
			b.WriteString(strings.Repeat(" ", n))
			column += n
			continue
		}
		b.WriteRune(r)
		column++
	}
	return b.String()
}

// fold breaks one line of ASCII words. A URL is never broken, since nobody
// could follow it; any other word that is longer than a line is.
func fold(first, rest, text string) []string {
	var lines []string
	line, empty := first, true
	flush := func() {
		lines = append(lines, line)
		line, empty = rest, true
	}
	for word := range strings.FieldsSeq(text) {
		if !empty && len(line)+1+len(word) > columns {
			flush()
		}
		if !empty {
			line += " "
		}
		for !isURL(word) && len(line)+len(word) > columns {
			n := breakAt(word, columns-len(line))
			line += word[:n]
			word = word[n:]
			flush()
		}
		line += word
		empty = false
	}
	if !empty || len(lines) == 0 {
		flush()
	}
	return lines
}

// breakAt is where a long word breaks within room: after a slash, as the names
// of tests and files have them, unless that wastes half a line.
func breakAt(word string, room int) int {
	if n := strings.LastIndexByte(word[:room], '/') + 1; n > room/2 {
		return n
	}
	return room
}

func isURL(word string) bool {
	return len(word) <= maxURL && (strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "git://"))
}
