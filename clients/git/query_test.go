package git_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drover/clients"
	"drover/clients/git"
	"drover/clients/git/gittest"

	"github.com/google/go-cmp/cmp"
)

const makefile = "# SPDX\nVERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION = -rc3\nNAME = Baby Opossum\n"

var day = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func commit(t testing.TB, repo *git.Repo, files map[string]string, deleted ...string) string {
	t.Helper()
	sha, err := repo.CommitFiles(t.Context(), git.Change{Files: files, Deleted: deleted,
		Author: "Ada Maker <ada@example.com>", Message: "sample: change files\n\nBody.\n", When: day})
	if err != nil {
		t.Fatal(err)
	}
	return sha
}

// The same calls make the same ids, which git agrees with.
func TestRepoIsDeterministic(t *testing.T) {
	var ids [2][3]string
	for i := range ids {
		repo, err := git.InitRepo(t.Context(), filepath.Join(t.TempDir(), "deep", "sample.git"))
		if err != nil {
			t.Fatal(err)
		}
		ids[i][0] = commit(t, repo, map[string]string{"Makefile": makefile, "Kconfig": "", "scripts/run.sh": "#!/bin/sh\n", "b \"q\" ü": "x"})
		again, err := git.InitRepo(t.Context(), repo.Dir)
		if err != nil {
			t.Fatal(err)
		}
		ids[i][1] = commit(t, again, map[string]string{"a/b": "data\nwithout end"}, "Kconfig")
		change := git.Change{Author: "Ada Maker <ada@example.com>", Message: "Linux 6.12-rc3", When: day}
		if err := again.Tag(t.Context(), "v6.12-rc3", ids[i][1], change); err != nil {
			t.Fatal(err)
		}
		if err := again.Tag(t.Context(), "v6.12-rc3", ids[i][0], change); err == nil {
			t.Error("a tag was moved")
		}
		seen := gittest.Open(t, repo.Dir)
		ids[i][2] = seen.Git("rev-parse", "v6.12-rc3")
		seen.Git("fsck", "--strict")
		want := "100644 Makefile\n100644 a/b\n100644 b \"q\" ü\n100755 scripts/run.sh"
		got := seen.Git("-c", "core.quotePath=false", "ls-tree", "-r", "--format=%(objectmode) %(path)", "main")
		if diff := cmp.Diff(want, strings.ReplaceAll(got, `"b \"q\" ü"`, `b "q" ü`)); diff != "" {
			t.Errorf("tree (-want +got):\n%s", diff)
		}
		if got := seen.Git("show", "main:a/b"); got != "data\nwithout end" {
			t.Errorf("content %q", got)
		}
	}
	if ids[0] != ids[1] {
		t.Errorf("ids differ: %v, %v", ids[0], ids[1])
	}
	if want := "1fe83b61228b081fc1fe467715cc7449992f02d2"; ids[0][0] != want {
		t.Errorf("first commit is %s, want %s", ids[0][0], want)
	}
}

func TestRepoRefuses(t *testing.T) {
	repo, err := git.InitRepo(t.Context(), filepath.Join(t.TempDir(), "sample.git"))
	if err != nil {
		t.Fatal(err)
	}
	good := git.Change{Author: "A <a@b>", Message: "m", When: day, Files: map[string]string{"a": "b"}}
	for _, path := range []string{"", "/a", "../a", "a/../b", "a\nM 100644 inline b", `"a"`, "a//b", "a/", "a\x00"} {
		change := good
		change.Files = map[string]string{path: "x"}
		_, err := repo.CommitFiles(t.Context(), change)
		wantClass(t, err, clients.Permanent)
		change.Files, change.Deleted = nil, []string{path}
		_, err = repo.CommitFiles(t.Context(), change)
		wantClass(t, err, clients.Permanent)
	}
	for _, author := range []string{"", "Ada", "Ada <a>b>", "Ada <a>\n", "<a@b>", "Ada <a b>"} {
		change := good
		change.Author = author
		_, err := repo.CommitFiles(t.Context(), change)
		wantClass(t, err, clients.Permanent)
	}
	for _, branch := range []string{"", "-x", "a b", "a..b", "a\nb"} {
		bad := *repo
		bad.Branch = branch
		_, err := bad.CommitFiles(t.Context(), good)
		wantClass(t, err, clients.Permanent)
	}
	wantClass(t, repo.Tag(t.Context(), "-d", oid, good), clients.Permanent)
	wantClass(t, repo.Tag(t.Context(), "v1", "main", good), clients.Permanent)
	if _, err := git.InitRepo(t.Context(), "relative"); err == nil {
		t.Error("a relative path is accepted")
	}
}

// history is:  root - second -- merge - last   on master
// .                \ side ----/               v6.1 on second, light on last~1
type history struct {
	c                               *git.Client
	target                          git.Target
	key                             string
	root, second, side, merge, last string
}

func newHistory(t *testing.T) history {
	t.Helper()
	repo := gittest.NewRepo(t, filepath.Join(t.TempDir(), "linux.git"))
	h := history{c: client(t)}
	h.root = repo.Commit("master", "Makefile", makefile)
	h.second = repo.Commit("master", "Kconfig", "mainmenu")
	repo.Set("side", h.root)
	h.side = repo.Commit("side", "drivers/net/ä b.c", "1")
	h.merge = repo.Merge("master", "side")
	h.last = repo.Commit("master", "Makefile", makefile+"# more\n")
	repo.Tag("v6.1", h.second)
	h.target = check(t, h.c, repo.Dir)
	h.key = h.target.Key()
	fetch(t, h.c, h.target, "refs/heads/master", "refs/heads/side")
	return h
}

func TestLog(t *testing.T) {
	h := newHistory(t)
	for _, test := range []struct {
		name string
		in   git.Range
		want []string
	}{
		{"all", git.Range{Tip: h.last}, []string{h.last, h.merge, h.side, h.second, h.root}},
		{"first parent", git.Range{Tip: h.last, FirstParent: true}, []string{h.last, h.merge, h.second, h.root}},
		{"at most", git.Range{Tip: h.last, Max: 2}, []string{h.last, h.merge}},
		{"what a push brought", git.Range{Tip: h.last, Not: []string{h.second}}, []string{h.last, h.merge, h.side}},
		{"several excluded", git.Range{Tip: h.last, Not: []string{h.second, h.side}}, []string{h.last, h.merge}},
		{"nothing", git.Range{Tip: h.second, Not: []string{h.last}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			commits, err := h.c.Log(t.Context(), h.key, test.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, commit := range commits {
				got = append(got, commit.SHA)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
		})
	}
	commits, err := h.c.Log(t.Context(), h.key, git.Range{Tip: h.merge, Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := []git.Commit{{SHA: h.merge, Parents: []string{h.second, h.side}, Author: "Ada Maker", Email: "ada@example.com",
		Subject: "change merged", Time: time.Unix(1_700_000_000+4*60, 0).UTC()}}
	if diff := cmp.Diff(want, commits); diff != "" {
		t.Errorf("commit (-want +got):\n%s", diff)
	}
	_, err = h.c.Log(t.Context(), h.key, git.Range{Tip: oid})
	wantClass(t, err, clients.NotYet)
	_, err = h.c.Log(t.Context(), h.key, git.Range{Tip: h.last, Not: []string{oid}})
	wantClass(t, err, clients.NotYet)
	_, err = h.c.Log(t.Context(), "never-fetched", git.Range{Tip: h.last})
	wantClass(t, err, clients.NotYet)
}

func TestResolve(t *testing.T) {
	h := newHistory(t)
	for rev, want := range map[string]string{
		"master": h.last, "refs/heads/master": h.last, "side": h.side, "v6.1": h.second, "refs/tags/v6.1": h.second,
		h.merge: h.merge, h.merge[:12]: h.merge, "master~1": h.merge, "master^": h.merge, "master~1^2": h.side, h.last + "~3": h.root,
	} {
		if got := resolve(t, h.c, h.target, rev); got != want {
			t.Errorf("%s is %s, want %s", rev, got, want)
		}
	}
	for rev, class := range map[string]clients.Class{
		"gone": clients.NotYet, "refs/heads/gone": clients.NotYet, oid: clients.NotYet, oid[:10]: clients.NotYet, "master~99": clients.NotYet,
		"": clients.Permanent, "-x": clients.Permanent, "--all": clients.Permanent, "a..b": clients.Permanent, "master@{1}": clients.Permanent,
		":/text": clients.Permanent, "master:Makefile": clients.Permanent, "master^{tree}": clients.Permanent, "a b": clients.Permanent,
		"a\n": clients.Permanent, "^master": clients.Permanent, strings.Repeat("a", 300): clients.Permanent,
	} {
		_, err := h.c.Resolve(t.Context(), h.key, rev)
		if clients.ClassOf(err) != class {
			t.Errorf("%q: %v, want %q", rev, err, class)
		}
	}
}

func TestAncestryAndDescribe(t *testing.T) {
	h := newHistory(t)
	for _, test := range []struct {
		ancestor, descendant string
		is                   bool
		between              int
	}{
		{h.root, h.last, true, 4}, {h.side, h.last, true, 3}, {h.last, h.root, false, 0}, {h.side, h.second, false, 1}, {h.last, h.last, true, 0},
	} {
		is, err := h.c.IsAncestor(t.Context(), h.key, test.ancestor, test.descendant)
		if err != nil || is != test.is {
			t.Errorf("IsAncestor(%s, %s) = %v, %v", test.ancestor, test.descendant, is, err)
		}
		count, err := h.c.CountBetween(t.Context(), h.key, test.ancestor, test.descendant)
		if err != nil || count != test.between {
			t.Errorf("CountBetween(%s, %s) = %d, %v", test.ancestor, test.descendant, count, err)
		}
	}
	_, err := h.c.IsAncestor(t.Context(), h.key, oid, h.last)
	wantClass(t, err, clients.NotYet)
	_, err = h.c.IsAncestor(t.Context(), h.key, "--help", h.last)
	wantClass(t, err, clients.Permanent)
	_, err = h.c.CountBetween(t.Context(), h.key, oid, h.last)
	wantClass(t, err, clients.NotYet)
	for sha, want := range map[string]string{h.second: "v6.1", h.last: "v6.1-3-g" + h.last[:12], h.root: ""} {
		got, err := h.c.Describe(t.Context(), h.key, sha)
		if err != nil || got != want {
			t.Errorf("Describe(%s) = %q, %v, want %q", sha, got, err, want)
		}
	}
	_, err = h.c.Describe(t.Context(), h.key, oid)
	wantClass(t, err, clients.NotYet)
}

func TestDescribeByLightweightTag(t *testing.T) {
	repo := gittest.NewRepo(t, filepath.Join(t.TempDir(), "linux.git"))
	first := repo.Commit("master", "a", "1")
	c := client(t)
	target := check(t, c, repo.Dir)
	fetch(t, c, target, "refs/heads/master")
	if got, err := c.Describe(t.Context(), target.Key(), first); got != "" || err != nil {
		t.Errorf("without any tag: %q, %v", got, err)
	}
	repo.Git("tag", "light", first)
	fetch(t, c, target, "refs/heads/master", "refs/tags/light")
	if got, err := c.Describe(t.Context(), target.Key(), first); got != "light" || err != nil {
		t.Errorf("with a light one: %q, %v", got, err)
	}
}

func TestChangedFiles(t *testing.T) {
	h := newHistory(t)
	repo, err := git.InitRepo(t.Context(), filepath.Join(t.TempDir(), "sample.git"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("a line of some length\n", 20)
	first := commit(t, repo, map[string]string{"a/old.c": text, "gone": "1", "kept": "1"})
	second := commit(t, repo, map[string]string{"b/new.c": text + "and one\n", "kept": "2"}, "gone", "a/old.c")
	local := check(t, h.c, repo.Dir)
	fetch(t, h.c, local, "refs/heads/main")
	for _, test := range []struct {
		name, key, base, tip string
		want                 []git.File
	}{
		{"first parent", h.key, "", h.last, []git.File{{Path: "Makefile", Kind: git.Modified}}},
		{"root", h.key, "", h.root, []git.File{{Path: "Makefile", Kind: git.Added}}},
		{"merge against its first parent", h.key, "", h.merge, []git.File{
			{Path: "merged", Kind: git.Added}}},
		{"range", h.key, h.root, h.last, []git.File{{Path: "Kconfig", Kind: git.Added},
			{Path: "Makefile", Kind: git.Modified}, {Path: "merged", Kind: git.Added}}},
		{"names of all kinds", h.key, h.root, h.side, []git.File{{Path: "drivers/net/ä b.c", Kind: git.Added}}},
		{"same", h.key, h.last, h.last, nil},
		{"rename and delete", local.Key(), first, second, []git.File{{Path: "b/new.c", Old: "a/old.c", Kind: git.Renamed},
			{Path: "gone", Kind: git.Deleted}, {Path: "kept", Kind: git.Modified}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := h.c.ChangedFiles(t.Context(), test.key, test.base, test.tip)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(git.Changes{Files: test.want}, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
	_, err = h.c.ChangedFiles(t.Context(), h.key, "", oid)
	wantClass(t, err, clients.NotYet)
	_, err = h.c.ChangedFiles(t.Context(), h.key, oid, h.last)
	wantClass(t, err, clients.NotYet)
	_, err = h.c.ChangedFiles(t.Context(), h.key, "-p", h.last)
	wantClass(t, err, clients.Permanent)
}

func TestChangedFilesIsBounded(t *testing.T) {
	repo, err := git.InitRepo(t.Context(), filepath.Join(t.TempDir(), "sample.git"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for i := range git.MaxFiles + 5 {
		files[fmt.Sprintf("f%06d", i)] = "same"
	}
	sha := commit(t, repo, files)
	c := client(t)
	target := check(t, c, repo.Dir)
	fetch(t, c, target, "refs/heads/main")
	got, err := c.ChangedFiles(t.Context(), target.Key(), "", sha)
	if err != nil || len(got.Files) != git.MaxFiles || !got.Cut {
		t.Errorf("%d files, cut %v, %v", len(got.Files), got.Cut, err)
	}
}

func TestShow(t *testing.T) {
	h := newHistory(t)
	got, err := h.c.Show(t.Context(), h.key, h.root, "Makefile", int64(len(makefile)))
	if err != nil || string(got) != makefile {
		t.Errorf("%q, %v", got, err)
	}
	for _, test := range []struct {
		sha, path string
		max       int64
		class     clients.Class
		is        error
	}{
		{h.root, "Makefile", 10, clients.Permanent, git.ErrLargeFile},
		{h.root, "Kconfig", 1000, clients.Permanent, git.ErrNoFile},
		{h.side, "drivers", 1000, clients.Permanent, git.ErrNoFile},
		{oid, "Makefile", 1000, clients.NotYet, nil},
		{"HEAD", "Makefile", 1000, clients.Permanent, nil},
		{h.root, "../Makefile", 1000, clients.Permanent, nil},
		{h.root, "/etc/passwd", 1000, clients.Permanent, nil},
		{h.root, "", 1000, clients.Permanent, nil},
		{h.root, "Makefile", 0, clients.Permanent, nil},
	} {
		_, err := h.c.Show(t.Context(), h.key, test.sha, test.path, test.max)
		wantClass(t, err, test.class)
		if test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v, want %v", test.path, err, test.is)
		}
	}
}
