package page

import (
	"drover/views/route"
	"drover/views/ui"
)

// Me is what a person set for this browser, and who they are here.
type Me struct {
	ui.Frame
	Data   MeData
	Errors ui.Errors
	// Zones are names of time zones to choose from; others are understood too.
	Zones []string
	// Token is what was typed for a new token.
	Token TokenForm
}

// Account is somebody's own view of themselves.
type Account struct {
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Roles    []string  `json:"roles"`
	Groups   []string  `json:"groups"`
	Owns     []Owned   `json:"owns"`
	Sessions []Session `json:"sessions"`
	Tokens   []Token   `json:"tokens"`
}

// Owned is a tree or a test of somebody.
type Owned struct {
	Kind string    `json:"kind"`
	Name string    `json:"name"`
	Page route.URL `json:"-"`
}

// MeData is /me.json: the settings that this request came with.
type MeData struct {
	Theme       string `json:"theme"`     // system, light, dark
	Density     string `json:"density"`   // cosy, compact
	Zone        string `json:"time_zone"` // a name of the IANA database
	Keys        string `json:"keys"`      // on, off
	LiveUpdates string `json:"live_updates"`
	// Account is who is signed in with an account, null for others.
	Account *Account `json:"account"`
}

var (
	themeChoices   = []ui.Option{{Value: "system", Text: "As the system says"}, {Value: "light", Text: "Light"}, {Value: "dark", Text: "Dark"}}
	densityChoices = []ui.Option{{Value: "cosy", Text: "Cosy"}, {Value: "compact", Text: "Compact", Help: "More rows on a screen."}}
	keyChoices     = []ui.Option{{Value: "on", Text: "On", Help: "Press ? on any page to see its keys."}, {Value: "off", Text: "Off"}}
	liveChoices    = []ui.Option{{Value: "on", Text: "On", Help: "Pages that show something running renew themselves."}, {Value: "off", Text: "Off", Help: "A page changes only when you load it."}}
)
