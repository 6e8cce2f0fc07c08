package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"drover/formats/strictyaml"
	"drover/models"
	"drover/rules/definition"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/rules/targeting"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	previewLast = 50 // changes that are looked at unless somebody asks for others
	aimedShown  = 3  // files of one change that are named
)

var previewLasts = []ui.Option{{Value: "50", Text: "the newest 50"}, {Value: "100", Text: "the newest 100"}, {Value: "200", Text: "the newest 200"}}

// targetingPage gathers what the editor of a test's conditions shows.
type targetingPage struct {
	*visit
	test  models.Test
	saved definition.Test
	form  page.TargetingForm
	trees []models.Tree // that run the test, those alone that may be read
	errs  ui.Errors
}

// testTargeting shows what chooses a test, and what that would have chosen.
func testTargeting(v *visit) error {
	t, err := v.targeting()
	if err != nil || t == nil {
		return err
	}
	t.form = formOfCondition(t.saved.When)
	if v.query.Get("as") == "text" {
		t.form.AsText = true
	}
	t.form.Tree, t.form.Last, t.form.Edition = v.query.Get("tree"), v.query.Get("last"), t.test.Edition
	return t.show(http.StatusOK, t.saved.When)
}

// targeting reads the test of the path; of a case it leads to its definition.
func (v *visit) targeting() (*targetingPage, error) {
	test, err := v.namedTest()
	if err != nil {
		return nil, err
	}
	if test.ParentID != nil {
		parent, err := v.q.Test(*test.ParentID)
		if err != nil {
			return nil, err
		}
		to := route.TestTargeting(parent.Path)
		if v.row.method == http.MethodGet {
			to = route.Test(parent.Path) + route.URL(strings.TrimPrefix(v.row.pattern, "/tests/{path...}"))
		}
		if v.format != "" {
			to = route.Format(to, v.format)
		}
		return nil, v.redirect(http.StatusSeeOther, to)
	}
	t := &targetingPage{visit: v, test: test}
	if t.saved, err = v.q.DefinitionOf(test); err != nil {
		return nil, err
	}
	t.saved.Owners = v.owners(t.saved.Owners)
	all, err := v.q.Trees()
	if err != nil {
		return nil, err
	}
	for _, tree := range all {
		if slices.Contains(t.saved.Trees, tree.Name) {
			t.trees = append(t.trees, tree)
		}
	}
	return t, nil
}

// show draws the page with what some conditions would have done.
func (t *targetingPage) show(status int, when targeting.Condition) error {
	data, err := t.foresee(when)
	if err != nil {
		return err
	}
	if t.format == "json" {
		return t.object(page.Targeting{Data: data}, data, route.TestTargeting(t.test.Path))
	}
	f := t.frame("Targeting · "+t.test.Path, route.TestTargeting(t.test.Path), ui.Crumb{Text: "Tests", URL: route.Tests()},
		ui.Crumb{Text: t.test.Path, URL: route.Test(t.test.Path)}, ui.Crumb{Text: "Targeting"})
	f.Active, f.Scripts = "tests", []string{"preview.js"}
	p := page.Targeting{
		Frame: f, Test: t.test.Path, Values: t.form, Errors: t.errs, Words: whenWords(t.saved.When), Data: data, Lasts: previewLasts,
		Trees: t.treeOptions(), Why: t.why(permission.Edit, t.testObject(t.test)), Other: t.other(when),
	}
	return t.html(status, p)
}

// whenWords is a condition as a sentence.
func whenWords(c targeting.Condition) string {
	words := c.String()
	if words == "always" {
		return "Runs on every change."
	}
	return "Runs if the change " + words + "."
}

func (t *targetingPage) treeOptions() []ui.Option {
	options := []ui.Option{{Value: "", Text: "all its trees"}}
	for _, tree := range t.trees {
		options = append(options, ui.Option{Value: tree.Name, Text: tree.Name})
	}
	return options
}

// other is the way to the other form of the editor, if these conditions have
// one.
func (t *targetingPage) other(when targeting.Condition) ui.Tab {
	self := route.TestTargeting(t.test.Path)
	switch {
	case !t.form.AsText:
		return ui.Tab{Text: "Edit the saved conditions as YAML", URL: route.With(self, "as", "text")}
	case isFlat(when):
		return ui.Tab{Text: "Edit the saved conditions in fields", URL: self}
	}
	return ui.Tab{}
}

// foresee looks at the changes of the past.
func (t *targetingPage) foresee(when targeting.Condition) (page.Foresight, error) {
	var data page.Foresight
	var trees []id.ID
	for _, tree := range t.trees {
		if t.form.Tree == "" || t.form.Tree == tree.Name {
			trees = append(trees, tree.ID)
		}
	}
	last, err := strconv.Atoi(t.form.Last)
	if err != nil || !slices.ContainsFunc(previewLasts, func(o ui.Option) bool { return o.Value == t.form.Last }) {
		last = previewLast
	}
	changes, cut, err := t.q.PastChanges(trees, last)
	if err != nil {
		return data, fmt.Errorf("read the changes of the past: %w", err)
	}
	builds, err := t.q.BuildsOfTrees(trees)
	if err != nil {
		return data, err
	}
	past := make([]targeting.Past, len(changes))
	for i, c := range changes {
		past[i] = pastOf(c, builds[c.TreeID])
	}
	before := targeting.Definition{Name: t.test.Path, When: t.saved.When, Cost: t.saved.Cost}
	after := before
	after.When = when
	sections, err := t.sections(&data, trees, before.When.NeedsSections() || when.NeedsSections())
	if err != nil {
		return data, err
	}
	foreseen, err := targeting.Foresee(before, after, past, sections)
	if err != nil {
		return data, fmt.Errorf("look at changes of the past: %w", err)
	}
	data.Cut = cut
	runs := 0
	for i, f := range foreseen {
		runs += f.Builds
		data.Changes = append(data.Changes, foreseenChange(changes[i], f))
		data.Runs += one(f.Runs)
		data.Ran += one(f.Ran)
		data.Newly += one(f.Runs && !f.Ran)
		data.NoLonger += one(f.Ran && !f.Runs)
	}
	return data, t.cost(&data, changes, runs)
}

// sections are those of MAINTAINERS in the newest checkout of the first tree.
// A preview that somebody asks for who is signed in has it read.
func (t *targetingPage) sections(data *page.Foresight, trees []id.ID, needed bool) (targeting.Sections, error) {
	if !needed || len(trees) == 0 {
		return nil, nil
	}
	key, err := t.newestMaintainers(trees[0])
	if err != nil {
		return nil, err
	}
	if data.Maintainers = page.MaintainersUnknown; key == "" {
		return nil, nil
	}
	if t.row.method == http.MethodPost && t.why(permission.Draft, permission.Object{}) == "" {
		if err := t.askMaintainers(key); err != nil {
			return nil, err
		}
	}
	known, err := t.maintainersOf(key)
	data.Maintainers = known.state
	return known.sections(), err
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// pastOf is a checkout as conditions see it.
func pastOf(c models.PastChange, builds []models.TreeBuild) targeting.Past {
	files := make([]targeting.File, len(c.Files))
	for i, f := range c.Files {
		files[i] = targeting.File{Path: f.Path, Old: f.OldPath, Kind: f.Kind}
	}
	p := targeting.Past{Change: targeting.Change{Files: targeting.OfFiles(files...), Trees: targeting.Only(c.Tree), Subjects: targeting.Only(c.Subject)}}
	for _, b := range builds {
		p.Builds = append(p.Builds, targeting.Build{Arch: b.Arch, Config: b.Config})
	}
	return p
}

func foreseenChange(c models.PastChange, f targeting.Foreseen) page.ForeseenChange {
	row := page.ForeseenChange{Revision: revisionOf(c.CheckoutLine), Pushed: c.PushedAt, Files: len(c.Files), Runs: f.Runs, Ran: f.Ran, Why: f.Choice.Reason}
	for _, number := range f.Files[:min(len(f.Files), aimedShown)] {
		row.Aimed = append(row.Aimed, c.Files[number].Path)
	}
	row.More = len(f.Files) - len(row.Aimed)
	if len(row.Aimed) == 0 && len(c.Files) > 0 {
		row.Other = c.Files[0].Path
	}
	return row
}

// cost says what the runs would take of machines, from how long the last ones
// took.
func (t *targetingPage) cost(data *page.Foresight, changes []models.PastChange, runs int) error {
	if len(changes) < 2 || runs == 0 {
		return nil
	}
	days := changes[0].PushedAt.Sub(changes[len(changes)-1].PushedAt).Hours() / 24
	if days <= 0 {
		return nil
	}
	known, err := t.q.RecentRuns([]id.ID{t.test.ID}, t.now.AddDate(0, 0, -healthDays), healthRuns)
	if err != nil {
		return err
	}
	var took []time.Duration
	for _, r := range known[t.test.ID] {
		took = append(took, time.Duration(r.DurationMS)*time.Millisecond)
	}
	each := percentile(took, 0.5)
	if data.AtMost = len(took) == 0; data.AtMost {
		each = ui.Seconds(t.test.TimeoutS)
	}
	data.PerDay = float64(runs) / days
	data.HoursADay = data.PerDay * float64(each) / 3600
	return nil
}

// previewTargeting shows what typed conditions would have done; it stores
// nothing.
func previewTargeting(v *visit) error {
	t, err := v.targeting()
	if err != nil || t == nil {
		return err
	}
	when, err := t.read()
	if err != nil {
		return err
	}
	if len(t.errs) > 0 {
		return t.refuse()
	}
	return t.show(http.StatusOK, when)
}

// saveTargeting stores typed conditions as the next edition of the test.
func saveTargeting(v *visit) error {
	t, err := v.targeting()
	if err != nil || t == nil {
		return err
	}
	when, err := t.read()
	if err != nil {
		return err
	}
	if len(t.errs) > 0 {
		return t.refuse()
	}
	next := t.saved
	next.When = when
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error { return v.putDefinition(tx, next, t.form.Edition) })
	if errors.Is(err, models.ErrStale) {
		t.errs = ui.Errors{{Text: staleTest}}
		t.form.Edition = t.test.Edition
		return t.refuse()
	}
	if err != nil {
		return err
	}
	return v.done("test-saved", route.TestTargeting(t.test.Path))
}

const staleTest = "somebody else changed this test since you opened the page: what you typed is still here. Look at its editions, then save again to put yours on top"

// refuse shows what was typed again, with what is wrong.
func (t *targetingPage) refuse() error {
	status := http.StatusUnprocessableEntity
	if len(t.errs) == 1 && t.errs[0].Text == staleTest {
		status = http.StatusConflict
	}
	if t.format == "json" {
		return failure{status: status, title: "The conditions were not taken", text: "Some fields need another value.", fields: t.errs}
	}
	return t.show(status, t.saved.When)
}

// read takes the conditions from the form; what is wrong with them is in errs.
func (t *targetingPage) read() (targeting.Condition, error) {
	w, err := t.body()
	if err != nil {
		return targeting.Condition{}, err
	}
	if err := t.unknownFields(w, targetingFields...); err != nil {
		return targeting.Condition{}, err
	}
	t.form = page.TargetingForm{
		AsText: w.get("as") != "fields", Text: w.lines("text"), Paths: w.lines("paths"), NotPaths: w.lines("not_paths"), Maintainers: w.lines("maintainers"),
		Trees: w.lines("trees"), Arches: w.lines("arches"), Configs: w.lines("configs"), Subject: strings.TrimSpace(w.get("subject")),
		Tree: w.get("tree"), Last: w.get("last"),
	}
	if t.form.Edition, err = strconv.ParseInt(w.get("edition"), 10, 64); err != nil {
		t.form.Edition = models.AnyEdition
	}
	var when targeting.Condition
	when, t.errs = readConditions(t.form)
	return when, nil
}

// problemsOf are the problems of a text as those of a field.
func problemsOf(field string, err error) ui.Errors {
	var errs ui.Errors
	var problems strictyaml.Problems
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			errs = append(errs, ui.FieldError{Field: field, Text: p.String()})
		}
	case err != nil:
		errs = ui.Errors{{Field: field, Text: err.Error()}}
	}
	return errs
}
