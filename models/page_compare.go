package models

import (
	"drover/rules/id"
	"drover/rules/status"
)

// CompareLimit is how many results of one checkout are compared.
const CompareLimit = 50_000

// ComparedResult is a final result as far as a comparison needs it.
type ComparedResult struct {
	ID             id.ID
	TestID         id.ID
	Test           string
	Arch           string
	Config         string
	Compiler       string
	Status         status.Status
	Shown          status.Shown
	JobID          *id.ID
	FirstError     string
	FirstErrorLine int64
}

const columnsOfCompared = `r.id, r.test_id, t.path AS test, b.arch, b.config, b.compiler, r.status, r.shown, r.job_id, r.first_error, r.first_error_line`

// ComparedResults lists the final results that a filter chooses, by id: at
// most CompareLimit of them. A part of the path narrows them further.
func (q Query) ComparedResults(f ResultFilter, path string) ([]ComparedResult, error) {
	c := f.conditions()
	if path != "" {
		c.contains(path, "t.path")
	}
	c.args = append(c.args, CompareLimit)
	var rows []ComparedResult
	err := q.db.Raw("SELECT "+columnsOfCompared+fromResults+c.where()+" ORDER BY r.id LIMIT ?", c.args...).Scan(&rows).Error
	return rows, err
}

// Neighbours are checkouts of a branch that one may want to compare with; 0
// where there is none.
type Neighbours struct {
	Finished id.ID // the last one before that has finished
	Good     id.ID // the last one before that has no new failure
	Head     id.ID // the newest
}

const sqlNeighbours = `SELECT
	COALESCE((SELECT MAX(id) FROM checkouts WHERE tree_id = ? AND branch = ? AND lane = ? AND id < ? AND state = 'finished'), 0) AS finished,
	COALESCE((SELECT MAX(id) FROM checkouts WHERE tree_id = ? AND branch = ? AND lane = ? AND id < ? AND verdict = 'ok'), 0) AS good,
	COALESCE((SELECT MAX(id) FROM checkouts WHERE tree_id = ? AND branch = ? AND lane = ?), 0) AS head`

// NeighboursOf finds them for a checkout.
func (q Query) NeighboursOf(c Checkout) (Neighbours, error) {
	var n Neighbours
	err := q.db.Raw(sqlNeighbours, c.TreeID, c.Branch, c.Lane, c.ID, c.TreeID, c.Branch, c.Lane, c.ID, c.TreeID, c.Branch, c.Lane).Scan(&n).Error
	return n, err
}

// Range is commits that one side has and the other has not, newest first, and
// how many there are.
type Range struct {
	Commits []Commit
	Total   int
}

// CommitsBetween lists the newest commits that only a has, and that only b has.
func (q Query) CommitsBetween(a, b Checkout, limit int) (onlyA, onlyB Range, err error) {
	if a.CommitID == b.CommitID {
		return onlyA, onlyB, nil
	}
	behindA, err := q.behind(a.CommitID)
	if err != nil {
		return onlyA, onlyB, err
	}
	behindB, err := q.behind(b.CommitID)
	if err != nil {
		return onlyA, onlyB, err
	}
	if onlyA, err = q.onlyIn(behindA, behindB, limit); err != nil {
		return onlyA, onlyB, err
	}
	onlyB, err = q.onlyIn(behindB, behindA, limit)
	return onlyA, onlyB, err
}

// onlyIn reads the nearest commits that are among with and not among without.
func (q Query) onlyIn(with, without map[id.ID]int, limit int) (Range, error) {
	var ids []id.ID
	for commit := range with {
		if _, shared := without[commit]; !shared {
			ids = append(ids, commit)
		}
	}
	if len(ids) == 0 {
		return Range{}, nil
	}
	r := Range{Total: len(ids)}
	err := q.db.Where("id IN ? AND committed_at IS NOT NULL", nearest(ids, with, limit)).
		Order("generation DESC, id DESC").Limit(limit).Find(&r.Commits).Error
	return r, err
}

// CheckoutsOfCommits finds the newest checkout of each of some commits in a tree.
func (q Query) CheckoutsOfCommits(tree id.ID, commits []id.ID) (map[id.ID]id.ID, error) {
	found := make(map[id.ID]id.ID, len(commits))
	if len(commits) == 0 {
		return found, nil
	}
	var rows []struct{ CommitID, ID id.ID }
	err := q.db.Raw(`SELECT commit_id, MAX(id) AS id FROM checkouts WHERE tree_id = ? AND commit_id IN ?
		GROUP BY commit_id ORDER BY commit_id LIMIT 1000`, tree, commits).Scan(&rows).Error
	for _, row := range rows {
		found[row.CommitID] = row.ID
	}
	return found, err
}
