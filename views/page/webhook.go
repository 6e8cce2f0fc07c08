package page

import (
	"strconv"
	"time"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// Webhooks is who is told of a tree, or of anything.
type Webhooks struct {
	ui.Frame
	Heading string
	Tabs    []ui.Tab
	About   string // what they are told of
	Data    []WebhookRow
	Make    route.URL // where a new one is posted to
	Kinds   []ui.Option
	Form    WebhookForm
	Errors  ui.Errors
	// Why says why none can be made here.
	Why string
	// Everything says that the list is of all of them, so that each names its tree.
	Everything bool
}

// WebhookRow is an address outside that is told what happens.
type WebhookRow struct {
	ID       id.ID      `json:"id"`
	Tree     string     `json:"tree"` // "" for everything
	URL      string     `json:"url"`
	Kinds    []string   `json:"kinds"` // none for all
	State    string     `json:"state"` // on, paused, off
	Failures int64      `json:"failures"`
	Last     *time.Time `json:"last"`        // when it was told something last, or should have been
	Status   int64      `json:"last_status"` // of the last answer; 0 without one
	Error    string     `json:"last_error"`
	Next     *time.Time `json:"next_try"`
}

// WebhookForm is what was typed for one.
type WebhookForm struct {
	URL   string
	Kinds []string
}

// Webhook is one of them.
type Webhook struct {
	ui.Frame
	Data    WebhookData
	Actions []ui.Action
	Kinds   []ui.Option
	Form    WebhookForm
	Errors  ui.Errors
}

// WebhookData is what /webhooks/{id}.json says.
type WebhookData struct {
	WebhookRow
	Note       string            `json:"note"` // why it is off, or what was lost
	Made       time.Time         `json:"made"`
	By         string            `json:"made_by"`
	Former     *time.Time        `json:"former_secret_until"` // null without one
	SentTo     int64             `json:"sent_to"`             // the newest event that it is done with
	Pinging    bool              `json:"pinging"`             // a ping is about to be sent
	Version    string            `json:"version"`             // send it back with a change
	Deliveries []WebhookDelivery `json:"deliveries"`
}

// WebhookDelivery is one try to tell it of something.
type WebhookDelivery struct {
	ID     id.ID     `json:"id"`
	At     time.Time `json:"at"`
	Event  int64     `json:"event"` // 0 for a ping
	Kind   feed.Kind `json:"kind"`
	Status int64     `json:"http_status"` // 0 if there was no answer
	Error  string    `json:"error"`
	Answer string    `json:"answer"`
	Took   int64     `json:"took_ms"`
}

// NewWebhook is the one page on which a secret stands.
type NewWebhook struct {
	ui.Frame
	Data    MadeWebhook
	Renewed bool
}

// MadeWebhook is a webhook with its new secret, which is shown this once.
type MadeWebhook struct {
	WebhookRow
	Secret string `json:"secret"`
}

func (r WebhookRow) stateFamily() status.Family {
	switch {
	case r.State == "off":
		return status.Bad
	case r.State == "paused":
		return status.Off
	case r.Failures > 0 || r.Error != "":
		return status.Infra
	}
	return status.Good
}

func (r WebhookRow) stateText() string {
	if r.State == "on" && r.Failures > 0 {
		return "Failing"
	}
	return title(r.State)
}

// outcome is the last answer in a few words.
func (r WebhookRow) outcome() string { return outcomeText(r.Status, r.Error, r.Last != nil) }

func (d WebhookDelivery) outcome() string { return outcomeText(d.Status, d.Error, true) }

func outcomeText(status int64, problem string, told bool) string {
	switch {
	case problem != "":
		return problem
	case !told:
		return "nothing was sent yet"
	case status != 0:
		return "taken (" + strconv.FormatInt(status, 10) + ")"
	}
	return "taken"
}

func (d WebhookDelivery) about() string {
	if d.Event == 0 {
		return "ping"
	}
	return string(d.Kind) + " " + strconv.FormatInt(d.Event, 10)
}

func (r WebhookRow) kinds() string {
	if len(r.Kinds) == 0 {
		return "all kinds"
	}
	return list(r.Kinds)
}

func (p Webhooks) columns() []ui.Column {
	if p.Everything {
		return columns("Address", "Told of", "State", "Last answer", "When", "Next try", "#Failures")
	}
	return columns("Address", "Events", "State", "Last answer", "When", "Next try", "#Failures")
}

func (r WebhookRow) toldOf() string {
	if r.Tree == "" {
		return "everything: " + r.kinds()
	}
	return r.Tree + ": " + r.kinds()
}

func (d WebhookDelivery) family() status.Family {
	switch {
	case d.Error == "":
		return status.Good
	case d.Status == 0 && d.Took == 0:
		return status.Off
	}
	return status.Bad
}

func (d WebhookDelivery) word() string {
	switch d.family() {
	case status.Good:
		return "Taken"
	case status.Off:
		return "Not sent"
	}
	return "Failed"
}
