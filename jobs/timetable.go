package jobs

import (
	"context"
	"fmt"
	"time"

	"drover/models"
	"drover/rules/id"
)

// housekeeping is what belongs to the whole installation and comes again and
// again. A data folder that several processes share is swept by one of them.
var housekeeping = []string{StorageTrim, LogTrim, RunnerSweep, ChangeTrim}

// housekeepingDelay keeps housekeeping out of the way of a start.
const housekeepingDelay = time.Hour

// keepTimetable makes sure that what happens again and again is a step: a look
// at every remote, and the housekeeping. A step that is there is left alone.
func (w *Worker) keepTimetable(ctx context.Context) error {
	now := time.Now()
	if now.Sub(w.timetableKept) < 10*time.Second {
		return nil
	}
	q := w.Store.With(ctx)
	missing, err := missingSteps(q)
	if err != nil {
		return err
	}
	w.timetableKept = now
	if len(missing) == 0 {
		return nil
	}
	return w.Store.Tx(ctx, func(tx *models.Tx) error {
		for _, hint := range missing {
			due := tx.Now
			if hint.Kind != RemotePoll && hint.Kind != ChangeTrim {
				due = due.Add(housekeepingDelay)
			}
			if err := tx.Want(hint.Kind, hint.Object, due); err != nil {
				return err
			}
		}
		return nil
	})
}

// missingSteps lists the steps of the timetable that are not there.
func missingSteps(q models.Query) (missing []models.Hint, err error) {
	for _, kind := range []string{RemotePoll, MirrorTidy} {
		remotes, err := q.RemotesWithout(kind)
		if err != nil {
			return nil, fmt.Errorf("look for remotes without %s: %w", kind, err)
		}
		for _, remote := range remotes {
			missing = append(missing, models.Hint{Kind: kind, Object: remote})
		}
	}
	for _, kind := range housekeeping {
		_, err := q.Step(kind, timetableOwner)
		if isNotFound(err) {
			missing = append(missing, models.Hint{Kind: kind, Object: id.ID(timetableOwner)})
		} else if err != nil {
			return nil, fmt.Errorf("look for %s: %w", kind, err)
		}
	}
	return missing, nil
}
