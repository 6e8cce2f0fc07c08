package models

import (
	"slices"
	"time"

	"drover/rules/id"
	"drover/rules/promotion"
	"drover/rules/status"
)

const (
	unexplainedFor = 7 * 24 * time.Hour // that a failure stands against a promotion
)

const sqlTrialRuns = `SELECT b.arch, r.status, r.shown, r.host, r.duration_ms, r.finished_at FROM results r JOIN builds b ON b.id = r.build_id
	WHERE r.test_id = ? AND r.id >= ? AND r.final AND r.status IN ('pass', 'fail', 'error', 'miss')
		AND (r.finished_at IS NULL OR r.finished_at >= ?) ORDER BY r.id DESC LIMIT 2000`

type trialRun struct {
	Arch       string
	Status     status.Status
	Shown      status.Shown
	Host       string
	DurationMS int64 `gorm:"column:duration_ms"`
	FinishedAt *time.Time
}

// TrialRecord is what a test did since it has its state.
func (q Query) TrialRecord(t Test, now time.Time) (promotion.Record, error) {
	record := promotion.Record{Limit: time.Duration(t.TimeoutS) * time.Second}
	since := t.CreatedAt
	if t.StateSince != nil {
		since = *t.StateSince
	}
	first, err := id.New(since, 1)
	if err != nil {
		return record, err
	}
	var runs []trialRun
	if err := q.db.Raw(sqlTrialRuns, t.ID, first, since).Scan(&runs).Error; err != nil {
		return record, err
	}
	return recordOf(record, runs, now), nil
}

// recordOf sums up runs, newest first.
func recordOf(record promotion.Record, runs []trialRun, now time.Time) promotion.Record {
	type arch struct {
		inARow int
		failed bool
		hosts  map[string]bool
	}
	arches := map[string]*arch{}
	var names []string
	var took []time.Duration
	for _, r := range runs {
		record.Runs++
		a := arches[r.Arch]
		if a == nil {
			a = &arch{hosts: map[string]bool{}}
			arches[r.Arch], names = a, append(names, r.Arch)
		}
		switch r.Status {
		case status.Pass:
			a.hosts[r.Host] = true
			if !a.failed {
				a.inARow++
			}
			took = append(took, time.Duration(r.DurationMS)*time.Millisecond)
		case status.Fail:
			a.failed = true
			if r.Shown != status.KnownIssue && r.FinishedAt != nil && now.Sub(*r.FinishedAt) < unexplainedFor {
				record.Unexplained++
			}
		default:
			record.Infra++
		}
	}
	slices.Sort(names)
	for _, name := range names {
		record.Arches = append(record.Arches, promotion.Arch{Name: name, InARow: arches[name].inARow, Hosts: len(arches[name].hosts)})
	}
	if len(took) > 0 {
		slices.Sort(took)
		record.P90 = took[min(len(took)-1, len(took)*9/10)]
	}
	return record
}
