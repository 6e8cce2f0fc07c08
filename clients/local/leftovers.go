package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// cookieName is the environment variable by which a job's outermost processes are
// known: bubblewrap's two, which end the whole namespace with them, and everything
// of a job without isolation. Inside the sandbox it is not set.
const cookieName = "DROVER_JOB"

// killLeftovers kills what is left of a job whose supervisor died, and waits until it is gone.
func killLeftovers(ctx context.Context, job record) error {
	if err := killByCookie(ctx, job.Cookie); err != nil {
		return err
	}
	return job.Groups.group(job.Group).destroy(ctx)
}

func killByCookie(ctx context.Context, cookie string) error {
	return until(ctx, func() (bool, error) {
		pids, err := withCookie(cookie)
		if err != nil {
			return false, err
		}
		for _, pid := range pids {
			if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
				return false, fmt.Errorf("killing process %d: %w", pid, err)
			}
		}
		return len(pids) == 0, nil
	})
}

// withCookie finds processes by their environment, as far as this user may read it.
func withCookie(cookie string) (pids []int, err error) {
	processes, err := processIDs()
	if err != nil {
		return nil, err
	}
	want := []byte(cookieName + "=" + cookie)
	for _, pid := range processes {
		environment, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil {
			continue // It ended, or belongs to somebody else and is none of ours.
		}
		for pair := range bytes.SplitSeq(environment, []byte{0}) {
			if bytes.Equal(pair, want) {
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids, nil
}

func processIDs() (pids []int, err error) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	names, err := proc.Readdirnames(-1)
	if err = errors.Join(err, proc.Close()); err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// killChildren kills all children of this process, and theirs as they are
// inherited (the shim is a subreaper), until none is left. No other goroutine may
// wait for a child meanwhile.
func killChildren(ctx context.Context) error {
	return until(ctx, func() (bool, error) {
		children, err := ownChildren()
		if err != nil {
			return false, err
		}
		for _, pid := range children {
			if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
				return false, fmt.Errorf("killing process %d: %w", pid, err)
			}
		}
		for {
			pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
			switch {
			case errors.Is(err, unix.ECHILD):
				return true, nil
			case errors.Is(err, unix.EINTR):
			case err != nil:
				return false, fmt.Errorf("waiting for children: %w", err)
			case pid == 0:
				return false, nil // Some are still dying.
			}
		}
	})
}

// ownChildren reads the parents of all processes, since the kernel's own list of
// children is an option.
func ownChildren() (children []int, err error) {
	processes, err := processIDs()
	if err != nil {
		return nil, err
	}
	for _, pid := range processes {
		if parent, found := parentOf(pid); found && parent == os.Getpid() {
			children = append(children, pid)
		}
	}
	return children, nil
}

// parentOf reads field 4 of /proc/<pid>/stat, after the name, which may contain anything.
func parentOf(pid int) (parent int, found bool) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, false
	}
	at := strings.LastIndexByte(string(text), ')')
	fields := strings.Fields(string(text[at+1:]))
	if at < 0 || len(fields) < 2 {
		return 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return parent, err == nil
}

// threadsOf counts the threads of a user, which is what RLIMIT_NPROC counts.
func threadsOf(user int) (threads int, err error) {
	processes, err := processIDs()
	if err != nil {
		return 0, err
	}
	for _, pid := range processes {
		var status unix.Stat_t
		folder := filepath.Join("/proc", strconv.Itoa(pid))
		if unix.Stat(folder, &status) != nil || int(status.Uid) != user {
			continue
		}
		tasks, err := os.ReadDir(filepath.Join(folder, "task"))
		if err != nil {
			continue // It ended meanwhile.
		}
		threads += len(tasks)
	}
	return threads, nil
}
