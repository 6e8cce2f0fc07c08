package page

import "drover/views/ui"

// Me is what a person set for this browser; there are no accounts.
type Me struct {
	ui.Frame
	Data   MeData
	Errors ui.Errors
	// Zones are names of time zones to choose from; others are understood too.
	Zones []string
}

// MeData is /me.json: the settings that this request came with.
type MeData struct {
	Theme       string `json:"theme"`     // system, light, dark
	Density     string `json:"density"`   // cosy, compact
	Zone        string `json:"time_zone"` // a name of the IANA database
	Keys        string `json:"keys"`      // on, off
	LiveUpdates string `json:"live_updates"`
}

var (
	themeChoices   = []ui.Option{{Value: "system", Text: "As the system says"}, {Value: "light", Text: "Light"}, {Value: "dark", Text: "Dark"}}
	densityChoices = []ui.Option{{Value: "cosy", Text: "Cosy"}, {Value: "compact", Text: "Compact", Help: "More rows on a screen."}}
	keyChoices     = []ui.Option{{Value: "on", Text: "On", Help: "Press ? on any page to see its keys."}, {Value: "off", Text: "Off"}}
	liveChoices    = []ui.Option{{Value: "on", Text: "On", Help: "Pages that show something running renew themselves."}, {Value: "off", Text: "Off", Help: "A page changes only when you load it."}}
)
