package page

import "drover/views/ui"

// SignIn is how somebody can sign in: at an identity provider, or with the
// token that the server printed when it started.
type SignIn struct {
	ui.Frame
	Next  string // where to go on, a URL of this site
	Error string
	// Provider names where people sign in; "" where the token does.
	Provider string
	// Personas are whom the holder of the token can be, in development.
	Personas []ui.Option
	// HasToken says that this browser showed the token already.
	HasToken bool
}

// Onward leads to another site, at once where the browser lets it.
type Onward struct {
	ui.Frame
	Title, Text string
	To          string
}
