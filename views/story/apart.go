package story

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

// apart draws a component that stands more than once on a page: its ids, what
// refers to them, and the names of its landmarks get a mark of their own. All
// else is as the component writes it.
func apart(c templ.Component, mark string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		var drawn bytes.Buffer
		if err := c.Render(ctx, &drawn); err != nil {
			return fmt.Errorf("draw the example %s: %w", mark, err)
		}
		return setApart(w, &drawn, mark)
	})
}

// setApart copies markup and changes the tags that need it.
func setApart(w io.Writer, markup io.Reader, mark string) error {
	for z := html.NewTokenizer(markup); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			if errors.Is(z.Err(), io.EOF) {
				return nil
			}
			return fmt.Errorf("read the example %s: %w", mark, z.Err())
		}
		out := string(z.Raw()) // before Token, which overwrites it
		if kind == html.StartTagToken || kind == html.SelfClosingTagToken {
			if tag := z.Token(); rename(&tag, mark) {
				out = tag.String()
			}
		}
		if _, err := io.WriteString(w, out); err != nil {
			return fmt.Errorf("write the example %s: %w", mark, err)
		}
	}
}

// rename puts the mark on a tag, and tells whether it had to.
func rename(tag *html.Token, mark string) bool {
	changed := false
	for i := range tag.Attr {
		a := &tag.Attr[i]
		switch {
		case a.Key == "id", a.Key == "for", a.Key == "list", a.Key == "href" && strings.HasPrefix(a.Val, "#"):
			a.Val += "-" + mark
		case a.Key == "name" && tag.Data == "input" && isRadio(tag):
			a.Val += "-" + mark // one choice for each example
		case a.Key == "aria-describedby", a.Key == "aria-labelledby":
			names := strings.Fields(a.Val)
			for n := range names {
				names[n] += "-" + mark
			}
			a.Val = strings.Join(names, " ")
		case a.Key == "aria-label" && isLandmark(tag):
			a.Val += " (" + mark + ")"
		default:
			continue
		}
		changed = true
	}
	return changed
}

func isRadio(tag *html.Token) bool { return attribute(tag, "type") == "radio" }

// isLandmark tells whether readers of a page can jump to this element by name.
func isLandmark(tag *html.Token) bool {
	switch attribute(tag, "role") {
	case "region", "search":
		return true
	}
	return tag.Data == "nav" || tag.Data == "section"
}

func attribute(tag *html.Token, key string) string {
	for _, a := range tag.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
