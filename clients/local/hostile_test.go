package local

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// prey is what the hostile Makefiles are after, and how to see whether they got it.
type prey struct {
	data    string // a data folder with settings, database and the runner
	secret  string // the text of the secrets in it
	mirror  repository
	canary  *exec.Cmd // a process with the secret in its environment
	port    int
	visits  *atomic.Int64 // of the listeners
	runner  *Runner
	address string // of this machine, not loopback; may be empty
	word    string
}

func newPrey(t *testing.T) *prey {
	t.Helper()
	p := &prey{secret: "s3cr3t-" + itoa(os.Getpid()), mirror: newRepository(t), visits: new(atomic.Int64), runner: isolated(t), word: word(9000)}
	p.data = filepath.Dir(p.runner.config.Dir)
	for _, name := range []string{"settings.toml", "drover.db"} {
		// Readable for everybody: the isolation alone must protect it.
		if err := os.WriteFile(filepath.Join(p.data, name), []byte(p.secret), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.canary = exec.Command("sleep", "1000")
	p.canary.Env = []string{"SECRET=" + p.secret}
	if err := p.canary.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.canary.Process.Kill() // A test has killed it perhaps, to see that this can be seen.
		_ = p.canary.Wait()
	})
	p.listen(t)
	return p
}

// listen counts visitors on a port of all addresses and on an abstract socket.
func (p *prey) listen(t *testing.T) {
	t.Helper()
	tcp, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	abstract, err := net.Listen("unix", "@"+p.secret)
	if err != nil {
		t.Fatal(err)
	}
	p.port = tcp.Addr().(*net.TCPAddr).Port
	for _, listener := range []net.Listener{tcp, abstract} {
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				visitor, err := listener.Accept()
				if err != nil {
					return // The test has ended.
				}
				p.visits.Add(1)
				visitor.Close()
			}
		}()
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range addresses {
		if network, ok := one.(*net.IPNet); ok && network.IP.To4() != nil && !network.IP.IsLoopback() {
			p.address = network.IP.String()
		}
	}
}

// hostileCase is one Makefile of testdata/hostile.
type hostileCase struct {
	name   string
	env    func(p *prey) []string // of the attack
	reason Reason                 // how the job ends; with resource limits instead of control groups it may be Exit
	// worked says whether the attack succeeded, from the job's log, or from the output of the
	// same Makefile run without isolation.
	worked func(t *testing.T, p *prey, log string) bool
	// plain is the environment for the run without isolation, which shows that worked can be
	// true; nil where that would not be harmless, and then the case has a test of its own below.
	plain func(p *prey) []string
	keep  []Keep
	after func(t *testing.T, p *prey, state State, log string)
}

func hasSecret(_ *testing.T, p *prey, log string) bool { return strings.Contains(log, p.secret) }

func says(word string) func(*testing.T, *prey, string) bool {
	return func(_ *testing.T, _ *prey, log string) bool {
		for line := range strings.Lines(log) {
			if strings.HasPrefix(line, word) {
				return true
			}
		}
		return false
	}
}

func (p *prey) dataEnv() []string {
	return []string{"DATA=" + p.data, "SECRET=" + p.data + "/settings.toml"}
}

func (p *prey) canaryEnv() []string { return []string{"PROCESS=" + itoa(p.canary.Process.Pid)} }

var hostileCases = []hostileCase{
	{name: "read_settings", env: (*prey).dataEnv, reason: OK, worked: hasSecret, plain: (*prey).dataEnv},
	{name: "read_environment", reason: OK, worked: hasSecret,
		env:   func(*prey) []string { return []string{"PROCESSES=$(shell ls /proc | grep '^[0-9]')"} },
		plain: func(p *prey) []string { return []string{"PROCESSES=" + itoa(p.canary.Process.Pid)} }},
	{name: "read_job", reason: OK, worked: hasSecret,
		env: func(p *prey) []string {
			return []string{"OTHER_JOB=" + p.runner.folder("victim"), "SEARCH=/ -xdev"}
		},
		plain: func(p *prey) []string {
			return []string{"OTHER_JOB=" + p.runner.folder("victim"), "SEARCH=" + p.runner.folder("victim")}
		}},
	{name: "write_mirror", reason: OK,
		env: func(p *prey) []string { return []string{"MIRROR=" + p.mirror.mirror} },
		worked: func(_ *testing.T, p *prey, _ string) bool {
			for _, mirror := range []string{p.mirror.mirror, p.data + "/scratch"} {
				for _, file := range []string{"refs/heads/pwned", "hooks/post-checkout"} {
					if _, err := os.Lstat(filepath.Join(mirror, file)); err == nil {
						return true
					}
				}
			}
			return false
		},
		plain: func(p *prey) []string { return []string{"MIRROR=" + p.data + "/scratch"} }},
	{name: "reach_network", reason: OK,
		env: func(p *prey) []string {
			return []string{"PORT=" + itoa(p.port), "ABSTRACT=" + p.secret, "ADDRESSES=127.0.0.1 ::1 0.0.0.0 169.254.169.254 " + p.address}
		},
		worked: func(t *testing.T, p *prey, log string) bool { return says("REACHED")(t, p, log) || p.visits.Load() > 0 },
		plain: func(p *prey) []string {
			return []string{"PORT=" + itoa(p.port), "ABSTRACT=" + p.secret, "ADDRESSES=127.0.0.1"}
		}},
	{name: "outlive_job", reason: OK,
		env: func(p *prey) []string { return []string{"WORD=" + p.word} },
		worked: func(t *testing.T, p *prey, _ string) bool {
			survivors := marked(t, "1000."+p.word)
			for _, pid := range survivors {
				killPID(t, pid)
			}
			return len(survivors) > 0
		},
		plain: func(p *prey) []string { return []string{"WORD=" + p.word} }},
	{name: "fill_disk", reason: Disk, worked: says("FILLED"),
		env: func(*prey) []string { return []string{"COUNT=200", "OUT=/work/out", "HOME_FOLDER=/work/home"} },
		plain: func(p *prey) []string {
			return []string{"COUNT=1", "OUT=" + p.data, "HOME_FOLDER=" + filepath.Dir(p.mirror.mirror)}
		},
		after: func(t *testing.T, p *prey, state State, _ string) {
			used, err := folderBytes(p.runner.folder("fill-disk"))
			if err != nil || used > 20*smallLimits.Disk {
				t.Errorf("the job took %d bytes of disk: %v", used, err)
			}
			if !strings.Contains(state.Detail, "bytes of disk") {
				t.Errorf("detail %q", state.Detail)
			}
		}},
	{name: "fill_file", reason: Disk, worked: says("FILLED"),
		env:   func(*prey) []string { return []string{"COUNT=100"} },
		plain: func(*prey) []string { return []string{"COUNT=1"} }},
	{name: "eat_memory", reason: Memory, worked: says("ATE"),
		env:   func(*prey) []string { return []string{"MEGABYTES=300", "SHARED=/dev/shm"} },
		plain: func(p *prey) []string { return []string{"MEGABYTES=3", "SHARED=" + p.data} }},
	{name: "fork_bomb", reason: OK, worked: bornMoreThan(smallLimits.Processes + reserveProcesses),
		env:   func(*prey) []string { return []string{"COUNT=500"} },
		plain: func(*prey) []string { return []string{"COUNT=100", "CLEAN=1"} }},
	{name: "forge_sections", reason: OK,
		worked: func(_ *testing.T, _ *prey, log string) bool {
			return strings.Count(log, "\n##drover section-end build ")+strings.Count(log, "\r##drover")+strings.Count("\n"+log, "\n##drover truncated") > 1 ||
				strings.Contains(log, "\n##drover section-start forged")
		},
		plain: func(*prey) []string { return nil }},
	{name: "endless_output", reason: Output, worked: says("WROTE"),
		env:   func(*prey) []string { return []string{"BYTES=1000000000"} },
		plain: func(*prey) []string { return []string{"BYTES=100"} },
		after: func(t *testing.T, _ *prey, state State, log string) {
			if state.LogBytes > smallLimits.Output+1000 || !strings.Contains(log, fmt.Sprintf("\n##drover truncated %d\n", smallLimits.Output)) {
				t.Errorf("the log has %d bytes, its end is %q", state.LogBytes, log[max(0, len(log)-200):])
			}
		}},
	{name: "link_kept", env: (*prey).dataEnv, reason: OK, worked: hasSecret,
		keep: []Keep{{Name: "result", Glob: "result"}, {Name: "environ", Glob: "environ"}, {Name: "folder/", Glob: "folder/*"},
			{Name: "deep/", Glob: "deep/*"}, {Name: "pipe", Glob: "pipe"}, {Name: "hard", Glob: "hard"}, {Name: "inner", Glob: "inner"}},
		after: wantNothingKept},
	{name: "signal_outside", env: (*prey).canaryEnv, reason: OK,
		worked: func(t *testing.T, p *prey, log string) bool {
			return says("KILLED")(t, p, log) || says("TRACED")(t, p, log) || !alive(p.canary.Process.Pid)
		},
		plain: (*prey).canaryEnv},
	{name: "escape", reason: OK, worked: says("ESCAPED")},
}

func bornMoreThan(most int) func(*testing.T, *prey, string) bool {
	return func(t *testing.T, _ *prey, log string) bool {
		_, after, found := strings.Cut(log, "\nborn ")
		number, _, _ := strings.Cut(after, "\n")
		born, err := strconv.Atoi(number)
		if !found || err != nil {
			t.Fatalf("the bomb does not say how many processes it has:\n%s", log)
		}
		return born > most
	}
}

func wantNothingKept(t *testing.T, p *prey, state State, _ string) {
	for _, kept := range state.Kept {
		if kept.Problem == "" {
			t.Errorf("kept %+v", kept)
		}
	}
	if left, err := filepath.Glob(filepath.Join(p.runner.folder("link-kept"), folderKept, "*")); len(left) > 0 || err != nil {
		t.Errorf("kept %v %v", left, err)
	}
	// A copy that follows links would have had it.
	text, err := os.ReadFile(filepath.Join(p.runner.folder("link-kept"), folderSource, "result"))
	if err != nil || string(text) != p.secret {
		t.Errorf("the link does not lead to the secret: %q %v", text, err)
	}
}

func TestHostileMakefiles(t *testing.T) {
	inProcesses(t)
	p := newPrey(t)
	victim := run(t, p.runner, shell("victim", "echo "+p.secret+" | tee /work/out/secret"))
	wantReason(t, p.runner, "victim", victim, OK)
	for _, test := range hostileCases {
		t.Run(test.name, func(t *testing.T) { attack(t, p, test) })
	}
}

func attack(t *testing.T, p *prey, test hostileCase) {
	marker := strings.ReplaceAll(test.name, "_", "-")
	text, err := os.ReadFile(filepath.Join("testdata/hostile", test.name+".mk"))
	if err != nil {
		t.Fatal(err)
	}
	argv := []string{"make", "-k"}
	if test.env != nil {
		argv = append(argv, test.env(p)...)
	}
	mirror := p.mirror
	mirror.t = t
	spec := Spec{
		Marker: marker, Source: &Source{Mirror: mirror.mirror, Commit: mirror.commit(files{"Makefile": string(text)})},
		Steps: []Step{{Name: "build", Argv: argv}}, Keep: test.keep,
	}
	state := run(t, p.runner, spec)
	log := logText(t, p.runner, marker)
	reason := test.reason
	if reason == Memory && p.runner.Isolation().Cgroup == groupsNone {
		reason = Exit
	}
	wantReason(t, p.runner, marker, state, reason)
	if !strings.Contains(log, "attacked") {
		t.Errorf("the attack did not take place:\n%s", log)
	}
	if test.worked(t, p, log) {
		t.Errorf("the attack succeeded:\n%s", log)
	}
	if test.after != nil {
		test.after(t, p, state, log)
	}
	wantNoGroup(t, p.runner, marker)
	if test.plain != nil {
		wantWorksPlain(t, p, test, string(text))
	}
}

// wantWorksPlain runs the Makefile without isolation, with harmless parameters: the
// attack must succeed, else its failure in the sandbox would prove nothing.
func wantWorksPlain(t *testing.T, p *prey, test hostileCase, makefile string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "Makefile"), []byte(makefile), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, "setsid", append([]string{"-w", "make", "-k"}, test.plain(p)...)...)
	command.Dir = folder
	command.Env = []string{"PATH=" + searchPath}
	command.WaitDelay = 5 * time.Second
	output, _ := command.CombinedOutput() // Attacks may fail in parts.
	eventually(t, func() bool { return test.worked(t, p, "\n"+string(output)) },
		func() string { return "the attack to work without isolation: " + string(output) })
}

// TestRecursiveForkBomb is apart because it is never harmless without a limit.
func TestRecursiveForkBomb(t *testing.T) {
	runner := isolated(t)
	text, err := os.ReadFile("testdata/hostile/recursive_bomb.mk")
	if err != nil {
		t.Fatal(err)
	}
	repo := newRepository(t)
	spec := Spec{
		Marker: "bomb", Source: &Source{Mirror: repo.mirror, Commit: repo.commit(files{"Makefile": string(text)})},
		Steps: []Step{{Name: "build", Argv: []string{"make"}}}, Limits: Limits{Time: 20 * time.Second},
	}
	state := run(t, runner, spec)
	if state.Reason != OK && state.Reason != Exit && state.Reason != Timeout {
		wantReason(t, runner, "bomb", state, OK)
	}
	wantNoGroup(t, runner, "bomb")
	log := logText(t, runner, "bomb")
	if !strings.Contains(log, "attacked") || !strings.Contains(log, "fork") {
		t.Errorf("the bomb met no limit:\n%.2000s", log)
	}
}
