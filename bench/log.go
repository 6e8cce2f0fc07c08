package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"drover/formats/consolelog"
	"drover/jobs"
	"drover/models"
	"drover/models/blob"
)

const (
	logRounds = 60        // pages that are timed of each log
	largeLog  = 100 << 20 // bytes of the large log
	farLine   = 73211     // where the seeded log is opened
)

// benchLog is a log of an installation, and a line of it.
type benchLog struct {
	result models.Result
	line   int
	text   string // in that line
}

// log measures how long the page of a log takes, opened at a line: of the log
// of more than 120,000 lines that `drover seed` makes, and of one of 100 MB
// with lines of 1 MB in it; and what memory the server needed at most.
func (b bench) log(ctx context.Context) ([]row, error) {
	data := filepath.Join(b.folder, "log")
	seed := exec.CommandContext(ctx, b.binary, "seed", "--checkouts", "4")
	seed.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.folder, "DROVER_DATA=" + data}
	if said, err := seed.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("seed: %w\n%s", err, said)
	}
	seeded, large, err := findLogs(ctx, data)
	if err != nil {
		return nil, err
	}
	web, err := b.spawn(data, "serve")
	if err != nil {
		return nil, err
	}
	defer web.kill()
	if err := web.ready(ctx); err != nil {
		return nil, err
	}
	before, err := web.resident()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, m := range []struct {
		name string
		log  benchLog
		all  string // query that has the server read the whole log; "" for none
	}{
		{"log of 120,000 lines opened at line 73,211 (goal 0.5 s), p95", seeded, ""},
		{"log of 100 MB with lines of 1 MB opened at a line (goal 0.5 s), p95", large, ""},
		{"log of 120,000 lines searched to its end (goal 2 s), p95", seeded, "no such words"},
		{"log of 100 MB searched to its end (goal 2 s), p95", large, "no such words"},
	} {
		times, err := open(ctx, web, m.log, m.all)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{Name: m.name, Ours: percentile(times, 95), Unit: "s"})
	}
	peak, err := web.peak()
	return append(rows, row{Name: "log of 100 MB opened and searched: memory of the server above idle, at most", Ours: (peak - before) / 1e6, Unit: "MB"}), err
}

// findLogs finds the long log of the seed, and puts a large one beside it.
func findLogs(ctx context.Context, data string) (seeded, large benchLog, err error) {
	s, err := models.Open(ctx, models.Options{Path: filepath.Join(data, "drover.db")})
	if err != nil {
		return seeded, large, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	blobs, err := blob.Open(filepath.Join(data, "blobs"))
	if err != nil {
		return seeded, large, err
	}
	trees, err := s.Trees()
	if err != nil {
		return seeded, large, err
	}
	var checkouts []models.Checkout
	for _, tree := range trees {
		more, err := s.CheckoutsOfBranch(tree.ID, "master", 4)
		if err != nil {
			return seeded, large, err
		}
		checkouts = append(checkouts, more...)
	}
	for _, c := range checkouts {
		results, err := s.Results(c.ID)
		if err != nil {
			return seeded, large, err
		}
		for _, r := range results {
			if r.JobID == nil {
				continue
			}
			if f, err := s.File("job", *r.JobID, jobs.TestLog); err == nil && f.Bytes > 5e6 {
				seeded = benchLog{r, farLine, fmt.Sprintf(`id="L%d"`, farLine)}
			} else if large.line == 0 && (seeded.line == 0 || *r.JobID != *seeded.result.JobID) {
				large.result = r
			}
		}
	}
	if seeded.line == 0 || large.result.ID == 0 {
		return seeded, large, errors.New("the seed has no long log")
	}
	large.line, err = storeLarge(ctx, s, blobs, large.result)
	large.text = "the place in the middle"
	return seeded, large, err
}

// storeLarge gives the job of a result a log of 100 MB, and a line in its
// middle.
func storeLarge(ctx context.Context, s *models.Store, blobs *blob.Store, r models.Result) (line int, err error) {
	var text bytes.Buffer
	lines := 0
	for text.Len() < largeLog {
		lines++
		switch {
		case line == 0 && text.Len() > largeLog/2:
			line = lines
			text.WriteString("the place in the middle\n")
		case lines%100_000 == 0:
			text.WriteString(strings.Repeat("x", 1<<20) + "\n")
		default:
			fmt.Fprintf(&text, "[%8d.%06d] pci 0000:00:1f.2: BAR 5 [mem 0x%08x]: assigned\n", lines/1000, lines%1_000_000, lines)
		}
	}
	index, err := consolelog.Index(bytes.NewReader(text.Bytes()), consolelog.Options{})
	if err != nil {
		return 0, err
	}
	side, err := json.Marshal(index)
	if err != nil {
		return 0, err
	}
	key := "job/large/" + jobs.TestLog
	size, err := blobs.Put(ctx, key, &text)
	if err != nil {
		return 0, err
	}
	if _, err := blobs.Put(ctx, key+jobs.IndexAfter, bytes.NewReader(side)); err != nil {
		return 0, err
	}
	return line, s.Tx(ctx, func(tx *models.Tx) error {
		return tx.AddFile(models.File{OwnerKind: "job", OwnerID: *r.JobID, Name: jobs.TestLog, Blob: key, Bytes: size})
	})
}

// open times the page of a log at a line, or with a search.
func open(ctx context.Context, web *process, l benchLog, search string) ([]time.Duration, error) {
	u := fmt.Sprintf("/results/%s/-/logs/%s?l=%d&q=%s", l.result.ID, jobs.TestLog, l.line, url.QueryEscape(search))
	rounds := logRounds
	if search != "" {
		rounds /= 6
	}
	var times []time.Duration
	for range rounds {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+web.address+u, nil)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(answer.Body)
		times = append(times, time.Since(began))
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			return nil, err
		}
		page := string(body)
		if answer.StatusCode != http.StatusOK || !strings.Contains(page, l.text) || strings.Contains(page, "The search took longer") {
			return nil, fmt.Errorf("%s: %s, without %q or not searched to its end", u, answer.Status, l.text)
		}
	}
	return times, nil
}
