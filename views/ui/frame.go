package ui

import (
	"strings"
	"time"

	"drover/rules/status"
	"drover/views/route"
)

// Moment is the time from which relative times count, Frame.AsOf.
type Moment = time.Time

// titleSigns stand before the title in a tab bar, where colour cannot.
var titleSigns = map[status.Family]string{
	status.Bad:    "✗ ",
	status.Good:   "✓ ",
	status.Infra:  "! ",
	status.Active: "◐ ",
}

func (f Frame) tabTitle() string {
	return titleSigns[f.Family] + f.Title + " · Drover"
}

// renews tells whether this page renews itself in this browser.
func (f Frame) renews() bool { return (f.Refresh || f.Reload) && !f.LiveOff }

// zone names the time zone of the times on this page.
func (f Frame) zone() string { return f.AsOf.Location().String() }

// help is the help page for this kind of page.
func (f Frame) help() route.URL {
	if f.Topic == "" {
		return route.Help()
	}
	return route.HelpPage(f.Topic)
}

// InDevelopment tells whether this site is one to work on Drover with: it has the
// storybook then.
func (f Frame) InDevelopment() bool { return f.Environment == "development" }

func upper(s string) string { return strings.ToUpper(s) }

func formatName(format string) string {
	if format == "txt" {
		return "Text"
	}
	return upper(format)
}

func noticeIcon(kind string) string {
	switch kind {
	case Warn, Alarm:
		return "triangle-alert"
	case Good:
		return "circle-check"
	}
	return "info"
}

// pieces cuts a long name after each slash, underscore, dash, colon, at sign or comma, so
// that a browser may break it there and nowhere else.
func pieces(name string) []string {
	var parts []string
	start := 0
	for i := range len(name) {
		switch name[i] {
		case '/', '_', '-', ':', '@', ',':
			parts = append(parts, name[start:i+1])
			start = i + 1
		}
	}
	if start < len(name) {
		parts = append(parts, name[start:])
	}
	return parts
}

// join puts the parts that say something together: "aarch64, s390x · gcc-14".
func join(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

// few lists at most n names and counts the rest: "a, b and 3 more".
func few(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + " and " + Count(len(names)-n) + " more"
}

// firstCharacters cuts a text for a line of a card; the page behind it has it whole.
func firstCharacters(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}

// Offered are the actions as this reader is shown them: what cannot be done is
// disabled and says why, and is left out for visitors.
func (f Frame) Offered(actions []Action) []Action {
	if f.User != nil {
		return actions
	}
	var list []Action
	for _, a := range actions {
		if a.Why == "" {
			list = append(list, a)
		}
	}
	return list
}
