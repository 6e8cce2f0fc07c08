// Package grid says what a table of tests by checkouts has to say: which of
// several results speaks for a cell, how often a test changes its mind, how
// long it has been failing, and which row wants to be looked at first.
//
// It is pure: models reads the results, server asks this package, pages show
// what it says.
package grid

import (
	"cmp"
	"slices"
	"strings"

	"drover/rules/id"
	"drover/rules/status"
)

// Mark is what a result can look like in a cell.
type Mark struct {
	Status status.Status
	Shown  status.Shown
}

// Marks are all of them, the worst first: of several results in one cell, as
// of the rows of a group, the one that stands first here speaks for all. A mark
// without a Shown stands for what no other line of its status fits.
var Marks = []Mark{
	{status.Fail, status.New},
	{status.Fail, status.StillFailing},
	{status.Fail, status.FirstRun},
	{status.Fail, ""},
	{status.Error, ""},
	{status.Miss, ""},
	{status.Cancelled, ""},
	{status.Fail, status.KnownIssue},
	{status.Error, status.KnownIssue},
	{status.Pass, status.Flaky},
	{status.Running, ""},
	{status.Queued, ""},
	{status.Planned, ""},
	{status.Pass, status.Fixed},
	{status.Pass, ""},
	{status.Done, ""},
	{status.Skip, ""},
}

// Cell is the results of one row in one checkout. Without results it is empty.
type Cell struct {
	Rank    int   // place of its mark in Marks, from 1; 0 without results
	Result  id.ID // the one that speaks for it
	Results int
	Passed  int
	Failed  int
}

// Mark is what the cell looks like.
func (c Cell) Mark() Mark {
	if c.Rank < 1 || c.Rank > len(Marks) {
		return Mark{}
	}
	return Marks[c.Rank-1]
}

// Empty tells whether nothing ran there.
func (c Cell) Empty() bool { return c.Rank == 0 }

// Add puts two cells of one checkout together.
func (c Cell) Add(other Cell) Cell {
	sum := Cell{Rank: c.Rank, Result: c.Result, Results: c.Results + other.Results, Passed: c.Passed + other.Passed, Failed: c.Failed + other.Failed}
	if c.Rank == 0 || other.Rank != 0 && other.Rank < c.Rank {
		sum.Rank, sum.Result = other.Rank, other.Result
	}
	return sum
}

// Figures are the numbers of a row.
type Figures struct {
	Passed, Failed int  // results, not cells
	Flips          int  // how often it changed between passing and failing
	InARow         int  // how many of the newest checkouts it failed in, one after the other
	New            bool // its newest failure is a new one, and it is failing
	Bad            int  // checkouts in which it failed
	Infra          int  // checkouts in which nothing can be said: it could not run, or gave no result
	Flaky          int  // checkouts in which it passed only on another try
}

// FiguresOf counts cells, oldest first. What did not pass or fail says nothing
// about the test, so it neither ends a row of failures nor makes a flip.
func FiguresOf(cells []Cell) Figures {
	var f Figures
	before := status.Status("")
	for _, c := range cells {
		if c.Empty() {
			continue
		}
		f.Passed += c.Passed
		f.Failed += c.Failed
		mark := c.Mark()
		switch mark.Status {
		case status.Error, status.Miss, status.Cancelled:
			f.Infra++
			continue
		case status.Pass:
			f.InARow, f.New = 0, false
			if mark.Shown == status.Flaky {
				f.Flaky++
			}
		case status.Fail:
			f.Bad++
			f.InARow++
			f.New = mark.Shown == status.New
		default:
			continue
		}
		if before != "" && before != mark.Status {
			f.Flips++
		}
		before = mark.Status
	}
	return f
}

// Failing tells whether a row belongs among those with failures. A machine that
// broke is no failure.
func (f Figures) Failing() bool { return f.Bad > 0 }

// ChangesItsMind tells whether a row looks flaky: it failed, passed and failed
// again, or passed on another try.
func (f Figures) ChangesItsMind() bool { return f.Flaky > 0 || f.Flips > 1 }

// Row is a test, or one of its places, over the checkouts.
type Row struct {
	Number  int64 // of the test, for whoever fills the rows
	Path    string
	Place   string // arch, config and compiler; "" for all together
	Owner   string
	Cells   []Cell
	Figures Figures
}

// Group is the first parts of a path, under which rows stand together: two of
// them, or all but the last of a short path; "" for a path of one part.
func Group(path string) string {
	parts := strings.Split(path, "/")
	return strings.Join(parts[:min(2, len(parts)-1)], "/")
}

// Order is a way to sort rows.
type Order string

// The orders.
const (
	ByAttention Order = "attention" // new, failing long, changing often
	ByName      Order = "name"
	ByFlips     Order = "flips"
)

// Sort orders rows; rows of one group stay together, and a group stands where
// its first row does. Backwards turns the order round.
func Sort(rows []Row, order Order, backwards bool) {
	compare := func(a, b Row) int {
		first := 0
		switch order {
		case ByAttention:
			first = attention(a.Figures, b.Figures)
		case ByFlips:
			first = cmp.Compare(b.Figures.Flips, a.Figures.Flips)
		}
		if first == 0 {
			first = cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Place, b.Place))
		}
		if backwards {
			return -first
		}
		return first
	}
	slices.SortFunc(rows, compare)
	place := map[string]int{}
	for i, r := range rows {
		if _, seen := place[Group(r.Path)]; !seen {
			place[Group(r.Path)] = i
		}
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(place[Group(a.Path)], place[Group(b.Path)]) })
}

// attention puts the row first that wants to be looked at first.
func attention(a, b Figures) int {
	news := 0
	switch {
	case a.New && !b.New:
		news = -1
	case b.New && !a.New:
		news = 1
	}
	return cmp.Or(news, cmp.Compare(b.InARow, a.InARow), cmp.Compare(b.Flips, a.Flips), cmp.Compare(b.Bad, a.Bad), cmp.Compare(b.Flaky, a.Flaky), cmp.Compare(b.Infra, a.Infra))
}

// Together sums rows up: in each checkout the worst cell speaks for all.
func Together(rows []Row) []Cell {
	var sum []Cell
	for _, r := range rows {
		if sum == nil {
			sum = make([]Cell, len(r.Cells))
		}
		for i, c := range r.Cells {
			sum[i] = sum[i].Add(c)
		}
	}
	return sum
}
