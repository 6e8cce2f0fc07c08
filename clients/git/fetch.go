package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"drover/clients"
)

const (
	opFetch = "git fetch"
	opKeep  = "git keep"
	opTidy  = "git tidy"
)

// Where a mirror keeps what it fetched. Branches are overwritten by every
// fetch; kept commits stay.
const (
	namespaceHeads = "refs/drover/heads/"
	namespaceOther = "refs/drover/other/"
	namespaceKept  = "refs/drover/kept/"
)

// Local is the name under which a mirror keeps a ref of its remote. Tags keep
// theirs, since git describe looks for them there.
func Local(remote string) string {
	if name, found := strings.CutPrefix(remote, "refs/heads/"); found {
		return namespaceHeads + name
	}
	if strings.HasPrefix(remote, "refs/tags/") {
		return remote
	}
	return namespaceOther + strings.TrimPrefix(remote, "refs/")
}

// Fetch brings refs of target into the mirror named key, which it makes if
// need be. refs are full names (refs/heads/…, refs/tags/…) or object ids; an
// id is for a commit that LsRefs listed and whose branch may have moved since,
// costs nothing if it is there already, and is kept. Tags on fetched commits
// come along. NotYet: the answering mirror of the remote lacks a ref or id
// (or it is gone: LsRefs tells).
func (c *Client) Fetch(ctx context.Context, target Target, key string, refs []string) error {
	if err := clients.Outside(ctx); err != nil {
		return err
	}
	names, oids, err := split(refs)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.fetchTimeout())
	defer cancel()
	lock, err := c.lock(ctx, opFetch, key)
	if err != nil {
		return err
	}
	defer lock.Close()
	path, err := c.ensure(ctx, key)
	if err != nil {
		return err
	}
	if err := sweep(path); err != nil {
		return transient(opFetch, "mirror %s: %w", key, err)
	}
	f := fetching{c, target, path, lock}
	if err := f.names(ctx, names); err != nil {
		return err
	}
	return f.oids(ctx, oids)
}

// split checks and sorts the refs of a Fetch.
func split(refs []string) (names, oids []string, err error) {
	for _, ref := range refs {
		switch {
		case isOID(ref):
			oids = append(oids, ref)
		case isRef(ref) && !strings.HasPrefix(ref, "refs/drover/"):
			names = append(names, ref)
		default:
			return nil, nil, permanent(opFetch, "%q is neither a full ref name nor an object id", shorten(ref))
		}
	}
	if len(refs) == 0 {
		return nil, nil, permanent(opFetch, "no refs given")
	}
	slices.Sort(names)
	slices.Sort(oids)
	return slices.Compact(names), slices.Compact(oids), nil
}

// fetching is one Fetch that holds the lock.
type fetching struct {
	client *Client
	target Target
	path   string
	lock   *os.File
}

func (f fetching) names(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	if err := f.makeRoom(ctx, names); err != nil {
		return err
	}
	var specs strings.Builder
	for _, name := range names {
		fmt.Fprintf(&specs, "+%s:%s\n", name, Local(name))
	}
	return f.fetch(ctx, specs.String())
}

// oids fetches commits by id where they are missing, and keeps them.
func (f fetching) oids(ctx context.Context, oids []string) error {
	var specs strings.Builder
	for _, oid := range oids {
		present, err := f.client.hasCommit(ctx, f.path, oid)
		if err != nil {
			return err
		}
		if !present {
			fmt.Fprintf(&specs, "+%s:%s%s\n", oid, namespaceKept, oid)
			continue
		}
		if err := f.client.keep(ctx, f.path, oid); err != nil {
			return err
		}
	}
	if specs.Len() == 0 {
		return nil
	}
	return f.fetch(ctx, specs.String())
}

// fetch runs git with the refspecs, one a line. Tags on the fetched commits
// come along, unless they cannot be stored: the remote may have replaced tag a
// by a/b, and that must not stop its branches.
func (f fetching) fetch(ctx context.Context, specs string) error {
	outside, err := f.client.outside(ctx, f.target)
	if err != nil {
		return err
	}
	err = f.run(ctx, outside, specs, "--no-progress")
	var exit *exitError
	if errors.As(err, &exit) && strings.Contains(exit.stderr, "cannot lock ref 'refs/tags/") {
		err = f.run(ctx, outside, specs, "--no-tags")
	}
	var classed *clients.Error
	if errors.As(err, &classed) {
		return clients.Fail(classed.Class, opFetch, fmt.Errorf("%s: %w", f.target.URL, classed.Err))
	}
	return err
}

// run is one git fetch with more options.
//
// Objects are not checked by fsck on the way in: git checks every hash and the
// connectivity anyway, the history of the kernel has commits that fsck refuses,
// and nothing from a mirror is ever written into a working tree here.
func (f fetching) run(ctx context.Context, outside outsideRun, specs string, options ...string) error {
	args := append(inMirror(f.path), outside.config...)
	args = append(args,
		"-c", "transfer.fsckObjects=false",
		"-c", "fetch.writeCommitGraph=true", // makes Log and IsAncestor cheap
		"-c", "transfer.bundleURI=false",
		"fetch", "--quiet", "--force", "--no-write-fetch-head", "--no-auto-maintenance",
		"--no-show-forced-updates", "--no-recurse-submodules")
	args = append(append(args, options...), "--stdin", "--end-of-options", outside.url)
	_, err := f.client.run(ctx, opFetch, command{
		args: args, env: outside.env, stdin: strings.NewReader(specs), lock: f.lock, limit: 1 << 20,
	})
	return err
}

// makeRoom moves away own refs that stand in the way as a file where a folder
// is needed, or the reverse: the remote replaced branch a by a/b. Their
// commits are kept.
func (f fetching) makeRoom(ctx context.Context, names []string) error {
	existing, err := f.client.localRefs(ctx, f.path)
	if err != nil {
		return err
	}
	var updates strings.Builder
	for _, name := range names {
		local := Local(name)
		for ref, oid := range existing {
			if strings.HasPrefix(ref, local+"/") || strings.HasPrefix(local, ref+"/") {
				fmt.Fprintf(&updates, "update %s%s %s\ndelete %s\n", namespaceKept, oid, oid, ref)
				delete(existing, ref)
			}
		}
	}
	if updates.Len() == 0 {
		return nil
	}
	_, err = f.client.run(ctx, opFetch, command{
		args:  append(inMirror(f.path), "update-ref", "--stdin"),
		stdin: strings.NewReader(updates.String()), lock: f.lock,
	})
	return err
}

// localRefs are the fetched refs of a mirror with their ids, without the kept.
func (c *Client) localRefs(ctx context.Context, path string) (map[string]string, error) {
	out, err := c.run(ctx, opFetch, command{args: append(inMirror(path), "for-each-ref",
		"--format=%(objectname) %(refname)", "refs/tags", namespaceHeads, namespaceOther)})
	if err != nil {
		return nil, err
	}
	refs := map[string]string{}
	for line := range strings.Lines(string(out.stdout)) {
		if oid, name, found := strings.Cut(strings.TrimSpace(line), " "); found {
			refs[name] = oid
		}
	}
	return refs, nil
}

// Keep holds the commit sha in the mirror for good, whatever its branch does.
// NotYet: it is not there.
func (c *Client) Keep(ctx context.Context, key, sha string) error {
	if err := clients.Outside(ctx); err != nil {
		return err
	}
	if !isOID(sha) {
		return permanent(opKeep, "%q is no object id", shorten(sha))
	}
	lock, path, err := c.open(ctx, opKeep, key)
	if err != nil {
		return err
	}
	defer lock.Close()
	err = c.keep(ctx, path, sha)
	if missing(err) {
		return clients.Fail(clients.NotYet, opKeep, fmt.Errorf("%s is not in mirror %s", sha, key))
	}
	return err
}

// keep needs the lock. A commit that is kept already costs git one look.
func (c *Client) keep(ctx context.Context, path, sha string) error {
	_, err := c.run(ctx, opKeep, command{
		args: append(inMirror(path), "update-ref", "--end-of-options", namespaceKept+sha, sha),
	})
	return err
}

// Tidy packs the refs and joins small packs, which many fetches leave behind
// since automatic gc is off. It drops no object. Call it daily per mirror.
func (c *Client) Tidy(ctx context.Context, key string) error {
	if err := clients.Outside(ctx); err != nil {
		return err
	}
	lock, path, err := c.open(ctx, opTidy, key)
	if err != nil {
		return err
	}
	defer lock.Close()
	for _, args := range [][]string{
		{"pack-refs", "--all"},
		{"repack", "--quiet", "-d", "-l", "--geometric=2"},
		{"commit-graph", "write", "--reachable", "--split", "--no-progress"},
	} {
		if _, err := c.run(ctx, opTidy, command{args: append(inMirror(path), args...), lock: lock}); err != nil {
			return err
		}
	}
	return nil
}

// open locks an existing mirror and sweeps it.
func (c *Client) open(ctx context.Context, op, key string) (*os.File, string, error) {
	path, err := c.existing(op, key)
	if err != nil {
		return nil, "", err
	}
	lock, err := c.lock(ctx, op, key)
	if err != nil {
		return nil, "", err
	}
	if err := sweep(path); err != nil {
		lock.Close()
		return nil, "", transient(op, "mirror %s: %w", key, err)
	}
	return lock, path, nil
}
