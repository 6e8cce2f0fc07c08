package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// unbounded takes the bound of deep requests off.
	unbounded = "DROVER_DEEP_SHARE=0"
	// crawls is how many requests a crawler sends each second, each through
	// another filter; it waits for no answer before the next, up to 50.
	crawls = 100
	// visited is how many of the measured pages people look at: the overview, a
	// tree, a checkout, a result.
	visited = 4
	// turns is how often pages are looked at, without the crawler and with it.
	turns = 4
	// turn is how long one of them takes.
	turn = 4 * time.Second
)

// crawl measures what people who are signed in wait for pages while a crawler
// follows filters, beside the same server without its bound for that.
func (b bench) crawl(ctx context.Context, data string) ([]row, error) {
	alone, bounded, answered, err := b.crawled(ctx, data)
	if err != nil {
		return nil, err
	}
	_, open, all, err := b.crawled(ctx, data, unbounded)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, share := range []int{50, 95} {
		rows = append(rows,
			inMilliseconds(row{Name: fmt.Sprintf("pages of who is signed in, without a crawler, p%d", share), Ours: percentile(alone, share)}),
			inMilliseconds(against(fmt.Sprintf("the same while a crawler sends %d requests/s, against no bound for it", crawls), bounded, open, share)),
			row{Name: fmt.Sprintf("slower with the crawler (goal at most 1.2), p%d", share), Ours: percentile(bounded, share) / percentile(alone, share), Unit: "times"})
	}
	return append(rows, row{Name: "answers of the crawler that were pages, against no bound", Ours: answered, Peer: all, Ratio: all / answered, Unit: "/s"}), nil
}

// crawled looks at pages as somebody who is signed in, in turns without and
// with a crawler. answered is how many pages the crawler got in each second.
func (b bench) crawled(ctx context.Context, data string, settings ...string) (alone, with []time.Duration, answered float64, err error) {
	p, err := b.spawn(data, "serve", append(settings, "DROVER_POLL=1h")...)
	if err != nil {
		return nil, nil, 0, err
	}
	defer p.kill()
	if err := p.ready(ctx); err != nil {
		return nil, nil, 0, err
	}
	token, err := p.token()
	if err != nil {
		return nil, nil, 0, err
	}
	measured, err := p.measured()
	if err != nil {
		return nil, nil, 0, err
	}
	pace := time.NewTicker(10 * time.Millisecond) // people read
	defer pace.Stop()
	look := func() (times []time.Duration, err error) {
		for began := time.Now(); time.Since(began) < turn; {
			for _, m := range measured[:visited] {
				_, all, err := p.lookOnce(m.path, token)
				if err != nil {
					return nil, err
				}
				times = append(times, all)
				<-pace.C
			}
		}
		return times, nil
	}
	if _, err := look(); err != nil {
		return nil, nil, 0, err
	}
	c := crawler{process: p}
	if err := c.spend(ctx); err != nil {
		return nil, nil, 0, err
	}
	for range turns {
		more, err := look()
		if err != nil {
			return nil, nil, 0, err
		}
		alone = append(alone, more...)
		stop := c.start(ctx)
		more, err = look()
		if err := errors.Join(err, stop()); err != nil {
			return nil, nil, 0, err
		}
		with = append(with, more...)
	}
	return alone, with, float64(c.pages.Load()) / c.took.Seconds(), nil
}

// crawler follows filters of lists.
type crawler struct {
	*process
	sent  int
	pages atomic.Int64 // answers that were pages
	took  time.Duration
}

// spend lets it run for a while, so that it has used up what may be done at
// once after a quiet time. That is not counted.
func (c *crawler) spend(ctx context.Context) error {
	stop := c.start(ctx)
	select {
	case <-ctx.Done():
	case <-time.After(4 * turn):
	}
	err := stop()
	c.pages.Store(0)
	c.took = 0
	return err
}

// start lets it run until stop is called.
func (c *crawler) start(ctx context.Context) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	began := time.Now()
	var running sync.WaitGroup
	var failed atomic.Value
	running.Go(func() {
		slots := make(chan struct{}, 50)
		ticker := time.NewTicker(time.Second / crawls)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			select {
			case slots <- struct{}{}:
			default:
				continue // it does not wait, and does not pile up
			}
			path := c.next()
			running.Go(func() {
				defer func() { <-slots }()
				if err := c.get(ctx, path); err != nil && ctx.Err() == nil {
					failed.Store(err)
				}
			})
		}
	})
	return func() error {
		cancel()
		running.Wait()
		c.took += time.Since(began)
		err, _ := failed.Load().(error)
		return err
	}
}

// next is a filter that was not asked for before.
func (c *crawler) next() string {
	c.sent++
	lists := []string{"/checkouts", "/trees/net-next/-/grid", "/tests", "/tests/kselftest/net/tls/-/history", "/search"}
	values := url.Values{"q": {strconv.Itoa(c.sent)}, "arch": {[]string{"x86_64", "aarch64"}[c.sent%2]}}
	return lists[c.sent%len(lists)] + "?" + values.Encode()
}

func (c *crawler) get(ctx context.Context, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	switch answer.StatusCode {
	case http.StatusOK:
		c.pages.Add(1)
	case http.StatusTooManyRequests:
	default:
		err = fmt.Errorf("the crawler got %s for %s", answer.Status, path)
	}
	return errors.Join(err, answer.Body.Close())
}
