package models

import (
	"fmt"

	"drover/rules/id"
	"drover/rules/status"
)

// sqlRehearsed are the finished checkouts of a rehearsal that are not there as
// baseline too.
const sqlRehearsed = `SELECT c.id FROM checkouts c WHERE c.tree_id = ? AND c.lane = 'rehearsal' AND c.state = 'finished'
	AND NOT EXISTS (SELECT 1 FROM checkouts o WHERE o.tree_id = c.tree_id AND o.branch = c.branch AND o.sha = c.sha
		AND o.patchset = c.patchset AND o.request = c.request AND o.lane = 'baseline')
	ORDER BY c.id LIMIT 100000`

const sqlRehearsedResults = `SELECT r.id, r.test_id, r.lane, r.attempt, r.final, r.status, r.retry_reason, b.arch
	FROM results r JOIN builds b ON b.id = r.build_id WHERE r.checkout_id = ? AND r.lane = 'rehearsal' ORDER BY r.id`

// adopt makes the finished checkouts of a rehearsal the baseline: what comes
// next is compared with them, and the statistics are what they would have been
// had the tree been live. What still runs ends as a rehearsal.
func (tx *Tx) adopt(tree id.ID) error {
	var checkouts []id.ID
	if err := tx.db.Raw(sqlRehearsed, tree).Scan(&checkouts).Error; err != nil {
		return fmt.Errorf("read the rehearsal: %w", err)
	}
	moved := newTallies()
	for _, checkout := range checkouts {
		var rows []struct {
			Result
			Arch string
		}
		if err := tx.db.Raw(sqlRehearsedResults, checkout).Scan(&rows).Error; err != nil {
			return fmt.Errorf("read the results of a rehearsal: %w", err)
		}
		for _, row := range rows {
			moved.add(tree, row.Arch, move{row.Result, -1})
			row.Lane = status.Baseline
			moved.add(tree, row.Arch, move{row.Result, 1})
		}
		for _, sql := range []string{
			`UPDATE checkouts SET lane = 'baseline' WHERE id = ?`,
			`UPDATE results SET lane = 'baseline' WHERE checkout_id = ? AND lane = 'rehearsal'`,
		} {
			if err := tx.db.Exec(sql, checkout).Error; err != nil {
				return fmt.Errorf("adopt a rehearsal: %w", err)
			}
		}
		tx.changed(ChangeCheckout, checkout)
	}
	return tx.rollAll(tree, moved)
}
