package verdict

import (
	"testing"

	"drover/rules/status"
)

const (
	pass      = status.Pass
	fail      = status.Fail
	failed    = status.Error // could not run
	miss      = status.Miss
	skip      = status.Skip
	done      = status.Done
	planned   = status.Planned
	queued    = status.Queued
	running   = status.Running
	cancelled = status.Cancelled
)

type list []status.Status

func TestOfTest(t *testing.T) {
	for _, c := range []struct {
		why      string
		attempts list
		left     bool
		want     Outcome
	}{
		{"passed", list{pass}, false, Outcome{pass, true, false, "", 1, 0}},
		{"failed twice is a failure", list{fail, fail}, false, Outcome{fail, true, false, "", 2, 2}},
		{"failed, then passed is flaky", list{fail, pass}, false, Outcome{pass, true, true, "", 2, 1}},
		{"passed, then failed is flaky too", list{pass, fail}, false, Outcome{pass, true, true, "", 2, 1}},
		{"an error says nothing of the test", list{failed, pass}, false, Outcome{pass, true, false, "", 2, 0}},
		{"a missing result neither", list{miss, pass}, false, Outcome{pass, true, false, "", 2, 0}},
		{"it never could run", list{failed, failed}, false, Outcome{failed, true, false, "", 2, 0}},
		{"the last word stands", list{failed, miss}, false, Outcome{miss, true, false, "", 2, 0}},
		{"one failure waits for its retry", list{fail}, true, Outcome{queued, false, false, ReasonAwaitsRetry, 1, 1}},
		{"also while the retry waits", list{fail, queued}, false, Outcome{queued, false, false, ReasonAwaitsRetry, 1, 1}},
		{"also while it runs", list{fail, running}, true, Outcome{running, false, false, ReasonAwaitsRetry, 1, 1}},
		{"one failure without a retry is none", list{fail}, false, Outcome{failed, true, false, ReasonRetryFailedToRun, 1, 1}},
		{"the retry could not run", list{fail, failed}, false, Outcome{failed, true, false, ReasonRetryFailedToRun, 2, 1}},
		{"nor could two", list{fail, failed, miss}, false, Outcome{failed, true, false, ReasonRetryFailedToRun, 3, 1}},
		{"another may", list{fail, failed}, true, Outcome{queued, false, false, ReasonAwaitsRetry, 2, 1}},
		{"the third attempt confirms", list{fail, failed, fail}, false, Outcome{fail, true, false, "", 3, 2}},
		{"the third attempt passes", list{fail, failed, pass}, false, Outcome{pass, true, true, "", 3, 1}},
		{"the retry was cancelled", list{fail, cancelled}, false, Outcome{failed, true, false, ReasonRetryFailedToRun, 2, 1}},
		{"an error, then one failure", list{failed, fail}, false, Outcome{failed, true, false, ReasonRetryFailedToRun, 2, 1}},
		{"an error, then two failures", list{failed, fail, fail}, false, Outcome{fail, true, false, "", 3, 2}},
		{"a confirmed failure is not washed away by trying on", list{fail, fail, pass}, false, Outcome{fail, true, false, "", 3, 2}},
		{"a third attempt does not unsettle two failures", list{fail, fail, running}, true, Outcome{fail, true, false, "", 2, 2}},
		{"an error that will be tried again", list{failed}, true, Outcome{queued, false, false, ReasonRetryToCome, 1, 0}},
		{"an error that is tried again", list{failed, running}, false, Outcome{running, false, false, "", 1, 0}},
		{"skipped", list{skip}, false, Outcome{skip, true, false, "", 1, 0}},
		{"a measurement", list{done}, false, Outcome{done, true, false, "", 1, 0}},
		{"an error, then skipped", list{failed, skip}, false, Outcome{skip, true, false, "", 2, 0}},
		{"cancelled", list{cancelled}, false, Outcome{cancelled, true, false, "", 1, 0}},
		{"cancelled is never tried again", list{cancelled}, true, Outcome{cancelled, true, false, "", 1, 0}},
		{"planned", list{planned}, false, Outcome{planned, false, false, "", 0, 0}},
		{"nothing yet", nil, false, Outcome{planned, false, false, "", 0, 0}},
		{"running", list{running}, false, Outcome{running, false, false, "", 0, 0}},
		{"a word of a later version is no failure", list{"exploded", "exploded"}, false, Outcome{failed, true, false, "", 2, 0}},
	} {
		if got := OfTest(c.attempts, c.left); got != c.want {
			t.Errorf("%s: %v\n\tgot  %+v\n\twant %+v", c.why, c.attempts, got, c.want)
		}
	}
}

func TestOfBuild(t *testing.T) {
	for _, c := range []struct {
		why      string
		attempts list
		left     bool
		want     Outcome
	}{
		{"built", list{pass}, false, Outcome{pass, true, false, "", 1, 0}},
		{"one failure is enough", list{fail}, false, Outcome{fail, true, false, "", 1, 1}},
		{"also if a retry were possible", list{fail}, true, Outcome{fail, true, false, "", 1, 1}},
		{"somebody tried again", list{fail, pass}, false, Outcome{pass, true, false, "", 2, 1}},
		{"an error, then built", list{failed, pass}, false, Outcome{pass, true, false, "", 2, 0}},
		{"an error, then a failure", list{failed, fail}, false, Outcome{fail, true, false, "", 2, 1}},
		{"an error, tried again later", list{failed}, true, Outcome{queued, false, false, ReasonRetryToCome, 1, 0}},
		{"an error, tried again now", list{failed, running}, false, Outcome{running, false, false, "", 1, 0}},
		{"errors", list{failed, failed}, false, Outcome{failed, true, false, "", 2, 0}},
		{"left out", list{skip}, false, Outcome{skip, true, false, "", 1, 0}},
		{"cancelled", list{failed, cancelled}, true, Outcome{cancelled, true, false, "", 2, 0}},
		{"planned", nil, false, Outcome{planned, false, false, "", 0, 0}},
	} {
		if got := OfBuild(c.attempts, c.left); got != c.want {
			t.Errorf("%s: %v\n\tgot  %+v\n\twant %+v", c.why, c.attempts, got, c.want)
		}
	}
}
