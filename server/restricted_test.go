package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"drover/models"
	"drover/static"
	"drover/views/route"
)

// as signs a browser in as one of the personas of development; "" is a visitor
// and "token" the holder of the token.
func (w *world) as(who string) []*http.Cookie {
	w.t.Helper()
	switch who {
	case "":
		return nil
	case "token":
		return w.signedIn()
	}
	r := w.do(request{method: "POST", path: "/login", body: url.Values{"token": {token}, "as": {who}}.Encode(), header: ownOrigin})
	if r.StatusCode != http.StatusSeeOther || len(r.Cookies()) != 1 {
		w.t.Fatalf("signing in as %s: %d %.300s", who, r.StatusCode, text(w.t, r))
	}
	return r.Cookies()
}

// ownOrigin is what a browser sends with a form of this site.
var ownOrigin = map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://" + host}

// concrete gives addresses of a shape: of the world's restricted tree where it
// names one.
func (w *world) concrete(s route.Shape) []string {
	w.t.Helper()
	number := map[string]string{
		"/checkouts": w.newest.ID.String(), "/builds": w.build.ID.String(), "/results": w.failed.ID.String(), "/jobs": w.job.ID.String(),
		"/mail": w.mail.ID.String(), "/webhooks": w.hook().ID.String(), "/c": w.newest.ID.String(), "/b": w.build.ID.String(), "/r": w.failed.ID.String(),
	}
	path := s.Pattern
	if strings.Contains(path, "{draft}") {
		return nil // it is of who began it alone: TestWhoseDraft
	}
	first := "/" + strings.Split(strings.TrimPrefix(path, "/"), "/")[0]
	name := "console.log"
	if first == "/builds" {
		name = "build.log"
	}
	for _, fill := range [][2]string{
		{"{tree}", "net-next"}, {"{id}", number[first]}, {"{path...}", "net/fib_tests.sh"}, {"{revision}", w.newest.SHA}, {"{queue}", "delivery.send"},
		{"{token}", w.link}, {"{message}", w.mail.MessageID}, {"{group}", "frame"}, {"{example}", "x"}, {"{page}", "trees"},
		{"/files/{name...}", "/files/config"}, {"/static/{name...}", "/static/" + static.Path("app.css")[len("/static/"):]}, {"{name}", name}, {"{user}", "1"}, {"{session}", "1"}, {"{verb}", "x"},
	} {
		path = strings.ReplaceAll(path, fill[0], fill[1])
	}
	if strings.Contains(path, "{") {
		w.t.Fatalf("%s: this test does not know how to fill %s", s.Pattern, path)
	}
	list := []string{path}
	for format := range strings.FieldsSeq(s.Formats) {
		list = append(list, string(route.Format(route.URL(path), format)))
	}
	return list
}

// more are addresses with a view, beside those of the shapes.
func (w *world) more() []string {
	list := []string{
		"/api/events?after=0", "/tests?include=cases", "/tests/kunit/list/add", "/jobs?include=ended", "/checkouts?since=30d&limit=500", "/trees?q=net", "/events?topics=tree:net-next,checkout:" + w.newest.ID.String(),
		"/results/" + w.failed.ID.String() + "/-/logs/console.log?q=not", "/results/" + w.failed.ID.String() + "/-/logs/console.log.txt", "/r/" + w.failed.ID.String() + "?l=2",
		"/checkouts/" + w.newest.ID.String() + "/-/tests?status=all", "/checkouts/" + w.newest.ID.String() + "/-/compare?with=" + w.old.ID.String(),
	}
	for _, text := range []string{"net-next", w.newest.SHA[:12], w.newest.SHA, "fib_tests", "net", "v6.12-rc3-2-gabc", w.newest.ID.String(), w.job.ID.String(), w.mail.MessageID, "lab", "change"} {
		list = append(list, "/search?q="+url.QueryEscape(text), "/search.json?q="+url.QueryEscape(text))
	}
	return list
}

// canaries are words of the restricted tree that stand nowhere else.
func (w *world) canaries() []string {
	return []string{
		"net: change", "Asha Rao", w.newest.SHA[20:], w.newest.Describe, "not ok 14", "fs/btrfs", "kunit/list/add", "git.example.org/net-next",
		w.newest.ID.String(), w.failed.ID.String(), w.build.ID.String(), w.job.ID.String(), w.mail.ID.String(), "FAIL 2 new", "Tomas", w.job.Marker,
	}
}

// asked tells whether the asker gave a canary in the address.
func asked(path, canary string) bool {
	plain, err := url.QueryUnescape(path)
	return err == nil && strings.Contains(plain, canary)
}

// everything is each address that can be read, storybook apart.
func (w *world) everything() []string {
	paths := w.more()
	for _, s := range route.Shapes {
		if s.Method == http.MethodGet && !strings.HasPrefix(s.Pattern, "/ui") && !strings.Contains(s.Pattern, "{draft}") { // drafts are for who began them
			paths = append(paths, w.concrete(s)...)
		}
	}
	return paths
}

// sings reads an address and gives the canaries that are in the answer.
func (w *world) sings(path string, cookies []*http.Cookie) (status int, found []string) {
	w.t.Helper()
	r := w.do(request{path: path, cookies: cookies})
	body := text(w.t, r) + r.Header.Get("Location")
	for _, canary := range w.canaries() {
		if strings.Contains(body, canary) && !asked(path, canary) {
			found = append(found, canary)
		}
	}
	if r.StatusCode >= 500 && !strings.HasPrefix(path, "/events") { // no live updates in this world
		w.t.Errorf("GET %s: %d %s", path, r.StatusCode, w.lastError())
	}
	return r.StatusCode, found
}

// TestRestrictedTreeIsNowhere walks all that can be read as everybody who may
// not read a tree: nothing of it is there, and what is named by its address is
// as unknown as what never was.
func TestRestrictedTreeIsNowhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		heard := map[string]bool{}
		for _, path := range w.everything() {
			_, found := w.sings(path, nil)
			for _, canary := range found {
				heard[canary] = true
			}
		}
		for _, canary := range w.canaries() {
			if !heard[canary] {
				t.Errorf("%q stands nowhere while all may read it: it proves nothing", canary)
			}
		}
		w.tx(func(tx *models.Tx) error { return tx.SetReaders(w.tree, "embargo") })
		below := []string{"/trees/net-next", "/checkouts/", "/results/", "/builds/", "/jobs/", "/mail/", "/c/", "/b/", "/r/", "/m/", "/tests/net/"}
		for _, who := range []string{"", "asha", "tomas", "wen", "ola"} {
			cookies := w.as(who)
			for _, path := range w.everything() {
				status, found := w.sings(path, cookies)
				if len(found) > 0 {
					t.Errorf("%q reads %s (%d): %q is there", who, path, status, found)
				}
				for _, start := range below {
					// A visitor is asked to sign in for webhooks of any tree, also of none.
					asked := who == "" && strings.Contains(path, "/webhooks") && (status == http.StatusSeeOther || status == http.StatusUnauthorized)
					if strings.HasPrefix(path, start) && status != http.StatusNotFound && !asked {
						t.Errorf("%q reads %s: %d, want 404", who, path, status)
					}
				}
			}
		}
		for _, who := range []string{"milan", "token"} { // an owner, and an administrator
			if status, found := w.sings("/checkouts/"+w.newest.ID.String(), w.as(who)); status != http.StatusOK || len(found) < 3 {
				t.Errorf("%s does not find what they may read: %d, %q", who, status, found)
			}
		}
		tree, err := w.s.Tree(w.tree.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.tx(func(tx *models.Tx) error { return tx.SetReaders(tree, "asha") })
		if status, _ := w.sings("/trees/net-next", w.as("asha")); status != http.StatusOK {
			t.Errorf("a member of the group: %d", status)
		}
	})
}
