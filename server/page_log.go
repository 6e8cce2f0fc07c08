package server

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"drover/jobs"
	"drover/models"
	"drover/rules/notice"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	// linesAbove is how many lines a window has above the one it opens at, so
	// that this is in sight without a script.
	linesAbove = 10
	// fragmentLines is how many lines a script gets at once.
	fragmentLines = 5000
	// onlyHits is how many hits are shown with the lines around them.
	onlyHits = 300
)

// logOwner is whose log is looked at.
type logOwner struct {
	jobs   []models.Job
	files  []models.File
	data   page.LogData
	self   route.URL
	crumbs []ui.Crumb
	title  string
	topic  string // what is heard when there is more of it
}

// trimmed tells whether there was a log of this name whose time is over.
func (o logOwner) trimmed(name string) bool {
	return slices.ContainsFunc(o.files, func(f models.File) bool { return f.Name == name && f.TrimmedAt != nil })
}

func buildLog(v *visit) error {
	b, err := v.namedBuild()
	if err != nil {
		return err
	}
	p, err := v.place(b.CheckoutID)
	if err != nil {
		return err
	}
	list, err := v.q.JobsOfRun(b.ID, models.JobBuild, 0)
	if err != nil {
		return err
	}
	o := logOwner{
		jobs: list, data: page.LogData{Build: b.ID, Owner: b.Label(), Running: !b.Status.Final()}, self: route.BuildLog(b.ID, v.names["name"], route.Lines{}),
		crumbs: p.crumbs(ui.Crumb{Text: b.Label(), URL: route.Build(b.ID)}, ui.Crumb{Text: v.names["name"]}),
		title:  v.names["name"] + " · " + b.Label() + " · " + p.tree.Name + " " + notice.Short(p.checkout.SHA),
		topic:  route.TopicOf(models.ChangeBuild, b.ID),
	}
	return v.showLog(o)
}

func resultLog(v *visit) error {
	r, err := v.namedResult()
	if err != nil {
		return err
	}
	p, err := v.place(r.CheckoutID)
	if err != nil {
		return err
	}
	t, err := v.q.Test(r.TestID)
	if err != nil {
		return err
	}
	var list []models.Job
	if r.JobID != nil {
		job, err := v.q.Job(*r.JobID)
		if err != nil {
			return err
		}
		list = append(list, job)
	} else if list, err = v.q.JobsOfRun(r.BuildID, models.JobTest, r.RunTestID); err != nil {
		return err
	} else {
		list = stillRunning(list)
	}
	o := logOwner{
		jobs: list, data: page.LogData{Result: r.ID, Owner: t.Path, Running: !r.Status.Final()}, self: route.ResultLog(r.ID, v.names["name"], route.Lines{}),
		crumbs: p.crumbs(ui.Crumb{Text: t.Path, URL: route.Result(r.ID)}, ui.Crumb{Text: v.names["name"]}),
		title:  v.names["name"] + " · " + t.Path + " · " + p.tree.Name + " " + notice.Short(p.checkout.SHA),
		topic:  route.TopicOf(models.ChangeResult, r.ID),
	}
	return v.showLog(o)
}

// stillRunning leaves the newest job that has not ended: it is the one whose
// result has no job yet.
func stillRunning(list []models.Job) []models.Job {
	if len(list) == 0 || list[len(list)-1].State == models.JobCollected {
		return nil
	}
	return list[len(list)-1:]
}

func (v *visit) showLog(o logOwner) error {
	name := v.names["name"]
	var err error
	if o.files, err = v.q.FilesOfJobs(idsOfJobs(o.jobs)); err != nil {
		return err
	}
	log, missing, err := v.findLog(o.jobs, o.files, name)
	if err != nil {
		return err
	}
	if log == nil {
		return v.noLog(o, missing)
	}
	defer log.close()
	if v.format == "txt" {
		return v.rawLog(log)
	}
	o.data.Log, o.data.Running = log.summary(), log.running
	if v.request.Header.Get("X-Fragment") == "lines" {
		return v.logLines(o, log)
	}
	return v.viewLog(o, log)
}

// noLog says why there is no log.
func (v *visit) noLog(o logOwner, missing string) error {
	name := v.names["name"]
	if v.format == "txt" && o.trimmed(name) {
		return failure{status: http.StatusGone, title: "The log is no longer kept", text: missing}
	}
	if v.format == "txt" && missing == storageAway {
		return failure{status: http.StatusServiceUnavailable, title: "The log cannot be read now", text: missing}
	}
	if name != jobs.TestLog && name != jobs.BuildLog || v.format == "txt" {
		return notFound("No such log", missing)
	}
	o.data.Log = ui.Log{Name: name, Missing: missing}
	f := v.frame(o.title, o.self, o.crumbs...)
	f.Active, f.Refresh, f.Live = "trees", o.data.Running, v.live(o.topic)
	return v.html(http.StatusOK, page.LogPage{Frame: f, Data: o.data})
}

// logLines is a part of a log for a page that is open: the lines from from to to.
func (v *visit) logLines(o logOwner, log *openLog) error {
	first, last := v.number("from"), v.number("to")
	first = max(1, first)
	choice := v.logChoice()
	window, err := log.window(first, min(last, first+fragmentLines-1), choice)
	if err != nil {
		return err
	}
	window.Raw = v.rawOf(o)
	return v.html(http.StatusOK, page.LogLines{Log: o.data.Log, Window: window, Running: log.running})
}

// rawOf is the log as plain text.
func (v *visit) rawOf(o logOwner) route.URL { return route.Format(o.self, "txt") }

// number reads a number of the query; text that is none is 0.
func (v *visit) number(key string) int {
	n, err := strconv.Atoi(v.query.Get(key))
	if err != nil {
		return 0
	}
	return n
}

// viewLog shows a log around the place that was asked for.
func (v *visit) viewLog(o logOwner, log *openLog) error {
	view := logView{visit: v, owner: o, log: log, chosen: route.ParseLines(v.query.Get("l")), choice: v.logChoice()}
	p := page.LogPage{
		Data: o.data, Search: log.search(v.context(), v.query.Get("q"), v.query.Get("regexp") == "1"),
		Choice: view.choice, OnlyHits: v.query.Get("only") == "1",
	}
	view.hits = p.Data.Hits
	if p.Search.Query != "" && p.Search.Error == "" {
		view.hits = p.Search.Hits
	}
	p.Frame = v.frame(o.title, route.With(o.self, "l", view.chosen.String(), "from", v.query.Get("from"), "q", p.Search.Query,
		"regexp", v.query.Get("regexp"), "only", v.query.Get("only"), "open", v.query.Get("open")), o.crumbs...)
	p.Active, p.Scripts, p.Reload = "trees", []string{"log.js"}, log.running
	var err error
	if p.Body, err = view.body(p.OnlyHits); err != nil {
		return err
	}
	if p.OnlyHits {
		p.Left = max(0, len(view.hits)-onlyHits)
	}
	p.RawLink = v.absolute(route.With(v.rawOf(o), "l", view.chosen.String()))
	if view.chosen.First > 0 {
		p.Link = v.absolute(route.With(o.self, "l", view.chosen.String()))
	}
	return v.html(http.StatusOK, p)
}

// logView decides which lines of a log a page shows.
type logView struct {
	*visit
	owner  logOwner
	log    *openLog
	chosen route.Lines
	choice page.LogChoice
	hits   []ui.Hit
}

func (v logView) body(hitsOnly bool) (ui.LogBody, error) {
	target, first := v.target()
	b := ui.LogBody{
		Log: v.owner.data.Log, Chosen: v.chosen, Marks: v.marks(), Target: target, Opened: v.opened(),
		Running: v.log.running, At: v.from, AtEnd: first == 0,
		NoWrap: v.choice.Wrap == "off", Only: hitsOnly,
	}
	if first == 0 {
		first = max(1, b.Lines-ui.WindowLines+1)
	}
	stretches := []route.Lines{{First: first, Last: first + ui.WindowLines - 1}}
	if hitsOnly {
		b.Sections = nil
		stretches = around(v.hits)
	}
	for _, s := range stretches {
		w, err := v.log.window(s.First, s.Last, v.choice)
		if err != nil {
			return b, err
		}
		w.Raw = v.rawOf(v.owner)
		if len(w.Lines) > 0 {
			b.Windows = append(b.Windows, w)
		}
	}
	return b, nil
}

// marks are the lines that the index or the search found, each once.
func (v logView) marks() []ui.Hit {
	byLine := func(a, b ui.Hit) int { return a.Line - b.Line }
	marks := slices.Concat(v.hits, v.owner.data.Hits)
	slices.SortFunc(marks, byLine)
	return slices.CompactFunc(marks, func(a, b ui.Hit) bool { return a.Line == b.Line })
}

// target is the line at which the page opens, and the first line of the
// window; 0 stands for as many lines as there are before the end.
func (v logView) target() (line, first int) {
	lines := v.log.index.Lines
	line = v.chosen.First
	hit, found := v.log.index.First()
	switch from := v.number("from"); {
	case line > 0:
	case from > 0:
		from = min(from, max(1, lines))
		return from, from
	case v.query.Get("at") == "end":
		return lines, 0
	case v.query.Get("q") != "" && len(v.hits) > 0:
		line = v.hits[0].Line
	case found:
		line = hit.Line
	case v.log.running:
		return lines, 0
	default:
		return 1, 1
	}
	line = max(1, min(line, lines))
	return line, max(1, line-linesAbove)
}

// opened are the sections that the link says are open.
func (v logView) opened() []int {
	var list []int
	for text := range strings.SplitSeq(v.query.Get("open"), ",") {
		if n, err := strconv.Atoi(text); err == nil && len(list) < 1000 {
			list = append(list, n)
		}
	}
	return list
}

// from is the page with the same search and a window from a line on.
func (v logView) from(first int) route.URL {
	return route.With(v.owner.self, "from", strconv.Itoa(first), "q", v.query.Get("q"), "regexp", v.query.Get("regexp"))
}

// around is the hits with the lines around them, by line; what touches is one.
func around(hits []ui.Hit) []route.Lines {
	hits = slices.Clone(hits[:min(len(hits), onlyHits)])
	slices.SortFunc(hits, func(a, b ui.Hit) int { return a.Line - b.Line })
	var list []route.Lines
	for _, h := range hits {
		first, last := max(1, h.Line-2), h.Line+2
		if n := len(list); n > 0 && first <= list[n-1].Last+1 {
			list[n-1].Last = last
			continue
		}
		list = append(list, route.Lines{First: first, Last: last})
	}
	return list
}
