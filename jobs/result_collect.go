package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"drover/clients/local"
	"drover/formats/consolelog"
	"drover/models"
	"drover/rules/herding"
	"drover/rules/status"
)

// Names of a job's log and of its side file.
const (
	BuildLog   = "build.log"
	TestLog    = "console.log"
	IndexAfter = ".idx"
)

// localLimits: what a job on this machine waits for is no lab's outage, so it
// is tried again soon.
var localLimits = herding.Limits{Delay: time.Second}

// collectResult reads what a finished job left, stores it, and decides what
// follows: the tests of a build, a retry, or the end.
func (w *Worker) collectResult(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	job, err := q.Job(run.Object)
	if err != nil {
		return err
	}
	if job.State != models.JobFinished {
		return run.Done(ctx, nil)
	}
	left, err := w.gather(ctx, job)
	if err != nil {
		return err
	}
	var effect func(*models.Tx) error
	if job.Kind == models.JobBuild {
		effect, err = w.buildEnded(q, job, left)
	} else {
		effect, err = w.testEnded(ctx, q, job, left)
	}
	if err != nil {
		return err
	}
	w.dropShown(run, job)
	return run.Done(ctx, func(tx *models.Tx) error {
		for _, file := range left.files {
			if err := tx.AddFile(file); err != nil {
				return fmt.Errorf("store file %s: %w", file.Name, err)
			}
		}
		job.State, job.CollectedAt = models.JobCollected, &tx.Now
		if err := tx.SetJob(job); err != nil {
			return err
		}
		if err := effect(tx); err != nil {
			return err
		}
		return tx.Want(CheckoutJudge, job.CheckoutID, tx.Now)
	})
}

// leftovers are what a job left behind, now in the blob store.
type leftovers struct {
	log   *consolelog.Log // empty where there was none
	blob  string          // key of the log, "" if there was none
	files []models.File
}

// gather copies a job's log and kept files into the blob store.
func (w *Worker) gather(ctx context.Context, job models.Job) (leftovers, error) {
	left := leftovers{log: &consolelog.Log{}}
	if job.SubmittedAt == nil { // it never ran
		return left, nil
	}
	name := logName(job)
	if err := w.outside("local.log", func() error { return w.gatherLog(ctx, job, name, &left) }); err != nil {
		return left, err
	}
	state, err := w.Local.State(ctx, job.Marker)
	if err != nil {
		return left, err
	}
	for _, kept := range state.Kept {
		file := models.File{OwnerKind: "job", OwnerID: job.ID, Name: kept.Name, Bytes: kept.Bytes, Note: kept.Problem}
		if kept.Problem == "" {
			if file.Blob, file.Bytes, err = w.gatherKept(ctx, job, kept.Name); err != nil {
				return left, err
			}
		}
		left.files = append(left.files, file)
	}
	return left, nil
}

func (w *Worker) gatherLog(ctx context.Context, job models.Job, name string, left *leftovers) error {
	source, err := w.Local.OpenLog(job.Marker)
	if errors.Is(err, fs.ErrNotExist) {
		left.files = append(left.files, models.File{OwnerKind: "job", OwnerID: job.ID, Name: name, Note: "the job left no log"})
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the log of %s: %w", job.Marker, err)
	}
	defer func() { _ = source.Close() }() // only read
	log, files, err := w.putLog(ctx, job, name, source)
	if err != nil {
		return err
	}
	left.log, left.blob = log, files[0].Blob
	left.files = append(left.files, files...)
	return nil
}

// putLog copies a log and its index into the blob store. The files are the log
// and then the index.
func (w *Worker) putLog(ctx context.Context, job models.Job, name string, source io.ReadSeeker) (*consolelog.Log, []models.File, error) {
	key := blobKey(job, name)
	size, err := w.Blobs.Put(ctx, key, source)
	if err != nil {
		return nil, nil, err
	}
	if _, err := source.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	log, err := consolelog.Index(source, consolelog.Options{})
	if err != nil {
		return nil, nil, fmt.Errorf("index the log of %s: %w", job.Marker, err)
	}
	side, err := json.Marshal(log)
	if err != nil {
		return nil, nil, err
	}
	sideSize, err := w.Blobs.Put(ctx, key+IndexAfter, bytes.NewReader(side))
	return log, []models.File{
		{OwnerKind: "job", OwnerID: job.ID, Name: name, Blob: key, Bytes: size},
		{OwnerKind: "job", OwnerID: job.ID, Name: name + IndexAfter, Blob: key + IndexAfter, Bytes: sideSize},
	}, err
}

func (w *Worker) gatherKept(ctx context.Context, job models.Job, name string) (key string, size int64, err error) {
	source, err := w.Local.OpenKept(job.Marker, name)
	if err != nil {
		return "", 0, fmt.Errorf("open %s of %s: %w", name, job.Marker, err)
	}
	defer func() { _ = source.Close() }() // only read
	key = blobKey(job, name)
	size, err = w.Blobs.Put(ctx, key, source)
	return key, size, err
}

func blobKey(job models.Job, name string) string {
	return "job/" + job.ID.Date().Format("2006-01-02") + "/" + job.ID.String() + "/" + name
}

// Trouble tells whether the end of a job says nothing about the kernel.
func Trouble(reason string) bool {
	switch local.Reason(reason) {
	case local.Setup, local.Lost, local.IsolationFail, local.Disk, local.Output:
		return true
	}
	return false
}

// decide asks the herder about a job and stores the answer.
func decide(tx *models.Tx, job models.Job, kind herding.Kind, attempts []herding.Attempt, line string) (herding.Decision, error) {
	d := herding.Decide(herding.Job{Kind: kind, Attempts: attempts}, localLimits)
	err := tx.AddDecision(models.JobDecision{
		JobID: job.ID, Rule: d.Rule, Action: string(d.Action), Reason: d.Reason, Line: line,
		AfterS: int64(d.After.Seconds()),
	})
	return d, err
}

// firstError is the line that says what went wrong, and its number.
func firstError(log *consolelog.Log) (text string, line int64) {
	if hit, ok := log.First(); ok {
		return hit.Text, int64(hit.Line)
	}
	return "", 0
}

// openLog reads a stored log again.
func (w *Worker) openLog(left leftovers) (io.ReadCloser, error) {
	if left.blob == "" {
		return io.NopCloser(bytes.NewReader(nil)), nil
	}
	b, err := w.Blobs.Open(left.blob)
	if err != nil {
		return nil, err
	}
	return b, nil
}

// hostName is how results name the machine that this runner is.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// outcomeOfBuild is the status of a build job.
func outcomeOfBuild(job models.Job) (s status.Status, reason string) {
	switch {
	case job.Reason == string(local.OK):
		return status.Pass, ""
	case job.Reason == string(local.Cancelled):
		return status.Cancelled, job.Detail
	case job.Reason == string(local.Exit):
		return status.Fail, job.Detail
	}
	return status.Error, job.Detail
}
