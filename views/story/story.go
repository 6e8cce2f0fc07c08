// Package story shows every component of package ui in every state, with
// awkward values: the storybook under /ui of a server in development, for
// whoever changes a component, and for the tests that walk over all of them.
//
// The values are made up and shaped like real ones; tests of pages use them
// too. It reads nothing and decides nothing. Package server serves it, in
// development alone.
package story

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"drover/views/ui"
)

// Group is the components of one page of the storybook.
type Group struct {
	Name       string // in its address
	Title      string
	Summary    string // one sentence
	Components []Component
}

// Component is one templ function of package ui.
type Component struct {
	Name string // of the function
	For  string // what it is for, one sentence
	// Wide says that light and dark do not fit side by side.
	Wide bool
	// OwnColours says that it looks the same everywhere, and is shown once.
	OwnColours bool
	Examples   []Example
	// Pages are examples that are whole pages: what is around a page, and its h1.
	Pages []Whole
}

// Example is a component in one state.
type Example struct {
	State string
	Shown templ.Component
}

// Whole is a page of its own as an example.
type Whole struct {
	Name  string // in its address
	State string
	Draw  func(ui.Frame) templ.Component
}

// Groups are all pages in the order of the index. Times in the examples count
// from now.
func Groups(now time.Time) []Group {
	s := Samples{Now: now}
	return []Group{
		{"badges", "Badges and signs", "A glyph and a word for every status, verdict and state.", s.badges()},
		{"verdicts", "Verdicts", "The judgement of a checkout and the numbers it rests on.", s.verdicts()},
		{"failures", "Failures", "A failure with its evidence, and how to see it elsewhere.", s.failures()},
		{"pictures", "Pictures", "Strips, lines and bars; each says in its label what it shows.", s.pictures()},
		{"values", "Values", "Times, lengths of time, commits, names and what is copied.", s.values()},
		{"facts", "Facts", "What is known about one thing, and what happened to it.", s.facts()},
		{"lists", "Lists", "Tables with their filters and pages, and what stands there when they are empty.", s.lists()},
		{"forms", "Forms", "Fields, choices, buttons and what was wrong with them.", s.forms()},
		{"logs", "Logs", "Lines of a log with hits, colours, folds and gaps.", s.logs()},
		{"frame", "The frame of a page", "What is around a page: head, navigation, notices, tabs, sections, foot.", s.frame()},
	}
}

// GroupNamed finds a group.
func GroupNamed(groups []Group, name string) (Group, bool) {
	i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == name })
	if i < 0 {
		return Group{}, false
	}
	return groups[i], true
}

// Whole finds a page of its own.
func (g Group) Whole(name string) (Whole, bool) {
	for _, c := range g.Components {
		if i := slices.IndexFunc(c.Pages, func(w Whole) bool { return w.Name == name }); i >= 0 {
			return c.Pages[i], true
		}
	}
	return Whole{}, false
}

// Index is the page that lists all components.
type Index struct {
	ui.Frame
	Groups []Group
}

// Page is the components of one group.
type Page struct {
	ui.Frame
	Groups []Group
	Group  Group
}

// WholePage is one page as an example.
type WholePage struct {
	ui.Frame
	Whole Whole
}

// View draws it.
func (p WholePage) View() templ.Component { return p.Whole.Draw(p.Frame) }

// themes are the surroundings in which its examples are shown.
func (c Component) themes() []string {
	if c.OwnColours {
		return []string{"light"}
	}
	return []string{"light", "dark"}
}
