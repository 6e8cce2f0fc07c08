package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"drover/models"
	"drover/views/route"
)

// Live tells open pages what was changed. One tail of the changes in the
// database serves all listeners of this process: it keeps the last of them in
// memory, written out once, and wakes those who asked for their topics.
type Live struct {
	wake chan struct{}

	guard     sync.RWMutex
	entries   []entry          // the last changes, in their order
	floor     int64            // who heard of it, or of a later one, can go on from there
	head      int64            // the newest change
	latest    map[string]int64 // the newest change of each topic in entries
	listeners map[string]map[*listener]struct{}
	running   bool
	over      chan struct{} // closed when Run ends
}

// entry is a change as it is sent.
type entry struct {
	id    int64
	topic string // "" for everybody
	body  []byte // without the id and the empty line at the end
}

// entriesKept bounds the memory of changes: minutes of a busy site.
const entriesKept = 20_000

// tailEvery is how long another process's change waits for this one to look;
// changes of this process wake it.
const tailEvery = 500 * time.Millisecond

// NewLive makes a tail; Run starts it.
func NewLive() *Live {
	return &Live{
		wake: make(chan struct{}, 1), latest: map[string]int64{},
		listeners: map[string]map[*listener]struct{}{}, over: make(chan struct{}),
	}
}

// Wake says that this process has stored a change. It never waits.
func (l *Live) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run follows the changes until ctx ends; then all streams end. A database that
// does not answer is asked again.
func (l *Live) Run(ctx context.Context, store *models.Store, log *slog.Logger) {
	defer close(l.over)
	ticker := time.NewTicker(tailEvery)
	defer ticker.Stop()
	failing := false
	for {
		err := l.follow(store.With(ctx))
		if ctx.Err() != nil {
			return
		}
		if (err != nil) != failing {
			failing = err != nil
			log.Warn("live updates", "failing", failing, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-l.wake:
		case <-ticker.C:
		}
	}
}

// follow reads what is new.
func (l *Live) follow(q models.Query) error {
	if !l.runs() {
		rows, err := q.LastChanges()
		if err != nil {
			return err
		}
		l.begin(rows)
		return nil
	}
	for more := true; more; {
		rows, again, err := q.ChangesAfter(l.Head())
		if err != nil {
			return err
		}
		l.publish(rows)
		more = again
	}
	return nil
}

// begin starts with what the database still has. The oldest transaction may
// have been cut, so it is where the others can be counted from.
func (l *Live) begin(rows []models.NamedChange) {
	l.guard.Lock()
	l.running = true
	if len(rows) > 0 {
		l.floor, l.head = rows[0].ID, rows[0].ID
		rows = slices.DeleteFunc(rows, func(c models.NamedChange) bool { return c.ID == l.floor })
	}
	l.guard.Unlock()
	l.publish(rows)
}

// publish adds changes and wakes who wants to hear of them.
func (l *Live) publish(rows []models.NamedChange) {
	if len(rows) == 0 {
		return
	}
	for i, one := range l.add(rows) {
		if i%wokenAtOnce == 0 {
			runtime.Gosched()
		}
		select {
		case one.wake <- struct{}{}:
		default: // it has not yet read what came before
		}
	}
}

// wokenAtOnce is how many streams write before who waits for a page has a turn:
// a page must not stand behind thousands of streams.
const wokenAtOnce = 50

// add adds changes and gives those who listen to their topics.
func (l *Live) add(rows []models.NamedChange) []*listener {
	l.guard.Lock()
	defer l.guard.Unlock()
	topics := map[string]bool{}
	for _, c := range rows {
		e := entryOf(c)
		l.entries = append(l.entries, e)
		l.head = e.id
		l.latest[e.topic] = e.id
		topics[e.topic] = true
	}
	l.forget()
	woken := map[*listener]struct{}{}
	for topic, all := range l.listeners {
		if topics[topic] || topics[""] || topic == everyTopic {
			maps.Copy(woken, all)
		}
	}
	return slices.Collect(maps.Keys(woken))
}

// forget drops the oldest changes when there are a quarter too many, whole
// transactions.
func (l *Live) forget() {
	over := len(l.entries) - entriesKept
	if over < entriesKept/4 { // not at every change: what stays is copied
		return
	}
	l.floor = l.entries[over-1].id
	for over < len(l.entries) && l.entries[over].id == l.floor {
		over++
	}
	for _, e := range l.entries[:over] {
		if l.latest[e.topic] == e.id {
			delete(l.latest, e.topic)
		}
	}
	l.entries = slices.Clone(l.entries[over:])
}

// entryOf writes a change once for everybody.
func entryOf(c models.NamedChange) entry {
	e := entry{id: c.ID, topic: topicOf(c)}
	parts := []string{}
	if c.Parts != "" {
		parts = strings.Split(c.Parts, ",")
	}
	data, err := json.Marshal(struct {
		Topic string   `json:"t"`
		Rev   int64    `json:"rev"`
		Parts []string `json:"parts"`
	}{e.topic, c.ID, parts})
	if err != nil {
		return entry{id: c.ID} // cannot be: texts and a number
	}
	e.body = slices.Concat([]byte("event: change\ndata: "), data, []byte("\n"))
	return e
}

// topicOf names what a change is about as pages do.
func topicOf(c models.NamedChange) string {
	switch c.Kind {
	case models.ChangeMany:
		return ""
	case models.ChangeHome:
		return route.TopicHome
	case models.ChangeTree:
		return route.TopicTree(c.Tree)
	}
	return route.TopicOf(c.Kind, c.ObjectID)
}

// Head is the newest change that this process knows of.
func (l *Live) Head() int64 {
	l.guard.RLock()
	defer l.guard.RUnlock()
	return l.head
}

func (l *Live) runs() bool {
	l.guard.RLock()
	defer l.guard.RUnlock()
	return l.running
}

// unchanged tells whether none of some topics was changed after a change.
func (l *Live) unchanged(topics []string, since int64) bool {
	l.guard.RLock()
	defer l.guard.RUnlock()
	if since < l.floor || l.latest[""] > since {
		return false
	}
	return !slices.ContainsFunc(topics, func(t string) bool { return l.latest[t] > since })
}

// everyTopic wakes its listeners at every change.
const everyTopic = "*"

// listener is one stream.
type listener struct {
	topics map[string]bool
	wake   chan struct{}
}

// listen joins the listeners of some topics.
func (l *Live) listen(topics []string) *listener {
	one := &listener{topics: map[string]bool{}, wake: make(chan struct{}, 1)}
	l.guard.Lock()
	defer l.guard.Unlock()
	for _, t := range topics {
		one.topics[t] = true
		if l.listeners[t] == nil {
			l.listeners[t] = map[*listener]struct{}{}
		}
		l.listeners[t][one] = struct{}{}
	}
	return one
}

func (l *Live) leave(one *listener) {
	l.guard.Lock()
	defer l.guard.Unlock()
	for t := range one.topics {
		delete(l.listeners[t], one)
		if len(l.listeners[t]) == 0 {
			delete(l.listeners, t)
		}
	}
}

// since gives the changes of a listener's topics after a change, and the
// newest one of all. It is not ok if it cannot tell what there was.
func (l *Live) since(one *listener, heard int64) (found []entry, head int64, ok bool) {
	l.guard.RLock()
	defer l.guard.RUnlock()
	if heard < l.floor || heard > l.head {
		return nil, l.head, false
	}
	start := sort.Search(len(l.entries), func(i int) bool { return l.entries[i].id > heard })
	for _, e := range l.entries[start:] {
		if e.topic == "" {
			return nil, l.head, false
		}
		if one.topics[e.topic] {
			found = append(found, e)
		}
	}
	return found, l.head, true
}
