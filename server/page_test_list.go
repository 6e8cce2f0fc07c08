package server

import (
	"fmt"
	"slices"
	"time"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/rules/status"
	"drover/views/chart"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	healthDays = 30   // days that the health of a test looks back
	healthRuns = 1000 // results, at most, that where a test fails is told from
	recentRuns = 40   // results of each test that durations are taken from
)

var testStateOptions = []ui.Option{
	{Value: string(status.TestBlocking), Text: "Blocking"}, {Value: string(status.TestReporting), Text: "Reporting"},
	{Value: string(status.TestTrial), Text: "Trial"}, {Value: string(status.TestQuarantined), Text: "Quarantined"},
	{Value: string(status.TestOff), Text: "Off"},
}

func tests(v *visit) error {
	l, err := v.listing(route.Tests(), nil,
		filter{name: "q", label: "Name"},
		filter{name: "state", label: "State", options: testStateOptions, many: true},
		filter{name: "tree", label: "Tree", many: true},
		filter{name: "owner", label: "Owner", many: true},
		filter{name: "include", label: "Include", options: []ui.Option{{Value: "cases", Text: "cases of suites"}}})
	if err != nil {
		return err
	}
	f := models.TestFilter{Text: l.get("q"), State: l.choice("state"), Tree: l.choice("tree"), Owner: l.choice("owner"), Cases: l.get("include") == "cases"}
	list, e, err := v.q.ListTests(f, l.slice)
	if err != nil {
		return err
	}
	total, err := v.q.CountTests(f)
	if err != nil {
		return err
	}
	first, last := outermost(list, func(t models.Test) models.Key { return models.Key{Text: t.Path, ID: t.ID} })
	l.show(len(list), total, e, first, last)
	rows, err := v.testRows(list)
	if err != nil {
		return err
	}
	p := page.Tests{Frame: v.frame("Tests", l.self(), ui.Crumb{Text: "Tests"}), Data: rows, ListParts: l.parts(), AddWhy: v.why(permission.Draft, permission.Object{})}
	p.Active = "tests"
	return v.list(p, rows, rows, l)
}

// testRows reads how some tests have been doing, in two queries.
func (v *visit) testRows(list []models.Test) ([]page.TestRow, error) {
	ids := make([]id.ID, len(list))
	for i, t := range list {
		ids[i] = t.ID
	}
	rows := make([]page.TestRow, len(list))
	if len(ids) == 0 {
		return rows, nil
	}
	rollup, err := v.q.RollupOfTests(ids, firstRateDay(v.now))
	if err != nil {
		return nil, err
	}
	days := map[id.ID]map[int64]models.Tally{}
	for _, r := range rollup {
		if days[r.TestID] == nil {
			days[r.TestID] = map[int64]models.Tally{}
		}
		addTally(days[r.TestID], r.Day, r.Tally)
	}
	runs, err := v.q.RecentRuns(ids, v.now.AddDate(0, 0, -healthDays), recentRuns)
	if err != nil {
		return nil, err
	}
	for i, t := range list {
		rows[i] = testRow(t, days[t.ID], runs[t.ID], v.now)
	}
	return rows, nil
}

func testRow(t models.Test, days map[int64]models.Tally, runs []models.RecentRun, now time.Time) page.TestRow {
	row := page.TestRow{Test: t.Path, State: t.State, Owner: t.Owner, PassRate: ratesOf(days, now), Flaky: chart.NoRate()}
	sum := map[int64]models.Tally{}
	for _, tally := range days {
		addTally(sum, 0, tally)
	}
	if all := sum[0]; all.Finished() > 0 {
		row.Flaky = chart.Rate(float64(all.Flaky) / float64(all.Finished()))
		row.RunsPerDay = float64(all.Finished()) / healthDays
	}
	var durations []time.Duration
	for _, r := range runs {
		durations = append(durations, time.Duration(r.DurationMS)*time.Millisecond)
		row.Arches = once(row.Arches, r.Arch)
		if r.Status == status.Fail && r.Shown != status.KnownIssue {
			row.Unexplained++
		}
	}
	slices.Sort(row.Arches)
	row.Median, row.P90 = percentile(durations, 0.5), percentile(durations, 0.9)
	row.Health = healthOf(runs)
	return row
}

// healthOf says in two words how the last results of a test are.
func healthOf(runs []models.RecentRun) page.Health {
	failed, flaky := 0, 0
	var failing, passing []string
	for _, r := range runs {
		switch {
		case r.Status == status.Fail:
			failed++
			failing = once(failing, r.Arch)
		case r.Shown == status.Flaky:
			flaky++
			passing = once(passing, r.Arch)
		default:
			passing = once(passing, r.Arch)
		}
	}
	onlyOn := slices.DeleteFunc(failing, func(arch string) bool { return slices.Contains(passing, arch) })
	switch {
	case len(runs) == 0:
		return page.Health{Text: "No result yet", Family: status.Off}
	case failed == len(runs):
		return page.Health{Text: "Fails always", Family: status.Bad}
	case len(onlyOn) == 1:
		return page.Health{Text: "Fails on " + onlyOn[0], Family: status.Bad}
	case failed > 0:
		return page.Health{Text: fmt.Sprintf("Fails %d of %d", failed, len(runs)), Family: status.Bad}
	case flaky > 0:
		return page.Health{Text: fmt.Sprintf("Flaky %d of %d", flaky, len(runs)), Family: status.Infra}
	}
	return page.Health{Text: "Healthy", Family: status.Good}
}
