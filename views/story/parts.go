package story

import (
	"context"
	"fmt"
	"io"

	"github.com/a-h/templ"

	"drover/views/ui"
)

// with gives a component its children, as a template does with braces.
func with(c templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

// text is plain text as a component.
func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, templ.EscapeString(s))
		return err
	})
}

// states counts the examples of a component.
func states(c Component) string {
	if n := len(c.Examples) + len(c.Pages); n != 1 {
		return fmt.Sprint(n, " states")
	}
	return "1 state"
}

// tabs lead to the other pages of the storybook.
func (p Page) tabs() []ui.Tab {
	var tabs []ui.Tab
	for _, g := range p.Groups {
		tabs = append(tabs, ui.Tab{Text: g.Title, URL: here(g.Name), Active: g.Name == p.Group.Name})
	}
	return tabs
}

// call is the code that makes an example.
func call(c Component, state string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		texts, err := calls()
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, `<code class="call">`+templ.EscapeString(texts[[2]string{c.Name, state}])+"</code>")
		return err
	})
}
