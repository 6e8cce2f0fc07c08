package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/status"
)

// fullName is the commit of the checkouts below.
var fullName = strings.Repeat("ab", 20)

// finishedCheckout stores a tree and a checkout that is to be judged: a test
// that is new among the failures, a build that took two minutes, a mail.
func finishedCheckout(t *testing.T, s *models.Store) models.Checkout {
	t.Helper()
	var c models.Checkout
	err := s.Tx(t.Context(), func(tx *models.Tx) error {
		tree, _, err := tx.AddTree(models.NewTree{
			Tree: models.Tree{Name: "linux", State: status.TreeLive, Policy: "tip"}, URL: "https://git.example.org/linux.git", Branches: []string{"main"},
		})
		if err != nil {
			return err
		}
		event, _, err := tx.AddEvent(models.Event{Source: "git", Dedup: "push", TreeID: tree.ID, Body: "{}"}, "event.read")
		if err != nil {
			return err
		}
		known, err := tx.AddCommits([]models.NewCommit{{Commit: models.Commit{SHA: fullName, Subject: "one", CommittedAt: &tx.Now}}})
		if err != nil {
			return err
		}
		c, _, err = tx.EnsureCheckout(models.Checkout{
			TreeID: tree.ID, Branch: "main", CommitID: known[fullName].ID, SHA: fullName, Lane: status.Baseline, Source: "git", EventID: event.ID,
			State: models.CheckoutRunning, VerdictText: "Running: 0 of 1 tests finished", PushedAt: tx.Now,
		})
		if err != nil {
			return err
		}
		return storeRun(tx, tree, c)
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func storeRun(tx *models.Tx, tree models.Tree, c models.Checkout) error {
	test, err := tx.AddTest(models.Test{Path: "mm/ksm", Recipe: "command", Command: "./ksm", Format: "ktap"}, []id.ID{tree.ID})
	if err != nil {
		return err
	}
	builds := []models.Build{{CheckoutID: c.ID, Arch: "x86_64", Config: "defconfig", Recipe: "kbuild", Settings: `{"arch":"x86_64"}`, Status: status.Pass}}
	if err := tx.AddBuilds(builds); err != nil {
		return err
	}
	ended := tx.Now.Add(2 * time.Minute)
	job, err := tx.AddJob(models.Job{Kind: models.JobBuild, CheckoutID: c.ID, BuildID: builds[0].ID, State: models.JobCollected})
	if err != nil {
		return err
	}
	job.StartedAt, job.FinishedAt = &tx.Now, &ended
	if err := tx.SetJob(job); err != nil {
		return err
	}
	err = tx.AddResults(tree.ID, "x86_64", []models.Result{{
		CheckoutID: c.ID, BuildID: builds[0].ID, TestID: test.ID, RunTestID: test.ID, Lane: status.Baseline, Attempt: 1, Final: true,
		Status: status.Fail, Shown: status.New, FirstError: "ksm: no",
	}})
	if err != nil {
		return err
	}
	d, _, err := tx.EnsureDelivery(models.Delivery{Kind: "mail", Dedup: "one", CheckoutID: c.ID, Number: 1, State: models.DeliverySuppressed})
	if err != nil {
		return err
	}
	_, err = tx.EnsureMail(models.Mail{DeliveryID: d.ID, CheckoutID: c.ID, MessageID: "one@ci.example.org", Subject: "new failure"})
	return err
}

// finish gives the checkout its verdict.
func finish(t *testing.T, s *models.Store, c models.Checkout) {
	t.Helper()
	c.State, c.Verdict, c.VerdictText = models.CheckoutFinished, status.NewFailures, "1 new failure"
	c.Counts = `{"planned":9,"finished":9,"pass":3,"new":1,"still_failing":1,"known":1,"first_run":1,"skipped":2}`
	err := s.Tx(context.Background(), func(tx *models.Tx) error {
		c.FinishedAt = &tx.Now
		return tx.SetVerdict(c)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWatch(t *testing.T) {
	remoteOf := func(t *testing.T, s *models.Store) models.TreeSource {
		t.Helper()
		tree, err := s.TreeByName("linux")
		if err != nil {
			t.Fatal(err)
		}
		sources, err := s.TreeSources(tree.ID)
		if err != nil {
			t.Fatal(err)
		}
		return sources[0]
	}
	tx := func(t *testing.T, s *models.Store, fn func(*models.Tx) error) {
		t.Helper()
		if err := s.Tx(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	other := strings.Repeat("cd", 20)
	for _, one := range []struct {
		name    string
		wait    waitCommand
		prepare func(t *testing.T, s *models.Store, c models.Checkout)
		want    []string // in the error; none: the checkout is found
	}{
		{"judged already", waitCommand{Tree: "linux", Commit: fullName, Timeout: time.Minute}, finish, nil},
		{"judged while it waits", waitCommand{Tree: "linux", Commit: fullName, Timeout: time.Minute}, func(t *testing.T, s *models.Store, c models.Checkout) {
			go finish(t, s, c)
		}, nil},
		{"not yet judged", waitCommand{Tree: "linux", Commit: fullName, Timeout: 10 * time.Millisecond}, nil,
			[]string{"no verdict of " + fullName + " in time (--timeout 10ms)", "last seen: abababababab Running: 0 of 1 tests finished"}},
		{"not seen", waitCommand{Tree: "linux", Commit: other, Timeout: 10 * time.Millisecond}, finish,
			[]string{"last seen: the commit has not been seen yet"}},
		{"the remote does not answer", waitCommand{Tree: "linux", Commit: other, Timeout: 10 * time.Millisecond}, func(t *testing.T, s *models.Store, _ models.Checkout) {
			tx(t, s, func(tx *models.Tx) error {
				return tx.RemoteFailed(remoteOf(t, s).RemoteID, "transient", "no route to host")
			})
		}, []string{"last seen: the remote cannot be read: no route to host"}},
		{"the source is odd", waitCommand{Tree: "linux", Commit: other, Timeout: 10 * time.Millisecond}, func(t *testing.T, s *models.Store, _ models.Checkout) {
			tx(t, s, func(tx *models.Tx) error { return tx.NoteSource(remoteOf(t, s).ID, "no branch is called main") })
		}, []string{"last seen: no branch is called main"}},
		{"another tree", waitCommand{Tree: "net", Commit: fullName, Timeout: time.Minute}, finish, []string{"there is no tree net: `drover tree add` adds one"}},
	} {
		t.Run(one.name, func(t *testing.T) {
			s := modelstest.SQLite(t, models.Options{})
			c := finishedCheckout(t, s)
			if one.prepare != nil {
				one.prepare(t, s, c)
			}
			ctx, cancel := context.WithTimeout(t.Context(), one.wait.Timeout)
			defer cancel()
			got, err := one.wait.watch(ctx, s.Query)
			if one.want == nil && (err != nil || got.ID != c.ID || got.Verdict != status.NewFailures) {
				t.Errorf("%s: %s, %v", got.ID, got.Verdict, err)
			}
			for _, want := range one.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("says %v, want %q in it", err, want)
				}
			}
		})
	}
}

// TestWaitIsStopped: who stops a wait gets an error, not a verdict.
func TestWaitIsStopped(t *testing.T) {
	clearSettings(t)
	data := t.TempDir()
	t.Setenv("DROVER_DATA", data)
	s, err := models.Open(t.Context(), models.Options{Path: filepath.Join(data, "drover.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	finishedCheckout(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	wait := waitCommand{Tree: "linux", Commit: fullName, Timeout: time.Minute}
	if err := wait.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
