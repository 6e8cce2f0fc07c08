package models_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/status"
)

// seenBy is what a reader finds of two trees of which one may be restricted.
func seenBy(t *testing.T, s *models.Store, r models.Reader) (names []string) {
	t.Helper()
	q, err := s.As(r)
	if err != nil {
		t.Fatal(err)
	}
	trees, err := q.Trees()
	lines, _, err2 := q.ListCheckouts(models.CheckoutFilter{}, models.Slice{Limit: 50})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	for _, tree := range trees {
		names = append(names, tree.Name)
		tails, err := q.BranchTails(tree.ID, 3) // a recursive query
		if err != nil || len(tails) != 1 {
			t.Errorf("%s: %d branches, %v", tree.Name, len(tails), err)
		}
	}
	for _, l := range lines {
		names = append(names, "checkout of "+l.Tree)
	}
	return names
}

func TestReaders(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		addHistory(t, s, "a\nb a\n")
		open, private := addTree(t, s, "open"), addTree(t, s, "private")
		addCheckout(t, s, open, "a", status.Baseline)
		hidden := addCheckout(t, s, private, "b", status.Baseline)
		all := []string{"open", "private", "checkout of private", "checkout of open"}
		if diff := cmp.Diff(all, seenBy(t, s, models.Reader{})); diff != "" {
			t.Errorf("before it was restricted:\n%s", diff)
		}
		private = setReaders(t, s, private, "embargo")
		some := []string{"open", "checkout of open"}
		for _, c := range []struct {
			name   string
			reader models.Reader
			want   []string
		}{
			{"a visitor", models.Reader{}, some},
			{"another group", models.Reader{Groups: []string{"embargoed", ""}}, some},
			{"an owner of another tree", models.Reader{Owns: []id.ID{open.ID}}, some},
			{"a member", models.Reader{Groups: []string{"x", "embargo"}}, all},
			{"an owner", models.Reader{Owns: []id.ID{private.ID}}, all},
			{"an administrator", models.Reader{All: true}, all},
		} {
			if diff := cmp.Diff(c.want, seenBy(t, s, c.reader)); diff != "" {
				t.Errorf("%s:\n%s", c.name, diff)
			}
		}
		q, err := s.As(models.Reader{})
		if err != nil || q.Hidden() == "" {
			t.Fatal(q.Hidden(), err)
		}
		if _, err := q.Checkout(hidden.ID); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("a hidden checkout: %v", err)
		}
		if _, err := q.TreeByName("private"); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("a hidden tree: %v", err)
		}
		if ok, err := q.MayHear(models.ChangeCheckout, hidden.ID); ok || err != nil {
			t.Errorf("a hidden topic: %v, %v", ok, err)
		}
		if _, err := s.Checkout(hidden.ID); err != nil {
			t.Errorf("whoever works sees all: %v", err)
		}
		setReaders(t, s, private, "")
		if diff := cmp.Diff(all, seenBy(t, s, models.Reader{})); diff != "" {
			t.Errorf("open again:\n%s", diff)
		}
	})
}

func addHistory(t *testing.T, s *models.Store, text string) {
	t.Helper()
	if err := s.Tx(t.Context(), func(tx *models.Tx) error { _, err := tx.AddCommits(commits(text)); return err }); err != nil {
		t.Fatal(err)
	}
}

// setReaders restricts a tree and reads it again.
func setReaders(t *testing.T, s *models.Store, tree models.Tree, readers string) models.Tree {
	t.Helper()
	err := s.Tx(t.Context(), func(tx *models.Tx) error { return tx.SetReaders(tree, readers) })
	again, err2 := s.Tree(tree.ID)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if again.Readers != readers || again.Version != tree.Version+1 {
		t.Errorf("%q at version %d, it was %d", again.Readers, again.Version, tree.Version)
	}
	err = s.Tx(t.Context(), func(tx *models.Tx) error { return tx.SetReaders(tree, "other") })
	if !errors.Is(err, models.ErrStale) {
		t.Errorf("an old version: %v", err)
	}
	return again
}

// TestStatisticsOfRestrictedTrees: the daily numbers of a test are of trees
// that all may read, whenever a tree was restricted.
func TestStatisticsOfRestrictedTrees(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		addHistory(t, s, "a\n")
		tree := addTree(t, s, "private")
		c := addCheckout(t, s, tree, "a", status.Baseline)
		var test models.Test
		add := func(attempt int64) {
			t.Helper()
			err := s.Tx(t.Context(), func(tx *models.Tx) (err error) {
				if test.ID == 0 {
					if test, err = tx.AddTest(models.Test{Path: "a/test", State: status.TestReporting, Format: "exit"}, []id.ID{tree.ID}); err != nil {
						return err
					}
				}
				builds := []models.Build{{CheckoutID: c.ID, Arch: "x86_64", Config: string(rune('a' + attempt)), Compiler: "gcc", Status: status.Pass, Attempt: 1}}
				if err := tx.AddBuilds(builds); err != nil {
					return err
				}
				return tx.AddResults(tree.ID, "x86_64", []models.Result{{
					CheckoutID: c.ID, BuildID: builds[0].ID, TestID: test.ID, RunTestID: test.ID, Lane: status.Baseline, Attempt: 1, Final: true, Status: status.Pass,
				}})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		passed := func() (sum int64) {
			t.Helper()
			rows, err := s.RollupOfTests([]id.ID{test.ID}, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				sum += r.Passed
			}
			return sum
		}
		add(1)
		if n := passed(); n != 1 {
			t.Errorf("open: %d", n)
		}
		tree = setReaders(t, s, tree, "embargo")
		add(2)
		if n := passed(); n != 0 {
			t.Errorf("restricted: %d", n)
		}
		tree = setReaders(t, s, tree, "others")
		setReaders(t, s, tree, "")
		if n := passed(); n != 2 {
			t.Errorf("open again: %d", n)
		}
	})
}

// TestWhoMayBeMailed: about a restricted tree only verified addresses of
// people who may read it get mail.
func TestWhoMayBeMailed(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		tree := addTree(t, s, "private")
		people := map[string]models.User{}
		err := s.Tx(t.Context(), func(tx *models.Tx) error {
			for _, name := range []string{"member", "owner", "admin", "operator", "blocked"} {
				groups := []string{"kernel"}
				if name == "member" || name == "blocked" {
					groups = append(groups, "embargo")
				}
				u, err := tx.Arrive(models.Arrival{Issuer: "https://login.example.org", Subject: name, Name: name, Email: name + "@Example.com", Groups: groups})
				if err != nil {
					return err
				}
				people[name] = u
			}
			return errors.Join(tx.Own(people["owner"].ID, models.KindTree, tree.ID, "test"), tx.Block(people["blocked"].ID, true),
				tx.EnsureGrant(models.Grant{UserID: people["admin"].ID, Role: "admin"}), tx.EnsureGrant(models.Grant{UserID: people["operator"].ID, Role: "operator"}))
		})
		if err != nil {
			t.Fatal(err)
		}
		may := func() (list []string) {
			t.Helper()
			tree, err := s.Tree(tree.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, address := range []string{"member@example.com", "OWNER@example.com", "admin@example.com", "operator@example.com", "blocked@example.com", "list@example.com", ""} {
				ok, err := s.MayBeMailed(tree, address)
				if err != nil {
					t.Fatal(err)
				}
				if ok {
					list = append(list, address)
				}
			}
			return list
		}
		if got := may(); len(got) != 7 {
			t.Errorf("about an open tree: %q", got)
		}
		tree, err = s.Tree(tree.ID) // to own it was a change
		if err != nil {
			t.Fatal(err)
		}
		setReaders(t, s, tree, "embargo")
		if diff := cmp.Diff([]string{"member@example.com", "OWNER@example.com", "admin@example.com"}, may()); diff != "" {
			t.Error(diff)
		}
	})
}
