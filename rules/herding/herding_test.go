package herding

import (
	"testing"
	"time"

	"drover/rules/status"
)

// attempts reads words: "fail", or "error/timeout" with a reason.
func attempts(words ...string) []Attempt {
	var list []Attempt
	for _, word := range words {
		a := Attempt{Status: status.Status(word)}
		for i := range word {
			if word[i] == '/' {
				a = Attempt{status.Status(word[:i]), word[i+1:]}
			}
		}
		list = append(list, a)
	}
	return list
}

type words = []string

func TestDecide(t *testing.T) {
	const five, fifteen = 5 * time.Minute, 15 * time.Minute
	for _, c := range []struct {
		why      string
		kind     Kind
		attempts words
		action   Action
		after    time.Duration
		rule     string
		reason   string
	}{
		{"a test that passed", Test, words{"pass"}, Stop, 0, "passed", "it passed"},
		{"a failure is confirmed by a second attempt, at once", Test, words{"fail"}, Retry, 0, "confirm", "failed once: a second attempt tells a failure from a flaky test"},
		{"two failures", Test, words{"fail", "fail"}, Stop, 0, "confirmed", "failed 2 times: the failure is confirmed"},
		{"flaky", Test, words{"fail", "pass"}, Stop, 0, "passed", "failed and passed: the test is flaky"},
		{"a person tried a confirmed failure again", Test, words{"fail", "fail", "pass"}, Stop, 0, "confirmed", "failed 2 times: the failure is confirmed"},
		{"the lab failed", Test, words{"error/setup"}, Retry, five, "infrastructure", "could not run (setup): retry 1 of 2"},
		{"the lab failed twice: wait longer", Test, words{"error/setup", "error/disk"}, Retry, fifteen, "infrastructure", "could not run (disk): retry 2 of 2"},
		{"the lab failed three times", Test, words{"error", "error", "error"}, Stop, 0, "gave up", "could not run 3 of 3 times (no reason given): no retry is left"},
		{"no result came", Test, words{"miss"}, Retry, five, "infrastructure", "could not run (no result came): retry 1 of 2"},
		{"a lost job waits less", Test, words{"error/lost"}, Retry, 30 * time.Second, "infrastructure", "could not run (lost): retry 1 of 2"},
		{"lost again", Test, words{"error/lost", "error/lost"}, Retry, 90 * time.Second, "infrastructure", "could not run (lost): retry 2 of 2"},
		{"the lab failed, then the test did", Test, words{"error", "fail"}, Retry, 0, "confirm", "failed once: a second attempt tells a failure from a flaky test"},
		{"the confirmation could not run", Test, words{"fail", "error/timeout"}, Retry, five, "infrastructure", "could not run (timeout): retry 1 of 2"},
		{"the confirmation could never run", Test, words{"fail", "error", "miss", "error/lost"}, Stop, 0, "gave up", "could not run 3 of 4 times (lost): no retry is left"},
		{"the confirmation failed in the end", Test, words{"fail", "error", "fail"}, Stop, 0, "confirmed", "failed 2 times: the failure is confirmed"},
		{"passed in the end", Test, words{"error", "error", "pass"}, Stop, 0, "passed", "it passed"},
		{"skipped", Test, words{"skip"}, Stop, 0, "no verdict", "it ended as skipped or done, and there is nothing to confirm"},
		{"a measurement", Test, words{"error", "done"}, Stop, 0, "no verdict", "it ended as skipped or done, and there is nothing to confirm"},
		{"cancelled", Test, words{"cancelled"}, Stop, 0, "cancelled", "it was cancelled, and what a person stopped is not started again"},
		{"cancelled after a failure", Test, words{"fail", "cancelled"}, Stop, 0, "cancelled", "it was cancelled, and what a person stopped is not started again"},
		{"an error after somebody cancelled", Test, words{"cancelled", "error"}, Stop, 0, "cancelled", "it was cancelled, and what a person stopped is not started again"},
		{"nothing ran yet", Test, nil, Stop, 0, "unfinished", "an attempt is still to end"},
		{"running", Test, words{"fail", "running"}, Stop, 0, "unfinished", "an attempt is still to end"},
		{"a status of a later version", Test, words{"exploded"}, Stop, 0, "none", "no rule knows what to do"},

		{"built", Build, words{"pass"}, Stop, 0, "passed", "it passed"},
		{"a compiler error comes again", Build, words{"fail"}, Stop, 0, "build failed", "the compiler failed, and would on the same source again"},
		{"a build that ran too long", Build, words{"error/timeout"}, Retry, five, "infrastructure", "could not run (timeout): retry 1 of 1"},
		{"a build that lost its runner", Build, words{"error/lost"}, Retry, 30 * time.Second, "infrastructure", "could not run (lost): retry 1 of 1"},
		{"a build that could not run twice", Build, words{"error/disk", "error/disk"}, Stop, 0, "gave up", "could not run 2 of 2 times (disk): no retry is left"},
		{"a build that could not run, then failed", Build, words{"error/disk", "fail"}, Stop, 0, "build failed", "the compiler failed, and would on the same source again"},
		{"a build that could not run, then built", Build, words{"error/disk", "pass"}, Stop, 0, "passed", "it passed"},
		{"a build that was cancelled", Build, words{"cancelled"}, Stop, 0, "cancelled", "it was cancelled, and what a person stopped is not started again"},
	} {
		got := Decide(Job{c.kind, attempts(c.attempts...)}, Limits{})
		if want := (Decision{c.action, c.after, c.reason, c.rule}); got != want {
			t.Errorf("%s: %v\n\tgot  %+v\n\twant %+v", c.why, c.attempts, got, want)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		why      string
		limits   Limits
		kind     Kind
		attempts words
		action   Action
		after    time.Duration
	}{
		{"no retry of a failure", Limits{FailedTest: -1}, Test, words{"fail"}, Stop, 0},
		{"two confirmations", Limits{FailedTest: 2}, Test, words{"fail", "fail"}, Retry, 0},
		{"no retry of an error", Limits{BrokenTest: -1}, Test, words{"error"}, Stop, 0},
		{"no retry of a build", Limits{BrokenBuild: -1}, Build, words{"error"}, Stop, 0},
		{"an own delay", Limits{Delay: time.Second}, Test, words{"error", "error"}, Retry, 3 * time.Second},
		{"delays grow", Limits{BrokenTest: 9}, Test, words{"error", "error", "error"}, Retry, 45 * time.Minute},
		{"up to a bound", Limits{BrokenTest: 9}, Test, words{"error", "error", "error", "error"}, Retry, time.Hour},
		{"a delay above the bound", Limits{Delay: 9 * time.Hour, BrokenTest: 9}, Test, words{"error", "error"}, Retry, time.Hour},
	} {
		got := Decide(Job{c.kind, attempts(c.attempts...)}, c.limits)
		if got.Action != c.action || got.After != c.after {
			t.Errorf("%s: %+v", c.why, got)
		}
	}
}

// TestEveryJobEnds plays all outcomes of all attempts: whatever happens, the
// herder stops, and has given no job more than five attempts.
func TestEveryJobEnds(t *testing.T) {
	var play func(job Job)
	played := 0
	play = func(job Job) {
		if len(job.Attempts) > 5 {
			t.Fatalf("still going: %+v", job)
		}
		if len(job.Attempts) > 0 {
			d := Decide(job, Limits{})
			if d.Reason == "" || d.Rule == "" || d.After < 0 || d.Action == Stop && d.After != 0 {
				t.Errorf("%+v: %+v", job, d)
			}
			if d.Action == Stop {
				played++
				return
			}
		}
		for _, s := range []status.Status{status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done, status.Cancelled} {
			play(Job{job.Kind, append(job.Attempts[:len(job.Attempts):len(job.Attempts)], Attempt{Status: s})})
		}
	}
	play(Job{Kind: Test})
	play(Job{Kind: Build})
	if played < 100 {
		t.Errorf("only %d endings", played)
	}
}

func FuzzDecide(f *testing.F) {
	f.Add(true, []byte{1, 2, 2}, 0, 0, int64(0), int64(0))
	f.Add(false, []byte{2, 2, 2, 2, 2, 2, 2, 2}, 100, 100, int64(1)<<62, int64(1)<<62)
	all := []status.Status{status.Pass, status.Fail, status.Error, status.Miss, status.Skip, status.Done, status.Cancelled, status.Running, "?"}
	f.Fuzz(func(t *testing.T, test bool, which []byte, failed, broken int, delay, most int64) {
		job := Job{Kind: Build}
		if test {
			job.Kind = Test
		}
		for _, b := range which {
			job.Attempts = append(job.Attempts, Attempt{Status: all[int(b)%len(all)]})
		}
		limits := Limits{FailedTest: failed, BrokenTest: broken, BrokenBuild: broken, Delay: time.Duration(delay), MaxDelay: time.Duration(most)}
		d := Decide(job, limits)
		if d.Reason == "" || d.Rule == "" {
			t.Fatalf("no reason: %+v", d)
		}
		if d.After < 0 || d.After > limits.orDefault().MaxDelay {
			t.Fatalf("waits %v of at most %v", d.After, limits.MaxDelay)
		}
		for _, a := range job.Attempts {
			if d.Action == Retry && (a.Status == status.Cancelled || a.Status == status.Pass || !a.Status.Final()) {
				t.Fatalf("retries %+v", job)
			}
		}
	})
}
