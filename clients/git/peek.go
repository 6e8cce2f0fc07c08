package git

import (
	"context"
	"errors"
	"os"
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
	if err := clients.Outside(ctx); err != nil {
		return Peeked{}, err
	}
	if !target.Checked() {
		return Peeked{}, permanent(opPeek, "the remote was not checked")
	}
	if !isRef(p.Ref) || len(p.Texts) > MaxPaths {
		return Peeked{}, permanent(opPeek, "%q is no full ref name, or too many files are wanted", shorten(p.Ref))
	}
	key := "peek-" + target.Key()
	lock, err := c.lock(ctx, opPeek, key)
	if err != nil {
		return Peeked{}, err
	}
	defer lock.Close()
	path, err := c.Path(key)
	if err != nil {
		return Peeked{}, err
	}
	if err := os.RemoveAll(path); err != nil { // of somebody who was killed
		return Peeked{}, transient(opPeek, "clear the way: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(path)) }()
	if _, err := c.ensure(ctx, key); err != nil {
		return Peeked{}, err
	}
	f := fetching{c, target, path, lock}
	if err := f.shallow(ctx, "+"+p.Ref+":"+Local(p.Ref)+"\n", "--depth=1"); err != nil {
		return Peeked{}, err
	}
	return c.readPeeked(ctx, f, key, p)
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

func (c *Client) readPeeked(ctx context.Context, f fetching, key string, p Peeking) (Peeked, error) {
	refs, err := c.localRefs(ctx, f.path)
	if err != nil {
		return Peeked{}, err
	}
	sha := refs[Local(p.Ref)]
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
