package git_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"drover/clients"
	"drover/clients/git"
	"drover/clients/git/gittest"

	"github.com/google/go-cmp/cmp"
)

// TestPeek looks at a head, where the server leaves files out and where it
// sends all of them, and leaves nothing behind.
func TestPeek(t *testing.T) {
	for _, filter := range []string{"true", "false"} {
		t.Run("allowFilter "+filter, func(t *testing.T) {
			server := gittest.New(t)
			repo := server.Repo("linux.git")
			repo.Git("config", "uploadpack.allowFilter", filter)
			repo.Commit("master", "Makefile", "old")
			repo.Commit("master", "MAINTAINERS", "A\nM:\ta@example.org\n")
			repo.Commit("master", "drivers/a.c", strings.Repeat("not wanted\n", 1000))
			head := repo.Commit("master", "Makefile", "VERSION = 6\n")
			c := client(t)
			target := check(t, c, server.Address("linux.git"))
			for range 2 { // the second finds nothing of the first
				got, err := c.Peek(t.Context(), target, git.Peeking{Ref: "refs/heads/master", Texts: []string{"MAINTAINERS", "Makefile", "nope"},
					Wanted: func(path string) bool { return strings.HasSuffix(path, ".c") }})
				if err != nil {
					t.Fatal(err)
				}
				want := git.Peeked{Commit: got.Commit, Paths: []string{"MAINTAINERS", "Makefile", "drivers/a.c"},
					Texts: map[string]string{"MAINTAINERS": "A\nM:\ta@example.org\n", "Makefile": "VERSION = 6\n"}}
				if diff := cmp.Diff(want, got); diff != "" || got.Commit.SHA != head || got.Commit.Time.IsZero() {
					t.Errorf("%+v (-want +got)\n%s", got.Commit, diff)
				}
			}
			left, err := filepath.Glob(filepath.Join(c.Mirrors, "*.git"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			_, err = c.Peek(t.Context(), target, git.Peeking{Ref: "refs/heads/gone"})
			wantClass(t, err, clients.NotYet)
			_, err = c.Peek(t.Context(), target, git.Peeking{Ref: "--upload-pack=x"})
			wantClass(t, err, clients.Permanent)
		})
	}
}

func TestPeekAfterAKill(t *testing.T) {
	repo := gittest.NewRepo(t, filepath.Join(t.TempDir(), "linux.git"))
	repo.Commit("master", "Makefile", "VERSION = 6\n")
	c := client(t)
	target := check(t, c, repo.Dir)
	rest := filepath.Join(c.Mirrors, "peek-"+target.Key()+".git")
	if err := os.MkdirAll(filepath.Join(rest, "objects"), 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := c.Peek(t.Context(), target, git.Peeking{Ref: "refs/heads/master", Texts: []string{"Makefile"}})
	if err != nil || got.Texts["Makefile"] != "VERSION = 6\n" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestRecent lists what the newest commits of a branch change, where the server
// leaves files out and where it sends all of them.
func TestRecent(t *testing.T) {
	for _, filter := range []string{"true", "false"} {
		t.Run("allowFilter "+filter, func(t *testing.T) {
			server := gittest.New(t)
			repo := server.Repo("linux.git")
			repo.Git("config", "uploadpack.allowFilter", filter)
			repo.Commit("master", "Makefile", "VERSION = 6\n")
			repo.Commit("master", "net/a.c", "one\n")
			repo.Commit("topic", "fs/b.c", "two\n")
			repo.Merge("master", "topic")
			repo.Commit("master", "net/a.c", "three\n")
			c := client(t)
			target := check(t, c, server.Address("linux.git"))
			for most, want := range map[int]string{
				1: "change net/a.c: modified net/a.c",
				2: "change net/a.c: modified net/a.c; change merged: added merged",
				9: "change net/a.c: modified net/a.c; change merged: added merged; change net/a.c: added net/a.c; change Makefile: added Makefile",
			} {
				list, err := c.Recent(t.Context(), target, "refs/heads/master", most)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, r := range list {
					text := r.Commit.Subject + ":"
					for _, f := range r.Files {
						text += " " + string(f.Kind) + " " + f.Path
					}
					got = append(got, text)
				}
				if text := strings.Join(got, "; "); text != want {
					t.Errorf("the newest %d: %s\nwant %s", most, text, want)
				}
			}
			left, err := filepath.Glob(filepath.Join(c.Mirrors, "*.git"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			_, err = c.Recent(t.Context(), target, "refs/heads/gone", 5)
			wantClass(t, err, clients.NotYet)
		})
	}
}
