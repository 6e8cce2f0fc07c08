package server

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"drover/models"
	"drover/rules/grid"
	"drover/rules/id"
	"drover/rules/trigger"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	gridColumns     = 30 // checkouts of a grid unless somebody asks for more
	gridMostColumns = 120
	gridCellRows    = 50  // rows on a page of cells, each of which is a link
	gridStripRows   = 300 // rows on a page of strips
	gridMostCells   = 1500
	// gridResults bounds what is read for one page: of a tree with more results
	// fewer checkouts are shown.
	gridResults = 400_000
)

// What rows a grid can have.
const (
	rowsFailing = "failing"
	rowsFlaky   = "flaky"
	rowsAll     = "all"
	rowsVariant = "variant"
)

var gridSorts = []string{string(grid.ByAttention), string(grid.ByName), string(grid.ByFlips)}

// gridStatusOptions are the statuses that a test of the grid can have had.
var gridStatusOptions = []ui.Option{
	{Value: "fail", Text: "Fail"}, {Value: "error", Text: "Infra error"}, {Value: "miss", Text: "Missing"}, {Value: "pass", Text: "Pass"},
	{Value: "skip", Text: "Skipped"}, {Value: "done", Text: "Done"}, {Value: "waiting", Text: "Waiting"},
}

func gridFilters() []filter {
	return []filter{
		{name: "branch", hidden: true, quiet: true},
		{name: "rows", hidden: true, quiet: true, options: []ui.Option{{Value: rowsFailing}, {Value: rowsFlaky}, {Value: rowsAll}, {Value: rowsVariant}}},
		{name: "columns", hidden: true, quiet: true, check: checkColumns},
		{name: "size", hidden: true, quiet: true, options: []ui.Option{{Value: "cells"}, {Value: "strips"}}},
		{name: "gaps", hidden: true, quiet: true, options: []ui.Option{{Value: "1"}}},
		{name: "fold", hidden: true, quiet: true, many: true},
		{name: "q", label: "Test has"},
		{name: "test", label: "Test", hidden: true, check: checkTests},
		{name: "status", label: "Had a result", options: gridStatusOptions, many: true},
		{name: "arch", label: "Arch", many: true},
		{name: "config", label: "Config", many: true},
		{name: "owner", label: "Owner", many: true},
		{name: "source", label: "Source", options: sourceOptions, many: true, hidden: true},
	}
}

func checkColumns(text string) error {
	if n, err := strconv.Atoi(text); err != nil || n < 1 || n > gridMostColumns {
		return fmt.Errorf("a grid has from 1 to %d columns", gridMostColumns)
	}
	return nil
}

// gridPage gathers what the grid of a tree shows.
type gridPage struct {
	*visit
	tree    models.Tree
	listing *listing
	page    page.Grid
	mode    string
	columns []models.CheckoutLine // oldest first
	tests   []grid.Row            // every test that matches, all its results together
	rows    []grid.Row            // what is listed, in its order
}

func treeGrid(v *visit) error {
	t, err := v.namedTree()
	if err != nil {
		return err
	}
	l, err := v.listing(route.TreeGrid(t.Name), gridSorts, gridFilters()...)
	if err != nil {
		return err
	}
	g := gridPage{visit: v, tree: t, listing: l, mode: cmp.Or(l.get("rows"), rowsFailing)}
	if err := g.readColumns(); err != nil {
		return err
	}
	if err := g.readRows(); err != nil {
		return err
	}
	g.choose()
	return g.answer()
}

// readColumns reads the checkouts that are the columns.
func (g *gridPage) readColumns() error {
	tails, err := g.q.BranchTails(g.tree.ID, 1)
	if err != nil {
		return err
	}
	branches := branchesOf(tails)
	branch := g.listing.get("branch")
	if branch == "" && len(branches) > 0 {
		branch = branches[0].Name
	}
	g.page.Data = page.GridData{Tree: g.tree.Name, Branch: branch}
	if !slices.ContainsFunc(branches, func(b page.Branch) bool { return b.Name == branch }) && g.listing.has("branch") {
		sources, err := g.q.SourcesWithRemote(g.tree.ID)
		if err != nil {
			return err
		}
		if len(sources) == 0 || !trigger.Watches(models.Lines(sources[0].Branches), branch) {
			return notFound("No such branch", fmt.Sprintf("%s has no branch %q.", g.tree.Name, branch))
		}
	}
	for _, b := range branches {
		g.page.Branches = append(g.page.Branches, ui.Tab{Text: b.Name, URL: route.TreeGrid(g.tree.Name, "branch", b.Name), Active: b.Name == branch})
	}
	wanted := gridColumns
	if n, err := strconv.Atoi(g.listing.get("columns")); err == nil {
		wanted = n
	}
	if g.listing.get("size") == "cells" && wanted > gridColumns {
		wanted = gridColumns
		g.page.Notes = append(g.page.Notes, fmt.Sprintf("Cells have %d columns at most; strips have up to %d.", gridColumns, gridMostColumns))
	}
	f := models.GridColumnFilter{Tree: g.tree.ID, Branch: branch, Source: g.listing.choice("source")}
	if g.columns, err = g.q.GridColumns(f, wanted); err != nil {
		return err
	}
	g.bound()
	slices.Reverse(g.columns)
	return nil
}

// bound leaves the oldest columns out if all together have too many results.
func (g *gridPage) bound() {
	results := 0
	for i, c := range g.columns {
		results += g.tallyOf(c.Checkout).Planned
		if results > gridResults && i > 0 {
			g.page.Notes = append(g.page.Notes, fmt.Sprintf("Only the newest %d checkouts are shown: more have too many results for one page.", i))
			g.columns = g.columns[:i]
			return
		}
	}
}

// readRows reads what the tests gave in these checkouts.
func (g *gridPage) readRows() error {
	f := models.GridFilter{Status: g.listing.choice("status")}
	for _, c := range g.columns {
		f.Checkouts = append(f.Checkouts, c.ID)
	}
	var builds []models.GridBuild
	var err error
	if g.mode == rowsVariant || g.listing.has("arch", "config") {
		if builds, err = g.q.GridBuilds(f.Checkouts); err != nil {
			return err
		}
	}
	if g.listing.has("arch", "config") {
		f.Builds = []id.ID{}
		for _, b := range builds {
			if fits(g.listing.choice("arch"), b.Arch) && fits(g.listing.choice("config"), b.Config) {
				f.Builds = append(f.Builds, b.ID)
			}
		}
	}
	cells, err := g.readCells(f)
	if err != nil {
		return fmt.Errorf("read the cells of a grid: %w", err)
	}
	if g.tests, err = g.rowsOf(cells, nil); err != nil {
		return err
	}
	g.rows = slices.Clone(g.tests)
	g.count()
	if g.mode == rowsVariant {
		return g.readVariants(f, builds)
	}
	return nil
}

// readVariants reads the places of the tests that failed anywhere.
func (g *gridPage) readVariants(f models.GridFilter, builds []models.GridBuild) error {
	f.ByBuild, f.Tests, f.Status = true, []id.ID{}, models.Choice{}
	for _, r := range g.tests {
		if r.Figures.Failing() {
			f.Tests = append(f.Tests, id.ID(r.Number))
		}
	}
	cells, err := g.q.GridCells(f)
	if err != nil {
		return fmt.Errorf("read the cells of places: %w", err)
	}
	places := map[id.ID]string{}
	for _, b := range builds {
		places[b.ID] = b.Arch + " / " + b.Config + " / " + b.Compiler
	}
	g.rows, err = g.rowsOf(cells, places)
	return err
}

// rowsOf puts cells into rows, one for each test and place, of tests that match.
func (g *gridPage) rowsOf(cells []models.GridCell, places map[id.ID]string) ([]grid.Row, error) {
	column := map[id.ID]int{}
	for i, c := range g.columns {
		column[c.ID] = i
	}
	type key struct {
		test  id.ID
		place string
	}
	var rows []grid.Row
	var tests []id.ID
	at := map[key]int{}
	for _, c := range cells {
		k := key{c.Test, places[c.Build]}
		i, known := at[k]
		if !known {
			i = len(rows)
			at[k] = i
			rows = append(rows, grid.Row{Number: int64(c.Test), Place: k.place, Cells: make([]grid.Cell, len(g.columns))})
			tests = append(tests, c.Test)
		}
		rows[i].Cells[column[c.Checkout]] = rows[i].Cells[column[c.Checkout]].Add(c.Cell)
	}
	slices.Sort(tests)
	known, err := g.q.GridTests(slices.Compact(tests))
	if err != nil {
		return nil, err
	}
	return g.named(rows, known), nil
}

// named gives rows their names and figures and drops those that do not match.
func (g *gridPage) named(rows []grid.Row, tests []models.GridTest) []grid.Row {
	byID := make(map[int64]models.GridTest, len(tests))
	for _, t := range tests {
		byID[int64(t.ID)] = t
	}
	part, pattern := strings.ToLower(g.listing.get("q")), g.listing.get("test")
	re, _ := testPattern(pattern) // it was checked when the query was read
	owners := g.listing.choice("owner")
	kept := rows[:0]
	for _, r := range rows {
		t := byID[r.Number]
		matches := strings.Contains(strings.ToLower(t.Path), part) && fits(owners, t.Owner) &&
			(pattern == "" || re == nil && t.Path == pattern || re != nil && re.MatchString(t.Path))
		if matches {
			owner := g.owner(t.Owner)
			r.Path, r.Owner, r.Figures = t.Path, cmp.Or(owner.Name, owner.Email), grid.FiguresOf(r.Cells)
			kept = append(kept, r)
		}
	}
	return kept
}

// answer sends the grid in the form that was asked for.
func (g *gridPage) answer() error {
	p := g.finished()
	switch g.format {
	case "svg":
		return g.drawing(ui.GridPicture(p.Picture()))
	case "csv":
		return g.table(gridTable(p.Data))
	}
	return g.list(p, p.Data, p.Data.Rows, g.listing)
}

// gridTable is a grid with a column for each checkout.
func gridTable(d page.GridData) [][]string {
	head := []string{"test", "place", "owner", "passed", "failed", "flips", "in_a_row"}
	for _, c := range d.Columns {
		head = append(head, c.Tail()+" "+c.ID.String())
	}
	table := [][]string{head}
	for _, r := range d.Rows {
		line := []string{r.Test, r.Place, r.Owner}
		for _, n := range []int{r.Passed, r.Failed, r.Flips, r.InARow} {
			line = append(line, strconv.Itoa(n))
		}
		for _, c := range r.Cells {
			line = append(line, cmp.Or(string(c.Shown), string(c.Status)))
		}
		table = append(table, line)
	}
	return table
}

// drawing sends a picture that stands alone.
func (v *visit) drawing(picture templ.Component) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	if err := picture.Render(context.WithoutCancel(v.context()), buffer); err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	v.echo.Response().Header().Set("Cache-Control", "no-cache")
	return v.send(http.StatusOK, "image/svg+xml", buffer.Bytes())
}
