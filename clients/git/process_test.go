package git

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"drover/clients"

	"github.com/google/go-cmp/cmp"
)

// program writes a shell script that stands in for git.
func program(t *testing.T, script string) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "git")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return &Client{Git: path, Mirrors: t.TempDir()}
}

func TestGitSeesACleanEnvironment(t *testing.T) {
	for _, name := range []string{"GIT_DIR", "GIT_CONFIG_COUNT", "GIT_SSH_COMMAND", "http_proxy", "DROVER_SECRET", "SSH_AUTH_SOCK"} {
		t.Setenv(name, "secret")
	}
	c := program(t, "env")
	out, err := c.run(t.Context(), "test", command{env: []string{"GIT_ALLOW_PROTOCOL=https"}})
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(string(out.stdout)), "\n")
	got = slices.DeleteFunc(got, func(s string) bool { // the shell's own
		return strings.HasPrefix(s, "PWD=") || strings.HasPrefix(s, "_=") || strings.HasPrefix(s, "SHLVL=") || strings.HasPrefix(s, "OLDPWD=")
	})
	want := cleanEnvironment(c.Git)
	want = append(slices.DeleteFunc(want, func(s string) bool { return s == "GIT_ALLOW_PROTOCOL=none" }), "GIT_ALLOW_PROTOCOL=https")
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

// A cancelled run ends all that git started, though nothing of it listens to
// the polite signal. The lock, which they inherit, proves it.
func TestCancelKillsTheWholeGroup(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	c := program(t, `trap '' TERM
sh -c 'trap "" TERM; echo up >"$0"; while :; do sleep 1000; done' "$1" &
wait; while :; do sleep 1000; done`)
	lock, err := c.lock(t.Context(), "test", "k")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = os.ReadFile(fifo) // returns once the grandchild runs
		cancel()
	}()
	_, err = c.run(ctx, "test", command{args: []string{fifo}, lock: lock})
	if !errors.Is(err, context.Canceled) || clients.ClassOf(err) != clients.Transient {
		t.Errorf("error %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	free, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	again, err := c.lock(free, "test", "k")
	if err != nil {
		t.Fatalf("something of the group lives on: %v", err)
	}
	again.Close()
}

// While a process that inherited the lock lives, nobody else gets it.
func TestLockOutlivesItsOwner(t *testing.T) {
	c := &Client{Mirrors: t.TempDir()}
	lock, err := c.lock(t.Context(), "test", "k")
	if err != nil {
		t.Fatal(err)
	}
	inherited, err := syscall.Dup(int(lock.Fd())) // as a child process has it
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*lockEvery)
	defer cancel()
	if _, err := c.lock(ctx, "test", "k"); !errors.Is(err, context.DeadlineExceeded) || clients.ClassOf(err) != clients.Transient {
		t.Errorf("error %v, want that the mirror is in use", err)
	}
	if err := syscall.Close(inherited); err != nil {
		t.Fatal(err)
	}
	again, err := c.lock(t.Context(), "test", "k")
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
}

func TestOutputIsBounded(t *testing.T) {
	c := program(t, "exec yes")
	out, err := c.run(t.Context(), "test", command{limit: 1000})
	if err != nil || !out.cut || len(out.stdout) != 1000 {
		t.Errorf("%d bytes, cut %v, %v", len(out.stdout), out.cut, err)
	}
	c = program(t, "yes error | head -c 1000000 >&2; echo the end >&2; exit 3")
	_, err = c.run(t.Context(), "test", command{})
	if exitCode(err) != 3 || len(err.Error()) > 3000 {
		t.Errorf("code %d, %d bytes of error", exitCode(err), len(err.Error()))
	}
	var exit *exitError
	if errors.As(err, &exit) && !strings.HasSuffix(exit.stderr, "the end\n") {
		t.Error("the end of stderr, where git says what was fatal, is lost")
	}
}

func TestNoGit(t *testing.T) {
	c := &Client{Git: "/nonexistent/git"}
	_, err := c.run(t.Context(), "test", command{})
	if clients.ClassOf(err) != clients.Permanent || !strings.Contains(err.Error(), "install git") {
		t.Errorf("error %v", err)
	}
}

func TestClassify(t *testing.T) {
	for _, test := range []struct {
		stderr string
		class  clients.Class
	}{
		{"fatal: remote error: upload-pack: not our ref " + oidA, clients.NotYet},
		{"error: unable to write file objects/pack/tmp_pack_x: No space left on device\nfatal: not found: No such file or directory", clients.Transient},
		{"fatal: couldn't find remote ref refs/heads/gone", clients.NotYet},
		{"error: Server does not allow request for unadvertised object " + oidA, clients.NotYet},
		{"fatal: Authentication failed for 'https://example.com/a.git/'", clients.Auth},
		{"fatal: could not read Username for 'https://example.com': terminal prompts disabled", clients.Auth},
		{"git@example.com: Permission denied (publickey).\nfatal: Could not read from remote repository.", clients.Auth},
		{"No ED25519 host key is known for example.com and you have requested strict checking.\nHost key verification failed.", clients.Auth},
		{"fatal: unable to access 'https://example.com/a.git/': The requested URL returned error: 403", clients.Auth},
		{"fatal: unable to access 'https://example.com/a.git/': The requested URL returned error: 301", clients.Permanent},
		{"fatal: repository 'https://example.com/a.git/' not found", clients.Permanent},
		{"ERROR: Repository not found.\nfatal: Could not read from remote repository.", clients.Permanent},
		{"fatal: '/srv/a' does not appear to be a git repository", clients.Permanent},
		{"fatal: remote error: access denied or repository not exported: /a.git", clients.Permanent},
		{"fatal: detected dubious ownership in repository at '/srv/a'", clients.Permanent},
		{"fatal: transport 'file' not allowed", clients.Permanent},
		{"fatal: unable to access 'https://example.com/': The requested URL returned error: 503", clients.Transient},
		{"fatal: unable to access 'https://example.com/': The requested URL returned error: 429", clients.Transient},
		{"fatal: unable to access 'https://example.com/': Operation too slow. Less than 1000 bytes/sec transferred the last 60 seconds", clients.Transient},
		{"fatal: https://example.com/a.git/info/refs not valid: is this a git repository?", clients.Transient},
		{"fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output", clients.Transient},
		{"fatal: write error: No space left on device", clients.Transient},
		{"", clients.Transient},
	} {
		err := classify("test", &exitError{128, test.stderr})
		if clients.ClassOf(err) != test.class || classOfText(test.stderr) != test.class || exitCode(err) != 128 {
			t.Errorf("%q: %q, want %q", test.stderr, clients.ClassOf(err), test.class)
		}
	}
}

// The leash, seeing its worker gone, ends the group; told that all is done,
// it does not.
func TestLeash(t *testing.T) {
	for name, worker := range map[string]struct {
		end  func(*leash) error
		dies bool
	}{
		"killed": {func(l *leash) error { return errors.Join(l.input.Close(), l.process.Wait()) }, true},
		"done":   {(*leash).release, false},
	} {
		t.Run(name, func(t *testing.T) {
			git := exec.Command("/bin/sh", "-c", "read -r word") // ends well when told
			git.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			input, err := git.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := git.Start(); err != nil {
				t.Fatal(err)
			}
			l, err := newLeash(git.Process.Pid)
			if err != nil {
				t.Fatal(err)
			}
			if err := worker.end(l); err != nil {
				t.Fatal(err)
			}
			if !worker.dies {
				if _, err := input.Write([]byte("end\n")); err != nil {
					t.Fatal(err)
				}
			}
			if err := git.Wait(); (err != nil) != worker.dies {
				t.Errorf("git ended with %v", err)
			}
		})
	}
}
