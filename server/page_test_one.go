package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"drover/models"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	testStrip = 60 // results in the strip of a test
	whereRows = 12 // places shown of one dimension
)

func (v *visit) namedTest() (models.Test, error) {
	t, err := v.q.TestByPath(v.names["path"])
	return t, orMissing(err, "No such test", fmt.Sprintf("No test has the path %q. The list of tests has all.", v.names["path"]))
}

func test(v *visit) error {
	t, err := v.namedTest()
	if err != nil {
		return err
	}
	l, rows, err := v.testResults(t, route.Test(t.Path))
	if err != nil {
		return err
	}
	data, err := v.testData(t)
	if err != nil {
		return err
	}
	data.Results = rows
	f := v.frame(t.Path, l.self(), ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: t.Path})
	f.Live = v.live(route.TopicOf(models.ChangeTest, t.ID))
	f.Active, f.Family = "tests", data.Family
	p := page.Test{Frame: f, Data: data, ListParts: l.parts(), Actions: v.testActions(t)}
	if t.ParentID == nil {
		if p.Data.Promotion, err = v.promotion(t); err != nil {
			return err
		}
		p.Changes = v.stateChanges(t, p.Data.Promotion)
	}
	return v.list(p, p.Data, rows, l)
}

// testHistory lists all results of a test; limit=1&redirect=1 jumps to the
// newest of them.
func testHistory(v *visit) error {
	t, err := v.namedTest()
	if err != nil {
		return err
	}
	l, rows, err := v.testResults(t, route.TestHistory(t.Path))
	if err != nil {
		return err
	}
	if l.get("redirect") == "1" && len(rows) > 0 {
		return v.redirect(http.StatusFound, route.Result(rows[0].ID))
	}
	f := v.frame("History · "+t.Path, l.self(), ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: t.Path, URL: route.Test(t.Path)}, ui.Crumb{Text: "History"})
	f.Active = "tests"
	return v.list(page.TestHistory{Frame: f, Test: t.Path, Data: rows, ListParts: l.parts()}, rows, rows, l)
}

// testResults reads the slice of a test's results that the query asks for,
// newest first unless it says otherwise.
func (v *visit) testResults(t models.Test, base route.URL) (*listing, []page.TestResult, error) {
	l, err := v.listing(base, append([]string{"-started"}, resultSorts...), slices.Concat(resultFilters(), []filter{
		{name: "tree", label: "Tree", many: true}, {name: "branch", label: "Branch", many: true, hidden: true},
		{name: "redirect", hidden: true, options: []ui.Option{{Value: "1"}}},
	}, timeFilters(true))...)
	if err != nil {
		return nil, nil, err
	}
	f := l.resultFilter()
	f.Test, f.Tree, f.Branch = t.ID, l.choice("tree"), l.choice("branch")
	f.From, f.To = l.window()
	f.Trial = f.Trial || !t.State.Counts() // else the page of a test in trial would be empty
	lines, err := v.resultLines(l, f)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]page.TestResult, len(lines))
	for i, line := range lines {
		rows[i] = page.TestResult{Result: resultRow(line), Checkout: revisionOfResult(line), Started: cmp.Or(at(line.StartedAt), line.PushedAt)}
	}
	return l, rows, nil
}

// testData reads what is known of a test beside its list of results.
func (v *visit) testData(t models.Test) (page.TestData, error) {
	data := page.TestData{
		Test: t.Path, State: t.State, Owner: v.owner(t.Owner), Description: t.Description, Family: status.Off,
		Command: strings.Split(strings.TrimRight(t.Command, "\n"), "\n"),
	}
	if t.Command == "" {
		data.Command = nil
	}
	definition := t
	if t.ParentID != nil {
		var err error
		if definition, err = v.q.Test(*t.ParentID); err != nil {
			return data, err
		}
		data.Part = definition.Path
	}
	recent, err := v.q.RecentOfTest(t.ID, testStrip)
	if err != nil {
		return data, err
	}
	data.Last = resultCells(recent)
	return data, errors.Join(v.testRates(t, &data), v.testWhere(t, &data), v.testSettings(definition, &data), v.testLog(t, &data))
}

// owner is who looks after a test; an address is shown to those who are signed
// in.
func (v *visit) owner(text string) ui.Person {
	name, address, found := strings.Cut(strings.TrimSuffix(text, ">"), "<")
	if !found && strings.Contains(text, "@") {
		name, address = "", text
		if !v.signedIn {
			name = masked(text)
		}
	}
	return v.person(strings.TrimSpace(name), address)
}

func (v *visit) testRates(t models.Test, data *page.TestData) error {
	rollup, err := v.q.RollupOfTests([]id.ID{t.ID}, firstRateDay(v.now))
	days := map[int64]models.Tally{}
	for _, r := range rollup {
		addTally(days, r.Day, r.Tally)
	}
	data.PassRate = ratesOf(days, v.now)
	return err
}

// testWhere splits the results by place, the dimension that explains most first.
func (v *visit) testWhere(t models.Test, data *page.TestData) error {
	counts, err := v.q.FailCounts(t.ID, v.now.AddDate(0, 0, -healthDays), healthRuns)
	if err != nil || len(counts) == 0 {
		return err
	}
	dimensions := []page.Dimension{
		dimension("arch", counts, func(c models.FailCount) string { return c.Arch }),
		dimension("host", counts, func(c models.FailCount) string { return c.Host }),
		dimension("tree", counts, func(c models.FailCount) string { return c.Tree }),
	}
	data.HealthText, data.Family = healthText(dimensions[0])
	slices.SortStableFunc(dimensions, func(a, b page.Dimension) int { return cmp.Compare(spread(b), spread(a)) })
	for i := range dimensions {
		dimensions[i].Rows = dimensions[i].Rows[:min(whereRows, len(dimensions[i].Rows))]
	}
	if slices.ContainsFunc(counts, func(c models.FailCount) bool { return c.Failed > 0 }) {
		data.Where = dimensions
	}
	return nil
}

func dimension(name string, counts []models.FailCount, of func(models.FailCount) string) page.Dimension {
	d := page.Dimension{Name: name}
	for _, c := range counts {
		value := cmp.Or(of(c), "unknown")
		i := slices.IndexFunc(d.Rows, func(r page.FailShare) bool { return r.Name == value })
		if i < 0 {
			i = len(d.Rows)
			d.Rows = append(d.Rows, page.FailShare{Name: value})
		}
		d.Rows[i].Failed += c.Failed
		d.Rows[i].Total += c.Total
	}
	slices.SortStableFunc(d.Rows, func(a, b page.FailShare) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(a.Name, b.Name))
	})
	return d
}

func share(f page.FailShare) float64 { return float64(f.Failed) / float64(max(1, f.Total)) }

// spread is how far the places of a dimension lie apart: 0 explains nothing.
func spread(d page.Dimension) float64 {
	if len(d.Rows) < 2 {
		return 0
	}
	return share(d.Rows[0]) - share(d.Rows[len(d.Rows)-1])
}

// healthText is one sentence: "Fails 3 of 40 on aarch64, 0 of 160 elsewhere".
func healthText(arches page.Dimension) (string, status.Family) {
	worst := arches.Rows[0]
	var rest page.FailShare
	for _, r := range arches.Rows[1:] {
		rest.Failed += r.Failed
		rest.Total += r.Total
	}
	switch {
	case worst.Failed+rest.Failed == 0:
		return "Passed " + ui.Count(rest.Total+worst.Total) + " of " + lookedAt(rest.Total+worst.Total), status.Good
	case rest.Total == 0:
		return fmt.Sprintf("Fails %d of %s", worst.Failed, lookedAt(worst.Total)), status.Bad
	}
	return fmt.Sprintf("Fails %d of %d on %s, %d of %d elsewhere", worst.Failed, worst.Total, worst.Name, rest.Failed, rest.Total), status.Bad
}

// lookedAt says which runs these are: "40 in 30 days".
func lookedAt(runs int) string {
	if runs == healthRuns {
		return "the newest " + ui.Count(runs)
	}
	return fmt.Sprintf("%s in %d days", ui.Count(runs), healthDays)
}

// testSettings says in words how a definition runs.
func (v *visit) testSettings(t models.Test, data *page.TestData) error {
	ties, err := v.q.TreesOfTests([]id.ID{t.ID})
	if err != nil {
		return err
	}
	var names []string
	for _, tie := range ties {
		names = append(names, tie.Tree)
	}
	cases := "details of one result"
	if t.EachCase {
		cases = "results of their own"
	}
	data.Settings = []ui.Pair{
		{Name: "Runs as", Value: t.Recipe}, {Name: "Format", Value: formatWord(t.Format)}, {Name: "Cases are", Value: cases},
		{Name: "Time limit", Value: limitText(t.TimeoutS)}, {Name: "Trees", Value: cmp.Or(strings.Join(names, ", "), "none")},
	}
	code := recipe.TestSettings{Name: t.Recipe, Command: t.Command, Code: models.Lines(t.Code)}.FindCode()
	if words := code.Words(); words != "" {
		data.Settings = append(data.Settings, ui.Pair{Name: "Code of the test", Value: words})
	}
	if len(names) > 0 && t.State != status.TestOff {
		data.NextRun = "every checkout of " + strings.Join(names, ", ")
	}
	return nil
}

func limitText(seconds int64) string {
	if seconds == 0 {
		return ui.SecondsOf(recipe.DefaultTest).String()
	}
	return ui.Seconds(seconds).String()
}

// testLog finds since when, and by whom, a test is in its state.
func (v *visit) testLog(t models.Test, data *page.TestData) error {
	changes, err := v.q.Changes("test", t.ID, 50)
	for _, c := range changes {
		// What stands behind the word is what came with it: an issue, a reason.
		if word, _, _ := strings.Cut(c.After, " "); strings.TrimSuffix(word, ",") == string(t.State) {
			data.StateSince, data.StateBy = c.At, c.Who
			return err
		}
	}
	data.StateSince = t.CreatedAt
	return err
}

// testActions lead to what can be set of a test.
func (v *visit) testActions(t models.Test) []ui.Action {
	if t.ParentID != nil {
		return nil // a case runs as its definition does
	}
	return []ui.Action{{Text: "Targeting", URL: route.TestTargeting(t.Path)}, {Text: "Settings", URL: route.TestSettings(t.Path)}}
}
