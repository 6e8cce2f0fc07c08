package page

import (
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/chart"
	"drover/views/ui"
)

// Trees is the list of trees.
type Trees struct {
	ui.Frame
	Data []TreeRow
	ListParts
	// AddWhy says why this person cannot add a tree; "" if they can.
	AddWhy string
}

// Tree is the state of one branch of a tree and its checkouts.
type Tree struct {
	ui.Frame
	Data TreeData
	ListParts
	Actions []ui.Action
	// Test is the form "Test this commit"; nil where it is not offered.
	Test *TestCommit
	// Rehearsal is set while the tree is not live yet.
	Rehearsal *Rehearsal
}

// TreeData is /trees/{tree}.json.
type TreeData struct {
	Name   string           `json:"tree"`
	URL    string           `json:"url"` // of the git repository
	State  status.TreeState `json:"state"`
	Branch string           `json:"branch"`
	// Branches, most recent first.
	Branches []Branch `json:"branches"`
	// Newest is the newest finished checkout with its verdict; nil if none.
	Newest  *ui.Revision `json:"newest"`
	Verdict ui.Verdict   `json:"verdict"`
	// Running is the newest checkout if it is not finished; nil else.
	Running *ui.Revision `json:"running"`
	// NewFailures of the newest finished checkout by signature, at most 5.
	NewFailures      []ui.Failure `json:"new_failures"`
	NewFailuresTotal int          `json:"new_failures_total"`
	// Last are the last 40 checkouts, PassRate 30 days by day.
	Last      []chart.Cell  `json:"last"`
	PassRate  []chart.Rate  `json:"pass_rate"`
	Checkouts []CheckoutRow `json:"checkouts"`
	// Untested are commits that were left out by choice, newest first.
	Untested      []CommitRow `json:"untested"`
	UntestedTotal int         `json:"untested_total"`
	// UntestedWhy is the policy that left them out.
	UntestedWhy string `json:"untested_why"`
	Look        Look   `json:"look"`
}

// Branch is a watched branch.
type Branch struct {
	Name    string         `json:"branch"`
	Verdict status.Verdict `json:"verdict"`
	Updated Time           `json:"updated"`
}

// Look is how the remote is watched, and how that goes.
type Look struct {
	Every ui.Seconds `json:"every"` // while it answers; 0 if the tree is paused
	Last  Time       `json:"last"`
	Next  Time       `json:"next"`
	// Head is the newest commit seen there, "" before the first look.
	Head string `json:"head"`
	// Problem is git's own line if the last look failed; Tries counts failures
	// in a row, Since is the first of them.
	Problem string `json:"problem,omitempty"`
	Tries   int    `json:"tries,omitempty"`
	Since   Time   `json:"since,omitzero"`
}

// CheckoutRow is one row of a table of checkouts.
type CheckoutRow struct {
	ui.Revision
	Verdict     status.Verdict `json:"verdict"`
	VerdictText string         `json:"verdict_text"`
	Source      string         `json:"source"` // "git", "merge request", "patch", "rpm"
	Lane        status.Lane    `json:"lane"`
	New         int            `json:"new"`
	Fixed       int            `json:"fixed"`
	Known       int            `json:"known"`
	Infra       int            `json:"infra"`
	Done        int            `json:"tests_done"`
	Planned     int            `json:"tests_planned"`
	Started     Time           `json:"started"`
	Report      ui.Seconds     `json:"time_to_report"` // 0 while running
	Compared    *ui.Revision   `json:"compared_with"`
}

// Checkouts is the list of all checkouts.
type Checkouts struct {
	ui.Frame
	Data []CheckoutRow
	ListParts
}

// CommitRow is one commit in a list.
type CommitRow struct {
	Commit  string `json:"commit"`
	Subject string `json:"subject"`
	Author  string `json:"author"`
	When    Time   `json:"when"`
	// Checkout is set if this very commit was tested.
	Checkout id.ID `json:"checkout,omitzero"`
}

// TestCommit is the form that asks for a test of one revision; it is posted to
// the action "test" of the tree with the fields revision and branch.
type TestCommit struct {
	Revision string // as typed before, for a second try
	Error    string // what was wrong with it
	Why      string // why this person cannot use it; "" if they can
}

// TreeSettings says in words how a tree is watched, built and tested.
type TreeSettings struct {
	ui.Frame
	Data    TreeSettingsData
	Tabs    []ui.Tab
	Actions []ui.Action
}

// TreeSettingsData is /trees/{tree}/-/settings.json.
type TreeSettingsData struct {
	Name   string           `json:"tree"`
	State  status.TreeState `json:"state"`
	Source []ui.Pair        `json:"source"` // URL, branches, policy, interval
	Mail   []ui.Pair        `json:"mail"`   // who gets what
	Builds []TreeBuild      `json:"builds"`
	Tests  []TreeTest       `json:"tests"`
	// Log is who changed what, newest first.
	Log []ui.Event `json:"log"`
}

// TreeBuild is one build that every checkout of a tree gets.
type TreeBuild struct {
	Arch     string   `json:"arch"`
	Config   string   `json:"config"`
	Compiler string   `json:"compiler"`
	Commands []string `json:"commands"`
}

// TreeTest is a test that may run on a tree.
type TreeTest struct {
	Test  string           `json:"test"`
	State status.TestState `json:"state"`
	When  string           `json:"when"` // the rule in words: "on every checkout"
}
