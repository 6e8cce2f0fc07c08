package page

import (
	"drover/rules/definition"
	"drover/views/route"
	"drover/views/ui"
)

// Definitions is the page where trees, sets and tests are taken out as YAML and
// put in.
type Definitions struct {
	ui.Frame
	Data     DefinitionCounts
	Text     string // that was sent
	Errors   ui.Errors
	Plan     *definition.Plan // nil before there is a text, and where it has mistakes
	Why      string           // why nothing can be applied, "" if it can
	SignedIn bool
	Site     string // where this server is, for commands
}

// DefinitionCounts is how much there is to take out.
type DefinitionCounts struct {
	Trees int `json:"trees"`
	Sets  int `json:"sets"`
	Tests int `json:"tests"`
}

func (c DefinitionCounts) words() string {
	return counted(c.Trees, "tree", "trees") + ", " + counted(c.Sets, "set", "sets") + " and " + counted(c.Tests, "test", "tests")
}

// Bounds of what one page shows of a plan.
const (
	changesShown = 200
	absentShown  = 100
)

func planSum(p definition.Plan) string {
	if len(p.Changes) == 0 {
		return "Nothing would change: " + counted(len(p.Unchanged), "definition is", "definitions are") + " as the file says."
	}
	return counted(p.Count(true), "would be added", "would be added") + ", " + counted(p.Count(false), "changed", "changed") + ", " +
		counted(len(p.Unchanged), "unchanged", "unchanged") + "."
}

// pageOf is the page of what a file defines, "" where there is none yet.
func pageOf(c definition.Change) route.URL {
	switch {
	case c.New:
		return ""
	case c.Kind == definition.KindTree:
		return route.TreeSettings(c.Name)
	case c.Kind == definition.KindTest:
		return route.Test(c.Name)
	}
	return ""
}

func planApply() route.URL { return route.Action(route.Definitions(), "apply") }

func planMake() route.URL { return route.Action(route.Definitions(), "plan") }
