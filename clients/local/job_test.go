package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"drover/clients"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestNormalJob(t *testing.T) {
	runner := isolated(t)
	t.Logf("isolation: %+v", runner.Isolation())
	repo := newRepository(t)
	commit := repo.commit(files{"Makefile": "all:\n\techo built > result\n\tcp result /work/out/copy\n", "a/b.txt": "text\n"})
	state := run(t, runner, Spec{
		Marker: "build-1", Source: &Source{Mirror: repo.mirror, Commit: commit},
		Steps: []Step{
			{Name: "build", Argv: []string{"make"}},
			{Name: "look", Argv: []string{"sh", "-c", `pwd; id -u; echo "$HOME $TZ $ONE $TWO"; cat b.txt`}, Dir: "a", Env: []string{"TWO=2"}},
		},
		Env:  []string{"ONE=1"},
		Keep: []Keep{{Name: "result", Glob: "result"}, {Name: "all/", Glob: "/work/out/*"}, {Name: "none", Glob: "nothing*"}},
	})
	wantReason(t, runner, "build-1", state, OK)
	if state.Exit != 0 || state.Step != "look" || state.Reused || state.LogBytes == 0 || state.Started.Before(state.Submitted) || state.Finished.Before(state.Started) {
		t.Errorf("state %+v", state)
	}
	want := []Kept{{Name: "result", Bytes: 6}, {Name: "all/copy", Bytes: 6}, {Name: "none", Problem: "There is no such file."}}
	if diff := cmp.Diff(want, state.Kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	log := logText(t, runner, "build-1")
	for _, line := range []string{
		"##drover section-start source\n", "##drover section-start build\n", "##drover section-start look\n",
		"/work/src/a\n1000\n/work/home UTC 1 2\ntext\n",
	} {
		if !strings.Contains(log, line) {
			t.Errorf("the log lacks %q:\n%s", line, log)
		}
	}
	if strings.Count(log, "##drover section-end ") != 3 {
		t.Errorf("want three section ends:\n%s", log)
	}
	file, err := runner.OpenKept("build-1", "all/copy")
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

func TestEnds(t *testing.T) {
	runner := isolated(t)
	cases := []struct {
		name   string
		spec   Spec
		reason Reason
		exit   int
		detail string
	}{
		{"status", shell("", "exit 7"), Exit, 7, "Step script: ended with status 7."},
		{"signal", shell("", "kill -9 $$"), Signal, 137, "Step script: killed by signal 9 (SIGKILL)."},
		{"no command", Spec{Steps: []Step{{Name: "one", Argv: []string{"nosuchcommand"}}}}, Exit, 127, "Step one: the command nosuchcommand was not found."},
		{"no command in a script", shell("", "nosuchcommand"), Exit, 127, "Step script: ended with status 127."},
		{"no folder", Spec{Steps: []Step{{Name: "one", Argv: []string{"true"}, Dir: "nowhere"}}}, Exit, 126, "Step one: the folder /work/src/nowhere does not exist."},
		{"no commit", Spec{Source: &Source{Mirror: newRepository(t).mirror, Commit: strings.Repeat("1", 40)}, Steps: shell("", "true").Steps}, Setup, 128, "The commit 111111111111 could not be checked out: fatal:"},
		{"no mirror", Spec{Source: &Source{Mirror: "/nonexistent/mirror", Commit: strings.Repeat("1", 40)}, Steps: shell("", "true").Steps}, Setup, -1, "The mirror /nonexistent/mirror is not there."},
		{"binary output", shell("", "head -c 100000 /dev/urandom"), OK, 0, ""},
		{"second step fails", Spec{Steps: []Step{{Name: "one", Argv: []string{"true"}}, {Name: "two", Argv: []string{"false"}}, {Name: "three", Argv: []string{"true"}}}}, Exit, 1, "Step two: ended with status 1."},
	}
	for i, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			test.spec.Marker = fmt.Sprintf("end-%d", i)
			state := run(t, runner, test.spec)
			wantReason(t, runner, test.spec.Marker, state, test.reason)
			if state.Exit != test.exit || !strings.Contains(state.Detail, test.detail) {
				t.Errorf("exit %d, detail %q; want %d, %q", state.Exit, state.Detail, test.exit, test.detail)
			}
		})
	}
}

func TestSubmitTwice(t *testing.T) {
	runner := isolated(t)
	ctx := context.Background()
	spec := shell("twice", "echo line >> /work/out/lines; wc -l < /work/out/lines")
	var group sync.WaitGroup
	problems := make(chan error, 8)
	// A second runner on the same folder is a second process as far as locks go.
	other := openRunner(t, runner.config)
	for i := range 8 {
		group.Go(func() {
			if i%2 == 0 {
				problems <- runner.Submit(ctx, spec)
			} else {
				problems <- other.Submit(ctx, spec)
			}
		})
	}
	group.Wait()
	close(problems)
	for err := range problems {
		if err != nil && !errors.Is(err, ErrNoSlot) {
			t.Error(err)
		}
	}
	state := waitFor(t, runner, "twice", func(s State) bool { return s.Phase == Finished })
	wantReason(t, runner, "twice", state, OK)
	if err := runner.Submit(ctx, spec); err != nil {
		t.Errorf("submitting a finished job again: %v", err)
	}
	if log := logText(t, runner, "twice"); strings.Count(log, "section-start script") != 1 || !strings.Contains(log, "\n1\n") {
		t.Errorf("it ran more than once:\n%s", log)
	}
	spec.Env = []string{"A=b"}
	if err := runner.Submit(ctx, spec); !errors.Is(err, ErrConflict) || clients.ClassOf(err) != clients.Permanent {
		t.Errorf("another job under the same marker: %v", err)
	}
}

func TestUnknownMarker(t *testing.T) {
	runner := openRunner(t, newConfig(t))
	ctx := context.Background()
	for _, marker := range []string{"nobody", "../../etc", ""} {
		state, err := runner.State(ctx, marker)
		if diff := cmp.Diff(State{Phase: Unknown}, state, cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Errorf("state of %q: %v %s", marker, err, diff)
		}
		if err := errors.Join(runner.Cancel(ctx, marker), runner.Remove(ctx, marker)); err != nil {
			t.Errorf("%q: %v", marker, err)
		}
	}
	if err := runner.Warm(ctx, "nobody", "key"); !errors.Is(err, ErrUnknown) {
		t.Errorf("warm: %v", err)
	}
	if _, err := runner.OpenLog("../x"); !errors.Is(err, ErrUnknown) {
		t.Errorf("log: %v", err)
	}
	if err := runner.Submit(clients.Inside(ctx), shell("inside", "true")); !errors.Is(err, clients.ErrInside) {
		t.Errorf("inside a transaction: %v", err)
	}
}

func TestRemove(t *testing.T) {
	runner := isolated(t)
	ctx := context.Background()
	if err := runner.Submit(ctx, shell("removed", "mkdir -p a/b && chmod 0 a; echo ready; sleep 1000")); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return strings.Contains(logText(t, runner, "removed"), "ready") }, func() string { return "the job's first line" })
	if err := runner.Remove(ctx, "removed"); !errors.Is(err, ErrRunning) || clients.ClassOf(err) != clients.NotYet {
		t.Errorf("removing a running job: %v", err)
	}
	if err := runner.Cancel(ctx, "removed"); err != nil {
		t.Fatal(err)
	}
	state := waitFor(t, runner, "removed", func(s State) bool { return s.Phase == Finished })
	wantReason(t, runner, "removed", state, Cancelled)
	waitReleased(t, runner, "removed")
	if err := runner.Remove(ctx, "removed"); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"jobs", "trash", "tmp"} {
		if left, err := filepath.Glob(filepath.Join(runner.config.Dir, folder, "*")); len(left) > 0 || err != nil {
			t.Errorf("left: %v %v", left, err)
		}
	}
	if _, err := os.Stat(runner.Log("removed")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log is still there: %v", err)
	}
}
