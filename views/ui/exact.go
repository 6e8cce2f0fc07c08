package ui

import (
	"context"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Some texts must reach the page without the spaces that a template puts
// between its parts; they are written here, escaped by templ's own function.

// Long is a name that may break after / _ - and such, but is never cut.
func Long(name string) templ.Component {
	return exact(func(b *strings.Builder) {
		for i, p := range pieces(name) {
			if i > 0 {
				b.WriteString("<wbr>")
			}
			b.WriteString(templ.EscapeString(p))
		}
	})
}

// logText is the text half of a block of log lines.
func logText(b block) templ.Component {
	return exact(func(out *strings.Builder) {
		out.WriteString(`<pre class="tx">`)
		for i, l := range b.Lines {
			// A browser drops a newline right after <pre>.
			if i == 0 && len(l.Text) == 0 && !b.Wrap {
				out.WriteByte('\n')
			}
			b.writeLine(out, l, b.First+i)
		}
		out.WriteString("</pre>")
	})
}

// writeLine writes one line of a log; what is marked gets an id, so that #L812
// leads to it. An empty line has no height to be marked, so it gets a space.
func (b block) writeLine(out *strings.Builder, l Line, number int) {
	n, mark := strconv.Itoa(number), b.marks[number]
	if b.Wrap {
		out.WriteString(`<span class="l" data-n="` + n + `"`)
		if b.Clock {
			out.WriteString(` data-t="` + templ.EscapeString(l.Clock) + `"`)
		}
		out.WriteByte('>')
	}
	if mark != "" {
		out.WriteString(`<mark id="L` + n + `" data-n="` + n + `" data-m="` + mark + `">`)
		if len(l.Text) == 0 {
			out.WriteByte(' ')
		}
	}
	for _, s := range l.Text {
		writeSpan(out, s)
	}
	if l.Cut {
		out.WriteString(` … <a href="` + templ.EscapeString(string(b.whole(number))) + `">whole line</a>`)
	}
	if mark != "" {
		out.WriteString("</mark>")
	}
	if b.Wrap {
		out.WriteString("</span>")
	} else {
		out.WriteByte('\n')
	}
}

// writeSpan writes a piece of a log line.
func writeSpan(b *strings.Builder, s Span) {
	if s.Class == "" {
		b.WriteString(templ.EscapeString(s.Text))
		return
	}
	b.WriteString(`<span class="` + templ.EscapeString(s.Class) + `">` + templ.EscapeString(s.Text) + "</span>")
}

func exact(write func(*strings.Builder)) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		write(&b)
		_, err := io.WriteString(w, b.String())
		return err
	})
}
