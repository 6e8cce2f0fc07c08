package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

const (
	// seeded is how many checkouts the pages are measured on, some 830 results
	// each, so a million; BENCH_CHECKOUTS sets another number. BENCH_DATA names a
	// folder that `drover seed` has filled with that many before.
	seeded = 1200
	// looks is how often each page is asked for.
	looks = 60
)

// pages measures how long pages take from the request to their first and their
// last byte, on seeded checkouts on SQLite, over HTTP on this machine, one
// request at a time; and what a crawler does to them.
func (b bench) pages(ctx context.Context) (rows []row, err error) {
	checkouts := seeded
	if text := os.Getenv("BENCH_CHECKOUTS"); text != "" {
		if checkouts, err = strconv.Atoi(text); err != nil {
			return nil, fmt.Errorf("BENCH_CHECKOUTS: %w", err)
		}
	}
	data := os.Getenv("BENCH_DATA")
	if data == "" {
		data = filepath.Join(b.folder, "pages")
		if err := b.seed(ctx, data, checkouts); err != nil {
			return nil, err
		}
	}
	if rows, err = b.eachPage(ctx, data, checkouts); err != nil {
		return nil, err
	}
	more, err := b.crawl(ctx, data)
	return append(rows, more...), err
}

func (b bench) seed(ctx context.Context, data string, checkouts int) error {
	seed := exec.CommandContext(ctx, b.binary, "seed", "--checkouts", strconv.Itoa(checkouts))
	seed.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.folder, "DROVER_DATA=" + data, "DROVER_LOG_LEVEL=error"}
	if out, err := seed.CombinedOutput(); err != nil {
		return fmt.Errorf("seed: %w: %s", err, out)
	}
	return nil
}

func (b bench) eachPage(ctx context.Context, data string, checkouts int) (rows []row, err error) {
	p, err := b.spawn(data, "serve", "DROVER_POLL=1h", unbounded)
	if err != nil {
		return nil, err
	}
	defer p.kill()
	if err := p.ready(ctx); err != nil {
		return nil, err
	}
	measured, err := p.measured()
	if err != nil {
		return nil, err
	}
	for _, m := range measured {
		begun, whole, err := p.look(m.path, looks)
		if err != nil {
			return nil, err
		}
		for _, share := range []int{50, 95, 99} {
			name := fmt.Sprintf("page: %s, %d checkouts, ", m.name, checkouts)
			rows = append(rows,
				inMilliseconds(row{Name: fmt.Sprintf("%sfirst byte, p%d", name, share), Ours: percentile(begun, share)}),
				inMilliseconds(row{Name: fmt.Sprintf("%swhole (goal %s at p95), p%d", name, m.goal, share), Ours: percentile(whole, share)}))
		}
	}
	return rows, nil
}

// measure is a page, and what its 95th percentile shall be.
type measure struct{ name, path, goal string }

// measured finds the pages to be asked for.
func (p *process) measured() ([]measure, error) {
	checkout, err := p.first("/checkouts.json?verdict=new&limit=1")
	if err != nil {
		return nil, err
	}
	result, err := p.first("/checkouts/" + checkout + "/-/tests.json?shown=new&limit=1")
	if err != nil {
		return nil, err
	}
	const page, list = "20 ms", "50 ms"
	return []measure{
		{"overview", "/", list}, {"tree", "/trees/net-next", page}, {"checkout", "/checkouts/" + checkout, page}, {"result", "/results/" + result, page},
		{"all tests of a checkout", "/checkouts/" + checkout + "/-/tests?status=all&limit=500", list},
		{"timeline", "/checkouts/" + checkout + "/-/timeline", list}, {"comparison", "/checkouts/" + checkout + "/-/compare", list},
		{"grid", "/trees/net-next/-/grid", list},
		{"grid of 120 checkouts, all rows", "/trees/net-next/-/grid?columns=120&rows=all", list},
		{"test", "/tests/kselftest/net/tls", page}, {"test history", "/tests/kselftest/net/tls/-/history", list}, {"tests", "/tests", list},
		{"checkouts", "/checkouts", list}, {"jobs", "/jobs", list}, {"search", "/search?q=tcp", list},
	}, nil
}

// first is the id of the first thing in a list.
func (p *process) first(path string) (id string, err error) {
	answer, err := http.Get("http://" + p.address + path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if len(list.Data) == 0 {
		return "", fmt.Errorf("%s: the list is empty", path)
	}
	return list.Data[0].ID, nil
}

// look asks for a page again and again: the times to the first and to the last
// byte. The first time is not counted.
func (p *process) look(path string, times int) (begun, whole []time.Duration, err error) {
	for n := range times + 1 {
		first, all, err := p.lookOnce(path, "")
		if err != nil {
			return nil, nil, err
		}
		if n > 0 {
			begun, whole = append(begun, first), append(whole, all)
		}
	}
	return begun, whole, nil
}

// lookOnce asks for a page, with a token or without.
func (p *process) lookOnce(path, token string) (first, all time.Duration, err error) {
	request, err := http.NewRequest(http.MethodGet, "http://"+p.address+path, nil)
	if err != nil {
		return 0, 0, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	began := time.Now()
	// The client answers when it has the head, which is sent with the first of the body.
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, 0, err
	}
	first = time.Since(began)
	size, err := io.Copy(io.Discard, answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return 0, 0, err
	}
	all = time.Since(began)
	if answer.StatusCode != http.StatusOK || size < 5000 {
		return 0, 0, fmt.Errorf("%s: status %d, %d bytes", path, answer.StatusCode, size)
	}
	return first, all, nil
}
