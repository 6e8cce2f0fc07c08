package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// keeper copies what a job shall leave into its folder kept. It works after every
// process of the job is dead. The tree is the job's, so nothing in it is trusted: no
// link is followed, os.Root keeps out of the rest of the machine even if that fails,
// and only regular files are kept.
type keeper struct {
	target string
	left   int64 // bytes that may still be kept: a sparse file takes more than the job had
}

func keepFiles(folder string, spec Spec) (kept []Kept) {
	k := keeper{target: filepath.Join(folder, folderKept), left: spec.Limits.Disk}
	for _, item := range spec.Keep {
		place, pattern := splitGlob(item.Glob)
		found, err := k.matches(filepath.Join(folder, place), pattern, item)
		if err != nil {
			found = append(found, Kept{Name: item.Name, Problem: sentence(err)})
		}
		kept = append(kept, found...)
	}
	return kept
}

// matches keeps the first match that can be kept or, if the name ends in a slash, all of them.
func (k *keeper) matches(tree, pattern string, item Keep) (kept []Kept, err error) {
	root, err := os.OpenRoot(tree)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("there is no tree")
	}
	if err != nil {
		return nil, fmt.Errorf("opening the tree: %w", err)
	}
	defer root.Close()
	names, err := expand(root, ".", strings.Split(path.Clean(pattern), "/"))
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", item.Glob, err)
	}
	if len(names) == 0 {
		return nil, errors.New("there is no such file")
	}
	several := strings.HasSuffix(item.Name, "/")
	for _, name := range names[:min(len(names), mostMatches)] {
		one := Kept{Name: item.Name}
		if several {
			one.Name = path.Join(item.Name, name)
		}
		if one.Bytes, err = k.keep(root, name, one.Name, item.Max); err != nil {
			one.Problem = sentence(err)
		}
		if !several && err == nil {
			return []Kept{one}, nil
		}
		kept = append(kept, one)
	}
	if !several {
		return kept[:1], nil
	}
	if len(names) > mostMatches {
		return kept, fmt.Errorf("more than %d files match", mostMatches)
	}
	return kept, nil
}

// expand gives the names that match a pattern, in order. fs.Glob would not do: it opens
// whatever matches as a folder, and opening a pipe that the job left there never ends.
// Links are not followed.
func expand(root *os.Root, folder string, pattern []string) (found []string, err error) {
	names, err := matching(root, folder, pattern[0])
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		info, err := root.Lstat(name)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			return nil, err
		case len(pattern) == 1:
			found = append(found, name)
		case info.IsDir():
			below, err := expand(root, name, pattern[1:])
			if err != nil {
				return nil, err
			}
			found = append(found, below...)
		}
		if len(found) > mostMatches {
			break // The caller says so.
		}
	}
	return found, nil
}

// matching gives the paths of the entries of a folder that match one part of a pattern.
func matching(root *os.Root, folder, part string) (paths []string, err error) {
	if !strings.ContainsAny(part, `*?[\`) {
		return []string{path.Join(folder, part)}, nil
	}
	handle, err := root.OpenFile(folder, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	names, err := handle.Readdirnames(-1)
	if err = errors.Join(err, handle.Close()); err != nil {
		return nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		matches, err := path.Match(part, name)
		if err != nil {
			return nil, err
		}
		if matches {
			paths = append(paths, path.Join(folder, name))
		}
	}
	return paths, nil
}

// keep copies one regular file; it gives the bytes of the original.
func (k *keeper) keep(root *os.Root, name, as string, most int64) (int64, error) {
	if most <= 0 {
		most = mostKept
	}
	info, err := root.Lstat(name)
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errors.New("it is not a regular file")
	}
	// Not blocking: it may be a pipe by now, if the job is one without isolation.
	source, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return 0, err
	}
	defer source.Close()
	opened, err := source.Stat()
	if err != nil {
		return 0, err
	}
	size := opened.Size()
	switch {
	case !opened.Mode().IsRegular() || !os.SameFile(info, opened):
		return 0, errors.New("it changed while it was being kept")
	case size > most:
		return size, fmt.Errorf("it has %d bytes, at most %d are kept", size, most)
	case size > k.left:
		return size, errors.New("the job keeps more than it may have on the disk")
	}
	k.left -= size
	return size, copyTo(filepath.Join(k.target, as), io.LimitReader(source, size))
}

// copyTo writes a new file; a partial one is removed.
func copyTo(target string, source io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return explainDisk(filepath.Dir(target), err)
	}
	file, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return errors.New("another file was kept under this name")
	}
	if err != nil {
		return explainDisk(target, err)
	}
	_, err = io.Copy(file, source)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(explainDisk(target, err), os.Remove(target))
	}
	return nil
}

// OpenKept opens a file that Keep named, by the name in State.Kept.
func (r *Runner) OpenKept(marker, name string) (*os.File, error) {
	if !markerShape.matches(marker) {
		return nil, fmt.Errorf("kept file of %q: %w", marker, ErrUnknown)
	}
	root, err := os.OpenRoot(filepath.Join(r.folder(marker), folderKept))
	if err != nil {
		return nil, fmt.Errorf("kept file of %s: %w", marker, err)
	}
	file, err := root.Open(name)
	if err = errors.Join(err, root.Close()); err != nil {
		return nil, fmt.Errorf("kept file of %s: %w", marker, err)
	}
	return file, nil
}
