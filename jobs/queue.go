package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"drover/models"
	"drover/rules/id"
)

// Queue carries hints to workers: Redis, or a Redis in memory for one process.
// It may be emptied at any time; the sweep hints again what is due.
type Queue struct {
	redis    redis.UniversalClient
	client   *asynq.Client
	embedded *miniredis.Miniredis
	log      *slog.Logger
	stop     chan struct{}
}

// queueName is the only queue: the database, not the queue, orders the work.
const queueName = "drover"

// OpenQueue connects to the Redis at url. Without one it keeps the queue in
// the memory of this process.
func OpenQueue(ctx context.Context, url string, log *slog.Logger) (*Queue, error) {
	q := &Queue{log: log, stop: make(chan struct{})}
	options := &redis.Options{Addr: "embedded"}
	if url == "" {
		q.embedded = miniredis.NewMiniRedis()
		options.Dialer = func(context.Context, string, string) (net.Conn, error) { return q.embedded.Dial() }
		options.DisableIdentity = true
		go q.tick()
	} else {
		parsed, err := redis.ParseURL(url)
		if err != nil {
			// err is not told: it repeats the address, with the password in it
			return nil, errors.New("REDIS_URL cannot be read: write redis://:password@host:6379/0, and in the password %40 for @, %2F for / and %25 for %")
		}
		options = parsed
	}
	q.redis = redis.NewClient(options)
	if err := q.Ping(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to Redis: is REDIS_URL right, and the server up? (%w)", err), q.redis.Close())
	}
	q.client = asynq.NewClientFromRedisClient(q.redis)
	return q, nil
}

// tick advances the embedded queue's clock, which stands still by itself.
func (q *Queue) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-q.stop:
			return
		case <-ticker.C:
			q.embedded.FastForward(time.Second)
		}
	}
}

// Embedded tells whether the queue lives in this process.
func (q *Queue) Embedded() bool { return q.embedded != nil }

// Ping asks the queue for an answer.
func (q *Queue) Ping(ctx context.Context) error { return q.redis.Ping(ctx).Err() }

// Policy is Redis' memory policy; anything but noeviction can lose leases of
// Asynq. "" for the embedded queue, and where Redis does not tell.
func (q *Queue) Policy(ctx context.Context) string {
	if q.Embedded() {
		return ""
	}
	answer, err := q.redis.ConfigGet(ctx, "maxmemory-policy").Result()
	if err != nil {
		return ""
	}
	return answer["maxmemory-policy"]
}

// Hint tells the workers of due steps. A failure is logged and forgotten: the
// sweep repeats the hint.
func (q *Queue) Hint(hints []models.Hint) {
	for _, h := range hints {
		if err := q.enqueue(h); err != nil {
			q.log.Warn("hint was not queued; the sweep will repeat it", "kind", h.Kind, "object", h.Object.String(), "error", err)
			return
		}
	}
}

// again hints what the sweep found due, unless that hint waits already.
func (q *Queue) again(hints []models.Hint) error {
	for _, h := range hints {
		err := q.enqueue(h, asynq.Unique(2*time.Second))
		if err != nil && !errors.Is(err, asynq.ErrDuplicateTask) {
			return err
		}
	}
	return nil
}

func (q *Queue) enqueue(h models.Hint, options ...asynq.Option) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	task := asynq.NewTask(h.Kind, []byte(h.Object.String()))
	options = append(options, asynq.Queue(queueName), asynq.MaxRetry(0), asynq.Timeout(time.Hour))
	_, err := q.client.EnqueueContext(ctx, task, options...)
	return err
}

// hintOf reads a task back.
func hintOf(task *asynq.Task) (models.Hint, error) {
	text := string(task.Payload())
	if text == "0" { // a step of the whole installation
		return models.Hint{Kind: task.Type()}, nil
	}
	object, err := id.Parse(text)
	if err != nil {
		return models.Hint{}, fmt.Errorf("task %s: %w", task.Type(), err)
	}
	return models.Hint{Kind: task.Type(), Object: object}, nil
}

// Empty throws all hints away. Nothing is lost; tests and operators use it.
func (q *Queue) Empty(ctx context.Context) error { return q.redis.FlushDB(ctx).Err() }

// Close ends the connection; the embedded queue's hints go with it.
func (q *Queue) Close() error {
	close(q.stop)
	err := q.redis.Close()
	if q.embedded != nil {
		q.embedded.Close()
	}
	return err
}
