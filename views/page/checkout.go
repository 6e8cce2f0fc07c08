package page

import (
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/ui"
)

// CheckoutHead is what all tabs of a checkout have on top.
type CheckoutHead struct {
	ui.Revision
	Source string      `json:"source"` // "git", "merge request", "patch", "rpm"
	Lane   status.Lane `json:"lane"`
	Author ui.Person   `json:"author"`
	Pushed Time        `json:"pushed"` // when the change was seen
	Why    string      `json:"why"`    // why it is tested: the event's decision
	// Older and Newer are its neighbours on the branch; zero at the ends.
	Older id.ID `json:"older,omitzero"`
	Newer id.ID `json:"newer,omitzero"`
	// TestsCount, BuildsCount and ReportsCount stand on the tabs.
	TestsCount   int `json:"tests_count"`
	BuildsCount  int `json:"builds_count"`
	ReportsCount int `json:"reports_count"`
}

// CheckoutFrame is the frame of every tab.
type CheckoutFrame struct {
	ui.Frame
	Head    CheckoutHead
	Actions []ui.Action
}

// Checkout is the summary of one source state.
type Checkout struct {
	CheckoutFrame
	Data CheckoutData
	// MissingPlan says why nothing was planned, with the plan's own words; "".
	MissingPlan string
}

// CheckoutData is /checkouts/{id}.json; its head is that of the frame.
type CheckoutData struct {
	CheckoutHead
	Verdict ui.Verdict `json:"verdict"`
	// NewFailures by signature, at most 20; more are on the tests tab.
	NewFailures      []ui.Failure `json:"new_failures"`
	NewFailuresTotal int          `json:"new_failures_total"`
	Known            Part         `json:"known"`
	Fixed            Part         `json:"fixed"`
	Flaky            Part         `json:"flaky"`
	StillFailing     Part         `json:"still_failing"`
	FirstRun         Part         `json:"first_run"`
	InfraAndMissing  Part         `json:"infra_and_missing"`
	Trial            Part         `json:"trial"`
	Builds           []Build      `json:"builds"`
	// Commits of this range, newest first, at most 50.
	Commits      []CommitRow `json:"commits"`
	CommitsTotal int         `json:"commits_total"`
	Reports      []Report    `json:"reports"`
	// Plan is the rules that chose the tests, with how many each chose.
	Plan []PlanRule `json:"plan"`
	// NotChosen counts tests that no rule chose.
	NotChosen int `json:"tests_not_chosen"`
}

// Part is a section of a checkout: at most 50 rows of Total.
type Part struct {
	Total int      `json:"total"`
	Rows  []Result `json:"rows"`
}

// Build is a row of a table of builds.
type Build struct {
	ID id.ID `json:"id"`
	ui.Mark
	Arch       string     `json:"arch"`
	Config     string     `json:"config"`
	Compiler   string     `json:"compiler"`
	Duration   ui.Seconds `json:"duration"`
	P90        ui.Seconds `json:"duration_p90"`
	Warnings   int        `json:"warnings"`
	FirstError string     `json:"first_error"`
	Log        string     `json:"log"`
	Line       int        `json:"line"`
	Attempts   int        `json:"attempts"`
	// AsBefore says that it was broken on the comparison checkout too.
	AsBefore bool `json:"as_before"`
	// Passed, Failed and Planned count results of tests on it.
	Passed  int `json:"tests_passed"`
	Failed  int `json:"tests_failed"`
	Planned int `json:"tests_planned"`
}

// PlanRule is a rule and how many tests it chose.
type PlanRule struct {
	Rule  string `json:"rule"`
	Tests int    `json:"tests"`
}

// Report is one thing said about a checkout, or not said and why.
type Report struct {
	Mail    id.ID    `json:"mail,omitzero"` // zero for other ways
	Kind    string   `json:"kind"`          // "mail", "note", "check"
	Subject string   `json:"subject"`
	To      []string `json:"to"`
	State   string   `json:"state"` // see MailState
	Why     string   `json:"why"`
	When    Time     `json:"when"`
}

// CheckoutTests is the table of every result of a checkout.
type CheckoutTests struct {
	CheckoutFrame
	Data []Result
	ListParts
	Groups  []ui.Tab // "Ungrouped", "By test", …: links
	Columns ResultColumns
}

// ResultColumns are heads with the URLs that sort by them; a zero URL does not
// sort.
type ResultColumns struct{ Status, Test, Arch, Config, Host, Duration ui.Column }

// CheckoutBuilds is the table of every build of a checkout.
type CheckoutBuilds struct {
	CheckoutFrame
	Data []Build
}

// CheckoutPlan says for each test why it was chosen or not.
type CheckoutPlan struct {
	CheckoutFrame
	Data []PlanItem
	ListParts
	// Changed counts the files that the change touches, Uncovered those of them
	// that no test is aimed at.
	Changed, Uncovered int
	Selection          string // how the tests were chosen, a sentence; "" if none has conditions
}

// CheckoutFiles lists what a checkout changes, and which tests that chooses.
type CheckoutFiles struct {
	CheckoutFrame
	Data []ChangedFile
	ListParts
}

// ChangedFile is one file of a change.
type ChangedFile struct {
	Path    string   `json:"path"`
	OldPath string   `json:"old_path"`         // before a rename, "" otherwise
	Kind    string   `json:"kind"`             // added, modified, deleted, renamed, retyped
	Tests   *int     `json:"tests"`            // how many tests are aimed at it; null where everything counted as changed
	Names   []string `json:"names"`            // the first of them
	Owners  []string `json:"owners,omitempty"` // who looks after it by MAINTAINERS, where that was asked
}

// PlanItem is one test that was known when the checkout was planned.
type PlanItem struct {
	Test   string           `json:"test"`
	State  status.TestState `json:"state"`
	Chosen bool             `json:"chosen"`
	Rule   string           `json:"rule"`
	Why    string           `json:"why"`
	File   string           `json:"file"` // the file that decided, "" if none
	Arches []string         `json:"arches"`
}

// CheckoutReports lists what was said to whom.
type CheckoutReports struct {
	CheckoutFrame
	Data []Report
	// Preview is the report as text, the body of the mail.
	Preview string
}
