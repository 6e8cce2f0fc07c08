package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"drover/clients"
)

// How a running git is ended: asked to, so that it removes its temporary
// files, then killed with everything it started.
const (
	graceToExit  = 2 * time.Second
	graceToClose = 5 * time.Second
)

const (
	stderrKept   = 8 << 10  // the end of it, where git says what was fatal
	outputAtMost = 64 << 20 // of one query that sets no limit of its own
)

// command is one run of git.
type command struct {
	args   []string // all of them, options of git first
	env    []string // beside cleanEnvironment
	stdin  io.Reader
	wanted func(record []byte) bool // of NUL-ended records those to keep, nil = all of stdout
	limit  int64                    // bytes kept of stdout, 0 = outputAtMost
	lock   *os.File                 // held by git too, so that it ends no sooner than its last process
}

type output struct {
	stdout []byte
	cut    bool // stdout was longer than the limit; git was ended
}

// exitError is a git that ended by itself with another code than 0.
type exitError struct {
	code   int
	stderr string
}

func (e *exitError) Error() string {
	if e.stderr == "" {
		return fmt.Sprintf("git ended with code %d", e.code)
	}
	return oneLine(e.stderr)
}

// errCut ends a git whose output is long enough.
var errCut = errors.New("output limit")

// run starts git without a shell, in a process group of its own and with a
// clean environment, and waits for it. When ctx ends, the whole group does.
// An exit code other than 0 is a classed error that wraps an *exitError.
func (c *Client) run(ctx context.Context, op string, k command) (output, error) {
	program, err := c.program()
	if err != nil {
		return output{}, err
	}
	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stdout := &head{left: orLimit(k.limit), full: func() { cancel(errCut) }}
	stderr := &tail{most: stderrKept}
	process := exec.CommandContext(running, program, k.args...)
	process.Env = append(cleanEnvironment(program), k.env...)
	process.Dir = "/"
	process.Stdin, process.Stdout, process.Stderr = k.stdin, stdout, stderr
	if k.wanted != nil {
		process.Stdout = &sieve{to: stdout, wanted: k.wanted}
	}
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if k.lock != nil {
		process.ExtraFiles = []*os.File{k.lock}
	}
	err = wait(process, k.lock != nil)
	out := output{stdout: stdout.Bytes(), cut: context.Cause(running) == errCut}
	if out.cut {
		return out, nil
	}
	return out, runError(ctx, op, err, stderr.String())
}

// wait runs process to its end; leashed, it also ends if we are killed.
func wait(process *exec.Cmd, leashed bool) error {
	end := endGroup(process)
	if err := process.Start(); err != nil {
		return err
	}
	if !leashed {
		err := process.Wait()
		end()
		return err
	}
	leash, err := newLeash(process.Process.Pid)
	if err != nil {
		return errors.Join(err, syscall.Kill(-process.Process.Pid, syscall.SIGKILL), process.Wait())
	}
	err = process.Wait()
	end()
	// A leash that broke has not cost anything: git has ended, err is its word.
	if broken := leash.release(); err == nil {
		return broken
	}
	return err
}

// endGroup prepares the ending by context and returns what to call after Wait.
func endGroup(process *exec.Cmd) func() {
	var kill *time.Timer
	process.WaitDelay = graceToClose
	process.Cancel = func() error {
		group := -process.Process.Pid
		kill = time.AfterFunc(graceToExit, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
		return syscall.Kill(group, syscall.SIGTERM)
	}
	return func() {
		if kill != nil {
			kill.Stop()
			// git is gone, but what it started may have ignored the signal. No
			// such group is the usual answer.
			_ = syscall.Kill(-process.Process.Pid, syscall.SIGKILL)
		}
	}
}

func runError(ctx context.Context, op string, err error, stderr string) error {
	if err == nil {
		return nil
	}
	if over := stopped(ctx, op); over != nil {
		return over
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return clients.Fail(clients.Transient, op, fmt.Errorf("run git: %w", err))
	}
	if exit.ExitCode() < 0 {
		return transient(op, "git was ended by a signal: %s", exit.ProcessState)
	}
	return classify(op, &exitError{exit.ExitCode(), stderr})
}

// exitCode is git's own exit code, -1 if it did not end by itself.
func exitCode(err error) int {
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	return -1
}

// cleanEnvironment is all that git sees: none of our secrets, no setting of
// the account, no prompt, no protocol, until the caller adds one.
func cleanEnvironment(program string) []string {
	return []string{
		"PATH=" + filepath.Dir(program) + ":/usr/local/bin:/usr/bin:/bin",
		"HOME=/nonexistent", // no .gitconfig, no .netrc
		"LC_ALL=C",
		"TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_ATTR_NOSYSTEM=1",
		"GIT_TERMINAL_PROMPT=0",
		"GIT_ALLOW_PROTOCOL=none",
		"GIT_NO_LAZY_FETCH=1",
		"GIT_NO_REPLACE_OBJECTS=1",
		"GIT_OPTIONAL_LOCKS=0",
	}
}

func orLimit(limit int64) int64 {
	if limit > 0 {
		return limit
	}
	return outputAtMost
}

// head keeps the first bytes and calls full when there are more. It goes on
// taking them, so that git is ended by the signal alone.
type head struct {
	bytes.Buffer
	left int64
	full func()
}

func (h *head) Write(p []byte) (int, error) {
	keep := p[:min(int64(len(p)), h.left)]
	h.left -= int64(len(keep))
	h.Buffer.Write(keep)
	if len(keep) < len(p) {
		h.full()
	}
	return len(p), nil
}

// ReadFrom hides the buffer's own, which knows no limit.
func (h *head) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{h}, r)
}

// tail keeps the last bytes.
type tail struct {
	kept []byte
	most int
}

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - t.most; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.kept) }
