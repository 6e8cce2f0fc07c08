package server

import (
	"fmt"
	"net/http"
	"slices"

	"drover/models"
	"drover/rules/search"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const hitsOfKind = 10 // shown of one kind

// finding is what is found for one text on its way to a page.
type finding struct {
	*visit
	asked  search.Asked
	groups []page.HitGroup
	// named are the addresses of things that the text is the whole name of.
	named []route.URL
}

// searchAll looks for whatever a text names. One thing with that name, or one hit
// at all, opens at once; programs always get the hits.
func searchAll(v *visit) error {
	asked, problem := search.Read(v.query.Get("q"))
	if problem != nil && v.isBot() {
		return failure{status: http.StatusUnprocessableEntity, title: "Not searched", text: upperFirst(problem.Error()) + ".",
			fields: ui.Errors{{Field: "q", Text: problem.Error()}}}
	}
	f := &finding{visit: v, asked: asked}
	if asked.Text != "" && problem == nil {
		if err := f.look(); err != nil {
			return err
		}
	}
	if to, only := f.only(); only && !v.isBot() {
		return v.redirect(http.StatusSeeOther, to)
	}
	title := "Search"
	if asked.Text != "" {
		title = "“" + asked.Text + "” · Search"
	}
	p := page.Search{Frame: v.frame(title, route.Search(asked.Text), ui.Crumb{Text: "Search"}), Data: page.SearchData{Query: asked.Text, Groups: f.groups}}
	p.Query = asked.Text
	if problem != nil {
		p.Problem = upperFirst(problem.Error()) + "; this one was not looked for."
	}
	return v.object(p, p.Data, route.Search(asked.Text))
}

// look asks for names first, since they are exact, and then for words; when a
// name already says where to go, the words are not needed.
func (f *finding) look() error {
	for _, part := range []func() error{f.byID, f.byMarker, f.byCommit, f.byMessage, f.byTree, f.byPath} {
		if err := part(); err != nil {
			return err
		}
	}
	if _, only := f.only(); only && !f.isBot() {
		return nil
	}
	for _, part := range []func() error{f.trees, f.tests, f.hosts, f.checkouts} {
		if err := part(); err != nil {
			return err
		}
	}
	slices.SortStableFunc(f.groups, func(a, b page.HitGroup) int {
		return slices.Index(kindsInOrder, a.Kind) - slices.Index(kindsInOrder, b.Kind)
	})
	return nil
}

// kindsInOrder is how groups follow each other on the page.
var kindsInOrder = []string{"trees", "checkouts", "commits", "builds", "results", "tests", "jobs", "hosts", "mails"}

// only is where to go if there is no doubt: one thing has this name, or one
// thing was found at all.
func (f *finding) only() (route.URL, bool) {
	if len(f.named) > 0 {
		return f.named[0], len(f.named) == 1
	}
	if len(f.groups) == 1 && len(f.groups[0].Hits) == 1 && f.groups[0].Total <= 1 {
		return f.groups[0].Hits[0].URL, true
	}
	return "", false
}

// add puts a hit into its group, unless it is there already or the group is
// full. It counts: total is for what is found by words.
func (f *finding) add(kind string, h page.Hit) *page.HitGroup {
	i := slices.IndexFunc(f.groups, func(g page.HitGroup) bool { return g.Kind == kind })
	if i < 0 {
		i = len(f.groups)
		f.groups = append(f.groups, page.HitGroup{Kind: kind, Exact: true})
	}
	g := &f.groups[i]
	if slices.ContainsFunc(g.Hits, func(other page.Hit) bool { return other.URL == h.URL && other.Name == h.Name }) {
		return g
	}
	if len(g.Hits) < hitsOfKind {
		h.Link = f.absolute(h.URL)
		g.Hits = append(g.Hits, h)
	} else {
		g.Exact = false // lists are read to one more than is shown
	}
	g.Total++
	return g
}

// name is add for something that the text is the whole name of.
func (f *finding) name(kind string, h page.Hit) {
	f.add(kind, h)
	if !slices.Contains(f.named, h.URL) {
		f.named = append(f.named, h.URL)
	}
}

// counted says how many there are in all, and where they are listed.
func (f *finding) counted(g *page.HitGroup, total int, all route.URL) {
	if g == nil {
		return
	}
	g.Total, g.Exact = max(len(g.Hits), min(total, models.CountLimit)), total <= models.CountLimit
	if total > len(g.Hits) {
		g.All = all
	}
}

func (f *finding) trees() error {
	list, err := f.q.TreesLike(f.asked.Text, hitsOfKind+1)
	for _, t := range list {
		f.add("trees", page.Hit{Name: t.Name, Text: string(t.State), URL: route.Tree(t.Name)})
	}
	if len(list) > hitsOfKind {
		f.groups[len(f.groups)-1].All = route.With(route.Trees(), "q", f.asked.Text)
	}
	return err
}

func (f *finding) tests() error {
	filter := models.TestFilter{Text: f.asked.Text, Cases: true}
	list, ends, err := f.q.ListTests(filter, models.Slice{Limit: hitsOfKind})
	if err != nil || len(list) == 0 {
		return err
	}
	var g *page.HitGroup
	for _, t := range list {
		g = f.add("tests", testHit(t))
	}
	if !ends.Later {
		f.counted(g, len(list), "")
		return nil
	}
	total, err := f.q.CountTests(filter)
	f.counted(g, total, route.With(route.Tests(), "q", f.asked.Text, "include", "cases"))
	return err
}

func testHit(t models.Test) page.Hit {
	text := t.Description
	if t.ParentID != nil {
		text = "a case of a suite"
	}
	return page.Hit{Name: t.Path, Text: shortened(text, 120), URL: route.Test(t.Path)}
}

func (f *finding) hosts() error {
	list, err := f.q.HostsLike(f.asked.Text, hitsOfKind+1)
	for _, h := range list {
		f.add("hosts", page.Hit{Name: h.Host, Text: "its newest result: " + h.Test, When: h.PushedAt, URL: route.Result(h.ResultID), Code: true})
	}
	return err
}

func (f *finding) checkouts() error {
	filter := models.CheckoutFilter{Text: f.asked.Text}
	list, ends, err := f.q.ListCheckouts(filter, models.Slice{Limit: hitsOfKind})
	if err != nil || len(list) == 0 {
		return err
	}
	var g *page.HitGroup
	for _, c := range list {
		g = f.add("checkouts", checkoutHit(c))
	}
	if !ends.Later {
		f.counted(g, len(list), "")
		return nil
	}
	total, err := f.q.CountCheckouts(filter)
	f.counted(g, total, route.With(route.Checkouts(), "q", f.asked.Text))
	return err
}

func checkoutHit(c models.CheckoutLine) page.Hit {
	word := c.Verdict
	return page.Hit{Name: revisionOf(c).Name(), Text: fmt.Sprintf("%s %s: %s", c.Tree, c.Branch, shortened(c.Subject, 120)), When: c.PushedAt,
		URL: route.Checkout(c.ID), Verdict: &word, Code: true}
}

// shortened cuts a text for a line; the page behind it has it whole.
func shortened(s string, most int) string {
	letters := []rune(s)
	if len(letters) <= most {
		return s
	}
	return string(letters[:most-1]) + "…"
}
