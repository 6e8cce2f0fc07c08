package jobs

import (
	"time"

	"drover/models"
	"drover/rules/herding"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/verdict"
)

// buildEnded says what follows from a build job: its tests, a retry, or their
// being skipped.
func (w *Worker) buildEnded(q models.Query, job models.Job, left leftovers) (func(*models.Tx) error, error) {
	build, err := q.Build(job.BuildID)
	if err != nil {
		return nil, err
	}
	checkout, err := q.Checkout(job.CheckoutID)
	if err != nil {
		return nil, err
	}
	jobs, err := q.JobsOfBuild(build.ID)
	if err != nil {
		return nil, err
	}
	results, err := q.ResultsOfBuild(build.ID)
	if err != nil {
		return nil, err
	}
	build.Status, build.Reason = outcomeOfBuild(job)
	build.FinishedAt = job.FinishedAt
	build.FirstError, build.FirstErrorLine = "", 0
	if build.Status != status.Pass {
		build.FirstError, build.FirstErrorLine = firstError(left.log)
	}
	build.Warnings = warningsOf(left)
	return func(tx *models.Tx) error {
		d, err := decide(tx, job, herding.Build, buildAttempts(jobs, job), build.FirstError)
		if err != nil {
			return err
		}
		switch {
		case d.Action == herding.Retry:
			build.Status = status.Queued
			if err := addJob(tx, models.Job{Kind: models.JobBuild, CheckoutID: job.CheckoutID, BuildID: build.ID, Attempt: job.Attempt + 1}, d.After); err != nil {
				return err
			}
		case build.Status == status.Pass:
			if err := startTests(tx, build, results); err != nil {
				return err
			}
		default:
			if err := skipTests(tx, checkout.TreeID, build, results); err != nil {
				return err
			}
		}
		return tx.SetBuild(build)
	}, nil
}

// buildAttempts is how the jobs of a build ended, in order.
func buildAttempts(jobs []models.Job, now models.Job) []herding.Attempt {
	var attempts []herding.Attempt
	for _, j := range jobs {
		if j.Kind != models.JobBuild {
			continue
		}
		if j.ID == now.ID {
			j = now
		}
		s, _ := outcomeOfBuild(j)
		attempts = append(attempts, herding.Attempt{Status: s, Reason: j.Reason})
	}
	return attempts
}

// addJob stores a job that is to be submitted after a while, 0 for at once.
func addJob(tx *models.Tx, job models.Job, after time.Duration) error {
	job.Runner = "local"
	stored, err := tx.AddJob(job)
	if err != nil {
		return err
	}
	return tx.Want(JobSubmit, stored.ID, tx.Now.Add(after))
}

// startTests makes a job for every test that is planned on a build. Without
// any the build's work tree is given back.
func startTests(tx *models.Tx, build models.Build, results []models.Result) error {
	started := map[id.ID]bool{}
	for _, r := range results {
		if started[r.RunTestID] || r.Status.Final() {
			continue
		}
		started[r.RunTestID] = true
		test := r.RunTestID
		if err := addJob(tx, models.Job{Kind: models.JobTest, CheckoutID: build.CheckoutID, BuildID: build.ID, TestID: &test, Attempt: 1}, 0); err != nil {
			return err
		}
	}
	if len(started) == 0 {
		return tx.Want(BuildRelease, build.ID, tx.Now)
	}
	return nil
}

// skipTests ends the results of a build that cannot be tested.
func skipTests(tx *models.Tx, tree id.ID, build models.Build, results []models.Result) error {
	reason := verdict.ReasonBuildFailed
	switch build.Status {
	case status.Error:
		reason = "the build could not run"
	case status.Cancelled:
		reason = "the build was cancelled"
	}
	var list []models.Collected
	for _, r := range results {
		if r.Status.Final() {
			continue
		}
		after := r
		after.Status, after.Reason, after.FinishedAt = status.Skip, reason, &tx.Now
		list = append(list, models.Collected{Before: r, After: after})
	}
	if err := tx.SetResults(tree, build.Arch, list); err != nil {
		return err
	}
	return tx.Want(BuildRelease, build.ID, tx.Now)
}

// warningsOf counts the compiler's warnings among the hits of a log.
func warningsOf(left leftovers) int64 {
	n := int64(0)
	for _, hit := range left.log.Hits {
		if hit.Rule == "compiler warning" {
			n++
		}
	}
	return n
}
