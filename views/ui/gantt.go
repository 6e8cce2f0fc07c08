package ui

import (
	"fmt"

	"github.com/a-h/templ"

	"drover/views/chart"
)

// ganttTitle is the height of the line above a picture that stands alone.
const ganttTitle = 28

// paint gives the attributes that colour a part of a picture.
type paint func(part string) templ.Attributes

// inherited: the page's style sheet has the colours, by class.
func inherited(string) templ.Attributes { return nil }

// painted: the picture stands alone, in light colours (ui.md 12.1).
func painted(part string) templ.Attributes { return paints[part] }

var paints = map[string]templ.Attributes{
	"axis": {"stroke": "#c9d1dc"}, "line": {"stroke": "#e3e8ee"}, "tick": {"fill": "#4a5463", "font-size": "11"},
	"wait": {"fill": "none", "stroke": "#7d8797"}, "run": {"fill": "#7d8797"}, "busy": {"fill": "#2d4fae"}, "tests": {"fill": "#4a5463"},
	"critical": {"stroke": "#151a21", "stroke-width": "2"},
	"mark":     {"fill": "none", "stroke-width": "1.7", "stroke-linecap": "round", "stroke-linejoin": "round"},
	"m-pass":   {"fill": "#e3f4f1", "stroke": "#3a8f85", "stroke-width": "1"}, "sign-pass": {"stroke": "#0d6b60"},
	"m-fail": {"fill": "#9b1c10"}, "sign-fail": {"stroke": "#ffffff"},
	"m-error": {"fill": "#b87a26"}, "sign-error": {"stroke": "#0d1117"},
	"m-miss": {"stroke": "#b87a26", "stroke-width": "1.3"}, "sign-miss": {"stroke": "#7d4a00"},
	"m-skip": {"stroke": "#7d8797", "stroke-width": "1"}, "sign-skip": {"stroke": "#4a5463"},
}

func ganttClass(b chart.GanttBar) string {
	if b.Critical {
		return "g-" + b.Class + " g-critical"
	}
	return "g-" + b.Class
}

// ganttOutline names the paint of a bar's outline, if it has one.
func ganttOutline(b chart.GanttBar) string {
	if b.Critical && b.Class != "wait" {
		return "critical"
	}
	return ""
}

// ganttText is the name of a row as it fits into a picture; the end of a path
// tells more than its beginning.
func ganttText(l chart.GanttLine) string {
	const fitting = 38
	name := l.Name
	if l.Tests > 0 {
		name += " + " + plural(l.Tests, "test", "tests")
	}
	if runes := []rune(name); len(runes) > fitting {
		return "…" + string(runes[len(runes)-fitting+1:])
	}
	return name
}

// ganttTextPlace puts tests a little to the right of their build.
func ganttTextPlace(l chart.GanttLine) templ.Attributes {
	x := 8
	if l.Test >= 0 {
		x = 22
	}
	return templ.Attributes{"x": fmt.Sprint(x), "y": fmt.Sprint(ganttTitle + l.Y + 16)}
}
