package page

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"drover/rules/id"
	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
	"drover/views/ui"
)

// Grid is the tests of a tree by the checkouts of one of its branches.
type Grid struct {
	ui.Frame
	Data GridData
	ListParts
	Branches []ui.Tab
	// Rows, Widths and Sizes choose which rows, how many columns and how big
	// the cells are.
	Rows, Widths, Sizes []ui.Tab
	Sorts               GridColumns
	// Strips draws a picture a row in place of a link a cell.
	Strips bool
	// Used says which columns have a result in the rows shown; others are left
	// out, unless AllGaps leads back to leaving them out.
	Used          []bool
	Gaps, AllGaps route.URL
	Groups        []GridGroup
	Notes         []string
	// Empty is what stands where no row is left.
	Empty ui.Empty
}

// GridColumns are the heads that sort.
type GridColumns struct{ Test, Flips, InARow ui.Column }

// GridData is /trees/{tree}/-/grid.json.
type GridData struct {
	Tree    string       `json:"tree"`
	Branch  string       `json:"branch"`
	Columns []GridColumn `json:"columns"` // oldest first
	Rows    []GridRow    `json:"rows"`
	// Tests counts all tests that match the filters, Failing those of them that
	// did not simply pass.
	Tests   int `json:"tests"`
	Failing int `json:"failing"`
}

// GridColumn is a checkout.
type GridColumn struct {
	ui.Revision
	Verdict status.Verdict `json:"verdict"`
	Source  string         `json:"source"`
	Started Time           `json:"started"`
}

// GridRow is a test, or one of its places, with a cell for each column.
type GridRow struct {
	Test   string `json:"test"`
	Place  string `json:"place"` // arch, config and compiler; "" for all together
	Owner  string `json:"owner"`
	Passed int    `json:"passed"` // results in these checkouts
	Failed int    `json:"failed"`
	Flips  int    `json:"flips"`
	// InARow is how many of the newest checkouts it failed in.
	InARow int        `json:"in_a_row"`
	Cells  []GridCell `json:"cells"`
}

// GridGroup is rows whose tests share the first parts of their paths.
type GridGroup struct {
	Name   string // "" for tests without such parts
	Row    GridRow
	Folded bool
	Toggle route.URL
	Rows   []GridRow
	Total  int // rows of the group, on this page or another
}

// GridCell is what a row gave in one checkout: the worst of its results.
type GridCell struct {
	ui.Mark
	Result  id.ID // the one with that mark
	Results int
	Failed  int
}

// Empty tells whether there is no result.
func (c GridCell) Empty() bool { return c.Status == "" }

// MarshalJSON writes null where there is no result.
func (c GridCell) MarshalJSON() ([]byte, error) {
	if c.Empty() {
		return []byte("null"), nil
	}
	return json.Marshal(struct {
		ui.Mark
		Result  id.ID `json:"result"`
		Results int   `json:"results"`
		Failed  int   `json:"failed"`
	}{c.Mark, c.Result, c.Results, c.Failed})
}

// rate is the share of results that passed.
func (r GridRow) rate() string {
	if r.Passed+r.Failed == 0 {
		return ""
	}
	return chart.Rate(float64(r.Passed) / float64(r.Passed+r.Failed)).Percent()
}

// inARow is "3 in a row", "" for none.
func (r GridRow) inARow() string {
	if r.InARow == 0 {
		return ""
	}
	return ui.Count(r.InARow) + " in a row"
}

// name is the part of a row's name that its group does not say.
func (r GridRow) name(group string) string {
	name := strings.TrimPrefix(r.Test, group+"/")
	if r.Place != "" {
		name += " · " + r.Place
	}
	return name
}

// strip is the cells as they are drawn.
func (r GridRow) strip() []chart.Cell {
	cells := make([]chart.Cell, len(r.Cells))
	for i, c := range r.Cells {
		cells[i] = c.Mark.Cell()
	}
	return cells
}

// Tail is what tells a checkout from its neighbours: "rc3-412", or the
// beginning of its hash.
func (c GridColumn) Tail() string {
	name := c.Describe
	if at := strings.LastIndex(name, "-g"); at > 0 {
		name = name[:at]
	}
	if _, tail, found := strings.Cut(name, "-"); found {
		return tail
	}
	if name != "" {
		return name
	}
	return c.Commit[:min(8, len(c.Commit))]
}

// day is "Nov 23".
func (c GridColumn) day() string { return c.Started.UTC().Format("Jan 2") }

// when is the day, and how it came about unless it was a push.
func (c GridColumn) when() string {
	if c.Source == "git" {
		return c.day()
	}
	return joined(c.day(), c.Source)
}

// cellLink leads to what a cell says: to the result if there is one or one that
// stands out, else to the list of all in this place.
func (p Grid) cellLink(c GridCell, column int, r GridRow) route.URL {
	if c.Results == 1 || standsOut(c.Mark) {
		return route.Result(c.Result)
	}
	return p.cellList(column, r.Test)
}

// cellList is every result of a test in a checkout.
func (p Grid) cellList(column int, test string) route.URL {
	return route.CheckoutTests(p.Data.Columns[column].ID, "status", "all", "test", test)
}

// history is the results of a row's test on this branch.
func (p Grid) history(r GridRow) route.URL {
	from := ""
	if len(p.Data.Columns) > 0 {
		from = p.Data.Columns[0].Started.UTC().Format(time.DateOnly)
	}
	return route.TestHistory(r.Test, "tree", p.Data.Tree, "branch", p.Data.Branch, "from", from)
}

// standsOut tells whether a mark is more than a pass or nothing at all.
func standsOut(m ui.Mark) bool {
	return m.Status == status.Fail || m.Status == status.Error || m.Status == status.Miss || m.Status == status.Running || m.Shown == status.Flaky
}

// look is how a cell is drawn: by the class of its mark in a strip.
func look(m ui.Mark) string { return chart.Class(m.Cell()) }

// word is what a cell says: "New: 2 of 8 failed".
func (c GridCell) word() string {
	text := c.Mark.Text()
	switch {
	case c.Results > 1 && c.Failed > 0:
		return fmt.Sprintf("%s: %d of %d failed", text, c.Failed, c.Results)
	case c.Results > 1:
		return fmt.Sprintf("%s, %d results", text, c.Results)
	}
	return text
}

// letters are how marks are written in data-cells; a dot is no result.
var letters = map[string]string{"fail": "f", "known": "k", "error": "e", "miss": "m", "running": "r", "flaky": "y", "pass": "p", "skip": "s", "wait": "w"}

// letterWords says each letter in words, for the script.
const letterWords = "f:Fail,k:Known,e:Infra error,m:Missing,r:Running,y:Flaky,p:Pass,s:Skipped,w:Waiting,n:New"

// encoded writes the cells of a row for the script: runs of a letter, "12p",
// and results that stand out one by one, "f8k2m3a".
func (r GridRow) encoded() string {
	var b strings.Builder
	run, letter := 0, ""
	flush := func() {
		if run > 1 {
			b.WriteString(strconv.Itoa(run))
		}
		if run > 0 {
			b.WriteString(letter)
		}
		run = 0
	}
	for _, c := range r.Cells {
		now := "."
		if !c.Empty() {
			now = letters[look(c.Mark)]
		}
		if c.Shown == status.New {
			now = "n"
		}
		if !c.Empty() && standsOut(c.Mark) {
			flush()
			b.WriteString(now + "(" + c.Result.String() + ")")
			continue
		}
		if now != letter {
			flush()
		}
		letter = now
		run++
	}
	flush()
	return b.String()
}

// axis places the columns of strips.
func (p Grid) axis() chart.Axis { return chart.NewAxis(p.Used) }

// places is where the columns of strips begin, for the script.
func places(a chart.Axis) string {
	texts := make([]string, len(a.X))
	for i, x := range a.X {
		texts[i] = strconv.Itoa(x)
	}
	return strings.Join(texts, " ")
}

// names is every column for the script: "8f3k2m rc3-412 Nov 23".
func (p Grid) names() string {
	texts := make([]string, len(p.Data.Columns))
	for i, c := range p.Data.Columns {
		texts[i] = c.ID.String() + " " + c.Tail() + ", " + c.day()
	}
	return strings.Join(texts, "|")
}

// shape is which checkouts have a column.
func (p Grid) shape() string {
	var ids []string
	for i, c := range p.Data.Columns {
		if p.Used[i] {
			ids = append(ids, c.ID.String())
		}
	}
	return strings.Join(ids, " ")
}

// key names a row among those of a grid.
func (r GridRow) key() string { return strings.TrimSpace(r.Test + " " + r.Place) }

// gap tells whether a column begins columns that are left out, and how many.
func (p Grid) gap(column int) int {
	if p.Used[column] || column > 0 && !p.Used[column-1] {
		return 0
	}
	n := 0
	for n+column < len(p.Used) && !p.Used[column+n] {
		n++
	}
	return n
}

// leftOut counts the columns without a result.
func (p Grid) leftOut() int {
	n := 0
	for _, u := range p.Used {
		if !u {
			n++
		}
	}
	return n
}

// label is the grid in a sentence.
func (p Grid) label() string {
	return fmt.Sprintf("%s of %s and %s of %s %s", counted(len(p.Data.Rows), "row", "rows"), counted(p.Data.Tests, "test", "tests"),
		counted(len(p.Data.Columns), "checkout", "checkouts"), p.Data.Tree, p.Data.Branch)
}

// Picture is the rows alone, as one picture.
func (p Grid) Picture() chart.Grid {
	columns := make([]string, len(p.Data.Columns))
	for i, c := range p.Data.Columns {
		columns[i] = c.Tail()
	}
	rows := make([]chart.GridRow, len(p.Data.Rows))
	for i, r := range p.Data.Rows {
		rows[i] = chart.GridRow{Name: r.name("\x00"), Cells: r.strip()}
	}
	return chart.NewGrid(columns, rows, p.label())
}
