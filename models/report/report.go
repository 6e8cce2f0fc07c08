// Package report gathers what a report says about a checkout: rows and log
// lines become the facts that rules/notice composes. The mail, the text page
// and `drover report` all start here. It decides nothing.
package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"drover/formats/consolelog"
	"drover/models"
	"drover/models/blob"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/verdict"
)

// Links makes the addresses in a report. views/route does.
type Links interface {
	Checkout(checkout id.ID) string
	Result(result id.ID, line int64) string
	Build(build id.ID) string
	BuildConfig(build id.ID) string
}

// lines is how many log lines a failure shows; before is how many of them
// stand before the line that says what went wrong.
const (
	lines  = 12
	before = 4
)

// marker begins the lines that the runner writes between a job's own.
const marker = "##drover "

// gatherer collects the facts of one checkout.
type gatherer struct {
	q        models.Query
	blobs    *blob.Store
	links    Links
	checkout models.Checkout
	tree     models.Tree
	builds   map[id.ID]models.Build
	tests    map[id.ID]models.Test
	history  map[int64][]models.Result
	url      string
}

// Facts gathers everything about a checkout but the audience.
func Facts(q models.Query, blobs *blob.Store, links Links, checkout id.ID) (notice.Facts, error) {
	g := gatherer{q: q, blobs: blobs, links: links, builds: map[id.ID]models.Build{}}
	var err error
	if g.checkout, err = q.Checkout(checkout); err != nil {
		return notice.Facts{}, err
	}
	if g.tree, err = q.Tree(g.checkout.TreeID); err != nil {
		return notice.Facts{}, err
	}
	facts := notice.Facts{}
	if facts.Header, err = g.header(); err != nil {
		return notice.Facts{}, err
	}
	builds, err := g.buildFacts()
	if err != nil {
		return notice.Facts{}, err
	}
	results, err := g.resultFacts()
	if err != nil {
		return notice.Facts{}, err
	}
	facts.Results = append(builds, results...)
	facts.Counts = counts(facts.Results)
	return facts, nil
}

func (g *gatherer) header() (notice.Header, error) {
	c := g.checkout
	var tally verdict.Counts
	if c.Counts != "" {
		if err := json.Unmarshal([]byte(c.Counts), &tally); err != nil {
			return notice.Header{}, fmt.Errorf("read the counts of %s: %w", c.ID, err)
		}
	}
	h := notice.Header{
		Checkout: c.ID, Verdict: c.Verdict, Sentence: c.VerdictText, NewCount: tally.New, FixedCount: tally.Fixed,
		Tree: g.tree.Name, Branch: c.Branch,
		Commit:  notice.Commit{SHA: c.SHA, Subject: c.Subject, Describe: c.Describe},
		Links:   notice.Links{Checkout: g.links.Checkout(c.ID)},
		Partial: c.State != models.CheckoutFinished, Finished: g.q.Clock(),
	}
	if c.FinishedAt != nil {
		h.Finished, h.Took = *c.FinishedAt, c.FinishedAt.Sub(c.PushedAt)
	}
	sources, err := g.q.TreeSources(g.tree.ID)
	if err != nil {
		return h, err
	}
	if len(sources) > 0 {
		remote, err := g.q.Remote(sources[0].RemoteID)
		if err != nil {
			return h, err
		}
		h.Repository, g.url = remote.URL, remote.URL
	}
	if c.ComparedID != nil {
		base, err := g.q.Checkout(*c.ComparedID)
		if err != nil {
			return h, err
		}
		h.Compared = &notice.Compared{SHA: base.SHA, Tested: base.PushedAt, Back: int(c.ComparedBack)}
		if c.NotAncestor {
			h.Compared.Back = 0
		}
	}
	return h, nil
}

func (g *gatherer) buildFacts() ([]notice.Result, error) {
	builds, err := g.q.Builds(g.checkout.ID)
	if err != nil {
		return nil, err
	}
	var facts []notice.Result
	for _, b := range builds {
		g.builds[b.ID] = b
		f := notice.Result{
			Kind: notice.Build, Arch: b.Arch, Config: b.Config, Compiler: b.Compiler, Status: b.Status, Shown: b.Shown,
			URL: g.links.Build(b.ID), LogURL: g.links.Build(b.ID), BuildURL: g.links.Build(b.ID),
			Tries: int(b.Attempt), Signature: b.FirstError, Reason: b.Reason, Streak: int(b.FailingFor),
		}
		if b.Status == status.Fail {
			f.Failed = 1
			if f.Lines, err = g.buildLines(b); err != nil {
				return nil, err
			}
			reproduction, err := recipe.BuildSettings{Name: b.Recipe, JSON: b.Settings}.Reproduce(g.source(b))
			if err != nil {
				return nil, err
			}
			f.Reproduce = &reproduction
		}
		facts = append(facts, f)
	}
	return facts, nil
}

func (g *gatherer) source(b models.Build) recipe.Source {
	return recipe.Source{URL: g.url, Commit: g.checkout.SHA, Config: g.links.BuildConfig(b.ID), Toolchain: b.CompilerVersion}
}

// buildLines reads the log of the build's last job.
func (g *gatherer) buildLines(b models.Build) ([]string, error) {
	jobs, err := g.q.JobsOfBuild(b.ID)
	if err != nil {
		return nil, err
	}
	for i := len(jobs) - 1; i >= 0; i-- {
		if jobs[i].Kind == models.JobBuild {
			return Excerpt(g.q, g.blobs, jobs[i].ID, "build.log", b.FirstErrorLine)
		}
	}
	return nil, nil
}

func (g *gatherer) resultFacts() ([]notice.Result, error) {
	all, err := g.q.Results(g.checkout.ID)
	if err != nil {
		return nil, err
	}
	var ids []id.ID
	var scenarios []int64
	attempts := map[[2]id.ID][]models.Result{}
	for _, r := range all {
		ids = append(ids, r.TestID)
		key := [2]id.ID{r.BuildID, r.TestID}
		attempts[key] = append(attempts[key], r)
		if r.Final && r.Status == status.Fail {
			scenarios = append(scenarios, r.Scenario)
		}
	}
	if g.tests, err = g.q.TestsByID(ids); err != nil {
		return nil, err
	}
	if len(all) > 0 {
		if g.history, err = g.q.History(scenarios, all[0].ID-1, 40); err != nil {
			return nil, err
		}
	}
	var facts []notice.Result
	for _, r := range all {
		if !r.Final {
			continue
		}
		f, err := g.resultFact(r, attempts[[2]id.ID{r.BuildID, r.TestID}])
		if err != nil {
			return nil, err
		}
		facts = append(facts, f)
	}
	return facts, nil
}

func (g *gatherer) resultFact(r models.Result, attempts []models.Result) (notice.Result, error) {
	b, t := g.builds[r.BuildID], g.tests[r.TestID]
	f := notice.Result{
		Kind: notice.Test, Test: t.Path, Arch: b.Arch, Config: b.Config, Compiler: b.Compiler,
		Status: r.Status, Shown: r.Shown, URL: g.links.Result(r.ID, 0), LogURL: g.links.Result(r.ID, r.FirstErrorLine),
		BuildURL: g.links.Build(b.ID), Signature: r.FirstError, Reason: r.Reason, Streak: int(r.FailingFor),
		Before: g.before(r),
	}
	hosts := map[string]bool{}
	for _, a := range attempts {
		if a.Status.Ran() {
			f.Tries++
			hosts[a.Host] = true
		}
		if a.Status == status.Fail {
			f.Failed++
		}
	}
	f.Hosts = len(hosts)
	if r.Status != status.Fail || r.JobID == nil {
		return f, nil
	}
	var err error
	if f.Lines, err = Excerpt(g.q, g.blobs, *r.JobID, "console.log", r.FirstErrorLine); err != nil {
		return f, err
	}
	if len(f.Lines) == 0 && r.FirstError != "" {
		f.Lines = []string{r.FirstError}
	}
	reproduction, err := g.reproduce(r)
	f.Reproduce = &reproduction
	return f, err
}

// reproduce says how to repeat a result; a case is repeated with its run.
func (g *gatherer) reproduce(r models.Result) (recipe.Reproduction, error) {
	run, err := g.q.Test(r.RunTestID)
	if err != nil {
		return recipe.Reproduction{}, err
	}
	return Reproduce(run, g.builds[r.BuildID], g.source(g.builds[r.BuildID]))
}

// Reproduce says how a person repeats a test on a build.
func Reproduce(t models.Test, b models.Build, source recipe.Source) (recipe.Reproduction, error) {
	settings := recipe.TestSettings{
		Name: t.Recipe, Command: t.Command, Format: recipe.Format(t.Format), Timeout: time.Duration(t.TimeoutS) * time.Second,
	}
	return settings.Reproduce(recipe.BuildSettings{Name: b.Recipe, JSON: b.Settings}, source)
}

func (g *gatherer) before(r models.Result) notice.History {
	var h notice.History
	for _, run := range g.history[r.Scenario] {
		switch run.Status {
		case status.Pass:
			h.Passed++
			h.Total++
		case status.Fail:
			h.Total++
		default:
			continue
		}
		if h.Since.IsZero() && run.FinishedAt != nil {
			h.Since = *run.FinishedAt
		}
	}
	if r.BaseBack > 1 {
		h.Back = int(r.BaseBack)
	}
	if verdict.SaysTestChanged(r.Note) {
		h.TestChanged = verdict.TestChanged
	}
	return h
}

// counts is the table of a report.
func counts(results []notice.Result) []notice.Count {
	rows := []notice.Count{{Name: "Builds"}, {Name: "Tests"}}
	for _, r := range results {
		row := &rows[1]
		if r.Kind == notice.Build {
			row = &rows[0]
		}
		switch {
		case r.Shown == status.New, r.Kind == notice.Build && r.Shown == status.FirstRun:
			row.New++
		case r.Shown == status.KnownIssue:
			row.Known++
		case r.Shown == status.Trial, r.Status == status.Fail, r.Status == status.Done:
			row.Other++
		case r.Status == status.Pass:
			row.Pass++
		case r.Status == status.Error:
			row.Infra++
		case r.Status == status.Miss, r.Status == status.Cancelled:
			row.Miss++
		case r.Status == status.Skip:
			row.Skip++
		}
	}
	return rows
}

// Excerpt reads the lines of a job's log around one, cleaned. None when the
// log was not stored, or the line is 0.
func Excerpt(q models.Query, blobs *blob.Store, job id.ID, name string, line int64) ([]string, error) {
	if line <= 0 {
		return nil, nil
	}
	index, source, err := OpenLog(q, blobs, job, name)
	if err != nil || source == nil {
		return nil, err
	}
	defer func() { _ = source.Close() }() // only read
	window, err := consolelog.Window(source, index, max(1, int(line)-before), int(line)-before+lines-1)
	if err != nil {
		return nil, fmt.Errorf("read %s of job %s: %w", name, job, err)
	}
	var text []string
	for _, l := range window {
		if !strings.HasPrefix(l.Text, marker) {
			text = append(text, l.Text)
		}
	}
	return text, nil
}
