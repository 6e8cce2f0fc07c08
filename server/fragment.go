package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/sync/singleflight"

	"drover/views/page"
	"drover/views/ui"
)

const (
	partsAtOnce = 20               // parts of one page in one answer
	partsKept   = 500              // answers
	partsFor    = 30 * time.Second // what is no topic changes too, such as words for times
)

// partsAsked are the parts of a page that a script asks for, instead of all of
// it; none for everybody else, and for Back.
func partsAsked(r *http.Request) []string {
	header := r.Header
	if header.Get("HX-Request") != "true" || header.Get("HX-History-Restore-Request") == "true" || header.Get("X-Fragment") == "" {
		return nil
	}
	parts := strings.Split(header.Get("X-Fragment"), ",")
	return parts[:min(len(parts), partsAtOnce)]
}

// live makes a page listen to its topics.
func (v *visit) live(topics ...string) ui.Live {
	if v.Live == nil {
		return ui.Live{}
	}
	return ui.Live{Topics: topics, At: v.liveAt}
}

// rendered is the answer with some parts of a page.
type rendered struct {
	body   []byte
	tag    string
	topics []string
	at     int64     // the newest change that may be in it
	until  time.Time // when it is too old, whatever was changed
}

// renderParts draws the parts that are asked for, by the same components as
// the page, and its title, icon and time.
func (v *visit) renderParts(p page.Page) error {
	wanted := []any{ui.LivePage}
	for _, part := range v.parts {
		wanted = append(wanted, part)
	}
	var body bytes.Buffer
	if err := templ.RenderFragments(context.WithoutCancel(v.context()), &body, p.View(), wanted...); err != nil {
		return fmt.Errorf("render parts of %T: %w", p, err)
	}
	if !bytes.Contains(body.Bytes(), []byte(` data-part="`)) {
		return notFound("No such part", fmt.Sprintf("This page has no part %q.", strings.Join(v.parts, ", ")))
	}
	v.rendered = &rendered{body: body.Bytes(), tag: tagOf(body.Bytes(), v.now), at: v.liveAt, until: v.now.Add(partsFor)}
	if framed, ok := p.(interface{ LiveTopics() []string }); ok {
		v.rendered.topics = framed.LiveTopics()
	}
	return nil
}

// answer lets the row's handler answer; deep requests wait for their turn. What
// an open page asks for when something changed is not deep.
func (v *visit) answer() error {
	if len(v.parts) == 0 || v.format != "" || v.request.Method != http.MethodGet {
		v.parts = nil
		return v.sheltered(func() error { return v.row.handle(v) })
	}
	return v.answerParts()
}

// answerParts answers who asks for parts of a page, with those that were
// rendered for another reader of it if they are the same.
func (v *visit) answerParts() error {
	shared, err := v.sharedParts()
	if err != nil {
		return err
	}
	if shared == nil { // the handler had another answer, or another reader's did not work out
		if err := v.row.handle(v); err != nil || v.rendered == nil {
			return err
		}
		shared = v.rendered
	}
	header := v.echo.Response().Header()
	header.Set("Vary", "Accept, HX-Request, X-Fragment")
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", shared.tag)
	return v.send(http.StatusOK, "text/html; charset=utf-8", shared.body)
}

// sharedParts finds the answer of a request that is the same for many readers,
// or makes it once for all who ask meanwhile. It is nil if they must ask alone.
func (v *visit) sharedParts() (*rendered, error) {
	heard, _ := strconv.ParseInt(v.request.Header.Get("X-Live-At"), 10, 64) // none is before all
	if v.Live == nil || !v.Live.runs() || heard > v.liveAt {
		return nil, nil // another process knows more than this one
	}
	key := v.readerKey()
	if kept := v.shared.find(key); kept != nil && v.now.Before(kept.until) && v.Live.unchanged(kept.topics, kept.at) {
		return kept, nil
	}
	mine := false
	// Who heard of a later change must not get what was read before it.
	got, err, _ := v.shared.flights.Do(key+strconv.FormatInt(v.liveAt, 10), func() (any, error) {
		mine = true
		if err := v.row.handle(v); err != nil || v.rendered == nil {
			return nil, err
		}
		v.shared.keep(key, v.rendered)
		return v.rendered, nil
	})
	if found, ok := got.(*rendered); ok {
		return found, nil
	}
	if mine {
		return nil, err
	}
	return nil, nil
}

// readerKey is the same for readers who are shown the same bytes: who somebody
// is and what they chose is in their cookies and their authorization.
func (v *visit) readerKey() string {
	r := v.request
	sum := sha256.Sum256([]byte(r.Header.Get("Cookie") + "\x00" + r.Header.Get("Authorization")))
	return r.Host + r.URL.String() + "\x00" + v.q.Hidden() + "\x00" + strings.Join(v.parts, ",") + "\x00" + string(sum[:])
}

// sharedParts keeps the last answers with parts of pages.
type sharedParts struct {
	flights singleflight.Group
	guard   sync.Mutex
	kept    map[string]*rendered
}

func (s *sharedParts) find(key string) *rendered {
	s.guard.Lock()
	defer s.guard.Unlock()
	return s.kept[key]
}

// keep forgets everything when there is too much: all of it is made anew soon.
func (s *sharedParts) keep(key string, r *rendered) {
	s.guard.Lock()
	defer s.guard.Unlock()
	if s.kept == nil || len(s.kept) >= partsKept {
		s.kept = map[string]*rendered{}
	}
	s.kept[key] = r
}
