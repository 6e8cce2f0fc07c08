package page

import (
	"drover/rules/id"
	"drover/views/ui"
)

// Overview is the front door: what needs attention now.
type Overview struct {
	ui.Frame
	Data OverviewData
	// Setup is what a fresh installation still needs; nil once it has run.
	Setup *Setup
	// FailuresError says that the failures could not be read.
	FailuresError string
}

// OverviewData is /.json.
type OverviewData struct {
	// Trees in order of attention: unexplained new failures first, then the
	// most recent.
	Trees []TreeRow `json:"trees"`
	// NewFailures of the last 24 hours, one per signature, newest first.
	NewFailures []FailureGroup `json:"new_failures"`
	// NewFailuresTotal is how many groups there are in all.
	NewFailuresTotal int `json:"new_failures_total"`
}

// FailureGroup is failures with one signature.
type FailureGroup struct {
	FirstError string   `json:"first_error"`
	Results    int      `json:"results"`
	Tests      []string `json:"tests"`
	Trees      []string `json:"trees"`
	Arches     []string `json:"arches"`
	FirstSeen  Time     `json:"first_seen"`
	LastSeen   Time     `json:"last_seen"`
	// Result is one of them, the newest; its error is at Line of Log.
	Result id.ID  `json:"result"`
	Log    string `json:"log"`
	Line   int    `json:"line"`
}

// Setup is the state of the first steps.
type Setup struct {
	TreeDone, SampleDone, TestDone bool
	// Why says why they cannot be done by this person; "" if they can.
	Why string
}
