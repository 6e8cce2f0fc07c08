package models

import (
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"drover/rules/id"
)

// Commit is a commit that Drover has heard of. One of which only the name is
// known, because it is a parent outside of what was fetched, has no author.
type Commit struct {
	ID          id.ID
	SHA         string `gorm:"column:sha"`
	Author      string
	Email       string
	Subject     string
	CommittedAt *time.Time
	Generation  int64 // greater than that of each parent
}

// CommitParent ties a commit to its parents in their order.
type CommitParent struct {
	CommitID id.ID
	Position int64
	ParentID id.ID
}

// NewCommit is a commit with the names of its parents.
type NewCommit struct {
	Commit
	Parents []string
}

// Commit reads a commit by its full name.
func (q Query) Commit(sha string) (Commit, error) { return take[Commit](q.db, "sha = ?", sha) }

// CommitsBySHA reads those of the names that are known, by name.
func (q Query) CommitsBySHA(shas []string) (map[string]Commit, error) {
	known := make(map[string]Commit, len(shas))
	for start := 0; start < len(shas); start += 500 {
		var rows []Commit
		part := shas[start:min(start+500, len(shas))]
		if err := q.db.Where("sha IN ?", part).Limit(len(part)).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			known[row.SHA] = row
		}
	}
	return known, nil
}

// AddCommits records ancestry. Commits come newest first, as git lists them;
// known ones are left alone but for a stub, which is filled in.
func (tx *Tx) AddCommits(list []NewCommit) (map[string]Commit, error) {
	var names []string
	for _, c := range list {
		names = append(names, c.SHA)
		names = append(names, c.Parents...)
	}
	known, err := tx.CommitsBySHA(names)
	if err != nil {
		return nil, fmt.Errorf("read commits: %w", err)
	}
	if err := tx.addStubs(list, known); err != nil {
		return nil, err
	}
	for i := len(list) - 1; i >= 0; i-- { // parents first
		if known[list[i].SHA].CommittedAt != nil {
			continue
		}
		row := list[i].Commit
		row.ID = known[row.SHA].ID
		for _, parent := range list[i].Parents {
			row.Generation = max(row.Generation, known[parent].Generation+1)
		}
		if err := tx.fill(row, list[i].Parents, known); err != nil {
			return nil, err
		}
		known[row.SHA] = row
	}
	return known, nil
}

// addStubs makes a row for every name that has none.
func (tx *Tx) addStubs(list []NewCommit, known map[string]Commit) error {
	var missing []Commit
	seen := map[string]bool{}
	note := func(sha string) {
		if _, ok := known[sha]; !ok && !seen[sha] {
			seen[sha] = true
			missing = append(missing, Commit{SHA: sha})
		}
	}
	for _, c := range list {
		note(c.SHA)
		for _, parent := range c.Parents {
			note(parent)
		}
	}
	ids, err := tx.IDs(len(missing))
	if err != nil {
		return err
	}
	names := make([]string, len(missing))
	for i := range missing {
		missing[i].ID, names[i] = ids[i], missing[i].SHA
	}
	for start := 0; start < len(missing); start += batch {
		part := missing[start:min(start+batch, len(missing))]
		if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&part).Error; err != nil {
			return fmt.Errorf("add commits: %w", err)
		}
	}
	stored, err := tx.CommitsBySHA(names) // another worker may have been first
	if err != nil {
		return err
	}
	for sha, row := range stored {
		known[sha] = row
	}
	return nil
}

func (tx *Tx) fill(row Commit, parents []string, known map[string]Commit) error {
	err := tx.db.Model(&Commit{}).Where("id = ?", row.ID).Updates(map[string]any{
		"author": row.Author, "email": row.Email, "subject": row.Subject,
		"committed_at": row.CommittedAt, "generation": row.Generation,
	}).Error
	if err != nil {
		return fmt.Errorf("fill in commit %s: %w", row.SHA, err)
	}
	for i, parent := range parents {
		tie := CommitParent{CommitID: row.ID, Position: int64(i), ParentID: known[parent].ID}
		if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&tie).Error; err != nil {
			return fmt.Errorf("tie commit %s to its parent: %w", row.SHA, err)
		}
	}
	return nil
}

// Ancestor is a tested commit behind another one.
type Ancestor struct {
	CheckoutID id.ID
	CommitID   id.ID
	SHA        string `gorm:"column:sha"`
	Distance   int    // commits on the shortest way back
}

// reach bounds how many commits are looked at behind a commit. A merge window
// of the kernel has some 15,000.
const reach = 20_000

const sqlBehind = `WITH RECURSIVE back (commit_id) AS (
		SELECT CAST(? AS BIGINT)
		UNION
		SELECT p.parent_id FROM back b JOIN commit_parents p ON p.commit_id = b.commit_id
	)
	SELECT p.commit_id, p.parent_id FROM back b JOIN commit_parents p ON p.commit_id = b.commit_id LIMIT ?`

// behind gives the distance of every commit behind one, itself at 0, by the
// shortest way: a breadth-first walk over the recorded parents.
func (q Query) behind(commit id.ID) (map[id.ID]int, error) {
	var ties []CommitParent
	if err := q.db.Raw(sqlBehind, commit, reach).Scan(&ties).Error; err != nil {
		return nil, fmt.Errorf("read the history behind a commit: %w", err)
	}
	parents := map[id.ID][]id.ID{}
	for _, tie := range ties {
		parents[tie.CommitID] = append(parents[tie.CommitID], tie.ParentID)
	}
	distance := map[id.ID]int{commit: 0}
	for queue := []id.ID{commit}; len(queue) > 0; queue = queue[1:] {
		for _, parent := range parents[queue[0]] {
			if _, seen := distance[parent]; !seen {
				distance[parent] = distance[queue[0]] + 1
				queue = append(queue, parent)
			}
		}
	}
	return distance, nil
}

const sqlTested = `SELECT c.id AS checkout_id, c.commit_id, c.sha FROM checkouts c
	WHERE c.tree_id = ? AND c.lane = 'baseline' AND c.state = 'finished' AND c.id <> ? ORDER BY c.id DESC LIMIT ?`

// TestedAncestors lists finished baseline checkouts of a checkout's tree whose
// commits lie behind its own, nearest first; of those equally
// far the newest first. It looks at the tree's newest 2,000 checkouts.
func (q Query) TestedAncestors(c Checkout, limit int) ([]Ancestor, error) {
	var tested []Ancestor
	if err := q.db.Raw(sqlTested, c.TreeID, c.ID, 2000).Scan(&tested).Error; err != nil {
		return nil, fmt.Errorf("list tested checkouts: %w", err)
	}
	if len(tested) == 0 {
		return nil, nil
	}
	distance, err := q.behind(c.CommitID)
	if err != nil {
		return nil, err
	}
	var found []Ancestor
	for _, a := range tested {
		if d := distance[a.CommitID]; d > 0 {
			a.Distance = d
			found = append(found, a)
		}
	}
	slices.SortStableFunc(found, func(a, b Ancestor) int { return a.Distance - b.Distance })
	return found[:min(limit, len(found))], nil
}

const sqlBefore = `SELECT c.id AS checkout_id, c.commit_id, c.sha FROM checkouts c
	WHERE c.tree_id = ? AND c.branch = ? AND c.lane = 'baseline' AND c.state = 'finished' AND c.id < ?
	ORDER BY c.id DESC LIMIT ?`

// CheckoutsBefore lists the finished baseline checkouts of a checkout's branch
// that came before it, newest first, whether or not they are ancestors.
func (q Query) CheckoutsBefore(c Checkout, limit int) ([]Ancestor, error) {
	var rows []Ancestor
	if err := q.db.Raw(sqlBefore, c.TreeID, c.Branch, c.ID, limit).Scan(&rows).Error; err != nil {
		return nil, fmt.Errorf("list checkouts before: %w", err)
	}
	for i := range rows {
		rows[i].Distance = i + 1
	}
	return rows, nil
}
