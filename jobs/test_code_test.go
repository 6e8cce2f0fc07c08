package jobs_test

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"drover/clients/git"
	"drover/jobs"
	"drover/models"
	"drover/models/modelstest"
	"drover/models/report"
	"drover/rules/notice"
	"drover/rules/status"
	"drover/rules/verdict"
)

// push makes a commit, lets the tree's remote be looked at, and waits for the
// one result of the commit's checkout, judged.
func (s *system) push(t *testing.T, repo *git.Repo, tree models.Tree, files map[string]string) (models.Checkout, models.Result) {
	t.Helper()
	sha, err := repo.CommitFiles(t.Context(), git.Change{
		Files: files, Author: "Asha Rao <asha@example.org>", Message: "a change", When: time.Unix(1_790_000_000, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	sources, err := s.store.TreeSources(tree.ID)
	if err != nil {
		t.Fatal(err)
	}
	err = s.store.Tx(context.Background(), func(tx *models.Tx) error { return tx.Want(jobs.RemotePoll, sources[0].RemoteID, tx.Now) })
	if err != nil {
		t.Fatal(err)
	}
	var checkout models.Checkout
	await(t, time.Minute, "a verdict", func() bool {
		checkouts, err := s.store.CheckoutsOfCommit(tree.ID, sha)
		if err != nil {
			t.Fatal(err)
		}
		if len(checkouts) > 0 {
			checkout = checkouts[0]
		}
		return checkout.State == models.CheckoutFinished
	})
	results, err := s.store.Results(checkout.ID)
	if err != nil || len(results) == 0 {
		t.Fatalf("results %v, %v", results, err)
	}
	return checkout, results[len(results)-1]
}

// A result keeps the revision of its test's code; a failure says when that
// changed, in the result and in the report.
func TestRevisionOfTheTest(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and tests four commits on each database")
	}
	for _, on := range []struct {
		name  string
		store func(*testing.T) func(models.Options) *models.Store
	}{
		{"sqlite", func(t *testing.T) func(models.Options) *models.Store {
			return func(o models.Options) *models.Store { return modelstest.SQLite(t, o) }
		}},
		{"postgres", func(t *testing.T) func(models.Options) *models.Store {
			return func(o models.Options) *models.Store { return modelstest.Postgres(t, o) }
		}},
	} {
		t.Run(on.name, func(t *testing.T) {
			s := newSystem(t, on.store(t), "")
			repo, err := git.InitRepo(t.Context(), filepath.Join(s.data, "sample", "linux.git"))
			if err != nil {
				t.Fatal(err)
			}
			const script = "exit $(cat kernel/state)\n"
			tests := map[string]models.Test{"net": {Command: "sh tests/net.sh", Format: "exit", TimeoutS: 60}}
			tree := onboard(t, s, repo.Dir, "true", tests)
			revisions := map[string]string{}
			for _, step := range []struct {
				why     string
				files   map[string]string
				shown   status.Shown
				changed bool
			}{
				{"first", map[string]string{"tests/net.sh": script, "kernel/state": "0\n"}, "", false},
				{"the test", map[string]string{"tests/net.sh": "exit 1\n"}, status.New, true},
				{"back", map[string]string{"tests/net.sh": script}, status.Fixed, true},
				{"the kernel", map[string]string{"kernel/state": "1\n"}, status.New, false},
			} {
				checkout, result := s.push(t, repo, tree, step.files)
				if result.Shown != step.shown || verdict.SaysTestChanged(result.Note) != step.changed {
					t.Errorf("%s: shown %q, note %q; want %q, the test changed: %v", step.why, result.Shown, result.Note, step.shown, step.changed)
				}
				if told := s.toldOfTest(t, checkout); step.shown == status.New && told != step.changed {
					t.Errorf("%s: the report says that the test changed: %v", step.why, told)
				}
				revisions[step.why] = result.TestRevision
			}
			if !regexp.MustCompile(`^definition 1, code [0-9a-f]{12} of tests/net\.sh$`).MatchString(revisions["first"]) {
				t.Errorf("the revision of a test is %q", revisions["first"])
			}
			if revisions["first"] != revisions["back"] || revisions["back"] != revisions["the kernel"] || revisions["first"] == revisions["the test"] {
				t.Errorf("revisions %v: the same code has the same one, other code another", revisions)
			}
		})
	}
}

// toldOfTest tells whether the report of a checkout says of its failure that
// the test changed.
func (s *system) toldOfTest(t *testing.T, c models.Checkout) bool {
	t.Helper()
	facts, err := report.Facts(s.store.Query, s.worker.Blobs, jobs.Links{}, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range notice.Compose(facts).Failures {
		if strings.Contains(f.Before, verdict.TestChanged) {
			return true
		}
	}
	return false
}
