package jobs

import (
	"context"
	"time"

	"drover/clients"
	"drover/clients/local"
	"drover/models"
)

// Looks at a running job come soon after its start and then rarer: a test of
// a tenth of a second and a build of an hour are both seen to end in good time.
const (
	lookFirst = 60 * time.Millisecond
	lookLast  = 2 * time.Second
)

// lookAtJob looks once at a running job and says when to look again.
func (w *Worker) lookAtJob(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	job, err := q.Job(run.Object)
	if err != nil {
		return err
	}
	if job.State != models.JobRunning {
		return run.Done(ctx, nil)
	}
	var state local.State
	err = w.outside("local.state", func() error {
		state, err = w.Local.State(ctx, job.Marker)
		return err
	})
	if err != nil {
		return err
	}
	switch {
	case state.Phase == local.Unknown: // accepted, but its submitter died in between
		return run.Done(ctx, func(tx *models.Tx) error {
			job.State = models.JobSubmitted
			if err := tx.SetJob(job); err != nil {
				return err
			}
			return tx.Want(JobSubmit, job.ID, tx.Now)
		})
	case state.Phase == local.Finished:
		return run.Done(ctx, func(tx *models.Tx) error { return w.markFinished(tx, job, state) })
	default:
		w.showLog(run, job)
	}
	if job.Cancel {
		if err := w.outside("local.cancel", func() error { return w.Local.Cancel(ctx, job.Marker) }); err != nil {
			return err
		}
	}
	return run.Again(ctx, lookAfter(w.Store.Clock().Sub(*job.StartedAt)), nil)
}

func lookAfter(age time.Duration) time.Duration {
	return min(lookLast, max(lookFirst, age/8))
}

// markFinished stores how a job ended and lets the next ones have its slot.
func (w *Worker) markFinished(tx *models.Tx, job models.Job, state local.State) error {
	job.State, job.Reason, job.Detail = models.JobFinished, string(state.Reason), state.Detail
	job.ExitStatus = int64(state.Exit)
	if !state.Started.IsZero() {
		started := state.Started.Truncate(time.Microsecond)
		job.StartedAt = &started
	}
	finished := state.Finished.Truncate(time.Microsecond)
	job.FinishedAt = &finished
	if err := tx.SetJob(job); err != nil {
		return err
	}
	if err := tx.Want(ResultCollect, job.ID, tx.Now); err != nil {
		return err
	}
	return tx.Wake(JobSubmit, string(clients.NotYet), 1)
}
