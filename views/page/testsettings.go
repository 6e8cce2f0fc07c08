package page

import (
	"fmt"

	"drover/rules/definition"
	"drover/rules/promotion"
	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// TestSettings is the form of a test's definition.
type TestSettings struct {
	ui.Frame
	Test    string
	Values  DefinitionForm
	Errors  ui.Errors
	Trees   []ui.Option
	Sets    []ui.Option
	Formats []ui.Option
	Costs   []ui.Option
	KUnit   bool   // its command is built in
	Words   string // its conditions in words
	Text    string // the saved definition as YAML
	Why     string // why it cannot be saved, "" if it can
}

// DefinitionForm is what was typed; lists are one a line.
type DefinitionForm struct {
	Description, Owners, Command, Code, Format, Timeout, Cost, HostType, HostNeeds string
	Trees, Sets                                                                    []string
	EachCase                                                                       bool
	Edition                                                                        int64 // that was read
}

// TestVersions are the editions of a test's definition.
type TestVersions struct {
	ui.Frame
	Test string
	Data []TestVersion
}

// TestVersion is one edition, and what it changed.
type TestVersion struct {
	Number      int64                   `json:"number"`
	When        Time                    `json:"when"`
	Who         string                  `json:"who"` // "" for what was there before editions were kept
	Differences []definition.Difference `json:"differences"`
	Definition  string                  `json:"definition"` // YAML
}

// Promotion is the box on the page of a test that does not count yet, and the
// states that it can have next.
type Promotion struct {
	State      status.TestState      `json:"state"`
	Since      Time                  `json:"since"`
	Conditions []promotion.Condition `json:"conditions"` // of a promotion to reporting; none unless it is in trial
	Lacking    string                `json:"lacking"`    // what is still to come, "" if nothing
	Issue      string                `json:"issue"`      // of a quarantine
	Until      Time                  `json:"until"`
}

// StateChange is one state that a test can be given.
type StateChange struct {
	State status.TestState
	From  status.TestState
	Text  string // of the button
	Why   string // why not, "" if it can
	Early string // what a promotion skips, for who may do it nevertheless; "" if nothing
}

func (p TestSettings) save() route.URL { return route.Action(route.Test(p.Test), "definition") }

func (v TestVersion) title() string { return fmt.Sprintf("Edition %d", v.Number) }
