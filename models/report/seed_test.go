package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"drover/formats/consolelog"
	"drover/models"
	"drover/models/blob"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/verdict"
)

// now is the time of all stores in these tests, pushed that of both pushes.
var (
	now    = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	pushed = now.Add(-time.Hour)
)

// names are the addresses of a report: each object under the name that the
// test gave it, so that expectations can be read.
type names map[id.ID]string

func (n names) Checkout(checkout id.ID) string { return "https://ci.example.org/c/" + n[checkout] }
func (n names) Result(result id.ID, line int64) string {
	return fmt.Sprintf("https://ci.example.org/r/%s#%d", n[result], line)
}
func (n names) Build(build id.ID) string       { return "https://ci.example.org/b/" + n[build] }
func (n names) BuildConfig(build id.ID) string { return n.Build(build) + "/config" }

// attempt is how a test ran once.
type attempt struct {
	test   string
	number int64
	last   bool
	status status.Status
	shown  status.Shown
	host   string
	error  string // its first error, in line 6 of its log
	lost   bool   // its log is gone
	back   int64  // how far the comparison went back
	reason string
}

// before and after are the two checkouts of the seeded store.
var (
	before = []attempt{
		{test: "alpha", number: 1, last: true, status: status.Pass, host: "lab-1"},
		{test: "beta", number: 1, last: true, status: status.Fail, host: "lab-1", error: "beta: no"},
		{test: "gamma", number: 1, last: true, status: status.Pass, host: "lab-1"},
	}
	after = []attempt{
		{test: "alpha", number: 1, status: status.Fail, host: "lab-1", error: "alpha: oops"},
		{test: "beta", number: 1, last: true, status: status.Fail, shown: status.StillFailing, host: "lab-1", error: "beta: no", lost: true, back: 1},
		{test: "gamma", number: 1, status: status.Fail, host: "lab-1", error: "gamma: moody"},
		{test: "delta", number: 1, last: true, status: status.Error, host: "lab-3", reason: "the disk was full"},
		{test: "epsilon", number: 1, last: true, status: status.Miss, reason: "the build ended without it"},
		{test: "zeta", number: 1, last: true, status: status.Skip, host: "lab-1", reason: "needs root"},
		{test: "eta", number: 1, last: true, status: status.Fail, shown: status.Trial, host: "lab-1", error: "eta: slow"},
		{test: "suite/one", number: 1, last: true, status: status.Fail, shown: status.FirstRun, host: "lab-1", error: "suite: one"},
		{test: "alpha", number: 2, last: true, status: status.Fail, shown: status.New, host: "lab-2", error: "alpha: oops", back: 3},
		{test: "gamma", number: 2, last: true, status: status.Pass, shown: status.Flaky, host: "lab-2"},
	}
)

// world is a small store: a tree, a checkout that was judged, and the next one.
type world struct {
	t     *testing.T
	s     *models.Store
	blobs *blob.Store
	names names
	tree  models.Tree
	tests map[string]models.Test
	jobs  map[string]models.Job // by the name of what they ran
	old   models.Checkout
	fresh models.Checkout
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	o := models.Options{Now: func() time.Time { return now }}
	t.Run("sqlite", func(t *testing.T) { test(t, seeded(t, modelstest.SQLite(t, o))) })
	t.Run("postgres", func(t *testing.T) { test(t, seeded(t, modelstest.Postgres(t, o))) })
}

// quick runs on SQLite alone: for what does not depend on the database.
func quick(t *testing.T) *world {
	t.Helper()
	return seeded(t, modelstest.SQLite(t, models.Options{Now: func() time.Time { return now }}))
}

func seeded(t *testing.T, s *models.Store) *world {
	t.Helper()
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, s: s, blobs: blobs, names: names{}, tests: map[string]models.Test{}, jobs: map[string]models.Job{}}
	w.tx(w.addTree)
	w.tx(func(tx *models.Tx) (err error) {
		w.old, err = w.addCheckout(tx, "old", before)
		return err
	})
	w.tx(func(tx *models.Tx) (err error) {
		w.fresh, err = w.addCheckout(tx, "new", after)
		return err
	})
	return w
}

func (w *world) tx(fn func(*models.Tx) error) {
	w.t.Helper()
	if err := w.s.Tx(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) addTree(tx *models.Tx) (err error) {
	w.tree, _, err = tx.AddTree(models.NewTree{
		Tree: models.Tree{Name: "net-next", State: status.TreeLive, Policy: "tip"},
		URL:  "https://git.example.org/net-next.git", Branches: []string{"main"},
	})
	if err != nil {
		return err
	}
	for _, path := range []string{"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "suite"} {
		w.tests[path], err = tx.AddTest(models.Test{
			Path: path, Recipe: "command", Command: "./" + path + ".sh", Format: "ktap", EachCase: path == "suite", TimeoutS: 60,
		}, []id.ID{w.tree.ID})
		if err != nil {
			return err
		}
	}
	cases, err := tx.EnsureCases(w.tests["suite"], []string{"suite/one"})
	w.tests["suite/one"] = cases["suite/one"]
	return err
}

func (w *world) addCheckout(tx *models.Tx, name string, attempts []attempt) (models.Checkout, error) {
	event, _, err := tx.AddEvent(models.Event{Source: "git", Dedup: name, TreeID: w.tree.ID, Body: "{}"}, "event.read")
	if err != nil {
		return models.Checkout{}, err
	}
	sha := strings.Repeat(map[string]string{"old": "a", "new": "b"}[name], 40)
	known, err := tx.AddCommits([]models.NewCommit{{Commit: models.Commit{SHA: sha, Subject: name, CommittedAt: &pushed}}})
	if err != nil {
		return models.Checkout{}, err
	}
	c, _, err := tx.EnsureCheckout(models.Checkout{
		TreeID: w.tree.ID, Branch: "main", CommitID: known[sha].ID, SHA: sha, Lane: status.Baseline, Source: "git", EventID: event.ID,
		Describe: "v6.12-" + name, Subject: "net: " + name, State: models.CheckoutRunning, PushedAt: pushed,
	})
	if err != nil {
		return c, err
	}
	w.names[c.ID] = name
	good, err := w.addBuilds(tx, c)
	if err != nil {
		return c, err
	}
	for _, a := range attempts {
		if err := w.addResult(tx, good, a); err != nil {
			return c, err
		}
	}
	return c, w.judge(tx, &c)
}

// judge stores a verdict as jobs would have.
func (w *world) judge(tx *models.Tx, c *models.Checkout) error {
	finished := pushed.Add(50 * time.Minute)
	counts, err := json.Marshal(verdict.Counts{New: 1, Fixed: 2})
	c.State, c.Verdict, c.VerdictText, c.Counts = models.CheckoutFinished, status.NewFailures, "1 new failure", string(counts)
	c.FinishedAt = &finished
	if c.PreviousID != nil {
		c.ComparedID, c.ComparedBack = c.PreviousID, 4
	}
	if err != nil {
		return err
	}
	return tx.SetVerdict(*c)
}

// addBuilds stores one that works, for the results, and one that breaks in its
// second try.
func (w *world) addBuilds(tx *models.Tx, c models.Checkout) (good models.Build, err error) {
	started, ended := pushed.Add(time.Minute), pushed.Add(3*time.Minute)
	builds := []models.Build{
		{Arch: "x86_64", Status: status.Pass, Attempt: 1, StartedAt: &started, FinishedAt: &ended},
		{Arch: "arm64", Status: status.Fail, Shown: status.New, Attempt: 2, FailingFor: 1, Reason: "ended with exit status 2", FirstError: "net/a.c:1: error: oops", FirstErrorLine: 6},
	}
	for i := range builds {
		builds[i].CheckoutID, builds[i].Config, builds[i].Compiler, builds[i].CompilerVersion = c.ID, "defconfig", "gcc", "gcc 14.2.1"
		builds[i].Recipe, builds[i].Settings = "kbuild", `{"arch":"`+builds[i].Arch+`","compiler":"gcc"}`
	}
	if err := tx.AddBuilds(builds); err != nil {
		return good, err
	}
	for _, b := range builds {
		w.names[b.ID] = w.names[c.ID] + "/" + b.Arch
	}
	if _, err := w.addJob(tx, models.Job{Kind: models.JobBuild, CheckoutID: c.ID, BuildID: builds[1].ID, Attempt: 1}, "first try"); err != nil {
		return good, err
	}
	last, err := w.addJob(tx, models.Job{Kind: models.JobBuild, CheckoutID: c.ID, BuildID: builds[1].ID, Attempt: 2}, builds[1].FirstError)
	w.jobs[w.names[builds[1].ID]] = last
	return builds[0], err
}

func (w *world) addResult(tx *models.Tx, b models.Build, a attempt) error {
	test := w.tests[a.test]
	started, ended := pushed.Add(10*time.Minute), pushed.Add(20*time.Minute)
	scenario := id.Scenario{Test: a.test, Tree: "net-next", Branch: "main", Arch: b.Arch, Config: b.Config, Compiler: b.Compiler}
	r := models.Result{
		CheckoutID: b.CheckoutID, BuildID: b.ID, TestID: test.ID, RunTestID: test.ID, Scenario: scenario.Key(), Lane: status.Baseline,
		Attempt: a.number, Final: a.last, Status: a.status, Shown: a.shown, Host: a.host, Reason: a.reason, FirstError: a.error,
		BaseBack: a.back, FailingFor: a.back, StartedAt: &started, FinishedAt: &ended, DurationMS: 1500,
	}
	if test.ParentID != nil {
		r.RunTestID = *test.ParentID
	}
	if a.error != "" {
		r.FirstErrorLine = 6
	}
	name := fmt.Sprintf("%s/%s.%d", w.names[b.CheckoutID], a.test, a.number)
	if a.status != status.Miss {
		job, err := w.addJob(tx, models.Job{Kind: models.JobTest, CheckoutID: b.CheckoutID, BuildID: b.ID, TestID: &r.RunTestID, Attempt: a.number}, a.error)
		if err != nil {
			return err
		}
		r.JobID, w.jobs[name] = &job.ID, job
		if a.lost {
			if err := w.blobs.Remove(key(job)); err != nil {
				return err
			}
		}
	}
	rows := []models.Result{r}
	err := tx.AddResults(w.tree.ID, b.Arch, rows)
	w.names[rows[0].ID] = name
	return err
}

// log is what a job writes: what went wrong stands in line 6.
func log(text string) string {
	return "one\n" + consolelog.SectionStart("run") + "three\nfour\n\x1b[31mfive\x1b[0m\n" + text + "\nseven\n" +
		consolelog.SectionEnd("run", 1.5, "exit") + "nine\n"
}

// shown is how an excerpt shows that log: without the runner's own lines.
func shown(text string) []string {
	return []string{"three", "four", "five", text, "seven", "nine"}
}

func key(job models.Job) string { return "job/" + job.ID.String() + "/log" }

// logName is what the log of a job is called.
func logName(job models.Job) string {
	return map[string]string{models.JobBuild: "build.log", models.JobTest: "console.log"}[job.Kind]
}

// addJob stores a job with its log.
func (w *world) addJob(tx *models.Tx, j models.Job, text string) (models.Job, error) {
	j.State = models.JobCollected
	j, err := tx.AddJob(j)
	if err != nil {
		return j, err
	}
	if err := w.storeLog(key(j), log(text)); err != nil {
		return j, err
	}
	return j, tx.AddFile(models.File{OwnerKind: "job", OwnerID: j.ID, Name: logName(j), Blob: key(j)})
}

func (w *world) storeLog(key, text string) error {
	index, err := consolelog.Index(strings.NewReader(text), consolelog.Options{})
	if err != nil {
		return err
	}
	side, err := json.Marshal(index)
	if err != nil {
		return err
	}
	if _, err := w.blobs.Put(context.Background(), key, strings.NewReader(text)); err != nil {
		return err
	}
	_, err = w.blobs.Put(context.Background(), key+".idx", bytes.NewReader(side))
	return err
}
