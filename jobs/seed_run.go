package jobs

import (
	"time"

	"drover/clients/local"
	"drover/jobs/seedtree"
	"drover/models"
	"drover/rules/status"
	"drover/rules/verdict"
)

// seededRun is one suite on one build.
type seededRun struct {
	*seededCheckout
	build models.Build
	run   seedtree.Run
}

// store writes a suite's job and results, which begin at a time, and says when
// they end. A suite on a build that failed is skipped; on one that runs still
// it is planned.
func (r seededRun) store(tx *models.Tx, p plan, at *time.Time) (*time.Time, error) {
	suite := r.run.Suite
	test, cases := r.suite()
	planned := func(end status.Status, why string) (*time.Time, error) {
		rows := []models.Result{p.result(r.build, test, test, end)}
		for _, c := range cases {
			rows = append(rows, p.result(r.build, c, test, end))
		}
		for i := range rows {
			rows[i].Reason = why
			if end.Final() {
				rows[i].FinishedAt = at
			}
		}
		return at, tx.AddResults(p.tree.ID, r.build.Arch, rows)
	}
	switch {
	case r.build.Status == status.Fail:
		return planned(status.Skip, verdict.ReasonBuildFailed)
	case at == nil:
		return planned(status.Planned, "")
	}
	host := seedtree.Host(r.build.Arch, r.run.Tree, r.run.Checkout, suite.Path)
	rows, failed, took := r.outcome(p, test, cases)
	ended := at.Add(took)
	state := endedJob(at, &ended)
	state.Host = host
	if r.run.Sick() {
		state.Reason, state.Detail, state.ExitStatus = string(local.Lost), "the machine did not come back after the installation", -1
	}
	job, err := addEndedJob(tx, models.Job{Kind: models.JobTest, CheckoutID: r.checkout.ID, BuildID: r.build.ID, TestID: &test.ID, Attempt: 1}, state)
	if err != nil {
		return nil, err
	}
	var lines map[string]int
	if len(failed) > 0 {
		var text string
		text, lines = seedtree.Log(r.run, failed, r.filler())
		r.logs = append(r.logs, seededLog{job, TestLog, text})
	}
	for i := range rows {
		rows[i].JobID, rows[i].Host, rows[i].StartedAt, rows[i].FinishedAt = &job.ID, host, at, &ended
	}
	for i, name := range suite.Cases {
		for j := range rows {
			if rows[j].TestID == cases[i].ID && rows[j].Status == status.Fail {
				rows[j].FirstError, rows[j].FirstErrorLine = seedtree.Error(suite, name), int64(lines[name])
			}
		}
	}
	return &ended, tx.AddResults(p.tree.ID, r.build.Arch, rows)
}

// filler makes one of the logs a very long one.
func (r seededRun) filler() int {
	if r.seededTree.number == 0 && r.number == r.of-1 && r.run.Suite.Path == "kselftest/net" {
		return bigLog
	}
	return 6
}

func (r seededRun) suite() (models.Test, []models.Test) {
	for _, t := range r.tests {
		if t.Path == r.run.Suite.Path {
			return t, r.cases[t.Path]
		}
	}
	panic("the suite " + r.run.Suite.Path + " was not stored")
}

// outcome makes the results of a suite: its own, and those of its cases with
// their attempts. failed are the cases that a log tells of.
func (r seededRun) outcome(p plan, test models.Test, cases []models.Test) (rows []models.Result, failed map[string]bool, took time.Duration) {
	whole := p.result(r.build, test, test, status.Pass)
	failed = map[string]bool{}
	if r.run.Sick() {
		whole.Status, whole.Reason = status.Error, "the machine did not come back after the installation"
		rows = append(rows, whole)
		for _, c := range cases {
			row := p.result(r.build, c, test, status.Miss)
			row.Reason = "the run ended before this case reported"
			rows = append(rows, row)
		}
		return rows, failed, 20 * time.Minute
	}
	for i, name := range r.run.Suite.Cases {
		run := r.run
		run.Case = name
		duration := run.Time()
		took += duration
		ends := run.Attempts()
		for attempt, end := range ends {
			row := p.result(r.build, cases[i], test, status.Status(end))
			row.Attempt, row.Final, row.DurationMS = int64(attempt+1), attempt == len(ends)-1, duration.Milliseconds()
			switch {
			case attempt > 0:
				row.RetryReason = models.RetryAfterFailure
			case end == seedtree.Fail:
				failed[name] = true
			case end == seedtree.Skip:
				row.Reason = "this architecture lacks what the test needs"
			case end == seedtree.Miss:
				row.Reason = "the run ended before this case reported"
			}
			if row.Final && row.Status == status.Fail {
				whole.Status = status.Fail
			}
			rows = append(rows, row)
		}
	}
	if whole.Status == status.Fail { // the cases say it; the suite's own result is that it ran
		whole.Status = status.Done
	}
	whole.DurationMS = took.Milliseconds()
	return append(rows, whole), failed, took
}
