package git

import (
	"context"
	"errors"
	"fmt"
	"regexp"
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

// Kernel is the answer to whether a commit is one of the Linux kernel.
type Kernel struct {
	Is      bool
	Version string // as make kernelversion prints it, 6.12.0-rc3
}

// makefileMax is ten times the size of the kernel's top Makefile.
const makefileMax = 1 << 20

var makeVariable = regexp.MustCompile(`(?m)^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION)[ \t]*=[ \t]*([0-9A-Za-z._-]*)[ \t]*$`)

// LooksLikeKernel says whether sha has the kernel's Makefile and Kconfig at
// its top. NotYet: the mirror lacks the commit.
func (c *Client) LooksLikeKernel(ctx context.Context, key, sha string) (Kernel, error) {
	text, err := c.Show(ctx, key, sha, "Makefile", makefileMax)
	switch {
	case errors.Is(err, ErrNoFile), errors.Is(err, ErrLargeFile):
		return Kernel{}, nil
	case err != nil:
		return Kernel{}, err
	}
	version := makeVersion(string(text))
	if version == "" {
		return Kernel{}, nil
	}
	out, err := c.ask(ctx, key, []string{sha}, command{
		args: []string{"ls-tree", "-z", "--name-only", sha, "Kconfig"}, limit: 1000,
	})
	if err != nil {
		return Kernel{}, err
	}
	if string(out.stdout) != "Kconfig\x00" {
		return Kernel{}, nil
	}
	return Kernel{Is: true, Version: version}, nil
}

// makeVersion puts the version together, "" without VERSION and PATCHLEVEL.
func makeVersion(makefile string) string {
	set := map[string]string{}
	for _, match := range makeVariable.FindAllStringSubmatch(makefile, -1) {
		if _, twice := set[match[1]]; !twice {
			set[match[1]] = match[2]
		}
	}
	if set["VERSION"] == "" || set["PATCHLEVEL"] == "" {
		return ""
	}
	version := set["VERSION"] + "." + set["PATCHLEVEL"]
	if set["SUBLEVEL"] != "" {
		version += "." + set["SUBLEVEL"]
	}
	return version + set["EXTRAVERSION"]
}
