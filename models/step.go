package models

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"drover/rules/id"
)

// Step is one thing still to be done: a kind of work on one object. There is
// at most one row for both; who asks again raises Wanted.
type Step struct {
	ID           id.ID
	Kind         string
	ObjectID     id.ID
	DueAt        time.Time
	Wanted       int64  // raised by whoever asks
	Taken        int64  // Wanted as the present claim saw it
	Claim        string // token of the owner, "" if free
	ClaimedBy    string // the worker that has the claim, or had the last one
	ClaimedAt    *time.Time
	ClaimedUntil *time.Time
	Attempts     int64 // failures in a row
	LastError    string
	ErrorClass   string
	ParkedAt     *time.Time // waits for a person
	CreatedAt    time.Time
}

// StepTry is one try of a step that did something or failed.
type StepTry struct {
	ID         id.ID
	Kind       string
	ObjectID   id.ID
	Worker     string
	Outcome    string // done, failed, parked, lapsed
	Error      string
	StartedAt  time.Time
	FinishedAt time.Time
}

// Claim is the right to work on a step until Until.
type Claim struct {
	Step
	Worker  string
	Started time.Time
}

const sqlWant = `INSERT INTO steps (id, kind, object_id, due_at, wanted, taken, claim, attempts, last_error, error_class, created_at)
	VALUES (?, ?, ?, ?, 1, 0, '', 0, '', '', ?)
	ON CONFLICT (kind, object_id) DO UPDATE SET wanted = steps.wanted + 1,
	due_at = CASE WHEN excluded.due_at < steps.due_at THEN excluded.due_at ELSE steps.due_at END`

// Want asks for a step, now or at a later time. Asking twice is asking once
// more only if the step has been taken meanwhile.
func (tx *Tx) Want(kind string, object id.ID, due time.Time) error {
	step, err := tx.ID()
	if err != nil {
		return err
	}
	if err := tx.db.Exec(sqlWant, step, kind, object, due, tx.Now).Error; err != nil {
		return fmt.Errorf("want %s of %s: %w", kind, object, err)
	}
	if !due.After(tx.Now) {
		tx.hints = append(tx.hints, Hint{Kind: kind, Object: object})
	}
	return nil
}

// Drop takes a step back that nobody needs any more.
func (tx *Tx) Drop(kind string, object id.ID) error {
	return tx.db.Exec(`DELETE FROM steps WHERE kind = ? AND object_id = ?`, kind, object).Error
}

// columnsOfStep are listed, so that a new column does not break old workers.
const columnsOfStep = `id, kind, object_id, due_at, wanted, taken, claim, claimed_by, claimed_at, claimed_until, attempts, last_error, error_class, parked_at, created_at`

const (
	sqlTake = `UPDATE steps SET claim = ?, claimed_by = ?, claimed_at = ?, claimed_until = ?, taken = wanted
	WHERE kind = ? AND object_id = ? AND due_at <= ? AND parked_at IS NULL AND `
	sqlClaim    = sqlTake + `claimed_until IS NULL RETURNING ` + columnsOfStep
	sqlTakeOver = sqlTake + `claimed_until < ? AND claim = ? RETURNING ` + columnsOfStep
)

// Claim takes a due step for the length of the lease. It reports ErrNotFound
// when there is nothing to do: not due, parked, or taken by somebody else.
func (s *Store) Claim(ctx context.Context, h Hint, worker string, lease time.Duration) (*Claim, error) {
	token := make([]byte, 12)
	if _, err := rand.Read(token); err != nil {
		return nil, err
	}
	var claim *Claim
	_, err := s.tx(ctx, func(tx *Tx) error {
		values := []any{hex.EncodeToString(token), worker, tx.Now, tx.Now.Add(lease), h.Kind, h.Object, tx.Now}
		var rows []Step
		err := tx.db.Raw(sqlClaim, values...).Scan(&rows).Error
		if err == nil && len(rows) == 0 {
			rows, err = tx.takeOver(h, values)
		}
		if err != nil {
			return fmt.Errorf("claim %s of %s: %w", h.Kind, h.Object, err)
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		claim = &Claim{Step: rows[0], Worker: worker, Started: tx.Now}
		return nil
	})
	return claim, err
}

// takeOver claims a step whose owner gave no sign of life, and notes that try
// as lapsed: nobody else is left to tell of it. The old claim fences it, so
// that of two who saw it lapse one takes it and notes it.
func (tx *Tx) takeOver(h Hint, values []any) ([]Step, error) {
	var lapsed, rows []Step
	err := tx.db.Where("kind = ? AND object_id = ? AND claimed_until < ?", h.Kind, h.Object, tx.Now).Limit(1).Find(&lapsed).Error
	if err != nil || len(lapsed) == 0 {
		return nil, err
	}
	old := lapsed[0]
	if err := tx.db.Raw(sqlTakeOver, append(values, tx.Now, old.Claim)...).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	try := StepTry{Kind: h.Kind, ObjectID: h.Object, Worker: old.ClaimedBy, Outcome: "lapsed",
		Error: "no sign of life; taken over by " + rows[0].ClaimedBy, StartedAt: *old.ClaimedUntil, FinishedAt: *old.ClaimedUntil}
	if old.ClaimedAt != nil { // a worker of an older version does not say
		try.StartedAt = *old.ClaimedAt
	}
	return rows, tx.addTry(try)
}

// Renew prolongs a claim; ErrLost when it has lapsed and was taken.
func (s *Store) Renew(ctx context.Context, c *Claim, lease time.Duration) error {
	done := s.write.WithContext(ctx).Exec(`UPDATE steps SET claimed_until = ? WHERE id = ? AND claim = ?`,
		s.Clock().Add(lease), c.ID, c.Claim)
	if done.Error != nil {
		return fmt.Errorf("renew the claim of %s of %s: %w", c.Kind, c.ObjectID, done.Error)
	}
	if done.RowsAffected == 0 {
		return ErrLost
	}
	return nil
}

// Save writes in the middle of a step, fenced by its claim: what must be
// stored before an outside call, such as a marker.
func (s *Store) Save(ctx context.Context, c *Claim, fn func(*Tx) error) error {
	return s.Tx(ctx, func(tx *Tx) error {
		held := tx.db.Exec(`UPDATE steps SET claim = claim WHERE id = ? AND claim = ?`, c.ID, c.Claim)
		if held.Error != nil {
			return held.Error
		}
		if held.RowsAffected == 0 {
			return ErrLost
		}
		return fn(tx)
	})
}

const sqlRelease = `UPDATE steps SET claim = '', claimed_until = NULL, attempts = 0, last_error = '', error_class = ''
	WHERE id = ? AND claim = ? RETURNING ` + columnsOfStep

// Settle writes the outcome of a step and ends it, in one transaction that is
// fenced by the claim. With again set the step stays, due at that time. A
// wish that came meanwhile keeps the step, due now. The steps that fn made due
// are returned, so that the worker can go on with the first one itself.
func (s *Store) Settle(ctx context.Context, c *Claim, again time.Time, fn func(*Tx) error) ([]Hint, error) {
	return s.tx(ctx, func(tx *Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		var rows []Step
		if err := tx.db.Raw(sqlRelease, c.ID, c.Claim).Scan(&rows).Error; err != nil {
			return fmt.Errorf("settle %s of %s: %w", c.Kind, c.ObjectID, err)
		}
		if len(rows) == 0 {
			return ErrLost
		}
		return tx.end(c, rows[0], again)
	})
}

// end deletes a step that is done, or says when it is due again.
func (tx *Tx) end(c *Claim, step Step, again time.Time) error {
	if step.Wanted > step.Taken {
		again = tx.Now
		tx.hints = append(tx.hints, Hint{Kind: c.Kind, Object: c.ObjectID})
	}
	if again.IsZero() {
		if err := tx.db.Exec(`DELETE FROM steps WHERE id = ?`, c.ID).Error; err != nil {
			return err
		}
		return tx.try(c, "done", "")
	}
	return tx.db.Exec(`UPDATE steps SET due_at = ? WHERE id = ?`, again, c.ID).Error
}

func (tx *Tx) try(c *Claim, outcome, text string) error {
	return tx.addTry(StepTry{
		Kind: c.Kind, ObjectID: c.ObjectID, Worker: c.Worker, Outcome: outcome, Error: text, StartedAt: c.Started, FinishedAt: tx.Now,
	})
}

func (tx *Tx) addTry(t StepTry) (err error) {
	if t.ID, err = tx.ID(); err != nil {
		return err
	}
	return tx.db.Create(&t).Error
}

// Tries lists the last tries of a step, newest first.
func (q Query) Tries(kind string, object id.ID, limit int) ([]StepTry, error) {
	var rows []StepTry
	err := q.db.Where("kind = ? AND object_id = ?", kind, object).Order("finished_at DESC, id DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// Failure says how a failed step goes on.
type Failure struct {
	Class string
	Text  string
	Due   time.Time // the next try
	Park  bool      // wait for a person instead
	Free  bool      // does not count as a failure: nothing was wrong, it was too early
}

// Fail ends a try without an outcome: the step stays for a later try, or parks.
func (s *Store) Fail(ctx context.Context, c *Claim, f Failure) error {
	_, err := s.tx(ctx, func(tx *Tx) error {
		counted, parked, outcome := 1, (*time.Time)(nil), "failed"
		if f.Park {
			parked, outcome = &tx.Now, "parked"
		}
		if f.Free {
			counted = 0
		}
		done := tx.db.Exec(`UPDATE steps SET claim = '', claimed_until = NULL, due_at = ?, attempts = attempts + ?,
			last_error = ?, error_class = ?, parked_at = ? WHERE id = ? AND claim = ?`,
			f.Due, counted, f.Text, f.Class, parked, c.ID, c.Claim)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return ErrLost
		}
		if f.Free {
			return nil
		}
		return tx.try(c, outcome, f.Text)
	})
	return err
}

const sqlDue = `SELECT kind, object_id AS object FROM steps WHERE due_at <= ? AND parked_at IS NULL
	AND (claimed_until IS NULL OR claimed_until < ?) ORDER BY due_at, id LIMIT ?`

// Due lists steps that anybody could take now, longest waiting first.
func (q Query) Due(limit int) ([]Hint, error) {
	var hints []Hint
	now := q.Clock()
	err := q.db.Raw(sqlDue, now, now, limit).Scan(&hints).Error
	return hints, err
}

// Replay takes a parked step up again; ErrNotFound when it is not parked.
func (tx *Tx) Replay(kind string, object id.ID) error {
	done := tx.db.Exec(`UPDATE steps SET parked_at = NULL, attempts = 0, due_at = ?, wanted = wanted + 1
		WHERE kind = ? AND object_id = ? AND parked_at IS NOT NULL`, tx.Now, kind, object)
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected == 0 {
		return ErrNotFound
	}
	tx.hints = append(tx.hints, Hint{Kind: kind, Object: object})
	return nil
}

// Step reads one step, with ErrNotFound when there is nothing to do.
func (q Query) Step(kind string, object id.ID) (Step, error) {
	return take[Step](q.db, "kind = ? AND object_id = ?", kind, object)
}

// Parked lists steps that wait for a person, oldest first.
func (q Query) Parked(limit int) ([]Step, error) {
	var rows []Step
	err := q.db.Where("parked_at IS NOT NULL").Order("parked_at, id").Limit(limit).Find(&rows).Error
	return rows, err
}

// StepCount is the number of steps of a kind that are due and not yet taken,
// and since when the oldest of them waits.
type StepCount struct {
	Kind   string
	Due    int64
	Parked int64
	Oldest *time.Time
}

// StepCounts is the queue as the database sees it, one row a kind.
func (q Query) StepCounts() ([]StepCount, error) {
	var rows []Step
	err := q.db.Select("kind", "due_at", "parked_at").Order("kind, due_at").Limit(100_000).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	now := q.Clock()
	var counts []StepCount
	for _, row := range rows {
		if len(counts) == 0 || counts[len(counts)-1].Kind != row.Kind {
			counts = append(counts, StepCount{Kind: row.Kind})
		}
		count := &counts[len(counts)-1]
		switch {
		case row.ParkedAt != nil:
			count.Parked++
		case !row.DueAt.After(now):
			count.Due++
			if count.Oldest == nil {
				count.Oldest = &row.DueAt
			}
		}
	}
	return counts, nil
}

// isGone tells whether an error only says that there was no row.
func isGone(err error) bool {
	return errors.Is(err, gorm.ErrRecordNotFound) || errors.Is(err, ErrNotFound)
}

const sqlWake = `UPDATE steps SET due_at = ? WHERE id IN (SELECT id FROM steps WHERE kind = ? AND error_class = ?
	AND due_at > ? AND parked_at IS NULL AND claimed_until IS NULL ORDER BY id LIMIT ?) RETURNING object_id`

// Wake makes the oldest steps of a kind that wait because of an error of a
// class due now: what they wait for may be there.
func (tx *Tx) Wake(kind, class string, limit int) error {
	var objects []id.ID
	if err := tx.db.Raw(sqlWake, tx.Now, kind, class, tx.Now, limit).Scan(&objects).Error; err != nil {
		return fmt.Errorf("wake %s: %w", kind, err)
	}
	for _, object := range objects {
		tx.hints = append(tx.hints, Hint{Kind: kind, Object: object})
	}
	return nil
}
