// Command bench measures Drover beside its peers, on this machine and in one
// run, and prints ratios. It starts the real program; a row's results are
// checked to be equal before they are timed. `make bench` calls it.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// row is one line of bench/results.json. Ratio is how many times better than
// the peer we are, 0 where there is no peer.
type row struct {
	Name  string  `json:"name"`
	Ours  float64 `json:"ours"`
	Peer  float64 `json:"peer"`
	Ratio float64 `json:"ratio"`
	Unit  string  `json:"unit"`
}

// bench is the program under test and where it is measured.
type bench struct {
	binary string
	redis  string // URL, "" leaves the rows out that need Redis
	pg     string
	folder string
}

func main() {
	if len(os.Args) == 5 && os.Args[1] == peerWord {
		if err := peer(os.Args[2], os.Args[3], os.Args[4]); err != nil {
			os.Exit(1)
		}
		return
	}
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

// run measures everything, or only what is named: start, pickup, crash, live, log, render, select, owners, pages.
func run(ctx context.Context, only []string) (err error) {
	folder, err := os.MkdirTemp("", "drover-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b := bench{
		binary: filepath.Join("bin", "drover"), folder: folder,
		redis: os.Getenv("DROVER_TEST_REDIS"), pg: os.Getenv("DROVER_TEST_POSTGRES"),
	}
	if b.binary, err = filepath.Abs(b.binary); err != nil {
		return err
	}
	if _, err := exec.LookPath(b.binary); err != nil {
		return fmt.Errorf("%w: run `make build` first", err)
	}
	var rows []row
	for _, m := range []struct {
		name string
		rows func(context.Context) ([]row, error)
	}{{"start", b.start}, {"pickup", b.pickup}, {"crash", b.crash}, {"live", b.live}, {"log", b.log}, {"render", b.render}, {"select", b.selectTests}, {"owners", b.owners}, {"pages", b.pages}} {
		if len(only) > 0 && !slices.Contains(only, m.name) {
			continue
		}
		more, err := m.rows(ctx)
		if err != nil {
			return err
		}
		for _, r := range more {
			show(r)
		}
		rows = append(rows, more...)
	}
	if len(only) > 0 {
		return nil // a part must not replace the whole
	}
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join("bench", "results.json"), append(text, '\n'), 0o644)
}

func show(r row) {
	line := fmt.Sprintf("%-62s %10.3f %s", r.Name, r.Ours, r.Unit)
	if r.Peer > 0 {
		line += fmt.Sprintf(", peer %.3f %s, %.1f times", r.Peer, r.Unit, r.Ratio)
	}
	fmt.Println(line)
}

// percentile gives the p-th percentile of durations in seconds.
func percentile(list []time.Duration, p int) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Clone(list)
	slices.SortFunc(sorted, cmp.Compare[time.Duration])
	return sorted[min(len(sorted)-1, len(sorted)*p/100)].Seconds()
}

// against makes a row of two lists of times, at one percentile.
func against(name string, ours, peer []time.Duration, p int) row {
	r := row{Name: fmt.Sprintf("%s, p%d", name, p), Ours: percentile(ours, p), Peer: percentile(peer, p), Unit: "s"}
	if r.Ours > 0 {
		r.Ratio = r.Peer / r.Ours
	}
	return r
}

// inMilliseconds is a row of seconds where those are too long.
func inMilliseconds(r row) row {
	r.Ours, r.Peer, r.Unit = r.Ours*1000, r.Peer*1000, "ms"
	return r
}
