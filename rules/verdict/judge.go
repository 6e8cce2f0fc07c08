package verdict

import (
	"cmp"
	"fmt"
	"slices"

	"drover/rules/status"
)

// Judge is the verdict of a checkout. It does not depend on the order of the
// builds and results.
func Judge(in Input) Judgement {
	j := judging{percent: in.UnclearPercent, reason: in.Reason, finished: true}
	if j.percent <= 0 || j.percent > 100 {
		j.percent = DefaultUnclearPercent
	}
	builds := make([]Judged, len(in.Builds))
	outcomes := make(map[string]Outcome, len(in.Builds))
	for i, b := range in.Builds {
		outcome := OfBuild(b.Attempts, b.RetryLeft)
		if other, taken := outcomes[b.Key]; !taken || kernelRank(outcome) < kernelRank(other) {
			outcomes[b.Key] = outcome
		}
		builds[i] = showBuild(b, outcome)
		j.addBuild(builds[i])
	}
	results := make([]Judged, len(in.Results))
	for i, r := range in.Results {
		results[i] = showResult(r, afterBuild(r, outcomes))
		j.addResult(r, results[i])
	}
	verdict := j.verdict()
	return Judgement{
		Version: Version, Verdict: verdict, Text: j.text(verdict), Reasons: j.reasons(verdict, builds, results),
		Counts: j.counts, Builds: builds, Results: results, Finished: j.finished, News: j.news(verdict),
	}
}

// judging is what has been seen so far.
type judging struct {
	percent   int
	reason    string
	counts    Counts
	without   int  // counted results that ended as error, miss or cancelled, known or not
	cancelled int  // of builds and counted results
	compared  bool // a counted result has something to be compared with
	finished  bool
}

func (j *judging) addBuild(b Judged) {
	c := &j.counts.Builds
	c.Planned++
	if !b.Finished {
		j.finished = false
		return
	}
	c.Finished++
	switch b.Status {
	case status.Pass, status.Done:
		c.Pass++
	case status.Fail:
		c.Failed++
		if b.Shown == status.StillFailing || b.Shown == status.KnownIssue {
			c.Before++
		}
	case status.Skip:
		c.Skipped++
	case status.Cancelled:
		j.cancelled++
		c.Infra++
	default:
		c.Infra++
	}
}

func (j *judging) addResult(r Result, result Judged) {
	c := &j.counts
	if !result.Counts {
		c.Trial++
		return
	}
	c.Planned++
	j.compared = j.compared || r.History.before() != ""
	if !result.Finished {
		j.finished = false
		return
	}
	c.Finished++
	switch result.Status {
	case status.Error, status.Miss, status.Cancelled:
		j.without++
	}
	if result.Status == status.Cancelled {
		j.cancelled++
	}
	c.countShown(result.Shown)
	c.countStatus(result)
}

// countStatus puts a result into exactly one of the parts of Finished.
func (c *Counts) countStatus(result Judged) {
	switch {
	case result.Shown == status.KnownIssue:
		c.Known++
	case result.Status == status.Pass:
		c.Pass++
	case result.Status == status.Skip:
		c.Skipped++
	case result.Status == status.Done:
		c.Done++
	case result.Status == status.Error:
		c.Infra++
	case result.Status == status.Miss, result.Status == status.Cancelled:
		c.Missing++
	}
}

// countShown counts failures, which always have a comparison, and the passes
// that have one.
func (c *Counts) countShown(shown status.Shown) {
	switch shown {
	case status.New:
		c.New++
	case status.StillFailing:
		c.StillFailing++
	case status.FirstRun:
		c.FirstRun++
	case status.Fixed:
		c.Fixed++
	case status.Flaky:
		c.Flaky++
	}
}

// verdict is the first that holds, in the order of the design: nothing,
// broken, new, running, unclear, ok.
func (j *judging) verdict() status.Verdict {
	switch {
	case j.nothing():
		return status.Nothing
	case j.counts.Builds.Failed > 0:
		return status.Broken
	case j.counts.New > 0:
		return status.NewFailures
	case !j.finished:
		return status.StillRunning
	case j.tooFewResults(), j.tooFewBuilds(), j.onlyFirstRuns():
		return status.Unclear
	}
	return status.NoNewFailures
}

// nothing: nothing that counts was planned, or all of it was left out.
func (j *judging) nothing() bool {
	builds, results := j.counts.Builds, j.counts
	planned := builds.Planned + results.Planned
	return planned == 0 || j.finished && builds.Skipped+results.Skipped+j.cancelled == planned
}

func (j *judging) tooFewResults() bool {
	return j.without*100 > j.percent*j.counts.Planned
}

// tooFewBuilds covers builds that have no results planned.
func (j *judging) tooFewBuilds() bool {
	return j.counts.Builds.Infra*100 > j.percent*(j.counts.Builds.Planned-j.counts.Builds.Skipped)
}

// onlyFirstRuns: something fails, and nothing can be compared, as in the first
// checkout of a tree.
func (j *judging) onlyFirstRuns() bool {
	c := j.counts
	return c.FirstRun > 0 && c.New+c.Known+c.StillFailing == 0 && !j.compared
}

// news: a build that fails as before is none, nor is one with a known issue.
func (j *judging) news(verdict status.Verdict) bool {
	if verdict == status.Nothing {
		return false
	}
	return j.counts.New > 0 || j.counts.Builds.Failed > j.counts.Builds.Before
}

// afterBuild is the outcome of a result, which without a kernel never ran.
func afterBuild(r Result, builds map[string]Outcome) Outcome {
	o := OfTest(r.Attempts, r.RetryLeft)
	build, ok := builds[r.Build]
	if !ok || !build.Finished || everRan(r.Attempts) {
		return o
	}
	never := Outcome{Finished: true}
	switch build.Status {
	case status.Fail:
		never.Status, never.Reason = status.Skip, ReasonBuildFailed
	case status.Skip:
		never.Status, never.Reason = status.Skip, ReasonBuildSkipped
	case status.Error, status.Miss:
		never.Status, never.Reason = status.Miss, ReasonBuildError
	case status.Cancelled:
		never.Status = status.Cancelled
	default:
		return o
	}
	return never
}

// kernelRank puts the outcome that can give a kernel first, where a build was
// reported twice.
func kernelRank(o Outcome) int {
	order := []status.Status{status.Fail, status.Error, status.Miss, status.Cancelled, status.Skip}
	switch {
	case o.Status == status.Pass, o.Status == status.Done:
		return -3
	case !o.Finished:
		return -2
	}
	return slices.Index(order, o.Status)
}

// everRan tells whether an attempt got so far that it tells of the test.
func everRan(attempts []status.Status) bool {
	return slices.ContainsFunc(attempts, func(s status.Status) bool {
		switch s {
		case status.Planned, status.Queued, status.Miss, status.Cancelled, status.Skip:
			return false
		}
		return true
	})
}

// maxReasons bounds how many builds and results are named in the reasons.
const maxReasons = 50

// reasons says which rule chose the verdict, then what it rests on, one line
// for each build and result that is not simply good, sorted.
func (j *judging) reasons(verdict status.Verdict, builds, results []Judged) []string {
	var named []Judged
	for _, one := range slices.Concat(builds, results) {
		if one.Counts && one.Finished && (one.Shown != "" || one.Status == status.Error || one.Status == status.Miss || one.Status == status.Fail) {
			named = append(named, one)
		}
	}
	slices.SortFunc(named, func(a, b Judged) int {
		return cmp.Or(cmp.Compare(reasonRank(a), reasonRank(b)), cmp.Compare(a.Key, b.Key), cmp.Compare(line(a), line(b)))
	})
	reasons := []string{j.rule(verdict)}
	for i, one := range named {
		if i == maxReasons {
			return append(reasons, fmt.Sprintf("and %d more", len(named)-maxReasons))
		}
		reasons = append(reasons, line(one))
	}
	return reasons
}

// reasonRank puts what decides first.
func reasonRank(one Judged) int {
	order := []status.Shown{status.New, status.StillFailing, status.FirstRun, status.KnownIssue, "", status.Fixed, status.Flaky}
	return slices.Index(order, one.Shown)
}

func line(one Judged) string {
	said := one.Text
	if one.Reason != "" {
		said = one.Reason
	}
	if said == "" {
		said = one.Status.Word().Text
	}
	return fmt.Sprintf("%s: %s", one.Key, said)
}
