package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"drover/formats/consolelog"
	"drover/jobs"
	"drover/models"
	"drover/models/blob"
	"drover/models/report"
	"drover/rules/notice"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	searchTime = 2 * time.Second
	searchHits = 1000
	// searchBlock is how many lines are read at once: steps of the index.
	searchBlock = 8 * consolelog.Step
)

// hasIndex tells whether a name is that of the index of a log.
func hasIndex(name string) bool { return strings.HasSuffix(name, jobs.IndexAfter) }

// openLog is a stored log with its index. Close it if it is not nil.
type openLog struct {
	index *consolelog.Log
	blob  *blob.Blob
	job   models.Job
	file  models.File
}

func (l *openLog) close() { _ = l.blob.Close() } // only read

// findLog opens the newest log of this name among some jobs. missing says why
// there is none.
func (v *visit) findLog(list []models.Job, files []models.File, name string) (log *openLog, missing string, err error) {
	missing = "There is no log: nothing has run yet."
	for i := len(list) - 1; i >= 0; i-- {
		job := list[i]
		if job.State != models.JobCollected {
			missing = "It still runs; the log is shown when it has ended."
			continue
		}
		for _, f := range files {
			if f.OwnerID != job.ID || f.Name != name {
				continue
			}
			if missing := whyMissing("log", f); missing != "" {
				return nil, missing, nil
			}
			index, source, err := report.OpenLog(v.q, v.Blobs, job.ID, name)
			if err != nil {
				return nil, "", err
			}
			if source == nil {
				return nil, "The log is gone: it is no longer in the store.", nil
			}
			return &openLog{index: index, blob: source, job: job, file: f}, "", nil
		}
	}
	return nil, missing, nil
}

// logIndex is what pages know of a log.
func logIndex(name string, index *consolelog.Log) ui.Log {
	l := ui.Log{Name: name, Lines: index.Lines, Bytes: index.Bytes}
	if index.Truncated {
		l.Cut = fmt.Sprintf("the runner left %d bytes out at line %d", index.TruncatedBytes, index.TruncatedLine)
	}
	for _, h := range index.Hits {
		l.Hits = append(l.Hits, ui.Hit{Line: h.Line, Rule: h.Rule, Text: h.Text})
	}
	for _, s := range index.Sections {
		l.Sections = append(l.Sections, ui.Section{Name: s.Name, First: s.Start, Last: s.End, Duration: ui.Seconds(s.Seconds)})
	}
	return l
}

// excerpt is the main log of a build or result, with the lines around the
// first error.
func (v *visit) excerpt(list []models.Job, files []models.File, name string, line int64) (ui.Log, ui.Window, error) {
	log, missing, err := v.findLog(list, files, name)
	if err != nil || log == nil {
		return ui.Log{Name: name, Missing: missing}, ui.Window{}, err
	}
	defer log.close()
	index := logIndex(name, log.index)
	if line == 0 {
		if hit, ok := log.index.First(); ok {
			line = int64(hit.Line)
		} else {
			line = int64(log.index.Lines)
		}
	}
	first := max(1, min(int(line)-excerptBefore, log.index.Lines-excerptLines+1))
	window, err := log.window(first, first+excerptLines-1)
	window.Chosen = route.Lines{First: int(line)}
	return index, window, err
}

// window reads lines for a page. Lines with colours are handed on as they are
// stored, since the page knows how to show them; others are clean already.
func (l *openLog) window(first, last int) (ui.Window, error) {
	lines, err := consolelog.Window(l.blob, l.index, first, last)
	if err != nil {
		return ui.Window{}, fmt.Errorf("read %s: %w", l.file.Name, err)
	}
	w := ui.Window{First: max(1, first), Lines: make([]string, len(lines))}
	for i, line := range lines {
		w.Lines[i] = line.Text
		switch {
		case line.Cut:
			w.Lines[i] += " … (whole line in the raw log)"
		case len(line.Styles) > 0:
			raw := make([]byte, line.Size)
			if _, err := l.blob.ReadAt(raw, line.Offset); err != nil && !errors.Is(err, io.EOF) {
				return w, fmt.Errorf("read %s: %w", l.file.Name, err)
			}
			w.Lines[i] = strings.TrimRight(string(raw), "\r\n")
		}
	}
	return w, nil
}

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
	}
	o := logOwner{
		jobs: list, data: page.LogData{Result: r.ID, Owner: t.Path, Running: !r.Status.Final()}, self: route.ResultLog(r.ID, v.names["name"], route.Lines{}),
		crumbs: p.crumbs(ui.Crumb{Text: t.Path, URL: route.Result(r.ID)}, ui.Crumb{Text: v.names["name"]}),
		title:  v.names["name"] + " · " + t.Path + " · " + p.tree.Name + " " + notice.Short(p.checkout.SHA),
		topic:  route.TopicOf(models.ChangeResult, r.ID),
	}
	return v.showLog(o)
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
		if v.format == "txt" && o.trimmed(name) {
			return failure{status: http.StatusGone, title: "The log is no longer kept", text: missing}
		}
		if name != jobs.TestLog && name != jobs.BuildLog || v.format == "txt" {
			return notFound("No such log", missing)
		}
		o.data.Log = ui.Log{Name: name, Missing: missing}
		f := v.frame(o.title, o.self, o.crumbs...)
		f.Active, f.Refresh, f.Live = "trees", o.data.Running, v.live(o.topic)
		return v.html(http.StatusOK, page.LogPage{Frame: f, Data: o.data})
	}
	defer log.close()
	if v.format == "txt" {
		return v.rawLog(log)
	}
	o.data.Log = logIndex(name, log.index)
	return v.viewLog(o, log)
}

// viewLog shows a window of a log: at the lines that were asked for, else at
// the first error, else at its top.
func (v *visit) viewLog(o logOwner, log *openLog) error {
	chosen := route.ParseLines(v.query.Get("l"))
	first := 1
	if hit, ok := log.index.First(); ok && chosen.First == 0 {
		first = hit.Line - page.WindowLines/4
	}
	if chosen.First > 0 {
		first = chosen.First - page.WindowLines/4
	}
	if from, err := strconv.Atoi(v.query.Get("from")); err == nil && chosen.First == 0 {
		first = from
	}
	first = max(1, min(first, log.index.Lines))
	window, err := log.window(first, first+page.WindowLines-1)
	if err != nil {
		return err
	}
	window.Chosen = chosen
	p := page.LogPage{
		Data: o.data, Window: window,
		Search: log.search(v.context(), v.query.Get("q"), v.query.Get("regexp") == "1"),
		Frame:  v.frame(o.title, route.With(o.self, "l", chosen.String(), "from", v.query.Get("from"), "q", v.query.Get("q"), "regexp", v.query.Get("regexp")), o.crumbs...),
	}
	p.Active = "trees"
	return v.html(http.StatusOK, p)
}

// search looks through the whole log for a text, without regard to case, or
// for a regular expression (RE2, so that no pattern takes for ever).
func (l *openLog) search(ctx context.Context, query string, isRegexp bool) page.LogSearch {
	s := page.LogSearch{Query: query, Regexp: isRegexp}
	if query == "" {
		return s
	}
	if len(query) > 1000 {
		s.Error = "The search is longer than 1000 characters."
		return s
	}
	lower := strings.ToLower(query)
	found := func(text string) bool { return strings.Contains(strings.ToLower(text), lower) }
	if isRegexp {
		re, err := regexp.Compile(query)
		if err != nil {
			s.Error = "Not a regular expression: " + err.Error()
			return s
		}
		found = re.MatchString
	}
	until := time.Now().Add(searchTime)
	for first := 1; first <= l.index.Lines; first += searchBlock {
		if time.Now().After(until) || ctx.Err() != nil {
			s.Error = fmt.Sprintf("The search took longer than %s and ended at line %d of %d.", ui.SecondsOf(searchTime), first-1, l.index.Lines)
			return s
		}
		lines, err := consolelog.Window(l.blob, l.index, first, first+searchBlock-1)
		if err != nil {
			s.Error = "The log could not be read to its end: " + err.Error()
			return s
		}
		for _, line := range lines {
			if !found(line.Text) {
				continue
			}
			if s.Total++; len(s.Hits) < searchHits {
				s.Hits = append(s.Hits, ui.Hit{Line: line.Number, Text: line.Text})
			}
		}
	}
	return s
}
