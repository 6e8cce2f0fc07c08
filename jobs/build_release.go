package jobs

import (
	"context"

	"drover/clients/local"
	"drover/models"
	"drover/rules/status"
)

// releaseBuild gives back what the jobs of a build hold on the runner, once
// all its tests have ended. The work tree of a good build of a branch stays as
// the warm tree of the next one.
func (w *Worker) releaseBuild(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	build, err := q.Build(run.Object)
	if err != nil {
		return err
	}
	if left, err := q.UnfinishedOfBuild(build.ID); err != nil || left > 0 || build.Released {
		if err != nil {
			return err
		}
		return run.Done(ctx, nil) // the last test asks again
	}
	checkout, err := q.Checkout(build.CheckoutID)
	if err != nil {
		return err
	}
	jobs, err := q.JobsOfBuild(build.ID)
	if err != nil {
		return err
	}
	err = w.outside("local.release", func() error {
		for _, job := range jobs {
			if job.Kind == models.JobBuild && job.Reason == string(local.OK) && checkout.Lane == status.Baseline {
				if err := w.Local.Warm(ctx, job.Marker, warmKey(build)); err != nil {
					run.Log.Warn("the work tree could not be kept for the next build", "error", err)
				}
			}
			if err := w.Local.Remove(ctx, job.Marker); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return run.Done(ctx, func(tx *models.Tx) error { return tx.ReleaseBuild(build.ID) })
}
