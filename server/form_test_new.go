package server

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

var formatOptions = []ui.Option{
	{Value: string(recipe.KTAP), Text: "KTAP: kselftest, KUnit"}, {Value: string(recipe.TAP), Text: "TAP"},
	{Value: string(recipe.Exit), Text: "Only the exit status: 0 passes, 4 skips"},
}

func formatWord(format string) string {
	for _, o := range formatOptions {
		if o.Value == format {
			return o.Text
		}
	}
	return format
}

var testFields = []string{"name", "description", "trees", "command", "code", "format", "timeout", "each"}

func newTest(v *visit) error {
	return v.showNewTest(http.StatusOK, page.NewTestForm{Format: string(recipe.KTAP), Timeout: "10m"}, nil)
}

func (v *visit) showNewTest(status int, form page.NewTestForm, errs ui.Errors) error {
	list, err := v.q.Trees()
	if err != nil {
		return err
	}
	var options []ui.Option
	for _, t := range list {
		options = append(options, ui.Option{Value: t.Name, Text: t.Name})
	}
	f := v.frame("Add a test", route.NewTest(), ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: "Add a test"})
	f.Active = "tests"
	return v.html(status, page.NewTest{Frame: f, Values: form, Errors: errs, Trees: options, Formats: formatOptions, Why: v.why(permission.Draft, permission.Object{})})
}

// addTest stores a test in trial and ties it to the chosen trees.
func addTest(v *visit) error {
	w, err := v.body()
	if err != nil {
		return err
	}
	if err := v.unknownFields(w, testFields...); err != nil {
		return err
	}
	form := page.NewTestForm{
		Name: strings.TrimSpace(w.get("name")), Description: strings.TrimSpace(w.get("description")), Trees: w["trees"],
		Command: strings.ReplaceAll(w.lines("command"), "\r\n", "\n"), Code: strings.TrimSpace(w.lines("code")), Format: w.get("format"), Timeout: strings.TrimSpace(w.get("timeout")), Each: w.isSet("each"),
	}
	t, errs := testOf(&form)
	trees, err := v.treesNamed(form.Trees, &errs)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return v.refuseTest(form, errs)
	}
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		stored, err := tx.AddTest(t, trees)
		if err != nil {
			return err
		}
		if err := v.own(tx, models.KindTest, stored.ID); err != nil {
			return err
		}
		return v.record(tx, models.Audit{What: "added the test", ObjectKind: "test", ObjectID: stored.ID, After: string(stored.State)})
	})
	if errors.Is(err, models.ErrDuplicate) {
		return v.refuseTest(form, ui.Errors{{Field: "name", Text: fmt.Sprintf("a test is called %q already: choose another name", form.Name)}})
	}
	if err != nil {
		return err
	}
	self := route.Test(form.Name)
	if v.format == "json" {
		v.echo.Response().Header().Set("Location", string(self))
		return v.json(http.StatusCreated, map[string]any{"data": map[string]any{"test": form.Name, "state": t.State}, "links": v.linksOf(self)})
	}
	v.leaveNote("test")
	return v.redirect(http.StatusSeeOther, self)
}

func (v *visit) refuseTest(form page.NewTestForm, errs ui.Errors) error {
	if v.format == "json" {
		return failure{status: http.StatusUnprocessableEntity, title: "The test was not added", text: "Some fields need another value.", fields: errs}
	}
	return v.showNewTest(http.StatusUnprocessableEntity, form, errs)
}

// testOf checks what was typed and makes a test of it.
func testOf(form *page.NewTestForm) (models.Test, ui.Errors) {
	var errs ui.Errors
	bad := func(field, text string) { errs = append(errs, ui.FieldError{Field: field, Text: text}) }
	if err := checkName(form.Name); err != nil {
		bad("name", err.Error())
	}
	if form.Format == "" {
		form.Format = string(recipe.KTAP)
	}
	limit := recipe.DefaultTest
	if form.Timeout != "" {
		var err error
		if limit, err = time.ParseDuration(form.Timeout); err != nil {
			bad("timeout", "write a time such as 90s, 10m or 1h30m")
		}
	}
	if len(form.Description) > 500 {
		bad("description", "a description has at most 500 characters")
	}
	code := strings.Fields(form.Code)
	settings := recipe.TestSettings{Name: recipe.NameCommand, Command: form.Command, Format: recipe.Format(form.Format), Timeout: limit, Code: code}
	err := settings.Check()
	var problems recipe.Problems
	switch {
	case errors.As(err, &problems):
		for _, p := range problems {
			bad(p.Field, p.Message)
		}
	case err != nil:
		bad("command", err.Error())
	}
	if form.Each && recipe.Format(form.Format) == recipe.Exit {
		bad("format", "an exit status has no cases: choose KTAP or TAP, or one result for the whole test")
	}
	return models.Test{
		Path: form.Name, Description: form.Description, Command: form.Command, Code: strings.Join(code, "\n"), Recipe: recipe.NameCommand, Format: form.Format,
		EachCase: form.Each, TimeoutS: int64(limit.Seconds()), State: status.TestTrial,
	}, errs
}

// treesNamed finds the trees that a test is for.
func (v *visit) treesNamed(names []string, errs *ui.Errors) ([]id.ID, error) {
	list, err := v.q.Trees()
	if err != nil {
		return nil, err
	}
	byName := map[string]id.ID{}
	for _, t := range list {
		byName[t.Name] = t.ID
	}
	var ids []id.ID
	for _, name := range names {
		number, known := byName[name]
		if !known {
			*errs = append(*errs, ui.FieldError{Field: "trees", Text: fmt.Sprintf("no tree is called %q", name)})
			continue
		}
		ids = append(ids, number)
	}
	if len(names) == 0 {
		*errs = append(*errs, ui.FieldError{Field: "trees", Text: "choose at least one tree, or the test runs nowhere"})
	}
	return ids, nil
}
