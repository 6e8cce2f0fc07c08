package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// lockEvery is how often a busy lock is looked at again. flock itself cannot
// be woken by a context.
const lockEvery = 100 * time.Millisecond

// lock takes the mirror for writing, against other goroutines and processes.
// The file lies beside the mirror and is never removed. The lock ends with
// the last process that has it open: a git that outlives a killed worker
// still holds it.
func (c *Client) lock(ctx context.Context, op, key string) (*os.File, error) {
	path, err := c.Path(key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Mirrors, 0o755); err != nil {
		return nil, transient(op, "make the folder of mirrors: %w", err)
	}
	file, err := os.OpenFile(strings.TrimSuffix(path, ".git")+".flock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, transient(op, "open the lock: %w", err)
	}
	if err := flock(ctx, file); err != nil {
		return nil, transient(op, "mirror %s is in use: %w", key, errors.Join(err, file.Close()))
	}
	return file, nil
}

func flock(ctx context.Context, file *os.File) error {
	tick := time.NewTicker(lockEvery)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return fmt.Errorf("flock: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// sweep removes what a killed git left in a mirror whose lock we hold, so
// that nobody can be writing: its own *.lock files, which would refuse the
// next fetch for good, and half received packs, which are gigabytes.
func sweep(mirror string) error {
	for _, place := range []string{"refs", "objects/info", "objects/pack"} {
		err := filepath.WalkDir(filepath.Join(mirror, place), func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || entry.IsDir() || !leftover(entry.Name()) {
				return err
			}
			return os.Remove(path)
		})
		if err != nil {
			return fmt.Errorf("sweep %s: %w", place, err)
		}
	}
	top, err := os.ReadDir(mirror)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	for _, entry := range top {
		if entry.IsDir() || !leftover(entry.Name()) {
			continue
		}
		if err := os.Remove(filepath.Join(mirror, entry.Name())); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return nil
}

func leftover(name string) bool {
	return strings.HasSuffix(name, ".lock") || strings.HasPrefix(name, "tmp_") ||
		strings.HasPrefix(name, ".tmp-") || name == "gc.pid"
}
