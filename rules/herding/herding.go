// Package herding decides what becomes of a job whose attempt ended: another
// attempt, and when, or none. Jobs are brought to their end without a person,
// and never tried again where that cannot help.
//
// It is pure and knows no clock: it gives a waiting time. It must not know how
// a job is run. The job that looks after running jobs calls it and stores the
// decision with its rule and reason; `drover herd` does so on a file.
package herding

import (
	"fmt"
	"time"

	"drover/rules/status"
)

// Kind is what the job does.
type Kind string

// The kinds.
const (
	Build Kind = "build"
	Test  Kind = "test"
)

// Attempt is one try at a job.
type Attempt struct {
	Status status.Status `json:"status"`
	// Reason says why an error is one, as the runner named it: one of the
	// Reason words, or text of an outside system.
	Reason string `json:"reason,omitempty"`
}

// Reasons that runners give for errors.
const (
	ReasonTimeout = "timeout" // the job took longer than it may
	ReasonDisk    = "disk"    // no space left
	ReasonLost    = "lost"    // the runner died or forgot the job
	ReasonSetup   = "setup"   // the job could not be prepared
)

// Job is what is to be decided on: all attempts so far, in order.
type Job struct {
	Kind     Kind      `json:"kind"`
	Attempts []Attempt `json:"attempts"`
}

// Limits are settings. Zero values mean the defaults; a negative number of
// retries means none.
type Limits struct {
	FailedTest  int // retries of a failed test: 1
	BrokenTest  int // retries of a test that could not run: 2
	BrokenBuild int // retries of a build that could not run: 1
	// Delay is the wait before the first retry of what could not run: 5 min,
	// of which a lost job waits a tenth. Each later one is three times as long.
	Delay time.Duration
	// MaxDelay bounds that: 1 h.
	MaxDelay time.Duration
}

// Action is what to do.
type Action string

// The actions.
const (
	Retry Action = "retry"
	Stop  Action = "stop"
)

// Decision is the answer. Rule names the row that decided.
type Decision struct {
	Action Action        `json:"action"`
	After  time.Duration `json:"after"` // wait before the retry, 0 for at once
	Reason string        `json:"reason"`
	Rule   string        `json:"rule"`
}

// Decide looks at the last attempt in the light of those before it.
func Decide(job Job, limits Limits) Decision {
	c := caseOf(job, limits.orDefault())
	for _, rule := range rules {
		if rule.applies(c) {
			return rule.decide(c)
		}
	}
	return Decision{Stop, 0, "no rule knows what to do", "none"}
}

// situation is what the rules look at.
type situation struct {
	kind   Kind
	limits Limits
	last   Attempt
	number int // of attempts
	passed int
	failed int
	broken int // attempts that ended as error or missing
	ended  bool
	cancel bool
}

func caseOf(job Job, limits Limits) situation {
	c := situation{kind: job.Kind, limits: limits, number: len(job.Attempts), ended: true}
	for _, a := range job.Attempts {
		c.ended = c.ended && a.Status.Final()
		switch a.Status {
		case status.Pass:
			c.passed++
		case status.Fail:
			c.failed++
		case status.Error, status.Miss:
			c.broken++
		case status.Cancelled:
			c.cancel = true
		}
	}
	if c.number > 0 {
		c.last = job.Attempts[c.number-1]
	}
	return c
}

// couldNotRun tells whether the last attempt says nothing of the kernel.
func (c situation) couldNotRun() bool {
	return c.last.Status == status.Error || c.last.Status == status.Miss
}

// rule is one row of the table.
type rule struct {
	name    string
	applies func(situation) bool
	action  Action
	after   func(situation) time.Duration // nil for at once
	reason  func(situation) string
}

func (r rule) decide(c situation) Decision {
	d := Decision{Action: r.action, Reason: r.reason(c), Rule: r.name}
	if r.after != nil {
		d.After = r.after(c)
	}
	return d
}

// rules are asked from the top; the first that applies decides.
var rules = []rule{
	{"cancelled", func(c situation) bool { return c.cancel },
		Stop, nil, say("it was cancelled, and what a person stopped is not started again")},
	{"unfinished", func(c situation) bool { return c.number == 0 || !c.ended },
		Stop, nil, say("an attempt is still to end")},
	{"confirmed", func(c situation) bool { return c.kind == Test && c.failed > c.limits.FailedTest },
		Stop, nil, confirmedReason},
	{"passed", func(c situation) bool { return c.passed > 0 },
		Stop, nil, passedReason},
	{"no verdict", func(c situation) bool { return c.last.Status == status.Skip || c.last.Status == status.Done },
		Stop, nil, say("it ended as skipped or done, and there is nothing to confirm")},
	{"build failed", func(c situation) bool { return c.kind == Build && c.last.Status == status.Fail },
		Stop, nil, say("the compiler failed, and would on the same source again")},
	{"confirm", func(c situation) bool { return c.kind == Test && c.last.Status == status.Fail },
		Retry, nil, say("failed once: a second attempt tells a failure from a flaky test")},
	{"gave up", func(c situation) bool { return c.couldNotRun() && c.broken > c.retries() },
		Stop, nil, func(c situation) string {
			return fmt.Sprintf("could not run %d of %d times (%s): no retry is left", c.broken, c.number, c.why())
		}},
	{"infrastructure", situation.couldNotRun,
		Retry, situation.delay, func(c situation) string {
			return fmt.Sprintf("could not run (%s): retry %d of %d", c.why(), c.broken, c.retries())
		}},
}

func say(text string) func(situation) string { return func(situation) string { return text } }

func confirmedReason(c situation) string {
	if c.failed == 1 {
		return "failed, and the settings allow no retry of a failure"
	}
	return fmt.Sprintf("failed %d times: the failure is confirmed", c.failed)
}

func passedReason(c situation) string {
	if c.kind == Test && c.failed > 0 {
		return "failed and passed: the test is flaky"
	}
	return "it passed"
}

// retries is how often what could not run is tried again.
func (c situation) retries() int {
	if c.kind == Build {
		return c.limits.BrokenBuild
	}
	return c.limits.BrokenTest
}

// why is the reason of the last attempt in words.
func (c situation) why() string {
	switch {
	case c.last.Reason != "":
		return c.last.Reason
	case c.last.Status == status.Miss:
		return "no result came"
	}
	return "no reason given"
}

// delay grows with the attempts that could not run: most outages of a lab are
// over within half an hour. Only a lost job needs no outage to end.
func (c situation) delay() time.Duration {
	delay := c.limits.Delay
	if c.last.Reason == ReasonLost {
		delay /= 10
	}
	for range c.broken - 1 {
		if delay > c.limits.MaxDelay/3 {
			return c.limits.MaxDelay
		}
		delay *= 3
	}
	return min(delay, c.limits.MaxDelay)
}

// orDefault fills in what is not set.
func (l Limits) orDefault() Limits {
	for _, f := range []struct {
		value    *int
		fallback int
	}{{&l.FailedTest, 1}, {&l.BrokenTest, 2}, {&l.BrokenBuild, 1}} {
		if *f.value == 0 {
			*f.value = f.fallback
		}
		*f.value = max(*f.value, 0)
	}
	if l.Delay <= 0 {
		l.Delay = 5 * time.Minute
	}
	if l.MaxDelay <= 0 {
		l.MaxDelay = time.Hour
	}
	return l
}
