package story

import (
	"strconv"
	"strings"

	"drover/views/route"
	"drover/views/ui"
)

// palette are lines with every class that a log can have.
func palette() ui.Window {
	w := ui.Window{First: 1, Raw: route.ResultLogRaw(Nth(31), "console.log")}
	for _, class := range []string{"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "ab", "ad", "au"} {
		w.Lines = append(w.Lines, ui.Line{Text: []ui.Span{{Text: "[    0.000] "}, {Class: class, Text: "what a terminal shows as " + class}, {Text: ", and plain text"}}})
	}
	return w
}

// shown is a window with another look.
func shown(w ui.Window, wrap, clock bool, chosen route.Lines) ui.Window {
	w.Wrap, w.Clock, w.Chosen = wrap, clock, chosen
	if clock {
		w.Lines = append([]ui.Line(nil), w.Lines...)
		for i := range w.Lines {
			w.Lines[i].Clock = "+" + strconv.Itoa(i) + ".25"
		}
	}
	return w
}

// longLine is a window with one line that is too long for any screen.
func longLine(wrap bool) ui.Window {
	w := ui.Window{First: 119999, Raw: route.ResultLogRaw(Nth(31), "console.log"), Wrap: wrap}
	w.Lines = []ui.Line{{Text: []ui.Span{{Text: strings.Repeat(LongName+" ", 6)}}, Cut: true}, {Text: []ui.Span{{Text: Hostile}}}, {}}
	return w
}

// hits are lines in which something was found.
var hits = []ui.Hit{{Line: 813, Rule: "not ok", Text: "not ok 14 fib_nexthop_nongw"}, {Line: 815, Rule: "trace", Text: ""}}

// body is the viewer of a log of 120 000 lines with two windows.
func body(change func(*ui.LogBody)) ui.LogBody {
	b := ui.LogBody{
		Log: ui.Log{Name: "console.log", Lines: 120000, Bytes: 9_700_000, Sections: []ui.Section{
			{Name: "Install", First: 1, Last: 790, Duration: 360}, {Name: "Boot", First: 791, Last: 900, Duration: 48}, {Name: "Test " + LongName, First: 901, Last: 120000, Open: true}}},
		Windows: []ui.Window{Window(809, 1), Window(1201, 1)}, Marks: hits, Target: 813,
		At: func(first int) route.URL {
			return route.With(route.ResultLog(Nth(31), "console.log", route.Lines{}), "from", strconv.Itoa(first))
		},
	}
	change(&b)
	return b
}

func (s Samples) logs() []Component {
	return []Component{
		{Name: "LogView", For: "A window of a log: its lines, with hits and chosen lines marked.", Wide: true, Examples: []Example{
			{"hits", ui.LogView("Some lines", Window(809, 1), hits)},
			{"chosen lines", ui.LogView("Chosen lines", shown(Window(809, 1), false, false, route.Lines{First: 812, Last: 814}), nil)},
			{"with the time", ui.LogView("Lines with their time", shown(Window(809, 1), false, true, route.Lines{First: 812}), hits)},
			{"wrapped, with the time", ui.LogView("Wrapped lines", shown(Window(809, 1), true, true, route.Lines{First: 812}), hits)},
			{"every colour of a terminal", ui.LogView("Colours", palette(), nil)},
			{"a long line that is cut, markup, an empty line", ui.LogView("Long lines", longLine(false), nil)},
			{"the same, wrapped", ui.LogView("Long lines, wrapped", longLine(true), []ui.Hit{{Line: 120001}})},
			{"no line", ui.LogView("No line", ui.Window{First: 1}, nil)},
		}},
		{Name: "LogBlocks", For: "The lines of a window, for a box that is there already.", Wide: true, Examples: []Example{
			{"as they stand in it", inLog(ui.LogBlocks(Window(1, 1), nil))},
		}},
		{Name: "LogLines", For: "A part of a log for a page that has others of it; a script puts it in its place.", Wide: true, Examples: []Example{
			{"the log still grows", inLog(ui.LogLines(Window(1, 1), ui.Log{Lines: 8, Bytes: 300, Running: true}, true))},
		}},
		{Name: "LogWhole", For: "The viewer of a log: sections as folds, lines that are here, gaps that lead to the others.", Wide: true, Examples: []Example{
			{"hits open a section", ui.LogWhole("A log", body(func(b *ui.LogBody) {}))},
			{"it runs and is followed at its end", ui.LogWhole("A log that runs", body(func(b *ui.LogBody) { b.Running, b.AtEnd, b.Windows = true, true, []ui.Window{Window(119993, 1)} }))},
			{"it was cut, and the job went on", ui.LogWhole("A log that was cut", body(func(b *ui.LogBody) { b.Cut, b.CutLine = "the job wrote more than 64 MB", 814 }))},
			{"hits only, never wrapped", ui.LogWhole("Hits alone", body(func(b *ui.LogBody) { b.Only, b.NoWrap = true, true }))},
			{"no section", ui.LogWhole("A log without sections", body(func(b *ui.LogBody) { b.Sections, b.Lines = nil, 1208 }))},
			{"empty", ui.LogWhole("An empty log", ui.LogBody{})},
		}},
	}
}
