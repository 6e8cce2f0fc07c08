package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"drover/models"
	"drover/rules/definition"
	"drover/rules/permission"
	"drover/rules/recipe"
	"drover/rules/targeting"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

var costOptions = []ui.Option{
	{Value: string(targeting.Normal), Text: "usual: its conditions decide"},
	{Value: string(targeting.High), Text: "high: only where a changed file asks for it"},
	{Value: string(targeting.Always), Text: "none: whatever changes, if its other conditions fit"},
}

var definitionFields = []string{"description", "owners", "command", "code", "format", "timeout", "cost", "host_type", "host_needs", "trees", "sets", "each", "edition"}

// testSettings shows the form of a test's definition.
func testSettings(v *visit) error {
	t, err := v.targeting()
	if err != nil || t == nil {
		return err
	}
	return v.showTestSettings(t, http.StatusOK, definitionForm(t), nil)
}

// definitionForm is what is saved, as the form shows it.
func definitionForm(t *targetingPage) page.DefinitionForm {
	d := t.saved
	return page.DefinitionForm{
		Description: d.Description, Owners: strings.Join(d.Owners, "\n"), Command: d.Command, Code: strings.Join(d.Code, "\n"), Format: string(d.Format),
		Timeout: definition.Duration(d.Timeout), Cost: string(d.Cost), HostType: d.HostType, HostNeeds: d.HostNeeds, Trees: d.Trees, Sets: d.Sets,
		EachCase: d.EachCase, Edition: t.test.Edition,
	}
}

func (v *visit) showTestSettings(t *targetingPage, status int, form page.DefinitionForm, errs ui.Errors) error {
	text, err := definition.File{Tests: []definition.Test{t.saved}}.YAML()
	if err != nil {
		return err
	}
	all, err := v.q.Trees()
	if err != nil {
		return err
	}
	sets, err := v.q.TestSets()
	if err != nil {
		return err
	}
	path := t.test.Path
	f := v.frame("Settings · "+path, route.TestSettings(path), ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: path, URL: route.Test(path)}, ui.Crumb{Text: "Settings"})
	f.Active = "tests"
	p := page.TestSettings{
		Frame: f, Test: path, Values: form, Errors: errs, Formats: formatOptions, Costs: costOptions, KUnit: t.saved.Recipe != recipe.NameCommand,
		Words: whenWords(t.saved.When), Text: text, Why: v.why(permission.Edit, v.testObject(t.test)),
	}
	for _, tree := range all {
		p.Trees = append(p.Trees, ui.Option{Value: tree.Name, Text: tree.Name})
	}
	for _, s := range sets {
		p.Sets = append(p.Sets, ui.Option{Value: s.Name, Text: s.Name, Help: s.Description})
	}
	if v.format == "json" {
		return v.object(p, form, route.TestSettings(path))
	}
	return v.html(status, p)
}

// saveTestSettings stores the form as the next edition.
func saveTestSettings(v *visit) error {
	t, err := v.targeting()
	if err != nil || t == nil {
		return err
	}
	w, err := v.body()
	if err != nil {
		return err
	}
	if err := v.unknownFields(w, definitionFields...); err != nil {
		return err
	}
	form := page.DefinitionForm{
		Description: strings.TrimSpace(w.get("description")), Owners: w.lines("owners"), Command: strings.ReplaceAll(w.lines("command"), "\r\n", "\n"), Code: w.lines("code"),
		Format: w.get("format"), Timeout: strings.TrimSpace(w.get("timeout")), Cost: w.get("cost"), HostType: strings.TrimSpace(w.get("host_type")),
		HostNeeds: strings.TrimSpace(w.lines("host_needs")), Trees: w["trees"], Sets: w["sets"], EachCase: w.isSet("each"),
	}
	if form.Edition, err = strconv.ParseInt(w.get("edition"), 10, 64); err != nil {
		form.Edition = models.AnyEdition
	}
	next, errs := changedDefinition(t, form)
	if len(errs) == 0 {
		err = v.Store.Tx(v.context(), func(tx *models.Tx) error { return v.putDefinition(tx, next, form.Edition) })
		var missing models.MissingName
		switch {
		case errors.As(err, &missing):
			errs = ui.Errors{{Field: missing.Kind + "s", Text: missing.Error()}}
		case errors.Is(err, models.ErrStale):
			form.Edition = t.test.Edition
			return v.refuseDefinition(t, http.StatusConflict, form, ui.Errors{{Text: staleTest}})
		case err != nil:
			return err
		}
	}
	if len(errs) > 0 {
		return v.refuseDefinition(t, http.StatusUnprocessableEntity, form, errs)
	}
	return v.done("test-saved", route.TestSettings(t.test.Path))
}

func (v *visit) refuseDefinition(t *targetingPage, status int, form page.DefinitionForm, errs ui.Errors) error {
	if v.format == "json" {
		return failure{status: status, title: "The definition was not taken", text: "Some fields need another value.", fields: errs}
	}
	return v.showTestSettings(t, status, form, errs)
}

// changedDefinition is the saved definition with what the form says. Trees that the
// person may not read stay as they are.
func changedDefinition(t *targetingPage, form page.DefinitionForm) (definition.Test, ui.Errors) {
	var errs ui.Errors
	d := t.saved
	d.Description, d.Owners, d.Code = form.Description, models.Lines(form.Owners), models.Lines(form.Code)
	d.Cost, d.HostType, d.HostNeeds, d.Trees, d.Sets = targeting.Cost(form.Cost), form.HostType, form.HostNeeds, form.Trees, form.Sets
	if d.Recipe == recipe.NameCommand {
		d.Command, d.Format, d.EachCase = form.Command, recipe.Format(form.Format), form.EachCase
	}
	limit, err := time.ParseDuration(form.Timeout)
	if err != nil {
		errs = append(errs, ui.FieldError{Field: "timeout", Text: "write a time such as 90s, 10m or 1h30m"})
	} else {
		d.Timeout = limit
	}
	for _, p := range d.Check() {
		if p.Key != "timeout" || err == nil {
			errs = append(errs, ui.FieldError{Field: p.Key, Text: p.Text})
		}
	}
	return d, errs
}

const versionsShown = 100

// testVersions lists the editions of a test, each with what it changed.
func testVersions(v *visit) error {
	t, err := v.targeting()
	if err != nil || t == nil {
		return err
	}
	stored, err := v.q.TestVersions(t.test.ID, versionsShown+1)
	if err != nil {
		return err
	}
	visible, err := v.q.Trees()
	if err != nil {
		return err
	}
	path := t.test.Path
	f := v.frame("Editions · "+path, route.TestVersions(path), ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: path, URL: route.Test(path)}, ui.Crumb{Text: "Editions"})
	f.Active = "tests"
	p := page.TestVersions{Frame: f, Test: path, Data: []page.TestVersion{}}
	for i, row := range stored[:min(len(stored), versionsShown)] {
		one := page.TestVersion{Number: row.Number, When: row.At, Who: v.person(row.Who, "").Name}
		now, err := v.readableEdition(row, visible)
		if err != nil {
			return err
		}
		if one.Definition, err = (definition.File{Tests: []definition.Test{now}}).YAML(); err != nil {
			return err
		}
		if i+1 < len(stored) {
			before, err := v.readableEdition(stored[i+1], visible)
			if err != nil {
				return err
			}
			one.Differences = definition.Differences(before, now)
		}
		p.Data = append(p.Data, one)
	}
	return v.object(p, p.Data, route.TestVersions(path))
}

// readableEdition is an edition without the names of trees, and addresses of
// people, that are not for this reader.
func (v *visit) readableEdition(row models.TestVersion, visible []models.Tree) (definition.Test, error) {
	f, err := definition.Read([]byte(row.Definition))
	if err != nil || len(f.Tests) != 1 {
		return definition.Test{}, fmt.Errorf("read edition %d: %w", row.Number, err)
	}
	d := f.Tests[0]
	d.Owners = v.owners(d.Owners)
	d.Trees = slices.DeleteFunc(d.Trees, func(name string) bool {
		return !slices.ContainsFunc(visible, func(t models.Tree) bool { return t.Name == name })
	})
	return d, nil
}
