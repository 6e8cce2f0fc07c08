package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"drover/models"
	"drover/rules/feed"
	"drover/rules/status"
	"drover/views/page"
)

// happened is a page of the feed.
type happened struct {
	Data []feed.Event   `json:"data"`
	Page page.EventPage `json:"page"`
}

func readHappened(t *testing.T, body string) happened {
	t.Helper()
	var h happened
	if err := json.Unmarshal([]byte(body), &h); err != nil {
		t.Fatalf("%v\n%.300s", err, body)
	}
	return h
}

// events follows the feed from an id to its end, as somebody with a token or "".
func (w *world) events(secret, query string) (all []feed.Event, last int64) {
	w.t.Helper()
	next := "/api/events?" + query
	for {
		r := w.do(request{path: next, header: bearer(secret)})
		body := text(w.t, r)
		if r.StatusCode != http.StatusOK {
			w.t.Fatalf("%s: %d %s", next, r.StatusCode, body)
		}
		h := readHappened(w.t, body)
		all, last = append(all, h.Data...), h.Page.After
		if !h.Page.More {
			return all, last
		}
		u, err := url.Parse(h.Page.Next)
		if err != nil {
			w.t.Fatal(err)
		}
		next = u.RequestURI()
	}
}

// kindsOf are the kinds of some events, each once.
func kindsOf(all []feed.Event) (kinds []string) {
	for _, e := range all {
		kinds = append(kinds, string(e.Kind))
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// allHappens makes one more event of every kind.
func (w *world) allHappens() {
	w.t.Helper()
	w.tx(func(tx *models.Tx) error {
		b := w.build
		b.Status = status.Fail
		if err := tx.SetBuild(b); err != nil {
			return err
		}
		r := w.failed
		r.Shown = status.StillFailing
		if err := tx.JudgeResults([]models.Result{r}); err != nil {
			return err
		}
		deliveries, err := tx.Deliveries(w.newest.ID)
		if err != nil {
			return err
		}
		deliveries[0].State = models.DeliverySent
		return tx.SetDelivery(deliveries[0])
	})
	for _, note := range []string{"", "once more"} { // found twice, and told once
		w.tx(func(tx *models.Tx) error {
			r := w.failed
			r.Shown, r.Note = status.New, note
			return tx.JudgeResults([]models.Result{r})
		})
	}
}

// TestEventsOfTheFeed: everything that happens is told once, page by page, with links that
// lead to it.
func TestEventsOfTheFeed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		all, last := w.events("", "after=0")
		w.allHappens()
		more, end := w.events("", fmt.Sprintf("after=%d&limit=2", last))
		if len(more) != 3 || more[0].Kind != feed.BuildEnded || more[0].Build != w.build.ID || more[0].Checkout != w.newest.ID || more[0].Detail != "fail" ||
			more[2].Kind != feed.FailureNew || more[2].Result != w.failed.ID || more[2].Test != "net/fib_tests.sh" || more[2].Tree != "net-next" || more[2].Branch != "main" || more[2].Lane != status.Baseline {
			t.Fatalf("%+v", more)
		}
		all = append(all, more...)
		var kinds []string
		for _, l := range feed.Table {
			kinds = append(kinds, string(l.Kind))
		}
		slices.Sort(kinds)
		if got := kindsOf(all); !slices.Equal(got, kinds) {
			t.Errorf("%q happened, want %q", got, kinds)
		}
		for i, e := range all {
			if i > 0 && e.ID <= all[i-1].ID {
				t.Errorf("%d comes after %d", e.ID, all[i-1].ID)
			}
			for _, link := range []string{e.Links.HTML, e.Links.JSON} {
				path, ok := strings.CutPrefix(link, "https://ci.example.org")
				if r := w.do(request{path: path}); !ok || r.StatusCode != 200 {
					t.Errorf("%s: %s: %d", e.Kind, link, r.StatusCode)
				}
			}
		}
		if got, at := w.events("", fmt.Sprintf("after=%d", end)); len(got) != 0 || at != end {
			t.Errorf("after the end: %d events, on from %d", len(got), at)
		}
		if got, at := w.events("", ""); len(got) != 0 || at != end {
			t.Errorf("from now on: %d events, on from %d, want %d", len(got), at, end)
		}
		if got, _ := w.events("", "after=0&kind=build.ended&kind=report.sent&tree=net-next&limit=1"); len(got) < 2 || !slices.Equal(kindsOf(got), []string{"build.ended", "report.sent"}) {
			t.Errorf("two kinds: %q", kindsOf(got))
		}
		if got, at := w.events("", "after=0&tree=none"); len(got) != 0 || at != end {
			t.Errorf("of a tree that is not there: %d events, on from %d", len(got), at)
		}
		judged := func(v status.Verdict) {
			w.tx(func(tx *models.Tx) error {
				c := w.newest
				c.State, c.Verdict = models.CheckoutFinished, v
				return tx.SetVerdict(c)
			})
		}
		judged(status.NewFailures)
		if got, _ := w.events("", fmt.Sprintf("after=%d", end)); len(got) != 0 {
			t.Errorf("the same verdict again: %+v", got)
		}
		judged(status.NoNewFailures)
		if got, _ := w.events("", fmt.Sprintf("after=%d", end)); len(got) != 1 || got[0].Kind != feed.CheckoutJudged || got[0].Detail != string(status.NoNewFailures) {
			t.Errorf("another verdict: %+v", got)
		}
	})
}

// TestFeedForgets: who comes from before what is kept, or from a later database,
// is told where to go on.
func TestFeedForgets(t *testing.T) {
	w := quick(t)
	_, last := w.events("", "after=0")
	w.tx(func(tx *models.Tx) error {
		_, err := tx.TrimFeed(now.Add(1), 3)
		return err
	})
	for _, c := range []struct {
		query  string
		status int
		says   string
	}{
		{"after=2", 410, "not kept any more"}, {"after=3", 200, ""}, {"after=0", 200, ""},
		{fmt.Sprintf("after=%d", last+1), 410, "put back"}, {fmt.Sprintf("after=%d", last), 200, ""},
		{"after=x", 422, "after"}, {"after=-1", 422, "after"}, {"after=1&limit=0", 422, "limit"}, {"after=1&limit=501", 422, "limit"}, {"after=1&wait=61", 422, "wait"},
		{"after=1&kind=x", 422, "kind"}, {"foo=1", 400, "foo"},
	} {
		r := w.do(request{path: "/api/events?" + c.query}) // no header asks for JSON
		body := text(t, r)
		if r.StatusCode != c.status || !strings.Contains(body, c.says) || !json.Valid([]byte(body)) {
			t.Errorf("%s: %d %s, want %d that says %q", c.query, r.StatusCode, body, c.status, c.says)
		}
		if c.status == 410 && !strings.Contains(body, fmt.Sprintf("after=%d.", last)) {
			t.Errorf("%s does not say where to go on: %s", c.query, body)
		}
	}
	if all, _ := w.events("", "after=0"); all[0].ID != 4 {
		t.Errorf("the oldest is %d", all[0].ID)
	}
}

// TestFeedHidesRestrictedTrees from tokens of people who may not read them, also
// what happened before, and what runs on no other tree.
func TestFeedHidesRestrictedTrees(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inside, outside := w.tokenOf("milan", "inside", "read"), w.tokenOf("wen", "outside", "read")
		w.tx(func(tx *models.Tx) error {
			tree, err := tx.TreeByName("net-next")
			if err != nil {
				return err
			}
			return tx.SetReaders(tree, "lab-only")
		})
		w.allHappens()
		if all, _ := w.events(inside, "after=0"); len(kindsOf(all)) != len(feed.Table) {
			t.Errorf("its owner is told of %q", kindsOf(all))
		}
		all, at := w.events(outside, "after=0")
		for _, e := range all {
			if e.Tree != "quiet" {
				t.Errorf("somebody else is told of %+v", e)
			}
		}
		if head, err := w.s.FeedHead(); err != nil || len(all) == 0 || at != head.Newest {
			t.Errorf("%d events, on from %d, %+v %v", len(all), at, head, err)
		}
	})
}

// TestFeedWaits until something happens, and no longer than it was asked to.
func TestFeedWaits(t *testing.T) {
	eachLive(t, func(t *testing.T, w liveWorld) {
		_, last := w.events("", "after=0")
		ask := func(query string) chan happened {
			answer := make(chan happened, 1)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // half of what is waited for at most
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.http.URL+"/api/events?"+query, nil)
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				defer close(answer)
				defer cancel()
				got, err := w.http.Client().Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				defer got.Body.Close()
				body, err := io.ReadAll(got.Body)
				var h happened
				if err := json.Unmarshal(body, &h); err != nil {
					t.Error(err, string(body))
				}
				if err != nil || got.StatusCode != http.StatusOK {
					t.Error(err, got.StatusCode)
				}
				answer <- h
			}()
			return answer
		}
		waiting := ask(fmt.Sprintf("after=%d&wait=60", last))
		elsewhere := ask(fmt.Sprintf("after=%d&wait=1&kind=tree.changed", last))
		w.tx(func(tx *models.Tx) error { return tx.SetBuild(w.build) })
		if got := <-waiting; len(got.Data) != 1 || got.Data[0].Kind != feed.BuildEnded || got.Page.After != last+1 || !strings.Contains(got.Page.Next, "wait=60") {
			t.Errorf("%+v", got)
		}
		if got := <-elsewhere; len(got.Data) != 0 || got.Page.After < last {
			t.Errorf("of another kind: %+v", got)
		}
		stopping := ask(fmt.Sprintf("after=%d&wait=60", last+1))
		w.stop()
		if got := <-stopping; len(got.Data) != 0 || got.Page.After != last+1 {
			t.Errorf("of a server that stops: %+v", got)
		}
	})
}
