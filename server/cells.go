package server

import (
	"encoding/json"
	"slices"
	"time"

	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/verdict"
	"drover/views/chart"
	"drover/views/ui"
)

// tallyOf reads the counts that the judge stored with a checkout; one that is
// not yet judged has none. Counts that cannot be read are shown as none.
func (s *site) tallyOf(c models.Checkout) verdict.Counts {
	var counts verdict.Counts
	if c.Counts == "" {
		return counts
	}
	if err := json.Unmarshal([]byte(c.Counts), &counts); err != nil {
		s.Log.Error("the counts of a checkout cannot be read", "checkout", c.ID.String(), "error", err.Error())
		return verdict.Counts{}
	}
	return counts
}

// countsOf are the counts of a checkout as pages show them: each result in one.
func countsOf(c verdict.Counts) ui.Counts {
	return ui.Counts{
		Pass: c.Pass - c.Flaky, New: c.New, Known: c.Known, StillFailing: c.StillFailing, FirstRun: c.FirstRun, Infra: c.Infra,
		Missing: c.Missing, Flaky: c.Flaky, Skipped: c.Skipped, Done: c.Done, Waiting: max(0, c.Planned-c.Finished), Trial: c.Trial, Fixed: c.Fixed,
	}
}

// infraOf counts what has no result of the kernel's making.
func infraOf(c verdict.Counts) int { return c.Infra + c.Missing }

func revisionOf(c models.CheckoutLine) ui.Revision {
	return ui.Revision{ID: c.ID, Tree: c.Tree, Branch: c.Branch, Commit: c.SHA, Describe: c.Describe, Subject: c.Subject}
}

// revisionOfResult names the checkout of a result.
func revisionOfResult(r models.ResultLine) ui.Revision {
	return ui.Revision{ID: r.CheckoutID, Tree: r.Tree, Branch: r.Branch, Commit: r.SHA, Describe: r.Describe, Subject: r.Subject}
}

// verdictCells are checkouts, given newest first, as a strip with the oldest left.
func verdictCells(lines []models.CheckoutLine, most int) []chart.Cell {
	lines = lines[:min(most, len(lines))]
	cells := make([]chart.Cell, len(lines))
	for i, line := range lines {
		cells[len(lines)-1-i] = chart.VerdictCell(line.Verdict)
	}
	return cells
}

// resultCells are results in their order.
func resultCells(rows []models.Result) []chart.Cell {
	cells := make([]chart.Cell, len(rows))
	for i, r := range rows {
		cells[i] = chart.Cell{Status: r.Status, Shown: r.Shown}
	}
	return cells
}

// rateDays is how many days a sparkline has.
const rateDays = 30

// firstRateDay is the day on which a sparkline begins.
func firstRateDay(now time.Time) int64 { return id.Day(now) - rateDays + 1 }

// ratesOf makes a pass rate for each of the last days out of daily tallies.
func ratesOf(days map[int64]models.Tally, now time.Time) []chart.Rate {
	rates := make([]chart.Rate, rateDays)
	for i := range rates {
		t := days[firstRateDay(now)+int64(i)]
		rates[i] = chart.NoRate()
		if t.Finished() > 0 {
			rates[i] = chart.Rate(float64(t.Passed) / float64(t.Finished()))
		}
	}
	return rates
}

// addTally sums tallies of one day up.
func addTally(days map[int64]models.Tally, day int64, t models.Tally) {
	sum := days[day]
	sum.Passed += t.Passed
	sum.Failed += t.Failed
	sum.Infra += t.Infra
	sum.Missing += t.Missing
	sum.Skipped += t.Skipped
	sum.Retried += t.Retried
	sum.Flaky += t.Flaky
	days[day] = sum
}

// percentile is the value below which a share of the durations lies; 0 for none.
func percentile(list []time.Duration, share float64) ui.Seconds {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return ui.SecondsOf(sorted[min(len(sorted)-1, int(share*float64(len(sorted))))])
}

// markOf is a status with what the comparison says of it.
func markOf(s status.Status, shown status.Shown) ui.Mark { return ui.Mark{Status: s, Shown: shown} }

// at is a time that may be missing.
func at(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// took is the time between two that may be missing, 0 then.
func took(from, to *time.Time) ui.Seconds {
	if from == nil || to == nil {
		return 0
	}
	return ui.SecondsOf(to.Sub(*from))
}
