package models_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/status"
)

func sha(name string) string { return fmt.Sprintf("%040x", name) }

// commits reads lines "name parent parent…", parents first, as a history.
func commits(text string) []models.NewCommit {
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var list []models.NewCommit
	for line := range strings.Lines(text) {
		names := strings.Fields(line)
		c := models.NewCommit{Commit: models.Commit{SHA: sha(names[0]), Subject: names[0], CommittedAt: &at}}
		for _, parent := range names[1:] {
			c.Parents = append(c.Parents, sha(parent))
		}
		list = append([]models.NewCommit{c}, list...)
	}
	return list
}

func addCheckout(t *testing.T, s *models.Store, tree models.Tree, name string, lane status.Lane) models.Checkout {
	t.Helper()
	var checkout models.Checkout
	err := s.Tx(context.Background(), func(tx *models.Tx) error {
		event, _, err := tx.AddEvent(models.Event{Source: "git", Dedup: name + string(lane), TreeID: tree.ID}, "event.read")
		if err != nil {
			return err
		}
		commit, err := tx.Commit(sha(name))
		if err != nil {
			return err
		}
		checkout, _, err = tx.EnsureCheckout(models.Checkout{
			TreeID: tree.ID, Branch: "main", CommitID: commit.ID, SHA: commit.SHA, Lane: lane,
			EventID: event.ID, State: models.CheckoutFinished, PushedAt: tx.Now,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return checkout
}

func TestTestedAncestors(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		tree := addTree(t, s, "net-next")
		// a - b - c - m - tip, and a - x - y - m on a side branch; old is outside.
		history := "a old\nb a\nc b\nx a\ny x\nm c y\ntip m\nstray a\n"
		err := s.Tx(context.Background(), func(tx *models.Tx) error {
			known, err := tx.AddCommits(commits(history))
			if err != nil {
				return err
			}
			if g := known[sha("m")].Generation; g <= known[sha("c")].Generation || g <= known[sha("y")].Generation {
				t.Errorf("the merge has generation %d", g)
			}
			if known[sha("old")].CommittedAt != nil {
				t.Error("the parent outside is more than a stub")
			}
			_, err = tx.AddCommits(commits(history)) // again: nothing changes
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a", "b", "y", "stray"} {
			addCheckout(t, s, tree, name, status.Baseline)
		}
		addCheckout(t, s, tree, "m", status.Rehearsal)
		tip := addCheckout(t, s, tree, "tip", status.Baseline)
		found, err := s.TestedAncestors(tip, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range found {
			got = append(got, fmt.Sprintf("%s %d", a.SHA, a.Distance))
		}
		want := []string{sha("y") + " 2", sha("b") + " 3", sha("a") + " 4"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ancestors, without the rehearsal and the stray branch (-want +got):\n%s", diff)
		}
		if tip.PreviousID == nil {
			t.Error("the tip does not know the branch's checkout before it")
		}
	})
}

func TestCheckoutIsUnique(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		tree := addTree(t, s, "net-next")
		err := s.Tx(context.Background(), func(tx *models.Tx) error {
			_, err := tx.AddCommits(commits("a\n"))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		first := addCheckout(t, s, tree, "a", status.Baseline)
		again := addCheckout(t, s, tree, "a", status.Baseline)
		if first.ID != again.ID {
			t.Errorf("one state was stored as %s and %s", first.ID, again.ID)
		}
	})
}

func TestStatisticsMoveWithResults(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		ctx := context.Background()
		tree := addTree(t, s, "net-next")
		if err := s.Tx(ctx, func(tx *models.Tx) error { _, err := tx.AddCommits(commits("a\n")); return err }); err != nil {
			t.Fatal(err)
		}
		checkout := addCheckout(t, s, tree, "a", status.Baseline)
		var test models.Test
		results := []models.Result{
			{Attempt: 1, Final: true, Status: status.Planned, Lane: status.Baseline, Scenario: 42},
		}
		err := s.Tx(ctx, func(tx *models.Tx) (err error) {
			builds := []models.Build{{CheckoutID: checkout.ID, Arch: "x86_64", Config: "defconfig", Status: status.Pass}}
			if err := tx.AddBuilds(builds); err != nil {
				return err
			}
			if test, err = tx.AddTest(models.Test{Path: "lib/ring", State: status.TestReporting}, []id.ID{tree.ID}); err != nil {
				return err
			}
			results[0].CheckoutID, results[0].BuildID, results[0].TestID, results[0].RunTestID = checkout.ID, builds[0].ID, test.ID, test.ID
			return tx.AddResults(tree.ID, "x86_64", results)
		})
		if err != nil {
			t.Fatal(err)
		}
		tallies := func() models.Tally {
			t.Helper()
			byTest, err := s.RollupOfTests([]id.ID{test.ID}, 0)
			if err != nil {
				t.Fatal(err)
			}
			byTree, err := s.RollupOfTrees([]id.ID{tree.ID}, 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(byTest) == 0 && len(byTree) == 0 {
				return models.Tally{}
			}
			if diff := cmp.Diff(byTest[0].Tally, byTree[0].Tally); diff != "" {
				t.Errorf("test and tree count differently:\n%s", diff)
			}
			return byTest[0].Tally
		}
		if got := tallies(); got != (models.Tally{}) {
			t.Errorf("a planned result counts %+v", got)
		}
		set := func(list ...models.Collected) {
			t.Helper()
			err := s.Tx(ctx, func(tx *models.Tx) error { return tx.SetResults(tree.ID, "x86_64", list) })
			if err != nil {
				t.Fatal(err)
			}
		}
		failed := results[0]
		failed.Status = status.Fail
		set(models.Collected{Before: results[0], After: failed})
		if got := tallies(); got != (models.Tally{Failed: 1}) {
			t.Errorf("after a failure: %+v", got)
		}
		set(models.Collected{Before: failed, After: failed}) // collected twice
		if got := tallies(); got != (models.Tally{Failed: 1}) {
			t.Errorf("after the same again: %+v", got)
		}
		superseded := failed
		superseded.Final = false
		retry := failed
		retry.Attempt, retry.RetryReason, retry.Status = 2, models.RetryAfterFailure, status.Planned
		err = s.Tx(ctx, func(tx *models.Tx) error {
			rows := []models.Result{retry}
			if err := tx.AddResults(tree.ID, "x86_64", rows); err != nil {
				return err
			}
			retry = rows[0]
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		passed := retry
		passed.Status = status.Pass
		set(models.Collected{Before: failed, After: superseded}, models.Collected{Before: retry, After: passed})
		if got := tallies(); got != (models.Tally{Passed: 1, Retried: 1, Flaky: 1}) {
			t.Errorf("after a pass on retry: %+v", got)
		}
		history, err := s.History([]int64{42}, passed.ID, 20)
		if err != nil || len(history[42]) != 1 || history[42][0].Status != status.Pass {
			t.Errorf("history: %+v, %v", history, err)
		}
	})
}
