package page

import (
	"strconv"
	"strings"
	"time"

	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
	examples "drover/views/story"
	"drover/views/ui"
)

// The values in this file are made up; they are shaped like real ones so that
// a person can judge the pages by them.

var now = time.Date(2026, 11, 23, 10, 42, 7, 0, time.UTC)

// What the storybook shows of components, pages show too.
var (
	samples  = examples.Samples{Now: now}
	nth      = examples.Nth
	revision = examples.Revision
	cells    = examples.Cells
	month    = examples.Month
	before   = samples.Before
	head     = examples.Head()
	base     = examples.Base()
	failure  = examples.Failure
	window   = examples.Window

	verdictOf = samples.Verdict
	reproduce = examples.Reproduce
)

func frame(title string, self route.URL, crumbs ...ui.Crumb) ui.Frame {
	return ui.Frame{
		Title: title, Self: self, Crumbs: crumbs, AsOf: now, Version: "0.1.0", Environment: "development",
		Asset: func(name string) route.URL { return route.Static(name) },
	}
}

func rates(values ...float64) []chart.Rate {
	list := make([]chart.Rate, len(values))
	for i, v := range values {
		list[i] = chart.Rate(v)
		if v < 0 {
			list[i] = chart.NoRate()
		}
	}
	return list
}

func treeRows() []TreeRow {
	block := revision(21, "v6.12-rc2-88-gab12cd34ef56", "blk-mq: do not wake up twice")
	block.Tree, block.Branch = "block", "for-6.13/block"
	stable := revision(22, "v6.1.119-214-g0011aa22bb33", "Linux 6.1.120-rc1")
	stable.Tree, stable.Branch = "stable-rc", "linux-6.1.y"
	mm := revision(23, "", "mm: shrink the list")
	mm.Tree, mm.Branch = "mm", "mm-unstable"
	return []TreeRow{
		{Tree: "net-next", Branch: "main", Kind: "git", State: status.TreeLive, Owner: "Milan Novak", Checkout: &head, Verdict: status.NewFailures,
			VerdictText: "2 new failures, 4 known, 1 fixed", Started: before(3*time.Hour + 12*time.Minute), New: 2, Known: 4, Infra: 2, Unexplained: 2,
			Last: cells("ppppypppppeppppppkkn"), PassRate: month(0.97), Report: 11520},
		{Tree: "stable-rc", Branch: "linux-6.1.y", Kind: "git", State: status.TreeLive, Owner: "Milan Novak", Checkout: &stable, Verdict: status.StillRunning,
			VerdictText: "Running: 84 of 120 tests finished, no new failure so far", Started: before(40 * time.Minute),
			Last: cells("pppppppppppppppppppr"), PassRate: month(0.995), Running: 1, Report: 5400},
		{Tree: "block", Branch: "for-6.13/block", Kind: "git", State: status.TreeRehearsal, Owner: "Asha Rao", Checkout: &block, Verdict: status.Unclear,
			VerdictText: "Not enough results: 41 of 120 tests have none", Started: before(26 * time.Hour), Infra: 41,
			Last: cells("pppsppeee"), PassRate: rates(0.99, 0.98, -1, -1, 0.9, 0.8, 0.66), Report: 7260},
		{Tree: "mm", Branch: "mm-unstable", Kind: "git", State: status.TreePaused, Checkout: &mm, Verdict: status.NoNewFailures, VerdictText: "No new failures",
			Started: before(5 * 24 * time.Hour), Last: cells("ppppppppp"), PassRate: month(1), Problem: "fatal: unable to access 'https://git.example.org/mm.git/': Could not resolve host: git.example.org"},
		{Tree: "drm-tip", Branch: "drm-tip", Kind: "git", State: status.TreeRehearsal},
	}
}

func failures() []ui.Failure { return []ui.Failure{failure(), examples.FailureOfMany()} }

func results() []Result {
	at := func(n int64, s status.Status, shown status.Shown, test, arch, text string) Result {
		r := Result{ID: nth(n), Mark: ui.Mark{Status: s, Shown: shown}, Test: test, Arch: arch, Config: "debug", Compiler: "gcc-14",
			Host: "hpe-apollo-07.lab.example.org", Duration: ui.Seconds(n) * 11.7, FirstError: text, Attempts: 1}
		if text != "" {
			r.Log, r.Line, r.Attempts = "console.log", int(n)*13, 2
		}
		return r
	}
	list := []Result{
		at(31, status.Fail, status.New, "kselftest/net/fib_tests.sh", "aarch64", "not ok 14 fib_nexthop_nongw"),
		at(32, status.Fail, status.KnownIssue, "xfstests/generic/475", "ppc64le", "hung task: umount blocked for more than 120 seconds"),
		at(33, status.Error, "", "boot", "s390x", "provisioning: the machine did not install"),
		at(34, status.Miss, "", "blktests/nvme/003", "s390x", ""),
		at(35, status.Pass, status.Flaky, "kselftest/timers/posix_timers", "x86_64", ""),
		at(36, status.Pass, status.Fixed, "kselftest/net/tls.sh", "aarch64", ""),
		at(37, status.Fail, status.StillFailing, "kunit/drm_format_helper/drm_test_fb_xrgb8888_to_rgb565", "x86_64", "EXPECTATION FAILED at drivers/gpu/drm/tests/drm_format_helper_test.c:512"),
		at(38, status.Fail, status.FirstRun, "rcutorture/TREE03", "x86_64", "rcu: INFO: rcu_preempt self-detected stall on CPU"),
		at(39, status.Skip, "", "kselftest/sgx", "aarch64", ""),
		at(40, status.Running, "", "ltp/syscalls", "x86_64", ""),
		at(41, status.Fail, status.Trial, "perf/bench", "x86_64", "too slow"),
		at(42, status.Pass, "", "boot", "x86_64", ""),
	}
	list[1].Issue = &ui.Issue{Number: 398, Title: "generic/475 hangs on ppc64le"}
	list[3].Reason, list[8].Reason = "no host was free until the deadline", "needs SGX, which this arch has not"
	list[6].Since = "for 6 checkouts"
	list[0].P90 = 300
	return list
}

func checkoutHead() CheckoutHead {
	return CheckoutHead{Revision: head, Source: "git", Lane: status.Baseline, Author: ui.Person{Name: "Asha Rao"}, Pushed: before(3*time.Hour + 12*time.Minute),
		Why: "Tip of main after a push of 31 commits; the tree's policy is to test the tip.", Older: nth(2), TestsCount: 1246, BuildsCount: 8, ReportsCount: 2}
}

func checkoutFrameOf(tab route.URL) CheckoutFrame {
	f := frame("2 new · net-next 9c1e77a", tab, ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: "net-next", URL: route.Tree("net-next")},
		ui.Crumb{Text: "main", URL: route.TreeBranch("net-next", "main")}, ui.Crumb{Text: head.Describe})
	f.Active, f.Family, f.Formats = "trees", status.Bad, []string{"json", "csv"}
	return CheckoutFrame{Frame: f, Head: checkoutHead(), Actions: []ui.Action{
		{Text: "Retry failed", URL: route.Action(route.Checkout(head.ID), "retry"), Post: true, Confirm: "Retry 3 failed tests? About 14 minutes on 2 machines."},
		{Text: "Cancel", URL: route.Action(route.Checkout(head.ID), "cancel"), Post: true, Danger: true, Why: "it has finished"}}}
}

func builds() []Build {
	var list []Build
	n := int64(50)
	for _, arch := range []string{"x86_64", "aarch64", "ppc64le", "s390x"} {
		for _, config := range []string{"defconfig", "debug"} {
			n++
			list = append(list, Build{ID: nth(n), Mark: ui.Mark{Status: status.Pass}, Arch: arch, Config: config, Compiler: "gcc-14",
				Duration: 1320, Passed: 150, Planned: 152, Attempts: 1})
		}
	}
	list[3].Warnings = 3
	list[7].Mark = ui.Mark{Status: status.Fail, Shown: status.New}
	list[7].FirstError, list[7].Log, list[7].Line = "net/ipv4/tcp.c:2971:9: error: implicit declaration of function 'tcp_close_ref' [-Werror=implicit-function-declaration]", "build.log", 4711
	return list
}

func reports() []Report {
	return []Report{
		{Mail: nth(71), Kind: "mail", Subject: "[drover] FAIL 2 new: net-next/main 9c1e77aa01cd", To: []string{"netdev@example.org"}, State: "suppressed",
			Why: "development: nothing leaves this system", When: before(3 * time.Minute)},
		{Mail: nth(72), Kind: "mail", Subject: "[drover] FAIL 2 new: net-next/main 9c1e77aa01cd", To: []string{"Asha Rao"}, State: "sent", When: before(3 * time.Minute)},
	}
}

func commitRows() []CommitRow {
	return []CommitRow{
		{Commit: head.Commit, Subject: head.Subject, Author: "Asha Rao", When: before(3*time.Hour + 20*time.Minute), Checkout: head.ID},
		{Commit: strings.Repeat("b", 40), Subject: "tcp: close: take the lock earlier", Author: "Asha Rao", When: before(4 * time.Hour)},
		{Commit: strings.Repeat("c", 40), Subject: "net: phy: add a driver for a new part", Author: "Tomás Silva", When: before(9 * time.Hour)},
	}
}

// bodyOf is the viewer of a log with one window.
func bodyOf(l ui.Log, w ui.Window) ui.LogBody {
	return ui.LogBody{Log: l, Windows: []ui.Window{w}, Chosen: w.Chosen, Marks: l.Hits, Target: w.First,
		At: func(first int) route.URL {
			return route.With(route.ResultLog(nth(31), l.Name, route.Lines{}), "from", strconv.Itoa(first))
		}}
}

func logOf(name string) ui.Log {
	return ui.Log{Name: name, Lines: 120000, Bytes: 9_700_000,
		Hits:     []ui.Hit{{Line: 812, Rule: "not ok", Text: "not ok 14 fib_nexthop_nongw"}, {Line: 73240, Rule: "trace", Text: "Call Trace:"}, {Line: 88012, Rule: "WARNING", Text: "WARNING: CPU: 3 PID: 4411 at net/core/dev.c:1201 dev_close_many+0x1f/0x90"}},
		Sections: []ui.Section{{Name: "Install", First: 1, Last: 4210, Duration: 360}, {Name: "Boot", First: 4211, Last: 7902, Duration: 48}, {Name: "Test net", First: 7903, Last: 120000, Duration: 252}}}
}

func tries() []Attempt {
	return []Attempt{
		{Number: 1, ID: nth(81), Mark: ui.Mark{Status: status.Fail}, Host: "hpe-apollo-03", Started: before(50 * time.Minute), Duration: 251, Decision: "retried", Rule: "fail-once", Why: "not ok 14 fib_nexthop_nongw"},
		{Number: 2, ID: nth(31), Mark: ui.Mark{Status: status.Fail}, Host: "hpe-apollo-07", Started: before(40 * time.Minute), Duration: 252, Decision: "counted: failed 2 of 2"},
	}
}
