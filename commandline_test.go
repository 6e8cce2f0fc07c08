package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/clients/git"
	"drover/models"
	"drover/rules/status"
	"drover/rules/verdict"
)

// said is what a command said, and how it ended.
type said struct {
	code     int
	out, err string
}

// call prepares the program with an environment of its own.
func call(t *testing.T, environ []string, arguments ...string) *exec.Cmd {
	t.Helper()
	name, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = t.TempDir()
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, environ...)
	return command
}

// ended runs a command to its end.
func ended(t *testing.T, command *exec.Cmd) said {
	t.Helper()
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return said{command.ProcessState.ExitCode(), out.String(), errs.String()}
}

// expectation is what a command has to say.
type expectation struct {
	code     int
	out, err []string // parts; none: nothing is said there
}

func (e expectation) check(t *testing.T, got said) {
	t.Helper()
	if got.code != e.code {
		t.Errorf("exit code %d, want %d", got.code, e.code)
	}
	for what, pair := range map[string]struct {
		text  string
		parts []string
	}{"standard output": {got.out, e.out}, "standard error": {got.err, e.err}} {
		if len(pair.parts) == 0 && pair.text != "" {
			t.Errorf("%s: %q, want nothing", what, pair.text)
		}
		for _, part := range pair.parts {
			if !strings.Contains(pair.text, part) {
				t.Errorf("%s: %q is not in %q", what, part, pair.text)
			}
		}
		if strings.Contains(pair.text, "hunter2") {
			t.Errorf("%s tells a secret: %q", what, pair.text)
		}
	}
}

// judged is a data folder with one judged checkout, as a server leaves it.
func judged(t *testing.T) (data, checkout string) {
	t.Helper()
	data = t.TempDir()
	s, err := models.Open(t.Context(), models.Options{Path: filepath.Join(data, "drover.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	c := finishedCheckout(t, s)
	finish(t, s, c)
	return data, c.ID.String()
}

// verdictInput is a file for `drover verdict`: a test that passed before fails.
func verdictInput(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(verdict.Input{
		Builds: []verdict.Build{{Key: "x86_64", Attempts: []status.Status{status.Pass}}},
		Results: []verdict.Result{{
			Test: "mm/ksm", Scenario: "x86_64", Build: "x86_64", State: status.TestReporting, Attempts: []status.Status{status.Fail, status.Fail},
			History: verdict.History{Base: status.Pass, Back: 1, Last: status.Pass},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCommandLine(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	data, checkout := judged(t)
	in, none := []string{"DROVER_DATA=" + data}, []string{"DROVER_DATA=/nowhere/data"}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	taken := listener.Addr().String()
	wait := func(tree, commit string) string {
		return "wait --timeout 100ms --tree " + tree + " --commit " + commit
	}
	for _, one := range []struct {
		environ []string
		line    string
		input   string
		want    expectation
	}{
		{nil, "version", "", expectation{0, []string{"drover "}, nil}},
		{nil, "", "", expectation{80, []string{"Usage: drover <command>"}, []string{"expected one of"}}},
		{nil, "sreve", "", expectation{80, []string{"Usage: drover"}, []string{"unexpected argument sreve"}}},
		{nil, "report", "", expectation{80, []string{"Usage: drover report <checkout>"}, []string{`expected "<checkout>"`}}},
		{nil, "wait --tree linux", "", expectation{80, []string{"Usage: drover wait"}, []string{"missing flags: --commit"}}},
		{nil, "tree add --name x --url y --builds all", "", expectation{80, []string{"Usage: drover tree add"}, []string{"--builds must be one of"}}},

		{[]string{"DROVER_SMTP_PASSWORD=hunter2", "DROVER_POLL=5"}, "config", "", expectation{1, []string{"DROVER_SMTP_PASSWORD=********", "DROVER_POLL=5\n"}, []string{"drover: DROVER_POLL: "}}},
		{[]string{"DROVER_LOG_LEVEL=loud"}, "serve", "", expectation{1, nil, []string{"drover: DROVER_LOG_LEVEL: "}}},
		{[]string{"DROVER_LISTEN=" + taken}, "serve", "", expectation{1, nil, []string{"listen on " + taken, "stop what uses the port, or choose another with DROVER_LISTEN"}}},
		{[]string{"DATABASE_URL=postgres://db/x"}, "web", "", expectation{1, nil, []string{"set DATABASE_URL and REDIS_URL, or use `drover serve`"}}},
		{nil, "worker", "", expectation{1, nil, []string{"set DATABASE_URL and REDIS_URL, or use `drover serve`"}}},
		{nil, "migrate", "", expectation{1, nil, []string{"DATABASE_URL is not set"}}},
		{[]string{"PATH=/nowhere", "DROVER_SMTP=" + closedPort(t)}, "doctor", "", expectation{1,
			[]string{"ok      database", "BROKEN  git             not found: install git", "BROKEN  isolation", "BROKEN  mail"}, []string{"drover: 4 of 9 checks failed"}}},

		{none, "tree add --name x --url https://git.example.org/x.git", "", expectation{1, nil, []string{"no server was started with DROVER_DATA=/nowhere/data"}}},
		{none, "report " + checkout, "", expectation{1, nil, []string{"there is no database at /nowhere/data/drover.db: is DROVER_DATA right?"}}},
		{none, "kcidb " + checkout, "", expectation{1, nil, []string{"there is no database at /nowhere/data/drover.db: is DROVER_DATA right?"}}},
		{none, wait("linux", fullName), "", expectation{1, nil, []string{"there is no database at /nowhere/data/drover.db: is DROVER_DATA right?"}}},

		{in, "report " + checkout, "", expectation{0, []string{"1 new failure", "linux, branch main", "http://127.0.0.1:8080/", "1) mm/ksm"}, nil}},
		{in, "report 7777", "", expectation{1, nil, []string{"there is no checkout 7777"}}},
		{in, "report main", "", expectation{1, nil, []string{"not an id: expected 4 to 8 characters"}}},
		{in, "report ../x", "", expectation{1, nil, []string{"not an id"}}},
		{in, "kcidb " + checkout, "", expectation{0, []string{`{"version":{"major":5,"minor":3},`, `"id":"drover:` + checkout + `"`}, nil}},
		{in, "kcidb 7777", "", expectation{1, nil, []string{"there is no checkout 7777"}}},
		{in, "kcidb --origin Us " + checkout, "", expectation{1, []string{`{"version"`}, []string{"left out: checkout", "3 objects do not fit the schema"}}},
		{in, wait("linux", "abcdef"), "", expectation{1, nil, []string{"--commit abcdef: give all 40 digits, as `git rev-parse abcdef` prints them"}}},
		{in, wait("net", fullName), "", expectation{1, nil, []string{"there is no tree net"}}},
		{in, wait("linux", strings.Repeat("0", 40)), "", expectation{1, nil, []string{"drover: the commit has not been seen yet\n", "in time (--timeout 100ms)"}}},
		{in, wait("linux", fullName), "", expectation{0, []string{
			"checkout=" + checkout + "\nurl=http://127.0.0.1:8080/", "\nverdict=new\ntext=1 new failure\npass=3\nfail=4\nskip=2\nnew=1\nnew_test=mm/ksm\nbuild_seconds=120.0\nmail=http://127.0.0.1:8080/",
		}, nil}},

		{nil, "verdict -", verdictInput(t), expectation{0, []string{`"verdict": "new"`, `"verdict_text": "1 new failure`}, nil}},
		{nil, "verdict /nowhere/file", "", expectation{1, nil, []string{"open /nowhere/file: no such file"}}},
		{nil, "verdict -", "<html>", expectation{1, nil, []string{"drover: read -: invalid character '<'"}}},
		{nil, "verdict -", `{"results":[],"colour":"red"}`, expectation{1, nil, []string{`unknown field "colour"`}}},
		{nil, "verdict -", `{"results":[]}{"results":[]}`, expectation{1, nil, []string{"more than one JSON value"}}},
		{nil, "verdict -", `{"results":[`, expectation{1, nil, []string{"unexpected EOF"}}},
	} {
		t.Run(strings.ReplaceAll(fmt.Sprint(one.line, one.input[:min(len(one.input), 20)]), "/", "_"), func(t *testing.T) {
			command := call(t, one.environ, strings.Fields(one.line)...)
			command.Stdin = strings.NewReader(one.input)
			one.want.check(t, ended(t, command))
		})
	}
}

// TestInterrupted: a command that a person stops has not succeeded, a server
// that is told to stop has not failed.
func TestInterrupted(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	data, _ := judged(t)
	for _, one := range []struct {
		name, ready string // what it says when it is to be stopped
		command     *exec.Cmd
		code        int
		want        string
	}{
		{"wait", "has not been seen yet", call(t, []string{"DROVER_DATA=" + data}, "wait", "--tree", "linux", "--commit", strings.Repeat("0", 40)), 1, "no verdict of 000"},
		{"run", "still trying", call(t, nil, "run", smallTree(t), "--recipe", "command", "--build", "true", "--branch", "gone"), 1, "no verdict in time"},
		{"serve", "", call(t, []string{"DROVER_LISTEN=127.0.0.1:0", "DROVER_LOG_LEVEL=error"}, "serve"), 0, ""},
	} {
		t.Run(one.name, func(t *testing.T) {
			var output bytes.Buffer
			pipe, err := one.command.StderrPipe()
			if one.ready == "" {
				pipe, err = one.command.StdoutPipe()
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := one.command.Start(); err != nil {
				t.Fatal(err)
			}
			stopped := false
			for lines := bufio.NewScanner(pipe); lines.Scan(); {
				output.WriteString(lines.Text() + "\n")
				if !stopped && strings.Contains(lines.Text(), one.ready) {
					stopped = true
					if err := one.command.Process.Signal(os.Interrupt); err != nil {
						t.Fatal(err)
					}
				}
			}
			_ = one.command.Wait() // the exit code tells
			if code := one.command.ProcessState.ExitCode(); code != one.code || !strings.Contains(output.String(), one.want) {
				t.Errorf("exit code %d, said %q", code, output.String())
			}
		})
	}
}

// smallTree is a git repository with one commit, and tests that end as their
// names say.
func smallTree(t *testing.T) string {
	t.Helper()
	repo, err := git.InitRepo(t.Context(), filepath.Join(t.TempDir(), "linux.git"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = repo.CommitFiles(t.Context(), git.Change{
		Files: map[string]string{
			"Makefile": makefile, "Kconfig": "config X\n", "good.sh": "echo KTAP version 1; echo 1..1; echo ok 1 good\n",
			"bad.sh": "echo KTAP version 1; echo 1..1; echo not ok 1 bad; exit 1\n",
		},
		Author: "Asha Rao <asha@example.org>", Message: "mm: one", When: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return repo.Dir
}

// TestRunWatchesNothing: the poll must not find the commit before the event
// that asks for it, which then would have no checkout of its own.
func TestRunWatchesNothing(t *testing.T) {
	clearSettings(t)
	t.Setenv("DROVER_DATA", t.TempDir())
	c, err := readEnvironment("DROVER_ALLOW_LOCAL_REMOTES=true", "DROVER_ISOLATION=none")
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), c, parts{work: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.close() }()
	run := runCommand{Tree: smallTree(t), Rev: "HEAD", Recipe: "command", Build: "make", Arch: "x86_64", Format: "ktap", Test: []string{"good=sh good.sh"}}
	event, err := run.store(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"branch":"main","revision":"main","by":"the command line"}`; event.Body != want {
		t.Errorf("asks for %s, want %s", event.Body, want)
	}
	sources, err := a.store.TreeSources(event.TreeID)
	if err != nil || len(sources) != 1 || sources[0].Branches != "" {
		t.Errorf("watches %+v, %v", sources, err)
	}
}

// TestRun goes from a revision to its report in one process, and leaves nothing.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program, and a tree with it")
	}
	tree := smallTree(t)
	build := []string{"--recipe", "command", "--build", "make OUTPUT=$OUTPUT"}
	for _, one := range []struct {
		name      string
		arguments []string
		want      expectation
	}{
		{"all is well", append(build, "--test", "good=sh good.sh", "--test", "steady=sh good.sh"), expectation{0,
			[]string{"No new failures", "here, branch main", `"mm: one"`, "  Builds        1 ", "  Tests         2 "}, []string{" No new failures\n"}}},
		{"a test fails", append(build, "--test", "good=sh good.sh", "--test", "bad=sh bad.sh"), expectation{1,
			[]string{"fails, first run here", "\nbad failed:\n\n", "  not ok 1 bad"}, []string{"drover: verdict "}}},
		{"the exit status alone", append(build, "--format", "exit", "--test", "good=test -e $SOURCE/Makefile"), expectation{0, []string{"  Tests         1 "}, []string{" No new failures\n"}}},
		{"it does not build", []string{"--recipe", "command", "--build", "echo a.c:1: error: no; false"}, expectation{1,
			[]string{"DOES NOT BUILD", "a.c:1: error: no"}, []string{"drover: verdict broken: Does not build"}}},
		{"no such revision", append(build, "--rev", "v9.9"), expectation{1, nil, []string{`"v9.9" is not a commit of this repository's watched branches`}}},
		{"no such branch", append(build, "--branch", "gone", "--timeout", "3s"), expectation{1, nil, []string{"still trying: ", "refs/heads/gone", "no verdict in time, last seen: "}}},
		{"no command", []string{"--recipe", "command"}, expectation{1, nil, []string{"--recipe command: command: write the command"}}},
		{"a command for a kernel", []string{"--build", "make"}, expectation{1, nil, []string{"--build needs --recipe command"}}},
		{"no such architecture", []string{"--arch", "../x"}, expectation{1, nil, []string{"--recipe kbuild: arch: use the kernel's name"}}},
		{"a test without a command", append(build, "--test", "good"), expectation{1, nil, []string{`--test "good": write it as name=command`}}},
		{"a test without a name", append(build, "--test", "=true"), expectation{1, nil, []string{`--test "=true": write it as name=command`}}},
		{"a test of nothing", append(build, "--test", "good="), expectation{1, nil, []string{"--test good: command: write the command"}}},
		{"a test twice", append(build, "--test", "good=true", "--test", "good=false"), expectation{1, nil, []string{"--test good: there are two of this name"}}},
		{"KUnit has its own", []string{"--recipe", "kunit-um", "--test", "good=true"}, expectation{1, nil, []string{"--test: kunit-um runs its own tests"}}},
	} {
		t.Run(one.name, func(t *testing.T) {
			temporary := t.TempDir()
			environ := []string{
				"TMPDIR=" + temporary,
				"DATABASE_URL_FILE=" + secretFile(t, "postgres://drover:hunter2@"+closedPort(t)+"/drover"), // a server's, not ours
			}
			one.want.check(t, ended(t, call(t, environ, append([]string{"run", tree}, one.arguments...)...)))
			left, err := filepath.Glob(filepath.Join(temporary, "drover-run-*"))
			if diff := cmp.Diff([]string(nil), left); err != nil || diff != "" {
				t.Errorf("it left a folder: %v %s", err, diff)
			}
		})
	}
	for folder, want := range map[string]string{"/nowhere": "no such repository", "nowhere": "this is no URL"} {
		got := ended(t, call(t, nil, append([]string{"run", folder}, build...)...))
		expectation{1, nil, []string{want}}.check(t, got)
	}
}
