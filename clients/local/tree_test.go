package local

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"drover/clients"
)

const warmMakefile = `all: a.o b.o
%.o: %.c
	@echo compiling $<
	@cp $< $@
`

// build runs make on a commit from the warm tree and gives the names of the files compiled.
func build(t *testing.T, runner *Runner, marker string, source Source, script string) State {
	t.Helper()
	spec := shell(marker, script)
	spec.Source = &source
	return run(t, runner, spec)
}

func TestWarmTree(t *testing.T) {
	runner := isolated(t)
	ctx := context.Background()
	repo := newRepository(t)
	source := Source{Mirror: repo.mirror, Warm: "tree-x86"}
	source.Commit = repo.commit(files{"Makefile": warmMakefile, "a.c": "1\n", "b.c": "1\n", "gone.c": "1\n"})
	state := build(t, runner, "one", source, "make && echo changed > a.c")
	wantReason(t, runner, "one", state, OK)
	if state.Reused {
		t.Error("the first tree cannot be a warm one")
	}
	if err := runner.Warm(ctx, "one", "tree-x86"); err != nil {
		t.Fatal(err)
	}
	if err := runner.Warm(ctx, "one", "tree-x86"); err != nil {
		t.Errorf("handing over twice: %v", err)
	}
	repo.git("-C", repo.tree, "rm", "-q", "gone.c")
	source.Commit = repo.commit(files{"b.c": "2\n"})
	// a.c was changed by the job and must be restored; gone.c must go; only b.c is new.
	state = build(t, runner, "two", source, "cat a.c; ls gone.c; ls -l --time-style=full-iso; touch -d '1 hour ago' a.c; make")
	wantReason(t, runner, "two", state, OK)
	log := logText(t, runner, "two")
	if !state.Reused || !strings.Contains(log, "compiling b.c") || strings.Contains(log, "compiling a.c") || !strings.Contains(log, "start script\n1\nls: cannot access 'gone.c'") {
		t.Errorf("reused %v, log:\n%s", state.Reused, log)
	}
	// The warm tree was taken away: the next job starts cold.
	state = build(t, runner, "three", source, "make; exit 1")
	if wantReason(t, runner, "three", state, Exit); state.Reused {
		t.Error("one tree was used by two jobs")
	}
	if err := runner.Warm(ctx, "three", "tree-x86"); clients.ClassOf(err) != clients.Permanent {
		t.Errorf("the tree of a failed job: %v", err)
	}
	if err := runner.Warm(ctx, "two", "../escape"); clients.ClassOf(err) != clients.Permanent {
		t.Errorf("a key that leaves the folder: %v", err)
	}
}

// TestWarmTreeWithLinks: a job leaves links in its tree so that the checkout of the next
// commit writes outside.
func TestWarmTreeWithLinks(t *testing.T) {
	inProcesses(t)
	runner := isolated(t)
	outside := t.TempDir()
	if err := os.Chmod(outside, 0o777); err != nil {
		t.Fatal(err)
	}
	repo := newRepository(t)
	source := Source{Mirror: repo.mirror, Warm: "links"}
	source.Commit = repo.commit(files{"folder/a": "1\n", "file": "1\n"})
	wantReason(t, runner, "one", build(t, runner, "one", source,
		"rm -r folder file; ln -s "+outside+" folder; ln -s "+outside+"/file file; ln -s "+outside+"/new new"), OK)
	if err := runner.Warm(context.Background(), "one", "links"); err != nil {
		t.Fatal(err)
	}
	source.Commit = repo.commit(files{"folder/a": "2\n", "folder/b": "2\n", "file": "2\n", "new": "2\n"})
	state := build(t, runner, "two", source, "cat folder/a folder/b file new; find . -type l")
	wantReason(t, runner, "two", state, OK)
	if log := logText(t, runner, "two"); !state.Reused || !strings.Contains(log, "start script\n2\n2\n2\n2\n##drover") {
		t.Errorf("log:\n%s", log)
	}
	if left, err := os.ReadDir(outside); len(left) > 0 || err != nil {
		t.Errorf("written outside of the tree: %v %v", left, err)
	}
}

func TestTreeOfAnotherJob(t *testing.T) {
	runner := isolated(t)
	ctx := context.Background()
	spec := shell("test", "cat product /work/build/image; touch /work/build/x || echo read-only; touch forbidden || echo read-only; touch /work/out/result; echo ready; while ! test -e /work/out/go; do sleep 0.05; done; cat product")
	spec.From = "build"
	if err := runner.Submit(ctx, spec); !errors.Is(err, ErrUnknown) || clients.ClassOf(err) != clients.Permanent {
		t.Errorf("the tree of an unknown job: %v", err)
	}
	wantReason(t, runner, "build", run(t, runner, shell("build", "echo built > product; echo image > /work/out/image")), OK)
	if err := runner.Submit(ctx, spec); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return strings.Contains(logText(t, runner, "test"), "ready") }, func() string { return "the test: " + logText(t, runner, "test") })
	if err := runner.Remove(ctx, "build"); !errors.Is(err, ErrInUse) || clients.ClassOf(err) != clients.NotYet {
		t.Errorf("removing a tree that is read: %v", err)
	}
	if err := os.WriteFile(filepath.Join(runner.folder("test"), folderOut, "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	state := waitFor(t, runner, "test", func(s State) bool { return s.Phase == Finished })
	wantReason(t, runner, "test", state, OK)
	waitReleased(t, runner, "test")
	if log := logText(t, runner, "test"); strings.Count(log, "\nbuilt\n") != 2 || strings.Count(log, "\nread-only\n") != 2 || !strings.Contains(log, "\nimage\n") {
		t.Errorf("log:\n%s", log)
	}
	if err := runner.Remove(ctx, "build"); err != nil {
		t.Error(err)
	}
}

func TestCompilerCache(t *testing.T) {
	if _, err := exec.LookPath("ccache"); err != nil {
		t.Skip("ccache is not installed")
	}
	runner := isolated(t)
	repo := newRepository(t)
	commit := repo.commit(files{"a.c": "int main(void) { return 0; }\n"})
	for i, test := range []struct{ key, want string }{{"key", "Hits: 0"}, {"key", "Hits: 1"}, {"other", "Hits: 0"}} {
		spec := shell("cached-"+itoa(i), `ccache gcc -c a.c -o a.o && ccache -s | sed -n 's/^ *Hits: *\([0-9]*\) .*/Hits: \1/p' | head -1`)
		spec.Source = &Source{Mirror: repo.mirror, Commit: commit}
		spec.CCache = test.key
		state := run(t, runner, spec)
		wantReason(t, runner, spec.Marker, state, OK)
		if log := logText(t, runner, spec.Marker); !strings.Contains(log, test.want+"\n") {
			t.Errorf("job %d with key %s: want %q:\n%s", i, test.key, test.want, log)
		}
	}
}

func TestSweep(t *testing.T) {
	runner := isolated(t)
	ctx := context.Background()
	repo := newRepository(t)
	source := Source{Mirror: repo.mirror, Commit: repo.commit(files{"a": "1\n"})}
	wantReason(t, runner, "old", build(t, runner, "old", source, "true"), OK)
	wantReason(t, runner, "warmed", build(t, runner, "warmed", source, "true"), OK)
	if err := runner.Warm(ctx, "warmed", "key"); err != nil {
		t.Fatal(err)
	}
	if err := runner.Submit(ctx, shell("running", "sleep 1000")); err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{"trash/x/y", "tmp/job-1/z"} {
		if err := os.MkdirAll(filepath.Join(runner.config.Dir, left), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	for _, old := range []string{"tmp/job-1", "trash/x", "warm/key"} {
		if err := os.Chtimes(filepath.Join(runner.config.Dir, old), yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
	}
	swept, err := runner.Sweep(ctx, Sweeping{Jobs: time.Hour, Warm: 48 * time.Hour})
	if err != nil || swept.Jobs != 0 || swept.Trees != 0 || swept.Bytes == 0 || swept.Free == 0 {
		t.Errorf("nothing is old: %+v %v", swept, err)
	}
	needed := func(markers []string) (map[string]bool, error) {
		if len(markers) != 2 { // the third runs
			t.Errorf("asked about %v", markers)
		}
		return map[string]bool{"old": true, "warmed": true}, nil
	}
	swept, err = runner.Sweep(ctx, Sweeping{Jobs: 1, Needed: needed})
	if err != nil || swept.Jobs != 0 {
		t.Errorf("what is needed was removed: %+v %v", swept, err)
	}
	swept, err = runner.Sweep(ctx, Sweeping{Jobs: 1, Warm: time.Hour})
	if err != nil || swept.Jobs != 2 || swept.Trees != 1 {
		t.Errorf("swept %+v %v, want two jobs and a tree", swept, err)
	}
	for folder, want := range map[string]int{"jobs": 1, "tmp": 0, "trash": 0, "warm": 0} {
		if left, err := os.ReadDir(filepath.Join(runner.config.Dir, folder)); len(left) != want || err != nil {
			t.Errorf("%s: %v %v, want %d", folder, left, err, want)
		}
	}
}
