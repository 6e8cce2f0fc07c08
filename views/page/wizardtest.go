package page

import (
	"drover/rules/id"
	"drover/views/route"
	"drover/views/ui"
)

// TestWizard is one step of adding a test. Each step is a page of its own; what
// was typed is kept in a draft between them.
type TestWizard struct {
	ui.Frame
	Draft  id.ID // 0 before the first step
	Step   string
	Steps  []ui.Step
	Values NewTestForm
	Errors ui.Errors // fields have the names of the form tags
	// Why says why this person cannot add a test; "" if they can.
	Why string

	Drafts  []DraftRow // on the very first page: what was begun
	YAML    string     // there: as pasted; on the last: what results
	Trees   []ui.Option
	Where   TestWhere
	Arches  []ui.Option
	When    Targeting // its form and what that would have done; no frame
	Starts  []ui.Link // ways to begin the conditions
	Sets    []ui.Option
	Formats []ui.Option
	Review  WizardReview
}

// The steps, as they stand in addresses; the last is StepReview.
const (
	StepWhere     = "where"
	StepNeeds     = "needs"
	StepTargeting = "targeting"
	StepOwner     = "owner"
	// StepPreview is no step: the conditions are posted there to see what they
	// would do, and nothing is kept.
	StepPreview = "preview"
)

// TestSteps are the steps in their order.
var TestSteps = []ui.Option{
	{Value: StepWhere, Text: "Where"}, {Value: StepNeeds, Text: "Needs"}, {Value: StepTargeting, Text: "Targeting"},
	{Value: StepOwner, Text: "Owner"}, {Value: StepReview, Text: "Review"},
}

// NewTestForm is what was typed, to be shown again as it is.
type NewTestForm struct {
	Trees       []string `form:"trees"`
	What        string   `form:"what"` // of TestWhere.Offers
	Name        string   `form:"name"`
	Command     string   `form:"command"` // lines of shell
	Code        string   `form:"code"`    // paths in the tree, divided by spaces
	HostType    string   `form:"host_type"`
	HostNeeds   string   `form:"host_needs"`
	Timeout     string   `form:"timeout"` // a Go duration: "10m"
	When        TargetingForm
	Owners      string   `form:"owners"` // one a line
	Description string   `form:"description"`
	Format      string   `form:"format"`
	Each        bool     `form:"each"` // every case is a result of its own
	Sets        []string `form:"sets"`
	Cost        string   `form:"-"` // of a configuration that was pasted
	Seen        []string `form:"-"` // steps that were left by their button
}

// TestWhere is what can be run, and which tests the chosen trees bring along.
type TestWhere struct {
	Tree   string // whose head was looked at
	Files  WizardFiles
	Offers []ui.Option // ways to run it
}

// here is the address of the step that is shown.
func (p TestWizard) here() route.URL {
	if p.Draft == 0 {
		return route.NewTest()
	}
	return route.NewTestStep(p.Draft, p.Step)
}

func (p TestWizard) preview() route.URL { return route.NewTestStep(p.Draft, StepPreview) }
