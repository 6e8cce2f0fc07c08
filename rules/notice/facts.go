package notice

import (
	"time"

	"drover/rules/recipe"
	"drover/rules/status"
)

// Kind of a result.
type Kind string

// The kinds, in the order of the report.
const (
	Build Kind = "build"
	Boot  Kind = "boot"
	Test  Kind = "test"
)

// Facts is what Compose makes a Report of.
type Facts struct {
	Header
	Results []Result
	Issues  []Issue
}

// Result is one build, boot or test, after its retries.
type Result struct {
	Kind                   Kind
	Test                   string // "" for a build
	Arch, Config, Compiler string
	Status                 status.Status
	Shown                  status.Shown
	URL, LogURL            string
	BuildURL               string // where config and kernel are kept
	Before                 History
	Tries, Failed, Hosts   int
	Signature              string // equal for failures with one cause, "" if unknown
	Lines                  []string
	Issue                  int    // number, for known ones
	Streak                 int    // checkouts that it fails for, or failed for until now
	Reason                 string // of an infrastructure error, a missing or a skipped result
	Reproduce              *recipe.Reproduction
}

// History is what happened to the same scenario before.
type History struct {
	Passed, Total int
	Since         time.Time // of the first of Total
	Compared      string    // short sha when the comparison goes further back than the report's
	Back          int       // checkouts between
	Elsewhere     string    // "not seen on mainline"
	TestChanged   string    // "the test changed too", in the judge's words; "" if it did not
}

// Issue is a known one.
type Issue struct {
	Number int
	Title  string
	URL    string
}
