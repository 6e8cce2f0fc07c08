package models

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"drover/rules/id"
	"drover/rules/status"
)

// Tally counts final results, and the retries that they took, of one UTC day.
type Tally struct {
	Passed  int64
	Failed  int64
	Infra   int64
	Missing int64
	Skipped int64
	Retried int64 // attempts after the first
	Flaky   int64 // passed in the end after a failure
}

// Finished is the number of results that said pass or fail.
func (t Tally) Finished() int64 { return t.Passed + t.Failed }

// RollupTest is the tally of one test in one lane on one day since id.Epoch.
type RollupTest struct {
	Lane   status.Lane
	TestID id.ID
	Day    int64
	Tally  `gorm:"embedded"`
}

// RollupTree is the tally of one tree and architecture.
type RollupTree struct {
	Lane   status.Lane
	Day    int64
	TreeID id.ID
	Arch   string
	Tally  `gorm:"embedded"`
}

// move adds (weight 1) or takes away (-1) what one state of a result counts.
type move struct {
	result Result
	weight int64
}

// tally is what one attempt counts: its retry always, its status when final.
func tally(r Result) Tally {
	var t Tally
	if !r.Status.Final() {
		return t
	}
	if r.Attempt > 1 {
		t.Retried = 1
	}
	if !r.Final {
		return t
	}
	switch r.Status {
	case status.Pass:
		t.Passed = 1
		if r.Attempt > 1 && r.RetryReason == RetryAfterFailure {
			t.Flaky = 1
		}
	case status.Fail:
		t.Failed = 1
	case status.Error:
		t.Infra = 1
	case status.Miss:
		t.Missing = 1
	case status.Skip, status.Cancelled:
		t.Skipped = 1
	}
	return t
}

// RetryAfterFailure is the RetryReason of an attempt that follows a failure.
const RetryAfterFailure = "failed"

func (t *Tally) add(o Tally, weight int64) {
	t.Passed += o.Passed * weight
	t.Failed += o.Failed * weight
	t.Infra += o.Infra * weight
	t.Missing += o.Missing * weight
	t.Skipped += o.Skipped * weight
	t.Retried += o.Retried * weight
	t.Flaky += o.Flaky * weight
}

const tallyColumns = `passed, failed, infra, missing, skipped, retried, flaky`

const (
	sqlRollTest = `INSERT INTO rollup_tests (lane, test_id, day, ` + tallyColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (lane, test_id, day) DO UPDATE SET passed = rollup_tests.passed + excluded.passed,
		failed = rollup_tests.failed + excluded.failed, infra = rollup_tests.infra + excluded.infra,
		missing = rollup_tests.missing + excluded.missing, skipped = rollup_tests.skipped + excluded.skipped,
		retried = rollup_tests.retried + excluded.retried, flaky = rollup_tests.flaky + excluded.flaky`
	sqlRollTree = `INSERT INTO rollup_trees (lane, day, tree_id, arch, ` + tallyColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (lane, day, tree_id, arch) DO UPDATE SET passed = rollup_trees.passed + excluded.passed,
		failed = rollup_trees.failed + excluded.failed, infra = rollup_trees.infra + excluded.infra,
		missing = rollup_trees.missing + excluded.missing, skipped = rollup_trees.skipped + excluded.skipped,
		retried = rollup_trees.retried + excluded.retried, flaky = rollup_trees.flaky + excluded.flaky`
)

// roll moves the statistics. A result counts on the day of its id, so that its
// old and new state meet in the same row; rows are written in a fixed order,
// so that two workers cannot lock each other. Tests have one row for all trees,
// which everybody may read: what runs on restricted trees is not in it.
func (tx *Tx) roll(tree id.ID, arch string, moves []move) error {
	t := newTallies()
	for _, m := range moves {
		t.add(tree, arch, m)
	}
	return tx.rollAll(tree, t)
}

// tallies are what some moves of one tree change.
type tallies struct {
	tests map[RollupTest]*Tally
	trees map[RollupTree]*Tally
}

func newTallies() tallies {
	return tallies{map[RollupTest]*Tally{}, map[RollupTree]*Tally{}}
}

func (t tallies) add(tree id.ID, arch string, m move) {
	one := tally(m.result)
	if one == (Tally{}) {
		return
	}
	tallyTest(t.tests, m)
	whole := RollupTree{Lane: m.result.Lane, Day: id.Day(m.result.ID.Date()), TreeID: tree, Arch: arch}
	if t.trees[whole] == nil {
		t.trees[whole] = &Tally{}
	}
	t.trees[whole].add(one, m.weight)
}

func (tx *Tx) rollAll(tree id.ID, moved tallies) error {
	private, err := tx.isRestricted(tree)
	if err == nil && !private {
		err = tx.rollTests(moved.tests)
	}
	if err != nil {
		return err
	}
	keys := slices.SortedFunc(maps.Keys(moved.trees), func(a, b RollupTree) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Arch, b.Arch), cmp.Compare(a.Lane, b.Lane))
	})
	for _, key := range keys {
		t := moved.trees[key]
		err := tx.db.Exec(sqlRollTree, key.Lane, key.Day, key.TreeID, key.Arch,
			t.Passed, t.Failed, t.Infra, t.Missing, t.Skipped, t.Retried, t.Flaky).Error
		if err != nil {
			return fmt.Errorf("roll up tree: %w", err)
		}
	}
	return nil
}

// tallyTest adds a move to the tallies of its test.
func tallyTest(tests map[RollupTest]*Tally, m move) {
	t := tally(m.result)
	if t == (Tally{}) {
		return
	}
	key := RollupTest{Lane: m.result.Lane, TestID: m.result.TestID, Day: id.Day(m.result.ID.Date())}
	if tests[key] == nil {
		tests[key] = &Tally{}
	}
	tests[key].add(t, m.weight)
}

func (tx *Tx) rollTests(tests map[RollupTest]*Tally) error {
	keys := make([]RollupTest, 0, len(tests))
	for key, t := range tests {
		if *t != (Tally{}) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b RollupTest) int {
		return cmp.Or(cmp.Compare(a.TestID, b.TestID), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Lane, b.Lane))
	})
	for _, key := range keys {
		t := tests[key]
		err := tx.db.Exec(sqlRollTest, key.Lane, key.TestID, key.Day,
			t.Passed, t.Failed, t.Infra, t.Missing, t.Skipped, t.Retried, t.Flaky).Error
		if err != nil {
			return fmt.Errorf("roll up test: %w", err)
		}
	}
	return nil
}

// RollupOfTests lists the daily baseline tallies of tests since a day, oldest first.
func (q Query) RollupOfTests(tests []id.ID, since int64) ([]RollupTest, error) {
	var rows []RollupTest
	err := q.db.Where("lane = ? AND test_id IN ? AND day >= ?", status.Baseline, tests, since).
		Order("test_id, day").Limit(100_000).Find(&rows).Error
	return rows, err
}

// RollupOfTrees lists the daily baseline tallies of trees since a day, oldest first.
func (q Query) RollupOfTrees(trees []id.ID, since int64) ([]RollupTree, error) {
	var rows []RollupTree
	err := q.db.Where("lane = ? AND tree_id IN ? AND day >= ?", status.Baseline, trees, since).
		Order("tree_id, day, arch").Limit(100_000).Find(&rows).Error
	return rows, err
}
