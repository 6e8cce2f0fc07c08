package jobs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drover/clients"
	"drover/clients/git"
	"drover/clients/local"
	"drover/jobs"
	"drover/jobs/sampletree"
	"drover/models"
	"drover/models/blob"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/verdict"
)

// TestMain lets this binary be the supervisor of the jobs that tests start.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "shim" {
		os.Exit(local.Shim(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// system is a whole Drover without pages.
type system struct {
	store  *models.Store
	queue  *jobs.Queue
	worker *jobs.Worker
	git    *git.Client
	data   string
}

func newSystem(t *testing.T, store func(models.Options) *models.Store, redis string) *system {
	t.Helper()
	s := &system{data: t.TempDir()}
	level := slog.LevelWarn
	if testing.Verbose() {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	var err error
	if s.queue, err = jobs.OpenQueue(context.Background(), redis, log); err != nil {
		t.Fatal(err)
	}
	s.store = store(models.Options{Hint: s.queue.Hint, Mark: clients.Inside})
	blobs, err := blob.Open(filepath.Join(s.data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	runner, err := local.Open(local.Config{Dir: filepath.Join(s.data, "runner"), Slots: 2, Self: []string{self, "shim"}})
	if err != nil {
		t.Fatal(err)
	}
	s.git = &git.Client{Mirrors: filepath.Join(s.data, "mirrors"), Own: filepath.Join(s.data, "sample")}
	s.worker = jobs.NewWorker(jobs.Deps{
		Store: s.store, Blobs: blobs, Local: runner, Git: s.git,
		Settings: jobs.Settings{
			URL: "https://ci.example.org", Environment: "development", MailFrom: "Drover <drover@ci.example.org>", Poll: time.Minute,
		},
	}, jobs.WorkerOptions{Queue: s.queue, Metrics: jobs.NewMetrics(prometheus.NewRegistry()), Log: log})
	if err := s.worker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.worker.Close()
		if err := s.queue.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// await asks again and again until ok, and fails the test when that takes too long.
func await(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(limit)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("waited %v for %s", limit, what)
		case <-ticker.C:
		}
	}
}

func TestSampleTree(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and tests the sample tree eight times")
	}
	s := newSystem(t, func(o models.Options) *models.Store { return modelstest.SQLite(t, o) }, "")
	var tree models.Tree
	err := s.store.Tx(context.Background(), func(tx *models.Tx) (err error) {
		tree, err = jobs.AddSample(tx, s.data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	commits := sampletree.Commits()
	await(t, 4*time.Minute, "eight verdicts", func() bool {
		checkouts, err := s.store.CheckoutsOfBranch(tree.ID, "main", 100)
		if err != nil {
			t.Fatal(err)
		}
		return len(checkouts) == len(commits) && checkouts[0].State == models.CheckoutFinished
	})
	t.Logf("measured: the sample tree took %.1f s", time.Since(started).Seconds())
	checkSample(t, s.store, tree.ID, commits)
}

func checkSample(t *testing.T, store *models.Store, tree id.ID, commits []sampletree.Commit) {
	t.Helper()
	checkouts, err := store.CheckoutsOfBranch(tree, "main", 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range commits {
		c := checkouts[len(commits)-1-i]
		var got verdict.Counts
		if err := json.Unmarshal([]byte(c.Counts), &got); err != nil {
			t.Fatal(err)
		}
		counts := sampletree.Expectation{
			Verdict: string(c.Verdict), Passed: got.Pass, New: got.New, StillFailing: got.StillFailing, Flaky: got.Flaky,
			Infra: got.Infra, Fixed: got.Fixed, Skipped: got.Skipped,
		}
		expected := want.Expect
		if expected.Verdict == "broken" {
			expected.Skipped = got.Skipped // none of them runs
		}
		if counts != expected {
			t.Errorf("%d %q: got %+v, want %+v (%s)", i+1, c.Subject, counts, expected, c.VerdictText)
		}
		if want.Expect.New > 0 {
			checkNote(t, store, c)
		}
		mails, err := store.Deliveries(c.ID)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, d := range mails {
			said = append(said, fmt.Sprintf("%s %s: %s", d.Recipients, d.State, d.Reason))
		}
		t.Logf("%d %-50.50s %-8s %s %q", i+1, c.Subject, c.Verdict, c.VerdictText, said)
	}
}

// checkNote wants it told of the sample's new failure that its commit changes
// the test too.
func checkNote(t *testing.T, store *models.Store, c models.Checkout) {
	t.Helper()
	results, err := store.Results(c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Shown == status.New && !verdict.SaysTestChanged(r.Note) {
			t.Errorf("%q: the note of the new failure is %q (%s)", c.Subject, r.Note, r.TestRevision)
		}
	}
}
