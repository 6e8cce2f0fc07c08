package page

import (
	"fmt"
	"time"

	"drover/rules/compare"

	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// compareStories is the comparison of two checkouts: with differences, without,
// with nothing in common, and with nothing to compare with.
func compareStories() []story {
	self := route.CheckoutCompare(head.ID, base.ID)
	side := func(n int64, s status.Status, shown status.Shown) *DifferentSide {
		return &DifferentSide{ID: nth(n), Mark: ui.Mark{Status: s, Shown: shown}}
	}
	rows := []Difference{
		{Kind: "build", Arch: "s390x", Config: "debug", Compiler: "gcc-14", A: side(60, status.Pass, ""), B: side(58, status.Fail, status.New), Change: compare.New, FirstError: "net/ipv4/tcp.c:2971:9: error: implicit declaration", Log: "build.log", Line: 4711},
		{Kind: "test", Test: "kselftest/net/fib_tests.sh", Arch: "aarch64", Config: "debug", Compiler: "gcc-14", A: side(20, status.Pass, status.Flaky), B: side(31, status.Fail, status.New), Change: compare.New, FirstError: "not ok 14 fib_nexthop_nongw", Log: "console.log", Line: 812},
		{Kind: "test", Test: "kselftest/net/tls.sh", Arch: "aarch64", Config: "debug", Compiler: "gcc-14", A: side(21, status.Fail, status.New), B: side(36, status.Pass, status.Fixed), Change: compare.Fixed},
		{Kind: "test", Test: "blktests/nvme/003", Arch: "s390x", Config: "debug", Compiler: "gcc-14", B: side(34, status.Fail, ""), Change: compare.Appeared, FirstError: "timed out"},
		{Kind: "test", Test: "boot", Arch: "s390x", Config: "debug", Compiler: "gcc-14", A: side(22, status.Pass, ""), Change: compare.Gone},
	}
	matrix := []CompareRow{{Kind: "Builds"}, {Kind: "Tests"}}
	for i := range matrix {
		for n, c := range compare.Changes {
			matrix[i].Cells = append(matrix[i].Cells, CompareCell{Head: c.Word().Text, Family: c.Word().Family, Count: n * i, URL: route.With(self, "change", string(c)), Active: n == 1 && i == 1})
		}
	}
	a := CompareSide{Revision: base, Verdict: status.NoNewFailures, Pushed: before(31 * time.Hour), Builds: 8, Tests: 1240}
	b := CompareSide{Revision: head, Verdict: status.NewFailures, Pushed: before(3 * time.Hour), Builds: 8, Tests: 1246}
	p := CheckoutCompare{CheckoutFrame: checkoutFrameOf(self), Matrix: matrix, Keep: []string{"arch", "aarch64", "change", "new", "change", "fixed"},
		Data:      CompareData{A: &a, B: b, Rows: rows, OnlyB: CommitRange{Total: 31, Rows: commitRows()}, OnlyA: CommitRange{Total: 1, Rows: commitRows()[1:2]}},
		Choices:   []ui.Option{{Value: head.ID.String(), Text: head.Name()}, {Value: base.ID.String(), Text: base.Name()}},
		Shortcuts: []ui.Link{{Text: "Previous", URL: self}, {Text: "Swap A and B", URL: route.CheckoutCompare(base.ID, head.ID)}},
		ListParts: ListParts{Filters: ui.Filters{Action: route.CheckoutCompare(head.ID, 0), Fields: []ui.FilterField{{Name: "q", Label: "Test"}}, Chips: []ui.Chip{{Text: "change: new", Remove: self}}},
			Pager: ui.Pager{Shown: 5, Total: 5, Exact: true}},
	}
	same, alone := p, p
	same.Data.Rows, same.Data.OnlyA, same.Data.OnlyB, same.Cut = nil, CommitRange{}, CommitRange{}, true
	same.Nothing = ui.Empty{Text: "No difference in 1 254 builds and tests."}
	alone.Data = CompareData{B: b}
	alone.Nothing = ui.Empty{Text: "There is nothing to compare with yet."}
	return []story{{"checkout-compare", p}, {"checkout-compare-same", same}, {"checkout-compare-alone", alone}}
}

// timelineStories is the timeline: with retries and a job without times, of
// many rows, while it runs, before anything started, and of nothing.
func timelineStories() []story {
	self := route.CheckoutTimeline(head.ID)
	try := func(n int, s status.Status, ready, started, ended int) TimelineTry {
		at := func(m int) Time {
			if m < 0 {
				return Time{}
			}
			return before(3 * time.Hour).Add(time.Duration(m) * time.Minute)
		}
		t := TimelineTry{Number: n, Mark: ui.Mark{Status: s}, Host: "hpe-apollo-07.lab.example.org", Ready: at(ready), Started: at(started), Ended: at(ended), Until: at(ended)}
		if started >= 0 && ended < 0 {
			t.Until = now
		}
		t.Timeless = s.Final() && started < 0
		return t
	}
	build := func(n int64, name string, tries ...TimelineTry) TimelineRow {
		return TimelineRow{Build: nth(n), Name: name, Attempts: tries}
	}
	test := func(n int64, name string, tries ...TimelineTry) TimelineRow {
		return TimelineRow{Build: nth(n), Name: name, IsTest: true, Results: 1, Result: nth(n + 100), Attempts: tries}
	}
	critical := func(t TimelineTry) TimelineTry { t.Critical = true; return t }
	data := TimelineData{From: before(3 * time.Hour), To: before(40 * time.Minute), CriticalTook: 8400,
		CriticalPath: []PathStep{{Name: "build aarch64 / debug / gcc-14", Took: 2400, Waited: 120, Row: route.Build(nth(52))}, {Name: "kselftest/net/fib_tests.sh, try 2", Took: 1800, Row: route.Result(nth(152))}},
		Groups: []TimelineGroup{
			{Build: build(52, "aarch64 / debug / gcc-14", critical(try(1, status.Pass, 0, 2, 42))), Tests: []TimelineRow{
				test(52, "kselftest/net/fib_tests.sh", critical(try(1, status.Fail, 42, 50, 80)), critical(try(2, status.Fail, 85, 100, 140))),
				test(53, longName, try(1, status.Pass, 42, 44, 60)), test(54, "ltp/mm", try(1, status.Error, 42, 70, 71)), test(55, "boot", try(1, status.Cancelled, -1, -1, -1)),
			}},
			{Build: build(56, "x86_64 / defconfig / clang-18", try(1, status.Fail, 0, 4, 20))},
		},
		Steps: []StepTry{
			{What: "Read the event", Kind: "event.read", Outcome: "done", Started: before(3 * time.Hour), Took: 1.2, Worker: "builder-01/4411"},
			{What: "Handed a job to the runner", Kind: "job.submit", About: "kselftest/net on aarch64 / debug / gcc-14", Outcome: "failed", Started: before(170 * time.Minute), Took: 30, Worker: "builder-01/4411", Error: "no space left on device"},
		}}
	running := data
	running.To, running.CriticalPath, running.CriticalTook, running.StepsMore = now, nil, 0, true
	running.Groups = []TimelineGroup{{Build: build(52, "aarch64 / debug / gcc-14", try(1, status.Running, 0, 2, -1))}, {Build: build(56, "x86_64", try(1, status.Queued, 0, -1, -1)),
		Tests: []TimelineRow{test(56, "boot", try(1, status.Queued, -1, -1, -1))}}, {Build: build(57, "s390x")}}
	running.Steps = make([]StepTry, shownSteps+1)
	for i := range running.Steps {
		running.Steps[i] = data.Steps[i%2]
	}
	frame := checkoutFrameOf(self)
	frame.Formats = []string{"json", "svg"}
	live := frame
	live.Refresh = true
	many := data
	many.Groups = nil
	for n := range int64(3) {
		g := TimelineGroup{Build: build(50+n, fmt.Sprint("arch ", n), try(1, status.Pass, 0, 2, 42))}
		for range 80 {
			g.Tests = append(g.Tests, test(60+n, "ltp/mm", try(1, status.Pass, 42, 50, 80)))
		}
		many.Groups = append(many.Groups, g)
	}
	one := many
	one.Groups = []TimelineGroup{{Build: many.Groups[0].Build, Tests: append(append(many.Groups[0].Tests, many.Groups[1].Tests...), many.Groups[2].Tests...)}}
	return []story{
		{"checkout-timeline", CheckoutTimeline{CheckoutFrame: frame, Data: data}},
		{"checkout-timeline-running", CheckoutTimeline{CheckoutFrame: live, Data: running, Why: "Planned, nothing started: waiting for a builder, 12 ahead."}},
		{"checkout-timeline-nothing", CheckoutTimeline{CheckoutFrame: frame, Why: "Nothing was tested: no rule matched."}},
		{"checkout-timeline-many", CheckoutTimeline{CheckoutFrame: frame, Data: many}},
		{"checkout-timeline-one", CheckoutTimeline{CheckoutFrame: frame, Data: one, Only: nth(50)}},
	}
}
