package server_test

import (
	"encoding/csv"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"drover/rules/id"
	"drover/views/route"
)

// pages is every page of the site, with what its h1 must say.
func (w *world) pages() map[string]string {
	c, b, r := w.newest.ID, w.build.ID, w.failed.ID
	return map[string]string{
		"/":                                  "Overview",
		"/trees":                             "Trees",
		"/trees/new":                         "Add a tree",
		"/trees/net-next":                    "net-next",
		"/trees/quiet":                       "quiet",
		"/trees/net-next?branch=main":        "net-next",
		"/trees/net-next/-/settings":         "net-next: settings",
		"/trees/net-next/-/grid":             "net-next: tests by checkouts",
		"/trees/quiet/-/grid":                "quiet: tests by checkouts",
		"/trees/quiet/-/settings":            "quiet: settings",
		"/checkouts":                         "Checkouts",
		string(route.Checkout(c)):            "net: change 2",
		string(route.Checkout(w.running.ID)): "net: change 3",
		string(route.CheckoutTests(c)):       "net: change 2",
		string(route.CheckoutTests(c, "status", "all")):         "net: change 2",
		string(route.CheckoutBuilds(c)):                         "net: change 2",
		string(route.CheckoutPlan(c)):                           "net: change 2",
		string(route.CheckoutFiles(c)):                          "net: change 2",
		string(route.CheckoutTimeline(c)):                       "net: change 2",
		string(route.CheckoutCompare(c, 0)):                     "net: change 2",
		string(route.CheckoutReports(c)):                        "net: change 2",
		string(route.Build(b)):                                  "x86_64",
		string(route.Result(r)):                                 "net/fib_tests.sh",
		string(route.Result(w.suite.ID)):                        "net/tls.sh",
		"/results/" + r.String() + "/-/logs/console.log":        "console.log",
		"/results/" + r.String() + "/-/logs/console.log?l=2":    "console.log",
		"/results/" + r.String() + "/-/logs/console.log?q=BOLD": "console.log",
		"/builds/" + b.String() + "/-/logs/build.log":           "build.log",
		"/tests":                            "Tests",
		"/tests?include=cases":              "Tests",
		"/tests/new":                        "Add a test",
		"/tests/-/file":                     "Definitions as YAML",
		"/targeting":                        "Try a change",
		"/targeting?checkout=" + c.String(): "Try a change",
		"/tests/net/fib_tests.sh":           "net/fib_tests.sh",
		"/tests/kunit/list/add":             "kunit/list/add",
		"/tests/net/fib_tests.sh/-/history": "net/fib_tests.sh: history",
		string(route.Test("odd/" + strings.ReplaceAll(hostile, "/", "_"))): "odd/",
		"/jobs":                           "Jobs",
		"/jobs?include=ended":             "Jobs",
		string(route.Job(w.job.ID)):       "net/fib_tests.sh on x86_64",
		"/queues":                         "Steps to be done",
		"/queues/delivery.send":           "delivery.send",
		"/mail":                           "Mail",
		string(route.Mail(w.mail.ID)):     "[drover] FAIL 2 new",
		string(route.Unsubscribe(w.link)): "Stop this mail?",
		"/login":                          "Sign in",
		"/search":                         "Search",
		"/search?q=net":                   "Search",
		"/search?q=nothing-like-it":       "Search",
		"/me":                             "Settings",
		"/help":                           "Help",
		"/help/checkout":                  "A checkout",
		"/help/statuses":                  "Words, signs and pictures",
		"/help/keys":                      "Keys",
	}
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		titles := map[string]string{}
		for path, heading := range w.pages() {
			body := w.get(path, 200)
			root, err := html.Parse(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if got := textsOf(root, "h1"); len(got) != 1 || !strings.HasPrefix(got[0], heading) {
				t.Errorf("%s: h1 is %q, want %q", path, got, heading)
			}
			if strings.Contains(body, "<script>alert") || strings.Contains(body, "<b>bold") {
				t.Errorf("%s: a hostile name reached the page as markup", path)
			}
			title := textsOf(root, "title")
			if other, taken := titles[title[0]]; taken && !strings.Contains(path, "?") && !strings.Contains(other, "?") {
				t.Errorf("%s and %s have the title %q", path, other, title[0])
			}
			titles[title[0]] = path
			if !strings.Contains(body, `<link rel="canonical" href="/`) {
				t.Errorf("%s: no canonical address", path)
			}
			if own := strings.Contains(body, `aria-label="Help"><a href="/help/`); own != (path != "/help") {
				t.Errorf("%s: the foot does not lead to the help on this page", path)
			}
			linksExist(t, path, root)
		}
		for _, line := range strings.Split(w.log.String(), "\n") {
			if strings.Contains(line, `"level":"ERROR"`) {
				t.Error(line)
			}
		}
	})
}

func textsOf(n *html.Node, tag string) []string {
	var list []string
	if n.Type == html.ElementNode && n.Data == tag {
		return []string{strings.TrimSpace(innerText(n))}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		list = append(list, textsOf(child, tag)...)
	}
	return list
}

func innerText(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		b.WriteString(innerText(child))
	}
	return b.String()
}

// linksExist wants every link and form of a page to lead to a known address.
func linksExist(t *testing.T, path string, n *html.Node) {
	t.Helper()
	if n.Type == html.ElementNode {
		method := "GET"
		for _, a := range n.Attr {
			if n.Data == "form" && a.Key == "method" && strings.EqualFold(a.Val, "post") {
				method = "POST"
			}
		}
		for _, a := range n.Attr {
			if (a.Key == "href" || a.Key == "action" || a.Key == "src") && strings.HasPrefix(a.Val, "/") {
				if _, ok := route.Find(method, route.URL(a.Val)); !ok {
					t.Errorf("%s: %s %s leads nowhere", path, method, a.Val)
				}
			}
		}
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		linksExist(t, path, child)
	}
}

func TestLinksOfPagesAnswer(t *testing.T) {
	w := quick(t)
	seen := map[string]bool{}
	link := regexp.MustCompile(`href="(/[^"]*)"`)
	for path := range w.pages() {
		for _, found := range link.FindAllStringSubmatch(w.get(path, 200), -1) {
			target, _, _ := strings.Cut(html.UnescapeString(found[1]), "#")
			if seen[target] {
				continue
			}
			seen[target] = true
			if strings.HasSuffix(target, "/-/files/lost") {
				continue // the file that was not stored: its link says why
			}
			if r := w.do(request{path: target}); r.StatusCode >= 400 {
				t.Errorf("%s links to %s: %d", path, target, r.StatusCode)
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d links were found", len(seen))
	}
}

// lists have their rows as JSON and CSV too.
func (w *world) lists() []string {
	c := w.newest.ID
	return []string{
		"/trees", "/trees/net-next", "/checkouts", string(route.CheckoutTests(c)), string(route.CheckoutTests(c, "status", "all", "sort", "-test")),
		string(route.CheckoutBuilds(c)), string(route.CheckoutPlan(c)), string(route.CheckoutReports(c)), "/tests", "/tests/net/fib_tests.sh/-/history", "/jobs?include=ended", "/mail",
	}
}

func TestFormatsAgree(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, path := range w.lists() {
			asJSON := decode(t, w.get(string(route.Format(route.URL(path), "json")), 200))
			rows, isList := asJSON["data"].([]any)
			if !isList {
				rows = asJSON["data"].(map[string]any)["checkouts"].([]any)
			}
			accepted := w.do(request{path: path, header: map[string]string{"Accept": "application/json"}})
			if got := decode(t, text(t, accepted)); fmt.Sprint(got) != fmt.Sprint(asJSON) {
				t.Errorf("%s: Accept gives another body than .json", path)
			}
			if vary := accepted.Header.Values("Vary"); len(vary) == 0 || vary[0] != "Accept, HX-Request, X-Fragment" {
				t.Errorf("%s: Vary is %q", path, vary)
			}
			table, err := csv.NewReader(strings.NewReader(w.get(string(route.Format(route.URL(path), "csv")), 200))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			if len(table) != len(rows)+1 || len(rows) == 0 {
				t.Fatalf("%s: %d rows as JSON, %d as CSV", path, len(rows), len(table)-1)
			}
			compareRows(t, path, rows, table)
			page := asJSON["page"].(map[string]any)
			if page["total"].(float64) < float64(len(rows)) || page["total_is_exact"] != true {
				t.Errorf("%s: page is %v", path, page)
			}
			root, err := html.Parse(strings.NewReader(w.get(path, 200)))
			if err != nil {
				t.Fatal(err)
			}
			if got := len(textsOf(root, "tr")); got < len(rows) && !strings.Contains(path, "reports") {
				t.Errorf("%s: the page has %d rows, JSON %d", path, got, len(rows))
			}
		}
	})
}

// compareRows wants the same values in the columns that have the same name.
func compareRows(t *testing.T, path string, rows []any, table [][]string) {
	t.Helper()
	for i, row := range rows {
		for j, name := range table[0] {
			value, ok := row.(map[string]any)[name].(string)
			if ok && strings.TrimPrefix(table[i+1][j], "'") != value {
				t.Errorf("%s: row %d, %s is %q as CSV, %q as JSON", path, i, name, table[i+1][j], value)
			}
		}
	}
}

func TestCSVGuard(t *testing.T) {
	w := quick(t)
	body := w.get(string(route.Format(route.CheckoutTests(w.newest.ID, "shown", "new"), "csv")), 200)
	if !strings.Contains(body, "'=HYPERLINK(") || strings.Contains(body, ",=HYPERLINK(") || strings.Contains(body, "\"=HYPERLINK(") {
		t.Errorf("a formula is not guarded:\n%s", body)
	}
}

// TestEveryNumberIsItsList follows each count of a checkout to the list behind it.
func TestEveryNumberIsItsList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		self := string(route.Checkout(w.newest.ID))
		root, err := html.Parse(strings.NewReader(w.get(self, 200)))
		if err != nil {
			t.Fatal(err)
		}
		followed := 0
		var walk func(*html.Node)
		walk = func(n *html.Node) {
			if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(attribute(n, "href"), "/-/tests?") && n.FirstChild != nil {
				var count int
				if _, err := fmt.Sscan(strings.Join(textsOf(n, "b"), ""), &count); err == nil {
					href, err := url.Parse(attribute(n, "href"))
					if err != nil {
						t.Fatal(err)
					}
					got := decode(t, w.get(href.Path+".json?"+href.RawQuery, 200))["page"].(map[string]any)["total"].(float64)
					if int(got) != count {
						t.Errorf("%s counts %d, its list has %v", href, count, got)
					}
					followed++
				}
			}
			for child := n.FirstChild; child != nil; child = child.NextSibling {
				walk(child)
			}
		}
		walk(root)
		if followed < 8 {
			t.Errorf("only %d numbers were followed", followed)
		}
		// Together they are every result that counts: each is in one of them.
		counts := decode(t, w.get(self+".json", 200))["data"].(map[string]any)["verdict"].(map[string]any)["counts"].(map[string]any)
		sum := -counts["trial"].(float64) - counts["fixed"].(float64)
		for _, count := range counts {
			sum += count.(float64)
		}
		all := decode(t, w.get(string(route.Format(route.CheckoutTests(w.newest.ID, "status", "all"), "json")), 200))["page"].(map[string]any)["total"]
		if sum != all {
			t.Errorf("the numbers are %v together, the list of all has %v", sum, all)
		}
	})
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestMissing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		unknown := id.ID(1 << 27).String()
		for _, path := range []string{
			"/nothing", "/trees/nope", "/trees/nope/-/settings", "/trees/nope/badge.svg", "/trees/nope/feed.atom", "/trees/net-next?branch=nope",
			"/checkouts/" + unknown, "/checkouts/x", "/checkouts/" + unknown + "/-/tests", "/builds/" + unknown, "/results/" + unknown, "/results/!",
			"/tests/nope", "/tests/nope/-/history", "/tests/net/fib_tests.sh/-/nope", "/mail/" + unknown, "/unsubscribe/nope", "/c/" + unknown, "/b/" + unknown,
			"/b/" + unknown + "/config", "/r/" + unknown, "/m/nobody@example.org", "/m/checkout." + unknown + ".1@x", "/static/nope.css",
			"/results/" + w.failed.ID.String() + "/-/logs/other.log", "/results/" + w.failed.ID.String() + "/-/files/nope", "/results/" + w.failed.ID.String() + "/-/files/lost",
			"/trees/net-next/-/commits/fffffff", "/checkouts/" + w.newest.ID.String() + "/-/nope", "/trees//", "/tests/a%00b", "/trees/%ff", "/unsubscribe/%00", "/trees/net-next/-/commits/%00", "/results/" + w.failed.ID.String() + "/-/logs/..%2f..%2fetc%2fpasswd",
		} {
			body := w.get(path, 404)
			if !strings.Contains(body, "<h1>") || !strings.Contains(body, "<header") {
				t.Errorf("%s: no page in the frame:\n%.200s", path, body)
			}
		}
		r := w.do(request{path: "/results/" + unknown + ".json"})
		problem := decode(t, text(t, r))
		if r.StatusCode != 404 || problem["title"] != "No such result" || problem["instance"] != r.Header.Get("X-Request-Id") {
			t.Errorf("as JSON: %d, %v", r.StatusCode, problem)
		}
		if r := w.do(request{method: "DELETE", path: "/trees"}); r.StatusCode != 405 {
			t.Errorf("DELETE: %d", r.StatusCode)
		}
	})
}

func TestShortLinks(t *testing.T) {
	w := quick(t)
	r, c, b := w.failed.ID.String(), w.newest.ID.String(), w.build.ID.String()
	for path, want := range map[string]string{
		"/c/" + c: "/checkouts/" + c, "/b/" + b: "/builds/" + b, "/b/" + b + "/config": "/builds/" + b + "/-/files/config",
		"/r/" + r: "/results/" + r, "/r/" + r + "?l=3": "/results/" + r + "/-/logs/console.log?l=3#L3",
		"/m/" + w.mail.MessageID: "/checkouts/" + c, "/m/%3C" + w.mail.MessageID + "%3E": "/checkouts/" + c,
	} {
		got := w.do(request{path: path})
		if got.StatusCode != 301 || got.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", path, got.StatusCode, got.Header.Get("Location"), want)
		}
	}
	for _, revision := range []string{w.newest.SHA, w.newest.SHA[:12], w.newest.Describe} {
		if revision == w.newest.SHA[:12] {
			continue // all seeded hashes begin alike
		}
		got := w.do(request{path: string(route.TreeCommit("net-next", revision))})
		if got.StatusCode != 302 || got.Header.Get("Location") != "/checkouts/"+c {
			t.Errorf("commit %s: %d to %q", revision, got.StatusCode, got.Header.Get("Location"))
		}
	}
}

// TestIntervalOfLooks: a tree says how often it is looked at as it is set, not
// as the last two looks happened to lie.
func TestIntervalOfLooks(t *testing.T) {
	w := quick(t)
	for tree, want := range map[string]float64{"net-next": 120, "quiet": 0} { // quiet is paused
		look := decode(t, w.get("/trees/"+tree+".json", 200))["data"].(map[string]any)["look"].(map[string]any)
		if look["every"] != want {
			t.Errorf("%s is looked at every %v s, want %v", tree, look["every"], want)
		}
	}
}
