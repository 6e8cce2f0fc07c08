package git

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"drover/clients"
)

const opRange = "git range"

// mostSubjects of a range are read; a merge window has some 15 000 commits.
const mostSubjects = 20_000

// RangeChanges is what a range of commits changes.
type RangeChanges struct {
	Changes
	Subjects []string // of the commits, newest first
	Tip      string   // the newest commit
}

// ReadRange reads a range of the repository that folder is in: "A..B" compares
// the two, "A...B" compares B with where it left A, and one revision stands for
// that commit alone. The repository is only read. Permanent: there is no such
// repository or revision.
func (c *Client) ReadRange(ctx context.Context, folder, text string) (RangeChanges, error) {
	if err := clients.Outside(ctx); err != nil {
		return RangeChanges{}, err
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return RangeChanges{}, permanent(opRange, "%w", err)
	}
	in := workTree{c, folder}
	base, tip, err := in.ends(ctx, text)
	if err != nil {
		return RangeChanges{}, err
	}
	args, list := append(nameStatus(), "--end-of-options", base, tip), []string{tip, "^" + base}
	if base == "" { // a root commit
		args, list = append(nameStatus(), "--root", "--end-of-options", tip), []string{tip}
	}
	out, err := in.run(ctx, args...)
	if err != nil {
		return RangeChanges{}, err
	}
	changes, err := readNameStatus(string(out.stdout), out.cut)
	if err != nil {
		return RangeChanges{}, err
	}
	log, err := in.run(ctx, append([]string{"log", "-z", "--no-color", "--no-decorate", "--no-show-signature", "--encoding=UTF-8",
		"--format=%s", fmt.Sprintf("--max-count=%d", mostSubjects), "--end-of-options"}, list...)...)
	if err != nil {
		return RangeChanges{}, err
	}
	subjects := strings.FieldsFunc(string(log.stdout), func(r rune) bool { return r == 0 })
	for i := range subjects {
		subjects[i] = valid(subjects[i])
	}
	return RangeChanges{Changes: changes, Subjects: subjects, Tip: tip}, nil
}

// ShowHere is the content of a file of commit sha of the repository that folder
// is in, at most max bytes. Permanent with ErrNoFile or ErrLargeFile.
func (c *Client) ShowHere(ctx context.Context, folder, sha, path string, max int64) ([]byte, error) {
	if err := errors.Join(clients.Outside(ctx), treePath(path)); err != nil {
		return nil, err
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, permanent(opRange, "%w", err)
	}
	out, err := workTree{c, folder}.runLimited(ctx, max, "cat-file", "blob", sha+":"+path)
	switch {
	case out.cut:
		return nil, permanent(opRange, "%s: %w", path, ErrLargeFile)
	case exitCode(err) == 128:
		return nil, permanent(opRange, "%s: %w", path, ErrNoFile)
	}
	return out.stdout, err
}

// workTree is a repository of the person who asks.
type workTree struct {
	client *Client
	folder string
}

func (w workTree) run(ctx context.Context, args ...string) (output, error) {
	return w.runLimited(ctx, diffBytes, args...)
}

// runLimited is run with a bound of its own on what git says, in bytes.
func (w workTree) runLimited(ctx context.Context, limit int64, args ...string) (output, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	begin := []string{"-C", w.folder, "--no-pager", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false"}
	return w.client.run(ctx, opRange, command{args: append(begin, args...), limit: limit})
}

// ends are the two commits that are compared; base is "" for a root commit.
func (w workTree) ends(ctx context.Context, text string) (base, tip string, err error) {
	from, to, three := strings.Cut(text, "...")
	two := false
	if !three {
		from, to, two = strings.Cut(text, "..")
	}
	if !two && !three {
		if tip, err = w.resolve(ctx, text); err != nil {
			return "", "", err
		}
		base, err = w.resolve(ctx, tip+"^1")
		if errors.Is(err, errNoRevision) {
			return "", tip, nil
		}
		return base, tip, err
	}
	if base, err = w.resolve(ctx, orHead(from)); err != nil {
		return "", "", err
	}
	if tip, err = w.resolve(ctx, orHead(to)); err != nil || two {
		return base, tip, err
	}
	out, err := w.run(ctx, "merge-base", base, tip)
	if exitCode(err) == 1 {
		return "", "", permanent(opRange, "%s and %s have no common commit", shorten(from), shorten(to))
	}
	return strings.TrimSpace(string(out.stdout)), tip, err
}

func orHead(rev string) string {
	if rev == "" {
		return "HEAD"
	}
	return rev
}

var errNoRevision = errors.New("no such revision")

// resolve gives the commit of a revision as people type it.
func (w workTree) resolve(ctx context.Context, rev string) (string, error) {
	if !revForm.MatchString(rev) || len(rev) > 250 {
		return "", permanent(opRange, "%q is no file, and no revision either: give a patch, a commit, A..B or A...B", shorten(rev))
	}
	out, err := w.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	switch {
	case exitCode(err) == 1:
		return "", permanent(opRange, "%w: %s in the repository of %s", errNoRevision, shorten(rev), w.folder)
	case exitCode(err) == 128:
		return "", permanent(opRange, "%s is no file, and %s is in no repository: %w", shorten(rev), w.folder, err)
	case err != nil:
		return "", err
	}
	return strings.TrimSpace(string(out.stdout)), nil
}
