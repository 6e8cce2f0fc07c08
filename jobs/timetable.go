package jobs

import (
	"context"
	"fmt"
	"time"

	"drover/models"
)

// keepTimetable makes sure that what happens again and again is a step: a look
// at every remote, and the housekeeping. A step that is there is left alone.
func (w *Worker) keepTimetable(ctx context.Context) error {
	now := time.Now()
	if now.Sub(w.timetableKept) < 10*time.Second {
		return nil
	}
	missing, err := w.Store.With(ctx).RemotesWithout(RemotePoll)
	if err != nil {
		return fmt.Errorf("look for remotes without a poll: %w", err)
	}
	_, err = w.Store.Step(StorageTrim, timetableOwner)
	trim := isNotFound(err)
	if err != nil && !trim {
		return err
	}
	w.timetableKept = now
	if len(missing) == 0 && !trim {
		return nil
	}
	return w.Store.Tx(ctx, func(tx *models.Tx) error {
		for _, remote := range missing {
			if err := tx.Want(RemotePoll, remote, tx.Now); err != nil {
				return err
			}
		}
		if trim {
			return tx.Want(StorageTrim, timetableOwner, tx.Now.Add(time.Hour))
		}
		return nil
	})
}

// kept says for how long what is not a result stays.
var kept = struct{ Tries time.Duration }{Tries: 30 * 24 * time.Hour}

// trimStorage forgets what is older than its time.
func (w *Worker) trimStorage(ctx context.Context, run *Run) error {
	return run.Again(ctx, 6*time.Hour, func(tx *models.Tx) error {
		gone, err := tx.TrimTries(tx.Now.Add(-kept.Tries), 10_000)
		if err == nil && gone > 0 {
			run.Log.Info("trimmed", "tries", gone)
		}
		return err
	})
}
