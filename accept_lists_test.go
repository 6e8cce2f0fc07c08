package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"drover/views/route"
)

// fields is what a list shows: its rows, what its filters say, and how far down it is.
const fields = `JSON.stringify({rows: [...document.querySelectorAll("main [data-row]")].map((r) => r.dataset.row),
	filters: [...document.querySelectorAll(".filters [name]")].map((f) => [f.name, f.value]), at: location.href, y: Math.round(scrollY)})`

// goesBack: after three changes of the filters and a row that was opened, Back
// and Forward show what was there, and so does loading it again.
func goesBack(m *month) {
	m.b.do("tests", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(m.url(route.CheckoutTests(m.judged.ID))))
	var states []string
	keep := func() {
		m.b.script("scroll", "scrollTo(0, 150), true")
		states = append(states, read(m.b, "state", chromedp.Evaluate[string](fields)))
	}
	for _, change := range []string{`document.querySelector("#filter-status").value = "all"`, `document.querySelector("#filter-arch").value = "x86_64"`, `document.querySelector("#filter-q").value = "kselftest"`} {
		keep()
		m.b.script("choose", change+", true")
		m.b.press(".filters button")
	}
	keep()
	m.b.press("main tbody th a")
	for i := range states {
		m.b.script("back", "history.back(), true")
		m.same("back", states[len(states)-1-i])
	}
	for _, want := range states[1:] {
		m.b.script("forward", "history.forward(), true")
		m.same("forward", want)
	}
	m.b.do("reload", chromedp.Reload())
	m.same("reload", states[len(states)-1])
	if slices.Compact(slices.Clone(states))[0] == states[3] {
		m.t.Error("the filters change nothing")
	}
	m.b.quiet("back and forward")
}

func (m *month) same(what, want string) {
	m.t.Helper()
	m.b.until(what, fmt.Sprintf("%s === %s", fields, strconv.Quote(want)), patience)
}

// sameElsewhere: an address shows the same in a browser that knows nothing of
// this one.
func sameElsewhere(m *month) {
	const shown = `document.querySelector("main").innerText.replace(/\d+ (s|min|h|days) ago|just now/g, "")`
	first := m.b.ctx
	ctx, cancel := chromedp.NewContext(first, chromedp.WithNewBrowserContext())
	defer cancel()
	defer func() { m.b.ctx = first }()
	if err := chromedp.Do(ctx); err != nil { // a tab lives as long as the context that opened it
		m.t.Fatal(err)
	}
	for _, u := range []route.URL{
		route.CheckoutTests(m.judged.ID, "status", "all", "arch", "x86_64", "sort", "-duration"), route.CheckoutCompare(m.judged.ID, m.judged.ID),
		route.TreeGrid(m.tree.Name, "rows", "all", "size", "strips"), route.With(route.ResultLog(m.failed.ID, "console.log", route.Lines{}), "l", "5-9"),
	} {
		m.b.ctx = first
		m.b.do("here", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(m.url(u)))
		m.b.do("again", chromedp.Navigate(read(m.b, "the address bar", chromedp.Location())))
		here := read(m.b, "here", chromedp.Evaluate[string](shown))
		m.b.ctx = ctx
		m.b.do("there", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(m.url(u)))
		if there := read(m.b, "there", chromedp.Evaluate[string](shown)); there != here || len(there) < 100 {
			m.t.Errorf("%s is another elsewhere:\n%s\n%s", u, here, there)
		}
	}
}

// jsonRows are those of a list's JSON.
func (m *month) jsonRows(u route.URL) (rows []map[string]any, total int) {
	m.t.Helper()
	answer, err := http.Get(m.url(u))
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var list struct {
		Data json.RawMessage
		Page struct{ Total int }
	}
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil || answer.StatusCode != http.StatusOK {
		m.t.Fatalf("%s: %d, %v", u, answer.StatusCode, err)
	}
	if bytes.HasPrefix(list.Data, []byte("[")) { // a comparison is more than its rows
		if err := json.Unmarshal(list.Data, &rows); err != nil {
			m.t.Fatalf("%s: %v", u, err)
		}
	}
	return rows, list.Page.Total
}

// rowsAsJSON: the rows of a page are those of its JSON, in the same order.
func rowsAsJSON(m *month) {
	for _, u := range []route.URL{
		route.Checkouts(), route.With(route.Checkouts(), "verdict", "new", "tree", m.tree.Name), route.CheckoutTests(m.judged.ID),
		route.CheckoutTests(m.judged.ID, "status", "all", "sort", "-duration", "arch", "s390x"), route.TestHistory(m.project), route.Jobs("include", "ended"),
	} {
		want, _ := m.jsonRows(route.Format(u, "json"))
		var got, ids []string
		for row := range m.document(u).Descendants() {
			if row.Type == html.ElementNode && row.Data == "tr" {
				for _, a := range row.Attr {
					if a.Key == "data-row" {
						got = append(got, a.Val)
					}
				}
			}
		}
		for _, row := range want {
			ids = append(ids, fmt.Sprint(row["id"]))
		}
		if !slices.Equal(got, ids) || len(got) == 0 {
			m.t.Errorf("%s shows the rows %v, as JSON %v", u, got, ids)
		}
	}
}

// numbersAreLists: a number on a page that leads to a list is how many rows the
// list has.
func numbersAreLists(m *month) {
	followed := map[string]bool{}
	for _, u := range []route.URL{
		route.Home(), route.Trees(), route.TreeBranch(m.tree.Name, m.judged.Branch), route.Checkouts(), route.Checkout(m.judged.ID), route.Checkout(m.running.ID),
		route.CheckoutCompare(m.judged.ID, 0), route.Build(m.failed.BuildID), route.Test(m.project), route.Queues(),
	} {
		for a := range m.document(u).Descendants() {
			href, count, ok := countOf(a)
			if !ok || followed[href] {
				continue
			}
			followed[href] = true
			link, err := url.Parse(href)
			if err != nil {
				m.t.Fatal(err)
			}
			if _, total := m.jsonRows(route.URL(link.Path + ".json?" + link.RawQuery)); total != count {
				m.t.Errorf("%s: %d leads to %s, which has %d rows", u, count, href, total)
			}
		}
	}
	if len(followed) < 20 {
		m.t.Errorf("only %d numbers lead to lists", len(followed))
	}
}

// countOf is a link with a number alone in it, or in bold before a word.
func countOf(a *html.Node) (href string, count int, ok bool) {
	if a.Type != html.ElementNode || a.Data != "a" {
		return "", 0, false
	}
	for _, attribute := range a.Attr {
		if attribute.Key == "href" {
			href = attribute.Val
		}
	}
	text := textOf(a, "b")
	if text == "" && a.FirstChild != nil && a.FirstChild.Type == html.TextNode && a.FirstChild.NextSibling == nil {
		text = strings.TrimSpace(a.FirstChild.Data)
	}
	count, err := strconv.Atoi(strings.ReplaceAll(text, "\u202f", ""))
	return href, count, err == nil && strings.Contains(href, "?")
}

// clearsAll: an empty list names what was asked for, and lets it go in one press.
func clearsAll(m *month) {
	m.b.do("tests", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(m.url(route.CheckoutTests(m.judged.ID, "status", "fail", "arch", "riscv64", "foo", "1"))))
	m.b.script("it says what was ignored", `document.querySelector(".notice").innerText.includes("Ignored filter: foo")`)
	m.b.script("it names the filters", `document.querySelector("main .empty").innerText.includes("status: fail") && document.querySelector("main .empty").innerText.includes("arch: riscv64")`)
	m.b.press(".clear")
	m.b.script("all are gone", `document.querySelectorAll("main tbody tr").length > 0 && !document.querySelector("main .empty") && !location.search.includes("riscv64")`)
	m.b.quiet("clear all")
}

// filtersWithoutScripts: the form of a list filters, its heads sort and its
// pager pages in a browser whose scripts are off.
func filtersWithoutScripts(m *month) {
	m.b.scripts(false)
	defer m.b.scripts(true)
	m.b.do("tests", chromedp.EmulateViewport(1280, 720), chromedp.Navigate(m.url(route.CheckoutTests(m.judged.ID, "status", "all"))))
	for _, step := range []struct{ press, leads string }{
		{".filters button", "status=all"}, {"thead th:nth-child(2) a", "sort="}, {".pager a[rel=next]", "after="},
	} {
		ctx, cancel := context.WithTimeout(m.b.ctx, patience)
		nodes, err := chromedp.Run(ctx, chromedp.Nodes(chromedp.CSS(step.press)))
		if err == nil {
			_, err = chromedp.RunResponse(ctx, chromedp.MouseClickNode(nodes[0]))
		}
		cancel()
		if err != nil {
			m.t.Fatalf("press %s: %v", step.press, err)
		}
		if at := read(m.b, "the address", chromedp.Location()); !strings.Contains(at, step.leads) {
			m.t.Errorf("%s led to %s", step.press, at)
		}
	}
}
