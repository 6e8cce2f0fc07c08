package jobs

import (
	"encoding/json"
	"strconv"
	"time"

	"drover/models"
	"drover/rules/feed"
	"drover/rules/id"
	"drover/views/route"
)

// EventOf is an event as programs read it, with links under the address of the
// site: the same when they ask for it and when they are told.
func EventOf(base route.Base, row models.FeedLine) feed.Event {
	e := feed.Event{
		ID: row.ID, Kind: row.Kind, At: row.At, Tree: row.Tree, Branch: row.Branch, Lane: row.Lane, Checkout: row.CheckoutID, Test: row.Test, Detail: row.Detail,
	}
	about := route.Checkout(row.CheckoutID)
	switch row.Kind.Object() {
	case "build":
		e.Build, about = row.ObjectID, route.Build(row.ObjectID)
	case "result":
		e.Result, about = row.ObjectID, route.Result(row.ObjectID)
	case "tree":
		about = route.Tree(row.Tree)
	case "test":
		about = route.Test(row.Test)
	}
	e.Links = feed.Links{HTML: base.Absolute(about), JSON: base.Absolute(route.Format(about, "json"))}
	return e
}

// ping is the kind of the message that only tests whether it arrives.
const ping feed.Kind = "ping"

// hookBody is what a webhook is sent.
type hookBody struct {
	Type feed.Kind `json:"type"`
	At   time.Time `json:"timestamp"`
	Data any       `json:"data"`
}

// hookLetter is one message: what stays the same for each try of it.
type hookLetter struct {
	id    string // webhook-id
	event int64  // 0 for a ping
	kind  feed.Kind
	body  []byte
}

func eventLetter(base route.Base, row models.FeedLine) (hookLetter, error) {
	body, err := json.Marshal(hookBody{row.Kind, row.At, EventOf(base, row)})
	return hookLetter{strconv.FormatInt(row.ID, 10), row.ID, row.Kind, body}, err
}

func pingLetter(hook id.ID, asked time.Time) (hookLetter, error) {
	body, err := json.Marshal(hookBody{ping, asked, map[string]id.ID{"webhook": hook}})
	return hookLetter{"ping_" + hook.String() + "_" + strconv.FormatInt(asked.UnixMicro(), 10), 0, ping, body}, err
}
