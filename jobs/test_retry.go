package jobs

import (
	"time"

	"drover/models"
	"drover/rules/herding"
	"drover/rules/status"
)

// retries are the results of a run that one more job is to try again.
type retries struct {
	rows  []models.Result // as they ended
	after time.Duration
	last  herding.Decision // the one that is told
	line  string           // the log line behind it
}

func (r *retries) add(ended models.Result, d herding.Decision) {
	if len(r.rows) == 0 || d.After > r.after {
		r.last, r.line = d, ended.FirstError
	}
	r.rows = append(r.rows, ended)
	r.after = max(r.after, d.After)
}

// explain stores what the herder decided about the job as a whole.
func (r *retries) explain(tx *models.Tx, job models.Job) error {
	if r.last.Rule == "" {
		return nil // all is well: nothing to explain
	}
	return tx.AddDecision(models.JobDecision{
		JobID: job.ID, Rule: r.last.Rule, Action: string(r.last.Action), Reason: r.last.Reason,
		Line: r.line, AfterS: int64(r.last.After.Seconds()),
	})
}

// store makes an attempt for each result, and one job for all of them.
func (r *retries) store(tx *models.Tx, e ending) error {
	var rows []models.Result
	for _, ended := range r.rows {
		reason := "could not run"
		if ended.Status == status.Fail {
			reason = models.RetryAfterFailure
		}
		rows = append(rows, models.Result{
			CheckoutID: ended.CheckoutID, BuildID: ended.BuildID, TestID: ended.TestID, RunTestID: ended.RunTestID,
			Scenario: ended.Scenario, Lane: ended.Lane, Attempt: ended.Attempt + 1, Final: true,
			Status: status.Queued, RetryReason: reason, TestRevision: ended.TestRevision,
		})
	}
	if err := tx.AddResults(e.tree.ID, e.build.Arch, rows); err != nil {
		return err
	}
	return addJob(tx, models.Job{
		Kind: models.JobTest, CheckoutID: e.checkout.ID, BuildID: e.build.ID, TestID: &e.test.ID, Attempt: e.job.Attempt + 1,
	}, r.after)
}

// attemptsOf is how the attempts at one test ended, the one in hand as now.
func attemptsOf(rows []models.Result, now models.Result) []herding.Attempt {
	var attempts []herding.Attempt
	for _, r := range rows {
		if r.TestID != now.TestID {
			continue
		}
		if r.ID == now.ID {
			r = now
		}
		attempts = append(attempts, herding.Attempt{Status: r.Status, Reason: r.Reason})
	}
	return attempts
}
