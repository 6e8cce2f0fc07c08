package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"drover/clients"
)

// Jobs are the markers of all jobs that have a folder, in order.
func (r *Runner) Jobs() (markers []string, err error) {
	entries, err := os.ReadDir(filepath.Join(r.config.Dir, "jobs"))
	if err != nil {
		return nil, fmt.Errorf("listing jobs: %w", err)
	}
	for _, entry := range entries {
		markers = append(markers, entry.Name())
	}
	return markers, nil
}

// Log is the path of a job's log. The file appears when the job starts.
func (r *Runner) Log(marker string) string {
	return filepath.Join(r.folder(marker), fileLog)
}

// OpenLog opens the log of a job, which grows while the job runs.
func (r *Runner) OpenLog(marker string) (*os.File, error) {
	if !markerShape.matches(marker) {
		return nil, fmt.Errorf("log of %q: %w", marker, ErrUnknown)
	}
	file, err := os.Open(r.Log(marker))
	if err != nil {
		return nil, fmt.Errorf("log of %s: %w", marker, err)
	}
	return file, nil
}

// Cancel asks for the end of a job; its supervisor kills everything of it within
// a moment, and State then says Finished. A job that never started is finished
// at once. Cancelling a finished or unknown job does nothing.
func (r *Runner) Cancel(ctx context.Context, marker string) error {
	const op = "cancel local job"
	state, err := r.State(ctx, marker)
	if err != nil {
		return err
	}
	if state.Phase == Finished || state.Phase == Unknown && state.Submitted.IsZero() {
		return nil
	}
	folder := r.folder(marker)
	if err := os.WriteFile(filepath.Join(folder, fileCancel), nil, 0o644); err != nil {
		return clients.Fail(clients.Transient, op, explainDisk(folder, err))
	}
	if err := r.cancelUnstarted(folder); err != nil {
		return clients.Fail(clients.Transient, op, err)
	}
	return nil
}

func (r *Runner) cancelUnstarted(folder string) error {
	lock, held, err := openLocked(filepath.Join(folder, fileLock), unix.F_WRLCK)
	if held || err != nil {
		return err // Held: the supervisor will see the wish.
	}
	defer lock.Close()
	for _, name := range []string{fileProgress, fileExit} {
		if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
			return nil // It ended meanwhile, or State buries it.
		}
	}
	return writeJSON(folder, fileExit, outcome{
		Finished: time.Now().UTC(), Exit: -1, Reason: Cancelled, Detail: "The job was cancelled before it started.",
	})
}

func cancelWanted(folder string) bool {
	_, err := os.Lstat(filepath.Join(folder, fileCancel))
	return err == nil
}

// Remove deletes a job with all its files. It refuses with ErrRunning while the
// job runs and with ErrInUse while another job reads its tree. Removing an unknown
// job does nothing.
func (r *Runner) Remove(ctx context.Context, marker string) error {
	const op = "remove local job"
	release, err := r.hold(ctx, marker)
	if errors.Is(err, ErrUnknown) {
		return nil
	}
	if err != nil {
		return clients.Fail(classOfHold(err), op, err)
	}
	defer release()
	if err := discard(r.config.Dir, r.folder(marker)); err != nil {
		return clients.Fail(clients.Transient, op, err)
	}
	return nil
}

// Warm hands the tree of a job that ended well over as the tree from which the
// next job with Source.Warm = key starts, in place of the one that was there.
// The job keeps its log and files. Errors as of Remove; a job without a tree, or
// one that failed, is refused with class Permanent.
func (r *Runner) Warm(ctx context.Context, marker, key string) error {
	const op = "keep warm tree"
	if !keyShape.matches(key) {
		return clients.Fail(clients.Permanent, op, fmt.Errorf("the key %q is not usable", key))
	}
	release, err := r.hold(ctx, marker)
	if err != nil {
		return clients.Fail(classOfHold(err), op, err)
	}
	defer release()
	folder := r.folder(marker)
	var job record
	var end outcome
	_, err = readJSON(folder, fileRecord, &job)
	_, err2 := readJSON(folder, fileExit, &end)
	if err := errors.Join(err, err2); err != nil {
		return clients.Fail(clients.Transient, op, err)
	}
	if end.Reason != OK || job.Spec.Source == nil {
		return clients.Fail(clients.Permanent, op, fmt.Errorf("job %s has no tree that could be used again", marker))
	}
	if err := r.replaceWarm(filepath.Join(folder, folderWork), key); err != nil {
		return clients.Fail(clients.Transient, op, err)
	}
	return nil
}

func (r *Runner) replaceWarm(work, key string) error {
	warm := filepath.Join(r.config.Dir, "warm", key)
	if _, err := os.Lstat(work); errors.Is(err, os.ErrNotExist) {
		return nil // It was handed over before.
	}
	if err := discard(r.config.Dir, warm); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(work, warm); err != nil {
		return fmt.Errorf("renaming the tree: %w", err)
	}
	return nil
}

func classOfHold(err error) clients.Class {
	switch {
	case errors.Is(err, ErrRunning), errors.Is(err, ErrInUse):
		return clients.NotYet
	case errors.Is(err, ErrUnknown):
		return clients.Permanent
	}
	return clients.Transient
}

// hold takes both locks of a job that has ended, so that nobody starts or reads it.
func (r *Runner) hold(ctx context.Context, marker string) (release func(), err error) {
	state, err := r.State(ctx, marker)
	if err != nil {
		return nil, err
	}
	folder := r.folder(marker)
	switch {
	case state.Phase == Unknown && state.Submitted.IsZero():
		return nil, ErrUnknown
	case state.Phase == Preparing, state.Phase == Running:
		return nil, ErrRunning
	}
	// After exit.json the supervisor still lives for a moment.
	lock, held, err := openLocked(filepath.Join(folder, fileLock), unix.F_WRLCK)
	if err != nil {
		return nil, err
	}
	if held {
		return nil, ErrRunning
	}
	use, held, err := openLocked(filepath.Join(folder, fileUse), unix.F_WRLCK)
	if held {
		err = ErrInUse
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return func() {
		// Closing cannot lose anything: the files are empty.
		_, _ = use.Close(), lock.Close()
	}, nil
}
