package page

import "drover/views/ui"

// API is the page of what programs can do. It comes from the same tables as the
// description that programs read.
type API struct {
	ui.Frame
	Groups []APIGroup
}

// APIGroup is what can be done with one kind of object.
type APIGroup struct {
	Name       string
	Operations []APIOperation
}

// APIOperation is one thing that a program can do.
type APIOperation struct {
	Method, Path string
	Text         string
	Takes        []string // filters of a GET, fields of a POST
	Scopes       []string // of which each suffices
}
