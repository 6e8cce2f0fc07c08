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
	// Hits are the lines that look like errors, worst first.
	Hits     []Hit     `json:"hits"`
	Sections []Section `json:"sections"`
	// Missing says why there is no log to show; "" if there is one.
	Missing string `json:"missing,omitempty"`
}

// Hit is a line that a rule found.
type Hit struct {
	Line int    `json:"line"`
	Rule string `json:"rule"` // "KASAN", "not ok"
	Text string `json:"text"`
}

// Section is a named part of a log, its lines counted from 1, both included.
type Section struct {
	Name     string  `json:"name"`
	First    int     `json:"first"`
	Last     int     `json:"last"`
	Duration Seconds `json:"duration"`
}

// Window is a stretch of lines of a log as stored, without line ends.
type Window struct {
	First  int         `json:"first"` // number of the first line, from 1
	Lines  []string    `json:"lines"`
	Chosen route.Lines `json:"-"` // the lines the person came for
}

// Last is the number of the last line of the window; First-1 if it is empty.
func (w Window) Last() int { return w.First + len(w.Lines) - 1 }

// blockLines is how many lines one pair of <pre> holds: browsers lay out few
// long texts much faster than one element per line.
const blockLines = 500

// block is a part of a window that is drawn as one pair of <pre>.
type block struct {
	first int
	lines []logLine
}

type logLine struct {
	number int
	spans  []span
	mark   string // "hit", "chosen" or ""
}

// blocks cuts a window up and marks its lines.
func (w Window) blocks(hits []Hit) []block {
	marked := make(map[int]string, len(hits))
	for _, h := range hits {
		marked[h.Line] = "hit"
	}
	if w.Chosen.First > 0 {
		for n := w.Chosen.First; n <= max(w.Chosen.First, min(w.Chosen.Last, w.Last())); n++ {
			marked[n] = "chosen"
		}
	}
	var blocks []block
	state := ""
	for i, text := range w.Lines {
		if i%blockLines == 0 {
			blocks = append(blocks, block{first: w.First + i})
		}
		var spans []span
		spans, state = cleanLine(text, state)
		b := &blocks[len(blocks)-1]
		b.lines = append(b.lines, logLine{number: w.First + i, spans: spans, mark: marked[w.First+i]})
	}
	return blocks
}

// numbers is the text of the gutter.
func (b block) numbers() string {
	var s strings.Builder
	for _, l := range b.lines {
		s.WriteString(strconv.Itoa(l.number))
		s.WriteByte('\n')
	}
	return s.String()
}

// Summary is the size of a log: "120 000 lines, 9.7 MB".
func (l Log) Summary() string {
	return plural(l.Lines, "line", "lines") + ", " + bytesText(l.Bytes)
}
