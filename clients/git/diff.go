package git

import (
	"context"
	"fmt"
	"strings"
)

// Bounds of one ChangedFiles. A release merge touches some 15 000 files.
const (
	MaxFiles      = 20000
	diffBytes     = 8 << 20
	renamesSought = 1000 // pairs beyond this are listed as deleted and added
)

// Kind is what happened to a file.
type Kind string

// The kinds; git's copy does not occur, since copies are not looked for.
const (
	Added    Kind = "added"
	Modified Kind = "modified"
	Deleted  Kind = "deleted"
	Renamed  Kind = "renamed"
	Retyped  Kind = "retyped" // a file became a link or a submodule
)

var kinds = map[byte]Kind{'A': Added, 'M': Modified, 'D': Deleted, 'R': Renamed, 'T': Retyped}

// File is one changed path. Paths are valid UTF-8; Old is set for Renamed.
type File struct {
	Path string
	Old  string
	Kind Kind
}

// Changes are the files between two commits, sorted by git. Cut says that
// there are more.
type Changes struct {
	Files []File
	Cut   bool
}

// ChangedFiles compares two commits as trees. base "" stands for the first
// parent of tip; of a root commit all files are new. NotYet: the mirror lacks
// one of them.
func (c *Client) ChangedFiles(ctx context.Context, key, base, tip string) (Changes, error) {
	return c.changed(ctx, key, base, tip, nameStatus())
}

func (c *Client) changed(ctx context.Context, key, base, tip string, args []string) (Changes, error) {
	ids := []string{tip}
	if base == "" {
		args = append(args, "--root", "--diff-merges=first-parent", "--end-of-options", tip)
	} else {
		args = append(args, "--end-of-options", base, tip)
		ids = append(ids, base)
	}
	out, err := c.ask(ctx, key, ids, command{args: args, limit: diffBytes})
	if err != nil {
		return Changes{}, err
	}
	return readNameStatus(string(out.stdout), out.cut)
}

// nameStatus compares trees by what readNameStatus reads.
func nameStatus() []string {
	return []string{"diff-tree", "-r", "-z", "--name-status", "--no-commit-id", "--no-ext-diff",
		"--no-textconv", "--no-color", "-M", fmt.Sprintf("-l%d", renamesSought)}
}

// readNameStatus reads "M NUL path NUL" and "R097 NUL old NUL new NUL". Of a
// cut text the last, perhaps halved record is left out.
func readNameStatus(text string, cut bool) (Changes, error) {
	fields := strings.Split(text, "\x00")
	fields = fields[:len(fields)-1] // behind the last NUL: nothing, or half a field
	changes := Changes{Cut: cut}
	for len(fields) > 0 {
		if len(changes.Files) == MaxFiles {
			changes.Cut = true
			break
		}
		file, taken, err := readChange(fields)
		if err != nil && cut {
			break
		}
		if err != nil {
			return Changes{}, transient(opQuery, "read the changed files: %w", err)
		}
		changes.Files = append(changes.Files, file)
		fields = fields[taken:]
	}
	return changes, nil
}

func readChange(fields []string) (file File, taken int, err error) {
	status := fields[0]
	if status == "" || kinds[status[0]] == "" || len(fields) < 2 {
		return File{}, 0, fmt.Errorf("record %q", shorten(status))
	}
	kind := kinds[status[0]]
	if kind != Renamed {
		return File{Path: valid(fields[1]), Kind: kind}, 2, nil
	}
	if len(fields) < 3 {
		return File{}, 0, fmt.Errorf("record %q without the new name", shorten(status))
	}
	return File{Path: valid(fields[2]), Old: valid(fields[1]), Kind: kind}, 3, nil
}
