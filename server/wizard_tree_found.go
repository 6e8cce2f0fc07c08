package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"drover/formats/kerneltree"
	"drover/formats/maintainers"
	"drover/jobs"
	"drover/models"
	"drover/rules/trigger"
	"drover/views/page"
	"drover/views/ui"
)

// lookedUp is what is known of something outside, if anything is.
type lookedUp[T any] struct {
	row   models.Lookup
	asked bool
	known bool // value is the answer
	value T
}

func (l *lookedUp[T]) read(q models.Query, kind, key string) error {
	row, err := q.LookupOf(kind, key)
	if errors.Is(err, models.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	l.row, l.asked = row, true
	if row.Waits() || row.Error != "" {
		return nil
	}
	l.known = true
	return json.Unmarshal([]byte(row.Answer), &l.value)
}

func (l *lookedUp[T]) waits() bool { return l.asked && l.row.Waits() }

const (
	branchesShown = 50
	matchesShown  = 8
)

// source is what the first step says of the repository.
func (w *treeWizard) source() (page.WizardSource, error) {
	s := page.WizardSource{Asked: w.refs.asked, Waits: w.refs.waits(), Policies: policyOptions, Filter: w.query.Get("q"), Files: w.filesFound()}
	if l := w.refs.row; w.refs.asked && l.Error != "" {
		s.Said = l.Error
		s.Problem, s.Try = refusal(l)
	}
	if !w.refs.known {
		return s, nil
	}
	found := w.refs.value
	s.Head, s.Total, s.Tags, s.Empty = found.Head, found.Total, found.Tags, found.Empty
	patterns := models.Lines(w.form.Branches)
	for _, b := range found.Branches {
		if trigger.Watches(patterns, b.Name) {
			if s.Matched++; len(s.Matches) < matchesShown {
				s.Matches = append(s.Matches, b.Name)
			}
		}
		if !strings.Contains(b.Name, s.Filter) {
			continue
		}
		if s.Shown++; len(s.Branches) < branchesShown {
			s.Branches = append(s.Branches, page.BranchFact{Name: b.Name, SHA: b.SHA})
		}
	}
	var err error
	s.Known, err = w.knownTrees()
	return s, err
}

// refusal says in words why a remote gave no answer, and what to do about it.
func refusal(l models.Lookup) (problem, try string) {
	switch {
	case jobs.LookupBlocked(l):
		return "This address is within a private network.", "Drover does not go there by itself; an operator can allow it with DROVER_ALLOW_PRIVATE_REMOTES."
	case jobs.LookupAuth(l):
		return "The repository wants a credential.", "Its name may be wrong, or it is private. Drover has no credential for it: ask an operator, who can give Drover an ssh key."
	case l.ErrorClass == "permanent":
		return "There is no such repository, or Drover may not ask for it.", "Look at the address: it is what git clone takes."
	}
	return "The server does not answer.", "Is the host's name right, and does git ls-remote work elsewhere? You can look again, or go on by the steps above: Drover asks again and again once the tree is there."
}

// knownTrees are those that watch the same repository.
func (w *treeWizard) knownTrees() ([]page.KnownTree, error) {
	sources, err := w.q.SourcesWithRemote(0)
	if err != nil {
		return nil, err
	}
	var list []page.KnownTree
	for _, s := range sources {
		if s.URL != w.form.URL && !maintainers.SameTree(s.URL, w.form.URL) {
			continue
		}
		t, err := w.q.Tree(s.TreeID)
		if err != nil {
			return nil, err
		}
		list = append(list, page.KnownTree{Name: t.Name, Branches: strings.Join(models.Lines(s.Branches), ", ")})
	}
	return list, nil
}

// filesFound is what was found in the head of the branch.
func (w *treeWizard) filesFound() page.WizardFiles {
	f := page.WizardFiles{Branch: w.branch(), Asked: w.files.asked, Waits: w.files.waits(), Problem: w.files.row.Error}
	if !w.files.known {
		return f
	}
	found := w.files.value
	f.SHA, f.Subject, f.When = found.SHA, found.Subject, found.When
	f.Linux, f.Version, f.Missing = found.Tree.Linux, found.Tree.Version, found.Tree.Missing
	return f
}

// some lists the first names and counts the rest.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

const namesShown = 12

// buildFacts is what the tree can be configured as, and where that stands.
func (w *treeWizard) buildFacts() []ui.Pair {
	tree := w.files.value.Tree
	var facts []ui.Pair
	if len(tree.Defconfigs) > 0 {
		var names []string
		for _, arch := range slices.Sorted(maps.Keys(tree.Defconfigs)) {
			names = append(names, fmt.Sprintf("%s (%d)", arch, len(tree.Defconfigs[arch])))
		}
		facts = append(facts, ui.Pair{Name: "arch/*/configs", Value: some(names, 30)})
	}
	if len(tree.Fragments) > 0 {
		facts = append(facts, ui.Pair{Name: "Fragments", Value: some(tree.Fragments, namesShown)})
	}
	return facts
}

// testFacts is which tests the tree brings along, and where they stand.
func testFacts(tree kerneltree.Tree) []ui.Pair {
	var facts []ui.Pair
	if n := len(tree.Selftests); n > 0 {
		facts = append(facts, ui.Pair{Name: "tools/testing/selftests/Makefile", Value: strconv.Itoa(n) + " targets of kselftest: " + some(tree.Selftests, namesShown)})
	}
	if n := len(tree.KUnit); n > 0 {
		facts = append(facts, ui.Pair{Name: ".kunitconfig", Value: "in " + some(tree.KUnit, namesShown)})
	}
	return facts
}
