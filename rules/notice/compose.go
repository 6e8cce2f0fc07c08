package notice

import (
	"cmp"
	"slices"
	"strings"

	"drover/rules/status"
)

// Compose builds the report. Results of tests in trial are left out: they never
// count. The order of the facts does not matter.
func Compose(f Facts) Report {
	r := Report{Header: f.Header}
	r.Counts = slices.DeleteFunc(slices.Clone(f.Counts), func(c Count) bool { return !c.planned() })
	if !r.Audience.Person {
		r.Audience.Unsubscribe = ""
	}
	sorted := relevant(f.Results)
	slices.SortStableFunc(sorted, compareResults)
	sections := sortOut(sorted)

	r.Broken = failures(sections[sectionBroken], nil)
	r.Failures = failures(sections[sectionNew], passing(sorted))
	number := 0
	for _, list := range [][]Failure{r.Broken, r.Failures} {
		for i := range list {
			number++
			list[i].Number = number
		}
	}
	r.Known = known(sections[sectionKnown], f.Issues)
	r.Fixed = sentences(sections[sectionFixed], fixedWords)
	r.Still = sentences(sections[sectionStill], stillWords)
	r.FirstRun = sentences(sections[sectionFirstRun], firstWords)
	r.Flaky = sentences(sections[sectionFlaky], flakyWords)
	r.NotTested = notTested(sections[sectionNotTested])
	r.Reproduce = reproduction(r, sorted)
	r.Closes = closes(r)
	return r
}

// relevant leaves out what the report does not speak of: of the many that
// passed, those of a newly failing test are wanted, to say where it passes.
func relevant(results []Result) []Result {
	failing := map[string]bool{}
	for _, one := range results {
		if sectionOf(one) == sectionNew {
			failing[one.Test] = true
		}
	}
	var list []Result
	for _, one := range results {
		if sectionOf(one) != sectionNone || one.Status == status.Pass && failing[one.Test] {
			list = append(list, one)
		}
	}
	return list
}

// section is where a result stands in the report.
type section int

const (
	sectionNone section = iota
	sectionBroken
	sectionNew
	sectionKnown
	sectionFixed
	sectionStill
	sectionFirstRun
	sectionFlaky
	sectionNotTested
)

func sortOut(results []Result) map[section][]Result {
	out := map[section][]Result{}
	for _, one := range results {
		if s := sectionOf(one); s != sectionNone {
			out[s] = append(out[s], one)
		}
	}
	return out
}

// sectionOf is the table of the report. A failure that was not compared stays
// in sight, as one that fails and is no news. A build that fails and was not
// compared is told in full: nothing else of it could be tested.
func sectionOf(r Result) section {
	switch r.Shown {
	case status.Trial:
		return sectionNone
	case status.KnownIssue:
		return sectionKnown
	case status.Fixed:
		return sectionFixed
	case status.Flaky:
		return sectionFlaky
	case status.StillFailing:
		return sectionStill
	case status.FirstRun:
		if r.Kind == Build {
			return sectionBroken
		}
		return sectionFirstRun
	}
	switch r.Status {
	case status.Error, status.Miss, status.Cancelled, status.Planned, status.Queued, status.Running:
		return sectionNotTested
	case status.Fail:
		switch {
		case r.Kind == Build:
			return sectionBroken
		case r.Shown == status.New:
			return sectionNew
		}
		return sectionStill
	}
	return sectionNone
}

func compareResults(a, b Result) int {
	return cmp.Or(
		strings.Compare(a.Test, b.Test), strings.Compare(a.Arch, b.Arch), strings.Compare(a.Config, b.Config),
		strings.Compare(a.Compiler, b.Compiler), strings.Compare(a.URL, b.URL),
	)
}

// failures folds results of one test, and tests with one signature, into one
// Failure each; those seen in most places come first.
func failures(results, passes []Result) []Failure {
	groups := map[string][]Result{}
	var order []string
	for _, one := range results {
		k := groupKey(one)
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], one)
	}
	slices.SortStableFunc(order, func(a, b string) int {
		return len(groups[b]) - len(groups[a])
	})
	list := make([]Failure, 0, len(order))
	for _, k := range order {
		list = append(list, failure(groups[k], passes))
	}
	return list
}

// groupKey joins what has one cause. Builds without a signature are joined by
// their first error line, which names file and line.
func groupKey(r Result) string {
	switch {
	case r.Signature != "":
		return "signature " + r.Signature
	case r.Kind == Build && len(r.Lines) > 0:
		return "line " + r.Lines[0]
	case r.Kind == Build:
		return "build " + r.URL + " " + place(r, true)
	}
	return "test " + string(r.Kind) + " " + r.Test
}

func failure(group, passes []Result) Failure {
	first := group[0]
	f := Failure{
		Title:     title(first),
		On:        places(group),
		ResultURL: first.URL,
		LogURL:    first.LogURL,
		Before:    before(first.Before),
		Tries:     tries(first),
		Lines:     first.Lines,
	}
	if len(f.Lines) > MaxLines {
		f.Left = len(f.Lines) - MaxLines
		f.Lines = f.Lines[:MaxLines]
	}
	seen := map[string]bool{f.Title: true}
	failing := map[string]bool{}
	for _, one := range group {
		if !failing[one.Arch] {
			failing[one.Arch] = true
			f.Arches = append(f.Arches, one.Arch)
		}
		if name := title(one); !seen[name] {
			seen[name] = true
			f.Also = append(f.Also, name)
		}
	}
	if len(f.Also) == 0 && first.Kind != Build {
		f.PassesOn = passesOn(first, passes, failing)
	}
	return f
}

// passing is what a failing test can be contrasted with.
func passing(results []Result) []Result {
	return slices.DeleteFunc(slices.Clone(results), func(r Result) bool {
		return r.Status != status.Pass || r.Shown == status.Trial || r.Kind == Build
	})
}

func passesOn(r Result, passes []Result, failing map[string]bool) string {
	var names []string
	for _, one := range passes {
		if one.Test == r.Test && one.Kind == r.Kind && !failing[one.Arch] && !slices.Contains(names, one.Arch) {
			names = append(names, one.Arch)
		}
	}
	return enumerate(names)
}

// known groups by issue, the one that explains most first. A result tied to an
// issue that is not in the list (closed meanwhile) keeps its number.
func known(results []Result, issues []Issue) []Known {
	counts := map[int]int{}
	for _, one := range results {
		counts[one.Issue]++
	}
	var list []Known
	for number, n := range counts {
		entry := Known{Number: number, Results: n, Title: "an issue"}
		for _, issue := range issues {
			if issue.Number == number {
				entry.Title, entry.URL = issue.Title, issue.URL
			}
		}
		list = append(list, entry)
	}
	slices.SortFunc(list, func(a, b Known) int {
		return cmp.Or(b.Results-a.Results, a.Number-b.Number)
	})
	return list
}

// reproduction takes the first failure that somebody can repeat at home.
func reproduction(r Report, results []Result) *Reproduction {
	for _, f := range slices.Concat(r.Broken, r.Failures) {
		for _, one := range results {
			if one.URL == f.ResultURL && one.Reproduce != nil && len(one.Reproduce.Steps) > 0 {
				return &Reproduction{Number: f.Number, Reproduction: *one.Reproduce, Link: one.BuildURL}
			}
		}
	}
	return nil
}

func closes(r Report) string {
	for _, f := range slices.Concat(r.Broken, r.Failures) {
		if f.ResultURL != "" {
			return f.ResultURL
		}
	}
	return ""
}
