// Package verdict judges one checkout: from the attempts of its builds and
// results, and what was seen before in the same scenarios, to one verdict, one
// sentence and the reasons. Page, mail, API, gate and metric print its answer
// and never compute their own.
//
// It is pure: the caller looks up history (see Nearest for which commit to
// compare with), and tells which retries are still to come. It must not know
// where a result comes from. The job that judges a checkout calls it, and
// `drover verdict` does so on a file.
package verdict

import "drover/rules/status"

// Version is stored with every judgement; it grows when the same input may be
// judged otherwise.
const Version = 1

// DefaultUnclearPercent is how much of the planned results may have no result
// before the checkout is unclear, where the tree does not set it.
const DefaultUnclearPercent = 20

// Input is all that is known of one checkout.
type Input struct {
	Builds  []Build  `json:"builds"`
	Results []Result `json:"results"`
	// Reason says why nothing was planned, if so.
	Reason string `json:"reason,omitempty"`
	// UnclearPercent is the tree's setting, 1 to 100; 0 for the default.
	UnclearPercent int `json:"unclear_percent,omitempty"`
}

// Build is one planned compile.
type Build struct {
	// Key is unique in the checkout: arch/config/compiler.
	Key      string          `json:"key"`
	Attempts []status.Status `json:"attempts"` // in order, the lifecycle included
	// RetryLeft says that herding may still start another attempt.
	RetryLeft bool    `json:"retry_left,omitempty"`
	Issue     int64   `json:"issue,omitempty"` // open known issue, or 0
	History   History `json:"history"`
}

// Result is one planned execution of a test.
type Result struct {
	Test     string           `json:"test"`     // the test's path
	Scenario string           `json:"scenario"` // arch/config/compiler
	Build    string           `json:"build"`    // Key of its build, "" if it has none
	State    status.TestState `json:"state"`
	Attempts []status.Status  `json:"attempts"` // in order, the lifecycle included
	// RetryLeft says that herding may still start another attempt.
	RetryLeft bool    `json:"retry_left,omitempty"`
	Issue     int64   `json:"issue,omitempty"` // open known issue, or 0
	History   History `json:"history"`
}

// History is what was seen before in one scenario.
type History struct {
	// Base is pass or fail at the nearest tested ancestor, "" without one.
	Base status.Status `json:"base,omitempty"`
	// Back is how many checkouts back that is: 1 is the one before.
	Back  int    `json:"back,omitempty"`
	Label string `json:"label,omitempty"` // short commit of that checkout
	// NotAncestor: after a rebase, the branch's previous checkout.
	NotAncestor bool `json:"not_ancestor,omitempty"`
	// Last is the last result within 30 days that is pass or fail, wherever on
	// this branch; it speaks where there is no Base.
	Last status.Status `json:"last,omitempty"`
	// FailingFor counts the checkouts in a row that failed, this one included
	// if it fails.
	FailingFor int `json:"failing_for,omitempty"`
	// TestChanged: the code of the test differs from that of the Base.
	TestChanged bool `json:"test_changed,omitempty"`
}

// before is what to compare with, "" for nothing.
func (h History) before() status.Status {
	for _, s := range []status.Status{h.Base, h.Last} {
		if decisive(s) {
			return s
		}
	}
	return ""
}

// compared tells whether Base, not Last, is what before gives.
func (h History) compared() bool { return decisive(h.Base) }

// Judgement is the answer.
type Judgement struct {
	Version  int            `json:"version"`
	Verdict  status.Verdict `json:"verdict"`
	Text     string         `json:"verdict_text"` // one sentence without a full stop
	Reasons  []string       `json:"reasons"`
	Counts   Counts         `json:"counts"`
	Builds   []Judged       `json:"builds"`  // in the order of the input
	Results  []Judged       `json:"results"` // in the order of the input
	Finished bool           `json:"finished"`
	// News says that developers should be told: something of theirs broke that
	// was not broken before. It is false when only infrastructure failed.
	News bool `json:"news"`
}

// Counts counts the results of tests that count. Planned is Finished and those
// still to come; Finished is Pass + New + Known + StillFailing + FirstRun +
// Infra + Missing + Skipped + Done.
type Counts struct {
	Planned      int `json:"planned"`
	Finished     int `json:"finished"`
	Pass         int `json:"pass"` // Fixed and Flaky are among these
	New          int `json:"new"`
	Known        int `json:"known"`
	StillFailing int `json:"still_failing"`
	FirstRun     int `json:"first_run"`
	Infra        int `json:"infra"`
	Missing      int `json:"missing"` // with those cancelled
	Skipped      int `json:"skipped"`
	Done         int `json:"done"` // ran, no verdict
	Fixed        int `json:"fixed"`
	Flaky        int `json:"flaky"`
	// Trial counts the results that never count, finished or not.
	Trial  int         `json:"trial"`
	Builds BuildCounts `json:"builds"`
}

// BuildCounts counts builds. Finished is Pass + Failed + Infra + Skipped.
type BuildCounts struct {
	Planned  int `json:"planned"`
	Finished int `json:"finished"`
	Pass     int `json:"pass"`
	Failed   int `json:"failed"`
	Before   int `json:"before"` // of those failed: as before, or a known issue
	Infra    int `json:"infra"`  // error, missing or cancelled
	Skipped  int `json:"skipped"`
}

// Judged is what is said of one build or result.
type Judged struct {
	Key      string        `json:"key"`    // of the build, or test and scenario
	Status   status.Status `json:"status"` // of all attempts together
	Shown    status.Shown  `json:"shown,omitempty"`
	Text     string        `json:"text,omitempty"` // "Failing for 6 checkouts"
	Reason   string        `json:"reason,omitempty"`
	Attempts int           `json:"attempts"` // that finished
	Failed   int           `json:"failed"`   // of these
	Finished bool          `json:"finished"`
	Counts   bool          `json:"counts"` // for the verdict
}
