package main

import (
	"context"
	"errors"
	"path/filepath"

	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/targeting"
)

// storedTests is a database with the tests of a tree, as a plan reads them.
type storedTests struct {
	store *models.Store
	tree  id.ID
	query models.Query
}

// store puts all definitions of an index into a new database.
func (s *selectBench) store(ctx context.Context, folder string) (*storedTests, error) {
	store, err := models.Open(ctx, models.Options{Path: filepath.Join(folder, "drover.db")})
	if err != nil {
		return nil, err
	}
	t := &storedTests{store: store, query: store.With(ctx)}
	err = store.Tx(ctx, func(tx *models.Tx) error {
		tree, _, err := tx.AddTree(models.NewTree{
			Tree: models.Tree{Name: "select", State: status.TreeLive, Policy: "tip"}, URL: "https://example.org/linux.git", Branches: []string{"main"},
		})
		if err != nil {
			return err
		}
		t.tree = tree.ID
		for i := range s.index.Len() {
			d := s.index.Definition(i)
			condition, err := d.When.YAML()
			if err != nil {
				return err
			}
			test := models.Test{Path: d.Name, State: status.TestReporting, Recipe: "command", Command: "make run", Format: "ktap", TimeoutS: 600, Conditions: condition}
			if _, err := tx.AddTest(test, []id.ID{t.tree}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return t, nil
}

// read makes the tree's tests ready to be chosen from.
func (t *storedTests) read() (*targeting.Index, error) {
	tests, err := t.query.TestsToPlan(t.tree)
	if err != nil {
		return nil, err
	}
	_, definitions, err := t.query.Targeting(tests)
	if err != nil {
		return nil, err
	}
	return targeting.Compile(definitions, nil)
}
