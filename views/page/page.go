// Package page holds every page of the portal: a struct with what it shows and
// a View that draws it.
//
// A struct embeds the Frame and has Data, which alone is what JSON and CSV
// carry; its tags are the words of the column heads. Everything beside Data is
// for the HTML only: filters, links to more, forms, permissions. Pages run no
// query and take no decision; package server fills the structs.
//
// Times are UTC and zero if unknown, lengths of time are ui.Seconds, ids are
// those of the objects themselves. A list that is cut comes with its total.
package page

import (
	"github.com/a-h/templ"

	"drover/rules/id"
	"drover/rules/status"
	"drover/views/chart"
	"drover/views/ui"
)

// Page is anything that can be shown in the frame.
type Page interface{ View() templ.Component }

// ListParts is what every list has beside its rows.
type ListParts struct {
	Filters ui.Filters
	Pager   ui.Pager
	// Ignored are filter keys that nobody understands; a notice names them.
	Ignored []string
}

// Result is a row of any table of results.
type Result struct {
	ID id.ID `json:"id"`
	ui.Mark
	Test       string     `json:"test"`
	Arch       string     `json:"arch"`
	Config     string     `json:"config"`
	Compiler   string     `json:"compiler"`
	Host       string     `json:"host"`
	Duration   ui.Seconds `json:"duration"`
	P90        ui.Seconds `json:"duration_p90"` // usual 90th percentile, 0 unknown
	FirstError string     `json:"first_error"`
	Log        string     `json:"log"`  // name of the main log, "" if none
	Line       int        `json:"line"` // of FirstError in the log, 0 unknown
	Issue      *ui.Issue  `json:"issue"`
	Attempts   int        `json:"attempts"`
	// Since says how long it is like this: "for 6 checkouts", "first run".
	Since string `json:"since"`
	// Reason says why it was skipped, is missing or could not run.
	Reason string `json:"reason,omitempty"`
}

// place is where a result ran.
func (r Result) place() string { return joined(r.Arch, r.Config, r.Compiler) }

// TreeRow is the newest state of one branch of a tree.
type TreeRow struct {
	Tree   string           `json:"tree"`
	Branch string           `json:"branch"`
	Kind   string           `json:"kind"` // "git", "merge requests", "patchwork"
	State  status.TreeState `json:"state"`
	Owner  string           `json:"owner"`
	// Checkout is the newest one, with its verdict; nil before the first.
	Checkout    *ui.Revision   `json:"checkout"`
	Verdict     status.Verdict `json:"verdict"`
	VerdictText string         `json:"verdict_text"`
	Started     Time           `json:"started"`
	New         int            `json:"new"`
	Known       int            `json:"known"`
	Infra       int            `json:"infra"`
	Unexplained int            `json:"unexplained"` // failures without an issue
	// Last are the last 20 checkouts of the branch, PassRate 30 days.
	Last     []chart.Cell `json:"last"`
	PassRate []chart.Rate `json:"pass_rate"`
	// Running counts checkouts that are not finished.
	Running int `json:"running"`
	// Report is the median time from a push to its report.
	Report ui.Seconds `json:"time_to_report"`
	// Problem is git's own line if the remote does not answer.
	Problem string `json:"problem,omitempty"`
}
