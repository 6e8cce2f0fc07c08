package chart

import (
	"fmt"
	"strings"

	"drover/rules/status"
)

// Cell is one result, or one checkout, in a strip.
type Cell struct {
	// Status is empty where there is no result: a gap.
	Status status.Status `json:"status"`
	Shown  status.Shown  `json:"shown"`
}

// VerdictCell is how a checkout with this verdict stands in a strip of
// checkouts.
func VerdictCell(v status.Verdict) Cell {
	switch v {
	case status.Broken, status.NewFailures:
		return Cell{Status: status.Fail, Shown: status.New}
	case status.NoNewFailures:
		return Cell{Status: status.Pass}
	case status.Unclear:
		return Cell{Status: status.Error}
	case status.StillRunning:
		return Cell{Status: status.Running}
	case status.Nothing:
		return Cell{Status: status.Skip}
	}
	return Cell{Status: status.Planned}
}

// The measures of a strip in pixels.
const (
	CellPitch  = 14 // from one cell to the next
	CellSize   = 12 // what is drawn of it
	StripSize  = 14 // height of a strip
	gapPitch   = 4  // a cell without a result
	passHeight = 4
	lineHeight = 2
	dashWidth  = 4  // of a cell that waits
	baseline   = 13 // cells stand on this line
)

// Strip is a drawn row of cells.
type Strip struct {
	Width, Height int
	// Bars are runs of cells of one kind, drawn as one path each.
	Bars []Bar
	// Marks are cells that are not simply passed or skipped, one by one.
	Marks []Mark
	// Label is what the picture says, as a sentence.
	Label string
}

// Bar is one path for all cells of a kind: "pass", "skip" or "wait".
type Bar struct{ Class, Path string }

// Mark is one square with a sign in it. Class chooses colour and outline:
// "fail", "known", "error", "miss", "running", "flaky".
type Mark struct {
	X, Y  int
	Class string
	// Path is the sign, relative to the square's corner.
	Path string
}

// barOf says which cells are drawn as bars, how wide and how high. What waits is
// told from what was skipped by its width, not by its grey.
var barOf = map[status.Status]struct {
	class         string
	width, height int
}{
	status.Pass:      {"pass", CellSize, passHeight},
	status.Skip:      {"skip", CellSize, lineHeight},
	status.Done:      {"skip", CellSize, lineHeight},
	status.Cancelled: {"skip", CellSize, lineHeight},
	status.Planned:   {"wait", dashWidth, lineHeight},
	status.Queued:    {"wait", dashWidth, lineHeight},
}

// signs are drawn into a 12 by 12 square.
var signs = map[string]string{
	"fail":    "M3.5 3.5l5 5m0-5l-5 5",
	"known":   "M3.5 3.5l5 5m0-5l-5 5",
	"error":   "M6 2.5v4.5m0 2v.6",
	"miss":    "M4.2 4.4a1.9 1.9 0 1 1 2.6 1.8q-.8.4-.8 1.2m0 1.7v.5",
	"running": "M6 3a3 3 0 0 1 0 6z",
	"flaky":   "M2.5 7.5q1.75-3 3.5 0t3.5 0",
	"pass":    "M3 6.3l2.2 2.2L9 3.6", // on a timeline; a strip has bars for these two
	"skip":    "M3 6h6",
}

// NewStrip places cells, oldest first. What says what one cell is, singular
// and plural: "result", "results".
func NewStrip(cells []Cell, one, many string) Strip {
	at := make([]int, len(cells))
	x := 0
	for i, c := range cells {
		at[i] = x
		if c.Status == "" {
			x += gapPitch
		} else {
			x += CellPitch
		}
	}
	s := drawn(cells, at)
	s.Label, s.Width = stripLabel(cells, one, many), max(x, 1)
	return s
}

// drawn draws each cell at its place; one without a result, or without a place,
// is left blank.
func drawn(cells []Cell, at []int) Strip {
	s := Strip{Height: StripSize}
	paths := map[string]*strings.Builder{}
	for i, c := range cells {
		if c.Status == "" || at[i] < 0 {
			continue
		}
		if class := markClass(c); class != "" {
			s.Marks = append(s.Marks, Mark{X: at[i], Y: baseline - CellSize, Class: class, Path: signs[class]})
			continue
		}
		bar, known := barOf[c.Status]
		if !known {
			bar = barOf[status.Queued]
		}
		if paths[bar.class] == nil {
			paths[bar.class] = &strings.Builder{}
		}
		fmt.Fprintf(paths[bar.class], "M%d %dh%dv%dh-%dz", at[i]+(CellSize-bar.width)/2, baseline-bar.height, bar.width, bar.height, bar.width)
	}
	for _, class := range []string{"pass", "skip", "wait"} {
		if b := paths[class]; b != nil {
			s.Bars = append(s.Bars, Bar{Class: class, Path: b.String()})
		}
	}
	return s
}

// Class is how a cell is drawn: the class of its mark, or of its bar.
func Class(c Cell) string {
	if class := markClass(c); class != "" {
		return class
	}
	if bar, known := barOf[c.Status]; known {
		return bar.class
	}
	return barOf[status.Queued].class
}

// markClass is the class of a cell that stands out, "" for one that does not.
func markClass(c Cell) string {
	switch {
	case c.Shown == status.Flaky:
		return "flaky"
	case c.Shown == status.KnownIssue:
		return "known"
	}
	switch c.Status {
	case status.Fail:
		return "fail"
	case status.Error:
		return "error"
	case status.Miss:
		return "miss"
	case status.Running:
		return "running"
	}
	return ""
}

// labelOrder is the order in which a label counts kinds of cells.
var labelOrder = []string{"failed", "known failure", "infra error", "missing", "flaky", "running", "skipped", "passed", "waiting"}

// stripLabel counts the cells: "Last 20 results: 2 failed, 18 passed; newest failed".
func stripLabel(cells []Cell, one, many string) string {
	counts := map[string]int{}
	total, newest := 0, ""
	for _, c := range cells {
		if c.Status == "" {
			continue
		}
		newest = cellWord(c)
		counts[newest]++
		total++
	}
	if total == 0 {
		return "No " + many + " yet"
	}
	var parts []string
	for _, w := range labelOrder {
		if counts[w] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[w], w))
		}
	}
	if total == 1 {
		return "1 " + one + ": " + newest
	}
	return fmt.Sprintf("Last %d %s: %s; newest %s", total, many, strings.Join(parts, ", "), newest)
}

// cellWord is how a cell is counted.
func cellWord(c Cell) string {
	switch markClass(c) {
	case "fail":
		return "failed"
	case "known":
		return "known failure"
	case "error":
		return "infra error"
	case "miss":
		return "missing"
	case "flaky":
		return "flaky"
	case "running":
		return "running"
	}
	switch Class(c) {
	case "pass":
		return "passed"
	case "skip":
		return "skipped"
	}
	return "waiting"
}
