package jobs

import (
	"errors"
	"fmt"
	"io/fs"

	"drover/models"
)

// shownLimit is how much of a running log one look copies: a log that is
// written faster is shown later, and a look stays short.
const shownLimit = 8 << 20

// logName is the name of a job's main log.
func logName(job models.Job) string {
	if job.Kind == models.JobBuild {
		return BuildLog
	}
	return TestLog
}

// shownAfter ends the key of the copy of a log while its job runs.
const shownAfter = ".part"

// RunningLog is where a job's log may be before the job is collected: the copy
// that grows while it runs, else what is being collected. The runner's own file
// is nobody else's to read, and pages may be served by another process than
// this. It is empty for a log that the job does not write.
func RunningLog(job models.Job, name string) []string {
	if name != logName(job) {
		return nil
	}
	return []string{blobKey(job, name) + shownAfter, blobKey(job, name)}
}

// showLog copies what is new in the log of a running job. A job is looked
// after all the same where that fails.
func (w *Worker) showLog(run *Run, job models.Job) {
	err := w.outside("local.show", func() error {
		source, err := w.Local.OpenLog(job.Marker)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it has said nothing yet
		}
		if err != nil {
			return fmt.Errorf("open the log of %s: %w", job.Marker, err)
		}
		defer func() { _ = source.Close() }() // only read
		_, err = w.Blobs.Append(blobKey(job, logName(job))+shownAfter, source, shownLimit)
		return err
	})
	switch {
	case isFull(err):
		w.tellFull(err)
	case err != nil:
		run.Log.Warn("what a running job says cannot be shown", "error", err)
	}
}

// dropShown removes the copy when the log itself is stored. It comes before
// the outcome, so that whoever is killed in between does it again.
func (w *Worker) dropShown(run *Run, job models.Job) {
	if err := w.Blobs.Remove(blobKey(job, logName(job)) + shownAfter); err != nil {
		run.Log.Warn("the copy of a log cannot be removed", "error", err)
	}
}
