package herding

import (
	"encoding/json"
	"testing"
	"time"
)

// TestEveryRuleDecidesSomething: a row that nothing reaches would be a lie in
// the table that people read.
func TestEveryRuleDecidesSomething(t *testing.T) {
	examples := map[string]Job{
		"cancelled":      {Test, attempts("error", "cancelled")},
		"unfinished":     {Test, attempts("queued")},
		"confirmed":      {Test, attempts("fail", "error", "fail")},
		"passed":         {Build, attempts("error", "pass")},
		"no verdict":     {Test, attempts("skip")},
		"build failed":   {Build, attempts("error", "fail")},
		"confirm":        {Test, attempts("error", "fail")},
		"gave up":        {Build, attempts("error", "miss")},
		"infrastructure": {Test, attempts("fail", "miss")},
	}
	for _, row := range rules {
		job, ok := examples[row.name]
		if got := Decide(job, Limits{}); !ok || got.Rule != row.name || got.Action != row.action {
			t.Errorf("rule %q: %+v is decided as %+v", row.name, job, got)
		}
	}
	if len(examples) != len(rules) {
		t.Errorf("%d examples for %d rules", len(examples), len(rules))
	}
}

// TestDelaysGrow: each wait is longer than the one before, until the bound.
func TestDelaysGrow(t *testing.T) {
	for _, reason := range []string{"", ReasonTimeout, ReasonDisk, ReasonLost, ReasonSetup, "HTTP 503 from the lab"} {
		limits := Limits{BrokenTest: 12, Delay: 10 * time.Second, MaxDelay: 10 * time.Minute}
		job := Job{Kind: Test}
		before := time.Duration(0)
		for range 12 {
			job.Attempts = append(job.Attempts, attempts("error/"+reason)...)
			d := Decide(job, limits)
			if d.Action != Retry || d.After <= before && d.After != limits.MaxDelay {
				t.Errorf("%q, attempt %d: %+v after %v", reason, len(job.Attempts), d, before)
			}
			before = d.After
		}
		if before != limits.MaxDelay {
			t.Errorf("%q: the last delay is %v", reason, before)
		}
		job.Attempts = append(job.Attempts, attempts("error")...)
		if d := Decide(job, limits); d.Action != Stop {
			t.Errorf("%q: goes on for ever: %+v", reason, d)
		}
	}
}

// TestSuccessIsNoReasonToWait: a failure of the kernel is confirmed at once,
// however often the lab failed before.
func TestSuccessIsNoReasonToWait(t *testing.T) {
	for _, before := range []words{nil, {"error"}, {"error", "miss"}} {
		d := Decide(Job{Test, attempts(append(before, "fail")...)}, Limits{})
		if d.Action != Retry || d.After != 0 || d.Rule != "confirm" {
			t.Errorf("%v, then a failure: %+v", before, d)
		}
	}
}

// TestJSON pins the names that `drover herd` reads and prints.
func TestJSON(t *testing.T) {
	var job Job
	const in = `{"kind":"test","attempts":[{"status":"fail"},{"status":"error","reason":"lost"}]}`
	if err := json.Unmarshal([]byte(in), &job); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(Decide(job, Limits{}))
	const want = `{"action":"retry","after":30000000000,"reason":"could not run (lost): retry 1 of 2","rule":"infrastructure"}`
	if err != nil || string(out) != want {
		t.Errorf("%s, %v", out, err)
	}
}
