package page

import (
	"drover/views/route"
	"drover/views/ui"
)

// Simulator says which tests a change would run with the tests as they are now.
type Simulator struct {
	ui.Frame
	Values SimulatorForm
	Errors ui.Errors
	Trees  []ui.Option
	Arches []ui.Option
	Data   *Simulated // nil before there is a change
	Asking string     // what is being read, a sentence; "" if nothing
	AskWhy string     // why this person cannot have something read, "" if they can
}

// SimulatorForm is what was typed. One of Checkout, Range and Patch counts.
type SimulatorForm struct {
	Tree, Arch, Checkout, Range, Patch string
}

// SimulatorData is what programs are told.
type SimulatorData struct {
	Plan   *Simulated `json:"plan"`   // null before there is a change
	Asking string     `json:"asking"` // what is being read, or what to do so that it is; "" if nothing
}

// Where MAINTAINERS of the change stands.
const (
	MaintainersKnown   = "known"
	MaintainersNone    = "none"    // the commit has no such file
	MaintainersWaits   = "waits"   // it is being read
	MaintainersUnasked = "unasked" // nobody had it read yet
	MaintainersUnknown = "unknown" // no tree says whose it would be, or it cannot be read
)

// Simulated is the plan of a change.
type Simulated struct {
	Change      string        `json:"change"` // which one, in words
	Summary     string        `json:"summary"`
	Tests       []PlanItem    `json:"tests"` // chosen first
	Files       []ChangedFile `json:"files"` // those that no test covers first
	Uncovered   int           `json:"uncovered"`
	Cut         bool          `json:"cut"` // it changes too many files: everything counts as changed
	Maintainers string        `json:"maintainers"`
}

// simulatedShown bounds the rows of one table; programs get all.
const simulatedShown = 500

// maintainersText says what is not known for want of a MAINTAINERS, "" where it
// is known.
func maintainersText(state string) string {
	switch state {
	case MaintainersNone:
		return "The commit has no MAINTAINERS: nobody is known to look after a file."
	case MaintainersWaits:
		return "MAINTAINERS is being read, which takes some seconds. Until then owners are not known, and conditions on its sections count as open."
	case MaintainersUnasked:
		return "MAINTAINERS was not read yet: owners are not known, and conditions on its sections count as open."
	case MaintainersUnknown:
		return "No MAINTAINERS is known: owners are not known, and conditions on its sections count as open."
	}
	return ""
}

func (f SimulatorForm) url() route.URL {
	return route.Simulator("checkout", f.Checkout, "tree", f.Tree, "range", f.Range, "arch", f.Arch)
}

func trySimulated() route.URL { return route.Action(route.Simulator(), "try") }
