package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
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

var formatOptions = []ui.Option{
	{Value: string(recipe.KTAP), Text: "KTAP: kselftest, KUnit"}, {Value: string(recipe.TAP), Text: "TAP"},
	{Value: string(recipe.Exit), Text: "Only the exit status: 0 passes, 4 skips"},
}

func formatWord(format string) string { return textOf(formatOptions, format) }

var testFields = []string{"name", "description", "trees", "command", "code", "format", "timeout", "each"}

// addTest begins to add a test for a person. A program gives all of it at once,
// as a JSON object.
func addTest(v *visit) error {
	w, err := v.body()
	if err != nil {
		return err
	}
	if v.format != "json" {
		return v.startTest(w)
	}
	if err := v.unknownFields(w, testFields...); err != nil {
		return err
	}
	form := page.NewTestForm{
		Name: strings.TrimSpace(w.get("name")), Description: strings.TrimSpace(w.get("description")), Trees: w["trees"], What: whatCommand,
		Command: w.lines("command"), Code: strings.TrimSpace(w.lines("code")), Format: w.get("format"), Timeout: strings.TrimSpace(w.get("timeout")), Each: w.isSet("each"),
	}
	d, errs := definitionOf(form)
	if len(errs) == 0 {
		err = v.Store.Tx(v.context(), func(tx *models.Tx) error { return v.addDefinition(tx, d) })
		if refused, ok := refusedTest(d, err); ok {
			errs, err = refused, nil
		}
	}
	if len(errs) > 0 {
		return failure{status: http.StatusUnprocessableEntity, title: "The test was not added", text: "Some fields need another value.", fields: errs}
	}
	if err != nil {
		return err
	}
	self := route.Test(d.Name)
	v.echo.Response().Header().Set("Location", string(self))
	return v.json(http.StatusCreated, map[string]any{"data": map[string]any{"test": d.Name, "state": d.State}, "links": v.linksOf(self)})
}

// addDefinition stores a test that must not be there yet.
func (v *visit) addDefinition(tx *models.Tx, d definition.Test) error {
	if _, err := tx.TestByPath(d.Name); !errors.Is(err, models.ErrNotFound) {
		return cmp.Or(err, models.ErrDuplicate)
	}
	return v.putDefinition(tx, d, 0)
}

// refusedTest tells whether storing a test failed for what was typed.
func refusedTest(d definition.Test, err error) (ui.Errors, bool) {
	var missing models.MissingName
	switch {
	case errors.Is(err, models.ErrDuplicate):
		return ui.Errors{{Field: "name", Text: fmt.Sprintf("a test is called %q already: choose another name", d.Name)}}, true
	case errors.As(err, &missing):
		return ui.Errors{{Field: missing.Kind + "s", Text: missing.Error()}}, true
	}
	return nil, false
}

// fieldOfKey is the field of the forms for a key of a definition, where it has
// another name; conditions are told at their own fields.
var fieldOfKey = map[string]string{"": "name", "each_case": "format", "recipe": "what", "when": ""}

// definitionOf checks what was typed and makes a test of it, in trial.
func definitionOf(form page.NewTestForm) (definition.Test, ui.Errors) {
	var errs ui.Errors
	d := definition.Test{
		Name: form.Name, Description: form.Description, Owners: models.Lines(form.Owners), State: status.TestTrial, Sets: form.Sets, Trees: form.Trees,
		Cost: targeting.Cost(form.Cost), Code: strings.Fields(form.Code), Format: recipe.Format(cmp.Or(form.Format, string(recipe.KTAP))), EachCase: form.Each,
		Timeout: recipe.DefaultTest, HostType: form.HostType, HostNeeds: form.HostNeeds,
	}
	d.Recipe, d.Command = recipeOf(form)
	if form.Timeout != "" {
		limit, err := time.ParseDuration(form.Timeout)
		if err != nil {
			errs = append(errs, ui.FieldError{Field: "timeout", Text: "write a time such as 90s, 10m or 1h30m"})
		} else {
			d.Timeout = limit
		}
	}
	var wrong ui.Errors
	if d.When, wrong = readConditions(form.When); len(wrong) > 0 {
		errs = append(errs, wrong...)
	}
	if err := checkName(form.Name); err != nil {
		errs = append(errs, ui.FieldError{Field: "name", Text: err.Error()})
	}
	if len(form.Trees) == 0 {
		errs = append(errs, ui.FieldError{Field: "trees", Text: "choose at least one tree, or the test runs nowhere"})
	}
	for _, p := range d.Check() {
		field, other := fieldOfKey[p.Key]
		if !other {
			field = p.Key
		}
		if field != "" && (field != "name" || errs.Of(field) == "") {
			errs = append(errs, ui.FieldError{Field: field, Text: p.Text})
		}
	}
	return d, errs
}

// readConditions takes conditions from their form, with what is wrong at each
// field.
func readConditions(form page.TargetingForm) (targeting.Condition, ui.Errors) {
	if form.AsText {
		when, err := targeting.Parse(form.Text)
		return when, problemsOf("text", err)
	}
	when := conditionOf(form)
	var errs ui.Errors
	for _, k := range conditionKeys {
		errs = append(errs, problemsOf(k.name, k.only(when).Check())...)
	}
	return when, errs
}
