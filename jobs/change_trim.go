package jobs

import (
	"context"
	"time"

	"drover/models"
)

// A page that was away for longer than changes are kept looks at all of itself
// once; so little is kept.
const (
	changesKept = 10 * time.Minute
	changesTrim = 2 * time.Minute // between two trims
	trimChanges = 10_000          // rows of one
)

// trimChanges forgets what open pages have been told of.
func (w *Worker) trimChanges(ctx context.Context, run *Run) error {
	var rows int64
	err := run.Save(ctx, func(tx *models.Tx) (err error) {
		rows, err = tx.TrimChanges(before(w.Store.Clock(), changesKept), trimChanges)
		return err
	})
	if err != nil {
		return err
	}
	wait := changesTrim
	if rows >= trimChanges/2 { // more may be there
		wait = trimSoon
	}
	return run.Again(ctx, wait, nil)
}
