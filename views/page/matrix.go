package page

import (
	"drover/views/route"
	"drover/views/ui"
)

// matrix is builds placed by arch and by config with compiler, in the order in
// which they come.
type matrix struct {
	columns []string
	rows    []matrixRow
}

type matrixRow struct {
	arch  string
	cells [][]Build // one list per column
}

func matrixOf(builds []Build) matrix {
	var m matrix
	columnOf, rowOf := map[string]int{}, map[string]int{}
	for _, b := range builds {
		name := joined(b.Config, b.Compiler)
		if _, ok := columnOf[name]; !ok {
			columnOf[name] = len(m.columns)
			m.columns = append(m.columns, name)
		}
		if _, ok := rowOf[b.Arch]; !ok {
			rowOf[b.Arch] = len(m.rows)
			m.rows = append(m.rows, matrixRow{arch: b.Arch})
		}
	}
	for i := range m.rows {
		m.rows[i].cells = make([][]Build, len(m.columns))
	}
	for _, b := range builds {
		cell := &m.rows[rowOf[b.Arch]].cells[columnOf[joined(b.Config, b.Compiler)]]
		*cell = append(*cell, b)
	}
	return m
}

// checkoutTabs are the views of a checkout that exist.
func checkoutTabs(h CheckoutHead, active string) []ui.Tab {
	return []ui.Tab{
		{Text: "Summary", URL: route.Checkout(h.ID), Active: active == "summary"},
		{Text: "Tests", URL: route.CheckoutTests(h.ID), Count: &h.TestsCount, Active: active == "tests"},
		{Text: "Builds", URL: route.CheckoutBuilds(h.ID), Count: &h.BuildsCount, Active: active == "builds"},
		{Text: "Timeline", URL: route.CheckoutTimeline(h.ID), Active: active == "timeline"},
		{Text: "Plan", URL: route.CheckoutPlan(h.ID), Active: active == "plan"},
		{Text: "Compare", URL: route.CheckoutCompare(h.ID, 0), Active: active == "compare"},
		{Text: "Reports", URL: route.CheckoutReports(h.ID), Count: &h.ReportsCount, Active: active == "reports"},
	}
}

// resultColumns are the heads of a table of results that does not sort.
func resultColumns() []ui.Column {
	return columns("Status", "Test", "Arch", "Config / compiler", "Host", "#Duration", "First error", "Issue", "#Retries", "Since")
}

// heads puts the columns that sort among those that do not.
func (c ResultColumns) heads() []ui.Column {
	list := resultColumns()
	for i, sorting := range []ui.Column{c.Status, c.Test, c.Arch, c.Config, c.Host, c.Duration} {
		list[i].Sort, list[i].Sorted = sorting.Sort, sorting.Sorted
	}
	return list
}
