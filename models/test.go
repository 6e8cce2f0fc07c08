package models

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

// Test is the definition of a test. One with a parent was found in the output
// of that parent, whose every case is a test of its own.
type Test struct {
	ID          id.ID
	Path        string // slash path, unique
	ParentID    *id.ID
	Description string
	Owner       string // who looks after it
	Maintainers string // who does so too, one a line
	Command     string // what the sandbox runs, the owner's own text
	Code        string // paths in the tree where its code lives, one a line; "" where nobody named them
	Recipe      string // command, kunit-um
	Format      string // ktap, tap, exit
	EachCase    bool   // every case is a result of its own
	TimeoutS    int64
	State       status.TestState
	Version     int64 // raised by every change of how it runs
	Edition     int64 // number of the newest of its versions
	CreatedAt   time.Time
	UpdatedAt   time.Time

	Conditions      string // what chooses it, as YAML that rules/targeting reads; "" chooses it always
	Cost            string // of rules/targeting: "", always, high
	HostType        string
	HostNeeds       string
	StateSince      *time.Time
	QuarantineIssue string // number or address of the issue that a quarantine is for
	QuarantineUntil *time.Time
}

// TreeTest ties a test to a tree that runs it.
type TreeTest struct {
	TreeID id.ID
	TestID id.ID
}

// PlanItem says why a test was chosen for a checkout, or why not.
type PlanItem struct {
	ID         id.ID
	CheckoutID id.ID
	TestID     id.ID
	Chosen     bool
	Rule       string
	Reason     string
	File       string // the changed file that decided, "" if none did
	Arches     string // on which it runs, one a line; "" is all that are built
}

// Test reads a test by id.
func (q Query) Test(test id.ID) (Test, error) { return take[Test](q.db, "id = ?", test) }

// TestByPath reads a test by its path.
func (q Query) TestByPath(path string) (Test, error) { return take[Test](q.db, "path = ?", path) }

// TestsOfTree lists the tests that a tree runs, by path.
func (q Query) TestsOfTree(tree id.ID) ([]Test, error) {
	var rows []Test
	err := q.db.Where("id IN (SELECT test_id FROM tree_tests WHERE tree_id = ?)", tree).
		Order("path").Limit(10_000).Find(&rows).Error
	return rows, err
}

// sqlTestsToPlan gives a test as one text: drivers need about as long for a column
// as for finding the row. Only the last two may hold blanks; the length tells
// where the path ends.
const sqlTestsToPlan = `
SELECT concat_ws(' ', t.id, t.version, CASE WHEN t.each_case THEN 1 ELSE 0 END, t.state, t.cost, octet_length(t.path), t.path, t.conditions)
FROM tree_tests m JOIN tests t ON t.id = m.test_id WHERE m.tree_id = ? ORDER BY m.test_id LIMIT 10000`

// TestsToPlan lists the tests that a tree runs by the bytes of their paths, with
// those columns alone by which a plan chooses: id, path, version, state, cost,
// conditions and whether each case is a result. There may be thousands of which
// few run.
func (q Query) TestsToPlan(tree id.ID) (tests []Test, err error) {
	rows, err := q.db.Raw(sqlTestsToPlan, tree).Rows()
	if err != nil {
		return nil, fmt.Errorf("read the tests of a tree: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read the tests of a tree: %w", err)
		}
		t, err := testToPlan(text)
		if err != nil {
			return nil, fmt.Errorf("read the tests of a tree: %w", err)
		}
		if len(tests) == cap(tests) {
			tests = slices.Grow(tests, max(64, len(tests))) // they are large
		}
		tests = append(tests, t)
	}
	slices.SortFunc(tests, func(a, b Test) int { return strings.Compare(a.Path, b.Path) })
	return tests, rows.Err()
}

// testToPlan reads what sqlTestsToPlan gives of one test.
func testToPlan(text string) (t Test, err error) {
	var words [6]string
	rest := text
	for i := range words {
		var found bool
		if words[i], rest, found = strings.Cut(rest, " "); !found {
			return t, fmt.Errorf("%.60q is no test", text)
		}
	}
	var number [3]int64
	for i, word := range []string{words[0], words[1], words[5]} {
		if number[i], err = strconv.ParseInt(word, 10, 64); err != nil {
			return t, fmt.Errorf("%.60q is no test: %w", text, err)
		}
	}
	path := number[2]
	if path < 0 || path >= int64(len(rest)) {
		return t, fmt.Errorf("%.60q is no test", text)
	}
	return Test{
		ID: id.ID(number[0]), Version: number[1], EachCase: words[2] == "1", State: status.TestState(words[3]), Cost: words[4],
		Path: rest[:path], Conditions: rest[path+1:],
	}, nil
}

// TestsByID reads the tests of a list of ids.
func (q Query) TestsByID(ids []id.ID) (map[id.ID]Test, error) {
	tests := make(map[id.ID]Test, len(ids))
	for start := 0; start < len(ids); start += 500 {
		part := ids[start:min(start+500, len(ids))]
		var rows []Test
		if err := q.db.Where("id IN ?", part).Limit(len(part)).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			tests[row.ID] = row
		}
	}
	return tests, nil
}

// AddTest stores a test and ties it to trees. ErrDuplicate when the path is taken.
func (tx *Tx) AddTest(t Test, trees []id.ID) (Test, error) {
	var err error
	if t.ID, err = tx.ID(); err != nil {
		return Test{}, err
	}
	t.Version, t.CreatedAt, t.UpdatedAt = 1, tx.Now, tx.Now
	if err := tx.db.Create(&t).Error; err != nil {
		return Test{}, fmt.Errorf("add test %s: %w", t.Path, translate(err))
	}
	for _, tree := range trees {
		if err := tx.TieTest(tree, t.ID); err != nil {
			return Test{}, err
		}
	}
	tx.testChanged(t.ID)
	return t, nil
}

// testChanged tells of the definition or the state of a test.
func (tx *Tx) testChanged(test id.ID) {
	tx.changed(ChangeTest, test)
	tx.happened(FeedEvent{Kind: feed.TestChanged, ObjectID: test, TestID: test})
}

// KUnitTest is the row of the one KUnit test.
func KUnitTest() Test {
	d := recipe.KUnitTest()
	return Test{
		Path: d.Path, Description: d.Description, Recipe: d.Name, Format: string(d.Format), EachCase: d.EachCase,
		TimeoutS: int64(d.Timeout.Seconds()), State: status.TestReporting,
	}
}

// TieTest makes a tree run a test.
func (tx *Tx) TieTest(tree, test id.ID) error {
	return tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&TreeTest{TreeID: tree, TestID: test}).Error
}

// EnsureCases gives the tests of the cases that a test reported, by path, new
// or known.
func (tx *Tx) EnsureCases(parent Test, paths []string) (map[string]Test, error) {
	ids, err := tx.IDs(len(paths))
	if err != nil {
		return nil, err
	}
	rows := make([]Test, len(paths))
	for i, path := range paths {
		rows[i] = Test{
			ID: ids[i], Path: path, ParentID: &parent.ID, Owner: parent.Owner, Format: parent.Format,
			State: parent.State, Version: 1, CreatedAt: tx.Now, UpdatedAt: tx.Now,
		}
	}
	cases := make(map[string]Test, len(paths))
	for start := 0; start < len(rows); start += batch {
		part := rows[start:min(start+batch, len(rows))]
		if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&part).Error; err != nil {
			return nil, fmt.Errorf("add cases of %s: %w", parent.Path, err)
		}
		var stored []Test
		if err := tx.db.Where("path IN ?", paths[start:min(start+batch, len(paths))]).Limit(batch).Find(&stored).Error; err != nil {
			return nil, err
		}
		for _, test := range stored {
			cases[test.Path] = test
		}
	}
	return cases, nil
}

// AddPlan stores why each test was chosen or not.
func (tx *Tx) AddPlan(items []PlanItem) error {
	ids, err := tx.IDs(len(items))
	if err != nil {
		return err
	}
	for i := range items {
		items[i].ID = ids[i]
	}
	return insert(tx.db, items)
}

// Plan lists why the tests of a checkout were chosen or not, chosen first.
func (q Query) Plan(checkout id.ID) ([]PlanItem, error) {
	var rows []PlanItem
	err := q.db.Where("checkout_id = ?", checkout).Order("chosen DESC, id").Limit(20_000).Find(&rows).Error
	return rows, err
}

const sqlCasesSeen = `SELECT t.* FROM tests t WHERE t.parent_id = ? AND t.id IN
	(SELECT r.test_id FROM results r WHERE r.checkout_id = ? AND r.run_test_id = ? AND r.final AND r.status NOT IN ('skip'))
	ORDER BY t.path LIMIT 20000`

// CasesSeen lists the cases of a test that a checkout had results of, or
// expected; those that the test no longer reports are left out.
func (q Query) CasesSeen(checkout, parent id.ID) ([]Test, error) {
	var rows []Test
	err := q.db.Raw(sqlCasesSeen, parent, checkout, parent).Scan(&rows).Error
	return rows, err
}
