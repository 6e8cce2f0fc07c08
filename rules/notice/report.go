// Package notice decides whether a checkout is reported, to whom and why, and
// builds the report as one value. The mail, the text page and the preview all
// print that value, so they cannot differ.
//
// It is pure and computes no verdict: rules/verdict does, and its answer comes
// in with the facts. jobs calls Decide and Compose; views/mail and views/page print.
package notice

import (
	"time"

	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

// Limits of a report.
const (
	MaxLines  = 30 // log lines of one failure
	MaxFull   = 20 // failures told in full
	MaxListed = 60 // failures told at all; the rest is a number and a link
	maxPlaces = 12 // places named for one failure
)

// Header is what a report says about the checkout as a whole. It goes from
// Facts into the Report unchanged, except for rows of Counts with nothing planned.
type Header struct {
	Checkout id.ID
	Verdict  status.Verdict
	Sentence string // the verdict's own: "2 new failures, 4 known, 1 fixed"
	// NewCount and FixedCount are the verdict's counts, for the subject and the filters.
	NewCount, FixedCount int

	Tree, Branch string
	Repository   string // address of the git repository
	Commit       Commit
	Compared     *Compared // nil if there was nothing to compare with
	Series       *Series   // nil unless a patch series was tested

	Finished time.Time     // UTC; when this report was made if Partial
	Partial  bool          // the deadline passed before everything was finished
	Took     time.Duration // from the push to Finished; 0 if unknown
	Counts   []Count

	Links    Links
	Audience Audience
	Corrects *Corrected // nil in a first report
	Credit   string     // "Drover <drover@ci.example.org>", for Reported-by
}

// Commit is the tested commit.
type Commit struct {
	SHA      string // full
	Subject  string
	Describe string // of git describe; "" if no tag is near
}

// Compared is the checkout that results were compared with.
type Compared struct {
	SHA    string
	Tested time.Time // UTC
	Back   int       // commits between it and this one; 0 if it is not an ancestor
}

// Corrected names the report that this one corrects.
type Corrected struct {
	Finished time.Time
	Sentence string
}

// Count is one row of the table. Planned rows only; a row without any number
// is left out.
type Count struct {
	Name                                string // Builds, Boots, Tests
	Pass, New, Known, Infra, Miss, Skip int
	// Other holds what has no column: still failing, first run, flaky, measured.
	Other int
}

func (c Count) planned() bool {
	return c.Pass+c.New+c.Known+c.Infra+c.Miss+c.Skip+c.Other > 0
}

// Links are the addresses a report points to; views/route makes them.
type Links struct {
	Checkout string
	Feedback string // where to say that the report is wrong
	Help     string // explains reports
}

// Audience is whom this copy of the report is for.
type Audience struct {
	Why    string // "you wrote a commit in this range of net-next"
	Person bool   // one person, not a list
	// Unsubscribe is one person's own address. Compose drops it from mail to a
	// list: any reader of the list could stop the mail for all.
	Unsubscribe string
	Stop        string // for a list: the page that says who can stop the mail
}

// Series is a patch series under test.
type Series struct {
	Version, Patches int
	Base             string // "net-next 77aa01c2b4d1"
	Guilty           int    // number of the first bad patch, 0 if unknown
	Subject          string // of the cover letter, as sent
	MessageID        string // of the cover letter, without <>
	References       []string
	Lines            []PatchLine
}

// PatchLine is what ran on one patch of a series that was tested one by one.
type PatchLine struct {
	Number        int
	Subject       string
	Built, Tested status.Status
	Note          string
}

// Failure is one failure told in full, or several with one signature.
type Failure struct {
	Number    int    // from 1, through Broken and New
	Title     string // the test, or "build of s390x (defconfig, gcc-14)"
	Also      []string
	On        string // "aarch64 (gcc-14), s390x (gcc-14)"
	Arches    []string
	PassesOn  string // "x86_64, ppc64le"
	ResultURL string
	LogURL    string
	Before    string // "passed 38 of 38 on this branch since 2026-10-24"
	Tries     string // "failed 2 of 2, on 2 different hosts"
	Lines     []string
	Left      int // log lines that were left out
}

// Known is an open issue that explains failures here.
type Known struct {
	Number  int
	Title   string
	URL     string
	Results int
}

// Reproduction says how to see a failure at home.
type Reproduction struct {
	Number int // of the failure
	recipe.Reproduction
	Link string // where config, kernel and versions are kept
}

// Report is the whole. The lists hold sentences without an end: "kselftest/net/tls.sh
// on aarch64, was failing for 4 checkouts".
type Report struct {
	Header
	Broken    []Failure // builds
	Failures  []Failure // new failures of boots and tests
	Known     []Known
	Fixed     []string
	Still     []string
	FirstRun  []string
	Flaky     []string
	NotTested []string
	Reproduce *Reproduction // of the first failure that can be repeated at home
	Closes    string        // address for a Closes: line, "" if nothing is to fix
}
