package timeline

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"drover/rules/id"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// minute is a time on the clock of these tests; a negative one is none.
func minute(m int) time.Time {
	if m < 0 {
		return time.Time{}
	}
	return start.Add(time.Duration(m) * time.Minute)
}

// run is a job in minutes: build, test, attempt, created, started, ended.
func run(build, test, attempt, created, started, ended int) Run {
	return Run{Build: id.ID(build), Test: id.ID(test), Attempt: attempt, Created: minute(created), Started: minute(started), Ended: minute(ended), Over: ended >= 0}
}

func TestPath(t *testing.T) {
	over := run(1, 0, 1, 0, -1, -1)
	over.Over = true
	for _, c := range []struct {
		why  string
		runs []Run
		want []int
	}{
		{"nothing", nil, nil},
		{"nothing has started", []Run{run(1, 0, 1, 0, -1, -1)}, nil},
		{"one build", []Run{run(1, 0, 1, 0, 1, 5)}, []int{0}},
		{"a build and its slowest test", []Run{run(1, 0, 1, 0, 1, 5), run(1, 7, 1, 5, 6, 9), run(1, 8, 1, 5, 6, 20)}, []int{0, 2}},
		{"of two builds the one whose test ends last", []Run{run(1, 0, 1, 0, 1, 30), run(2, 0, 1, 0, 1, 5), run(2, 7, 1, 5, 6, 31)}, []int{1, 2}},
		{"a slow build without tests", []Run{run(1, 0, 1, 0, 1, 50), run(2, 0, 1, 0, 1, 5), run(2, 7, 1, 5, 6, 31)}, []int{0}},
		{"retries of build and test", []Run{run(1, 0, 1, 0, 1, 5), run(1, 0, 2, 5, 6, 9), run(1, 7, 1, 9, 10, 12), run(1, 7, 2, 12, 13, 14)}, []int{0, 1, 2, 3}},
		{"attempts out of order", []Run{run(1, 7, 2, 12, 13, 14), run(1, 7, 1, 9, 10, 12), run(1, 0, 1, 0, 1, 9)}, []int{2, 1, 0}},
		{"what runs ends now", []Run{run(1, 0, 1, 0, 1, 5), run(1, 7, 1, 5, 6, -1), run(1, 8, 1, 5, 6, 30)}, []int{0, 1}},
		{"without times there is no end", []Run{over}, nil},
		{"of equals the first", []Run{run(1, 0, 1, 0, 1, 5), run(2, 0, 1, 0, 1, 5)}, []int{0}},
	} {
		placed, path := Place(c.runs, minute(60))
		if !slices.Equal(path, c.want) {
			t.Errorf("%s: %v, want %v", c.why, path, c.want)
		}
		for i, p := range placed {
			if p.Critical != slices.Contains(c.want, i) {
				t.Errorf("%s: run %d is critical: %v", c.why, i, p.Critical)
			}
		}
	}
}

func TestWaiting(t *testing.T) {
	early := run(1, 7, 1, 0, 12, 20) // asked for when the checkout was planned
	timeless := run(1, 0, 1, 0, -1, -1)
	timeless.Over = true
	for _, c := range []struct {
		why          string
		runs         []Run
		i            int
		waited, took int // minutes
	}{
		{"from the day it was asked for", []Run{run(1, 0, 1, 0, 3, 5)}, 0, 3, 2},
		{"a test waits from the end of its build", []Run{run(1, 0, 1, 0, 1, 10), early}, 1, 2, 8},
		{"a build that runs makes its test wait for nothing else", []Run{run(1, 0, 1, 0, 1, -1), run(1, 7, 1, 0, -1, -1)}, 1, 0, 0},
		{"waits still", []Run{run(1, 0, 1, 0, 1, 10), run(1, 7, 1, 10, -1, -1)}, 1, 50, 0},
		{"runs still", []Run{run(1, 0, 1, 0, 10, -1)}, 0, 10, 50},
		{"a retry waits from its own day", []Run{run(1, 0, 1, 0, 1, 2), run(1, 0, 2, 4, 9, 10)}, 1, 5, 1},
		{"no times", []Run{timeless}, 0, 0, 0},
		{"started before it was asked for: clocks differ", []Run{run(1, 0, 1, 5, 3, 4)}, 0, 0, 1},
	} {
		placed, _ := Place(c.runs, minute(60))
		p := placed[c.i]
		if p.Waited(minute(60)) != time.Duration(c.waited)*time.Minute || p.Took() != time.Duration(c.took)*time.Minute {
			t.Errorf("%s: waited %v, took %v", c.why, p.Waited(minute(60)), p.Took())
		}
	}
	placed, _ := Place([]Run{timeless}, minute(60))
	if !placed[0].Timeless() {
		t.Error("a run without times is not said to be one")
	}
}

// The critical path is a chain: each run on it depends on the one before, and
// the last of it ends when everything does.
func FuzzPath(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Fuzz(func(t *testing.T, bytes []byte) {
		var runs []Run
		for i := 0; i+3 < len(bytes); i += 4 {
			at, ended := int(bytes[i+2]), int(bytes[i+2])+int(bytes[i+3])
			if bytes[i+3]%7 == 0 {
				ended = -1
			}
			runs = append(runs, run(1+int(bytes[i])%3, int(bytes[i+1])%3, i, at, at+1, ended))
		}
		placed, path := Place(runs, minute(999))
		for at, i := range path {
			if at > 0 && placed[i].Build != placed[path[at-1]].Build {
				t.Error(fmt.Sprint("the path leaves its build: ", path))
			}
		}
		for _, p := range placed {
			if len(path) > 0 && p.Until.After(placed[path[len(path)-1]].Until) {
				t.Errorf("%v ends after the path", p.Run)
			}
		}
	})
}
