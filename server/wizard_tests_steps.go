package server

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"drover/models"
	"drover/rules/definition"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/targeting"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// What a test may run: a command, all of KUnit, or what was found in a tree,
// which follows behind the word.
const (
	whatCommand   = "command"
	whatKUnit     = "kunit"
	whatSelftest  = "kselftest "
	whatSuite     = "kunit "
	selftestsPath = "tools/testing/selftests/"
)

// plainFolder is one that needs no quotes in a command, and is no option.
var plainFolder = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+/-]*$`)

// recipeOf is what runs.
func recipeOf(form page.NewTestForm) (name, command string) {
	if target, ok := strings.CutPrefix(form.What, whatSelftest); ok {
		return recipe.NameCommand, "make -C tools/testing/selftests TARGETS=" + target + " run_tests"
	}
	if folder, ok := strings.CutPrefix(form.What, whatSuite); ok {
		return recipe.NameCommand, "./tools/testing/kunit/kunit.py run --raw_output=kunit --kunitconfig=" + folder
	}
	if form.What == whatKUnit {
		return recipe.NameKUnitUM, ""
	}
	return recipe.NameCommand, strings.ReplaceAll(form.Command, "\r\n", "\n")
}

// takeWhere reads the first step. What was found brings along its name, its code
// and how its output is read, where nobody says otherwise.
func (w *testWizard) takeWhere(body values) {
	f, before := &w.form, proposed(w.form.What)
	f.Trees, f.What, f.Command = body["trees"], w.offered(body.get("what")), strings.TrimSpace(body.lines("command"))
	f.Name, f.Code = strings.TrimSpace(body.get("name")), strings.TrimSpace(body.lines("code"))
	after := proposed(f.What)
	if f.Name == "" || f.Name == before.Name {
		f.Name = after.Name
	}
	if f.Code == "" || f.Code == before.Code {
		f.Code = after.Code
	}
	if before.Format != after.Format || before.Each != after.Each {
		f.Format, f.Each = after.Format, after.Each
	}
}

// offered is what was chosen if it can be.
func (w *testWizard) offered(what string) string {
	for _, o := range w.offers() {
		if o.Value == what {
			return what
		}
	}
	return whatCommand
}

// proposed is what is so for what was found, unless somebody says otherwise.
func proposed(what string) page.NewTestForm {
	form := page.NewTestForm{Format: string(recipe.KTAP)}
	if target, ok := strings.CutPrefix(what, whatSelftest); ok {
		form.Name, form.Code = "kselftest/"+target, selftestsPath+target+"/"
	}
	if folder, ok := strings.CutPrefix(what, whatSuite); ok {
		form.Name, form.Code, form.Each = "kunit/"+folder, folder+"/", true
	}
	if what == whatKUnit {
		form.Each = true
	}
	return form
}

// offers are the ways to run something, with what was found in the tree.
func (w *testWizard) offers() []ui.Option {
	offers := []ui.Option{{Value: whatCommand, Text: "A command of your own"}, {Value: whatKUnit, Text: "KUnit: every suite of trees that are built for it"}}
	tree := w.files.value.Tree
	for _, target := range tree.Selftests {
		offers = append(offers, ui.Option{Value: whatSelftest + target, Text: "kselftest: " + target})
	}
	for _, folder := range tree.KUnit {
		if !plainFolder.MatchString(folder) {
			continue // it would say something else to a shell
		}
		offers = append(offers, ui.Option{Value: whatSuite + folder, Text: "KUnit suites of " + folder})
	}
	for _, o := range offers {
		if o.Value == w.form.What {
			return offers
		}
	}
	// It was found earlier, and chosen.
	return append(offers, ui.Option{Value: w.form.What, Text: w.form.What})
}

// begin fills in the conditions that a link of the step begins with.
func (w *testWizard) begin(step string) {
	from := w.query.Get("from")
	if step != page.StepTargeting || from == "" && w.query.Get("as") == "" {
		return
	}
	when := page.TargetingForm{Arches: w.form.When.Arches}
	switch from {
	case "code":
		when.Paths = strings.Join(w.codePaths(), "\n")
	case "section":
		for _, s := range w.files.value.Sections {
			if s.Title == w.query.Get("section") {
				when.Paths = strings.Join(s.Files, "\n")
			}
		}
	case "":
		d, _ := definitionOf(w.form)
		when = formOfCondition(d.When)
		when.AsText = true
	}
	w.form.When = when
}

// codePaths are patterns of the files that the test names as its own. A name
// without an ending may be a file or a folder.
func (w *testWizard) codePaths() []string {
	d, _ := definitionOf(w.form)
	var list []string
	for _, p := range d.Settings().FindCode().Paths {
		folder := slices.Contains(d.Code, p+"/")
		if folder || path.Ext(p) == "" {
			list = append(list, p+"/")
		}
		if !folder {
			list = append(list, p)
		}
	}
	return list
}

// sectionsOffered bounds the sections of MAINTAINERS to begin with.
const sectionsOffered = 5

// starts are the links that fill in the conditions.
func (w *testWizard) starts() []ui.Link {
	self := route.NewTestStep(w.draft.ID, page.StepTargeting)
	var links []ui.Link
	if len(w.codePaths()) > 0 {
		links = append(links, ui.Link{Text: "Files of this test", URL: route.With(self, "from", "code")})
	}
	for i, s := range w.files.value.Sections {
		if i < sectionsOffered && len(s.Files) > 0 {
			links = append(links, ui.Link{Text: "Files of " + s.Title, URL: route.With(self, "from", "section", "section", s.Title)})
		}
	}
	return append(links, ui.Link{Text: "Always", URL: route.With(self, "from", "always")})
}

func (w *testWizard) show(status int, step string, errs ui.Errors) error {
	p := w.page(step, errs)
	p.Live = w.live(route.TopicOf(models.ChangeDraft, w.draft.ID))
	p.Refresh = w.files.waits()
	var err error
	switch step {
	case page.StepWhere:
		p.Where = page.TestWhere{Tree: w.head.tree, Files: w.filesFound(), Offers: w.offers()}
	case page.StepNeeds:
		for _, o := range archOptions() {
			p.Arches = append(p.Arches, ui.Option{Value: o.Value, Text: o.Text})
		}
	case page.StepTargeting:
		p.Scripts = []string{"preview.js"}
		p.Starts = w.starts()
		p.When, err = w.conditions(len(errs) == 0)
		p.When.Errors = errs
	case page.StepOwner:
		p.Formats = formatOptions
		p.Sets, err = w.setOptions()
	case page.StepReview:
		p.Errors = nil // their fields are on other pages
		err = w.review(&p, errs)
	}
	if err != nil {
		return err
	}
	return w.html(status, p)
}

// filesFound is what was found in the head, and where.
func (w *testWizard) filesFound() page.WizardFiles {
	f := page.WizardFiles{Branch: w.head.branch, Asked: w.files.asked, Waits: w.files.waits(), Problem: w.files.row.Error}
	if w.files.known {
		f.Branch = w.head.tree + ", branch " + w.head.branch
		f.Facts = testFacts(w.files.value.Tree)
	}
	return f
}

func (w *testWizard) setOptions() ([]ui.Option, error) {
	sets, err := w.q.TestSets()
	var options []ui.Option
	for _, s := range sets {
		options = append(options, ui.Option{Value: s.Name, Text: s.Name, Help: s.Description})
	}
	return options, err
}

// conditions is the editor, with what the conditions would have done with the
// changes of the chosen trees, if they can be read.
func (w *testWizard) conditions(readable bool) (page.Targeting, error) {
	d, _ := definitionOf(w.form)
	t := &targetingPage{visit: w.visit, test: models.Test{Path: d.Name, TimeoutS: int64(d.Timeout / time.Second)}, form: w.form.When, trees: w.chosen()}
	p := page.Targeting{Values: w.form.When, Trees: t.treeOptions(), Lasts: previewLasts}
	self := route.NewTestStep(w.draft.ID, page.StepTargeting)
	if !w.form.When.AsText {
		p.Other = ui.Tab{Text: "Write them as YAML", URL: route.With(self, "as", "text")}
	}
	if !readable {
		d.When = targeting.Condition{}
	}
	t.saved = definition.Test{When: d.When, Cost: d.Cost} // there is nothing before it to compare with
	var err error
	p.Data, err = t.foresee(d.When)
	return p, err
}

// review is what results, and what is wrong with it; more was found out when it
// was to start.
func (w *testWizard) review(p *page.TestWizard, more ui.Errors) error {
	mistakes := append(w.mistakes(), more...)
	for _, e := range mistakes {
		p.Review.Mistakes = append(p.Review.Mistakes, ui.Link{Text: upperFirst(e.Text), URL: route.NewTestStep(w.draft.ID, stepOfTest(e.Field))})
	}
	d, _ := definitionOf(w.form)
	runs := cmp.Or(strings.ReplaceAll(d.Command, "\n", " ; "), "nothing yet")
	if d.Recipe == recipe.NameKUnitUM {
		runs = "every KUnit suite that the build has"
	}
	p.Review.Facts = []ui.Pair{
		{Name: "Name", Value: cmp.Or(d.Name, "none yet")}, {Name: "Runs", Value: runs}, {Name: "Trees", Value: strings.Join(d.Trees, ", ")}, {Name: "Chosen", Value: whenWords(d.When)},
		{Name: "Machine", Value: cmp.Or(d.HostType, "any")}, {Name: "Time limit", Value: definition.Duration(d.Timeout)},
		{Name: "Output", Value: formatWord(string(d.Format))}, {Name: "Looked after by", Value: cmp.Or(strings.Join(d.Owners, ", "), "nobody")},
	}
	if len(d.Owners) == 0 {
		p.Review.Warnings = append(p.Review.Warnings, "Nobody looks after it: a failure has no one to ask.")
	}
	var err error
	if p.YAML, err = (definition.File{Tests: []definition.Test{d}}).YAML(); err != nil || len(mistakes) > len(more) {
		return err
	}
	p.When, err = w.conditions(true)
	return err
}

// formOfDefinition is a form with all that a text says of one test.
func formOfDefinition(text string) (page.NewTestForm, ui.Errors) {
	f, err := definition.Read([]byte(text))
	if err != nil {
		return page.NewTestForm{}, problemsOf("yaml", err)
	}
	if len(f.Tests) != 1 || len(f.Sets) > 0 {
		return page.NewTestForm{}, ui.Errors{{Field: "yaml", Text: fmt.Sprintf("it defines %s and %s: give one test here, and apply a file of many", numberOf(len(f.Tests), "test", "tests"), numberOf(len(f.Sets), "set", "sets"))}}
	}
	d := f.Tests[0]
	if place, said := d.Places["state"]; said && d.State != status.TestTrial {
		return page.NewTestForm{}, ui.Errors{{Field: "yaml", Text: fmt.Sprintf("line %d: a test begins in trial: leave its state out", place.Line)}}
	}
	form := page.NewTestForm{
		Trees: d.Trees, What: whatCommand, Name: d.Name, Command: d.Command, Code: strings.Join(d.Code, " "), HostType: d.HostType, HostNeeds: d.HostNeeds,
		Timeout: definition.Duration(d.Timeout), When: formOfCondition(d.When), Owners: strings.Join(d.Owners, "\n"), Description: d.Description,
		Format: string(d.Format), Each: d.EachCase, Sets: d.Sets, Cost: string(d.Cost),
	}
	if d.Recipe == recipe.NameKUnitUM {
		form.What = whatKUnit
	}
	if form.When.Trees != "" { // the steps have no field for it
		form.When.AsText = true
	}
	return form, nil
}
