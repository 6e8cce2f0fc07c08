// Package timeline says how the jobs of a checkout follow one another: from
// when each could have started, and which of them decided how long the whole
// took. The timeline page calls it.
//
// It is pure: times come in, nothing is read from a clock. A job depends on
// its own earlier attempts, a test also on its build; that a slot of a host was
// taken is waiting, not a dependency.
package timeline

import (
	"slices"
	"time"

	"drover/rules/id"
)

// Run is one job. Zero times are not known, or have not come yet.
type Run struct {
	Build   id.ID
	Test    id.ID // 0 for the build itself
	Attempt int
	Created time.Time // when it was asked for
	Started time.Time
	Ended   time.Time
	Over    bool // it has ended, with or without a known time
}

// Placed is a Run with what follows from the others.
type Placed struct {
	Run
	// Ready is when nothing but a free slot was missing; zero while what it
	// depends on has not ended.
	Ready time.Time
	// Until is its end, or now while it runs; zero where it did not start or
	// its times are not known.
	Until time.Time
	// Critical: it is on the longest way through the checkout.
	Critical bool
}

// Waited is how long it waited for a slot: until it started, or until now.
func (p Placed) Waited(now time.Time) time.Duration {
	from, to := p.Ready, p.Started
	if to.IsZero() && !p.Over {
		to = now
	}
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return 0
	}
	return to.Sub(from)
}

// Took is how long it ran, so far if it still does.
func (p Placed) Took() time.Duration {
	if p.Started.IsZero() || p.Until.Before(p.Started) {
		return 0
	}
	return p.Until.Sub(p.Started)
}

// Timeless: it is over, and nobody told when it ran.
func (p Placed) Timeless() bool { return p.Over && (p.Started.IsZero() || p.Ended.IsZero()) }

// Place works out for each run when it was ready, when it was over, and whether
// it is on the critical path, which is given too: places in runs, in order of
// time. The path leads to the run that ended last, and from each run back to
// the one it had to wait for.
func Place(runs []Run, now time.Time) (placed []Placed, path []int) {
	placed = make([]Placed, len(runs))
	before := predecessors(runs)
	for i, r := range runs {
		placed[i] = Placed{Run: r, Ready: ready(runs, before[i], r), Until: until(r, now)}
	}
	last := -1
	for i, p := range placed {
		if !p.Until.IsZero() && (last < 0 || p.Until.After(placed[last].Until)) {
			last = i
		}
	}
	for i := last; i >= 0; i = before[i] {
		placed[i].Critical = true
		path = append(path, i)
	}
	slices.Reverse(path)
	return placed, path
}

// until is the end of a run as far as it is known.
func until(r Run, now time.Time) time.Time {
	switch {
	case r.Started.IsZero():
		return time.Time{}
	case !r.Ended.IsZero():
		return r.Ended
	case r.Over:
		return time.Time{}
	}
	return now
}

// ready is when a run could have started.
func ready(runs []Run, before int, r Run) time.Time {
	if before < 0 {
		return r.Created
	}
	p := runs[before]
	switch {
	case !p.Over:
		return time.Time{}
	case p.Ended.After(r.Created):
		return p.Ended
	}
	return r.Created
}

// line is what the attempts at one thing have in common.
type line struct{ build, test id.ID }

// predecessors gives for each run the one it had to wait for, -1 for none: the
// attempt before at the same thing, else the last attempt at its build.
func predecessors(runs []Run) []int {
	byLine := map[line][]int{}
	for i, r := range runs {
		byLine[line{r.Build, r.Test}] = append(byLine[line{r.Build, r.Test}], i)
	}
	for _, list := range byLine {
		slices.SortStableFunc(list, func(a, b int) int { return runs[a].Attempt - runs[b].Attempt })
	}
	before := make([]int, len(runs))
	for at, list := range byLine {
		first := -1
		if builds := byLine[line{at.build, 0}]; at.test != 0 && len(builds) > 0 {
			first = builds[len(builds)-1]
		}
		for _, i := range list {
			before[i] = first
			first = i
		}
	}
	return before
}
