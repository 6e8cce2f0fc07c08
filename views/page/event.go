package page

import (
	"time"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
)

// Event is something that happened, as programs are told of it. What is empty
// does not belong to its kind.
type Event struct {
	ID       int64       `json:"id"` // growing, in the order of commits
	Kind     feed.Kind   `json:"kind"`
	At       time.Time   `json:"at"`
	Tree     string      `json:"tree"`
	Branch   string      `json:"branch"`
	Lane     status.Lane `json:"lane"`
	Checkout id.ID       `json:"checkout,omitzero"`
	Build    id.ID       `json:"build,omitzero"`
	Result   id.ID       `json:"result,omitzero"`
	Test     string      `json:"test"`
	Detail   string      `json:"detail"` // the verdict, status or reason of that moment
	Links    EventLinks  `json:"links"`
}

// EventLinks lead to what an event is about, as it is now.
type EventLinks struct {
	HTML string `json:"html"`
	JSON string `json:"json"`
}

// EventPage says where the next events are.
type EventPage struct {
	Limit int    `json:"limit"`
	After int64  `json:"after"` // nothing up to this id is left out
	More  bool   `json:"more"`  // more are there already
	Next  string `json:"next"`  // the address of the next page
}
