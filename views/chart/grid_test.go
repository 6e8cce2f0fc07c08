package chart

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAxis(t *testing.T) {
	for _, c := range []struct {
		why  string
		used []bool
		want Axis
	}{
		{"nothing", nil, Axis{X: []int{}, Width: 1}},
		{"all", []bool{true, true}, Axis{X: []int{0, 14}, Width: 28}},
		{"a gap between", []bool{true, false, true}, Axis{X: []int{0, -1, 18}, Gaps: []Gap{{X: 14, First: 1, Columns: 1}}, Width: 32}},
		{"neighbours share a gap", []bool{false, false, true, false}, Axis{X: []int{-1, -1, 4, -1}, Gaps: []Gap{{X: 0, First: 0, Columns: 2}, {X: 18, First: 3, Columns: 1}}, Width: 22}},
	} {
		if diff := cmp.Diff(c.want, NewAxis(c.used)); diff != "" {
			t.Errorf("%s:\n%s", c.why, diff)
		}
	}
}

// Cells of one column stand above each other, whatever is missing beside them.
func TestGridStrip(t *testing.T) {
	axis := NewAxis([]bool{true, false, true, true})
	got := axis.Strip([]Cell{pass, gap, gap, fail})
	want := Strip{
		Width: 46, Height: 14,
		Bars:  []Bar{{Class: "pass", Path: "M0 9h12v4h-12z"}},
		Marks: []Mark{{X: 32, Y: 1, Class: "fail", Path: signs["fail"]}},
		Label: "Last 2 checkouts: 1 failed, 1 passed; newest failed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestGrid(t *testing.T) {
	g := NewGrid([]string{"rc3-1", "rc3-22"}, []GridRow{{"a", []Cell{pass, fail}}, {"long name", []Cell{gap, pass}}}, "Two tests")
	if g.Width != 63+16+28+8 || g.Height != 42+16+36+8 || g.Label != "Two tests" {
		t.Errorf("%d by %d, %q", g.Width, g.Height, g.Label)
	}
	want := []GridHead{{X: 89, Y: 50, Text: "rc3-1"}, {X: 103, Y: 50, Text: "rc3-22"}}
	if diff := cmp.Diff(want, g.Columns); diff != "" {
		t.Error(diff)
	}
	if len(g.Rows) != 2 || g.Rows[1].Y != 76 || g.Rows[1].TextX != 71 || !strings.Contains(g.Rows[1].Strip.Bars[0].Path, "M14 9") {
		t.Errorf("%+v", g.Rows)
	}
}
