package models

import (
	"fmt"
	"time"

	"drover/rules/id"
)

// TrimTries forgets tries that ended before a time, at most limit of them.
func (tx *Tx) TrimTries(before time.Time, limit int) (int64, error) {
	done := tx.db.Exec(`DELETE FROM step_tries WHERE id IN
		(SELECT id FROM step_tries WHERE finished_at < ? ORDER BY finished_at, id LIMIT ?)`, before, limit)
	return done.RowsAffected, done.Error
}

// The key of an event stays: it is what keeps an old push from being read again.
const sqlTrimEvents = `UPDATE events SET body = '' WHERE id IN (SELECT id FROM events
	WHERE body <> '' AND decided_at IS NOT NULL AND received_at < ? ORDER BY received_at, id LIMIT ?)`

// TrimEvents empties the bodies of decided events that came before a time, at
// most limit of them. Decision, reason and key stay.
func (tx *Tx) TrimEvents(before time.Time, limit int) (int64, error) {
	done := tx.db.Exec(sqlTrimEvents, before, limit)
	return done.RowsAffected, done.Error
}

// LogsBefore says which logs are old: those stored before the time that is
// theirs. Passing is the latest of the times, Reported the earliest; the zero
// time is before everything.
type LogsBefore struct {
	Passing  time.Time // of jobs that gave nothing to look into
	Failing  time.Time // of jobs that did
	Reported time.Time // of those, where a mail points to them
}

// The configuration of a build is not a log: the commands that repeat a result
// fetch it, from mails that nobody can take back. A job is taken for failing
// when in doubt. All tests of a job are of its build, which the index needs.
const (
	sqlJobFailed = `(j.reason <> 'ok' OR EXISTS (SELECT 1 FROM results r WHERE r.build_id = j.build_id AND r.job_id = j.id
		AND r.status NOT IN ('pass', 'skip', 'done')))`
	sqlJobReported = `EXISTS (SELECT 1 FROM deliveries d JOIN mails m ON m.delivery_id = d.id WHERE d.checkout_id = j.checkout_id)`
	sqlTrimFiles   = `UPDATE files SET trimmed_at = ? WHERE id IN (SELECT f.id FROM files f JOIN jobs j ON j.id = f.owner_id
		WHERE f.trimmed_at IS NULL AND f.name <> 'config' AND f.id < ? AND f.owner_kind = 'job' AND f.blob <> '' AND j.state = 'collected'
		AND (f.stored_at < ? OR (f.stored_at < ? AND NOT ` + sqlJobReported + `) OR (f.stored_at < ? AND NOT ` + sqlJobFailed + `))
		ORDER BY f.id LIMIT ?)`
)

// TrimFiles marks files of jobs whose time is over as trimmed, at most limit of
// them. From then on nobody reads their blobs; TrimmedBlobs says which can go.
func (tx *Tx) TrimFiles(before LogsBefore, limit int) (int64, error) {
	// A file is never older than its id, so the newest that can be old is one
	// of the day of that time: the index need not be read further.
	next := before.Passing.Add(24 * time.Hour)
	if next.Before(id.Epoch) {
		return 0, nil
	}
	after, err := id.New(next, 1)
	if err != nil {
		return 0, err
	}
	done := tx.db.Exec(sqlTrimFiles, tx.Now, after, before.Reported, before.Failing, before.Passing, limit)
	if done.Error != nil {
		return 0, fmt.Errorf("trim files: %w", done.Error)
	}
	return done.RowsAffected, nil
}

// TrimmedBlob is the blob of a file that was trimmed and still names it.
type TrimmedBlob struct {
	ID     id.ID // of the file
	Blob   string
	Bytes  int64
	Shared bool // another file needs it
}

const sqlTrimmedBlobs = `SELECT f.id, f.blob, f.bytes,
	EXISTS (SELECT 1 FROM files o WHERE o.blob = f.blob AND o.trimmed_at IS NULL) AS shared
	FROM files f WHERE f.trimmed_at IS NOT NULL AND f.blob <> '' ORDER BY f.id LIMIT ?`

// TrimmedBlobs lists the blobs of trimmed files that may still be there, oldest
// first.
func (q Query) TrimmedBlobs(limit int) ([]TrimmedBlob, error) {
	var rows []TrimmedBlob
	err := q.db.Raw(sqlTrimmedBlobs, limit).Scan(&rows).Error
	return rows, err
}

// ForgetBlobs notes that the blobs of trimmed files are removed.
func (tx *Tx) ForgetBlobs(files []id.ID) error {
	if len(files) == 0 {
		return nil
	}
	return tx.db.Exec(`UPDATE files SET blob = '' WHERE id IN ? AND trimmed_at IS NOT NULL`, files).Error
}

const sqlNeeded = `SELECT j.marker FROM jobs j JOIN builds b ON b.id = j.build_id
	WHERE j.marker IN ? AND (j.state <> 'collected' OR NOT b.released)`

// Needed gives those of some jobs, by marker, that are still to be read or
// whose work tree is still to be tested. Their runner must keep them.
func (q Query) Needed(markers []string) (map[string]bool, error) {
	needed := map[string]bool{}
	if len(markers) == 0 {
		return needed, nil
	}
	var rows []string
	if err := q.db.Raw(sqlNeeded, markers).Scan(&rows).Error; err != nil {
		return nil, err
	}
	for _, marker := range rows {
		needed[marker] = true
	}
	return needed, nil
}
