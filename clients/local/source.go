package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// prepare makes the job's folders, with a warm tree if there is one.
func (s *supervisor) prepare() error {
	if free, err := freeBytes(s.folder); err != nil {
		return fmt.Errorf("reading the free space: %w", err)
	} else if free < leastFree {
		return explainDisk(s.folder, unix.ENOSPC)
	}
	if err := s.claimWarm(); err != nil {
		return err
	}
	for _, name := range []string{folderWork, folderSource, folderIndex, folderOut, folderHome} {
		if err := s.ownFolder(filepath.Join(s.folder, name)); err != nil {
			return err
		}
	}
	if s.job.CCache != "" {
		if err := s.ownFolder(s.job.CCache); err != nil {
			return err
		}
	}
	if err := s.readTree(); err != nil {
		return err
	}
	watched := []string{filepath.Join(s.folder, folderSource), filepath.Join(s.folder, folderOut), filepath.Join(s.folder, folderHome)}
	s.usage = newUsage(s.folder, s.job.Spec.Limits.Disk, watched, s.job.CCache)
	return writeEtc(filepath.Join(s.folder, folderEtc))
}

// readTree locks the tree of another job against its removal, for as long as this process lives.
func (s *supervisor) readTree() error {
	if s.job.From == "" {
		return nil
	}
	_, held, err := openLocked(filepath.Join(s.job.From, fileUse), unix.F_RDLCK)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(s.job.From, folderSource)); held || err != nil {
		return errors.New("the tree of the job to test was removed")
	}
	return nil
}

// ownFolder makes a folder that the user of jobs may write.
func (s *supervisor) ownFolder(folder string) error {
	if err := os.Mkdir(folder, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return explainDisk(folder, err)
	}
	if s.job.User == 0 {
		return nil
	}
	if err := os.Lchown(folder, s.job.User, s.job.User); err != nil {
		return fmt.Errorf("giving a folder to the user of jobs: %w", err)
	}
	return nil
}

// claimWarm takes a warm tree for this job alone: of several that want it, one
// rename succeeds. A tree of another user, from before a change of isolation, cannot be used.
func (s *supervisor) claimWarm() error {
	source := s.job.Spec.Source
	if source == nil || source.Warm == "" {
		return nil
	}
	work := filepath.Join(s.folder, folderWork)
	err := os.Rename(filepath.Join(s.job.Root, "warm", source.Warm), work)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("taking the warm tree %s: %w", source.Warm, err)
	}
	var owner unix.Stat_t
	if err := unix.Lstat(filepath.Join(s.folder, folderSource), &owner); err != nil || int(owner.Uid) != s.treeOwner() {
		return discard(s.job.Root, work)
	}
	s.at.Reused = true
	return s.save()
}

func (s *supervisor) treeOwner() int {
	if s.job.User != 0 {
		return s.job.User
	}
	return os.Geteuid()
}

// checkOut brings the tree to its commit, in a sandbox of its own: a warm tree is
// full of what an earlier job wrote, links and all. Only the files that differ are written.
func (s *supervisor) checkOut() outcome {
	source := s.job.Spec.Source
	s.at.Step = sourceStep
	if err := s.save(); err != nil {
		return setupFailed(err)
	}
	box := sandbox{
		argv: []string{
			"git", "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
			"-c", "advice.detachedHead=false", "-c", "submodule.recurse=false",
			"read-tree", "-u", "--reset", source.Commit,
		},
		dir: insideSource, memory: s.job.Spec.Limits.Memory,
		env: environment([]string{
			"GIT_DIR=" + insideMirror, "GIT_WORK_TREE=" + insideSource, "GIT_INDEX_FILE=" + insideIndex + "/index",
			"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_NO_LAZY_FETCH=1",
			"GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_ATTR_NOSYSTEM=1",
		}),
		binds: []bind{
			{filepath.Join(s.folder, folderEtc), "/etc", false},
			{filepath.Join(s.folder, folderSource), insideSource, true},
			{filepath.Join(s.folder, folderIndex), insideIndex, true},
			{source.Mirror, insideMirror, false},
		},
	}
	if info, err := os.Stat(source.Mirror); err != nil || !info.IsDir() {
		return setupFailed(fmt.Errorf("the mirror %s is not there", source.Mirror))
	}
	if err := s.clearIndexLock(); err != nil {
		return setupFailed(err)
	}
	end := s.runStep(sourceStep, box)
	if end.Reason == Exit || end.Reason == Signal {
		end.Reason = Setup
		end.Detail = fmt.Sprintf("The commit %.12s could not be checked out: %s", source.Commit, s.log.lastLine())
	}
	return end
}

// clearIndexLock removes what a killed git left in a warm tree.
func (s *supervisor) clearIndexLock() error {
	err := os.Remove(filepath.Join(s.folder, folderIndex, "index.lock"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("clearing git's index: %w", err)
	}
	return nil
}

// discard moves a folder out of the way in one step and removes it.
func discard(root, folder string) error {
	name := fmt.Sprintf("%s-%d", filepath.Base(folder), time.Now().UnixNano())
	trash := filepath.Join(root, "trash", name)
	if err := os.Rename(folder, trash); err != nil {
		return fmt.Errorf("discarding %s: %w", filepath.Base(folder), err)
	}
	return removeTree(trash)
}
