package page

import (
	"drover/rules/id"
	"drover/views/route"
	"drover/views/ui"
)

// Queues is what is to be done, by kind of step.
type Queues struct {
	ui.Frame
	Data []QueueRow
	// Problem says that the queue does not answer; "" if it does.
	Problem string
}

// QueueRow is one kind of step.
type QueueRow struct {
	Step    string     `json:"step"`
	Due     int        `json:"due"`
	Active  int        `json:"active"`
	Later   int        `json:"later"`
	Trying  int        `json:"retrying"`
	Parked  int        `json:"parked"`
	Oldest  ui.Seconds `json:"oldest_due"` // how long the oldest due step waits
	Workers int        `json:"workers"`
}

// Queue is the steps of one kind.
type Queue struct {
	ui.Frame
	Step string
	Data []StepRow
	ListParts
	Errors []StepError // of parked steps, most frequent first
	// Replay is why nobody may try again here, "" if the buttons work.
	Replay string
}

// StepRow is one step.
type StepRow struct {
	Object  id.ID     `json:"object"`
	About   string    `json:"about"` // its short id, or what it is called
	Page    route.URL `json:"-"`     // of the object, "" if it has none
	State   string    `json:"state"` // due, active, later, retrying, parked
	Tries   int       `json:"tries"` // failures in a row
	Due     Time      `json:"due"`
	Since   Time      `json:"since"`
	Worker  string    `json:"worker"`
	Error   string    `json:"error"`
	Problem string    `json:"class"` // class of the error
}

// StepError is how many parked steps have the same error.
type StepError struct {
	Error   string `json:"error"`
	Steps   int    `json:"steps"`
	Example id.ID  `json:"example"` // object of one of them
}
