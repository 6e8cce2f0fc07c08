package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"drover/clients"
)

// TestLimits meets each limit with and without control groups, and passes below it.
func TestLimits(t *testing.T) {
	inProcesses(t)
	hog := func(megabytes int) string {
		return fmt.Sprintf(`perl -e 'my $x = "a" x (%d << 20); print length $x' && echo fine`, megabytes)
	}
	forks := func(n int) string {
		return fmt.Sprintf(`perl -e 'for (1..%d) { my $p = fork; defined $p or die "refused: $!\n"; $p or do { sleep 1000; exit } } print "fine\n"'`, n)
	}
	cases := []struct {
		name, script     string
		limits           Limits
		reason           Reason // with control groups
		withoutGroups    Reason // empty: the same
		detail, contains string
	}{
		{"time", "echo fine; sleep 1000", Limits{Time: time.Second}, Timeout, "", "longer than 1s", "fine"},
		{"output", "yes", Limits{Output: 5000}, Output, "", "more than 5000 bytes", "##drover truncated 5000\n"},
		{"output fits", "head -c 5000 /dev/zero", Limits{Output: 5000}, OK, "", "", ""},
		{"disk", "for i in 1 2 3 4 5 6 7 8; do head -c 1000000 /dev/zero > $i; done; sleep 1000", Limits{Disk: 4 << 20}, Disk, "", "it may use 4194304", ""},
		{"disk at the end", "for i in 1 2 3 4 5 6 7 8; do head -c 1000000 /dev/zero > $i; done", Limits{Disk: 4 << 20}, Disk, "", "it may use 4194304", ""},
		{"one file", "exec head -c 5000000 /dev/zero > big", Limits{Disk: 4 << 20}, Disk, "", "4194304", ""},
		{"deep folders", `perl -e 'for (1..400) { mkdir "d"; chdir "d" } sleep 1000'`, Limits{}, Disk, "", "nested more than 200 deep", ""},
		{"memory", hog(300), Limits{Memory: 128 << 20}, Memory, Exit, "", ""},
		{"memory fits", hog(30), Limits{Memory: 128 << 20}, OK, "", "", "fine"},
		{"processes", forks(100), Limits{Processes: 50}, Exit, Exit, "ended with status", "refused"},
		{"processes fit", forks(40), Limits{Processes: 50}, OK, "", "", "fine"},
	}
	for _, cgroups := range []Mode{Auto, None} {
		config := newConfig(t)
		config.Cgroups = cgroups
		runner := openRunner(t, config)
		if runner.Isolation().Kind == kindNone {
			t.Skip(runner.Isolation().Why)
		}
		for i, test := range cases {
			t.Run(string(cgroups)+"/"+test.name, func(t *testing.T) {
				spec := shell("limit-"+itoa(i), test.script)
				spec.Limits = test.limits
				state := run(t, runner, spec)
				reason := test.reason
				if runner.Isolation().Cgroup == groupsNone && test.withoutGroups != "" {
					reason = test.withoutGroups
				}
				wantReason(t, runner, spec.Marker, state, reason)
				if !strings.Contains(state.Detail, test.detail) || !strings.Contains(logText(t, runner, spec.Marker), test.contains) {
					t.Errorf("detail %q, log:\n%.1000s", state.Detail, logText(t, runner, spec.Marker))
				}
				if err := runner.Remove(context.Background(), spec.Marker); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestSlots(t *testing.T) {
	config := newConfig(t)
	config.Slots = 2
	runner := openRunner(t, config)
	if runner.Isolation().Kind == kindNone {
		t.Skip(runner.Isolation().Why)
	}
	ctx := context.Background()
	// The first job is submitted by a process that dies: its slot must stay taken.
	submitter, lines := submitElsewhere(t, config, shell("first", "sleep 1000"))
	wantLine(t, lines, "opened")
	wantLine(t, lines, "submitted")
	killSubmitter(t, submitter)
	if err := runner.Submit(ctx, shell("second", "sleep 1000")); err != nil {
		t.Fatal(err)
	}
	wantFree(t, runner, 0)
	err := runner.Submit(ctx, shell("third", "true"))
	if !errors.Is(err, ErrNoSlot) || clients.ClassOf(err) != clients.NotYet {
		t.Fatalf("third job: %v", err)
	}
	if state, err := runner.State(ctx, "third"); err != nil || state.Phase != Unknown || !state.Submitted.IsZero() {
		t.Errorf("a refused job left something: %+v %v", state, err)
	}
	if err := runner.Submit(ctx, shell("first", "sleep 1000")); err != nil {
		t.Errorf("submitting a running job again with all slots taken: %v", err)
	}
	state := waitFor(t, runner, "first", func(s State) bool { return s.Phase == Running })
	killPID(t, state.PID)
	eventually(t, func() bool { free, err := runner.FreeSlots(); return err == nil && free == 1 }, func() string { return "the slot of the killed job" })
	wantReason(t, runner, "third", run(t, runner, shell("third", "true")), OK)
}

func wantFree(t *testing.T, runner *Runner, want int) {
	t.Helper()
	free, err := runner.FreeSlots()
	if err != nil || free != want {
		t.Errorf("%d slots free, want %d: %v", free, want, err)
	}
}

func TestWithoutIsolation(t *testing.T) {
	cases := map[string]func(*Config){
		"switched off":       func(c *Config) { c.Isolation = None },
		"no bubblewrap":      func(c *Config) { c.Bwrap = "/nonexistent/bwrap" },
		"another bubblewrap": func(c *Config) { c.Bwrap = "/bin/true" },
		"failing bubblewrap": func(c *Config) { c.Bwrap = "/bin/false" },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			config := newConfig(t)
			change(&config)
			runner := openRunner(t, config)
			if isolation := runner.Isolation(); isolation.Kind != kindNone || !strings.Contains(isolation.Why, "only trusted jobs run") {
				t.Fatalf("isolation %+v", isolation)
			}
			err := runner.Submit(context.Background(), shell("stranger", "true"))
			if !errors.Is(err, ErrIsolated) || clients.ClassOf(err) != clients.Permanent {
				t.Errorf("a job that is not trusted: %v", err)
			}
			repo := newRepository(t)
			spec := Spec{
				Marker: "trusted", Trusted: true, CCache: "key",
				Source: &Source{Mirror: repo.mirror, Commit: repo.commit(files{"sub/file": "text\n"})},
				Steps: []Step{{Name: "look", Dir: "sub", Argv: []string{"sh", "-c",
					`cat file; echo "$0" > "$OUT/copy"; ls -d "$HOME" "$CCACHE_DIR"; echo "${LD_PRELOAD-none} ${SECRET-none}"`, "O=/work/out:/work/src:/usr/lib/ccache:/work/source"}}},
				Env:  []string{"OUT=/work/out"},
				Keep: []Keep{{Name: "copy", Glob: "/work/out/copy"}},
			}
			state := run(t, runner, spec)
			wantReason(t, runner, "trusted", state, OK)
			if log := logText(t, runner, "trusted"); !strings.Contains(log, "\ntext\n") || !strings.Contains(log, "none none") {
				t.Errorf("log:\n%s", log)
			}
			job := runner.folder("trusted")
			want := "O=" + job + "/work/out:" + job + "/work/src:/usr/lib/ccache:/work/source\n"
			if text, err := os.ReadFile(filepath.Join(job, folderKept, "copy")); err != nil || string(text) != want {
				t.Errorf("translated paths: %q %v, want %q", text, err, want)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"a relative folder", func(c *Config) { c.Dir = "data" }, "not an absolute path"},
		{"no shim", func(c *Config) { c.Self = nil }, "supervising process"},
		{"a shim that is not there", func(c *Config) { c.Self = []string{"/nonexistent/drover"} }, "supervising program"},
		{"a folder that jobs can read", func(c *Config) { c.Dir = "/usr/share/drover" }, "choose another data folder"},
		{"a folder below a file", func(c *Config) { c.Dir = file + "/runner" }, "not a directory"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			config := newConfig(t)
			test.change(&config)
			_, err := Open(config)
			if err == nil || !strings.Contains(err.Error(), test.want) || clients.ClassOf(err) != clients.Permanent {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// smallDisk mounts a file system of its own, which needs root.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	folder := t.TempDir()
	if err := unix.Mount("drover-test", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(folder, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func TestFullDisk(t *testing.T) {
	config := newConfig(t)
	config.Dir = filepath.Join(smallDisk(t, "32m"), "runner")
	if _, err := Open(config); !errors.Is(err, unix.ENOSPC) || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("opening on a full disk: %v", err)
	}
	config.Dir = filepath.Join(smallDisk(t, "100m"), "runner")
	config.Isolation = None
	runner := openRunner(t, config)
	spec := shell("full", "true")
	spec.Trusted = true
	junk := filepath.Join(config.Dir, "junk")
	if err := os.WriteFile(junk, make([]byte, 50<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	err := runner.Submit(t.Context(), spec)
	if clients.ClassOf(err) != clients.NotYet || !clients.IsFull(err) || !strings.Contains(err.Error(), "free some space") {
		t.Errorf("submitting on a full disk: %v", err)
	}
	if err := os.Remove(junk); err != nil {
		t.Fatal(err)
	}
	wantReason(t, runner, "full", run(t, runner, spec), OK)
}

func TestReadOnlyFolder(t *testing.T) {
	folder := smallDisk(t, "80m")
	if err := unix.Mount("", folder, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	config := newConfig(t)
	config.Dir = filepath.Join(folder, "runner")
	if _, err := Open(config); err == nil || !strings.Contains(err.Error(), "read-only file system: mount it writable") {
		t.Errorf("opening on a read-only disk: %v", err)
	}
}
