package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// group is the control group of one job; with v1 it is two folders.
type group struct {
	kind    string
	folders []string // memory first
}

// reserveProcesses is room for bubblewrap's processes and the threads of the process
// that becomes it, which count too.
const reserveProcesses = 16

func (p groupPlan) group(name string) group {
	switch p.Kind {
	case groupsV2:
		return group{groupsV2, []string{filepath.Join(p.Memory, name)}}
	case groupsV1:
		return group{groupsV1, []string{filepath.Join(p.Memory, name), filepath.Join(p.Pids, name)}}
	}
	return group{kind: groupsNone}
}

// create makes the group with its limits.
func (g group) create(limits Limits) error {
	for _, folder := range g.folders {
		if err := os.Mkdir(folder, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("making a control group: %w", err)
		}
	}
	memory, processes := strconv.FormatInt(limits.Memory, 10), strconv.Itoa(limits.Processes+reserveProcesses)
	switch g.kind {
	case groupsV1:
		// Swap is bounded too where the kernel counts it.
		return errors.Join(
			g.write(0, "memory.limit_in_bytes", memory), g.writeIfThere(0, "memory.memsw.limit_in_bytes", memory),
			g.write(1, "pids.max", processes))
	case groupsV2:
		// One process out of memory ends the job: half a build is of no use.
		return errors.Join(
			g.write(0, "memory.max", memory), g.writeIfThere(0, "memory.swap.max", "0"),
			g.writeIfThere(0, "memory.oom.group", "1"), g.write(0, "pids.max", processes))
	}
	return nil
}

func (g group) write(folder int, name, value string) error {
	// No O_CREATE: a control file that is not there must be an error.
	file, err := os.OpenFile(filepath.Join(g.folders[folder], name), os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("control group: %w", err)
	}
	_, err = file.WriteString(value)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("control group: %w", err)
	}
	return nil
}

func (g group) writeIfThere(folder int, name, value string) error {
	if err := g.write(folder, name, value); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// entrances are the files to which a process writes its id to enter.
func (g group) entrances() (files []string) {
	for _, folder := range g.folders {
		files = append(files, filepath.Join(folder, "cgroup.procs"))
	}
	return files
}

// outOfMemory is how many processes the kernel killed for want of memory.
func (g group) outOfMemory() int64 {
	switch g.kind {
	case groupsV1:
		return g.count(0, "memory.oom_control", "oom_kill")
	case groupsV2:
		return g.count(0, "memory.events", "oom_kill")
	}
	return 0
}

// refusedForks is how often the limit of processes was met.
func (g group) refusedForks() int64 {
	if g.kind == groupsNone {
		return 0
	}
	return g.count(len(g.folders)-1, "pids.events", "max")
}

// count reads a "name value" line. A file that cannot be read counts nothing: it only
// makes the explanation of a failure less exact.
func (g group) count(folder int, file, name string) int64 {
	text, err := os.ReadFile(filepath.Join(g.folders[folder], file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == name {
			value, err := strconv.ParseInt(words[1], 10, 64)
			if err == nil {
				return value
			}
		}
	}
	return 0
}

// kill kills everything in the group and gives the processes it still saw.
func (g group) kill() (pids []int, err error) {
	for i, folder := range g.folders {
		members, err := groupMembers(folder)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading a control group: %w", err)
		}
		if len(members) == 0 {
			continue
		}
		// Nothing new may be born while the rest is killed. Linux 5.14 kills a whole group at
		// once, but only one of v2.
		for _, control := range [][2]string{{"pids.max", "0"}, {"cgroup.kill", "1"}} {
			if err := g.writeIfThere(i, control[0], control[1]); err != nil {
				return nil, err
			}
		}
		pids = append(pids, members...)
	}
	slices.Sort(pids)
	pids = slices.Compact(pids)
	for _, pid := range pids {
		if err := unix.Kill(pid, unix.SIGKILL); err != nil && !errors.Is(err, unix.ESRCH) {
			return pids, fmt.Errorf("killing process %d: %w", pid, err)
		}
	}
	return pids, nil
}

// killInterval is how long killed processes get to disappear before the next look.
const killInterval = 10 * time.Millisecond

// destroy kills everything in the group and removes it.
func (g group) destroy(ctx context.Context) error {
	err := until(ctx, func() (bool, error) {
		pids, err := g.kill()
		return len(pids) == 0, err
	})
	if err != nil {
		return err
	}
	for _, folder := range g.folders {
		err := until(ctx, func() (bool, error) {
			err := os.Remove(folder)
			// Busy: the last process is dead but not yet gone.
			return err == nil || errors.Is(err, os.ErrNotExist), ignore(err, unix.EBUSY, unix.ENOENT)
		})
		if err != nil {
			return fmt.Errorf("removing a control group: %w", err)
		}
	}
	return nil
}

func ignore(err error, expected ...error) error {
	for _, one := range expected {
		if errors.Is(err, one) {
			return nil
		}
	}
	return err
}

// until repeats try until it is done, fails or the context ends.
func until(ctx context.Context, try func() (done bool, err error)) error {
	ticker := time.NewTicker(killInterval)
	defer ticker.Stop()
	for {
		if done, err := try(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
