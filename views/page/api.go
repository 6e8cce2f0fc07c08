package page

import (
	"strings"

	"drover/rules/permission"
	"drover/views/ui"
)

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

// scopes says which scope a token needs: any for what all of them allow.
func (o APIOperation) scopes() string {
	if len(o.Scopes) == len(permission.Scopes) {
		return "any"
	}
	return strings.Join(o.Scopes, ", ")
}
