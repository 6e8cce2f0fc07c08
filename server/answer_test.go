package server_test

import (
	"compress/gzip"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/models/modelstest"
	"drover/models/report"
	"drover/rules/notice"
	"drover/rules/status"
	"drover/views/mail"
	"drover/views/route"
)

func TestKnownPagesAreNotSentAgain(t *testing.T) {
	clock := now
	w := seeded(t, modelstest.SQLite(t, models.Options{Now: func() time.Time { return clock }}))
	self := string(route.Checkout(w.newest.ID))
	first := w.do(request{path: self})
	tag := first.Header.Get("ETag")
	if tag == "" || first.Header.Get("Cache-Control") != "private, no-cache" || first.Header.Values("Vary")[0] != "Accept, HX-Request, X-Fragment" {
		t.Fatalf("%v", first.Header)
	}
	known := map[string]string{"If-None-Match": tag}
	clock = clock.Add(20 * time.Second) // other words for times, the same content
	if r := w.do(request{path: self, header: known}); r.StatusCode != 304 || text(t, r) != "" {
		t.Errorf("unchanged: %d", r.StatusCode)
	}
	if r := w.do(request{path: self, header: known, cookies: w.signedIn()}); r.StatusCode != 200 {
		t.Errorf("signed in: %d", r.StatusCode)
	}
	w.tx(func(tx *models.Tx) error {
		c := w.newest
		c.VerdictText = "3 new failures"
		return tx.SetVerdict(c)
	})
	if r := w.do(request{path: self, header: known}); r.StatusCode != 200 {
		t.Errorf("changed: %d", r.StatusCode)
	}
	if r := w.do(request{path: "/nothing"}); r.Header.Get("ETag") != "" {
		t.Error("an error page has a tag")
	}
}

func TestCompression(t *testing.T) {
	w := quick(t)
	plain := w.get("/trees", 200)
	r := w.do(request{path: "/trees", header: map[string]string{"Accept-Encoding": "br, gzip;q=0.8"}})
	if r.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(strings.Join(r.Header.Values("Vary"), ","), "Accept-Encoding") {
		t.Fatalf("%v", r.Header)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(z); err != nil || string(body) != plain {
		t.Errorf("another page, %v", err)
	}
	if r := w.do(request{path: "/trees", header: map[string]string{"Accept-Encoding": "gzip;q=0"}}); r.Header.Get("Content-Encoding") != "" {
		t.Error("gzip was refused and sent")
	}
	if r := w.do(request{method: "HEAD", path: "/trees"}); r.StatusCode != 200 || r.Header.Get("ETag") == "" {
		t.Errorf("HEAD: %d", r.StatusCode)
	}
}

func TestStaticFiles(t *testing.T) {
	w := quick(t)
	_, rest, _ := strings.Cut(w.get("/", 200), `rel="stylesheet" href="`)
	path, _, _ := strings.Cut(rest, `"`)
	r := w.do(request{path: path})
	if r.StatusCode != 200 || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") || r.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%s: %d %v", path, r.StatusCode, r.Header)
	}
	if r := w.do(request{path: path, header: map[string]string{"If-None-Match": r.Header.Get("ETag")}}); r.StatusCode != 304 {
		t.Errorf("known: %d", r.StatusCode)
	}
}

// TestTextIsTheMail holds the text page against what the mail of the same
// checkout says.
func TestTextIsTheMail(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		facts, err := report.Facts(w.s.Query, w.blobs, jobs.Links{Base: "https://ci.example.org"}, w.newest.ID)
		if err != nil {
			t.Fatal(err)
		}
		facts.Credit = w.settings.MailFrom
		want := mail.Body(notice.Compose(facts))
		got := w.get(string(route.Checkout(w.newest.ID))+".txt", 200)
		if got != want || !strings.Contains(got, "NEW FAILURES") || !strings.Contains(got, "https://ci.example.org/c/"+w.newest.ID.String()) {
			t.Errorf("the text is\n%s\nwant\n%s", got, want)
		}
		if preview := w.get(string(route.CheckoutReports(w.newest.ID)), 200); !strings.Contains(preview, "NEW FAILURES") {
			t.Error("the preview shows something else")
		}
	})
}

func TestFeed(t *testing.T) {
	w := quick(t)
	var feed struct {
		Entries []struct {
			Title string `xml:"title"`
			ID    string `xml:"id"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(w.get("/trees/net-next/feed.atom", 200)), &feed); err != nil {
		t.Fatal(err)
	}
	if len(feed.Entries) != 2 || !strings.HasPrefix(feed.Entries[0].Title, "New failures: main") || feed.Entries[0].ID != "https://ci.example.org/checkouts/"+w.newest.ID.String() {
		t.Errorf("%+v", feed.Entries)
	}
	if err := xml.Unmarshal([]byte(w.get("/trees/quiet/feed.atom", 200)), &feed); err != nil {
		t.Error(err)
	}
}

func TestBadge(t *testing.T) {
	w := quick(t)
	for path, want := range map[string]string{
		"/trees/net-next/badge.svg": "drover: 2 new", "/trees/net-next/badge.svg?branch=main": "drover: 2 new",
		"/trees/net-next/badge.svg?branch=nope": "drover: unknown", "/trees/quiet/badge.svg": "drover: unknown",
	} {
		body := w.get(path, 200)
		if err := xml.Unmarshal([]byte(body), new(any)); err != nil && !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", path, err)
		}
		if !strings.Contains(body, "<title>"+want+"</title>") || strings.Contains(body, "style=") {
			t.Errorf("%s: %s", path, body)
		}
	}
}

func TestMachines(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if got := w.get("/healthz", 200); got != "ok\n" {
			t.Errorf("healthz: %q", got)
		}
		if got := w.get("/readyz", 200); got != "database: ok\nqueue: ok\n" {
			t.Errorf("readyz: %q", got)
		}
		w.queue.err = errors.New("dial tcp: refused\nsecond line")
		if got := w.get("/readyz", 503); got != "database: ok\nqueue: dial tcp: refused second line\n" {
			t.Errorf("readyz without a queue: %q", got)
		}
		w.park(jobs.CheckoutJudge, w.newest)
		w.tx(func(tx *models.Tx) error { return tx.Want(jobs.RemotePoll, w.tree.ID, tx.Now.Add(-time.Minute)) })
		w.get("/trees", 200)
		got := w.get("/metrics", 200)
		for _, want := range []string{
			`drover_http_requests_total{class="2xx",route="/trees"} 1`, `drover_http_request_duration_seconds_count{route="/readyz"} 2`,
			`drover_steps_parked{kind="checkout.judge"} 1`, `drover_steps_due{kind="remote.poll"} 1`, `drover_step_oldest_seconds{kind="remote.poll"} 60`,
		} {
			if !strings.Contains(got, want+"\n") {
				t.Errorf("metrics: no %s\n%s", want, got)
			}
		}
	})
}

// TestWithoutDatabase: pages say that something is wrong, with a number that is
// in the log, and the process says which part does not work.
func TestWithoutDatabase(t *testing.T) {
	w := quick(t)
	broken, err := models.Open(context.Background(), models.Options{Path: t.TempDir() + "/x.db"})
	if err != nil {
		t.Fatal(err)
	}
	w.s = broken
	w.serve(w.settings)
	if err := broken.Close(); err != nil {
		t.Fatal(err)
	}
	r := w.do(request{path: "/trees"})
	body, number := text(t, r), r.Header.Get("X-Request-Id")
	if r.StatusCode != 500 || !strings.Contains(body, "<h1>") || !strings.Contains(body, number) || strings.Contains(body, "sql:") {
		t.Errorf("%d\n%s", r.StatusCode, body)
	}
	if n := strings.Count(w.log.String(), `"level":"ERROR"`); n != 1 || !strings.Contains(w.log.String(), number) {
		t.Errorf("%d errors in the log:\n%s", n, w.log)
	}
	if problem := decode(t, w.get("/trees.json", 500)); problem["instance"] == "" {
		t.Errorf("%v", problem)
	}
	if got := w.get("/readyz", 503); !strings.HasPrefix(got, "database: ") || !strings.Contains(got, "queue: ok") {
		t.Errorf("readyz: %q", got)
	}
	w.get("/healthz", 200)
	w.get("/metrics", 200)
}

func TestTooSlow(t *testing.T) {
	w := quick(t)
	late, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	r := w.do(request{path: "/trees", ctx: late})
	if body := text(t, r); r.StatusCode != 503 || !strings.Contains(body, "did not answer in time") {
		t.Errorf("%d\n%s", r.StatusCode, body)
	}
	gone, leave := context.WithCancel(context.Background())
	leave()
	w.log.Reset()
	w.do(request{path: "/trees", ctx: gone})
	if strings.Contains(w.log.String(), `"level":"ERROR"`) {
		t.Errorf("a client that went away is an error:\n%s", w.log)
	}
}

func TestFreshInstallation(t *testing.T) {
	store := modelstest.SQLite(t, models.Options{})
	w := &world{t: t, s: store, queue: &queue{}}
	w.serve(writableSettings())
	body := text(t, w.do(request{path: "/", cookies: w.signedIn()}))
	for _, want := range []string{"Onboard a tree", "Add the sample tree", "Onboard a test", "Nothing is watched yet"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, path := range []string{"/trees", "/checkouts", "/tests", "/mail", "/trees.json", "/trees.csv", "/.json"} {
		w.get(path, 200)
	}
	if rows := decode(t, w.get("/checkouts.json", 200))["data"].([]any); len(rows) != 0 {
		t.Errorf("%v", rows)
	}
}

func TestNoticesOfTheFrame(t *testing.T) {
	w := quick(t)
	settings := writableSettings()
	settings.Notice = "Jobs cannot be isolated here."
	w.serve(settings)
	if body := w.get("/trees", 200); !strings.Contains(body, settings.Notice) || !strings.Contains(body, "DEVELOPMENT") {
		t.Error("the frame says neither")
	}
	settings.Production, settings.Environment = true, "production"
	w.serve(settings)
	if body := w.get("/trees", 200); strings.Contains(body, `class="stripe"`) {
		t.Error("production has a stripe")
	}
	if got := w.get("/trees/quiet", 200); !strings.Contains(got, "Could not resolve host") || !strings.Contains(got, string(status.TreePaused[1:])) {
		t.Error("the tree does not show git's own line")
	}
}
