package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"drover/formats/maintainers"
	"drover/models"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// people proposes who gets mail: those whom MAINTAINERS names for this tree.
// Before the step was left, its maintainers are ticked; a list must agree first.
func (w *treeWizard) people() page.WizardPeople {
	p := page.WizardPeople{Files: w.filesFound(), Has: w.files.value.Has}
	lines := models.Lines(w.form.Mail)
	first := !slices.Contains(w.form.Seen, page.StepPeople)
	offered := map[string]bool{}
	offer := func(line string, who maintainers.Person, tick bool) {
		if offered[strings.ToLower(line)] {
			return
		}
		offered[strings.ToLower(line)] = true
		p.Offers = append(p.Offers, ui.Option{Value: line, Text: cmp.Or(who.Name, who.Address), Help: offerHelp(who)})
		if slices.Contains(lines, line) || first && tick {
			p.Ticked = append(p.Ticked, line)
		}
	}
	for _, s := range w.files.value.Sections {
		p.Sections = append(p.Sections, page.SectionFact{Title: s.Title, Line: s.Line, Files: s.Files})
		for _, who := range s.People {
			offer(who.Address, who, !strings.HasPrefix(who.Role, "reviewer"))
		}
	}
	for _, s := range w.files.value.Sections {
		for _, who := range s.Lists {
			offer("list "+who.Address, who, false)
			p.HasLists = true
		}
	}
	var more []string
	for _, line := range lines {
		if !offered[strings.ToLower(line)] {
			more = append(more, line)
		}
	}
	p.More = strings.Join(more, "\n")
	return p
}

func offerHelp(who maintainers.Person) string {
	role, section, _ := strings.Cut(who.Role, ":")
	text := role
	if section != "" {
		text += " of " + section
	}
	if who.Name != "" {
		text = who.Address + " · " + text
	}
	return text
}

// builds offers what can be built, with what that costs here.
func (w *treeWizard) builds() (page.WizardBuilds, error) {
	b := page.WizardBuilds{Presets: presetOptions(), Arches: archOptions(), Compilers: compilerOptions, Files: w.filesFound()}
	if w.files.known {
		b.Files.Facts = w.buildFacts()
	}
	var err error
	b.Cost, err = w.cost()
	return b, err
}

// costRuns is how many builds the usual time of one is told from.
const costRuns = 200

// cost says what a checkout takes, by what builds took here.
func (w *treeWizard) cost() (string, error) {
	builds, _, err := buildsOf(w.form)
	if err != nil || len(builds) == 0 {
		return "", nil // what is wrong stands beside its field
	}
	times, err := w.q.BuildTimes(costRuns)
	if err != nil {
		return "", fmt.Errorf("read how long builds took: %w", err)
	}
	return costText(builds, times), nil
}

func costText(builds []models.TreeBuild, times []models.BuildTime) string {
	var sum time.Duration
	unknown := 0
	for _, b := range builds {
		var took []time.Duration
		for _, t := range times {
			if t.Arch == b.Arch && t.Config == b.Config {
				took = append(took, t.FinishedAt.Sub(t.StartedAt))
			}
		}
		if len(took) == 0 {
			unknown++
			continue
		}
		slices.Sort(took)
		sum += took[len(took)/2]
	}
	text := numberOf(len(builds), "build", "builds") + " for each checkout"
	switch {
	case unknown == len(builds):
		return text + ". How long they take is not known: nothing like them was built here yet."
	case unknown > 0:
		return text + fmt.Sprintf(", %s of building, by the newest builds here, and %d of which nothing is known yet.", ui.SecondsOf(sum), unknown)
	}
	return text + fmt.Sprintf(", %s of building, by the newest builds here.", ui.SecondsOf(sum))
}

func numberOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// testsOffered bounds the tests to choose from.
const testsOffered = 200

// tests offers the tests of this portal, with how long they usually take.
func (w *treeWizard) tests() (page.WizardTests, error) {
	t := page.WizardTests{Files: w.filesFound()}
	if w.files.known {
		t.Files.Facts = testFacts(w.files.value.Tree)
	}
	list, _, err := w.q.ListTests(models.TestFilter{}, models.Slice{Limit: testsOffered})
	if err != nil {
		return t, err
	}
	rows, err := w.testRows(list)
	if err != nil {
		return t, err
	}
	for i, one := range list {
		help := cmp.Or(one.Description, "no description") + " · " + string(one.State)
		if rows[i].Median > 0 {
			help += " · usually " + rows[i].Median.String()
		}
		t.Offers = append(t.Offers, ui.Option{Value: one.Path, Text: one.Path, Help: help})
	}
	t.Preview, err = w.preview(list, rows)
	return t, err
}

// review is what results, and what is wrong with it; more was found out when it
// was to start.
func (w *treeWizard) review(more ui.Errors) (page.WizardReview, error) {
	var r page.WizardReview
	for _, e := range append(w.mistakes(), more...) {
		r.Mistakes = append(r.Mistakes, ui.Link{Text: upperFirst(e.Text), URL: route.NewTreeStep(w.draft.ID, stepOf(e.Field))})
	}
	form := w.form
	wanted, _ := treeOf(&form)
	var builds []string
	for _, b := range wanted.Builds {
		builds = append(builds, strings.Join(strings.Fields(b.Arch+" "+b.Config+" "+b.Compiler), " "))
	}
	mail := strings.Join(models.Lines(form.Mail), ", ")
	r.Facts = []ui.Pair{
		{Name: "Name", Value: form.Name}, {Name: "Repository", Value: form.URL}, {Name: "Branches", Value: strings.Join(wanted.Branches, ", ")},
		{Name: "Tested of a push", Value: textOf(policyOptions, form.Policy)}, {Name: "Builds", Value: some(builds, 20)},
		{Name: "Tests", Value: cmp.Or(some(form.Tests, 20), "none yet")}, {Name: "Mail", Value: cmp.Or(mail, "to nobody")},
		{Name: "Trusted", Value: map[bool]string{true: "yes", false: "no: jobs run only where they can be isolated"}[form.Trusted]},
		{Name: "Changes of what is live", Value: "none: the tree is new"},
	}
	switch l := w.refs.row; {
	case !w.refs.asked, l.Waits():
		r.Warnings = append(r.Warnings, "The server has not answered yet.")
	case l.Error != "":
		problem, _ := refusal(l)
		r.Warnings = append(r.Warnings, problem+" The rehearsal begins when it answers.")
	case w.refs.value.Empty:
		r.Warnings = append(r.Warnings, "The repository is empty. The rehearsal begins with its first push.")
	}
	if w.files.known && !w.files.value.Tree.Linux && form.Builds != "recipe" {
		r.Warnings = append(r.Warnings, "This does not look like a Linux tree: it lacks "+w.files.value.Tree.Missing+". Builds other than an own recipe will fail.")
	}
	if mail == "" {
		r.Warnings = append(r.Warnings, "Nobody gets mail: results are on the pages alone.")
	}
	var err error
	r.Cost, err = w.cost()
	return r, err
}

func textOf(options []ui.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Text
		}
	}
	return value
}
