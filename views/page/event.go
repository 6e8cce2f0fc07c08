package page

// EventPage says where the next events are.
type EventPage struct {
	Limit int    `json:"limit"`
	After int64  `json:"after"` // nothing up to this id is left out
	More  bool   `json:"more"`  // more are there already
	Next  string `json:"next"`  // the address of the next page
}
