package page

import (
	"fmt"

	"drover/views/route"
	"drover/views/ui"
)

// Targeting is the editor of what chooses a test.
type Targeting struct {
	ui.Frame
	Test     string
	Values   TargetingForm
	Errors   ui.Errors
	Problems []string // what is wrong with the conditions, each with its place
	Words    string   // the saved conditions in words
	Trees    []ui.Option
	Lasts    []ui.Option
	Data     Foresight
	Why      string // why it cannot be saved, "" if it can
	Other    ui.Tab // the same as text, or as fields; no URL where there is no other
}

// TargetingForm is what was typed. Either the text counts or the fields.
type TargetingForm struct {
	AsText                                               bool
	Text                                                 string // YAML
	Paths, NotPaths, Maintainers, Trees, Arches, Configs string // one a line
	Subject                                              string
	Tree, Last                                           string // whose changes are looked at, and how many
	Edition                                              int64  // that was read
}

// Foresight is what conditions would have done with the changes of the past.
type Foresight struct {
	Changes   []ForeseenChange `json:"changes"`
	Runs      int              `json:"runs"`        // of the changes, those on which it runs
	Ran       int              `json:"ran"`         // the same with the saved conditions
	Newly     int              `json:"newly"`       // runs now and did not
	NoLonger  int              `json:"no_longer"`   // the other way round
	PerDay    float64          `json:"per_day"`     // runs, on all builds together
	HoursADay float64          `json:"hours_a_day"` // of machines
	AtMost    bool             `json:"at_most"`     // the time limit was counted, since nothing is known of how long it takes
	Cut       bool             `json:"cut"`         // older changes were left out: they have too many files
	// Maintainers is where the MAINTAINERS stands that conditions on its
	// sections are judged by, "" where none asks for it.
	Maintainers string `json:"maintainers,omitempty"`
}

// ForeseenChange is one change of the past.
type ForeseenChange struct {
	ui.Revision
	Pushed Time     `json:"pushed"`
	Files  int      `json:"files"`
	Aimed  []string `json:"aimed"` // the first of the files that the conditions are aimed at
	More   int      `json:"more"`  // how many more there are of them
	Other  string   `json:"other"` // one of the files, where there is no such one
	Runs   bool     `json:"runs"`
	Ran    bool     `json:"ran"`
	Why    string   `json:"why"`
}

// sum is what the changes say together.
func (f Foresight) sum() string {
	text := fmt.Sprintf("Would have run on %d of %s", f.Runs, counted(len(f.Changes), "change", "changes"))
	if f.Newly+f.NoLonger > 0 {
		text += fmt.Sprintf(": %d newly, %d no longer", f.Newly, f.NoLonger)
	}
	if f.Runs > 0 && f.PerDay > 0 {
		atMost := ""
		if f.AtMost {
			atMost = "at most "
		}
		text += fmt.Sprintf(". About %.1f runs a day, %s%.1f machine hours a day", f.PerDay, atMost, f.HoursADay)
	}
	return text + "."
}

// most is the share of changes above which a condition hardly chooses.
const most = 0.6

// warning says what is odd about the conditions, "" if nothing.
func (f Foresight) warning() string {
	switch n := len(f.Changes); {
	case n == 0:
		return ""
	case f.Runs == 0:
		return "No change in this window matches."
	case float64(f.Runs) > most*float64(n):
		return "It runs on more than 60 % of the changes: the conditions hardly choose."
	}
	return ""
}

func (c ForeseenChange) turned() string {
	switch {
	case c.Runs && !c.Ran:
		return "newly"
	case c.Ran && !c.Runs:
		return "no longer"
	}
	return ""
}

func (p Targeting) title() string { return "When " + p.Test + " runs" }

func (p Targeting) preview() route.URL { return route.Action(route.Test(p.Test), "preview") }

// filesText says how many files there are beside those that are named.
func filesText(c ForeseenChange) string {
	switch {
	case c.More > 0:
		return fmt.Sprintf("and %d more; %s", c.More, counted(c.Files, "file in all", "files in all"))
	case c.Files > len(c.Aimed) && c.Files > 1:
		return counted(c.Files, "file in all", "files in all")
	case c.Files == 0:
		return "no file"
	}
	return ""
}
