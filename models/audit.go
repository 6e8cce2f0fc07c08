package models

import (
	"time"

	"drover/rules/id"
)

// Audit is one change by a person: who, when, what, from what to what.
type Audit struct {
	ID         id.ID
	At         time.Time
	Who        string
	UserID     id.ID // 0 for the token, a program, or Drover itself
	What       string
	ObjectKind string
	ObjectID   id.ID
	Before     string
	After      string
}

// TableName is the word itself: one audit, many entries.
func (Audit) TableName() string { return "audit" }

// Record stores who changed what.
func (tx *Tx) Record(a Audit) error {
	var err error
	if a.ID, err = tx.ID(); err != nil {
		return err
	}
	a.At = tx.Now
	return tx.db.Create(&a).Error
}

// Changes lists the newest changes of an object.
func (q Query) Changes(kind string, object id.ID, limit int) ([]Audit, error) {
	var rows []Audit
	err := q.db.Where("object_kind = ? AND object_id = ?", kind, object).Order("id DESC").Limit(limit).Find(&rows).Error
	return rows, err
}
