package chart

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

var (
	pass    = Cell{Status: status.Pass}
	fail    = Cell{Status: status.Fail}
	known   = Cell{Status: status.Fail, Shown: status.KnownIssue}
	flaky   = Cell{Status: status.Pass, Shown: status.Flaky}
	broken  = Cell{Status: status.Error}
	missing = Cell{Status: status.Miss}
	skipped = Cell{Status: status.Skip}
	running = Cell{Status: status.Running}
	queued  = Cell{Status: status.Queued}
	gap     = Cell{}
)

func TestStripLabel(t *testing.T) {
	for _, c := range []struct {
		why   string
		cells []Cell
		want  string
	}{
		{"nothing", nil, "No results yet"},
		{"only gaps", []Cell{gap, gap}, "No results yet"},
		{"one", []Cell{fail}, "1 result: failed"},
		{"worst first, newest named", []Cell{pass, pass, fail, pass}, "Last 4 results: 1 failed, 3 passed; newest passed"},
		{"a gap is not counted", []Cell{pass, gap, fail}, "Last 2 results: 1 failed, 1 passed; newest failed"},
		{"every kind", []Cell{pass, fail, known, flaky, broken, missing, skipped, queued, running},
			"Last 9 results: 1 failed, 1 known failure, 1 infra error, 1 missing, 1 flaky, 1 running, 1 skipped, 1 passed, 1 waiting; newest running"},
		{"a word nobody knows waits", []Cell{pass, {Status: "later"}}, "Last 2 results: 1 passed, 1 waiting; newest waiting"},
	} {
		if got := NewStrip(c.cells, "result", "results").Label; got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

func TestStripGeometry(t *testing.T) {
	got := NewStrip([]Cell{pass, gap, fail, skipped, pass}, "result", "results")
	want := Strip{
		Width: 4*CellPitch + 4, Height: 14,
		Bars: []Bar{
			{Class: "pass", Path: "M0 9h12v4h-12zM46 9h12v4h-12z"},
			{Class: "skip", Path: "M32 11h12v2h-12z"},
		},
		Marks: []Mark{{X: 18, Y: 1, Class: "fail", Path: signs["fail"]}},
		Label: "Last 4 results: 1 failed, 1 skipped, 2 passed; newest passed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The picture and the sentence must not disagree: as many marks as the label counts.
func TestEveryCellIsDrawnOnce(t *testing.T) {
	all := []Cell{pass, fail, known, flaky, broken, missing, skipped, queued, running, {Status: status.Done}, {Status: status.Cancelled}, {Status: status.Planned}}
	s := NewStrip(all, "result", "results")
	drawn := len(s.Marks)
	for _, b := range s.Bars {
		drawn += strings.Count(b.Path, "M")
	}
	if drawn != len(all) || s.Width != len(all)*CellPitch {
		t.Errorf("%d of %d cells are drawn, width %d", drawn, len(all), s.Width)
	}
	for _, m := range s.Marks {
		if m.Path == "" {
			t.Errorf("%s has no sign", m.Class)
		}
	}
}

func TestVerdictCell(t *testing.T) {
	for v, want := range map[status.Verdict]status.Status{
		status.Broken: status.Fail, status.NewFailures: status.Fail, status.NoNewFailures: status.Pass, status.Unclear: status.Error,
		status.StillRunning: status.Running, status.Nothing: status.Skip, status.NotYetJudged: status.Planned,
	} {
		if got := VerdictCell(v); got.Status != want {
			t.Errorf("%q is drawn as %q, want %q", v, got.Status, want)
		}
	}
}

func TestSpark(t *testing.T) {
	none := NoRate()
	for _, c := range []struct {
		why               string
		points            []Rate
		line, label, last string
	}{
		{"no data", []Rate{none, none}, "", "Pass rate: no data in 30 days", ""},
		{"empty", nil, "", "Pass rate: no data in 30 days", ""},
		{"down", []Rate{1, 0.5}, "M2 2h0L118 12", "Pass rate 50 %, down from 100 % over 30 days", "50 %"},
		{"up", []Rate{0, 0.25, 1}, "M2 22h0L60 17L118 2", "Pass rate 100 %, up from 0 % over 30 days", "100 %"},
		{"level", []Rate{0.97, 0.969}, "M2 2.6h0L118 2.62", "Pass rate 97 %, as 30 days ago", "97 %"},
		{"a gap lifts the pen", []Rate{1, none, 1}, "M2 2h0M118 2h0", "Pass rate 100 %, as 30 days ago", "100 %"},
		{"the last known value counts", []Rate{1, 0.5, none}, "M2 2h0L60 12", "Pass rate 50 %, down from 100 % over 30 days", "50 %"},
		{"out of range is clamped in the picture", []Rate{2, -1}, "M2 2h0L118 22", "Pass rate -100 %, down from 200 % over 30 days", "-100 %"},
		{"one", []Rate{0.5}, "M118 12h0", "Pass rate 50 %, as 30 days ago", "50 %"},
	} {
		s := NewSpark(c.points, "Pass rate", "30 days")
		if s.Line != c.line || s.Label != c.label || s.Last != c.last {
			t.Errorf("%s: line %q, label %q, last %q; want %q, %q, %q", c.why, s.Line, s.Label, s.Last, c.line, c.label, c.last)
		}
	}
}

func TestPercentNeverHidesAFailure(t *testing.T) {
	for r, want := range map[Rate]string{1: "100 %", 0.9999: "99.9 %", 0.996: "99.9 %", 0.994: "99 %", 0.001: "0.1 %", 0: "0 %", 0.5: "50 %"} {
		if got := r.Percent(); got != want {
			t.Errorf("%v is said as %q, want %q", float64(r), got, want)
		}
	}
	if got := NoRate().Percent(); got != "" {
		t.Errorf("no data is said as %q", got)
	}
}

func TestRateInJSON(t *testing.T) {
	b, err := json.Marshal([]Rate{0.5, NoRate(), 1})
	if err != nil || string(b) != "[0.5,null,1]" {
		t.Fatalf("%s, %v", b, err)
	}
	var back []Rate
	if err := json.Unmarshal(b, &back); err != nil || back[0] != 0.5 || back[1].Known() || back[2] != 1 {
		t.Errorf("reads back as %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`["x"]`), &back); err == nil {
		t.Error("a text is read as a rate")
	}
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		why    string
		shares []Share
		want   []Segment
	}{
		{"nothing", []Share{{"new", 0}, {"pass", -3}}, nil},
		{"one", []Share{{"new", 0}, {"pass", 3}}, []Segment{{"pass", "0", "1000"}}},
		{"halves", []Share{{"new", 2}, {"pass", 2}}, []Segment{{"new", "0", "500"}, {"pass", "500", "500"}}},
		{"one among many is still seen", []Share{{"new", 1}, {"pass", 9999}}, []Segment{{"new", "0", "8"}, {"pass", "8", "992"}}},
	} {
		if diff := cmp.Diff(c.want, NewBar(c.shares)); diff != "" {
			t.Errorf("%s:\n%s", c.why, diff)
		}
	}
}

// Whatever the counts, the parts fill the bar and nothing lies outside it.
func FuzzBar(f *testing.F) {
	f.Add(1, 2, 3, 4)
	f.Add(0, 0, 0, 1)
	f.Add(1, 1, 1, 1_000_000)
	f.Fuzz(func(t *testing.T, a, b, c, d int) {
		counts := []int{a, b, c, d}
		var shares []Share
		total := 0
		for _, n := range counts {
			n = n % 1_000_000
			shares = append(shares, Share{"k", n})
			total += max(0, n)
		}
		sum := 0.0
		for _, s := range NewBar(shares) {
			w, err := strconv.ParseFloat(s.Width, 64)
			if err != nil || w <= 0 || math.IsNaN(w) {
				t.Fatalf("width %q of %v", s.Width, shares)
			}
			sum += w
		}
		if total > 0 && math.Abs(sum-BarWidth) > 0.1 {
			t.Errorf("%v fills %v of %d", shares, sum, BarWidth)
		}
	})
}

// A path may only have numbers and the commands we use, whatever comes in.
func FuzzSpark(f *testing.F) {
	f.Add(0.1, 0.9, math.NaN())
	f.Add(math.Inf(1), math.Inf(-1), 0.0)
	path := regexp.MustCompile(`^(M[0-9.]+ [0-9.]+h0(L[0-9.]+ [0-9.]+)*)*$`)
	f.Fuzz(func(t *testing.T, a, b, c float64) {
		if s := NewSpark([]Rate{Rate(a), Rate(b), Rate(c)}, "x", "y"); !path.MatchString(s.Line) {
			t.Errorf("%v %v %v gives %q", a, b, c, s.Line)
		}
	})
}
