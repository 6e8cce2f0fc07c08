package models

import (
	"fmt"
	"time"

	"drover/rules/id"
)

// TestVersion is one edition of a test's definition.
type TestVersion struct {
	TestID     id.ID
	Number     int64 // from 1
	At         time.Time
	Who        string
	Definition string // YAML, as rules/definition writes it
}

// TestVersions lists the editions of a test, newest first.
func (q Query) TestVersions(test id.ID, limit int) ([]TestVersion, error) {
	var rows []TestVersion
	err := q.db.Where("test_id = ?", test).Order("number DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// SetTest stores another definition of a test: all of it but its path, parent
// and state. It becomes the edition after t.Edition, and how it runs another
// version if that changed. ErrStale if t.Edition is not the newest.
func (tx *Tx) SetTest(t Test, runsOtherwise bool, definition, who string) (Test, error) {
	before := t.Edition
	t.Edition++
	if runsOtherwise {
		t.Version++
	}
	done := tx.db.Model(&Test{}).Where("id = ? AND edition = ?", t.ID, before).Updates(map[string]any{
		"description": t.Description, "owner": t.Owner, "maintainers": t.Maintainers, "command": t.Command, "code": t.Code, "recipe": t.Recipe,
		"format": t.Format, "each_case": t.EachCase, "timeout_s": t.TimeoutS, "version": t.Version, "edition": t.Edition, "updated_at": tx.Now,
		"conditions": t.Conditions, "cost": t.Cost, "host_type": t.HostType, "host_needs": t.HostNeeds,
	})
	switch {
	case done.Error != nil:
		return t, fmt.Errorf("store test %s: %w", t.Path, done.Error)
	case done.RowsAffected == 0:
		return t, ErrStale
	}
	tx.testChanged(t.ID)
	return t, tx.addTestVersion(t, definition, who)
}

func (tx *Tx) addTestVersion(t Test, definition, who string) error {
	row := TestVersion{TestID: t.ID, Number: t.Edition, At: tx.Now, Who: who, Definition: definition}
	if err := tx.db.Create(&row).Error; err != nil {
		return fmt.Errorf("store edition %d of %s: %w", t.Edition, t.Path, translate(err))
	}
	return nil
}

// BeginVersions stores the first edition of a test that has none.
func (tx *Tx) BeginVersions(t Test, definition, who string) (Test, error) {
	done := tx.db.Model(&Test{}).Where("id = ? AND edition = 0", t.ID).Update("edition", 1)
	if done.Error != nil || done.RowsAffected == 0 {
		return t, done.Error
	}
	t.Edition = 1
	return t, tx.addTestVersion(t, definition, who)
}
