package models_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/id"
)

// topicsOf lists changes as "kind object parts".
func topicsOf(rows []models.NamedChange) (list []string) {
	for _, c := range rows {
		list = append(list, fmt.Sprintf("%s %d %s", c.Kind, c.ObjectID, c.Parts))
	}
	return list
}

func TestChanges(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		checkout := models.Checkout{ID: 7, TreeID: 3}
		store := func(fn func(*models.Tx) error) {
			t.Helper()
			if err := s.Tx(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		// Whatever is done twice in a transaction is told once, and nothing of one that failed.
		store(func(tx *models.Tx) error {
			for range 3 {
				if err := tx.SetVerdict(checkout); err != nil {
					return err
				}
			}
			return tx.SetStarted(7, tx.Now)
		})
		if err := s.Tx(t.Context(), func(tx *models.Tx) error {
			if err := tx.SetBuild(models.Build{ID: 9}); err != nil {
				return err
			}
			return models.ErrLost
		}); err == nil {
			t.Fatal("it did not fail")
		}
		store(func(tx *models.Tx) error { return tx.SetBuild(models.Build{ID: 8, CheckoutID: 7}) })
		store(func(tx *models.Tx) error { return tx.Want("x", 1, tx.Now) }) // changes no page

		rows := waitForChanges(t, s, 5)
		want := []string{"checkout 7 head,verdict", "home 0 ", "tree 3 checkouts,grid,verdict", "build 8 ", "checkout 7 builds"}
		if got := topicsOf(rows); !slices.Equal(got, want) {
			t.Errorf("changes %q, want %q", got, want)
		}
		if rows[0].ID != rows[2].ID || rows[3].ID <= rows[2].ID {
			t.Errorf("ids do not grow with transactions: %d, %d, %d", rows[0].ID, rows[2].ID, rows[3].ID)
		}
		after, more, err := s.ChangesAfter(rows[0].ID)
		if err != nil || more || !slices.Equal(topicsOf(after), want[3:]) {
			t.Errorf("after the first: %q, more %v, %v", topicsOf(after), more, err)
		}
	})
}

// waitForChanges reads until so many changes may be seen: on PostgreSQL another
// transaction of the server may still run.
func waitForChanges(t *testing.T, s *models.Store, n int) []models.NamedChange {
	t.Helper()
	for {
		rows, err := s.LastChanges()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) >= n {
			return rows
		}
		if t.Context().Err() != nil {
			t.Fatal("they did not come")
		}
	}
}

// A transaction that began earlier and ends later is not skipped: nothing after
// it is seen before it.
func TestChangesInOrder(t *testing.T) {
	s := modelstest.Postgres(t, models.Options{})
	build := func(number id.ID) func(*models.Tx) error {
		return func(tx *models.Tx) error { return tx.SetBuild(models.Build{ID: number}) }
	}
	began, end, over := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		over <- s.Tx(t.Context(), func(tx *models.Tx) error {
			if err := build(1)(tx); err != nil {
				return err
			}
			if err := tx.Want("x", 1, tx.Now); err != nil { // a write, so it has a number now
				return err
			}
			close(began)
			<-end
			return nil
		})
	}()
	<-began
	if err := s.Tx(t.Context(), build(2)); err != nil {
		t.Fatal(err)
	}
	if rows, err := s.LastChanges(); err != nil || len(rows) > 0 {
		t.Errorf("seen before the earlier one has ended: %q, %v", topicsOf(rows), err)
	}
	close(end)
	if err := <-over; err != nil {
		t.Fatal(err)
	}
	if rows := waitForChanges(t, s, 4); rows[0].Kind != "build" || rows[0].ObjectID != 1 || rows[0].ID >= rows[3].ID {
		t.Errorf("in the wrong order: %q", topicsOf(rows))
	}
}

// A transaction with more topics than that is one change for everybody, and a
// slice never ends within a transaction.
func TestManyTopics(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		builds := func(n int) {
			if err := s.Tx(t.Context(), func(tx *models.Tx) error {
				for i := range n {
					if err := tx.JudgeBuild(models.Build{ID: id.ID(i + 1), CheckoutID: 7}); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		builds(1001)
		rows := waitForChanges(t, s, 1)
		if len(rows) != 1 || rows[0].Kind != models.ChangeMany {
			t.Errorf("%d changes, the first is %q", len(rows), rows[0].Kind)
		}
		for range 8 {
			builds(700)
		}
		last := waitForChanges(t, s, 5000)
		slice, more, err := s.ChangesAfter(rows[0].ID)
		if err != nil || !more || len(slice) != 7*701 {
			t.Errorf("%d changes of whole transactions, more %v, %v", len(slice), more, err)
		}
		if last[len(last)-1].ID <= slice[len(slice)-1].ID {
			t.Error("the newest are not among the last")
		}
	})
}

func TestTrimChanges(t *testing.T) {
	clock := time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)
	options := models.Options{Now: func() time.Time { return clock }}
	for name, s := range map[string]*models.Store{"sqlite": modelstest.SQLite(t, options), "postgres": modelstest.Postgres(t, options)} {
		t.Run(name, func(t *testing.T) {
			start := clock
			for range 4 {
				if err := s.Tx(t.Context(), func(tx *models.Tx) error { return tx.SetBuild(models.Build{ID: 1}) }); err != nil {
					t.Fatal(err)
				}
				clock = clock.Add(time.Minute)
			}
			if err := s.Tx(t.Context(), func(tx *models.Tx) error {
				n, err := tx.TrimChanges(start.Add(2*time.Minute), 100)
				if err == nil && n != 4 {
					err = fmt.Errorf("%d rows went, want 4", n)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if rows := waitForChanges(t, s, 4); len(rows) != 4 || !rows[0].At.Equal(start.Add(2*time.Minute)) {
				t.Errorf("%d rows are left, from %v", len(rows), rows[0].At)
			}
		})
	}
}
