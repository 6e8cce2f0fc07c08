package git

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"

	"drover/clients"
)

const opPeek = "git peek"

// largestPeek bounds one text that Peek reads; MAINTAINERS has 0.7 MB.
const largestPeek = 4 << 20

// Peeking says what to look at.
type Peeking struct {
	Ref    string                 // full name: refs/heads/master
	Wanted func(path string) bool // whose names are listed
	Texts  []string               // paths whose content is read, at most MaxPaths
}

// Peeked is the head of a branch of a remote that is not mirrored.
type Peeked struct {
	Commit Commit // without parents
	Paths  []string
	Texts  map[string]string // of those that are there and are no larger than 4 MiB
}

// Peek looks at the head of one branch without keeping anything: it fetches one
// commit with its folders, then the few files whose text is wanted. A server
// that cannot leave out files sends all of that commit. NotYet: no such ref.
func (c *Client) Peek(ctx context.Context, target Target, p Peeking) (peeked Peeked, err error) {
	if len(p.Texts) > MaxPaths {
		return Peeked{}, permanent(opPeek, "too many files are wanted")
	}
	err = c.glance(ctx, target, p.Ref, 1, func(f fetching, key, sha string) error {
		peeked, err = c.readPeeked(ctx, f, key, sha, p)
		return err
	})
	return peeked, err
}

// Recent is a commit of a remote that is not mirrored, and what it changes
// since its first parent. Of a renamed file both names are listed.
type Recent struct {
	Commit Commit // without parents
	Changes
}

// Recent lists the newest commits of a branch on its own line, at most 100,
// without keeping anything: of what they change it fetches the names alone.
// NotYet: no such ref.
func (c *Client) Recent(ctx context.Context, target Target, ref string, most int) (list []Recent, err error) {
	most = min(max(most, 1), 100)
	// One more, or the oldest would seem to bring everything.
	err = c.glance(ctx, target, ref, most+1, func(_ fetching, key, sha string) error {
		commits, err := c.Log(ctx, key, Range{Tip: sha, FirstParent: true, Max: most})
		if err != nil {
			return err
		}
		for _, commit := range commits {
			// To compare what was renamed and changed takes the files.
			changes, err := c.changed(ctx, key, "", commit.SHA, append(nameStatus(), "--no-renames"))
			if err != nil {
				return err
			}
			commit.Parents = nil // not all were fetched
			list = append(list, Recent{commit, changes})
		}
		return nil
	})
	return list, err
}

// glance fetches the newest commits of a ref with their folders into a place
// that lasts as long as they are read.
func (c *Client) glance(ctx context.Context, target Target, ref string, depth int, read func(f fetching, key, sha string) error) (err error) {
	if err := clients.Outside(ctx); err != nil {
		return err
	}
	if !target.Checked() {
		return permanent(opPeek, "the remote was not checked")
	}
	if !isRef(ref) {
		return permanent(opPeek, "%q is no full ref name", shorten(ref))
	}
	key := "peek-" + target.Key()
	lock, err := c.lock(ctx, opPeek, key)
	if err != nil {
		return err
	}
	defer lock.Close()
	path, err := c.Path(key)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil { // of somebody who was killed
		return transient(opPeek, "clear the way: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(path)) }()
	if _, err := c.ensure(ctx, key); err != nil {
		return err
	}
	f := fetching{c, target, path, lock}
	if err := f.shallow(ctx, "+"+ref+":"+Local(ref)+"\n", "--depth="+strconv.Itoa(depth)); err != nil {
		return err
	}
	refs, err := c.localRefs(ctx, path)
	if err != nil {
		return err
	}
	return read(f, key, refs[Local(ref)])
}

// shallow fetches without files and without what comes along elsewhere. It
// does not say what is there: a server would take the files of a commit that
// it hears of for sent.
func (f fetching) shallow(ctx context.Context, specs string, options ...string) error {
	outside, err := f.client.outside(ctx, f.target)
	if err != nil {
		return err
	}
	outside.config = append(outside.config, "-c", "fetch.negotiationAlgorithm=noop")
	return f.run(ctx, outside, specs, append(options, "--filter=blob:none", "--no-tags", "--no-progress")...)
}

func (c *Client) readPeeked(ctx context.Context, f fetching, key, sha string, p Peeking) (Peeked, error) {
	commits, err := c.Log(ctx, key, Range{Tip: sha, Max: 1})
	if err != nil {
		return Peeked{}, err
	}
	if len(commits) != 1 {
		return Peeked{}, transient(opPeek, "%d commits were fetched", len(commits))
	}
	peeked := Peeked{Commit: commits[0], Texts: map[string]string{}}
	peeked.Commit.Parents = nil // they were not fetched
	texts := map[string]bool{}
	for _, path := range p.Texts {
		texts[path] = true
	}
	objects, err := c.TreeObjects(ctx, key, sha, func(path string) bool { return texts[path] || p.Wanted != nil && p.Wanted(path) })
	if err != nil {
		return Peeked{}, err
	}
	var blobs strings.Builder
	for _, o := range objects {
		peeked.Paths = append(peeked.Paths, o.Path)
		if texts[o.Path] {
			blobs.WriteString(o.OID + "\n")
		}
	}
	if blobs.Len() == 0 {
		return peeked, nil
	}
	if err := f.shallow(ctx, blobs.String()); err != nil {
		return Peeked{}, err
	}
	for _, o := range objects {
		if !texts[o.Path] {
			continue
		}
		text, err := c.Show(ctx, key, sha, o.Path, largestPeek)
		switch {
		case errors.Is(err, ErrLargeFile), errors.Is(err, ErrNoFile):
		case err != nil:
			return Peeked{}, err
		default:
			peeked.Texts[o.Path] = valid(string(text))
		}
	}
	return peeked, nil
}
