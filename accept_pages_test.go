package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/route"
)

// longTest is a test whose path has 120 characters, longBranch a branch with
// slashes.
var (
	longTest   = "kselftest/networking/a_directory_with_a_long_name/" + strings.Repeat("and-another-word_", 4) + ".sh"
	longBranch = "for-6.13/block/multi-queue/rework-of-the-tag-allocation"
)

// month is what the checks below look at in a seeded site.
type month struct {
	*liveSite
	b       *browser
	newest  models.Checkout // net-next's newest that has finished
	judged  models.Checkout // its newest with new failures
	failed  models.Result   // its first new failure
	long    models.Checkout // of longBranch, with longTest failing
	tree    models.Tree
	project string // path of the test that failed
	place   string // arch, config and compiler of the failed result
	link    string // token of an unsubscribe link
	pages   []visited
}

// newMonth adds long names to a seeded site and lists its pages.
func newMonth(t *testing.T, b *browser, s *liveSite) *month {
	t.Helper()
	m := &month{liveSite: s, b: b}
	var err error
	if m.tree, err = s.app.store.Tree(s.running.TreeID); err != nil {
		t.Fatal(err)
	}
	lines, _, err := s.app.store.ListCheckouts(models.CheckoutFilter{Tree: m.tree.ID}, models.Slice{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if line.State == models.CheckoutFinished && m.newest.ID == 0 {
			m.newest = line.Checkout
		}
		if line.State == models.CheckoutFinished && line.Verdict == status.NewFailures {
			if m.judged, err = s.app.store.Checkout(line.ID); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	results, err := s.app.store.Results(m.judged.ID)
	if err != nil {
		t.Fatal(err)
	}
	first := slices.IndexFunc(results, func(r models.Result) bool { return r.Shown == status.New && r.FirstErrorLine > 0 && r.JobID != nil })
	if first < 0 {
		t.Fatalf("%s has no new failure with a line", m.tree.Name)
	}
	m.failed = results[first]
	test, err := s.app.store.Test(m.failed.TestID)
	if err != nil {
		t.Fatal(err)
	}
	m.project = test.Path
	build, err := s.app.store.Build(m.failed.BuildID)
	if err != nil {
		t.Fatal(err)
	}
	m.place = fmt.Sprintf("%s %s %s", build.Arch, build.Config, build.Compiler)
	s.tx(m.addLong)
	m.list(t)
	return m
}

// addLong stores a checkout whose names are long.
func (m *month) addLong(tx *models.Tx) error {
	test, err := tx.AddTest(models.Test{Path: longTest, Recipe: "command", Command: "./run", Format: "ktap", State: status.TestReporting}, []id.ID{m.tree.ID})
	if err != nil {
		return err
	}
	c := m.judged
	c.Branch, c.SHA, c.PreviousID, c.Subject = longBranch, strings.Repeat("1f", 20), nil, "block: "+strings.Repeat("a_word_without_an_end", 5)
	if c, _, err = tx.EnsureCheckout(c); err != nil {
		return err
	}
	build := models.Build{CheckoutID: c.ID, Arch: "x86_64", Config: "defconfig", Compiler: "gcc-14", Recipe: "kbuild", Settings: `{"arch":"x86_64"}`, Status: status.Pass}
	builds := []models.Build{build}
	if err := tx.AddBuilds(builds); err != nil {
		return err
	}
	r := models.Result{
		CheckoutID: c.ID, BuildID: builds[0].ID, TestID: test.ID, RunTestID: test.ID, Lane: status.Baseline, Attempt: 1, Final: true,
		Status: status.Fail, Shown: status.New, Host: "machine-with-a-long-name.of-a-laboratory.example.org", FirstError: strings.Repeat("word", 60), StartedAt: &tx.Now, FinishedAt: &tx.Now,
	}
	if err := tx.AddResults(m.tree.ID, "x86_64", []models.Result{r}); err != nil {
		return err
	}
	c.State, c.FinishedAt, c.Verdict, c.VerdictText, c.Counts = models.CheckoutFinished, &tx.Now, status.NewFailures, "1 new failure", `{"planned":1,"finished":1,"new":1}`
	if err := tx.SetVerdict(c); err != nil {
		return err
	}
	m.long = c
	link, err := tx.EnsureSubscription("asha@example.com", m.tree.ID)
	m.link = link.Token
	return err
}

// list is every kind of page.
func (m *month) list(t *testing.T) {
	t.Helper()
	c, r := m.judged.ID, m.failed
	m.pages = []visited{
		{"overview", "/"}, {"trees", route.Trees()}, {"new tree", route.NewTree()}, {"tree", route.TreeBranch(m.tree.Name, m.judged.Branch)},
		{"tree of a long branch", route.TreeBranch(m.tree.Name, longBranch)}, {"grid", route.TreeGrid(m.tree.Name)},
		{"grid in cells", route.TreeGrid(m.tree.Name, "size", "cells")}, {"settings of a tree", route.TreeSettings(m.tree.Name)},
		{"people of a tree", route.TreePeople(m.tree.Name)}, {"changes of a tree", route.TreeLog(m.tree.Name)}, {"people of a test", route.TestPeople(m.project)}, {"changes of a test", route.TestLog(m.project)},
		{"checkouts", route.Checkouts()}, {"checkout", route.Checkout(c)}, {"running checkout", route.Checkout(m.running.ID)}, {"long checkout", route.Checkout(m.long.ID)},
		{"tests of a checkout", route.CheckoutTests(c)}, {"tests of a long checkout", route.CheckoutTests(m.long.ID)}, {"builds", route.CheckoutBuilds(c)},
		{"timeline", route.CheckoutTimeline(c)}, {"plan", route.CheckoutPlan(c)}, {"files", route.CheckoutFiles(c)}, {"comparison", route.CheckoutCompare(c, 0)}, {"reports", route.CheckoutReports(c)},
		{"build", route.Build(r.BuildID)}, {"result", route.Result(r.ID)}, {"log", route.ResultLog(r.ID, "console.log", route.Lines{First: int(r.FirstErrorLine)})},
		{"tests", route.Tests()}, {"new test", route.NewTest()}, {"test", route.Test(m.project)}, {"history", route.TestHistory(m.project)},
		{"definitions", route.Definitions()}, {"a change to try", route.Simulator()}, {"a checkout that is tried", route.Simulator("checkout", c.String())}, {"targeting of a test", route.TestTargeting(m.project)}, {"settings of a test", route.TestSettings(m.project)}, {"editions of a test", route.TestVersions(m.project)},
		{"long test", route.Test(longTest)}, {"jobs", route.Jobs("include", "ended")}, {"job", route.Job(*r.JobID)},
		{"steps", route.Queues()}, {"steps of a kind", route.Queue("delivery.send")}, {"mails", route.Mails()}, {"unsubscribe", route.Unsubscribe(m.link)},
		{"search", route.Search("net")}, {"settings", route.Me()}, {"help", route.Help()}, {"help on a checkout", route.HelpPage("checkout")},
		{"API", route.API()}, {"help on words", route.HelpPage("statuses")}, {"sign in", route.SignIn("/")}, {"storybook", route.Story()}, {"badges", route.StoryGroup("badges")}, {"page in staging", route.StoryPage("frame", "staging")}, {"nothing there", "/trees/nope"},
	}
	mails, err := m.app.store.Mails(0, 1)
	if err != nil || len(mails) == 0 {
		t.Fatalf("%d mails, %v", len(mails), err)
	}
	m.pages = append(m.pages, visited{"mail", route.Mail(mails[0].ID)})
	for _, s := range route.Shapes {
		if s.Method == http.MethodGet && !withoutPage[s.Pattern] && !slices.ContainsFunc(m.pages, func(p visited) bool {
			found, ok := route.Find(s.Method, p.url)
			return ok && found.Pattern == s.Pattern
		}) {
			t.Errorf("no page of %s is looked at", s.Pattern)
		}
	}
}

// withoutPage are the addresses that answer with something else than a page of
// their own.
var withoutPage = map[string]bool{
	"/trees/{tree}/badge.svg": true, "/trees/{tree}/feed.atom": true, "/trees/{tree}/-/commits/{revision}": true, "/builds/{id}/-/files/{name...}": true,
	"/results/{id}/-/files/{name...}": true, "/c/{id}": true, "/b/{id}": true, "/b/{id}/config": true, "/r/{id}": true, "/m/{message}": true, "/robots.txt": true,
	"/static/{name...}": true, "/events": true, "/api/events": true, "/api/openapi": true, "/healthz": true, "/readyz": true, "/metrics": true, "/tests/-/file/definitions.yaml": true,
	"/builds/{id}/-/logs/{name}": true, // the page of a result's log
	"/login/back":                true,
	// For who began them: TestNewcomer walks through them.
	"/trees/new/{draft}/{step}": true, "/tests/new/{draft}/{step}": true,
	// For administrators: TestSignInInABrowser looks at them.
	"/admin": true, "/admin/tokens": true, "/admin/webhooks": true, "/webhooks/{id}": true, "/trees/{tree}/-/settings/webhooks": true, "/admin/users": true, "/admin/users/{id}": true, "/admin/audit": true, "/admin/banner": true, "/admin/settings": true,
}

const (
	// seen says whether an element can be seen: it takes place and is not clipped away.
	seen = `const seen = (e) => { if (!e.checkVisibility() || !e.getClientRects().length) return false;
		for (let a = e; a; a = a.parentElement) { if (getComputedStyle(a).clipPath === "inset(50%)") return false } return true };`
	// functions are what can be done on a page, as far as it can be seen.
	functions = `{` + seen + `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(seen)
		.map((e) => e.tagName + " " + (e.getAttribute("href") ?? e.name ?? "") + " " + (e.textContent.trim() || e.getAttribute("aria-label") || e.value)) }`
	// unseen are those that take the focus all the same.
	unseen = `{` + seen + `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")].filter((e) => e.checkVisibility() && !seen(e) && !e.matches(".skip"))
		.map((e) => e.outerHTML.slice(0, 120)).join("\n") }`
	// outside are those that no scrolling up and down reaches, and no box that can be scrolled.
	outside = `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter((e) => {
		if (!e.checkVisibility() || e.closest(".skip, .vh")) return false;
		const at = e.getBoundingClientRect(); if (at.left >= -1 && at.right <= innerWidth + 1) return false;
		for (let box = e.parentElement; box && box !== document.body; box = box.parentElement) { if (/auto|scroll/.test(getComputedStyle(box).overflowX)) return false }
		return true }).map((e) => e.outerHTML.slice(0, 120)).join("\n")`
	// cut is text of which a part cannot be seen, with no way to the whole: no title, no link to it, no box to scroll.
	cut = `{` + seen + `[...document.querySelectorAll("main *, header *, .crumbs *")].filter((e) => e instanceof HTMLElement && e.textContent.trim() && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 &&
		/hidden|clip/.test(getComputedStyle(e).overflowX) && seen(e) && !e.closest("[title], a[href], .skip")).map((e) => e.outerHTML.slice(0, 160)).join("\n") }`
	// strangers are what was asked of another host.
	strangers = `[...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")].map((e) => e.name).filter((n) => !n.startsWith(location.origin + "/") && !n.startsWith("data:")).join("\n")`
)

// everyPage: at 1280 pixels and at those that 400 % zoom leaves of them, every
// page shows the same functions, scrolls up and down only, cuts no name, asks
// no other host, and has a title of its own.
func everyPage(m *month) {
	titles := map[string]string{}
	for _, p := range m.pages {
		m.b.do(p.name, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(m.url(p.url)))
		wide := read(m.b, p.name, chromedp.Evaluate[[]string](functions))
		m.fits(p.name+" at 1280", 1280)
		title := read(m.b, p.name, chromedp.Evaluate[string]("document.title"))
		if other, taken := titles[title]; taken && other != "grid" { // shown in two ways
			m.t.Errorf("%s and %s have the title %q", p.name, other, title)
		}
		titles[title] = p.name
		if others := read(m.b, p.name, chromedp.Evaluate[string](strangers)); others != "" {
			m.t.Errorf("%s asks others:\n%s", p.name, others)
		}
		if fonts := read(m.b, p.name, chromedp.Evaluate[int]("document.fonts.size")); fonts != 0 {
			m.t.Errorf("%s: %d fonts are loaded", p.name, fonts)
		}
		m.b.do(p.name, chromedp.EmulateViewport(320, 180, chromedp.EmulateScale(4)))
		m.fits(p.name+" at 400 %", 320)
		narrow := read(m.b, p.name, chromedp.Evaluate[[]string](functions))
		for _, f := range wide {
			if !slices.Contains(narrow, f) && !strings.Contains(f, "Earlier lines") { // a log loads them by itself
				m.t.Errorf("%s at 400 %%: %q is gone", p.name, f)
			}
		}
		m.b.do(p.name, chromedp.EmulateViewport(360, 740))
		m.fits(p.name+" at 360", 360)
	}
	m.quietButMissing("every page")
}

// quietButMissing is quiet where a page was looked at that is not there, of which
// a browser tells.
func (m *month) quietButMissing(what string) {
	m.t.Helper()
	m.b.mu.Lock()
	m.b.said = slices.DeleteFunc(m.b.said, func(text string) bool { return strings.Contains(text, "404 (Not Found)") })
	m.b.mu.Unlock()
	m.b.quiet(what)
}

func (m *month) fits(what string, width int) {
	m.t.Helper()
	if wide := read(m.b, what, chromedp.Evaluate[int]("document.documentElement.scrollWidth")); wide > width {
		m.t.Errorf("%s: the page is %d wide and scrolls sideways", what, wide)
	}
	if found := read(m.b, what, chromedp.Evaluate[string](outside)); found != "" {
		m.t.Errorf("%s: out of reach:\n%s", what, found)
	}
	if found := read(m.b, what, chromedp.Evaluate[string](unseen)); found != "" {
		m.t.Errorf("%s: takes the focus and is not to be seen:\n%s", what, found)
	}
	if found := read(m.b, what, chromedp.Evaluate[string](cut)); found != "" {
		m.t.Errorf("%s: cut, with no way to the whole:\n%s", what, found)
	}
}

// tabsTellApart: the checkouts of a tree have titles that differ within what a
// bar of tabs shows.
func tabsTellApart(m *month) {
	lines, _, err := m.app.store.ListCheckouts(models.CheckoutFilter{Tree: m.tree.ID}, models.Slice{Limit: 100})
	if err != nil || len(lines) < 3 {
		m.t.Fatalf("%d checkouts, %v", len(lines), err)
	}
	seen := map[string]string{}
	for _, line := range lines {
		title := []rune(textOf(m.document(route.Checkout(line.ID)), "title"))
		short := string(title[:min(40, len(title))])
		if other, taken := seen[short]; taken {
			m.t.Errorf("%s and %s both begin with %q", line.ID, other, short)
		}
		seen[short] = fmt.Sprint(line.ID)
	}
}

// document fetches a page as a stranger does.
func (m *month) document(u route.URL) *html.Node {
	m.t.Helper()
	answer, err := http.Get(m.url(u))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	root, err := html.Parse(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		m.t.Fatalf("%s: %d, %v", u, answer.StatusCode, err)
	}
	return root
}

// textOf is the text of the first element with a tag.
func textOf(n *html.Node, tag string) string {
	for d := range n.Descendants() {
		if d.Type != html.ElementNode || d.Data != tag {
			continue
		}
		var text strings.Builder
		for inner := range d.Descendants() {
			if inner.Type == html.TextNode {
				text.WriteString(inner.Data)
			}
		}
		return strings.TrimSpace(text.String())
	}
	return ""
}
