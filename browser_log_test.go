package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"drover/formats/consolelog"
	"drover/jobs"
	"drover/models"
	"drover/models/blob"
	"drover/views/route"
)

// longLine is where the long log below has its crash.
const longLine = 73211

// logs are what the pages of logs are tried with, in an installation of their own.
type logs struct {
	data    string
	long    route.URL // 120,000 lines
	hostile route.URL
	running route.URL
	growing func(text string) // writes on the running one
}

// storeLogs puts logs into a seeded installation that nobody serves yet.
func storeLogs(t *testing.T) logs {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	l := logs{data: t.TempDir()}
	seed := exec.Command(program, "seed", "--checkouts", "4")
	seed.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "DROVER_DATA=" + l.data}
	if said, err := seed.CombinedOutput(); err != nil {
		t.Fatalf("seed: %v\n%s", err, said)
	}
	s, err := models.Open(t.Context(), models.Options{Path: filepath.Join(l.data, "drover.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	blobs, err := blob.Open(filepath.Join(l.data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	results := finishedResults(t, s)
	l.long = storeLog(t, s, blobs, results[0], longLog())
	l.hostile = storeLog(t, s, blobs, results[1], hostileLog())
	l.running, l.growing = storeRunning(t, s, blobs, results[0])
	return l
}

// finishedResults are results of two jobs.
func finishedResults(t *testing.T, s *models.Store) []models.Result {
	t.Helper()
	var found []models.Result
	trees, err := s.Trees()
	if err != nil {
		t.Fatal(err)
	}
	for _, tree := range trees {
		checkouts, err := s.CheckoutsOfBranch(tree.ID, "master", 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range checkouts {
			results, err := s.Results(c.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if r.JobID != nil && (len(found) == 0 || *found[0].JobID != *r.JobID) {
					if found = append(found, r); len(found) == 2 {
						return found
					}
				}
			}
		}
	}
	t.Fatal("the seeded trees have no results")
	return nil
}

// storeLog gives the job of a result a log.
func storeLog(t *testing.T, s *models.Store, blobs *blob.Store, r models.Result, text string) route.URL {
	t.Helper()
	key := "job/browser/" + r.ID.String() + "/" + jobs.TestLog
	index, err := consolelog.Index(strings.NewReader(text), consolelog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	side, err := json.Marshal(index)
	if err != nil {
		t.Fatal(err)
	}
	for key, body := range map[string][]byte{key: []byte(text), key + jobs.IndexAfter: side} {
		if _, err := blobs.Put(t.Context(), key, bytes.NewReader(body)); err != nil {
			t.Fatal(err)
		}
	}
	err = s.Tx(t.Context(), func(tx *models.Tx) error {
		return tx.AddFile(models.File{OwnerKind: "job", OwnerID: *r.JobID, Name: jobs.TestLog, Blob: key, Bytes: int64(len(text))})
	})
	if err != nil {
		t.Fatal(err)
	}
	return route.ResultLog(r.ID, jobs.TestLog, route.Lines{})
}

// storeRunning makes a build run again, and gives its log and who writes it.
func storeRunning(t *testing.T, s *models.Store, blobs *blob.Store, r models.Result) (log route.URL, growing func(string)) {
	t.Helper()
	var job models.Job
	err := s.Tx(t.Context(), func(tx *models.Tx) (err error) {
		job, err = tx.AddJob(models.Job{Kind: models.JobBuild, CheckoutID: r.CheckoutID, BuildID: r.BuildID, Attempt: 2, State: models.JobRunning})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var written strings.Builder
	growing = func(text string) {
		t.Helper()
		written.WriteString(text)
		if _, err := blobs.Append(jobs.RunningLog(job, jobs.BuildLog)[0], strings.NewReader(written.String()), 64<<20); err != nil {
			t.Fatal(err)
		}
	}
	growing(numbered("CC file", 3000))
	return route.BuildLog(r.BuildID, jobs.BuildLog, route.Lines{}), growing
}

func numbered(text string, lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "%s %d\n", text, i+1)
	}
	return b.String()
}

// longLog has three sections, a crash in the last and a word near its end that
// no rule knows, and a word in the middle of a section without hits.
func longLog() string {
	var b strings.Builder
	for i := 1; i <= 120_000; i++ {
		switch i {
		case 1:
			b.WriteString(consolelog.SectionStart("install"))
		case 4210:
			b.WriteString(consolelog.SectionEnd("install", 360, "ok"))
		case 4211:
			b.WriteString(consolelog.SectionStart("boot"))
		case 7902:
			b.WriteString(consolelog.SectionEnd("boot", 48, "ok"))
		case 7903:
			b.WriteString(consolelog.SectionStart("test"))
		case 2500:
			b.WriteString("a haystack in the installation\n")
		case longLine, 88012:
			b.WriteString("[  219.633000] BUG: KASAN: slab-use-after-free in tcp_close+0x1f/0x90\n")
		case 119_999:
			b.WriteString("the needle\n")
		default:
			fmt.Fprintf(&b, "[%5d.%06d] step %d of the test, which has about as many characters as lines have\n", i/100, i%100*10_000, i)
		}
	}
	return b.String()
}

func hostileLog() string {
	return "plain\n\x1b[31mred\x1b[0m\n10 %\r100 %\r\nnul\x00 bad \xff\xfe\n" + strings.Repeat("m", 1<<20) + "\n<script>document.title='broken'</script>\n" +
		"</pre><img src=x onerror=\"document.title='broken'\">\n\x1b]0;title\x07end\nnot ok 1 x\n"
}

// script runs an expression that is true.
func (b *browser) script(what, expression string) {
	b.t.Helper()
	if !read(b, what, chromedp.Evaluate[bool](expression)) {
		b.t.Errorf("%s: not so", what)
	}
}

// key presses one key, as far as the page is told.
func (b *browser) key(key string, modifiers ...string) {
	b.t.Helper()
	options := `key: "` + key + `", bubbles: true, cancelable: true`
	for _, m := range modifiers {
		options += ", " + m + ": true"
	}
	b.script("press "+key, "(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', {"+options+"})), true")
}

// lineTop is where a line of the log is on the screen, in pixels, and whether it is
// within the log's box.
func lineTop(line int) string {
	return fmt.Sprintf(`(() => { const log = document.querySelector(".log-main .log").getBoundingClientRect();
	  const block = [...document.querySelectorAll(".log-block")].find(b => b.dataset.first <= %[1]d && %[1]d <= b.dataset.last);
	  if (!block) return -1; const top = block.querySelector(".tx").getBoundingClientRect().top + (%[1]d - block.dataset.first) * 18;
	  return top >= log.top && top + 18 <= log.bottom ? top : -1; })()`, line)
}

// TestLogPages: a long log, one that means harm and one that grows, in a
// browser with and without scripts.
func TestLogPages(t *testing.T) {
	if testing.Short() {
		t.Skip("seeds an installation")
	}
	t.Parallel()
	b := newBrowser(t)
	l := storeLogs(t)
	site := install(t, "DROVER_DATA="+l.data)
	long := site.base + string(l.long)
	b.do("wide", chromedp.EmulateViewport(1280, 720))
	b.logWithoutScripts(long)
	b.logAtLine(long)
	b.logKeys(long)
	b.logScrolls(long)
	b.logIsWhole(long)
	b.logHostile(site.base + string(l.hostile))
	b.logRuns(site.base+string(l.running), l.growing)
	b.inspect("long log", long+"?l=73211-73215")
	b.inspect("searched log", long+"?q=needle")
	b.inspect("running log", site.base+string(l.running))
}

func (b *browser) logWithoutScripts(long string) {
	b.t.Helper()
	b.scripts(false)
	for query, want := range map[string]string{"?l=73211": "BUG: KASAN", "": "BUG: KASAN", "?q=needle": "the needle", "?only=1": "BUG: KASAN"} {
		b.do("log without scripts", chromedp.Navigate(long+query))
		if text := read(b, query, chromedp.Text(chromedp.CSS(".log mark"))); !strings.Contains(text, want) {
			b.t.Errorf("%s without scripts: the first mark is %q", query, text)
		}
	}
	b.scripts(true)
}

func (b *browser) logAtLine(long string) {
	b.t.Helper()
	began := time.Now()
	b.do("the log at a line", chromedp.Navigate(long+"?l=73211"))
	b.until("the line is in view", lineTop(longLine)+" >= 0", patience)
	b.t.Logf("measured: a log of 120,000 lines is shown at line 73,211 after %d ms (goal 1000 ms)", time.Since(began).Milliseconds())
	if top := read(b, "the line", chromedp.Evaluate[float64](lineTop(longLine))); top > 240 {
		b.t.Errorf("the line is %v pixels below the top of 720", top)
	}
	if marks := read(b, "marks", chromedp.Evaluate[string]("document.querySelector('#L73211').dataset.m")); marks != "chosen" {
		b.t.Errorf("the line is marked %q", marks)
	}
	b.until("earlier lines come by themselves", "document.querySelector('.log-block').dataset.first <= 73001", patience)
	b.until("the line stays where it was", lineTop(longLine)+" >= 0", patience)
	inLog := `(() => { const log = document.querySelector(".log-main .log").getBoundingClientRect(), at = document.querySelector("#L73211").getBoundingClientRect(); return at.top >= log.top && at.bottom <= log.bottom })()`
	b.do("turn the telephone", chromedp.EmulateViewport(360, 740))
	b.until("the line is in view where lines are wrapped", inLog, patience)
	b.do("turn it back", chromedp.EmulateViewport(1280, 720))
	b.until("the line is in view again", inLog, patience)
	b.quiet("log at a line")
}

func (b *browser) logKeys(long string) {
	b.t.Helper()
	b.do("the log", chromedp.Navigate(long))
	b.until("the first error", lineTop(longLine)+" >= 0", patience)
	b.key("n")
	b.until("n leads to the next hit", lineTop(88012)+" >= 0 && location.search === '?l=88012'", patience)
	b.key("p")
	b.until("p leads back", lineTop(longLine)+" >= 0 && location.search === '?l=73211'", patience)
	b.key("G")
	b.until("G leads to the end", lineTop(120_000)+" >= 0", patience)
	b.key("g")
	b.key("g")
	b.until("gg leads to the top, and opens its section", lineTop(1)+" >= 0 && document.querySelector('.log-fold').open", patience)
	b.script("a click on a number", `(() => { const ln = document.querySelector(".ln"), at = ln.getBoundingClientRect();
	  for (const [y, shiftKey] of [[30, false], [70, true]]) ln.dispatchEvent(new MouseEvent("click", {bubbles: true, clientX: at.left + 5, clientY: at.top + y, shiftKey})); return true })()`)
	b.until("it chooses lines", "location.search === '?l=2-4' && document.querySelector('.log-chosen-lines')?.offsetHeight === 54 && !document.querySelector('.log-chosen').hidden", patience)
	b.key("f", "ctrlKey")
	b.until("Ctrl+F opens the search", "document.activeElement.id === 'log-q' && !document.querySelector('[data-search-note]').hidden", patience)
	left := read(b, "the second", chromedp.Evaluate[bool]("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'f', ctrlKey: true, bubbles: true, cancelable: true}))"))
	if !left {
		b.t.Error("the second Ctrl+F does not reach the browser")
	}
	b.do("search", chromedp.Navigate(long+"?q=needle"))
	b.until("the word on line 119,999", lineTop(119_999)+" >= 0", patience)
	b.do("search", chromedp.Navigate(long+"?q=haystack"))
	b.until("a hit opens its section", lineTop(2500)+" >= 0", patience)
	b.quiet("keys of the log")
}

// logScrolls goes through 10,000 lines and looks at what the browser had to do.
func (b *browser) logScrolls(long string) {
	b.t.Helper()
	b.do("the log", chromedp.Navigate(long))
	b.until("the first error", lineTop(longLine)+" >= 0", patience)
	longest := read(b, "scroll", chromedp.Evaluate[float64](`new Promise(done => {
	  let longest = 0; new PerformanceObserver(list => { for (const e of list.getEntries()) longest = Math.max(longest, e.duration) }).observe({entryTypes: ["longtask"]});
	  const log = document.querySelector(".log-main .log"), began = performance.now(); let lines = 0;
	  (function on() { const before = log.scrollTop; log.scrollTop += 900; lines += (log.scrollTop - before) / 18;
	    if (lines < 10000 && performance.now() - began < 20000) requestAnimationFrame(on); else setTimeout(() => done(lines < 10000 ? 1e9 : longest), 100); })() })`, chromedp.EvalAwaitPromise))
	b.t.Logf("measured: the longest task while 10,000 lines are scrolled takes %.0f ms (goal 200 ms)", longest)
	if longest > 1000 {
		b.t.Errorf("scrolling stops the page for %.0f ms", longest)
	}
	b.script("go far away", `document.querySelector("#log-l").blur(), true`)
	b.key("g")
	b.key("g")
	b.until("the top", lineTop(1)+" >= 0", patience)
	b.until("far lines are dropped", "document.querySelectorAll('.log-block').length < 45", patience)
	b.quiet("scrolling")
}

func (b *browser) logIsWhole(long string) {
	b.t.Helper()
	b.do("the log", chromedp.Navigate(long))
	b.until("the script has begun", "!document.querySelector('[data-load-all]').hidden", patience) // and loads what is near
	began := time.Now()
	b.script("load all", "document.querySelector('[data-load-all]').click(), true")
	b.until("all lines are here", "[...document.querySelectorAll('.log-block')].reduce((n, b) => n + (b.dataset.last - b.dataset.first + 1), 0) === 120000 && document.querySelector('[data-load-all]').hidden", patience)
	b.t.Logf("measured: the whole log of 120,000 lines is loaded after %d ms", time.Since(began).Milliseconds())
	memory := read(b, "memory", chromedp.Evaluate[float64]("performance.memory.usedJSHeapSize / 1e6"))
	elements := read(b, "elements", chromedp.Evaluate[float64]("document.getElementsByTagName('*').length"))
	b.t.Logf("measured: with it the page has %.0f elements and %.0f MB of script memory", elements, memory)
	if memory > 300 || elements > 100_000 {
		b.t.Error("the whole log is too much for a page")
	}
	b.quiet("the whole log")
}

func (b *browser) logHostile(address string) {
	b.t.Helper()
	b.do("hostile log", chromedp.Navigate(address))
	text := read(b, "hostile log", chromedp.Evaluate[string]("document.querySelector('.log .tx').textContent"))
	for _, want := range []string{"<script>document.title='broken'</script>", "</pre><img src=x", "nul\ufffd bad \ufffd\ufffd", "\n100 %\n", " … whole line"} {
		if !strings.Contains(text, want) {
			b.t.Errorf("hostile log: no %q", want)
		}
	}
	if len(text) > 6000 {
		b.t.Errorf("hostile log: %d characters", len(text))
	}
	broken := read(b, "hostile log", chromedp.Evaluate[bool]("document.title.includes('broken') || !!document.querySelector('.log script, .log img')"))
	if broken {
		b.t.Error("a log has become a part of the page")
	}
	if red := read(b, "red", chromedp.Evaluate[string]("document.querySelector('.log .a1').textContent")); red != "red" {
		b.t.Errorf("what is red is %q", red)
	}
	b.quiet("hostile log")
}

// logRuns follows a log that grows, reads above its end, and comes back.
func (b *browser) logRuns(address string, growing func(string)) {
	b.t.Helper()
	b.do("running log", chromedp.Navigate(address))
	const text = "document.querySelector('.log-main .log').textContent"
	b.until("it opens at its end, with what was written before", text+".includes('CC file 3000\\n') && "+text+".includes('CC file 2500\\n') && "+lineTop(3000)+" >= 0", patience)
	b.until("it follows", "document.querySelector('[data-follow]').getAttribute('aria-pressed') === 'true'", patience)
	growing("LD half")
	b.until("half a line", text+".includes('LD half')", patience)
	growing(" whole\nAR x\n")
	b.until("the rest of it", text+".includes('LD half whole\\nAR x\\n') && "+lineTop(3002)+" >= 0 && document.querySelector('[data-log-size]').textContent.includes('3002 lines so far')", patience)
	b.script("scroll up", "document.querySelector('.log-main .log').scrollTop -= 3000, true")
	b.until("it stops following", "document.querySelector('[data-follow]').getAttribute('aria-pressed') === 'false'", patience)
	reading := read(b, "reading", chromedp.Evaluate[float64]("document.querySelector('.log-main .log').scrollTop"))
	growing(numbered("CC more", 382))
	b.until("the number of new lines", "document.querySelector('[data-follow]').textContent === 'Follow (382 new lines)'", patience)
	if at := read(b, "reading", chromedp.Evaluate[float64]("document.querySelector('.log-main .log').scrollTop")); at != reading {
		b.t.Errorf("what is read moved from %v to %v", reading, at)
	}
	b.script("follow", "document.querySelector('[data-follow]').click(), true")
	b.until("the end is in view", text+".includes('CC more 382\\n') && "+lineTop(3384)+" >= 0", patience)
	b.quiet("running log")
}
