package page

import (
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/ui"
)

// Mails is the outbox.
type Mails struct {
	ui.Frame
	Data []MailRow
	ListParts
	// Problem is what the mail relay answered if it refuses; "".
	Problem string
}

// MailRow is one mail in the outbox.
type MailRow struct {
	ID       id.ID        `json:"id"`
	Time     Time         `json:"time"` // when it was written
	Kind     string       `json:"kind"` // "report", "correction", "digest"
	To       int          `json:"to"`   // how many addresses
	Subject  string       `json:"subject"`
	Checkout *ui.Revision `json:"checkout"`
	State    string       `json:"state"` // see MailState
	Why      string       `json:"why"`   // why it is in this state
}

// Mail is one mail exactly as sent, or as it would be.
type Mail struct {
	ui.Frame
	Data    MailData
	Actions []ui.Action
}

// MailData is /mail/{id}.json.
type MailData struct {
	ID       id.ID        `json:"id"`
	Subject  string       `json:"subject"`
	Kind     string       `json:"kind"`
	State    string       `json:"state"`
	Why      string       `json:"why"`
	To       []string     `json:"to"`
	Cc       []string     `json:"cc"`
	Written  Time         `json:"written"`
	Sent     Time         `json:"sent,omitzero"`
	Next     Time         `json:"next_try,omitzero"`
	Tries    []ui.Event   `json:"tries"`
	Checkout *ui.Revision `json:"checkout"`
	// Raw is the whole mail, headers and body.
	Raw string `json:"raw"`
}

// mailStates are the colours of the states of a mail.
var mailStates = map[string]status.Family{
	"sent":       status.Good,
	"queued":     status.Active,
	"held":       status.Infra,
	"retrying":   status.Infra,
	"suppressed": status.Off,
	"dropped":    status.Off,
	"failed":     status.Bad,
	"bounced":    status.Bad,
}

// MailState is the colour of a mail's state: "queued", "held", "retrying",
// "sent", "suppressed", "dropped", "failed" or "bounced"; others are grey.
func MailState(state string) status.Family {
	if f, ok := mailStates[state]; ok {
		return f
	}
	return status.Off
}

// Unsubscribe stops a kind of mail without a login. It is posted to its own
// URL with do=stop or do=undo.
type Unsubscribe struct {
	ui.Frame
	Token   string
	Address string // whose mail it is, masked by the server: "a…@example.com"
	What    string // "reports about net-next"
	Done    bool   // it is stopped now
	// Problem says why the token does nothing; "" if it is fine.
	Problem string
}

// ErrorPage is the page of a request that could not be answered.
type ErrorPage struct {
	ui.Frame
	Status int    // HTTP: 403, 404, 405, 410, 422, 500, 503
	Title  string // "No such checkout"
	Text   string // what was asked for, and what is known
	// Role is which role would be needed, and who can give it (403).
	Role      string
	RequestID string
	Next      ui.Link // the next sensible place
}
