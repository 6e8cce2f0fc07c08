package models_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/status"
)

// eachAt runs a test on both databases with a clock that it moves.
func eachAt(t *testing.T, test func(t *testing.T, s *models.Store, clock *time.Time)) {
	t.Helper()
	clock := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	o := models.Options{Now: func() time.Time { return clock }}
	t.Run("sqlite", func(t *testing.T) { test(t, modelstest.SQLite(t, o), &clock) })
	clock = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	t.Run("postgres", func(t *testing.T) { test(t, modelstest.Postgres(t, o), &clock) })
}

// addLogs stores jobs whose blobs are named after what they are. The log of a
// good build shares its blob with the configuration.
func addLogs(t *testing.T, s *models.Store) {
	t.Helper()
	tree := addTree(t, s, "linux")
	if err := s.Tx(context.Background(), func(tx *models.Tx) error {
		_, err := tx.AddCommits(commits("quiet\nmailed quiet\n"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"quiet", "mailed"} {
		c := addCheckout(t, s, tree, name, status.Baseline)
		if err := s.Tx(context.Background(), func(tx *models.Tx) error { return addLogsOf(tx, tree, c, name) }); err != nil {
			t.Fatal(err)
		}
	}
}

func addLogsOf(tx *models.Tx, tree models.Tree, c models.Checkout, name string) error {
	if name == "mailed" {
		d, _, err := tx.EnsureDelivery(models.Delivery{Kind: "mail", Dedup: name, CheckoutID: c.ID, Number: 1})
		if err != nil {
			return err
		}
		if _, err := tx.EnsureMail(models.Mail{DeliveryID: d.ID, CheckoutID: c.ID}); err != nil {
			return err
		}
	}
	builds := []models.Build{{CheckoutID: c.ID, Arch: "x86_64", Status: status.Pass}}
	if err := tx.AddBuilds(builds); err != nil {
		return err
	}
	test, err := tx.AddTest(models.Test{Path: name}, []id.ID{tree.ID})
	if err != nil {
		return err
	}
	for i, j := range []struct {
		what, kind, reason, state string
		result                    status.Status
	}{
		{"built", models.JobBuild, "ok", models.JobCollected, ""},
		{"broken", models.JobBuild, "exit", models.JobCollected, ""},
		{"passed", models.JobTest, "ok", models.JobCollected, status.Pass},
		{"skipped", models.JobTest, "ok", models.JobCollected, status.Skip},
		{"failed", models.JobTest, "ok", models.JobCollected, status.Fail},
		{"timeout", models.JobTest, "timeout", models.JobCollected, status.Error},
		{"unread", models.JobTest, "ok", models.JobFinished, ""},
	} {
		job, err := tx.AddJob(models.Job{Kind: j.kind, CheckoutID: c.ID, BuildID: builds[0].ID, State: j.state, Reason: j.reason})
		if err != nil {
			return err
		}
		if j.result != "" {
			row := models.Result{CheckoutID: c.ID, BuildID: builds[0].ID, TestID: test.ID, RunTestID: test.ID, Attempt: int64(i), Status: j.result, JobID: &job.ID}
			if err := tx.AddResults(tree.ID, "x86_64", []models.Result{row}); err != nil {
				return err
			}
		}
		for _, file := range []string{"console.log", "config"} {
			if file == "config" && j.what != "built" {
				continue
			}
			if err := tx.AddFile(models.File{OwnerKind: "job", OwnerID: job.ID, Name: file, Blob: name + " " + j.what, Bytes: 7}); err != nil {
				return err
			}
		}
	}
	return nil
}

// trimmedNames trims as often as there is something, and names what it was.
func trimmedNames(t *testing.T, s *models.Store, keep [3]int) []string {
	t.Helper()
	ago := func(days int) time.Time { return s.Clock().AddDate(0, 0, -days) }
	before := models.LogsBefore{Passing: ago(keep[0]), Failing: ago(keep[1]), Reported: ago(keep[2])}
	names := []string{}
	for {
		var marked int64
		err := s.Tx(context.Background(), func(tx *models.Tx) (err error) {
			marked, err = tx.TrimFiles(before, 2) // less than there is: batches
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if marked == 0 {
			slices.Sort(names)
			return names
		}
		blobs, err := s.TrimmedBlobs(100)
		if err != nil {
			t.Fatal(err)
		}
		var files []id.ID
		for _, b := range blobs {
			if b.Shared != strings.HasSuffix(b.Blob, "built") {
				t.Errorf("the blob of %q: another file needs it: %v", b.Blob, b.Shared)
			}
			files, names = append(files, b.ID), append(names, b.Blob)
		}
		if err := s.Tx(context.Background(), func(tx *models.Tx) error { return tx.ForgetBlobs(files) }); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTrimFiles(t *testing.T) {
	eachAt(t, func(t *testing.T, s *models.Store, clock *time.Time) {
		addLogs(t, s)
		started := *clock
		for _, c := range []struct {
			why  string
			days int
			want []string
		}{
			{"nothing is old", 29, []string{}},
			{"what passed", 31, []string{"mailed built", "mailed passed", "mailed skipped", "quiet built", "quiet passed", "quiet skipped"}},
			{"once", 31, []string{}},
			{"nothing that did not pass", 89, []string{}},
			{"what no mail points to", 91, []string{"quiet broken", "quiet failed", "quiet timeout"}},
			{"nothing that a mail points to", 364, []string{}},
			{"that too", 366, []string{"mailed broken", "mailed failed", "mailed timeout"}},
			{"never what is still to be read, nor the configuration", 5000, []string{}},
		} {
			*clock = started.AddDate(0, 0, c.days)
			if diff := cmp.Diff(c.want, trimmedNames(t, s, [3]int{30, 90, 365})); diff != "" {
				t.Errorf("after %d days: %s (-want +got):\n%s", c.days, c.why, diff)
			}
		}
	})
}

func TestKeptForever(t *testing.T) {
	eachAt(t, func(t *testing.T, s *models.Store, clock *time.Time) {
		addLogs(t, s)
		*clock = clock.AddDate(3, 0, 0)
		err := s.Tx(context.Background(), func(tx *models.Tx) error {
			if marked, err := tx.TrimFiles(models.LogsBefore{}, 100); marked != 0 || err != nil {
				t.Errorf("files: %d, %v", marked, err)
			}
			if emptied, err := tx.TrimEvents(time.Time{}, 100); emptied != 0 || err != nil {
				t.Errorf("events: %d, %v", emptied, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestTrimEvents: the body goes, the key stays, so that a push that is told
// again is not read again; what is not decided stays whole.
func TestTrimEvents(t *testing.T) {
	eachAt(t, func(t *testing.T, s *models.Store, clock *time.Time) {
		tree := addTree(t, s, "linux")
		var decided, waiting models.Event
		err := s.Tx(context.Background(), func(tx *models.Tx) (err error) {
			if decided, _, err = tx.AddEvent(models.Event{Source: "git", Dedup: "decided", TreeID: tree.ID, Body: "{1}"}, "event.read"); err != nil {
				return err
			}
			if err := tx.DecideEvent(decided.ID, "checkouts", "tip of main"); err != nil {
				return err
			}
			waiting, _, err = tx.AddEvent(models.Event{Source: "git", Dedup: "waiting", TreeID: tree.ID, Body: "{2}"}, "event.read")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		*clock = clock.AddDate(0, 0, 31)
		for _, want := range []int64{1, 0} {
			err := s.Tx(context.Background(), func(tx *models.Tx) error {
				if emptied, err := tx.TrimEvents(tx.Now.AddDate(0, 0, -30), 100); emptied != want || err != nil {
					t.Errorf("%d were emptied, want %d: %v", emptied, want, err)
				}
				again, fresh, err := tx.AddEvent(models.Event{Source: "git", Dedup: "decided", TreeID: tree.ID, Body: "{1}"}, "event.read")
				if fresh || again.ID != decided.ID || again.Body != "" || again.Reason != "tip of main" {
					t.Errorf("told again: fresh %v, %+v", fresh, again)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if e, err := s.Event(waiting.ID); err != nil || e.Body != "{2}" {
			t.Errorf("an event that waits was emptied: %+v, %v", e, err)
		}
	})
}

// TestNeeded: a runner must keep what is to be read or tested, however old.
func TestNeeded(t *testing.T) {
	eachAt(t, func(t *testing.T, s *models.Store, _ *time.Time) {
		addLogs(t, s)
		due := func() (needed map[string]bool) {
			counts, err := s.JobCounts()
			if err != nil || len(counts) != 1 || counts[0].Jobs != 2 {
				t.Fatalf("%+v, %v", counts, err)
			}
			if needed, err = s.Needed(append(markers(t, s), "nobody-knows-it")); err != nil {
				t.Fatal(err)
			}
			return needed
		}
		if got := due(); len(got) != 14 || got["nobody-knows-it"] {
			t.Errorf("before the builds are released: %v", got)
		}
		err := s.Tx(context.Background(), func(tx *models.Tx) error {
			for _, build := range builds(t, s) {
				if err := tx.ReleaseBuild(build); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := due(); len(got) != 2 {
			t.Errorf("only what is still to be read is needed: %v", got)
		}
	})
}

// builds lists all builds of addLogs.
func builds(t *testing.T, s *models.Store) (list []id.ID) {
	t.Helper()
	for _, job := range jobsOf(t, s) {
		if !slices.Contains(list, job.BuildID) {
			list = append(list, job.BuildID)
		}
	}
	return list
}

func markers(t *testing.T, s *models.Store) (list []string) {
	t.Helper()
	for _, job := range jobsOf(t, s) {
		list = append(list, job.Marker)
	}
	return list
}

func jobsOf(t *testing.T, s *models.Store) (list []models.Job) {
	t.Helper()
	tree, err := s.TreeByName("linux")
	if err != nil {
		t.Fatal(err)
	}
	checkouts, err := s.CheckoutsOfBranch(tree.ID, "main", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checkouts {
		jobs, err := s.JobsOfCheckout(c.ID)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, jobs...)
	}
	return list
}
