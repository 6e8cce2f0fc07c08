package models_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/models"
	"drover/models/modelstest"
	"drover/rules/definition"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/targeting"
)

func definitionsOf(t *testing.T, text string) []definition.Test {
	t.Helper()
	f, err := definition.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f.Tests
}

func put(t *testing.T, s *models.Store, d definition.Test, edition int64, who string) (c models.DefinitionChange, err error) {
	t.Helper()
	err = s.Tx(context.Background(), func(tx *models.Tx) error {
		c, err = tx.PutDefinition(d, edition, who)
		return err
	})
	return c, err
}

const tlsText = `tests:
    net/tls:
        description: TLS
        owners:
            - Tomás <tomas@example.org>
            - second@example.org
        state: trial
        sets:
            - net
        trees:
            - main
        when:
            paths:
                - net/tls/
        cost: high
        command: ./tls.sh
        code:
            - tls.sh
        each_case: true
        timeout: 20m
        host_type: vm
        host_needs: 2 GiB
`

func TestDefinitions(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		d := definitionsOf(t, tlsText)[0]
		var missing models.MissingName
		if _, err := put(t, s, d, 0, "Tomás"); !errors.As(err, &missing) || missing.Kind != "set" || missing.Name != "net" || !errors.Is(err, models.ErrNotFound) {
			t.Errorf("a set that is not there: %v", err)
		}
		err := s.Tx(t.Context(), func(tx *models.Tx) error {
			if _, _, err := tx.AddTree(models.NewTree{Tree: models.Tree{Name: "main", State: status.TreeLive}, URL: "https://example.org/a.git"}); err != nil {
				return err
			}
			_, err := tx.PutTestSet(models.TestSet{Name: "net", Description: "Networking"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c, err := put(t, s, d, 0, "Tomás")
		if err != nil || !c.New || c.After.Edition != 1 || c.After.Version != 1 || c.After.Owner != "Tomás <tomas@example.org>" || c.After.Maintainers != "second@example.org" {
			t.Fatalf("%+v, %v", c, err)
		}
		again, err := put(t, s, d, 1, "Tomás")
		if err != nil || !again.Nothing() {
			t.Errorf("stored once more: %+v, %v", again, err)
		}
		export(t, s, "sets:\n    net:\n        description: Networking\n"+tlsText+"        edition: 1\n")
		checkPlanned(t, s, c.After)

		d.Command, d.Owners = "./tls.sh --long", []string{"Wen"}
		changed, err := put(t, s, d, 1, "Wen")
		if err != nil || changed.New || len(changed.Differences) != 2 || changed.After.Edition != 2 || changed.After.Version != 2 {
			t.Errorf("%+v, %v", changed, err)
		}
		d.Description = "TLS in the kernel"
		if _, err := put(t, s, d, 1, "Milan"); !errors.Is(err, models.ErrStale) {
			t.Errorf("an edition that is not the newest: %v", err)
		}
		if c, err = put(t, s, d, 2, "Wen"); err != nil || c.After.Version != 2 || c.After.Edition != 3 {
			t.Errorf("words alone do not change how it runs: %+v, %v", c.After, err)
		}
		versions, err := s.TestVersions(c.After.ID, 10)
		if err != nil || len(versions) != 3 || versions[0].Number != 3 || versions[0].Who != "Wen" || versions[2].Who != "Tomás" || !strings.Contains(versions[1].Definition, "--long") {
			t.Errorf("%+v, %v", versions, err)
		}
	})
}

// checkPlanned: a plan reads what it needs of the one test of all trees.
func checkPlanned(t *testing.T, s *models.Store, stored models.Test) {
	t.Helper()
	trees, err := s.Trees()
	if err != nil || len(trees) != 1 {
		t.Fatal(trees, err)
	}
	want := models.Test{
		ID: stored.ID, Path: stored.Path, EachCase: true, State: status.TestTrial, Version: 1, Conditions: stored.Conditions, Cost: "high",
	}
	tests, err := s.TestsToPlan(trees[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]models.Test{want}, tests); diff != "" {
		t.Errorf("to plan (-want +got):\n%s", diff)
	}
	tests = append(tests, models.Test{Path: "off", State: status.TestOff})
	active, definitions, err := s.Targeting(tests)
	if err != nil || len(active) != 1 || len(definitions) != 1 {
		t.Fatal(active, definitions, err)
	}
	d := definitions[0]
	if d.Name != "net/tls" || d.Cost != targeting.High || !slices.Equal(d.Sets, []string{"net"}) || !slices.Equal(d.When.Paths, []string{"net/tls/"}) {
		t.Errorf("to choose: %+v", d)
	}
	tests[0].Conditions = "paths: ['~(']"
	if _, _, err := s.Targeting(tests); err == nil || !strings.Contains(err.Error(), "net/tls") {
		t.Errorf("conditions that are wrong: %v", err)
	}
}

func export(t *testing.T, s *models.Store, want string) {
	t.Helper()
	f, err := s.AllDefinitions()
	if err != nil {
		t.Fatal(err)
	}
	text, err := f.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("exported (-want +got):\n%s", diff)
	}
}

// A test from before versions were kept gets what it was as its first.
func TestDefinitionFromBefore(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		var old models.Test
		err := s.Tx(t.Context(), func(tx *models.Tx) (err error) {
			old, err = tx.AddTest(models.Test{Path: "smoke", Command: "true", Recipe: "command", Format: "exit", TimeoutS: 60, State: status.TestReporting}, nil)
			if err != nil {
				return err
			}
			_, err = tx.EnsureCases(old, []string{"smoke/one"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		d, err := s.DefinitionOf(old)
		if err != nil {
			t.Fatal(err)
		}
		d.State, d.Quarantine = status.TestQuarantined, definition.Quarantine{Issue: "12", Until: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)}
		d.Owners = []string{"Wen"}
		c, err := put(t, s, d, 0, "Wen")
		if err != nil || c.After.Edition != 2 || c.Before.State != status.TestReporting {
			t.Fatalf("%+v, %v", c, err)
		}
		versions, err := s.TestVersions(old.ID, 10)
		if err != nil || len(versions) != 2 || versions[1].Who != "" || strings.Contains(versions[1].Definition, "quarantine") {
			t.Errorf("%+v, %v", versions, err)
		}
		part, err := s.TestByPath("smoke/one")
		if err != nil || part.State != status.TestQuarantined || part.Owner != "Wen" {
			t.Errorf("its case: %+v, %v", part, err)
		}
		if back, err := s.DefinitionOf(c.After); err != nil || cmp.Diff(d, back) != "" {
			t.Errorf("read back: %v\n%s", err, cmp.Diff(d, back))
		}
		if _, err := put(t, s, definition.Test{Name: "smoke/one", State: status.TestTrial, Recipe: "command", Command: "x"}, 0, "Wen"); !errors.Is(err, models.ErrDuplicate) {
			t.Errorf("a case cannot be defined: %v", err)
		}
	})
}

func TestSets(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		var set models.TestSet
		tx := func(do func(tx *models.Tx) error) {
			t.Helper()
			if err := s.Tx(t.Context(), do); err != nil {
				t.Fatal(err)
			}
		}
		tx(func(tx *models.Tx) (err error) {
			if set, err = tx.PutTestSet(models.TestSet{Name: "all", Includes: "net\nfs"}); err != nil {
				return err
			}
			set.Description = "Everything"
			set, err = tx.PutTestSet(set)
			return err
		})
		all, err := s.TestSets()
		if err != nil || len(all) != 1 || set.Version != 2 || all[0].Description != "Everything" || len(models.SetDefinitions(all)[0].Includes) != 2 {
			t.Errorf("%+v, %v", all, err)
		}
		tx(func(tx *models.Tx) error {
			c, err := tx.PutDefinition(definition.Test{Name: "a", State: status.TestTrial, Recipe: "command", Command: "x", Sets: []string{"all", "all"}}, 0, "Wen")
			if err != nil || c.After.ID == 0 {
				return err
			}
			return tx.DropTestSet(set.ID)
		})
		if sets, err := s.SetsOfTests(); err != nil || len(sets) != 0 {
			t.Errorf("%v, %v", sets, err)
		}
	})
}

// A plan lists tests by the bytes of their paths, whatever their conditions and
// paths hold, and those of its own tree alone.
func TestTestsToPlan(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, s *models.Store) {
		want := []models.Test{
			{Path: "Zoë 2", Conditions: "paths: ['a b  c']\n\nnot:\n  subject: 12 é\n", Cost: "always", State: status.TestReporting},
			{Path: "a  b ", State: status.TestTrial, EachCase: true},
			{Path: "a/b", Conditions: " ", State: status.TestReporting},
		}
		var tree models.Tree
		err := s.Tx(t.Context(), func(tx *models.Tx) (err error) {
			if tree, _, err = tx.AddTree(models.NewTree{Tree: models.Tree{Name: "mainline", State: status.TreeLive, Policy: "tip"}, URL: "https://example.org/linux.git", Branches: []string{"main"}}); err != nil {
				return err
			}
			for _, i := range []int{2, 0, 1} {
				added := want[i]
				added.Recipe, added.Command, added.Format, added.TimeoutS = "command", "true", "exit", 60
				if added, err = tx.AddTest(added, []id.ID{tree.ID}); err != nil {
					return err
				}
				want[i].ID, want[i].Version = added.ID, added.Version
			}
			_, err = tx.AddTest(models.Test{Path: "other", Recipe: "command", Format: "exit", State: status.TestReporting}, nil)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.TestsToPlan(tree.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
