package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"drover/clients"
)

const opRepo = "git repository"

// Repo is a bare repository that we write ourselves: the sample tree, and
// trees of tests. The same calls with the same values give the same ids.
type Repo struct {
	Dir    string
	Branch string // that CommitFiles goes on, "main" from InitRepo

	client *Client
}

var (
	personForm = regexp.MustCompile(`^[^<>\n\x00]+ <[^<>\s\x00]+>$`)
	branchForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)
)

// InitRepo makes a bare repository at dir, an absolute path, or opens the one
// that is there.
func InitRepo(ctx context.Context, dir string) (*Repo, error) {
	if err := clients.Outside(ctx); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(dir) {
		return nil, permanent(opRepo, "%s is not an absolute path", dir)
	}
	repo := &Repo{Dir: filepath.Clean(dir), Branch: "main", client: &Client{}}
	switch _, err := os.Stat(filepath.Join(dir, "HEAD")); {
	case err == nil:
		return repo, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, transient(opRepo, "look at %s: %w", dir, err)
	}
	return repo, repo.make(ctx)
}

// make lets the repository appear complete, as mirrors do.
func (r *Repo) make(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(r.Dir), 0o755); err != nil {
		return transient(opRepo, "make %s: %w", r.Dir, err)
	}
	unfinished, err := os.MkdirTemp(filepath.Dir(r.Dir), ".new~")
	if err != nil {
		return transient(opRepo, "make %s: %w", r.Dir, err)
	}
	defer os.RemoveAll(unfinished) // gone already after the rename
	bare := filepath.Join(unfinished, "git")
	if err := r.client.initBare(ctx, bare); err != nil {
		return err
	}
	if err := os.Rename(bare, r.Dir); err != nil {
		return transient(opRepo, "put %s in place: %w", r.Dir, err)
	}
	return nil
}

// CommitFiles puts change as a commit onto the branch and returns its id.
func (r *Repo) CommitFiles(ctx context.Context, change Change) (string, error) {
	if err := clients.Outside(ctx); err != nil {
		return "", err
	}
	if err := change.check(r.Branch); err != nil {
		return "", err
	}
	parent, err := r.tip(ctx)
	if err != nil {
		return "", err
	}
	if _, err := r.run(ctx, change.stream(r.Branch, parent), "fast-import", "--quiet", "--done",
		"--date-format=raw"); err != nil {
		return "", err
	}
	return r.tip(ctx)
}

// Change is one commit (or, without files, one tag) to be made.
type Change struct {
	Files   map[string]string // path to content; what starts with #! becomes executable
	Deleted []string
	Author  string // "Name <address>", of the committer too
	Message string
	When    time.Time // cut to seconds
}

func (c Change) check(branch string) error {
	if !personForm.MatchString(c.Author) {
		return permanent(opRepo, "%q is not of the form Name <address>", shorten(c.Author))
	}
	if !branchForm.MatchString(branch) || !isRef("refs/heads/"+branch) {
		return permanent(opRepo, "%q is no branch", shorten(branch))
	}
	for _, path := range append(slices.Collect(maps.Keys(c.Files)), c.Deleted...) {
		if err := treePath(path); err != nil {
			return err
		}
		if strings.HasPrefix(path, `"`) || strings.HasSuffix(path, "/") || strings.Contains(path, "//") {
			return permanent(opRepo, "%q is no path in a repository", shorten(path))
		}
	}
	return nil
}

// stream is the commit in the language of git fast-import, sorted.
func (c Change) stream(branch, parent string) *bytes.Buffer {
	var b bytes.Buffer
	when := c.When.Unix()
	fmt.Fprintf(&b, "commit refs/heads/%s\n", branch)
	fmt.Fprintf(&b, "author %s %d +0000\ncommitter %s %d +0000\n", c.Author, when, c.Author, when)
	writeData(&b, strings.TrimRight(c.Message, "\n")+"\n")
	if parent != "" {
		fmt.Fprintf(&b, "from %s\n", parent)
	}
	for _, path := range slices.Sorted(slices.Values(c.Deleted)) {
		fmt.Fprintf(&b, "D %s\n", path)
	}
	for _, path := range slices.Sorted(maps.Keys(c.Files)) {
		mode := "100644"
		if strings.HasPrefix(c.Files[path], "#!") {
			mode = "100755"
		}
		fmt.Fprintf(&b, "M %s inline %s\n", mode, path)
		writeData(&b, c.Files[path])
	}
	b.WriteString("\ndone\n")
	return &b
}

func writeData(b *bytes.Buffer, text string) {
	fmt.Fprintf(b, "data %d\n%s\n", len(text), text)
}

// tip is the newest commit of the branch, "" before the first.
func (r *Repo) tip(ctx context.Context) (string, error) {
	out, err := r.run(ctx, nil, "for-each-ref", "--format=%(objectname)", "refs/heads/"+r.Branch)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(out.stdout)), nil
}

// Tag sets an annotated tag, as kernel releases are. An existing one of the
// same name is an error.
func (r *Repo) Tag(ctx context.Context, name, sha string, change Change) error {
	if err := clients.Outside(ctx); err != nil {
		return err
	}
	if !isOID(sha) || !branchForm.MatchString(name) || !isRef("refs/tags/"+name) || !personForm.MatchString(change.Author) {
		return permanent(opRepo, "tag %q: no tag name, no commit id or no author", shorten(name))
	}
	tag := fmt.Sprintf("object %s\ntype commit\ntag %s\ntagger %s %d +0000\n\n%s\n",
		sha, name, change.Author, change.When.Unix(), strings.TrimRight(change.Message, "\n"))
	out, err := r.run(ctx, bytes.NewBufferString(tag), "mktag")
	if err != nil {
		return err
	}
	// The zero id as the old value means: only if it does not exist.
	_, err = r.run(ctx, nil, "update-ref", "--end-of-options", "refs/tags/"+name,
		strings.TrimSpace(string(out.stdout)), strings.Repeat("0", len(sha)))
	return err
}

func (r *Repo) run(ctx context.Context, stdin *bytes.Buffer, args ...string) (output, error) {
	k := command{args: append(inMirror(r.Dir), args...)}
	if stdin != nil {
		k.stdin = stdin
	}
	return r.client.run(ctx, opRepo, k)
}
