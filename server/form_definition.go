package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"drover/models"
	"drover/rules/definition"
)

// putDefinition stores a test as its next edition, and says so in the audit.
func (v *visit) putDefinition(tx *models.Tx, d definition.Test, edition int64) error {
	d, err := v.keepHidden(tx, d)
	if err != nil {
		return err
	}
	change, err := tx.PutDefinition(d, edition, v.who())
	if err != nil || change.Nothing() {
		return err
	}
	return v.recordDefinition(tx, change)
}

// keepHidden adds the trees of a test that this person may not read: who does
// not see them does not take them away.
func (v *visit) keepHidden(tx *models.Tx, d definition.Test) (definition.Test, error) {
	t, err := tx.TestByPath(d.Name)
	if errors.Is(err, models.ErrNotFound) {
		return d, nil
	}
	if err != nil {
		return d, err
	}
	all, err := tx.DefinitionOf(t)
	if err != nil {
		return d, err
	}
	seen, err := v.q.DefinitionOf(t)
	if err != nil {
		return d, err
	}
	d.Trees = slices.Clone(d.Trees)
	for _, name := range all.Trees {
		if !slices.Contains(seen.Trees, name) && !slices.Contains(d.Trees, name) {
			d.Trees = append(d.Trees, name)
		}
	}
	slices.Sort(d.Trees)
	return d, nil
}

func (v *visit) recordDefinition(tx *models.Tx, change models.DefinitionChange) error {
	a := models.Audit{What: "changed the definition", ObjectKind: models.KindTest, ObjectID: change.After.ID}
	if change.New {
		a.What = "added the test"
		if err := v.own(tx, models.KindTest, change.After.ID); err != nil {
			return err
		}
	}
	a.Before, a.After = saidOfAll(change.Differences)
	return v.record(tx, a)
}

// saidOfAll are differences as the audit tells them, before and after.
func saidOfAll(differences []definition.Difference) (before, after string) {
	var old, fresh []string
	for _, d := range differences {
		old, fresh = append(old, said(d.Key, d.Before)), append(fresh, said(d.Key, d.After))
	}
	return strings.Join(old, "\n"), strings.Join(fresh, "\n")
}

// owners are people as they may be shown: addresses to those alone who are
// signed in.
func (v *visit) owners(list []string) []string {
	if v.signedIn {
		return list
	}
	names := make([]string, len(list))
	for i, owner := range list {
		name, _, _ := strings.Cut(owner, "<")
		names[i] = masked(strings.TrimSpace(name))
	}
	return names
}

func said(key, value string) string {
	if value == "" {
		value = "-"
	}
	return fmt.Sprintf("%s: %s", key, strings.ReplaceAll(value, "\n", " | "))
}
