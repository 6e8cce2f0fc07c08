package jobs

import (
	"context"
	"time"

	"drover/models"
)

// swept bounds the hints of one sweep; the rest is there at the next.
const swept = 200

// sweep hints what is due and keeps the timetable, every second or so. Two
// processes that sweep are harmless: a step is claimed once.
func (w *Worker) sweep(ctx context.Context) {
	ticker := time.NewTicker(w.timing.Sweep)
	defer ticker.Stop()
	for {
		w.sweepOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (w *Worker) sweepOnce(ctx context.Context) {
	if err := w.keepTimetable(ctx); err != nil && ctx.Err() == nil {
		w.log.Error("the timetable could not be kept", "error", err)
		return
	}
	due, err := w.Store.With(ctx).Due(swept)
	if err != nil {
		if ctx.Err() == nil {
			w.log.Error("due steps could not be read", "error", err)
		}
		return
	}
	if err := w.queue.again(due); err != nil {
		w.log.Error("the queue does not answer; due steps are worked on directly", "due", len(due), "error", err)
		w.direct(ctx, due)
	}
}

// direct works without the queue, which may be away for long.
func (w *Worker) direct(ctx context.Context, due []models.Hint) {
	for _, h := range due {
		if ctx.Err() != nil {
			return
		}
		w.process(ctx, h)
	}
}
