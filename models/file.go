package models

import (
	"time"

	"gorm.io/gorm/clause"

	"drover/rules/id"
)

// File is a log or an artifact of a job, or a build; its bytes are in models/blob.
type File struct {
	ID        id.ID
	OwnerKind string // job
	OwnerID   id.ID
	Name      string // build.log, config, …; "name.idx" is the index of a log
	Blob      string // key in the blob store, "" when it was not stored
	Bytes     int64
	Note      string // why it was not stored, "" when it was
	StoredAt  time.Time
	TrimmedAt *time.Time // its time was over: the blob is removed, the row stays
}

// AddFile records a file; the same name again replaces it.
func (tx *Tx) AddFile(f File) error {
	var err error
	if f.ID, err = tx.ID(); err != nil {
		return err
	}
	f.StoredAt = tx.Now
	return tx.db.Clauses(clause.OnConflict{
		Columns:   []clause.Column{{Name: "owner_kind"}, {Name: "owner_id"}, {Name: "name"}},
		DoUpdates: clause.AssignmentColumns([]string{"blob", "bytes", "note", "stored_at", "trimmed_at"}),
	}).Create(&f).Error
}

// File reads one file of an owner.
func (q Query) File(kind string, owner id.ID, name string) (File, error) {
	return take[File](q.db, "owner_kind = ? AND owner_id = ? AND name = ?", kind, owner, name)
}

// Files lists the files of an owner by name.
func (q Query) Files(kind string, owner id.ID) ([]File, error) {
	var rows []File
	err := q.db.Where("owner_kind = ? AND owner_id = ?", kind, owner).Order("name").Limit(1000).Find(&rows).Error
	return rows, err
}
