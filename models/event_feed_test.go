package models_test

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
)

// endBuild stores that a build ended.
func endBuild(number int) func(*models.Tx) error {
	return func(tx *models.Tx) error { return tx.SetBuild(models.Build{ID: id.ID(number), Status: status.Pass}) }
}

// feedAfter reads all events after one.
func feedAfter(t *testing.T, q models.Query, after int64) []models.FeedLine {
	t.Helper()
	rows, err := q.Feed(after, 1<<62, models.FeedFilter{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestFeedIsInTheOrderOfCommits: while a transaction that has its numbers is not
// over, nothing of a later one is seen; after it, both are, in their order.
func TestFeedIsInTheOrderOfCommits(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			var holding atomic.Bool
			held, goOn := make(chan struct{}), make(chan struct{})
			s := open(t, models.Options{Point: func(point string) {
				if point == "commit.before" && holding.CompareAndSwap(true, false) {
					close(held)
					<-goOn
				}
			}})
			holding.Store(true)
			var all sync.WaitGroup
			all.Go(func() {
				if err := s.Tx(t.Context(), endBuild(1)); err != nil {
					t.Error(err)
				}
			})
			<-held
			all.Go(func() {
				if err := s.Tx(t.Context(), endBuild(2)); err != nil {
					t.Error(err)
				}
			})
			for range 1000 { // time for the second to do wrong
				if rows := feedAfter(t, s.Query, 0); len(rows) != 0 {
					t.Errorf("seen before the first is over: %+v", rows)
					break
				}
			}
			close(goOn)
			all.Wait()
			rows := feedAfter(t, s.Query, 0)
			if len(rows) != 2 || rows[0].ObjectID != 1 || rows[1].ObjectID != 2 || rows[0].ID != 1 || rows[1].ID != 2 {
				t.Errorf("%+v", rows)
			}
		})
	}
}

// TestFeedPassesNothing: who follows the feed by the last id they know gets
// everything that many writers tell, also beside those that are rolled back.
func TestFeedPassesNothing(t *testing.T) {
	const writers, each = 6, 20
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			s := open(t, models.Options{})
			var all sync.WaitGroup
			for w := range writers {
				all.Go(func() {
					for i := range each {
						err := s.Tx(t.Context(), func(tx *models.Tx) error {
							if err := endBuild(1 + w*each + i)(tx); err != nil || i%5 == 4 {
								return models.ErrNotFound // nothing of it happened
							}
							return nil
						})
						if (err != nil) != (i%5 == 4) {
							t.Error(err)
						}
					}
				})
			}
			var over atomic.Bool
			done := make(chan struct{})
			go func() { all.Wait(); over.Store(true); close(done) }()
			var after int64
			var seen []id.ID
			for last := false; !last; {
				last = over.Load()
				for _, row := range feedAfter(t, s.Query, after) {
					if row.ID != after+1 {
						t.Errorf("after %d comes %d", after, row.ID)
						last = true
					}
					after = row.ID
					seen = append(seen, row.ObjectID)
				}
			}
			<-done
			slices.Sort(seen)
			if n := len(slices.Compact(seen)); n != writers*each*4/5 {
				t.Errorf("%d events, want %d", n, writers*each*4/5)
			}
		})
	}
}

// TestFeedIsTrimmed, and says up to where.
func TestFeedIsTrimmed(t *testing.T) {
	eachAt(t, func(t *testing.T, s *models.Store, clock *time.Time) {
		for n := range 5 {
			must(t, s, endBuild(n+1))
		}
		*clock = clock.Add(time.Hour)
		must(t, s, endBuild(6))
		trim := func(limit int, want int64) {
			must(t, s, func(tx *models.Tx) error {
				n, err := tx.TrimFeed(tx.Now, limit)
				if n != want {
					t.Errorf("forgot %d, want %d", n, want)
				}
				return err
			})
		}
		trim(3, 3)
		if head, err := s.FeedHead(); err != nil || head.Newest != 6 || head.Trimmed != 3 {
			t.Errorf("%+v, %v", head, err)
		}
		trim(10, 2)
		trim(10, 0)
		if head, err := s.FeedHead(); err != nil || head.Newest != 6 || head.Trimmed != 5 {
			t.Errorf("%+v, %v", head, err)
		}
		if rows := feedAfter(t, s.Query, 0); len(rows) != 1 || rows[0].ObjectID != 6 || rows[0].Kind != feed.BuildEnded || rows[0].Detail != "pass" || !rows[0].At.Equal(*clock) {
			t.Errorf("%+v", rows)
		}
	})
}

// stores open an empty store on each database.
var stores = map[string]func(testing.TB, models.Options) *models.Store{"sqlite": modelstest.SQLite, "postgres": modelstest.Postgres}
