package permission

import (
	"slices"
	"strings"
	"testing"
)

// TestScopes: a token may do what its person may and a scope allows, no more.
func TestScopes(t *testing.T) {
	tree := Object{Kind: "tree", Name: "net-next", Owned: true}
	secret := Object{Kind: "tree", Name: "net-next", Readers: "lab"}
	for _, c := range []struct {
		name   string
		roles  []Role
		scopes string
		action Action
		on     Object
		why    string // "" if it may
	}{
		{"reads", nil, "read", Read, tree, ""},
		{"each scope reads", nil, "run", Read, tree, ""},
		{"an owner runs", nil, "run", TestNow, tree, ""},
		{"an owner writes", nil, "write", Edit, tree, ""},
		{"an owner does not write with a reading token", nil, "read", Edit, tree, "The token needs the scope edit or write."},
		{"two scopes", nil, "read edit", Edit, tree, ""},
		{"a scope gives no role", nil, "operate", Operate, Object{}, "Needs the role operator or admin."},
		{"an operator operates", []Role{Operator}, "operate", Operate, Object{}, ""},
		{"writing is not administering", []Role{Admin}, "write", Administer, Object{}, "The token needs the scope admin."},
		{"an administrator administers", []Role{Admin}, "admin", Administer, Object{}, ""},
		{"no token keeps tokens", []Role{Admin}, "admin write", Watch, Object{}, "No token may do this"},
		{"no scope", []Role{Admin}, "", Read, tree, "The token needs the scope"},
		{"a scope that is gone", []Role{Admin}, "root", Read, tree, "The token needs the scope"},
		{"a restricted tree stays one", nil, "write", Read, secret, "There is no such tree for you."},
		{"what everybody may", nil, "", Open, Object{}, ""},
	} {
		who := Facts{SignedIn: true, Roles: c.roles, Scoped: true}
		for _, s := range strings.Fields(c.scopes) {
			who.Scopes = append(who.Scopes, Scope(s))
		}
		ok, why := Decide(who, c.action, c.on)
		if ok != (c.why == "") || !strings.Contains(why, c.why) {
			t.Errorf("%s: %v %q, want %q", c.name, ok, why, c.why)
		}
	}
}

// TestEveryActionIsInAScope but those that are of a browser alone.
func TestEveryActionIsInAScope(t *testing.T) {
	for _, line := range Table {
		has := slices.ContainsFunc(Scopes, func(s ScopeLine) bool { return slices.Contains(s.Actions, line.Action) })
		if without := line.Action == Open || line.Action == Watch; has == without {
			t.Errorf("%q in a scope: %v", line.Action, has)
		}
	}
	for _, s := range Scopes {
		if !slices.Contains(s.Actions, Read) {
			t.Errorf("who has the scope %s cannot read", s.Scope)
		}
	}
}
