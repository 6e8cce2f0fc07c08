package page

import (
	"fmt"
	"strings"
	"time"

	"drover/rules/id"
	"drover/views/route"
	"drover/views/ui"
)

// TreeWizard is one step of adding a tree. Each step is a page of its own; what
// was typed is kept in a draft between them.
type TreeWizard struct {
	ui.Frame
	Draft  id.ID // 0 before the first step
	Step   string
	Steps  []ui.Step
	Values NewTreeForm
	Errors ui.Errors // fields have the names of the form tags
	// Why says why this person cannot add a tree; "" if they can.
	Why string

	Drafts []DraftRow // on the very first page: what was begun
	YAML   string     // there: as pasted; on the last: what results
	Source WizardSource
	People WizardPeople
	Builds WizardBuilds
	Tests  WizardTests
	Review WizardReview
}

// The steps, as they stand in addresses.
const (
	StepSource = "source"
	StepPeople = "people"
	StepBuilds = "builds"
	StepTests  = "tests"
	StepReview = "review"
)

// TreeSteps are the steps in their order.
var TreeSteps = []ui.Option{
	{Value: StepSource, Text: "Source"}, {Value: StepPeople, Text: "People and mail"}, {Value: StepBuilds, Text: "Builds"},
	{Value: StepTests, Text: "Tests"}, {Value: StepReview, Text: "Review"},
}

// NewTreeForm is what was typed, to be shown again as it is.
type NewTreeForm struct {
	URL       string   `form:"url"`
	Branches  string   `form:"branches"` // patterns, one a line
	Name      string   `form:"name"`
	Policy    string   `form:"policy"`
	Builds    string   `form:"builds"`
	Recipe    string   `form:"recipe"`    // commands, one a line
	Arches    []string `form:"arches"`    // of builds of the own choice
	Configs   string   `form:"configs"`   // of them, one a line
	Compilers []string `form:"compilers"` // of them
	Mail      string   `form:"mail"`      // addresses, one a line
	Agreed    bool     `form:"agreed"`    // the lists among them said yes
	Trusted   bool     `form:"trusted"`
	Tests     []string `form:"tests"` // paths
	Seen      []string `form:"-"`     // steps that were left by their button
}

// DraftRow is a tree that somebody began to add.
type DraftRow struct {
	ID      id.ID
	Name    string // or the URL, or "" while there is neither
	Step    string
	Owner   string
	Updated Time
}

// WizardSource is what is known of the repository.
type WizardSource struct {
	// Waits: the server is being asked. Asked is false where nobody asked, or
	// the answer was forgotten.
	Asked, Waits bool
	// Problem is why there is no answer, in the words of a heading; Said is
	// what git or the check said; Try is what to do about it.
	Problem, Said, Try string

	Head     string // default branch
	Branches []BranchFact
	Shown    int // of Branches after the filter; all are Total
	Total    int
	Tags     int
	Filter   string
	Empty    bool
	Matches  []string // what the patterns match now
	Matched  int      // of all; Matches may be cut
	Known    []KnownTree
	Policies []ui.Option
	Files    WizardFiles
}

// BranchFact is a branch and where it points.
type BranchFact struct{ Name, SHA string }

// KnownTree is a tree that watches the same repository.
type KnownTree struct{ Name, Branches string }

// WizardFiles is what is in the head of the branch.
type WizardFiles struct {
	Branch       string
	Asked, Waits bool
	Problem      string
	SHA, Subject string
	When         Time
	Linux        bool
	Version      string
	Missing      string // what it lacks to be a kernel
	Facts        []ui.Pair
}

// WizardPeople proposes who gets mail.
type WizardPeople struct {
	Files    WizardFiles
	Has      bool // the tree has a MAINTAINERS
	Sections []SectionFact
	Offers   []ui.Option // lines of Mail
	Ticked   []string    // of them
	More     string      // lines of Mail beside them
	HasLists bool
}

// SectionFact is a section of MAINTAINERS that names this tree.
type SectionFact struct {
	Title string
	Line  int
	Files []string
}

// WizardBuilds is what can be built.
type WizardBuilds struct {
	Presets   []ui.Option
	Arches    []ui.Option
	Compilers []ui.Option
	Files     WizardFiles
	Cost      string // of what is chosen
}

// WizardTests is what can be run.
type WizardTests struct {
	Offers  []ui.Option
	Files   WizardFiles
	Preview TestPreview
}

// TestPreview says which of the ticked tests would have run on the newest
// commits of the branch.
type TestPreview struct {
	Branch  string
	Ticked  int
	Waits   bool   // the commits are being looked at
	Problem string // why they are not known
	Known   bool
	Commits int // of the branch that were looked at
	Rows    []PreviewedCommit
	AtMost  bool // of some tests only the limit of time is known
}

// PreviewedCommit is a commit, and what it would have run.
type PreviewedCommit struct {
	SHA     string
	Subject string
	When    time.Time
	Files   int
	Cut     bool // too many files for all to be known
	Tests   []PreviewedTest
	Took    ui.Seconds // of machines, on all builds together
}

// PreviewedTest is a test that would have run, on so many builds.
type PreviewedTest struct {
	Name, Why string
	Builds    int
}

// sum is what the rows come to.
func (t TestPreview) sum() string {
	runs, none := 0, 0
	var took ui.Seconds
	for _, r := range t.Rows {
		runs += len(r.Tests)
		took += r.Took
		if len(r.Tests) == 0 {
			none++
		}
	}
	n := len(t.Rows)
	text := fmt.Sprintf("%.1f of %d tests a commit", float64(runs)/float64(n), t.Ticked)
	if none > 0 {
		text += fmt.Sprintf(", none for %d of %d", none, n)
	}
	if runs == 0 {
		return text
	}
	usual := "usually "
	if t.AtMost {
		usual = "at most "
	}
	text += ", " + usual + (took / ui.Seconds(n)).String() + " of machine time each"
	if days := t.Rows[0].When.Sub(t.Rows[n-1].When).Hours() / 24; n > 1 && days > 0 {
		text += fmt.Sprintf("; %.1f machine hours a day at the pace of these commits", float64(took)/3600/days)
	}
	return text
}

// WizardReview is what results.
type WizardReview struct {
	// Mistakes keep it from being started; each leads to its step.
	Mistakes []ui.Link
	Facts    []ui.Pair
	Warnings []string
	Cost     string
}

// here is the address of the step that is shown.
func (p TreeWizard) here() route.URL { return p.at(p.Step) }

// preview is where a step that is typed into can be tried.
func (p TreeWizard) preview() route.URL { return p.at(StepPreview) }

func (p TreeWizard) at(step string) route.URL {
	if p.Draft == 0 {
		return route.NewTree()
	}
	return route.NewTreeStep(p.Draft, step)
}

// Rehearsal is how a tree does that is not live yet, and the form that makes it
// live: posted to the action "live" of the tree with the field responder.
type Rehearsal struct {
	Done, All   int // checkouts
	Unexplained int // failures of the newest ones
	Responder   string
	Error       string
	Why         string // why this person cannot use it; "" if they can
}

func (r Rehearsal) ready() bool { return r.All > 0 && r.Done == r.All }

func (r Rehearsal) text() string {
	if r.All == 0 {
		return "Rehearsal: the first checkout comes with the next look. Nothing is reported."
	}
	text := "Rehearsal: " + ui.Count(r.Done) + " of " + counted(r.All, "checkout", "checkouts") + " done, " + counted(r.Unexplained, "unexplained failure", "unexplained failures")
	if r.ready() {
		return text + ": ready. Nothing is reported yet."
	}
	return text + ". Nothing is reported."
}

func liveURL(tree string) route.URL { return route.Action(route.Tree(tree), "live") }

func lines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }
