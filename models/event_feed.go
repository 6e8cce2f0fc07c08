package models

import (
	"fmt"
	"strings"
	"time"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
)

// FeedEvent is something that happened, as programs are told of it. It is
// stored in the transaction in which it happened, and told at least once.
type FeedEvent struct {
	ID         int64 // in the order of commits
	Kind       feed.Kind
	ObjectID   id.ID
	TreeID     id.ID  // of a tree that changed, else 0: the checkout leads to it
	CheckoutID id.ID  // 0 for trees and tests
	TestID     id.ID  // 0 where it is about no test
	Detail     string // a word: what the status, verdict or state was then
	At         time.Time
}

// FeedHead says which events there are: those after Trimmed, up to Newest.
type FeedHead struct {
	One     int64 `gorm:"primaryKey"`
	Newest  int64
	Trimmed int64
}

// TableName is that of the one row.
func (FeedHead) TableName() string { return "feed_head" }

// happened notes what programs are told of; the same thing of the same object
// in one transaction is told once, as it was last.
func (tx *Tx) happened(e FeedEvent) {
	about := topic{string(e.Kind), e.ObjectID}
	if at, told := tx.told[about]; told {
		tx.happenings[at] = e
		return
	}
	if tx.told == nil {
		tx.told = map[topic]int{}
	}
	tx.told[about] = len(tx.happenings)
	tx.happenings = append(tx.happenings, e)
}

// sqlNumberFeed takes the lock that keeps ids in the order of commits.
const sqlNumberFeed = `UPDATE feed_head SET newest = newest + ? WHERE one = 1 RETURNING newest`

// storeFeed writes what happened, as the very last thing of a transaction:
// others that tell of something wait until it ends.
func (tx *Tx) storeFeed() error {
	n := int64(len(tx.happenings))
	if n == 0 {
		return nil
	}
	var newest int64
	if err := tx.db.Raw(sqlNumberFeed, n).Scan(&newest).Error; err != nil {
		return fmt.Errorf("number what happened: %w", err)
	}
	for i := range tx.happenings {
		tx.happenings[i].ID, tx.happenings[i].At = newest-n+1+int64(i), tx.Now
	}
	if err := insert(tx.db, tx.happenings); err != nil {
		return fmt.Errorf("store what happened: %w", err)
	}
	return tx.wakeWebhooks()
}

// FeedLine is an event with the names of what it is about.
type FeedLine struct {
	FeedEvent
	Tree, Branch, Test string
	Lane               status.Lane
}

// FeedFilter chooses events.
type FeedFilter struct {
	Kinds  []string // none for all
	Tree   string   // name; "" for all
	TreeID id.ID    // 0 for all
}

const sqlFeed = `SELECT f.id, f.kind, f.object_id, f.tree_id, f.checkout_id, f.test_id, f.detail, f.at,
	COALESCE(t.name, '') AS tree, COALESCE(c.branch, '') AS branch, COALESCE(c.lane, '') AS lane, COALESCE(e.path, '') AS test
	FROM feed_events f LEFT JOIN checkouts c ON c.id = f.checkout_id AND f.checkout_id <> 0
	LEFT JOIN trees t ON t.id = CASE WHEN f.checkout_id <> 0 THEN c.tree_id ELSE f.tree_id END
	LEFT JOIN tests e ON e.id = f.test_id AND f.test_id <> 0`

// Feed lists events after one and up to another, in their order, that the reader
// may know of: at most limit.
func (q Query) Feed(after, upTo int64, f FeedFilter, limit int) ([]FeedLine, error) {
	where, args := []string{"f.id > ?", "f.id <= ?"}, []any{after, upTo}
	if len(f.Kinds) > 0 {
		where, args = append(where, "f.kind IN ?"), append(args, f.Kinds)
	}
	if f.Tree != "" {
		where, args = append(where, "t.name = ?"), append(args, f.Tree)
	}
	if f.TreeID != 0 {
		where, args = append(where, "t.id = ?"), append(args, f.TreeID)
	}
	var rows []FeedLine
	err := q.db.Raw(sqlFeed+" WHERE "+strings.Join(where, " AND ")+" ORDER BY f.id LIMIT ?", append(args, limit)...).Scan(&rows).Error
	return rows, err
}

// FeedHead tells which events there are.
func (q Query) FeedHead() (FeedHead, error) { return take[FeedHead](q.db, "one = 1") }

const (
	sqlOldFeed   = `SELECT COALESCE(MAX(id), 0) FROM (SELECT id, at FROM feed_events ORDER BY id LIMIT ?) AS oldest WHERE at < ?`
	sqlTrimFeed  = `DELETE FROM feed_events WHERE id <= ?`
	sqlTrimmedTo = `UPDATE feed_head SET trimmed = ? WHERE one = 1`
)

// TrimFeed forgets events from before a time, those of at most limit rows. The
// head says up to which.
func (tx *Tx) TrimFeed(before time.Time, limit int) (int64, error) {
	var last int64
	if err := tx.db.Raw(sqlOldFeed, limit, before).Scan(&last).Error; err != nil || last == 0 {
		return 0, err
	}
	done := tx.db.Exec(sqlTrimFeed, last)
	if done.Error != nil {
		return 0, done.Error
	}
	return done.RowsAffected, tx.db.Exec(sqlTrimmedTo, last).Error
}
