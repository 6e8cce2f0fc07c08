package jobs_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"drover/clients/git"
	"drover/models"
	"drover/models/modelstest"
	"drover/rules/status"
)

const maintainersText = `Maintainers List
----------------

NETWORKING
M:	A <a@example.org>
F:	net/
`

// planned lists the tests of a checkout, each as "name runs: rule: file".
func (s *system) planned(t *testing.T, c models.Checkout) []string {
	t.Helper()
	items, err := s.store.Plan(c.ID)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, i := range items {
		test, err := s.store.Test(i.TestID)
		if err != nil {
			t.Fatal(err)
		}
		if i.Reason == "" || i.Chosen == (i.Arches == "") {
			t.Errorf("%s: reason %q, arches %q", test.Path, i.Reason, i.Arches)
		}
		list = append(list, fmt.Sprintf("%s %v: %s: %s", test.Path, i.Chosen, i.Rule, i.File))
	}
	slices.Sort(list)
	return list
}

// ran lists the tests that have results in a checkout.
func (s *system) ran(t *testing.T, c models.Checkout) string {
	t.Helper()
	results, err := s.store.Results(c.ID)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range results {
		test, err := s.store.Test(r.TestID)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, test.Path)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

// Tests run where their conditions say so; what a broken build kept from being
// tested is tested with the next one.
func TestTargetedTests(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and tests five commits")
	}
	s := newSystem(t, func(o models.Options) *models.Store { return modelstest.SQLite(t, o) }, "")
	repo, err := git.InitRepo(t.Context(), filepath.Join(s.data, "sample", "linux.git"))
	if err != nil {
		t.Fatal(err)
	}
	test := func(conditions string) models.Test {
		return models.Test{Command: "true", Format: "exit", TimeoutS: 60, Conditions: conditions}
	}
	tests := map[string]models.Test{
		"fs": test("paths: [fs/]"), "net": test("maintainers: [NETWORKING]"), "smoke": test(""), "arm": test("paths: [net/]\narches: [aarch64]"),
		"old": {Command: "true", Format: "exit", TimeoutS: 60, State: status.TestOff},
	}
	tree := onboard(t, s, repo.Dir, "test ! -s broken", tests)
	for _, step := range []struct {
		why     string
		files   map[string]string
		ran     string
		plan    []string
		covered string // the changed files with the tests that they choose
	}{
		{"first", map[string]string{"MAINTAINERS": maintainersText, "net/a.c": "1"}, "fs net smoke",
			[]string{"arm false: condition: ", "fs true: condition: ", "net true: condition: ", "old false: off: ", "smoke true: always: "}, "MAINTAINERS nobody looked; net/a.c nobody looked"},
		{"net", map[string]string{"net/a.c": "2", "README": "1"}, "net smoke",
			[]string{"arm false: condition: ", "fs false: condition: ", "net true: condition: net/a.c", "old false: off: ", "smoke true: always: "}, "README by ; net/a.c by net"},
		{"broken", map[string]string{"fs/ext4/a.c": "1", "broken": "1"}, "fs smoke",
			[]string{"arm false: condition: ", "fs true: condition: fs/ext4/a.c", "net false: condition: ", "old false: off: ", "smoke true: always: "}, "broken by ; fs/ext4/a.c by fs"},
		{"mended", map[string]string{"broken": "", "README": "2"}, "fs smoke",
			[]string{"arm false: condition: ", "fs true: condition: fs/ext4/a.c", "net false: condition: ", "old false: off: ", "smoke true: always: "}, "README by ; broken by ; fs/ext4/a.c by fs"},
	} {
		c, _ := s.push(t, repo, tree, step.files)
		if got := s.planned(t, c); !slices.Equal(got, step.plan) {
			t.Errorf("%s: planned %q\nwant %q", step.why, got, step.plan)
		}
		if got := s.ran(t, c); got != step.ran {
			t.Errorf("%s: ran %s, want %s", step.why, got, step.ran)
		}
		files, _, err := s.store.ListFiles(models.FileFilter{Checkout: c.ID}, models.Slice{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range files {
			if f.Covering == nil {
				got = append(got, f.Path+" nobody looked")
			} else {
				got = append(got, f.Path+" by "+f.CoveredBy)
			}
		}
		if text := strings.Join(got, "; "); text != step.covered {
			t.Errorf("%s: files %s\nwant %s", step.why, text, step.covered)
		}
		if c.Selection == "" {
			t.Errorf("%s: nothing is said of how tests were chosen", step.why)
		}
	}
}
