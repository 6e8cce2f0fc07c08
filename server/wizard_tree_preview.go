package server

import (
	"fmt"
	"slices"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/id"
	"drover/rules/targeting"
	"drover/views/page"
	"drover/views/ui"
)

// preview says what the ticked tests would have run on of the newest commits of
// the branch; offered are all that can be ticked, with what is known of each.
func (w *treeWizard) preview(offered []models.Test, rows []page.TestRow) (page.TestPreview, error) {
	p := page.TestPreview{
		Branch: w.branch(), Ticked: len(w.form.Tests), Waits: w.recent.waits(), Problem: w.recent.row.Error,
		Known: w.recent.known, Commits: len(w.recent.value.Commits),
	}
	builds, _, err := buildsOf(w.form)
	if err != nil || p.Ticked == 0 || p.Commits == 0 {
		return p, nil // what is wrong with the builds stands on their step
	}
	tests, definitions, err := w.ticked(offered)
	if err != nil {
		return p, err
	}
	ix, err := targeting.Compile(definitions, nil)
	if err != nil {
		return p, fmt.Errorf("look at the tests: %w", err)
	}
	took := map[string]time.Duration{} // each, in most cases
	for i, t := range offered {
		if took[t.Path] = time.Duration(rows[i].Median) * time.Second; rows[i].Median == 0 {
			took[t.Path] = time.Duration(t.TimeoutS) * time.Second
			p.AtMost = p.AtMost || slices.Contains(w.form.Tests, t.Path)
		}
	}
	for _, c := range w.recent.value.Commits {
		row := page.PreviewedCommit{SHA: c.SHA, Subject: c.Subject, When: c.When, Files: len(c.Files), Cut: c.Cut, Tests: wouldRun(ix, tests, w.form.Name, c, builds)}
		for _, t := range row.Tests {
			row.Took += ui.SecondsOf(took[t.Name] * time.Duration(t.Builds))
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

// ticked are the tests that are, and what they look at.
func (w *treeWizard) ticked(offered []models.Test) ([]models.Test, []targeting.Definition, error) {
	var ids []id.ID
	for _, t := range offered {
		if slices.Contains(w.form.Tests, t.Path) {
			ids = append(ids, t.ID)
		}
	}
	whole, err := w.q.TestsByID(ids)
	if err != nil {
		return nil, nil, err
	}
	tests := make([]models.Test, len(ids))
	for i, one := range ids {
		tests[i] = whole[one]
	}
	return w.q.Targeting(tests)
}

// wouldRun lists the tests that a commit would have run, on any of the builds.
func wouldRun(ix *targeting.Index, tests []models.Test, tree string, c jobs.RecentCommit, builds []models.TreeBuild) []page.PreviewedTest {
	var files targeting.Files // of too many nothing is known
	if !c.Cut {
		list := make([]targeting.File, len(c.Files))
		for i, f := range c.Files {
			list[i] = targeting.File{Path: f.Path, Kind: f.Kind}
		}
		files = targeting.OfFiles(list...)
	}
	chosen := map[int]page.PreviewedTest{}
	for _, b := range builds {
		selection := ix.Select(targeting.Change{
			Files: files, Trees: targeting.Only(tree), Subjects: targeting.Only(c.Subject),
			Arches: targeting.Only(targeting.ArchNames(b.Arch)...), Configs: targeting.Only(b.Config),
		}, targeting.Policy{})
		selection.Each(func(i int, _ string) bool {
			one, seen := chosen[i]
			if !seen {
				one.Name, one.Why = tests[i].Path, selection.Choice(i).Reason
			}
			one.Builds++
			chosen[i] = one
			return true
		})
	}
	var list []page.PreviewedTest
	for i := range tests {
		if one, ok := chosen[i]; ok {
			list = append(list, one)
		}
	}
	return list
}
