package models

import (
	"drover/rules/id"
)

const sqlParkedOfCheckout = `SELECT ` + columnsOfStep + ` FROM steps WHERE parked_at IS NOT NULL AND (object_id = ?
		OR object_id IN (SELECT id FROM jobs WHERE checkout_id = ?) OR object_id IN (SELECT id FROM builds WHERE checkout_id = ?)
		OR object_id IN (SELECT id FROM deliveries WHERE checkout_id = ?)
		OR object_id IN (SELECT event_id FROM checkouts WHERE id = ?))
	ORDER BY parked_at, id LIMIT 20`

// ParkedOfCheckout lists the steps of a checkout, its builds, jobs and
// deliveries that wait for a person, oldest first.
func (q Query) ParkedOfCheckout(c id.ID) ([]Step, error) {
	var rows []Step
	err := q.db.Raw(sqlParkedOfCheckout, c, c, c, c, c).Scan(&rows).Error
	return rows, err
}

const sqlParkedOfTree = `SELECT ` + columnsOfStep + ` FROM steps WHERE parked_at IS NOT NULL AND (object_id = ?
		OR object_id IN (SELECT remote_id FROM tree_sources WHERE tree_id = ?) OR object_id IN (SELECT id FROM events WHERE tree_id = ?)
		OR object_id IN (SELECT id FROM checkouts WHERE tree_id = ?))
	ORDER BY parked_at, id LIMIT 20`

// ParkedOfTree lists the steps of a tree, its remote, events and checkouts that
// wait for a person, oldest first.
func (q Query) ParkedOfTree(t id.ID) ([]Step, error) {
	var rows []Step
	err := q.db.Raw(sqlParkedOfTree, t, t, t, t).Scan(&rows).Error
	return rows, err
}
