package permission_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	. "drover/rules/permission"
)

// persona is somebody who may own what is asked for.
type persona struct {
	name  string
	facts Facts
	owns  bool
}

var (
	visitor = persona{name: "anyone"}
	reader  = persona{name: "signed in", facts: Facts{SignedIn: true}}
	owner   = persona{name: "owner", facts: Facts{SignedIn: true}, owns: true}
	triager = persona{name: "triager", facts: with(Triager)}
	oper    = persona{name: "operator", facts: with(Operator)}
	admin   = persona{name: "admin", facts: with(Admin)}
	waiver  = persona{name: "gate-waiver", facts: with(GateWaiver)}
	all     = []persona{visitor, reader, owner, triager, oper, admin, waiver}
)

func with(r Role) Facts { return Facts{SignedIn: true, Roles: []Role{r}} }

// TestMatrix is the table of permissions as people read it: who may do what,
// to a tree and to a test.
func TestMatrix(t *testing.T) {
	const everybody, signed = "anyone signed-in owner triager operator admin gate-waiver", "signed-in owner triager operator admin gate-waiver"
	for _, c := range []struct {
		action     Action
		tree, test string
	}{
		{Open, everybody, everybody},
		{Read, everybody, everybody},
		{Watch, signed, signed},
		{Draft, signed, signed},
		{Edit, "owner operator admin", "owner operator admin"},
		{Retry, "owner triager operator admin", "owner triager operator admin"},
		{Cancel, "owner operator admin", "owner operator admin"},
		{TestNow, "owner operator admin", "owner operator admin"},
		{Explain, "triager operator admin", "owner triager operator admin"},
		{Promote, "operator admin", "owner operator admin"},
		{Block, "operator admin", "operator admin"},
		{Waive, "admin gate-waiver", "admin gate-waiver"},
		{Operate, "operator admin", "operator admin"},
		{Administer, "admin", "admin"},
	} {
		for kind, want := range map[string]string{"tree": c.tree, "test": c.test} {
			var got []string
			for _, p := range all {
				ok, why := Decide(p.facts, c.action, Object{Kind: kind, Name: "x", Owned: p.owns})
				if ok != (why == "") {
					t.Errorf("%s, %s on a %s: %v, %q", p.name, c.action, kind, ok, why)
				}
				if ok {
					got = append(got, strings.ReplaceAll(p.name, " ", "-"))
				}
			}
			if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
				t.Errorf("%s on a %s (-want +got):\n%s", c.action, kind, diff)
			}
		}
	}
	if want := 14; len(Table) != want {
		t.Errorf("the table has %d lines, this test knows %d", len(Table), want)
	}
}

func TestWhy(t *testing.T) {
	known := func(f Facts) Facts { f.Admins = []string{"Ola", "Wen"}; return f }
	tree := Object{Kind: "tree", Name: "net-next", Owners: []string{"Milan"}}
	closed := Facts{Closed: true}
	for _, c := range []struct {
		name   string
		who    Facts
		action Action
		on     Object
		want   string
	}{
		{"a visitor who only has to sign in", Facts{}, Draft, Object{}, "Sign in first."},
		{"a visitor who needs more", Facts{}, Edit, tree, "Sign in first. Needs the role owner of the tree net-next, operator or admin."},
		{"a closed site", closed, Read, Object{}, "Sign in first."},
		{"a closed site, signed in", Facts{Closed: true, SignedIn: true}, Read, Object{}, ""},
		{"signing in to a closed site", closed, Open, Object{}, ""},
		{"somebody else's tree", known(Facts{SignedIn: true}), Edit, tree,
			"Needs the role owner of the tree net-next, operator or admin. Ask an owner (Milan) or an administrator (Ola, Wen)."},
		{"a tree of nobody", Facts{SignedIn: true}, Edit, Object{Kind: "tree", Name: "x"}, "Needs the role owner of the tree x, operator or admin. Ask an administrator."},
		{"an owner who asks for blocking", known(Facts{SignedIn: true}), Block, Object{Kind: "test", Name: "mm/slow", Owned: true, Owners: []string{"Tomás"}},
			"Needs the role operator or admin. Ask an administrator (Ola, Wen)."},
		{"the owner of a tree cannot promote a test", Facts{SignedIn: true}, Promote, Object{Kind: "tree", Name: "x", Owned: true}, "Needs the role operator or admin. Ask an administrator."},
		{"owning is nothing on the site as a whole", Facts{SignedIn: true, Roles: []Role{Owner}}, Edit, Object{Owned: true}, "Needs the role operator or admin. Ask an administrator."},
		{"many administrators", Facts{SignedIn: true, Admins: []string{"A", "B", "C", "D"}}, Administer, Object{}, "Needs the role admin. Ask an administrator (A, B, C and others)."},
		{"no such action", with(Admin), Action("rule"), Object{}, `Nobody may do this: "rule" is no action.`},
	} {
		if ok, why := Decide(c.who, c.action, c.on); why != c.want || ok != (c.want == "") {
			t.Errorf("%s: %v, %q, want %q", c.name, ok, why, c.want)
		}
	}
}

// TestRestricted: what only a group may read, nobody else may do anything to.
func TestRestricted(t *testing.T) {
	member := Facts{SignedIn: true, Groups: []string{"embargo"}}
	on := Object{Kind: "tree", Name: "fixes", Readers: "embargo"}
	owned := on
	owned.Owned = true
	for _, c := range []struct {
		name string
		who  Facts
		on   Object
		want bool
	}{
		{"a visitor", Facts{}, on, false},
		{"a visitor who says to be in the group", Facts{Groups: []string{"embargo"}}, on, false},
		{"signed in", Facts{SignedIn: true}, on, false},
		{"another group", Facts{SignedIn: true, Groups: []string{"embargoed"}}, on, false},
		{"triager", with(Triager), on, false},
		{"operator", with(Operator), on, false},
		{"member", member, on, true},
		{"owner", Facts{SignedIn: true}, owned, true},
		{"admin", with(Admin), on, true},
	} {
		if got := Readable(c.who, c.on); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		for _, line := range Table {
			ok, why := Decide(c.who, line.Action, c.on)
			if ok && !c.want && line.Action != Open {
				t.Errorf("%s may %s what they may not read", c.name, line.Action)
			}
			if !c.want && strings.Contains(why, "fixes") && c.who.SignedIn {
				t.Errorf("%s: %q names what they may not read", c.name, why)
			}
		}
	}
}

func TestRoleNames(t *testing.T) {
	for _, r := range Given {
		if got, ok := RoleNamed(r.String()); !ok || got != r {
			t.Errorf("%s comes back as %s, %v", r, got, ok)
		}
	}
	for _, name := range []string{"", "anyone", "signed in", "root"} {
		if _, ok := RoleNamed(name); ok {
			t.Errorf("%q is a role that can be given", name)
		}
	}
	if got := Sufficient(Block, Object{}); !cmp.Equal(got, []string{"operator", "admin"}) {
		t.Error(got)
	}
	if got := Sufficient("nothing", Object{}); got != nil {
		t.Error(got)
	}
}
