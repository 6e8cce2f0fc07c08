package server_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/status"
	"drover/server"
	"drover/views/route"
)

// liveWorld is a world whose pages are told of changes, as a server.
type liveWorld struct {
	*world
	http *httptest.Server
	stop func() // ends the live updates, as a server that stops does
}

// eachLive runs a test with live updates on both databases.
func eachLive(t *testing.T, test func(t *testing.T, w liveWorld)) {
	t.Helper()
	live := map[string]*server.Live{"sqlite": server.NewLive(), "postgres": server.NewLive()}
	options := func(name string) models.Options {
		return models.Options{Now: func() time.Time { return now }, Told: live[name].Wake}
	}
	run := func(t *testing.T, s *models.Store, l *server.Live) {
		w := seeded(t, s)
		w.live = l
		w.serve(writableSettings())
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan struct{})
		go func() { defer close(over); l.Run(ctx, s, slog.New(slog.DiscardHandler)) }()
		h := httptest.NewServer(http.HandlerFunc(func(to http.ResponseWriter, r *http.Request) {
			r.Host = host
			w.handler.ServeHTTP(to, r)
		}))
		t.Cleanup(func() { stop(); <-over; h.Close() })
		told := liveWorld{w, h, stop}
		told.settle()
		test(t, told)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, modelstest.SQLite(t, options("sqlite")), live["sqlite"]) })
	t.Run("postgres", func(t *testing.T) { run(t, modelstest.Postgres(t, options("postgres")), live["postgres"]) })
}

// settle waits until the changes of the seed are told: on PostgreSQL they wait
// for transactions of other tests.
func (w liveWorld) settle() {
	w.t.Helper()
	marker := func() (newest int64) {
		rows, err := w.s.LastChanges()
		if err != nil || w.t.Context().Err() != nil {
			w.t.Fatal("the changes of the seed are not told", err)
		}
		for _, c := range rows {
			if c.Kind == models.ChangeBuild && c.ObjectID == 1 {
				newest = max(newest, c.ID)
			}
		}
		return newest
	}
	before := marker()
	w.tx(func(tx *models.Tx) error { return tx.SetBuild(models.Build{ID: 1}) })
	for now := before; now == before || w.live.Head() < now; now = marker() {
		w.live.Wake()
	}
}

// follow opens a stream; next gives its next event as lines.
func (w liveWorld) follow(query string, header ...string) (next func() string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.http.URL+"/events?"+query, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := w.http.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = answer.Body.Close() })
	if answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "text/event-stream" || answer.Header.Get("X-Accel-Buffering") != "no" {
		w.t.Fatalf("status %d, %v", answer.StatusCode, answer.Header)
	}
	lines := bufio.NewScanner(answer.Body)
	next = func() string {
		var event []string
		for lines.Scan() && lines.Text() != "" {
			event = append(event, lines.Text())
		}
		return strings.Join(event, "\n")
	}
	if got := next(); got != "retry: 5000" {
		w.t.Errorf("the stream begins with %q", got)
	}
	return next
}

// judged changes the verdict of the running checkout.
func (w liveWorld) judged(text string) {
	w.t.Helper()
	w.tx(func(tx *models.Tx) error {
		w.running.VerdictText, w.running.Verdict = text, status.StillRunning
		return tx.SetVerdict(w.running)
	})
}

// idOf takes the id out of an event.
func idOf(event string) string {
	_, number, _ := strings.Cut(event, "\nid: ")
	return number
}

func TestEvents(t *testing.T) {
	eachLive(t, func(t *testing.T, w liveWorld) {
		topic := route.TopicOf("checkout", w.running.ID)
		next := w.follow("topics=" + url.QueryEscape("home,tree:net-next,tree:none,fleet,"+topic+",checkout:!"))
		if got, want := next(), "event: denied\ndata: tree:none,fleet,checkout:!"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		w.judged("one")
		var events []string
		for range 3 {
			events = append(events, next())
		}
		all := strings.Join(events, "\n")
		for _, want := range []string{`"t":"` + topic + `"`, `"t":"home"`, `"t":"tree:net-next"`, `"parts":["head","verdict"]`, `"parts":["checkouts","grid","verdict"]`} {
			if !strings.Contains(all, want) {
				t.Errorf("%s is not told: %s", want, all)
			}
		}
		first := idOf(events[2])
		if first == "" || strings.Contains(events[0]+events[1], "\nid: ") {
			t.Errorf("the id must stand on the last of a transaction alone: %q", events)
		}

		// Who was away hears what it missed, from wherever it says it was.
		w.judged("two")
		second := idOf(w.follow("topics="+topic, "Last-Event-ID", first)())
		if again := idOf(w.follow("topics=" + topic + "&last=" + first)()); again != second || len(second) < len(first) || second <= first {
			t.Errorf("after %s came %s, and %s", first, second, again)
		}
		for _, unknown := range []string{"-1", "x", "99999999999999"} {
			if got := w.follow("topics=" + topic + "&last=" + unknown)(); !strings.HasPrefix(got, "event: reset\ndata: {}\nid: ") {
				t.Errorf("an unknown id %s gives %q", unknown, got)
			}
		}
	})
}

// A server that was started anew goes on from what the database has.
func TestEventsAfterRestart(t *testing.T) {
	eachLive(t, func(t *testing.T, w liveWorld) {
		topic := route.TopicOf("checkout", w.running.ID)
		next := w.follow("topics=" + topic)
		w.judged("one")
		first := idOf(next())
		w.judged("two")
		second := idOf(next())

		fresh := server.NewLive()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go fresh.Run(ctx, w.s, slog.New(slog.DiscardHandler))
		for fresh.Head() == 0 {
			fresh.Wake()
			if ctx.Err() != nil {
				t.Fatal("it never began")
			}
		}
		w.live = fresh
		w.serve(writableSettings())
		if got := idOf(w.follow("topics="+topic, "Last-Event-ID", first)()); got != second {
			t.Errorf("after %s came %s, want %s", first, got, second)
		}
	})
}

func TestEventsRefused(t *testing.T) {
	w := quick(t)
	w.get("/events?topics=home", 503)
	w.live = server.NewLive()
	w.serve(writableSettings())
	w.get("/events", 400)
	w.get("/events?topics="+strings.Repeat("home,", 201), 400)
}

// parts asks for parts of a page as its script does.
func (w liveWorld) parts(u route.URL, names string, header ...string) *http.Response {
	r := request{path: string(u), header: map[string]string{"HX-Request": "true", "X-Fragment": names}}
	for i := 0; i < len(header); i += 2 {
		r.header[header[i]] = header[i+1]
	}
	return w.do(r)
}

func TestParts(t *testing.T) {
	eachLive(t, func(t *testing.T, w liveWorld) {
		u := route.Checkout(w.running.ID)
		answer := w.parts(u, "verdict")
		body := text(t, answer)
		if answer.StatusCode != 200 || !strings.Contains(body, `data-part="verdict"`) || strings.Contains(body, `data-part="builds"`) || strings.Contains(body, "<main") {
			t.Fatalf("%d: %s", answer.StatusCode, body)
		}
		for _, part := range []string{"<title>", `rel="icon"`, "data-as-of"} {
			if !strings.Contains(body, part) {
				t.Errorf("%s does not go along", part)
			}
		}
		if !strings.Contains(w.get(string(u), 200), strings.TrimSpace(body[strings.Index(body, `<section class="verdict"`):strings.LastIndex(body, "</section>")])) {
			t.Error("the part is not that of the page")
		}
		tag := answer.Header.Get("ETag")
		if got := w.parts(u, "verdict", "If-None-Match", tag).StatusCode; got != 304 {
			t.Errorf("a part that is known: %d", got)
		}
		if got := text(t, w.parts(u, "verdict,builds")); !strings.Contains(got, `data-part="verdict"`) || !strings.Contains(got, `data-part="builds"`) {
			t.Error("two parts are not two")
		}
		missing := w.parts(u, "nothing")
		if got := text(t, missing); missing.StatusCode != 404 || !strings.Contains(got, "section-error") || strings.Contains(got, "<html") {
			t.Errorf("a part that is not there: %d %s", missing.StatusCode, got)
		}
		if got := text(t, w.parts(u, "verdict", "HX-History-Restore-Request", "true")); !strings.Contains(got, "<html") {
			t.Error("Back must get the page")
		}
	})
}

// What was rendered for one reader is given to others until it is changed, and
// never to somebody who is shown something else.
func TestPartsAreShared(t *testing.T) {
	eachLive(t, func(t *testing.T, w liveWorld) {
		topic := route.TopicOf("checkout", w.running.ID)
		next := w.follow("topics=" + topic)
		w.judged("first words")
		next()
		statements := 0
		if err := w.s.OnStatement(func(string) { statements++ }); err != nil {
			t.Fatal(err)
		}
		u := route.Checkout(w.running.ID)
		ask := func(words string, header ...string) int {
			t.Helper()
			before := statements
			if got := text(t, w.parts(u, "verdict", header...)); !strings.Contains(got, words) {
				t.Errorf("not %q: %s", words, got)
			}
			return statements - before
		}
		if n := ask("first words"); n == 0 {
			t.Error("the first reader was given something without a look into the database")
		}
		if n := ask("first words"); n != 0 {
			t.Errorf("the second reader costs %d statements", n)
		}
		if n := ask("first words", "Authorization", "Bearer "+token); n == 0 {
			t.Error("somebody else is given what a visitor is shown")
		}
		if n := ask("first words", "X-Live-At", "9999999999"); n == 0 {
			t.Error("who heard more than this process must not get what was kept")
		}
		w.judged("second words")
		next()
		if n := ask("second words"); n == 0 {
			t.Error("cannot be")
		}
	})
}

// A page says where it was when it was read, and its tag does not change with it.
func TestLivePages(t *testing.T) {
	eachLive(t, func(t *testing.T, w liveWorld) {
		next := w.follow("topics=home")
		w.judged("one")
		at := idOf(next())
		for _, u := range []route.URL{"/", "/trees", "/trees/net-next", "/checkouts", route.Checkout(w.newest.ID), route.CheckoutTests(w.newest.ID), route.Build(w.build.ID), route.Result(w.failed.ID), "/tests/net/fib_tests.sh"} {
			if body := w.get(string(u), 200); !strings.Contains(body, `data-at="`+at+`"`) || !strings.Contains(body, `data-part="`) {
				t.Errorf("%s is not live", u)
			}
		}
		tag := w.do(request{path: "/mail"}).Header.Get("ETag")
		page := w.do(request{path: string(route.Build(w.build.ID))}).Header.Get("ETag")
		w.judged("two")
		next()
		if got := w.do(request{path: "/mail"}).Header.Get("ETag"); got != tag {
			t.Error("a change changes the tag of a page without it")
		}
		if got := w.do(request{path: string(route.Build(w.build.ID))}).Header.Get("ETag"); got != page {
			t.Error("a change elsewhere changes the tag of a page")
		}
		off := text(t, w.do(request{path: "/", header: map[string]string{"Cookie": "drover_live=off"}}))
		if strings.Contains(off, "data-live=") || !strings.Contains(off, "live updates off") {
			t.Error("who wants no live updates gets them")
		}
	})
}

// A grid keeps the cells of finished checkouts, and reads them again when one
// of their results was changed.
func TestGridFollowsChanges(t *testing.T) {
	eachLive(t, func(t *testing.T, w liveWorld) {
		const query = "rows=all&sort=name"
		before := gridRows(t, w.world, query)
		if again := gridRows(t, w.world, query); fmt.Sprint(again) != fmt.Sprint(before) {
			t.Errorf("the second look differs:\n%q\n%q", again, before)
		}
		changed := w.failed
		changed.Shown = status.KnownIssue
		w.tx(func(tx *models.Tx) error { return tx.JudgeResults([]models.Result{changed}) })
		w.settle()
		after := gridRows(t, w.world, query)
		w.live = nil
		w.serve(writableSettings())
		if fresh := gridRows(t, w.world, query); fmt.Sprint(after) != fmt.Sprint(fresh) || fmt.Sprint(after) == fmt.Sprint(before) {
			t.Errorf("after a change:\n%q\nwithout what is kept:\n%q\nbefore:\n%q", after, fresh, before)
		}
	})
}
