package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"drover/models"
	"drover/rules/grid"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// gridEntry is what takes a row on the page: a row, or a folded group.
type gridEntry struct {
	group string
	row   *grid.Row // nil for a folded group
}

func (e gridEntry) key() string {
	if e.row == nil {
		return e.group + "/"
	}
	return e.row.Path + "\x00" + e.row.Place
}

// count says how many tests there are of each kind, and keeps the rows of the
// kind that was asked for.
func (g *gridPage) count() {
	failing, flaky := 0, 0
	for _, r := range g.tests {
		if r.Figures.Failing() {
			failing++
		}
		if r.Figures.ChangesItsMind() {
			flaky++
		}
	}
	all := len(g.tests)
	g.page.Data.Tests, g.page.Data.Failing = all, failing
	for _, tab := range []struct {
		mode, text string
		count      *int
	}{{rowsFailing, "With failures", &failing}, {rowsFlaky, "Flaky", &flaky}, {rowsAll, "All", &all}, {rowsVariant, "Failures by place", nil}} {
		value := tab.mode
		if value == rowsFailing {
			value = ""
		}
		g.page.Rows = append(g.page.Rows, ui.Tab{Text: tab.text, Count: tab.count, URL: g.with("rows", value), Active: tab.mode == g.mode})
	}
}

// with is this grid with another value of one key, from its first page.
func (g *gridPage) with(name, value string) route.URL {
	pairs := g.listing.pairs(func(n, _ string) bool { return n == name })
	return route.With(g.listing.base, append(pairs, name, value)...)
}

// choose sorts the rows, takes a page of them and puts them into their groups.
func (g *gridPage) choose() {
	g.rows = slices.DeleteFunc(g.rows, func(r grid.Row) bool {
		switch g.mode {
		case rowsAll:
			return false
		case rowsFlaky:
			return !r.Figures.ChangesItsMind()
		}
		return !r.Figures.Failing()
	})
	order, backwards := strings.CutPrefix(g.listing.sort, "-")
	grid.Sort(g.rows, grid.Order(order), backwards)
	entries := g.entries()
	g.page.Strips = g.listing.get("size") == "strips" || g.listing.get("size") == "" && len(entries)*len(g.columns) > gridMostCells
	most := gridCellRows
	if g.page.Strips {
		most = gridStripRows
	}
	g.listing.longest(most)
	shown := g.slice(entries)
	g.groups(shown)
}

// entries are the rows, with one entry for all rows of a folded group.
func (g *gridPage) entries() []gridEntry {
	folded := g.listing.values["fold"]
	var list []gridEntry
	for i := range g.rows {
		group := grid.Group(g.rows[i].Path)
		switch {
		case group == "" || !slices.Contains(folded, group):
			list = append(list, gridEntry{group, &g.rows[i]})
		case len(list) == 0 || list[len(list)-1].group != group:
			list = append(list, gridEntry{group: group})
		}
	}
	return list
}

// slice takes the entries that the query asks for.
func (g *gridPage) slice(entries []gridEntry) []gridEntry {
	l := g.listing
	from := 0
	switch {
	case l.slice.After != nil:
		from = placeOf(entries, *l.slice.After) + 1
	case l.slice.Before != nil:
		from = placeOf(entries, *l.slice.Before) - l.limit
	}
	from = max(0, min(from, len(entries)))
	to := min(from+l.limit, len(entries))
	var first, last *models.Key
	if to > from {
		first = &models.Key{Text: entries[from].key(), Number: int64(from)}
		last = &models.Key{Text: entries[to-1].key(), Number: int64(to - 1)}
	}
	l.show(to-from, len(entries), models.Ends{Earlier: from > 0, Later: to < len(entries)}, first, last)
	return entries[from:to]
}

// groups makes the rows of the page.
func (g *gridPage) groups(shown []gridEntry) {
	for _, e := range shown {
		last := len(g.page.Groups) - 1
		if last < 0 || g.page.Groups[last].Name != e.group {
			g.page.Groups = append(g.page.Groups, g.group(e))
			last++
		}
		if e.row != nil {
			row := gridRow(*e.row)
			g.page.Groups[last].Rows = append(g.page.Groups[last].Rows, row)
			g.page.Data.Rows = append(g.page.Data.Rows, row)
		}
	}
	g.page.Used = make([]bool, len(g.columns))
	for i := range g.page.Used {
		g.page.Used[i] = g.listing.has("gaps")
		for _, group := range g.page.Groups {
			g.page.Used[i] = g.page.Used[i] || group.Name != "" && group.Folded && !group.Row.Cells[i].Empty() ||
				slices.ContainsFunc(group.Rows, func(r page.GridRow) bool { return !r.Cells[i].Empty() })
		}
	}
}

// group is the head of a group: all its tests together, those too that are not
// listed because nothing is wrong with them.
func (g *gridPage) group(e gridEntry) page.GridGroup {
	group := page.GridGroup{Name: e.group, Folded: e.row == nil}
	if e.group == "" {
		return group
	}
	var members []grid.Row
	for _, r := range g.tests {
		if grid.Group(r.Path) == e.group {
			members = append(members, r)
		}
	}
	cells := grid.Together(members)
	group.Row = gridRow(grid.Row{Path: e.group, Cells: cells, Figures: grid.FiguresOf(cells)})
	if group.Folded {
		pairs := g.listing.pairs(func(n, value string) bool { return n == "fold" && value == e.group })
		group.Toggle = route.With(g.listing.base, pairs...)
	} else {
		group.Toggle = route.With(g.listing.base, append(g.listing.pairs(nil), "fold", e.group)...)
	}
	return group
}

func gridRow(r grid.Row) page.GridRow {
	row := page.GridRow{
		Test: r.Path, Place: r.Place, Owner: r.Owner, Passed: r.Figures.Passed, Failed: r.Figures.Failed, Flips: r.Figures.Flips, InARow: r.Figures.InARow,
		Cells: make([]page.GridCell, len(r.Cells)),
	}
	for i, c := range r.Cells {
		mark := c.Mark()
		row.Cells[i] = page.GridCell{Mark: markOf(mark.Status, mark.Shown), Result: c.Result, Results: c.Results, Failed: c.Failed}
	}
	return row
}

// placeOf finds a row in the list as it is now; one that is gone left its number.
func placeOf(entries []gridEntry, key models.Key) int {
	if i := slices.IndexFunc(entries, func(e gridEntry) bool { return e.key() == key.Text }); i >= 0 {
		return i
	}
	return int(key.Number)
}

// finished is the page with all that stands around the rows.
func (g *gridPage) finished() page.Grid {
	p, l := &g.page, g.listing
	name := g.tree.Name
	for _, c := range g.columns {
		p.Data.Columns = append(p.Data.Columns, page.GridColumn{Revision: revisionOf(c), Verdict: c.Verdict, Source: sourceWord(c.Source), Started: c.PushedAt})
	}
	p.ListParts = l.parts()
	p.Frame = g.frame(strings.TrimSpace("Grid · "+name+" "+p.Data.Branch), l.self(),
		ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: name, URL: route.TreeBranch(name, p.Data.Branch)}, ui.Crumb{Text: "Grid"})
	p.Active, p.Live = "trees", g.live(route.TopicTree(name))
	p.Refresh = slices.ContainsFunc(g.columns, func(c models.CheckoutLine) bool { return c.State == models.CheckoutRunning })
	p.Sorts = page.GridColumns{Test: l.column("Test", "name", false), Flips: l.column("Flips", "flips", true), InARow: l.column("Fails", "attention", false)}
	for _, n := range []int{gridColumns, 60, gridMostColumns} {
		value := strconv.Itoa(n)
		active := l.get("columns") == value || l.get("columns") == "" && n == gridColumns
		if n == gridColumns {
			value = ""
		}
		p.Widths = append(p.Widths, ui.Tab{Text: strconv.Itoa(n), URL: g.with("columns", value), Active: active})
	}
	p.Sizes = []ui.Tab{{Text: "cells", URL: g.with("size", "cells"), Active: !p.Strips}, {Text: "strips", URL: g.with("size", "strips"), Active: p.Strips}}
	if l.has("gaps") {
		p.AllGaps = g.with("gaps", "")
	} else {
		p.Gaps = g.with("gaps", "1")
	}
	p.Empty = g.empty()
	return *p
}

// empty says why there is no row.
func (g *gridPage) empty() ui.Empty {
	d, columns := g.page.Data, len(g.columns)
	these := fmt.Sprintf("these %d checkouts", columns)
	if columns == 1 {
		these = "this checkout"
	}
	switch {
	case columns == 0 && d.Branch != "" && !g.listing.has("source"):
		return ui.Empty{Text: "No checkout of " + d.Branch + " has run yet.", Action: leading("The tree "+d.Tree, route.TreeBranch(d.Tree, d.Branch))}
	case columns == 0 && !g.listing.has("source"):
		return ui.Empty{Text: "No checkout has run yet.", Action: leading("The tree "+d.Tree, route.Tree(d.Tree))}
	case d.Tests == 0 && len(g.page.Filters.Chips) > 0:
		var names []string
		for _, chip := range g.page.Filters.Chips {
			names = append(names, chip.Text)
		}
		return ui.Empty{Text: "Nothing matches: " + strings.Join(names, ", ") + ".", Action: leading("Clear all", g.page.Filters.Clear)}
	case d.Tests == 0:
		return ui.Empty{Text: "No test has a result in " + these + " yet."}
	}
	return g.withoutFailures(these)
}

// withoutFailures says that the rows asked for are none of those there are.
func (g *gridPage) withoutFailures(these string) ui.Empty {
	d, one := g.page.Data, "The one test"
	show := leading("Show all rows", g.with("rows", rowsAll))
	unproved := slices.ContainsFunc(g.tests, func(r grid.Row) bool { return r.Figures.Passed == 0 || r.Figures.Infra > 0 })
	switch {
	case g.mode == rowsFlaky && d.Tests == 1:
		return ui.Empty{Text: one + " did not change between passing and failing in " + these + ".", Action: show}
	case g.mode == rowsFlaky:
		return ui.Empty{Text: fmt.Sprintf("None of %s tests changed between passing and failing in %s.", ui.Count(d.Tests), these), Action: show}
	case unproved && d.Tests == 1:
		return ui.Empty{Text: one + " did not fail in " + these + ".", Why: notAllPassed, Action: show}
	case unproved:
		return ui.Empty{Text: fmt.Sprintf("None of %s tests failed in %s.", ui.Count(d.Tests), these), Why: notAllPassed, Action: show}
	case d.Tests == 1:
		return ui.Empty{Text: one + " passed in " + these, Action: show}
	}
	return ui.Empty{Text: fmt.Sprintf("All %s tests passed in %s", ui.Count(d.Tests), these), Action: show}
}

// notAllPassed keeps a grid without failures from saying more than is known.
const notAllPassed = "Not everything passed: some results could not run, are missing, were skipped or are still to come."

// leading is a link where one may be left out.
func leading(text string, u route.URL) *ui.Link { return &ui.Link{Text: text, URL: u} }
