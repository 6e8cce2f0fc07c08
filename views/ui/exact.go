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
func logText(lines block) templ.Component {
	return exact(func(b *strings.Builder) {
		b.WriteString(`<pre class="tx">`)
		for i, l := range lines.lines {
			// A browser drops a newline right after <pre>.
			if i == 0 && len(l.spans) == 0 {
				b.WriteByte('\n')
			}
			if l.mark != "" && len(l.spans) == 0 {
				// An empty line has no height to be marked.
				l.spans = []span{{text: " "}}
			}
			if l.mark != "" {
				b.WriteString(`<mark id="L` + strconv.Itoa(l.number) + `" data-m="` + l.mark + `">`)
			}
			for _, s := range l.spans {
				writeSpan(b, s)
			}
			if l.mark != "" {
				b.WriteString("</mark>")
			}
			b.WriteByte('\n')
		}
		b.WriteString("</pre>")
	})
}

// writeSpan writes a piece of a log line; its class comes from colour alone.
func writeSpan(b *strings.Builder, s span) {
	if s.class == "" {
		b.WriteString(templ.EscapeString(s.text))
		return
	}
	b.WriteString(`<span class="` + s.class + `">` + templ.EscapeString(s.text) + "</span>")
}

func exact(write func(*strings.Builder)) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		write(&b)
		_, err := io.WriteString(w, b.String())
		return err
	})
}
