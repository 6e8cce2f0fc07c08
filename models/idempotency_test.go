package models_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"drover/models"
)

// take begins a request under a key, in a transaction of its own.
func takeKey(t *testing.T, s *models.Store, owner, name, digest string) (k models.KeyedRequest, fresh bool, err error) {
	t.Helper()
	err = s.Tx(t.Context(), func(tx *models.Tx) (err error) {
		k, fresh, err = tx.TakeKey(owner, name, digest)
		return err
	})
	return k, fresh, err
}

// act does what a request asks for.
func act(t *testing.T, s *models.Store, k models.KeyedRequest) error {
	t.Helper()
	return s.Tx(models.UnderKey(t.Context(), k), func(tx *models.Tx) error { return tx.Record(models.Audit{What: "acted", ObjectKind: "tree"}) })
}

func must(t *testing.T, s *models.Store, fn func(*models.Tx) error) {
	t.Helper()
	if err := s.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// TestKey: what becomes of the same request again, by how the first one ended.
func TestKey(t *testing.T) {
	eachAt(t, func(t *testing.T, s *models.Store, clock *time.Time) {
		for _, c := range keyCases {
			k, fresh, err := takeKey(t, s, "token 1", c.name, "a")
			if err != nil || !fresh {
				t.Fatalf("%s: the first: %v, %v", c.name, fresh, err)
			}
			if c.first != nil {
				c.first(t, s, k)
			}
			*clock = clock.Add(c.later)
			again, fresh, err := takeKey(t, s, "token 1", c.name, c.body)
			if fresh != c.fresh || !errors.Is(err, c.err) {
				t.Errorf("%s: fresh %v, %v, want %v, %v", c.name, fresh, err, c.fresh, c.err)
			}
			if !fresh && err == nil && (again.Status != 303 || again.Location != "/x" || string(again.Body) != "body\x00\xff" || again.Kind != "text/plain") {
				t.Errorf("%s: another answer: %+v", c.name, again)
			}
			if _, fresh, err := takeKey(t, s, "token 2", c.name, "b"); err != nil || !fresh {
				t.Errorf("%s: the same key of somebody else: %v, %v", c.name, fresh, err)
			}
		}
	})
}

// keyCases are how a request ended, and what becomes of the next one.
var keyCases = []struct {
	name  string
	first func(t *testing.T, s *models.Store, k models.KeyedRequest)
	later time.Duration
	body  string // of the request that follows
	fresh bool
	err   error
}{
	{"still runs", nil, time.Second, "a", false, models.ErrStillRuns},
	{"died before it did anything", nil, 31 * time.Second, "a", true, nil},
	{"died after it was done", func(t *testing.T, s *models.Store, k models.KeyedRequest) {
		if err := act(t, s, k); err != nil {
			t.Fatal(err)
		}
	}, 31 * time.Second, "a", false, models.ErrActed},
	{"answered", func(t *testing.T, s *models.Store, k models.KeyedRequest) {
		must(t, s, func(tx *models.Tx) error { return tx.AnswerKey(answered(k)) })
	}, time.Hour, "a", false, nil},
	{"answered something else", func(t *testing.T, s *models.Store, k models.KeyedRequest) {
		must(t, s, func(tx *models.Tx) error { return tx.AnswerKey(answered(k)) })
	}, time.Hour, "b", false, models.ErrOtherRequest},
	{"answered yesterday", func(t *testing.T, s *models.Store, k models.KeyedRequest) {
		must(t, s, func(tx *models.Tx) error { return tx.AnswerKey(answered(k)) })
	}, 25 * time.Hour, "b", true, nil},
	{"refused", func(t *testing.T, s *models.Store, k models.KeyedRequest) {
		must(t, s, func(tx *models.Tx) error { return tx.EndKey(k) })
	}, 0, "b", true, nil},
	{"done, and the answer is a secret", func(t *testing.T, s *models.Store, k models.KeyedRequest) {
		if err := act(t, s, k); err != nil {
			t.Fatal(err)
		}
		must(t, s, func(tx *models.Tx) error { return tx.EndKey(k) })
	}, 0, "a", false, models.ErrActed},
}

func answered(k models.KeyedRequest) models.KeyedRequest {
	k.Status, k.Location, k.Kind, k.Body = 303, "/x", "text/plain", []byte("body\x00\xff")
	return k
}

// TestKeyIsTakenOver by one of those who ask again when its process died, which
// can then do nothing under it any more.
func TestKeyIsTakenOver(t *testing.T) {
	eachAt(t, func(t *testing.T, s *models.Store, clock *time.Time) {
		dead, _, err := takeKey(t, s, "start", "k", "a")
		if err != nil {
			t.Fatal(err)
		}
		*clock = clock.Add(time.Minute)
		var fresh atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				err := s.Tx(t.Context(), func(tx *models.Tx) error {
					_, got, err := tx.TakeKey("start", "k", "a")
					if got {
						fresh.Add(1)
					}
					return err
				})
				if err != nil && !errors.Is(err, models.ErrStillRuns) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if fresh.Load() != 1 {
			t.Errorf("%d took it over", fresh.Load())
		}
		if err := act(t, s, dead); !errors.Is(err, models.ErrLost) {
			t.Errorf("the dead one still acts: %v", err)
		}
		if lines, _, err := s.ListAudit(models.AuditFilter{}, models.Slice{Limit: 10}); err != nil || len(lines) != 0 {
			t.Errorf("it did %v, %v", lines, err)
		}
	})
}

// TestKeysAreBounded, and go with their time.
func TestKeysAreBounded(t *testing.T) {
	eachAt(t, func(t *testing.T, s *models.Store, clock *time.Time) {
		must(t, s, func(tx *models.Tx) error {
			for i := range 5 {
				if _, _, err := tx.TakeKey("start", fmt.Sprint(i), "a"); err != nil {
					return err
				}
			}
			return nil
		})
		*clock = clock.Add(models.KeyKept + time.Second)
		if _, _, err := takeKey(t, s, "start", "young", "a"); err != nil {
			t.Fatal(err)
		}
		trim := func(want int64) {
			must(t, s, func(tx *models.Tx) error {
				n, err := tx.TrimKeys(tx.Now.Add(-models.KeyKept), 3)
				if n != want {
					t.Errorf("forgot %d, want %d", n, want)
				}
				return err
			})
		}
		trim(3)
		trim(2)
		trim(0)
	})
}
