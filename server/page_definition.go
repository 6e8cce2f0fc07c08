package server

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"drover/formats/strictyaml"
	"drover/models"
	"drover/rules/definition"
	"drover/rules/permission"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// Bounds of files that are sent here, in bytes: by a program, and in a browser,
// which shows the text again.
const (
	mostOfFiles = 16 << 20
	mostTyped   = 1 << 20
)

var definitionFileFields = []string{"text", "file", "names", "texts", "base"}

// definitions shows how to take all definitions out, and how to put files in.
func definitions(v *visit) error { return v.showDefinitions(http.StatusOK, page.Definitions{}) }

func (v *visit) showDefinitions(status int, p page.Definitions) error {
	counts, err := v.q.CountDefinitions()
	if err != nil {
		return err
	}
	p.Data = page.DefinitionCounts(counts)
	p.Frame = v.frame("Definitions as YAML", route.Definitions(), ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: "As YAML"})
	p.Site = strings.TrimSuffix(v.absolute(route.Home()), "/")
	p.Active, p.Why, p.SignedIn = "tests", v.why(permission.Draft, permission.Object{}), v.signedIn
	if v.format == "json" {
		return v.object(p, p.Data, route.Definitions())
	}
	return v.html(status, p)
}

// exportDefinitions sends all that files can say, as this person may read it.
// Who is not signed in is shown no address, and a file without them is none
// that can be applied.
func exportDefinitions(v *visit) error {
	if !v.signedIn {
		return v.may(permission.Watch, permission.Object{})
	}
	a := applying{visit: v, q: v.q}
	if err := a.readStored(); err != nil {
		return err
	}
	if v.query.Get("editions") != "1" {
		for i := range a.stored.Tests {
			a.stored.Tests[i].Edition = 0
		}
	}
	text, err := a.stored.YAML()
	if err != nil {
		return err
	}
	header := v.echo.Response().Header()
	header.Set("Content-Disposition", `attachment; filename="definitions.yaml"`)
	keepPrivate(header)
	return v.send(http.StatusOK, "application/yaml; charset=utf-8", []byte(text))
}

// readFiles reads what was sent: a text that was typed, files of a browser, or
// the named texts of a program. Problems are in the words of strictyaml.
func (v *visit) readFiles() (w values, typed string, files definition.File, problems, err error) {
	most := int64(mostTyped)
	if isJSON(v.request) {
		most = mostOfFiles
	}
	if w, err = v.bodyUpTo(most); err != nil {
		return w, "", files, nil, err
	}
	if err = v.unknownFields(w, definitionFileFields...); err != nil {
		return w, "", files, nil, err
	}
	names, texts := w["names"], w["texts"]
	if len(names) != len(texts) {
		return w, "", files, nil, failure{status: http.StatusUnprocessableEntity, title: "The files could not be read", text: "There are as many names as texts."}
	}
	if typed = strings.ReplaceAll(strings.Join(w["file"], "\n"), "\r\n", "\n"); typed == "" {
		typed = strings.ReplaceAll(w.lines("text"), "\r\n", "\n")
	}
	if strings.TrimSpace(typed) != "" {
		names, texts = append(slices.Clone(names), ""), append(slices.Clone(texts), typed)
	}
	if len(texts) == 0 {
		return w, typed, files, strictyaml.Problems{{Message: "give the text of a file"}}, nil
	}
	var parts []definition.Part
	var wrong strictyaml.Problems
	for i, text := range texts {
		f, err := definition.Read([]byte(text))
		var found strictyaml.Problems
		switch {
		case errors.As(err, &found):
			wrong = append(wrong, found.In(names[i])...)
		case err != nil:
			return w, typed, files, nil, err
		}
		parts = append(parts, definition.Part{Name: names[i], File: f})
	}
	if problems = wrong.Err(); problems == nil {
		files, problems = definition.Join(parts...)
	}
	return w, typed, files, problems, nil
}

// planDefinitions says what applying files would do; it stores nothing.
func planDefinitions(v *visit) error {
	_, typed, files, problems, err := v.readFiles()
	if err != nil {
		return err
	}
	a := applying{visit: v, q: v.q}
	if problems == nil {
		if err := a.judge(files); err != nil {
			return err
		}
		problems = a.problems.Err()
	}
	return a.answer(http.StatusOK, typed, problems, nil)
}

// applyDefinitions stores what files say: all of it or nothing.
func applyDefinitions(v *visit) error {
	w, typed, files, problems, err := v.readFiles()
	if err != nil {
		return err
	}
	a := applying{visit: v}
	var meanwhile error
	if problems == nil {
		err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
			a = applying{visit: v}
			if a.q, err = tx.As(v.by.reader()); err != nil {
				return err
			}
			if err := a.judge(files); err != nil {
				return err
			}
			problems, meanwhile = a.problems.Err(), a.changedMeanwhile(w.get("base"))
			if problems != nil || meanwhile != nil {
				return nil
			}
			return a.apply(tx)
		})
	}
	switch {
	case err != nil:
		return err
	case problems != nil || meanwhile != nil:
		return a.answer(http.StatusOK, typed, problems, meanwhile)
	case v.format == "json":
		return v.json(http.StatusOK, map[string]any{"data": a.plan, "links": v.linksOf(route.Definitions())})
	}
	return v.done("definitions", route.Definitions())
}

// answer shows the plan, or what is wrong with the files.
func (a *applying) answer(status int, typed string, problems, meanwhile error) error {
	if a.format == "json" {
		switch {
		case problems != nil:
			return refusedFiles(problems)
		case meanwhile != nil:
			return meanwhile
		}
		return a.json(http.StatusOK, map[string]any{"data": a.plan, "links": a.linksOf(route.Definitions())})
	}
	p := page.Definitions{Text: typed}
	if problems == nil {
		p.Plan = &a.plan
	} else {
		status = http.StatusUnprocessableEntity
		p.Errors = problemsOf("text", problems)
	}
	if problems == nil && meanwhile != nil {
		status = http.StatusConflict
		p.Errors = ui.Errors{{Text: "Somebody else changed what the files define since this plan was made. Nothing was applied; this is the plan as it would be now."}}
	}
	return a.showDefinitions(status, p)
}

// refusedFiles is what is wrong with files, for programs: by file, a line each.
func refusedFiles(err error) error {
	f := failure{status: http.StatusUnprocessableEntity, title: "The files were not taken", text: "Nothing was stored."}
	var problems strictyaml.Problems
	if !errors.As(err, &problems) {
		f.text = fmt.Sprintf("%s %v", f.text, err)
		return f
	}
	byFile := map[string][]string{}
	var order []string
	for _, p := range problems {
		name := p.File
		if p.File = ""; name == "" {
			name = "text"
		}
		if byFile[name] == nil {
			order = append(order, name)
		}
		byFile[name] = append(byFile[name], p.String())
	}
	for _, name := range order {
		f.fields = append(f.fields, ui.FieldError{Field: name, Text: strings.Join(byFile[name], "\n")})
	}
	return f
}
