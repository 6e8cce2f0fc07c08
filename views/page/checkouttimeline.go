package page

import (
	"time"

	"drover/rules/id"
	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
	"drover/views/ui"
)

// CheckoutTimeline shows when each job of a checkout waited and ran, and what
// Drover did for it.
type CheckoutTimeline struct {
	CheckoutFrame
	Data TimelineData
	// Why says why there is no job: what it waits for, or that nothing is tested.
	Why string
	// Only is the group that is shown alone, with all its tests; 0 for all.
	Only    id.ID
	Ignored []string
}

// TimelineData is /checkouts/{id}/-/timeline.json.
type TimelineData struct {
	// From is when the change was seen, To the last end, or now.
	From   Time            `json:"from"`
	To     Time            `json:"to"`
	Groups []TimelineGroup `json:"groups"`
	// CriticalPath leads from the first build to what ended last.
	CriticalPath []PathStep `json:"critical_path"`
	CriticalTook ui.Seconds `json:"critical_path_took"`
	Steps        []StepTry  `json:"steps"`
	StepsMore    bool       `json:"steps_more"` // there are more, which are not listed
}

// TimelineGroup is a build with the tests on it.
type TimelineGroup struct {
	Build TimelineRow   `json:"build"`
	Tests []TimelineRow `json:"tests"`
}

// TimelineRow is the attempts at one build or test.
type TimelineRow struct {
	Build    id.ID         `json:"build_id"`
	Name     string        `json:"name"` // "x86_64 / debug / gcc-14", or the test
	Result   id.ID         `json:"result,omitzero"`
	Results  int           `json:"results"` // of the last attempt; a suite has many
	Attempts []TimelineTry `json:"attempts"`
	IsTest   bool          `json:"is_test"`
}

// TimelineTry is one job. Waited and Took are up to now while that goes on.
type TimelineTry struct {
	Number int `json:"attempt"`
	ui.Mark
	Host     string     `json:"host"`
	Ready    Time       `json:"ready"`
	Started  Time       `json:"started"`
	Ended    Time       `json:"ended"`
	Waited   ui.Seconds `json:"waited"`
	Took     ui.Seconds `json:"took"`
	Critical bool       `json:"critical"`
	Timeless bool       `json:"timeless"` // over, and nobody told when it ran
	// Until is where the picture ends the bar.
	Until Time `json:"-"`
}

// PathStep is one job of the critical path.
type PathStep struct {
	Name   string     `json:"name"`
	Waited ui.Seconds `json:"waited"`
	Took   ui.Seconds `json:"took"`
	Row    route.URL  `json:"-"`
}

// StepTry is one try of something that Drover had to do.
type StepTry struct {
	What    string     `json:"what"`  // "Planned the checkout"
	Kind    string     `json:"kind"`  // "checkout.plan"
	About   string     `json:"about"` // which job or report, "" if that is clear
	Outcome string     `json:"outcome"`
	Started Time       `json:"started"`
	Took    ui.Seconds `json:"took"`
	Worker  string     `json:"worker"`
	Error   string     `json:"error"`
}

// family is the colour of how a try ended.
func (s StepTry) family() status.Family {
	if s.Outcome == "done" {
		return status.Good
	}
	return status.Infra
}

// Picture draws the data.
func (d TimelineData) Picture() chart.Gantt {
	groups := make([]chart.GanttGroup, len(d.Groups))
	for i, g := range d.Groups {
		groups[i] = chart.GanttGroup{Build: g.Build.bars(), Tests: make([]chart.GanttRow, len(g.Tests))}
		for j, t := range g.Tests {
			groups[i].Tests[j] = t.bars()
		}
	}
	more := ""
	if d.CriticalTook > 0 {
		more = "critical path " + chart.Elapsed(time.Duration(float64(d.CriticalTook)*float64(time.Second)))
	}
	return chart.NewGantt(groups, d.From, d.To, more)
}

func (r TimelineRow) bars() chart.GanttRow {
	row := chart.GanttRow{Name: r.Name, Spans: make([]chart.Span, len(r.Attempts))}
	for i, a := range r.Attempts {
		row.Spans[i] = chart.Span{Ready: a.Ready, Started: a.Started, Ended: a.Until, Status: a.Status, Critical: a.Critical, Timeless: a.Timeless}
	}
	return row
}

// row is the data that a drawn line stands for.
func (d TimelineData) row(l chart.GanttLine) TimelineRow {
	if l.Test < 0 {
		return d.Groups[l.Group].Build
	}
	return d.Groups[l.Group].Tests[l.Test]
}

// url is the page of what ran: a build, a result, or the results of a suite.
func (r TimelineRow) url(checkout id.ID) route.URL {
	switch {
	case !r.IsTest:
		return route.Build(r.Build)
	case r.Results == 1:
		return route.Result(r.Result)
	}
	return route.CheckoutTests(checkout, "status", "all", "q", r.Name, "include", "trial", "build", r.Build.String())
}

// names are the rows of a picture as links; a group that stands for its tests
// leads to itself alone.
func (p CheckoutTimeline) names(g chart.Gantt) []ui.GanttName {
	names := make([]ui.GanttName, len(g.Lines))
	for i, l := range g.Lines {
		row := p.Data.row(l)
		names[i] = ui.GanttName{Text: l.Name, URL: row.url(p.Head.ID), Main: l.Test < 0}
		if l.Tests > 0 {
			names[i].URL = route.With(route.CheckoutTimeline(p.Head.ID), "build", row.Build.String())
			names[i].More = "+ " + counted(l.Tests, "test", "tests")
		}
	}
	return names
}

// clock is a time of day; the page names the day once.
func clock(t Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("15:04:05")
}

// shownSteps is how many tries of steps the page lists; the JSON has more.
const shownSteps = 200
