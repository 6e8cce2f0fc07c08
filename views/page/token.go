package page

import (
	"time"

	"drover/rules/id"
	"drover/rules/permission"
	"drover/views/ui"
)

// Token is what a program of somebody signs in with, without the token itself.
type Token struct {
	ID     id.ID      `json:"id"`
	Name   string     `json:"name"`
	Scopes []string   `json:"scopes"`
	Made   time.Time  `json:"made"`
	Used   *time.Time `json:"last_used"` // to ten minutes; null before the first use
	Ends   time.Time  `json:"expires"`
}

// TokenForm is what was typed for a new token.
type TokenForm struct {
	Name   string
	Scopes []string
	Days   string
}

// NewToken is the one page on which a new token stands.
type NewToken struct {
	ui.Frame
	Data MadeToken
	Try  string // an address to try it on
}

// MadeToken is a new token; its secret is kept nowhere.
type MadeToken struct {
	Token
	Secret string `json:"token"`
}

// Tokens are those of everybody, for administrators.
type Tokens struct {
	ui.Frame
	Tabs []ui.Tab
	Data []TokenRow
	ListParts
}

// TokenRow is one of them with whose it is.
type TokenRow struct {
	Token
	Person string `json:"person"`
	User   id.ID  `json:"user"`
}

// wrong tells whether an error is about this form.
func (TokenForm) wrong(errors ui.Errors) bool {
	return errors.Of("name")+errors.Of("scopes")+errors.Of("days") != ""
}

// over tells whether it opens nothing any more.
func (t Token) over(now time.Time) bool { return !t.Ends.After(now) }

func scopeOptions() []ui.Option {
	list := make([]ui.Option, len(permission.Scopes))
	for i, s := range permission.Scopes {
		list[i] = ui.Option{Value: string(s.Scope), Text: string(s.Scope), Help: s.Text + "."}
	}
	return list
}

var lifetimes = []ui.Option{{Value: "7", Text: "a week"}, {Value: "30", Text: "30 days"}, {Value: "90", Text: "90 days"}, {Value: "180", Text: "half a year"}, {Value: "365", Text: "a year"}}
