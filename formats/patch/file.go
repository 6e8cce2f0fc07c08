package patch

import (
	"fmt"
	"path"
	"strings"

	"github.com/bluekeyes/go-gitdiff/gitdiff"
)

// longestPath is Linux's PATH_MAX.
const longestPath = 4096

const nothing = "/dev/null"

// fileOf makes a File of the library's. strip leading parts of the names go.
func fileOf(f *gitdiff.File, strip int) (File, error) {
	oldName, newName := f.OldName, f.NewName
	isNew := f.IsNew || oldName == nothing
	isDelete := f.IsDelete || newName == nothing
	file := File{Kind: kindOf(f, isNew, isDelete), Binary: f.IsBinary}
	var err error
	if !isNew {
		if file.Old, err = clean(oldName, strip); err != nil {
			return File{}, err
		}
	}
	if !isDelete {
		if file.New, err = clean(newName, strip); err != nil {
			return File{}, err
		}
	}
	if isNew && isDelete {
		return File{}, fmt.Errorf("a file from nothing to nothing: %w", ErrSyntax)
	}
	for _, fragment := range f.TextFragments {
		file.Added += int(fragment.LinesAdded)
		file.Deleted += int(fragment.LinesDeleted)
	}
	return file, nil
}

func kindOf(f *gitdiff.File, isNew, isDelete bool) Kind {
	switch {
	case isNew:
		return Added
	case isDelete:
		return Deleted
	case f.IsRename:
		return Renamed
	case f.IsCopy:
		return Copied
	case f.IsBinary:
		return Binary
	}
	return Modified
}

// clean is name relative to the tree. A name that leads out of it, or that no
// file can have, is ErrPath.
func clean(name string, strip int) (string, error) {
	whole := name
	for ; strip > 0; strip-- {
		if _, rest, ok := strings.Cut(name, "/"); ok {
			name = strings.TrimLeft(rest, "/")
		}
	}
	bad := name == "" || len(name) > longestPath || strings.HasPrefix(whole, "/") || strings.HasPrefix(name, "/") ||
		strings.ContainsRune(name, 0)
	for _, part := range strings.Split(name, "/") {
		bad = bad || part == ".."
	}
	name = path.Clean(name)
	if bad || name == "." {
		return "", fmt.Errorf("%.200q: %w", whole, ErrPath)
	}
	return valid(name), nil
}

// valid is s as it can be stored: UTF-8 without NUL.
func valid(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
