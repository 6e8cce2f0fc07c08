package verdict

import "drover/rules/status"

// Outcome is what the attempts at one build or result come to.
type Outcome struct {
	Status   status.Status
	Finished bool
	Flaky    bool   // failed once, and passed
	Reason   string // where the status alone does not tell
	Attempts int    // that ended
	Failed   int    // of these
}

// Reasons of outcomes.
const (
	ReasonRetryFailedToRun = "failed once, the retry could not run"
	ReasonAwaitsRetry      = "failed once, not yet confirmed by a retry"
	ReasonRetryToCome      = "could not run, will be tried again"
	ReasonBuildFailed      = "the build failed"
	ReasonBuildError       = "the build could not run"
	ReasonBuildSkipped     = "the build was skipped"
)

// OfTest is the outcome of the attempts at a test. Two failures are a failure,
// whatever else was tried; one failure and a pass is a flaky pass; an error
// before a pass says nothing about the test. One failure alone is never a
// failure: it waits for its retry, or is an error if that cannot run.
func OfTest(attempts []status.Status, retryLeft bool) Outcome {
	t := tallyOf(attempts)
	o := Outcome{Attempts: t.ended, Failed: t.failed, Finished: true}
	switch {
	case t.failed >= 2:
		o.Status = status.Fail
	case t.passed > 0:
		o.Status, o.Flaky = status.Pass, t.failed > 0
	case t.unfinished != "":
		o.Status, o.Finished = t.unfinished, false
		if t.failed == 1 {
			o.Reason = ReasonAwaitsRetry
		}
	case t.failed == 1 && retryLeft:
		o.Status, o.Finished, o.Reason = status.Queued, false, ReasonAwaitsRetry
	case t.failed == 1:
		o.Status, o.Reason = status.Error, ReasonRetryFailedToRun
	case t.aside != "":
		o.Status = t.aside
	case t.ended == 0:
		o.Status, o.Finished = status.Planned, false
	case retryLeft && t.last != status.Cancelled:
		o.Status, o.Finished, o.Reason = status.Queued, false, ReasonRetryToCome
	default:
		o.Status = t.last
	}
	return o
}

// OfBuild is the outcome of the attempts at a build. The same source and
// compiler give the same errors, so that one failure is a failure.
func OfBuild(attempts []status.Status, retryLeft bool) Outcome {
	t := tallyOf(attempts)
	o := Outcome{Attempts: t.ended, Failed: t.failed, Finished: true}
	switch {
	case t.passed > 0:
		o.Status = status.Pass
	case t.failed > 0:
		o.Status = status.Fail
	case t.unfinished != "":
		o.Status, o.Finished = t.unfinished, false
	case t.aside != "":
		o.Status = t.aside
	case t.ended == 0:
		o.Status, o.Finished = status.Planned, false
	case retryLeft && t.last != status.Cancelled:
		o.Status, o.Finished, o.Reason = status.Queued, false, ReasonRetryToCome
	default:
		o.Status = t.last
	}
	return o
}

// tally counts attempts.
type tally struct {
	passed, failed, ended int
	unfinished            status.Status // of the last attempt that goes on, "" if none
	aside                 status.Status // skip or done, the last of them
	last                  status.Status // the last that ended as error, miss or cancelled
}

func tallyOf(attempts []status.Status) tally {
	var t tally
	for _, s := range attempts {
		if !s.Final() {
			t.unfinished = s
			continue
		}
		t.ended++
		switch s {
		case status.Pass:
			t.passed++
		case status.Fail:
			t.failed++
		case status.Skip, status.Done:
			t.aside = s
		case status.Miss, status.Cancelled:
			t.last = s
		default: // an error, or a word of a later version: no result either way
			t.last = status.Error
		}
	}
	return t
}
