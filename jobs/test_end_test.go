package jobs

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/formats/consolelog"
	"drover/formats/ktap"
	"drover/models"
	"drover/rules/status"
)

// hear reads text as the log of a test with an exit status.
func hear(t *testing.T, text string, exit int64, each bool) spoken {
	t.Helper()
	report, err := ktap.Parse(strings.NewReader(text), ktap.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	log, err := consolelog.Index(strings.NewReader(text), consolelog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	job := models.Job{Reason: "ok", ExitStatus: exit, Detail: "The command ended with status 139."}
	if exit != 0 {
		job.Reason = "exit"
	}
	if each {
		return ofCases(job, report, log)
	}
	return ofReport(job, report, log)
}

func TestReportOfATest(t *testing.T) {
	for _, c := range []struct {
		why    string
		log    string
		exit   int64
		want   status.Status
		reason string // must be part of it
		text   string // must be part of it
		line   int64
	}{
		{"all passed", "KTAP version 1\n1..2\nok 1 a\nok 2 b\n", 0, status.Pass, "", "", 0},
		{"one failed", "KTAP version 1\n1..2\nok 1 a\n# b: EXPECTATION FAILED at lib/b.c:7\nnot ok 2 b\n", 1, status.Fail, "", "EXPECTATION FAILED", 4},
		{"passed, but the exit status says otherwise", "KTAP version 1\n1..1\nok 1 a\n", 1, status.Fail, "exit status 1", "", 0},
		{"ended before its plan", "KTAP version 1\n1..3\nok 1 a\n", 0, status.Error, "", "", 0},
		{"could not run a case", "KTAP version 1\n1..1\nnot ok 1 mount # ERROR no loop device\n", 2, status.Error, "no loop device", "", 0},
		{"skipped as a whole", "TAP version 13\n1..0 # SKIP no hardware\n", 0, status.Skip, "no hardware", "", 0},
		{"printed nothing", "hello\n", 0, status.Error, "must print KTAP", "", 0},
		{"died of a signal before it printed", "", 139, status.Fail, "139", "", 0},
		{"gave up", "TAP version 13\n1..2\nok 1 a\nBail out! no disk\n", 1, status.Error, "no disk", "", 0},
	} {
		got := hear(t, c.log, c.exit, false).root
		if got.status != c.want || !strings.Contains(got.reason, c.reason) || !strings.Contains(got.text, c.text) || c.line != 0 && got.line != c.line {
			t.Errorf("%s: got %+v, want %s, reason with %q, text with %q at line %d", c.why, got, c.want, c.reason, c.text, c.line)
		}
	}
}

func TestCasesOfATest(t *testing.T) {
	whole := "KTAP version 1\n1..2\n    KTAP version 1\n    # Subtest: list\n    1..2\n    ok 1 init\n" +
		"    # first: EXPECTATION FAILED at lib/list-test.c:300\n    not ok 2 first\nnot ok 1 list\n" +
		"    KTAP version 1\n    # Subtest: bits\n    1..1\n    ok 1 genmask # SKIP no hw\nok 2 bits\n"
	s := hear(t, whole, 0, true)
	var got []string
	for _, c := range s.cases {
		got = append(got, c.name+" "+string(c.status))
	}
	want := []string{"list/init pass", "list/first fail", "bits/genmask skip"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
	if s.root.status != status.Done || !s.whole {
		t.Errorf("the root of a run that came to its end is %+v", s.root)
	}
	if s.cases[1].line != 7 || !strings.Contains(s.cases[1].text, "EXPECTATION FAILED") {
		t.Errorf("the failure is explained by %q at line %d", s.cases[1].text, s.cases[1].line)
	}
	cut := hear(t, whole[:len(whole)/2]+"\nKernel panic - not syncing: Attempted to kill init!\n", 134, true)
	if cut.root.status != status.Fail || cut.whole || !strings.Contains(cut.root.text, "Kernel panic") {
		t.Errorf("a run that panicked is %+v", cut.root)
	}
}

func TestSilenceOfACase(t *testing.T) {
	for _, c := range []struct {
		why   string
		heard spoken
		want  status.Status
	}{
		{"the run came to its end without it", spoken{root: said{status: status.Done}, whole: true}, status.Skip},
		{"the run broke off", spoken{root: said{status: status.Fail}}, status.Miss},
		{"the run was cancelled", spoken{root: said{status: status.Cancelled}}, status.Cancelled},
	} {
		e := ending{test: models.Test{Path: "kunit"}, heard: c.heard}
		if got := e.saidOf("kunit/list/first", nil); got.status != c.want || c.want != status.Cancelled && got.reason == "" {
			t.Errorf("%s: %+v, want %s with a reason", c.why, got, c.want)
		}
	}
}

func TestUnheard(t *testing.T) {
	for _, c := range []struct {
		reason string
		exit   int64
		want   status.Status
		ok     bool
	}{
		{"ok", 0, "", false},
		{"exit", 1, "", false},
		{"exit", 127, status.Error, true}, // the command does not exist
		{"timeout", -1, status.Error, true},
		{"memory", -1, status.Error, true},
		{"disk", -1, status.Error, true},
		{"lost", -1, status.Error, true},
		{"cancelled", -1, status.Cancelled, true},
	} {
		got, ok := unheard(models.Job{Reason: c.reason, ExitStatus: c.exit, Detail: "because"})
		if ok != c.ok || got.status != c.want || ok && got.reason == "" {
			t.Errorf("%s %d: %+v, %v", c.reason, c.exit, got, ok)
		}
	}
}

func TestCasePath(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"list", "first"}, "list/first"},
		{[]string{"a/b", "c d?"}, "a_b/c_d_"},
		{[]string{"<script>"}, "_script_"},
	} {
		if got := casePath(c.names); got != c.want {
			t.Errorf("%q is %q, want %q", c.names, got, c.want)
		}
	}
}
