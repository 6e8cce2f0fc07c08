package server

import (
	"net/http"
	"slices"
	"strings"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/views/route"
)

// byVerb is the action of a route whose last part says what is done: verbs
// has the action of each.
const byVerb permission.Action = "by verb"

// verbs are what can be done to objects, by the pattern of their route. What
// is not here cannot be done.
var verbs = map[string]map[string]permission.Action{
	"/trees/{tree}/-/actions/{verb}": {
		"test": permission.TestNow, "look": permission.Retry, "replay": permission.Retry, "pause": permission.Edit, "resume": permission.Edit, "live": permission.Edit,
		"give": permission.Edit, "take": permission.Edit, "readers": permission.Edit,
	},
	"/checkouts/{id}/-/actions/{verb}": {"cancel": permission.Cancel, "replay": permission.Retry},
	"/builds/{id}/-/actions/{verb}":    {},
	"/results/{id}/-/actions/{verb}":   {},
	// Which states need more than to own the test is said by stateAction.
	"/tests/{path...}/-/actions/{verb}": {"state": permission.Promote, "give": permission.Edit, "take": permission.Edit},
	"/webhooks/{id}/-/actions/{verb}": {
		"test": permission.Edit, "pause": permission.Edit, "on": permission.Edit, "renew": permission.Edit, "change": permission.Edit, "delete": permission.Edit,
	},
	"/admin/users/{id}/-/actions/{verb}": {
		"give": permission.Administer, "take": permission.Administer, "block": permission.Administer, "unblock": permission.Administer,
	},
	"/admin/tokens/{id}/-/actions/{verb}": {"end": permission.Administer},
	"/queues/{queue}/-/actions/{verb}":    {"replay": permission.Operate},
	"/mail/{id}/-/actions/{verb}":         {},
}

// enter lets a request through to its handler if who asks may do what the
// route says. It is the only door: a handler asks again only where a field of
// its form decides.
func (v *visit) enter() error {
	action := v.row.action
	if action == permission.Open || action == permission.Read {
		return v.may(action, permission.Object{})
	}
	on, err := v.on()
	if action == byVerb {
		known := false
		if action, known = verbs[v.row.pattern][v.names["verb"]]; !known {
			if err := v.may(permission.Watch, permission.Object{}); err != nil {
				return err
			}
			return unknownAction(v)
		}
	}
	if refused := v.may(action, on); refused != nil && (err == nil || !v.signedIn) {
		return refused // who may do nothing is not told what there is
	}
	return err
}

// on is what the path of a request names, as far as people have roles on it.
func (v *visit) on() (permission.Object, error) {
	switch {
	case v.names["tree"] != "":
		t, err := v.namedTree()
		return v.treeObject(t), err
	case v.names["path"] != "":
		t, err := v.namedTest()
		return v.testObject(t), err
	case strings.HasPrefix(v.row.pattern, "/webhooks/{id}"):
		return v.onWebhook()
	case v.names["id"] != "" && v.row.action == byVerb:
		return v.onNumbered()
	}
	return permission.Object{}, nil
}

// onNumbered is the tree of what has a number in its path.
func (v *visit) onNumbered() (permission.Object, error) {
	if v.row.pattern != "/checkouts/{id}/-/actions/{verb}" {
		return permission.Object{}, nil // nothing can be done to the others yet
	}
	c, err := v.namedCheckout()
	if err != nil {
		return permission.Object{}, err
	}
	return v.treeOf(c)
}

// treeOf is the tree of a checkout, as permissions see it.
func (v *visit) treeOf(c models.Checkout) (permission.Object, error) {
	t, err := v.q.Tree(c.TreeID)
	return v.treeObject(t), err
}

func (v *visit) treeObject(t models.Tree) permission.Object {
	return permission.Object{Kind: models.KindTree, Name: t.Name, Readers: t.Readers, Owned: v.owns(models.KindTree, t.ID)}
}

// testObject is a test; its cases belong to its owner.
func (v *visit) testObject(t models.Test) permission.Object {
	owner := t.ID
	if t.ParentID != nil {
		owner = *t.ParentID
	}
	return permission.Object{Kind: models.KindTest, Name: t.Path, Owned: v.owns(models.KindTest, owner)}
}

// owns tells whether this person is an owner of an object.
func (v *visit) owns(kind string, object id.ID) bool {
	for _, g := range v.by.grants {
		if g.Role == permission.Owner.String() && g.ObjectKind == kind && g.ObjectID == object && object != 0 {
			return true
		}
	}
	return false
}

// why says why this person cannot do something; "" if they can. Controls are
// disabled with it.
func (v *visit) why(action permission.Action, on permission.Object) string {
	who := v.by.facts
	who.Closed = v.Settings.Closed
	ok, why := permission.Decide(who, action, on)
	switch {
	case ok:
		return ""
	case !v.signedIn && !v.canSignIn():
		return "Writes are off: " + v.whyReadOnly() + "."
	case !v.signedIn:
		return why
	}
	// Only who is refused is told whom to ask.
	who.Admins, on.Owners = v.askable(on)
	_, why = permission.Decide(who, action, on)
	return why
}

// askable names the administrators, and the owners of an object.
func (v *visit) askable(on permission.Object) (admins, owners []string) {
	if v.asked == nil {
		v.asked = map[string][]string{}
	}
	find := func(kind, name string, role permission.Role) []string {
		key := kind + " " + name
		if found, known := v.asked[key]; known {
			return found
		}
		var names []string
		for _, g := range v.grantsNamed(kind, name) {
			if g.Role == role.String() && !g.Blocked {
				names = append(names, g.Name)
			}
		}
		if role == permission.Admin {
			names = append(names, v.adminsByGroup()...)
			slices.Sort(names)
			names = slices.Compact(names)
		}
		v.asked[key] = names
		return names
	}
	return find("", "", permission.Admin), find(on.Kind, on.Name, permission.Owner)
}

// adminsByGroup names those who administer because of a group of theirs.
func (v *visit) adminsByGroup() (names []string) {
	for group, roles := range v.Settings.GroupRoles {
		if !slices.Contains(roles, permission.Admin) {
			continue
		}
		users, err := v.q.Members(group, 20)
		if err != nil {
			v.Log.ErrorContext(v.context(), "who administers is not known", "error", err.Error())
		}
		for _, u := range users {
			names = append(names, u.Name)
		}
	}
	return names
}

// grantsNamed are the roles on an object by its name. Without them nobody is
// named, which a page can do without.
func (v *visit) grantsNamed(kind, name string) []models.GrantLine {
	var object id.ID
	var err error
	switch kind {
	case models.KindTree:
		var t models.Tree
		t, err = v.q.TreeByName(name)
		object = t.ID
	case models.KindTest:
		var t models.Test
		t, err = v.q.TestByPath(name)
		object = t.ID
		if t.ParentID != nil {
			object = *t.ParentID
		}
	}
	var lines []models.GrantLine
	if err == nil {
		lines, err = v.q.GrantsOn(kind, object, 100)
	}
	if err != nil {
		v.Log.ErrorContext(v.context(), "who can give a role is not known", "error", err.Error())
	}
	return lines
}

// may is nil for somebody who may do something, else the refusal: it says
// which role is needed, and who can give it.
func (v *visit) may(action permission.Action, on permission.Object) error {
	why := v.why(action, on)
	if why == "" {
		return nil
	}
	f := failure{status: http.StatusForbidden, title: "Not allowed", text: why, needs: permission.Sufficient(action, on)}
	if v.signedIn || !v.canSignIn() {
		return f
	}
	back := route.Home()
	if v.row.method == http.MethodGet {
		back = local(v.request.URL.RequestURI())
	}
	f.next = link("Sign in", route.SignIn(back))
	switch {
	case v.isBot() || endsInFormat(v.request) || v.request.Header.Get("Authorization") != "":
		f.status, f.challenge = http.StatusUnauthorized, true
	case v.row.method == http.MethodGet:
		f.status, f.to = http.StatusSeeOther, route.SignIn(back)
	}
	return f
}
