// Package permission says who may do what, and to whoever may not, which role
// is missing and who can give it. One table holds all of it; pages, forms,
// programs and the help read that table and nothing else.
//
// It knows no person and no session: facts come in as values. Package server
// calls it.
package permission

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what somebody is, here or for one object. The order is that of the
// columns of the table.
type Role int

// The roles. Anyone and SignedIn are given to nobody: they come with the visit.
const (
	Anyone Role = iota
	SignedIn
	Owner // of one tree or test
	Triager
	Operator
	Admin
	GateWaiver
	roles int = iota
)

var roleNames = [roles]string{"anyone", "signed in", "owner", "triager", "operator", "admin", "gate-waiver"}

// String is the word for a role in pages, settings and the database.
func (r Role) String() string { return roleNames[r] }

// Given are the roles that one person can give to another.
var Given = []Role{Owner, Triager, Operator, Admin, GateWaiver}

// RoleNamed finds a role that can be given by its word.
func RoleNamed(name string) (Role, bool) {
	for _, r := range Given {
		if r.String() == name {
			return r, true
		}
	}
	return Anyone, false
}

// Action is something that people do. Each route of the site names one.
type Action string

// The actions.
const (
	Open       Action = "open"       // what machines and whoever signs in need; also where everything asks for a sign-in
	Read       Action = "read"       // pages, JSON, logs
	Watch      Action = "watch"      // watch, comment, own settings, own tokens
	Draft      Action = "draft"      // draft a tree or a test, rehearse within limits
	Edit       Action = "edit"       // go live, edit settings, give away, resend, release held mail
	Retry      Action = "retry"      // retry, try again
	Cancel     Action = "cancel"     // cancel what runs
	TestNow    Action = "test now"   // test an arbitrary revision
	Explain    Action = "explain"    // tie to an issue, new issue, signatures, mark as infrastructure
	Promote    Action = "promote"    // a test to reporting, or out of what counts
	Block      Action = "block"      // a test to blocking, quarantine
	Waive      Action = "waive"      // a gate
	Operate    Action = "operate"    // hosts, queues, herder rules, pause services
	Administer Action = "administer" // people, roles, banner, audit, configuration
)

// cell says whether a role suffices.
type cell string

const (
	no  cell = ""
	yes cell = "x"
	own cell = "own" // for what one owns
)

// Line is what one action needs.
type Line struct {
	Action Action
	Text   string // what is done, for people
	cells  [roles]cell
}

// Table is the matrix of permissions: one line for each action, one column for
// each role.
var Table = []Line{
	//                                                                       anyone sgnd owner triag oper admin waiver
	{Open, "sign in, and what machines ask for", [roles]cell{yes, yes, yes, yes, yes, yes, yes}},
	{Read, "read pages, JSON and logs", [roles]cell{yes, yes, yes, yes, yes, yes, yes}},
	{Watch, "watch, comment, keep own settings and tokens", [roles]cell{no, yes, yes, yes, yes, yes, yes}},
	{Draft, "add a tree or a test", [roles]cell{no, yes, yes, yes, yes, yes, yes}},
	{Edit, "change settings, go live, resend mail", [roles]cell{no, no, own, no, yes, yes, no}},
	{Retry, "try again", [roles]cell{no, no, own, yes, yes, yes, no}},
	{Cancel, "cancel what runs", [roles]cell{no, no, own, no, yes, yes, no}},
	{TestNow, "test a revision", [roles]cell{no, no, own, no, yes, yes, no}},
	{Explain, "tie failures to issues", [roles]cell{no, no, own, yes, yes, yes, no}},
	{Promote, "make a test report", [roles]cell{no, no, own, no, yes, yes, no}},
	{Block, "make a test block, or quarantine it", [roles]cell{no, no, no, no, yes, yes, no}},
	{Waive, "waive a gate", [roles]cell{no, no, no, no, no, yes, yes}},
	{Operate, "work on queues, hosts and rules", [roles]cell{no, no, no, no, yes, yes, no}},
	{Administer, "manage people, the banner and the audit", [roles]cell{no, no, no, no, no, yes, no}},
}

// testsOnly are actions that owning a tree does not allow, only owning a test.
var testsOnly = []Action{Explain, Promote}

// Facts are what is known of who asks.
type Facts struct {
	SignedIn bool
	Roles    []Role   // everywhere
	Groups   []string // as the identity provider names them
	// Scoped says that a token asks, which may do what one of Scopes allows
	// and no more.
	Scoped bool
	Scopes []Scope
	// Closed says that this site asks everybody for a sign-in before anything.
	Closed bool
	// Admins are names of people who can give roles.
	Admins []string
}

func (f Facts) is(r Role) bool { return slices.Contains(f.Roles, r) }

// Object is what something is done to. The zero Object is the site as a whole.
type Object struct {
	Kind    string // "tree", "test" or ""
	Name    string
	Owned   bool     // by who asks
	Owners  []string // names of those who own it
	Readers string   // the only group that may read it; "" for everybody
}

// Readable tells whether somebody may read an object at all: where it is
// restricted to a group, its members, its owners and administrators may.
func Readable(who Facts, on Object) bool {
	if who.Closed && !who.SignedIn {
		return false
	}
	return on.Readers == "" || who.SignedIn && (slices.Contains(who.Groups, on.Readers) || on.Owned || who.is(Admin))
}

// Decide tells whether somebody may do something. why is for people: "" if they
// may, else which role is needed and who can give it.
func Decide(who Facts, action Action, on Object) (ok bool, why string) {
	line, known := lineOf(action)
	if !known {
		return false, fmt.Sprintf("Nobody may do this: %q is no action.", action)
	}
	if action == Open {
		return true, ""
	}
	if !Readable(who, on) {
		return false, refusal(who, line, on)
	}
	if !who.inScope(action) {
		return false, outOfScope(action)
	}
	if line.allows(who, on) {
		return true, ""
	}
	return false, refusal(who, line, on)
}

func lineOf(action Action) (Line, bool) {
	i := slices.IndexFunc(Table, func(l Line) bool { return l.Action == action })
	if i < 0 {
		return Line{}, false
	}
	return Table[i], true
}

func (l Line) allows(who Facts, on Object) bool {
	if l.cells[Anyone] == yes || who.SignedIn && l.cells[SignedIn] == yes {
		return true
	}
	if !who.SignedIn {
		return false
	}
	if l.ownersMay(on) && on.Owned {
		return true
	}
	return slices.ContainsFunc(who.Roles, func(r Role) bool { return r != Owner && l.cells[r] == yes })
}

// ownersMay tells whether owning such an object suffices.
func (l Line) ownersMay(on Object) bool {
	if l.cells[Owner] != own || on.Kind == "" {
		return false
	}
	return on.Kind == "test" || !slices.Contains(testsOnly, l.Action)
}

// Sufficient are the roles of which each suffices for an action, as words for
// people: "owner of the tree net-next", "operator".
func Sufficient(action Action, on Object) []string {
	line, known := lineOf(action)
	if !known {
		return nil
	}
	return line.sufficient(on)
}

func (l Line) sufficient(on Object) []string {
	var words []string
	if l.ownersMay(on) {
		words = append(words, fmt.Sprintf("owner of the %s %s", on.Kind, on.Name))
	}
	for _, r := range Given[1:] {
		if l.cells[r] == yes && l.cells[SignedIn] != yes {
			words = append(words, r.String())
		}
	}
	return words
}

// Needs says which roles suffice, for people.
func (l Line) Needs() string {
	switch {
	case l.cells[Anyone] == yes:
		return "nothing"
	case l.cells[SignedIn] == yes:
		return "to be signed in"
	}
	var words []string
	if l.cells[Owner] == own {
		words = append(words, Owner.String())
	}
	return either(append(words, l.sufficient(Object{})...))
}

// refusal says which role is needed, and who can give it.
func refusal(who Facts, l Line, on Object) string {
	if !who.SignedIn && (l.cells[SignedIn] == yes || who.Closed && l.cells[Anyone] == yes) {
		return "Sign in first."
	}
	if on.Readers != "" && !Readable(who, on) {
		return "There is no such " + on.Kind + " for you."
	}
	words := l.sufficient(on)
	text := "Needs the role " + either(words) + "."
	if !who.SignedIn {
		return "Sign in first. " + text
	}
	return text + " " + whomToAsk(who, l, on)
}

// whomToAsk names who can give a role that suffices.
func whomToAsk(who Facts, l Line, on Object) string {
	var ask []string
	if l.ownersMay(on) && len(on.Owners) > 0 {
		ask = append(ask, "an owner ("+names(on.Owners)+")")
	}
	admin := "an administrator"
	if len(who.Admins) > 0 {
		admin += " (" + names(who.Admins) + ")"
	}
	return "Ask " + either(append(ask, admin)) + "."
}

// namesShown bounds how many people one sentence names.
const namesShown = 3

func names(list []string) string {
	if len(list) > namesShown {
		return strings.Join(list[:namesShown], ", ") + " and others"
	}
	return strings.Join(list, ", ")
}

// either joins words with commas and a last "or".
func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
