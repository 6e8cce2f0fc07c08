package git

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"drover/clients"
)

const opMirror = "git mirror"

var keyForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// isKey says whether a name is fit for the folder of a mirror.
func isKey(name string) bool { return len(name) <= 100 && keyForm.MatchString(name) }

// Path is the folder of the bare mirror named key (see Target.Key), whether
// it exists or not.
func (c *Client) Path(key string) (string, error) {
	if !isKey(key) {
		return "", permanent(opMirror, "%q is no name of a mirror", shorten(key))
	}
	if !filepath.IsAbs(c.Mirrors) {
		return "", permanent(opMirror, "the folder of mirrors is not an absolute path")
	}
	return filepath.Join(c.Mirrors, key+".git"), nil
}

// Mirror makes the bare mirror named key unless it exists, and returns its
// folder.
func (c *Client) Mirror(ctx context.Context, key string) (string, error) {
	if err := clients.Outside(ctx); err != nil {
		return "", err
	}
	lock, err := c.lock(ctx, opMirror, key)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	return c.ensure(ctx, key)
}

// ensure needs the lock. A mirror appears complete by a rename, so a kill
// leaves at most a temporary folder, which the next one removes.
func (c *Client) ensure(ctx context.Context, key string) (string, error) {
	path, err := c.Path(key)
	if err != nil {
		return "", err
	}
	unfinished := filepath.Join(c.Mirrors, "."+key+"~new")
	if err := os.RemoveAll(unfinished); err != nil {
		return "", transient(opMirror, "remove an unfinished mirror: %w", err)
	}
	switch _, err := os.Stat(path); {
	case err == nil:
		return path, nil
	case !errors.Is(err, fs.ErrNotExist):
		return "", transient(opMirror, "look at the mirror: %w", err)
	}
	if err := c.initBare(ctx, unfinished); err != nil {
		return "", err
	}
	if err := c.furnish(unfinished); err != nil {
		return "", transient(opMirror, "furnish the mirror: %w", err)
	}
	if err := os.Rename(unfinished, path); err != nil {
		return "", transient(opMirror, "put the mirror in place: %w", err)
	}
	return path, nil
}

// initBare runs git init without templates, hence without hooks.
func (c *Client) initBare(ctx context.Context, path string) error {
	_, err := c.run(ctx, opMirror, command{args: []string{
		"init", "--quiet", "--bare", "--template=", "--object-format=sha1",
		"--initial-branch=main", "--end-of-options", path,
	}})
	return err
}

// furnish writes the settings that hold for people who look into the mirror,
// too: no automatic gc, which would drop commits that were force-pushed away.
func (c *Client) furnish(path string) error {
	config, err := os.OpenFile(filepath.Join(path, "config"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = config.WriteString("[gc]\n\tauto = 0\n\tpruneExpire = never\n[maintenance]\n\tauto = false\n")
	if err := errors.Join(err, config.Close()); err != nil {
		return err
	}
	if c.Reference == "" {
		return nil
	}
	objects, err := referenceObjects(c.Reference)
	if err != nil {
		return err
	}
	folder := filepath.Join(path, "objects", "info")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "alternates"), []byte(objects+"\n"), 0o644)
}

// referenceObjects is the object folder of a bare or a usual repository.
func referenceObjects(reference string) (string, error) {
	if !filepath.IsAbs(reference) || strings.ContainsAny(reference, "\n\"") {
		return "", fmt.Errorf("the reference repository needs an absolute path")
	}
	for _, folder := range []string{"objects", ".git/objects"} {
		path := filepath.Join(reference, folder)
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return path, nil
		}
	}
	return "", fmt.Errorf("the reference %s is not a git repository", reference)
}

// inMirror are the options before every command on a mirror.
func inMirror(path string) []string {
	return []string{
		"--git-dir=" + path, "--no-pager",
		"-c", "safe.directory=" + path,
		"-c", "core.hooksPath=/dev/null",
		"-c", "core.attributesFile=/dev/null",
		"-c", "core.quotePath=false",
		"-c", "core.logAllRefUpdates=false",
		"-c", "gc.auto=0",
		"-c", "maintenance.auto=false",
	}
}
