package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/feed"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	eventsUsual = 100
	eventsMost  = 500
	eventsRead  = 10_000 // looked at for one page, however few of them are asked for
	waitMost    = 60     // seconds; a proxy must not think that a request is dead
	// lookAgain is how long what another process stored waits at most until
	// somebody who waits is told: there may be no live updates here.
	lookAgain = 2 * time.Second
)

// eventKeys are what the feed may be asked for.
var eventKeys = []string{"after", "kind", "limit", "tree", "wait"}

// waiters bounds how many wait at a time, so that those without a sign-in cannot
// take the place of the others. Who finds no place is answered at once.
type waiters struct{ signedIn, visitors chan struct{} }

func newWaiters() waiters {
	return waiters{signedIn: make(chan struct{}, 500), visitors: make(chan struct{}, 20)}
}

// eventQuery is what somebody asks of the feed.
type eventQuery struct {
	filter models.FeedFilter
	after  int64
	begin  bool // after was not given: from now on
	limit  int
	wait   time.Duration
}

// apiEvents tells programs what happened after an event, and waits a while for
// something to happen.
func apiEvents(v *visit) error {
	ask, err := v.eventQuery()
	if err != nil {
		return err
	}
	head, err := v.q.FeedHead()
	if err != nil {
		return err
	}
	if ask.begin {
		return v.sendEvents(nil, page.EventPage{Limit: ask.limit, After: head.Newest}, ask)
	}
	if (ask.after != 0 && ask.after < head.Trimmed) || ask.after > head.Newest {
		return goneEvents(ask.after, head)
	}
	ask.after = max(ask.after, head.Trimmed)
	rows, seen, newest, err := v.awaitEvents(ask, head.Newest)
	if err != nil {
		return err
	}
	return v.sendEvents(rows, page.EventPage{Limit: ask.limit, After: seen, More: seen < newest}, ask)
}

// goneEvents is said of an id that nobody can go on from: what came after it was
// forgotten, or the database is an older one than the id is from.
func goneEvents(after int64, head models.FeedHead) error {
	why := fmt.Sprintf("The events after %d are not kept any more.", after)
	if after > head.Newest {
		why = fmt.Sprintf("There is no event %d: the database was put back to an earlier time.", after)
	}
	return failure{status: http.StatusGone, title: "No way on from there",
		text: why + fmt.Sprintf(" Read what you need anew from the lists, and go on with after=%d.", head.Newest)}
}

func (v *visit) eventQuery() (eventQuery, error) {
	ask := eventQuery{limit: eventsUsual, begin: v.query.Get("after") == "", filter: models.FeedFilter{Kinds: v.query["kind"], Tree: v.query.Get("tree")}}
	var wrong ui.Errors
	for key := range v.query {
		if !slices.Contains(eventKeys, key) {
			return ask, failure{status: http.StatusBadRequest, title: "Unknown filter", text: "This feed has no filter " + key + ". It has " + strings.Join(eventKeys, ", ") + "."}
		}
	}
	number := func(name string, least, most int64, into func(int64)) {
		text := v.query.Get(name)
		if text == "" {
			return
		}
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < least || n > most {
			wrong = append(wrong, ui.FieldError{Field: name, Text: fmt.Sprintf("a number from %d to %d", least, most)})
			return
		}
		into(n)
	}
	number("after", 0, 1<<62, func(n int64) { ask.after = n })
	number("limit", 1, eventsMost, func(n int64) { ask.limit = int(n) })
	number("wait", 0, waitMost, func(n int64) { ask.wait = time.Duration(n) * time.Second })
	for _, kind := range ask.filter.Kinds {
		if !feed.Known(kind) {
			wrong = append(wrong, ui.FieldError{Field: "kind", Text: fmt.Sprintf("there is no kind %q", kind)})
			break
		}
	}
	if len(wrong) > 0 {
		return ask, failure{status: http.StatusUnprocessableEntity, title: "Bad filter", text: "A value was not understood.", fields: wrong}
	}
	return ask, nil
}

// awaitEvents reads events, as soon as there are any or the wait is over. seen is
// the id up to which nothing was left out, newest that of the newest event.
func (v *visit) awaitEvents(ask eventQuery, newest int64) (rows []models.FeedLine, seen, newestNow int64, err error) {
	rows, seen, err = ask.read(v.q, ask.after, newest)
	if err != nil || len(rows) > 0 || seen < newest || ask.wait == 0 || v.request.Method == http.MethodHead {
		return rows, seen, newest, err
	}
	places := v.site.waiting.visitors
	if v.signedIn {
		places = v.site.waiting.signedIn
	}
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	default:
		return nil, seen, newest, nil
	}
	// The deadline of other answers is not that of one that waits.
	ctx, cancel := context.WithTimeout(noteOf(v.echo).whole, ask.wait)
	defer cancel()
	wake, over, leave := v.site.everyChange()
	defer leave()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for len(rows) == 0 && seen >= newest {
		if rows, seen, newest, err = v.freshEvents(ask, seen); err != nil || len(rows) > 0 {
			break
		}
		select {
		case <-ctx.Done():
			return nil, seen, newest, nil
		case <-over: // the server stops: the client goes on from there with another one
			return nil, seen, newest, nil
		case <-wake:
		case <-again.C:
		}
	}
	return rows, seen, newest, err
}

// freshEvents looks once more, as somebody who may read what they may read now.
func (v *visit) freshEvents(ask eventQuery, seen int64) ([]models.FeedLine, int64, int64, error) {
	ctx, cancel := context.WithTimeout(noteOf(v.echo).whole, patience)
	defer cancel()
	q, err := v.Store.With(ctx).As(v.by.reader())
	if err != nil {
		return nil, seen, seen, err
	}
	head, err := q.FeedHead()
	if err != nil || head.Newest <= seen {
		return nil, seen, seen, err
	}
	rows, seen, err := ask.read(q, seen, head.Newest)
	return rows, seen, head.Newest, err
}

// read gives the events of one page, and up to where nothing was left out. The
// newest was read before, so nothing up to it is still to come.
func (ask eventQuery) read(q models.Query, after, newest int64) (rows []models.FeedLine, seen int64, err error) {
	seen = min(newest, after+eventsRead)
	rows, err = q.Feed(after, seen, ask.filter, ask.limit)
	if len(rows) == ask.limit {
		seen = rows[len(rows)-1].ID
	}
	return rows, seen, err
}

// everyChange wakes at each change that this process hears of, until that is
// over because it stops.
func (s *site) everyChange() (wake, over <-chan struct{}, leave func()) {
	if s.Live == nil {
		return nil, nil, func() {}
	}
	one := s.Live.listen([]string{everyTopic})
	return one.wake, s.Live.over, func() { s.Live.leave(one) }
}

// sendEvents sends a page of events, with the address of the next one.
func (v *visit) sendEvents(rows []models.FeedLine, at page.EventPage, ask eventQuery) error {
	data := make([]feed.Event, len(rows))
	for i, row := range rows {
		data[i] = jobs.EventOf(v.links, row)
	}
	pairs := []string{"after", strconv.FormatInt(at.After, 10)}
	for _, kind := range ask.filter.Kinds {
		pairs = append(pairs, "kind", kind)
	}
	if ask.filter.Tree != "" {
		pairs = append(pairs, "tree", ask.filter.Tree)
	}
	if ask.limit != eventsUsual {
		pairs = append(pairs, "limit", strconv.Itoa(ask.limit))
	}
	if ask.wait > 0 {
		pairs = append(pairs, "wait", strconv.Itoa(int(ask.wait.Seconds())))
	}
	at.Next = v.absolute(route.APIEvents(pairs...))
	return v.json(http.StatusOK, map[string]any{"data": data, "page": at, "links": v.linksOf(route.APIEvents())})
}
