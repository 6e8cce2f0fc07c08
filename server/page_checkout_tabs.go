package server

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

var statusOptions = []ui.Option{
	{Value: "all", Text: "all"}, {Value: "!pass", Text: "not passed"}, {Value: "fail", Text: "Fail"}, {Value: "error", Text: "Infra error"},
	{Value: "miss", Text: "Missing"}, {Value: "pass", Text: "Pass"}, {Value: "skip", Text: "Skipped"}, {Value: "done", Text: "Done"},
	{Value: "waiting", Text: "Waiting"},
}

var shownOptions = []ui.Option{
	{Value: "new", Text: "New"}, {Value: "still_failing", Text: "Still failing"}, {Value: "first_run", Text: "First run"},
	{Value: "known", Text: "Known"}, {Value: "flaky", Text: "Flaky"}, {Value: "fixed", Text: "Fixed"}, {Value: "trial", Text: "Trial"},
}

var resultSorts = []string{"status", "test", "arch", "config", "host", "duration"}

// checkStatus accepts the words of models.StatusWords, and "all".
func checkStatus(word string) error {
	if word == "all" || slices.ContainsFunc(models.StatusWords, func(w struct{ Word, SQL string }) bool { return w.Word == word }) {
		return nil
	}
	return fmt.Errorf("%q is not a status", word)
}

// resultFilters are the filters of every list of results.
func resultFilters() []filter {
	return []filter{
		{name: "status", label: "Status", options: statusOptions, many: true, check: checkStatus},
		{name: "shown", label: "Shown", options: shownOptions, many: true},
		{name: "arch", label: "Arch", many: true},
		{name: "config", label: "Config", many: true},
		{name: "compiler", label: "Compiler", many: true, hidden: true},
		{name: "host", label: "Host", many: true},
		{name: "q", label: "Test or error"},
		{name: "include", label: "Include", options: []ui.Option{{Value: "trial", Text: "trial"}}, hidden: true},
	}
}

// resultFilter is what these choose. Results that never count are hidden unless
// somebody asks for them.
func (l *listing) resultFilter() models.ResultFilter {
	f := models.ResultFilter{
		Status: l.choice("status"), Shown: l.choice("shown"), Arch: l.choice("arch"), Config: l.choice("config"),
		Compiler: l.choice("compiler"), Host: l.choice("host"), Text: l.get("q"),
	}
	f.Trial = l.get("include") == "trial" || slices.Contains(f.Shown.Any, string(status.Trial))
	if slices.Contains(f.Status.Any, "all") {
		f.Status = models.Choice{}
	}
	return f
}

func checkoutTests(v *visit) error {
	c, err := v.checkoutPage(func(i id.ID) route.URL { return route.CheckoutTests(i) }, "Tests")
	if err != nil {
		return err
	}
	filters := append(resultFilters(),
		filter{name: "test", label: "Test", hidden: true, check: checkTests},
		filter{name: "issue", label: "Issue", hidden: true, options: []ui.Option{{Value: "none", Text: "none"}}},
		filter{name: "build", label: "Build", hidden: true, check: func(s string) error { _, err := id.Parse(s); return err }})
	l, err := v.listing(route.CheckoutTests(c.row.ID), resultSorts, filters...)
	if err != nil {
		return err
	}
	if !l.has("status", "shown") && l.errors["status"] == "" {
		l.values["status"] = []string{"!pass"} // the chip takes it away
	}
	f := l.resultFilter()
	f.Checkout = c.row.ID
	if build, err := id.Parse(l.get("build")); err == nil {
		f.Build = build
	}
	if f.Tests, err = v.testsMatching(c.row.ID, l.get("test")); err != nil {
		return err
	}
	lines, err := v.resultLines(l, f)
	if err != nil {
		return err
	}
	rows := make([]page.Result, len(lines))
	for i, line := range lines {
		rows[i] = resultRow(line)
	}
	c.frame.Self = l.self()
	parts := l.parts()
	parts.Filters.Clear = route.CheckoutTests(c.row.ID, "status", "all")
	for i, chip := range parts.Filters.Chips { // without the default there are all
		if chip.Text == "status: not pass" {
			parts.Filters.Chips[i].Remove = route.With(chip.Remove, "status", "all")
		}
	}
	p := page.CheckoutTests{CheckoutFrame: c.frame, Data: rows, ListParts: parts, Columns: page.ResultColumns{
		Status: l.column("Status", "status", false), Test: l.column("Test", "test", false), Arch: l.column("Arch", "arch", false),
		Config: l.column("Config / compiler", "config", false), Host: l.column("Host", "host", false), Duration: l.column("Duration", "duration", true),
	}}
	return v.list(p, rows, rows, l)
}

// resultLines reads the slice of results that a listing asks for.
func (v *visit) resultLines(l *listing, f models.ResultFilter) ([]models.ResultLine, error) {
	by, descending := strings.CutPrefix(l.sort, "-")
	if by == "started" { // newest first is the order by id
		by, descending = "", !descending
	}
	lines, e, err := v.q.ListResults(f, models.ResultOrder{By: by, Descending: descending}, l.slice)
	if err != nil {
		return nil, fmt.Errorf("list results: %w", err)
	}
	total, err := v.q.CountResults(f)
	if err != nil {
		return nil, fmt.Errorf("count results: %w", err)
	}
	first, last := outermost(lines, models.ResultLine.KeyOf)
	l.show(len(lines), total, e, first, last)
	return lines, nil
}

// checkTests refuses a pattern of tests that cannot be read.
func checkTests(pattern string) error { _, err := testPattern(pattern); return err }

// testPattern reads a glob, in which ** crosses slashes, or ~ and a regular
// expression. nil is a plain path.
func testPattern(pattern string) (*regexp.Regexp, error) {
	if expression, ok := strings.CutPrefix(pattern, "~"); ok {
		re, err := regexp.Compile(expression)
		if err != nil {
			return nil, fmt.Errorf("not a regular expression: %w", err)
		}
		return re, nil
	}
	if !strings.ContainsAny(pattern, "*?") {
		return nil, nil
	}
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.NewReplacer(`\*\*`, ".*", `\*`, "[^/]*", `\?`, "[^/]").Replace(quoted)
	return regexp.Compile("^" + quoted + "$")
}

// testsMatching lists the tests of a checkout that a pattern names; nil is all.
func (v *visit) testsMatching(checkout id.ID, pattern string) ([]id.ID, error) {
	if pattern == "" {
		return nil, nil
	}
	re, err := testPattern(pattern)
	if err != nil {
		return nil, err
	}
	names, err := v.q.TestNamesOf(checkout)
	if err != nil {
		return nil, err
	}
	ids := []id.ID{}
	for _, n := range names {
		if re == nil && n.Path == pattern || re != nil && re.MatchString(n.Path) {
			ids = append(ids, n.ID)
		}
	}
	return ids, nil
}

func checkoutBuilds(v *visit) error {
	c, err := v.checkoutPage(route.CheckoutBuilds, "Builds")
	if err != nil {
		return err
	}
	l, err := v.listing(route.CheckoutBuilds(c.row.ID), nil)
	if err != nil {
		return err
	}
	rows, err := c.builds()
	if err != nil {
		return err
	}
	l.show(len(rows), len(rows), models.Ends{}, nil, nil)
	return v.list(page.CheckoutBuilds{CheckoutFrame: c.frame, Data: rows}, rows, rows, l)
}

func checkoutPlan(v *visit) error {
	c, err := v.checkoutPage(route.CheckoutPlan, "Plan")
	if err != nil {
		return err
	}
	l, err := v.listing(route.CheckoutPlan(c.row.ID), nil,
		filter{name: "q", label: "Test"},
		filter{name: "chosen", label: "Chosen", options: []ui.Option{{Value: "yes", Text: "runs"}, {Value: "no", Text: "not chosen"}}},
		filter{name: "rule", label: "Rule", many: true})
	if err != nil {
		return err
	}
	f := models.PlanFilter{Checkout: c.row.ID, Chosen: l.choice("chosen"), Rule: l.choice("rule"), Text: l.get("q")}
	lines, e, err := v.q.ListPlan(f, l.slice)
	if err != nil {
		return err
	}
	total, err := v.q.CountPlan(f)
	if err != nil {
		return err
	}
	facets, err := v.q.FacetsOfBuilds(c.row.ID)
	if err != nil {
		return err
	}
	var built []string
	for _, facet := range facets {
		if facet.Kind == "arch" {
			built = append(built, facet.Value)
		}
	}
	uncovered, err := v.q.CountFiles(models.FileFilter{Checkout: c.row.ID, Covered: models.Choice{Any: []string{"no"}}})
	if err != nil {
		return err
	}
	rows := make([]page.PlanItem, len(lines))
	for i, line := range lines {
		rows[i] = page.PlanItem{Test: line.Path, State: line.State, Chosen: line.Chosen, Rule: line.Rule, Why: line.Reason, File: line.File}
		if rows[i].Arches = models.Lines(line.Arches); line.Chosen && len(rows[i].Arches) == 0 {
			rows[i].Arches = built
		}
	}
	first, last := outermost(lines, models.PlanLine.KeyOf)
	l.show(len(rows), total, e, first, last)
	c.frame.Self = l.self()
	p := page.CheckoutPlan{
		CheckoutFrame: c.frame, Data: rows, ListParts: l.parts(), Changed: c.counts.Files, Uncovered: uncovered, Selection: c.row.Selection,
	}
	return v.list(p, rows, rows, l)
}

func checkoutFiles(v *visit) error {
	c, err := v.checkoutPage(func(c id.ID) route.URL { return route.CheckoutFiles(c) }, "Files")
	if err != nil {
		return err
	}
	l, err := v.listing(route.CheckoutFiles(c.row.ID), nil,
		filter{name: "q", label: "Path"},
		filter{name: "covered", label: "Tests", options: []ui.Option{{Value: "yes", Text: "at least one"}, {Value: "no", Text: "none"}, {Value: "unknown", Text: "not asked"}}})
	if err != nil {
		return err
	}
	f := models.FileFilter{Checkout: c.row.ID, Covered: l.choice("covered"), Text: l.get("q")}
	files, e, err := v.q.ListFiles(f, l.slice)
	if err != nil {
		return err
	}
	total, err := v.q.CountFiles(f)
	if err != nil {
		return err
	}
	rows := make([]page.ChangedFile, len(files))
	for i, file := range files {
		rows[i] = page.ChangedFile{Path: file.Path, OldPath: file.OldPath, Kind: file.Kind, Names: models.Lines(file.CoveredBy)}
		if file.Covering != nil {
			count := int(*file.Covering)
			rows[i].Tests = &count
		}
	}
	first, last := outermost(files, models.CheckoutFile.KeyOf)
	l.show(len(rows), total, e, first, last)
	c.frame.Self = l.self()
	return v.list(page.CheckoutFiles{CheckoutFrame: c.frame, Data: rows, ListParts: l.parts()}, rows, rows, l)
}

func checkoutReports(v *visit) error {
	c, err := v.checkoutPage(route.CheckoutReports, "Reports")
	if err != nil {
		return err
	}
	l, err := v.listing(route.CheckoutReports(c.row.ID), nil)
	if err != nil {
		return err
	}
	rows, err := c.reports()
	if err != nil {
		return err
	}
	l.show(len(rows), len(rows), models.Ends{}, nil, nil)
	p := page.CheckoutReports{CheckoutFrame: c.frame, Data: rows}
	if v.format == "" {
		if p.Preview, err = v.reportText(c.row.ID); err != nil {
			return err
		}
	}
	return v.list(p, rows, rows, l)
}
