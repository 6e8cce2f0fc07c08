package page

import (
	"slices"
	"time"

	"drover/rules/id"
	"drover/views/route"
	"drover/views/ui"
)

// People is who has a role on a tree or a test, and who may read it.
type People struct {
	ui.Frame
	Data PeopleData
	Tabs []ui.Tab
	// Base is the address of the object; what is done is posted below it.
	Base route.URL
	// Why says why this reader cannot change anything here; "" if they can.
	Why    string
	Errors ui.Errors
	Form   PeopleForm
	// Suggest are names of people to choose from.
	Suggest []string
}

// PeopleData is what /…/settings/people.json says.
type PeopleData struct {
	Kind    string    `json:"kind"` // tree or test
	Name    string    `json:"name"`
	Readers string    `json:"readers"` // the group that alone may read it; "" for everybody
	Roles   []RoleRow `json:"roles"`
	Version string    `json:"version"` // send it back with a change
}

// RoleRow is one role of somebody.
type RoleRow struct {
	User  id.ID     `json:"user"`
	Name  string    `json:"name"`
	Email string    `json:"email,omitempty"`
	Role  string    `json:"role"`
	By    string    `json:"given_by"`
	Since time.Time `json:"since"`
	Self  bool      `json:"-"` // it is the reader's own

	Blocked bool `json:"blocked,omitempty"` // they cannot sign in
}

// orphaned tells that nobody who owns an object can act for it any more.
func (d PeopleData) orphaned() bool {
	return len(d.Roles) > 0 && !slices.ContainsFunc(d.Roles, func(r RoleRow) bool { return !r.Blocked })
}

// PeopleForm is what was typed.
type PeopleForm struct {
	Person  string
	Handing bool
	Readers string
}

// Changes is who changed what: of one object, or of everything.
type Changes struct {
	ui.Frame
	Heading string
	Tabs    []ui.Tab
	Data    []Change
	ListParts
	// Everything says that the list is of all objects, so that each is named.
	Everything bool
}

// Change is one entry of the audit.
type Change struct {
	ID     id.ID     `json:"id"`
	When   time.Time `json:"when"`
	Who    string    `json:"who"`
	What   string    `json:"what"`
	Kind   string    `json:"kind"`
	Object string    `json:"object"`
	Before string    `json:"before"`
	After  string    `json:"after"`
	Page   route.URL `json:"-"`
}

// Users is the list of people, for administrators.
type Users struct {
	ui.Frame
	Tabs []ui.Tab
	Data []UserRow
	ListParts
}

// UserRow is one of them.
type UserRow struct {
	ID      id.ID     `json:"id"`
	Name    string    `json:"name"`
	Email   string    `json:"email,omitempty"`
	Roles   []string  `json:"roles"`
	Groups  []string  `json:"groups"`
	Since   time.Time `json:"first_sign_in"`
	Seen    time.Time `json:"last_sign_in"`
	Blocked bool      `json:"blocked"`
}

// User is one person, for administrators.
type User struct {
	ui.Frame
	Tabs    []ui.Tab
	Data    UserData
	Actions []ui.Action
	Errors  ui.Errors
	Choices []ui.Option // roles that can be given
}

// UserData is what /admin/users/{id}.json says.
type UserData struct {
	UserRow
	Identities []ui.Pair `json:"identities"`
	Given      []Given   `json:"given"`
	FromGroups []ui.Pair `json:"from_groups"` // role and group
	Version    string    `json:"version"`
}

// Given is a role that somebody was given: on an object, or everywhere.
type Given struct {
	Role   string    `json:"role"`
	Object string    `json:"object"` // "" for everywhere
	By     string    `json:"given_by"`
	Since  time.Time `json:"since"`
	Page   route.URL `json:"-"`
	Take   []string  `json:"-"` // fields of the form that takes it away
}

// Banner is the form of the line that stands on every page.
type Banner struct {
	ui.Frame
	Tabs   []ui.Tab
	Data   BannerData
	Errors ui.Errors
}

// BannerData is the banner as it is.
type BannerData struct {
	Text    string `json:"text"`
	Kind    string `json:"kind"` // info or warn
	Version string `json:"version"`
}

// Configuration is what is set where this site runs.
type Configuration struct {
	ui.Frame
	Tabs []ui.Tab
	Data []ConfigurationRow
}

// ConfigurationRow is one setting, masked if it is a secret.
type ConfigurationRow struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Meaning string `json:"meaning"`
}

// Session is one browser in which somebody is signed in.
type Session struct {
	ID      id.ID     `json:"id"`
	Browser string    `json:"browser"`
	Since   time.Time `json:"since"`
	Seen    time.Time `json:"seen"`
	Until   time.Time `json:"until"`
	This    bool      `json:"this"`
}

var bannerKinds = []ui.Option{
	{Value: ui.Info, Text: "Information"}, {Value: ui.Warn, Text: "Warning", Help: "Something does not work as it should."},
}
