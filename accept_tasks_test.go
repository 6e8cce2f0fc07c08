package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"drover/rules/status"
	"drover/views/route"
)

// task is what a person came for: what it takes from a page to what they want
// to know or have, in presses of the mouse or of keys.
type task struct {
	*month
	name    string
	most    int // presses
	from    func(*task) route.URL
	do      func(*task)
	presses int
}

// tasks are those of people whose objects exist; unscripted says why the others
// are not here. T8 is what is new against the checkout before: what is new since
// somebody's last visit needs people who sign in. T9 goes by the newest checkout;
// to tick any two in the table takes three presses.
var tasks = []task{
	{name: "T1: is it worse", most: 0, from: fromMail, do: func(k *task) {
		k.inView(`document.querySelector(".verdict h2")`, k.judged.VerdictText)
	}},
	{name: "T2: the first error line", most: 0, from: fromMail, do: func(k *task) {
		k.inView(`document.querySelector(".failure .first-error code")`, "")
	}},
	{name: "T3: the log around it", most: 1, from: fromCheckout, do: func(k *task) {
		line := read(k.b, "the line", chromedp.Evaluate[string](`document.querySelector(".failure .first-error .at").innerText.replace(/\D/g, "")`))
		k.press(".failure .first-error .at")
		k.b.until("the line is in view", `(() => { const m = document.querySelector("#L`+line+`"); if (!m || m.dataset.m !== "chosen") return false; const y = m.getBoundingClientRect(); return y.top >= 0 && y.bottom <= innerHeight })()`, patience)
		k.b.script("with 30 lines around it", `document.querySelector(".log-main .log").textContent.split("\n").length >= 30`)
		k.b.until("not far from the top of the log", `(() => { const log = document.querySelector(".log-main .log").getBoundingClientRect(), at = document.querySelector("#L`+line+`").getBoundingClientRect();
			return document.querySelector(".log-main .log").scrollTop === 0 || at.top - log.top <= log.height / 3 })()`, patience)
	}},
	{name: "T4: the commands that reproduce it", most: 2, from: fromCheckout, do: func(k *task) {
		k.press(`.failure-links a[href*="#reproduce"]`)
		k.b.script("listen", `navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve() }, true`)
		k.click(".copy-all button")
		k.b.until("all that is shown is copied", `window.copied && [...document.querySelectorAll(".reproduce pre")].length >= 4 && [...document.querySelectorAll(".reproduce pre")].every((p) => window.copied.includes(p.textContent.trim()))`, patience)
		k.b.script("source, config, build and run", `["source", "config", "uild", "un the test"].every((part) => [...document.querySelectorAll(".reproduce h3")].some((h) => h.innerText.includes(part)))`)
	}},
	{name: "T5: did it fail before, and where", most: 0, from: fromResult, do: func(k *task) {
		k.inView(`document.querySelector(".strips .strip")`, "")
		k.inView(`document.querySelector(".strips dl > div:nth-child(2) dd")`, "")
		k.inView(`document.querySelector(".strips dl > div:nth-child(3) .strip")`, "")
	}},
	{name: "T5: as a table", most: 1, from: fromResult, do: func(k *task) {
		k.press(".strips .strip-link")
		k.b.script("a table of results", `[...document.querySelectorAll("main tbody tr")].some((r) => r.querySelector('a[href^="/checkouts/"]'))`)
	}},
	{name: "T6: find my commit", most: 3, from: fromAnywhere, do: func(k *task) { k.find(k.judged.SHA[:12]) }},
	{name: "T7: stop this mail", most: 1, from: func(k *task) route.URL { return route.Unsubscribe(k.link) }, do: func(k *task) {
		k.press("main form button")
		k.b.script("it is stopped", `document.querySelector("h1").innerText === "No more mail"`)
	}},
	{name: "T7: after all", most: 1, from: func(k *task) route.URL { return route.Unsubscribe(k.link) }, do: func(k *task) {
		k.press("main form button")
		k.b.script("it comes again", `document.querySelector("h1").innerText === "Stop this mail?"`)
	}},
	{name: "T8: what is new in my tree", most: 0, from: func(k *task) route.URL { return route.TreeBranch(k.tree.Name, k.judged.Branch) }, do: func(k *task) {
		k.inView(`document.querySelector(".verdict h2")`, k.newest.VerdictText)
		if k.newest.Verdict == status.NewFailures {
			k.inView(`document.querySelector(".failure h3 a")`, "")
		}
	}},
	{name: "T9: compare two checkouts", most: 2, from: func(k *task) route.URL { return route.TreeBranch(k.tree.Name, k.judged.Branch) }, do: func(k *task) {
		k.press(`[data-row="` + k.judged.ID.String() + `"] a[href^="/checkouts/"]`)
		k.press(`.tabs a[href*="compare"]`)
		k.inView(`document.querySelector(".changes")`, "")
	}},
	{name: "T12: what a pattern would have chosen", most: 0, from: func(k *task) route.URL { return route.TestTargeting(k.project) }, do: func(k *task) {
		k.b.script("forget what is there", `document.querySelector("#field-paths").value = "", true`)
		k.b.do("type a pattern", chromedp.SendKeys(chromedp.CSS("#field-paths"), "drivers/\n"))
		took := k.b.until("the sum is that of the rows, which are about the pattern", `(() => { const shown = document.querySelector("#preview"), rows = [...shown.querySelectorAll("tbody tr")],
			sum = shown.querySelector("strong")?.innerText.match(/on (\d+) of (\d+)/);
			return !shown.hasAttribute("aria-busy") && sum && rows.length > 0 && +sum[2] === rows.length && rows.every((r) => r.innerText.includes("drivers/")) &&
				+sum[1] === rows.filter((r) => r.querySelector("[data-l=Runs]").innerText.startsWith("Runs")).length })()`, patience)
		k.b.t.Logf("measured: a pattern was tried on the changes of the past %d ms after it was typed (goal 2 s)", took.Milliseconds())
		k.b.do("type what is no pattern", chromedp.SendKeys(chromedp.CSS("#field-paths"), "~(\n"))
		k.b.until("it is refused, and what was right stays in grey", `document.querySelector("#preview-problems").innerText.includes("refused") && document.querySelector("#preview[data-stale] tbody tr")`, patience)
		k.b.forget()
	}},
	{name: "T22: what I see, for somebody else", most: 0, from: func(k *task) route.URL { return route.CheckoutTests(k.judged.ID, "status", "all", "arch", "x86_64") }, do: func(k *task) {
		k.b.script("the address says it all", `location.search === "?status=all&arch=x86_64" && document.querySelector("link[rel=canonical]").getAttribute("href") === location.pathname + location.search`)
	}},
}

func fromMail(k *task) route.URL     { return route.ShortCheckout(k.judged.ID) }
func fromCheckout(k *task) route.URL { return route.Checkout(k.judged.ID) }
func fromResult(k *task) route.URL   { return route.Result(k.failed.ID) }
func fromAnywhere(*task) route.URL   { return route.Help() }

// tasksWithinBudget: every task is done, and takes no more presses than it may.
func tasksWithinBudget(m *month) {
	for _, t := range tasks {
		t.month = m
		began := time.Now()
		m.b.do(t.name, chromedp.EmulateViewport(1280, 720), chromedp.Navigate(m.url(t.from(&t))))
		t.do(&t)
		if t.presses > t.most {
			m.t.Errorf("%s takes %d presses, %d at most", t.name, t.presses, t.most)
		}
		m.t.Logf("measured: %s: %d of %d presses, the pages took %.1f s", t.name, t.presses, t.most, time.Since(began).Seconds())
	}
	m.b.quiet("tasks")
}

// press is a press that leads to another page.
func (k *task) press(selector string) {
	k.b.t.Helper()
	k.presses++
	k.b.press(selector)
}

// click is a press that does not.
func (k *task) click(selector string) {
	k.b.t.Helper()
	k.presses++
	k.b.do("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// find pastes something into the search.
func (k *task) find(text string) {
	k.b.t.Helper()
	k.presses += 3 // the key of the search, of pasting, and Enter
	k.b.do("search", stroke("/"))
	k.b.until("the search has the focus", `document.activeElement.id === "search-q"`, patience)
	k.b.do("paste", chromedp.SendKeys(chromedp.CSS("#search-q"), text))
	k.b.follow(kb.Enter, string(route.Checkout(k.judged.ID)))
}

// inView wants an element, and all that it says, on the screen without scrolling.
func (k *task) inView(element, says string) {
	k.b.t.Helper()
	k.b.script(k.name, `(() => { const e = `+element+`; if (!e) return false; const at = e.getBoundingClientRect();
		return scrollY === 0 && at.top >= 0 && at.top + Math.min(at.height, 40) <= innerHeight && at.width > 0 && (e.innerText ?? "").includes(`+quoted(says)+`) })()`)
}

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return string(b)
}

// allAsJSON is T23: a program has every page that has data, by its address and
// .json.
func allAsJSON(m *month) {
	n := 0
	for _, p := range m.pages {
		shape, _ := route.Find(http.MethodGet, p.url)
		if !strings.Contains(shape.Formats, "json") || p.name == "nothing there" {
			continue
		}
		answer, err := http.Get(m.url(route.Format(p.url, "json")))
		if err != nil {
			m.t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		var data struct {
			Data        json.RawMessage
			GeneratedAt time.Time `json:"generated_at"`
		}
		if err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(body, &data) != nil || len(data.Data) < 2 || data.GeneratedAt.Location() != time.UTC {
			m.t.Errorf("%s as JSON: %d, %v: %.200s", p.name, answer.StatusCode, err, body)
		}
		n++
	}
	if n < 20 {
		m.t.Errorf("only %d pages have JSON", n)
	}
}

// outboxSaysWhy: a mail that was not sent says so in the outbox, on its own
// page and with its checkout.
func outboxSaysWhy(m *month) {
	const why = "not sent: DROVER_ENVIRONMENT is development"
	mails, err := m.app.store.Mails(0, 1)
	if err != nil || len(mails) == 0 {
		m.t.Fatalf("%d mails, %v", len(mails), err)
	}
	for _, u := range []route.URL{route.Mails(), route.Mail(mails[0].ID), route.CheckoutReports(m.judged.ID)} {
		if text := textOf(m.document(u), "main"); !strings.Contains(text, why) {
			m.t.Errorf("%s does not say %q", u, why)
		}
	}
}

// stripsAreRight: what the strips of a result say in words is what stands in the
// lists that they lead to.
func stripsAreRight(m *month) {
	results, err := m.app.store.Results(m.judged.ID)
	if err != nil {
		m.t.Fatal(err)
	}
	elsewhere := 0
	for _, other := range results {
		if other.TestID == m.failed.TestID && other.Scenario != m.failed.Scenario && other.Final {
			elsewhere++
		}
	}
	m.b.do("result", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(m.url(route.Result(m.failed.ID))))
	if shown := read(m.b, "elsewhere", chromedp.Evaluate[int](`document.querySelectorAll(".strips .places li").length`)); shown != elsewhere || elsewhere == 0 {
		m.t.Errorf("%d results elsewhere are shown, there are %d", shown, elsewhere)
	}
	rows, _ := m.jsonRows(route.With(route.Format(route.TestHistory(m.project), "json"), "tree", m.tree.Name, "branch", m.judged.Branch, "limit", "500"))
	bad, all, here := 0, 0, false
	for _, row := range rows { // newest first; the strip ends with this result
		here = here || row["id"] == m.failed.ID.String()
		if !here || m.at(row) != m.place || all == 40 { // as many as a strip has
			continue
		}
		all++
		if row["status"] == string(status.Fail) {
			bad++
		}
	}
	label := read(m.b, "label", chromedp.Evaluate[string](`document.querySelector(".strips .strip").getAttribute("aria-label")`))
	if !strings.HasPrefix(label, fmt.Sprintf("Last %d results: ", all)) || !strings.Contains(label, fmt.Sprintf("%d failed", bad)) {
		m.t.Errorf("the strip says %q, there are %d results of which %d failed", label, all, bad)
	}
}

// at is where a result was, as its page says it.
func (m *month) at(row map[string]any) string {
	return fmt.Sprintf("%v %v %v", row["arch"], row["config"], row["compiler"])
}
