package feed

import (
	"time"

	"drover/rules/id"
	"drover/rules/status"
)

// Event is something that happened, as programs are told of it. What is empty
// does not belong to its kind.
type Event struct {
	ID       int64       `json:"id"` // growing, in the order of commits
	Kind     Kind        `json:"kind"`
	At       time.Time   `json:"at"`
	Tree     string      `json:"tree"`
	Branch   string      `json:"branch"`
	Lane     status.Lane `json:"lane"`
	Checkout id.ID       `json:"checkout,omitzero"`
	Build    id.ID       `json:"build,omitzero"`
	Result   id.ID       `json:"result,omitzero"`
	Test     string      `json:"test"`
	Detail   string      `json:"detail"` // the verdict, status or reason of that moment
	Links    Links       `json:"links"`
}

// Links lead to what an event is about, as it is now.
type Links struct {
	HTML string `json:"html"`
	JSON string `json:"json"`
}
