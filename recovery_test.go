package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"drover/clients/git"
	"drover/clients/local"
	"drover/clients/mail/mailtest"
	"drover/jobs"
	"drover/models"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

// killsWanted is how often processes die in each of the two tests below.
const killsWanted = 100

// built is the folder of the program once a test has asked for it.
var built string

// binary builds the program once for all tests that start it.
var binary = sync.OnceValues(func() (string, error) {
	var err error
	if built, err = os.MkdirTemp("", "drover-test-"); err != nil {
		return "", err
	}
	name := filepath.Join(built, "drover")
	build := exec.Command("go", "build", "-o", name, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return name, nil
})

// TestMain makes the test binary the supervisor of its own jobs, as main does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "shim" {
		os.Exit(local.Shim(os.Args[2:]))
	}
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built) // a leftover in the temporary folder harms nobody
	}
	os.Exit(code)
}

// world is a git repository, a mail server and an installation of Drover.
type world struct {
	t     *testing.T
	repo  *git.Repo
	mails *mailtest.Server
	data  string
	env   []string
	store models.Options
	wait  sync.WaitGroup

	mu        sync.Mutex // of what follows
	kills     int
	stopped   bool
	processes []*exec.Cmd
}

// makefile builds in no time and has a test that fails in two of three commits.
const makefile = "VERSION = 6\nall:\n\t@echo built > $(OUTPUT)/image\n"

// files are the content of the n-th commit, from 0.
func files(n int) map[string]string {
	broken := "true"
	if n%3 != 0 {
		broken = "false"
	}
	return map[string]string{
		"Makefile": makefile, "Kconfig": "config X\n",
		"steady.sh": "echo KTAP version 1; echo 1..1; echo ok 1 steady\n",
		"moody.sh":  "echo KTAP version 1; echo 1..1; if " + broken + "; then echo ok 1 moody; else echo not ok 1 moody; exit 1; fi\n",
		"flaky.sh":  "echo KTAP version 1; echo 1..1; if [ $DROVER_ATTEMPT = 2 ]; then echo ok 1 flaky; else echo not ok 1 flaky; exit 1; fi\n",
		"number":    fmt.Sprintln(n),
	}
}

// expected is what the n-th commit has to show, in words.
func expected(n int) []string {
	verdict, moody := "ok", "fail still_failing"
	switch n % 3 {
	case 0:
		moody = "pass fixed"
		if n == 0 {
			moody = "pass "
		}
	case 1:
		verdict, moody = "new", "fail new"
	}
	return []string{"verdict " + verdict, "flaky pass flaky", "moody " + moody, "steady pass "}
}

func newWorld(t *testing.T, store models.Options) *world {
	t.Helper()
	w := &world{t: t, data: t.TempDir(), store: store}
	var err error
	if w.mails, err = mailtest.Start(mailtest.Script{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.mails.Close() })
	if w.repo, err = git.InitRepo(t.Context(), filepath.Join(t.TempDir(), "linux.git")); err != nil {
		t.Fatal(err)
	}
	w.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "DROVER_DATA=" + w.data, "DROVER_LISTEN=127.0.0.1:0",
		"DROVER_ENVIRONMENT=production", "DROVER_POLL=1s", "DROVER_LEASE=1s", "DROVER_ALLOW_LOCAL_REMOTES=true",
		"DROVER_SMTP=" + w.mails.Addr, "DROVER_SMTP_TLS=none", "DROVER_MAIL_FROM=Drover <drover@ci.example.org>",
		"DROVER_LOG_LEVEL=error", "DROVER_SLOTS=2",
	}
	w.onboard()
	t.Cleanup(w.stop)
	return w
}

// onboard stores the tree and its tests, before any process runs.
func (w *world) onboard() {
	w.t.Helper()
	s, err := models.Open(w.t.Context(), w.store)
	if err != nil {
		w.t.Fatal(err)
	}
	settings, err := json.Marshal(recipe.Command{Command: "make", Format: recipe.Exit})
	if err != nil {
		w.t.Fatal(err)
	}
	err = s.Tx(w.t.Context(), func(tx *models.Tx) error {
		tree, _, err := tx.AddTree(models.NewTree{
			Tree: models.Tree{
				Name: "linux", State: status.TreeLive, Policy: "every", UnclearShare: 0.2, DeadlineS: 3600, MailPass: true,
				MailTo: "asha@example.org\nlist kernel@lists.example.org",
			},
			URL: w.repo.Dir, Branches: []string{"main"},
			Builds: []models.TreeBuild{{Arch: "x86_64", Config: "defconfig", Recipe: recipe.NameCommand, Settings: string(settings)}},
		})
		if err != nil {
			return err
		}
		for _, name := range []string{"steady", "moody", "flaky"} {
			_, err := tx.AddTest(models.Test{
				Path: name, Command: "sh " + name + ".sh", Recipe: recipe.NameCommand, Format: "ktap", TimeoutS: 60, State: status.TestReporting,
			}, []id.ID{tree.ID})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// run keeps a process alive: each time it is killed, it is started again with
// the next seed.
func (w *world) run(seed int, kill bool, command string) {
	name, err := binary()
	if err != nil {
		w.t.Fatal(err)
	}
	w.wait.Go(func() {
		for life := 0; ; life++ {
			process := exec.Command(name, command)
			process.Env = w.env
			if kill {
				process.Env = append(slices.Clone(w.env), fmt.Sprintf("DROVER_KILL=%d/25", seed*1000+life))
			}
			var said strings.Builder
			process.Stdout, process.Stderr = io.Discard, &said
			if !w.start(process) {
				return
			}
			err := process.Wait()
			w.mu.Lock()
			stopped := w.stopped
			if err != nil && strings.Contains(err.Error(), "killed") {
				w.kills++
			}
			w.mu.Unlock()
			if stopped {
				return
			}
			if err == nil || !strings.Contains(err.Error(), "killed") {
				w.t.Errorf("%s ended by itself: %v %s", command, err, said.String())
				return
			}
		}
	})
}

// start starts a process unless the world has been stopped, and stops it then.
func (w *world) start(process *exec.Cmd) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return false
	}
	if err := process.Start(); err != nil {
		w.t.Error(err)
		return false
	}
	w.processes = append(w.processes, process)
	return true
}

func (w *world) killed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.kills
}

// push makes the n-th commit and waits for its verdict.
func (w *world) push(s *models.Store, n int) models.Checkout {
	w.t.Helper()
	sha, err := w.repo.CommitFiles(w.t.Context(), git.Change{
		Files: files(n), Author: "Asha Rao <asha@example.org>", Message: fmt.Sprintf("commit %d", n),
		When: time.Date(2026, 11, 1, 0, n, 0, 0, time.UTC),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	deadline := time.After(3 * time.Minute)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		tree, err := s.TreeByName("linux")
		if err != nil {
			w.t.Fatal(err)
		}
		checkouts, err := s.CheckoutsOfCommit(tree.ID, sha)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(checkouts) > 0 && checkouts[0].State == models.CheckoutFinished && w.told(s, checkouts[0]) {
			return checkouts[0]
		}
		select {
		case <-deadline:
			w.t.Fatalf("commit %d has no verdict after %d kills: %+v", n, w.killed(), checkouts)
		case <-ticker.C:
		}
	}
}

// told tells whether every delivery of a checkout is on its way no more.
func (w *world) told(s *models.Store, c models.Checkout) bool {
	deliveries, err := s.Deliveries(c.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(deliveries) > 0 && !slices.ContainsFunc(deliveries, func(d models.Delivery) bool {
		return d.State == models.DeliveryWaiting
	})
}

// shown is what a checkout shows, in words, without what may differ.
func (w *world) shown(s *models.Store, c models.Checkout) []string {
	w.t.Helper()
	words := []string{"verdict " + string(c.Verdict)}
	results, err := s.Results(c.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range results {
		if !r.Final {
			continue
		}
		test, err := s.Test(r.TestID)
		if err != nil {
			w.t.Fatal(err)
		}
		words = append(words, fmt.Sprintf("%s %s %s", test.Path, r.Status, r.Shown))
	}
	slices.Sort(words[1:])
	return words
}

// stop ends all processes and waits for them.
func (w *world) stop() {
	w.mu.Lock()
	w.stopped = true
	for _, p := range w.processes {
		_ = p.Process.Kill() // it may have ended by itself
	}
	w.mu.Unlock()
	w.wait.Wait()
}

// recover pushes commits until enough processes have died, and checks that
// each commit shows exactly what it would have without.
func (w *world) recover(midway func(n int)) {
	w.t.Helper()
	o := w.store
	o.ReadOnly = true
	s, err := models.Open(w.t.Context(), o)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	commits := 0
	var statistics models.Tally
	for ; w.killed() < killsWanted && commits < 60; commits++ {
		midway(commits)
		c := w.push(s, commits)
		if diff := cmp.Diff(expected(commits), w.shown(s, c)); diff != "" {
			w.t.Errorf("commit %d after %d kills (-want +got):\n%s", commits, w.killed(), diff)
		}
		statistics.Passed += 2
		statistics.Flaky++
		statistics.Retried++
		if commits%3 == 0 {
			statistics.Passed++
		} else {
			statistics.Failed++
			statistics.Retried++
		}
	}
	w.check(s, statistics)
	w.t.Logf("measured: %d kills over %d commits, nothing lost and nothing doubled", w.killed(), commits)
	if w.killed() < killsWanted {
		w.t.Errorf("only %d kills", w.killed())
	}
}

// check compares the statistics, and the mails that arrived with those stored.
func (w *world) check(s *models.Store, want models.Tally) {
	w.t.Helper()
	tree, err := s.TreeByName("linux")
	if err != nil {
		w.t.Fatal(err)
	}
	rows, err := s.RollupOfTrees([]id.ID{tree.ID}, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	var got models.Tally
	for _, row := range rows {
		got.Passed += row.Passed
		got.Failed += row.Failed
		got.Infra += row.Infra
		got.Missing += row.Missing
		got.Skipped += row.Skipped
		got.Retried += row.Retried
		got.Flaky += row.Flaky
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("statistics (-want +got):\n%s", diff)
	}
	stored, err := s.Mails(0, 10_000)
	if err != nil {
		w.t.Fatal(err)
	}
	wanted := map[string]bool{}
	for _, m := range stored {
		wanted[m.MessageID] = true
	}
	arrived := map[string]bool{}
	for _, message := range w.mails.MessageIDs() {
		arrived[strings.Trim(message, "<>")] = true
	}
	if diff := cmp.Diff(wanted, arrived); diff != "" {
		w.t.Errorf("Message-IDs of stored and of arrived mails (-stored +arrived):\n%s", diff)
	}
}

// TestRecoveryOfServe kills the one process of a single machine.
func TestRecoveryOfServe(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for minutes")
	}
	folder := t.TempDir()
	w := newWorld(t, models.Options{Path: filepath.Join(folder, "drover.db")})
	w.env = append(w.env, "DROVER_DATA="+folder)
	w.run(1, true, "serve")
	w.recover(func(int) {})
}

// double stores the newest push once more, as a remote that repeats itself
// would: under another key, so that only the checkout itself can tell.
func double(t *testing.T, s *models.Store) {
	t.Helper()
	tree, err := s.TreeByName("linux")
	if err != nil {
		t.Fatal(err)
	}
	events, err := s.Events(tree.ID, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) == 0 {
		return
	}
	again := events[0]
	again.Dedup += " again"
	again.DecidedAt, again.Decision, again.Reason = nil, "", ""
	err = s.Tx(t.Context(), func(tx *models.Tx) error {
		_, _, err := tx.AddEvent(again, jobs.EventRead)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRecoveryOfWorkers kills two workers on PostgreSQL and Redis, beside the
// pages of the Procfile, empties the queue and doubles events again and again.
func TestRecoveryOfWorkers(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes for minutes")
	}
	address := os.Getenv("DROVER_TEST_REDIS")
	if address == "" {
		t.Skip("no Redis: set DROVER_TEST_REDIS, or run `make test`, which starts one")
	}
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	queue := redis.NewClient(options)
	t.Cleanup(func() { _ = queue.Close() })
	database := modelstest.PostgresURL(t)
	w := newWorld(t, models.Options{URL: database})
	w.env = append(w.env, "DATABASE_URL="+database, "REDIS_URL="+address)
	w.run(10, false, "web")
	w.run(20, true, "worker")
	w.run(30, true, "worker")
	s, err := models.Open(t.Context(), models.Options{URL: database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w.recover(func(n int) {
		if err := queue.FlushDB(context.Background()).Err(); err != nil {
			t.Fatal(err)
		}
		double(t, s)
	})
}
