package server

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/permission"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// refsFresh is how long the branches of a remote are good for a page.
const refsFresh = 2 * time.Minute

// treeWizards are the drafts of trees.
var treeWizards = wizardKind{
	draft: models.DraftTree, steps: page.TreeSteps, first: route.NewTree(), at: route.NewTreeStep,
	gone: "It was finished, thrown away, or left for too long. Begin again, or look whether the tree is there.",
}

// treeWizard is a draft of a tree on its way through the steps.
type treeWizard struct {
	*visit
	draft models.Draft
	form  page.NewTreeForm
	refs  lookedUp[jobs.RefsFound]
	files lookedUp[jobs.FilesFound]

	recent lookedUp[jobs.RecentFound]
}

// emptyTree is what a form begins with.
func emptyTree() page.NewTreeForm {
	return page.NewTreeForm{Policy: policyOptions[0].Value, Builds: presets[0].option.Value, Arches: []string{machineArch()}, Configs: "defconfig", Compilers: []string{"gcc"}}
}

// newTree is the first page: an address, a pasted configuration, or what was begun.
func newTree(v *visit) error { return v.beginTree(http.StatusOK, emptyTree(), "", nil) }

func (v *visit) beginTree(status int, form page.NewTreeForm, yaml string, errs ui.Errors) error {
	w := treeWizard{visit: v, form: form}
	p := w.page(page.StepSource, errs)
	p.YAML = yaml
	var err error
	if p.Drafts, err = v.begun(treeWizards); err != nil {
		return err
	}
	return v.html(status, p)
}

// startTree makes a draft of an address, or of a pasted configuration.
func (v *visit) startTree(body values) error {
	form, step := emptyTree(), page.StepSource
	form.URL = strings.TrimSpace(body.get("url"))
	if _, pasted := body["yaml"]; pasted {
		var err error
		if form, err = formOfYAML(body.lines("yaml")); err != nil {
			return v.beginTree(http.StatusUnprocessableEntity, emptyTree(), body.lines("yaml"), problemsOf("yaml", err))
		}
		form.Seen, step = treeWizards.names(), page.StepReview
	} else if err := checkURL(form.URL); err != nil {
		return v.beginTree(http.StatusUnprocessableEntity, form, "", ui.Errors{{Field: "url", Text: err.Error()}})
	}
	w := treeWizard{visit: v, form: form, draft: models.Draft{Kind: models.DraftTree, Owner: v.who(), Step: step}}
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
	return v.redirect(http.StatusSeeOther, route.NewTreeStep(w.draft.ID, step))
}

// ask wants to know the branches of the remote, once its address is one.
func (w *treeWizard) ask(tx *models.Tx) error {
	if checkURL(w.form.URL) != nil {
		return nil
	}
	l, err := tx.Ask(jobs.LookupAnswer, jobs.LookupRefs, w.form.URL, refsFresh)
	w.draft.LookupID = &l.ID
	return err
}

// wizard reads the draft and the step of the path, and what is known by now.
func (v *visit) wizard() (*treeWizard, string, error) {
	w := &treeWizard{visit: v}
	var step string
	var err error
	if w.draft, step, err = v.openDraft(treeWizards, &w.form, page.StepPreview); err != nil {
		return nil, "", err
	}
	if err := w.refs.read(v.q, jobs.LookupRefs, w.form.URL); err != nil {
		return nil, "", err
	}
	w.propose()
	key := jobs.FilesKey(w.form.URL, w.branch())
	if err := w.files.read(v.q, jobs.LookupFiles, key); err != nil {
		return nil, "", err
	}
	return w, step, w.recent.read(v.q, jobs.LookupRecent, key)
}

// propose fills in what the person has not chosen yet.
func (w *treeWizard) propose() {
	if w.form.Name == "" {
		w.form.Name = nameOf(w.form.URL)
	}
	if w.form.Branches == "" && w.refs.known {
		w.form.Branches = w.refs.value.Usual()
	}
}

// branch is the one whose files are looked at.
func (w *treeWizard) branch() string {
	plain := plainBranch(w.form.Branches)
	there := slices.ContainsFunc(w.refs.value.Branches, func(b jobs.BranchFound) bool { return b.Name == plain })
	if plain != "" && there {
		return plain
	}
	return cmp.Or(w.refs.value.Usual(), plain)
}

// treeStep shows one step.
func treeStep(v *visit) error {
	w, step, err := v.wizard()
	if err != nil {
		return err
	}
	if step == page.StepPreview {
		return v.redirect(http.StatusSeeOther, route.NewTreeStep(w.draft.ID, page.StepTests))
	}
	return w.show(http.StatusOK, step, nil)
}

func (w *treeWizard) show(status int, step string, errs ui.Errors) error {
	p := w.page(step, errs)
	p.Live = w.live(route.TopicOf(models.ChangeDraft, w.draft.ID))
	p.Refresh = w.refs.waits() || w.files.waits() || step == page.StepTests && w.recent.waits()
	var err error
	switch step {
	case page.StepSource:
		p.Source, err = w.source()
	case page.StepPeople:
		p.People = w.people()
	case page.StepBuilds:
		p.Builds, err = w.builds()
	case page.StepTests:
		p.Scripts = []string{"preview.js"}
		p.Tests, err = w.tests()
	case page.StepReview:
		p.YAML = w.file().String()
		p.Review, err = w.review(errs)
		p.Errors = nil // their fields are on other pages
	}
	if err != nil {
		return err
	}
	return w.html(status, p)
}

// page is what all steps have.
func (w *treeWizard) page(step string, errs ui.Errors) page.TreeWizard {
	self := route.NewTree()
	if w.draft.ID != 0 {
		self = route.NewTreeStep(w.draft.ID, step)
	}
	title := "Add a tree"
	if w.draft.ID != 0 {
		title = fmt.Sprintf("%s: %s", cmp.Or(w.form.Name, "a new tree"), strings.ToLower(treeWizards.word(step)))
	}
	f := w.frame(title, self, ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: "Add a tree"})
	f.Active = "trees"
	return page.TreeWizard{Frame: f, Draft: w.draft.ID, Step: step, Steps: treeWizards.list(w.draft.ID, step, w.form.Seen, w.wrong()), Values: w.form, Errors: errs, Why: w.why(permission.Draft, permission.Object{})}
}

// stepOf is the step where a field stands.
func stepOf(field string) string {
	switch field {
	case "mail", "agreed", "more":
		return page.StepPeople
	case "builds", "recipe", "arches", "configs", "compilers", "trusted":
		return page.StepBuilds
	case "tests":
		return page.StepTests
	}
	return page.StepSource
}

// wrong are the steps in which something is.
func (w *treeWizard) wrong() map[string]bool {
	wrong := map[string]bool{}
	if w.draft.ID != 0 {
		for _, e := range w.mistakes() {
			wrong[stepOf(e.Field)] = true
		}
	}
	return wrong
}

// mistakes is all that keeps the draft from becoming a tree.
func (w *treeWizard) mistakes() ui.Errors {
	form := w.form
	_, errs := treeOf(&form)
	if strings.Contains("\n"+strings.ToLower(w.form.Mail), "\nlist ") && !w.form.Agreed {
		errs = append(errs, ui.FieldError{Field: "agreed", Text: "a list gets reports only if it agreed to: tick that it did, or leave it out"})
	}
	if why := w.why(permission.Operate, permission.Object{}); w.form.Trusted && why != "" {
		errs = append(errs, ui.FieldError{Field: "trusted", Text: "leave this out, or ask: " + why})
	}
	return errs
}

// saveTreeStep keeps what was typed and goes on, or shows what is wrong with it.
func saveTreeStep(v *visit) error {
	w, step, err := v.wizard()
	if err != nil {
		return err
	}
	body, err := v.body()
	if err != nil {
		return err
	}
	switch {
	case body.isSet("discard"):
		return v.throwAway(treeWizards, w.draft)
	case step == page.StepReview:
		return w.start()
	case step == page.StepPreview:
		w.take(page.StepTests, body)
		return w.show(http.StatusOK, page.StepTests, nil)
	}
	return w.save(step, body)
}

// save stores a step, wrong or not: nothing that was typed is lost.
func (w *treeWizard) save(step string, body values) error {
	looks := step == page.StepSource && body.isSet("look")
	w.take(step, body)
	if !looks && !slices.Contains(w.form.Seen, step) {
		w.form.Seen = append(w.form.Seen, step)
	}
	next := route.NewTreeStep(w.draft.ID, step)
	w.draft.Step = step
	errs := slices.DeleteFunc(w.mistakes(), func(e ui.FieldError) bool { return stepOf(e.Field) != step || looks && e.Field != "url" })
	if len(errs) == 0 && !looks {
		w.draft.Step = treeWizards.after(step)
		next = route.NewTreeStep(w.draft.ID, w.draft.Step)
	}
	err := w.Store.Tx(w.context(), func(tx *models.Tx) (err error) {
		if err := w.askOn(tx, step, looks); err != nil {
			return err
		}
		return saveDraft(tx, w.draft, w.form)
	})
	if err != nil {
		return orMissing(err, "No such draft", draftEnded)
	}
	if len(errs) > 0 {
		return w.show(http.StatusUnprocessableEntity, step, errs)
	}
	return w.redirect(http.StatusSeeOther, next)
}

// askOn wants to know what the steps after this one show.
func (w *treeWizard) askOn(tx *models.Tx, step string, looks bool) error {
	if looks {
		return w.ask(tx)
	}
	kinds := map[string]string{page.StepSource: jobs.LookupFiles, page.StepPeople: jobs.LookupRecent, page.StepBuilds: jobs.LookupRecent}
	if kinds[step] == "" || w.branch() == "" {
		return nil
	}
	l, err := tx.Ask(jobs.LookupAnswer, kinds[step], jobs.FilesKey(w.form.URL, w.branch()), jobs.FilesFresh)
	if err == nil && (step != page.StepPeople || !w.files.waits()) { // the page of builds may still wait for the files
		w.draft.LookupID = &l.ID
	}
	return err
}

// take reads the fields of a step.
func (w *treeWizard) take(step string, body values) {
	f := &w.form
	switch {
	case step == page.StepSource && body.isSet("look"):
		if url := strings.TrimSpace(body.get("url")); url != f.URL {
			f.URL, f.Name, f.Branches, f.Seen = url, "", "", nil
			w.refs, w.files, w.recent = lookedUp[jobs.RefsFound]{}, lookedUp[jobs.FilesFound]{}, lookedUp[jobs.RecentFound]{}
		}
	case step == page.StepSource:
		f.Branches, f.Name, f.Policy = body.lines("branches"), strings.TrimSpace(body.get("name")), body.get("policy")
	case step == page.StepPeople:
		f.Mail, f.Agreed = strings.Join(append(models.Lines(body.lines("mail")), models.Lines(body.lines("more"))...), "\n"), body.isSet("agreed")
	case step == page.StepBuilds:
		f.Builds, f.Recipe, f.Trusted = body.get("builds"), body.lines("recipe"), body.isSet("trusted")
		f.Arches, f.Configs, f.Compilers = body["arches"], body.lines("configs"), body["compilers"]
	case step == page.StepTests:
		f.Tests = body["tests"]
	}
}

// start makes the tree, in rehearsal, and ends the draft.
func (w *treeWizard) start() error {
	form := w.form
	wanted, _ := treeOf(&form)
	if len(w.mistakes()) > 0 {
		return w.show(http.StatusUnprocessableEntity, page.StepReview, nil)
	}
	wanted.Tree.State = rehearsal
	err := w.Store.Tx(w.context(), func(tx *models.Tx) error {
		if err := w.storeTree(tx, form, wanted); err != nil {
			return err
		}
		return tx.DropDraft(w.draft.ID)
	})
	if taken, ok := refusedTree(form, err); ok {
		return w.show(http.StatusUnprocessableEntity, page.StepReview, taken)
	}
	if err != nil {
		return err
	}
	w.leaveNote("rehearsal")
	return w.redirect(http.StatusSeeOther, route.Tree(form.Name))
}
