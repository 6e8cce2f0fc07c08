// Package local runs jobs on this machine: one folder and one supervising
// process (the shim) per job, isolated with bubblewrap, bounded by control
// groups or resource limits. It runs other people's Makefiles, so nothing a job
// writes is trusted. It survives the death of the process that submitted a job:
// everything is found again in the job's folder. It knows nothing of trees,
// builds or tests, and must not be used to run anything inside this process.
// The jobs package calls it through its runner; main calls Shim.
package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"drover/clients"
)

// Mode says whether jobs are isolated.
type Mode string

// Auto isolates with bubblewrap and, where that does not work, runs trusted jobs
// only. None never isolates, and runs trusted jobs only.
const (
	Auto Mode = "auto"
	None Mode = "none"
)

// Config is what a Runner needs to know. Only Dir and Self are required.
type Config struct {
	Dir       string   // absolute; belongs to the runner alone, may be shared by several processes
	Slots     int      // jobs at once on this machine; 0: half of the processors, at least one
	Self      []string // argv that ends in a call of Shim: the drover binary and "shim"
	Isolation Mode     // empty: Auto
	Bwrap     string   // the bubblewrap program; empty: from PATH
	CCache    string   // folder of compiler caches, one per key; empty: Dir/ccache
	Readable  []string // more folders that jobs may read, for instance /opt/cross
	User      int      // user and group id of jobs when we are root; 0: 61000
	Cgroups   Mode     // None: never use control groups; empty: Auto
	Limits    Limits   // defaults for what a Spec leaves zero
}

// Runner starts jobs and finds them again. It is safe for concurrent use, also
// by several processes on the same folder.
type Runner struct {
	config    Config
	isolation Isolation
	groups    groupPlan
	submit    sync.Mutex // one Submit at a time in this process
}

// Isolation says how jobs are kept apart, for `drover doctor` and pages.
type Isolation struct {
	Kind   string // "bubblewrap" or "none"
	Cgroup string // "v1", "v2" or "none"
	Why    string // a sentence for people
}

// Errors that callers tell apart with errors.Is.
var (
	ErrNoSlot   = errors.New("all slots of the local runner are taken")
	ErrRunning  = errors.New("the job is still running")
	ErrInUse    = errors.New("another job still reads this job's tree")
	ErrUnknown  = errors.New("there is no such job")
	ErrConflict = errors.New("the marker belongs to a different job")
	ErrIsolated = errors.New("this machine cannot isolate jobs, and the job is not marked as trusted")
)

const (
	defaultUser = 61000
	// leastFree is the free space below which no job starts and running jobs are stopped.
	leastFree = 64 << 20
)

// Open prepares the folder, finds out how jobs can be isolated by running a
// trial job's sandbox, and gives a Runner. A folder that cannot be used is an
// error of class Permanent with a sentence that says what to do.
func Open(config Config) (*Runner, error) {
	config, err := complete(config)
	if err != nil {
		return nil, clients.Fail(clients.Permanent, "open local runner", err)
	}
	if err := prepareFolders(config); err != nil {
		return nil, clients.Fail(clients.Permanent, "open local runner", err)
	}
	runner := &Runner{config: config}
	if config.Cgroups != None {
		runner.groups = findGroups()
	} else {
		runner.groups = groupPlan{Kind: groupsNone, Why: "control groups are switched off"}
	}
	runner.isolation = runner.tryIsolation()
	return runner, nil
}

// Isolation says how jobs are kept apart on this machine.
func (r *Runner) Isolation() Isolation { return r.isolation }

// Slots is how many jobs run at once.
func (r *Runner) Slots() int { return r.config.Slots }

func complete(config Config) (Config, error) {
	if !filepath.IsAbs(config.Dir) {
		return config, fmt.Errorf("the folder %q is not an absolute path", config.Dir)
	}
	if len(config.Self) == 0 {
		return config, errors.New("the command line of the supervising process is missing")
	}
	program, err := exec.LookPath(config.Self[0])
	if err == nil {
		program, err = filepath.Abs(program)
	}
	if err != nil {
		return config, fmt.Errorf("the supervising program: %w", err)
	}
	config.Self = append([]string{program}, config.Self[1:]...)
	for _, open := range append([]string{"/usr"}, config.Readable...) {
		if inside(open, config.Dir) {
			return config, fmt.Errorf("the folder %s lies in %s, which jobs can read: choose another data folder", config.Dir, open)
		}
	}
	if config.Slots <= 0 {
		config.Slots = max(1, runtime.NumCPU()/2)
	}
	if config.Isolation == "" {
		config.Isolation = Auto
	}
	if config.CCache == "" {
		config.CCache = filepath.Join(config.Dir, "ccache")
	}
	if config.User == 0 {
		config.User = defaultUser
	}
	config.Limits = config.Limits.or(standardLimits)
	return config, nil
}

// inside says whether path is folder or lies below it.
func inside(folder, path string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, "../")
}

// prepareFolders makes the folders and proves that they can be written.
func prepareFolders(config Config) error {
	folders := []string{config.Dir, config.CCache}
	for _, name := range []string{"jobs", "slots", "warm", "tmp", "trash"} {
		folders = append(folders, filepath.Join(config.Dir, name))
	}
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return explainDisk(folder, err)
		}
	}
	trial, err := os.CreateTemp(filepath.Join(config.Dir, "tmp"), "open-")
	if err != nil {
		return explainDisk(config.Dir, err)
	}
	_, err = trial.Write(make([]byte, 4096))
	err = errors.Join(err, trial.Close(), os.Remove(trial.Name()))
	if err != nil {
		return explainDisk(config.Dir, err)
	}
	if free, err := freeBytes(config.Dir); err != nil {
		return fmt.Errorf("reading the free space of %s: %w", config.Dir, err)
	} else if free < leastFree {
		return fmt.Errorf("only %d MiB are free on the disk of %s: free some space: %w", free>>20, config.Dir, unix.ENOSPC)
	}
	return nil
}

// explainDisk turns the usual troubles of a folder into a sentence that says what to do.
func explainDisk(folder string, err error) error {
	switch {
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return fmt.Errorf("the disk of %s is full: free some space: %w", folder, err)
	case errors.Is(err, unix.EROFS):
		return fmt.Errorf("%s is on a read-only file system: mount it writable or choose another data folder: %w", folder, err)
	case errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%s cannot be written by this user: change its owner or choose another data folder: %w", folder, err)
	}
	return fmt.Errorf("%s: %w", folder, err)
}

// freeBytes is what an ordinary user may still write on the disk of folder.
func freeBytes(folder string) (int64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return 0, err
	}
	return int64(disk.Bavail) * disk.Bsize, nil
}

// tryIsolation runs the smallest job through the same path as real ones.
func (r *Runner) tryIsolation() Isolation {
	found := Isolation{Kind: kindNone, Cgroup: r.groups.Kind}
	if r.config.Isolation == None {
		found.Why = "isolation is switched off: only trusted jobs run"
		return found
	}
	if r.config.Bwrap == "" {
		path, err := exec.LookPath("bwrap")
		if err != nil {
			found.Why = "the program bwrap was not found: install bubblewrap; until then only trusted jobs run"
			return found
		}
		r.config.Bwrap = path
	}
	if err := r.trial(context.Background()); err != nil {
		found.Why = fmt.Sprintf("bubblewrap does not work here, only trusted jobs run: %v", err)
		return found
	}
	found.Kind = kindBubblewrap
	found.Why = "each job runs in its own namespaces; " + r.groups.Why
	return found
}
