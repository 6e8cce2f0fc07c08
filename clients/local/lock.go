package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// The locks are open file description locks: they belong to an opened file, not
// to a process, so they pass to the shim with the file and end with its last
// holder, however it dies. Unlike flock they can be looked at without taking them.

// openLocked opens or creates a file and locks it; held says that somebody else has it.
func openLocked(path string, kind int16) (file *os.File, held bool, err error) {
	file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, false, explainDisk(filepath.Dir(path), err)
	}
	lock := unix.Flock_t{Type: kind, Whence: io.SeekStart}
	err = unix.FcntlFlock(file.Fd(), unix.F_OFD_SETLK, &lock)
	if err == nil {
		return file, false, nil
	}
	err = errors.Join(err, file.Close())
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		return nil, true, nil
	}
	return nil, false, fmt.Errorf("locking %s: %w", path, err)
}

// isLocked says whether somebody holds the lock of a file. A missing file is not locked.
func isLocked(path string) (bool, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking at a lock: %w", err)
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart}
	err = unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &lock)
	if err = errors.Join(err, file.Close()); err != nil {
		return false, fmt.Errorf("looking at the lock %s: %w", path, err)
	}
	return lock.Type != unix.F_UNLCK, nil
}

// takeSlot locks a free slot, or gives ErrNoSlot.
func takeSlot(config Config) (*os.File, error) {
	for slot := range config.Slots {
		file, held, err := openLocked(slotPath(config, slot), unix.F_WRLCK)
		if err != nil {
			return nil, err
		}
		if !held {
			return file, nil
		}
	}
	return nil, ErrNoSlot
}

func slotPath(config Config, slot int) string {
	return filepath.Join(config.Dir, "slots", strconv.Itoa(slot))
}

// FreeSlots is how many jobs could start now.
func (r *Runner) FreeSlots() (int, error) {
	free := 0
	for slot := range r.config.Slots {
		locked, err := isLocked(slotPath(r.config, slot))
		if err != nil {
			return 0, err
		}
		if !locked {
			free++
		}
	}
	return free, nil
}

// sameFile says whether an opened file is still the one at path.
func sameFile(file *os.File, path string) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(opened, named)
}
