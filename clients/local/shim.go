package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Shim is the entry of the supervising process: main calls it with the arguments
// that follow Config.Self. It gives the exit status.
func Shim(args []string) int {
	if len(args) == 2 && args[0] == enterWord {
		return enter(args[1])
	}
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "drover shim: runs one job of the local runner; it is started by drover itself")
		return 2
	}
	if err := supervise(args[0]); err != nil {
		fmt.Fprintf(os.Stderr, "%s drover shim: %v\n", time.Now().UTC().Format(time.RFC3339), err)
		return 1
	}
	return 0
}

// supervise runs the job of a folder from its first to its last file.
func supervise(folder string) error {
	if err := adoptLocks(folder); err != nil {
		return err
	}
	unix.Umask(0o022)
	// Orphans of the job come to us, so that none is left behind.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("becoming the reaper of the job: %w", err)
	}
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
	stopped := make(chan os.Signal, 1)
	signal.Notify(stopped, syscall.SIGTERM, syscall.SIGINT)
	s := &supervisor{folder: folder, stopped: stopped}
	if found, err := readJSON(folder, fileRecord, &s.job); err != nil || !found {
		return errors.Join(err, fmt.Errorf("%s holds no job", folder))
	}
	// The file of our program may have been replaced by a newer one since we started.
	s.job.Self[0] = "/proc/self/exe"
	s.group = s.job.Groups.group(s.job.Group)
	end := s.run()
	return s.finish(end)
}

// adoptLocks keeps the locks that Submit passed out of the job's hands, and
// refuses to run without them: two shims must not run one job.
func adoptLocks(folder string) error {
	syscall.CloseOnExec(lockDescriptor)
	syscall.CloseOnExec(slotDescriptor)
	var passed, named unix.Stat_t
	err := errors.Join(unix.Fstat(lockDescriptor, &passed), unix.Lstat(filepath.Join(folder, fileLock), &named))
	if err != nil || passed.Ino != named.Ino || passed.Dev != named.Dev {
		return errors.Join(errors.New("the lock of the job was not passed: drover itself starts this command"), err)
	}
	return nil
}

// supervisor is the state of one shim.
type supervisor struct {
	folder   string
	job      record
	group    group
	log      *logFile
	at       progress
	stopped  <-chan os.Signal
	deadline time.Time
	usage    *usage
}

// run does everything up to the end of the last step. Nothing has touched the
// machine before progress.json says that the job has started.
func (s *supervisor) run() outcome {
	s.at = progress{Phase: Preparing, PID: os.Getpid(), Started: time.Now().UTC()}
	s.deadline = time.Now().Add(s.job.Spec.Limits.Time)
	// Durable: after a power cut a job that had started must not start again in its old folder.
	if err := writeJSON(s.folder, fileProgress, s.at); err != nil {
		return setupFailed(err)
	}
	if err := os.WriteFile(filepath.Join(s.folder, fileReserve), make([]byte, 16<<10), 0o644); err != nil {
		return setupFailed(explainDisk(s.folder, err))
	}
	log, err := openLog(filepath.Join(s.folder, fileLog), s.job.Spec.Limits.Output)
	if err != nil {
		return setupFailed(err)
	}
	s.log = log
	if err := s.prepare(); err != nil {
		return setupFailed(err)
	}
	if err := s.group.create(s.job.Spec.Limits); err != nil {
		return outcome{Exit: -1, Reason: IsolationFail, Detail: sentence(err)}
	}
	if s.job.Spec.Source != nil {
		if end := s.checkOut(); end.Reason != OK {
			return end
		}
	}
	s.at.Phase = Running
	return s.runSteps()
}

func (s *supervisor) runSteps() outcome {
	var end outcome
	for _, step := range s.job.Spec.Steps {
		s.at.Step = step.Name
		if err := s.save(); err != nil {
			return setupFailed(err)
		}
		end = s.runStep(step.Name, s.sandbox(step))
		if end.Reason != OK {
			break
		}
	}
	return end
}

func (s *supervisor) save() error { return writeVolatile(s.folder, fileProgress, s.at) }

func setupFailed(err error) outcome {
	return outcome{Exit: -1, Reason: Setup, Detail: sentence(err)}
}

// endPatience is how long killed processes may take to disappear.
const endPatience = time.Minute

// finish makes sure that nothing survives, keeps files and writes the outcome.
func (s *supervisor) finish(end outcome) error {
	ctx, cancel := context.WithTimeout(context.Background(), endPatience)
	defer cancel()
	problem := errors.Join(killChildren(ctx), s.group.destroy(ctx))
	if problem != nil && end.Reason == OK {
		end.Reason, end.Detail = IsolationFail, sentence(fmt.Errorf("ending the job: %w", problem))
	}
	end.Kept = keepFiles(s.folder, s.job.Spec)
	if s.log != nil {
		problem = errors.Join(problem, s.log.close())
	}
	end.Step, end.Finished = s.at.Step, time.Now().UTC()
	if err := os.Remove(filepath.Join(s.folder, fileReserve)); err != nil && !errors.Is(err, os.ErrNotExist) {
		problem = errors.Join(problem, err)
	}
	return errors.Join(problem, writeJSON(s.folder, fileExit, end))
}
