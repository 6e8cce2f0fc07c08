package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// adminTabs are the pages of administrators.
func adminTabs(active string) []ui.Tab {
	return []ui.Tab{
		{Text: "People", URL: route.Users(), Active: active == "users"},
		{Text: "Tokens", URL: route.Tokens(), Active: active == "tokens"},
		{Text: "Webhooks", URL: route.Webhooks(), Active: active == "webhooks"},
		{Text: "Audit", URL: route.Audit(), Active: active == "audit"},
		{Text: "Banner", URL: route.Banner(), Active: active == "banner"},
		{Text: "Configuration", URL: route.Configuration(), Active: active == "settings"},
	}
}

func admin(v *visit) error { return v.redirect(http.StatusFound, route.Users()) }

// roleOptions are the roles that somebody can have everywhere.
var roleOptions = []ui.Option{
	{Value: "triager", Text: "Triager"}, {Value: "operator", Text: "Operator"}, {Value: "admin", Text: "Administrator"}, {Value: "gate-waiver", Text: "Gate-waiver"},
}

func users(v *visit) error {
	l, err := v.listing(route.Users(), nil, filter{name: "q", label: "Name or address"}, filter{name: "role", label: "Role", options: roleOptions})
	if err != nil {
		return err
	}
	f := models.UserFilter{Text: l.get("q"), Role: l.get("role")}
	lines, e, err := v.q.ListUsers(f, l.slice)
	if err != nil {
		return err
	}
	total, err := v.q.CountUsers(f)
	if err != nil {
		return err
	}
	first, last := outermost(lines, func(u models.UserLine) models.Key { return models.Key{Text: u.Name, ID: u.ID} })
	l.show(len(lines), total, e, first, last)
	rows := make([]page.UserRow, len(lines))
	for i, u := range lines {
		rows[i] = userRow(u.User, models.Lines(u.Roles))
	}
	p := page.Users{Frame: v.frame("People", l.self(), ui.Crumb{Text: "Administration"}), Tabs: adminTabs("users"), Data: rows, ListParts: l.parts()}
	p.Active = "admin"
	return v.list(p, rows, rows, l)
}

func userRow(u models.User, roles []string) page.UserRow {
	return page.UserRow{ID: u.ID, Name: u.Name, Email: u.Email, Roles: roles, Groups: u.Groups(), Since: u.CreatedAt, Seen: u.SeenAt, Blocked: u.BlockedAt != nil}
}

func (v *visit) namedUser() (models.User, error) {
	number, err := v.id("person")
	if err != nil {
		return models.User{}, err
	}
	u, err := v.q.User(number)
	return u, orMissing(err, "No such person", fmt.Sprintf("Nobody has the number %q.", v.names["id"]))
}

func userPage(v *visit) error {
	u, err := v.namedUser()
	if err != nil {
		return err
	}
	return v.showUser(u, http.StatusOK, nil)
}

// showUser draws one person with their roles.
func (v *visit) showUser(u models.User, status int, errs ui.Errors) error {
	grants, err := v.q.GrantsOf(u.ID)
	if err != nil {
		return err
	}
	identities, err := v.q.IdentitiesOf(u.ID)
	if err != nil {
		return err
	}
	data := page.UserData{UserRow: userRow(u, nil), Version: grantsVersion(grants)}
	for _, i := range identities {
		data.Identities = append(data.Identities, ui.Pair{Name: "At " + i.Issuer, Value: i.Subject})
	}
	for _, g := range grants {
		given := page.Given{Role: g.Role, By: g.GivenBy, Since: g.CreatedAt, Take: []string{"role", g.Role, "kind", g.ObjectKind, "object", g.ObjectID.String(), "version", data.Version}}
		if g.ObjectKind == "" {
			data.Roles = append(data.Roles, g.Role)
		} else if given.Object, given.Page, err = v.objectOf(g); err != nil {
			return err
		}
		data.Given = append(data.Given, given)
	}
	for _, group := range u.Groups() {
		for _, role := range v.Settings.GroupRoles[group] {
			data.FromGroups = append(data.FromGroups, ui.Pair{Name: role.String(), Value: group})
		}
	}
	if v.format == "json" && len(errs) > 0 {
		return failure{status: status, title: "Not saved", text: errs[0].Text, fields: errs}
	}
	f := v.frame(u.Name, route.User(u.ID), ui.Crumb{Text: "Administration", URL: route.Users()}, ui.Crumb{Text: u.Name})
	f.Active = "admin"
	p := page.User{Frame: f, Tabs: adminTabs("users"), Data: data, Errors: errs, Choices: roleOptions, Actions: []ui.Action{{
		Text: "Block", URL: route.Action(route.User(u.ID), "block"), Post: true, Danger: true, Confirm: "End all sessions and tokens of " + u.Name + " and let them sign in no more?",
	}}}
	if u.BlockedAt != nil {
		p.Actions[0] = ui.Action{Text: "Let in again", URL: route.Action(route.User(u.ID), "unblock"), Post: true}
	}
	if u.ID == v.by.user {
		p.Actions[0].Why = "This is you."
	}
	if v.format == "json" {
		return v.object(p, data, route.User(u.ID))
	}
	return v.html(status, p)
}

// objectOf names what a role is on.
func (v *visit) objectOf(g models.Grant) (string, route.URL, error) {
	if g.ObjectKind == models.KindTree {
		t, err := v.q.Tree(g.ObjectID)
		return t.Name, route.TreePeople(t.Name), err
	}
	t, err := v.q.Test(g.ObjectID)
	return t.Path, route.TestPeople(t.Path), err
}

func grantsVersion(grants []models.Grant) string {
	lines := make([]models.GrantLine, len(grants))
	for i, g := range grants {
		lines[i].Grant = g
	}
	return peopleVersion("", lines)
}

func userAction(v *visit) error {
	u, err := v.namedUser()
	if err != nil {
		return err
	}
	fields, err := v.fields("role", "kind", "object", "version")
	if err != nil {
		return err
	}
	switch v.names["verb"] {
	case "block", "unblock":
		return v.block(u, v.names["verb"] == "block")
	}
	grant := models.Grant{UserID: u.ID, Role: fields["role"], ObjectKind: fields["kind"], GivenBy: v.who()}
	if fields["object"] != "" && grant.ObjectKind != "" {
		if grant.ObjectID, err = id.Parse(fields["object"]); err != nil {
			return notFound("No such role", "It is a role on nothing.")
		}
	}
	if v.names["verb"] == "give" && (grant.ObjectKind != "" || !slices.ContainsFunc(roleOptions, func(o ui.Option) bool { return o.Value == grant.Role })) {
		return v.showUser(u, http.StatusUnprocessableEntity, ui.Errors{{Field: "role", Text: "Choose one of the roles."}})
	}
	if v.names["verb"] == "take" && u.ID == v.by.user && grant.Role == permission.Admin.String() {
		return v.showUser(u, http.StatusConflict, ui.Errors{{Text: "Nobody takes the role admin from themselves: another administrator can."}})
	}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error { return v.setRole(tx, u, grant, fields["version"]) })
	switch {
	case errors.Is(err, models.ErrStale):
		return v.showUser(u, http.StatusConflict, stale)
	case errors.Is(err, models.ErrDuplicate):
		return v.showUser(u, http.StatusUnprocessableEntity, ui.Errors{{Field: "role", Text: u.Name + " has this role already."}})
	case err != nil:
		return orMissing(err, "No such role", u.Name+" does not have it.")
	}
	return v.done("people", route.User(u.ID))
}

// setRole gives somebody a role or takes it, unless the form is older than the
// last change.
func (v *visit) setRole(tx *models.Tx, u models.User, g models.Grant, version string) error {
	has, err := tx.GrantsOf(u.ID)
	if err != nil {
		return err
	}
	if version != "" && grantsVersion(has) != version {
		return models.ErrStale
	}
	var before, after []string
	for _, h := range has {
		if h.ObjectKind == g.ObjectKind && h.ObjectID == g.ObjectID {
			before = append(before, h.Role)
		}
	}
	entry := models.Audit{What: "gave the role " + g.Role, ObjectKind: "user", ObjectID: u.ID}
	if v.names["verb"] == "give" {
		if _, err := tx.Grant(g); err != nil {
			return err
		}
		after = append(slices.Clone(before), g.Role)
	} else {
		if err := tx.Revoke(g); err != nil {
			return err
		}
		entry.What = "took the role " + g.Role
		after = slices.DeleteFunc(slices.Clone(before), func(role string) bool { return role == g.Role })
	}
	entry.Before, entry.After = joined(before), joined(after)
	return v.record(tx, entry)
}

func joined(roles []string) string {
	if len(roles) == 0 {
		return "no role"
	}
	text := ""
	for i, r := range roles {
		if i > 0 {
			text += ", "
		}
		text += r
	}
	return text
}

// block ends the sessions and tokens of somebody and lets them in no more, or again.
func (v *visit) block(u models.User, blocked bool) error {
	if u.ID == v.by.user {
		return v.showUser(u, http.StatusConflict, ui.Errors{{Text: "Nobody blocks themselves."}})
	}
	words := map[bool]string{true: "blocked", false: "let in"}
	err := v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if err := tx.Block(u.ID, blocked); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: words[blocked], ObjectKind: "user", ObjectID: u.ID, Before: words[u.BlockedAt != nil], After: words[blocked]})
	})
	if err != nil {
		return err
	}
	return v.done("people", route.User(u.ID))
}

func configurationPage(v *visit) error {
	rows := make([]page.ConfigurationRow, len(v.Settings.Configuration))
	for i, s := range v.Settings.Configuration {
		rows[i] = page.ConfigurationRow(s)
	}
	f := v.frame("Configuration", route.Configuration(), ui.Crumb{Text: "Administration", URL: route.Users()}, ui.Crumb{Text: "Configuration"})
	f.Active = "admin"
	if v.format == "csv" {
		return v.csv(rows)
	}
	return v.object(page.Configuration{Frame: f, Tabs: adminTabs("settings"), Data: rows}, rows, route.Configuration())
}

func banner(v *visit) error {
	s, err := v.q.SiteSetting(bannerSetting)
	if err != nil {
		return err
	}
	b := readBanner(s)
	return v.showBanner(http.StatusOK, page.BannerData{Text: b.Text, Kind: b.Kind, Version: strconv.FormatInt(s.Version, 10)}, nil)
}

func (v *visit) showBanner(status int, data page.BannerData, errs ui.Errors) error {
	if v.format == "json" && len(errs) > 0 {
		return failure{status: status, title: "Not saved", text: errs[0].Text, fields: errs}
	}
	f := v.frame("Banner", route.Banner(), ui.Crumb{Text: "Administration", URL: route.Users()}, ui.Crumb{Text: "Banner"})
	f.Active = "admin"
	p := page.Banner{Frame: f, Tabs: adminTabs("banner"), Data: data, Errors: errs}
	if v.format == "json" {
		return v.object(p, data, route.Banner())
	}
	return v.html(status, p)
}

func saveBanner(v *visit) error {
	fields, err := v.fields("text", "kind", "version")
	if err != nil {
		return err
	}
	data := page.BannerData{Text: fields["text"], Kind: fields["kind"], Version: fields["version"]}
	if plain(data.Text) != data.Text {
		return v.showBanner(http.StatusUnprocessableEntity, data, ui.Errors{{Field: "text", Text: "A banner is one line of at most 200 letters."}})
	}
	if data.Kind != ui.Info && data.Kind != ui.Warn {
		return v.showBanner(http.StatusUnprocessableEntity, data, ui.Errors{{Field: "kind", Text: "Choose information or warning."}})
	}
	value, err := json.Marshal(bannerText{data.Text, data.Kind})
	if err != nil {
		return err
	}
	var now models.SiteSetting
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if now, err = tx.SiteSetting(bannerSetting); err != nil {
			return err
		}
		if data.Version != "" && data.Version != strconv.FormatInt(now.Version, 10) {
			return models.ErrStale
		}
		before := readBanner(now).Text
		now.Value = string(value)
		if err := tx.SetSiteSetting(now); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: "changed the banner", ObjectKind: "site", Before: before, After: data.Text})
	})
	if errors.Is(err, models.ErrStale) {
		data.Version = strconv.FormatInt(now.Version, 10)
		return v.showBanner(http.StatusConflict, data, ui.Errors{{Text: "Somebody else changed the banner since the page was drawn. It is now: " + quoted(readBanner(now).Text) + ". What you wrote is below."}})
	}
	if err != nil {
		return err
	}
	v.site.banner.forget()
	return v.done("banner", route.Banner())
}

func quoted(text string) string {
	if text == "" {
		return "empty"
	}
	return "“" + text + "”"
}
