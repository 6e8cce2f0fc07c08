package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lock keeps a second process away from an SQLite folder. The kernel drops the
// lock with the process, so nothing is left behind by a kill.
func lock(folder string) (func() error, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("make the data folder (DROVER_DATA): %w", err)
	}
	name := filepath.Join(folder, "drover.lock")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o640)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) {
		return nil, fmt.Errorf("the data folder %s cannot be written: make it writable, or point DROVER_DATA to another folder (%w)", folder, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the lock of the data folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(
			fmt.Errorf("another drover uses the data folder %s: stop it, or choose another folder with DROVER_DATA", folder),
			f.Close())
	}
	return f.Close, nil
}
