package page

import (
	"strings"
	"time"

	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// story is a page in one state.
type story struct {
	name string
	page Page
}

// stories is every page in the states that matter: usual, empty, wrong, running.
func stories() []story {
	var all []story
	all = append(all, frontStories()...)
	all = append(all, treeStories()...)
	all = append(all, gridStories()...)
	all = append(all, checkoutStories()...)
	all = append(all, compareStories()...)
	all = append(all, timelineStories()...)
	all = append(all, resultStories()...)
	all = append(all, testStories()...)
	all = append(all, targetingStories()...)
	all = append(all, definitionStories()...)
	all = append(all, simulatorStories()...)
	all = append(all, mailStories()...)
	all = append(all, jobStories()...)
	all = append(append(all, wizardStories()...), testWizardStories()...)
	all = append(append(all, searchStories()...), webhookStories()...)
	return append(all, nastyStories()...)
}

func frontStories() []story {
	f := frame("Overview", route.Home())
	f.Formats = []string{"json"}
	groups := []FailureGroup{
		{FirstError: "BUG: KASAN: slab-use-after-free in tcp_close+0x1f/0x90", Results: 6, Tests: []string{"ltp/mm/ksm05", "kselftest/net/tls.sh", "a/b", "c/d"}, Trees: []string{"net-next", "mm"},
			Arches: []string{"x86_64", "aarch64", "s390x"}, FirstSeen: before(3 * time.Hour), LastSeen: before(time.Hour), Result: nth(32), Log: "console.log", Line: 73211},
		{FirstError: "not ok 14 fib_nexthop_nongw", Results: 4, Tests: []string{"kselftest/net/fib_tests.sh"}, Trees: []string{"net-next"}, Arches: []string{"aarch64"},
			FirstSeen: before(50 * time.Minute), LastSeen: before(40 * time.Minute), Result: nth(31), Log: "console.log", Line: 812},
	}
	fresh := f
	fresh.ReadOnly = "this server does not listen on loopback and no sign-in is set up"
	running := f
	running.Refresh = true
	running.Notices = []ui.Notice{{Kind: ui.Warn, Text: "Beaker answers slowly, results are late.", Since: before(90 * time.Minute)}}
	quiet := treeRows()[1:2]
	return []story{
		{"overview", Overview{Frame: f, Data: OverviewData{Trees: treeRows(), NewFailures: groups, NewFailuresTotal: 7}}},
		{"overview-empty", Overview{Frame: f, Setup: &Setup{}}},
		{"overview-empty-readonly", Overview{Frame: fresh, Setup: &Setup{Why: "Writes are off here."}}},
		{"overview-quiet", Overview{Frame: running, Setup: &Setup{TreeDone: true, SampleDone: true}, Data: OverviewData{Trees: quiet}}},
		{"overview-error", Overview{Frame: f, Data: OverviewData{Trees: quiet}, FailuresError: "The failures could not be read."}},
		{"error-404", ErrorPage{Frame: frame("Not found", "/checkouts/abc"), Status: 404, Title: "No such checkout", Text: "There is no checkout “abc”.", RequestID: "r-8f3k2m", Next: ui.Link{Text: "All trees", URL: route.Trees()}}},
		{"error-403", ErrorPage{Frame: frame("Not allowed", route.NewTree()), Status: 403, Title: "Not allowed", Text: "Adding a tree changes things.", Role: "It needs the role operator; an admin can give it.", RequestID: "r-1", Next: ui.Link{Text: "Overview", URL: route.Home()}}},
		{"error-500", ErrorPage{Frame: frame("Error", route.Home()), Status: 500, Title: "Something went wrong here", Text: "The page could not be made. Trying again may help.", RequestID: "r-2", Next: ui.Link{Text: "Overview", URL: route.Home()}}},
		{"signin", SignIn{Frame: frame("Sign in", route.SignIn(route.Home())), Next: "/trees", Error: "That is not the token."}},
	}
}

func treeStories() []story {
	crumb := ui.Crumb{Text: "Trees", URL: route.Trees()}
	list := frame("Trees", route.Trees())
	list.Active, list.Formats = "trees", []string{"json", "csv"}
	one := frame("net-next main", route.TreeBranch("net-next", "main"), crumb, ui.Crumb{Text: "net-next"})
	one.Active, one.Family, one.Formats = "trees", status.Bad, []string{"json", "csv"}
	running := one
	running.Refresh, running.Family = true, status.Active
	data := TreeData{
		Name: "net-next", URL: "https://git.kernel.org/pub/scm/linux/kernel/git/netdev/net-next.git", State: status.TreeLive, Branch: "main",
		Branches: []Branch{{Name: "main"}, {Name: "for-6.13/bpf"}}, Newest: &head, Verdict: verdictOf(), NewFailures: failures(), NewFailuresTotal: 9,
		Last: cells("ppppypppppeppppp ppppppppsppppyppppppkkn"), PassRate: month(0.97), Checkouts: checkoutRows(), Untested: commitRows()[1:], UntestedTotal: 2,
		UntestedWhy: "The policy of this tree is to test the tip of each push; these were not tips.", Look: Look{Every: 600, Last: before(3 * time.Minute), Next: now.Add(7 * time.Minute), Head: head.Commit},
	}
	going := data
	next := revision(3, "v6.12-rc3-420-gaaaabbbbcccc", "net: sched: fix a leak")
	going.Running = &next
	broken := TreeData{Name: "mm", URL: "https://git.example.org/mm.git", State: status.TreePaused, Branch: "mm-unstable", Branches: []Branch{{Name: "mm-unstable"}},
		Look: Look{Every: 600, Last: before(3 * time.Minute), Next: now.Add(7 * time.Minute), Head: head.Commit, Tries: 5, Since: before(50 * time.Minute),
			Problem: "fatal: unable to access 'https://git.example.org/mm.git/': Could not resolve host: git.example.org"}}
	filtered := ListParts{
		Filters: ui.Filters{Action: route.Tree("net-next"), Keep: []string{"branch", "main"}, Clear: route.TreeBranch("net-next", "main"),
			Fields: []ui.FilterField{{Name: "q", Label: "Subject has", Value: "tls"}, {Name: "verdict", Label: "Verdict", Options: []ui.Option{{Value: "", Text: "any"}, {Value: "new", Text: "New failures"}}}, {Name: "since", Label: "Since", Value: "7x", Error: "7x is not a time such as 7d"}},
			Chips:  []ui.Chip{{Text: "subject has tls", Remove: route.TreeBranch("net-next", "main")}}},
		Ignored: []string{"foo", "bar"},
	}
	empty := data
	empty.Checkouts = nil
	settings := frame("net-next settings", route.TreeSettings("net-next"), crumb, ui.Crumb{Text: "net-next", URL: route.Tree("net-next")}, ui.Crumb{Text: "Settings"})
	return []story{
		{"trees", Trees{Frame: list, Data: treeRows(), ListParts: ListParts{Pager: ui.Pager{Shown: 5, Total: 5, Exact: true}}}},
		{"trees-empty", Trees{Frame: list, AddWhy: "writes are off"}},
		{"tree", Tree{Frame: one, Data: data, Test: &TestCommit{}, ListParts: ListParts{Pager: ui.Pager{Shown: 50, Total: 4100, Next: route.With(route.TreeBranch("net-next", "main"), "after", "abc")}}}},
		{"tree-running", Tree{Frame: running, Data: going, Test: &TestCommit{Revision: "v6.99", Error: "The remote has no v6.99"}}},
		{"tree-unreachable", Tree{Frame: one, Data: broken, Actions: []ui.Action{{Text: "Look now", URL: route.Action(route.Tree("mm"), "look"), Post: true}}}},
		{"tree-filtered", Tree{Frame: one, Data: empty, ListParts: filtered}},
		{"checkouts", Checkouts{Frame: frame("Checkouts", route.Checkouts(), ui.Crumb{Text: "Checkouts"}), Data: checkoutRows(), ListParts: ListParts{Pager: ui.Pager{Shown: 5, Total: 5, Exact: true}}}},
		{"checkouts-empty", Checkouts{Frame: frame("Checkouts", route.Checkouts())}},
		{"tree-settings", TreeSettings{Frame: settings, Data: settingsData()}},
		{"tree-rehearsal", Tree{Frame: one, Data: going, Rehearsal: &Rehearsal{Done: 2, All: 3, Unexplained: 1}}},
		{"tree-rehearsal-ready", Tree{Frame: one, Data: empty, Rehearsal: &Rehearsal{Done: 3, All: 3, Error: "Name the person who acts on a new failure within 24 hours."}}},
		{"tree-rehearsal-first", Tree{Frame: one, Data: empty, Rehearsal: &Rehearsal{Why: "Sign in first"}}},
	}
}

func checkoutRows() []CheckoutRow {
	return []CheckoutRow{
		{Revision: head, Verdict: status.NewFailures, Source: "git", New: 2, Fixed: 1, Known: 4, Infra: 2, Done: 1246, Planned: 1246, Started: before(3 * time.Hour), Report: 11520, Compared: &base},
		{Revision: revision(3, "v6.12-rc3-420-gaaaabbbbcccc", "net: sched: fix a leak"), Verdict: status.StillRunning, Source: "git", Done: 84, Planned: 120, Started: before(10 * time.Minute)},
		{Revision: base, Verdict: status.NoNewFailures, Source: "git", Known: 3, Done: 1240, Planned: 1246, Started: before(31 * time.Hour), Report: 9000},
		{Revision: revision(4, "", "Revert \"net: a thing\""), Verdict: status.Nothing, Source: "git", Started: before(50 * time.Hour)},
		{Revision: revision(5, "v6.12-rc2", "Linux 6.12-rc2"), Verdict: status.Broken, Source: "git", Started: before(9 * 24 * time.Hour), Report: 620, Compared: &base},
	}
}

func settingsData() TreeSettingsData {
	return TreeSettingsData{Name: "net-next", State: status.TreeLive,
		Source: []ui.Pair{{Name: "Git URL", Value: "https://git.kernel.org/pub/scm/linux/kernel/git/netdev/net-next.git"}, {Name: "Branches", Value: "main"}, {Name: "Commits", Value: "the tip of each push"}, {Name: "Looked at", Value: "every 10 min"}},
		Mail:   []ui.Pair{{Name: "New failures", Value: "netdev@example.org"}, {Name: "Held", Value: "the first 5 mails, for approval"}},
		Builds: []TreeBuild{{Arch: "x86_64", Config: "defconfig", Compiler: "gcc-14", Commands: []string{"make defconfig", "make -j4"}}},
		Tests:  []TreeTest{{Test: "boot", State: status.TestBlocking, When: "on every checkout"}, {Test: "kunit", State: status.TestTrial, When: "on every checkout"}},
		Log:    []ui.Event{{When: before(48 * time.Hour), Who: "Milan Novak", What: "Set live", Why: "3 of 3 rehearsals were clean"}}}
}

func policies() []ui.Option {
	return []ui.Option{{Value: "tip", Text: "The tip", Help: "One checkout per push."}, {Value: "first-parent", Text: "First parents", Help: "Each merge and each direct commit."}, {Value: "every", Text: "Every commit", Help: "Slow, and exact about who did it."}}
}

func presets() []ui.Option {
	return []ui.Option{{Value: "quick", Text: "Quick", Help: "x86_64 defconfig with the system's gcc."}, {Value: "recipe", Text: "Own recipe", Help: "For trees that are not a kernel."}}
}

func checkoutStories() []story {
	self := route.Checkout(head.ID)
	data := CheckoutData{CheckoutHead: checkoutHead(), Verdict: verdictOf(), NewFailures: failures(), NewFailuresTotal: 2,
		Known: Part{4, results()[1:2]}, Fixed: Part{1, results()[5:6]}, Flaky: Part{1, results()[4:5]}, StillFailing: Part{1, results()[6:7]}, FirstRun: Part{1, results()[7:8]},
		InfraAndMissing: Part{3, results()[2:4]}, Trial: Part{1, results()[10:11]}, Builds: builds(), Commits: commitRows(), CommitsTotal: 31, Reports: reports(),
		Plan: []PlanRule{{"always", 12}, {"files of the networking section", 31}}, NotChosen: 402}
	frameRunning := checkoutFrameOf(self)
	frameRunning.Refresh, frameRunning.Family, frameRunning.Title = true, status.Active, "84 of 120 · stable-rc 0011aa2"
	running := CheckoutData{CheckoutHead: checkoutHead(), Builds: builds()[:4], Verdict: ui.Verdict{Kind: status.StillRunning, Sentence: "Running: 84 of 120 tests finished, no new failure so far",
		Counts: ui.Counts{Pass: 84, Waiting: 36}, Started: before(40 * time.Minute)}}
	running.Builds[1].Mark = ui.Mark{Status: status.Running}
	running.Builds[2].Mark = ui.Mark{Status: status.Queued}
	nothing := CheckoutData{CheckoutHead: checkoutHead(), Verdict: ui.Verdict{Kind: status.Nothing, Sentence: "Nothing was tested: no rule matched these 3 files", Finished: before(time.Hour), Report: 60}}
	green := CheckoutData{CheckoutHead: checkoutHead(), Builds: builds()[:2], Verdict: ui.Verdict{Kind: status.NoNewFailures, Sentence: "No new failures, 4 known", Counts: ui.Counts{Pass: 300, Known: 4}, Finished: before(time.Hour), Report: 3600}}
	frameGreen := checkoutFrameOf(self)
	frameGreen.Family = status.Good
	defaults := ListParts{Filters: ui.Filters{Action: route.CheckoutTests(head.ID), Fields: []ui.FilterField{{Name: "q", Label: "Error has"}, {Name: "test", Label: "Test"}, {Name: "status", Label: "Status", Value: "!pass", Options: []ui.Option{{Value: "!pass", Text: "not passed"}, {Value: "all", Text: "all"}}}},
		Chips: []ui.Chip{{Text: "status is not pass", Remove: route.CheckoutTests(head.ID, "status", "all")}}, Clear: route.CheckoutTests(head.ID, "status", "all")},
		Pager: ui.Pager{Shown: 12, Total: 43, Exact: true, Next: route.CheckoutTests(head.ID, "after", "x")}}
	sorted := ResultColumns{Test: ui.Column{Sort: route.CheckoutTests(head.ID, "sort", "-test"), Sorted: "ascending"}, Duration: ui.Column{Sort: route.CheckoutTests(head.ID, "sort", "-duration")}}
	plan := []PlanItem{{Test: "kselftest/net", State: status.TestBlocking, Chosen: true, Rule: "files of the networking section", Why: "the change touches net/ipv4", File: "net/ipv4/tcp.c", Arches: []string{"x86_64", "aarch64"}},
		{Test: "ltp/fs", State: status.TestReporting, Rule: "files of the filesystems section", Why: "no file under fs/ is touched"}}
	return []story{
		{"checkout", Checkout{CheckoutFrame: checkoutFrameOf(self), Data: data}},
		{"checkout-running", Checkout{CheckoutFrame: frameRunning, Data: running}},
		{"checkout-nothing", Checkout{CheckoutFrame: checkoutFrameOf(self), Data: nothing, MissingPlan: "No rule matched include/linux/a.h, b.h and c.h."}},
		{"checkout-green", Checkout{CheckoutFrame: frameGreen, Data: green}},
		{"checkout-tests", CheckoutTests{CheckoutFrame: checkoutFrameOf(route.CheckoutTests(head.ID)), Data: results(), ListParts: defaults, Columns: sorted,
			Groups: []ui.Tab{{Text: "Ungrouped", URL: route.CheckoutTests(head.ID), Active: true}, {Text: "By test", URL: route.CheckoutTests(head.ID, "group", "test")}}}},
		{"checkout-tests-empty", CheckoutTests{CheckoutFrame: checkoutFrameOf(route.CheckoutTests(head.ID)), ListParts: defaults}},
		{"checkout-builds", CheckoutBuilds{CheckoutFrame: checkoutFrameOf(route.CheckoutBuilds(head.ID)), Data: builds()}},
		{"checkout-builds-empty", CheckoutBuilds{CheckoutFrame: checkoutFrameOf(route.CheckoutBuilds(head.ID))}},
		{"checkout-plan", CheckoutPlan{CheckoutFrame: checkoutFrameOf(route.CheckoutPlan(head.ID)), Data: plan, Changed: 3, Uncovered: 1, Selection: "1 of 2 tests run", ListParts: ListParts{Pager: ui.Pager{Shown: 2, Total: 2, Exact: true}}}},
		{"checkout-plan-empty", CheckoutPlan{CheckoutFrame: checkoutFrameOf(route.CheckoutPlan(head.ID))}},
		{"checkout-files", CheckoutFiles{CheckoutFrame: checkoutFrameOf(route.CheckoutFiles(head.ID)), ListParts: ListParts{Pager: ui.Pager{Shown: 3, Total: 3, Exact: true}}, Data: []ChangedFile{
			{Path: "lib/string.c", Kind: "modified", Tests: new(0)}, {Path: "net/ipv4/tcp.c", OldPath: "net/tcp.c", Kind: "renamed", Tests: new(3), Names: []string{"kselftest/net", "ltp/net"}}, {Path: "README", Kind: "added"}}}},
		{"checkout-files-empty", CheckoutFiles{CheckoutFrame: checkoutFrameOf(route.CheckoutFiles(head.ID))}},
		{"checkout-reports", CheckoutReports{CheckoutFrame: checkoutFrameOf(route.CheckoutReports(head.ID)), Data: reports(), Preview: "Hello,\n\n2 new failures, 4 known, 1 fixed.\n"}},
		{"checkout-reports-empty", CheckoutReports{CheckoutFrame: checkoutFrameOf(route.CheckoutReports(head.ID))}},
	}
}

func resultStories() []story {
	crumbs := []ui.Crumb{{Text: "Trees", URL: route.Trees()}, {Text: "net-next", URL: route.Tree("net-next")}, {Text: "9c1e77aa01cd", URL: route.Checkout(head.ID)}}
	f := frame("Fail · fib_tests.sh on aarch64 · 9c1e77a", route.Result(nth(31)), append(crumbs, ui.Crumb{Text: "kselftest/net/fib_tests.sh"})...)
	f.Family, f.Formats, f.Active = status.Bad, []string{"json"}, "trees"
	data := ResultData{Result: results()[0], Checkout: head, Build: nth(52), Median: 238, Started: before(40 * time.Minute), Job: "J:9912345", JobID: nth(77), Why: "rule “files of the networking section”: net/ipv4/tcp.c",
		Before: "passed 38 of 38 on this branch since 2026-10-24", Here: cells("pppppppppppppppppppppypppppppppppppppnn"), SameHost: cells("pppppepppsppppppppfn"),
		Elsewhere:  []Place{{ID: nth(44), Mark: ui.Mark{Status: status.Pass}, Where: "x86_64 / debug / gcc-14"}, {ID: nth(45), Mark: ui.Mark{Status: status.Fail, Shown: status.New}, Where: "s390x / debug / gcc-14"}},
		Subresults: []Subresult{{Name: "fib_nexthop_nongw", Mark: ui.Mark{Status: status.Fail}, Duration: 0.4, Message: "Nexthop route without gateway", Line: 812}, {Name: "fib_unreg", Mark: ui.Mark{Status: status.Pass}, Duration: 1.2}}, SubresultsTotal: 31,
		SubresultsText: "29 pass, 1 fail, 1 skip", Tries: tries(), MainLog: logOf("console.log"), Files: []ui.File{{Name: "console.log", Size: 9_700_000}, {Name: "dmesg/boot.txt", Size: 812, Note: "text"}},
		Environment: []ui.Pair{{Name: "Kernel command line", Value: "console=ttyAMA0 root=/dev/vda2 ro"}, {Name: "Memory", Value: "4 GB"}}, Reproduce: reproduce(), CodeChanged: "The test's own code changed too since the result it is compared with."}
	data.Attempts = 2
	lost := ResultData{Result: results()[2], Checkout: head, MainLog: ui.Log{Missing: "The log was not stored: upload failed 3 times."}}
	lost.Reason = "provisioning: the machine did not install"
	running := ResultData{Result: results()[9], Checkout: head, Build: nth(51), MainLog: ui.Log{Name: "output.log"}}
	fr := f
	fr.Refresh, fr.Family = true, status.Active
	w := window(808, 5)
	w.Chosen = route.Lines{First: 812}
	b := frame("Build s390x / debug · 9c1e77a", route.Build(nth(58)), append(crumbs, ui.Crumb{Text: "s390x / debug / gcc-14"})...)
	b.Family = status.Bad
	build := BuildData{Build: builds()[7], Checkout: head, Version: "gcc (GCC) 14.2.1 20261001", Median: 1300, Started: before(2 * time.Hour), Tries: tries()[:1], Reproduce: reproduce(), Files: []ui.File{{Name: "config", Size: 180_000}, {Name: "vmlinux", Size: 48_000_000}},
		MainLog: logOf("build.log"), Tests: cells("ppppfpp")}
	waiting := BuildData{Build: builds()[6], Checkout: head, WaitingFor: "Waiting for a builder, 12 ahead.", MainLog: ui.Log{Missing: "No log yet: the build has not started."}}
	waiting.Mark = ui.Mark{Status: status.Queued}
	lf := frame("console.log · fib_tests.sh", route.ResultLog(nth(31), "console.log", route.Lines{}), append(crumbs, ui.Crumb{Text: "fib_tests.sh", URL: route.Result(nth(31))}, ui.Crumb{Text: "console.log"})...)
	lf.Formats = []string{"txt"}
	ld := LogData{Log: logOf("console.log"), Result: nth(31), Owner: "kselftest/net/fib_tests.sh"}
	bl := LogData{Log: ui.Log{Name: "build.log", Lines: 40, Bytes: 2000, Cut: "it was longer than 64 MB", CutLine: 33}, Build: nth(58), Owner: "s390x / debug / gcc-14"}
	chosen, wrapped := window(801, 250), window(4000, 2)
	chosen.Chosen = route.Lines{First: 806, Last: 812}
	wrapped.Wrap, wrapped.Clock, wrapped.Lines[1].Clock = true, true, "+0.018"
	rl, rd := lf, ld
	rl.Reload, rl.Scripts = true, []string{"log.js"}
	rd.Running, rd.Log.Running = true, true
	runningBody := bodyOf(rd.Log, window(119951, 7))
	runningBody.Running, runningBody.AtEnd, runningBody.Windows[0].Clock = true, true, true
	return []story{
		{"result", ResultPage{Frame: f, Data: data, Window: w}},
		{"result-lost", ResultPage{Frame: f, Data: lost}},
		{"result-running", ResultPage{Frame: fr, Data: running}},
		{"build", BuildPage{Frame: b, Data: build, Window: window(4700, 4), Actions: []ui.Action{{Text: "Rebuild", URL: route.Action(route.Build(nth(58)), "rebuild"), Post: true}}}},
		{"build-waiting", BuildPage{Frame: b, Data: waiting}},
		{"log", LogPage{Frame: lf, Data: ld, Body: bodyOf(ld.Log, chosen), Link: "https://ci.example.org/r/x?l=806-812", RawLink: "https://ci.example.org/r/x.txt?l=806-812"}},
		{"log-search", LogPage{Frame: lf, Data: ld, Body: bodyOf(ld.Log, window(1, 10)), Search: LogSearch{Query: "KASAN", Short: "It took too long.", Hits: []ui.Hit{{Line: 73211, Text: "BUG: KASAN: slab-use-after-free in tcp_close+0x1f/0x90", Before: []string{"before"}, After: []string{"after"}}}, Total: 2}}},
		{"log-search-wrong", LogPage{Frame: lf, Data: bl, Body: bodyOf(bl.Log, window(1, 5)), Search: LogSearch{Query: "(", Regexp: true, Error: "missing closing )"}}},
		{"log-wrapped", LogPage{Frame: lf, Data: ld, Body: bodyOf(ld.Log, wrapped), Choice: LogChoice{Wrap: "on", Clock: ClockDifference}, OnlyHits: true, Left: 12}},
		{"log-running", LogPage{Frame: rl, Data: rd, Body: runningBody}},
		{"log-empty", LogPage{Frame: lf, Data: LogData{Log: ui.Log{Name: "console.log"}, Result: nth(31), Owner: "boot"}}},
	}
}

func testStories() []story {
	crumb := ui.Crumb{Text: "Tests", URL: route.Tests()}
	list := frame("Tests", route.Tests())
	list.Active, list.Formats = "tests", []string{"json", "csv"}
	rows := []TestRow{
		{Test: "kselftest/net/fib_tests.sh", State: status.TestBlocking, Health: Health{"Fails on aarch64", status.Bad}, PassRate: month(0.93), Flaky: 0.012, RunsPerDay: 14.2, Median: 238, P90: 301, Unexplained: 2, Owner: "Tomás Silva", Arches: []string{"x86_64", "aarch64", "s390x"}},
		{Test: "boot", State: status.TestBlocking, Health: Health{"Healthy", status.Good}, PassRate: month(1), RunsPerDay: 40, Median: 41, P90: 60, Arches: []string{"x86_64"}},
		{Test: "perf/bench", State: status.TestTrial, Health: Health{"No verdict yet", status.Off}, PassRate: nil, RunsPerDay: 1.5},
	}
	one := frame("kselftest/net/fib_tests.sh", route.Test("kselftest/net/fib_tests.sh"), crumb, ui.Crumb{Text: "kselftest/net/fib_tests.sh"})
	one.Active, one.Formats = "tests", []string{"json"}
	data := TestData{Test: "kselftest/net/fib_tests.sh", State: status.TestBlocking, StateSince: before(40 * 24 * time.Hour), StateBy: "Milan Novak", Owner: ui.Person{Name: "Tomás Silva", Email: "tomas@example.org"},
		Description: "Checks the forwarding tables of IPv4 and IPv6: adding, removing and matching routes.", Part: "kselftest/net", HealthText: "Fails 3 of 40 on aarch64, 0 of 160 elsewhere", Family: status.Bad,
		Last: cells(strings.Repeat("pppppppypp", 5) + "ppppeppp nn"), PassRate: month(0.93),
		Where:    []Dimension{{"arch", []FailShare{{"aarch64", 3, 40}, {"x86_64", 0, 80}, {"s390x", 0, 80}}}, {"host", []FailShare{{"hpe-apollo-07.lab.example.org", 2, 12}, {"hpe-apollo-03.lab.example.org", 1, 28}}}, {"tree", []FailShare{{"net-next", 3, 120}, {"mainline", 0, 80}}}},
		Settings: []ui.Pair{{Name: "Output format", Value: "KTAP"}, {Name: "Time limit", Value: "10 min"}, {Name: "Trees", Value: "net-next, mainline"}}, Command: []string{"make -C tools/testing/selftests TARGETS=net TEST_PROGS=fib_tests.sh run_tests"}}
	for i, r := range results()[:4] {
		r.Test = data.Test
		data.Results = append(data.Results, TestResult{Result: r, Checkout: head, Started: before(time.Duration(i+1) * time.Hour)})
	}
	unused := TestData{Test: "perf/bench", State: status.TestTrial, NextRun: "every checkout of net-next"}
	return []story{
		{"tests", Tests{Frame: list, Data: rows, ListParts: ListParts{Pager: ui.Pager{Shown: 3, Total: 3, Exact: true}}}},
		{"tests-empty", Tests{Frame: list}},
		{"test", Test{Frame: one, Data: data, ListParts: ListParts{Pager: ui.Pager{Shown: 4, Total: 4, Exact: true}}}},
		{"test-unused", Test{Frame: one, Data: unused}},
		{"test-history", TestHistory{Frame: one, Test: data.Test, Data: data.Results, ListParts: ListParts{Pager: ui.Pager{Shown: 4, Total: 900}}}},
		{"test-history-empty", TestHistory{Frame: one, Test: data.Test}},
	}
}

const sampleMail = `From: Drover <drover@ci.example.org>
To: Asha Rao <asha@example.com>
Subject: [drover] FAIL 2 new: net-next/main 9c1e77aa01cd
Message-ID: <checkout.8f3k2m.1@ci.example.org>
Auto-Submitted: auto-generated

Hello,

2 new failures, 4 known, 1 fixed.

  Report    https://ci.example.org/c/8f3k2m
  Tree      net-next, branch main
  Commit    9c1e77aa01cd ("tcp: close: drop the extra reference")

             pass    new  known  infra   miss   skip
  Builds       24      0      0      0      0      0
  Tests      1204      2      4      1      1     31

NEW FAILURES
============

1) kselftest/net/fib_tests.sh
   on      aarch64 (gcc-14), s390x (gcc-14); passes on x86_64, ppc64le
   result  https://ci.example.org/r/7k2m9q

     # IPv4 nexthop with a non-gateway
     #     TEST: Nexthop route without gateway              [FAIL]
     not ok 14 fib_nexthop_nongw
`

func mailStories() []story {
	list := frame("Mail", route.Mails())
	list.Active, list.Formats = "mail", []string{"json", "csv"}
	rows := []MailRow{
		{ID: nth(71), Time: before(3 * time.Minute), Kind: "report", To: 1, Subject: "[drover] FAIL 2 new: net-next/main 9c1e77aa01cd", Checkout: &head, State: "suppressed", Why: "development: nothing leaves this system"},
		{ID: nth(72), Time: before(2 * time.Hour), Kind: "report", To: 3, Subject: "[drover] PASS: net-next/main 77aa01c2b4d1", Checkout: &base, State: "sent"},
		{ID: nth(73), Time: before(26 * time.Hour), Kind: "digest", To: 1, Subject: "[drover] weekly: your tests, 3 need a look", State: "retrying", Why: "421 try again later; next try 10:50 UTC"},
	}
	one := frame("[drover] FAIL 2 new", route.Mail(nth(71)), ui.Crumb{Text: "Mail", URL: route.Mails()}, ui.Crumb{Text: "FAIL 2 new: net-next/main"})
	one.Active, one.Formats = "mail", []string{"json", "txt"}
	data := MailData{ID: nth(71), Subject: rows[0].Subject, Kind: "report", State: "suppressed", Why: "Not sent: this is a development system, nothing leaves it.", To: []string{"Asha Rao <asha@example.com>"}, Cc: []string{"netdev@example.org"},
		Written: before(3 * time.Minute), Checkout: &head, Raw: sampleMail, Tries: []ui.Event{{When: before(3 * time.Minute), What: "Suppressed", Why: "DROVER_ENVIRONMENT is development"}}}
	api := API{Frame: frame("API", route.API(), ui.Crumb{Text: "API"}), Groups: []APIGroup{
		{Name: "Trees", Operations: []APIOperation{
			{Method: "GET", Path: "/trees", Text: "The newest state of every branch", Takes: []string{"q", "verdict"}, Scopes: []string{"read", "write"}},
			{Method: "POST", Path: "/trees/{tree}/-/actions/" + strings.Repeat("long", 20), Text: "Do something that has a long name", Scopes: []string{"write"}},
		}},
	}}
	u := frame("Unsubscribe", route.Unsubscribe("Qm7x"))
	return []story{
		{"mails", Mails{Frame: list, Data: rows, ListParts: ListParts{Pager: ui.Pager{Shown: 3, Total: 3, Exact: true}}}},
		{"mails-empty", Mails{Frame: list, Problem: "554 relay access denied"}},
		{"mail", Mail{Frame: one, Data: data, Actions: []ui.Action{{Text: "Send now", URL: route.Action(route.Mail(nth(71)), "send"), Post: true, Why: "a development system sends nothing"}}}},
		{"api", api},
		{"unsubscribe", Unsubscribe{Frame: u, Token: "Qm7x", Address: "a…@example.com", What: "reports about net-next"}},
		{"unsubscribe-done", Unsubscribe{Frame: u, Token: "Qm7x", Address: "a…@example.com", What: "reports about net-next", Done: true}},
		{"unsubscribe-wrong", Unsubscribe{Frame: u, Problem: "The link is not known here. It may have been cut by a mail program."}},
	}
}
