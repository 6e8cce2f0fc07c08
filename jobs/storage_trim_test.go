package jobs

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"drover/clients/git"
	"drover/clients/local"
	"drover/models"
	"drover/models/blob"
	"drover/models/modelstest"
	"drover/models/report"
	"drover/rules/id"
	"drover/rules/status"
)

// house is a worker that keeps house by hand, at a time that the test sets.
type house struct {
	t     *testing.T
	w     *Worker
	blobs *blob.Store
	job   models.Job
	clock time.Time
	stop  string // the point at which the next try is killed
	kill  context.CancelFunc
}

func eachHouse(t *testing.T, test func(h *house)) {
	t.Helper()
	for name, open := range map[string]func(testing.TB, models.Options) *models.Store{"sqlite": modelstest.SQLite, "postgres": modelstest.Postgres} {
		t.Run(name, func(t *testing.T) {
			h := &house{t: t, clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
			h.open(open(t, models.Options{Now: func() time.Time { return h.clock }}))
			test(h)
		})
	}
}

func (h *house) open(store *models.Store) {
	h.t.Helper()
	data := h.t.TempDir()
	var err error
	if h.blobs, err = blob.Open(filepath.Join(data, "blobs")); err != nil {
		h.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	queue, err := OpenQueue(h.t.Context(), "", log)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = queue.Close() })
	self, err := os.Executable()
	if err != nil {
		h.t.Fatal(err)
	}
	runner, err := local.Open(local.Config{Dir: filepath.Join(data, "runner"), Self: []string{self, "shim"}})
	if err != nil {
		h.t.Fatal(err)
	}
	const day = 24 * time.Hour
	h.w = NewWorker(Deps{
		Store: store, Blobs: h.blobs, Local: runner, Git: &git.Client{Mirrors: filepath.Join(data, "mirrors")},
		Settings: Settings{Keep: Keep{Events: 30 * day, Passing: 30 * day, Failing: 90 * day, Reported: 365 * day, Tries: 30 * day}},
	}, WorkerOptions{Queue: queue, Metrics: NewMetrics(prometheus.NewRegistry()), Log: log, Point: func(name string) {
		if name == h.stop {
			h.kill()
		}
	}})
	h.addLog()
}

// addLog stores a build that passed, with its log and its configuration.
func (h *house) addLog() {
	h.t.Helper()
	err := h.w.Store.Tx(h.t.Context(), func(tx *models.Tx) error {
		tree, _, err := tx.AddTree(models.NewTree{Tree: models.Tree{Name: "linux"}, URL: "https://git.example.org/linux.git", Branches: []string{"main"}})
		if err != nil {
			return err
		}
		event, _, err := tx.AddEvent(models.Event{Source: "git", Dedup: "push", TreeID: tree.ID, Body: "{}"}, EventRead)
		if err != nil {
			return err
		}
		known, err := tx.AddCommits([]models.NewCommit{{Commit: models.Commit{SHA: oid(1)}}})
		if err != nil {
			return err
		}
		c, _, err := tx.EnsureCheckout(models.Checkout{
			TreeID: tree.ID, Branch: "main", CommitID: known[oid(1)].ID, SHA: oid(1), Lane: status.Baseline, EventID: event.ID, State: models.CheckoutFinished, PushedAt: tx.Now,
		})
		if err != nil {
			return err
		}
		builds := []models.Build{{CheckoutID: c.ID, Arch: "x86_64", Status: status.Pass}}
		if err := tx.AddBuilds(builds); err != nil {
			return err
		}
		h.job, err = tx.AddJob(models.Job{Kind: models.JobBuild, CheckoutID: c.ID, BuildID: builds[0].ID, State: models.JobCollected, Reason: "ok"})
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, name := range []string{BuildLog, BuildLog + IndexAfter, "config"} {
		size, err := h.blobs.Put(h.t.Context(), blobKey(h.job, name), strings.NewReader(`{"lines":1}`))
		if err != nil {
			h.t.Fatal(err)
		}
		err = h.w.Store.Tx(h.t.Context(), func(tx *models.Tx) error {
			return tx.AddFile(models.File{OwnerKind: "job", OwnerID: h.job.ID, Name: name, Blob: blobKey(h.job, name), Bytes: size})
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

// try makes one try of a step; with stop set it is killed there.
func (h *house) try(kind string, object id.ID, stop string) (due time.Duration, err error) {
	h.t.Helper()
	store := h.w.Store
	err = store.Tx(h.t.Context(), func(tx *models.Tx) error { return tx.Want(kind, object, tx.Now) })
	if err != nil {
		h.t.Fatal(err)
	}
	claim, err := store.Claim(h.t.Context(), models.Hint{Kind: kind, Object: object}, "house", time.Minute)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, kill := context.WithCancel(h.t.Context())
	defer kill()
	h.stop, h.kill = stop, kill
	run := &Run{Object: object, Log: h.w.log, store: store, claim: claim}
	if err := h.w.kinds[kind].Handle(ctx, run); err != nil {
		h.clock = h.clock.Add(2 * time.Minute) // the claim lapses
		return 0, err
	}
	step, err := store.Step(kind, object)
	if errors.Is(err, models.ErrNotFound) && run.settled {
		return 0, nil // it is done for good
	}
	if err != nil || !run.settled {
		h.t.Fatalf("%s settled nothing: %v", kind, err)
	}
	return step.DueAt.Sub(h.clock), nil
}

// files says of each file of the job whether its row and its blob are there.
func (h *house) files() map[string]string {
	h.t.Helper()
	files, err := h.w.Store.Files("job", h.job.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	found := map[string]string{}
	for _, f := range files {
		state := "kept"
		if f.TrimmedAt != nil {
			state = "trimmed"
			if f.Blob != "" {
				state = "marked"
			}
		}
		b, err := h.blobs.Open(blobKey(h.job, f.Name))
		if errors.Is(err, blob.ErrNotFound) {
			found[f.Name] = state + ", no blob"
			continue
		}
		if err != nil {
			h.t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			h.t.Fatal(err)
		}
		found[f.Name] = state + ", blob"
	}
	return found
}

func states(log, config string) map[string]string {
	return map[string]string{BuildLog: log, BuildLog + IndexAfter: log, "config": config}
}

// TestTrimLogs: a log goes once its time is over, and a kill anywhere in
// between leaves rows that say so and a next try that ends it.
func TestTrimLogs(t *testing.T) {
	for _, c := range []struct {
		why, stop string
		between   map[string]string
	}{
		{"killed before the blobs are removed", "blob.remove.before", states("marked, blob", "kept, blob")},
		{"killed before the rows forget them", "blob.remove.after", states("marked, no blob", "kept, blob")},
	} {
		t.Run(c.why, func(t *testing.T) {
			eachHouse(t, func(h *house) {
				if due, err := h.try(LogTrim, timetableOwner, ""); err != nil || due != trimSeldom {
					h.t.Errorf("nothing is old: %v, %v", due, err)
				}
				if diff := cmp.Diff(states("kept, blob", "kept, blob"), h.files()); diff != "" {
					h.t.Errorf("nothing is old (-want +got):\n%s", diff)
				}
				h.clock = h.clock.AddDate(0, 0, 31)
				if _, err := h.try(LogTrim, timetableOwner, c.stop); !errors.Is(err, context.Canceled) {
					h.t.Fatalf("the kill did not kill: %v", err)
				}
				if diff := cmp.Diff(c.between, h.files()); diff != "" {
					h.t.Errorf("killed (-want +got):\n%s", diff)
				}
				index, source, err := report.OpenLog(h.w.Store.Query, h.blobs, h.job.ID, BuildLog)
				if index != nil || source != nil || err != nil {
					h.t.Errorf("a trimmed log is read: %v, %v", source, err)
				}
				for range 2 {
					if _, err := h.try(LogTrim, timetableOwner, ""); err != nil {
						h.t.Fatal(err)
					}
					if diff := cmp.Diff(states("trimmed, no blob", "kept, blob"), h.files()); diff != "" {
						h.t.Errorf("the next try (-want +got):\n%s", diff)
					}
				}
			})
		})
	}
}

// TestHousekeepingTwice: every step of the housekeeping may run again, and asks
// for its next time.
func TestHousekeepingTwice(t *testing.T) {
	eachHouse(t, func(h *house) {
		remotes, err := h.w.Store.Remotes()
		if err != nil {
			h.t.Fatal(err)
		}
		h.clock = h.clock.AddDate(0, 0, 31)
		for range 2 {
			for _, c := range []struct {
				kind   string
				object id.ID
				after  time.Duration
			}{
				{StorageTrim, timetableOwner, trimSeldom}, {LogTrim, timetableOwner, trimSeldom},
				{RunnerSweep, timetableOwner, sweepSeldom}, {MirrorTidy, remotes[0].ID, sweepSeldom},
				{ChangeTrim, timetableOwner, changesTrim},
			} {
				if due, err := h.try(c.kind, c.object, ""); err != nil || due != c.after {
					h.t.Errorf("%s: again after %v, %v; want %v", c.kind, due, err, c.after)
				}
			}
		}
	})
}

// TestTimetable: what comes again and again is asked for once.
func TestTimetable(t *testing.T) {
	eachHouse(t, func(h *house) {
		for range 2 {
			h.w.timetableKept = time.Time{}
			if err := h.w.keepTimetable(h.t.Context()); err != nil {
				h.t.Fatal(err)
			}
		}
		counts, err := h.w.Store.StepCounts()
		if err != nil {
			h.t.Fatal(err)
		}
		due := map[string]int64{}
		for _, c := range counts {
			due[c.Kind] = c.Due
		}
		want := map[string]int64{EventRead: 1, RemotePoll: 1, MirrorTidy: 0, StorageTrim: 0, LogTrim: 0, RunnerSweep: 0, ChangeTrim: 1}
		if diff := cmp.Diff(want, due); diff != "" {
			h.t.Errorf("steps that are due now (-want +got):\n%s", diff)
		}
		missing, err := missingSteps(h.w.Store.Query)
		if err != nil || len(missing) > 0 {
			h.t.Errorf("still missing: %v, %v", missing, err)
		}
	})
}
