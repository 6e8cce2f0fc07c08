package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"drover/clients"
	"drover/clients/git"
	"drover/formats/maintainers"
	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/targeting"
)

const (
	stepsBack       = 50      // checkouts, on the way to the last one that was tested
	subjectsRead    = 500     // commits of a change whose subjects conditions may ask for
	maintainersMost = 4 << 20 // bytes of MAINTAINERS
	coveredByMost   = 20      // names of tests that are stored with a file
)

// testedBefore finds the last checkout of the branch before this one whose
// tests ran and were judged: what has changed since is to be tested. nil if
// there is none. One whose build broke, or that could not be judged, does not
// count, since the tests of its changes did not run.
func testedBefore(q models.Query, checkout models.Checkout) (*models.Checkout, error) {
	for range stepsBack {
		if checkout.PreviousID == nil {
			return nil, nil
		}
		var err error
		if checkout, err = q.Checkout(*checkout.PreviousID); err != nil {
			return nil, err
		}
		if checkout.State == models.CheckoutFinished && (checkout.Verdict == status.NoNewFailures || checkout.Verdict == status.NewFailures) {
			return &checkout, nil
		}
	}
	return nil, nil
}

// changeOf is what a checkout changes, as conditions see it.
func (w *Worker) changeOf(ctx context.Context, q models.Query, checkout models.Checkout, mirror string) (targeting.Change, git.Changes, error) {
	before, err := testedBefore(q, checkout)
	if err != nil {
		return targeting.Change{}, git.Changes{}, err
	}
	base := ""
	if before != nil {
		base = before.SHA
	}
	changes, err := w.Git.ChangedFiles(ctx, mirror, base, checkout.SHA)
	if base != "" && clients.ClassOf(err) == clients.NotYet { // its history is gone from the mirror
		before = nil
		changes, err = w.Git.ChangedFiles(ctx, mirror, "", checkout.SHA)
	}
	if err != nil {
		return targeting.Change{}, changes, err
	}
	change := targeting.Change{Files: targeting.AllFiles(), Subjects: targeting.Only(checkout.Subject)}
	if before == nil || changes.Cut {
		return change, changes, nil
	}
	files := make([]targeting.File, len(changes.Files))
	for i, f := range changes.Files {
		files[i] = targeting.File{Path: f.Path, Old: f.Old, Kind: string(f.Kind)}
	}
	change.Files = targeting.OfFiles(files...)
	commits, _, err := q.CommitRange(checkout, before.CommitID, subjectsRead)
	for _, c := range commits {
		change.Subjects.List = append(change.Subjects.List, c.Subject)
	}
	return change, changes, err
}

// sections reads MAINTAINERS of a commit if some test asks for its sections.
func (w *Worker) sections(ctx context.Context, p plan, mirror string) (targeting.Sections, error) {
	if !slices.ContainsFunc(p.definitions, func(d targeting.Definition) bool { return d.When.NeedsSections() }) {
		return nil, nil
	}
	text, err := w.Git.Show(ctx, mirror, p.checkout.SHA, "MAINTAINERS", maintainersMost)
	if errors.Is(err, git.ErrNoFile) {
		return targeting.SectionsOf(maintainers.File{}), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read MAINTAINERS: %w", err)
	}
	file, err := maintainers.Parse(string(text), maintainers.Limits{})
	if err != nil {
		return nil, fmt.Errorf("read MAINTAINERS of %s: %w", p.checkout.SHA, err)
	}
	return targeting.SectionsOf(file), nil
}

// choose asks for each build which tests run on it, and sums that up in an
// item for each test.
func (p *plan) choose(change targeting.Change, sections targeting.Sections) error {
	ix, err := targeting.Compile(p.definitions, sections)
	if err != nil {
		return err
	}
	if p.tree.Always {
		change.Files = targeting.AllFiles()
	}
	change.Trees = targeting.Only(p.tree.Name)
	p.chosen = make([]map[id.ID]bool, len(p.configs))
	items := make([]models.PlanItem, len(p.active))
	arches := make([][]string, len(p.active))
	p.covering = map[string][]string{}
	for number, config := range p.configs {
		change.Arches, change.Configs = targeting.Only(targeting.ArchNames(config.Arch)...), targeting.Only(config.Config)
		selection := ix.Select(change, p.policy())
		p.chosen[number] = map[id.ID]bool{}
		for i, choice := range selection.Choices() {
			if choice.Chosen {
				p.chosen[number][p.active[i].ID] = true
				arches[i] = append(arches[i], config.Arch)
			}
			if number == 0 || choice.Chosen && !items[i].Chosen {
				items[i] = p.itemOf(p.active[i], choice)
			}
		}
		p.cover(selection)
		if number == 0 && p.aimed() {
			p.checkout.Selection = selection.Summary()
		}
	}
	for i := range items {
		slices.Sort(arches[i])
		items[i].Arches = strings.Join(slices.Compact(arches[i]), "\n")
	}
	p.items = append(items, p.off()...)
	return nil
}

// aimed tells whether any test has conditions: else there is nothing to say of
// how tests were chosen.
func (p *plan) aimed() bool {
	return slices.ContainsFunc(p.active, func(t models.Test) bool { return t.Conditions != "" })
}

// off are the items of tests that are switched off.
func (p *plan) off() []models.PlanItem {
	var items []models.PlanItem
	for _, t := range p.tests {
		if t.State == status.TestOff {
			items = append(items, models.PlanItem{CheckoutID: p.checkout.ID, TestID: t.ID, Rule: "off", Reason: "the test is switched off"})
		}
	}
	return items
}

// policy is what runs where no file chooses a test.
func (p *plan) policy() targeting.Policy {
	return targeting.Policy{Unmatched: targeting.Unmatched(p.tree.Unmatched), Sets: models.Lines(p.tree.UnmatchedSets)}
}

// itemOf is a choice in the words of plans: a test without conditions runs
// always.
func (p *plan) itemOf(test models.Test, c targeting.Choice) models.PlanItem {
	switch {
	case c.Chosen && test.Conditions == "":
		c.Rule, c.Reason = "always", "the test runs on every checkout of its trees"
	case c.Chosen && p.tree.Always:
		c.Rule, c.Reason = "always", "every test of this tree runs on every checkout"
	}
	return models.PlanItem{CheckoutID: p.checkout.ID, TestID: test.ID, Chosen: c.Chosen, Rule: c.Rule, Reason: c.Reason, File: c.File}
}

// cover notes which tests a changed file chooses on one of the builds.
func (p *plan) cover(selection *targeting.Selection) {
	for _, c := range selection.Covering() {
		names := p.covering[c.File]
		for _, i := range c.Tests {
			if name := p.active[i].Path; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		p.covering[c.File] = names
	}
}

// files are the changed files that are stored, each with the tests that it
// chooses. Where everything counts as changed nobody looked.
func (p *plan) files(changes git.Changes) []models.CheckoutFile {
	var files []models.CheckoutFile
	for _, file := range changes.Files[:min(len(changes.Files), maxChangedFiles)] {
		row := models.CheckoutFile{CheckoutID: p.checkout.ID, Path: file.Path, OldPath: file.Old, Kind: string(file.Kind)}
		if tests, looked := p.covering[file.Path]; looked {
			count := int64(len(tests))
			row.Covering, row.CoveredBy = &count, strings.Join(tests[:min(len(tests), coveredByMost)], "\n")
		}
		files = append(files, row)
	}
	return files
}
