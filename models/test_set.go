package models

import (
	"errors"
	"fmt"
	"time"

	"drover/rules/id"
)

// TestSet is a named group of tests.
type TestSet struct {
	ID          id.ID
	Name        string // unique
	Description string
	Includes    string // names of other sets, one a line
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// TestSetMember puts a test into a set.
type TestSetMember struct {
	SetID  id.ID
	TestID id.ID
}

// TestSets lists all sets by name.
func (q Query) TestSets() ([]TestSet, error) {
	var rows []TestSet
	err := q.db.Order("name").Limit(10_000).Find(&rows).Error
	return rows, err
}

const sqlSetNames = `SELECT m.test_id, s.name FROM test_set_members m JOIN test_sets s ON s.id = m.set_id ORDER BY m.test_id, s.name LIMIT 500000`

// SetsOfTests gives the names of the sets of each test, those alone that it was
// put into itself.
func (q Query) SetsOfTests() (map[id.ID][]string, error) {
	var rows []struct {
		TestID id.ID
		Name   string
	}
	if err := q.db.Raw(sqlSetNames).Scan(&rows).Error; err != nil {
		return nil, err
	}
	sets := map[id.ID][]string{}
	for _, row := range rows {
		sets[row.TestID] = append(sets[row.TestID], row.Name)
	}
	return sets, nil
}

const sqlTreeNames = `SELECT m.test_id, t.name FROM tree_tests m JOIN trees t ON t.id = m.tree_id ORDER BY m.test_id, t.name LIMIT 500000`

// TreeNamesOfTests gives the names of the trees that run each test.
func (q Query) TreeNamesOfTests() (map[id.ID][]string, error) {
	var rows []struct {
		TestID id.ID
		Name   string
	}
	if err := q.db.Raw(sqlTreeNames).Scan(&rows).Error; err != nil {
		return nil, err
	}
	trees := map[id.ID][]string{}
	for _, row := range rows {
		trees[row.TestID] = append(trees[row.TestID], row.Name)
	}
	return trees, nil
}

// DefinitionCounts is how many trees, sets and tests there are, cases of tests
// aside.
type DefinitionCounts struct{ Trees, Sets, Tests int }

// CountDefinitions counts what can be taken out as YAML.
func (q Query) CountDefinitions() (c DefinitionCounts, err error) {
	err = q.db.Raw(`SELECT (SELECT COUNT(*) FROM trees) AS trees, (SELECT COUNT(*) FROM test_sets) AS sets,
		(SELECT COUNT(*) FROM tests WHERE parent_id IS NULL) AS tests`).Scan(&c).Error
	return c, err
}

// Definitions lists the tests that are no case of another, by path.
func (q Query) Definitions() ([]Test, error) {
	var rows []Test
	err := q.db.Where("parent_id IS NULL").Order("path").Limit(20_000).Find(&rows).Error
	return rows, err
}

// PutTestSet stores a set, new or known by its name.
func (tx *Tx) PutTestSet(s TestSet) (TestSet, error) {
	known, err := take[TestSet](tx.db, "name = ?", s.Name)
	switch {
	case err == nil:
		done := tx.db.Model(&TestSet{}).Where("id = ?", known.ID).Updates(map[string]any{
			"description": s.Description, "includes": s.Includes, "version": known.Version + 1, "updated_at": tx.Now,
		})
		known.Description, known.Includes, known.Version = s.Description, s.Includes, known.Version+1
		return known, done.Error
	case !errors.Is(err, ErrNotFound):
		return s, err
	}
	if s.ID, err = tx.ID(); err != nil {
		return s, err
	}
	s.Version, s.CreatedAt, s.UpdatedAt = 1, tx.Now, tx.Now
	if err := tx.db.Create(&s).Error; err != nil {
		return s, fmt.Errorf("add set %s: %w", s.Name, translate(err))
	}
	return s, nil
}

// DropTestSet removes a set; its tests stay.
func (tx *Tx) DropTestSet(set id.ID) error {
	if err := tx.db.Exec(`DELETE FROM test_set_members WHERE set_id = ?`, set).Error; err != nil {
		return err
	}
	return tx.db.Exec(`DELETE FROM test_sets WHERE id = ?`, set).Error
}

// SetSetsOfTest puts a test into these sets and no others.
func (tx *Tx) SetSetsOfTest(test id.ID, sets []id.ID) error {
	if err := tx.db.Exec(`DELETE FROM test_set_members WHERE test_id = ?`, test).Error; err != nil {
		return err
	}
	rows := make([]TestSetMember, len(sets))
	for i, set := range sets {
		rows[i] = TestSetMember{SetID: set, TestID: test}
	}
	return insert(tx.db, rows)
}

// SetTreesOfTest makes these trees run a test and no others.
func (tx *Tx) SetTreesOfTest(test id.ID, trees []id.ID) error {
	if err := tx.db.Exec(`DELETE FROM tree_tests WHERE test_id = ?`, test).Error; err != nil {
		return err
	}
	rows := make([]TreeTest, len(trees))
	for i, tree := range trees {
		rows[i] = TreeTest{TreeID: tree, TestID: test}
	}
	return insert(tx.db, rows)
}
