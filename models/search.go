package models

import (
	"strings"
	"time"

	"drover/rules/id"
)

// This file finds things by what people know of them. Every statement is
// bounded and starts at an index; words in subjects and paths are looked for by
// ListCheckouts and ListTests, as in their lists.

// NamedThing is something with a short id: its kind is checkout, build, result,
// mail or job.
type NamedThing struct {
	Kind string
	ID   id.ID
}

const sqlThingsNamed = `SELECT 'checkout' AS kind, id FROM checkouts WHERE id = ?
	UNION ALL SELECT 'build', id FROM builds WHERE id = ?
	UNION ALL SELECT 'result', id FROM results WHERE id = ?
	UNION ALL SELECT 'mail', id FROM mails WHERE id = ?
	UNION ALL SELECT 'job', id FROM jobs WHERE id = ? LIMIT 5`

// ThingsNamed lists what a short id is the id of: one thing or nothing, since
// all ids come from one sequence.
func (q Query) ThingsNamed(number id.ID) ([]NamedThing, error) {
	var rows []NamedThing
	err := q.db.Raw(sqlThingsNamed, number, number, number, number, number).Scan(&rows).Error
	return rows, err
}

// JobLine is a job with what it was for and what came out of it.
type JobLine struct {
	ID         id.ID
	Kind       string
	Marker     string
	CheckoutID id.ID
	BuildID    id.ID
	Test       string // "" for a build
	Results    int    // how many results it gave
	ResultID   id.ID  // the first of them
}

const sqlJobsNamed = `SELECT j.id, j.kind, j.marker, j.checkout_id, j.build_id, COALESCE(t.path, '') AS test,
		(SELECT COUNT(*) FROM results r WHERE r.build_id = j.build_id AND r.job_id = j.id) AS results,
		COALESCE((SELECT MIN(r.id) FROM results r WHERE r.build_id = j.build_id AND r.job_id = j.id), 0) AS result_id
	FROM jobs j LEFT JOIN tests t ON t.id = j.test_id WHERE j.marker = ? OR j.id = ? ORDER BY j.id LIMIT 2`

// JobsNamed finds a job by its marker, or by its id if that is not 0.
func (q Query) JobsNamed(marker string, number id.ID) ([]JobLine, error) {
	var rows []JobLine
	err := q.db.Raw(sqlJobsNamed, marker, number).Scan(&rows).Error
	return rows, err
}

// Hashes sort as texts: what begins with a prefix lies between it and the
// prefix followed by a letter beyond f.
const sqlCheckoutsOfHash = `SELECT ` + columnsOfCheckoutLine + fromCheckouts + ` WHERE c.sha >= ? AND c.sha < ? ORDER BY c.id DESC LIMIT ?`

// CheckoutsOfHash lists the checkouts of commits whose hash begins so, newest
// first, of all trees and lanes.
func (q Query) CheckoutsOfHash(prefix string, limit int) ([]CheckoutLine, error) {
	var rows []CheckoutLine
	err := q.db.Raw(sqlCheckoutsOfHash, prefix, prefix+"g", limit).Scan(&rows).Error
	return rows, err
}

const sqlCheckoutsDescribed = `SELECT ` + columnsOfCheckoutLine + fromCheckouts + ` WHERE c.describe = ? ORDER BY c.id DESC LIMIT ?`

// CheckoutsDescribed lists the checkouts that git describe calls so, newest first.
func (q Query) CheckoutsDescribed(text string, limit int) ([]CheckoutLine, error) {
	var rows []CheckoutLine
	err := q.db.Raw(sqlCheckoutsDescribed, text, limit).Scan(&rows).Error
	return rows, err
}

// UntestedLine is a commit without a checkout of its own.
type UntestedLine struct {
	SHA     string `gorm:"column:sha"`
	Tree    string
	Branch  string
	Subject string
	Reason  string
	NotedAt time.Time
	// CheckoutID is the checkout of the push that brought it, 0 for none.
	CheckoutID id.ID
}

const sqlUntestedOfHash = `SELECT u.sha, t.name AS tree, u.branch, u.subject, u.reason, u.noted_at,
		COALESCE((SELECT MAX(c.id) FROM checkouts c WHERE c.event_id = u.event_id AND c.branch = u.branch), 0) AS checkout_id
	FROM untested_commits u JOIN trees t ON t.id = u.tree_id WHERE u.sha >= ? AND u.sha < ? ORDER BY u.noted_at DESC, u.sha, t.name LIMIT ?`

// UntestedOfHash lists commits that were left out by choice and whose hash
// begins so, newest first.
func (q Query) UntestedOfHash(prefix string, limit int) ([]UntestedLine, error) {
	var rows []UntestedLine
	err := q.db.Raw(sqlUntestedOfHash, prefix, prefix+"g", limit).Scan(&rows).Error
	return rows, err
}

const sqlCheckoutsOfMessage = `SELECT ` + columnsOfCheckoutLine + fromCheckouts + `
	WHERE c.id IN (SELECT m.checkout_id FROM mails m WHERE m.message_id = ?) ORDER BY c.id DESC LIMIT ?`

// CheckoutsOfMessage lists what the mails with a Message-ID are about.
func (q Query) CheckoutsOfMessage(message string, limit int) ([]CheckoutLine, error) {
	var rows []CheckoutLine
	err := q.db.Raw(sqlCheckoutsOfMessage, message, limit).Scan(&rows).Error
	return rows, err
}

// HostLine is a host by its newest result.
type HostLine struct {
	Host     string
	ResultID id.ID
	Test     string
	PushedAt time.Time
}

// The names of hosts are read by jumping from one to the next in the index of
// results: as many look-ups as there are hosts, however many results they have.
const sqlHostsLike = `WITH RECURSIVE names (host, place) AS (
		SELECT MIN(host), 1 FROM results WHERE host > ''
		UNION ALL
		SELECT (SELECT MIN(r.host) FROM results r WHERE r.host > n.host), n.place + 1 FROM names n WHERE n.host IS NOT NULL AND n.place < 2000
	), found (host, result_id) AS (
		SELECT n.host, (SELECT MAX(r.id) FROM results r WHERE r.host = n.host)
		FROM (SELECT host FROM names WHERE LOWER(host) LIKE ? ESCAPE '\' ORDER BY host LIMIT ?) AS n
	)
	SELECT f.host, f.result_id, t.path AS test, c.pushed_at FROM found f JOIN results r ON r.id = f.result_id
	JOIN tests t ON t.id = r.test_id JOIN checkouts c ON c.id = r.checkout_id ORDER BY f.host`

// HostsLike lists the hosts that have a text in their names. It looks at the
// first 2,000 hosts.
func (q Query) HostsLike(part string, limit int) ([]HostLine, error) {
	var rows []HostLine
	err := q.db.Raw(sqlHostsLike, "%"+likeEscapes.Replace(strings.ToLower(part))+"%", limit).Scan(&rows).Error
	return rows, err
}

const sqlTreesLike = `SELECT name, state FROM trees WHERE LOWER(name) LIKE ? ESCAPE '\' ORDER BY name LIMIT ?`

// TreesLike lists the trees that have a text in their names; only name and
// state are read.
func (q Query) TreesLike(part string, limit int) ([]Tree, error) {
	var rows []Tree
	err := q.db.Raw(sqlTreesLike, "%"+likeEscapes.Replace(strings.ToLower(part))+"%", limit).Scan(&rows).Error
	return rows, err
}
