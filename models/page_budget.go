package models

import (
	"errors"

	"gorm.io/gorm"
)

// OnStatement calls seen with every statement that is read outside of
// transactions from now on. Tests hold pages against their budget with it.
func (s *Store) OnStatement(seen func(statement string)) error {
	note := func(db *gorm.DB) { seen(db.Statement.SQL.String()) }
	callbacks := s.db.Callback()
	return errors.Join(
		callbacks.Query().After("gorm:query").Register("drover:statement", note),
		callbacks.Row().After("gorm:row").Register("drover:statement", note),
		callbacks.Raw().After("gorm:raw").Register("drover:statement", note),
	)
}
