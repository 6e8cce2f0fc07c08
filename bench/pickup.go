package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"drover/clients/git"
	"drover/jobs"
	"drover/models"
	"drover/rules/recipe"
	"drover/rules/status"
)

// events is how many pushes are timed.
const events = 40

// pickup measures from the storing of an event to the start of its job, idle,
// with the queue in memory and on Redis; the peer is plain Asynq with its own
// settings, from the enqueueing of a task to its handler.
func (b bench) pickup(ctx context.Context) ([]row, error) {
	embedded, err := b.eventToJob(ctx, "embedded", nil)
	if err != nil {
		return nil, err
	}
	rows := []row{
		{Name: "event stored to its step started, queue in memory (goal 250 ms), p95", Ours: percentile(embedded.step, 95), Unit: "s"},
		{Name: "event stored to the runner's job started, queue in memory (goal 250 ms), p95", Ours: percentile(embedded.job, 95), Unit: "s"},
	}
	if b.redis == "" || b.pg == "" {
		return rows, nil
	}
	shared, err := b.eventToJob(ctx, "redis", []string{"DATABASE_URL=" + b.pg, "REDIS_URL=" + b.redis})
	if err != nil {
		return nil, err
	}
	peer, err := asynqPickup(ctx, b.redis)
	if err != nil {
		return nil, err
	}
	return append(rows,
		against("G12 event stored to its step started, on Redis, against plain Asynq (goal 5 ms)", shared.step, peer, 50),
		against("G12 event stored to its step started, on Redis, against plain Asynq (goal 50 ms)", shared.step, peer, 95),
		row{Name: "event stored to the runner's job started, on Redis, p95", Ours: percentile(shared.job, 95), Unit: "s"}), nil
}

// waits are the times from the storing of each event: until its own step was
// claimed, which is what a queue is for, and until the runner had started the
// build, with git and three more steps in between.
type waits struct{ step, job []time.Duration }

// eventToJob asks for one revision after another, each when the one before
// has ended, and reads the times from the database.
func (b bench) eventToJob(ctx context.Context, name string, settings []string) (times waits, err error) {
	data := filepath.Join(b.folder, name)
	repo, shas, err := repository(ctx, filepath.Join(b.folder, name+".git"))
	if err != nil {
		return times, err
	}
	options := models.Options{Path: filepath.Join(data, "drover.db")}
	commands := []string{"serve"}
	if settings != nil {
		options.URL = b.pg
		commands = []string{"web", "worker"}
		if _, err := models.Migrate(ctx, b.pg); err != nil {
			return times, err
		}
	}
	if err := onboard(ctx, options, repo); err != nil {
		return times, err
	}
	var running []*process
	defer func() {
		for _, p := range running {
			p.kill()
		}
	}()
	for _, command := range commands {
		p, err := b.spawn(data, command, append([]string{"DROVER_POLL=1h"}, settings...)...)
		if err != nil {
			return times, err
		}
		running = append(running, p)
	}
	if err := running[0].ready(ctx); err != nil {
		return times, err
	}
	options.ReadOnly = true
	s, err := models.Open(ctx, options)
	if err != nil {
		return times, err
	}
	defer func() { _ = s.Close() }()
	for _, sha := range shas {
		step, job, err := one(ctx, s, running[0], sha)
		if err != nil {
			return times, err
		}
		times.step, times.job = append(times.step, step), append(times.job, job)
	}
	return times, nil
}

// repository makes a small tree with one commit an event.
func repository(ctx context.Context, dir string) (string, []string, error) {
	repo, err := git.InitRepo(ctx, dir)
	if err != nil {
		return "", nil, err
	}
	var shas []string
	for n := range events + 1 { // the last is what the first look at the branch finds
		sha, err := repo.CommitFiles(ctx, git.Change{
			Files:  map[string]string{"Makefile": "all:\n\ttrue\n", "number": fmt.Sprintln(n)},
			Author: "Asha Rao <asha@example.org>", Message: fmt.Sprint("commit ", n), When: time.Unix(int64(1_790_000_000+n), 0),
		})
		if err != nil {
			return "", nil, err
		}
		shas = append(shas, sha)
	}
	return dir, shas[:events], nil
}

func onboard(ctx context.Context, options models.Options, url string) error {
	s, err := models.Open(ctx, options)
	if err != nil {
		return err
	}
	settings, err := json.Marshal(recipe.Command{Command: "true", Format: recipe.Exit})
	if err != nil {
		return err
	}
	err = s.Tx(ctx, func(tx *models.Tx) error {
		_, _, err := tx.AddTree(models.NewTree{
			Tree: models.Tree{Name: "bench", State: status.TreeLive, Policy: "tip", UnclearShare: 0.2, DeadlineS: 3600, Trusted: true},
			URL:  url, Branches: []string{"main"},
			Builds: []models.TreeBuild{{Arch: "x86_64", Config: "defconfig", Recipe: recipe.NameCommand, Settings: string(settings)}},
		})
		return err
	})
	if err != nil {
		return err
	}
	return s.Close()
}

// one asks for a revision as a bot would, and times it.
func one(ctx context.Context, s *models.Store, web *process, sha string) (step, job time.Duration, err error) {
	if err := ask(ctx, web, sha); err != nil {
		return 0, 0, err
	}
	err = await(ctx, time.Minute, "a job has run", func() (bool, error) {
		tree, err := s.TreeByName("bench")
		if err != nil {
			return false, err
		}
		checkouts, err := s.CheckoutsOfCommit(tree.ID, sha)
		if err != nil || len(checkouts) == 0 || checkouts[0].State != models.CheckoutFinished {
			return false, err
		}
		step, job, err = between(s, checkouts[0])
		return err == nil, err
	})
	return step, job, err
}

func between(s *models.Store, c models.Checkout) (step, job time.Duration, err error) {
	event, err := s.Event(c.EventID)
	if err != nil {
		return 0, 0, err
	}
	tries, err := s.Tries(jobs.EventRead, event.ID, 100) // newest first
	if err != nil {
		return 0, 0, err
	}
	list, err := s.JobsOfCheckout(c.ID)
	if err != nil {
		return 0, 0, err
	}
	if len(tries) == 0 || len(list) != 1 || list[0].StartedAt == nil || list[0].Reason != "ok" {
		return 0, 0, fmt.Errorf("checkout %s has no job that ran: %+v, %+v", c.ID, tries, list)
	}
	return tries[len(tries)-1].StartedAt.Sub(event.ReceivedAt), list[0].StartedAt.Sub(event.ReceivedAt), nil
}

// asynqPickup is the peer.
func asynqPickup(ctx context.Context, url string) ([]time.Duration, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	options.DB = 15
	connection := redis.NewClient(options)
	defer func() { _ = connection.Close() }()
	if err := connection.FlushDB(ctx).Err(); err != nil {
		return nil, err
	}
	started := make(chan time.Time)
	server := asynq.NewServerFromRedisClient(connection, asynq.Config{LogLevel: asynq.FatalLevel})
	if err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		started <- time.Now()
		return nil
	})); err != nil {
		return nil, err
	}
	defer server.Shutdown()
	client := asynq.NewClientFromRedisClient(connection)
	var times []time.Duration
	for range events {
		began := time.Now()
		if _, err := client.EnqueueContext(ctx, asynq.NewTask("bench", nil)); err != nil {
			return nil, err
		}
		times = append(times, (<-started).Sub(began))
	}
	return times, nil
}

// token reads the secret that allows changes.
func (p *process) token() (string, error) {
	text, err := os.ReadFile(filepath.Join(p.data, "token"))
	return strings.TrimSpace(string(text)), err
}
