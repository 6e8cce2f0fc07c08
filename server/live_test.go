package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"drover/models"
	"drover/rules/id"
)

// changeOf is a change of the checkout with a number.
func changeOf(transaction int64, checkout int64) models.NamedChange {
	return models.NamedChange{Change: models.Change{ID: transaction, Kind: models.ChangeCheckout, ObjectID: id.ID(checkout), Parts: "verdict"}}
}

func topicNumber(checkout int64) string { return "checkout:" + id.ID(checkout).String() }

func idsOf(entries []entry) (ids []int64) {
	for _, e := range entries {
		ids = append(ids, e.id)
	}
	return ids
}

// A listener hears of its topics alone, and goes on from what it knows.
func TestSince(t *testing.T) {
	l := NewLive()
	l.begin([]models.NamedChange{changeOf(10, 1), changeOf(11, 1), changeOf(11, 2), changeOf(12, 2)})
	l.publish([]models.NamedChange{changeOf(20, 1)})
	cases := []struct {
		name   string
		topics []int64
		heard  int64
		want   []int64
		ok     bool
	}{
		{"all of one", []int64{1}, 10, []int64{11, 20}, true},
		{"of two", []int64{1, 2}, 10, []int64{11, 11, 12, 20}, true},
		{"the rest", []int64{1}, 12, []int64{20}, true},
		{"an id between two", []int64{1}, 15, []int64{20}, true},
		{"nothing new", []int64{1}, 20, nil, true},
		{"another topic", []int64{3}, 10, nil, true},
		{"forgotten", []int64{1}, 9, nil, false},
		{"never there", []int64{1}, 21, nil, false},
		{"no number", []int64{1}, changeNumber("x"), nil, false},
	}
	for _, c := range cases {
		var topics []string
		for _, n := range c.topics {
			topics = append(topics, topicNumber(n))
		}
		one := l.listen(topics)
		found, head, ok := l.since(one, c.heard)
		if !slices.Equal(idsOf(found), c.want) || head != 20 || ok != c.ok {
			t.Errorf("%s: %v, head %d, %v; want %v, %v", c.name, idsOf(found), head, ok, c.want, c.ok)
		}
		l.leave(one)
	}
	if len(l.listeners) != 0 {
		t.Errorf("%d topics have listeners that left", len(l.listeners))
	}
}

// A transaction with very many topics concerns everybody.
func TestManyChanges(t *testing.T) {
	l := NewLive()
	one := l.listen([]string{topicNumber(1)})
	l.publish([]models.NamedChange{{Change: models.Change{ID: 5, Kind: models.ChangeMany}}})
	if _, head, ok := l.since(one, 0); ok || head != 5 {
		t.Errorf("ok %v, head %d: it must look at everything again", ok, head)
	}
	select {
	case <-one.wake:
	default:
		t.Error("nobody woke the listener")
	}
	if l.unchanged([]string{topicNumber(1)}, 4) || !l.unchanged([]string{topicNumber(1)}, 5) {
		t.Error("what was read before is taken for unchanged, or what was read after is not")
	}
}

// Memory is bounded, and transactions are forgotten whole.
func TestForgotten(t *testing.T) {
	l := NewLive()
	for n := range int64(entriesKept) {
		l.publish([]models.NamedChange{changeOf(n+1, 1), changeOf(n+1, 2)})
	}
	if len(l.entries) > entriesKept*5/4 || l.entries[0].id == l.floor {
		t.Errorf("%d entries from %d, floor %d", len(l.entries), l.entries[0].id, l.floor)
	}
	one := l.listen([]string{topicNumber(1)})
	if _, _, ok := l.since(one, l.floor-1); ok {
		t.Error("what is forgotten is said to be known")
	}
	if found, _, ok := l.since(one, l.floor); !ok || found[0].id != l.floor+1 {
		t.Errorf("the first that is known: %v, %v", found[:1], ok)
	}
}

// counted is a client that counts what it reads; stuck ones refuse.
type counted struct {
	http.ResponseWriter
	guard sync.Mutex
	text  strings.Builder
	stuck bool
	seen  chan struct{}
}

func (c *counted) Write(b []byte) (int, error) {
	c.guard.Lock()
	defer c.guard.Unlock()
	if c.stuck {
		return 0, http.ErrHandlerTimeout
	}
	n, err := c.text.Write(b)
	if strings.Contains(string(b), "event: change") && c.seen != nil {
		c.seen <- struct{}{}
	}
	return n, err
}

func (c *counted) Flush() {}

// Two thousand streams hear of a change in a moment, and each of its own only.
func TestTwoThousandListeners(t *testing.T) {
	const clients = 2000
	l := NewLive()
	l.begin([]models.NamedChange{changeOf(1, 1)})
	seen := make(chan struct{}, clients)
	var wait sync.WaitGroup
	list := make([]*counted, clients)
	for i := range list {
		list[i] = &counted{ResponseWriter: httptest.NewRecorder(), seen: seen}
		s := stream{live: l, listener: l.listen([]string{topicNumber(int64(i%2 + 1))}), to: list[i], heard: 1}
		wait.Go(func() { s.run(t.Context()) })
	}
	began := time.Now()
	l.publish([]models.NamedChange{changeOf(2, 1)})
	for range clients / 2 {
		<-seen
	}
	took := time.Since(began)
	l.publish([]models.NamedChange{changeOf(3, 2)})
	for range clients / 2 {
		<-seen
	}
	close(l.over)
	wait.Wait()
	for i, c := range list {
		want := fmt.Sprintf("event: change\ndata: {\"t\":%q,\"rev\":%d,\"parts\":[\"verdict\"]}\nid: %d\n\n", topicNumber(int64(i%2+1)), i%2+2, i%2+2)
		if c.text.String() != want {
			t.Fatalf("client %d read %q, want %q", i, c.text.String(), want)
		}
	}
	t.Logf("measured: 1000 of 2000 listeners wrote a change within %v", took)
}

// A client that does not read loses its stream, and nobody waits for it.
func TestSlowClient(t *testing.T) {
	l := NewLive()
	s := stream{live: l, listener: l.listen([]string{topicNumber(1)}), to: &counted{ResponseWriter: httptest.NewRecorder(), stuck: true}}
	s.add(opening)
	s.run(t.Context()) // returns, or the test does not end
}

// The id of a transaction stands on its last change only; others that follow
// are written with what came.
func TestWhatIsWritten(t *testing.T) {
	l := NewLive()
	l.publish([]models.NamedChange{changeOf(1, 9), changeOf(2, 1), changeOf(2, 2), changeOf(3, 1), changeOf(4, 9)})
	to := &counted{ResponseWriter: httptest.NewRecorder()}
	s := stream{live: l, listener: l.listen([]string{topicNumber(1), topicNumber(2)}), to: to}
	s.news()
	s.beat()
	s.send()
	var ids []string
	for line := range strings.SplitSeq(to.text.String(), "\n") {
		if strings.HasPrefix(line, "id: ") || strings.HasPrefix(line, "event: ") || strings.HasPrefix(line, ":") {
			ids = append(ids, line)
		}
	}
	want := []string{"event: change", "event: change", "id: 2", "event: change", "id: 3", ": alive", "event: seen", "id: 4"}
	if !slices.Equal(ids, want) {
		t.Errorf("%q, want %q", ids, want)
	}
}
