package server

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/timeline"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// timelinePage gathers what the timeline of a checkout shows.
type timelinePage struct {
	*checkoutPage
	builds   []models.Build
	jobs     []models.Job // oldest first
	names    map[id.ID]string
	outcomes map[id.ID][]models.JobOutcome
	placed   []timeline.Placed // of jobs, at the same places
	path     []int
	data     page.TimelineData
}

func checkoutTimeline(v *visit) error {
	c, err := v.checkoutPage(route.CheckoutTimeline, "Timeline")
	if err != nil {
		return err
	}
	l, err := v.listing(route.CheckoutTimeline(c.row.ID), nil,
		filter{name: "build", label: "Build", hidden: true, check: func(s string) error { _, err := id.Parse(s); return err }})
	if err != nil {
		return err
	}
	t := timelinePage{checkoutPage: c}
	if err := t.read(); err != nil {
		return fmt.Errorf("read the timeline: %w", err)
	}
	p := page.CheckoutTimeline{CheckoutFrame: c.frame, Data: t.data, Ignored: l.ignored}
	if build, err := id.Parse(l.get("build")); err == nil {
		p.Only = build
		p.Data.Groups = slices.DeleteFunc(p.Data.Groups, func(g page.TimelineGroup) bool { return g.Build.Build != build })
	}
	p.Self = route.With(route.CheckoutTimeline(c.row.ID), "build", l.get("build"))
	if v.format == "svg" {
		return v.picture(p)
	}
	if p.Why, err = t.why(); err != nil {
		return err
	}
	return v.object(p, p.Data, p.Self)
}

// picture answers with the timeline alone.
func (v *visit) picture(p page.CheckoutTimeline) error {
	var buffer bytes.Buffer
	name := p.Head.Tree + " " + p.Head.Name()
	if err := ui.GanttFile(p.Data.Picture(), name).Render(context.WithoutCancel(v.context()), &buffer); err != nil {
		return fmt.Errorf("draw the timeline: %w", err)
	}
	v.echo.Response().Header().Set("Cache-Control", "no-cache")
	return v.send(http.StatusOK, "image/svg+xml", buffer.Bytes())
}

func (t *timelinePage) read() error {
	var err error
	if t.builds, err = t.q.Builds(t.row.ID); err != nil {
		return err
	}
	if t.jobs, err = t.q.JobsOfCheckout(t.row.ID); err != nil {
		return err
	}
	if t.names, err = t.q.TestNamesOfJobs(t.row.ID); err != nil {
		return err
	}
	if t.outcomes, err = t.q.JobOutcomes(t.row.ID); err != nil {
		return err
	}
	t.place()
	t.group()
	t.walk()
	return t.steps()
}

// place asks the rule how the jobs follow one another, and for how long the
// picture goes.
func (t *timelinePage) place() {
	runs := make([]timeline.Run, len(t.jobs))
	t.data.From, t.data.To = t.row.PushedAt, at(t.row.FinishedAt)
	for i, j := range t.jobs {
		runs[i] = timeline.Run{
			Build: j.BuildID, Attempt: int(j.Attempt), Created: j.CreatedAt, Started: at(j.StartedAt), Ended: at(j.FinishedAt),
			Over: j.State == models.JobFinished || j.State == models.JobCollected,
		}
		if j.TestID != nil {
			runs[i].Test = *j.TestID
		}
	}
	if t.row.State != models.CheckoutFinished {
		t.data.To = t.now
	}
	t.placed, t.path = timeline.Place(runs, t.now)
	for _, p := range t.placed {
		for _, moment := range []time.Time{p.Created, p.Started} {
			if !moment.IsZero() && moment.Before(t.data.From) {
				t.data.From = moment
			}
		}
		if p.Until.After(t.data.To) {
			t.data.To = p.Until
		}
	}
}

// group puts the jobs under their builds, tests in the order in which they
// were asked for.
func (t *timelinePage) group() {
	groupOf, testOf := map[id.ID]int{}, map[[2]id.ID]int{}
	for i, b := range t.builds {
		groupOf[b.ID] = i
		t.data.Groups = append(t.data.Groups, page.TimelineGroup{Build: page.TimelineRow{Build: b.ID, Name: b.Label()}})
	}
	for i, j := range t.jobs {
		at, known := groupOf[j.BuildID]
		if !known {
			continue // a build beyond those that are listed
		}
		g := &t.data.Groups[at]
		if j.TestID == nil {
			g.Build.Attempts = append(g.Build.Attempts, t.try(i))
			continue
		}
		key := [2]id.ID{j.BuildID, *j.TestID}
		place, seen := testOf[key]
		if !seen {
			place = len(g.Tests)
			testOf[key] = place
			g.Tests = append(g.Tests, page.TimelineRow{Build: j.BuildID, Name: t.names[*j.TestID], IsTest: true})
		}
		row := &g.Tests[place]
		row.Attempts = append(row.Attempts, t.try(i))
		row.Results, row.Result = 0, 0
		for _, o := range t.outcomes[j.ID] {
			row.Results += o.Results
			row.Result = o.Result
		}
	}
}

// try is a job as an attempt: a test ended as the worst of its results did.
func (t *timelinePage) try(i int) page.TimelineTry {
	j, p := t.jobs[i], t.placed[i]
	ended := statusOfJob(j)
	var list []status.Status
	for _, o := range t.outcomes[j.ID] {
		list = append(list, o.Status)
	}
	if worst := status.Worst(list...); p.Over && worst != "" && worst.Final() {
		ended = worst
	}
	if ended == status.Running && p.Started.IsZero() {
		ended = status.Queued // handed over, not begun
	}
	return page.TimelineTry{
		Number: int(j.Attempt), Mark: markOf(ended, ""), Host: j.Host, Ready: p.Ready, Started: p.Started, Ended: p.Ended, Until: p.Until,
		Waited: ui.SecondsOf(p.Waited(t.now)), Took: ui.SecondsOf(p.Took()), Critical: p.Critical, Timeless: p.Timeless(),
	}
}

// walk tells the critical path in words.
func (t *timelinePage) walk() {
	labels := map[id.ID]string{}
	for _, b := range t.builds {
		labels[b.ID] = b.Label()
	}
	for _, i := range t.path {
		j, p := t.jobs[i], t.placed[i]
		step := page.PathStep{Name: "build " + labels[j.BuildID], Waited: ui.SecondsOf(p.Waited(t.now)), Took: ui.SecondsOf(p.Took()), Row: route.Build(j.BuildID)}
		if j.TestID != nil {
			step.Name, step.Row = t.names[*j.TestID], route.CheckoutTests(t.row.ID, "status", "all", "q", t.names[*j.TestID], "build", j.BuildID.String())
		}
		if j.Attempt > 1 {
			step.Name += fmt.Sprintf(", try %d", j.Attempt)
		}
		t.data.CriticalPath = append(t.data.CriticalPath, step)
	}
	if n := len(t.path); n > 0 {
		first, last := t.placed[t.path[0]], t.placed[t.path[n-1]]
		t.data.CriticalTook = ui.SecondsOf(last.Until.Sub(first.Created))
	}
}

// why says why there is nothing to see yet; "" if a job has started or ended.
func (t *timelinePage) why() (string, error) {
	if len(t.jobs) == 0 {
		switch {
		case t.row.PlanNote != "":
			return "Nothing was tested: " + t.row.PlanNote, nil
		case t.row.State == models.CheckoutFinished:
			return "Nothing was tested: no job was planned.", nil
		}
		return "Not planned yet: no job is known.", nil
	}
	if slices.ContainsFunc(t.placed, func(p timeline.Placed) bool { return p.Over || !p.Started.IsZero() }) {
		return "", nil
	}
	ahead, err := t.q.JobsAhead(t.jobs[0].ID)
	if err != nil {
		return "", err
	}
	text := "Planned, nothing started: waiting for a builder"
	if ahead > 0 {
		text += fmt.Sprintf(", %s ahead", ui.Count(ahead))
	}
	return text + ".", nil
}

// stepWords says in the past what each kind of step does.
var stepWords = map[string]string{
	"event.read": "Read the event", "checkout.plan": "Planned builds and tests", "job.submit": "Handed a job to the runner", "job.look": "Looked at a job",
	"result.collect": "Collected what a job left", "build.release": "Gave a work tree back", "checkout.judge": "Judged the checkout", "delivery.send": "Sent a report",
}

// steps lists what Drover did for the checkout.
func (t *timelinePage) steps() error {
	tries, err := t.q.TriesOfCheckout(t.row.ID)
	if err != nil {
		return err
	}
	if t.data.StepsMore = len(tries) > models.TriesLimit; t.data.StepsMore {
		tries = tries[:models.TriesLimit]
	}
	about := t.about()
	for _, try := range tries {
		t.data.Steps = append(t.data.Steps, page.StepTry{
			What: cmp.Or(stepWords[try.Kind], try.Kind), Kind: try.Kind, About: about[try.ObjectID], Outcome: try.Outcome,
			Started: try.StartedAt, Took: ui.SecondsOf(try.FinishedAt.Sub(try.StartedAt)), Worker: try.Worker, Error: try.Error,
		})
	}
	return nil
}

// about names the builds and jobs that steps are about.
func (t *timelinePage) about() map[id.ID]string {
	names := map[id.ID]string{}
	for _, b := range t.builds {
		names[b.ID] = b.Label()
	}
	for _, j := range t.jobs {
		name := names[j.BuildID]
		if j.TestID != nil {
			name = t.names[*j.TestID] + " on " + name
		}
		if j.Attempt > 1 {
			name += fmt.Sprintf(", try %d", j.Attempt)
		}
		names[j.ID] = name
	}
	return names
}
