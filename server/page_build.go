package server

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// excerptBefore and excerptLines are the part of a log that stands on the page
// of a build or result: 40 lines around the first error.
const (
	excerptBefore = 25
	excerptLines  = 40
)

func (v *visit) namedBuild() (models.Build, error) {
	number, err := v.id("build")
	if err != nil {
		return models.Build{}, err
	}
	b, err := v.q.Build(number)
	return b, orMissing(err, "No such build", fmt.Sprintf("No build is called %q.", v.names["id"]))
}

// place is what a build or result belongs to.
type place struct {
	checkout models.Checkout
	tree     models.Tree
	url      string // of the git repository
}

func (v *visit) place(checkout id.ID) (place, error) {
	var p place
	var err error
	if p.checkout, err = v.q.Checkout(checkout); err != nil {
		return p, err
	}
	if p.tree, err = v.q.Tree(p.checkout.TreeID); err != nil {
		return p, err
	}
	sources, err := v.q.SourcesWithRemote(p.tree.ID)
	if len(sources) > 0 {
		p.url = sources[0].URL
	}
	return p, err
}

func (p place) revision() ui.Revision {
	return revisionOf(models.CheckoutLine{Checkout: p.checkout, Tree: p.tree.Name})
}

func (p place) crumbs(last ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{
		{Text: "Trees", URL: route.Trees()}, {Text: p.tree.Name, URL: route.Tree(p.tree.Name)},
		{Text: p.checkout.Branch, URL: route.TreeBranch(p.tree.Name, p.checkout.Branch)},
		{Text: p.revision().Name(), URL: route.Checkout(p.checkout.ID)},
	}, last...)
}

// source says to people which code was tested.
func (v *visit) source(p place, b models.Build) recipe.Source {
	return recipe.Source{URL: p.url, Commit: p.checkout.SHA, Config: v.links.BuildConfig(b.ID), Toolchain: b.CompilerVersion}
}

func reproduceOf(r recipe.Reproduction) ui.Reproduce {
	out := ui.Reproduce{Needs: r.Needs}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, ui.ReproduceStep{Title: s.Title, Lines: s.Lines})
	}
	return out
}

func build(v *visit) error {
	b, err := v.namedBuild()
	if err != nil {
		return err
	}
	p, err := v.place(b.CheckoutID)
	if err != nil {
		return err
	}
	data, window, err := v.buildData(b, p)
	if err != nil {
		return err
	}
	name := b.Label()
	f := v.frame(markOf(b.Status, b.Shown).Status.Word().Text+" · "+name+" · "+p.tree.Name+" "+notice.Short(p.checkout.SHA), route.Build(b.ID),
		p.crumbs(ui.Crumb{Text: name})...)
	f.Active, f.Family, f.Refresh = "trees", b.Status.Word().Family, !b.Status.Final()
	f.Live = v.live(route.TopicOf(models.ChangeBuild, b.ID))
	return v.object(page.BuildPage{Frame: f, Data: data, Window: window}, data, route.Build(b.ID))
}

func (v *visit) buildData(b models.Build, p place) (page.BuildData, ui.Window, error) {
	var window ui.Window
	tallies, err := v.q.BuildTallies(b.CheckoutID)
	if err != nil {
		return page.BuildData{}, window, err
	}
	data := page.BuildData{Build: buildRow(b, tallies[b.ID]), Checkout: p.revision(), Version: b.CompilerVersion, Started: at(b.StartedAt)}
	timings, err := v.q.BuildTimings([]int64{b.Scenario})
	if err != nil {
		return data, window, err
	}
	data.Median, data.P90 = percentile(timings[b.Scenario], 0.5), percentile(timings[b.Scenario], 0.9)
	jobList, err := v.q.JobsOfRun(b.ID, models.JobBuild, 0)
	if err != nil {
		return data, window, err
	}
	if data.Tries, err = v.tries(jobList, nil); err != nil {
		return data, window, err
	}
	files, err := v.q.FilesOfJobs(idsOfJobs(jobList))
	if err != nil {
		return data, window, err
	}
	cells, err := v.q.CellsOfBuild(b.ID, 500)
	if err != nil {
		return data, window, err
	}
	data.Tests = resultCells(cells)
	data.Files = filesOf(files)
	reproduction, err := recipe.BuildSettings{Name: b.Recipe, JSON: b.Settings}.Reproduce(v.source(p, b))
	if err != nil {
		return data, window, fmt.Errorf("say how to repeat the build: %w", err)
	}
	data.Reproduce = reproduceOf(reproduction)
	data.WaitingFor = waitingFor(b, jobList)
	data.MainLog, window, err = v.excerpt(jobList, files, jobs.BuildLog, b.FirstErrorLine)
	window.Raw = route.BuildLogRaw(b.ID, jobs.BuildLog)
	if data.MainLog.Missing != "" {
		data.Log = ""
	}
	return data, window, err
}

// waitingFor says what an unfinished build waits for.
func waitingFor(b models.Build, list []models.Job) string {
	if b.Status.Final() || len(list) == 0 {
		return ""
	}
	switch last := list[len(list)-1]; last.State {
	case models.JobPlanned:
		return "Waits for a free slot."
	case models.JobFinished:
		return "Has ended; its log is being read."
	}
	return ""
}

func idsOfJobs(list []models.Job) []id.ID {
	ids := make([]id.ID, len(list))
	for i, j := range list {
		ids[i] = j.ID
	}
	return ids
}

// tries are the jobs of a build or test as attempts, each with what the herder
// decided about it. results are those of a test, to say how each ended.
func (v *visit) tries(list []models.Job, results []models.Result) ([]page.Attempt, error) {
	decisions, err := v.q.DecisionsOfJobs(idsOfJobs(list))
	if err != nil {
		return nil, err
	}
	attempts := make([]page.Attempt, len(list))
	for i, j := range list {
		a := page.Attempt{Number: int(j.Attempt), Mark: markOf(statusOfJob(j), ""), Host: j.Host, Started: at(j.StartedAt), Duration: took(j.StartedAt, j.FinishedAt)}
		for _, r := range results {
			if r.Attempt == j.Attempt {
				a.ID, a.Mark = r.ID, markOf(r.Status, "")
			}
		}
		if j.Detail != "" && a.Status != status.Pass {
			a.Why = j.Detail
		}
		for _, d := range decisions {
			if d.JobID == j.ID {
				a.Decision, a.Rule, a.Why = decisionText(d), d.Rule, cmp.Or(d.Line, a.Why)
			}
		}
		attempts[i] = a
	}
	return attempts, nil
}

func decisionText(d models.JobDecision) string {
	text := d.Reason
	if d.Action == "retry" {
		text = "Retried: " + d.Reason
		if d.AfterS > 0 {
			text += ", after " + ui.SecondsOf(time.Duration(d.AfterS)*time.Second).String()
		}
	}
	return text
}

// statusOfJob is how a job ended, as far as the job itself tells.
func statusOfJob(j models.Job) status.Status {
	switch {
	case j.State == models.JobPlanned:
		return status.Queued
	case j.State == models.JobSubmitted, j.State == models.JobRunning, j.State == models.JobFinished:
		return status.Running
	case j.Reason == "ok":
		return status.Pass
	case j.Reason == "exit":
		return status.Fail
	case j.Reason == "cancelled":
		return status.Cancelled
	}
	return status.Error
}

// filesOf lists stored files, each name once: the newest job's wins.
func filesOf(files []models.File) []ui.File {
	newest := map[string]models.File{}
	for _, f := range files {
		if !hasIndex(f.Name) && f.OwnerID >= newest[f.Name].OwnerID {
			newest[f.Name] = f
		}
	}
	var list []ui.File
	for _, f := range newest {
		file := ui.File{Name: f.Name, Size: f.Bytes, Note: f.Note}
		if f.TrimmedAt != nil {
			file.Note = "removed on " + f.TrimmedAt.UTC().Format("2006-01-02") + " to make room"
		}
		list = append(list, file)
	}
	slices.SortFunc(list, func(a, b ui.File) int { return cmp.Compare(a.Name, b.Name) })
	return list
}
