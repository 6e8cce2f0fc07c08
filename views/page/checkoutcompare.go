package page

import (
	"fmt"

	"drover/rules/compare"
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// CheckoutCompare sets two checkouts side by side: A is what one compares
// with, B is the checkout whose page this is.
type CheckoutCompare struct {
	CheckoutFrame
	Data CompareData
	ListParts
	Columns CompareColumns
	// Choices are the checkouts that the two pickers offer.
	Choices []ui.Option
	// Keep are the filters that the pickers carry on: name, value, …
	Keep []string
	// Shortcuts lead to other checkouts to compare with.
	Shortcuts []ui.Link
	Matrix    []CompareRow
	// Nothing says why there are no rows, with the way on.
	Nothing ui.Empty
	// Unmatched are the filters that left nothing over, if they did.
	Unmatched ui.Filters
	// Cut: a side has more results than are compared.
	Cut bool
}

// CompareColumns are the heads that sort.
type CompareColumns struct{ Change, Test ui.Column }

// CompareData is /checkouts/{id}/-/compare.json.
type CompareData struct {
	A      *CompareSide  `json:"a"` // nil: there is nothing to compare with
	B      CompareSide   `json:"b"`
	Counts CompareCounts `json:"counts"`
	Rows   []Difference  `json:"changes"`
	// Commits that only one side has, newest first.
	OnlyB CommitRange `json:"commits_only_in_b"`
	OnlyA CommitRange `json:"commits_only_in_a"`
}

// CompareSide is one of the two checkouts.
type CompareSide struct {
	ui.Revision
	Verdict     status.Verdict `json:"verdict"`
	VerdictText string         `json:"verdict_text"`
	Pushed      Time           `json:"pushed"`
	Builds      int            `json:"builds"`
	Tests       int            `json:"tests"`
}

// CommitRange is at most 50 commits of Total.
type CommitRange struct {
	Total int         `json:"total"`
	Rows  []CommitRow `json:"rows"`
}

// CompareCounts is how many builds and tests have each change, after the
// filters that say which ones are compared, before those that say how they ended.
type CompareCounts struct {
	Builds ChangeCounts `json:"builds"`
	Tests  ChangeCounts `json:"tests"`
}

// ChangeCounts is how many pairs have each change; they add up to Total.
type ChangeCounts struct {
	New           int `json:"new"`
	Fixed         int `json:"fixed"`
	StillFailing  int `json:"still_failing"`
	Appeared      int `json:"appeared"`
	Gone          int `json:"gone"`
	StatusChanged int `json:"status_changed"`
	Unfinished    int `json:"unfinished"`
	Same          int `json:"same"`
	Total         int `json:"total"`
}

// CompareRow is a row of the matrix.
type CompareRow struct {
	Kind  string // "Builds", "Tests"
	Cells []CompareCell
}

// CompareCell is a number of the matrix and the list it counts.
type CompareCell struct {
	Head   string
	Family status.Family
	Count  int
	URL    route.URL
	Active bool // the table shows just this
}

// Difference is one build or test on both sides.
type Difference struct {
	Kind     string         `json:"kind"` // "build", "test"
	Test     string         `json:"test"` // "" for a build
	Arch     string         `json:"arch"`
	Config   string         `json:"config"`
	Compiler string         `json:"compiler"`
	A        *DifferentSide `json:"a"` // nil: A does not have it
	B        *DifferentSide `json:"b"`
	Change   compare.Change `json:"change"`
	// FirstError is that of B, with its place in the log.
	FirstError string `json:"first_error"`
	Log        string `json:"log"`
	Line       int    `json:"line"`
}

// DifferentSide is how it ended on one side.
type DifferentSide struct {
	ID id.ID `json:"id"`
	ui.Mark
}

// mark is how it ended, without what its own history said: the change beside it
// speaks of these two sides alone.
func (s DifferentSide) mark() ui.Mark {
	switch s.Shown {
	case status.Flaky, status.KnownIssue, status.Trial:
		return s.Mark
	}
	return ui.Mark{Status: s.Status}
}

// url is the page of one side of a difference.
func (d Difference) url(of id.ID) route.URL {
	if d.Kind == "build" {
		return route.Build(of)
	}
	return route.Result(of)
}

// log is the log of B at its first error.
func (d Difference) logURL() route.URL {
	lines := route.Lines{First: d.Line}
	if d.Kind == "build" {
		return route.BuildLog(d.B.ID, d.Log, lines)
	}
	return route.ResultLog(d.B.ID, d.Log, lines)
}

// heads are the columns, with those that sort.
func (c CompareColumns) heads() []ui.Column {
	list := columns("Test or build", "Where", "A", "B", "Change", "First error in B")
	list[0].Sort, list[0].Sorted = c.Test.Sort, c.Test.Sorted
	list[4].Sort, list[4].Sorted = c.Change.Sort, c.Change.Sorted
	return list
}

// tests names the size of a side: "8 builds, 832 tests".
func (s CompareSide) size() string {
	return fmt.Sprintf("%s, %s", counted(s.Builds, "build", "builds"), counted(s.Tests, "test", "tests"))
}
