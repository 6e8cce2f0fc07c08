package verdict

import (
	"fmt"
	"strings"

	"drover/rules/status"
)

// text is the sentence of the verdict: ui.md 2.3. The first words are those of
// its table; what else a person must know follows after a comma or semicolon.
func (j *judging) text(verdict status.Verdict) string {
	c := j.counts
	switch verdict {
	case status.Nothing:
		return "Nothing was tested: " + j.nothingBecause()
	case status.Broken:
		return j.brokenText()
	case status.NewFailures:
		return plural(c.New, "new failure", "new failures") + c.others()
	case status.StillRunning:
		if c.Planned == 0 {
			return fmt.Sprintf("Running: %s finished, no new failure so far", of(c.Builds.Finished, c.Builds.Planned, "build", "builds"))
		}
		return fmt.Sprintf("Running: %s finished, no new failure so far", of(c.Finished, c.Planned, "test", "tests"))
	case status.Unclear:
		return "Not enough results: " + j.unclearBecause()
	}
	return "No new failures" + c.others()
}

func (j *judging) brokenText() string {
	b := j.counts.Builds
	text := "Does not build on " + of(b.Failed, b.Planned-b.Skipped, "configuration", "configurations")
	switch {
	case b.Before == b.Failed:
		text += ", as before"
	case b.Before > 0:
		text += fmt.Sprintf(", %d as before", b.Before)
	}
	if j.counts.New > 0 {
		text += "; " + plural(j.counts.New, "new failure", "new failures") + j.counts.others()
	}
	return text
}

func (j *judging) unclearBecause() string {
	c := j.counts
	switch {
	case j.tooFewResults():
		return fmt.Sprintf("%s %s none", of(j.without, c.Planned, "test", "tests"), have(j.without))
	case j.tooFewBuilds():
		return fmt.Sprintf("%s %s none", of(c.Builds.Infra, c.Builds.Planned-c.Builds.Skipped, "build", "builds"), have(c.Builds.Infra))
	case c.FirstRun == 1:
		return "1 test fails on its first run, and nothing can be compared"
	}
	return fmt.Sprintf("%d tests fail on their first run, and nothing can be compared", c.FirstRun)
}

func (j *judging) nothingBecause() string {
	c := j.counts
	switch {
	case j.reason != "":
		return j.reason
	case c.Planned+c.Builds.Planned == 0 && c.Trial > 0:
		return "only tests that do not count were planned"
	case c.Planned+c.Builds.Planned == 0:
		return "nothing was planned"
	case j.cancelled > 0:
		return "it was cancelled"
	}
	return "everything was skipped"
}

// others lists what else failed, and what was fixed: ", 4 known, 1 fixed".
func (c Counts) others() string {
	var text strings.Builder
	for _, part := range []struct {
		n    int
		word string
	}{{c.Known, "known"}, {c.StillFailing, "still failing"}, {c.FirstRun, "failing on the first run"}, {c.Fixed, "fixed"}} {
		if part.n > 0 {
			fmt.Fprintf(&text, ", %d %s", part.n, part.word)
		}
	}
	return text.String()
}

// of is "41 of 120 tests"; the word goes with the second number.
func of(n, all int, one, many string) string {
	return fmt.Sprintf("%d of %s", n, plural(all, one, many))
}

func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

// rule says why this verdict was chosen.
func (j *judging) rule(verdict status.Verdict) string {
	c := j.counts
	switch verdict {
	case status.Nothing:
		return "nothing: no build and no result that counts was left to judge"
	case status.Broken:
		return fmt.Sprintf("broken: %s failed, %d of them as before or for a known issue", plural(c.Builds.Failed, "build", "builds"), c.Builds.Before)
	case status.NewFailures:
		return fmt.Sprintf("new: %s, each confirmed by a second failure", plural(c.New, "result fails that passed before", "results fail that passed before"))
	case status.StillRunning:
		return fmt.Sprintf("running: %s and %s are still to come", plural(c.Builds.Planned-c.Builds.Finished, "build", "builds"), plural(c.Planned-c.Finished, "result", "results"))
	case status.Unclear:
		if j.tooFewResults() || j.tooFewBuilds() {
			return fmt.Sprintf("unclear: more than %d %% of what was planned has no result", j.percent)
		}
		return "unclear: the only failures are first runs, and no result could be compared"
	}
	return fmt.Sprintf("ok: everything finished, no result fails that passed before, and at most %d %% has no result", j.percent)
}
