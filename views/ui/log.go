package ui

import (
	"strconv"
	"strings"

	"drover/views/route"
)

// Log is what is known about a whole log, without its text.
type Log struct {
	Name  string `json:"name"`
	Lines int    `json:"lines"`
	Bytes int64  `json:"bytes"`
	// Cut says that the log is not complete, and why: "the job wrote more than
	// 64 MB". "" if it is whole.
	Cut string `json:"cut,omitempty"`
	// CutLine is where that is, 0 if it is whole.
	CutLine int `json:"cut_line,omitempty"`
	// Hits are the lines that look like errors, worst first.
	Hits     []Hit     `json:"hits"`
	Sections []Section `json:"sections"`
	// Missing says why there is no log to show; "" if there is one.
	Missing string `json:"missing,omitempty"`
	// Running says that its job still writes it.
	Running bool `json:"-"`
}

// Hit is a line that a rule or a search found.
type Hit struct {
	Line int    `json:"line"`
	Rule string `json:"rule"` // "KASAN", "not ok"
	Text string `json:"text"`
	// Before and After are the lines around what a search found.
	Before []string `json:"-"`
	After  []string `json:"-"`
}

// Section is a named part of a log, its lines counted from 1, both included.
type Section struct {
	Name     string  `json:"name"`
	First    int     `json:"first"`
	Last     int     `json:"last"`
	Duration Seconds `json:"duration"`
	// Open says that it has not ended.
	Open bool `json:"open,omitempty"`
}

// Window is a stretch of lines of a log.
type Window struct {
	First  int         // number of the first line, from 1
	Lines  []Line      // ready to be shown
	Chosen route.Lines // the lines the person came for
	Raw    route.URL   // the log as plain text, for lines that are cut
	// Wrap breaks long lines. Each line is an element then, since the numbers
	// beside them could not keep step otherwise.
	Wrap bool
	// Clock shows the time column.
	Clock bool
}

// Line is one line, clean: no control characters, valid UTF-8.
type Line struct {
	Text  []Span
	Cut   bool   // it goes on; the raw log has the whole line
	Clock string // for the time column
}

// Span is a piece of a line with one look: classes of the palette, "" for none.
type Span struct{ Class, Text string }

// Last is the number of the last line of the window; First-1 if it is empty.
func (w Window) Last() int { return w.First + len(w.Lines) - 1 }

// blockLines is how many lines one pair of <pre> holds: browsers lay out few
// long texts much faster than one element per line.
const blockLines = 500

// block is a part of a window that is drawn as one pair of <pre>. Blocks end
// at multiples of blockLines wherever the window begins.
type block struct {
	Window
	marks map[int]string // by number: "hit" or "chosen"
}

// marks says how lines are marked.
func (w Window) marks(hits []Hit) map[int]string {
	marked := make(map[int]string, len(hits))
	for _, h := range hits {
		marked[h.Line] = "hit"
	}
	if w.Chosen.First > 0 {
		for n := w.Chosen.First; n <= max(w.Chosen.First, min(w.Chosen.Last, w.Last())); n++ {
			marked[n] = "chosen"
		}
	}
	return marked
}

// part is the lines first to last of a window, as far as it has them.
func (w Window) part(first, last int) Window {
	from, to := max(0, first-w.First), min(len(w.Lines), last-w.First+1)
	w.Lines = w.Lines[min(from, len(w.Lines)):max(from, to)]
	w.First += from
	return w
}

// blocks cuts a window up.
func (w Window) blocks(marks map[int]string) []block {
	var blocks []block
	for first := w.First; first <= w.Last(); {
		last := min(w.Last(), (first-1)/blockLines*blockLines+blockLines)
		blocks = append(blocks, block{w.part(first, last), marks})
		first = last + 1
	}
	return blocks
}

// numbers is the text of the gutter.
func (b block) numbers() string {
	var s strings.Builder
	for n := b.First; n <= b.Last(); n++ {
		s.WriteString(strconv.Itoa(n))
		s.WriteByte('\n')
	}
	return s.String()
}

// clocks is the text of the time column.
func (b block) clocks() string {
	var s strings.Builder
	for _, l := range b.Lines {
		s.WriteString(l.Clock)
		s.WriteByte('\n')
	}
	return s.String()
}

// whole is the raw form of one line.
func (w Window) whole(number int) route.URL { return route.With(w.Raw, "l", strconv.Itoa(number)) }

// Summary is the size of a log: "120 000 lines, 9.7 MB".
func (l Log) Summary() string {
	if l.Running {
		return "running, " + plural(l.Lines, "line", "lines") + " so far, " + bytesText(l.Bytes)
	}
	return plural(l.Lines, "line", "lines") + ", " + bytesText(l.Bytes)
}
