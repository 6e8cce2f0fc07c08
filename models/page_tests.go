package models

import (
	"fmt"
	"time"

	"drover/rules/id"
	"drover/rules/status"
)

// TestFilter chooses tests for a list. Zero values choose all definitions.
type TestFilter struct {
	Text  string // a part of path or description
	Owner Choice
	State Choice
	Tree  Choice
	Cases bool // with the cases of tests that give one result each
}

func (f TestFilter) conditions() conditions {
	var c conditions
	if f.Text != "" {
		c.contains(f.Text, "t.path", "t.description")
	}
	c.choose("t.owner", f.Owner)
	c.choose("t.state", f.State)
	if len(f.Tree.Any) > 0 {
		c.add("t.id IN (SELECT tt.test_id FROM tree_tests tt JOIN trees tr ON tr.id = tt.tree_id WHERE tr.name IN ?)", f.Tree.Any)
	}
	if len(f.Tree.None) > 0 {
		c.add("t.id NOT IN (SELECT tt.test_id FROM tree_tests tt JOIN trees tr ON tr.id = tt.tree_id WHERE tr.name IN ?)", f.Tree.None)
	}
	if !f.Cases {
		c.add("t.parent_id IS NULL")
	}
	return c
}

const (
	fromTests     = ` FROM tests t`
	columnsOfTest = `t.id, t.path, t.parent_id, t.description, t.owner, t.command, t.code, t.recipe, t.format, t.each_case, t.timeout_s, t.state,
		t.version, t.created_at, t.updated_at`
)

// ListTests lists tests by path.
func (q Query) ListTests(f TestFilter, s Slice) ([]Test, Ends, error) {
	c := f.conditions()
	tail := c.slice(s, ordering{value: "t.path", id: "t.id"})
	var rows []Test
	err := q.db.Raw("SELECT "+columnsOfTest+fromTests+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountTests counts them, up to CountLimit + 1.
func (q Query) CountTests(f TestFilter) (int, error) { return q.count(fromTests, f.conditions()) }

// RecentRun is one of the last results of a test.
type RecentRun struct {
	TestID     id.ID
	Arch       string
	Status     status.Status
	Shown      status.Shown
	DurationMS int64 `gorm:"column:duration_ms"`
}

// The results of each test are read from its newest on, and no further.
const sqlRecentRuns = `SELECT r.test_id, b.arch, r.status, r.shown, r.duration_ms FROM tests t
	JOIN results r ON r.id IN (SELECT n.id FROM results n
		WHERE n.test_id = t.id AND n.id >= ? AND n.final AND n.lane = 'baseline' AND n.status IN ('pass', 'fail') ORDER BY n.id DESC LIMIT ?)
	JOIN builds b ON b.id = r.build_id
	WHERE t.id IN ? ORDER BY r.test_id, r.id DESC LIMIT 50000`

// RecentRuns lists the last results of some tests since a day, newest first.
func (q Query) RecentRuns(tests []id.ID, since time.Time, limit int) (map[id.ID][]RecentRun, error) {
	runs := make(map[id.ID][]RecentRun, len(tests))
	first, err := id.New(since, 1)
	if err != nil || len(tests) == 0 {
		return runs, err
	}
	var rows []RecentRun
	if err := q.db.Raw(sqlRecentRuns, first, limit, tests).Scan(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		runs[row.TestID] = append(runs[row.TestID], row)
	}
	return runs, nil
}

// FailCount is how often a test failed in one place.
type FailCount struct {
	Arch, Host, Tree string
	Failed, Total    int
}

const sqlFailCounts = `SELECT b.arch, r.host, tr.name AS tree, SUM(CASE WHEN r.status = 'fail' THEN 1 ELSE 0 END) AS failed, COUNT(*) AS total
	FROM (SELECT build_id, checkout_id, host, status FROM results
		WHERE test_id = ? AND id >= ? AND final AND lane = 'baseline' AND status IN ('pass', 'fail') ORDER BY id DESC LIMIT ?) AS r
	JOIN builds b ON b.id = r.build_id JOIN checkouts c ON c.id = r.checkout_id JOIN trees tr ON tr.id = c.tree_id
	GROUP BY b.arch, r.host, tr.name ORDER BY b.arch, r.host, tr.name LIMIT 2000`

// FailCounts counts the newest final baseline results of a test since a day by
// place, at most limit of them.
func (q Query) FailCounts(test id.ID, since time.Time, limit int) ([]FailCount, error) {
	first, err := id.New(since, 1)
	if err != nil {
		return nil, err
	}
	var rows []FailCount
	err = q.db.Raw(sqlFailCounts, test, first, limit).Scan(&rows).Error
	return rows, err
}

// SetCaseStates gives every case of a test the state of its definition: a case
// counts as its definition does.
func (tx *Tx) SetCaseStates(parent id.ID, state status.TestState) error {
	err := tx.db.Model(&Test{}).Where("parent_id = ?", parent).Updates(map[string]any{"state": state, "updated_at": tx.Now}).Error
	if err != nil {
		return fmt.Errorf("set the state of the cases: %w", err)
	}
	return nil
}
