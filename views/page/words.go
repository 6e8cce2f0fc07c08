package page

import (
	"strings"
	"time"

	"drover/rules/status"
	"drover/views/ui"
)

// Time is a point in time, UTC.
type Time = time.Time

// joined puts the parts that say something together.
func joined(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

// counted is "1 result", "2 results".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return ui.Count(n) + " " + many
}

// uncoveredText says how many changed files no test is aimed at.
func uncoveredText(n int) string {
	if n == 1 {
		return "No test is aimed at one of the changed files."
	}
	return "No test is aimed at " + ui.Count(n) + " of the changed files."
}

// column is a head without sorting.
func column(text string) ui.Column { return ui.Column{Text: text} }

// number is a head over numbers.
func number(text string) ui.Column { return ui.Column{Text: text, Number: true} }

// columns are heads without sorting; a name that starts with # is over numbers.
func columns(names ...string) []ui.Column {
	list := make([]ui.Column, len(names))
	for i, n := range names {
		if strings.HasPrefix(n, "#") {
			list[i] = number(n[1:])
		} else {
			list[i] = column(n)
		}
	}
	return list
}

// treeStateFamily is the colour of a tree's state.
func treeStateFamily(s status.TreeState) status.Family {
	if s == status.TreeLive {
		return status.Good
	}
	return status.Off
}

// testStateFamily is the colour of a test's state.
func testStateFamily(s status.TestState) status.Family {
	if s.Counts() {
		return status.Good
	}
	return status.Off
}

// title writes a word with a capital.
func title(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func list(names []string) string { return strings.Join(names, ", ") }

// hostName is the first label of a host's name; the page of the result has it whole.
func hostName(s string) string {
	name, _, _ := strings.Cut(s, ".")
	return name
}

// cut shortens a text for a cell; the page behind the row has it whole.
func cut(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}

func durationText(s ui.Seconds) string {
	if s <= 0 {
		return ""
	}
	return s.String()
}
