package models

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"drover/rules/definition"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/targeting"
)

// Definition is a stored test as people write it, with the names of its sets
// and trees.
func (t Test) Definition(sets, trees []string) (definition.Test, error) {
	when, err := targeting.Parse(t.Conditions)
	if err != nil {
		return definition.Test{}, fmt.Errorf("read the conditions of %s: %w", t.Path, err)
	}
	d := definition.Test{
		Name: t.Path, Description: t.Description, State: t.State, Sets: sets, Trees: trees, When: when, Cost: targeting.Cost(t.Cost),
		Recipe: t.Recipe, Command: t.Command, Code: Lines(t.Code), Format: recipe.Format(t.Format), EachCase: t.EachCase,
		Timeout: time.Duration(t.TimeoutS) * time.Second, HostType: t.HostType, HostNeeds: t.HostNeeds,
	}
	if t.Owner != "" {
		d.Owners = append([]string{t.Owner}, Lines(t.Maintainers)...)
	}
	if t.State == status.TestQuarantined {
		d.Quarantine.Issue = t.QuarantineIssue
		if t.QuarantineUntil != nil {
			d.Quarantine.Until = t.QuarantineUntil.UTC()
		}
	}
	return d, nil
}

// take stores a definition in the fields of a test, all but its state.
func (t *Test) take(d definition.Test) error {
	t.Path, t.Description, t.Owner, t.Maintainers = d.Name, d.Description, "", ""
	if len(d.Owners) > 0 {
		t.Owner, t.Maintainers = d.Owners[0], strings.Join(d.Owners[1:], "\n")
	}
	t.Command, t.Code, t.Recipe, t.Format, t.EachCase = d.Command, strings.Join(d.Code, "\n"), d.Recipe, string(d.Format), d.EachCase
	t.TimeoutS, t.Cost, t.HostType, t.HostNeeds = int64(d.Timeout.Seconds()), string(d.Cost), d.HostType, d.HostNeeds
	var err error
	if t.Conditions, err = d.StoredWhen(); err != nil {
		return fmt.Errorf("write the conditions of %s: %w", d.Name, err)
	}
	return nil
}

// Targeting is what rules/targeting needs of tests: of those that are not off,
// which it gives too.
func (q Query) Targeting(tests []Test) (active []Test, definitions []targeting.Definition, err error) {
	stored, err := q.TestSets()
	if err != nil {
		return nil, nil, err
	}
	named, err := q.SetsOfTests()
	if err != nil {
		return nil, nil, err
	}
	off := func(t Test) bool { return t.State == status.TestOff }
	if active = tests; slices.ContainsFunc(tests, off) {
		active = slices.DeleteFunc(slices.Clone(tests), off)
	}
	definitions = make([]targeting.Definition, len(active))
	sets := SetDefinitions(stored)
	for i := range active {
		t, d := &active[i], &definitions[i]
		d.Name, d.Sets, d.Cost = t.Path, definition.AllSets(named[t.ID], sets), targeting.Cost(t.Cost)
	}
	wrong, err := targeting.ParseAll(definitions, func(i int) string { return active[i].Conditions })
	if err != nil {
		return nil, nil, fmt.Errorf("read the conditions of %s: %w", active[wrong].Path, err)
	}
	return active, definitions, nil
}

// DefinitionChange is what storing a definition changed.
type DefinitionChange struct {
	Name        string
	New         bool
	Differences []definition.Difference
	Before      Test // as it was; zero if new
	After       Test
}

// Nothing tells whether all was so already.
func (c DefinitionChange) Nothing() bool { return !c.New && len(c.Differences) == 0 }

// AnyEdition changes a test whatever its edition is: for programs that do not
// say which one they read.
const AnyEdition = -1

// PutDefinition stores a test, new or known by its name, with its sets and
// trees, as its next edition. edition is the one that was read by whoever
// changed it, 0 of a test without any; ErrStale if there is a newer one.
// ErrNotFound names a set or tree that is not there. A case of another test
// cannot be defined: ErrDuplicate.
func (tx *Tx) PutDefinition(d definition.Test, edition int64, who string) (DefinitionChange, error) {
	sets, err := tx.setIDs(d.Sets)
	if err != nil {
		return DefinitionChange{}, err
	}
	trees, err := tx.treeIDs(d.Trees)
	if err != nil {
		return DefinitionChange{}, err
	}
	known, err := tx.TestByPath(d.Name)
	if errors.Is(err, ErrNotFound) {
		return tx.addDefinition(d, sets, trees, who)
	}
	if err != nil {
		return DefinitionChange{}, err
	}
	if known.ParentID != nil {
		return DefinitionChange{}, fmt.Errorf("%s is a case of another test: %w", d.Name, ErrDuplicate)
	}
	if edition != AnyEdition && edition != known.Edition {
		return DefinitionChange{}, ErrStale
	}
	return tx.changeDefinition(known, d, definitionTies{sets, trees}, who)
}

type definitionTies struct{ sets, trees []id.ID }

func (tx *Tx) addDefinition(d definition.Test, sets, trees []id.ID, who string) (DefinitionChange, error) {
	t := Test{State: d.State, Edition: 1, StateSince: &tx.Now}
	if err := t.take(d); err != nil {
		return DefinitionChange{}, err
	}
	t.setQuarantine(d.Quarantine)
	text, err := definition.File{Tests: []definition.Test{d}}.YAML()
	if err != nil {
		return DefinitionChange{}, err
	}
	if t, err = tx.AddTest(t, trees); err != nil {
		return DefinitionChange{}, err
	}
	if err := tx.addTestVersion(t, text, who); err != nil {
		return DefinitionChange{}, err
	}
	tx.testChanged(t.ID)
	return DefinitionChange{Name: d.Name, New: true, Differences: definition.Differences(definition.Test{}, d), After: t}, tx.SetSetsOfTest(t.ID, sets)
}

func (t *Test) setQuarantine(q definition.Quarantine) {
	t.QuarantineIssue, t.QuarantineUntil = q.Issue, nil
	if !q.Until.IsZero() {
		t.QuarantineUntil = &q.Until
	}
}

func (tx *Tx) changeDefinition(known Test, d definition.Test, ties definitionTies, who string) (DefinitionChange, error) {
	before, err := tx.DefinitionOf(known)
	if err != nil {
		return DefinitionChange{}, err
	}
	c := DefinitionChange{Name: d.Name, Before: known, After: known, Differences: definition.Differences(before, d)}
	if c.Nothing() {
		return c, nil
	}
	text, err := definition.File{Tests: []definition.Test{before}}.YAML()
	if err != nil {
		return c, err
	}
	if known, err = tx.BeginVersions(known, text, ""); err != nil { // what was there before versions were kept
		return c, err
	}
	if text, err = (definition.File{Tests: []definition.Test{d}}).YAML(); err != nil {
		return c, err
	}
	after := known
	if err := after.take(d); err != nil {
		return c, err
	}
	if c.After, err = tx.SetTest(after, definition.RunsOtherwise(before, d), text, who); err != nil {
		return c, err
	}
	if known.State != d.State || d.State == status.TestQuarantined {
		if err := tx.MoveTest(&c.After, d.State, d.Quarantine); err != nil {
			return c, err
		}
	}
	if known.Owner != after.Owner {
		if err := tx.db.Model(&Test{}).Where("parent_id = ?", known.ID).Update("owner", after.Owner).Error; err != nil {
			return c, fmt.Errorf("store who looks after the cases of %s: %w", known.Path, err)
		}
	}
	if err := tx.SetSetsOfTest(known.ID, ties.sets); err != nil {
		return c, err
	}
	return c, tx.SetTreesOfTest(known.ID, ties.trees)
}

// MoveTest gives a test and its cases another state.
func (tx *Tx) MoveTest(t *Test, state status.TestState, q definition.Quarantine) error {
	t.State, t.StateSince = state, &tx.Now
	t.setQuarantine(q)
	done := tx.db.Model(&Test{}).Where("id = ?", t.ID).Updates(map[string]any{
		"state": t.State, "state_since": t.StateSince, "quarantine_issue": t.QuarantineIssue, "quarantine_until": t.QuarantineUntil, "updated_at": tx.Now,
	})
	if done.Error == nil && done.RowsAffected == 0 {
		return ErrNotFound
	}
	if done.Error != nil {
		return done.Error
	}
	tx.testChanged(t.ID)
	return tx.SetCaseStates(t.ID, state)
}

// DefinitionOf is a stored test as people write it.
func (q Query) DefinitionOf(t Test) (definition.Test, error) {
	var sets, trees []string
	if err := q.db.Raw(`SELECT s.name FROM test_set_members m JOIN test_sets s ON s.id = m.set_id WHERE m.test_id = ? ORDER BY s.name LIMIT 2000`, t.ID).
		Scan(&sets).Error; err != nil {
		return definition.Test{}, err
	}
	if err := q.db.Raw(`SELECT t.name FROM tree_tests m JOIN trees t ON t.id = m.tree_id WHERE m.test_id = ? ORDER BY t.name LIMIT 10000`, t.ID).
		Scan(&trees).Error; err != nil {
		return definition.Test{}, err
	}
	return t.Definition(sets, trees)
}

// AllDefinitions are all sets and tests, each test with its edition.
func (q Query) AllDefinitions() (definition.File, error) {
	var f definition.File
	stored, err := q.TestSets()
	if err != nil {
		return f, err
	}
	f.Sets = SetDefinitions(stored)
	sets, err := q.SetsOfTests()
	if err != nil {
		return f, err
	}
	trees, err := q.TreeNamesOfTests()
	if err != nil {
		return f, err
	}
	tests, err := q.Definitions()
	if err != nil {
		return f, err
	}
	for _, t := range tests {
		d, err := t.Definition(sets[t.ID], trees[t.ID])
		if err != nil {
			return f, err
		}
		d = d.Stored()
		d.Edition = t.Edition
		f.Tests = append(f.Tests, d)
	}
	return f, nil
}

// SetDefinitions are stored sets as people write them.
func SetDefinitions(stored []TestSet) []definition.Set {
	sets := make([]definition.Set, len(stored))
	for i, s := range stored {
		sets[i] = definition.Set{Name: s.Name, Description: s.Description, Includes: Lines(s.Includes)}
	}
	return sets
}

// MissingName says that a definition names something that is not there.
type MissingName struct{ Kind, Name string }

func (m MissingName) Error() string { return fmt.Sprintf("no %s is called %q", m.Kind, m.Name) }

// Is makes it an ErrNotFound.
func (m MissingName) Is(target error) bool { return target == ErrNotFound }

func (q Query) setIDs(names []string) ([]id.ID, error) { return q.idsOf("set", "test_sets", names) }

func (q Query) treeIDs(names []string) ([]id.ID, error) { return q.idsOf("tree", "trees", names) }

// idsOf finds rows by their names; the table is one of ours.
func (q Query) idsOf(kind, table string, names []string) ([]id.ID, error) {
	if len(names) == 0 {
		return nil, nil
	}
	var rows []struct {
		ID   id.ID
		Name string
	}
	if err := q.db.Table(table).Select("id", "name").Where("name IN ?", names).Limit(len(names)).Find(&rows).Error; err != nil {
		return nil, err
	}
	byName := map[string]id.ID{}
	for _, row := range rows {
		byName[row.Name] = row.ID
	}
	var ids []id.ID
	for _, name := range names {
		found, ok := byName[name]
		if !ok {
			return nil, MissingName{kind, name}
		}
		if !slices.Contains(ids, found) {
			ids = append(ids, found)
		}
	}
	return ids, nil
}
