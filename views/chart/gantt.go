package chart

import (
	"fmt"
	"strings"
	"time"

	"drover/rules/status"
)

// Span is one attempt at a job. Zero times are not known, or have not come yet.
type Span struct {
	Ready, Started, Ended time.Time // Ended is now while it runs
	Status                status.Status
	Critical              bool // on the longest way through
	Timeless              bool // over, and nobody told when it ran
}

// GanttRow is the attempts at one thing.
type GanttRow struct {
	Name  string
	Spans []Span
}

// GanttGroup is a build with the tests on it.
type GanttGroup struct {
	Build GanttRow
	Tests []GanttRow
}

// The measures of a gantt in pixels. Rows are as high as a target for a finger
// must be: their names are links.
const (
	GanttHead = 22 // the time axis
	GanttRows = 24
	ganttBar  = 10
	ganttTop  = 7 // of a bar in its row
	markSpace = 3 // between the end of a bar and the sign there
)

// GanttMost is how many rows a picture has; with more, groups are drawn as one
// row each.
const GanttMost = 200

// Gantt is a drawn timeline. Places along the time are in percent of the width.
type Gantt struct {
	Height    int
	Ticks     []GanttTick
	Lines     []GanttLine
	Collapsed bool // groups are one row each
	Left      int  // rows that found no place
	Label     string
}

// GanttTick is a line of the time axis.
type GanttTick struct{ X, Text string }

// GanttLine is one drawn row: that of a build if Test is -1, else of one of its
// tests. With Tests, it stands for that many more.
type GanttLine struct {
	Name        string
	Group, Test int
	Tests       int
	Y           int
	Bars        []GanttBar
	Marks       []GanttMark
	Note        string // why there is no bar: "no times", "waits for its build"
}

// GanttBar is a part of a row: "wait", "run", "busy" (runs still) or "tests".
type GanttBar struct {
	Class    string
	X, Width string
	Y, High  int
	Critical bool
}

// GanttMark is the sign of how an attempt ended, drawn to the right of X.
type GanttMark struct{ Class, X, Path string }

// scale turns times into percents of the width.
type scale struct{ from, to time.Time }

func (s scale) at(t time.Time) float64 {
	whole := s.to.Sub(s.from)
	if whole <= 0 || t.Before(s.from) {
		return 0
	}
	return min(100, float64(t.Sub(s.from))/float64(whole)*100)
}

// NewGantt places groups between two times. more says what else the picture
// tells, as the end of its sentence.
func NewGantt(groups []GanttGroup, from, to time.Time, more string) Gantt {
	s := scale{from, to}
	rows := len(groups)
	for _, g := range groups {
		rows += len(g.Tests)
	}
	g := Gantt{Ticks: ticks(s), Collapsed: rows > GanttMost && len(groups) > 1, Label: ganttLabel(groups, to.Sub(from), more)}
	for i, group := range groups {
		if g.Collapsed {
			g.add(collapsed(group, i, s))
			continue
		}
		g.add(line(group.Build, i, -1, s))
		for j, test := range group.Tests {
			g.add(line(test, i, j, s))
		}
	}
	g.Height = GanttHead + len(g.Lines)*GanttRows
	return g
}

func (g *Gantt) add(l GanttLine) {
	if len(g.Lines) >= GanttMost {
		g.Left++
		return
	}
	l.Y = GanttHead + len(g.Lines)*GanttRows
	g.Lines = append(g.Lines, l)
}

// line draws the attempts at one thing.
func line(r GanttRow, group, test int, s scale) GanttLine {
	l := GanttLine{Name: r.Name, Group: group, Test: test}
	for _, span := range r.Spans {
		waited := span.Started
		if waited.IsZero() && !span.Ready.IsZero() && !span.Status.Final() {
			waited = s.to // waits still
		}
		if !span.Ready.IsZero() && waited.After(span.Ready) {
			l.Bars = append(l.Bars, s.bar("wait", span.Ready, waited, span.Critical))
		}
		switch {
		case span.Timeless:
			l.Note = "no times"
		case span.Started.IsZero() && !span.Status.Final() && span.Ready.IsZero():
			l.Note = "waits for its build"
		case !span.Started.IsZero():
			class := "run"
			if !span.Status.Final() {
				class = "busy"
			}
			l.Bars = append(l.Bars, s.bar(class, span.Started, span.Ended, span.Critical))
		}
		if span.Status.Final() && !span.Timeless && !span.Started.IsZero() {
			l.Marks = append(l.Marks, s.mark(span))
		}
	}
	if len(r.Spans) == 0 {
		l.Note = "no job"
	}
	return l
}

// bar is a part of a row; the shortest is still seen.
func (s scale) bar(class string, from, to time.Time, critical bool) GanttBar {
	x := s.at(from)
	return GanttBar{Class: class, X: percent(x), Width: percent(max(0.25, s.at(to)-x)), Y: ganttTop, High: ganttBar, Critical: critical}
}

func (s scale) mark(span Span) GanttMark {
	class := endClass(span.Status)
	return GanttMark{Class: class, X: percent(s.at(span.Ended)), Path: signs[class]}
}

// endClass is the sign of an end, one of those of a strip, or "pass".
func endClass(s status.Status) string {
	switch s {
	case status.Pass:
		return "pass"
	case status.Fail:
		return "fail"
	case status.Error:
		return "error"
	case status.Miss, status.Cancelled:
		return "miss"
	}
	return "skip"
}

// collapsed draws a whole group as one row: the build, under it all times in
// which any of its tests ran, and the worst end.
func collapsed(g GanttGroup, group int, s scale) GanttLine {
	l := line(g.Build, group, -1, s)
	l.Tests = len(g.Tests)
	var spans []Span
	for _, test := range g.Tests {
		for _, span := range test.Spans {
			if !span.Started.IsZero() && !span.Timeless {
				spans = append(spans, span)
			}
		}
	}
	var ends []status.Status
	last := Span{}
	for _, together := range union(spans) {
		bar := s.bar("tests", together.Started, together.Ended, together.Critical)
		bar.Y, bar.High = ganttTop+3, ganttBar-6
		l.Bars = append(l.Bars, bar)
	}
	for _, span := range spans {
		ends = append(ends, span.Status)
		if span.Ended.After(last.Ended) {
			last = span
		}
	}
	if worst := status.Worst(ends...); worst.Final() && worst != "" {
		last.Status = worst
		l.Marks = append(l.Marks, s.mark(last))
	}
	return l
}

// percent is a place along the width.
func percent(f float64) string { return number(f) + "%" }

// ganttLabel says what is drawn: "8 builds and 48 tests over 3 h 12 min; …".
func ganttLabel(groups []GanttGroup, over time.Duration, more string) string {
	tests, running, waiting := 0, 0, 0
	count := func(r GanttRow) {
		if len(r.Spans) == 0 {
			return
		}
		switch last := r.Spans[len(r.Spans)-1]; {
		case last.Status.Final():
		case last.Started.IsZero():
			waiting++
		default:
			running++
		}
	}
	for _, g := range groups {
		tests += len(g.Tests)
		count(g.Build)
		for _, t := range g.Tests {
			count(t)
		}
	}
	parts := []string{fmt.Sprintf("%s and %s over %s", counted(len(groups), "build"), counted(tests, "test"), Elapsed(over))}
	if running > 0 {
		parts = append(parts, fmt.Sprintf("%d running", running))
	}
	if waiting > 0 {
		parts = append(parts, fmt.Sprintf("%d waiting", waiting))
	}
	if more != "" {
		parts = append(parts, more)
	}
	return strings.Join(parts, "; ")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
