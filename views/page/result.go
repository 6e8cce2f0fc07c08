package page

import (
	"drover/rules/id"
	"drover/views/chart"
	"drover/views/ui"
)

// BuildPage is one compile.
type BuildPage struct {
	ui.Frame
	Data    BuildData
	Window  ui.Window // log lines around the first error
	Actions []ui.Action
}

// BuildData is /builds/{id}.json.
type BuildData struct {
	Build
	Checkout  ui.Revision  `json:"checkout"`
	Version   string       `json:"compiler_version"`
	Median    ui.Seconds   `json:"duration_median"`
	Started   Time         `json:"started,omitzero"`
	Tries     []Attempt    `json:"tries"`
	Reproduce ui.Reproduce `json:"reproduce"`
	Files     []ui.File    `json:"files"`
	MainLog   ui.Log       `json:"main_log"`
	// Warning is the first warning line, "" if none.
	Warning string `json:"first_warning"`
	// Tests that used it.
	Tests []chart.Cell `json:"tests"`
	// WaitingFor says what an unfinished build waits for.
	WaitingFor string `json:"waiting_for,omitempty"`
}

// ResultPage is one execution of a test.
type ResultPage struct {
	ui.Frame
	Data    ResultData
	Window  ui.Window // log lines around the first error
	Actions []ui.Action
}

// ResultData is /results/{id}.json.
type ResultData struct {
	Result
	Checkout ui.Revision `json:"checkout"`
	Build    id.ID       `json:"build"`
	Median   ui.Seconds  `json:"duration_median"`
	Started  Time        `json:"started,omitzero"`
	// Job is the external name of what ran it: "J:9912345"; "" if local.
	Job   string `json:"job"`
	JobID id.ID  `json:"job_id"` // of our own page about it, 0 if nothing ran yet
	// Why says why this test ran: the rule and the file.
	Why string `json:"why"`
	// Before is how it did before, in words.
	Before string `json:"before"`
	// Here are the last 40 results of this test on this branch, arch, config and
	// compiler, this one last.
	Here []chart.Cell `json:"here"`
	// Elsewhere are results of the same test in the same checkout.
	Elsewhere []Place `json:"elsewhere"`
	// SameHost are the last 20 results of any test on the same host.
	SameHost []chart.Cell `json:"same_host"`
	// Subresults, failing first; SubresultsTotal counts all.
	Subresults      []Subresult `json:"subresults"`
	SubresultsTotal int         `json:"subresults_total"`
	// SubresultsText is their sum in words: "29 pass, 1 fail, 1 skip".
	SubresultsText string       `json:"subresults_text"`
	Tries          []Attempt    `json:"tries"`
	MainLog        ui.Log       `json:"main_log"`
	Files          []ui.File    `json:"files"`
	Environment    []ui.Pair    `json:"environment"`
	Reproduce      ui.Reproduce `json:"reproduce"`
	// CodeChanged says that the test's own code changed since the result it is
	// compared with; "" if not.
	CodeChanged string `json:"test_code_changed,omitempty"`
}

// Place is a result of the same test somewhere else.
type Place struct {
	ID id.ID `json:"id"`
	ui.Mark
	Where string `json:"where"` // "s390x / debug / gcc-14"
}

// Subresult is one case of a test.
type Subresult struct {
	Name string `json:"name"`
	ui.Mark
	Duration ui.Seconds `json:"duration"`
	Message  string     `json:"message"`
	Line     int        `json:"line"` // in the main log, 0 unknown
}

// Attempt is one try of a build or result, and why there was another.
type Attempt struct {
	Number int   `json:"attempt"`
	ID     id.ID `json:"id,omitzero"` // its own page, if it has one
	ui.Mark
	Host     string     `json:"host"`
	Started  Time       `json:"started,omitzero"`
	Duration ui.Seconds `json:"duration"`
	// Decision is what was decided after it: "retried", "counted"; Rule and Why
	// say by what rule and because of which line.
	Decision string `json:"decision"`
	Rule     string `json:"rule"`
	Why      string `json:"why"`
}
