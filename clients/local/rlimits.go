package local

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// openFiles bounds descriptors: linkers of kernels want some thousands.
const openFiles = 16384

// resource is one limit that each process of a job has for itself, see getrlimit(2).
type resource struct {
	Kind  int
	Value uint64
}

// limitsOf are the resource limits that every job has.
func limitsOf(limits Limits) []resource {
	return []resource{
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_FSIZE, uint64(limits.Disk)},
		{unix.RLIMIT_NOFILE, openFiles},
	}
}

// limitScript stands in for control groups. A shell sets these two limits and not we,
// since a Go process that may not have memory or threads any more dies in its runtime.
// Shells name the limit of processes -u (bash) or -p (dash).
const limitScript = `ulimit -v "$1" || exit 125
ulimit -u "$2" 2>/dev/null || ulimit -p "$2" || exit 125
shift 2; exec "$@"`

// limitedArgv bounds memory for each process, and the processes of the job's user: the
// kernel counts those of all jobs and of everything else that runs as this user, so
// those that are there already are added.
func limitedArgv(job record, argv []string) ([]string, error) {
	user := job.User
	if user == 0 {
		user = os.Geteuid()
	}
	threads, err := threadsOf(user)
	if err != nil {
		return nil, err
	}
	memory, err := atMost(unix.RLIMIT_AS, uint64(job.Spec.Limits.Memory))
	if err != nil {
		return nil, err
	}
	processes, err := atMost(unix.RLIMIT_NPROC, uint64(job.Spec.Limits.Processes+reserveProcesses+threads))
	if err != nil {
		return nil, err
	}
	return append([]string{"/bin/sh", "-c", limitScript, execName,
		strconv.FormatUint(memory>>10, 10), strconv.FormatUint(processes, 10)}, argv...), nil
}

// atMost keeps a limit below the one that holds already.
func atMost(kind int, value uint64) (uint64, error) {
	var now unix.Rlimit
	if err := unix.Getrlimit(kind, &now); err != nil {
		return 0, fmt.Errorf("reading resource limit %d: %w", kind, err)
	}
	return min(value, now.Max), nil
}

// lower sets a limit of this process.
func lower(limit resource) error {
	value, err := atMost(limit.Kind, limit.Value)
	if err != nil {
		return err
	}
	if err := unix.Setrlimit(limit.Kind, &unix.Rlimit{Cur: value, Max: value}); err != nil {
		return fmt.Errorf("setting resource limit %d: %w", limit.Kind, err)
	}
	return nil
}
