package server

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"drover/models"
	"drover/rules/compare"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// pickable is how many checkouts of a branch the pickers offer.
const pickable = 50

// differs are the changes that are shown unless somebody asks for others.
var differs = []string{string(compare.New), string(compare.Fixed)}

var sideOptions = append(slices.Clone(statusOptions[2:]), ui.Option{Value: "none", Text: "not there"})

// comparePage gathers what the comparison of two checkouts shows.
type comparePage struct {
	*checkoutPage
	l    *listing
	a    *models.CheckoutLine // what is compared with, nil for nothing
	both comparedSides
	page page.CheckoutCompare
}

func checkoutCompare(v *visit) error {
	if target := v.picked(); target != "" {
		return v.redirect(http.StatusFound, target)
	}
	c, err := v.checkoutPage(func(i id.ID) route.URL { return route.CheckoutCompare(i, 0) }, "Compare")
	if err != nil {
		return err
	}
	p := comparePage{checkoutPage: c}
	if err := p.listing(); err != nil {
		return err
	}
	if err := p.read(); err != nil {
		return fmt.Errorf("compare checkouts: %w", err)
	}
	return v.list(p.page, p.page.Data, p.page.Data.Rows, p.l)
}

// picked says where a request leads that names the two checkouts in another
// way: two rows that were ticked, the newer of which is B, or the pickers of
// the page itself. "" leads nowhere else.
func (v *visit) picked() route.URL {
	var ids []id.ID
	for _, text := range v.query["pick"] {
		if number, err := id.Parse(text); err == nil {
			ids = append(ids, number)
		}
	}
	if len(ids) == 1 {
		return route.CheckoutCompare(ids[0], 0)
	} else if len(ids) > 1 {
		return route.CheckoutCompare(slices.Max(ids), slices.Min(ids))
	}
	checkout, err := id.Parse(v.query.Get("checkout"))
	v.query.Del("checkout")
	if err != nil || checkout.String() == v.names["id"] {
		return ""
	}
	target := route.CheckoutCompare(checkout, 0)
	for _, name := range append([]string{"with"}, compareFilterNames...) {
		for _, value := range v.query[name] {
			target = route.With(target, name, value)
		}
	}
	return target
}

var compareFilterNames = []string{"q", "test", "arch", "config", "compiler", "include", "kind", "change", "a", "b", "sort", "limit"}

func (p *comparePage) listing() error {
	checkWith := func(text string) error {
		number, err := id.Parse(text)
		if err != nil {
			return err
		}
		return p.compareWith(number)
	}
	checkChange := func(text string) error {
		if text != "all" && !compare.Change(text).Known() {
			return fmt.Errorf("%q is not a change", text)
		}
		return nil
	}
	l, err := p.visit.listing(route.CheckoutCompare(p.row.ID, 0), []string{"change", "test"},
		filter{name: "with", label: "With", hidden: true, quiet: true, check: checkWith},
		filter{name: "q", label: "Test"},
		filter{name: "test", label: "Test", hidden: true, check: checkTests},
		filter{name: "arch", label: "Arch", many: true},
		filter{name: "config", label: "Config", many: true},
		filter{name: "compiler", label: "Compiler", many: true, hidden: true},
		filter{name: "include", label: "Include", options: []ui.Option{{Value: "trial", Text: "trial"}}, hidden: true},
		filter{name: "kind", label: "Kind", options: []ui.Option{{Value: "build", Text: "builds"}, {Value: "test", Text: "tests"}}},
		filter{name: "change", label: "Change", many: true, hidden: true, check: checkChange},
		filter{name: "a", label: "Status in A", options: sideOptions, many: true},
		filter{name: "b", label: "Status in B", options: sideOptions, many: true})
	if err != nil {
		return err
	}
	if p.l = l; !l.has("change") {
		l.values["change"] = differs
	}
	return nil
}

// compareWith makes another checkout side A.
func (p *comparePage) compareWith(number id.ID) error {
	lines, err := p.q.CheckoutLines([]id.ID{number})
	if err != nil {
		return err
	}
	line, known := lines[number]
	if !known {
		return fmt.Errorf("no checkout is called %q", number)
	}
	p.a = &line
	return nil
}

func (p *comparePage) read() error {
	if p.a == nil {
		if other := cmp.Or(idOf(p.row.ComparedID), idOf(p.row.PreviousID)); other != 0 {
			if err := p.compareWith(other); err != nil {
				return err
			}
		}
	}
	b := models.CheckoutLine{Checkout: p.row, Tree: p.tree.Name}
	p.page.Data.B = sideOf(b)
	var err error
	if p.page.Choices, err = p.choices(b); err != nil {
		return err
	}
	if p.page.Shortcuts, err = p.shortcuts(); err != nil {
		return err
	}
	p.page.CheckoutFrame, p.page.Keep = p.frame, p.keep()
	if p.a == nil {
		p.l.show(0, 0, models.Ends{}, nil, nil)
		p.page.Nothing = ui.Empty{Text: "There is nothing to compare with yet.", Why: "This is the first checkout of its branch. Choose any other one above."}
		p.finish()
		return nil
	}
	side := sideOf(*p.a)
	p.page.Data.A = &side
	p.l.values["with"] = []string{p.a.ID.String()}
	if err := p.pairs(); err != nil {
		return err
	}
	p.finish()
	return p.readCommits()
}

// finish fills in what stands around the rows.
func (p *comparePage) finish() {
	p.page.ListParts = p.l.parts()
	p.page.Columns = page.CompareColumns{Change: p.l.column("Change", "change", false), Test: p.l.column("Test or build", "test", false)}
	p.page.Self = p.l.self()
	if p.a != nil {
		p.page.Title += " with " + notice.Short(p.a.SHA)
	}
	form := &p.page.Filters
	form.Clear = route.With(form.Clear, "change", "all")
	form.Chips = slices.DeleteFunc(form.Chips, func(c ui.Chip) bool { return c.Text == "change: all" })
	if len(p.l.values["change"]) == 1 {
		for i, chip := range form.Chips { // without any there would be the usual two
			if len(chip.Text) > 8 && chip.Text[:8] == "change: " {
				form.Chips[i].Remove = route.With(chip.Remove, "change", "all")
			}
		}
	}
	if slices.ContainsFunc(form.Chips, func(c ui.Chip) bool { return c.Text != "change: new" && c.Text != "change: fixed" }) {
		p.page.Unmatched = *form
	}
}

// keep are the filters that another pair of checkouts is looked at with.
func (p *comparePage) keep() []string {
	return p.l.pairs(func(name, _ string) bool { return name == "with" })
}

func idOf(pointer *id.ID) id.ID {
	if pointer == nil {
		return 0
	}
	return *pointer
}

func sideOf(c models.CheckoutLine) page.CompareSide {
	return page.CompareSide{Revision: revisionOf(c), Verdict: c.Verdict, VerdictText: c.VerdictText, Pushed: c.PushedAt}
}

// choices are the newest checkouts of the branch, and the two sides wherever
// they come from.
func (p *comparePage) choices(b models.CheckoutLine) ([]ui.Option, error) {
	lines, _, err := p.q.ListCheckouts(models.CheckoutFilter{
		Tree: p.row.TreeID, Branch: models.Choice{Any: []string{p.row.Branch}}, Lanes: []string{string(p.row.Lane)},
	}, models.Slice{Limit: pickable})
	if err != nil {
		return nil, err
	}
	lines = append(lines, b)
	if p.a != nil {
		lines = append(lines, *p.a)
	}
	slices.SortFunc(lines, func(x, y models.CheckoutLine) int { return cmp.Compare(y.ID, x.ID) })
	lines = slices.CompactFunc(lines, func(x, y models.CheckoutLine) bool { return x.ID == y.ID })
	options := make([]ui.Option, len(lines))
	for i, line := range lines {
		name := revisionOf(line).Name()
		if line.TreeID != p.row.TreeID || line.Branch != p.row.Branch {
			name = line.Tree + " " + line.Branch + " " + name
		}
		options[i] = ui.Option{Value: line.ID.String(), Text: name + ", " + line.PushedAt.UTC().Format("2 Jan 15:04") + ", " + line.Verdict.Word()}
	}
	return options, nil
}

// shortcuts lead to the usual things to compare with.
func (p *comparePage) shortcuts() ([]ui.Link, error) {
	near, err := p.q.NeighboursOf(p.row)
	if err != nil {
		return nil, err
	}
	var links []ui.Link
	add := func(text string, checkout, with id.ID) {
		if with != 0 && with != checkout {
			links = append(links, ui.Link{Text: text, URL: route.With(route.CheckoutCompare(checkout, with), p.keep()...)})
		}
	}
	add("Comparison checkout", p.row.ID, idOf(p.row.ComparedID))
	add("Previous", p.row.ID, idOf(p.row.PreviousID))
	add("Last finished", p.row.ID, near.Finished)
	add("Last good", p.row.ID, near.Good)
	add("Branch head", p.row.ID, near.Head)
	if p.a != nil {
		add("Swap A and B", p.a.ID, p.row.ID)
	}
	return links, nil
}

func (p *comparePage) readCommits() error {
	onlyA, onlyB, err := p.q.CommitsBetween(p.a.Checkout, p.row, commitRows)
	if err != nil {
		return fmt.Errorf("list commits: %w", err)
	}
	var ids []id.ID
	for _, c := range slices.Concat(onlyA.Commits, onlyB.Commits) {
		ids = append(ids, c.ID)
	}
	tested, err := p.q.CheckoutsOfCommits(p.row.TreeID, ids)
	p.page.Data.OnlyA, p.page.Data.OnlyB = commitRange(onlyA, tested), commitRange(onlyB, tested)
	return err
}

func commitRange(r models.Range, tested map[id.ID]id.ID) page.CommitRange {
	out := page.CommitRange{Total: r.Total}
	for _, c := range r.Commits {
		out.Rows = append(out.Rows, page.CommitRow{Commit: c.SHA, Subject: c.Subject, Author: c.Author, When: at(c.CommittedAt), Checkout: tested[c.ID]})
	}
	return out
}

// endsAs tells whether a side ended as a filter says.
func endsAs(choice models.Choice, s status.Status) bool {
	word := string(s)
	switch {
	case s == "":
		word = "none"
	case s == status.Cancelled:
		word = string(status.Miss)
	case !s.Final():
		word = "waiting"
	}
	return fits(choice, word)
}
