package models

import (
	"fmt"
	"time"

	"drover/rules/id"
)

// Draft is what somebody began to add and has not finished.
type Draft struct {
	ID        id.ID
	Kind      string // DraftTree or DraftTest
	Owner     string // who began it, in words
	Typed     string // JSON, of the form that it is for
	Step      string // that was left last
	LookupID  *id.ID // whose answer its page waits for
	Version   int64  // grows with every change
	CreatedAt time.Time
	UpdatedAt time.Time
}

// The kinds of drafts.
const (
	DraftTree = "tree"
	DraftTest = "test"
)

// Draft reads a draft of a kind.
func (q Query) Draft(kind string, draft id.ID) (Draft, error) {
	return take[Draft](q.db, "id = ? AND kind = ?", draft, kind)
}

// Drafts lists the drafts of a kind, those changed last first.
func (q Query) Drafts(kind string, limit int) ([]Draft, error) {
	var rows []Draft
	err := q.db.Where("kind = ?", kind).Order("updated_at DESC, id DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// AddDraft stores a new draft.
func (tx *Tx) AddDraft(d Draft) (Draft, error) {
	var err error
	if d.ID, err = tx.ID(); err != nil {
		return Draft{}, err
	}
	d.Version, d.CreatedAt, d.UpdatedAt = 1, tx.Now, tx.Now
	if err := tx.db.Create(&d).Error; err != nil {
		return Draft{}, fmt.Errorf("add a draft: %w", err)
	}
	return d, nil
}

// SaveDraft stores what was typed, the step and the lookup of a draft, whatever
// another window stored since it was read: the last one who typed is right.
// ErrNotFound: it was finished or thrown away.
func (tx *Tx) SaveDraft(d Draft) error {
	done := tx.db.Exec(`UPDATE drafts SET typed = ?, step = ?, lookup_id = ?, version = version + 1, updated_at = ? WHERE id = ?`,
		d.Typed, d.Step, d.LookupID, tx.Now, d.ID)
	if done.Error != nil {
		return fmt.Errorf("save a draft: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		return ErrNotFound
	}
	tx.changed(ChangeDraft, d.ID)
	return nil
}

// DropDraft removes a draft; one that is gone is no error.
func (tx *Tx) DropDraft(draft id.ID) error {
	tx.changed(ChangeDraft, draft)
	return tx.db.Exec(`DELETE FROM drafts WHERE id = ?`, draft).Error
}

// TrimDrafts forgets drafts that nobody touched since a time, at most limit.
func (tx *Tx) TrimDrafts(before time.Time, limit int) (int64, error) {
	done := tx.db.Exec(`DELETE FROM drafts WHERE id IN (SELECT id FROM drafts WHERE updated_at < ? ORDER BY updated_at, id LIMIT ?)`, before, limit)
	return done.RowsAffected, done.Error
}
