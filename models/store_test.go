package models_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/definition"
	"drover/rules/id"
	"drover/rules/status"
)

func TestSecondProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "drover.db")
	first, err := models.Open(context.Background(), models.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := models.Open(context.Background(), models.Options{Path: path}); err == nil || !strings.Contains(err.Error(), "another drover") {
		t.Errorf("a second process got %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := models.Open(context.Background(), models.Options{Path: path})
	if err != nil {
		t.Fatalf("after the first ended: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestFolderThatIsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := models.Open(context.Background(), models.Options{Path: filepath.Join(file, "drover.db")}); err == nil {
		t.Error("opened a database below a file", s.Close())
	}
}

func TestRollback(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		stop := errors.New("stop")
		err := s.Tx(context.Background(), func(tx *models.Tx) error {
			if err := tx.Want("a.kind", 7, tx.Now); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatalf("got %v", err)
		}
		if _, err := s.Step("a.kind", 7); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the step survived: %v", err)
		}
	})
}

func TestIDsAreDistinct(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		var mu sync.Mutex
		seen := map[id.ID]bool{}
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				for range 5 {
					err := s.Tx(context.Background(), func(tx *models.Tx) error {
						ids, err := tx.IDs(20)
						mu.Lock()
						defer mu.Unlock()
						for _, i := range ids {
							if seen[i] {
								t.Errorf("%s came twice", i)
							}
							seen[i] = true
						}
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if len(seen) != 800 {
			t.Errorf("%d ids of 800", len(seen))
		}
	})
}

// want asks for a step outside of any other work.
func want(t *testing.T, s *models.Store, kind string, object id.ID, due time.Time) {
	t.Helper()
	if err := s.Tx(context.Background(), func(tx *models.Tx) error { return tx.Want(kind, object, due) }); err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, s *models.Store, kind string, object id.ID) *models.Claim {
	t.Helper()
	c, err := s.Claim(context.Background(), models.Hint{Kind: kind, Object: object}, "test", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func nothing(*models.Tx) error { return nil }

func TestStepIsClaimedOnce(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		want(t, s, "a.kind", 7, s.Clock())
		want(t, s, "a.kind", 7, s.Clock())
		var wait sync.WaitGroup
		var mu sync.Mutex
		got := 0
		for range 10 {
			wait.Go(func() {
				_, err := s.Claim(context.Background(), models.Hint{Kind: "a.kind", Object: 7}, "w", time.Minute)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					got++
				} else if !errors.Is(err, models.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got != 1 {
			t.Errorf("%d workers took the step", got)
		}
	})
}

func TestWishDuringWorkIsKept(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		want(t, s, "a.kind", 7, s.Clock())
		c := claim(t, s, "a.kind", 7)
		want(t, s, "a.kind", 7, s.Clock())
		hints, err := s.Settle(context.Background(), c, time.Time{}, nothing)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]models.Hint{{Kind: "a.kind", Object: 7}}, hints); diff != "" {
			t.Errorf("hints (-want +got):\n%s", diff)
		}
		c = claim(t, s, "a.kind", 7)
		if _, err := s.Settle(context.Background(), c, time.Time{}, nothing); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Step("a.kind", 7); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the step is still there: %v", err)
		}
	})
}

func TestLapsedClaimIsFenced(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		want(t, s, "a.kind", 7, s.Clock())
		late, err := s.Claim(context.Background(), models.Hint{Kind: "a.kind", Object: 7}, "late", -time.Second)
		if err != nil {
			t.Fatal(err)
		}
		owner := claim(t, s, "a.kind", 7)
		if err := s.Renew(context.Background(), late, time.Minute); !errors.Is(err, models.ErrLost) {
			t.Errorf("the late worker renewed: %v", err)
		}
		_, err = s.Settle(context.Background(), late, time.Time{}, func(tx *models.Tx) error { return tx.Want("other", 1, tx.Now) })
		if !errors.Is(err, models.ErrLost) {
			t.Errorf("the late worker settled: %v", err)
		}
		if _, err := s.Step("other", 1); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("the late worker's writes stayed: %v", err)
		}
		if err := s.Save(context.Background(), late, nothing); !errors.Is(err, models.ErrLost) {
			t.Errorf("the late worker saved: %v", err)
		}
		if err := s.Renew(context.Background(), owner, time.Minute); err != nil {
			t.Errorf("the owner could not renew: %v", err)
		}
		if _, err := s.Settle(context.Background(), owner, time.Time{}, nothing); err != nil {
			t.Errorf("the owner could not settle: %v", err)
		}
	})
}

// TestLapsedTryIsNoted: what a worker that died was at stands in the tries, once,
// whoever takes over.
func TestLapsedTryIsNoted(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		hint := models.Hint{Kind: "a.kind", Object: 7}
		want(t, s, hint.Kind, hint.Object, s.Clock())
		died, err := s.Claim(context.Background(), hint, "died", -time.Second)
		if err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		var mu sync.Mutex
		var owners []*models.Claim
		for range 10 {
			wait.Go(func() {
				c, err := s.Claim(context.Background(), hint, "next", time.Minute)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					owners = append(owners, c)
				} else if !errors.Is(err, models.ErrNotFound) {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if len(owners) != 1 {
			t.Fatalf("%d workers took the step over", len(owners))
		}
		if _, err := s.Settle(context.Background(), owners[0], time.Time{}, nothing); err != nil {
			t.Fatal(err)
		}
		got, err := s.Tries(hint.Kind, hint.Object, 10)
		if err != nil {
			t.Fatal(err)
		}
		lapsed := models.StepTry{
			Kind: "a.kind", ObjectID: 7, Worker: "died", Outcome: "lapsed", Error: "no sign of life; taken over by next",
			StartedAt: died.Started, FinishedAt: *died.ClaimedUntil,
		}
		done := models.StepTry{Kind: "a.kind", ObjectID: 7, Worker: "next", Outcome: "done", StartedAt: owners[0].Started}
		same := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".ID" }, cmp.Ignore())
		if len(got) == 2 {
			done.FinishedAt = got[0].FinishedAt
		}
		if diff := cmp.Diff([]models.StepTry{done, lapsed}, got, same); diff != "" {
			t.Errorf("tries (-want +got):\n%s", diff)
		}
	})
}

func TestAgainFailParkReplay(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		ctx := context.Background()
		want(t, s, "a.kind", 7, s.Clock())
		later := s.Clock().Add(time.Hour)
		if _, err := s.Settle(ctx, claim(t, s, "a.kind", 7), later, nothing); err != nil {
			t.Fatal(err)
		}
		due, err := s.Due(10)
		if err != nil || len(due) != 0 {
			t.Fatalf("due %v, %v: the step waits until %v", due, err, later)
		}
		want(t, s, "a.kind", 7, s.Clock()) // an earlier wish wins
		if err := s.Fail(ctx, claim(t, s, "a.kind", 7), models.Failure{Class: "transient", Text: "no answer", Due: s.Clock()}); err != nil {
			t.Fatal(err)
		}
		step, err := s.Step("a.kind", 7)
		if err != nil || step.Attempts != 1 || step.LastError != "no answer" {
			t.Fatalf("after a failure: %+v, %v", step, err)
		}
		if err := s.Fail(ctx, claim(t, s, "a.kind", 7), models.Failure{Class: "permanent", Text: "no such thing", Park: true, Due: s.Clock()}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Claim(ctx, models.Hint{Kind: "a.kind", Object: 7}, "w", time.Minute); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("a parked step was claimed: %v", err)
		}
		parked, err := s.Parked(10)
		if err != nil || len(parked) != 1 {
			t.Fatalf("parked: %v, %v", parked, err)
		}
		counts, err := s.StepCounts()
		if err != nil || len(counts) != 1 || counts[0].Parked != 1 || counts[0].Due != 0 {
			t.Errorf("counts: %+v, %v", counts, err)
		}
		if err := s.Tx(ctx, func(tx *models.Tx) error { return tx.Replay("a.kind", 7) }); err != nil {
			t.Fatal(err)
		}
		if c := claim(t, s, "a.kind", 7); c.Attempts != 0 {
			t.Errorf("a replayed step starts with %d failures", c.Attempts)
		}
		if err := s.Tx(ctx, func(tx *models.Tx) error { return tx.Replay("a.kind", 7) }); !errors.Is(err, models.ErrNotFound) {
			t.Errorf("a step that is not parked was replayed: %v", err)
		}
	})
}

func TestHintsComeAfterTheCommit(t *testing.T) {
	var hinted []models.Hint
	committed := false
	s := modelstest.SQLite(t, models.Options{
		Point: func(name string) { committed = committed || name == "commit.after" },
		Hint: func(h []models.Hint) {
			if !committed {
				t.Error("hinted before the commit")
			}
			hinted = append(hinted, h...)
		},
	})
	want(t, s, "now", 1, s.Clock())
	want(t, s, "later", 2, s.Clock().Add(time.Hour))
	if diff := cmp.Diff([]models.Hint{{Kind: "now", Object: 1}}, hinted); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
}

// addTree stores a tree named name with one build.
func addTree(t *testing.T, s *models.Store, name string) models.Tree {
	t.Helper()
	var tree models.Tree
	err := s.Tx(context.Background(), func(tx *models.Tx) (err error) {
		tree, _, err = tx.AddTree(models.NewTree{
			Tree: models.Tree{Name: name, State: status.TreeLive, Policy: "tip"},
			URL:  "https://git.example.org/" + name, Branches: []string{"main", "next-*"},
			Builds: []models.TreeBuild{{Arch: "x86_64", Config: "defconfig", Compiler: "gcc", Recipe: "kbuild", Settings: "{}"}},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestTreeNameIsUnique(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		tree := addTree(t, s, "net-next")
		builds, err := s.TreeBuilds(tree.ID)
		if err != nil || len(builds) != 1 || builds[0].Arch != "x86_64" {
			t.Errorf("builds: %+v, %v", builds, err)
		}
		err = s.Tx(context.Background(), func(tx *models.Tx) error {
			_, _, err := tx.AddTree(models.NewTree{Tree: models.Tree{Name: "net-next"}, URL: "https://git.example.org/other"})
			return err
		})
		if !errors.Is(err, models.ErrDuplicate) {
			t.Errorf("a second tree of that name: %v", err)
		}
		remotes, err := s.Remotes()
		if err != nil || len(remotes) != 1 {
			t.Errorf("remotes after the refusal: %v, %v", remotes, err)
		}
	})
}

func TestTreesShareARemote(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		addTree(t, s, "one")
		err := s.Tx(context.Background(), func(tx *models.Tx) error {
			_, remote, err := tx.AddTree(models.NewTree{Tree: models.Tree{Name: "two"}, URL: "https://git.example.org/one"})
			if err != nil {
				return err
			}
			sources, err := tx.SourcesOfRemote(remote.ID)
			if len(sources) != 2 {
				t.Errorf("sources of the shared remote: %+v", sources)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// What a test runs does not change with its state, so that a test that is let
// report is not told to have changed.
func TestStateIsNoNewVersion(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		err := s.Tx(context.Background(), func(tx *models.Tx) error {
			added, err := tx.AddTest(models.Test{Path: "net/tls", Code: "tests/tls.sh\ntests/lib", State: status.TestTrial}, nil)
			if err != nil {
				return err
			}
			return tx.MoveTest(&added, status.TestReporting, definition.Quarantine{})
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.TestByPath("net/tls")
		if err != nil || got.Version != 1 || got.State != status.TestReporting || got.Code != "tests/tls.sh\ntests/lib" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
