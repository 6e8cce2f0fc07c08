package page

import (
	"cmp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"drover/rules/id"
	"drover/views/route"
	"drover/views/ui"
)

// LogPage is the log viewer: windows of a log, with ways to the rest. Keys of
// its query: l (lines to open at, route.ParseLines), from (first line of the
// window), q and regexp=1 (search), only=1 (nothing but hits), open (sections).
// Without l, from and q it opens at the first error, else while running at the
// end, else at the top.
type LogPage struct {
	ui.Frame
	Data LogData
	Body ui.LogBody
	// Search has what was found, if anything was asked for.
	Search LogSearch
	Choice LogChoice
	// Left says how many hits are not shown with OnlyHits; 0 none.
	Left     int
	OnlyHits bool
	// Link and RawLink are the chosen lines as somebody outside writes them:
	// in the viewer, and as plain text. "" if none are chosen.
	Link    string
	RawLink string
}

// LogData is the index of a log; the text itself is the .txt form.
type LogData struct {
	ui.Log
	// Build or Result owns the log; the other is zero.
	Build  id.ID `json:"build,omitzero"`
	Result id.ID `json:"result,omitzero"`
	// Owner is its name: a test path, or arch / config / compiler.
	Owner   string `json:"owner"`
	Running bool   `json:"running"`
}

// LogSearch is a search over the whole log.
type LogSearch struct {
	Query  string
	Error  string // what is wrong with the expression
	Short  string // why the search is not of the whole log, "" if it is
	Hits   []ui.Hit
	Total  int  // hits in all, if there were more than are listed
	Regexp bool // Query is RE2
}

// Choices of the time column.
const (
	ClockKernel     = "kernel"
	ClockDifference = "difference"
)

// LogChoice is a person's choice of how lines of logs are shown.
type LogChoice struct {
	Wrap  string // "on", "off", or "" for what fits the screen
	Clock string // ClockKernel, ClockDifference or ""
}

// LogLines is a part of a log, for a page that has other parts of it.
type LogLines struct {
	Log     ui.Log
	Window  ui.Window
	Running bool
}

// View draws the lines alone.
func (p LogLines) View() templ.Component { return ui.LogLines(p.Window, p.Log, p.Running) }

// Bounds up to which a whole log may be loaded into a page.
const (
	wholeLines = 200_000
	wholeBytes = 20_000_000
)

func (p LogPage) mayLoadAll() bool {
	return !p.OnlyHits && p.Data.Lines <= wholeLines && p.Data.Bytes <= wholeBytes && p.Data.Lines > ui.WindowLines
}

// hits are what n and p walk: what the search found, else the index's, by line.
func (p LogPage) hits() []ui.Hit {
	hits := p.Data.Hits
	if p.searched() {
		hits = p.Search.Hits
	}
	hits = slices.Clone(hits)
	slices.SortStableFunc(hits, func(a, b ui.Hit) int { return cmp.Compare(a.Line, b.Line) })
	return hits
}

// searched tells whether there was a search that could be made.
func (p LogPage) searched() bool { return p.Search.Query != "" && p.Search.Error == "" }

// neighbours are the hits before and after the line at which the page opens;
// where there is none, the first or last hit, so that a script that goes on from
// there has something to press. Both are 0 in a log without hits.
func (p LogPage) neighbours() (before, after int) {
	hits := p.hits()
	if len(hits) == 0 {
		return 0, 0
	}
	before, after = hits[0].Line, hits[len(hits)-1].Line
	for _, h := range hits {
		if h.Line < p.Body.Target {
			before = h.Line
		}
		if h.Line > p.Body.Target {
			return before, h.Line
		}
	}
	return before, after
}

// to is this page at a line, with the search that was made.
func (p LogPage) to(line int) route.URL {
	return route.With(p.Data.at(route.Lines{First: line}), p.asked()...)
}

// asked are the keys of the search.
func (p LogPage) asked() []string {
	return []string{"q", p.Search.Query, "regexp", one(p.Search.Regexp), "only", one(p.OnlyHits)}
}

// one is the value of a box in a query.
func one(ticked bool) string {
	if ticked {
		return "1"
	}
	return ""
}

func (p LogPage) chosenText() string {
	first, last, found := strings.Cut(p.Body.Chosen.String(), "-")
	if !found {
		return "Line " + first
	}
	return "Lines " + first + " to " + last
}
