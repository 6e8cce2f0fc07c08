package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"drover/models"
	"drover/rules/status"
	"drover/views/route"
)

// browser is a headless Chromium with an empty profile.
type browser struct {
	t    *testing.T
	ctx  context.Context
	axe  string
	shot string // folder for pictures, "" for none

	mu   sync.Mutex
	said []string // errors on the console
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	program := os.Getenv("DROVER_TEST_CHROMIUM")
	if program == "" {
		t.Skip("no browser: set DROVER_TEST_CHROMIUM, or run `make test`, which installs one")
	}
	axe, err := os.ReadFile(os.Getenv("DROVER_TEST_AXE"))
	if err != nil {
		t.Fatalf("axe-core (DROVER_TEST_AXE): %v", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	b := &browser{t: t, ctx: ctx, axe: string(axe), shot: os.Getenv("DROVER_TEST_SHOTS")}
	t.Cleanup(func() { cancel(); stop() })
	messages := chromedp.Console(ctx)
	go func() {
		for message, err := range messages {
			if err != nil {
				return
			}
			if message.Type == "error" || message.Type == chromedp.ConsoleException {
				b.mu.Lock()
				b.said = append(b.said, message.Text)
				b.mu.Unlock()
			}
		}
	}()
	return b
}

func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

func read[T any](b *browser, what string, a chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	value, err := chromedp.Run(ctx, a)
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	return value
}

// theme makes the browser say that its user likes light or dark pages.
func (b *browser) theme(name string) {
	b.t.Helper()
	b.do("set the theme", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
		})
		return err
	}))
}

// scripts switches JavaScript on or off.
func (b *browser) scripts(on bool) {
	b.t.Helper()
	b.do("switch scripts", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	}))
}

// press clicks and waits for the page that comes.
func (b *browser) press(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("press %s: %v", selector, err)
	}
}

// violations is axe's answer in words, one line a finding.
const violations = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(
	r => r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | ")).join("\n"))`

// inspect opens a page and looks at it wide and narrow, light and dark.
func (b *browser) inspect(name, address string) {
	b.t.Helper()
	for _, width := range []int64{1280, 360} {
		for _, theme := range []string{"light", "dark"} {
			what := fmt.Sprintf("%s at %d, %s", name, width, theme)
			b.theme(theme)
			b.fits(what, address, width)
			b.accessible(what)
		}
	}
	b.quiet(name)
}

// fits opens a page: it must fit its width, and have one h1.
func (b *browser) fits(what, address string, width int64) {
	b.t.Helper()
	b.do(what, chromedp.EmulateViewport(width, 720), chromedp.Navigate(address))
	if wide := read(b, what, chromedp.Evaluate[int64]("document.documentElement.scrollWidth")); wide > width {
		b.t.Errorf("%s: the page is %d wide and scrolls sideways", what, wide)
	}
	if heads := read(b, what, chromedp.Evaluate[int64]("document.querySelectorAll('h1').length")); heads != 1 {
		b.t.Errorf("%s: %d h1", what, heads)
	}
	b.picture(strings.NewReplacer(" ", "-", ",", "").Replace(what))
}

// accessible asks axe-core about the page that is open.
func (b *browser) accessible(what string) {
	b.t.Helper()
	read(b, what, chromedp.Evaluate[bool](b.axe+"; true"))
	if found := read(b, what, chromedp.Evaluate[string](violations, chromedp.EvalAwaitPromise)); found != "" {
		b.t.Errorf("%s: axe-core found\n%s", what, found)
	}
}

// quiet fails when a page said an error on the console.
func (b *browser) quiet(name string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.said {
		b.t.Errorf("%s: console: %s", name, text)
	}
	b.said = nil
}

// forget drops what the console said: the browser says of each refusal that it
// is one, and a test may want some.
func (b *browser) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said = nil
}

// picture keeps what the page looks like, where somebody wants to see it.
func (b *browser) picture(name string) {
	b.t.Helper()
	if b.shot == "" {
		return
	}
	png := read(b, name, chromedp.CaptureScreenshot())
	if err := os.WriteFile(filepath.Join(b.shot, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// installation is a running drover with an empty installation.
type installation struct {
	signIn string // address that signs a browser in
	base   string
	data   string
}

var signIn = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/(?:login\?token=\w+| for )`)

// install starts `drover serve` as a newcomer does.
func install(t *testing.T, settings ...string) installation {
	t.Helper()
	name, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	i := installation{data: t.TempDir()}
	process := exec.Command(name, "serve")
	process.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "DROVER_DATA=" + i.data, "DROVER_LISTEN=127.0.0.1:0",
		"DROVER_LOG_LEVEL=error", "DROVER_DEEP_SHARE=0", "DROVER_RATE=0",
	}, settings...)
	process.Stderr = os.Stderr
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = process.Process.Signal(os.Interrupt) // it may have ended by itself
		if err := process.Wait(); err != nil {
			t.Errorf("drover serve did not stop cleanly: %v", err)
		}
	})
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if found := signIn.FindStringSubmatch(lines.Text()); found != nil {
			i.signIn, i.base = found[0], found[1]
			return i
		}
	}
	t.Fatal("drover serve printed no address")
	return i
}

// TestNewcomer goes from an empty installation through the sample tree to a
// checkout, a result and its mail.
func TestNewcomer(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and tests the sample tree")
	}
	t.Parallel()
	b := newBrowser(t)
	site := install(t, "DROVER_ALLOW_PRIVATE_REMOTES=true") // the wizard's tree is on this machine
	b.do("sign in", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(site.signIn))
	b.inspect("empty overview", site.base+"/")
	b.inspect("new tree", site.base+string(route.NewTree()))
	b.inspect("new test", site.base+string(route.NewTest()))
	b.storybook(site)
	began := time.Now()
	b.do("add the sample tree", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(site.base+"/"))
	b.press(`form[action="/-/actions/sample"] button`)
	checkouts := waitForSample(t, site.data)
	t.Logf("measured: the sample tree took %.0f s from the click to its last verdict (goal 90 s)", time.Since(began).Seconds())
	pages := samplePages(t, site, checkouts)
	for _, page := range pages {
		b.inspect(page.name, site.base+string(page.url))
	}
	b.gridKeys(site)
	b.withoutScripts(site, pages)
	b.keys(site, pages)
	b.addsTree(site)
}

// gridKeys walks the grid by keys: the line above it says what each cell is.
func (b *browser) gridKeys(site installation) {
	b.t.Helper()
	for _, size := range []string{"cells", "strips"} {
		what := "the grid in " + size
		b.do(what, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(site.base+string(route.TreeGrid("sample", "rows", "all", "size", size))))
		said := func(part string) {
			b.t.Helper()
			if text := read(b, what, chromedp.Evaluate[string]("document.querySelector('[data-grid-detail]').innerText")); !strings.Contains(text, part) {
				b.t.Errorf("%s says %q, without %q", what, text, part)
			}
		}
		said("Point at a cell")
		b.do(what, chromedp.Focus(chromedp.CSS(".grid-box")), chromedp.KeyEvent("n"))
		said("New")
		b.do(what, chromedp.KeyEvent(kb.End), chromedp.KeyEvent(kb.ArrowLeft), chromedp.KeyEvent(kb.Home), chromedp.KeyEvent(kb.ArrowDown))
		said("·")
		b.do(what, chromedp.KeyEvent("n"))
		ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
		if _, err := chromedp.RunResponse(ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
			b.t.Errorf("%s: Enter: %v", what, err)
		}
		cancel()
		if at := read(b, what, chromedp.Location()); !strings.Contains(at, "/results/") {
			b.t.Errorf("%s: Enter on a failure led to %s", what, at)
		}
	}
	b.quiet("the grid by keys")
}

func waitForSample(t *testing.T, data string) []models.Checkout {
	t.Helper()
	s, err := models.Open(t.Context(), models.Options{Path: filepath.Join(data, "drover.db"), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	deadline := time.After(5 * time.Minute)
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		tree, err := s.TreeByName("sample")
		if err != nil {
			t.Fatal(err)
		}
		checkouts, err := s.CheckoutsOfBranch(tree.ID, "main", 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(checkouts) == 8 && checkouts[0].State == models.CheckoutFinished {
			return checkouts
		}
		select {
		case <-deadline:
			t.Fatalf("the sample tree has %d checkouts after five minutes", len(checkouts))
		case <-ticker.C:
		}
	}
}

// visited is a page by its name.
type visited struct {
	name string
	url  route.URL
}

// samplePages are the pages that the sample tree fills.
func samplePages(t *testing.T, site installation, checkouts []models.Checkout) []visited {
	t.Helper()
	s, err := models.Open(t.Context(), models.Options{Path: filepath.Join(site.data, "drover.db"), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	news := checkouts[6] // the second commit, newest first
	pages := []visited{
		{"overview", "/"}, {"trees", route.Trees()}, {"tree", route.Tree("sample")}, {"grid", route.TreeGrid("sample")},
		{"grid in strips", route.TreeGrid("sample", "rows", "all", "size", "strips")}, {"checkouts", route.Checkouts()},
		{"checkout with a new failure", route.Checkout(news.ID)}, {"its tests", route.CheckoutTests(news.ID)},
		{"its timeline", route.CheckoutTimeline(news.ID)}, {"its comparison", route.CheckoutCompare(news.ID, 0)},
		{"checkout that is broken", route.Checkout(checkouts[1].ID)}, {"checkout that is fixed", route.Checkout(checkouts[2].ID)},
		{"tests", route.Tests()}, {"outbox", route.Mails()}, {"jobs", route.Jobs("include", "ended")}, {"steps", route.Queues()},
		{"search", route.Search("a")}, {"search for nothing", route.Search("zzz-nothing")}, {"settings", route.Me()}, {"help", route.Help()},
		{"help on words", route.HelpPage("statuses")}, {"help on a checkout", route.HelpPage("checkout")}, {"help on keys", route.HelpPage("keys")},
	}
	results, err := s.Results(news.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Shown != status.New {
			continue
		}
		test, err := s.Test(r.TestID)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, visited{"result", route.Result(r.ID)}, visited{"build", route.Build(r.BuildID)},
			visited{"log", route.ResultLog(r.ID, "console.log", route.Lines{First: int(r.FirstErrorLine)})},
			visited{"test", route.Test(test.Path)})
	}
	ran, err := s.JobsOfCheckout(news.ID)
	if err != nil || len(ran) == 0 {
		t.Fatalf("jobs: %d, %v", len(ran), err)
	}
	pages = append(pages, visited{"job", route.Job(ran[0].ID)})
	mails, err := s.Mails(0, 10)
	if err != nil || len(mails) == 0 {
		t.Fatalf("mails: %d, %v", len(mails), err)
	}
	return append(pages, visited{"mail", route.Mail(mails[0].ID)})
}

// withoutScripts walks by links alone: overview, tree, checkout, result.
func (b *browser) withoutScripts(site installation, pages []visited) {
	b.t.Helper()
	b.scripts(false)
	for _, page := range pages {
		b.do(page.name+" without scripts", chromedp.Navigate(site.base+string(page.url)))
		if text := read(b, page.name, chromedp.Text(chromedp.CSS("main"))); len(text) < 50 {
			b.t.Errorf("%s without scripts: only %q", page.name, text)
		}
	}
	for _, step := range []struct{ from, link, leads string }{
		{"overview", `a[href^="/trees/sample"]`, "/trees/sample"},
		{"tree", `main table a[href^="/checkouts/"]`, "/checkouts/"},
		{"checkout with a new failure", `a[href^="/results/"]`, "/results/"},
		{"result", `a[href*="/-/logs/"]`, "/-/logs/"},
	} {
		at := slices.IndexFunc(pages, func(p visited) bool { return p.name == step.from })
		b.do(step.from, chromedp.Navigate(site.base+string(pages[at].url)))
		// A click in the browser's driver needs scripts, a link does not.
		link := read(b, step.link, chromedp.AttributeValue(chromedp.CSS(step.link), "href"))
		b.do("follow "+step.link, chromedp.Navigate(site.base+link.Value))
		if at := read(b, "the address", chromedp.Location()); !strings.Contains(at, step.leads) {
			b.t.Errorf("%s led to %s", step.link, at)
		}
	}
	b.scripts(true)
	b.quiet("without scripts")
}

// patience is how long a page may take to become what it shall be.
const patience = 20 * time.Second

// until waits until something is true of the page, also across a navigation,
// and says how long that took.
func (b *browser) until(what, expression string, within time.Duration) time.Duration {
	b.t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(b.ctx, within)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && ok {
			return time.Since(began)
		}
		select {
		case <-ctx.Done():
			text := read(b, what, chromedp.Evaluate[string](`document.querySelector("main").innerText.slice(0, 1500) + document.querySelector("footer").innerText`))
			b.t.Fatalf("%s: not within %v: %v\n%s", what, within, err, text)
		case <-ticker.C:
		}
	}
}
