package page

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
	"drover/views/ui"
)

// gridRowOf is a row out of the letters of cells.
func gridRowOf(test, letters string) GridRow {
	r := GridRow{Test: test, Owner: "Tomas", Passed: 8, Failed: 2, Flips: 1, InARow: 2}
	for i, c := range cells(letters) {
		cell := GridCell{Mark: ui.Mark{Status: c.Status, Shown: c.Shown}}
		if c.Status != "" {
			cell.Result, cell.Results = nth(int64(100+i)), 1+i%2
		}
		if c.Status == status.Fail {
			cell.Failed = 1
		}
		r.Cells = append(r.Cells, cell)
	}
	return r
}

func gridOf() Grid {
	f := frame("Grid · net-next main", route.TreeGrid("net-next"), ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: "Grid"})
	f.Active, f.Formats = "trees", []string{"json", "csv", "svg"}
	p := Grid{Frame: f, Used: []bool{true, true, false, false, true, true, true}, Gaps: route.TreeGrid("net-next", "gaps", "1"),
		Rows:   []ui.Tab{{Text: "With failures", URL: route.TreeGrid("net-next"), Active: true}, {Text: "All", URL: route.TreeGrid("net-next", "rows", "all")}},
		Widths: []ui.Tab{{Text: "30", URL: route.TreeGrid("net-next"), Active: true}}, Sizes: []ui.Tab{{Text: "cells", URL: route.TreeGrid("net-next"), Active: true}},
		Sorts: GridColumns{Test: ui.Column{Sort: route.TreeGrid("net-next", "sort", "name")}, Flips: ui.Column{Sort: route.TreeGrid("net-next", "sort", "flips")},
			InARow: ui.Column{Sort: route.TreeGrid("net-next"), Sorted: "ascending"}},
		ListParts: ListParts{Pager: ui.Pager{Shown: 4, Total: 4, Exact: true}},
	}
	p.Data = GridData{Tree: "net-next", Branch: "main", Tests: 412, Failing: 4}
	for i := range 7 {
		c := GridColumn{Revision: revision(int64(i+1), fmt.Sprintf("v6.12-rc3-%d-g9c1e77aa01cd", 380+i), "net: change"), Verdict: status.NoNewFailures, Source: "git", Started: before(time.Duration(7-i) * 9 * time.Hour)}
		p.Data.Columns = append(p.Data.Columns, c)
	}
	p.Data.Columns[5].Describe, p.Data.Columns[5].Source = "", "asked for"
	net := []GridRow{gridRowOf("kselftest/net/fib_tests.sh", "pp  pnf"), gridRowOf("kselftest/net/tls.sh", "yk  ems")}
	boot := []GridRow{gridRowOf("boot", "pf  ppr")}
	p.Data.Rows = append(net, boot...)
	p.Groups = []GridGroup{
		{Name: "kselftest/net", Row: gridRowOf("kselftest/net", "yk  enf"), Toggle: route.TreeGrid("net-next", "fold", "kselftest/net"), Rows: net},
		{Rows: boot},
		{Name: "ltp/mm", Row: gridRowOf("ltp/mm", "pp  pqf"), Toggle: route.TreeGrid("net-next"), Folded: true},
	}
	return p
}

func gridStories() []story {
	usual := gridOf()
	strips := gridOf()
	strips.Strips = true
	shown := gridOf()
	shown.Used, shown.Gaps, shown.AllGaps = []bool{true, true, true, true, true, true, true}, "", route.TreeGrid("net-next")
	shown.Notes = []string{"Cells have 30 columns at most; strips have up to 120."}
	shown.Branches = []ui.Tab{{Text: "main", URL: route.TreeGrid("net-next"), Active: true}, {Text: "for-6.13/block", URL: route.TreeGrid("net-next", "branch", "for-6.13/block")}}
	empty := gridOf()
	empty.Groups, empty.Data.Rows = nil, nil
	empty.Empty = ui.Empty{Text: "All 412 tests passed in these 30 checkouts", Action: &ui.Link{Text: "Show all rows", URL: route.TreeGrid("net-next", "rows", "all")}}
	running := gridOf()
	running.Refresh = true
	return []story{{"grid", usual}, {"grid-strips", strips}, {"grid-gaps", shown}, {"grid-empty", empty}, {"grid-running", running}}
}

func TestGridInLetters(t *testing.T) {
	for letters, want := range map[string]string{
		"": "", "pppp": "4p", "p": "p", "pp  s": "2p2.s", "ppnpp": "2pn(" + nth(102).String() + ")2p", "k": "k(" + nth(100).String() + ")", "q": "w",
	} {
		if got := gridRowOf("a", letters).encoded(); got != want {
			t.Errorf("%q becomes %q, want %q", letters, got, want)
		}
	}
	for class := range letters {
		if !strings.Contains(","+letterWords, ","+letters[class]+":") {
			t.Errorf("no word for the letter of %s", class)
		}
	}
}

// A cell leads to the result that speaks for it, or to the list of all of them.
func TestGridLinks(t *testing.T) {
	p := gridOf()
	list := route.CheckoutTests(nth(1), "status", "all", "test", "boot")
	for _, c := range []struct {
		cell GridCell
		want route.URL
	}{
		{GridCell{Mark: ui.Mark{Status: status.Fail}, Result: nth(9), Results: 8}, route.Result(nth(9))},
		{GridCell{Mark: ui.Mark{Status: status.Pass}, Result: nth(9), Results: 1}, route.Result(nth(9))},
		{GridCell{Mark: ui.Mark{Status: status.Pass}, Result: nth(9), Results: 8}, list},
		{GridCell{Mark: ui.Mark{Status: status.Pass, Shown: status.Flaky}, Result: nth(9), Results: 8}, route.Result(nth(9))},
		{GridCell{Mark: ui.Mark{Status: status.Skip}, Result: nth(9), Results: 2}, list},
	} {
		if got := p.cellLink(c.cell, 0, GridRow{Test: "boot"}); got != c.want {
			t.Errorf("%+v leads to %s, want %s", c.cell, got, c.want)
		}
	}
}

func TestGridWords(t *testing.T) {
	for want, c := range map[string]GridCell{
		"New: 2 of 8 failed": {Mark: ui.Mark{Status: status.Fail, Shown: status.New}, Results: 8, Failed: 2},
		"Pass, 8 results":    {Mark: ui.Mark{Status: status.Pass}, Results: 8},
		"Infra error":        {Mark: ui.Mark{Status: status.Error}, Results: 1},
	} {
		if got := c.word(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for want, c := range map[string]GridColumn{
		"rc3-412":  {Revision: ui.Revision{Describe: "v6.12-rc3-412-g9c1e77aa01cd"}},
		"rc3":      {Revision: ui.Revision{Describe: "v6.12-rc3"}},
		"v6.12":    {Revision: ui.Revision{Describe: "v6.12"}},
		"9c1e77aa": {Revision: ui.Revision{Commit: "9c1e77aa01cd0000"}},
	} {
		if got := c.Tail(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	text, err := json.Marshal([]GridCell{{}, {Mark: ui.Mark{Status: status.Pass}, Result: nth(1), Results: 1}})
	if want := `[null,{"status":"pass","shown":"","result":"` + nth(1).String() + `","results":1,"failed":0}]`; err != nil || string(text) != want {
		t.Errorf("%s, %v", text, err)
	}
	if got := (GridRow{Passed: 3, Failed: 1}).rate(); got != "75 %" {
		t.Error(got)
	}
	if (GridRow{}).rate() != "" || (GridRow{}).inARow() != "" {
		t.Error("nothing has figures")
	}
}

func TestGridPicture(t *testing.T) {
	g := gridOf().Picture()
	if len(g.Columns) != 7 || len(g.Rows) != 3 || g.Rows[0].Name != "kselftest/net/fib_tests.sh" || g.Label != "3 rows of 412 tests and 7 checkouts of net-next main" {
		t.Errorf("%+v", g)
	}
	if got := places(chart.NewAxis([]bool{true, false, true})); got != "0 -1 18" {
		t.Error(got)
	}
}
