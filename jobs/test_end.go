package jobs

import (
	"context"
	"fmt"
	"strings"

	"drover/clients/local"
	"drover/formats/consolelog"
	"drover/formats/ktap"
	"drover/models"
	"drover/rules/herding"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

// said is what one test or case of a run said.
type said struct {
	status status.Status
	reason string // why it is error, miss or skip
	text   string // the line that says what went wrong
	line   int64  // its number, 0 for none
}

// spoken is everything that a run said.
type spoken struct {
	root  said
	cases []spokenCase
	whole bool // the output came to its end
}

type spokenCase struct {
	name string // slash path below the test
	said
}

// testEnded says what follows from a test job: statuses, subresults, retries.
func (w *Worker) testEnded(ctx context.Context, q models.Query, job models.Job, left leftovers) (func(*models.Tx) error, error) {
	test, err := q.Test(*job.TestID)
	if err != nil {
		return nil, err
	}
	heard, err := w.listen(job, test, left)
	if err != nil {
		return nil, err
	}
	e := ending{job: job, test: test, heard: heard}
	if e.checkout, err = q.Checkout(job.CheckoutID); err != nil {
		return nil, err
	}
	if e.tree, err = q.Tree(e.checkout.TreeID); err != nil {
		return nil, err
	}
	if e.build, err = q.Build(job.BuildID); err != nil {
		return nil, err
	}
	if e.revision, err = w.revisionOf(ctx, q, e); err != nil {
		return nil, err
	}
	return e.store, ctx.Err()
}

// listen reads the log of a test in the format that the test has.
func (w *Worker) listen(job models.Job, test models.Test, left leftovers) (spoken, error) {
	if s, ok := unheard(job); ok {
		s.text, s.line = firstError(left.log)
		return spoken{root: s}, nil
	}
	if recipe.Format(test.Format) == recipe.Exit {
		s := ofExit(job)
		if s.status == status.Fail || s.status == status.Error {
			s.text, s.line = firstError(left.log)
		}
		return spoken{root: s, whole: true}, nil
	}
	source, err := w.openLog(left)
	if err != nil {
		return spoken{}, err
	}
	defer func() { _ = source.Close() }() // only read
	report, err := ktap.Parse(source, ktap.DefaultLimits())
	if err != nil {
		return spoken{}, fmt.Errorf("read the log of %s: %w", job.Marker, err)
	}
	if test.EachCase {
		return ofCases(job, report, left.log), nil
	}
	return ofReport(job, report, left.log), nil
}

// unheard is a job that ended in a way that says nothing about the kernel.
func unheard(job models.Job) (said, bool) {
	switch {
	case job.Reason == string(local.Cancelled):
		return said{status: status.Cancelled, reason: job.Detail}, true
	case Trouble(job.Reason), job.Reason == string(local.Timeout), job.Reason == string(local.Memory):
		return said{status: status.Error, reason: job.Detail}, true
	case job.ExitStatus == 127:
		return said{status: status.Error, reason: "the command of the test, or one that it calls, was not found (exit status 127)"}, true
	case job.ExitStatus == 126:
		return said{status: status.Error, reason: "the command of the test cannot be executed (exit status 126): is it executable, and for this machine?"}, true
	}
	return said{}, false
}

// ofExit is kselftest's meaning of exit statuses.
func ofExit(job models.Job) said {
	switch job.ExitStatus {
	case 0:
		return said{status: status.Pass}
	case 4:
		return said{status: status.Skip, reason: "the test skipped itself (exit status 4)"}
	}
	return said{status: status.Fail, reason: job.Detail}
}

// ofReport is one result for the whole report; its cases are subresults.
func ofReport(job models.Job, report *ktap.Report, log *consolelog.Log) spoken {
	s := spoken{root: said{status: report.Overall()}, whole: report.Complete}
	s.cases = casesOf(report, log)
	switch {
	case len(report.Tests) == 0 && report.Skipped != "":
		s.root = said{status: status.Skip, reason: report.Skipped}
	case len(report.Tests) == 0 && job.ExitStatus > 128:
		s.root = said{status: status.Fail, reason: job.Detail}
	case len(report.Tests) == 0:
		s.root = said{status: status.Error, reason: fmt.Sprintf("the test printed no result line (exit status %d): it must print KTAP", job.ExitStatus)}
	case report.Bail != "":
		s.root = said{status: status.Error, reason: "the test bailed out: " + report.Bail}
	case s.root.status == status.Pass && job.ExitStatus != 0:
		s.root = said{status: status.Fail, reason: fmt.Sprintf("every case passed, but the test ended with exit status %d", job.ExitStatus)}
	case s.root.status == status.Pass && !report.Complete:
		s.root = said{status: status.Error, reason: "the output ended before the test did"}
	}
	s.root.reason = reasonOf(s)
	s.root.text, s.root.line = errorOf(s, log)
	return s
}

// reasonOf explains an error or skip by the case that made it.
func reasonOf(s spoken) string {
	if s.root.reason != "" {
		return s.root.reason
	}
	if s.root.status == status.Pass || s.root.status == status.Fail {
		return ""
	}
	for _, c := range s.cases {
		if c.status == s.root.status && c.reason != "" {
			return c.name + ": " + c.reason
		}
	}
	return ""
}

// errorOf is the line that says best what went wrong with the whole: that of
// the first case which has the same status, else the worst of the log.
func errorOf(s spoken, log *consolelog.Log) (string, int64) {
	if s.root.status != status.Fail && s.root.status != status.Error {
		return "", 0
	}
	for _, c := range s.cases {
		if c.status == s.root.status && c.text != "" {
			return c.text, c.line
		}
	}
	return firstError(log)
}

// ofCases gives every case a result of its own. The root only says whether the
// run came to its end.
func ofCases(job models.Job, report *ktap.Report, log *consolelog.Log) spoken {
	s := spoken{cases: casesOf(report, log), whole: report.Complete}
	switch {
	case report.Complete && len(report.Tests) > 0:
		s.root = said{status: status.Done, reason: "every case is a result of its own"}
	case len(report.Tests) == 0 && job.ExitStatus == 0:
		s.root = said{status: status.Error, reason: "the run printed no result line: it must print KTAP"}
	default:
		s.root = said{status: status.Fail, reason: "the run ended before all cases had reported"}
	}
	if s.root.status != status.Done {
		s.root.text, s.root.line = firstError(log)
	}
	return s
}

// casesOf lists the leaves of a report, each with the line that explains it.
func casesOf(report *ktap.Report, log *consolelog.Log) []spokenCase {
	var cases []spokenCase
	before := 0
	for _, leaf := range report.Leaves() {
		if len(leaf.Children) > 0 && leaf.Status != status.Fail && leaf.Status != status.Error {
			continue // a suite whose cases were all skipped says nothing of its own
		}
		c := spokenCase{name: casePath(leaf.Path), said: said{status: leaf.Status, reason: leaf.Reason, line: int64(leaf.Line)}}
		if c.status == status.Fail || c.status == status.Error {
			c.text, c.line = explain(leaf, log, before+1)
		}
		if c.status == status.Miss && c.reason == "" {
			c.reason = "planned, but never reported"
		}
		before = max(before, leaf.Line)
		cases = append(cases, c)
	}
	return cases
}

// explain finds the line for a failed case: the worst hit since the case
// before it, a diagnostic, or its result line.
func explain(leaf ktap.Leaf, log *consolelog.Log, first int) (string, int64) {
	if hit, ok := log.FirstBetween(first, leaf.Line); ok {
		return hit.Text, int64(hit.Line)
	}
	if len(leaf.Diagnostics) > 0 {
		return leaf.Diagnostics[0], int64(leaf.Line)
	}
	return strings.TrimSpace("not ok " + leaf.Name + " " + leaf.Reason), int64(leaf.Line)
}

// casePath makes the names of a case a slash path without odd characters.
func casePath(names []string) string {
	clean := make([]string, len(names))
	for i, name := range names {
		clean[i] = strings.Map(func(r rune) rune {
			switch {
			case r <= ' ' || r == 0x7f || strings.ContainsRune(`/\?#%&<>"'`, r):
				return '_'
			}
			return r
		}, name)
	}
	return strings.Join(clean, "/")
}

// ending stores what a test job gave.
type ending struct {
	job      models.Job
	test     models.Test
	tree     models.Tree
	checkout models.Checkout
	build    models.Build
	heard    spoken
	revision recipe.Revision // of the test
}

func (e ending) store(tx *models.Tx) error {
	rows, err := tx.ResultsOfRun(e.build.ID, e.test.ID)
	if err != nil {
		return err
	}
	if e.test.EachCase && e.job.Attempt == 1 {
		if rows, err = e.addNewCases(tx, rows); err != nil {
			return err
		}
	}
	retry, err := e.setAll(tx, rows)
	if err != nil {
		return err
	}
	if len(retry.rows) > 0 {
		return retry.store(tx, e)
	}
	left, err := tx.UnfinishedOfBuild(e.build.ID)
	if err != nil || left > 0 {
		return err
	}
	return tx.Want(BuildRelease, e.build.ID, tx.Now)
}

// addNewCases stores results for the cases that nobody expected.
func (e ending) addNewCases(tx *models.Tx, rows []models.Result) ([]models.Result, error) {
	var paths []string
	for _, c := range e.heard.cases {
		paths = append(paths, e.test.Path+"/"+c.name)
	}
	cases, err := tx.EnsureCases(e.test, paths)
	if err != nil {
		return nil, err
	}
	known := map[id.ID]bool{}
	for _, r := range rows {
		known[r.TestID] = true
	}
	var fresh []models.Result
	planned := plan{checkout: e.checkout, tree: e.tree}
	for _, path := range paths {
		test := cases[path]
		if known[test.ID] {
			continue
		}
		known[test.ID] = true
		fresh = append(fresh, planned.result(e.build, test, e.test, status.Running))
	}
	if err := tx.AddResults(e.tree.ID, e.build.Arch, fresh); err != nil {
		return nil, err
	}
	return append(rows, fresh...), nil
}

// setAll gives every result of this attempt its status, and collects those
// that the herder wants tried again.
func (e ending) setAll(tx *models.Tx, rows []models.Result) (retries, error) {
	tests := map[id.ID]string{}
	var ids []id.ID
	for _, r := range rows {
		ids = append(ids, r.TestID)
	}
	known, err := tx.TestsByID(ids)
	if err != nil {
		return retries{}, err
	}
	for i, t := range known {
		tests[i] = t.Path
	}
	byPath := map[string]said{}
	for _, c := range e.heard.cases {
		byPath[e.test.Path+"/"+c.name] = c.said
	}
	var retry retries
	var list []models.Collected
	for _, r := range rows {
		if r.Attempt != e.job.Attempt || r.Status.Final() {
			continue
		}
		after := e.result(tx, r, e.saidOf(tests[r.TestID], byPath))
		d := herding.Decide(herding.Job{Kind: herding.Test, Attempts: attemptsOf(rows, after)}, localLimits)
		if d.Action == herding.Retry {
			after.Final = false
			retry.add(after, d)
		} else if after.Status == status.Fail || after.Status == status.Error {
			retry.last, retry.line = d, after.FirstError
		}
		list = append(list, models.Collected{Before: r, After: after})
		if r.TestID == e.test.ID && !e.test.EachCase {
			if err := tx.AddSubresults(r.ID, e.subresults()); err != nil {
				return retry, err
			}
		}
	}
	if err := retry.explain(tx, e.job); err != nil {
		return retry, err
	}
	return retry, tx.SetResults(e.tree.ID, e.build.Arch, list)
}

// saidOf is what was said of one test; of a case that was not heard of, what
// its silence means.
func (e ending) saidOf(path string, byPath map[string]said) said {
	if path == e.test.Path {
		return e.heard.root
	}
	if s, ok := byPath[path]; ok {
		return s
	}
	switch {
	case e.heard.whole:
		return said{status: status.Skip, reason: "the test no longer reports this case"}
	case e.heard.root.status == status.Cancelled:
		return e.heard.root
	}
	return said{status: status.Miss, reason: "the run ended before this case reported"}
}

func (e ending) result(tx *models.Tx, r models.Result, s said) models.Result {
	r.Status, r.Reason, r.FirstError, r.FirstErrorLine = s.status, s.reason, s.text, s.line
	if r.Status == status.Pass || r.Status == status.Skip || r.Status == status.Done {
		r.FirstError, r.FirstErrorLine = "", 0
	}
	r.Host, r.JobID, r.TestRevision = e.job.Host, &e.job.ID, e.revision.String()
	r.StartedAt, r.FinishedAt = e.job.StartedAt, e.job.FinishedAt
	if r.FinishedAt == nil {
		r.FinishedAt = &tx.Now
	}
	if r.TestID == e.test.ID && r.StartedAt != nil {
		r.DurationMS = r.FinishedAt.Sub(*r.StartedAt).Milliseconds()
	}
	return r
}

func (e ending) subresults() []models.Subresult {
	const most = 2000
	var rows []models.Subresult
	for _, c := range e.heard.cases[:min(len(e.heard.cases), most)] {
		message := c.text
		if message == "" {
			message = c.reason
		}
		rows = append(rows, models.Subresult{Name: c.name, Status: c.status, Line: c.line, Message: message})
	}
	return rows
}
