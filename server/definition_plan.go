package server

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"drover/formats/strictyaml"
	"drover/models"
	"drover/rules/definition"
	"drover/rules/permission"
	"drover/rules/promotion"
	"drover/rules/status"
)

// applying is files on their way into what is stored.
type applying struct {
	*visit
	q        models.Query // of what the person may read: in a transaction that which it sees
	stored   definition.File
	trees    map[string]storedTree
	wanted   definition.File
	forms    map[string]treeForm // of the trees that are wanted
	plan     definition.Plan
	problems strictyaml.Problems
}

// readStored reads all that files can say, as this person may read it.
func (a *applying) readStored() error {
	var err error
	if a.stored, err = a.q.AllDefinitions(); err != nil {
		return err
	}
	all, err := a.q.Trees()
	if err != nil {
		return err
	}
	a.trees = map[string]storedTree{}
	for _, t := range all {
		one, sayable, err := readTree(a.q, t)
		if err != nil {
			return err
		}
		a.trees[t.Name] = one
		if sayable {
			a.stored.Trees = append(a.stored.Trees, definition.Tree{File: one.file()})
		}
	}
	return nil
}

// judge makes the plan of files and looks at every change of it: what is wrong
// is in problems, an error is what the person may not do.
func (a *applying) judge(files definition.File) error {
	if err := a.readStored(); err != nil {
		return err
	}
	a.wanted = files.Over(a.stored)
	a.wholeTrees()
	a.plan = definition.Compare(a.stored, a.wanted)
	a.problems = append(a.problems, a.wanted.UnknownSets(slices.Concat(a.stored.SetNames(), a.wanted.SetNames()))...)
	a.circle()
	a.unknownTrees()
	for _, c := range a.plan.Changes {
		if len(a.problems) >= strictyaml.Most {
			return nil
		}
		if err := a.judgeChange(c); err != nil {
			return err
		}
	}
	return nil
}

// add says what is wrong at a place of a file.
func (a *applying) add(file string, at strictyaml.Place, text string) {
	a.problems = append(a.problems, strictyaml.Problem{File: file, Place: at, Message: text})
}

// circle looks for sets that include each other once those of the files stand
// beside those that are stored.
func (a *applying) circle() {
	all := slices.Clone(a.wanted.Sets)
	for _, s := range a.stored.Sets {
		if !slices.ContainsFunc(a.wanted.Sets, func(w definition.Set) bool { return w.Name == s.Name }) {
			all = append(all, s)
		}
	}
	if circle := definition.Cycle(all); circle != "" {
		first := strictyaml.Place{}
		file := ""
		for _, s := range a.wanted.Sets {
			if strings.Contains(", "+circle+",", ", "+s.Name+",") {
				first, file = s.Place, s.File
			}
		}
		a.add(file, first, "with the sets that are stored, sets include each other in a circle: "+circle)
	}
}

// unknownTrees looks for tests that name a tree which is neither stored nor in
// the files.
func (a *applying) unknownTrees() {
	have := map[string]bool{}
	for name := range a.trees {
		have[name] = true
	}
	for _, tree := range a.wanted.Trees {
		have[tree.Tree] = true
	}
	known := slices.Sorted(maps.Keys(have))
	for _, t := range a.wanted.Tests {
		for _, tree := range t.Trees {
			if !have[tree] && len(a.problems) < strictyaml.Most {
				a.add(t.File, t.Place("trees"), definition.UnknownName("tree", tree, known))
			}
		}
	}
}

func (a *applying) wholeTrees() {
	a.forms = map[string]treeForm{}
	for i, t := range a.wanted.Trees {
		before, known := a.trees[t.Tree]
		place := func(key string) strictyaml.Place {
			if at, said := t.Places[key]; said {
				return at
			}
			return t.Places[""]
		}
		whole, wanted, form, wrong := wholeTree(t.File, known)
		for _, key := range slices.Sorted(maps.Keys(wrong)) {
			a.add(t.In, place(key), wrong[key])
		}
		switch {
		case known && before.source.RemoteID == 0:
			a.add(t.In, place("tree"), "this tree has several sources, which a file cannot say")
		case known && t.URL != before.source.URL:
			a.add(t.In, place("url"), fmt.Sprintf("the address of a tree stays: it is %s. Pause this tree and add another one", before.source.URL))
		}
		a.wanted.Trees[i].File, a.forms[t.Tree] = whole, treeForm{wanted, form}
	}
}

func (a *applying) judgeChange(c definition.Change) error {
	switch c.Kind {
	case definition.KindTree:
		return a.judgeTree(c)
	case definition.KindSet:
		if c.New {
			return nil
		}
		return a.refusedFor("the set "+c.Name, a.may(permission.Edit, permission.Object{}))
	}
	return a.judgeTest(*a.wanted.ByName(c.Name), c)
}

// refusedFor says which of the objects somebody may not change.
func (a *applying) refusedFor(what string, err error) error {
	var f failure
	if !errors.As(err, &f) {
		return err
	}
	f.title, f.text = "Not allowed", what+": "+f.text
	return f
}

func (a *applying) judgeTree(c definition.Change) error {
	what := "the tree " + c.Name
	if !c.New {
		if err := a.may(permission.Edit, a.treeObject(a.trees[c.Name].Tree)); err != nil {
			return a.refusedFor(what, err)
		}
	}
	if slices.ContainsFunc(c.Differences, func(d definition.Difference) bool { return d.Key == "trusted" }) {
		return a.refusedFor(what, a.may(permission.Operate, permission.Object{}))
	}
	return nil
}

// judgeTest looks at what one text cannot be checked for.
func (a *applying) judgeTest(t definition.Test, c definition.Change) error {
	if err := a.judgeOwners(t, c); err != nil {
		return err
	}
	if c.New {
		return a.judgeNewTest(t)
	}
	return a.judgeKnownTest(t, c)
}

// judgeOwners refuses as an owner who was blocked from this site.
func (a *applying) judgeOwners(t definition.Test, c definition.Change) error {
	if !slices.ContainsFunc(c.Differences, func(d definition.Difference) bool { return d.Key == "owners" }) {
		return nil
	}
	for _, owner := range t.Owners {
		_, rest, _ := strings.Cut(owner, "<")
		address := strings.TrimSuffix(rest, ">")
		if address == "" {
			address = owner
		}
		blocked, err := a.q.BlockedAddress(address)
		if err != nil {
			return err
		}
		if blocked {
			a.add(t.File, t.Place("owners"), fmt.Sprintf("%s was blocked from this site: name somebody else", owner))
		}
	}
	return nil
}

func (a *applying) judgeNewTest(t definition.Test) error {
	if err := checkName(t.Name); err != nil {
		a.add(t.File, t.Place(""), err.Error())
	}
	_, err := a.q.TestByPath(t.Name)
	switch {
	case err == nil: // stored, and yet no definition
		a.add(t.File, t.Place(""), fmt.Sprintf("%s is a case of another test, which its output names", t.Name))
	case !errors.Is(err, models.ErrNotFound):
		return err
	}
	if t.State == status.TestTrial || t.State == status.TestOff {
		return nil
	}
	// It has proved nothing here.
	return a.refusedFor("the test "+t.Name+", "+string(t.State)+" at once", a.may(permission.Operate, permission.Object{}))
}

func (a *applying) judgeKnownTest(t definition.Test, c definition.Change) error {
	row, err := a.q.TestByPath(t.Name)
	if err != nil {
		return err
	}
	if err := a.refusedFor("the test "+t.Name, a.may(permission.Edit, a.testObject(row))); err != nil {
		return err
	}
	if t.Edition > 0 && t.Edition != row.Edition {
		text, err := a.staleEdition(t, row)
		if err != nil {
			return err
		}
		a.add(t.File, t.Place("edition"), text)
	}
	if !slices.ContainsFunc(c.Differences, func(d definition.Difference) bool { return d.Key == "state" || d.Key == "quarantine" }) {
		return nil
	}
	return a.judgeState(t, row)
}

// judgeState holds a change of how much a test counts to the rules of the page.
func (a *applying) judgeState(t definition.Test, row models.Test) error {
	if err := a.refusedFor("the state of "+t.Name, a.may(stateAction(t.State), a.testObject(row))); err != nil {
		return err
	}
	p, err := a.promotion(row)
	if err != nil {
		return err
	}
	move := promotion.Move{From: row.State, To: t.State, Conditions: p.Conditions, Issue: t.Quarantine.Issue, Until: t.Quarantine.Until, Now: a.now}
	if a.why(permission.Operate, permission.Object{}) == "" {
		move.Conditions = nil
	}
	if move.From == move.To { // another end of a quarantine
		move.From = status.TestReporting
	}
	if _, why := promotion.Refused(move); why != "" {
		a.add(t.File, t.Place("state"), why)
	}
	return nil
}

// editionsLooked bounds how far back an edition is looked for.
const editionsLooked = 1000

// staleEdition says what was changed since the edition that a file was written
// on.
func (a *applying) staleEdition(t definition.Test, row models.Test) (string, error) {
	text := fmt.Sprintf("the file was written on edition %d, and edition %d is stored", t.Edition, row.Edition)
	versions, err := a.q.TestVersions(row.ID, editionsLooked)
	if err != nil {
		return "", err
	}
	for _, v := range versions {
		if v.Number == row.Edition && v.Who != "" {
			text += ", by " + a.person(v.Who, "").Name
		}
	}
	if i := slices.IndexFunc(versions, func(v models.TestVersion) bool { return v.Number == t.Edition }); i >= 0 {
		f, err := definition.Read([]byte(versions[i].Definition))
		if err != nil || len(f.Tests) != 1 {
			return "", fmt.Errorf("read edition %d of %s: %w", t.Edition, t.Name, err)
		}
		for _, d := range definition.Differences(f.Tests[0], *a.stored.ByName(t.Name)) {
			text += fmt.Sprintf("; %s became %q, before %q", d.Key, d.After, d.Before)
		}
	}
	return text + ". Export it again, or leave `edition` out to put the file on top", nil
}

// changedMeanwhile refuses to apply another plan than the one that was seen.
func (a *applying) changedMeanwhile(seen string) error {
	if seen == "" || seen == a.plan.Base {
		return nil
	}
	f := failure{status: http.StatusConflict, title: "Changed meanwhile", text: "Somebody else changed what the files define since this plan was made. Nothing was applied; make the plan again and look at what is different."}
	for _, c := range a.plan.Changes[:min(len(a.plan.Changes), differencesTold)] {
		f.fields = append(f.fields, fieldOfChange(c))
	}
	return f
}
