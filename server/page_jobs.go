package server

import (
	"fmt"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// jobWords are the states of a job as filters, with what they select.
var jobWords = map[string][]string{
	"waiting": {models.JobPlanned}, "submitted": {models.JobSubmitted}, "running": {models.JobRunning},
	"ended": {models.JobFinished, models.JobCollected},
}

var jobStateOptions = []ui.Option{
	{Value: "waiting", Text: "Waiting"}, {Value: "submitted", Text: "Submitted"}, {Value: "running", Text: "Running"}, {Value: "ended", Text: "Ended"},
}

// jobState is the state of a job in one word.
func jobState(j models.Job) string {
	switch {
	case j.State == models.JobPlanned:
		return "waiting"
	case j.State == models.JobSubmitted, j.State == models.JobRunning:
		return j.State
	case j.Reason == "ok":
		return "ended"
	case j.Reason == "cancelled":
		return "cancelled"
	case jobs.Trouble(j.Reason):
		return "infra error"
	}
	return "failed"
}

func jobList(v *visit) error {
	l, err := v.listing(route.Jobs(), nil,
		filter{name: "state", label: "State", options: jobStateOptions, many: true},
		filter{name: "kind", label: "Kind", options: []ui.Option{{Value: "build", Text: "Build"}, {Value: "test", Text: "Test"}}},
		filter{name: "q", label: "Test"},
		filter{name: "tree", label: "Tree", many: true},
		filter{name: "arch", label: "Arch", many: true},
		filter{name: "host", label: "Host", many: true, hidden: true},
		filter{name: "include", label: "Include", options: []ui.Option{{Value: "ended", Text: "those that ended"}}})
	if err != nil {
		return err
	}
	f := models.JobFilter{Kind: l.choice("kind"), Test: l.get("q"), Tree: l.choice("tree"), Arch: l.choice("arch"), Host: l.choice("host"), State: l.choice("state")}
	f.State = models.Choice{Any: statesOf(f.State.Any), None: statesOf(f.State.None)}
	if f.State.Empty() && !l.has("include") {
		f.State.Any = []string{models.JobPlanned, models.JobSubmitted, models.JobRunning}
	}
	lines, e, err := v.q.ListJobs(f, l.slice)
	if err != nil {
		return err
	}
	total, err := v.q.CountJobs(f)
	if err != nil {
		return err
	}
	first, last := outermost(lines, func(l models.JobDetail) models.Key { return models.Key{ID: l.ID} })
	l.show(len(lines), total, e, first, last)
	rows := make([]page.JobRow, len(lines))
	for i, line := range lines {
		rows[i] = v.jobRow(line)
	}
	p := page.Jobs{Frame: v.frame("Jobs", l.self(), ui.Crumb{Text: "Jobs"}), Data: rows, ListParts: l.parts()}
	p.Active, p.Refresh, p.Live = "jobs", true, v.live(route.TopicHome)
	return v.list(p, rows, rows, l)
}

func statesOf(words []string) []string {
	var states []string
	for _, word := range words {
		states = append(states, jobWords[word]...)
	}
	return states
}

func (v *visit) jobRow(j models.JobDetail) page.JobRow {
	row := page.JobRow{
		ID: j.ID, State: jobState(j.Job), Kind: j.Kind, What: j.Test, Build: j.BuildID,
		Where:    models.Build{Arch: j.Arch, Config: j.Config, Compiler: j.Compiler}.Label(),
		Checkout: ui.Revision{ID: j.CheckoutID, Tree: j.Tree, Branch: j.Branch, Commit: j.SHA, Describe: j.Describe, Subject: j.Subject},
		Attempt:  int(j.Attempt), Host: j.Host, Reason: j.Detail, Created: j.CreatedAt,
	}
	ended := v.now
	if j.FinishedAt != nil {
		ended = *j.FinishedAt
	}
	if j.StartedAt == nil {
		row.Waited = ui.SecondsOf(max(0, ended.Sub(j.CreatedAt)))
		return row
	}
	row.Waited = ui.SecondsOf(max(0, j.StartedAt.Sub(j.CreatedAt)))
	row.Duration = ui.SecondsOf(max(0, ended.Sub(*j.StartedAt)))
	return row
}

func jobPage(v *visit) error {
	number, err := v.id("job")
	if err != nil {
		return err
	}
	line, err := v.q.JobDetail(number)
	if err != nil {
		return orMissing(err, "No such job", fmt.Sprintf("No job is called %q.", v.names["id"]))
	}
	data := page.JobData{
		JobRow: v.jobRow(line), Marker: line.Marker, Runner: line.Runner, Isolation: line.Isolation, Exit: int(line.ExitStatus), Times: jobTimes(line.Job),
	}
	decisions, err := v.q.DecisionsOfJob(line.ID)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		data.Decisions = append(data.Decisions, page.Decision{
			When: d.At, Rule: d.Rule, Action: d.Action, Why: d.Reason, Line: d.Line, After: ui.SecondsOf(time.Duration(d.AfterS) * time.Second),
		})
	}
	if err := v.jobFiles(line, &data); err != nil {
		return err
	}
	title := "Job " + line.ID.String()
	f := v.frame(title, route.Job(line.ID), ui.Crumb{Text: "Jobs", URL: route.Jobs()}, ui.Crumb{Text: line.ID.String()})
	f.Active, f.Refresh = "jobs", line.State != models.JobCollected
	return v.object(page.Job{Frame: f, Data: data}, data, route.Job(line.ID))
}

// jobFiles names what a job left; the log of a test is shown with a result.
func (v *visit) jobFiles(line models.JobDetail, data *page.JobData) error {
	files, err := v.q.FilesOfJobs([]id.ID{line.ID})
	if err != nil {
		return err
	}
	data.Files = filesOf(files)
	for _, f := range files {
		if f.Name == jobs.BuildLog && line.Kind == models.JobBuild {
			data.Log = f.Name
		}
		if f.Name != jobs.TestLog || line.TestID == nil {
			continue
		}
		results, err := v.q.ResultsOfRun(line.BuildID, *line.TestID)
		if err != nil {
			return err
		}
		for _, r := range results {
			if r.JobID != nil && *r.JobID == line.ID {
				data.Log, data.Result = f.Name, r.ID
				break
			}
		}
	}
	return nil
}

// jobTimes are the moments of a job that have come.
func jobTimes(j models.Job) []page.JobTime {
	var times []page.JobTime
	before := j.CreatedAt
	for _, moment := range []struct {
		what string
		when *time.Time
	}{
		{"Planned", &j.CreatedAt}, {"Handed to the runner", j.SubmittedAt}, {"Started", j.StartedAt}, {"Ended", j.FinishedAt},
		{"What it left was stored", j.CollectedAt},
	} {
		if moment.when == nil {
			continue
		}
		times = append(times, page.JobTime{What: moment.what, When: *moment.when, Took: ui.SecondsOf(max(0, moment.when.Sub(before)))})
		before = *moment.when
	}
	return times
}
