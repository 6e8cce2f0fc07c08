package server_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/views/route"
)

// differencesOf lists the rows of a comparison as "test change", trials left out.
func (w *world) differencesOf(path string) []string {
	w.t.Helper()
	data := decode(w.t, w.get(path, 200))["data"].(map[string]any)
	var list []string
	for _, row := range data["changes"].([]any) {
		row := row.(map[string]any)
		list = append(list, strings.Split(row["test"].(string), "<")[0]+" "+row["change"].(string))
	}
	return list
}

func (w *world) compare(b, a id.ID, query string) string {
	return string(route.Format(route.CheckoutCompare(b, a), "json")) + query
}

func TestCompare(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, c := range []struct {
			why, path string
			want      []string
		}{
			{"new and fixed by default", w.compare(w.newest.ID, w.old.ID, ""), []string{"net/fib_tests.sh new", "odd/ new", "net/tls.sh fixed"}},
			{"swapped", w.compare(w.old.ID, w.newest.ID, ""), []string{"net/tls.sh new", "net/fib_tests.sh fixed", "odd/ fixed"}},
			{"the comparison checkout is the default", w.compare(w.newest.ID, 0, "?change=fixed"), []string{"net/tls.sh fixed"}},
			{"another status", w.compare(w.newest.ID, w.old.ID, "&change=status_changed"), []string{"fs/btrfs status_changed", "fs/ext4 status_changed", "fs/xfs status_changed"}},
			{"by status in B", w.compare(w.newest.ID, w.old.ID, "&change=all&b=miss"), []string{"fs/ext4 status_changed"}},
			{"by name", w.compare(w.newest.ID, w.old.ID, "&q=FIB"), []string{"net/fib_tests.sh new"}},
			{"by glob", w.compare(w.newest.ID, w.old.ID, "&test=net/*&sort=test"), []string{"net/fib_tests.sh new", "net/tls.sh fixed"}},
			{"builds", w.compare(w.newest.ID, w.old.ID, "&change=all&kind=build"), []string{" same"}},
			{"trials only when asked for", w.compare(w.newest.ID, w.old.ID, "&change=still_failing&include=trial"), []string{"mm/slow still_failing"}},
			{"without them", w.compare(w.newest.ID, w.old.ID, "&change=still_failing"), nil},
			{"what has not ended", w.compare(w.running.ID, w.newest.ID, "&change=unfinished"), []string{"mm/ksm unfinished", "net/fib_tests.sh unfinished"}},
			{"what one side lacks is gone, whatever it was", w.compare(w.running.ID, w.newest.ID, "&change=gone&a=fail"), []string{"odd/ gone"}},
			{"and appeared the other way round", w.compare(w.newest.ID, w.running.ID, "&change=appeared&b=fail"), []string{"odd/ appeared"}},
			{"another arch", w.compare(w.newest.ID, w.old.ID, "&arch=s390x&change=all"), nil},
			{"with itself", w.compare(w.newest.ID, w.newest.ID, ""), nil},
		} {
			if got := w.differencesOf(c.path); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s: %q, want %q", c.why, got, c.want)
			}
		}
	})
}

// Each number of the matrix is the length of the list behind it, and they add up.
func TestCompareSums(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, pair := range [][2]id.ID{{w.newest.ID, w.old.ID}, {w.running.ID, w.newest.ID}} {
			root, err := html.Parse(strings.NewReader(w.get(string(route.CheckoutCompare(pair[0], pair[1])), 200)))
			if err != nil {
				t.Fatal(err)
			}
			var counts []int
			var walk func(*html.Node)
			walk = func(n *html.Node) {
				if attribute(n, "class") == "number" {
					var count int
					if _, err := fmt.Sscan(innerText(n), &count); err != nil {
						t.Fatal(err)
					}
					u, err := url.Parse(attribute(n, "href"))
					if err != nil {
						t.Fatal(err)
					}
					page := decode(t, w.get(u.Path+".json?"+u.RawQuery, 200))["page"].(map[string]any)
					if int(page["total"].(float64)) != count {
						t.Errorf("%s counts %d, its list has %v", u, count, page["total"])
					}
					counts = append(counts, count)
				}
				for child := n.FirstChild; child != nil; child = child.NextSibling {
					walk(child)
				}
			}
			walk(root)
			if len(counts) != 18 {
				t.Fatalf("%d numbers", len(counts))
			}
			for _, row := range [][]int{counts[:9], counts[9:]} {
				sum := 0
				for _, n := range row[:8] {
					sum += n
				}
				if sum != row[8] {
					t.Errorf("%v does not add up", row)
				}
			}
		}
	})
}

func TestComparePaging(t *testing.T) {
	w := quick(t)
	for _, sort := range []string{"change", "-change", "test", "-test"} {
		self := string(route.With(route.CheckoutCompare(w.newest.ID, w.old.ID), "change", "all", "sort", sort))
		whole := w.tableOf(self)
		var walked []string
		at := self + "&limit=3"
		for at != "" {
			walked = append(walked, w.tableOf(at)...)
			next := linkOf(t, w.get(at, 200), `class="button" rel="next"`)
			if next == "" {
				break
			}
			at = next
		}
		if !slices.Equal(whole, walked) || len(whole) < 9 {
			t.Errorf("%s: walked %v, whole %v", sort, walked, whole)
		}
		before := linkOf(t, w.get(at, 200), `class="button" rel="prev"`)
		if got := w.tableOf(before); len(got) != 3 || !slices.Equal(got, whole[len(whole)-len(w.tableOf(at))-3:len(whole)-len(w.tableOf(at))]) {
			t.Errorf("%s: the page before the last has %v", sort, got)
		}
	}
}

// tableOf lists the row heads of the table of differences.
func (w *world) tableOf(path string) []string {
	w.t.Helper()
	_, body, _ := strings.Cut(w.get(path, 200), `aria-label="Differences, table"`)
	root, err := html.Parse(strings.NewReader("<table" + strings.SplitN(body, "<table", 2)[1]))
	if err != nil {
		w.t.Fatal(err)
	}
	var rows []string
	for _, row := range rowsIn(root) {
		rows = append(rows, textsOf(row, "th")[0])
	}
	return rows
}

func TestCompareAddresses(t *testing.T) {
	w := quick(t)
	b, a := w.newest.ID.String(), w.old.ID.String()
	for path, want := range map[string]string{
		"/checkouts/" + b + "/-/compare?pick=" + a + "&pick=" + b:                                              "/checkouts/" + b + "/-/compare?with=" + a,
		"/checkouts/" + a + "/-/compare?pick=" + b + "&pick=" + a:                                              "/checkouts/" + b + "/-/compare?with=" + a,
		"/checkouts/" + b + "/-/compare?pick=" + a:                                                             "/checkouts/" + a + "/-/compare",
		"/checkouts/" + b + "/-/compare?checkout=" + a + "&with=" + b + "&arch=x86_64&change=new&change=fixed": "/checkouts/" + a + "/-/compare?with=" + b + "&arch=x86_64&change=new&change=fixed",
	} {
		if r := w.do(request{path: path}); r.StatusCode != 302 || r.Header.Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", path, r.StatusCode, r.Header.Get("Location"), want)
		}
	}
	for path, want := range map[string]string{
		"/checkouts/" + a + "/-/compare":                           "There is nothing to compare with yet",
		"/checkouts/" + b + "/-/compare?with=" + b:                 "Nothing new and nothing fixed in 11 builds and tests",
		"/checkouts/" + b + "/-/compare?with=" + a + "&arch=s390x": "Nothing matches: arch: s390x",
		"/checkouts/" + b + "/-/compare?with=" + a:                 "Commits that only B has",
		"/trees/net-next":                        `name="pick" value="` + b + `" form="compare-two"`,
		"/checkouts/" + b + "/-/compare?foo=1":   "Ignored filter: foo",
		"/checkouts/" + b + "/-/compare?with=xx": "checkouts/" + b,
	} {
		if body := w.get(path, 200); !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
	unknown := id.ID(1 << 27).String()
	w.get("/checkouts/"+b+"/-/compare.json?with="+unknown, 422)
	w.get("/checkouts/"+b+"/-/compare.json?change=odd", 422)
	w.get("/checkouts/"+unknown+"/-/compare", 404)
	csv := w.get("/checkouts/"+b+"/-/compare.csv?with="+a, 200)
	if !strings.HasPrefix(csv, "kind,test,arch,config,compiler,a_id,a_status,a_shown,b_id,b_status,b_shown,change,first_error,log,line\n") || strings.Count(csv, "\ntest,") != 3 {
		t.Errorf("as CSV:\n%s", csv)
	}
}

func TestTimeline(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.park(jobs.CheckoutJudge, w.newest)
		self := route.CheckoutTimeline(w.newest.ID)
		body := w.get(string(self), 200)
		for _, want := range []string{"1 build and ", "Critical path", "As a table", "What Drover did", "Judged the checkout", "Parked"} {
			if !strings.Contains(body, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		data := decode(t, w.get(string(route.Format(self, "json")), 200))["data"].(map[string]any)
		groups := data["groups"].([]any)
		tests := groups[0].(map[string]any)["tests"].([]any)
		if len(groups) != 1 || len(tests) < 6 || len(data["critical_path"].([]any)) < 1 || len(data["steps"].([]any)) != 1 {
			t.Errorf("%v", data)
		}
		if tries := tests[0].(map[string]any)["attempts"].([]any); len(tries) != 2 || tries[1].(map[string]any)["status"] != "fail" {
			t.Errorf("the first test was tried twice: %v", tries)
		}
		picture := w.get(string(route.Format(self, "svg")), 200)
		if err := xml.Unmarshal([]byte(picture), new(any)); err != nil && !errors.Is(err, io.EOF) || strings.Contains(picture, "<script>") || strings.Contains(picture, "style=") {
			t.Errorf("%v\n%.300s", err, picture)
		}
		only := route.With(self, "build", w.build.ID.String())
		if body := w.get(string(only), 200); !strings.Contains(body, "One build and its tests") {
			t.Error("one build alone does not say so")
		}
		w.get(string(route.CheckoutTimeline(w.running.ID)), 200)
	})
}

func TestTimelineBeforeAnythingStarted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var waiting models.Checkout
		w.tx(func(tx *models.Tx) error {
			c := w.running
			c.SHA, c.State, c.Branch = strings.Repeat("e", 40), models.CheckoutPlanned, "for-next"
			var err error
			waiting, _, err = tx.EnsureCheckout(c)
			return err
		})
		self := string(route.CheckoutTimeline(waiting.ID))
		if body := w.get(self, 200); !strings.Contains(body, "Not planned yet") {
			t.Error("a checkout without jobs does not say why")
		}
		w.tx(func(tx *models.Tx) error {
			builds := []models.Build{{CheckoutID: waiting.ID, Arch: "s390x", Config: "debug", Compiler: "gcc", Status: "planned", Attempt: 1}}
			if err := tx.AddBuilds(builds); err != nil {
				return err
			}
			if _, err := tx.AddJob(models.Job{Kind: models.JobBuild, CheckoutID: w.running.ID, BuildID: w.build.ID, Attempt: 9}); err != nil {
				return err
			}
			_, err := tx.AddJob(models.Job{Kind: models.JobBuild, CheckoutID: waiting.ID, BuildID: builds[0].ID, Attempt: 1})
			return err
		})
		if body := w.get(self, 200); !strings.Contains(body, "Planned, nothing started: waiting for a builder, 1 ahead.") {
			t.Error("a checkout that waits does not say for what")
		}
	})
}
