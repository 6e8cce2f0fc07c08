package story

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"drover/views/route"
	"drover/views/ui"
	"drover/views/viewstest"
)

var (
	update      = flag.Bool("update", false, "write the golden files anew")
	pagesFolder = flag.String("pages", "", "write every rendered page into this folder")
)

var now = time.Date(2026, 11, 23, 10, 42, 7, 0, time.UTC)

func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func frame(title string, self route.URL) ui.Frame {
	return ui.Frame{Title: title, Self: self, AsOf: now, Version: "0.1.0", Environment: "development", Asset: route.Static}
}

// pages are all pages of the storybook by the names of their files.
func pages() map[string]templ.Component {
	groups := Groups(now)
	all := map[string]templ.Component{"index": Index{Frame: frame("Storybook", route.Story()), Groups: groups}.View()}
	for _, g := range groups {
		all[g.Name] = Page{Frame: frame(g.Title, route.StoryGroup(g.Name)), Groups: groups, Group: g}.View()
		for _, c := range g.Components {
			for _, w := range c.Pages {
				all[g.Name+"-"+w.Name] = WholePage{Frame: frame(w.State, route.StoryPage(g.Name, w.Name)), Whole: w}.View()
			}
		}
	}
	return all
}

// What holds for all pages holds for all components in all states.
func TestPages(t *testing.T) {
	for name, page := range pages() {
		t.Run(name, func(t *testing.T) {
			text := render(t, page)
			if *pagesFolder != "" {
				if err := os.WriteFile(filepath.Join(*pagesFolder, name+".html"), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			viewstest.Check(t, text)
			if strings.Contains(text, "<script>alert") || strings.Contains(text, "<img src=x") {
				t.Error("hostile text became markup")
			}
		})
	}
}

// TestGolden keeps the markup of every component in every state: a change of a
// component shows what it does to its markup.
func TestGolden(t *testing.T) {
	for _, g := range Groups(now) {
		var b strings.Builder
		for _, c := range g.Components {
			for _, e := range c.Examples {
				b.WriteString("<!-- ui." + c.Name + ": " + e.State + " -->\n" + strings.ReplaceAll(render(t, e.Shown), "><", ">\n<") + "\n")
			}
		}
		path := filepath.Join("testdata", g.Name+".html")
		if *update {
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// An example says what it is, and is found by that.
func TestNamesAreUnique(t *testing.T) {
	groups, components, wholes := map[string]bool{}, map[string]bool{}, map[string]bool{}
	take := func(taken map[string]bool, name string) {
		t.Helper()
		if name == "" || taken[name] {
			t.Errorf("the name %q is there twice, or empty", name)
		}
		taken[name] = true
	}
	for _, g := range Groups(now) {
		take(groups, g.Name)
		for _, c := range g.Components {
			take(components, c.Name)
			states := map[string]bool{}
			for _, e := range c.Examples {
				take(states, e.State)
			}
			for _, w := range c.Pages {
				take(states, w.State)
				take(wholes, w.Name)
				if found, ok := g.Whole(w.Name); !ok || found.State != w.State {
					t.Errorf("the page %s is not found", w.Name)
				}
			}
		}
	}
	if _, ok := GroupNamed(Groups(now), "nothing"); ok {
		t.Error("a group that is not there is found")
	}
}

func TestApart(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`<label for="a">A &amp; "b"</label><input id="a" name="a" list="l" aria-describedby="x y">`,
			`<label for="a-1">A &amp; "b"</label><input id="a-1" name="a" list="l-1" aria-describedby="x-1 y-1">`},
		{`<a href="#a">x</a><a href="/a#b">y</a>`, `<a href="#a-1">x</a><a href="/a#b">y</a>`},
		{`<nav aria-label="Pages"></nav><section aria-label="Verdict"></section><div role="group" aria-label="Code">`,
			`<nav aria-label="Pages (1)"></nav><section aria-label="Verdict (1)"></section><div role="group" aria-label="Code">`},
		{`<input type="radio" name="r"><input type="checkbox" name="c">`, `<input type="radio" name="r-1"><input type="checkbox" name="c">`},
		{`<svg viewBox="0 0 1 1"><path d="M0 0"></path></svg> `, `<svg viewBox="0 0 1 1"><path d="M0 0"></path></svg> `},
	} {
		if got := render(t, apart(templ.Raw(c.in), "1")); got != c.want {
			t.Errorf("%s\nbecomes %s\nwant    %s", c.in, got, c.want)
		}
	}
}
