package models

import (
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"drover/rules/id"
)

// Lookup is a fact from outside that a page needs: the page asks, a job
// answers. There is one row for what is asked.
type Lookup struct {
	ID         id.ID
	Kind       string
	Key        string // what it is about
	AskedAt    time.Time
	AnsweredAt *time.Time
	Answer     string // JSON, "" if there is an error
	Error      string // for people
	ErrorClass string
}

// Waits tells whether the answer is still to come.
func (l Lookup) Waits() bool { return l.AnsweredAt == nil }

// LookupOf reads what is known of a key; ErrNotFound if nobody asked.
func (q Query) LookupOf(kind, key string) (Lookup, error) {
	return take[Lookup](q.db, "kind = ? AND key = ?", kind, key)
}

// Lookup reads a lookup by id.
func (q Query) Lookup(lookup id.ID) (Lookup, error) { return take[Lookup](q.db, "id = ?", lookup) }

// Ask wants an answer that is no older than fresh. step is the kind of the step
// that finds it. What waits already is not asked again; what failed is.
func (tx *Tx) Ask(step, kind, key string, fresh time.Duration) (Lookup, error) {
	known, err := tx.LookupOf(kind, key)
	switch {
	case err == nil && known.Waits():
		// The step may have been lost with a database that was put back.
		return known, tx.Want(step, known.ID, tx.Now)
	case err == nil && known.Error == "" && known.AnsweredAt.Add(fresh).After(tx.Now):
		return known, nil
	case err != nil && !errors.Is(err, ErrNotFound):
		return Lookup{}, err
	}
	number, err := tx.ID()
	if err != nil {
		return Lookup{}, err
	}
	row := Lookup{ID: number, Kind: kind, Key: key, AskedAt: tx.Now}
	err = tx.db.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "kind"}, {Name: "key"}},
		DoUpdates: clause.AssignmentColumns([]string{"asked_at", "answered_at", "answer", "error", "error_class"}),
	}).Create(&row).Error
	if err != nil {
		return Lookup{}, fmt.Errorf("ask %s: %w", kind, err)
	}
	if row, err = tx.LookupOf(kind, key); err != nil {
		return Lookup{}, err
	}
	return row, tx.Want(step, row.ID, tx.Now)
}

// draftsTold bounds the drafts that one answer tells of; a page of another one
// finds it when it is loaded again.
const draftsTold = 100

// AnswerLookup stores an answer or an error, and tells the drafts that wait
// which parts of their pages it changes.
func (tx *Tx) AnswerLookup(l Lookup, parts ...string) error {
	err := tx.db.Exec(`UPDATE lookups SET answered_at = ?, answer = ?, error = ?, error_class = ? WHERE id = ?`,
		tx.Now, l.Answer, l.Error, l.ErrorClass, l.ID).Error
	if err != nil {
		return fmt.Errorf("answer %s: %w", l.Kind, err)
	}
	var drafts []id.ID
	if err := tx.db.Raw(`SELECT id FROM drafts WHERE lookup_id = ? ORDER BY id LIMIT ?`, l.ID, draftsTold).Scan(&drafts).Error; err != nil {
		return fmt.Errorf("read who waits for %s: %w", l.Kind, err)
	}
	for _, draft := range drafts {
		tx.changed(ChangeDraft, draft, parts...)
	}
	return nil
}

// NextLookup lets the drafts that wait for one answer wait for another: what
// they want to know next.
func (tx *Tx) NextLookup(from, to id.ID) error {
	return tx.db.Exec(`UPDATE drafts SET lookup_id = ? WHERE lookup_id = ?`, to, from).Error
}

// TrimLookups forgets what was asked before a time, at most limit.
func (tx *Tx) TrimLookups(before time.Time, limit int) (int64, error) {
	done := tx.db.Exec(`DELETE FROM lookups WHERE id IN (SELECT id FROM lookups WHERE asked_at < ? ORDER BY asked_at, id LIMIT ?)`, before, limit)
	return done.RowsAffected, done.Error
}
