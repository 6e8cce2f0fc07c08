package story

import (
	"fmt"
	"strings"
	"time"

	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
	"drover/views/ui"
)

// verdictCells are checkouts in a strip, one of each verdict.
func verdictCells() []chart.Cell {
	var list []chart.Cell
	for _, v := range []status.Verdict{status.NotYetJudged, status.Nothing, status.NoNewFailures, status.Unclear, status.Broken, status.NewFailures, status.StillRunning} {
		list = append(list, chart.VerdictCell(v))
	}
	return list
}

// span is one attempt, in minutes since the start of a timeline; -1 is not known.
func (s Samples) span(state status.Status, ready, started, ended int) chart.Span {
	at := func(m int) time.Time {
		if m < 0 {
			return time.Time{}
		}
		return s.Before(3 * time.Hour).Add(time.Duration(m) * time.Minute)
	}
	return chart.Span{Ready: at(ready), Started: at(started), Ended: at(ended), Status: state, Timeless: state.Final() && started < 0}
}

// gantt is a timeline of three hours.
func (s Samples) gantt(groups ...chart.GanttGroup) chart.Gantt {
	return chart.NewGantt(groups, s.Before(3*time.Hour), s.Before(40*time.Minute), "")
}

// timeline has every kind of bar.
func (s Samples) timeline(test string) []chart.GanttGroup {
	build, first, second := s.span(status.Pass, 0, 2, 42), s.span(status.Fail, 42, 50, 80), s.span(status.Fail, 85, 100, 140)
	build.Critical, first.Critical, second.Critical = true, true, true
	return []chart.GanttGroup{
		{Build: chart.GanttRow{Name: "aarch64 / debug / gcc-14", Spans: []chart.Span{build}}, Tests: []chart.GanttRow{
			{Name: "kselftest/net/fib_tests.sh", Spans: []chart.Span{first, second}},
			{Name: test, Spans: []chart.Span{s.span(status.Pass, 42, 44, 60)}},
			{Name: "ltp/mm", Spans: []chart.Span{s.span(status.Error, 42, 70, 71)}},
			{Name: "boot", Spans: []chart.Span{s.span(status.Cancelled, -1, -1, -1)}},
			{Name: "perf", Spans: []chart.Span{s.span(status.Skip, 42, 43, 43)}},
			{Name: "blktests", Spans: []chart.Span{s.span(status.Miss, 42, 44, 130)}},
		}},
		{Build: chart.GanttRow{Name: "x86_64 / defconfig / clang-18", Spans: []chart.Span{s.span(status.Running, 0, 4, 140)}}, Tests: []chart.GanttRow{
			{Name: "kunit", Spans: []chart.Span{s.span(status.Queued, -1, -1, -1)}},
			{Name: "rcutorture", Spans: []chart.Span{s.span(status.Queued, 20, -1, -1)}},
		}},
	}
}

// ganttNames are the links beside the rows of a timeline.
func ganttNames(g chart.Gantt) []ui.GanttName {
	names := make([]ui.GanttName, len(g.Lines))
	for i, l := range g.Lines {
		names[i] = ui.GanttName{Text: l.Name, URL: here("pictures"), Main: l.Test < 0}
		if l.Tests > 0 {
			names[i].More = fmt.Sprint(l.Tests, " tests")
		}
	}
	return names
}

// crowd is more tests than a timeline has rows for.
func (s Samples) crowd() chart.Gantt {
	groups := []chart.GanttGroup{}
	for _, arch := range []string{"aarch64", "x86_64"} {
		group := chart.GanttGroup{Build: chart.GanttRow{Name: arch, Spans: []chart.Span{s.span(status.Pass, 0, 2, 42)}}}
		for i := range chart.GanttMost {
			group.Tests = append(group.Tests, chart.GanttRow{Name: fmt.Sprint("test ", i), Spans: []chart.Span{s.span(status.Pass, 42, 43+i/10, 50+i/4)}})
		}
		groups = append(groups, group)
	}
	return s.gantt(groups...)
}

// gridRows are rows under three columns.
var gridRows = []chart.GridRow{
	{Name: "kselftest/net/tls.sh", Cells: Cells("ppn")}, {Name: "boot", Cells: Cells("eer")}, {Name: "fs/xfs", Cells: Cells("kky")}, {Name: "mm/ksm", Cells: Cells("s m")}, {Name: LongName, Cells: Cells("pqf")},
}

func (s Samples) pictures() []Component {
	whole, odd, wait := s.gantt(s.timeline("ltp/syscalls")...), s.gantt(s.timeline(LongName)...), s.gantt(chart.GanttGroup{Build: chart.GanttRow{Name: "x86_64"}})
	return []Component{
		{Name: "Strip", For: "A row of results, oldest left; with a URL it leads to the list of them.", Examples: []Example{
			{"every kind of cell", ui.Strip(Cells("ppfnkemsryq p"), "result", "results", route.Test("kselftest/net/fib_tests.sh"))},
			{"no result yet", ui.Strip(nil, "result", "results", "")},
			{"one result", ui.Strip(Cells("p"), "result", "results", "")},
			{"all passed", ui.Strip(Cells("pppppppppppppppppppp"), "result", "results", "")},
			{"only gaps", ui.Strip(Cells("    "), "result", "results", "")},
			{"120 of them scroll, the newest in view", ui.Strip(Cells(strings.Repeat("pppppeppysppk pppnff", 6)), "result", "results", "")},
			{"a status of a later version waits", ui.Strip([]chart.Cell{{Status: "later"}}, "result", "results", "")},
		}},
		{Name: "TreeStrip", For: "The verdicts of the last checkouts, oldest left.", Examples: []Example{
			{"one of each verdict", ui.TreeStrip(verdictCells(), route.Tree("net-next"))},
			{"no checkout yet", ui.TreeStrip(nil, "")},
		}},
		{Name: "GridStrip", For: "One row of a grid, its cells under the heads of the columns.", Examples: []Example{
			{"columns that are left out are gaps", ui.GridStrip(chart.NewAxis([]bool{true, true, false, false, true, true, true}).Strip(Cells("pnppkes")))},
			{"no column", ui.GridStrip(chart.NewAxis(nil).Strip(nil))},
		}},
		{Name: "Spark", For: "A small line over time, from 0 to 100 %, with its last value beside it.", Examples: []Example{
			{"a month with gaps", ui.Spark(Month(0.97), "Pass rate", "30 days")},
			{"all passed", ui.Spark([]chart.Rate{1, 1, 1, 1}, "Pass rate", "30 days")},
			{"none passed", ui.Spark([]chart.Rate{0, 0, 0, 0}, "Pass rate", "30 days")},
			{"nearly all: never rounded to 100 %", ui.Spark([]chart.Rate{1, 0.9999}, "Pass rate", "30 days")},
			{"one day", ui.Spark([]chart.Rate{0.5}, "Pass rate", "30 days")},
			{"no data", ui.Spark([]chart.Rate{chart.NoRate()}, "Pass rate", "30 days")},
		}},
		{Name: "ShareBar", For: "A share as a small picture beside its numbers.", Examples: []Example{
			{"none of 40", ui.ShareBar(0, 40)},
			{"1 of 100 000 stays visible", ui.ShareBar(1, 100000)},
			{"10 of 40", ui.ShareBar(10, 40)},
			{"all", ui.ShareBar(40, 40)},
			{"of nothing", ui.ShareBar(0, 0)},
		}},
		{Name: "Gantt", For: "When each job of a checkout waited and ran.", Wide: true, Examples: []Example{
			{"every kind of bar and sign", ui.Gantt(whole, ganttNames(whole))},
			{"a long name", ui.Gantt(odd, ganttNames(odd))},
			{"nothing began yet", ui.Gantt(wait, ganttNames(wait))},
			{"more than 200 rows: a row for each build", ui.Gantt(s.crowd(), ganttNames(s.crowd()))},
		}},
		{Name: "GanttFile", For: "The timeline alone, with its own colours, for places without our style sheet.", Wide: true, OwnColours: true, Examples: []Example{
			{"every kind of bar and sign", ui.GanttFile(odd, "net-next v6.12-rc3-412-g9c1e77aa01cd")},
		}},
		{Name: "GridPicture", For: "A grid alone, with its own colours, for places without our style sheet.", Wide: true, OwnColours: true, Examples: []Example{
			{"every kind of cell", ui.GridPicture(chart.NewGrid([]string{"v6.12-rc3-380", "v6.12-rc3-391", "v6.12-rc3-412"}, gridRows, "5 rows of 9 tests and 3 checkouts of net-next main"))},
			{"no row", ui.GridPicture(chart.NewGrid([]string{"v6.12-rc3-380"}, nil, "No test ran in the last checkout of net-next main"))},
		}},
	}
}
