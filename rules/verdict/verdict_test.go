package verdict

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"drover/rules/status"
)

// Histories that the cases use.
var (
	passedBefore = History{Base: pass, Back: 1, Label: "77aa01c"}
	failedBefore = History{Base: fail, Back: 1, Label: "77aa01c", FailingFor: 6}
	firstTime    = History{}
)

// of results: n tests with the same attempts and history.
func results(n int, name string, h History, attempts ...status.Status) []Result {
	var list []Result
	for i := range n {
		list = append(list, Result{Test: fmt.Sprintf("%s/%d", name, i), Scenario: "x86_64/default/gcc-14", State: status.TestReporting, Attempts: attempts, History: h})
	}
	return list
}

func builds(n int, name string, h History, attempts ...status.Status) []Build {
	var list []Build
	for i := range n {
		list = append(list, Build{Key: fmt.Sprintf("%s/%d/gcc-14", name, i), Attempts: attempts, History: h})
	}
	return list
}

func join[T any](parts ...[]T) []T { return slices.Concat(parts...) }

// with changes each of a list.
func with(list []Result, change func(*Result)) []Result {
	for i := range list {
		change(&list[i])
	}
	return list
}

func withIssue(list []Result) []Result     { return with(list, func(r *Result) { r.Issue = 412 }) }
func withRetryLeft(list []Result) []Result { return with(list, func(r *Result) { r.RetryLeft = true }) }

func inState(s status.TestState, list []Result) []Result {
	return with(list, func(r *Result) { r.State = s })
}

func onBuild(key string, list []Result) []Result {
	return with(list, func(r *Result) { r.Build = key })
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		why     string
		in      Input
		verdict status.Verdict
		text    string
		news    bool
	}{
		// nothing
		{"nothing planned, with the reason", Input{Reason: "the change touches only Documentation/"},
			status.Nothing, "Nothing was tested: the change touches only Documentation/", false},
		{"nothing planned, nobody knows why", Input{}, status.Nothing, "Nothing was tested: nothing was planned", false},
		{"only tests that do not count", Input{Results: inState(status.TestTrial, results(2, "t", passedBefore, fail, fail))},
			status.Nothing, "Nothing was tested: only tests that do not count were planned", false},
		{"all skipped", Input{Results: results(2, "t", passedBefore, skip)}, status.Nothing, "Nothing was tested: everything was skipped", false},
		{"all cancelled", Input{Builds: builds(1, "a", passedBefore, cancelled), Results: results(2, "t", passedBefore, cancelled)},
			status.Nothing, "Nothing was tested: it was cancelled", false},

		// broken
		{"three of eight do not build", Input{Builds: join(builds(5, "a", passedBefore, pass), builds(3, "b", passedBefore, fail)), Results: results(9, "t", passedBefore, pass)},
			status.Broken, "Does not build on 3 of 8 configurations", true},
		{"the only build does not", Input{Builds: builds(1, "a", passedBefore, fail)}, status.Broken, "Does not build on 1 of 1 configuration", true},
		{"the first checkout does not build: nobody says it did not before", Input{Builds: builds(1, "a", firstTime, fail)},
			status.Broken, "Does not build on 1 of 1 configuration", true},
		{"builds left out by choice are no configurations", Input{Builds: join(builds(1, "a", passedBefore, fail), builds(2, "b", passedBefore, skip), builds(1, "c", passedBefore, pass))},
			status.Broken, "Does not build on 1 of 2 configurations", true},
		{"broken while the rest still runs", Input{Builds: join(builds(1, "a", passedBefore, fail), builds(7, "b", passedBefore, running)), Results: results(4, "t", passedBefore, planned)},
			status.Broken, "Does not build on 1 of 8 configurations", true},
		{"broken as before is shown and no news", Input{Builds: join(builds(1, "a", failedBefore, fail), builds(7, "b", passedBefore, pass)), Results: results(4, "t", passedBefore, pass)},
			status.Broken, "Does not build on 1 of 8 configurations, as before", false},
		{"one as before, one not", Input{Builds: join(builds(1, "a", failedBefore, fail), builds(1, "b", passedBefore, fail), builds(6, "c", passedBefore, pass))},
			status.Broken, "Does not build on 2 of 8 configurations, 1 as before", true},
		{"broken as before does not hide a new failure", Input{
			Builds:  join(builds(1, "a", failedBefore, fail), builds(1, "b", passedBefore, pass)),
			Results: join(results(2, "n", passedBefore, fail, fail), withIssue(results(4, "k", passedBefore, fail, fail)))},
			status.Broken, "Does not build on 1 of 2 configurations, as before; 2 new failures, 4 known", true},
		{"a known issue of a build is no news", Input{Builds: []Build{{Key: "a", Attempts: list{fail}, Issue: 7, History: passedBefore}, {Key: "b", Attempts: list{pass}}}},
			status.Broken, "Does not build on 1 of 2 configurations, as before", false},
		{"broken wins over new", Input{Builds: builds(1, "a", passedBefore, fail), Results: results(1, "t", passedBefore, fail, fail)},
			status.Broken, "Does not build on 1 of 1 configuration; 1 new failure", true},

		// new
		{"one new failure", Input{Results: results(1, "t", passedBefore, fail, fail)}, status.NewFailures, "1 new failure", true},
		{"with what else is to be said", Input{Results: join(results(2, "n", passedBefore, fail, fail), withIssue(results(4, "k", passedBefore, fail, fail)),
			results(1, "f", failedBefore, pass), results(90, "p", passedBefore, pass))}, status.NewFailures, "2 new failures, 4 known, 1 fixed", true},
		{"a new failure wins over running", Input{Results: join(results(1, "n", passedBefore, fail, fail), results(9, "r", passedBefore, running))},
			status.NewFailures, "1 new failure", true},
		{"and over too few results", Input{Results: join(results(1, "n", passedBefore, fail, fail), results(9, "e", passedBefore, failed))},
			status.NewFailures, "1 new failure", true},
		{"a gap does not hide it: the last result on the branch passed", Input{Results: results(1, "t", History{Last: pass}, fail, fail)},
			status.NewFailures, "1 new failure", true},

		// running
		{"running", Input{Results: join(results(84, "p", passedBefore, pass), results(36, "r", passedBefore, running))},
			status.StillRunning, "Running: 84 of 120 tests finished, no new failure so far", false},
		{"one failure is not confirmed yet", Input{Results: withRetryLeft(results(1, "t", passedBefore, fail))},
			status.StillRunning, "Running: 0 of 1 test finished, no new failure so far", false},
		{"nor while its retry runs", Input{Results: join(results(1, "t", passedBefore, fail, running), results(1, "p", passedBefore, pass))},
			status.StillRunning, "Running: 1 of 2 tests finished, no new failure so far", false},
		{"only builds, still running", Input{Builds: join(builds(1, "a", passedBefore, pass), builds(2, "b", passedBefore, queued))},
			status.StillRunning, "Running: 1 of 3 builds finished, no new failure so far", false},
		{"results are there before the last build", Input{Builds: builds(1, "a", passedBefore, running), Results: results(2, "t", passedBefore, pass)},
			status.StillRunning, "Running: 2 of 2 tests finished, no new failure so far", false},
		{"too few results is nothing to say while it runs", Input{Results: join(results(9, "e", passedBefore, failed), results(1, "r", passedBefore, running))},
			status.StillRunning, "Running: 9 of 10 tests finished, no new failure so far", false},
		{"tests that do not count are not waited for", Input{Results: join(results(1, "p", passedBefore, pass), inState(status.TestTrial, results(1, "r", passedBefore, running)))},
			status.NoNewFailures, "No new failures", false},

		// unclear
		{"too few results", Input{Results: join(results(79, "p", passedBefore, pass), results(30, "e", passedBefore, failed, failed, failed), results(11, "m", passedBefore, miss))},
			status.Unclear, "Not enough results: 41 of 120 tests have none", false},
		{"one of two", Input{Results: join(results(1, "p", passedBefore, pass), results(1, "e", passedBefore, failed))},
			status.Unclear, "Not enough results: 1 of 2 tests has none", false},
		{"exactly the share is still enough", Input{Results: join(results(8, "p", passedBefore, pass), results(2, "e", passedBefore, failed))},
			status.NoNewFailures, "No new failures", false},
		{"the tree may ask for more", Input{UnclearPercent: 10, Results: join(results(8, "p", passedBefore, pass), results(2, "e", passedBefore, failed))},
			status.Unclear, "Not enough results: 2 of 10 tests have none", false},
		{"a known infrastructure error is no result either", Input{Results: join(results(1, "p", passedBefore, pass), withIssue(results(1, "e", passedBefore, failed)))},
			status.Unclear, "Not enough results: 1 of 2 tests has none", false},
		{"failed once, and the retries could not run", Input{Results: results(1, "t", passedBefore, fail, failed, failed, failed)},
			status.Unclear, "Not enough results: 1 of 1 test has none", false},
		{"cancelled in the middle", Input{Results: join(results(1, "p", passedBefore, pass), results(3, "c", passedBefore, cancelled))},
			status.Unclear, "Not enough results: 3 of 4 tests have none", false},
		{"builds that could not run", Input{Builds: join(builds(2, "a", passedBefore, failed, failed), builds(1, "b", passedBefore, pass))},
			status.Unclear, "Not enough results: 2 of 3 builds have none", false},
		{"results of a build that could not run", Input{Builds: join(builds(1, "a", passedBefore, failed, failed), builds(9, "b", passedBefore, pass)),
			Results: join(onBuild("a/0/gcc-14", results(3, "t", passedBefore, planned)), results(3, "p", passedBefore, pass))},
			status.Unclear, "Not enough results: 3 of 6 tests have none", false},
		{"only first runs fail, and nothing can be compared", Input{Results: join(results(3, "f", firstTime, fail, fail), results(9, "p", firstTime, pass))},
			status.Unclear, "Not enough results: 3 tests fail on their first run, and nothing can be compared", false},
		{"one first run", Input{Results: results(1, "f", firstTime, fail, fail)},
			status.Unclear, "Not enough results: 1 test fails on its first run, and nothing can be compared", false},

		// ok
		{"all passed", Input{Builds: builds(8, "a", passedBefore, pass), Results: results(9, "p", passedBefore, pass)}, status.NoNewFailures, "No new failures", false},
		{"the first checkout of a tree, all passed", Input{Results: results(9, "p", firstTime, pass)}, status.NoNewFailures, "No new failures", false},
		{"known and still failing", Input{Results: join(results(90, "p", passedBefore, pass), withIssue(results(4, "k", passedBefore, fail, fail)), results(3, "s", failedBefore, fail, fail))},
			status.NoNewFailures, "No new failures, 4 known, 3 still failing", false},
		{"fails on both sides", Input{Results: results(1, "s", failedBefore, fail, fail)}, status.NoNewFailures, "No new failures, 1 still failing", false},
		{"fixed", Input{Results: results(1, "f", failedBefore, pass)}, status.NoNewFailures, "No new failures, 1 fixed", false},
		{"flaky is no failure", Input{Results: results(1, "f", passedBefore, fail, pass)}, status.NoNewFailures, "No new failures", false},
		{"a first run that fails is listed and not new, where others were compared",
			Input{Results: join(results(1, "f", firstTime, fail, fail), results(9, "p", passedBefore, pass))},
			status.NoNewFailures, "No new failures, 1 failing on the first run", false},
		{"only builds", Input{Builds: builds(3, "a", passedBefore, pass)}, status.NoNewFailures, "No new failures", false},
		{"builds passed, every test skipped", Input{Builds: builds(3, "a", passedBefore, pass), Results: results(3, "s", passedBefore, skip)}, status.NoNewFailures, "No new failures", false},
		{"a measurement", Input{Results: results(1, "d", passedBefore, done)}, status.NoNewFailures, "No new failures", false},
		{"in quarantine", Input{Results: join(inState(status.TestQuarantined, results(3, "q", passedBefore, fail, fail)), results(1, "p", passedBefore, pass))},
			status.NoNewFailures, "No new failures", false},
		{"switched off, or in a state of a later version", Input{Results: join(inState(status.TestOff, results(1, "o", passedBefore, fail, fail)), inState("odd", results(1, "x", passedBefore, fail, fail)), results(1, "p", passedBefore, pass))},
			status.NoNewFailures, "No new failures", false},
		{"a blocking test counts as a reporting one", Input{Results: inState(status.TestBlocking, results(1, "b", passedBefore, fail, fail))}, status.NewFailures, "1 new failure", true},
	} {
		got := Judge(c.in)
		if got.Verdict != c.verdict || got.Text != c.text || got.News != c.news {
			t.Errorf("%s:\n\tgot  %s, %q, news %v\n\twant %s, %q, news %v", c.why, got.Verdict, got.Text, got.News, c.verdict, c.text, c.news)
		}
		check(t, c.in, got)
	}
}

func TestShownResult(t *testing.T) {
	trial := func(r *Result) { r.State = status.TestTrial }
	issue := func(r *Result) { r.Issue = 412 }
	for _, c := range []struct {
		why      string
		attempts list
		history  History
		change   func(*Result)
		status   status.Status
		shown    status.Shown
		text     string
	}{
		{"new", list{fail, fail}, passedBefore, nil, fail, status.New, "Failed 2 of 2, compared with 77aa01c"},
		{"new, looked back over a gap", list{fail, fail}, History{Base: pass, Back: 3, Label: "77aa01c"}, nil, fail, status.New, "Failed 2 of 2, compared with 77aa01c, 3 checkouts back"},
		{"new after a rebase", list{fail, fail}, History{Base: pass, Back: 1, Label: "77aa01c", NotAncestor: true}, nil, fail, status.New, "Failed 2 of 2, compared with 77aa01c, not an ancestor"},
		{"new, and the test is not the same", list{fail, fail}, History{Base: pass, Back: 2, Label: "77aa01c", TestChanged: true}, nil, fail, status.New, "Failed 2 of 2, compared with 77aa01c, 2 checkouts back; the test changed too"},
		{"new by the last result on the branch", list{fail, fail}, History{Last: pass}, nil, fail, status.New, "Failed 2 of 2, compared with its last result within 30 days"},
		{"new, one of the attempts could not run", list{fail, failed, fail}, passedBefore, nil, fail, status.New, "Failed 2 of 3, compared with 77aa01c"},
		{"new, nobody knows the name of the base", list{fail, fail}, History{Base: pass}, nil, fail, status.New, "Failed 2 of 2, compared with the checkout before"},
		{"the base speaks before the last result", list{fail, fail}, History{Base: fail, Last: pass, FailingFor: 2}, nil, fail, status.StillFailing, "Failing for 2 checkouts"},
		{"known", list{fail, fail}, passedBefore, issue, fail, status.KnownIssue, "Known issue #412"},
		{"a known infrastructure error", list{failed}, passedBefore, issue, failed, status.KnownIssue, "Known issue #412"},
		{"an issue makes no pass known", list{pass}, passedBefore, issue, pass, "", ""},
		{"flaky", list{fail, pass}, passedBefore, nil, pass, status.Flaky, "Failed once, then passed"},
		{"flaky is not fixed", list{fail, pass}, failedBefore, nil, pass, status.Flaky, "Failed once, then passed"},
		{"fixed", list{pass}, failedBefore, nil, pass, status.Fixed, "Was failing for 6 checkouts"},
		{"fixed after one failure", list{pass}, History{Base: fail, Back: 1, Label: "77aa01c", FailingFor: 1}, nil, pass, status.Fixed, "Fixed, compared with 77aa01c"},
		{"fixed, after the lab failed", list{failed, pass}, failedBefore, nil, pass, status.Fixed, "Was failing for 6 checkouts"},
		{"not fixed: only another branch of history failed", list{pass}, History{Last: fail}, nil, pass, "", ""},
		{"still failing", list{fail, fail}, failedBefore, nil, fail, status.StillFailing, "Failing for 6 checkouts"},
		{"failing, nobody counted", list{fail, fail}, History{Base: fail, Back: 2, Label: "77aa01c"}, nil, fail, status.StillFailing, "Failed before too, compared with 77aa01c, 2 checkouts back"},
		{"first run", list{fail, fail}, firstTime, nil, fail, status.FirstRun, "Fails, first run here"},
		{"an error before says nothing", list{fail, fail}, History{Base: failed, Last: miss}, nil, fail, status.FirstRun, "Fails, first run here"},
		{"trial", list{fail, fail}, passedBefore, trial, fail, status.Trial, "In trial, does not count"},
		{"trial, passed", list{pass}, passedBefore, trial, pass, status.Trial, "In trial, does not count"},
		{"not confirmed", list{fail, queued}, passedBefore, nil, queued, "", ""},
		{"a plain pass", list{pass}, passedBefore, nil, pass, "", ""},
		{"a plain error", list{failed}, passedBefore, nil, failed, "", ""},
	} {
		r := Result{Test: "t", State: status.TestReporting, Attempts: c.attempts, History: c.history}
		if c.change != nil {
			c.change(&r)
		}
		got := Judge(Input{Results: []Result{r}}).Results[0]
		if got.Status != c.status || got.Shown != c.shown || got.Text != c.text {
			t.Errorf("%s:\n\tgot  %s, %s, %q\n\twant %s, %s, %q", c.why, got.Status, got.Shown, got.Text, c.status, c.shown, c.text)
		}
	}
}

func TestShownBuild(t *testing.T) {
	for _, c := range []struct {
		why      string
		attempts list
		history  History
		issue    int64
		status   status.Status
		shown    status.Shown
		text     string
	}{
		{"newly broken", list{fail}, passedBefore, 0, fail, status.New, "Does not build, compared with 77aa01c"},
		{"broken, as before", list{fail}, History{Base: fail, Label: "77aa01c"}, 0, fail, status.StillFailing, "Broken, as before"},
		{"broken for long", list{fail}, failedBefore, 0, fail, status.StillFailing, "Broken, as before, for 6 checkouts"},
		{"never built before", list{fail}, firstTime, 0, fail, status.FirstRun, "Does not build, first build here"},
		{"known", list{fail}, passedBefore, 9, fail, status.KnownIssue, "Known issue #9"},
		{"fixed", list{pass}, failedBefore, 0, pass, status.Fixed, "Was failing for 6 checkouts"},
		{"built in the end", list{fail, pass}, passedBefore, 0, pass, "", ""},
		{"built", list{pass}, passedBefore, 0, pass, "", ""},
		{"could not run", list{failed, failed}, passedBefore, 0, failed, "", ""},
		{"running", list{running}, failedBefore, 0, running, "", ""},
	} {
		got := Judge(Input{Builds: []Build{{Key: "a", Attempts: c.attempts, History: c.history, Issue: c.issue}}}).Builds[0]
		if got.Status != c.status || got.Shown != c.shown || got.Text != c.text {
			t.Errorf("%s:\n\tgot  %s, %s, %q\n\twant %s, %s, %q", c.why, got.Status, got.Shown, got.Text, c.status, c.shown, c.text)
		}
	}
}

// TestWithoutKernel: what never ran because of its build is no missing result.
func TestWithoutKernel(t *testing.T) {
	for _, c := range []struct {
		why             string
		build, attempts list
		status          status.Status
		reason          string
		finished        bool
	}{
		{"the build failed", list{fail}, list{planned}, skip, ReasonBuildFailed, true},
		{"it was already marked missing", list{fail}, list{miss}, skip, ReasonBuildFailed, true},
		{"it was already cancelled", list{fail}, list{cancelled}, skip, ReasonBuildFailed, true},
		{"nothing was even planned", list{fail}, nil, skip, ReasonBuildFailed, true},
		{"the build could not run", list{failed}, list{planned}, miss, ReasonBuildError, true},
		{"the build was cancelled", list{cancelled}, list{queued}, cancelled, "", true},
		{"the build was left out", list{skip}, list{planned}, skip, ReasonBuildSkipped, true},
		{"the build goes on", list{running}, list{planned}, planned, "", false},
		{"the build is there", list{pass}, list{miss}, miss, "", true},
		{"it ran all the same", list{fail}, list{pass}, pass, "", true},
		{"it runs all the same", list{fail}, list{running}, running, "", false},
		{"it failed all the same", list{fail}, list{fail, fail}, fail, "", true},
	} {
		got := Judge(Input{Builds: []Build{{Key: "b", Attempts: c.build}}, Results: []Result{
			{Test: "t", Build: "b", State: status.TestReporting, Attempts: c.attempts}}}).Results[0]
		if got.Status != c.status || got.Reason != c.reason || got.Finished != c.finished {
			t.Errorf("%s: %s, %q, finished %v", c.why, got.Status, got.Reason, got.Finished)
		}
	}
}

func TestReasons(t *testing.T) {
	got := Judge(Input{Results: join(results(1, "z/new", passedBefore, fail, fail), withIssue(results(1, "a/known", passedBefore, fail, fail)),
		results(1, "m/lost", passedBefore, fail, failed), results(1, "b/fixed", failedBefore, pass), results(1, "c/pass", passedBefore, pass))})
	want := []string{
		"new: 1 result fails that passed before, each confirmed by a second failure",
		"z/new/0 x86_64/default/gcc-14: Failed 2 of 2, compared with 77aa01c",
		"a/known/0 x86_64/default/gcc-14: Known issue #412",
		"m/lost/0 x86_64/default/gcc-14: failed once, the retry could not run",
		"b/fixed/0 x86_64/default/gcc-14: Was failing for 6 checkouts",
	}
	if diff := cmp.Diff(want, got.Reasons); diff != "" {
		t.Error(diff)
	}
	many := Judge(Input{Results: results(200, "n", passedBefore, fail, fail)}).Reasons
	if len(many) != maxReasons+2 || many[len(many)-1] != "and 150 more" {
		t.Errorf("%d reasons, the last is %q", len(many), many[len(many)-1])
	}
}

func TestCounts(t *testing.T) {
	in := Input{
		Builds: join(builds(3, "a", passedBefore, pass), builds(1, "b", failedBefore, fail), builds(1, "c", passedBefore, failed), builds(1, "d", passedBefore, running), builds(1, "e", passedBefore, skip)),
		Results: join(results(10, "pass", passedBefore, pass), results(2, "new", passedBefore, fail, fail), withIssue(results(3, "known", passedBefore, fail, fail)),
			results(4, "still", failedBefore, fail, fail), results(5, "first", firstTime, fail, fail), results(6, "fixed", failedBefore, pass),
			results(7, "flaky", passedBefore, fail, pass), results(8, "infra", passedBefore, failed), results(9, "miss", passedBefore, miss),
			results(1, "cancelled", passedBefore, cancelled), results(11, "skip", passedBefore, skip), results(12, "done", passedBefore, done),
			results(13, "running", passedBefore, running), inState(status.TestTrial, results(14, "trial", passedBefore, fail, fail))),
	}
	want := Counts{Planned: 91, Finished: 78, Pass: 23, New: 2, Known: 3, StillFailing: 4, FirstRun: 5, Infra: 8, Missing: 10, Skipped: 11, Done: 12,
		Fixed: 6, Flaky: 7, Trial: 14, Builds: BuildCounts{Planned: 7, Finished: 6, Pass: 3, Failed: 1, Before: 1, Infra: 1, Skipped: 1}}
	got := Judge(in)
	if diff := cmp.Diff(want, got.Counts); diff != "" {
		t.Error(diff)
	}
	check(t, in, got)
}

// check is what holds for every judgement.
func check(t *testing.T, in Input, j Judgement) {
	t.Helper()
	c := j.Counts
	if sum := c.Pass + c.New + c.Known + c.StillFailing + c.FirstRun + c.Infra + c.Missing + c.Skipped + c.Done; sum != c.Finished {
		t.Fatalf("the parts sum up to %d: %+v", sum, c)
	}
	if b := c.Builds; b.Pass+b.Failed+b.Infra+b.Skipped != b.Finished || b.Before > b.Failed {
		t.Fatalf("builds do not sum up: %+v", b)
	}
	if c.Planned+c.Trial != len(in.Results) || c.Builds.Planned != len(in.Builds) || c.Fixed+c.Flaky > c.Pass || c.Finished > c.Planned {
		t.Fatalf("%d results, %d builds: %+v", len(in.Results), len(in.Builds), c)
	}
	if j.Finished != (c.Finished == c.Planned && c.Builds.Finished == c.Builds.Planned) {
		t.Fatalf("finished %v: %+v", j.Finished, c)
	}
	for i, r := range in.Results {
		failures := 0
		for _, s := range r.Attempts {
			if s == fail {
				failures++
			}
		}
		if (j.Results[i].Shown == status.New || j.Results[i].Status == fail) && failures < 2 {
			t.Fatalf("%v is %+v", r.Attempts, j.Results[i])
		}
		if j.Results[i].Shown == status.New && (r.Issue != 0 || r.History.before() != pass || !r.State.Counts()) {
			t.Fatalf("%+v is new", r)
		}
	}
	checkVerdict(t, j)
}

func checkVerdict(t *testing.T, j Judgement) {
	t.Helper()
	c := j.Counts
	begin := map[status.Verdict]string{status.Nothing: "Nothing was tested: ", status.Broken: "Does not build on ", status.StillRunning: "Running: ",
		status.Unclear: "Not enough results: ", status.NoNewFailures: "No new failures", status.NewFailures: plural(c.New, "new failure", "new failures")}
	if b, ok := begin[j.Verdict]; !ok || !strings.HasPrefix(j.Text, b) || strings.HasSuffix(j.Text, ".") {
		t.Fatalf("verdict %s says %q", j.Verdict, j.Text)
	}
	if len(j.Reasons) == 0 || !strings.HasPrefix(j.Reasons[0], string(j.Verdict)+": ") {
		t.Fatalf("verdict %s for the reasons %q", j.Verdict, j.Reasons)
	}
	if (j.Verdict == status.Broken) != (c.Builds.Failed > 0) || j.Verdict == status.NewFailures && c.New == 0 {
		t.Fatalf("%s: %+v", j.Verdict, c)
	}
	if (j.Verdict == status.NoNewFailures || j.Verdict == status.StillRunning) && c.New > 0 {
		t.Fatalf("%s hides %d new failures", j.Verdict, c.New)
	}
	if (j.Verdict == status.Unclear || j.Verdict == status.NoNewFailures) && !j.Finished {
		t.Fatalf("%s while it runs", j.Verdict)
	}
	if j.News && c.New == 0 && c.Builds.Failed == c.Builds.Before {
		t.Fatalf("news of nothing: %+v", c)
	}
}

// FuzzJudge makes a checkout of bytes, and judges it in another order too.
func FuzzJudge(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, []byte{1, 2, 3}, uint64(1))
	f.Add([]byte{1, 1, 0, 0, 1, 0, 0, 0}, []byte{}, uint64(2))
	f.Add([]byte{9, 9, 9, 9, 200, 100, 50, 25}, []byte{1, 1, 1, 1, 1, 1}, uint64(3))
	f.Fuzz(func(t *testing.T, tests, compiles []byte, seed uint64) {
		in := inputOf(tests, compiles)
		got := Judge(in)
		check(t, in, got)
		other := Input{Builds: slices.Clone(in.Builds), Results: slices.Clone(in.Results), UnclearPercent: in.UnclearPercent}
		random := rand.New(rand.NewPCG(seed, 0))
		random.Shuffle(len(other.Builds), func(i, j int) { other.Builds[i], other.Builds[j] = other.Builds[j], other.Builds[i] })
		random.Shuffle(len(other.Results), func(i, j int) { other.Results[i], other.Results[j] = other.Results[j], other.Results[i] })
		again := Judge(other)
		again.Builds, again.Results, got.Builds, got.Results = nil, nil, nil, nil
		if diff := cmp.Diff(got, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

// inputOf reads four bytes for a result and three for a build.
func inputOf(tests, compiles []byte) Input {
	statuses := list{pass, fail, failed, miss, skip, done, planned, queued, running, cancelled, fail, pass}
	states := []status.TestState{status.TestReporting, status.TestBlocking, status.TestTrial, status.TestQuarantined, status.TestOff, "", status.TestReporting}
	history := func(b byte) History {
		return History{Base: append(statuses, "")[int(b)%13], Last: append(statuses, "")[int(b>>3)%13], FailingFor: int(b & 3), TestChanged: b&64 != 0}
	}
	attempts := func(a, b byte) list {
		return list{statuses[int(a&15)%12], statuses[int(a>>4)%12], statuses[int(b)%12]}[:b&3]
	}
	in := Input{UnclearPercent: len(tests)}
	for c := range slices.Chunk(tests, 4) {
		if len(c) == 4 {
			in.Results = append(in.Results, Result{Test: fmt.Sprint("t", len(in.Results)/2), Build: fmt.Sprint("b", c[3]&3), State: states[int(c[3]>>4)%7],
				Attempts: attempts(c[0], c[1]), RetryLeft: c[3]&4 != 0, Issue: int64(c[3] & 8), History: history(c[2])})
		}
	}
	for c := range slices.Chunk(compiles, 3) {
		if len(c) == 3 {
			in.Builds = append(in.Builds, Build{Key: fmt.Sprint("b", c[2]&3), Attempts: attempts(c[0], c[1]), RetryLeft: c[2]&4 != 0, Issue: int64(c[2] & 8), History: history(c[2])})
		}
	}
	return in
}

func BenchmarkJudge(b *testing.B) {
	in := Input{Builds: builds(24, "a", passedBefore, pass), Results: join(results(2000, "p", passedBefore, pass), results(50, "n", passedBefore, fail, fail))}
	b.ReportAllocs()
	for b.Loop() {
		Judge(in)
	}
}
