package gittest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Repo is a bare repository that a test changes as maintainers do.
type Repo struct {
	Dir string

	t     testing.TB
	clock int64
	index string // GIT_INDEX_FILE of the commands
}

// NewRepo makes an empty bare repository at dir.
func NewRepo(t testing.TB, dir string) *Repo {
	t.Helper()
	r := Open(t, dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	r.Git("init", "--quiet", "--bare", "--template=", "--initial-branch=master", ".")
	r.Git("config", "uploadpack.allowAnySHA1InWant", "true") // as kernel.org's v2 does
	return r
}

// Open looks at a repository that is there.
func Open(t testing.TB, dir string) *Repo {
	return &Repo{Dir: dir, t: t, clock: 1_700_000_000}
}

// Git runs git in the repository and returns what it prints.
func (r *Repo) Git(args ...string) string {
	r.t.Helper()
	return r.git("", args...)
}

func (r *Repo) git(stdin string, args ...string) string {
	r.t.Helper()
	command := exec.Command("git", args...)
	command.Dir = r.Dir
	command.Stdin = strings.NewReader(stdin)
	date := fmt.Sprintf("%d +0000", r.clock)
	command.Env = []string{
		"PATH=" + filepath.Dir(command.Path) + ":/usr/bin:/bin", "HOME=" + os.DevNull, "LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=Ada Maker", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=" + date,
		"GIT_COMMITTER_NAME=Max Tainer", "GIT_COMMITTER_EMAIL=max@example.net", "GIT_COMMITTER_DATE=" + date,
	}
	if r.index != "" {
		command.Env = append(command.Env, "GIT_INDEX_FILE="+r.index)
	}
	out, err := command.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// Commit puts a commit with one changed file onto branch, which starts empty
// if it does not exist, and returns its id.
func (r *Repo) Commit(branch, path, content string) string {
	r.t.Helper()
	ref := "refs/heads/" + branch
	var parents []string
	if tip := r.Git("for-each-ref", "--format=%(objectname)", ref); tip != "" {
		parents = []string{tip}
	}
	return r.commit(ref, path, content, parents)
}

// Force sets branch to a new commit on top of parent ("" = none), as a
// rebase does.
func (r *Repo) Force(branch, parent, content string) string {
	r.t.Helper()
	var parents []string
	if parent != "" {
		parents = []string{parent}
	}
	return r.commit("refs/heads/"+branch, "forced", content, parents)
}

// Merge puts a merge of other into branch.
func (r *Repo) Merge(branch, other string) string {
	r.t.Helper()
	ref := "refs/heads/" + branch
	tip := r.Git("rev-parse", ref)
	return r.commit(ref, "merged", other, []string{tip, r.Git("rev-parse", "refs/heads/"+other)})
}

func (r *Repo) commit(ref, path, content string, parents []string) string {
	r.t.Helper()
	r.clock += 60
	blob := r.git(content, "hash-object", "-w", "--stdin")
	tree := r.treeWith(parents, path, blob)
	args := []string{"commit-tree", tree, "-m", "change " + path}
	for _, parent := range parents {
		args = append(args, "-p", parent)
	}
	commit := r.Git(args...)
	r.Git("update-ref", ref, commit)
	return commit
}

// treeWith is the tree of the first parent with one file set, made in an
// index of its own.
func (r *Repo) treeWith(parents []string, path, blob string) string {
	r.t.Helper()
	r.index = filepath.Join(r.t.TempDir(), "index")
	defer func() { r.index = "" }()
	if len(parents) > 0 {
		r.Git("read-tree", parents[0])
	}
	r.Git("update-index", "--add", "--cacheinfo", "100644,"+blob+","+path)
	return r.Git("write-tree")
}

// Tag sets an annotated tag.
func (r *Repo) Tag(name, commit string) string {
	r.t.Helper()
	r.Git("tag", "-a", "-m", name, name, commit)
	return r.Git("rev-parse", "refs/tags/"+name)
}

// Delete removes a branch.
func (r *Repo) Delete(branch string) {
	r.t.Helper()
	r.Git("update-ref", "-d", "refs/heads/"+branch)
}

// Set moves a branch to a commit, backwards too.
func (r *Repo) Set(branch, commit string) {
	r.t.Helper()
	r.Git("update-ref", "refs/heads/"+branch, commit)
}
