package git

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"drover/clients"
)

// ErrNoFile marks a path that a commit does not have, or not as a file.
var ErrNoFile = errors.New("no such file in this commit")

// ErrLargeFile marks a file above the limit of the caller.
var ErrLargeFile = errors.New("the file is larger than allowed")

// Show is the content of a file of commit sha, at most max bytes. Permanent
// with ErrNoFile or ErrLargeFile; NotYet: the mirror lacks the commit.
func (c *Client) Show(ctx context.Context, key, sha, path string, max int64) ([]byte, error) {
	if err := treePath(path); err != nil {
		return nil, err
	}
	if max <= 0 {
		return nil, permanent(opQuery, "%s: no limit given", path)
	}
	out, err := c.ask(ctx, key, []string{sha}, command{
		args: []string{"cat-file", "blob", sha + ":" + path}, limit: max,
	})
	var exit *exitError
	switch {
	case out.cut:
		return nil, permanent(opQuery, "%s: %w", path, ErrLargeFile)
	case err == nil:
		return out.stdout, nil
	case !errors.As(err, &exit):
		return nil, err
	}
	// git has the same words for a missing commit and a missing file.
	mirror, pathErr := c.existing(opQuery, key)
	if pathErr != nil {
		return nil, pathErr
	}
	present, hasErr := c.hasCommit(ctx, mirror, sha)
	switch {
	case hasErr != nil:
		return nil, hasErr
	case !present:
		return nil, clients.Fail(clients.NotYet, opQuery, fmt.Errorf("mirror %s lacks commit %s", key, sha))
	}
	return nil, permanent(opQuery, "%s: %w", path, ErrNoFile)
}

// treePath refuses what is no path inside of a tree.
func treePath(path string) error {
	if path == "" || strings.HasPrefix(path, "/") || hasDots(path) || strings.ContainsAny(path, "\x00\n") {
		return permanent(opQuery, "%q is no path in a repository", shorten(path))
	}
	return nil
}
