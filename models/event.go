package models

import (
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"drover/rules/id"
)

// Event is one thing that came in: a push that a poll found, a button, a bot's
// request. It is stored before anything is decided; the decision stays on it.
type Event struct {
	ID         id.ID
	Source     string // git, button, api
	Dedup      string // says what it is about; the same one is stored once
	TreeID     id.ID
	Body       string // JSON
	ReceivedAt time.Time
	DecidedAt  *time.Time
	Decision   string // checkouts, nothing
	Reason     string
}

// AddEvent stores an event and asks for its reading; known ones give the row
// that is there, with fresh false.
func (tx *Tx) AddEvent(e Event, step string) (event Event, fresh bool, err error) {
	if e.ID, err = tx.ID(); err != nil {
		return Event{}, false, err
	}
	e.ReceivedAt = tx.Now
	done := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&e)
	if done.Error != nil {
		return Event{}, false, fmt.Errorf("store event: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		event, err = take[Event](tx.db, "dedup = ?", e.Dedup)
		return event, false, err
	}
	return e, true, tx.Want(step, e.ID, tx.Now)
}

// Event reads an event.
func (q Query) Event(event id.ID) (Event, error) { return take[Event](q.db, "id = ?", event) }

// Events lists the newest events of a tree.
func (q Query) Events(tree id.ID, limit int) ([]Event, error) {
	var rows []Event
	err := q.db.Where("tree_id = ?", tree).Order("id DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// DecideEvent records what became of an event and why.
func (tx *Tx) DecideEvent(event id.ID, decision, reason string) error {
	return tx.db.Model(&Event{}).Where("id = ?", event).Updates(map[string]any{
		"decided_at": tx.Now, "decision": decision, "reason": reason,
	}).Error
}
