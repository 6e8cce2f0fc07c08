package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
)

const (
	// held is how many steps a worker holds when it is killed.
	held = 8
	// rounds is how often that is done; the peer needs a minute and a half for
	// one, so it has one.
	rounds = 3
	// peerWord starts this program as the peer's worker.
	peerWord = "asynq-worker"
	runKey   = "bench:running"
)

// crash measures from the kill -9 of a worker until another one works on the
// same step again; the peer is Asynq with its own settings.
func (b bench) crash(ctx context.Context) ([]row, error) {
	if b.redis == "" || b.pg == "" {
		return nil, nil
	}
	var ours []time.Duration
	for round := range rounds {
		times, err := b.crashOurs(ctx, round)
		if err != nil {
			return nil, fmt.Errorf("crash of a worker: %w", err)
		}
		ours = append(ours, times...)
	}
	peer, err := b.crashPeer(ctx)
	if err != nil {
		return nil, fmt.Errorf("crash of the peer: %w", err)
	}
	return []row{
		against("G11 kill -9 of a worker until its step runs again (goal 10 s)", ours, peer, 50),
		against("G11 kill -9 of a worker until its step runs again (goal 10 s)", ours, peer, 95),
	}, nil
}

// crashOurs lets a worker ask remotes that never answer, kills it, and reads
// from the database when another has taken each of the steps.
func (b bench) crashOurs(ctx context.Context, round int) ([]time.Duration, error) {
	hang := make(chan struct{})
	remote := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	defer remote.Close()
	defer close(hang)
	s, err := models.Open(ctx, models.Options{URL: b.pg})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	remotes, err := hangingTrees(ctx, s, round, remote.URL)
	if err != nil {
		return nil, err
	}
	settings := []string{"DATABASE_URL=" + b.pg, "REDIS_URL=" + b.redis, "DROVER_POLL=1h", "DROVER_WORKERS=" + strconv.Itoa(2*held*rounds)}
	first, err := b.spawn(filepath.Join(b.folder, "crash"), "worker", settings...)
	if err != nil {
		return nil, err
	}
	claims := map[id.ID]string{}
	err = claimed(ctx, s, remotes, func(remote id.ID, claim string) bool { claims[remote] = claim; return true })
	if err != nil {
		first.kill()
		return nil, err
	}
	second, err := b.spawn(filepath.Join(b.folder, "crash2"), "worker", settings...)
	if err != nil {
		first.kill()
		return nil, err
	}
	defer second.kill()
	if err := settle(ctx); err != nil {
		return nil, err
	}
	began := time.Now()
	first.kill()
	var times []time.Duration
	err = claimed(ctx, s, remotes, func(remote id.ID, claim string) bool {
		if claim == claims[remote] {
			return false
		}
		times = append(times, time.Since(began))
		return true
	})
	return times, err
}

// hangingTrees onboards trees whose remotes are at an address, each its own.
func hangingTrees(ctx context.Context, s *models.Store, round int, address string) ([]id.ID, error) {
	var remotes []id.ID
	err := s.Tx(ctx, func(tx *models.Tx) error {
		for n := range held {
			_, remote, err := tx.AddTree(models.NewTree{
				Tree: models.Tree{Name: fmt.Sprintf("hanging-%d-%d", round, n), State: status.TreeLive, Policy: "tip"},
				URL:  fmt.Sprintf("%s/%d.git", address, n), Branches: []string{"main"},
			})
			if err != nil {
				return err
			}
			remotes = append(remotes, remote.ID)
		}
		return nil
	})
	return remotes, err
}

// claimed waits until ok was told once of a claim on the poll of each remote.
func claimed(ctx context.Context, s *models.Store, remotes []id.ID, ok func(remote id.ID, claim string) bool) error {
	left := map[id.ID]bool{}
	for _, remote := range remotes {
		left[remote] = true
	}
	return await(ctx, 2*time.Minute, "every step is claimed", func() (bool, error) {
		for remote := range left {
			step, err := s.Step(jobs.RemotePoll, remote)
			if err != nil && !errors.Is(err, models.ErrNotFound) {
				return false, err
			}
			if step.Claim != "" && ok(remote, step.Claim) {
				delete(left, remote)
			}
		}
		return len(left) == 0, nil
	})
}

// crashPeer does the same with tasks of plain Asynq.
func (b bench) crashPeer(ctx context.Context) ([]time.Duration, error) {
	options, err := redis.ParseURL(b.redis)
	if err != nil {
		return nil, err
	}
	options.DB = 14
	connection := redis.NewClient(options)
	defer func() { _ = connection.Close() }()
	if err := connection.FlushDB(ctx).Err(); err != nil {
		return nil, err
	}
	client := asynq.NewClientFromRedisClient(connection)
	for n := range held {
		if _, err := client.EnqueueContext(ctx, asynq.NewTask("hang", []byte(strconv.Itoa(n)))); err != nil {
			return nil, err
		}
	}
	first, err := peerWorker(options)
	if err != nil {
		return nil, err
	}
	running := func(n int64) func() (bool, error) {
		return func() (bool, error) {
			length, err := connection.LLen(ctx, runKey).Result()
			return length >= n, err
		}
	}
	if err := await(ctx, time.Minute, "the peer works", running(held)); err != nil {
		return nil, errors.Join(err, first.Process.Kill())
	}
	second, err := peerWorker(options)
	if err != nil {
		return nil, errors.Join(err, first.Process.Kill())
	}
	defer func() { _ = second.Process.Kill() }()
	began := time.Now()
	_ = first.Process.Kill() // it hangs, as wanted
	_ = first.Wait()
	var times []time.Duration
	for n := range int64(held) {
		if err := await(ctx, 5*time.Minute, "the peer works again", running(held+n+1)); err != nil {
			return nil, err
		}
		times = append(times, time.Since(began))
	}
	return times, nil
}

func peerWorker(o *redis.Options) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	process := exec.Command(self, peerWord, o.Network, o.Addr, strconv.Itoa(o.DB))
	return process, process.Start()
}

// peer is an Asynq worker with its own settings, whose tasks never end.
func peer(network, address, db string) error {
	number, err := strconv.Atoi(db)
	if err != nil {
		return err
	}
	connection := redis.NewClient(&redis.Options{Network: network, Addr: address, DB: number})
	server := asynq.NewServerFromRedisClient(connection, asynq.Config{LogLevel: asynq.FatalLevel, Concurrency: held})
	return server.Run(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		if err := connection.RPush(ctx, runKey, task.Payload()).Err(); err != nil {
			return err
		}
		select {}
	}))
}

// ask posts the revision to the site.
func ask(ctx context.Context, web *process, sha string) error {
	token, err := web.token()
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+web.address+"/trees/bench/-/actions/test", jsonBody(sha))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	answer, err := (&http.Client{Timeout: time.Minute}).Do(request)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return errors.Join(fmt.Errorf("the site answered %s", answer.Status), answer.Body.Close())
	}
	return answer.Body.Close()
}

func jsonBody(sha string) io.Reader {
	return strings.NewReader(fmt.Sprintf(`{"revision":%q}`, sha))
}
