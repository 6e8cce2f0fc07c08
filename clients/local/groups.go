package local

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Kinds of control groups.
const (
	groupsV1   = "v1"
	groupsV2   = "v2"
	groupsNone = "none"
)

// groupPlan says where the control groups of jobs are made: one folder for v2,
// for v1 one per controller.
type groupPlan struct {
	Kind    string
	Memory  string `json:",omitempty"` // the parent folder of the memory controller
	Pids    string `json:",omitempty"` // the parent folder of the pids controller; v2: the same
	Why     string // a sentence part for people
	Problem string `json:",omitempty"`
}

// findGroups looks for control groups that we may write, as this process sees them.
func findGroups() groupPlan {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	own, err2 := os.ReadFile("/proc/self/cgroup")
	if err := errors.Join(err, err2); err != nil {
		return groupPlan{Kind: groupsNone, Why: withoutGroups, Problem: err.Error()}
	}
	plan := chooseGroups(parseGroups(string(mounts), string(own)))
	if plan.Kind == groupsNone {
		plan.Why = withoutGroups
	}
	return plan
}

const withoutGroups = "memory and processes are bounded per process by resource limits, since no control groups can be written"

// groupMount is one mounted hierarchy with the path of this process in it.
type groupMount struct {
	version string
	options []string // of v1: the controllers
	folder  string   // where it is mounted
	own     string   // folder of this process's group; the mounted folder if it is not visible
}

// parseGroups reads /proc/self/mountinfo and /proc/self/cgroup, see cgroups(7).
func parseGroups(mounts, own string) (found []groupMount) {
	for line := range strings.Lines(mounts) {
		before, after, separated := strings.Cut(strings.TrimSpace(line), " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if !separated || len(left) < 5 || len(right) < 3 {
			continue
		}
		mount := groupMount{folder: left[4], options: strings.Split(right[2], ",")}
		switch right[0] {
		case "cgroup":
			mount.version = groupsV1
		case "cgroup2":
			mount.version = groupsV2
		default:
			continue
		}
		mount.own = ownGroup(mount, left[3], own)
		found = append(found, mount)
	}
	return found
}

// ownGroup joins the path of this process with the mount, of which root is the visible part.
func ownGroup(mount groupMount, root, own string) string {
	for line := range strings.Lines(own) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		v2 := mount.version == groupsV2 && parts[0] == "0" && parts[1] == ""
		v1 := mount.version == groupsV1 && parts[1] != "" && slices.Contains(mount.options, strings.Split(parts[1], ",")[0])
		if (v1 || v2) && inside(root, parts[2]) {
			relative, err := filepath.Rel(root, parts[2])
			if err == nil {
				return filepath.Join(mount.folder, relative)
			}
		}
	}
	return mount.folder
}

// chooseGroups takes the first hierarchy in which groups with both limits can be made.
func chooseGroups(mounts []groupMount) groupPlan {
	var problems []error
	for _, mount := range mounts {
		if mount.version != groupsV2 {
			continue
		}
		for _, parent := range []string{mount.folder, mount.own} {
			err := enableControllers(parent)
			if err == nil {
				return groupPlan{Kind: groupsV2, Memory: parent, Pids: parent, Why: "memory and processes are bounded by control groups (v2)"}
			}
			problems = append(problems, err)
		}
	}
	memory, err := firstWritable(mounts, "memory")
	pids, err2 := firstWritable(mounts, "pids")
	if err = errors.Join(err, err2); err == nil {
		return groupPlan{Kind: groupsV1, Memory: memory, Pids: pids, Why: "memory and processes are bounded by control groups (v1)"}
	}
	return groupPlan{Kind: groupsNone, Problem: errors.Join(append(problems, err)...).Error()}
}

// enableControllers makes sure that groups made below parent have both limits. A group
// that has processes of its own cannot have such children (the "no internal processes"
// rule of cgroups(7)); if we are alone in it, we move into a child first.
func enableControllers(parent string) error {
	enabled, err := os.ReadFile(filepath.Join(parent, "cgroup.subtree_control"))
	if err != nil {
		return err
	}
	if !hasControllers(string(enabled)) {
		offered, err := os.ReadFile(filepath.Join(parent, "cgroup.controllers"))
		if err != nil {
			return err
		}
		if !hasControllers(string(offered)) {
			return fmt.Errorf("%s offers no memory and pids controllers", parent)
		}
		if err := switchOn(parent); err != nil {
			return err
		}
	}
	return tryGroup(parent)
}

func hasControllers(list string) bool {
	words := strings.Fields(list)
	return slices.Contains(words, "memory") && slices.Contains(words, "pids")
}

func switchOn(parent string) error {
	control := filepath.Join(parent, "cgroup.subtree_control")
	err := os.WriteFile(control, []byte("+memory +pids"), 0)
	if !errors.Is(err, unix.EBUSY) {
		return err
	}
	pids, err := groupMembers(parent)
	if err != nil {
		return err
	}
	if len(pids) != 1 || pids[0] != os.Getpid() {
		return fmt.Errorf("%s has %d processes besides us: %w", parent, len(pids)-1, unix.EBUSY)
	}
	leaf := filepath.Join(parent, "drover")
	if err := os.Mkdir(leaf, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := os.WriteFile(filepath.Join(leaf, "cgroup.procs"), []byte("0"), 0); err != nil {
		return err
	}
	return os.WriteFile(control, []byte("+memory +pids"), 0)
}

// firstWritable prefers the top of the hierarchy: below our own group, whoever
// manages it may be disturbed by groups it does not know.
func firstWritable(mounts []groupMount, controller string) (string, error) {
	var problems []error
	for _, mount := range mounts {
		if mount.version != groupsV1 || !slices.Contains(mount.options, controller) {
			continue
		}
		for _, parent := range []string{mount.folder, mount.own} {
			err := tryGroup(parent)
			if err == nil {
				return parent, nil
			}
			problems = append(problems, err)
		}
	}
	return "", errors.Join(append(problems, fmt.Errorf("no writable control group for %s", controller))...)
}

func tryGroup(parent string) error {
	trial, err := os.MkdirTemp(parent, "drover-trial-")
	if err != nil {
		return err
	}
	return os.Remove(trial)
}

// groupMembers are the processes directly in a group.
func groupMembers(folder string) (pids []int, err error) {
	text, err := os.ReadFile(filepath.Join(folder, "cgroup.procs"))
	if err != nil {
		return nil, err
	}
	for word := range bytes.FieldsSeq(text) {
		pid, err := strconv.Atoi(string(word))
		if err != nil {
			return nil, fmt.Errorf("reading the members of %s: %w", folder, err)
		}
		pids = append(pids, pid)
	}
	return pids, nil
}
