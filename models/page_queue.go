package models

import (
	"time"

	"drover/rules/id"
)

// QueueLine is what is to be done of one kind.
type QueueLine struct {
	Kind    string
	Due     int64 // may be taken now
	Active  int64 // a worker has it
	Later   int64 // due at a later time
	Trying  int64 // of those not parked, failed before
	Parked  int64 // waits for a person
	Oldest  *time.Time
	Workers int64 // that have one now
}

const sqlQueues = `SELECT kind,
		SUM(CASE WHEN parked_at IS NULL AND due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?) THEN 1 ELSE 0 END) AS due,
		SUM(CASE WHEN parked_at IS NULL AND claimed_until > ? THEN 1 ELSE 0 END) AS active,
		SUM(CASE WHEN parked_at IS NULL AND due_at > ? AND (claimed_until IS NULL OR claimed_until <= ?) THEN 1 ELSE 0 END) AS later,
		SUM(CASE WHEN parked_at IS NULL AND attempts > 0 THEN 1 ELSE 0 END) AS trying,
		SUM(CASE WHEN parked_at IS NOT NULL THEN 1 ELSE 0 END) AS parked,
		COUNT(DISTINCT CASE WHEN claimed_until > ? THEN claimed_by END) AS workers
	FROM steps GROUP BY kind ORDER BY kind`

const sqlOldestDue = `SELECT kind, due_at AS oldest FROM (
		SELECT kind, due_at, ROW_NUMBER() OVER (PARTITION BY kind ORDER BY due_at, id) AS place FROM steps
		WHERE parked_at IS NULL AND due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)
	) AS waiting WHERE place = 1`

// Queues counts what is to be done, by kind.
func (q Query) Queues() ([]QueueLine, error) {
	now := q.Clock()
	var rows, oldest []QueueLine
	if err := q.db.Raw(sqlQueues, now, now, now, now, now, now).Scan(&rows).Error; err != nil {
		return nil, err
	}
	if err := q.db.Raw(sqlOldestDue, now, now).Scan(&oldest).Error; err != nil {
		return nil, err
	}
	for i, row := range rows {
		for _, o := range oldest {
			if o.Kind == row.Kind {
				rows[i].Oldest = o.Oldest
			}
		}
	}
	return rows, nil
}

// States of a step as people see them.
const (
	StepParked   = "parked"   // waits for a person
	StepRetrying = "retrying" // failed, and will be tried again
	StepDue      = "due"      // may be taken
	StepActive   = "active"   // a worker has it
	StepLater    = "later"    // not due yet
)

// State is the state of a step at a time. A step that is tried again may be due
// or active as well: that it failed is what people look for.
func (s Step) State(now time.Time) string {
	switch {
	case s.ParkedAt != nil:
		return StepParked
	case s.ClaimedUntil != nil && s.ClaimedUntil.After(now):
		return StepActive
	case s.Attempts > 0:
		return StepRetrying
	case s.DueAt.After(now):
		return StepLater
	}
	return StepDue
}

// StepFilter chooses steps of one kind.
type StepFilter struct {
	Kind  string
	State string // "" for all
	Error string // a part of the last error
}

func (f StepFilter) conditions(now time.Time) conditions {
	var c conditions
	c.add("kind = ?", f.Kind)
	switch f.State {
	case StepParked:
		c.add("parked_at IS NOT NULL")
	case StepRetrying:
		c.add("parked_at IS NULL AND attempts > 0")
	case StepDue:
		c.add("parked_at IS NULL AND due_at <= ? AND (claimed_until IS NULL OR claimed_until <= ?)", now, now)
	case StepActive:
		c.add("parked_at IS NULL AND claimed_until > ?", now)
	case StepLater:
		c.add("parked_at IS NULL AND due_at > ? AND (claimed_until IS NULL OR claimed_until <= ?)", now, now)
	}
	if f.Error != "" {
		c.contains(f.Error, "last_error")
	}
	return c
}

// ListSteps lists steps, those that wait longest first.
func (q Query) ListSteps(f StepFilter, s Slice) ([]Step, Ends, error) {
	c := f.conditions(q.Clock())
	tail := c.slice(s, ordering{id: "id"})
	var rows []Step
	err := q.db.Raw("SELECT "+columnsOfStep+" FROM steps"+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountSteps counts them, up to CountLimit + 1.
func (q Query) CountSteps(f StepFilter) (int, error) {
	return q.count(" FROM steps", f.conditions(q.Clock()))
}

// StepError is how many parked steps of a kind have the same last error.
type StepError struct {
	LastError string
	Steps     int64
	Example   id.ID // object of one of them
}

// ParkedErrors groups the parked steps of a kind by their error, most first.
func (q Query) ParkedErrors(kind string) ([]StepError, error) {
	var rows []StepError
	err := q.db.Raw(`SELECT last_error, COUNT(*) AS steps, MIN(object_id) AS example FROM steps WHERE kind = ? AND parked_at IS NOT NULL
		GROUP BY last_error ORDER BY 2 DESC, 1 LIMIT 50`, kind).Scan(&rows).Error
	return rows, err
}

// ReplayLike takes all parked steps of a kind up again that have the error of
// one of them, at most limit, and says how many they were.
func (tx *Tx) ReplayLike(kind string, example id.ID, limit int) (int64, error) {
	done := tx.db.Exec(`UPDATE steps SET parked_at = NULL, attempts = 0, due_at = ?, wanted = wanted + 1 WHERE id IN
		(SELECT id FROM steps WHERE kind = ? AND parked_at IS NOT NULL AND last_error =
			(SELECT last_error FROM steps WHERE kind = ? AND object_id = ? AND parked_at IS NOT NULL) ORDER BY id LIMIT ?)`,
		tx.Now, kind, kind, example, limit)
	return done.RowsAffected, done.Error
}
