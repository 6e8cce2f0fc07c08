package server

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"drover/formats/consolelog"
	"drover/jobs"
	"drover/models"
	"drover/models/blob"
	"drover/models/report"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// hasIndex tells whether a name is that of the index of a log.
func hasIndex(name string) bool { return strings.HasSuffix(name, jobs.IndexAfter) }

// storageAway is what pages say while the store of logs cannot be read.
const storageAway = "The log storage cannot be read just now. The log is not lost; try again later."

// openLog is a log with its index. Close it if it is not nil.
type openLog struct {
	index   *consolelog.Log
	blob    *blob.Blob
	job     models.Job
	file    models.File
	running bool // it is a copy of what a job that still runs has written
}

func (l *openLog) close() { _ = l.blob.Close() } // only read

// summary is what pages know of a log.
func (l *openLog) summary() ui.Log {
	s := logIndex(l.file.Name, l.index)
	s.Running = l.running
	return s
}

// findLog opens the newest log of this name among some jobs. missing says why
// there is none.
func (v *visit) findLog(list []models.Job, files []models.File, name string) (log *openLog, missing string, err error) {
	missing = "There is no log: nothing has run yet."
	for i := len(list) - 1; i >= 0; i-- {
		job := list[i]
		if job.State != models.JobCollected {
			if job.SubmittedAt != nil {
				missing = "The job has written nothing yet."
			}
			if log, err = v.openRunning(job, name); log != nil || err != nil {
				return orAway(log, err)
			}
			continue
		}
		missing = "There is no log of this name: the job wrote none."
		for _, f := range files {
			if f.OwnerID != job.ID || f.Name != name {
				continue
			}
			if missing := whyMissing("log", f); missing != "" {
				return nil, missing, nil
			}
			log, err := v.openStored(job, f)
			if errors.Is(err, blob.ErrNotFound) {
				return nil, "The log is gone: it is no longer in the store.", nil
			}
			return orAway(log, err)
		}
	}
	return nil, missing, nil
}

// orAway makes a word of a store that cannot be read.
func orAway(log *openLog, err error) (*openLog, string, error) {
	if errors.Is(err, blob.ErrAway) {
		return nil, storageAway, nil
	}
	return log, "", err
}

// openStored opens a log with its index. One without an index is read once for
// it, and remembered.
func (v *visit) openStored(job models.Job, f models.File) (*openLog, error) {
	b, err := v.Blobs.Open(f.Blob)
	if err != nil {
		return nil, err
	}
	index, err := report.ReadIndex(v.Blobs, f.Blob+jobs.IndexAfter)
	if errors.Is(err, consolelog.ErrSideFile) || errors.Is(err, blob.ErrNotFound) {
		index, err = v.growing.read(f.Blob, b)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the index of %s of job %s: %w", f.Name, job.ID, err), b.Close())
	}
	return &openLog{index: index, blob: b, job: job, file: f}, nil
}

// openRunning opens what there is of the log of a job that is not collected
// yet; nil if there is nothing.
func (v *visit) openRunning(job models.Job, name string) (*openLog, error) {
	for _, key := range jobs.RunningLog(job, name) {
		b, err := v.Blobs.Open(key)
		if errors.Is(err, blob.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		index, err := v.growing.read(key, b)
		if err != nil {
			return nil, errors.Join(err, b.Close())
		}
		file := models.File{ID: job.ID, OwnerID: job.ID, Name: name, Bytes: b.Bytes}
		return &openLog{index: index, blob: b, job: job, file: file, running: true}, nil
	}
	return nil, nil
}

// logIndex is what pages know of a log.
func logIndex(name string, index *consolelog.Log) ui.Log {
	l := ui.Log{Name: name, Lines: index.Lines, Bytes: index.Bytes}
	if index.Truncated {
		l.Cut, l.CutLine = fmt.Sprintf("the runner left %d bytes out at line %d", index.TruncatedBytes, index.TruncatedLine), index.TruncatedLine
	}
	for _, h := range index.Hits {
		l.Hits = append(l.Hits, ui.Hit{Line: h.Line, Rule: h.Rule, Text: h.Text})
	}
	for _, s := range index.Sections {
		l.Sections = append(l.Sections, ui.Section{Name: s.Name, First: s.Start, Last: s.End, Duration: ui.Seconds(s.Seconds), Open: s.Open})
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
	if hit, ok := log.index.First(); line == 0 && ok {
		line = int64(hit.Line)
	}
	first := log.index.Lines - excerptLines + 1
	if line > 0 {
		first = min(int(line)-excerptBefore, first)
	}
	window, err := log.window(max(1, first), max(1, first)+excerptLines-1, page.LogChoice{})
	window.Chosen = route.Lines{First: int(line)}
	return log.summary(), window, err
}

// window reads lines for a page. A log that lost its end has the lines that
// are left.
func (l *openLog) window(first, last int, choice page.LogChoice) (ui.Window, error) {
	first = max(1, first)
	before := first
	if choice.Clock == page.ClockDifference {
		before = max(1, first-1)
	}
	lines, err := consolelog.Window(l.blob, l.index, before, last)
	if err != nil && !errors.Is(err, consolelog.ErrShort) {
		return ui.Window{}, fmt.Errorf("read %s: %w", l.file.Name, err)
	}
	w := ui.Window{First: first, Lines: make([]ui.Line, 0, len(lines)), Wrap: choice.Wrap == "on", Clock: choice.Clock != ""}
	clock := clockColumn{kind: choice.Clock}
	for _, line := range lines {
		shown := ui.Line{Text: spansOf(line), Cut: line.Cut, Clock: clock.next(line.Text)}
		if line.Number >= first {
			w.Lines = append(w.Lines, shown)
		}
	}
	return w, nil
}

// spansOf cuts a line where its look changes.
func spansOf(line consolelog.Line) []ui.Span {
	var spans []ui.Span
	at := 0
	piece := func(end int, class string) {
		if at < end {
			spans = append(spans, ui.Span{Class: class, Text: line.Text[at:end]})
			at = end
		}
	}
	for _, s := range line.Styles {
		piece(s.Start, "")
		piece(s.End, lookOf(s.Style))
	}
	piece(len(line.Text), "")
	return spans
}

// lookOf is the classes of a style.
func lookOf(s consolelog.Style) string {
	var classes []string
	for i, name := range consolelog.ColourNames {
		if s.Colour == name {
			classes = append(classes, "a"+strconv.Itoa(i))
		}
	}
	for _, look := range []struct {
		on    bool
		class string
	}{{s.Bold, "ab"}, {s.Dim, "ad"}, {s.Underline, "au"}} {
		if look.on {
			classes = append(classes, look.class)
		}
	}
	return strings.Join(classes, " ")
}

// clockColumn is the time column of a window, line after line.
type clockColumn struct {
	kind   string
	before float64
	known  bool
}

func (c *clockColumn) next(text string) string {
	if c.kind == "" {
		return ""
	}
	seconds, ok := consolelog.KernelSeconds(text)
	if !ok {
		return ""
	}
	difference, known := seconds-c.before, c.known
	c.before, c.known = seconds, true
	switch {
	case c.kind == page.ClockKernel:
		return strconv.FormatFloat(seconds, 'f', 3, 64)
	case !known:
		return ""
	}
	return fmt.Sprintf("%+.3f", difference)
}
