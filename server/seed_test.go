package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"drover/formats/consolelog"
	"drover/models"
	"drover/models/blob"
	"drover/models/modelstest"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/status"
	"drover/rules/verdict"
	"drover/server"
)

const (
	host    = "127.0.0.1:8080"
	token   = "0123456789abcdef0123456789abcdef01234567"
	hostile = `<script>alert("x")</script>&'`
	person  = "asha@example.com"
)

// now is the time of all stores in these tests.
var now = time.Date(2026, 11, 27, 10, 42, 30, 0, time.UTC)

// world is a small store with one of everything, and the site on it.
type world struct {
	t        *testing.T
	s        *models.Store
	blobs    *blob.Store
	keys     *models.Keys
	settings server.Settings
	handler  http.Handler
	log      *bytes.Buffer
	registry *prometheus.Registry
	queue    *queue
	live     *server.Live          // nil without live updates
	free     func() (int64, error) // on the disk; nil is not asked

	tree      models.Tree
	quiet     models.Tree // no checkout yet; its remote does not answer
	old       models.Checkout
	newest    models.Checkout // finished, two new failures
	running   models.Checkout
	build     models.Build
	failed    models.Result // the second attempt at the first new failure
	suite     models.Result // with subresults
	job       models.Job
	mail      models.Mail
	link      string // unsubscribe token
	event     models.Event
	tests     map[string]models.Test
	scenarios map[string]int64
}

type queue struct{ err error }

func (q *queue) Ping(context.Context) error { return q.err }

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	o := models.Options{Now: func() time.Time { return now }}
	t.Run("sqlite", func(t *testing.T) { test(t, seeded(t, modelstest.SQLite(t, o))) })
	t.Run("postgres", func(t *testing.T) { test(t, seeded(t, modelstest.Postgres(t, o))) })
}

// quick runs a test on SQLite alone: for what does not depend on the database.
func quick(t *testing.T) *world {
	t.Helper()
	return seeded(t, modelstest.SQLite(t, models.Options{Now: func() time.Time { return now }}))
}

func writableSettings() server.Settings {
	return server.Settings{
		URL: "https://ci.example.org", Version: "test", Environment: "development", Token: token, Writable: true,
		Hosts: []string{host, "localhost:8080"}, MailFrom: "Drover <drover@ci.example.org>", Poll: 2 * time.Minute,
	}
}

func seeded(t *testing.T, s *models.Store) *world {
	t.Helper()
	blobs, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, s: s, blobs: blobs, keys: models.FileKeys(filepath.Join(t.TempDir(), "secret.key")), queue: &queue{}, tests: map[string]models.Test{}, scenarios: map[string]int64{}}
	w.serve(writableSettings())
	w.tx(w.trees)
	w.old = w.checkout(1, models.CheckoutFinished)
	w.newest = w.checkout(2, models.CheckoutFinished)
	w.running = w.checkout(3, models.CheckoutRunning)
	w.tx(w.reports)
	return w
}

// serve makes the site anew with other settings.
func (w *world) serve(settings server.Settings) {
	settings.DataDir = w.t.TempDir()
	w.settings, w.log, w.registry = settings, &bytes.Buffer{}, prometheus.NewRegistry()
	w.handler = server.New(server.Deps{
		Store: w.s, Blobs: w.blobs, Free: w.free, Queue: w.queue, Live: w.live, Metrics: w.registry, Keys: w.keys, Settings: settings, Log: slog.New(slog.NewJSONHandler(w.log, nil)),
	})
}

func (w *world) tx(fn func(*models.Tx) error) {
	w.t.Helper()
	if err := w.s.Tx(context.Background(), fn); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) trees(tx *models.Tx) error {
	var err error
	settings := `{"arch":"x86_64","compiler":"gcc","config_target":"defconfig"}`
	w.tree, _, err = tx.AddTree(models.NewTree{
		Tree: models.Tree{Name: "net-next", State: status.TreeLive, Policy: "tip", UnclearShare: 0.2, DeadlineS: 43200, Trusted: true, MailTo: person + "\nlist netdev@example.org"},
		URL:  "https://git.example.org/net-next.git", Branches: []string{"main", "for-*"},
		Builds: []models.TreeBuild{{Arch: "x86_64", Config: "defconfig", Compiler: "gcc", Recipe: "kbuild", Settings: settings}},
	})
	if err != nil {
		return err
	}
	var remote models.Remote
	w.quiet, remote, err = tx.AddTree(models.NewTree{
		Tree: models.Tree{Name: "quiet", State: status.TreePaused, Policy: "every"}, URL: "https://git.example.org/gone.git", Branches: []string{"master"},
	})
	if err != nil {
		return err
	}
	if err := tx.RemoteFailed(remote.ID, "transient", "fatal: unable to access: Could not resolve host"); err != nil {
		return err
	}
	for _, t := range []models.Test{
		{Path: "net/fib_tests.sh", State: status.TestReporting, Owner: "Tomas <tomas@example.org>", Description: "Routes " + hostile},
		{Path: "net/tls.sh", State: status.TestReporting}, {Path: "mm/ksm", State: status.TestBlocking}, {Path: "mm/slow", State: status.TestTrial},
		{Path: "fs/xfs", State: status.TestReporting}, {Path: "fs/ext4", State: status.TestReporting}, {Path: "fs/btrfs", State: status.TestReporting},
		{Path: "odd/" + strings.ReplaceAll(hostile, "/", "_"), State: status.TestReporting}, {Path: "kunit", State: status.TestReporting, EachCase: true, Recipe: "kunit-um"},
	} {
		if t.Recipe == "" {
			t.Recipe, t.Command = "command", "./run "+t.Path
		}
		t.Format, t.TimeoutS = "ktap", 600
		stored, err := tx.AddTest(t, []id.ID{w.tree.ID})
		if err != nil {
			return err
		}
		w.tests[t.Path] = stored
	}
	cases, err := tx.EnsureCases(w.tests["kunit"], []string{"kunit/list/add", "kunit/list/del"})
	for path, t := range cases {
		w.tests[path] = t
	}
	return err
}

func (w *world) scenario(test, config string) int64 {
	return id.Scenario{Test: test, Tree: "net-next", Branch: "main", Arch: "x86_64", Config: config, Compiler: "gcc"}.Key()
}

// outcome is how one test ends in one checkout.
type outcome struct {
	test   string
	status status.Status
	shown  status.Shown
	text   string
	tries  int
}

// outcomes are how the tests end, by the number of the checkout.
func outcomes(n int) []outcome {
	switch n {
	case 1:
		return []outcome{
			{"net/fib_tests.sh", status.Pass, "", "", 1}, {"net/tls.sh", status.Fail, status.FirstRun, "tls: bad record", 2}, {"mm/ksm", status.Pass, "", "", 1},
			{"mm/slow", status.Fail, status.Trial, "too slow", 1}, {"fs/xfs", status.Pass, "", "", 1}, {"fs/ext4", status.Pass, "", "", 1}, {"fs/btrfs", status.Pass, "", "", 1},
			{"odd/" + strings.ReplaceAll(hostile, "/", "_"), status.Pass, "", "", 1}, {"kunit/list/add", status.Pass, "", "", 1}, {"kunit/list/del", status.Pass, "", "", 1},
		}
	case 2:
		return []outcome{
			{"net/fib_tests.sh", status.Fail, status.New, "not ok 14 fib_nexthop_nongw", 2}, {"net/tls.sh", status.Pass, status.Fixed, "", 1}, {"mm/ksm", status.Pass, status.Flaky, "", 2},
			{"mm/slow", status.Fail, status.Trial, "too slow", 1}, {"fs/xfs", status.Error, "", "", 1}, {"fs/ext4", status.Cancelled, "", "", 1}, {"fs/btrfs", status.Skip, "", "", 1}, {"kunit", status.Done, "", "", 1},
			{"odd/" + strings.ReplaceAll(hostile, "/", "_"), status.Fail, status.New, "=HYPERLINK(" + hostile + ")", 1},
			{"kunit/list/add", status.Pass, "", "", 1}, {"kunit/list/del", status.Pass, "", "", 1},
		}
	}
	return []outcome{{"net/fib_tests.sh", status.Running, "", "", 1}, {"mm/ksm", status.Planned, "", "", 1}}
}

// checkout stores a checkout with its build, jobs, results and logs.
func (w *world) checkout(n int, state string) models.Checkout {
	w.t.Helper()
	var c models.Checkout
	w.tx(func(tx *models.Tx) error {
		event, _, err := tx.AddEvent(models.Event{Source: "git", Dedup: fmt.Sprint("push", n), TreeID: w.tree.ID, Body: "{}", Reason: "Tip of main after a push"}, "event.read")
		if err != nil {
			return err
		}
		if err := tx.Drop("event.read", event.ID); err != nil {
			return err
		}
		w.event = event
		sha := fmt.Sprintf("%040x", 0xabc000+n)
		at := now.Add(time.Duration(n-4) * time.Hour)
		known, err := tx.AddCommits([]models.NewCommit{{Commit: models.Commit{SHA: sha, Subject: "net: change " + fmt.Sprint(n), Author: "Asha", CommittedAt: &at}, Parents: []string{fmt.Sprintf("%040x", 0xabc000+n-1)}}})
		if err != nil {
			return err
		}
		c, _, err = tx.EnsureCheckout(models.Checkout{
			TreeID: w.tree.ID, Branch: "main", CommitID: known[sha].ID, SHA: sha, Lane: status.Baseline, Source: "git", EventID: event.ID, State: state,
			Subject: "net: change " + fmt.Sprint(n) + " " + hostile, Author: "Asha Rao", Email: person, Describe: fmt.Sprintf("v6.12-rc3-%d-gabc", n), PushedAt: at,
		})
		if err != nil {
			return err
		}
		if err := tx.SetPlanned(c, []models.CheckoutFile{{CheckoutID: c.ID, Path: "net/core/dev.c", Kind: "changed"}}); err != nil {
			return err
		}
		var items []models.PlanItem
		for _, path := range []string{"net/fib_tests.sh", "mm/ksm", "fs/xfs"} {
			items = append(items, models.PlanItem{CheckoutID: c.ID, TestID: w.tests[path].ID, Chosen: path != "fs/xfs", Rule: "always", Reason: "every test runs"})
		}
		if err := tx.AddPlan(items); err != nil {
			return err
		}
		return w.run(tx, n, &c)
	})
	return c
}

func (w *world) run(tx *models.Tx, n int, c *models.Checkout) error {
	started, ended := c.PushedAt.Add(time.Minute), c.PushedAt.Add(20*time.Minute)
	builds := []models.Build{{
		CheckoutID: c.ID, Arch: "x86_64", Config: "defconfig", Compiler: "gcc", CompilerVersion: "gcc 14.2.1", Recipe: "kbuild",
		Settings: `{"arch":"x86_64","compiler":"gcc","config_target":"defconfig"}`, Scenario: w.scenario("", "defconfig"),
		Status: status.Pass, Attempt: 1, StartedAt: &started, FinishedAt: &ended, Warnings: 2,
	}}
	if err := tx.AddBuilds(builds); err != nil {
		return err
	}
	if _, err := w.addJob(tx, models.Job{Kind: "build", CheckoutID: c.ID, BuildID: builds[0].ID, Attempt: 1}, "build.log", "make\nnet/a.c:1:2: warning: odd\ndone\n"); err != nil {
		return err
	}
	if n == 2 {
		w.build = builds[0]
	}
	for _, o := range outcomes(n) {
		if err := w.addOutcome(tx, c, builds[0], o, n); err != nil {
			return err
		}
	}
	c.State = models.CheckoutRunning
	c.Verdict, c.VerdictText = status.StillRunning, "Running: 0 of 2 tests finished, no new failure so far"
	if n < 3 {
		c.State, c.FinishedAt = models.CheckoutFinished, &ended
		c.Verdict, c.VerdictText = status.Unclear, "Not enough results"
	}
	if n == 2 {
		c.Verdict, c.VerdictText, c.ComparedID, c.ComparedBack = status.NewFailures, "2 new failures, 1 fixed", c.PreviousID, 1
	}
	counts, err := json.Marshal(countsOf(n))
	if err != nil {
		return err
	}
	c.Counts = string(counts)
	return tx.SetVerdict(*c)
}

// countsOf counts the outcomes as rules/verdict does.
func countsOf(n int) verdict.Counts {
	var c verdict.Counts
	for _, o := range outcomes(n) {
		if o.shown == status.Trial {
			c.Trial++
			continue
		}
		c.Planned++
		switch {
		case !o.status.Final():
			continue
		case o.shown == status.New:
			c.New++
		case o.shown == status.FirstRun:
			c.FirstRun++
		case o.status == status.Error:
			c.Infra++
		case o.status == status.Cancelled:
			c.Missing++
		case o.status == status.Skip:
			c.Skipped++
		case o.status == status.Done:
			c.Done++
		default:
			c.Pass++
			if o.shown == status.Flaky {
				c.Flaky++
			}
			if o.shown == status.Fixed {
				c.Fixed++
			}
		}
		c.Finished++
	}
	return c
}

func (w *world) addOutcome(tx *models.Tx, c *models.Checkout, b models.Build, o outcome, n int) error {
	t := w.tests[o.test]
	runTest := t.ID
	if t.ParentID != nil {
		runTest = *t.ParentID
	}
	for attempt := 1; attempt <= o.tries; attempt++ {
		started, ended := c.PushedAt.Add(21*time.Minute), c.PushedAt.Add(25*time.Minute)
		r := models.Result{
			CheckoutID: c.ID, BuildID: b.ID, TestID: t.ID, RunTestID: runTest, Scenario: w.scenario(o.test, "defconfig"), Lane: status.Baseline,
			Attempt: int64(attempt), Final: attempt == o.tries, Status: o.status, Shown: o.shown, Host: "lab-1", FirstError: o.text, DurationMS: 4200,
			StartedAt: &started, FinishedAt: &ended,
		}
		if o.text != "" {
			r.FirstErrorLine = 3
		}
		if attempt < o.tries {
			r.Status, r.Shown = status.Fail, ""
		} else if attempt > 1 {
			r.RetryReason = models.RetryAfterFailure
		}
		if o.status.Final() && o.status != status.Cancelled && o.status != status.Skip {
			job, err := w.addJob(tx, models.Job{Kind: "test", CheckoutID: c.ID, BuildID: b.ID, TestID: &runTest, Attempt: int64(attempt), Reason: "exit", Detail: "ended with exit status 1"},
				"console.log", testLog(o.text))
			if err != nil {
				return err
			}
			r.JobID = &job.ID
			if n == 2 && o.test == "net/fib_tests.sh" {
				w.job = job
				decision := models.JobDecision{JobID: job.ID, Rule: "failed-test", Action: "retry", Reason: "a failed test is tried once more", Line: o.text}
				if attempt == 2 {
					decision.Action, decision.Reason = "stop", "it failed twice"
				}
				if err := tx.AddDecision(decision); err != nil {
					return err
				}
			}
		}
		rows := []models.Result{r}
		if err := tx.AddResults(w.tree.ID, "x86_64", rows); err != nil {
			return err
		}
		if n == 2 && o.test == "net/fib_tests.sh" {
			w.failed = rows[0]
		}
		if n == 2 && o.test == "net/tls.sh" {
			w.suite = rows[0]
			if err := tx.AddSubresults(rows[0].ID, []models.Subresult{{Name: "one", Status: status.Pass}, {Name: "two " + hostile, Status: status.Fail, Line: 2, Message: "no"}}); err != nil {
				return err
			}
		}
	}
	return nil
}

// testLog is a log with a line that went wrong, markup and colours.
func testLog(text string) string {
	return "TAP version 13\n\x1b[31mred\x1b[0m <b>bold</b>\n" + text + "\nline 4\n"
}

func (w *world) addJob(tx *models.Tx, j models.Job, name, text string) (models.Job, error) {
	started, ended := now.Add(-time.Hour), now.Add(-59*time.Minute)
	j.State, j.Runner, j.Host, j.StartedAt, j.FinishedAt, j.CollectedAt = models.JobCollected, "local", "lab-1", &started, &ended, &ended
	if j.Reason == "" {
		j.Reason = "ok"
	}
	j, err := tx.AddJob(j)
	if err != nil {
		return j, err
	}
	key := "job/" + j.ID.String() + "/" + name
	if err := w.store(key, text); err != nil {
		return j, err
	}
	files := []models.File{{Name: name, Blob: key, Bytes: int64(len(text))}, {Name: name + ".idx", Blob: key + ".idx"}, {Name: "lost", Note: "larger than 2 MB"}}
	if j.Kind == "build" {
		files = append(files, models.File{Name: "config", Blob: key}, models.File{Name: "kernel", Blob: key})
	}
	for _, f := range files {
		f.OwnerKind, f.OwnerID = "job", j.ID
		if err := tx.AddFile(f); err != nil {
			return j, err
		}
	}
	return j, nil
}

// store puts a log and its index into the blob store.
func (w *world) store(key, text string) error {
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

func (w *world) reports(tx *models.Tx) error {
	sub, err := tx.EnsureSubscription(person, w.tree.ID)
	if err != nil {
		return err
	}
	w.link = sub.Token
	d, _, err := tx.EnsureDelivery(models.Delivery{
		Kind: "mail", Dedup: "d1", CheckoutID: w.newest.ID, Number: 1, Verdict: status.NewFailures, State: models.DeliverySuppressed,
		Reason: "not sent: DROVER_ENVIRONMENT is development", Recipients: person, Why: "you get the reports of net-next", Person: true,
	})
	if err != nil {
		return err
	}
	w.mail, err = tx.EnsureMail(models.Mail{
		DeliveryID: d.ID, CheckoutID: w.newest.ID, MessageID: notice.MessageID(w.newest.ID, 1, "ci.example.org"), Sender: "Drover <drover@ci.example.org>",
		Recipients: person, Subject: "[drover] FAIL 2 new: net-next/main " + hostile,
		Raw: "From: Drover <drover@ci.example.org>\r\nTo: " + person + "\r\nList-Unsubscribe:\r\n <https://ci.example.org/unsubscribe/" + sub.Token + ">\r\n\r\nHello,\r\n" +
			"Fewer mails: https://ci.example.org/unsubscribe/" + sub.Token + "\r\n",
	})
	return err
}

// request is one request of a test.
type request struct {
	method, path string
	body         string
	header       map[string]string
	host         string
	client       string // address with port
	cookies      []*http.Cookie
	ctx          context.Context //nolint:containedctx // of one request of a test
}

func (w *world) do(r request) *http.Response {
	w.t.Helper()
	if r.method == "" {
		r.method = "GET"
	}
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	request := httptest.NewRequest(r.method, "http://"+host+r.path, body)
	if r.ctx != nil {
		request = request.WithContext(r.ctx)
	}
	if r.host != "" {
		request.Host = r.host
	}
	if r.client != "" {
		request.RemoteAddr = r.client
	}
	if r.body != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for key, value := range r.header {
		request.Header.Set(key, value)
	}
	for _, c := range r.cookies {
		request.AddCookie(c)
	}
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, request)
	return recorder.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// get reads a page and wants a status.
func (w *world) get(path string, want int) string {
	w.t.Helper()
	r := w.do(request{path: path})
	body := text(w.t, r)
	if r.StatusCode != want {
		w.t.Errorf("GET %s: %d, want %d\n%.200s\n%s", path, r.StatusCode, want, body, w.lastError())
	}
	return body
}

// lastError is the newest error in the log.
func (w *world) lastError() string {
	last := ""
	for line := range strings.Lines(w.log.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			last = line
		}
	}
	return last
}

// signedIn gives the cookies that the printed address gives a browser.
func (w *world) signedIn() []*http.Cookie {
	w.t.Helper()
	r := w.do(request{path: "/login?token=" + token})
	if r.StatusCode != http.StatusSeeOther || len(r.Cookies()) != 1 {
		w.t.Fatalf("signing in: %d, %v", r.StatusCode, r.Cookies())
	}
	return r.Cookies()
}

// post sends a form as a signed-in browser does.
func (w *world) post(path, form string) *http.Response {
	w.t.Helper()
	return w.do(request{method: "POST", path: path, body: form, cookies: w.signedIn(), header: map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://" + host}})
}

// api sends JSON as a program does.
func (w *world) api(path, body string) *http.Response {
	w.t.Helper()
	return w.do(request{method: "POST", path: path, body: body, header: map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + token}})
}

func decode(t *testing.T, body string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatalf("not JSON: %v\n%.300s", err, body)
	}
	return object
}
