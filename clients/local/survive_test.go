package local

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// submitElsewhere starts a process that submits; lines gives what it says.
func submitElsewhere(t *testing.T, config Config, spec Spec) (submitter *exec.Cmd, lines *bufio.Scanner) {
	t.Helper()
	text, err := json.Marshal(submission{config, spec})
	if err != nil {
		t.Fatal(err)
	}
	submitter = exec.Command(config.Self[0], "submit", string(text))
	output, err := submitter.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := submitter.Start(); err != nil {
		t.Fatal(err)
	}
	return submitter, bufio.NewScanner(output)
}

func wantLine(t *testing.T, lines *bufio.Scanner, want string) {
	t.Helper()
	if !lines.Scan() || lines.Text() != want {
		t.Fatalf("the submitter says %q, want %q", lines.Text(), want)
	}
}

func killSubmitter(t *testing.T, submitter *exec.Cmd) {
	t.Helper()
	killPID(t, submitter.Process.Pid)
	if err := submitter.Wait(); err == nil {
		t.Fatal("the submitter ended well although it was killed")
	}
}

func TestSubmitterKilled(t *testing.T) {
	runner := isolated(t)
	submitter, lines := submitElsewhere(t, runner.config, shell("orphan", "echo ready; while ! test -e go; do sleep 0.05; done; echo done"))
	wantLine(t, lines, "opened")
	wantLine(t, lines, "submitted")
	killSubmitter(t, submitter)
	waitFor(t, runner, "orphan", func(s State) bool { return s.Phase == Running })
	if err := os.WriteFile(filepath.Join(runner.folder("orphan"), folderSource, "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	state := waitFor(t, runner, "orphan", func(s State) bool { return s.Phase == Finished })
	wantReason(t, runner, "orphan", state, OK)
	if log := logText(t, runner, "orphan"); !strings.Contains(log, "ready\ndone\n") {
		t.Errorf("log:\n%s", log)
	}
}

// TestSubmitterKilledAnywhere kills the submitter at many moments. Submitting again
// must always lead to a job that ran exactly once.
func TestSubmitterKilledAnywhere(t *testing.T) {
	inProcesses(t)
	runner := isolated(t)
	unstarted := 0
	for i := range 12 {
		spec := shell(fmt.Sprintf("any-%d", i), "echo once")
		submitter, lines := submitElsewhere(t, runner.config, spec)
		wantLine(t, lines, "opened")
		pause, cancel := context.WithTimeout(context.Background(), time.Duration(i)*3*time.Millisecond)
		<-pause.Done()
		cancel()
		killSubmitter(t, submitter)
		if state, err := runner.State(context.Background(), spec.Marker); err != nil {
			t.Fatal(err)
		} else if state.Phase == Unknown {
			unstarted++
		}
		state := run(t, runner, spec)
		wantReason(t, runner, spec.Marker, state, OK)
		if log := logText(t, runner, spec.Marker); strings.Count(log, "once\n") != 1 {
			t.Errorf("%s did not run exactly once:\n%s", spec.Marker, log)
		}
	}
	t.Logf("%d of 12 were killed before the job started", unstarted)
}

// TestSubmitInterrupted makes by hand what a kill between the stages of Submit leaves.
func TestSubmitInterrupted(t *testing.T) {
	runner := isolated(t)
	spec := shell("half", "echo once")
	spec.Limits = runner.config.Limits
	if err := runner.createFolder(spec, ""); err != nil {
		t.Fatal(err)
	}
	state, err := runner.State(context.Background(), "half")
	if err != nil || state.Phase != Unknown || state.Detail == "" {
		t.Fatalf("accepted but not started: %+v %v", state, err)
	}
	wantReason(t, runner, "half", run(t, runner, spec), OK)

	spec.Marker = "half-cancelled"
	if err := runner.createFolder(spec, ""); err != nil {
		t.Fatal(err)
	}
	if err := runner.Cancel(context.Background(), spec.Marker); err != nil {
		t.Fatal(err)
	}
	if err := runner.Submit(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	state, err = runner.State(context.Background(), spec.Marker)
	if err != nil || state.Phase != Finished || state.Reason != Cancelled {
		t.Errorf("cancelled before the start: %+v %v", state, err)
	}
}

// daemons starts processes that want to outlive the job, each with a word in its command line.
const daemons = `
sleep 1000.%[1]s &
setsid sleep 1000.%[1]s &
nohup sleep 1000.%[1]s > /dev/null 2>&1 &
(setsid sh -c 'setsid sh -c "trap \"\" TERM HUP INT; sleep 1000.%[1]s & exec sleep 1000.%[1]s" > /dev/null 2>&1 < /dev/null &' &)
while test $(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -c '^1000.%[1]s$') -lt 5; do sleep 0.05; done
echo ready`

// word is found in the command lines of a job's processes.
func word(n int) string { return fmt.Sprintf("%d%04d", os.Getpid(), n) }

func TestNothingSurvives(t *testing.T) {
	kinds := []struct {
		name   string
		change func(*Config)
	}{
		{"isolated", func(*Config) {}},
		{"isolated without control groups", func(c *Config) { c.Cgroups = None }},
		{"trusted", func(c *Config) { c.Isolation = None }},
		{"trusted without control groups", func(c *Config) { c.Isolation, c.Cgroups = None, None }},
	}
	ends := []struct {
		name   string
		end    func(*testing.T, *Runner, State)
		script string
		reason Reason
	}{
		{"cancel", cancelJob, "; sleep 1000", Cancelled},
		{"kill -9 of the shim", func(t *testing.T, _ *Runner, s State) { killPID(t, s.PID) }, "; sleep 1000", Lost},
		{"normal end", func(*testing.T, *Runner, State) {}, "", OK},
		{"shutdown", func(t *testing.T, _ *Runner, s State) {
			if err := unix.Kill(s.PID, unix.SIGTERM); err != nil {
				t.Fatal(err)
			}
		}, "; sleep 1000", Lost},
	}
	for i, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			config := newConfig(t)
			kind.change(&config)
			runner := openRunner(t, config)
			if config.Isolation != None && runner.Isolation().Kind == kindNone {
				t.Skipf("this machine cannot isolate: %s", runner.Isolation().Why)
			}
			for j, end := range ends {
				t.Run(end.name, func(t *testing.T) {
					word := word(10*i + j)
					spec := shell("daemons-"+itoa(j), fmt.Sprintf(daemons, word)+end.script)
					spec.Trusted = true
					endDaemons(t, runner, spec, word, end.end)
					state := waitFor(t, runner, spec.Marker, func(s State) bool { return s.Phase == Finished })
					wantReason(t, runner, spec.Marker, state, end.reason)
					eventually(t, func() bool { return len(marked(t, word)) == 0 }, func() string { return "processes survive" })
					wantNoGroup(t, runner, spec.Marker)
				})
			}
		})
	}
}

// endDaemons runs the job until its daemons are there, and ends it.
func endDaemons(t *testing.T, runner *Runner, spec Spec, word string, end func(*testing.T, *Runner, State)) {
	t.Helper()
	if err := runner.Submit(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return strings.Contains(logText(t, runner, spec.Marker), "ready") },
		func() string { return "the daemons; the log is " + logText(t, runner, spec.Marker) })
	state := waitFor(t, runner, spec.Marker, func(State) bool { return true })
	// This shows that marked can find what must not survive.
	if strings.HasSuffix(spec.Steps[0].Argv[2], "; sleep 1000") && len(marked(t, word)) < 5 {
		t.Errorf("found %v, want five daemons", marked(t, word))
	}
	end(t, runner, state)
}

func cancelJob(t *testing.T, runner *Runner, _ State) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(runner.config.Dir, "jobs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if err := runner.Cancel(context.Background(), entry.Name()); err != nil {
			t.Fatal(err)
		}
	}
}

func wantNoGroup(t *testing.T, runner *Runner, marker string) {
	t.Helper()
	for _, folder := range runner.groups.group(groupName(runner.config.Dir, marker)).folders {
		eventually(t, func() bool { _, err := os.Lstat(folder); return os.IsNotExist(err) },
			func() string { return "the control group " + folder + " is still there" })
	}
}
