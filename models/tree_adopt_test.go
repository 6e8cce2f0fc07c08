package models_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/status"
)

// rehearse gives a tree two finished checkouts and one that still runs, in a
// lane, with results of two tests on two architectures.
func rehearse(t *testing.T, s *models.Store, tree models.Tree, lane status.Lane, tests []models.Test) []models.Checkout {
	t.Helper()
	var list []models.Checkout
	for number, name := range []string{"a", "b", "c"} {
		c := addCheckout(t, s, tree, name, lane)
		list = append(list, c)
		err := s.Tx(context.Background(), func(tx *models.Tx) error {
			for _, arch := range []string{"x86_64", "arm64"} {
				builds := []models.Build{{CheckoutID: c.ID, Arch: arch, Config: "defconfig", Status: status.Pass}}
				if err := tx.AddBuilds(builds); err != nil {
					return err
				}
				for _, r := range []models.Result{
					{TestID: tests[0].ID, Attempt: 1, Status: status.Fail},
					{TestID: tests[0].ID, Attempt: 2, Final: true, Status: status.Pass, RetryReason: models.RetryAfterFailure},
					{TestID: tests[1].ID, Attempt: 1, Final: true, Status: status.Fail},
				} {
					r.CheckoutID, r.BuildID, r.RunTestID, r.Lane, r.Scenario = c.ID, builds[0].ID, r.TestID, lane, int64(r.TestID)
					if err := tx.AddResults(tree.ID, arch, []models.Result{r}); err != nil {
						return err
					}
				}
			}
			c.State, c.FinishedAt, c.Verdict = models.CheckoutFinished, &tx.Now, status.NoNewFailures
			if number == 2 {
				c.State, c.FinishedAt, c.Verdict = models.CheckoutRunning, nil, status.StillRunning
			}
			return tx.SetVerdict(c)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// TestGoingLiveAdoptsTheRehearsal: the statistics are what they would have been
// had the tree been live.
func TestGoingLiveAdoptsTheRehearsal(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		ctx := context.Background()
		rehearsed, live := addTree(t, s, "rehearsed"), addTree(t, s, "live")
		sets := map[id.ID][]models.Test{}
		err := s.Tx(ctx, func(tx *models.Tx) error {
			if _, err := tx.AddCommits(commits("a\nb a\nc b\n")); err != nil {
				return err
			}
			for _, tree := range []models.Tree{rehearsed, live} {
				for _, name := range []string{"/one", "/two"} {
					test, err := tx.AddTest(models.Test{Path: tree.Name + name, State: status.TestReporting}, []id.ID{tree.ID})
					if err != nil {
						return err
					}
					sets[tree.ID] = append(sets[tree.ID], test)
				}
			}
			return tx.SetTreeState(rehearsed.ID, status.TreeRehearsal)
		})
		if err != nil {
			t.Fatal(err)
		}
		checkouts := rehearse(t, s, rehearsed, status.Rehearsal, sets[rehearsed.ID])
		rehearse(t, s, live, status.Baseline, sets[live.ID])
		tallies := func(tree models.Tree) (byTest, byTree []models.Tally) {
			t.Helper()
			for _, test := range sets[tree.ID] {
				rows, err := s.RollupOfTests([]id.ID{test.ID}, 0)
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range rows {
					byTest = append(byTest, row.Tally)
				}
			}
			rows, err := s.RollupOfTrees([]id.ID{tree.ID}, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				byTree = append(byTree, row.Tally)
			}
			return byTest, byTree
		}
		if byTest, byTree := tallies(rehearsed); len(byTest)+len(byTree) != 0 {
			t.Errorf("a rehearsal counts: %+v %+v", byTest, byTree)
		}
		if err := s.Tx(ctx, func(tx *models.Tx) error { return tx.GoLive(rehearsed.ID, "Asha Rao") }); err != nil {
			t.Fatal(err)
		}
		// Two of its three checkouts were finished.
		byTest, byTree := tallies(rehearsed)
		wantTests, wantTree := tallies(live)
		for _, list := range [][]models.Tally{wantTests, wantTree} {
			for i := range list {
				for _, n := range []*int64{&list[i].Passed, &list[i].Failed, &list[i].Retried, &list[i].Flaky} {
					*n = *n / 3 * 2
				}
			}
		}
		if diff := cmp.Diff([][]models.Tally{wantTests, wantTree}, [][]models.Tally{byTest, byTree}); diff != "" || len(byTest) != 2 || len(byTree) != 2 {
			t.Errorf("statistics (-want +got):\n%s", diff)
		}
		for number, c := range checkouts {
			want := status.Baseline
			if number == 2 {
				want = status.Rehearsal
			}
			now, err := s.Checkout(c.ID)
			results, err2 := s.Results(c.ID)
			if err != nil || err2 != nil || now.Lane != want || len(results) != 6 {
				t.Fatalf("checkout %d: lane %s, %d results, %v, %v", number, now.Lane, len(results), err, err2)
			}
			for _, r := range results {
				if r.Lane != want {
					t.Errorf("a result of checkout %d is in lane %s", number, r.Lane)
				}
			}
		}
		if err := s.Tx(ctx, func(tx *models.Tx) error { return tx.GoLive(rehearsed.ID, "Asha Rao") }); err == nil {
			t.Error("it goes live twice")
		}
	})
}
