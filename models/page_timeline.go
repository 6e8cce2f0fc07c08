package models

import (
	"drover/rules/id"
	"drover/rules/status"
)

// JobOutcome is how many results of a job have a status; Result is the first.
type JobOutcome struct {
	JobID   id.ID
	Status  status.Status
	Results int
	Result  id.ID
}

const sqlJobOutcomes = `SELECT job_id, status, COUNT(*) AS results, MIN(id) AS result FROM results
	WHERE checkout_id = ? AND job_id IS NOT NULL GROUP BY job_id, status ORDER BY job_id, status LIMIT 100000`

// JobOutcomes counts the results of each job of a checkout.
func (q Query) JobOutcomes(checkout id.ID) (map[id.ID][]JobOutcome, error) {
	var rows []JobOutcome
	if err := q.db.Raw(sqlJobOutcomes, checkout).Scan(&rows).Error; err != nil {
		return nil, err
	}
	outcomes := map[id.ID][]JobOutcome{}
	for _, row := range rows {
		outcomes[row.JobID] = append(outcomes[row.JobID], row)
	}
	return outcomes, nil
}

const sqlNamesOfJobs = `SELECT t.id, t.path FROM tests t
	WHERE t.id IN (SELECT j.test_id FROM jobs j WHERE j.checkout_id = ? AND j.test_id IS NOT NULL) ORDER BY t.path LIMIT 50000`

// TestNamesOfJobs names the tests that jobs of a checkout run.
func (q Query) TestNamesOfJobs(checkout id.ID) (map[id.ID]string, error) {
	var rows []NamedTest
	if err := q.db.Raw(sqlNamesOfJobs, checkout).Scan(&rows).Error; err != nil {
		return nil, err
	}
	names := make(map[id.ID]string, len(rows))
	for _, row := range rows {
		names[row.ID] = row.Path
	}
	return names, nil
}

// JobsAhead counts the builds that were asked for before a job and have not
// started either.
func (q Query) JobsAhead(job id.ID) (int, error) {
	var n int
	err := q.db.Raw(`SELECT COUNT(*) FROM jobs WHERE state IN ('planned', 'submitted') AND kind = 'build' AND started_at IS NULL AND id < ?`, job).Scan(&n).Error
	return n, err
}

// TriesLimit is how many tries of the steps of a checkout are listed.
const TriesLimit = 1000

// The kinds are written out, so that the index over kind and object is used.
const fromTriesOfCheckout = ` FROM step_tries s WHERE
	(s.kind IN ('checkout.plan', 'checkout.judge') AND s.object_id = ?)
	OR (s.kind = 'event.read' AND s.object_id = (SELECT event_id FROM checkouts WHERE id = ?))
	OR (s.kind = 'build.release' AND s.object_id IN (SELECT id FROM builds WHERE checkout_id = ?))
	OR (s.kind IN ('job.submit', 'job.look', 'result.collect') AND s.object_id IN (SELECT id FROM jobs WHERE checkout_id = ?))
	OR (s.kind = 'delivery.send' AND s.object_id IN (SELECT id FROM deliveries WHERE checkout_id = ?))`

const sqlTriesOfCheckout = `SELECT s.id, s.kind, s.object_id, s.worker, s.outcome, s.error, s.started_at, s.finished_at` +
	fromTriesOfCheckout + ` ORDER BY s.started_at, s.id LIMIT ?`

// TriesOfCheckout lists how the steps of a checkout, its event, builds, jobs
// and deliveries were tried, oldest first: at most TriesLimit, and one more if
// there are more. Old tries are forgotten.
func (q Query) TriesOfCheckout(c id.ID) ([]StepTry, error) {
	var rows []StepTry
	err := q.db.Raw(sqlTriesOfCheckout, c, c, c, c, c, TriesLimit+1).Scan(&rows).Error
	return rows, err
}
