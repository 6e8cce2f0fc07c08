// Package ui holds the components pages are made of: small templ functions and
// the plain values they show.
//
// It runs no query and takes no decision: what is new, known or flaky comes in
// as a value. Every URL comes from package route. No style attribute, no
// script, no on… attribute: the content security policy forbids them.
// Package page calls it.
package ui

import (
	"time"

	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
)

// Frame is what every page has around its own content.
type Frame struct {
	// Title names the page in a tab bar, unique and without the product:
	// "2 new · net-next 9c1e77a".
	Title string
	// Family chooses the sign before the title and the favicon: Bad is failing,
	// Active is running, all else is neutral.
	Family status.Family
	// Active is the navigation entry this page belongs to: "trees", "tests",
	// "mail" or "".
	Active string
	Crumbs []Crumb
	// User is who is signed in; nil for a visitor.
	User *Person
	// IsAdmin shows the link to the pages of administrators.
	IsAdmin bool
	// CanSignIn shows the link to the sign-in to visitors.
	CanSignIn bool
	// Environment is "" in production, else the word for the stripe:
	// "development".
	Environment string
	// ReadOnly says why nothing can be changed by this person here, as part of
	// a sentence: "this server does not listen on loopback". "" if writes are on.
	ReadOnly string
	Notices  []Notice
	// AsOf is when the data was read; all relative times count from it. Its
	// location is the time zone in which times are shown.
	AsOf time.Time
	// Refresh makes the page renew itself: set it while something it shows runs.
	Refresh bool
	// Live says what is heard about this page while it is open.
	Live Live
	// Scripts are more scripts for this page alone, by their plain names.
	Scripts []string
	// Styles are more style sheets for this page alone.
	Styles []string
	// Reload makes browsers without scripts load the page again now and then,
	// where a script of the page does better than that.
	Reload bool
	// Self is the canonical URL of this page with its query.
	Self route.URL
	// Formats are the other forms of this page: "json", "csv", "txt".
	Formats []string
	// Choices are what this browser's settings say.
	Choices
	// Topic is the kind of this page: the name of its help page, and of the
	// keys that work on it beside those of every page.
	Topic string
	// Query stands in the search box: what was looked for.
	Query   string
	Version string
	// Asset gives the URL of a file of package static by its plain name
	// ("app.css"); static.Path fits.
	Asset func(name string) route.URL
}

// Choices are settings of a browser that change how pages look and act.
type Choices struct {
	Theme   string // "light", "dark" or "" for what the system says
	Density string // "compact" or "" for cosy
	KeysOff bool   // no single-key shortcuts
	LiveOff bool   // pages do not renew themselves
}

// Crumb is a step from the root of the site to this page; the last one has no URL.
type Crumb struct {
	Text string
	URL  route.URL
}

// Person is somebody. Email is left empty for readers who may not see it.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

// Kinds of a Notice.
const (
	Info  = "info"
	Warn  = "warn"
	Alarm = "error"
	Good  = "good"
)

// Notice is one line to everybody who sees the page, or the answer to an action.
type Notice struct {
	Kind  string // Info, Warn, Alarm, Good
	Text  string
	Since time.Time // when it began; zero if that says nothing
	Link  *Link
}

// Link is a text that leads somewhere.
type Link struct {
	Text string
	URL  route.URL
}

// Tab is a link to a sibling view. Count is shown if it is not nil.
type Tab struct {
	Text   string
	URL    route.URL
	Count  *int
	Active bool
}

// Action is something a person may do here: a form with one button, or a link.
type Action struct {
	Text   string
	URL    route.URL
	Post   bool
	Danger bool
	// Confirm is a question asked before it is done; "" asks nothing.
	Confirm string
	// Why says why it cannot be done now; the button is then disabled.
	Why string
	// Fields are sent along: name, value, name, value.
	Fields []string
}

// Mark is a status said twice: as stored, and what the comparison with history
// adds to it ("" if nothing).
type Mark struct {
	Status status.Status `json:"status"`
	Shown  status.Shown  `json:"shown"`
}

// Cell is the mark as a cell of a strip.
func (m Mark) Cell() chart.Cell { return chart.Cell{Status: m.Status, Shown: m.Shown} }

// word is how a mark is said: what history adds wins over the status, except
// that a trial only takes the colour away.
func (m Mark) word() status.Word {
	if m.Shown == status.Trial {
		return status.Word{Text: "Trial: " + m.Status.Word().Text, Family: status.Off}
	}
	if w, ok := m.Shown.Word(); ok {
		return w
	}
	return m.Status.Word()
}

// Text is the word for a mark.
func (m Mark) Text() string { return m.word().Text }

// glyph names the sign of a mark.
func (m Mark) glyph() string {
	if m.Shown == status.Flaky {
		return "flaky"
	}
	if m.Status == status.Queued {
		return string(status.Planned)
	}
	return string(m.Status)
}

// look is the attribute that chooses the outline: "new", "known" or "".
func (m Mark) look() string {
	if m.Shown == status.New || m.Shown == status.KnownIssue {
		return string(m.Shown)
	}
	if m.Status == status.Miss {
		return string(status.Miss)
	}
	return ""
}

// Counts are the results of a checkout by what is shown. Each result is in
// exactly one of them; Fixed alone is a part of Pass.
type Counts struct {
	Pass         int `json:"pass"`
	New          int `json:"new"`
	Known        int `json:"known"`
	StillFailing int `json:"still_failing"`
	FirstRun     int `json:"first_run"`
	Infra        int `json:"infra"`
	Missing      int `json:"missing"`
	Flaky        int `json:"flaky"`
	Skipped      int `json:"skipped"`
	Done         int `json:"done"`    // ran, no verdict
	Waiting      int `json:"waiting"` // planned, queued or running
	Trial        int `json:"trial"`   // counted nowhere else
	Fixed        int `json:"fixed"`
}

// Planned is how many results there are to be, trials left out.
func (c Counts) Planned() int {
	return c.Pass + c.New + c.Known + c.StillFailing + c.FirstRun + c.Infra + c.Missing + c.Flaky + c.Skipped + c.Done + c.Waiting
}

// Finished is how many of them have their end.
func (c Counts) Finished() int { return c.Planned() - c.Waiting }

// shares are the counts in the order of the stacked bar.
func (c Counts) shares() []chart.Share {
	return []chart.Share{
		{Class: "new", Count: c.New}, {Class: "new", Count: c.StillFailing + c.FirstRun},
		{Class: "known", Count: c.Known}, {Class: "infra", Count: c.Infra}, {Class: "miss", Count: c.Missing},
		{Class: "skip", Count: c.Skipped + c.Done}, {Class: "pass", Count: c.Pass + c.Flaky}, {Class: "wait", Count: c.Waiting},
	}
}
