// Package status holds the words of Drover: what a result, a build, a checkout
// and a job can be, how each is said, and to which of the five colour families
// it belongs. One table per kind; pages, mails, JSON and CSV read these tables.
//
// It is pure and imports nothing.
package status

// Family is one of the five colours people can tell apart.
type Family string

// The families; glyph, height and word carry the rest of the meaning.
const (
	Good   Family = "good"
	Bad    Family = "bad"
	Infra  Family = "infra"
	Active Family = "active"
	Off    Family = "off"
)

// Status is what happened to a result or build, with KCIDB's words in lower
// case, or where it is in its life while that is not yet known.
type Status string

// Final statuses, then the ones before the end.
const (
	Pass  Status = "pass"
	Fail  Status = "fail"
	Error Status = "error" // could not run properly: our, or the lab's, fault
	Miss  Status = "miss"  // was planned, no result came
	Skip  Status = "skip"
	Done  Status = "done" // ran, no verdict: a measurement

	Planned   Status = "planned"
	Queued    Status = "queued"
	Running   Status = "running"
	Cancelled Status = "cancelled"
)

// Word says how a Status is shown.
type Word struct {
	Text   string // "Infra error"
	Family Family
	Mail   string // the column word of a mail, "" if it has none
}

var words = map[Status]Word{
	Pass:      {"Pass", Good, "PASS"},
	Fail:      {"Fail", Bad, "FAIL"},
	Error:     {"Infra error", Infra, "INFRA"},
	Miss:      {"Missing", Infra, "MISS"},
	Skip:      {"Skipped", Off, "SKIP"},
	Done:      {"Done", Off, ""},
	Planned:   {"Planned", Off, ""},
	Queued:    {"Queued", Off, ""},
	Running:   {"Running", Active, ""},
	Cancelled: {"Cancelled", Off, ""},
}

// Word is how s is said; an unknown status is shown as it is, in grey.
func (s Status) Word() Word {
	if w, ok := words[s]; ok {
		return w
	}
	return Word{Text: string(s), Family: Off}
}

// Known tells whether s is one of the words above.
func (s Status) Known() bool { _, ok := words[s]; return ok }

// Final tells whether nothing more is to come.
func (s Status) Final() bool {
	switch s {
	case Planned, Queued, Running:
		return false
	}
	return true
}

// Ran tells whether there was a try at all: what is missing or was cancelled
// says nothing of the test and of the machine.
func (s Status) Ran() bool { return s.Final() && s != Miss && s != Cancelled }

// rank orders statuses, worst first, as KCIDB does.
var rank = map[Status]int{Fail: 1, Error: 2, Miss: 3, Pass: 4, Done: 5, Skip: 6}

// Worst is the status that speaks for all of list: KCIDB's order, FAIL first.
// An unfinished status speaks only when nothing finished; "" for no list.
func Worst(list ...Status) Status {
	var worst Status
	for _, s := range list {
		if worst == "" || rankOf(s) < rankOf(worst) {
			worst = s
		}
	}
	return worst
}

func rankOf(s Status) int {
	if r, ok := rank[s]; ok {
		return r
	}
	return 9
}

// Shown is what is said on top of the stored status of a result, after it was
// compared with history. "" means that the status speaks for itself.
type Shown string

// What a comparison can say.
const (
	New          Shown = "new"
	KnownIssue   Shown = "known"
	Flaky        Shown = "flaky"
	Fixed        Shown = "fixed"
	StillFailing Shown = "still_failing"
	FirstRun     Shown = "first_run"
	Trial        Shown = "trial"
)

var shownWords = map[Shown]Word{
	New:          {"New", Bad, "new"},
	KnownIssue:   {"Known", Off, "KNOWN"},
	Flaky:        {"Flaky", Good, "flaky"},
	Fixed:        {"Fixed", Good, "FIXED"},
	StillFailing: {"Still failing", Bad, "still failing"},
	FirstRun:     {"Fails, first run here", Bad, "first run"},
	Trial:        {"Trial", Off, ""},
}

// Word is how s is said; ok is false for "" and unknown words.
func (s Shown) Word() (Word, bool) { w, ok := shownWords[s]; return w, ok }

// Verdict is the one judgement of a checkout.
type Verdict string

// The verdicts, in the order in which they are chosen (ui: exactly one).
const (
	Nothing       Verdict = "nothing"
	Broken        Verdict = "broken"
	NewFailures   Verdict = "new"
	StillRunning  Verdict = "running"
	Unclear       Verdict = "unclear"
	NoNewFailures Verdict = "ok"
	NotYetJudged  Verdict = ""
)

// Family is the colour of a verdict.
func (v Verdict) Family() Family {
	switch v {
	case Broken, NewFailures:
		return Bad
	case StillRunning:
		return Active
	case Unclear:
		return Infra
	case NoNewFailures:
		return Good
	}
	return Off
}

// Word is the short form for a badge.
func (v Verdict) Word() string {
	switch v {
	case Nothing:
		return "Nothing tested"
	case Broken:
		return "Broken"
	case NewFailures:
		return "New failures"
	case StillRunning:
		return "Running"
	case Unclear:
		return "Unclear"
	case NoNewFailures:
		return "OK"
	}
	return "Planned"
}

// Lane says whose history a checkout belongs to and whom it may tell.
type Lane string

// The lanes: only baseline results make history.
const (
	Baseline  Lane = "baseline"  // a branch
	Candidate Lane = "candidate" // a merge request or patch series
	Canary    Lane = "canary"    // new configuration or code on old input
	Rehearsal Lane = "rehearsal" // a tree that is not yet live
)

// TreeState says what a tree does.
type TreeState string

// States of a tree.
const (
	TreeRehearsal TreeState = "rehearsal" // runs, tells nobody
	TreeLive      TreeState = "live"
	TreePaused    TreeState = "paused"
)

// TestState says how much a test counts.
type TestState string

// States of a test, in the order of promotion.
const (
	TestOff         TestState = "off"
	TestTrial       TestState = "trial"
	TestReporting   TestState = "reporting"
	TestBlocking    TestState = "blocking"
	TestQuarantined TestState = "quarantined"
)

// Counts tells whether results of a test in this state count for a verdict.
func (s TestState) Counts() bool { return s == TestReporting || s == TestBlocking }
