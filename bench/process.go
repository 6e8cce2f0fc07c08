package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// process is a running drover.
type process struct {
	*exec.Cmd
	address string
	data    string
}

// spawn starts a command of drover with settings on top of a quiet default.
func (b bench) spawn(data, command string, settings ...string) (*process, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	p := &process{Cmd: exec.Command(b.binary, command), address: "127.0.0.1:" + strconv.Itoa(port), data: data}
	p.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.folder, "DROVER_DATA=" + data, "DROVER_LISTEN=" + p.address,
		"DROVER_LOG_LEVEL=error", "DROVER_RATE=0", "DROVER_ALLOW_LOCAL_REMOTES=true", "DROVER_ALLOW_PRIVATE_REMOTES=true",
	}, settings...)
	p.Stderr = os.Stderr
	return p, p.Start()
}

// freePort is one that nobody uses now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// kill ends a process as a power cut would.
func (p *process) kill() {
	_ = p.Process.Kill() // it may have ended by itself
	_ = p.Wait()         // how it ended is no matter
}

// ready waits until the pages say so.
func (p *process) ready(ctx context.Context) error {
	return await(ctx, 30*time.Second, "ready", func() (bool, error) {
		answer, err := http.Get("http://" + p.address + "/readyz")
		if err != nil {
			return false, nil // it does not listen yet
		}
		return answer.StatusCode == http.StatusOK, answer.Body.Close()
	})
}

// await asks every two milliseconds.
func await(ctx context.Context, limit time.Duration, what string, ok func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for {
		done, err := ok()
		if err != nil || done {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited %v until %s", limit, what)
		case <-ticker.C:
		}
	}
}

// resident is the memory of a process in bytes.
func (p *process) resident() (float64, error) { return p.memory("VmRSS:") }

// peak is the most that it ever was.
func (p *process) peak() (float64, error) { return p.memory("VmHWM:") }

func (p *process) memory(field string) (float64, error) {
	f, err := os.Open(filepath.Join("/proc", strconv.Itoa(p.Process.Pid), "status"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // only read
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == field {
			kib, err := strconv.ParseFloat(fields[1], 64)
			return kib * 1024, err
		}
	}
	return 0, fmt.Errorf("no %s of %d", field, p.Process.Pid)
}

// start measures how long an installation takes to be ready, and what it
// holds in memory when nothing happens.
func (b bench) start(ctx context.Context) ([]row, error) {
	var times []time.Duration
	var memory float64
	data := filepath.Join(b.folder, "start")
	for i := range 10 {
		began := time.Now()
		p, err := b.spawn(data, "serve")
		if err != nil {
			return nil, err
		}
		err = p.ready(ctx)
		times = append(times, time.Since(began))
		if err == nil && i == 9 {
			err = settle(ctx)
			memory, _ = p.resident()
		}
		p.kill()
		if err != nil {
			return nil, err
		}
	}
	return []row{
		{Name: "start of `drover serve` to ready (goal 1 s), p95", Ours: percentile(times, 95), Unit: "s"},
		{Name: "memory of an idle `drover serve` (goal 80 MB)", Ours: memory / 1e6, Unit: "MB"},
	}, nil
}

// settle waits until what a start does once is over.
func settle(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(5 * time.Second):
		return nil
	}
}
