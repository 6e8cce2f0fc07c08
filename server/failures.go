package server

import (
	"fmt"
	"slices"

	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/verdict"
	"drover/views/chart"
	"drover/views/ui"
)

// stripLength is how many results the strip of a failure has.
const stripLength = 20

// bySignature groups failed results that have the same first error line; those
// without a line are grouped by test.
func bySignature(rows []models.ResultLine) [][]models.ResultLine {
	var groups [][]models.ResultLine
	places := map[string]int{}
	for _, r := range rows {
		key := r.FirstError
		if key == "" {
			key = "\x00" + r.Test
		}
		i, seen := places[key]
		if !seen {
			i = len(groups)
			places[key] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// evidence is what the cards of failures show beside the results themselves.
type evidence struct {
	attempts []models.ResultLine // of the leading tests in this checkout
	history  map[int64][]models.Result
	files    []models.File
}

// cards makes the first failures of a checkout, by signature, into cards, in
// three queries.
func (v *visit) cards(checkout id.ID, rows []models.ResultLine, most int) ([]ui.Failure, error) {
	groups := bySignature(rows)
	groups = groups[:min(most, len(groups))]
	if len(groups) == 0 {
		return nil, nil
	}
	var tests, owners []id.ID
	var scenarios []int64
	var newest id.ID
	for _, g := range groups {
		tests, scenarios, newest = append(tests, g[0].TestID), append(scenarios, g[0].Scenario), max(newest, g[0].ID)
		if g[0].JobID != nil {
			owners = append(owners, *g[0].JobID)
		}
	}
	var e evidence
	var err error
	if e.attempts, err = v.q.ResultsOfTests(checkout, tests); err != nil {
		return nil, fmt.Errorf("read attempts: %w", err)
	}
	if e.history, err = v.q.History(scenarios, newest, stripLength); err != nil {
		return nil, err
	}
	if e.files, err = v.q.FilesOfJobs(owners); err != nil {
		return nil, fmt.Errorf("list logs: %w", err)
	}
	var cards []ui.Failure
	for _, g := range groups {
		cards = append(cards, e.card(g))
	}
	return cards, nil
}

func (e evidence) card(group []models.ResultLine) ui.Failure {
	first := group[0]
	f := ui.Failure{Mark: markOf(first.Status, first.Shown), Result: first.ID, FirstError: first.FirstError, Line: int(first.FirstErrorLine)}
	type place struct{ build, test id.ID }
	places := map[place]bool{}
	for _, r := range group {
		places[place{r.BuildID, r.TestID}] = true
		f.Tests, f.Arches = once(f.Tests, r.Test), once(f.Arches, r.Arch)
		f.Configs, f.Compilers = once(f.Configs, r.Config), once(f.Compilers, r.Compiler)
	}
	var hosts []string
	tried, failed := 0, 0
	for _, a := range e.attempts {
		if places[place{a.BuildID, a.TestID}] && a.Status.Ran() {
			hosts = once(hosts, a.Host)
		}
		if a.TestID != first.TestID {
			continue
		}
		if a.Final && a.Status == status.Pass {
			f.PassesOn = once(f.PassesOn, a.Arch)
		}
		if a.BuildID == first.BuildID && a.Status.Ran() {
			tried++
			if a.Status == status.Fail {
				failed++
			}
		}
	}
	f.PassesOn = slices.DeleteFunc(f.PassesOn, func(arch string) bool { return slices.Contains(f.Arches, arch) })
	f.Hosts = len(hosts)
	if tried > 0 {
		f.Tries = fmt.Sprintf("failed %d of %d", failed, tried)
	}
	f.Last, f.Before = strip(e.history[first.Scenario], first.Result)
	if verdict.SaysTestChanged(first.Note) {
		f.Before += "; " + verdict.TestChanged
	}
	f.Log, f.LogMissing = logOf(first.Result, e.files)
	return f
}

// logOf names the main log of a result, or says why there is none.
func logOf(r models.Result, files []models.File) (name, missing string) {
	if r.JobID == nil {
		return "", "There is no log: no job of this test has ended."
	}
	for _, f := range files {
		if f.OwnerID == *r.JobID && f.Name == jobs.TestLog {
			if missing := whyMissing("log", f); missing != "" {
				return "", missing
			}
			return f.Name, ""
		}
	}
	return "", "The log is not stored yet."
}

// strip is the history of a scenario up to one result, that one last, and how
// it did before in words.
func strip(history []models.Result, r models.Result) ([]chart.Cell, string) {
	var cells []chart.Cell
	passed, total, since := 0, 0, ""
	for _, h := range history {
		if h.ID >= r.ID || h.CheckoutID == r.CheckoutID {
			continue
		}
		cells = append(cells, chart.Cell{Status: h.Status, Shown: h.Shown})
		if h.Status != status.Pass && h.Status != status.Fail {
			continue
		}
		total++
		if h.Status == status.Pass {
			passed++
		}
		if since == "" && h.FinishedAt != nil {
			since = h.FinishedAt.UTC().Format("2006-01-02")
		}
	}
	cells = append(cells, chart.Cell{Status: r.Status, Shown: r.Shown})
	if total == 0 {
		return cells, "never seen on this branch"
	}
	before := fmt.Sprintf("passed %d of %d on this branch", passed, total)
	if since != "" {
		before += " since " + since
	}
	return cells, before
}
