package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"

	"drover/clients"
)

const opQuery = "git query"

// revForm is what people type: a branch, a tag, an id, with ~2 or ^ behind.
var (
	revForm    = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._/+-]*)((?:~[0-9]{0,6}|\^[0-9]{0,2})*)$`)
	abbreviate = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
)

// existing is the path of a mirror that is there. NotYet: it is not.
func (c *Client) existing(op, key string) (string, error) {
	path, err := c.Path(key)
	if err != nil {
		return "", err
	}
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return "", clients.Fail(clients.NotYet, op, fmt.Errorf("mirror %s was not fetched yet", key))
	case err != nil:
		return "", transient(op, "look at mirror %s: %w", key, err)
	}
	return path, nil
}

// ask runs one reading command on a mirror, after the checks that every
// question needs. oids must be object ids; what runs must not leave the host.
func (c *Client) ask(ctx context.Context, key string, oids []string, k command) (output, error) {
	if err := clients.Outside(ctx); err != nil {
		return output{}, err
	}
	for _, oid := range oids {
		if !isOID(oid) {
			return output{}, permanent(opQuery, "%q is no object id", shorten(oid))
		}
	}
	path, err := c.existing(opQuery, key)
	if err != nil {
		return output{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	k.args = append(inMirror(path), k.args...)
	out, err := c.run(ctx, opQuery, k)
	if missing(err) {
		return out, clients.Fail(clients.NotYet, opQuery, fmt.Errorf("mirror %s lacks a commit: %w", key, err))
	}
	return out, err
}

// missing recognises git's words for an object that is not there.
func missing(err error) bool {
	var exit *exitError
	if !errors.As(err, &exit) {
		return false
	}
	for _, text := range []string{"bad object", "bad revision", "Not a valid commit name",
		"Not a valid object name", "not a valid object name", "unknown revision", "could not get object info",
		"is neither a commit nor blob", "with nonexistent object", "not a tree object"} {
		if strings.Contains(exit.stderr, text) {
			return true
		}
	}
	return false
}

// hasCommit says whether oid is a commit of the mirror at path.
func (c *Client) hasCommit(ctx context.Context, path, oid string) (bool, error) {
	_, err := c.run(ctx, opQuery, command{args: append(inMirror(path), "cat-file", "-e", oid+"^{commit}")})
	if exitCode(err) > 0 {
		return false, nil
	}
	return err == nil, err
}

// Resolve finds the commit of rev in the mirror: a full ref name as the remote
// has it, a branch, a tag, an object id or its beginning (seven digits or
// more), each with ~n and ^n behind it. NotYet: there is no such thing.
func (c *Client) Resolve(ctx context.Context, key, rev string) (string, error) {
	parts := revForm.FindStringSubmatch(rev)
	if parts == nil || strings.Contains(rev, "..") || len(rev) > 250 {
		return "", permanent(opQuery, "%q is no revision: give a branch, a tag or a commit id", shorten(rev))
	}
	for _, candidate := range candidates(parts[1]) {
		out, err := c.ask(ctx, key, nil, command{args: []string{
			"rev-parse", "--verify", "--end-of-options", candidate + parts[2] + "^{commit}"}})
		if err == nil {
			return strings.TrimSpace(string(out.stdout)), nil
		}
		var exit *exitError
		if !errors.As(err, &exit) {
			return "", err
		}
		if strings.Contains(exit.stderr, "is ambiguous") {
			return "", permanent(opQuery, "%s fits several commits: give more digits", rev)
		}
	}
	return "", clients.Fail(clients.NotYet, opQuery, fmt.Errorf("there is no branch, tag or commit %s", rev))
}

// candidates are the names under which a mirror may have name, in the order in
// which git itself prefers them.
func candidates(name string) []string {
	switch {
	case isOID(name):
		return []string{name}
	case strings.HasPrefix(name, "refs/"):
		return []string{Local(name)}
	case !isRef("refs/heads/" + name):
		return nil
	}
	list := []string{"refs/tags/" + name, namespaceHeads + name}
	if abbreviate.MatchString(name) {
		list = append(list, name)
	}
	return list
}

// IsAncestor says whether ancestor can be reached from descendant (a commit is
// an ancestor of itself). NotYet: the mirror lacks one of them.
func (c *Client) IsAncestor(ctx context.Context, key, ancestor, descendant string) (bool, error) {
	_, err := c.ask(ctx, key, []string{ancestor, descendant},
		command{args: []string{"merge-base", "--is-ancestor", ancestor, descendant}})
	if exitCode(err) == 1 {
		return false, nil
	}
	return err == nil, err
}

// CountBetween is the number of commits reachable from tip but not from base.
func (c *Client) CountBetween(ctx context.Context, key, base, tip string) (int, error) {
	out, err := c.ask(ctx, key, []string{base, tip},
		command{args: []string{"rev-list", "--count", "--end-of-options", tip, "^" + base}})
	if err != nil {
		return 0, err
	}
	count, err := strconv.Atoi(strings.TrimSpace(string(out.stdout)))
	if err != nil {
		return 0, transient(opQuery, "count commits: %w", err)
	}
	return count, nil
}

// Describe names a commit by the nearest tag, v6.12-rc3-41-g1a2b3c4d5e6f; ""
// when no tag leads to it. Annotated tags go first, as kernel releases are.
func (c *Client) Describe(ctx context.Context, key, sha string) (string, error) {
	for _, args := range [][]string{
		{"describe", "--abbrev=12", sha},
		{"describe", "--tags", "--abbrev=12", sha},
	} {
		out, err := c.ask(ctx, key, []string{sha}, command{args: args})
		if err == nil {
			return strings.TrimSpace(string(out.stdout)), nil
		}
		if noTags(err) {
			return "", nil // of either kind
		}
		if !untagged(err) {
			return "", err
		}
	}
	return "", nil
}

// noTags recognises a repository that has no tag at all.
func noTags(err error) bool {
	var exit *exitError
	return errors.As(err, &exit) && strings.Contains(exit.stderr, "No names found")
}

func untagged(err error) bool {
	var exit *exitError
	return errors.As(err, &exit) && (strings.Contains(exit.stderr, "No annotated tags can describe") ||
		strings.Contains(exit.stderr, "No tags can describe"))
}
