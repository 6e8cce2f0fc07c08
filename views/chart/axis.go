package chart

import (
	"fmt"
	"slices"
	"time"
)

// mostTicks keeps the words of a time axis apart on a narrow screen.
const mostTicks = 7

const day = 24 * time.Hour

// steps are the distances between ticks that people read easily.
var steps = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day, 14 * day, 28 * day,
}

// ticks are the lines of a time axis that counts from its beginning.
func ticks(s scale) []GanttTick {
	whole := s.to.Sub(s.from)
	if whole <= 0 {
		return []GanttTick{{X: "0%", Text: "0"}}
	}
	step := steps[len(steps)-1]
	if i := slices.IndexFunc(steps, func(d time.Duration) bool { return whole/d < mostTicks }); i >= 0 {
		step = steps[i]
	}
	var list []GanttTick
	// A tick at the very end would have its words outside of the picture.
	for d := time.Duration(0); d < whole-whole/20 && len(list) <= mostTicks; d += step {
		list = append(list, GanttTick{X: percent(s.at(s.from.Add(d))), Text: Elapsed(d)})
	}
	return list
}

// Elapsed is a length of time on an axis: "0", "45 s", "1 h 30 min", "2 d".
func Elapsed(d time.Duration) string {
	d = max(0, d).Round(time.Second)
	switch {
	case d == 0:
		return "0"
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return twoUnits(d, time.Minute, "min", time.Second, "s")
	case d < 2*day:
		return twoUnits(d, time.Hour, "h", time.Minute, "min")
	}
	return twoUnits(d, day, "d", time.Hour, "h")
}

func twoUnits(d, large time.Duration, name string, small time.Duration, lesser string) string {
	if rest := d % large / small; rest > 0 {
		return fmt.Sprintf("%d %s %d %s", d/large, name, rest, lesser)
	}
	return fmt.Sprintf("%d %s", d/large, name)
}

// union merges spans that overlap into the times in which any of them ran; one
// is critical if any in it is.
func union(spans []Span) []Span {
	sorted := slices.Clone(spans)
	slices.SortStableFunc(sorted, func(a, b Span) int { return a.Started.Compare(b.Started) })
	var merged []Span
	for _, s := range sorted {
		if n := len(merged); n > 0 && !s.Started.After(merged[n-1].Ended) {
			if s.Ended.After(merged[n-1].Ended) {
				merged[n-1].Ended = s.Ended
			}
			merged[n-1].Critical = merged[n-1].Critical || s.Critical
			continue
		}
		merged = append(merged, s)
	}
	return merged
}
