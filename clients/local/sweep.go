package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"drover/clients"
)

// Sweeping says what is old.
type Sweeping struct {
	Jobs   time.Duration // finished jobs older than this are removed; 0: none
	Warm   time.Duration // warm trees not used for longer are removed; 0: none
	Caches time.Duration // compiler caches not used for longer are removed; 0: none

	// Needed tells which of some old jobs stay nevertheless; nil: none.
	Needed func(markers []string) (map[string]bool, error)
}

// Swept is what Sweep did and found.
type Swept struct {
	Jobs, Trees, Caches int   // removed
	Bytes               int64 // of disk that the runner's folder takes afterwards
	Free                int64 // bytes of free disk
}

// leftoverAge is how old a half-made folder must be to belong to nobody.
const leftoverAge = time.Hour

// Sweep removes old jobs, trees and caches, and what killed processes left
// half-made. It goes on after a trouble and reports all of them together.
func (r *Runner) Sweep(ctx context.Context, old Sweeping) (Swept, error) {
	var swept Swept
	if err := clients.Outside(ctx); err != nil {
		return swept, err
	}
	now := time.Now()
	problems := []error{
		r.sweepOld("trash", now, func(path string) error { return removeTree(path) }),
		r.sweepOld("tmp", now.Add(-leftoverAge), func(path string) error { return removeTree(path) }),
		r.sweepJobs(ctx, now, old, &swept),
	}
	if old.Warm > 0 {
		problems = append(problems, r.sweepOld("warm", now.Add(-old.Warm), func(path string) error {
			swept.Trees++
			return discard(r.config.Dir, path)
		}))
	}
	if old.Caches > 0 && inside(r.config.Dir, r.config.CCache) {
		problems = append(problems, r.sweepCaches(now.Add(-old.Caches), &swept))
	}
	var err error
	swept.Bytes, err = folderBytes(r.config.Dir)
	problems = append(problems, ignore(err, errTooDeep))
	swept.Free, err = freeBytes(r.config.Dir)
	if err = errors.Join(append(problems, err)...); err != nil {
		return swept, clients.Fail(clients.Transient, "sweep local runner", err)
	}
	return swept, nil
}

// sweepOld calls remove for each entry of a folder that was last changed before a time.
func (r *Runner) sweepOld(name string, before time.Time, remove func(path string) error) error {
	folder := filepath.Join(r.config.Dir, name)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("listing %s: %w", folder, err)
	}
	var problems []error
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, os.ErrNotExist) {
			continue // Somebody else removed it.
		}
		if err != nil {
			problems = append(problems, err)
		} else if info.ModTime().Before(before) {
			problems = append(problems, ignore(remove(filepath.Join(folder, entry.Name())), os.ErrNotExist))
		}
	}
	return errors.Join(problems...)
}

func (r *Runner) sweepJobs(ctx context.Context, now time.Time, sweeping Sweeping, swept *Swept) error {
	markers, err := r.Jobs()
	if err != nil {
		return err
	}
	var problems []error
	var old []string
	for _, marker := range markers {
		// Looking also buries jobs that lost their supervisor.
		state, err := r.State(ctx, marker)
		if err != nil {
			problems = append(problems, err)
		} else if sweeping.Jobs > 0 && state.Phase == Finished && now.Sub(state.Finished) >= sweeping.Jobs {
			old = append(old, marker)
		}
	}
	needed := map[string]bool{}
	if sweeping.Needed != nil {
		if needed, err = sweeping.Needed(old); err != nil {
			return errors.Join(append(problems, err)...)
		}
	}
	for _, marker := range old {
		if needed[marker] {
			continue
		}
		err := r.Remove(ctx, marker)
		switch {
		case err == nil:
			swept.Jobs++
		case clients.ClassOf(err) != clients.NotYet:
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// sweepCaches removes compiler caches. ccache keeps its folder's own time by writing
// statistics into it; those of running jobs are younger than any sensible age.
func (r *Runner) sweepCaches(before time.Time, swept *Swept) error {
	entries, err := os.ReadDir(r.config.CCache)
	if err != nil {
		return fmt.Errorf("listing compiler caches: %w", err)
	}
	var problems []error
	for _, entry := range entries {
		path := filepath.Join(r.config.CCache, entry.Name())
		if used := lastUsed(path); !used.IsZero() && used.Before(before) {
			swept.Caches++
			problems = append(problems, ignore(discard(r.config.Dir, path), os.ErrNotExist))
		}
	}
	return errors.Join(problems...)
}

// lastUsed is the latest change in a cache, two levels deep: where ccache writes its statistics.
func lastUsed(cache string) (latest time.Time) {
	for _, pattern := range []string{cache, cache + "/*", cache + "/*/*"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			continue // The pattern is ours and the name has no special characters: it cannot happen.
		}
		for _, name := range names {
			if info, err := os.Lstat(name); err == nil && info.ModTime().After(latest) {
				latest = info.ModTime()
			}
		}
	}
	return latest
}

// removeTree removes a folder that a job filled: with folders it may not read, or
// nested deeper than a path can be long.
func removeTree(folder string) error {
	if os.RemoveAll(folder) == nil {
		return nil
	}
	// Best effort: what cannot be opened is reported by the removal that follows.
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() {
			return ignore(os.Chmod(path, 0o700), os.ErrNotExist, os.ErrPermission)
		}
		return nil
	})
	command := exec.Command("rm", "-rf", "--", folder)
	command.Env = []string{"PATH=" + searchPath}
	if text, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("removing %s: %w: %.200s", folder, err, text)
	}
	return nil
}
