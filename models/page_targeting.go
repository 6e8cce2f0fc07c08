package models

import (
	"fmt"

	"drover/rules/id"
)

// PastChange is a checkout with the files that it changed.
type PastChange struct {
	CheckoutLine
	Files []CheckoutFile
}

// filesOfPast bounds the files that are read for all changes of one preview.
const filesOfPast = 50_000

const sqlPastFiles = `SELECT checkout_id, path, old_path, kind FROM checkout_files WHERE checkout_id IN ? ORDER BY checkout_id DESC, path LIMIT 50000`

// PastChanges lists the newest planned checkouts of some trees with what they
// changed, newest first. cut says that there were too many files for all of
// them: the oldest are left out.
func (q Query) PastChanges(trees []id.ID, limit int) (changes []PastChange, cut bool, err error) {
	if len(trees) == 0 {
		return nil, false, nil
	}
	var lines []CheckoutLine
	sql := "SELECT " + columnsOfCheckoutLine + fromCheckouts + fmt.Sprintf(" WHERE c.tree_id IN ? AND c.planned_at IS NOT NULL ORDER BY c.id DESC LIMIT %d", limit)
	if err := q.db.Raw(sql, trees).Scan(&lines).Error; err != nil {
		return nil, false, err
	}
	ids := make([]id.ID, len(lines))
	at := map[id.ID]int{}
	for i, line := range lines {
		ids[i], at[line.ID] = line.ID, i
		changes = append(changes, PastChange{CheckoutLine: line})
	}
	if len(ids) == 0 {
		return nil, false, nil
	}
	var files []CheckoutFile
	if err := q.db.Raw(sqlPastFiles, ids).Scan(&files).Error; err != nil {
		return nil, false, err
	}
	for _, f := range files {
		i := at[f.CheckoutID]
		changes[i].Files = append(changes[i].Files, f)
	}
	if len(files) == filesOfPast {
		last := at[files[len(files)-1].CheckoutID]
		return changes[:last], true, nil
	}
	return changes, false, nil
}

// BuildsOfTrees lists what some trees are built for.
func (q Query) BuildsOfTrees(trees []id.ID) (map[id.ID][]TreeBuild, error) {
	builds := map[id.ID][]TreeBuild{}
	if len(trees) == 0 {
		return builds, nil
	}
	var rows []TreeBuild
	if err := q.db.Where("tree_id IN ?", trees).Order("tree_id, position, id").Limit(10_000).Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		builds[row.TreeID] = append(builds[row.TreeID], row)
	}
	return builds, nil
}
