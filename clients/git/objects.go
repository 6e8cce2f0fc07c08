package git

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"drover/clients"
)

// Bounds of one list of objects. The kernel has some 90 000 files, a few
// hundred of them KUnit tests.
const (
	MaxPaths    = 100
	objectBytes = 8 << 20
)

// Object is a file or folder of a commit, under the id that git gives to its
// content: the same content has the same id in every commit.
type Object struct {
	Path   string
	OID    string
	Folder bool
}

// Digest is a short name for some objects: the same paths with the same
// content have the same one, whatever the commit. "" for none.
func Digest(objects []Object) string {
	if len(objects) == 0 {
		return ""
	}
	sorted := slices.SortedFunc(slices.Values(objects), func(a, b Object) int { return cmp.Compare(a.Path, b.Path) })
	sum := sha256.New()
	for _, o := range sorted {
		_, _ = io.WriteString(sum, o.Path+"\x00"+o.OID+"\x00") // a hash never fails
	}
	return hex.EncodeToString(sum.Sum(nil))[:12]
}

// PathObjects looks paths of commit sha up, at most MaxPaths; those that it
// does not have are left out. NotYet: the mirror lacks the commit.
func (c *Client) PathObjects(ctx context.Context, key, sha string, paths []string) ([]Object, error) {
	if len(paths) > MaxPaths {
		return nil, permanent(opQuery, "%d paths are too many at once", len(paths))
	}
	questions := []string{sha + "^{commit}"} // git has the same answer for a missing commit and a missing path
	for _, path := range paths {
		if err := treePath(path); err != nil {
			return nil, err
		}
		questions = append(questions, sha+":"+path)
	}
	out, err := c.ask(ctx, key, []string{sha}, command{
		args:  []string{"cat-file", "--batch-check=%(objectname) %(objecttype)"},
		stdin: strings.NewReader(strings.Join(questions, "\n") + "\n"),
		limit: objectBytes,
	})
	if err != nil {
		return nil, err
	}
	commit, objects, err := readAnswers(string(out.stdout), paths)
	switch {
	case err != nil:
		return nil, transient(opQuery, "look paths up: %w", err)
	case !commit:
		return nil, clients.Fail(clients.NotYet, opQuery, fmt.Errorf("mirror %s lacks commit %s", key, sha))
	}
	return objects, nil
}

// readAnswers reads "oid type" or "question missing", a line for the commit
// and one for each path.
func readAnswers(text string, paths []string) (commit bool, objects []Object, err error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != len(paths)+1 {
		return false, nil, fmt.Errorf("%d answers to %d questions", len(lines), len(paths)+1)
	}
	for i, line := range lines {
		oid, kind, _ := strings.Cut(line, " ")
		switch {
		case strings.HasSuffix(line, " missing"):
		case !isOID(oid) || kind == "":
			return false, nil, fmt.Errorf("answer %q", shorten(line))
		case i == 0:
			commit = true
		default:
			objects = append(objects, Object{Path: valid(paths[i-1]), OID: oid, Folder: kind == "tree"})
		}
	}
	return commit, objects, nil
}

// TreeObjects lists those files of commit sha whose path is wanted. The rest
// of the tree is read and forgotten. NotYet: the mirror lacks the commit.
func (c *Client) TreeObjects(ctx context.Context, key, sha string, wanted func(path string) bool) ([]Object, error) {
	out, err := c.ask(ctx, key, []string{sha}, command{
		args:  []string{"ls-tree", "-r", "-z", "--full-tree", sha},
		limit: objectBytes,
		wanted: func(record []byte) bool {
			_, path, found := strings.Cut(string(record), "\t")
			return !found || wanted(path) // what has no path is an error
		},
	})
	switch {
	case err != nil:
		return nil, err
	case out.cut:
		return nil, permanent(opQuery, "list files: %w", errTooLarge)
	}
	return readTree(string(out.stdout))
}

// readTree reads "mode type oid TAB path NUL".
func readTree(text string) ([]Object, error) {
	var objects []Object
	for record := range strings.SplitSeq(text, "\x00") {
		if record == "" {
			continue
		}
		about, path, found := strings.Cut(record, "\t")
		fields := strings.Fields(about)
		if !found || path == "" || len(fields) != 3 || !isOID(fields[2]) {
			return nil, transient(opQuery, "list files: record %q", shorten(record))
		}
		objects = append(objects, Object{Path: valid(path), OID: fields[2], Folder: fields[1] == "tree"})
	}
	return objects, nil
}
