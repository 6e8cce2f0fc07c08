package page

import (
	"strings"

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

// TestPreview says which tests would run on recent changes.
type TestPreview struct{ Text string }

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
