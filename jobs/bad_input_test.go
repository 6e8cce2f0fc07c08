package jobs_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drover/clients/git"
	"drover/jobs"
	"drover/models"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

// onboard stores a tree whose build is one command, and its tests.
func onboard(t *testing.T, s *system, url, build string, tests map[string]models.Test) models.Tree {
	t.Helper()
	settings, err := json.Marshal(recipe.Command{Command: build, Format: recipe.Exit})
	if err != nil {
		t.Fatal(err)
	}
	var tree models.Tree
	err = s.store.Tx(context.Background(), func(tx *models.Tx) error {
		var remote models.Remote
		tree, remote, err = tx.AddTree(models.NewTree{
			Tree: models.Tree{Name: "bad", State: status.TreeLive, Policy: "tip", UnclearShare: 0.2, DeadlineS: 3600},
			URL:  url, Branches: []string{"main"},
			Builds: []models.TreeBuild{{Arch: "x86_64", Config: "defconfig", Recipe: recipe.NameCommand, Settings: string(settings)}},
		})
		if err != nil {
			return err
		}
		for path, test := range tests {
			test.Path, test.Recipe, test.State = path, recipe.NameCommand, cmp.Or(test.State, status.TestReporting)
			if _, err := tx.AddTest(test, []id.ID{tree.ID}); err != nil {
				return err
			}
		}
		return tx.Want(jobs.RemotePoll, remote.ID, tx.Now)
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestBadRemotes: whatever is wrong with a remote stands on it, in words, and
// Drover goes on asking.
func TestBadRemotes(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<html>welcome</html>")
	}))
	defer page.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, c := range []struct{ why, url, want string }{
		{"nobody listens", closed.URL + "/linux.git", "refused"},
		{"a web page", page.URL + "/linux.git", "web page"},
		{"a private network", "https://10.1.2.3/linux.git", "DROVER_ALLOW_PRIVATE_REMOTES"},
		{"a folder of this machine", "/etc", "paths on the server"},
	} {
		t.Run(c.why, func(t *testing.T) {
			s := newSystem(t, func(o models.Options) *models.Store { return modelstest.SQLite(t, o) }, "")
			s.git.AllowPrivate = !strings.Contains(c.why, "private")
			tree := onboard(t, s, c.url, "true", nil)
			sources, err := s.store.TreeSources(tree.ID)
			if err != nil {
				t.Fatal(err)
			}
			await(t, 30*time.Second, "the error", func() bool {
				remote, err := s.store.Remote(sources[0].RemoteID)
				if err != nil {
					t.Fatal(err)
				}
				if remote.Error != "" && !strings.Contains(remote.Error, c.want) {
					t.Fatalf("the remote says %q, want %q in it", remote.Error, c.want)
				}
				return remote.Error != ""
			})
			step, err := s.store.Step(jobs.RemotePoll, sources[0].RemoteID)
			if err != nil || step.ParkedAt != nil {
				t.Errorf("Drover does not go on asking: %+v, %v", step, err)
			}
		})
	}
}

// TestBadTests: a test that misbehaves gets a status and a reason, and its
// neighbours their results.
func TestBadTests(t *testing.T) {
	if testing.Short() {
		t.Skip("runs jobs into their limits")
	}
	s := newSystem(t, func(o models.Options) *models.Store { return modelstest.SQLite(t, o) }, "")
	repo, err := git.InitRepo(t.Context(), filepath.Join(s.data, "sample", "linux.git"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.CommitFiles(t.Context(), git.Change{
		Files: map[string]string{"Makefile": "all:\n\ttrue\n"}, Author: "Asha Rao <asha@example.org>", Message: "one", When: time.Unix(1_790_000_000, 0),
	}); err != nil {
		t.Fatal(err)
	}
	wants := map[string]struct {
		test   models.Test
		status status.Status
		reason string
	}{
		"good":         {models.Test{Command: "echo TAP version 13; echo 1..1; echo ok 1 a", Format: "tap", TimeoutS: 60}, status.Pass, ""},
		"no-command":   {models.Test{Command: "./nosuch", Format: "ktap", TimeoutS: 60}, status.Error, "not found"},
		"endless":      {models.Test{Command: "yes drover", Format: "ktap", TimeoutS: 60}, status.Error, "output"},
		"binary":       {models.Test{Command: "head -c 100000 /dev/urandom; echo; echo TAP version 13; echo 1..1; echo ok 1 a", Format: "tap", TimeoutS: 60}, status.Pass, ""},
		"never-ends":   {models.Test{Command: "echo KTAP version 1; echo 1..2; echo ok 1 a; sleep 1000", Format: "ktap", TimeoutS: 1}, status.Error, "longer than 1s"},
		"says-nothing": {models.Test{Command: "true", Format: "ktap", TimeoutS: 60}, status.Error, "must print KTAP"},
		"exit-status":  {models.Test{Command: "exit 3", Format: "exit", TimeoutS: 60}, status.Fail, "3"},
		"skips-itself": {models.Test{Command: "exit 4", Format: "exit", TimeoutS: 60}, status.Skip, "skipped itself"},
	}
	tests := map[string]models.Test{}
	for path, w := range wants {
		tests[path] = w.test
	}
	tree := onboard(t, s, repo.Dir, "make", tests)
	var checkout models.Checkout
	await(t, 3*time.Minute, "a verdict", func() bool {
		checkouts, err := s.store.CheckoutsOfBranch(tree.ID, "main", 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(checkouts) > 0 {
			checkout = checkouts[0]
		}
		return checkout.State == models.CheckoutFinished
	})
	results, err := s.store.Results(checkout.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if !r.Final {
			continue
		}
		test, err := s.store.Test(r.TestID)
		if err != nil {
			t.Fatal(err)
		}
		want := wants[test.Path]
		if r.Status != want.status || !strings.Contains(strings.ToLower(r.Reason), strings.ToLower(want.reason)) {
			t.Errorf("%s: %s, reason %q; want %s with %q", test.Path, r.Status, r.Reason, want.status, want.reason)
		}
		delete(wants, test.Path)
	}
	if len(wants) > 0 {
		t.Errorf("no result of %v", wants)
	}
}
