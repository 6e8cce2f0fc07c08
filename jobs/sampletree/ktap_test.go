package sampletree

import (
	"regexp"
	"strings"
	"testing"
)

// outcome is what one run of a test says. Read here from the top level lines
// only, to be independent of how Drover reads KTAP.
type outcome string

const (
	passed  outcome = "pass"
	failed  outcome = "fail"
	errored outcome = "error"
	skipped outcome = "skip"
	garbled outcome = "garbled" // no KTAP, or not all that was planned
)

var (
	planLine   = regexp.MustCompile(`(?m)^1\.\.(\d+)( # SKIP .+)?$`)
	resultLine = regexp.MustCompile(`(?m)^(not )?ok \d+ [a-z0-9_]+( # (SKIP|ERROR) .+)?$`)
)

func outcomeOf(output string) outcome {
	plan := planLine.FindStringSubmatch(output)
	lines := resultLine.FindAllStringSubmatch(output, -1)
	if !strings.HasPrefix(output, "KTAP version 1\n") || plan == nil || strings.Contains(output, "Bail out!") {
		return garbled
	}
	if plan[2] != "" && len(lines) == 0 {
		return skipped
	}
	count := map[string]int{}
	for _, line := range lines {
		count[line[1]+line[3]]++
	}
	switch {
	case plan[1] != itoa(len(lines)) || len(lines) == 0:
		return garbled
	case count["not "] > 0:
		return failed
	case count["not ERROR"] > 0:
		return errored
	case count["SKIP"] == len(lines):
		return skipped
	}
	return passed
}

func TestOutcome(t *testing.T) {
	for _, c := range []struct {
		why, output string
		want        outcome
	}{
		{"nothing", "", garbled},
		{"pass", "KTAP version 1\n1..1\nok 1 a\n", passed},
		{"one of two is missing", "KTAP version 1\n1..2\nok 1 a\n", garbled},
		{"fail", "KTAP version 1\n1..2\nok 1 a\nnot ok 2 b\n", failed},
		{"error", "KTAP version 1\n1..1\nnot ok 1 a # ERROR no disk\n", errored},
		{"fail is worse", "KTAP version 1\n1..2\nnot ok 1 a # ERROR no disk\nnot ok 2 b\n", failed},
		{"one skipped", "KTAP version 1\n1..2\nok 1 a\nok 2 b # SKIP why\n", passed},
		{"all skipped", "KTAP version 1\n1..0 # SKIP why\n", skipped},
		{"nested lines do not count", "KTAP version 1\n1..1\n  not ok 1 a\nok 1 b\n", passed},
		{"bail out", "Bail out! not built\n", garbled},
	} {
		if got := outcomeOf(c.output); got != c.want {
			t.Errorf("%s: %s, want %s", c.why, got, c.want)
		}
	}
}
