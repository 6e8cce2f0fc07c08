package permission

import (
	"slices"
	"strings"
)

// Scope is what a token may be used for: never more than its person may do.
type Scope string

// ScopeLine is what one scope allows.
type ScopeLine struct {
	Scope   Scope
	Text    string // what it allows, for people
	Actions []Action
}

// Scopes are all of them. Each of them allows to read, too: whoever changes
// something looks at what came of it. None allows to keep tokens, so that a
// token makes no other that outlives it.
var Scopes = []ScopeLine{
	{"read", "Read what you may read", []Action{Read}},
	{"write", "Everything that you may do, but not administer", []Action{Read, Draft, Edit, Retry, Cancel, TestNow, Explain, Promote, Block, Waive, Operate}},
	{"run", "Test a revision, try again, cancel", []Action{Read, Retry, Cancel, TestNow}},
	{"edit", "Add trees and tests, and change their settings", []Action{Read, Draft, Edit}},
	{"triage", "Tie failures to issues, and say how much a test counts", []Action{Read, Explain, Promote, Block}},
	{"waive", "Waive gates", []Action{Read, Waive}},
	{"operate", "Work on queues, hosts and rules", []Action{Read, Operate}},
	{"admin", "Manage people, the banner and the audit", []Action{Read, Administer}},
}

// ScopeNamed finds a scope by its word.
func ScopeNamed(name string) (ScopeLine, bool) {
	i := slices.IndexFunc(Scopes, func(l ScopeLine) bool { return string(l.Scope) == name })
	if i < 0 {
		return ScopeLine{}, false
	}
	return Scopes[i], true
}

// inScope tells whether the scopes of who asks allow an action. Who asks
// without a token has no such bound.
func (f Facts) inScope(action Action) bool {
	return !f.Scoped || slices.ContainsFunc(f.Scopes, func(s Scope) bool {
		line, known := ScopeNamed(string(s))
		return known && slices.Contains(line.Actions, action)
	})
}

// outOfScope says which scopes a token would need.
func outOfScope(action Action) string {
	var words []string
	for _, l := range Scopes {
		if slices.Contains(l.Actions, action) {
			words = append(words, string(l.Scope))
		}
	}
	if len(words) == 0 {
		return "No token may do this: a person does it in a browser."
	}
	slices.SortFunc(words, strings.Compare)
	return "The token needs the scope " + either(words) + "."
}
