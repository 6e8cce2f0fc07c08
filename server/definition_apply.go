package server

import (
	"fmt"
	"strings"

	"drover/jobs"
	"drover/models"
	"drover/rules/definition"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/ui"
)

// treeForm is a tree of a file, checked and ready to be stored.
type treeForm struct {
	wanted models.NewTree
	form   page.NewTreeForm
}

// differencesTold bounds the changes that one refusal lists.
const differencesTold = 20

// fieldOfChange is a change in one line for programs.
func fieldOfChange(c definition.Change) ui.FieldError {
	var parts []string
	for _, d := range c.Differences {
		parts = append(parts, fmt.Sprintf("%s: %q to %q", d.Key, d.Before, d.After))
	}
	text := strings.Join(parts, "; ")
	if c.New {
		text = "would be added"
	}
	return ui.FieldError{Field: c.Kind + " " + c.Name, Text: text}
}

// apply stores every change of the plan, or with an error none.
func (a *applying) apply(tx *models.Tx) error {
	for _, c := range a.plan.Changes {
		var err error
		switch c.Kind {
		case definition.KindTree:
			err = a.applyTree(tx, c)
		case definition.KindSet:
			err = a.applySet(tx, c)
		default:
			t := *a.wanted.ByName(c.Name)
			t.Edition, t.Places = 0, nil
			err = a.putDefinition(tx, t, models.AnyEdition)
		}
		if err != nil {
			return fmt.Errorf("apply %s %s: %w", c.Kind, c.Name, err)
		}
	}
	return nil
}

// applyTree stores a tree; a new one begins with its rehearsal.
func (a *applying) applyTree(tx *models.Tx, c definition.Change) error {
	f := a.forms[c.Name]
	if c.New {
		f.wanted.Tree.State = status.TreeRehearsal
		return a.storeTree(tx, f.form, f.wanted)
	}
	before := a.trees[c.Name]
	f.wanted.Tree.ID = before.ID
	if err := tx.SetTree(f.wanted); err != nil {
		return err
	}
	if f.wanted.Builds != nil && f.form.Builds == "kunit" {
		if err := tieKUnit(tx, before.Tree); err != nil {
			return err
		}
	}
	if err := a.recordChange(tx, c, models.Audit{What: "changed the settings", ObjectKind: models.KindTree, ObjectID: before.ID}); err != nil {
		return err
	}
	return tx.Want(jobs.RemotePoll, before.source.RemoteID, tx.Now)
}

func (a *applying) applySet(tx *models.Tx, c definition.Change) error {
	var set models.TestSet
	for _, s := range a.wanted.Sets {
		if s.Name == c.Name {
			set = models.TestSet{Name: s.Name, Description: s.Description, Includes: strings.Join(s.Includes, "\n")}
		}
	}
	stored, err := tx.PutTestSet(set)
	if err != nil {
		return err
	}
	what := "changed the set " + c.Name
	if c.New {
		what = "added the set " + c.Name
	}
	return a.recordChange(tx, c, models.Audit{What: what, ObjectKind: definition.KindSet, ObjectID: stored.ID})
}

func (a *applying) recordChange(tx *models.Tx, c definition.Change, entry models.Audit) error {
	entry.Before, entry.After = saidOfAll(c.Differences)
	return a.record(tx, entry)
}
