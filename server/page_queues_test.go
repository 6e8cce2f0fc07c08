package server_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/views/route"
)

// parkStep makes a step that gave up with an error.
func (w *world) parkStep(kind string, object id.ID, text string) {
	w.t.Helper()
	w.tx(func(tx *models.Tx) error { return tx.Want(kind, object, tx.Now) })
	ctx := context.Background()
	claim, err := w.s.Claim(ctx, models.Hint{Kind: kind, Object: object}, "lab-1/7", time.Minute)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.s.Fail(ctx, claim, models.Failure{Class: "permanent", Text: text, Due: now, Park: true}); err != nil {
		w.t.Fatal(err)
	}
}

// Parked steps stand together by their error, and one button takes up all of
// one error and no other.
func TestQueueOfParkedSteps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const refused, odd = "550 no such user\r\n  at relay " + hostile, "the mail has no recipients"
		w.parkStep(jobs.DeliverySend, w.old.ID, refused)
		w.parkStep(jobs.DeliverySend, w.newest.ID, refused)
		w.parkStep(jobs.DeliverySend, w.running.ID, odd)
		w.tx(func(tx *models.Tx) error { return tx.Want(jobs.DeliverySend, w.build.ID, tx.Now.Add(time.Hour)) })

		row := decode(t, w.get("/queues.json", 200))["data"].([]any)[0].(map[string]any)
		for key, want := range map[string]any{"step": jobs.DeliverySend, "parked": 3.0, "later": 1.0, "due": 0.0, "active": 0.0} {
			if row[key] != want {
				t.Errorf("%s is %v, want %v", key, row[key], want)
			}
		}
		self := string(route.Queue(jobs.DeliverySend))
		for query, want := range map[string]int{"": 4, "?state=parked": 3, "?state=later": 1, "?state=due": 0, "?state=retrying": 0, "?state=parked&q=RELAY": 2} {
			list := decode(t, w.get(self+".json"+query, 200))["data"].([]any)
			if len(list) != want {
				t.Errorf("%s: %d steps, want %d", query, len(list), want)
			}
			w.get(self+query, 200)
		}
		if body := w.get(self, 200); strings.Contains(body, "Try 2 again") {
			t.Error("a visitor is offered what only an operator may do")
		}
		body := text(t, w.do(request{path: self, cookies: w.signedIn()}))
		if !strings.Contains(body, "Try 2 again") || !strings.Contains(body, "Try 1 again") || strings.Contains(body, "<script>alert") {
			t.Errorf("the page does not offer to try each error again, or lets markup through:\n%s", body)
		}
		if r := w.post(self+"/-/actions/replay", "like="+w.newest.ID.String()); r.StatusCode != 303 {
			t.Fatalf("trying again: %d", r.StatusCode)
		}
		left, _, err := w.s.ListSteps(models.StepFilter{Kind: jobs.DeliverySend, State: models.StepParked}, models.Slice{Limit: 10})
		if err != nil || len(left) != 1 || left[0].LastError != odd {
			t.Errorf("left parked: %+v, %v", left, err)
		}
	})
}

func TestQueueRefuses(t *testing.T) {
	w := quick(t)
	w.get("/queues/no.such", 404)
	w.get("/jobs/0000", 404)
	w.get("/queues/delivery.send.json?colour=red", 400)
	for path, want := range map[string]int{
		"/queues/no.such/-/actions/replay":       404,
		"/queues/delivery.send/-/actions/delete": 404,
		"/queues/delivery.send/-/actions/replay": 404, // of nothing
	} {
		if r := w.post(path, "like="); r.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, r.StatusCode, want)
		}
	}
	w.queue.err = context.DeadlineExceeded
	if body := w.get("/queues", 200); !strings.Contains(body, "The queue does not answer.") {
		t.Error("nobody is told that the queue is away")
	}
}

// A job says what was decided about it, and because of which line.
func TestJobPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tx(func(tx *models.Tx) error {
			return tx.AddDecision(models.JobDecision{JobID: w.job.ID, Rule: "net-flaky", Action: "retry", Reason: "it failed for the first time", Line: hostile, AfterS: 60})
		})
		data := decode(t, w.get(string(route.Format(route.Job(w.job.ID), "json")), 200))["data"].(map[string]any)
		decisions := data["decisions"].([]any)
		if len(decisions) != 2 || decisions[1].(map[string]any)["line"] != hostile || data["what"] != "net/fib_tests.sh" {
			t.Errorf("%+v", data)
		}
		if body := w.get(string(route.Job(w.job.ID)), 200); !strings.Contains(body, "net-flaky") || strings.Contains(body, "<script>alert") {
			t.Error("the page lacks the rule, or lets markup through")
		}
	})
}
