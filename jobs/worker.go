// Package jobs does the work: it claims steps, calls outside systems, asks the
// rules and stores what they decide. It alone imports asynq, it never speaks
// HTTP to people, and it keeps no state but the database's. main starts it;
// server reads its lists and step names.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"

	"drover/clients/git"
	"drover/clients/local"
	"drover/clients/webhook"
	"drover/models"
	"drover/models/blob"
)

// Deps are what the handlers need, set once in main.
type Deps struct {
	Store    *models.Store
	Blobs    *blob.Store
	Git      *git.Client
	Local    *local.Runner
	Mail     Sender // nil: nothing can be sent
	Webhook  webhook.Client
	Keys     *models.Keys // that open the secrets which sign; nil has none
	Settings Settings
}

// Settings are the parts of the configuration that jobs read.
type Settings struct {
	URL         string        // public address of the site, without a slash at the end
	Environment string        // only "production" sends anything outside
	MailFrom    string        // "Drover <drover@ci.example.org>"
	Operator    string        // address that gets what is ours to mend, "" for none
	Poll        time.Duration // between two looks at a remote
	CCache      bool          // put ccache before the compilers
	Keep        Keep
}

// Worker works on steps until it is stopped.
type Worker struct {
	Deps
	kinds   map[string]Kind
	queue   *Queue
	server  *asynq.Server
	metrics *Metrics
	timing  Timing
	name    string
	point   func(string)
	log     *slog.Logger
	cancel  context.CancelFunc
	wait    sync.WaitGroup

	timetableKept time.Time // used by the sweep alone
	fullToldAt    atomic.Pointer[time.Time]
}

// WorkerOptions say how a worker runs.
type WorkerOptions struct {
	Queue   *Queue
	Metrics *Metrics
	Log     *slog.Logger
	Timing  Timing       // zero for DefaultTiming
	Workers int          // steps at once, 0 for 8
	Point   func(string) // called around outside calls; nil for none
}

// NewWorker makes a worker; Start starts it.
func NewWorker(d Deps, o WorkerOptions) *Worker {
	if o.Timing == (Timing{}) {
		o.Timing = DefaultTiming
	}
	if o.Workers == 0 {
		o.Workers = 8
	}
	if o.Point == nil {
		o.Point = func(string) {}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	w := &Worker{
		Deps: d, queue: o.Queue, metrics: o.Metrics, timing: o.Timing, point: o.Point, log: o.Log,
		name: fmt.Sprintf("%s/%d", host, os.Getpid()),
	}
	w.kinds = registry(w)
	// Asynq asks for work and cannot be told of it. An idle worker costs some
	// hundredths of a processor this way, and a hint waits a few milliseconds.
	check := 2 * time.Millisecond
	if o.Queue.Embedded() {
		check = 40 * time.Millisecond // its scripts run in this process
	}
	w.server = asynq.NewServerFromRedisClient(o.Queue.redis, asynq.Config{
		Concurrency:              o.Workers,
		Queues:                   map[string]int{queueName: 1},
		TaskCheckInterval:        check,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          20 * time.Second,
		HealthCheckInterval:      15 * time.Second,
		Logger:                   quiet{o.Log},
		LogLevel:                 asynq.WarnLevel,
	})
	return w
}

// Start begins to work and to sweep. Close ends both.
func (w *Worker) Start() error {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel = cancel
	err := w.server.Start(asynq.HandlerFunc(func(_ context.Context, task *asynq.Task) error {
		hint, err := hintOf(task)
		if err != nil {
			w.log.Error("a task of the queue is not ours", "error", err)
			return nil
		}
		w.process(ctx, hint)
		return nil
	}))
	if err != nil {
		cancel()
		return fmt.Errorf("start the workers: %w", err)
	}
	w.wait.Go(func() { w.sweep(ctx) })
	return nil
}

// Close stops taking steps and waits for those under way. What does not end in
// time keeps its claim until that lapses.
func (w *Worker) Close() {
	w.server.Stop()
	w.server.Shutdown()
	w.cancel()
	w.wait.Wait()
}

// outside names an outside call, for tests that kill the process around it.
func (w *Worker) outside(name string, call func() error) error {
	w.point(name + ".before")
	err := call()
	w.point(name + ".after")
	return err
}

// quiet passes Asynq's own words on as log lines.
type quiet struct{ log *slog.Logger }

func (q quiet) Debug(args ...any) {}
func (q quiet) Info(args ...any)  {}
func (q quiet) Warn(args ...any)  { q.log.Warn("queue", "said", fmt.Sprint(args...)) }
func (q quiet) Error(args ...any) { q.log.Error("queue", "said", fmt.Sprint(args...)) }
func (q quiet) Fatal(args ...any) { q.log.Error("queue", "said", fmt.Sprint(args...)) }
