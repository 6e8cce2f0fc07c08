package server

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/models/report"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/status"
	"drover/rules/verdict"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	hereLength     = 40  // results of the same test in the same place
	hostLength     = 20  // results on the same host
	subresultsRows = 200 // cases shown, failing ones first
)

func (v *visit) namedResult() (models.Result, error) {
	number, err := v.id("result")
	if err != nil {
		return models.Result{}, err
	}
	r, err := v.q.Result(number)
	return r, orMissing(err, "No such result", fmt.Sprintf("No result is called %q.", v.names["id"]))
}

// resultPage gathers what the page of a result shows.
type resultPage struct {
	*visit
	row   models.Result
	line  models.ResultLine // the same with its names
	run   models.Test       // the test whose job ran it
	build models.Build
	place place
	jobs  []models.Job
	files []models.File
	data  page.ResultData
}

func result(v *visit) error {
	row, err := v.namedResult()
	if err != nil {
		return err
	}
	r := &resultPage{visit: v, row: row}
	if err := r.read(); err != nil {
		return err
	}
	var window ui.Window
	var log ui.Log
	if log, window, err = v.excerpt(r.ownJobs(), r.files, jobs.TestLog, row.FirstErrorLine); err != nil {
		return err
	}
	window.Raw = route.ResultLogRaw(row.ID, jobs.TestLog)
	r.data.MainLog = log
	r.data.Log = log.Name
	if log.Missing != "" {
		r.data.Log = ""
	}
	f := v.frame(r.title(), route.Result(row.ID), r.place.crumbs(ui.Crumb{Text: r.data.Test})...)
	f.Active, f.Family, f.Refresh = "trees", row.Status.Word().Family, !row.Status.Final()
	// Tries of its job come before the result itself changes.
	f.Live = v.live(route.TopicOf(models.ChangeResult, row.ID), route.TopicOf(models.ChangeBuild, row.BuildID))
	return v.object(page.ResultPage{Frame: f, Data: r.data, Window: window}, r.data, route.Result(row.ID))
}

func (r *resultPage) title() string {
	word := r.row.Status.Word().Text
	if w, ok := r.row.Shown.Word(); ok {
		word = w.Text
	}
	return word + " · " + r.data.Test + " · " + r.place.tree.Name + " " + notice.Short(r.place.checkout.SHA)
}

func (r *resultPage) read() error {
	var err error
	if r.build, err = r.q.Build(r.row.BuildID); err != nil {
		return err
	}
	if r.place, err = r.visit.place(r.row.CheckoutID); err != nil {
		return err
	}
	if r.run, err = r.q.Test(r.row.RunTestID); err != nil {
		return err
	}
	same, err := r.q.ResultsOfTests(r.row.CheckoutID, []id.ID{r.row.TestID})
	if err != nil {
		return err
	}
	for _, one := range same {
		if one.ID == r.row.ID {
			r.line = one
		}
	}
	r.data = page.ResultData{
		Result: resultRow(r.line), Checkout: r.place.revision(), Build: r.build.ID, Started: at(r.row.StartedAt), Elsewhere: elsewhere(same, r.row),
		CodeChanged: codeChanged(r.row.Note),
	}
	if r.jobs, err = r.q.JobsOfRun(r.row.BuildID, models.JobTest, r.row.RunTestID); err != nil {
		return err
	}
	if r.files, err = r.q.FilesOfJobs(idsOfJobs(r.ownJobs())); err != nil {
		return err
	}
	if own := r.ownJobs(); len(own) > 0 {
		r.data.Environment, r.data.JobID = environmentOf(own[0], r.row), own[0].ID
		if own[0].Runner != "local" { // a local job has no name elsewhere
			r.data.Job = own[0].Marker
		}
	}
	r.data.Files = filesOf(r.files)
	return errors.Join(r.readTries(same), r.readStrips(), r.readCases(), r.readWhy(), r.readReproduce())
}

// codeChanged is the note of the comparison if it speaks of the test's own code.
func codeChanged(note string) string {
	if verdict.SaysTestChanged(note) {
		return note
	}
	return ""
}

// ownJobs is the job that gave this very attempt, or will.
func (r *resultPage) ownJobs() []models.Job {
	for _, j := range r.jobs {
		if r.row.JobID != nil && j.ID == *r.row.JobID {
			return []models.Job{j}
		}
	}
	if r.row.JobID == nil && !r.row.Status.Final() {
		return stillRunning(r.jobs)
	}
	return nil
}

func environmentOf(j models.Job, r models.Result) []ui.Pair {
	var list []ui.Pair
	for _, pair := range []ui.Pair{{Name: "Isolation", Value: j.Isolation}, {Name: "Ended", Value: j.Detail}, {Name: "Revision of the test", Value: r.TestRevision}} {
		if pair.Value != "" {
			list = append(list, pair)
		}
	}
	return list
}

// elsewhere lists the last attempts at the same test on other builds.
func elsewhere(same []models.ResultLine, r models.Result) []page.Place {
	var places []page.Place
	for _, one := range same {
		if one.Final && one.BuildID != r.BuildID {
			places = append(places, page.Place{
				ID: one.ID, Mark: markOf(one.Status, one.Shown), Where: strings.Trim(one.Arch+" / "+one.Config+" / "+one.Compiler, " /"),
			})
		}
	}
	return places
}

func (r *resultPage) readTries(same []models.ResultLine) error {
	var own []models.Result
	for _, one := range same {
		if one.BuildID == r.row.BuildID {
			own = append(own, one.Result)
		}
	}
	tries, err := r.tries(r.jobs, own)
	r.data.Tries = tries
	return err
}

func (r *resultPage) readStrips() error {
	history, err := r.q.History([]int64{r.row.Scenario}, r.row.ID, hereLength)
	if err != nil {
		return err
	}
	r.data.Here, r.data.Before = strip(history[r.row.Scenario], r.row)
	var durations []time.Duration
	for _, h := range history[r.row.Scenario] {
		if h.Status == status.Pass || h.Status == status.Fail {
			durations = append(durations, time.Duration(h.DurationMS)*time.Millisecond)
		}
	}
	r.data.Median, r.data.P90 = percentile(durations, 0.5), percentile(durations, 0.9)
	if r.row.Host == "" {
		return nil
	}
	recent, err := r.q.RecentOnHost(r.row.Host, r.row.ID, hostLength)
	r.data.SameHost = resultCells(recent)
	return err
}

func (r *resultPage) readCases() error {
	counts, err := r.q.SubresultCounts(r.row.ID)
	if err != nil || len(counts) == 0 {
		return err
	}
	var words []string
	for _, c := range counts {
		r.data.SubresultsTotal += c.Cases
		words = append(words, fmt.Sprintf("%d %s", c.Cases, strings.ToLower(c.Status.Word().Text)))
	}
	r.data.SubresultsText = strings.Join(words, ", ")
	rows, err := r.q.WorstSubresults(r.row.ID, subresultsRows)
	for _, s := range rows {
		r.data.Subresults = append(r.data.Subresults, page.Subresult{
			Name: s.Name, Mark: markOf(s.Status, ""), Message: s.Message, Line: int(s.Line),
		})
	}
	return err
}

// readWhy says why this test ran: by the plan, and why it was tried again.
func (r *resultPage) readWhy() error {
	items, err := r.q.PlanOfTest(r.row.CheckoutID, r.row.RunTestID)
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	r.data.Why = items.Reason
	if items.File != "" {
		r.data.Why += " (" + items.File + ")"
	}
	if r.row.RetryReason != "" {
		r.data.Why += "; tried again because the attempt before " + r.row.RetryReason
	}
	return nil
}

func (r *resultPage) readReproduce() error {
	reproduction, err := report.Reproduce(r.run, r.build, r.source(r.place, r.build))
	if err != nil {
		// A test that cannot run on this build has no commands that repeat it;
		// the result itself says so.
		r.data.Reproduce = ui.Reproduce{Missing: []string{err.Error()}}
		return nil
	}
	r.data.Reproduce = reproduceOf(reproduction)
	return nil
}
