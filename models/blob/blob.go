// Package blob keeps logs and artifacts: bytes under a key, in a folder. A key
// is written once, whole or not at all, and may be read by any process; only
// the copy of a log that is still written grows. It knows nothing of rows;
// models.File says what a blob is.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrNotFound says that no blob has this key; ErrAway that the store itself
// cannot be read, which says nothing about the blob.
var (
	ErrNotFound = errors.New("no such blob")
	ErrAway     = errors.New("the folder for logs cannot be read")
)

// Store is a folder of blobs.
type Store struct{ folder string }

// Bytes that should be free on the disk of the blobs, which mirrors, work trees
// and the SQLite database share.
const (
	LeastFree = 64 << 20 // with less the local runner starts no job
	LowFree   = 2 << 30  // with less people are told to make room
)

// Open makes the folder if it is missing.
func Open(folder string) (*Store, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder for logs: %w", explain(folder, err))
	}
	return &Store{folder: folder}, nil
}

// Free is how many bytes may still be written on the disk of the blobs.
func (s *Store) Free() (int64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(s.folder, &disk); err != nil {
		return 0, fmt.Errorf("read the free space of %s: %w", s.folder, err)
	}
	return int64(disk.Bavail) * disk.Bsize, nil
}

// explain makes a sentence of a full disk.
func explain(folder string, err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("the disk under %s is full: free some space; nothing that was stored is lost (%w)", folder, err)
	}
	return err
}

// keys are made by Drover: lower-case words and numbers between slashes.
var keys = regexp.MustCompile(`^[a-z0-9]+(/[a-zA-Z0-9][a-zA-Z0-9._+-]*)+$`)

func (s *Store) path(key string) (string, error) {
	if !keys.MatchString(key) || len(key) > 300 {
		return "", fmt.Errorf("blob: %q is not a key", key)
	}
	return filepath.Join(s.folder, filepath.FromSlash(key)), nil
}

// Put writes r under key and gives its length in bytes. The same key again
// replaces the blob at once; a reader sees the old or the new one.
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (written int64, err error) {
	path, err := s.path(key)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return 0, fmt.Errorf("store %s: %w", key, explain(s.folder, err))
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return 0, fmt.Errorf("store %s: %w", key, explain(s.folder, err))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	if written, err = io.Copy(f, reader{ctx, r}); err != nil {
		return 0, fmt.Errorf("store %s: %w", key, explain(s.folder, err))
	}
	if err = f.Sync(); err != nil {
		return 0, fmt.Errorf("store %s: %w", key, explain(s.folder, err))
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return 0, fmt.Errorf("store %s: %w", key, explain(s.folder, err))
	}
	return written, f.Close()
}

// Append makes a blob that grows longer: source is the whole, of which the
// part that the blob has is left out, and at most limit bytes are added. Two
// who append the same source at once write the same bytes to the same places.
// What grows is not synced to the disk: it is a copy.
func (s *Store) Append(key string, source io.ReaderAt, limit int64) (added int64, err error) {
	path, err := s.path(key)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return 0, fmt.Errorf("append to %s: %w", key, explain(s.folder, err))
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o640)
	if err != nil {
		return 0, fmt.Errorf("append to %s: %w", key, explain(s.folder, err))
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	has, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, fmt.Errorf("append to %s: %w", key, err)
	}
	if added, err = io.Copy(f, io.NewSectionReader(source, has, limit)); err != nil {
		return added, fmt.Errorf("append to %s: %w", key, explain(s.folder, err))
	}
	return added, nil
}

// Blob is an open blob, readable at any offset.
type Blob struct {
	*os.File
	Bytes int64
}

// Open opens a blob for reading.
func (s *Store) Open(key string) (*Blob, error) {
	path, err := s.path(key)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, away := os.Stat(s.folder); away != nil { // unmounted, for instance
			return nil, fmt.Errorf("open blob %s: %w: %w", key, ErrAway, away)
		}
		return nil, fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w: %w", key, ErrAway, err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Blob{File: f, Bytes: info.Size()}, nil
}

// Remove deletes a blob, and the folders that are empty then; one that is not
// there is no error.
func (s *Store) Remove(key string) error {
	path, err := s.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for range strings.Count(key, "/") { // as many folders as the key names
		path = filepath.Dir(path)
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			break // others are in it
		}
	}
	return nil
}

// reader stops a copy when its context ends.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
