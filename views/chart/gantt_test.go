package chart

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

var nine = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func minutes(m int) time.Time { return nine.Add(time.Duration(m) * time.Minute) }

func TestGanttLine(t *testing.T) {
	for _, c := range []struct {
		why   string
		span  Span
		bars  []GanttBar
		marks int
		note  string
	}{
		{"waited and ran", Span{Ready: minutes(0), Started: minutes(25), Ended: minutes(50), Status: status.Pass},
			[]GanttBar{{"wait", "0%", "25%", 7, 10, false}, {"run", "25%", "25%", 7, 10, false}}, 1, ""},
		{"runs still, on the path", Span{Ready: minutes(50), Started: minutes(50), Ended: minutes(100), Status: status.Running, Critical: true},
			[]GanttBar{{"busy", "50%", "50%", 7, 10, true}}, 0, ""},
		{"waits still", Span{Ready: minutes(90), Status: status.Queued}, []GanttBar{{"wait", "90%", "10%", 7, 10, false}}, 0, ""},
		{"waits for its build", Span{Status: status.Queued}, nil, 0, "waits for its build"},
		{"nobody told when", Span{Status: status.Error, Timeless: true}, nil, 0, "no times"},
		{"cancelled before it began", Span{Status: status.Cancelled, Ready: minutes(5)}, nil, 0, ""},
		{"the shortest is seen", Span{Started: minutes(10), Ended: minutes(10), Status: status.Pass}, []GanttBar{{"run", "10%", "0.25%", 7, 10, false}}, 1, ""},
	} {
		g := NewGantt([]GanttGroup{{Build: GanttRow{Name: "x", Spans: []Span{c.span}}}}, minutes(0), minutes(100), "")
		l := g.Lines[0]
		if diff := cmp.Diff(c.bars, l.Bars); diff != "" || len(l.Marks) != c.marks || l.Note != c.note {
			t.Errorf("%s: %d marks, note %q\n%s", c.why, len(l.Marks), l.Note, diff)
		}
	}
}

func TestGanttCollapses(t *testing.T) {
	test := GanttRow{Name: "t", Spans: []Span{{Started: minutes(10), Ended: minutes(20), Status: status.Pass}}}
	worst := GanttRow{Name: "u", Spans: []Span{{Started: minutes(40), Ended: minutes(50), Status: status.Fail, Critical: true}}}
	group := GanttGroup{Build: GanttRow{Name: "b"}, Tests: []GanttRow{worst}}
	for range GanttMost {
		group.Tests = append(group.Tests, test)
	}
	g := NewGantt([]GanttGroup{group, {Build: GanttRow{Name: "c"}}}, minutes(0), minutes(100), "")
	l := g.Lines[0]
	want := []GanttBar{{"tests", "10%", "10%", 10, 4, false}, {"tests", "40%", "10%", 10, 4, true}}
	if diff := cmp.Diff(want, l.Bars); diff != "" || !g.Collapsed || len(g.Lines) != 2 || l.Tests != GanttMost+1 || l.Marks[0].Class != "fail" {
		t.Errorf("%+v\n%s", l, diff)
	}
	alone := NewGantt([]GanttGroup{group}, minutes(0), minutes(100), "")
	if alone.Collapsed || len(alone.Lines) != GanttMost || alone.Left != 2 {
		t.Errorf("one group alone: collapsed %v, %d rows, %d left", alone.Collapsed, len(alone.Lines), alone.Left)
	}
}

func TestGanttLabel(t *testing.T) {
	groups := []GanttGroup{{Build: GanttRow{Spans: []Span{{Started: minutes(0), Status: status.Running}}}, Tests: []GanttRow{{Spans: []Span{{Status: status.Queued}}}, {}}}}
	got := NewGantt(groups, minutes(0), minutes(100), "critical path 40 min").Label
	if want := "1 build and 2 tests over 1 h 40 min; 1 running; 1 waiting; critical path 40 min"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTicks(t *testing.T) {
	for over, want := range map[time.Duration]string{
		0: "0", 5 * time.Second: "0 1 s 2 s 3 s 4 s", 90 * time.Second: "0 15 s 30 s 45 s 1 min 1 min 15 s",
		2 * time.Hour: "0 30 min 1 h 1 h 30 min", 143 * time.Minute: "0 30 min 1 h 1 h 30 min 2 h", 3 * 24 * time.Hour: "0 12 h 24 h 36 h 2 d 2 d 12 h",
	} {
		got := ""
		for _, tick := range ticks(scale{nine, nine.Add(over)}) {
			got += " " + tick.Text
		}
		if got[1:] != want {
			t.Errorf("%v: %q, want %q", over, got[1:], want)
		}
	}
	if n := len(ticks(scale{nine, nine.AddDate(9, 0, 0)})); n > mostTicks+1 {
		t.Errorf("%d ticks in nine years", n)
	}
}

// Whatever the times are, every bar and sign lies within the picture.
func FuzzGantt(f *testing.F) {
	f.Add(0, 10, 20, 100)
	f.Add(-5, 300, -20, 0)
	f.Fuzz(func(t *testing.T, ready, started, ended, over int) {
		s := scale{nine, nine.Add(time.Duration(over%100_000) * time.Second)}
		for _, m := range []int{ready, started, ended} {
			if x := s.at(minutes(m % 100_000)); x < 0 || x > 100 {
				t.Errorf("%d of %d is at %v", m, over, x)
			}
		}
	})
}
