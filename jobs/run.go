package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"drover/clients"
	"drover/models"
	"drover/rules/id"
)

// Run is one try of a step by this worker: the object it is about, and the
// claim that fences what it writes.
type Run struct {
	Object  id.ID
	Log     *slog.Logger
	store   *models.Store
	claim   *models.Claim
	next    []models.Hint
	settled bool
}

// Failures is how often the step failed in a row before this try.
func (r *Run) Failures() int64 { return r.claim.Attempts }

// Save writes in the middle of a step what must be stored before an outside call.
func (r *Run) Save(ctx context.Context, fn func(*models.Tx) error) error {
	return r.store.Save(ctx, r.claim, fn)
}

// Done writes the outcome and ends the step.
func (r *Run) Done(ctx context.Context, fn func(*models.Tx) error) error {
	return r.settle(ctx, time.Time{}, fn)
}

// Again writes the outcome and asks for the step once more after a while.
func (r *Run) Again(ctx context.Context, after time.Duration, fn func(*models.Tx) error) error {
	return r.settle(ctx, r.store.Clock().Add(after), fn)
}

func (r *Run) settle(ctx context.Context, again time.Time, fn func(*models.Tx) error) error {
	if fn == nil {
		fn = func(*models.Tx) error { return nil }
	}
	next, err := r.store.Settle(ctx, r.claim, again, fn)
	if err == nil {
		r.next, r.settled = next, true
	}
	return err
}

// Timing of claims: renewed every renewal, lost after lease without.
type Timing struct {
	Lease   time.Duration
	Renewal time.Duration
	Sweep   time.Duration
}

// DefaultTiming finds a killed worker's steps again within some seven seconds.
var DefaultTiming = Timing{Lease: 6 * time.Second, Renewal: 1500 * time.Millisecond, Sweep: time.Second}

// process claims what a hint names and works on it; then on the first step
// which that made due, and so on. The others go to the queue.
func (w *Worker) process(ctx context.Context, hint models.Hint) {
	for {
		next, ok := w.try(ctx, hint)
		if !ok || len(next) == 0 {
			return
		}
		if len(next) > 1 {
			w.queue.Hint(next[1:])
		}
		hint = next[0]
	}
}

// try is one try of one step. ok is false when there was nothing to claim.
func (w *Worker) try(ctx context.Context, hint models.Hint) (next []models.Hint, ok bool) {
	kind, known := w.kinds[hint.Kind]
	if !known {
		w.log.Warn("a step of unknown kind waits for a newer worker", "kind", hint.Kind)
		return nil, false
	}
	claim, err := w.Store.Claim(ctx, hint, w.name, w.timing.Lease)
	if errors.Is(err, models.ErrNotFound) {
		return nil, false
	}
	if isFull(err) {
		w.tellFull(err)
		return nil, false
	}
	if err != nil {
		w.log.Error("a step could not be claimed", "kind", hint.Kind, "object", hint.Object.String(), "error", err)
		return nil, false
	}
	w.point("claimed")
	run := &Run{
		Object: hint.Object, store: w.Store, claim: claim,
		Log: w.log.With("kind", hint.Kind, "object", hint.Object.String()),
	}
	started := time.Now()
	err = w.handle(ctx, kind, run)
	w.metrics.step(kind.Name, started, err)
	if err != nil {
		w.fail(run, kind, err)
		return nil, true
	}
	return run.next, true
}

// handle calls the handler under a timeout and renews the claim meanwhile. A
// handler that panics has failed; one that settles nothing is a mistake.
func (w *Worker) handle(ctx context.Context, kind Kind, run *Run) (err error) {
	ctx, cancel := context.WithTimeout(ctx, kind.Timeout)
	defer cancel()
	renewing := make(chan struct{})
	go func() {
		defer close(renewing)
		w.renew(ctx, cancel, run)
	}()
	defer func() {
		if p := recover(); p != nil {
			err = clients.Fail(clients.Permanent, kind.Name, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}
		cancel()
		<-renewing
	}()
	if err := kind.Handle(ctx, run); err != nil {
		return err
	}
	if !run.settled {
		return clients.Fail(clients.Permanent, kind.Name, errors.New("the handler settled nothing"))
	}
	return nil
}

func (w *Worker) renew(ctx context.Context, cancel context.CancelFunc, run *Run) {
	ticker := time.NewTicker(w.timing.Renewal)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			err := w.Store.Renew(ctx, run.claim, w.timing.Lease)
			if errors.Is(err, models.ErrLost) {
				if !run.settled {
					run.Log.Warn("the claim was lost; another worker goes on")
				}
				cancel()
				return
			}
			if err != nil && ctx.Err() == nil {
				run.Log.Warn("the claim could not be renewed", "error", err)
			}
		}
	}
}

// fail classes the error once and says how the step goes on.
func (w *Worker) fail(run *Run, kind Kind, err error) {
	if errors.Is(err, models.ErrLost) {
		return
	}
	failure := outcome(err, run.Failures(), w.Store.Clock())
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if kind.Parked != nil && failure.Park {
		if err := kind.Parked(ctx, run, failure.Text); err != nil {
			run.Log.Error("what follows from a parked step could not be stored", "error", err)
		} else if run.settled {
			run.Log.Warn("given up", "class", failure.Class, "error", err, "reason", failure.Text)
			return
		}
	}
	stored := w.Store.Fail(ctx, run.claim, failure)
	if isFull(err) {
		w.tellFull(err)
		if isFull(stored) {
			return // one line of the log for all of them; the claim lapses by itself
		}
	}
	if stored != nil && !errors.Is(stored, models.ErrLost) {
		run.Log.Error("a failure could not be stored; the claim will lapse", "error", stored)
	}
	if failure.Free {
		return
	}
	run.Log.Warn("try failed", "class", failure.Class, "park", failure.Park, "retry_in", failure.Due.Sub(w.Store.Clock()).String(), "error", failure.Text)
}

// fullTold is the least time between two lines of the log about a full disk,
// which every step meets.
const fullTold = time.Minute

// tellFull says that the disk is full, now and then: the log may be on it.
func (w *Worker) tellFull(err error) {
	now := time.Now()
	last := w.fullToldAt.Load()
	if last != nil && now.Sub(*last) < fullTold || !w.fullToldAt.CompareAndSwap(last, &now) {
		return
	}
	w.log.Error("the disk is full; steps wait and go on by themselves when there is room", "error", err)
}
