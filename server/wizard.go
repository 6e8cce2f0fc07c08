package server

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// wizardKind is what the wizards have in common, and in which they differ: the
// kind of their drafts, their steps and addresses.
type wizardKind struct {
	draft string
	steps []ui.Option
	first route.URL
	at    func(draft id.ID, step string) route.URL
	gone  string // what to say where there is no such draft
}

// draftEnded is said where a draft went while somebody typed into it.
const draftEnded = "It was finished or thrown away in another window."

// draftsShown bounds the drafts that a first page offers.
const draftsShown = 10

func (k wizardKind) names() []string {
	var names []string
	for _, s := range k.steps {
		names = append(names, s.Value)
	}
	return names
}

func (k wizardKind) word(step string) string { return textOf(k.steps, step) }

// after is the step that follows one; there is none after the last.
func (k wizardKind) after(step string) string {
	names := k.names()
	return names[min(slices.Index(names, step)+1, len(names)-1)]
}

// list says which steps are done: left by their button, and nothing in them is
// wrong. Without a draft none can be opened.
func (k wizardKind) list(draft id.ID, here string, seen []string, wrong map[string]bool) []ui.Step {
	var list []ui.Step
	for _, s := range k.steps {
		one := ui.Step{Text: s.Text, Here: s.Value == here}
		if draft != 0 {
			left := slices.Contains(seen, s.Value)
			one.URL, one.Done, one.Bad = k.at(draft, s.Value), left && !wrong[s.Value], left && wrong[s.Value]
		}
		list = append(list, one)
	}
	return list
}

// begun lists the drafts of a kind that were changed last.
func (v *visit) begun(k wizardKind) ([]page.DraftRow, error) {
	drafts, err := v.q.Drafts(k.draft, draftsShown)
	if err != nil {
		return nil, err
	}
	var rows []page.DraftRow
	for _, d := range drafts {
		var begun struct{ Name, URL string }
		if err := json.Unmarshal([]byte(d.Typed), &begun); err != nil {
			return nil, fmt.Errorf("read a draft: %w", err)
		}
		rows = append(rows, page.DraftRow{ID: d.ID, Name: cmp.Or(begun.Name, begun.URL), Step: d.Step, Owner: d.Owner, Updated: d.UpdatedAt})
	}
	return rows, nil
}

// openDraft reads the draft of the path into its form, and the step; more are
// steps that have no page of their own.
func (v *visit) openDraft(k wizardKind, form any, more ...string) (models.Draft, string, error) {
	step := v.names["step"]
	if !slices.Contains(append(k.names(), more...), step) {
		return models.Draft{}, "", notFound("No such step", fmt.Sprintf("The steps are %s.", strings.Join(k.names(), ", ")))
	}
	number, err := id.Parse(v.names["draft"])
	if err != nil {
		return models.Draft{}, "", notFound("No such draft", fmt.Sprintf("%q is not the short name of a draft.", v.names["draft"]))
	}
	draft, err := v.q.Draft(k.draft, number)
	if err != nil {
		return models.Draft{}, "", orMissing(err, "No such draft", k.gone)
	}
	if draft.Owner != v.who() && v.why(permission.Operate, permission.Object{}) != "" {
		return models.Draft{}, "", notFound("No such draft", k.gone) // it is somebody else's
	}
	if err := json.Unmarshal([]byte(draft.Typed), form); err != nil {
		return models.Draft{}, "", fmt.Errorf("read the draft: %w", err)
	}
	return draft, step, nil
}

func typed(form any) (string, error) {
	text, err := json.Marshal(form)
	return string(text), err
}

func saveDraft(tx *models.Tx, draft models.Draft, form any) (err error) {
	if draft.Typed, err = typed(form); err != nil {
		return err
	}
	return tx.SaveDraft(draft)
}

// throwAway ends a draft without anything coming of it.
func (v *visit) throwAway(k wizardKind, draft models.Draft) error {
	if err := v.Store.Tx(v.context(), func(tx *models.Tx) error { return tx.DropDraft(draft.ID) }); err != nil {
		return err
	}
	return v.redirect(http.StatusSeeOther, k.first)
}
