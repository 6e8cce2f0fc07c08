package verdict

import (
	"fmt"
	"strings"

	"drover/rules/status"
)

// showResult says what a result is, compared with history.
func showResult(r Result, o Outcome) Judged {
	j := judged(r.Test+" "+r.Scenario, o)
	if r.Scenario == "" {
		j.Key = r.Test
	}
	if !r.State.Counts() {
		j.Counts, j.Shown, j.Text = false, status.Trial, notCounted(r.State)
		return j
	}
	if !o.Finished {
		return j
	}
	j.Shown = shown(o, r.Issue, r.History)
	j.Text = r.History.text(j.Shown, r.Issue, o)
	return j
}

// showBuild says what a build is. One without anything to compare with is
// not as before.
func showBuild(b Build, o Outcome) Judged {
	j := judged(b.Key, o)
	if !o.Finished {
		return j
	}
	o.Flaky = false // a build that passed in the end is a build
	j.Shown = shown(o, b.Issue, b.History)
	switch j.Shown {
	case status.New:
		j.Text = "Does not build, " + b.History.comparison()
	case status.StillFailing:
		j.Text = "Broken, as before"
		if b.History.FailingFor > 1 {
			j.Text = fmt.Sprintf("Broken, as before, for %s", plural(b.History.FailingFor, "checkout", "checkouts"))
		}
	case status.FirstRun:
		j.Text = "Does not build, first build here"
	default:
		j.Text = b.History.text(j.Shown, b.Issue, o)
	}
	return j
}

func judged(key string, o Outcome) Judged {
	return Judged{Key: key, Status: o.Status, Reason: o.Reason, Attempts: o.Attempts, Failed: o.Failed, Finished: o.Finished, Counts: true}
}

// shown is the table of ui.md 2.2.
func shown(o Outcome, issue int64, h History) status.Shown {
	switch o.Status {
	case status.Fail:
		switch {
		case issue != 0:
			return status.KnownIssue
		case h.before() == status.Pass:
			return status.New
		case h.before() == status.Fail:
			return status.StillFailing
		}
		return status.FirstRun
	case status.Error:
		if issue != 0 {
			return status.KnownIssue
		}
	case status.Pass:
		switch {
		case o.Flaky:
			return status.Flaky
		case h.Base == status.Fail:
			return status.Fixed
		}
	}
	return ""
}

// text is the sentence beside what is shown, "" where the word says all.
func (h History) text(shown status.Shown, issue int64, o Outcome) string {
	switch shown {
	case status.New:
		return fmt.Sprintf("Failed %d of %d, %s", o.Failed, o.Attempts, h.comparison())
	case status.KnownIssue:
		return fmt.Sprintf("Known issue #%d", issue)
	case status.Flaky:
		return "Failed once, then passed"
	case status.Fixed:
		if h.FailingFor > 1 {
			return "Was failing for " + plural(h.FailingFor, "checkout", "checkouts")
		}
		return "Fixed, " + h.comparison()
	case status.StillFailing:
		if h.FailingFor > 1 {
			return "Failing for " + plural(h.FailingFor, "checkout", "checkouts")
		}
		return "Failed before too, " + h.comparison()
	case status.FirstRun:
		return "Fails, first run here"
	}
	return ""
}

// comparison says what a result was compared with, so that nobody takes a far
// or foreign one for the checkout before.
func (h History) comparison() string {
	text := "compared with " + h.Label
	switch {
	case !h.compared():
		text = "compared with its last result within 30 days"
	case h.Label == "":
		text = "compared with the checkout before"
	}
	if h.compared() && h.Back > 1 {
		text += fmt.Sprintf(", %d checkouts back", h.Back)
	}
	if h.compared() && h.NotAncestor {
		text += ", not an ancestor"
	}
	if h.TestChanged {
		text += "; " + TestChanged
	}
	return text
}

// TestChanged is what a comparison ends with when the code of the test differs
// too, so that nobody looks for the change in the kernel alone.
const TestChanged = "the test changed too"

// SaysTestChanged tells whether the text of a result has that.
func SaysTestChanged(text string) bool { return strings.HasSuffix(text, TestChanged) }

func notCounted(state status.TestState) string {
	switch state {
	case status.TestQuarantined:
		return "In quarantine, does not count"
	case status.TestOff:
		return "Switched off, does not count"
	case status.TestTrial:
		return "In trial, does not count"
	}
	return "Does not count"
}

// plural is the number with the right form of its word.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
