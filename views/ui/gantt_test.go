package ui

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
	"drover/views/chart"
)

// ganttOf is a timeline in minutes after nine o'clock.
func ganttOf() []chart.GanttGroup {
	start := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	span := func(s status.Status, ready, started, ended int) chart.Span {
		at := func(m int) time.Time {
			if m < 0 {
				return time.Time{}
			}
			return start.Add(time.Duration(m) * time.Minute)
		}
		return chart.Span{Ready: at(ready), Started: at(started), Ended: at(ended), Status: s, Timeless: s.Final() && started < 0}
	}
	critical := func(s chart.Span) chart.Span { s.Critical = true; return s }
	return []chart.GanttGroup{
		{Build: chart.GanttRow{Name: "aarch64 / debug / gcc-14", Spans: []chart.Span{critical(span(status.Pass, 0, 2, 42))}}, Tests: []chart.GanttRow{
			{Name: "kselftest/net/fib_tests.sh <&>", Spans: []chart.Span{critical(span(status.Fail, 42, 50, 80)), critical(span(status.Pass, 85, 100, 140))}},
			{Name: "kselftest/networking/a_directory_with_a_long_name/test.sh", Spans: []chart.Span{span(status.Error, 42, 60, 61)}},
			{Name: "boot", Spans: []chart.Span{span(status.Miss, -1, -1, -1)}}, {Name: "skipped", Spans: []chart.Span{span(status.Skip, 42, 43, 44)}},
			{Name: "ltp", Spans: []chart.Span{span(status.Cancelled, 42, 100, 110)}},
		}},
		{Build: chart.GanttRow{Name: "x86_64 / tiny", Spans: []chart.Span{span(status.Running, 0, 3, 150)}}, Tests: []chart.GanttRow{
			{Name: "boot", Spans: []chart.Span{span(status.Queued, -1, -1, -1)}},
		}},
		{Build: chart.GanttRow{Name: "s390x / tiny", Spans: []chart.Span{span(status.Queued, 0, -1, -1)}}},
		{Build: chart.GanttRow{Name: "ppc64le / tiny"}},
	}
}

// many is the same with so many tests that groups are drawn as one row each.
func many() []chart.GanttGroup {
	groups := ganttOf()
	for len(groups[0].Tests) < chart.GanttMost {
		groups[0].Tests = append(groups[0].Tests, groups[0].Tests[:5]...)
	}
	return groups
}

// TestGanttGolden keeps the pictures as they are, and writes each as a file that
// can be looked at.
func TestGanttGolden(t *testing.T) {
	from := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for name, groups := range map[string][]chart.GanttGroup{"gantt": ganttOf(), "gantt-collapsed": many(), "gantt-empty": nil} {
		g := chart.NewGantt(groups, from, from.Add(150*time.Minute), "critical path 2 h 20 min")
		var b bytes.Buffer
		if err := GanttFile(g, "net-next v6.12").Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		got := strings.ReplaceAll(b.String(), "><", ">\n<") + "\n"
		path := filepath.Join("testdata", name+".svg")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if strings.Contains(got, "style=") || !strings.Contains(got, `role="img" aria-label="`) {
			t.Errorf("%s has a style, or no label", name)
		}
	}
}
