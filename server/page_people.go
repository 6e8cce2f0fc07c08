package server

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// owned is a tree or a test, as far as people have roles on it.
type owned struct {
	kind    string
	id      id.ID
	name    string
	tree    models.Tree // of a tree
	on      permission.Object
	base    route.URL // its own address
	people  route.URL
	tabs    []ui.Tab
	section ui.Crumb
}

func (v *visit) ownedTree() (owned, error) {
	t, err := v.namedTree()
	if err != nil {
		return owned{}, err
	}
	return owned{
		kind: models.KindTree, id: t.ID, name: t.Name, tree: t, on: v.treeObject(t), base: route.Tree(t.Name), people: route.TreePeople(t.Name),
		tabs: treeTabs(t.Name, "people"), section: ui.Crumb{Text: "Trees", URL: route.Trees()},
	}, nil
}

// ownedTest is the definition of the test in the path: cases belong to it.
func (v *visit) ownedTest() (owned, error) {
	t, err := v.namedTest()
	if err != nil {
		return owned{}, err
	}
	if t.ParentID != nil {
		if t, err = v.q.Test(*t.ParentID); err != nil {
			return owned{}, err
		}
	}
	return owned{
		kind: models.KindTest, id: t.ID, name: t.Path, on: v.testObject(t), base: route.Test(t.Path), people: route.TestPeople(t.Path),
		tabs: testTabs(t.Path, "people"), section: ui.Crumb{Text: "Tests", URL: route.Tests()},
	}, nil
}

// treeTabs are the views of a tree beside its page.
func treeTabs(name, active string) []ui.Tab {
	return []ui.Tab{
		{Text: "Settings", URL: route.TreeSettings(name), Active: active == "settings"},
		{Text: "People", URL: route.TreePeople(name), Active: active == "people"},
		{Text: "Webhooks", URL: route.TreeWebhooks(name), Active: active == "webhooks"},
		{Text: "Changes", URL: route.TreeLog(name), Active: active == "log"},
	}
}

func testTabs(path, active string) []ui.Tab {
	return []ui.Tab{
		{Text: "Test", URL: route.Test(path)},
		{Text: "People", URL: route.TestPeople(path), Active: active == "people"},
		{Text: "Changes", URL: route.TestLog(path), Active: active == "log"},
	}
}

func treePeople(v *visit) error {
	o, err := v.ownedTree()
	if err != nil {
		return err
	}
	return v.showPeople(o, http.StatusOK, page.PeopleForm{Readers: o.tree.Readers}, nil)
}

func testPeople(v *visit) error {
	o, err := v.ownedTest()
	if err != nil {
		return err
	}
	return v.showPeople(o, http.StatusOK, page.PeopleForm{}, nil)
}

const (
	rolesShown      = 500 // on one object
	peopleSuggested = 200
)

// showPeople draws the people of an object, with what was typed and what is
// wrong with it.
func (v *visit) showPeople(o owned, status int, form page.PeopleForm, errs ui.Errors) error {
	lines, err := v.q.GrantsOn(o.kind, o.id, rolesShown)
	if err != nil {
		return err
	}
	data := page.PeopleData{Kind: o.kind, Name: o.name, Readers: o.tree.Readers, Version: peopleVersion(o.tree.Readers, lines)}
	for _, g := range lines {
		who := v.person(g.Name, g.Email)
		data.Roles = append(data.Roles, page.RoleRow{
			User: g.UserID, Name: who.Name, Email: who.Email, Role: g.Role, By: g.GivenBy, Since: g.CreatedAt, Self: g.UserID == v.by.user, Blocked: g.Blocked,
		})
	}
	if v.format == "json" {
		if len(errs) > 0 {
			return failure{status: status, title: "Not saved", text: "Some fields need another value.", fields: errs}
		}
		return v.object(nil, data, o.people)
	}
	f := v.frame(o.name+": people", o.people, o.section, ui.Crumb{Text: o.name, URL: o.base}, ui.Crumb{Text: "People"})
	f.Active = o.kind + "s"
	p := page.People{Frame: f, Data: data, Tabs: o.tabs, Base: o.base, Why: v.why(permission.Edit, o.on), Errors: errs, Form: form}
	if p.Why == "" {
		users, err := v.q.Users(peopleSuggested)
		if err != nil {
			return err
		}
		for _, u := range users {
			if u.BlockedAt == nil {
				p.Suggest = append(p.Suggest, calledOf(u))
			}
		}
	}
	return v.html(status, p)
}

// calledOf is what somebody types to mean a person.
func calledOf(u models.User) string {
	if u.Email != "" {
		return u.Email
	}
	return u.Name
}

// peopleVersion changes with the roles on an object, and with who may read it:
// a form that was drawn before is stale.
func peopleVersion(readers string, lines []models.GrantLine) string {
	text := readers
	for _, g := range lines {
		text += "\x00" + g.ID.String()
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

// stale are the errors of a form that was drawn before somebody else's change.
var stale = ui.Errors{{Text: "Somebody else changed this since the page was drawn. It now shows what is there; look again, then send it once more."}}

// changePeople is what the forms of that page do.
func (v *visit) changePeople(o owned) error {
	fields, err := v.fields("version", "person", "hand", "user", "readers")
	if err != nil {
		return err
	}
	form := page.PeopleForm{Person: fields["person"], Handing: fields["hand"] != "", Readers: o.tree.Readers}
	verb := v.names["verb"]
	var who models.User
	switch verb {
	case "readers":
		form.Readers = fields["readers"]
		if plain(form.Readers) != form.Readers {
			return v.showPeople(o, http.StatusUnprocessableEntity, form, ui.Errors{{Field: "readers", Text: "A group is one line of text of at most 200 letters."}})
		}
	case "give":
		var problem string
		if who, problem, err = v.personCalled(fields["person"]); err != nil {
			return err
		}
		if problem != "" {
			return v.showPeople(o, http.StatusUnprocessableEntity, form, ui.Errors{{Field: "person", Text: problem}})
		}
	case "take":
		number, err := id.Parse(fields["user"])
		if err == nil {
			who, err = v.q.User(number)
		}
		if err != nil {
			return orMissing(err, "No such person", "This is nobody who has signed in here.")
		}
	}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if err := freshPeople(tx, o, fields["version"]); err != nil {
			return err
		}
		if verb == "readers" {
			return v.restrict(tx, o.tree, form.Readers)
		}
		return v.giveOrTake(tx, o, who, form.Handing)
	})
	switch {
	case errors.Is(err, models.ErrStale):
		return v.showPeople(o, http.StatusConflict, form, stale)
	case errors.Is(err, models.ErrDuplicate):
		return v.showPeople(o, http.StatusUnprocessableEntity, form, ui.Errors{{Field: "person", Text: who.Name + " is an owner already."}})
	case err != nil:
		return orMissing(err, "No such role", who.Name+" does not own this.")
	}
	return v.done("people", o.people)
}

// freshPeople refuses a form that was drawn before a change. Programs may
// leave the version out.
func freshPeople(tx *models.Tx, o owned, version string) error {
	if version == "" {
		return nil
	}
	lines, err := tx.GrantsOn(o.kind, o.id, rolesShown)
	if err != nil {
		return err
	}
	readers := ""
	if o.kind == models.KindTree {
		t, err := tx.Tree(o.id)
		if err != nil {
			return err
		}
		readers = t.Readers
	}
	if peopleVersion(readers, lines) != version {
		return models.ErrStale
	}
	return nil
}

func (v *visit) restrict(tx *models.Tx, t models.Tree, readers string) error {
	if err := tx.SetReaders(t, readers); err != nil {
		return err
	}
	name := func(group string) string {
		if group == "" {
			return "everybody"
		}
		return "group " + group
	}
	return v.record(tx, models.Audit{What: "changed who may read it", ObjectKind: models.KindTree, ObjectID: t.ID, Before: name(t.Readers), After: name(readers)})
}

// giveOrTake makes somebody an owner, or ends that; handing over is both.
func (v *visit) giveOrTake(tx *models.Tx, o owned, who models.User, handing bool) error {
	grant := models.Grant{UserID: who.ID, Role: permission.Owner.String(), ObjectKind: o.kind, ObjectID: o.id, GivenBy: v.who()}
	entry := models.Audit{ObjectKind: o.kind, ObjectID: o.id}
	if v.names["verb"] == "take" {
		entry.What, entry.Before = "took the role owner", who.Name
		return errors.Join(tx.Revoke(grant), v.record(tx, entry))
	}
	if _, err := tx.Grant(grant); err != nil {
		return err
	}
	entry.What, entry.After = "gave the role owner", who.Name
	if handing && v.by.user != 0 && v.by.user != who.ID {
		grant.UserID = v.by.user
		if err := tx.Revoke(grant); err != nil && !errors.Is(err, models.ErrNotFound) {
			return err
		}
		entry.What, entry.Before = "handed it over", v.who()
	}
	return v.record(tx, entry)
}

// personCalled finds the one person who is meant by a name or an address.
func (v *visit) personCalled(text string) (models.User, string, error) {
	if text == "" {
		return models.User{}, "Say who: an address or a name.", nil
	}
	found, err := v.q.UsersCalled(text)
	switch {
	case err != nil:
		return models.User{}, "", err
	case len(found) == 0:
		return models.User{}, fmt.Sprintf("Nobody who has signed in here is called %q. They have to sign in once before they can get a role.", text), nil
	case len(found) > 1:
		return models.User{}, fmt.Sprintf("%d people are called %q: give the address.", len(found), strings.TrimSpace(text)), nil
	}
	if found[0].BlockedAt != nil {
		return models.User{}, found[0].Name + " is blocked: an administrator lets them in again first.", nil
	}
	return found[0], "", nil
}
