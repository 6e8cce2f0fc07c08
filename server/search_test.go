package server_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"drover/models"
	"drover/rules/id"
	"drover/views/route"
)

func (w *world) find(text string) (location string, body string) {
	w.t.Helper()
	r := w.do(request{path: "/search?q=" + url.QueryEscape(text)})
	switch r.StatusCode {
	case 303:
		return r.Header.Get("Location"), ""
	case 200:
		return "", w.get("/search?q="+url.QueryEscape(text), 200)
	}
	w.t.Errorf("search for %q: %d %s", text, r.StatusCode, w.lastError())
	return "", ""
}

func TestSearchOpensWhatHasOneName(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		untested, alone := "fedcba98"+strings.Repeat("7", 32), "fedcba97"+strings.Repeat("6", 32)
		w.tx(func(tx *models.Tx) error {
			return tx.AddUntested([]models.UntestedCommit{
				{TreeID: w.tree.ID, Branch: "main", SHA: untested, Subject: "between two tips", Reason: "not the tip of its push", EventID: w.event.ID},
				{TreeID: w.tree.ID, Branch: "for-next", SHA: alone, Subject: "alone", Reason: "over the budget", EventID: w.event.ID},
			})
		})
		newest, result := string(route.Checkout(w.newest.ID)), string(route.Result(w.failed.ID))
		for text, want := range map[string]string{
			w.newest.SHA:                                       newest,
			strings.ToUpper(w.newest.SHA):                      newest,
			w.newest.SHA + ` ("net: change 2")`:                newest,
			w.newest.Describe:                                  newest,
			"v6.12-rc3-2-g" + w.newest.SHA:                     newest, // described by another git
			"<" + w.mail.MessageID + ">":                       newest,
			"Message-ID: <" + w.mail.MessageID + ">":           newest,
			w.newest.ID.String():                               newest,
			" " + strings.ToUpper(w.newest.ID.String()) + "\n": newest,
			w.build.ID.String():                                string(route.Build(w.build.ID)),
			w.failed.ID.String():                               result,
			w.mail.ID.String():                                 string(route.Mail(w.mail.ID)),
			"net/fib_tests.sh":                                 "/tests/net/fib_tests.sh",
			"fib_tests":                                        "/tests/net/fib_tests.sh", // the only hit
			"kunit/list/add":                                   "/tests/kunit/list/add",
			"quiet":                                            "/trees/quiet",
			untested[:8]:                                       string(route.Checkout(w.running.ID)), // the checkout of its push
			alone[:12]:                                         "/trees/net-next?branch=for-next",
			"change 3":                                         string(route.Checkout(w.running.ID)),
		} {
			if got, body := w.find(text); got != want {
				t.Errorf("%q leads to %q, want %q\n%.1500s", text, got, want, body)
			}
		}
		job, err := w.s.Job(w.job.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{job.Marker, job.ID.String()} {
			if got, _ := w.find(name); !strings.HasPrefix(got, "/results/") && !strings.HasPrefix(got, "/builds/") && !strings.HasPrefix(got, "/checkouts/") {
				t.Errorf("the job %s leads to %q", name, got)
			}
		}
		if got, _ := w.find("lab-1"); !strings.HasPrefix(got, "/results/") {
			t.Errorf("the host leads to %q", got)
		}
	})
}

func TestSearchGroups(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, body := w.find("net")
		for _, want := range []string{">Trees", ">Tests", ">Checkouts", `href="/trees/net-next"`, `href="/tests/net/tls.sh"`, `value="net"`} {
			if !strings.Contains(body, want) {
				t.Errorf("net: no %s", want)
			}
		}
		if _, body := w.find("0000000"); strings.Count(body, `href="/checkouts/`) != 3 {
			t.Errorf("the beginning of three commits:\n%s", body)
		}
		_, body = w.find("zzz-nothing")
		if !strings.Contains(body, "Nothing found for “zzz-nothing”") || !strings.Contains(body, "What can be searched") {
			t.Errorf("nothing found:\n%s", body)
		}
		if _, body := w.find(""); !strings.Contains(body, "What can be searched") || strings.Contains(body, "Nothing found") {
			t.Error("an empty search")
		}
		data := decode(t, w.get("/search.json?q=net%2Ffib_tests.sh", 200))["data"].(map[string]any)
		groups := data["groups"].([]any)
		if data["query"] != "net/fib_tests.sh" || len(groups) != 1 {
			t.Fatalf("%v", data)
		}
		hit := groups[0].(map[string]any)["hits"].([]any)[0].(map[string]any)
		if hit["url"] != "https://ci.example.org/tests/net/fib_tests.sh" || hit["name"] != "net/fib_tests.sh" {
			t.Errorf("%v", hit)
		}
		if groups := decode(t, w.get("/search.json", 200))["data"].(map[string]any)["groups"].([]any); len(groups) != 0 {
			t.Errorf("an empty search: %v", groups)
		}
	})
}

// TestSearchCountsAsTheLists: "All 14" leads to a list of 14.
func TestSearchCountsAsTheLists(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.tx(func(tx *models.Tx) error {
			for n := range 14 {
				if _, err := tx.AddTest(models.Test{Path: fmt.Sprintf("many/case%02d", n), Recipe: "command", Command: "true", Format: "exit", State: "trial"}, []id.ID{w.tree.ID}); err != nil {
					return err
				}
			}
			return nil
		})
		_, body := w.find("many/")
		if strings.Count(body, `href="/tests/many/case`) != 10 || !strings.Contains(body, ">All 14<") {
			t.Errorf("%s", body)
		}
		if total := decode(t, w.get("/tests.json?q=many/&include=cases", 200))["page"].(map[string]any)["total"]; total != 14.0 {
			t.Errorf("the list has %v", total)
		}
		if !strings.Contains(body, `href="/tests?q=many/&amp;include=cases"`) {
			t.Error("no link to the list")
		}
	})
}

func TestNastySearches(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, text := range []string{
			hostile, "\x00", "a\x00b", "\xff\xfe", "%", "_", `\`, "'", `"`, "' OR 1=1 --", "';DROP TABLE tests;--", "%%%%", "\u202eabc", "a\nb", "ﬁ", "🐄",
			strings.Repeat("%", 200), strings.Repeat("a", 199) + "é", "<>", "@", "<@>", "-g", "g-", "test-", "build-", "/", "//", "..", "-", "0", "0000", strings.Repeat("z", 8),
		} {
			_, body := w.find(text)
			if strings.Contains(body, "<script>alert") {
				t.Errorf("%q reached the page as markup", text)
			}
			w.get("/search.json?q="+url.QueryEscape(text), 200)
		}
		long := strings.Repeat("x", 201)
		if _, body := w.find(long); !strings.Contains(body, "at most 200 characters") {
			t.Error("a long text is looked for")
		}
		w.get("/search.json?q="+long, 422)
		if _, body := w.find("%"); !strings.Contains(body, "Nothing found") {
			t.Error("% is taken for a pattern")
		}
		for _, list := range []string{"/tests?q=%00", "/checkouts?q=%ff&author=%00", "/tests/net/tls.sh/-/history?host=%00", "/mail?q=%ff"} {
			w.get(list, 200)
		}
		if r := w.post("/trees/net-next/-/actions/test", "revision=a%00b"); r.StatusCode != 422 {
			t.Errorf("a form with NUL: %d", r.StatusCode)
		}
		if strings.Contains(w.log.String(), `"level":"ERROR"`) {
			t.Error(w.lastError())
		}
	})
}
