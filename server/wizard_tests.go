package server

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"drover/jobs"
	"drover/models"
	"drover/rules/definition"
	"drover/rules/permission"
	"drover/rules/recipe"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// testWizards are the drafts of tests.
var testWizards = wizardKind{
	draft: models.DraftTest, steps: page.TestSteps, first: route.NewTest(), at: route.NewTestStep,
	gone: "It was finished, thrown away, or left for too long. Begin again, or look whether the test is there.",
}

// testWizard is a draft of a test on its way through the steps.
type testWizard struct {
	*visit
	draft models.Draft
	form  page.NewTestForm
	trees []models.Tree // all that this person may read
	head  treeHead
	files lookedUp[jobs.FilesFound]
}

// treeHead is a branch whose files are looked at.
type treeHead struct{ tree, url, branch string }

func (h treeHead) key() string { return jobs.FilesKey(h.url, h.branch) }

// emptyTest is what a form begins with.
func (v *visit) emptyTest() page.NewTestForm {
	form := page.NewTestForm{What: whatCommand, Format: string(recipe.KTAP), Timeout: definition.Duration(recipe.DefaultTest)}
	if v.by.user != 0 {
		form.Owners = v.by.name
		if v.by.email != "" {
			form.Owners = fmt.Sprintf("%s <%s>", v.by.name, v.by.email)
		}
	}
	return form
}

// newTest is the first page: the trees, a pasted definition, or what was begun.
func newTest(v *visit) error { return v.beginTest(http.StatusOK, v.emptyTest(), "", nil) }

func (v *visit) beginTest(status int, form page.NewTestForm, yaml string, errs ui.Errors) error {
	w := testWizard{visit: v, form: form}
	var err error
	if w.trees, err = v.q.Trees(); err != nil {
		return err
	}
	p := w.page(page.StepWhere, errs)
	p.YAML = yaml
	if p.Drafts, err = v.begun(testWizards); err != nil {
		return err
	}
	return v.html(status, p)
}

// startTest makes a draft of some trees, or of a pasted definition.
func (v *visit) startTest(body values) error {
	form, step := v.emptyTest(), page.StepWhere
	form.Trees = body["trees"]
	if _, pasted := body["yaml"]; pasted {
		var errs ui.Errors
		if form, errs = formOfDefinition(body.lines("yaml")); len(errs) > 0 {
			return v.beginTest(http.StatusUnprocessableEntity, v.emptyTest(), body.lines("yaml"), errs)
		}
		form.Seen, step = testWizards.names(), page.StepReview
	}
	w := testWizard{visit: v, form: form, draft: models.Draft{Kind: models.DraftTest, Owner: v.who(), Step: step}}
	if err := w.readHead(); err != nil {
		return err
	}
	if errs := w.unknownTrees(); step == page.StepWhere && len(errs) > 0 {
		return v.beginTest(http.StatusUnprocessableEntity, form, "", errs)
	}
	err := v.Store.Tx(v.context(), func(tx *models.Tx) (err error) {
		if err := w.ask(tx); err != nil {
			return err
		}
		if w.draft.Typed, err = typed(form); err != nil {
			return err
		}
		w.draft, err = tx.AddDraft(w.draft)
		return err
	})
	if err != nil {
		return err
	}
	return v.redirect(http.StatusSeeOther, route.NewTestStep(w.draft.ID, step))
}

// readHead finds the head of the first chosen tree, and what is known of its
// files.
func (w *testWizard) readHead() (err error) {
	if w.trees, err = w.q.Trees(); err != nil {
		return err
	}
	w.head, w.files = treeHead{}, lookedUp[jobs.FilesFound]{}
	for _, t := range w.chosen() {
		sources, err := w.q.SourcesWithRemote(t.ID)
		if err != nil {
			return err
		}
		w.head.tree = cmp.Or(w.head.tree, t.Name)
		for _, s := range sources {
			if branch := cmp.Or(plainBranch(s.Branches), s.Head); branch != "" {
				w.head = treeHead{t.Name, s.URL, branch}
				return w.files.read(w.q, jobs.LookupFiles, w.head.key())
			}
		}
	}
	return nil
}

// chosen are the trees that are to run the test, in the order of their ticks.
func (w *testWizard) chosen() []models.Tree {
	var list []models.Tree
	for _, name := range w.form.Trees {
		if i := slices.IndexFunc(w.trees, func(t models.Tree) bool { return t.Name == name }); i >= 0 {
			list = append(list, w.trees[i])
		}
	}
	return list
}

// unknownTrees are chosen ones that are not there, or none at all.
func (w *testWizard) unknownTrees() ui.Errors {
	if len(w.form.Trees) == 0 {
		return ui.Errors{{Field: "trees", Text: "choose at least one tree, or the test runs nowhere"}}
	}
	var errs ui.Errors
	for _, name := range w.form.Trees {
		if !slices.ContainsFunc(w.trees, func(t models.Tree) bool { return t.Name == name }) {
			errs = append(errs, ui.FieldError{Field: "trees", Text: models.MissingName{Kind: "tree", Name: name}.Error()})
		}
	}
	return errs
}

// ask wants to know which tests the head brings along.
func (w *testWizard) ask(tx *models.Tx) error {
	if w.head.branch == "" {
		return nil
	}
	l, err := tx.Ask(jobs.LookupAnswer, jobs.LookupFiles, w.head.key(), jobs.FilesFresh)
	w.draft.LookupID = &l.ID
	return err
}

// testWizard reads the draft and the step of the path, and what is known by now.
func (v *visit) testWizard() (*testWizard, string, error) {
	w := &testWizard{visit: v}
	var step string
	var err error
	if w.draft, step, err = v.openDraft(testWizards, &w.form, page.StepPreview); err != nil {
		return nil, "", err
	}
	return w, step, w.readHead()
}

// testStep shows one step.
func testStep(v *visit) error {
	w, step, err := v.testWizard()
	if err != nil {
		return err
	}
	if step == page.StepPreview {
		return v.redirect(http.StatusSeeOther, route.NewTestStep(w.draft.ID, page.StepTargeting))
	}
	w.begin(step)
	return w.show(http.StatusOK, step, nil)
}

// page is what all steps have.
func (w *testWizard) page(step string, errs ui.Errors) page.TestWizard {
	self, title := route.NewTest(), "Add a test"
	if w.draft.ID != 0 {
		self = route.NewTestStep(w.draft.ID, step)
		title = fmt.Sprintf("%s: %s", cmp.Or(w.form.Name, "a new test"), strings.ToLower(testWizards.word(step)))
	}
	f := w.frame(title, self, ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: "Add a test"})
	f.Active = "tests"
	p := page.TestWizard{
		Frame: f, Draft: w.draft.ID, Step: step, Steps: testWizards.list(w.draft.ID, step, w.form.Seen, w.wrong()), Values: w.form, Errors: errs,
		Why: w.why(permission.Draft, permission.Object{}),
	}
	for _, t := range w.trees {
		p.Trees = append(p.Trees, ui.Option{Value: t.Name, Text: t.Name})
	}
	return p
}

// mistakes is all that keeps the draft from becoming a test.
func (w *testWizard) mistakes() ui.Errors {
	_, errs := definitionOf(w.form)
	if len(w.form.Trees) > 0 {
		errs = append(errs, w.unknownTrees()...)
	}
	return errs
}

func (w *testWizard) wrong() map[string]bool {
	wrong := map[string]bool{}
	for _, e := range w.mistakes() {
		wrong[stepOfTest(e.Field)] = true
	}
	return wrong
}

// stepOfTest is the step where a field stands.
func stepOfTest(field string) string {
	switch field {
	case "arches", "timeout", "host_type", "host_needs":
		return page.StepNeeds
	case "text", "paths", "not_paths", "maintainers", "configs", "subject":
		return page.StepTargeting
	case "owners", "description", "format", "sets":
		return page.StepOwner
	}
	return page.StepWhere
}

// saveTestStep keeps what was typed and goes on, or shows what is wrong with it.
func saveTestStep(v *visit) error {
	w, step, err := v.testWizard()
	if err != nil {
		return err
	}
	body, err := v.body()
	if err != nil {
		return err
	}
	switch {
	case body.isSet("discard"):
		return v.throwAway(testWizards, w.draft)
	case step == page.StepReview:
		return w.start()
	case step == page.StepPreview:
		w.take(page.StepTargeting, body)
		return w.showOrRefuse(page.StepTargeting)
	}
	w.take(step, body)
	return w.save(step)
}

// mistakesOf are those of one step.
func (w *testWizard) mistakesOf(step string) ui.Errors {
	return slices.DeleteFunc(w.mistakes(), func(e ui.FieldError) bool { return stepOfTest(e.Field) != step })
}

func (w *testWizard) showOrRefuse(step string) error {
	if errs := w.mistakesOf(step); len(errs) > 0 {
		return w.show(http.StatusUnprocessableEntity, step, errs)
	}
	return w.show(http.StatusOK, step, nil)
}

// save stores a step, wrong or not: nothing that was typed is lost.
func (w *testWizard) save(step string) error {
	if !slices.Contains(w.form.Seen, step) {
		w.form.Seen = append(w.form.Seen, step)
	}
	errs := w.mistakesOf(step)
	w.draft.Step = step
	if len(errs) == 0 {
		w.draft.Step = testWizards.after(step)
	}
	if err := w.readHead(); err != nil { // other trees may be ticked
		return err
	}
	err := w.Store.Tx(w.context(), func(tx *models.Tx) error {
		if step == page.StepWhere {
			if err := w.ask(tx); err != nil {
				return err
			}
		}
		return saveDraft(tx, w.draft, w.form)
	})
	if err != nil {
		return orMissing(err, "No such draft", draftEnded)
	}
	if len(errs) > 0 {
		return w.show(http.StatusUnprocessableEntity, step, errs)
	}
	return w.redirect(http.StatusSeeOther, route.NewTestStep(w.draft.ID, w.draft.Step))
}

// take reads the fields of a step.
func (w *testWizard) take(step string, body values) {
	f := &w.form
	switch step {
	case page.StepWhere:
		w.takeWhere(body)
	case page.StepNeeds:
		f.Timeout, f.HostType, f.HostNeeds = strings.TrimSpace(body.get("timeout")), strings.TrimSpace(body.get("host_type")), strings.TrimSpace(body.lines("host_needs"))
		if !f.When.AsText {
			f.When.Arches = body.lines("arches")
		}
	case page.StepTargeting:
		arches := f.When.Arches
		f.When = page.TargetingForm{AsText: body.get("as") == "text", Text: body.lines("text"), Tree: body.get("tree"), Last: body.get("last")}
		for _, k := range conditionKeys {
			*k.typed(&f.When) = strings.TrimSpace(body.lines(k.name))
		}
		f.When.Arches, f.When.Trees = arches, ""
	case page.StepOwner:
		f.Owners, f.Description, f.Format = strings.TrimSpace(body.lines("owners")), strings.TrimSpace(body.get("description")), body.get("format")
		f.Each, f.Sets = body.isSet("each"), body["sets"]
	}
}

// start stores the test, in trial, and ends the draft.
func (w *testWizard) start() error {
	d, _ := definitionOf(w.form)
	if len(w.mistakes()) > 0 {
		return w.show(http.StatusUnprocessableEntity, page.StepReview, nil)
	}
	err := w.Store.Tx(w.context(), func(tx *models.Tx) error {
		if err := w.addDefinition(tx, d); err != nil {
			return err
		}
		return tx.DropDraft(w.draft.ID)
	})
	if refused, ok := refusedTest(d, err); ok {
		return w.show(http.StatusUnprocessableEntity, page.StepReview, refused)
	}
	if err != nil {
		return err
	}
	w.leaveNote("test")
	return w.redirect(http.StatusSeeOther, route.Test(d.Name))
}
