package server

import (
	"drover/models"
	"drover/rules/id"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// auditKinds are the kinds of objects in the audit.
var auditKinds = []ui.Option{
	{Value: "tree", Text: "Trees"}, {Value: "test", Text: "Tests"}, {Value: "checkout", Text: "Checkouts"}, {Value: "user", Text: "People"},
	{Value: "queue", Text: "Steps"}, {Value: "subscription", Text: "Mail"}, {Value: "site", Text: "The site"},
}

func auditPage(v *visit) error {
	l, err := v.auditList(route.Audit(), filter{name: "kind", label: "Object", options: auditKinds, many: true})
	if err != nil {
		return err
	}
	f := v.frame("Audit", l.self(), ui.Crumb{Text: "Administration", URL: route.Users()}, ui.Crumb{Text: "Audit"})
	f.Active = "admin"
	return v.showAudit(l, models.AuditFilter{Kind: l.choice("kind")}, page.Changes{Frame: f, Heading: "Administration", Tabs: adminTabs("audit"), Everything: true})
}

func treeLog(v *visit) error {
	o, err := v.ownedTree()
	if err != nil {
		return err
	}
	o.tabs = treeTabs(o.name, "log")
	return v.objectLog(o, route.TreeLog(o.name))
}

func testLog(v *visit) error {
	o, err := v.ownedTest()
	if err != nil {
		return err
	}
	o.tabs = testTabs(o.name, "log")
	return v.objectLog(o, route.TestLog(o.name))
}

// objectLog is who changed what of one object.
func (v *visit) objectLog(o owned, base route.URL) error {
	l, err := v.auditList(base)
	if err != nil {
		return err
	}
	p := page.Changes{
		Frame: v.frame(o.name+": changes", l.self(), o.section, ui.Crumb{Text: o.name, URL: o.base}, ui.Crumb{Text: "Changes"}), Heading: o.name + ": changes", Tabs: o.tabs,
	}
	p.Active = o.kind + "s"
	return v.showAudit(l, models.AuditFilter{Kind: models.Choice{Any: []string{o.kind}}, ObjectID: o.id}, p)
}

func (v *visit) auditList(base route.URL, more ...filter) (*listing, error) {
	filters := append([]filter{{name: "q", label: "What"}, {name: "who", label: "Who"}}, more...)
	return v.listing(base, nil, append(filters, timeFilters(true)...)...)
}

// showAudit draws a list of changes.
func (v *visit) showAudit(l *listing, f models.AuditFilter, p page.Changes) error {
	f.Text, f.Who = l.get("q"), l.get("who")
	f.From, f.To = l.window()
	lines, e, err := v.q.ListAudit(f, l.slice)
	if err != nil {
		return err
	}
	total, err := v.q.CountAudit(f)
	if err != nil {
		return err
	}
	first, last := outermost(lines, func(a models.AuditLine) models.Key { return models.Key{ID: a.ID} })
	l.show(len(lines), total, e, first, last)
	rows := make([]page.Change, len(lines))
	for i, a := range lines {
		rows[i] = page.Change{ID: a.ID, When: a.At, Who: a.Who, What: a.What, Kind: a.ObjectKind, Object: a.Object, Before: a.Before, After: a.After}
		rows[i].Object, rows[i].Page = auditObject(a)
		if !v.signedIn {
			rows[i].Before, rows[i].After = withoutAddresses(a.Before), withoutAddresses(a.After)
		}
	}
	p.Data, p.ListParts = rows, l.parts()
	return v.list(p, rows, rows, l)
}

// withoutAddresses is a text for visitors, who see no address whole.
func withoutAddresses(text string) string { return addresses.ReplaceAllStringFunc(text, masked) }

// auditObject names what was changed, and leads to it if it has a page.
func auditObject(a models.AuditLine) (string, route.URL) {
	switch {
	case a.ObjectKind == models.KindTree && a.Object != "":
		return a.Object, route.Tree(a.Object)
	case a.ObjectKind == models.KindTest && a.Object != "":
		return a.Object, route.Test(a.Object)
	case a.ObjectKind == "user" && a.Object != "":
		return a.Object, route.User(a.ObjectID)
	case a.ObjectKind == "checkout":
		return a.ObjectID.String(), route.Checkout(a.ObjectID)
	case a.ObjectID == id.ID(0):
		return a.Object, ""
	}
	return a.ObjectID.String(), ""
}
