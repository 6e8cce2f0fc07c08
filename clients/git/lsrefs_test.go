package git_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"drover/clients"
	"drover/clients/git"
	"drover/clients/git/gittest"

	"github.com/google/go-cmp/cmp"
)

// client is one that may talk to the doubles on loopback.
func client(t testing.TB) *git.Client {
	t.Helper()
	return &git.Client{Mirrors: t.TempDir(), AllowPrivate: true, AllowLocal: true, Agent: "drover/test"}
}

func check(t testing.TB, c *git.Client, url string) git.Target {
	t.Helper()
	target, err := c.Check(t.Context(), url)
	if err != nil {
		t.Fatalf("Check(%s): %v", url, err)
	}
	return target
}

// tree is a repository with two branches whose names begin alike, and tags.
func tree(t testing.TB, server *gittest.Server) (repo *gittest.Repo, want git.Listing) {
	t.Helper()
	repo = server.Repo("linux.git")
	first := repo.Commit("master", "Makefile", "VERSION = 6\n")
	second := repo.Commit("master2", "a", "a")
	tag := repo.Tag("v6.1", first)
	repo.Git("tag", "light", first)
	repo.Git("update-ref", "refs/notes/commits", first)
	return repo, git.Listing{Head: "refs/heads/master", Refs: []git.Ref{
		{Name: "refs/heads/master", OID: first},
		{Name: "refs/heads/master2", OID: second},
		{Name: "refs/tags/light", OID: first},
		{Name: "refs/tags/v6.1", OID: tag, Peeled: first},
	}}
}

var usualPrefixes = []string{"refs/heads/", "refs/tags/"}

// Every kind of server gives the same list; the requests show at what cost.
func TestLsRefsOfEveryKindOfServer(t *testing.T) {
	server := gittest.New(t)
	repo, want := tree(t, server)
	repo.Git("update-server-info")
	get, post := "GET /linux.git/info/refs?service=git-upload-pack", "POST /linux.git/git-upload-pack"
	for _, test := range []struct {
		name     string
		fault    gittest.Fault
		requests []string
	}{
		{"usual", gittest.Healthy, []string{post}},
		{"v2 that wants discovery", gittest.NoDirect, []string{post, get, post}},
		{"service line before v2", gittest.ServiceLine, []string{post, get, post}},
		{"v0 only", gittest.OnlyV0, []string{post, get}},
		{"more refs than asked for", gittest.ExtraRefs, []string{post}},
		{"dumb", gittest.Dumb, []string{post, get, "GET /linux.git/HEAD"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server.Forget()
			server.Break(test.fault)
			c := client(t)
			got, err := c.LsRefs(t.Context(), check(t, c, server.Address("linux.git")), usualPrefixes)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("listing (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.requests, server.Requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLsRefsPrefixes(t *testing.T) {
	server := gittest.New(t)
	_, all := tree(t, server)
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	many := []string{"refs/heads/master2"}
	for i := range 300 {
		many = append(many, fmt.Sprintf("refs/heads/none-%d", i))
	}
	for _, test := range []struct {
		name     string
		prefixes []string
		want     []string
	}{
		{"a full name takes longer ones along", []string{"refs/heads/master"}, []string{"refs/heads/master", "refs/heads/master2"}},
		{"several", []string{"refs/heads/master2", "refs/tags/v"}, []string{"refs/heads/master2", "refs/tags/v6.1"}},
		{"more than a server takes", many, []string{"refs/heads/master2"}},
		{"none means all", nil, []string{"refs/heads/master", "refs/heads/master2", "refs/notes/commits", "refs/tags/light", "refs/tags/v6.1"}},
		{"nothing matches", []string{"refs/heads/gone"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := c.LsRefs(t.Context(), target, test.prefixes)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, ref := range got.Refs {
				names = append(names, ref.Name)
			}
			if diff := cmp.Diff(test.want, names); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			if got.Empty || got.Head != all.Head {
				t.Errorf("Empty %v, Head %q; want false, %q", got.Empty, got.Head, all.Head)
			}
		})
	}
	for _, prefix := range []string{"", "master", "refs/heads/a b", "refs/heads/\n0000", "refs/heads/*", "-refs/"} {
		if _, err := c.LsRefs(t.Context(), target, []string{prefix}); clients.ClassOf(err) != clients.Permanent {
			t.Errorf("prefix %q: %v, want a permanent error", prefix, err)
		}
	}
}

// Empty is only what has no refs at all, in every protocol.
func TestLsRefsEmptyAndDangling(t *testing.T) {
	for name, fault := range map[string]gittest.Fault{
		"v2": gittest.Healthy, "v2 after discovery": gittest.NoDirect, "v0": gittest.OnlyV0,
	} {
		t.Run(name, func(t *testing.T) {
			server := gittest.New(t)
			repo := server.Repo("new.git")
			server.Break(fault)
			c := client(t)
			target := check(t, c, server.Address("new.git"))
			for _, prefixes := range [][]string{nil, {"refs/heads/master"}} {
				got, err := c.LsRefs(t.Context(), target, prefixes)
				if err != nil {
					t.Fatal(err)
				}
				if !got.Empty || len(got.Refs) != 0 {
					t.Errorf("prefixes %v: %+v, want empty", prefixes, got)
				}
			}
			// HEAD names a branch that is not there: not empty all the same.
			repo.Commit("elsewhere", "a", "a")
			got, err := c.LsRefs(t.Context(), target, []string{"refs/heads/master"})
			if err != nil {
				t.Fatal(err)
			}
			if got.Empty || len(got.Refs) != 0 {
				t.Errorf("dangling HEAD: %+v, want no refs, but not empty", got)
			}
		})
	}
}

func TestLsRefsSeesChanges(t *testing.T) {
	server := gittest.New(t)
	repo := server.Repo("linux.git")
	first := repo.Commit("master", "a", "1")
	second := repo.Commit("master", "a", "2")
	repo.Commit("topic", "a", "3")
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	see := func(branch string) string {
		t.Helper()
		got, err := c.LsRefs(t.Context(), target, []string{"refs/heads/"})
		if err != nil {
			t.Fatal(err)
		}
		ref, _ := got.Find("refs/heads/" + branch)
		return ref.OID
	}
	if got := see("master"); got != second {
		t.Errorf("master is %s, want %s", got, second)
	}
	repo.Set("master", first) // a mirror that lags behind
	if got := see("master"); got != first {
		t.Errorf("moved back: master is %s, want %s", got, first)
	}
	forced := repo.Force("master", "", "anew")
	if got := see("master"); got != forced {
		t.Errorf("forced: master is %s, want %s", got, forced)
	}
	repo.Delete("topic")
	if got := see("topic"); got != "" {
		t.Errorf("deleted topic is %s", got)
	}
}

const oid = "1111111111111111111111111111111111111111"

func packet(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }

func TestLsRefsFailures(t *testing.T) {
	result := "application/x-git-upload-pack-result"
	server := gittest.New(t)
	tree(t, server)
	c := client(t)
	c.MaxListing = 1 << 20
	target := check(t, c, server.Address("linux.git"))
	for _, test := range []struct {
		name  string
		fault gittest.Fault
		class clients.Class
		text  string
		after time.Duration
	}{
		{"cut in the middle", gittest.Truncated, clients.Transient, "cut off", 0},
		{"no flush", gittest.NoFlush, clients.Transient, "cut off", 0},
		{"web page", gittest.Page, clients.Transient, "answered with a web page, not git", 0},
		{"429 in seconds", gittest.Status(429, "120"), clients.Transient, "429", 2 * time.Minute},
		{"503 for too long", gittest.Status(503, "9999999"), clients.Transient, "503", 24 * time.Hour},
		{"503 with nonsense", gittest.Status(503, "soon"), clients.Transient, "503", 0},
		{"500", gittest.Status(500, ""), clients.Transient, "500", 0},
		{"401", gittest.Status(401, ""), clients.Auth, "wants a login", 0},
		{"403", gittest.Status(403, ""), clients.Auth, "wants a login", 0},
		{"404", gittest.Status(404, ""), clients.Permanent, "no such repository", 0},
		{"418", gittest.Status(418, ""), clients.Permanent, "418", 0},
		{"redirect", gittest.RedirectTo("https://new.example.org"), clients.Permanent,
			"the repository moved to https://new.example.org/linux.git: change the URL", 0},
		{"redirect elsewhere", func(_ *gittest.Server, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/users/sign_in", http.StatusFound)
		}, clients.Permanent, "/users/sign_in, which is not a repository", 0},
		{"redirect with a password", gittest.RedirectTo("https://ada:secret@new.example.org"), clients.Permanent,
			"moved to https://new.example.org/linux.git", 0},
		{"endless", gittest.Endless, clients.Transient, "larger than allowed", 0},
		{"not git", gittest.Answer("text/plain", "hello\n"), clients.Transient, "not the git protocol", 0},
		{"bad length", gittest.Answer("application/x-git-upload-pack-advertisement", "zzzz"), clients.Transient, "not the git protocol", 0},
		{"server's error", gittest.Answer("application/x-git-upload-pack-advertisement",
			packet("ERR access denied or repository not exported: /linux.git\x1b[m\n")), clients.Permanent, "not exported: /linux.git?[m", 0},
		{"cut v2 list", gittest.Answer(result, packet(oid+" refs/heads/a\n")), clients.Transient, "cut off", 0},
		{"half a dumb list", gittest.Answer("text/plain", oid+"\trefs/heads/a\n"+oid+"\trefs/he"), clients.Transient, "cut off", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			server.Break(test.fault)
			got, err := c.LsRefs(t.Context(), target, usualPrefixes)
			if err == nil {
				t.Fatalf("no error but %+v", got)
			}
			if class := clients.ClassOf(err); class != test.class {
				t.Errorf("class %q, want %q: %v", class, test.class, err)
			}
			if !strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), target.URL) {
				t.Errorf("error %q lacks %q or the URL", err, test.text)
			}
			if strings.Contains(err.Error(), "secret") || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("error %q tells too much", err)
			}
			if after := clients.After(err); after != test.after {
				t.Errorf("After %s, want %s", after, test.after)
			}
		})
	}
}

// Hostile names never get out of the parser; good ones beside them do.
func TestLsRefsHostileNames(t *testing.T) {
	server := gittest.New(t)
	var body strings.Builder
	for _, name := range []string{"refs/heads/good", "refs/heads/../../config", "refs/heads/a\x1b[31m",
		"refs/heads/.hidden", "refs/heads/x.lock", "refs//heads", "refs/heads/\xff\xfe", "refs/heads/a..b",
		"refs/heads/*", "--upload-pack=evil", "refs/heads/@{u}", "refs/heads/end."} {
		body.WriteString(packet(oid + " " + name + "\n"))
	}
	server.Break(gittest.Answer("application/x-git-upload-pack-result", body.String()+"0000"))
	c := client(t)
	got, err := c.LsRefs(t.Context(), check(t, c, server.Address("linux.git")), usualPrefixes)
	if err != nil {
		t.Fatal(err)
	}
	want := git.Listing{Refs: []git.Ref{{Name: "refs/heads/good", OID: oid}}, Refused: 11}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listing (-want +got):\n%s", diff)
	}
}

func TestLsRefsHangingServer(t *testing.T) {
	server := gittest.New(t)
	server.Break(gittest.Hang)
	c := client(t)
	target := check(t, c, server.Address("linux.git"))

	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-server.Hanging(); cancel() }()
	_, err := c.LsRefs(ctx, target, nil)
	if !errors.Is(err, context.Canceled) || clients.ClassOf(err) != clients.Transient {
		t.Errorf("cancelled: %v", err)
	}
	c.ListTimeout = 50 * time.Millisecond
	if _, err = c.LsRefs(t.Context(), target, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("own limit: %v", err)
	}
}

// Polls of one host share a connection.
func TestLsRefsReusesTheConnection(t *testing.T) {
	server := gittest.New(t)
	tree(t, server)
	var mu sync.Mutex
	connections := map[string]bool{}
	server.Break(func(s *gittest.Server, w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		connections[r.RemoteAddr] = true
		mu.Unlock()
		gittest.Healthy(s, w, r)
	})
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	for range 3 {
		if _, err := c.LsRefs(t.Context(), target, usualPrefixes); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(connections) != 1 {
		t.Errorf("%d connections were opened", len(connections))
	}
}

// A server that says all and then does not hang up costs a second, no error.
func TestLsRefsServerStaysOpen(t *testing.T) {
	server := gittest.New(t)
	server.Break(func(s *gittest.Server, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		fmt.Fprint(w, packet(oid+" refs/heads/a\n")+"0000")
		w.(http.Flusher).Flush()
		gittest.Hang(s, w, r)
	})
	c := client(t)
	got, err := c.LsRefs(t.Context(), check(t, c, server.Address("linux.git")), usualPrefixes)
	if err != nil || len(got.Refs) != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestLsRefsUnreachable(t *testing.T) {
	server := gittest.New(t)
	c := client(t)
	target := check(t, c, server.Address("linux.git"))
	server.Close()
	if _, err := c.LsRefs(t.Context(), target, nil); clients.ClassOf(err) != clients.Transient {
		t.Errorf("error %v, want a transient one", err)
	}
}

func TestLsRefsByGit(t *testing.T) {
	server := gittest.New(t)
	repo, want := tree(t, server)
	c := client(t)
	for _, url := range []string{repo.Dir, "file://" + repo.Dir} {
		got, err := c.LsRefs(t.Context(), check(t, c, url), usualPrefixes)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", url, diff)
		}
	}
	empty := gittest.NewRepo(t, t.TempDir()+"/empty.git")
	got, err := c.LsRefs(t.Context(), check(t, c, empty.Dir), nil)
	if err != nil || !got.Empty {
		t.Errorf("empty: %+v, %v", got, err)
	}
	_, err = c.LsRefs(t.Context(), check(t, c, t.TempDir()+"/none"), nil)
	if clients.ClassOf(err) != clients.Permanent || !strings.Contains(err.Error(), "no such repository") {
		t.Errorf("no repository: %v", err)
	}
}

func TestNothingLeavesInsideATransaction(t *testing.T) {
	ctx := clients.Inside(t.Context())
	c := client(t)
	key, sha := "k", oid
	calls := map[string]func() error{
		"Check":        func() error { _, err := c.Check(ctx, "/a/b"); return err },
		"LsRefs":       func() error { _, err := c.LsRefs(ctx, git.Target{}, nil); return err },
		"Fetch":        func() error { return c.Fetch(ctx, git.Target{}, key, nil) },
		"Mirror":       func() error { _, err := c.Mirror(ctx, key); return err },
		"Keep":         func() error { return c.Keep(ctx, key, sha) },
		"Tidy":         func() error { return c.Tidy(ctx, key) },
		"Resolve":      func() error { _, err := c.Resolve(ctx, key, "master"); return err },
		"Log":          func() error { _, err := c.Log(ctx, key, git.Range{Tip: sha}); return err },
		"Describe":     func() error { _, err := c.Describe(ctx, key, sha); return err },
		"ChangedFiles": func() error { _, err := c.ChangedFiles(ctx, key, "", sha); return err },
		"IsAncestor":   func() error { _, err := c.IsAncestor(ctx, key, sha, sha); return err },
		"CountBetween": func() error { _, err := c.CountBetween(ctx, key, sha, sha); return err },
		"Show":         func() error { _, err := c.Show(ctx, key, sha, "a", 1); return err },
		"Peek":         func() error { _, err := c.Peek(ctx, git.Target{}, git.Peeking{Ref: "refs/heads/a"}); return err },
		"InitRepo":     func() error { _, err := git.InitRepo(ctx, t.TempDir()); return err },
		"CommitFiles":  func() error { _, err := new(git.Repo).CommitFiles(ctx, git.Change{}); return err },
		"Tag":          func() error { return new(git.Repo).Tag(ctx, "v1", sha, git.Change{}) },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, clients.ErrInside) {
			t.Errorf("%s: %v, want ErrInside", name, err)
		}
	}
}

func TestUncheckedTargetIsRefused(t *testing.T) {
	c := client(t)
	forged := git.Target{URL: "https://example.com/a.git", Scheme: "https", Host: "example.com", Port: 443, Path: "/a.git"}
	if _, err := c.LsRefs(t.Context(), forged, nil); clients.ClassOf(err) != clients.Permanent {
		t.Errorf("LsRefs: %v", err)
	}
	if err := c.Fetch(t.Context(), forged, "k", []string{"refs/heads/a"}); clients.ClassOf(err) != clients.Permanent {
		t.Errorf("Fetch: %v", err)
	}
}
