package models

import (
	"math"
	"time"

	"drover/rules/id"
)

// CheckoutLine is a checkout in a list, with the name of its tree. Only what
// lists show of the checkout is read.
type CheckoutLine struct {
	Checkout `gorm:"embedded"`
	Tree     string
}

const columnsOfCheckoutLine = `c.id, c.tree_id, c.branch, c.commit_id, c.sha, c.lane, c.source, c.previous_id, c.describe, c.subject, c.author,
	c.state, c.verdict, c.verdict_text, c.counts, c.compared_id, c.compared_back, c.not_ancestor, c.pushed_at, c.started_at, c.finished_at,
	t.name AS tree`

// The branches are found one after the other in the index, and of each the
// newest checkouts, so that older ones are never read.
const sqlBranchTails = `WITH RECURSIVE branches (tree_id, branch) AS (
		SELECT * FROM (SELECT tree_id, branch FROM checkouts WHERE tree_id >= ? ORDER BY tree_id, branch LIMIT 1) AS first
		UNION ALL
		SELECT (SELECT n.tree_id FROM checkouts n WHERE (n.tree_id, n.branch) > (b.tree_id, b.branch) ORDER BY n.tree_id, n.branch LIMIT 1),
			(SELECT n.branch FROM checkouts n WHERE (n.tree_id, n.branch) > (b.tree_id, b.branch) ORDER BY n.tree_id, n.branch LIMIT 1)
		FROM branches b WHERE b.tree_id <= ?
	)
	SELECT ` + columnsOfCheckoutLine + ` FROM branches b
	JOIN checkouts c ON c.id IN (
		SELECT n.id FROM checkouts n WHERE n.tree_id = b.tree_id AND n.branch = b.branch AND n.lane IN ('baseline', 'rehearsal') ORDER BY n.id DESC LIMIT ?)
	JOIN trees t ON t.id = c.tree_id
	WHERE b.tree_id <= ? ORDER BY t.name, c.branch, c.id DESC LIMIT 20000`

// BranchTails lists the newest checkouts of every branch of a tree, or of all
// trees if tree is 0: at most length of each, newest first.
func (q Query) BranchTails(tree id.ID, length int) ([]CheckoutLine, error) {
	from, to := tree, tree
	if tree == 0 {
		to = math.MaxInt64
	}
	var rows []CheckoutLine
	err := q.db.Raw(sqlBranchTails, from, to, length, to).Scan(&rows).Error
	return rows, err
}

// SourceLine is where a tree comes from, with how its remote answers.
type SourceLine struct {
	TreeID       id.ID
	RemoteID     id.ID
	Kind         string
	Branches     string
	Note         string
	URL          string `gorm:"column:url"`
	Head         string
	Empty        bool
	PolledAt     *time.Time
	FailingSince *time.Time
	Failures     int64
	Error        string
	NextAt       *time.Time // when the next look is due, nil if none is planned
}

const sqlSources = `SELECT s.tree_id, s.remote_id, s.kind, s.branches, s.note, r.url, r.head, r.empty, r.polled_at, r.failing_since,
		r.failures, r.error, p.due_at AS next_at
	FROM tree_sources s JOIN remotes r ON r.id = s.remote_id
	LEFT JOIN steps p ON p.kind = 'remote.poll' AND p.object_id = r.id
	WHERE (CAST(? AS BIGINT) = 0 OR s.tree_id = ?) ORDER BY s.tree_id, s.id LIMIT 10000`

// SourcesWithRemote lists where a tree, or every tree if tree is 0, comes from.
func (q Query) SourcesWithRemote(tree id.ID) ([]SourceLine, error) {
	var rows []SourceLine
	err := q.db.Raw(sqlSources, tree, tree).Scan(&rows).Error
	return rows, err
}

// RefOf reads one ref of a remote.
func (q Query) RefOf(remote id.ID, name string) (Ref, error) {
	return take[Ref](q.db, "remote_id = ? AND name = ?", remote, name)
}

// CountUntested counts the commits that a branch left out by choice.
func (q Query) CountUntested(tree id.ID, branch string) (int64, error) {
	var n int64
	err := q.db.Model(&UntestedCommit{}).Where("tree_id = ? AND branch = ?", tree, branch).Count(&n).Error
	return n, err
}

// UntestedBySHA finds a commit that a tree left out by choice, by the
// beginning of its name.
func (q Query) UntestedBySHA(tree id.ID, sha string) (UntestedCommit, error) {
	return take[UntestedCommit](q.db.Order("noted_at DESC"), "tree_id = ? AND sha LIKE ?", tree, likeEscapes.Replace(sha)+"%")
}

// TestTree is the name of a tree that runs a test.
type TestTree struct {
	TestID id.ID
	Tree   string
}

const sqlTreesOfTests = `SELECT tt.test_id, t.name AS tree FROM tree_tests tt JOIN trees t ON t.id = tt.tree_id
	WHERE tt.test_id IN ? ORDER BY t.name LIMIT 10000`

// TreesOfTests lists which trees run some tests.
func (q Query) TreesOfTests(tests []id.ID) ([]TestTree, error) {
	var rows []TestTree
	err := q.db.Raw(sqlTreesOfTests, tests).Scan(&rows).Error
	return rows, err
}
