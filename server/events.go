package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"drover/models"
	"drover/rules/id"
	"drover/views/route"
)

const (
	topicsAtMost = 200              // of one stream
	heartbeat    = 15 * time.Second // a proxy must not think that a stream is dead
	// slowest is how long a client may take to read; then it comes again, and
	// goes on from where it was.
	slowest = 30 * time.Second
)

// opening is the first of a stream: when to come again after it broke.
const opening = "retry: 5000\n\n"

// events is the stream of what was changed, for the topics of one page.
func events(v *visit) error {
	if v.Live == nil {
		return failure{status: http.StatusServiceUnavailable, title: "No live updates", text: "This server does not send live updates."}
	}
	asked := strings.FieldsFunc(v.query.Get("topics"), func(r rune) bool { return r == ',' })
	if len(asked) == 0 || len(asked) > topicsAtMost {
		return failure{status: http.StatusBadRequest, title: "Which topics?",
			text: fmt.Sprintf("Name at least one topic and at most %d: /events?topics=home,tree:net-next,checkout:8f3k2m.", topicsAtMost)}
	}
	topics, denied, err := v.topics(asked)
	if err != nil {
		return err
	}
	header := v.echo.Response().Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	v.echo.Response().WriteHeader(http.StatusOK)
	if v.request.Method == http.MethodHead {
		return nil
	}
	s := stream{live: v.Live, listener: v.Live.listen(topics), to: v.echo.Response().Writer}
	defer v.Live.leave(s.listener)
	s.add(opening)
	if len(denied) > 0 {
		s.add("event: denied\ndata: " + strings.Join(denied, ",") + "\n\n")
	}
	// Whoever names nothing hears what comes from now on.
	s.heard = v.Live.Head()
	if last := v.request.Header.Get("Last-Event-ID"); last != "" {
		s.heard = changeNumber(last)
	} else if v.query.Has("last") {
		s.heard = changeNumber(v.query.Get("last"))
	}
	s.run(noteOf(v.echo).whole) // a client that went away is no error
	return nil
}

// changeNumber reads the id of a change; what is none is one that nobody knows.
func changeNumber(text string) int64 {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return number
}

// topics sorts what was asked for into what may be heard and what may not:
// unknown, not there, or not for this reader.
func (v *visit) topics(asked []string) (topics, denied []string, err error) {
	for _, topic := range asked {
		kind, object, _ := strings.Cut(topic, ":")
		known := false
		switch {
		case topic == route.TopicHome:
			known = true
		case kind == "tree":
			name, err := url.QueryUnescape(object)
			if err == nil {
				_, err = v.q.TreeByName(name)
			}
			if known = err == nil; !known && !errors.Is(err, models.ErrNotFound) {
				return nil, nil, err
			}
		case route.HasTopic(kind):
			number, err := id.Parse(object)
			if err == nil {
				if known, err = v.q.MayHear(kind, number); err != nil {
					return nil, nil, err
				}
			}
		}
		if known {
			topics = append(topics, topic)
		} else {
			denied = append(denied, strings.Map(printable, topic))
		}
	}
	return topics, denied, nil
}

// printable keeps a stranger's text within its line of the stream.
func printable(r rune) rune {
	if r < ' ' {
		return -1
	}
	return r
}

// stream writes to one listener.
type stream struct {
	live     *Live
	listener *listener
	to       http.ResponseWriter
	heard    int64 // the newest change that the client knows
	buffer   []byte
}

func (s *stream) add(text string) { s.buffer = append(s.buffer, text...) }

// run sends what is there, then what comes, until the client or the server
// ends it.
func (s *stream) run(ctx context.Context) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		s.news()
		if !s.send() {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-s.live.over:
			return
		case <-s.listener.wake:
		case <-ticker.C:
			s.beat()
		}
	}
}

// news adds the changes since what the client knows. The id stands on the last
// of each transaction, so that half of one is never taken for the whole.
func (s *stream) news() {
	found, head, ok := s.live.since(s.listener, s.heard)
	if !ok {
		s.heard = head
		s.add(fmt.Sprintf("event: reset\ndata: {}\nid: %d\n\n", head))
		return
	}
	for i, e := range found {
		s.buffer = append(s.buffer, e.body...)
		if i+1 == len(found) || found[i+1].id != e.id {
			s.buffer = append(strconv.AppendInt(append(s.buffer, "id: "...), e.id, 10), '\n')
			s.heard = e.id
		}
		s.buffer = append(s.buffer, '\n')
	}
}

// beat shows that the stream lives, and how far others have come: a client
// whose topics are quiet can go on from there, too.
func (s *stream) beat() {
	s.add(": alive\n\n")
	if _, head, ok := s.live.since(s.listener, s.heard); ok && head > s.heard {
		s.news()
		s.heard = head
		s.add(fmt.Sprintf("event: seen\ndata: {}\nid: %d\n\n", head))
	}
}

// send writes what was added; false if the client does not read.
func (s *stream) send() bool {
	if len(s.buffer) == 0 {
		return true
	}
	control := http.NewResponseController(s.to)
	// A writer without deadlines is one of a test.
	if err := control.SetWriteDeadline(time.Now().Add(slowest)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return false
	}
	if _, err := s.to.Write(s.buffer); err != nil {
		return false
	}
	s.buffer = s.buffer[:0]
	return control.Flush() == nil
}
