package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"drover/migrations"
	"drover/rules/id"
)

// Change says that a transaction changed what pages show of one object.
type Change struct {
	ID       int64 // of the transaction, growing
	Kind     string
	ObjectID id.ID
	Parts    string // the parts of a page that show it, with commas between; "" for all
	At       time.Time
}

// Kinds of changes.
const (
	ChangeHome     = "home" // lists of trees and checkouts; there is one, with the object 0
	ChangeTree     = "tree"
	ChangeCheckout = "checkout"
	ChangeBuild    = "build"
	ChangeResult   = "result"
	ChangeTest     = "test"
	ChangeJob      = "job"
	ChangeDraft    = "draft"
	ChangeWebhook  = "webhook"
	// ChangeMany stands for a transaction that changed more than most pages of
	// one site have topics: whoever listens looks again.
	ChangeMany = "many"
)

// manyTopics is how many topics of one transaction are told apart.
const manyTopics = 1000

// topic is what somebody may listen to.
type topic struct {
	kind   string
	object id.ID
}

// changed notes that the transaction changes what is shown of an object, in
// some parts of its pages, or in all.
func (tx *Tx) changed(kind string, object id.ID, parts ...string) {
	if tx.changes == nil {
		tx.changes = map[topic][]string{}
	}
	at := topic{kind, object}
	known, seen := tx.changes[at]
	switch {
	case len(parts) == 0 || seen && len(known) == 0:
		tx.changes[at] = nil // all parts, whatever is said of some
	default:
		for _, part := range parts {
			if !slices.Contains(known, part) {
				known = append(known, part)
			}
		}
		tx.changes[at] = known
	}
}

// rowsOfChanges is one row for each topic, in an order of its own.
func (tx *Tx) rowsOfChanges(transaction int64) []Change {
	if len(tx.changes) > manyTopics {
		return []Change{{ID: transaction, Kind: ChangeMany, At: tx.Now}}
	}
	rows := make([]Change, 0, len(tx.changes))
	for at, parts := range tx.changes {
		slices.Sort(parts)
		rows = append(rows, Change{ID: transaction, Kind: at.kind, ObjectID: at.object, Parts: strings.Join(parts, ","), At: tx.Now})
	}
	slices.SortFunc(rows, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ObjectID, b.ObjectID))
	})
	return rows
}

const (
	sqlTransactionPostgres = `SELECT pg_current_xact_id()::text::bigint`
	sqlTransactionSQLite   = `INSERT INTO id_blocks (name, next) VALUES ('changes', 2)
		ON CONFLICT (name) DO UPDATE SET next = id_blocks.next + 1 RETURNING next - 1`
)

// storeChanges writes what was noted, as the last thing of a transaction. It
// tells whether there was anything.
func (tx *Tx) storeChanges() (bool, error) {
	if len(tx.changes) == 0 {
		return false, nil
	}
	sql := sqlTransactionSQLite
	if tx.dialect == migrations.Postgres {
		sql = sqlTransactionPostgres
	}
	var transaction int64
	if err := tx.db.Raw(sql).Scan(&transaction).Error; err != nil {
		return false, fmt.Errorf("number the changes: %w", err)
	}
	if err := insert(tx.db, tx.rowsOfChanges(transaction)); err != nil {
		return false, fmt.Errorf("store the changes: %w", err)
	}
	return true, nil
}

// NamedChange is a change with the name of its tree, "" for other objects.
type NamedChange struct {
	Change
	Tree string
}

// On PostgreSQL transactions end in another order than they began. Those below
// the oldest that still runs have all ended: whoever reads no further misses
// none.
const (
	sqlEndedPostgres = ` AND c.id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint`
	sqlChanges       = `SELECT c.id, c.kind, c.object_id, c.parts, c.at, COALESCE(t.name, '') AS tree
		FROM changes c LEFT JOIN trees t ON c.kind = 'tree' AND t.id = c.object_id WHERE c.id > ?`
	sqlChangesAfter = ` ORDER BY c.id, c.kind, c.object_id LIMIT ?`
	sqlLastChanges  = ` ORDER BY c.id DESC, c.kind DESC, c.object_id DESC LIMIT ?`
)

// changesAtOnce bounds what is read of the changes at once: some transactions
// with many topics, at least.
const changesAtOnce = 5 * manyTopics

// ChangesAfter lists the changes of whole transactions after one, in their
// order. More are there if more is true.
func (q Query) ChangesAfter(transaction int64) (rows []NamedChange, more bool, err error) {
	err = q.db.Raw(q.ended(sqlChanges, sqlChangesAfter), transaction, changesAtOnce).Scan(&rows).Error
	if err != nil || len(rows) < changesAtOnce {
		return rows, false, err
	}
	last := rows[len(rows)-1].ID
	return slices.DeleteFunc(rows, func(c NamedChange) bool { return c.ID == last }), true, nil
}

// LastChanges lists the newest changes that are there, oldest first. The
// oldest transaction may not be whole.
func (q Query) LastChanges() ([]NamedChange, error) {
	var rows []NamedChange
	err := q.db.Raw(q.ended(sqlChanges, sqlLastChanges), 0, changesAtOnce).Scan(&rows).Error
	slices.Reverse(rows)
	return rows, err
}

func (q Query) ended(sql, order string) string {
	if q.dialect == migrations.Postgres {
		sql += sqlEndedPostgres
	}
	return sql + order
}

// A row that stays has all after it: whoever heard of it can go on from there.
const sqlTrimChanges = `DELETE FROM changes WHERE id <= (SELECT MAX(id) FROM
	(SELECT id, at FROM changes ORDER BY id LIMIT ?) AS oldest WHERE at < ?)`

// TrimChanges forgets changes from before a time, those of about limit rows.
func (tx *Tx) TrimChanges(before time.Time, limit int) (int64, error) {
	done := tx.db.Exec(sqlTrimChanges, limit, before)
	return done.RowsAffected, done.Error
}
