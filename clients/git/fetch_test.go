package git_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"drover/clients"
	"drover/clients/git"
	"drover/clients/git/gittest"

	"github.com/google/go-cmp/cmp"
)

func fetch(t testing.TB, c *git.Client, target git.Target, refs ...string) {
	t.Helper()
	if err := c.Fetch(t.Context(), target, target.Key(), refs); err != nil {
		t.Fatalf("Fetch(%v): %v", refs, err)
	}
}

func resolve(t testing.TB, c *git.Client, target git.Target, rev string) string {
	t.Helper()
	sha, err := c.Resolve(t.Context(), target.Key(), rev)
	if err != nil {
		t.Fatalf("Resolve(%s): %v", rev, err)
	}
	return sha
}

func wantClass(t testing.TB, err error, class clients.Class) {
	t.Helper()
	if err == nil || clients.ClassOf(err) != class {
		t.Errorf("error %v, want class %q", err, class)
	}
}

func TestFetch(t *testing.T) {
	server := gittest.New(t)
	repo := server.Repo("linux.git")
	first := repo.Commit("master", "a", "1")
	repo.Tag("v6.1", first)
	second := repo.Commit("master", "a", "2")
	other := repo.Commit("for-next", "b", "1")
	repo.Git("update-ref", "refs/merge-requests/7/head", other)
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	key := target.Key()

	fetch(t, c, target, "refs/heads/master", "refs/merge-requests/7/head")
	if got := resolve(t, c, target, "master"); got != second {
		t.Errorf("master is %s, want %s", got, second)
	}
	if got := resolve(t, c, target, "refs/merge-requests/7/head"); got != other {
		t.Errorf("request 7 is %s, want %s", got, other)
	}
	if got := resolve(t, c, target, "v6.1"); got != first {
		t.Errorf("the tag did not come along: %s, want %s", got, first)
	}
	path, err := c.Path(key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(path, "FETCH_HEAD")); err == nil {
		t.Error("FETCH_HEAD was written")
	}
	if again, err := c.Mirror(t.Context(), key); err != nil || again != path {
		t.Errorf("Mirror: %s, %v", again, err)
	}
	wantClass(t, c.Fetch(t.Context(), target, key, []string{"refs/heads/gone"}), clients.NotYet)
	wantClass(t, c.Fetch(t.Context(), target, key, []string{oid}), clients.NotYet)
	repo.Delete("for-next")
	wantClass(t, c.Fetch(t.Context(), target, key, []string{"refs/heads/for-next"}), clients.NotYet)
}

// A force push neither loses the tested commit nor the one that was listed
// just before it.
func TestFetchAfterForcePush(t *testing.T) {
	server := gittest.New(t)
	repo := server.Repo("linux.git")
	root := repo.Commit("master", "a", "1")
	tested := repo.Commit("master", "a", "2")
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	fetch(t, c, target, "refs/heads/master")
	if err := c.Keep(t.Context(), target.Key(), tested); err != nil {
		t.Fatal(err)
	}
	if err := c.Keep(t.Context(), target.Key(), tested); err != nil {
		t.Errorf("a second Keep: %v", err)
	}
	listed := repo.Force("master", root, "first try")
	forced := repo.Force("master", root, "second try")
	fetch(t, c, target, "refs/heads/master", listed)
	if got := resolve(t, c, target, "master"); got != forced {
		t.Errorf("master is %s, want %s", got, forced)
	}
	path, err := c.Path(target.Key())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Tidy(t.Context(), target.Key()); err != nil {
		t.Fatal(err)
	}
	// Even somebody's manual cleaning leaves what is kept.
	if out, err := exec.Command("git", "--git-dir="+path, "gc", "--quiet", "--prune=now").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, sha := range []string{tested, listed, forced} {
		resolve(t, c, target, sha)
	}
	server.Forget()
	fetch(t, c, target, listed, tested)
	if requests := server.Requests(); len(requests) != 0 {
		t.Errorf("commits that are there were asked for: %v", requests)
	}
	repo.Set("master", root) // a lagging mirror
	fetch(t, c, target, "refs/heads/master")
	if got := resolve(t, c, target, "master"); got != root {
		t.Errorf("moved back: master is %s, want %s", got, root)
	}
	wantClass(t, c.Keep(t.Context(), target.Key(), oid), clients.NotYet)
	wantClass(t, c.Keep(t.Context(), target.Key(), "HEAD"), clients.Permanent)
}

// Branch a becomes a/b and back again.
func TestFetchWhereAFolderBecomesABranch(t *testing.T) {
	server := gittest.New(t)
	repo := server.Repo("linux.git")
	first := repo.Commit("topic", "a", "1")
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	fetch(t, c, target, "refs/heads/topic")
	repo.Delete("topic")
	second := repo.Commit("topic/v2", "a", "2")
	fetch(t, c, target, "refs/heads/topic/v2")
	if got := resolve(t, c, target, "topic/v2"); got != second {
		t.Errorf("topic/v2 is %s, want %s", got, second)
	}
	repo.Delete("topic/v2")
	third := repo.Commit("topic", "a", "3")
	fetch(t, c, target, "refs/heads/topic")
	if got := resolve(t, c, target, "topic"); got != third {
		t.Errorf("topic is %s, want %s", got, third)
	}
	for _, sha := range []string{first, second} {
		resolve(t, c, target, sha)
	}
}

func TestFetchFailures(t *testing.T) {
	server := gittest.New(t)
	tree(t, server)
	server.Repo("empty.git")
	c := client(t)
	for _, test := range []struct {
		name, repo string
		fault      gittest.Fault
		class      clients.Class
		text       string
	}{
		{"empty", "empty.git", gittest.Healthy, clients.NotYet, "refs/heads/master"},
		{"missing", "none.git", gittest.Healthy, clients.Permanent, "no such repository"},
		{"401", "linux.git", gittest.Status(401, ""), clients.Auth, "private"},
		{"403", "linux.git", gittest.Status(403, ""), clients.Auth, "403"},
		{"429", "linux.git", gittest.Status(429, "9"), clients.Transient, "429"},
		{"503", "linux.git", gittest.Status(503, ""), clients.Transient, "503"},
		{"redirect", "linux.git", gittest.RedirectTo("http://127.0.0.1:1"), clients.Permanent, "moved"},
		// git takes a page for the empty list of a dumb server. LsRefs, which
		// comes first, tells.
		{"web page", "linux.git", gittest.Page, clients.NotYet, "refs/heads/master"},
		{"truncated", "linux.git", gittest.Truncated, clients.Transient, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			server.Break(test.fault)
			target := check(t, c, server.Address(test.repo))
			err := c.Fetch(t.Context(), target, target.Key(), []string{"refs/heads/master"})
			wantClass(t, err, test.class)
			if err != nil && (!strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), target.URL)) {
				t.Errorf("error %q lacks %q or the URL", err, test.text)
			}
		})
	}
	// The same mirror works once the server does.
	server.Break(gittest.OnlyV0)
	target := check(t, c, server.Address("linux.git"))
	fetch(t, c, target, "refs/heads/master")
}

func TestFetchRefusesHostileRefs(t *testing.T) {
	server := gittest.New(t)
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	for _, ref := range []string{"", "master", "refs/heads/*", "refs/heads/a:refs/heads/b", "+refs/heads/a", "-x", "refs/heads/../a",
		"refs/heads/a\nrefs/heads/b", "refs/drover/kept/" + oid, "refs/heads/a b", "^refs/heads/a", oid[:20], "--upload-pack=x"} {
		wantClass(t, c.Fetch(t.Context(), target, "k", []string{ref}), clients.Permanent)
	}
	wantClass(t, c.Fetch(t.Context(), target, "k", nil), clients.Permanent)
	for _, key := range []string{"", "../x", "a/b", "A", ".git", "-x", "a.git", strings.Repeat("a", 101)} {
		wantClass(t, c.Fetch(t.Context(), target, key, []string{"refs/heads/a"}), clients.Permanent)
	}
	if got := server.Requests(); len(got) != 0 {
		t.Errorf("the server was asked: %v", got)
	}
}

// Two workers fetch into one new mirror, each through its own client.
func TestTwoFetchesAtOnce(t *testing.T) {
	server := gittest.New(t)
	repo := server.Repo("linux.git")
	one, two := repo.Commit("one", "a", "1"), repo.Commit("two", "a", "2")
	mirrors := t.TempDir()
	var workers sync.WaitGroup
	for range 2 {
		for _, branch := range []string{"one", "two"} {
			c := client(t)
			c.Mirrors = mirrors
			target := check(t, c, server.Address("linux.git"))
			workers.Go(func() {
				if err := c.Fetch(t.Context(), target, target.Key(), []string{"refs/heads/" + branch}); err != nil {
					t.Errorf("%s: %v", branch, err)
				}
			})
		}
	}
	workers.Wait()
	c := client(t)
	c.Mirrors = mirrors
	target := check(t, c, server.Address("linux.git"))
	got := []string{resolve(t, c, target, "one"), resolve(t, c, target, "two")}
	if diff := cmp.Diff([]string{one, two}, got); diff != "" {
		t.Error(diff)
	}
	entries, err := os.ReadDir(mirrors)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 2 { // the mirror and its lock
		t.Errorf("left in the folder: %v", entries)
	}
}

func TestFetchFromAHangingServer(t *testing.T) {
	server := gittest.New(t)
	tree(t, server)
	server.Break(gittest.HangInPack)
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-server.Hanging(); cancel() }()
	err := c.Fetch(ctx, target, target.Key(), []string{"refs/heads/master"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	wantClass(t, err, clients.Transient)
	server.Break(nil)
	fetch(t, c, target, "refs/heads/master")
}

// TestWorkerThatIsKilled is the other process of TestKillInTheMiddleOfAFetch.
func TestWorkerThatIsKilled(t *testing.T) {
	address := os.Getenv("KILLED_WORKER_FETCHES")
	if address == "" {
		t.Skip("runs as a process of TestKillInTheMiddleOfAFetch")
	}
	c := &git.Client{Mirrors: os.Getenv("KILLED_WORKER_MIRRORS"), AllowPrivate: true}
	target := check(t, c, address)
	t.Fatal(c.Fetch(t.Context(), target, target.Key(), []string{"refs/heads/master"}))
}

func TestKillInTheMiddleOfAFetch(t *testing.T) {
	server := gittest.New(t)
	_, want := tree(t, server)
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	server.Break(gittest.HangInPack)

	worker := exec.Command(os.Args[0], "-test.run=^TestWorkerThatIsKilled$")
	worker.Env = append(os.Environ(), "KILLED_WORKER_FETCHES="+target.URL, "KILLED_WORKER_MIRRORS="+c.Mirrors)
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	<-server.Hanging()
	if err := worker.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := worker.Wait(); err == nil {
		t.Fatal("the worker was to be killed")
	}
	path, err := c.Path(target.Key())
	if err != nil {
		t.Fatal(err)
	}
	// What a git that died at worse moments leaves behind.
	left := []string{"packed-refs.lock", "shallow.lock", "config.lock", "refs/drover/heads/master.lock",
		"objects/info/commit-graphs/commit-graph-chain.lock", "objects/pack/tmp_pack_x1", "objects/pack/.tmp-1-pack-x"}
	for _, name := range left {
		file := filepath.Join(path, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o444); err != nil {
			t.Fatal(err)
		}
	}
	unfinished := filepath.Join(c.Mirrors, "."+target.Key()+"~new", "objects")
	if err := os.MkdirAll(unfinished, 0o755); err != nil {
		t.Fatal(err)
	}
	server.Break(nil)
	fetch(t, c, target, "refs/heads/master")
	if got := resolve(t, c, target, "master"); got != want.Refs[0].OID {
		t.Errorf("master is %s", got)
	}
	for _, name := range append(left, "../."+target.Key()+"~new") {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestReferenceRepository(t *testing.T) {
	server := gittest.New(t)
	repo := server.Repo("linux.git")
	first := repo.Commit("master", "a", "1")
	c := client(t)
	c.Reference = repo.Dir
	target := check(t, c, server.Address("linux.git"))
	path, err := c.Mirror(t.Context(), target.Key())
	if err != nil {
		t.Fatal(err)
	}
	if got := resolve(t, c, target, first); got != first {
		t.Errorf("the reference's objects are not seen: %s", got)
	}
	fetch(t, c, target, "refs/heads/master")
	packs, err := filepath.Glob(filepath.Join(path, "objects", "pack", "*.pack"))
	if err != nil || len(packs) != 0 {
		t.Errorf("objects were copied: %v, %v", packs, err)
	}
	c.Reference = t.TempDir()
	if _, err := c.Mirror(t.Context(), "another"); err == nil || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("a reference that is none: %v", err)
	}
}

// A tag that cannot be stored does not stop the branch it came with.
func TestFetchWhereATagIsReplaced(t *testing.T) {
	server := gittest.New(t)
	repo := server.Repo("linux.git")
	repo.Tag("a", repo.Commit("master", "a", "1"))
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	fetch(t, c, target, "refs/heads/master")
	repo.Git("tag", "-d", "a")
	second := repo.Commit("master", "a", "2")
	repo.Tag("a/b", second)
	fetch(t, c, target, "refs/heads/master")
	if got := resolve(t, c, target, "master"); got != second {
		t.Errorf("master is %s, want %s", got, second)
	}
}

// Repositories with SHA-256 ids can be listed, and their mirror is refused
// with the reason.
func TestSHA256(t *testing.T) {
	server := gittest.New(t)
	dir := filepath.Join(server.Root, "new.git")
	if out, err := exec.Command("git", "init", "--bare", "--object-format=sha256", "--initial-branch=master", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	first := gittest.Open(t, dir).Commit("master", "a", "1")
	c := client(t)
	target := check(t, c, server.Address("new.git"))
	got, err := c.LsRefs(t.Context(), target, []string{"refs/heads/"})
	if err != nil {
		t.Fatal(err)
	}
	if ref, _ := got.Find("refs/heads/master"); ref.OID != first || len(first) != 64 {
		t.Errorf("listing %+v, want %s", got, first)
	}
	err = c.Fetch(t.Context(), target, target.Key(), []string{"refs/heads/master"})
	wantClass(t, err, clients.Permanent)
}
