package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// usage watches how much disk a job takes. Walking a kernel tree is not cheap, so
// a walk happens only when the disk lost enough space that the limit may be met,
// or after a pause in proportion to how long the last walk took.
type usage struct {
	disk    string   // any folder on the disk
	limit   int64    // bytes
	folders []string // counted whole
	cache   string   // counted from what it was at the start; may be empty
	before  int64    // bytes of the cache at the start

	asked time.Time // of the free space
	next  time.Time // when a walk is due whatever the free space says
	free  int64     // at the last walk
	used  int64     // at the last walk
}

const (
	usageInterval = time.Second
	// walkShare: at most one part in so many of the time is spent walking.
	walkShare = 20
	// deepest is the depth of folders that is still counted; more can only be meant to hide.
	deepest = 200
)

func newUsage(disk string, limit int64, folders []string, cache string) *usage {
	u := &usage{disk: disk, limit: limit, folders: folders, cache: cache}
	if cache != "" {
		u.before, _ = folderBytes(cache) // What cannot be counted now counts against the job later.
	}
	return u
}

// tooMuch gives a sentence if the job uses more than it may.
func (u *usage) tooMuch(now time.Time) string {
	if now.Sub(u.asked) < usageInterval {
		return ""
	}
	u.asked = now
	free, err := freeBytes(u.disk)
	if err != nil {
		return "the free space could not be read: " + err.Error()
	}
	if free < leastFree {
		return fmt.Sprintf("only %d MiB are free on the disk: free some space.", free>>20)
	}
	if now.Before(u.next) && u.free-free < (u.limit-u.used)/2 {
		return ""
	}
	return u.walk(now, free)
}

// hurry makes the next look one at the free space, whenever the last was: a step has ended.
func (u *usage) hurry() { u.asked = time.Time{} }

func (u *usage) walk(began time.Time, free int64) string {
	u.free, u.used = free, 0
	for _, folder := range u.folders {
		bytes, err := folderBytes(folder)
		if errors.Is(err, errTooDeep) {
			return fmt.Sprintf("its folders are nested more than %d deep.", deepest)
		}
		u.used += bytes
	}
	if u.cache != "" {
		bytes, err := folderBytes(u.cache)
		if errors.Is(err, errTooDeep) {
			return fmt.Sprintf("the folders of its compiler cache are nested more than %d deep.", deepest)
		}
		u.used += max(0, bytes-u.before)
	}
	u.next = began.Add(max(usageInterval, walkShare*time.Since(began)))
	if u.used > u.limit {
		return fmt.Sprintf("the job used %d bytes of disk, it may use %d.", u.used, u.limit)
	}
	return ""
}

var errTooDeep = errors.New("folders are nested too deep")

// folderBytes counts the blocks of a folder and of everything in it, without
// following links. What vanishes or cannot be read while it is counted is left out.
func folderBytes(folder string) (int64, error) {
	handle, err := unix.Open(folder, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("opening %s: %w", folder, err)
	}
	return countBlocks(os.NewFile(uintptr(handle), folder), deepest)
}

// countBlocks closes folder.
func countBlocks(folder *os.File, depth int) (total int64, err error) {
	defer func() { err = errors.Join(err, folder.Close()) }()
	if depth == 0 {
		return 0, errTooDeep
	}
	for {
		names, err := folder.Readdirnames(1024)
		for _, name := range names {
			bytes, err := countEntry(folder, name, depth)
			total += bytes
			if errors.Is(err, errTooDeep) {
				return total, err
			}
		}
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// blockBytes is the unit of st_blocks, see stat(2).
const blockBytes = 512

func countEntry(folder *os.File, name string, depth int) (int64, error) {
	var status unix.Stat_t
	if err := unix.Fstatat(int(folder.Fd()), name, &status, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return 0, err
	}
	total := status.Blocks * blockBytes
	if status.Mode&unix.S_IFMT != unix.S_IFDIR {
		return total, nil
	}
	handle, err := unix.Openat(int(folder.Fd()), name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return total, err
	}
	below, err := countBlocks(os.NewFile(uintptr(handle), name), depth-1)
	return total + below, err
}
