package models

import (
	"drover/rules/id"
)

// JobDetail is a job with what it is for.
type JobDetail struct {
	Job
	Tree     string
	Branch   string
	SHA      string `gorm:"column:sha"`
	Describe string
	Subject  string
	Arch     string
	Config   string
	Compiler string
	Test     string // path, "" of a build
}

// JobFilter chooses jobs.
type JobFilter struct {
	State  Choice // planned, submitted, …
	Kind   Choice // build, test
	Tree   Choice
	Arch   Choice
	Host   Choice
	Reason Choice // how it ended
	Test   string // a part of the test's path
}

func (f JobFilter) conditions() conditions {
	var c conditions
	c.choose("j.state", f.State)
	c.choose("j.kind", f.Kind)
	c.choose("tr.name", f.Tree)
	c.choose("b.arch", f.Arch)
	c.choose("j.host", f.Host)
	c.choose("j.reason", f.Reason)
	if f.Test != "" {
		c.contains(f.Test, "t.path")
	}
	return c
}

const (
	fromJobs = ` FROM jobs j JOIN builds b ON b.id = j.build_id JOIN checkouts c ON c.id = j.checkout_id JOIN trees tr ON tr.id = c.tree_id
		LEFT JOIN tests t ON t.id = j.test_id`
	columnsOfJobDetail = `j.id, j.kind, j.checkout_id, j.build_id, j.test_id, j.attempt, j.marker, j.runner, j.state, j.reason, j.detail,
		j.isolation, j.host, j.exit_status, j.cancel, j.created_at, j.submitted_at, j.started_at, j.finished_at, j.collected_at,
		tr.name AS tree, c.branch, c.sha, c.describe, c.subject, b.arch, b.config, b.compiler, COALESCE(t.path, '') AS test`
)

// ListJobs lists jobs, newest first.
func (q Query) ListJobs(f JobFilter, s Slice) ([]JobDetail, Ends, error) {
	c := f.conditions()
	tail := c.slice(s, ordering{id: "j.id", descending: true})
	var rows []JobDetail
	err := q.db.Raw("SELECT "+columnsOfJobDetail+fromJobs+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountJobs counts them, up to CountLimit + 1.
func (q Query) CountJobs(f JobFilter) (int, error) { return q.count(fromJobs, f.conditions()) }

// JobDetail reads one job with what it is for.
func (q Query) JobDetail(job id.ID) (JobDetail, error) {
	var rows []JobDetail
	err := q.db.Raw("SELECT "+columnsOfJobDetail+fromJobs+" WHERE j.id = ?", job).Scan(&rows).Error
	if err == nil && len(rows) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return JobDetail{}, err
	}
	return rows[0], nil
}

// DecisionsOfJob lists what was decided about a job, oldest first.
func (q Query) DecisionsOfJob(job id.ID) ([]JobDecision, error) {
	var rows []JobDecision
	err := q.db.Where("job_id = ?", job).Order("id").Limit(200).Find(&rows).Error
	return rows, err
}
