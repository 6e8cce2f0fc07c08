package notice

import (
	"fmt"

	"drover/rules/status"
)

// Stage says which report of a checkout it is.
type Stage string

// The stages: a checkout has one first report and at most one correction.
const (
	First      Stage = "first"
	Correction Stage = "correction"
	NoReport   Stage = "none"
)

// Input is what the decision looks at.
type Input struct {
	Lane      status.Lane
	Tree      status.TreeState
	TrialOnly bool // every test that ran is in trial

	Verdict  status.Verdict
	Finished bool // everything has a final result
	Overdue  bool // the tree's deadline has passed

	New    int  // new failures, builds included
	Fixed  int  // fixed since the compared checkout
	Infra  int  // results with status error or miss
	Failed int  // failures of any kind: new, known, still failing, first run
	Before bool // broken, but so was the compared checkout

	Sent []Sent // earlier reports of this checkout, oldest first

	People       []Candidate
	Operator     string // address of who keeps the machines; "" if none is set
	Own          string // our own address, which never gets mail from us
	RangeAuthors int    // authors of the commits in the range
	Culprit      bool   // it is known who of them
	SeriesPasses bool   // the tree answers series also when all is well
}

// Sent is an earlier report.
type Sent struct {
	Verdict status.Verdict
	To      []string
}

// Decision is whether to send, what and to whom. Everybody who is left out is
// in Dropped, so that "why did I not get it" has an answer.
type Decision struct {
	Send       bool
	Kind       Stage
	Number     int // n of the Message-ID: 1 first, 2 correction
	Reason     string
	Recipients []Recipient
	Dropped    []Dropped
	// Suppressed is set by Suppress: the report is stored and shown, and the
	// reason says why it does not leave.
	Suppressed string
}

// Recipient is one address that gets its own copy.
type Recipient struct {
	Address string
	Why     string // ends the sentence "You get it because ..."
	Person  bool   // one person, who can unsubscribe with one click
}

// Dropped is an address that gets nothing.
type Dropped struct {
	Address string
	Reason  string
}

// Suppress keeps the decision and its recipients, but sends nothing: outside
// production, with the mail switch off, or while a new tree's first mails wait
// for a person.
func (d Decision) Suppress(reason string) Decision {
	if d.Send {
		d.Send, d.Suppressed = false, reason
	}
	return d
}

// Decide says whether the checkout is reported now. It may be asked again at
// every change: what was sent is in the input, so nothing is said twice.
func Decide(in Input) Decision {
	if reason := silent(in); reason != "" {
		return nothing(reason)
	}
	if reason := early(in); reason != "" {
		return nothing(reason)
	}
	kind, reason := stage(in)
	if kind == NoReport {
		return nothing(reason)
	}
	audience := audienceOf(in)
	d := Decision{Kind: kind, Number: len(in.Sent) + 1}
	d.Recipients, d.Dropped = choose(in, audience, kind)
	if len(d.Recipients) == 0 {
		d.Kind, d.Number, d.Reason = NoReport, 0, "nobody to tell: "+audience.reason
		return d
	}
	d.Send = true
	d.Reason = fmt.Sprintf("%s; %s", reason, audience.reason)
	return d
}

func nothing(reason string) Decision { return Decision{Kind: NoReport, Reason: reason} }

// silent names what keeps a checkout from telling anybody, whatever it found.
func silent(in Input) string {
	switch {
	case in.Lane == status.Rehearsal || in.Tree == status.TreeRehearsal:
		return "the tree is in rehearsal: it tells nobody until it goes live"
	case in.Lane == status.Canary:
		return "a canary: new configuration or code on old input has no effect on people"
	case in.Tree == status.TreePaused:
		return "the tree is paused"
	case in.TrialOnly:
		return "only tests in trial ran, and these never count"
	case in.Verdict == status.NotYetJudged:
		return "not judged yet"
	case in.Verdict == status.Nothing:
		return "nothing was tested"
	case in.Verdict == status.Broken && in.Before && in.New == 0:
		return "does not build, as before: no news"
	}
	return ""
}

// early holds a report back until it is whole. What does not build is told at
// once: nothing that is still running can change it.
func early(in Input) string {
	switch {
	case in.Verdict == status.Broken && len(in.Sent) == 0, in.Finished:
		return ""
	case in.Overdue && len(in.Sent) == 0:
		return ""
	case in.Overdue:
		return "reported as partial; waits until everything has finished"
	}
	return "waits until everything has finished, or for the tree's deadline"
}

// stage tells the first report from a correction. Only the verdict counts: a
// third new failure after two is on the page, and is no second mail.
func stage(in Input) (Stage, string) {
	switch len(in.Sent) {
	case 0:
		if !in.Finished && in.Verdict != status.Broken {
			return First, "first report, partial: the deadline has passed"
		}
		return First, "first report"
	case 1:
		was := in.Sent[0].Verdict
		if settled(was) == settled(in.Verdict) {
			return NoReport, "reported, and the verdict has not changed since"
		}
		return Correction, fmt.Sprintf("correction: the verdict was %q and is %q", was, in.Verdict)
	}
	return NoReport, "reported and corrected once already"
}

// settled treats a partial report without failures as the good one that it
// announced: the same news is no correction.
func settled(v status.Verdict) status.Verdict {
	if v == status.StillRunning {
		return status.NoNewFailures
	}
	return v
}

// audience is which groups a verdict concerns.
type audience struct {
	everyone  bool // who has to do with the code
	passes    bool // who asked for good news too
	fixed     bool // who got the failure that is fixed
	operators bool
	reason    string
}

func audienceOf(in Input) audience {
	switch in.Verdict {
	case status.Broken:
		return audience{everyone: true, reason: "it does not build"}
	case status.NewFailures:
		return audience{everyone: true, reason: plural(max(in.New, 1), "new failure")}
	case status.Unclear:
		if in.Infra > 0 && in.Failed == 0 {
			return audience{operators: true, reason: "only infrastructure failed: no news to developers, the operators look"}
		}
		if in.Infra > 0 {
			return audience{operators: true, passes: true, reason: "not enough results to judge: the operators look, and those who asked for all reports"}
		}
		return audience{passes: true, reason: "nothing to compare with: only those who asked for all reports"}
	}
	if in.Fixed > 0 {
		return audience{passes: true, fixed: true, reason: plural(in.Fixed, "failure") + " fixed: those who got the failure, and those who asked for all reports"}
	}
	return audience{passes: true, reason: "no new failure: only those who asked for all reports"}
}
