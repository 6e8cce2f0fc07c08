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

// Phase is where a job is.
type Phase string

// The phases. Unknown also stands for a job that was accepted but never started,
// because its submitter died: submit it again.
const (
	Unknown   Phase = "unknown"
	Preparing Phase = "preparing" // the tree is being checked out
	Running   Phase = "running"
	Finished  Phase = "finished"
)

// Reason is why a job ended.
type Reason string

// The reasons. Setup, Lost and Isolation are troubles of this machine, not of the job.
const (
	OK            Reason = "ok"
	Exit          Reason = "exit"      // a step ended with a status other than 0
	Signal        Reason = "signal"    // a step was killed by a signal of its own making
	Timeout       Reason = "timeout"   // Limits.Time
	Output        Reason = "output"    // Limits.Output
	Disk          Reason = "disk"      // Limits.Disk
	Memory        Reason = "memory"    // Limits.Memory
	Cancelled     Reason = "cancelled" // Runner.Cancel
	Setup         Reason = "setup"     // the tree could not be prepared
	Lost          Reason = "lost"      // the supervisor died
	IsolationFail Reason = "isolation" // the sandbox could not be set up
)

// State is what is known of a job. Times are UTC; a zero time has not come yet.
type State struct {
	Phase     Phase
	Submitted time.Time
	Started   time.Time
	Finished  time.Time
	Exit      int    // status of the last step; 128+n when it died of signal n; -1 when it has none
	Reason    Reason // empty until finished
	Detail    string // a sentence for people
	Step      string // the step that runs, or was the last
	LogBytes  int64
	Kept      []Kept
	PID       int  // of the supervisor
	Reused    bool // the tree was a warm one
}

// Kept is a file that Keep named.
type Kept struct {
	Name    string
	Bytes   int64
	Problem string `json:",omitempty"` // why it was not kept
}

// State looks at a job. An unknown marker is the Phase Unknown, not an error. A
// job whose supervisor died is cleaned up, and finished with the reason Lost.
func (r *Runner) State(ctx context.Context, marker string) (State, error) {
	if err := clients.Outside(ctx); err != nil {
		return State{}, err
	}
	if !markerShape.matches(marker) {
		return State{Phase: Unknown}, nil
	}
	state, err := look(r.folder(marker))
	if errors.Is(err, errOrphan) {
		if err := r.bury(ctx, marker); err != nil {
			return State{}, clients.Fail(clients.Transient, "clean up lost local job", err)
		}
		state, err = look(r.folder(marker))
	}
	if err != nil {
		return State{}, clients.Fail(clients.Transient, "look at local job", err)
	}
	return state, nil
}

// errOrphan: the job started, has not ended, and nobody supervises it.
var errOrphan = errors.New("the job has no supervisor")

// look reads a job's files. The order matters: the outcome is written before the
// lock ends, so a free lock without an outcome, read again, is an orphan.
func look(folder string) (State, error) {
	var job record
	found, err := readJSON(folder, fileRecord, &job)
	if err != nil || !found {
		return State{Phase: Unknown}, err
	}
	locked, err := isLocked(filepath.Join(folder, fileLock))
	if err != nil {
		return State{}, err
	}
	var at progress
	started, err := readJSON(folder, fileProgress, &at)
	if err != nil {
		return State{}, err
	}
	var end outcome
	ended, err := readJSON(folder, fileExit, &end)
	if err != nil {
		return State{}, err
	}
	state := State{
		Phase: at.Phase, Submitted: job.Submitted, Started: at.Started, Step: at.Step,
		PID: at.PID, Reused: at.Reused, LogBytes: logBytes(folder),
	}
	switch {
	case ended:
		state.Phase, state.Finished, state.Exit = Finished, end.Finished, end.Exit
		state.Reason, state.Detail, state.Step, state.Kept = end.Reason, end.Detail, end.Step, end.Kept
	case locked && !started:
		state.Phase = Preparing
	case !locked && started:
		return state, errOrphan
	case !locked:
		state.Phase, state.Detail = Unknown, "The job was accepted but has not started: submit it again."
	}
	return state, nil
}

func logBytes(folder string) int64 {
	info, err := os.Lstat(filepath.Join(folder, fileLog))
	if err != nil {
		return 0 // It has no log yet.
	}
	return info.Size()
}

// bury kills what an orphan left behind and writes its outcome.
func (r *Runner) bury(ctx context.Context, marker string) error {
	folder := r.folder(marker)
	lock, held, err := openLocked(filepath.Join(folder, fileLock), unix.F_WRLCK)
	if held || err != nil {
		return err // Held: somebody else buries it.
	}
	defer lock.Close()
	if state, err := look(folder); err != nil || state.Phase == Finished {
		return err
	}
	var job record
	if _, err := readJSON(folder, fileRecord, &job); err != nil {
		return err
	}
	var at progress
	if _, err := readJSON(folder, fileProgress, &at); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, endPatience)
	defer cancel()
	if err := killLeftovers(ctx, job); err != nil {
		return fmt.Errorf("killing what is left of job %s: %w", marker, err)
	}
	end := outcome{
		Finished: time.Now().UTC(), Exit: -1, Reason: Lost, Step: at.Step,
		Detail: "The supervisor of the job died, or the machine was restarted.",
	}
	if cancelWanted(folder) {
		end.Reason, end.Detail = Cancelled, "The job was cancelled."
	}
	if err := os.Remove(filepath.Join(folder, fileReserve)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("giving up reserved space: %w", err)
	}
	return writeJSON(folder, fileExit, end)
}
