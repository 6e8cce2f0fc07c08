package jobs

import (
	"context"
	"errors"
	"runtime"
	"time"

	"drover/clients"
	"drover/clients/local"
	"drover/models"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

// slotWait is how long a job waits for a slot before it looks again by itself;
// a job that ends wakes it earlier.
const slotWait = 2 * time.Second

// submitJob hands one job to the runner. Its marker is stored before, and the
// runner takes a marker once, so that trying again is harmless.
func (w *Worker) submitJob(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	job, err := q.Job(run.Object)
	if err != nil {
		return err
	}
	if job.State != models.JobPlanned && job.State != models.JobSubmitted {
		return run.Done(ctx, nil)
	}
	if job.Cancel && job.State == models.JobPlanned {
		return w.finishUnrun(ctx, run, job, local.Cancelled, "it was cancelled before it started")
	}
	spec, err := w.specOfJob(q, job)
	if err != nil {
		return clients.Fail(clients.Permanent, "job spec", err)
	}
	if job.State == models.JobPlanned {
		if free, err := w.Local.FreeSlots(); err == nil && free == 0 {
			return &clients.Error{Op: "job submit", Class: clients.NotYet, After: slotWait, Err: errors.New("waits for a free slot")}
		}
		job.State = models.JobSubmitted
		now := w.Store.Clock()
		job.SubmittedAt = &now
		if err := run.Save(ctx, func(tx *models.Tx) error { return tx.SetJob(job) }); err != nil {
			return err
		}
	}
	err = w.outside("local.submit", func() error { return w.Local.Submit(ctx, spec) })
	if clients.ClassOf(err) == clients.NotYet && err != nil {
		return &clients.Error{Op: "job submit", Class: clients.NotYet, After: slotWait, Err: err}
	}
	if err != nil {
		return err
	}
	return run.Done(ctx, func(tx *models.Tx) error { return w.markRunning(tx, job) })
}

// markRunning stores that a job, and what it is for, runs.
func (w *Worker) markRunning(tx *models.Tx, job models.Job) error {
	isolation := w.Local.Isolation()
	job.State, job.Isolation, job.Host = models.JobRunning, isolation.Kind, hostName()
	if job.StartedAt == nil {
		job.StartedAt = &tx.Now
	}
	if err := tx.SetJob(job); err != nil {
		return err
	}
	if err := tx.SetStarted(job.CheckoutID, tx.Now); err != nil {
		return err
	}
	if err := markWork(tx, job, status.Running); err != nil {
		return err
	}
	return tx.Want(JobLook, job.ID, tx.Now.Add(lookFirst))
}

// markWork gives the build, or the results of a test, that a job is for a
// status that is not yet final.
func markWork(tx *models.Tx, job models.Job, s status.Status) error {
	build, err := tx.Build(job.BuildID)
	if err != nil {
		return err
	}
	if job.Kind == models.JobBuild {
		build.Status, build.Attempt = s, job.Attempt
		if build.StartedAt == nil {
			build.StartedAt = &tx.Now
		}
		return tx.SetBuild(build)
	}
	return tx.MarkResults(build.ID, *job.TestID, job.Attempt, s)
}

// specOfJob makes the runner's order out of a job's row.
func (w *Worker) specOfJob(q models.Query, job models.Job) (local.Spec, error) {
	build, err := q.Build(job.BuildID)
	if err != nil {
		return local.Spec{}, err
	}
	checkout, err := q.Checkout(job.CheckoutID)
	if err != nil {
		return local.Spec{}, err
	}
	tree, err := q.Tree(checkout.TreeID)
	if err != nil {
		return local.Spec{}, err
	}
	place := recipe.Place{Source: sourceFolder, Output: outputFolder, Ccache: w.Settings.CCache, Jobs: w.parallel()}
	var spec local.Spec
	if job.Kind == models.JobBuild {
		spec, err = w.buildSpec(q, job, build, checkout, place)
	} else {
		spec, err = testSpec(q, job, build, place)
	}
	spec.Trusted = tree.Trusted
	return spec, err
}

func (w *Worker) buildSpec(q models.Query, job models.Job, build models.Build, checkout models.Checkout, place recipe.Place) (local.Spec, error) {
	plan, err := settingsOf(build).Plan(place)
	if err != nil {
		return local.Spec{}, err
	}
	spec, err := specOf(job, plan)
	if err != nil {
		return spec, err
	}
	mirror, err := w.mirrorOf(q, checkout.TreeID)
	if err != nil {
		return spec, err
	}
	path, err := w.Git.Path(mirror)
	if err != nil {
		return spec, err
	}
	spec.Source = &local.Source{Mirror: path, Commit: checkout.SHA}
	if checkout.Lane == status.Baseline && job.Attempt == 1 {
		spec.Source.Warm = warmKey(build)
	}
	if place.Ccache {
		spec.CCache = "tree-" + checkout.TreeID.String()
	}
	return spec, nil
}

// warmKey names the work tree that builds of one tree and configuration hand
// on to the next.
func warmKey(b models.Build) string { return "build-" + b.TreeBuildID.String() }

func testSpec(q models.Query, job models.Job, build models.Build, place recipe.Place) (local.Spec, error) {
	test, err := q.Test(*job.TestID)
	if err != nil {
		return local.Spec{}, err
	}
	if test.Recipe == recipe.NameKUnitUM {
		place.Output = buildFolder // the program that the build made, read-only
	}
	plan, err := runOf(test).Plan(settingsOf(build), place)
	if err != nil {
		return local.Spec{}, err
	}
	spec, err := specOf(job, plan)
	if err != nil {
		return spec, err
	}
	spec.Env = append(spec.Env, "BUILD="+buildFolder)
	spec.From, err = builtBy(q, build.ID)
	return spec, err
}

// builtBy names the job whose work tree holds a build.
func builtBy(q models.Query, build id.ID) (string, error) {
	jobs, err := q.JobsOfBuild(build)
	if err != nil {
		return "", err
	}
	for i := len(jobs) - 1; i >= 0; i-- {
		if jobs[i].Kind == models.JobBuild && jobs[i].Reason == string(local.OK) {
			return jobs[i].Marker, nil
		}
	}
	return "", errors.New("the build left no work tree")
}

// parallel is the -j of one build. Builds that meet share the machine: mostly
// there is one, and it must not be slow.
func (w *Worker) parallel() int {
	return runtime.NumCPU()
}

// refuseJob gives a job that cannot be submitted an end that people see.
func (w *Worker) refuseJob(ctx context.Context, run *Run, reason string) error {
	job, err := w.Store.With(ctx).Job(run.Object)
	if err != nil {
		return err
	}
	return w.finishUnrun(ctx, run, job, local.Setup, reason)
}

// finishUnrun ends a job that never ran.
func (w *Worker) finishUnrun(ctx context.Context, run *Run, job models.Job, reason local.Reason, detail string) error {
	return run.Done(ctx, func(tx *models.Tx) error {
		job.State, job.Reason, job.Detail, job.ExitStatus = models.JobFinished, string(reason), detail, -1
		job.FinishedAt = &tx.Now
		if err := tx.SetJob(job); err != nil {
			return err
		}
		return tx.Want(ResultCollect, job.ID, tx.Now)
	})
}
