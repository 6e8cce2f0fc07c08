// Package viewstest checks rendered pages for what must hold for all of them.
// Only tests import it.
package viewstest

import (
	"cmp"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"drover/views/route"
)

// Check reads a rendered page and fails for what no page may have: markup that
// the content security policy forbids, ids and landmarks that are not unique,
// headings out of order, controls without labels, links to nowhere.
func Check(t *testing.T, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := checker{t: t, ids: map[string]bool{}, regions: map[string]bool{}}
	c.walk(root)
	c.finish()
}

// checker collects what one page has.
type checker struct {
	t          *testing.T
	ids        map[string]bool
	regions    map[string]bool // labels of landmarks
	needIDs    []string        // referred to by for, aria-describedby, list, #…
	h1, level  int
	controls   []*html.Node
	insideForm string // method of the form around
}

func (c *checker) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		c.element(n)
	}
	method := c.insideForm
	if n.Type == html.ElementNode && n.Data == "form" {
		c.insideForm = attribute(n, "method")
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.walk(child)
	}
	c.insideForm = method
}

var heading = regexp.MustCompile(`^h[1-6]$`)

func (c *checker) element(n *html.Node) {
	for _, a := range n.Attr {
		c.attribute(n, a)
	}
	switch {
	case heading.MatchString(n.Data):
		level := int(n.Data[1] - '0')
		if level == 1 {
			c.h1++
		}
		if level > c.level+1 {
			c.t.Errorf("h%d %q follows h%d", level, textOf(n), c.level)
		}
		c.level = level
		if strings.TrimSpace(textOf(n)) == "" {
			c.t.Errorf("empty %s", n.Data)
		}
	case n.Data == "script":
		if n.FirstChild != nil || !strings.HasPrefix(attribute(n, "src"), "/static/") {
			c.t.Errorf("inline or foreign script %q", attribute(n, "src"))
		}
	case n.Data == "style", n.Data == "iframe", n.Data == "object", n.Data == "img":
		c.t.Errorf("element %s", n.Data)
	case n.Data == "input" && attribute(n, "type") != "hidden", n.Data == "select", n.Data == "textarea":
		c.controls = append(c.controls, n)
	case n.Data == "a" && strings.TrimSpace(textOf(n)) == "" && attribute(n, "aria-label") == "" && !hasPicture(n):
		c.t.Errorf("link to %q without text", attribute(n, "href"))
	case n.Data == "button" && strings.TrimSpace(textOf(n)) == "" && attribute(n, "aria-label") == "":
		c.t.Error("button without text")
	case n.Data == "svg" && attribute(n, "aria-hidden") == "" && attribute(n, "aria-label") == "":
		c.t.Error("picture without a label")
	}
}

func (c *checker) attribute(n *html.Node, a html.Attribute) {
	switch {
	case a.Key == "style", strings.HasPrefix(a.Key, "on"):
		c.t.Errorf("%s has the attribute %s=%q", n.Data, a.Key, a.Val)
	case a.Key == "id":
		if c.ids[a.Val] || a.Val == "" {
			c.t.Errorf("id %q is not unique", a.Val)
		}
		c.ids[a.Val] = true
	case a.Key == "for", a.Key == "list" && n.Data == "input":
		c.needIDs = append(c.needIDs, a.Val)
	case a.Key == "aria-describedby", a.Key == "aria-labelledby":
		c.needIDs = append(c.needIDs, strings.Fields(a.Val)...)
	case a.Key == "href", a.Key == "src", a.Key == "action":
		c.url(n, a)
	case a.Key == "aria-label" && (n.Data == "section" || n.Data == "nav" || attribute(n, "role") == "region" || attribute(n, "role") == "search"):
		role := map[string]string{"section": "region", "nav": "navigation"}[n.Data]
		key := cmp.Or(attribute(n, "role"), role) + " " + a.Val
		if c.regions[key] {
			c.t.Errorf("two landmarks %s are called %q", n.Data, a.Val)
		}
		c.regions[key] = true
	}
}

// url checks that a link leads to something this site has.
func (c *checker) url(n *html.Node, a html.Attribute) {
	if strings.HasPrefix(a.Val, "#") {
		c.needIDs = append(c.needIDs, a.Val[1:])
		return
	}
	if strings.HasPrefix(a.Val, "mailto:") {
		return
	}
	method := "GET"
	if a.Key == "action" {
		method = strings.ToUpper(attribute(n, "method"))
	}
	if _, ok := route.Find(method, route.URL(a.Val)); !ok {
		c.t.Errorf("%s of %s leads to %s %q, which is no address of this site", a.Key, n.Data, method, a.Val)
	}
}

func (c *checker) finish() {
	if c.h1 != 1 {
		c.t.Errorf("%d h1", c.h1)
	}
	for _, id := range c.needIDs {
		if !c.ids[id] {
			c.t.Errorf("nothing has the id %q", id)
		}
	}
	for _, n := range c.controls {
		if attribute(n, "aria-label") == "" && !wrapped(n) && !c.hasLabel(attribute(n, "id")) {
			c.t.Errorf("%s %q has no label", n.Data, attribute(n, "name"))
		}
		if attribute(n, "name") == "" {
			c.t.Errorf("%s %q has no name", n.Data, attribute(n, "id"))
		}
	}
}

func (c *checker) hasLabel(id string) bool {
	for _, need := range c.needIDs {
		if need == id && id != "" {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		b.WriteString(textOf(child))
	}
	return b.String()
}

func hasPicture(n *html.Node) bool {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Data == "svg" && attribute(child, "aria-label") != "" || hasPicture(child) {
			return true
		}
	}
	return false
}

func wrapped(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "label" {
			return true
		}
	}
	return false
}
