package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"drover/models"
)

const (
	listeners = 2000 // open pages
	presses   = 100  // changes that are timed
)

// live measures from the press of a button to all open pages that listen, and
// to what one of them shows: it has heard of the change and fetched its part.
func (b bench) live(ctx context.Context) ([]row, error) {
	data := filepath.Join(b.folder, "live")
	repo, _, err := repository(ctx, filepath.Join(b.folder, "live.git"))
	if err != nil {
		return nil, err
	}
	options := models.Options{Path: filepath.Join(data, "drover.db")}
	if err := onboard(ctx, options, repo); err != nil {
		return nil, err
	}
	p, err := b.spawn(data, "serve", "DROVER_POLL=1h")
	if err != nil {
		return nil, err
	}
	defer p.kill()
	if err := errors.Join(p.ready(ctx), calm(ctx, options)); err != nil {
		return nil, err
	}
	a, err := gather(ctx, p)
	if err != nil {
		return nil, err
	}
	defer a.close()
	memory, err := p.resident()
	if err != nil {
		return nil, err
	}
	var heard, shown []time.Duration
	for i := range presses {
		times, screen, err := a.press(ctx, p, []string{"pause", "resume"}[i%2])
		if err != nil {
			return nil, err
		}
		heard, shown = append(heard, times...), append(shown, screen)
	}
	return []row{
		{Name: "button pressed to heard by all of 2,000 open pages (goal 100 ms), p50", Ours: percentile(heard, 50), Unit: "s"},
		{Name: "button pressed to heard by all of 2,000 open pages (goal 100 ms), p95", Ours: percentile(heard, 95), Unit: "s"},
		{Name: "button pressed to its part fetched by one of 2,000 pages (goal 100 ms), p95", Ours: percentile(shown, 95), Unit: "s"},
		{Name: "memory of a `drover serve` with 2,000 open pages", Ours: memory / 1e6, Unit: "MB"},
	}, nil
}

// calm waits until the first look at the tree and all that follows are over.
func calm(ctx context.Context, options models.Options) error {
	options.ReadOnly = true
	s, err := models.Open(ctx, options)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	return await(ctx, time.Minute, "the first commit is judged", func() (bool, error) {
		tree, err := s.TreeByName("bench")
		if err != nil {
			return false, err
		}
		checkouts, err := s.CheckoutsOfBranch(tree.ID, "main", 1)
		return len(checkouts) == 1 && checkouts[0].State == models.CheckoutFinished, err
	})
}

// audience is many open streams of one tree's page.
type audience struct {
	streams []net.Conn
	began   atomic.Pointer[time.Time] // of the press; nil before the first
	heard   chan time.Duration
	failed  chan error
	wait    sync.WaitGroup
}

// gather opens the streams, and waits until each has begun.
func gather(ctx context.Context, p *process) (*audience, error) {
	a := &audience{heard: make(chan time.Duration, listeners), failed: make(chan error, listeners)}
	var dialer net.Dialer
	for range listeners {
		stream, err := dialer.DialContext(ctx, "tcp", p.address)
		if err != nil {
			return a, errors.Join(err, a.end())
		}
		a.streams = append(a.streams, stream)
		if _, err := fmt.Fprintf(stream, "GET /events?topics=tree:bench,home HTTP/1.1\r\nHost: %s\r\n\r\n", p.address); err != nil {
			return a, errors.Join(err, a.end())
		}
		lines := bufio.NewReaderSize(stream, 1024)
		for line := ""; !strings.HasPrefix(line, "retry:"); {
			if line, err = lines.ReadString('\n'); err != nil {
				return a, errors.Join(fmt.Errorf("open a stream: %w", err), a.end())
			}
		}
		a.wait.Go(func() { a.listen(lines) })
	}
	return a, nil
}

// listen times the changes of the tree.
func (a *audience) listen(lines *bufio.Reader) {
	var last *time.Time
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			a.failed <- err
			return
		}
		// What else happens to the tree is not timed.
		if began := a.began.Load(); began != last && strings.Contains(line, `"t":"tree:bench"`) {
			last = began
			a.heard <- time.Since(*began)
		}
	}
}

// press changes the tree and waits until everybody has heard of it. The first
// who hears fetches what its page shows.
func (a *audience) press(ctx context.Context, p *process, verb string) (times []time.Duration, screen time.Duration, err error) {
	token, err := p.token()
	if err != nil {
		return nil, 0, err
	}
	pressed := make(chan error, 1)
	now := time.Now()
	a.began.Store(&now)
	go func() {
		_, err := fetch(ctx, p, http.MethodPost, "/trees/bench/-/actions/"+verb, http.Header{"Authorization": {"Bearer " + token}, "Accept": {"application/json"}})
		pressed <- err
	}()
	limit := time.After(10 * time.Second)
	for len(times) < listeners {
		select {
		case took := <-a.heard:
			times = append(times, took)
		case err := <-a.failed:
			return nil, 0, fmt.Errorf("a stream ended: %w", err)
		case <-limit:
			return nil, 0, fmt.Errorf("%d of %d pages heard of it", len(times), listeners)
		}
		if len(times) > 1 {
			continue
		}
		body, err := fetch(ctx, p, http.MethodGet, "/trees/bench", http.Header{"HX-Request": {"true"}, "X-Fragment": {"head,state,verdict"}})
		if err != nil {
			return nil, 0, err
		}
		if word := map[string]string{"pause": "Paused", "resume": "Live"}[verb]; !strings.Contains(body, word) {
			return nil, 0, fmt.Errorf("after %s the page does not say %q", verb, word)
		}
		screen = time.Since(now)
	}
	return times, screen, <-pressed
}

// fetch asks for an address of a process.
func fetch(ctx context.Context, p *process, method, path string, header http.Header) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, (&url.URL{Scheme: "http", Host: p.address, Path: path}).String(), nil)
	if err != nil {
		return "", err
	}
	r.Header = header
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err == nil && answer.StatusCode >= 400 {
		err = fmt.Errorf("%s: %s: %.200s", path, answer.Status, body)
	}
	return string(body), err
}

func (a *audience) end() error {
	var errs []error
	for _, stream := range a.streams {
		errs = append(errs, stream.Close())
	}
	a.wait.Wait()
	return errors.Join(errs...)
}

func (a *audience) close() { _ = a.end() } // what they heard is counted
