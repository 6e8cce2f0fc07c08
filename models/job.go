package models

import (
	"time"

	"drover/rules/id"
)

// States of a job. A planned job waits for its build or for a free slot.
const (
	JobPlanned   = "planned"
	JobSubmitted = "submitted" // the marker is stored; it may run outside
	JobRunning   = "running"
	JobFinished  = "finished"  // ended outside, not yet read
	JobCollected = "collected" // everything it left is stored
)

// Job is a unit of work handed to a runner.
type Job struct {
	ID          id.ID
	Kind        string // build, test
	CheckoutID  id.ID
	BuildID     id.ID
	TestID      *id.ID // of a test job
	Attempt     int64
	Marker      string // names it outside; stored before it is submitted
	Runner      string
	State       string
	Reason      string // how it ended: ok, exit, timeout, …
	Detail      string // the same as a sentence
	Isolation   string // how it was kept apart
	Host        string
	ExitStatus  int64
	Cancel      bool // somebody asked to stop it
	CreatedAt   time.Time
	SubmittedAt *time.Time
	StartedAt   *time.Time
	FinishedAt  *time.Time
	CollectedAt *time.Time
}

// Kinds of jobs.
const (
	JobBuild = "build"
	JobTest  = "test"
)

// JobDecision is what the herder decided about a job, and why.
type JobDecision struct {
	ID     id.ID
	JobID  id.ID
	At     time.Time
	Rule   string
	Action string
	Reason string
	Line   string // the log line that caused it, "" if none did
	AfterS int64  // seconds until it happens
}

// Job reads a job.
func (q Query) Job(job id.ID) (Job, error) { return take[Job](q.db, "id = ?", job) }

// JobsOfBuild lists the jobs of a build, oldest first.
func (q Query) JobsOfBuild(build id.ID) ([]Job, error) {
	var rows []Job
	err := q.db.Where("build_id = ?", build).Order("id").Limit(100_000).Find(&rows).Error
	return rows, err
}

// JobsOfCheckout lists the jobs of a checkout, oldest first.
func (q Query) JobsOfCheckout(checkout id.ID) ([]Job, error) {
	var rows []Job
	err := q.db.Where("checkout_id = ?", checkout).Order("id").Limit(100_000).Find(&rows).Error
	return rows, err
}

// JobCount is the number of jobs in a state that is not the last one.
type JobCount struct {
	State string
	Jobs  int64
}

// JobCounts counts unfinished jobs by state.
func (q Query) JobCounts() ([]JobCount, error) {
	var rows []JobCount
	err := q.db.Raw(`SELECT state, COUNT(*) AS jobs FROM jobs WHERE state IN ('planned', 'submitted', 'running', 'finished')
		GROUP BY state ORDER BY state`).Scan(&rows).Error
	return rows, err
}

// AddJob stores a job. Its id is its marker too, so that the outside name
// leads back to the row.
func (tx *Tx) AddJob(j Job) (Job, error) {
	var err error
	if j.ID, err = tx.ID(); err != nil {
		return Job{}, err
	}
	j.Marker, j.CreatedAt = j.Kind+"-"+j.ID.String(), tx.Now
	if j.State == "" {
		j.State = JobPlanned
	}
	tx.jobChanged(j)
	return j, tx.db.Create(&j).Error
}

// SetJob stores where a job is in its life.
func (tx *Tx) SetJob(j Job) error {
	tx.jobChanged(j)
	return tx.db.Model(&Job{}).Where("id = ?", j.ID).Updates(map[string]any{
		"state": j.State, "reason": j.Reason, "detail": j.Detail, "isolation": j.Isolation, "host": j.Host,
		"exit_status": j.ExitStatus, "submitted_at": j.SubmittedAt, "started_at": j.StartedAt,
		"finished_at": j.FinishedAt, "collected_at": j.CollectedAt,
	}).Error
}

// jobChanged tells of a job and of the build that has it.
func (tx *Tx) jobChanged(j Job) {
	tx.changed(ChangeJob, j.ID)
	tx.changed(ChangeBuild, j.BuildID)
}

// CancelJobs marks all unfinished jobs of a checkout as to be stopped, and
// gives them.
func (tx *Tx) CancelJobs(checkout id.ID) ([]Job, error) {
	unfinished := []string{JobPlanned, JobSubmitted, JobRunning}
	if err := tx.db.Model(&Job{}).Where("checkout_id = ? AND state IN ?", checkout, unfinished).Update("cancel", true).Error; err != nil {
		return nil, err
	}
	var rows []Job
	err := tx.db.Where("checkout_id = ? AND state IN ?", checkout, unfinished).Order("id").Limit(100_000).Find(&rows).Error
	return rows, err
}

// AddDecision stores a decision about a job.
func (tx *Tx) AddDecision(d JobDecision) error {
	var err error
	if d.ID, err = tx.ID(); err != nil {
		return err
	}
	d.At = tx.Now
	return tx.db.Create(&d).Error
}

// DecisionsOfBuild lists the decisions about all jobs of a build, oldest first.
func (q Query) DecisionsOfBuild(build id.ID) ([]JobDecision, error) {
	var rows []JobDecision
	err := q.db.Where("job_id IN (SELECT id FROM jobs WHERE build_id = ?)", build).Order("id").Limit(10_000).Find(&rows).Error
	return rows, err
}
