package server_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"drover/views/route"
)

func TestFilters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tests := string(route.CheckoutTests(w.newest.ID))
		count := func(path, query string) int {
			return int(decode(t, w.get(path+".json?"+query, 200))["page"].(map[string]any)["total"].(float64))
		}
		for _, c := range []struct {
			path, query string
			want        int
		}{
			{tests, "", 7}, // what did not simply pass
			{tests, "status=all", 10},
			{tests, "status=all&include=trial", 11},
			{tests, "status=fail", 2},
			{tests, "status=fail&status=error", 3},
			{tests, "status=!pass&status=!fail", 5},
			{tests, "status=miss", 1},
			{tests, "status=pass", 3},
			{tests, "shown=flaky", 1},
			{tests, "shown=trial", 1},
			{tests, "shown=new&shown=fixed", 3},
			{tests, "status=all&arch=x86_64", 10},
			{tests, "status=all&arch=!x86_64", 0},
			{tests, "status=all&q=FIB", 1},
			{tests, "q=nexthop", 1},
			{tests, "q=%25", 0},
			{tests, "q=_", 2}, // an underscore is an underscore
			{tests, "status=all&test=net/*", 2},
			{tests, "status=all&test=~^fs/(xfs|ext4)$", 2},
			{tests, "status=all&test=mm/ksm", 1},
			{tests, "status=all&test=nope", 0},
			{tests, "status=all&host=lab-1", 10},
			{tests, "status=all&build=" + w.build.ID.String(), 10},
			{tests, "status=fail&issue=none", 2},
			{"/checkouts", "", 3},
			{"/checkouts", "verdict=new", 1},
			{"/checkouts", "verdict=!new", 2},
			{"/checkouts", "tree=net-next&branch=main", 3},
			{"/checkouts", "tree=quiet", 0},
			{"/checkouts", "q=change+2", 1},
			{"/checkouts", "author=asha", 3},
			{"/checkouts", "since=2h", 2},
			{"/checkouts", "from=2026-11-27&to=2026-11-27", 3},
			{"/checkouts", "from=2026-11-28", 0},
			{"/checkouts", "source=api", 0},
			{"/trees", "", 2},
			{"/trees", "state=paused", 1},
			{"/trees", "verdict=running&q=NET", 1},
			{"/tests", "", 9},
			{"/tests", "include=cases", 11},
			{"/tests", "state=trial", 1},
			{"/tests", "tree=quiet", 0},
			{"/tests", "tree=!net-next", 0},
			{"/tests", "q=fs/", 3},
			{"/tests/net/fib_tests.sh/-/history", "", 3},
			{"/tests/net/fib_tests.sh/-/history", "status=fail", 1},
			{"/tests/net/fib_tests.sh/-/history", "tree=net-next&branch=main&since=1d", 3},
			{"/tests/mm/slow/-/history", "", 2},
			{"/jobs", "state=running", 0},
			{"/jobs", "kind=build&include=ended", 3},
			{"/mail", "state=suppressed", 1},
			{"/mail", "state=sent", 0},
			{"/mail", "q=fail", 1},
			{string(route.CheckoutPlan(w.newest.ID)), "chosen=no", 1},
			{string(route.CheckoutPlan(w.newest.ID)), "q=mm", 1},
		} {
			if got := count(c.path, c.query); got != c.want {
				t.Errorf("%s?%s: %d rows, want %d", c.path, c.query, got, c.want)
			}
			w.get(c.path+"?"+c.query, 200)
		}
	})
}

func TestUnknownAndBadFilters(t *testing.T) {
	w := quick(t)
	tests := string(route.CheckoutTests(w.newest.ID))
	for _, path := range append(w.lists(), "/") {
		path, _, _ = strings.Cut(path, "?")
		if path != "/" && !strings.HasSuffix(path, "/builds") && !strings.HasSuffix(path, "/reports") {
			if body := w.get(path+"?foo=1&bar=2", 200); !strings.Contains(body, "Ignored filter: bar, foo") && !strings.Contains(body, "Ignored filter: bar") {
				t.Errorf("%s: no notice", path)
			}
		}
		w.get(string(route.Format(route.URL(path), "json"))+"?foo=1", 400)
	}
	for query, field := range map[string]string{
		"status=odd": "status", "limit=0": "limit", "limit=501": "limit", "limit=x": "limit", "sort=color": "sort", "after=zzz": "after",
		"test=~(": "test", "shown=odd": "shown", "build=!!": "build", "q=" + strings.Repeat("x", 301): "q",
	} {
		r := w.do(request{path: tests + ".json?" + query})
		problem := decode(t, text(t, r))
		if r.StatusCode != 422 || problem["fields"].(map[string]any)[field] == nil {
			t.Errorf("%s: %d %v", query, r.StatusCode, problem)
		}
		w.get(tests+"?"+query, 200)
	}
	if body := w.get("/checkouts?since=soon", 200); !strings.Contains(body, "write a time such as") || !strings.Contains(body, `aria-invalid="true"`) {
		t.Error("a bad value is not told at its field")
	}
	if body := w.get(tests+"?status=pass&status=!pass", 200); !strings.Contains(body, "Nothing matches:") {
		t.Error("filters that exclude each other do not give an empty list that names them")
	}
	for _, long := range []string{"q=" + strings.Repeat("x", 10_000), strings.Repeat("status=fail&", 900), strings.Repeat("a=b&", 2500), manyHosts(2000), "test=~" + strings.Repeat("(a*)*", 2000)} {
		if body := w.get(tests+"?"+long, 200); len(body) > 300_000 {
			t.Errorf("%.20s…: %d bytes", long, len(body))
		}
		w.do(request{path: tests + ".json?" + long})
	}
	if body := w.get(tests+"?q=nothing-like-it", 200); !strings.Contains(body, "Nothing matches:") || !strings.Contains(body, "Clear all") {
		t.Error("an empty list does not name its filters")
	}
}

// manyHosts is a filter with that many values.
func manyHosts(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "host=h%d&", i)
	}
	return b.String()
}

// TestPaging walks every list in small steps, forwards and backwards, in every order.
func TestPaging(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		tests := string(route.CheckoutTests(w.newest.ID, "status", "all"))
		lists := []string{"/checkouts?x=", "/tests?include=cases", "/trees?x=", "/tests/net/fib_tests.sh/-/history?x=", string(route.CheckoutPlan(w.newest.ID)) + "?x="}
		for _, sort := range []string{"status", "-status", "test", "-test", "arch", "config", "host", "duration", "-duration"} {
			lists = append(lists, tests+"&sort="+sort)
		}
		for _, list := range lists {
			list = strings.TrimSuffix(list, "x=")
			whole := rowsOf(t, w, list)
			walked, last := w.walk(list+"&limit=2", `class="button" rel="next"`)
			if fmt.Sprint(walked) != fmt.Sprint(whole) {
				t.Errorf("%s: walked %v, whole %v", list, walked, whole)
			}
			if len(whole) <= 2 {
				continue
			}
			back, _ := w.walkBack(last)
			if fmt.Sprint(back) != fmt.Sprint(whole[:len(back)]) || len(back) == 0 {
				t.Errorf("%s: walked back %v, whole %v", list, back, whole)
			}
		}
		// A place in one list is none in another.
		body := w.get("/checkouts?limit=1", 200)
		next := linkOf(t, body, `class="button" rel="next"`)
		u, err := url.Parse(next)
		if err != nil {
			t.Fatal(err)
		}
		w.get("/checkouts.json?verdict=new&after="+u.Query().Get("after"), 422)
		w.get("/checkouts.json?limit=1&after="+u.Query().Get("after"), 200)
	})
}

// rowsOf lists the row heads of a page.
func rowsOf(t *testing.T, w *world, path string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(w.get(path, 200)))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, row := range rowsIn(root) {
		rows = append(rows, textsOf(row, "th")[0])
	}
	return rows
}

func rowsIn(n *html.Node) []*html.Node {
	if n.Type == html.ElementNode && n.Data == "tbody" {
		var rows []*html.Node
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			if child.Type == html.ElementNode && child.Data == "tr" {
				rows = append(rows, child)
			}
		}
		return rows
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if rows := rowsIn(child); rows != nil {
			return rows
		}
	}
	return nil
}

func linkOf(t *testing.T, body, mark string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, mark)
	if !found {
		return ""
	}
	_, rest, _ = strings.Cut(rest, `href="`)
	href, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(href)
}

// walk follows a link until there is none, and gives all rows and the last page.
func (w *world) walk(path, mark string) (rows []string, last string) {
	for range 20 {
		rows = append(rows, rowsOf(w.t, w, path)...)
		next := linkOf(w.t, w.get(path, 200), mark)
		if next == "" {
			return rows, path
		}
		path = next
	}
	w.t.Fatalf("%s has no end", path)
	return nil, ""
}

// walkBack goes from the last page to the first, and gives the rows before the
// last page in their order.
func (w *world) walkBack(path string) (rows []string, first string) {
	for range 20 {
		before := linkOf(w.t, w.get(path, 200), `class="button" rel="prev"`)
		if before == "" {
			return rows, path
		}
		path = before
		rows = append(rowsOf(w.t, w, path), rows...)
	}
	w.t.Fatalf("%s has no start", path)
	return nil, ""
}

// budget is how many statements a page may read, however much it shows.
var budget = map[string]int{
	"/": 6, "/trees": 4, "/trees/new": 1, "/trees/net-next": 20, "/trees/net-next/-/settings": 5, "/trees/net-next/-/grid": 5, "/checkouts": 3,
	"/checkouts/{}": 20, "/checkouts/{}/-/tests": 7, "/checkouts/{}/-/builds": 7, "/checkouts/{}/-/plan": 9, "/checkouts/{}/-/files": 8,
	"/checkouts/{}/-/timeline": 11, "/checkouts/{}/-/compare": 17,
	"/builds/{}": 14, "/results/{}": 20, "/results/{}/-/logs/console.log": 8, "/tests": 4, "/tests/net/fib_tests.sh": 9, "/mail": 2, "/mail/{}": 6,
	"/jobs?include=ended": 2, "/jobs/{}": 4, "/queues": 2, "/queues/delivery.send": 3,
	"/search?q=net": 8, "/search?q=00000000": 10, "/help": 0, "/me": 0,
}

func TestQueryBudget(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var statements []string
		// What is asked once for all the requests of a second or more is no part of a page.
		seldom := regexp.MustCompile(`readers <> ''|site_settings`)
		if err := w.s.OnStatement(func(s string) {
			if !seldom.MatchString(s) {
				statements = append(statements, s)
			}
		}); err != nil {
			t.Fatal(err)
		}
		for path, most := range budget {
			number := w.newest.ID
			switch {
			case strings.HasPrefix(path, "/builds"):
				number = w.build.ID
			case strings.HasPrefix(path, "/results"):
				number = w.failed.ID
			case strings.HasPrefix(path, "/jobs"):
				number = w.job.ID
			case strings.HasPrefix(path, "/mail"):
				number = w.mail.ID
			}
			statements = nil
			w.get(strings.ReplaceAll(path, "{}", number.String()), 200)
			if len(statements) > most {
				t.Errorf("%s reads %d statements, %d are allowed:\n%s", path, len(statements), most, strings.Join(statements, "\n"))
			}
			if most > 0 && len(statements) == 0 {
				t.Errorf("%s: no statement was counted", path)
			}
		}
	})
}
