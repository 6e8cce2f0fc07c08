package sampletree

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What has to be compiled anew after each commit but the first, in the order of
// the history: what a change of a header reaches, and nothing else.
var recompiled = [][]string{
	{
		"drivers/net/exring/exring.o", "drivers/net/exring/exring_test.o",
		"drivers/net/exring/stats.o", "lib/ring.o", "lib/ring_test.o",
	},
	{"mm/lru.o", "mm/lru_test.o"},
	{"kernel/timers_test.o"},
	{"kernel/timers_test.o"},
	{"lib/ring.o", "lib/ring_test.o"},
	nil, // broken: how far make comes depends on the number of jobs
	nil,
}

// The whole story, on real builds and runs: every commit shows what it is
// expected to show.
func TestHistory(t *testing.T) {
	t.Parallel()
	tree := newCheckout(t)
	last := map[string]outcome{}
	for i, commit := range Commits() {
		tree.apply(t, commit)
		log, err := tree.build(t, Build().ConfigTarget)
		if commit.Expect.Verdict == "broken" {
			checkBroken(t, log, err)
			continue
		}
		if err != nil {
			t.Fatalf("%s: make: %v\n%s", commit.Subject, err, log)
		}
		if strings.Contains(log, "warning:") {
			t.Errorf("%s: the compiler warns:\n%s", commit.Subject, log)
		}
		if i > 0 && recompiled[i-1] != nil {
			if diff := cmp.Diff(recompiled[i-1], objects(log)); diff != "" {
				t.Errorf("%s: compiled (-want +got):\n%s", commit.Subject, diff)
			}
		}
		results, outputs := tree.runAll(t)
		if diff := cmp.Diff(commit.Expect, observed(results, last)); diff != "" {
			t.Errorf("%s: (-want +got):\n%s\n%v", commit.Subject, diff, results)
		}
		checkOutputs(t, i+1, results, outputs)
	}
	if log, err := tree.build(t, Build().ConfigTarget); err != nil || len(objects(log)) != 0 {
		t.Errorf("make with nothing changed: %v\n%s", err, log)
	}
}

var compilerError = regexp.MustCompile(`(?m)^fs/exfs/check\.c:\d+:\d+: error: .*'dev'`)

func checkBroken(t *testing.T, log string, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("make did not fail:\n%s", log)
	}
	if !compilerError.MatchString(log) {
		t.Errorf("no compiler error with file, line and column:\n%s", log)
	}
	if !regexp.MustCompile(`(?m)^make.*\*\*\* .*fs/exfs/check\.o.* Error 1$`).MatchString(log) {
		t.Errorf("make does not say which object it stopped at:\n%s", log)
	}
}

// checkOutputs compares which test stands out, and whether its output says why,
// with the story. number counts commits from 1.
func checkOutputs(t *testing.T, number int, results map[string][]outcome, outputs map[string]string) {
	t.Helper()
	ring, timers, exfs := []outcome{passed}, []outcome{passed}, []outcome{passed}
	if number >= 2 && number <= 5 {
		ring = []outcome{failed, failed}
		checkRingDiagnostic(t, number, outputs["lib/ring"])
	}
	if number == 4 {
		timers = []outcome{failed, passed}
		wantText(t, outputs["kernel/timers"], "# timer_lateness: fired 1840 us late, 1000 us are allowed\n")
		wantText(t, outputs["kernel/timers"], "Expected late_us <= TICK_US to be true, but is false\n")
	}
	if number == 5 || number == 6 {
		exfs = []outcome{errored, errored}
		wantText(t, outputs["fs/exfs"], "not ok 3 mount # ERROR no loop device on this host\n")
	}
	want := map[string][]outcome{"mm/slab-debug": {skipped}}
	for _, test := range Tests() {
		if want[test.Name] == nil {
			want[test.Name] = []outcome{passed}
		}
	}
	want["lib/ring"], want["kernel/timers"], want["fs/exfs"] = ring, timers, exfs
	if diff := cmp.Diff(want, results); diff != "" {
		t.Errorf("commit %d: results (-want +got):\n%s", number, diff)
	}
	if lines := strings.Count(outputs["mm/slab-trace"], "\n["); lines < 3000 {
		t.Errorf("mm/slab-trace has %d kernel log lines, want some thousand", lines)
	}
}

func wantText(t *testing.T, output, text string) {
	t.Helper()
	if !strings.Contains(output, text) {
		t.Errorf("no %q in\n%s", text, output)
	}
}

var ringDiagnostic = regexp.MustCompile(`# ring_wrap: EXPECTATION FAILED at lib/ring_test\.c:(\d+)
    Expected ring_used\(&ring\) == SIZE - 1, but
        ring_used\(&ring\) == 0 \(0x0\)
`)

// The diagnostic must lead to the line of the expectation, and to the case.
func checkRingDiagnostic(t *testing.T, number int, output string) {
	t.Helper()
	match := ringDiagnostic.FindStringSubmatch(output)
	if match == nil {
		t.Fatalf("commit %d: no diagnostic of ring_wrap:\n%s", number, output)
	}
	line, err := strconv.Atoi(match[1])
	if err != nil {
		t.Fatal(err)
	}
	source := strings.Split(Commits()[1].Files["lib/ring_test.c"], "\n")
	if line > len(source) || !strings.Contains(source[line-1], "EXPECT_EQ(test, ring_used(&ring), SIZE - 1)") {
		t.Errorf("commit %d: line %d of lib/ring_test.c is not the expectation", number, line)
	}
	if failures := regexp.MustCompile(`(?m)^not ok \d+ (\w+)`).FindAllString(output, -1); len(failures) != 1 {
		t.Errorf("commit %d: failed cases %v, want ring_wrap alone", number, failures)
	}
}

// The list of run.sh is that of Tests, and an unknown name is no success.
func TestRunnerList(t *testing.T) {
	tree := newCheckout(t)
	tree.apply(t, Commits()[0])
	output, err := tree.command(t, nil, "sh", "tools/testing/run.sh", "--list")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, test := range Tests() {
		want = append(want, test.Name)
	}
	got := strings.Fields(output)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("run.sh --list (-want +got):\n%s", diff)
	}
	for _, name := range []string{"", "lib/unknown", "lib/ring"} { // the last is not built
		output, err := tree.command(t, nil, "sh", "tools/testing/run.sh", name)
		if err == nil || !strings.HasPrefix(output, "Bail out!") {
			t.Errorf("run.sh %q: %v, %q", name, err, output)
		}
	}
}

// Without a configuration make says what to do, and the other configuration
// builds too and runs the test that the first one skips.
func TestDebugConfiguration(t *testing.T) {
	t.Parallel()
	tree := newCheckout(t)
	for _, commit := range Commits() {
		tree.apply(t, commit)
	}
	if log, err := tree.command(t, nil, "make"); err == nil || !strings.Contains(log, `run "make sample_defconfig" first`) {
		t.Errorf("make without .config: %v\n%s", err, log)
	}
	// Both at once, in order, as one may type it.
	if log, err := tree.command(t, nil, "make", "-j2", "debug_defconfig", "all"); err != nil {
		t.Fatalf("make debug_defconfig all: %v\n%s", err, log)
	}
	results, _ := tree.runAll(t)
	for name, attempts := range results {
		if !slices.Equal(attempts, []outcome{passed}) {
			t.Errorf("%s: %v", name, attempts)
		}
	}
	if log, err := tree.command(t, nil, "make", "mrproper"); err != nil {
		t.Fatalf("make mrproper: %v\n%s", err, log)
	}
	clean := newCheckout(t)
	for _, commit := range Commits() {
		clean.apply(t, commit)
	}
	if diff := cmp.Diff(clean.names(t), tree.names(t)); diff != "" {
		t.Errorf("make mrproper leaves (-want +got):\n%s", diff)
	}
}
