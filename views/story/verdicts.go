package story

import (
	"time"

	"drover/rules/status"
	"drover/views/ui"
)

// green are the numbers of a checkout without news.
var green = ui.Counts{Pass: 1240, Known: 4, StillFailing: 3, Skipped: 31, Flaky: 1}

// huge are numbers as large as they come.
var huge = ui.Counts{Pass: 1234567, New: 12345, Known: 120000, StillFailing: 4100, FirstRun: 999, Infra: 10000, Missing: 250000, Flaky: 31, Skipped: 77000, Done: 41, Waiting: 5, Trial: 1200, Fixed: 10}

// finished is a verdict on a checkout that ended four minutes ago.
func (s Samples) finished(kind status.Verdict, sentence string, counts ui.Counts) ui.Verdict {
	return ui.Verdict{Kind: kind, Sentence: sentence, Counts: counts, Finished: s.Before(4 * time.Minute), Report: 11520}
}

// against is a verdict with what it was compared with.
func against(v ui.Verdict, compared ui.Compared) ui.Verdict {
	v.Compared = &compared
	return v
}

// unended is a verdict while results are still to come.
func unended(kind status.Verdict, sentence string, counts ui.Counts) ui.Verdict {
	return ui.Verdict{Kind: kind, Sentence: sentence, Counts: counts}
}

func (s Samples) verdicts() []Component {
	base := ui.Compared{Revision: Base(), Verdict: status.NoNewFailures, CommitsBack: 31}
	return []Component{
		{Name: "VerdictBox", For: "The judgement of a checkout: a sentence, what it was compared with, the counts behind it.", Wide: true, Examples: []Example{
			{"new failures", ui.VerdictBox(s.Verdict(), Nth(1), s.Now)},
			{"broken", ui.VerdictBox(against(s.finished(status.Broken, "Does not build on 3 of 8 configurations", ui.Counts{Pass: 5, New: 3, Missing: 450}), base), Nth(1), s.Now)},
			{"broken, as before", ui.VerdictBox(against(s.finished(status.Broken, "Does not build on 3 of 8 configurations, as before", ui.Counts{Pass: 5, StillFailing: 3, Missing: 450}), ui.Compared{Revision: Base(), Verdict: status.Broken, CommitsBack: 1}), Nth(1), s.Now)},
			{"unclear", ui.VerdictBox(s.finished(status.Unclear, "Not enough results: 41 of 120 tests have none", ui.Counts{Pass: 79, Infra: 11, Missing: 30}), Nth(1), s.Now)},
			{"unclear, nothing to compare with", ui.VerdictBox(s.finished(status.Unclear, "Nothing to compare with: 3 tests fail on their first run here", ui.Counts{Pass: 117, FirstRun: 3}), Nth(1), s.Now)},
			{"running", ui.VerdictBox(against(unended(status.StillRunning, "Running: 84 of 120 tests finished, no new failure so far", ui.Counts{Pass: 80, Skipped: 4, Waiting: 36}), base), Nth(1), s.Now)},
			{"running, with new failures", ui.VerdictBox(against(unended(status.NewFailures, "2 new failures so far, 84 of 120 tests finished", ui.Counts{Pass: 78, New: 2, Skipped: 4, Waiting: 36}), base), Nth(1), s.Now)},
			{"no new failures", ui.VerdictBox(against(s.finished(status.NoNewFailures, "No new failures, 4 known, 3 still failing", green), base), Nth(1), s.Now)},
			{"nothing was tested", ui.VerdictBox(s.finished(status.Nothing, "Nothing was tested: no test was chosen for a change in Documentation/", ui.Counts{}), Nth(1), s.Now)},
			{"not yet judged", ui.VerdictBox(ui.Verdict{}, Nth(1), s.Now)},
			{"compared with what is no ancestor", ui.VerdictBox(against(s.finished(status.NoNewFailures, "No new failures", green), ui.Compared{Revision: Base(), Why: "not an ancestor: the branch was rebased"}), Nth(1), s.Now)},
			{"compared with a commit that has no describe text", ui.VerdictBox(against(s.finished(status.NoNewFailures, "No new failures", green), ui.Compared{Revision: Revision(4, "", "Revert"), Verdict: status.Unclear, CommitsBack: 1}), Nth(1), s.Now)},
			{"huge numbers", ui.VerdictBox(against(s.finished(status.NewFailures, "12\u00a0345 new failures, 120\u00a0000 known, 10 fixed", huge), ui.Compared{Revision: Base(), Verdict: status.NewFailures, CommitsBack: 123456}), Nth(1), s.Now)},
			{"markup in the sentence", ui.VerdictBox(s.finished(status.Broken, Hostile, ui.Counts{New: 1}), Nth(1), s.Now)},
		}},
		{Name: "CountsLine", For: "The numbers of a checkout; each leads to the list it counts.", Wide: true, Examples: []Example{
			{"all zero", ui.CountsLine(ui.Counts{}, Nth(1))},
			{"one of each", ui.CountsLine(ui.Counts{Pass: 1, New: 1, Known: 1, StillFailing: 1, FirstRun: 1, Infra: 1, Missing: 1, Flaky: 1, Skipped: 1, Done: 1, Waiting: 1, Trial: 1, Fixed: 1}, Nth(1))},
			{"huge numbers", ui.CountsLine(huge, Nth(1))},
		}},
		{Name: "CountsBar", For: "The stacked bar under the numbers; it decorates them.", Wide: true, Examples: []Example{
			{"no result: nothing", ui.CountsBar(ui.Counts{})},
			{"one result", ui.CountsBar(ui.Counts{Pass: 1})},
			{"only new failures", ui.CountsBar(ui.Counts{New: 3})},
			{"one failure among ten thousand stays visible", ui.CountsBar(ui.Counts{Pass: 10000, New: 1})},
			{"equal parts", ui.CountsBar(ui.Counts{New: 9, Known: 9, Infra: 9, Missing: 9, Skipped: 9, Pass: 9, Waiting: 9})},
			{"half of it waits", ui.CountsBar(ui.Counts{Pass: 60, Waiting: 60})},
		}},
	}
}
