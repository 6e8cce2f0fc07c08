package local

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds every wait of these tests; nothing but a defect reaches it.
const patience = 60 * time.Second

// smallLimits keep even the hostile jobs harmless.
var smallLimits = Limits{Time: 60 * time.Second, Output: 1 << 20, Disk: 64 << 20, Memory: 256 << 20, Processes: 64}

// newConfig gives a folder of its own below a folder that only we can enter, as
// the data folder of a service is.
func newConfig(t *testing.T) Config {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := removeTree(filepath.Join(data, "runner")); err != nil {
			t.Error(err)
		}
	})
	return Config{Dir: filepath.Join(data, "runner"), Slots: 4, Self: []string{program, "shim"}, Limits: smallLimits}
}

func openRunner(t *testing.T, config Config) *Runner {
	t.Helper()
	runner, err := Open(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stopAll(t, runner) })
	return runner
}

// inProcesses leaves a test out of a short run: what it looks at happens in
// other processes, of which the race detector learns nothing.
func inProcesses(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("what it looks at happens in other processes")
	}
}

// isolated gives a runner that isolates; machines that cannot skip the test.
func isolated(t *testing.T) *Runner {
	t.Helper()
	runner := openRunner(t, newConfig(t))
	if runner.Isolation().Kind != kindBubblewrap {
		t.Skipf("this machine cannot isolate: %s", runner.Isolation().Why)
	}
	return runner
}

// stopAll cancels what still runs, so that no test leaves anything behind.
func stopAll(t *testing.T, runner *Runner) {
	entries, err := os.ReadDir(filepath.Join(runner.config.Dir, "jobs"))
	if err != nil {
		t.Error(err)
	}
	for _, entry := range entries {
		if err := runner.Cancel(context.Background(), entry.Name()); err != nil {
			t.Error(err)
		}
		waitFor(t, runner, entry.Name(), func(s State) bool { return s.Phase == Finished || s.Phase == Unknown })
		waitReleased(t, runner, entry.Name())
	}
}

// waitFor looks at a job until it is as wanted.
func waitFor(t *testing.T, runner *Runner, marker string, wanted func(State) bool) State {
	t.Helper()
	var state State
	eventually(t, func() bool {
		var err error
		if state, err = runner.State(context.Background(), marker); err != nil {
			t.Fatal(err)
		}
		return wanted(state)
	}, func() string { return "job " + marker + " is " + string(state.Phase) + " " + string(state.Reason) })
	return state
}

func waitReleased(t *testing.T, runner *Runner, marker string) {
	t.Helper()
	eventually(t, func() bool {
		locked, err := isLocked(filepath.Join(runner.folder(marker), fileLock))
		return err == nil && !locked
	}, func() string { return "the lock of " + marker + " is still held" })
}

// eventually polls a condition; what says what it was waiting for.
func eventually(t *testing.T, done func() bool, what func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := until(ctx, func() (bool, error) { return done(), nil }); err != nil {
		t.Fatalf("waited in vain: %s", what())
	}
}

// run submits a job and waits for its end.
func run(t *testing.T, runner *Runner, spec Spec) State {
	t.Helper()
	if err := runner.Submit(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	state := waitFor(t, runner, spec.Marker, func(s State) bool { return s.Phase == Finished })
	waitReleased(t, runner, spec.Marker)
	return state
}

func wantReason(t *testing.T, runner *Runner, marker string, state State, reason Reason) {
	t.Helper()
	if state.Reason != reason {
		trouble, err := os.ReadFile(filepath.Join(runner.folder(marker), fileTrouble))
		t.Fatalf("reason %q, exit %d, %s; want %q; log:\n%s\nshim: %s %v",
			state.Reason, state.Exit, state.Detail, reason, logText(t, runner, marker), trouble, err)
	}
}

// shell is a job of one step that runs a script.
func shell(marker, script string) Spec {
	return Spec{Marker: marker, Steps: []Step{{Name: "script", Argv: []string{"sh", "-c", script}}}}
}

func logText(t *testing.T, runner *Runner, marker string) string {
	t.Helper()
	text, err := os.ReadFile(runner.Log(marker))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(text)
}

// files is a tree to commit.
type files map[string]string

// repository is a bare mirror with a work tree to make commits in.
type repository struct {
	t            *testing.T
	mirror, tree string
}

func newRepository(t *testing.T) repository {
	t.Helper()
	folder := t.TempDir()
	repo := repository{t, filepath.Join(folder, "mirror.git"), filepath.Join(folder, "tree")}
	repo.git("init", "-q", "--bare", repo.mirror)
	repo.git("init", "-q", repo.tree)
	return repo
}

func (r repository) git(args ...string) string {
	r.t.Helper()
	command := exec.Command("git", args...)
	command.Env = []string{
		"PATH=" + searchPath, "HOME=/nonexistent", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.org",
	}
	var problems bytes.Buffer
	command.Stderr = &problems
	text, err := command.Output()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, problems.String())
	}
	return strings.TrimSpace(string(text))
}

// commit writes files and puts the commit into the mirror.
func (r repository) commit(tree files) string {
	r.t.Helper()
	for name, text := range tree {
		path := filepath.Join(r.tree, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git("-C", r.tree, "add", "-A")
	r.git("-C", r.tree, "commit", "-q", "--allow-empty", "-m", "c")
	r.git("-C", r.tree, "push", "-q", r.mirror, "HEAD:refs/heads/main")
	return r.git("-C", r.tree, "rev-parse", "HEAD")
}

// alive says whether a process exists and is no zombie.
func alive(pid int) bool {
	text, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "stat"))
	if err != nil {
		return false
	}
	after := string(text[bytes.LastIndexByte(text, ')')+1:])
	return !strings.HasPrefix(strings.TrimSpace(after), "Z")
}

// marked are the processes of this machine with a word in their command line, which
// tests put there to find again what a job started.
func marked(t *testing.T, word string) (pids []int) {
	t.Helper()
	processes, err := processIDs()
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range processes {
		text, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "cmdline"))
		if err == nil && pid != os.Getpid() && bytes.Contains(text, []byte(word)) && alive(pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func killPID(t *testing.T, pid int) {
	t.Helper()
	if err := unix.Kill(pid, unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
