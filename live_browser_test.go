package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"drover/models"
	"drover/rules/status"
	"drover/views/route"
)

// liveSite is a site of this process that a test can change and stop.
type liveSite struct {
	t       *testing.T
	config  Config
	address string
	app     *app
	server  *http.Server
	stop    context.CancelFunc
	running models.Checkout
}

// newLiveSite serves made-up history: a small month, or as many checkouts as
// DROVER_TEST_CHECKOUTS says.
func newLiveSite(t *testing.T) *liveSite {
	t.Helper()
	seed := seedCommand{Checkouts: 12}
	if text := os.Getenv("DROVER_TEST_CHECKOUTS"); text != "" {
		var err error
		if seed.Checkouts, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	config, err := readEnvironment("DATABASE_URL=", "REDIS_URL=", "DROVER_DATA="+t.TempDir(), "DROVER_LOG_LEVEL=error",
		"DROVER_RATE=0", "DROVER_DEEP_SHARE=0") // a test asks for more than a person does
	if err != nil {
		t.Fatal(err)
	}
	if err := seed.fill(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	s := &liveSite{t: t, config: config, address: "127.0.0.1:0"}
	s.begin()
	t.Cleanup(s.end)
	list, err := s.app.store.Unfinished(10)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d checkouts are running, %v", len(list), err)
	}
	s.running = list[0]
	return s
}

// begin starts the site, at the address that it had.
func (s *liveSite) begin() {
	s.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	var err error
	if s.app, err = open(ctx, s.config, parts{web: true}); err != nil {
		s.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.address = listener.Addr().String()
	s.server = &http.Server{Handler: s.app.handler(siteToken, s.address, true), ReadHeaderTimeout: time.Second}
	go s.app.live.Run(ctx, s.app.store, s.app.log)
	go func() { _ = s.server.Serve(listener) }() // ends with end
}

// end stops the site as an update of it does.
func (s *liveSite) end() {
	s.t.Helper()
	s.stop()
	_ = s.server.Close()
	if err := s.app.close(); err != nil {
		s.t.Error(err)
	}
}

func (s *liveSite) url(u route.URL) string { return "http://" + s.address + string(u) }

func (s *liveSite) tx(fn func(*models.Tx) error) {
	s.t.Helper()
	if err := s.app.store.Tx(s.t.Context(), fn); err != nil {
		s.t.Fatal(err)
	}
}

// says changes the verdict's words of the running checkout.
func (s *liveSite) says(v status.Verdict, words string) {
	s.t.Helper()
	s.running.Verdict, s.running.VerdictText = v, words
	s.tx(func(tx *models.Tx) error { return tx.SetVerdict(s.running) })
}

// pushed adds a checkout to the tree of the running one.
func (s *liveSite) pushed(n int) {
	s.t.Helper()
	s.tx(func(tx *models.Tx) error {
		c := s.running
		c.SHA, c.Subject, c.PreviousID = fmt.Sprintf("%040x", 0xabc000+n), fmt.Sprint("a later change ", n), nil
		_, _, err := tx.EnsureCheckout(c)
		return err
	})
}

// siteToken signs in at a liveSite.
const siteToken = "the-token-of-this-site"

const (
	isLive   = `document.querySelector("[data-live-state]")?.textContent.includes("live")`
	sentence = `document.querySelector(".verdict h2").textContent === %q`
)

// TestSeededSite looks at the pages of a seeded month, and then while what they
// show is changed.
func TestSeededSite(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a browser")
	}
	t.Parallel()
	b := newBrowser(t)
	s := newLiveSite(t)
	m := newMonth(t, b, s)
	for _, check := range []struct {
		name string
		look func(*month)
	}{
		{"every page", everyPage}, {"tabs tell apart", tabsTellApart}, {"in grey", inGrey}, {"own colours", ownColours}, {"on paper", onPaper}, {"axe with all opened", axeOpened}, {"goes back", goesBack}, {"same elsewhere", sameElsewhere},
		{"rows as JSON", rowsAsJSON}, {"numbers are lists", numbersAreLists}, {"clears all", clearsAll}, {"filters without scripts", filtersWithoutScripts},
		{"tasks", tasksWithinBudget}, {"all as JSON", allAsJSON}, {"strips are right", stripsAreRight}, {"the outbox says why", outboxSaysWhy},
	} {
		t.Run(check.name, func(t *testing.T) { b.t, s.t = t, t; check.look(m) })
	}
	t.Run("a verdict is shown and said", func(t *testing.T) { b.t, s.t = t, t; verdictIsSaid(b, s) })
	t.Run("nothing moves", func(t *testing.T) { b.t, s.t = t, t; nothingMoves(b, s) })
	t.Run("new rows wait", func(t *testing.T) { b.t, s.t = t, t; newRowsWait(b, s) })
	t.Run("new columns wait", func(t *testing.T) { b.t, s.t = t, t; newColumnsWait(b, s) })
	t.Run("pause and off", func(t *testing.T) { b.t, s.t = t, t; pauseStopsAll(b, s) })
	t.Run("the server is away", func(t *testing.T) { b.t, s.t = t, t; serverIsAway(b, s) })
	t.Run("ten tabs", func(t *testing.T) { b.t, s.t = t, t; tenTabs(b, s) })
	b.t, s.t = t, t
}

func (b *browser) look(s *liveSite, u route.URL) {
	b.t.Helper()
	b.do(string(u), chromedp.EmulateViewport(1280, 720), chromedp.Navigate(s.url(u)))
	b.until("live", isLive, 10*time.Second)
}

// verdictIsSaid: a change is on the screen soon, and said once, although counts
// change all the time.
func verdictIsSaid(b *browser, s *liveSite) {
	s.says(status.StillRunning, "Running")
	b.look(s, route.Checkout(s.running.ID))
	b.do("listen", chromedp.Evaluate[chromedp.Void](`window.said = []; document.addEventListener("drover:say", (e) => said.push(e.detail)); undefined`))
	for i := range 3 {
		words := fmt.Sprintf("Running: %d of 120 tests finished, no new failure so far", 84+i)
		s.says(status.StillRunning, words)
		took := b.until(words, fmt.Sprintf(sentence, words), 5*time.Second)
		b.t.Logf("measured: a change is on the screen after %.0f ms (goal 3 s)", took.Seconds()*1000)
		if took > 3*time.Second {
			b.t.Error("too late")
		}
	}
	for _, words := range []string{"1 new failure", "2 new failures", "3 new failures"} {
		s.says(status.NewFailures, words)
		b.until(words, fmt.Sprintf(sentence, words), 5*time.Second)
	}
	b.until("said", `document.querySelector("footer [aria-live]").textContent === "1 new failure"`, 5*time.Second)
	if said := read(b, "said", chromedp.Evaluate[[]string]("said")); !slices.Equal(said, []string{"1 new failure"}) {
		b.t.Errorf("said %q, want the change of the verdict alone", said)
	}
	b.picture("live-checkout")
	b.quiet("verdict")
}

// whereThings says where things are that a reader may look at.
const whereThings = `JSON.stringify([...document.querySelectorAll("h1, h2, h3, .tabs a, tr, .failure, .foot span, .matrix td")]
	.filter((e) => !e.closest("[data-live-state]")).map((e) => { const r = e.getBoundingClientRect(); return [Math.round(r.top), Math.round(r.height)]; }))`

// nothingMoves: results come, sections grow, and what is read stays where it is;
// so do the focus and what is open.
func nothingMoves(b *browser, s *liveSite) {
	results, err := s.app.store.Results(s.running.ID)
	if err != nil || len(results) < 20 {
		b.t.Fatalf("%d results, %v", len(results), err)
	}
	b.look(s, route.Checkout(s.running.ID))
	b.do("read", chromedp.Evaluate[chromedp.Void](`document.querySelector("details.fold").open = true;
		document.querySelector(".section-head a").focus(); scrollTo(0, 160); undefined`))
	before := read(b, "whereThings", chromedp.Evaluate[string](whereThings))
	for i := range 12 {
		s.tx(func(tx *models.Tx) error {
			r := results[i]
			r.Shown, r.Status = []status.Shown{status.New, status.Fixed, status.Flaky}[i%3], status.Fail
			return tx.JudgeResults([]models.Result{r})
		})
		words := fmt.Sprintf("Running: step %d", i)
		s.says(status.StillRunning, words)
		b.until(words, fmt.Sprintf(sentence, words), 5*time.Second)
		if after := read(b, "whereThings", chromedp.Evaluate[string](whereThings)); after != before {
			b.t.Fatalf("step %d moved something:\n%s\n%s", i, before, after)
		}
	}
	b.until("rows wait", `document.querySelector(".pills button")?.textContent.includes("more result")`, 5*time.Second)
	if kept := read(b, "focus", chromedp.Evaluate[bool](`document.querySelector("details.fold").open && document.activeElement === document.querySelector(".section-head a")`)); !kept {
		b.t.Error("the focus or what was open is lost")
	}
	b.inspectHere("checkout with rows that wait")
	b.do("show", chromedp.Click(chromedp.CSS(".pills button")))
	b.until("shown", `!document.querySelector(".pills button") && document.querySelectorAll(".failure").length > 0`, 5*time.Second)
	b.picture("live-shown")
	b.quiet("nothing moves")
}

// inspectHere looks at the page as it is with axe.
func (b *browser) inspectHere(name string) {
	b.t.Helper()
	b.accessible(name)
	b.picture("live-" + name)
}

// newRowsWait: a checkout that came is a number on a button until it is wanted.
func newRowsWait(b *browser, s *liveSite) {
	tree, err := s.app.store.Tree(s.running.TreeID)
	if err != nil {
		b.t.Fatal(err)
	}
	b.look(s, route.TreeBranch(tree.Name, s.running.Branch))
	rows := `document.querySelectorAll("[data-part=checkouts] tbody tr").length`
	before, at := read(b, "rows", chromedp.Evaluate[int](rows)), read(b, "whereThings", chromedp.Evaluate[string](whereThings))
	s.pushed(1)
	b.until("one waits", `[...document.querySelectorAll(".pills button")].some((p) => p.textContent === "1 newer checkout: show")`, 5*time.Second)
	s.pushed(2)
	b.until("two wait", `[...document.querySelectorAll(".pills button")].some((p) => p.textContent === "2 newer checkouts: show")`, 5*time.Second)
	if now := read(b, "whereThings", chromedp.Evaluate[string](whereThings)); now != at {
		b.t.Errorf("something moved:\n%s\n%s", at, now)
	}
	if n := read(b, "rows", chromedp.Evaluate[int](rows)); n != before {
		b.t.Errorf("%d rows, there were %d", n, before)
	}
	b.inspectHere("tree with rows that wait")
	b.do("show", chromedp.Click(chromedp.CSS(`[data-pill=checkouts]`)))
	b.until("shown", fmt.Sprintf(`%s === %d && document.activeElement.closest("tr")?.rowIndex === 1`, rows, min(before+2, 50)), 5*time.Second)
	b.quiet("new rows")
}

// newColumnsWait: a grid keeps its columns until the others are wanted.
func newColumnsWait(b *browser, s *liveSite) {
	tree, err := s.app.store.Tree(s.running.TreeID)
	if err != nil {
		b.t.Fatal(err)
	}
	b.look(s, route.TreeGrid(tree.Name, "branch", s.running.Branch, "rows", "all", "gaps", "1", "size", "cells"))
	columns := `document.querySelectorAll(".grid thead th.column").length`
	before, at := read(b, "columns", chromedp.Evaluate[int](columns)), read(b, "whereThings", chromedp.Evaluate[string](whereThings))
	s.pushed(3)
	b.until("one waits", `[...document.querySelectorAll(".pills button")].some((p) => p.textContent === "1 change in this grid: show")`, 5*time.Second)
	if now := read(b, "whereThings", chromedp.Evaluate[string](whereThings)); now != at {
		b.t.Errorf("something moved:\n%s\n%s", at, now)
	}
	b.do("show", chromedp.Click(chromedp.CSS(`[data-pill=grid]`)))
	b.until("shown", fmt.Sprintf(`%s === %d && Boolean(document.activeElement.closest(".grid"))`, columns, min(before+1, 30)), 5*time.Second)
	b.quiet("new columns")
}

// pauseStopsAll: until it is resumed nothing is changed; then all is.
func pauseStopsAll(b *browser, s *liveSite) {
	b.look(s, route.Checkout(s.running.ID))
	pause := `document.querySelector("[data-live-pause]")`
	b.do("pause", chromedp.Evaluate[chromedp.Void](pause+".click()"))
	b.until("paused", `document.querySelector("[data-live-state]").textContent.includes("paused")`, 5*time.Second)
	old := read(b, "words", chromedp.TextContent(chromedp.CSS(".verdict h2")))
	s.says(status.StillRunning, "while it was paused")
	b.do("wait", chromedp.Sleep(2500*time.Millisecond))
	if got := read(b, "words", chromedp.TextContent(chromedp.CSS(".verdict h2"))); got != old {
		b.t.Errorf("%q came while it was paused", got)
	}
	b.do("resume", chromedp.Evaluate[chromedp.Void](pause+".click()"))
	b.until("resumed", fmt.Sprintf(sentence, "while it was paused"), 5*time.Second)
	b.quiet("pause")
}

// serverIsAway: the page says so, and has the right words when it is back. What
// was changed in between is not lost.
func serverIsAway(b *browser, s *liveSite) {
	b.look(s, route.Checkout(s.running.ID))
	s.end()
	b.until("away", `document.querySelector("[data-live-state]").textContent.includes("reconnecting since")`, 10*time.Second)
	b.do("a while", chromedp.Sleep(3*time.Second))
	s.begin()
	s.says(status.NewFailures, "7 new failures")
	b.until("back", isLive+` && `+fmt.Sprintf(sentence, "7 new failures"), 20*time.Second)
	b.mu.Lock()
	b.said = nil // a browser tells of every server that does not answer
	b.mu.Unlock()
}

// hide does what a browser does when another tab is chosen; without a screen it
// takes every tab for seen.
const hide = `Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
	document.dispatchEvent(new Event("visibilitychange")); undefined`

// tenTabs: over HTTP/1.1 a browser has six connections to one host; streams of
// tabs that nobody sees must not hold them.
func tenTabs(b *browser, s *liveSite) {
	answer, err := http.Head(s.url("/healthz"))
	if err != nil || answer.ProtoMajor != 1 {
		b.t.Fatalf("%v: not over HTTP/1.1", err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	first := b.ctx
	defer func() { b.ctx = first }()
	var tabs []context.Context
	began := time.Now()
	b.do("another page", chromedp.Navigate("about:blank"))
	for range 10 {
		ctx, cancel := chromedp.NewContext(first)
		defer cancel()
		b.ctx = ctx
		if err := chromedp.Do(ctx); err != nil { // a tab lives as long as the context that opened it
			b.t.Fatal(err)
		}
		b.do("another tab", chromedp.Navigate(s.url(route.Checkout(s.running.ID))))
		b.until("another tab", `document.readyState === "complete"`, 10*time.Second)
		tabs = append(tabs, ctx)
		if len(tabs) < 10 {
			b.do("hide", chromedp.Evaluate[chromedp.Void](hide))
		}
	}
	b.t.Logf("measured: ten tabs of one running checkout are loaded after %.1f s", time.Since(began).Seconds())
	b.until("live", isLive, 10*time.Second)
	s.says(status.NewFailures, "8 new failures")
	took := b.until("the tab that is seen", fmt.Sprintf(sentence, "8 new failures"), 10*time.Second)
	b.t.Logf("measured: the tab that is seen has it after %.1f s (goal 3 s)", took.Seconds())
	if took > 3*time.Second {
		b.t.Error("too late")
	}
}
