package models

import "drover/rules/id"

// mostTries bounds the tries of one step that are listed.
const mostTries = 200

// Tries lists how the step of a kind about an object was tried, oldest first,
// the last 200 of them. Tries older than the setting are forgotten.
func (q Query) Tries(kind string, object id.ID) ([]StepTry, error) {
	var tries []StepTry
	err := q.db.Raw(`SELECT id, kind, object_id, worker, outcome, error, started_at, finished_at FROM
		(SELECT * FROM step_tries WHERE object_id = ? AND kind = ? ORDER BY id DESC LIMIT ?) AS last ORDER BY id`,
		object, kind, mostTries).Scan(&tries).Error
	return tries, err
}
