package models

import (
	"errors"
	"time"

	"gorm.io/gorm/clause"
)

// SiteSetting is something that is set in the site itself.
type SiteSetting struct {
	Name      string `gorm:"primaryKey"`
	Value     string
	Version   int64 // grows with each change; 0 for what was never set
	UpdatedAt time.Time
}

// SiteSetting reads a setting; one that was never set is empty.
func (q Query) SiteSetting(name string) (SiteSetting, error) {
	s, err := take[SiteSetting](q.db, "name = ?", name)
	if errors.Is(err, ErrNotFound) {
		return SiteSetting{Name: name}, nil
	}
	return s, err
}

// SetSiteSetting changes a setting that is still at the version of s, else it
// is ErrStale: somebody else was faster.
func (tx *Tx) SetSiteSetting(s SiteSetting) error {
	version := s.Version
	s.Version, s.UpdatedAt = version+1, tx.Now
	if version == 0 {
		done := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&s)
		return staleUnless(done.RowsAffected, done.Error)
	}
	done := tx.db.Model(&SiteSetting{}).Where("name = ? AND version = ?", s.Name, version).
		Updates(map[string]any{"value": s.Value, "version": s.Version, "updated_at": s.UpdatedAt})
	return staleUnless(done.RowsAffected, done.Error)
}

// ErrStale says that something was changed since it was read.
var ErrStale = errors.New("it was changed meanwhile")

func staleUnless(rows int64, err error) error {
	if err == nil && rows == 0 {
		return ErrStale
	}
	return err
}
