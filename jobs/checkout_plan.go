package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"drover/clients/git"
	"drover/models"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

// maxChangedFiles bounds what is stored of a huge merge; the page says so.
const maxChangedFiles = 2000

// planCheckout stores every planned build and result of a checkout, with why,
// before anything runs.
func (w *Worker) planCheckout(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	checkout, err := q.Checkout(run.Object)
	if err != nil {
		return err
	}
	if checkout.State != models.CheckoutPlanned {
		return run.Done(ctx, nil)
	}
	files, err := w.inspect(ctx, q, &checkout)
	if err != nil {
		return err
	}
	p, err := gatherPlan(q, checkout)
	if err != nil {
		return err
	}
	return run.Done(ctx, func(tx *models.Tx) error {
		if err := p.store(tx); err != nil {
			return err
		}
		p.checkout.PlanNote = p.note()
		if err := tx.SetPlanned(p.checkout, files); err != nil {
			return err
		}
		return tx.Want(CheckoutJudge, checkout.ID, tx.Now)
	})
}

// inspect asks git what a checkout is: its describe, and the files it changes.
func (w *Worker) inspect(ctx context.Context, q models.Query, checkout *models.Checkout) ([]models.CheckoutFile, error) {
	mirror, err := w.mirrorOf(q, checkout.TreeID)
	if err != nil {
		return nil, err
	}
	var files []models.CheckoutFile
	err = w.outside("git.inspect", func() error {
		var describe, diff error
		var changes git.Changes
		var both sync.WaitGroup
		both.Go(func() { checkout.Describe, describe = w.Git.Describe(ctx, mirror, checkout.SHA) })
		both.Go(func() { changes, diff = w.Git.ChangedFiles(ctx, mirror, "", checkout.SHA) })
		both.Wait()
		if err := errors.Join(describe, diff); err != nil {
			return err
		}
		for _, file := range changes.Files[:min(len(changes.Files), maxChangedFiles)] {
			files = append(files, models.CheckoutFile{CheckoutID: checkout.ID, Path: file.Path, Kind: string(file.Kind)})
		}
		return nil
	})
	return files, err
}

// mirrorOf names the mirror of a tree's repository.
func (w *Worker) mirrorOf(q models.Query, tree id.ID) (string, error) {
	sources, err := q.TreeSources(tree)
	if err != nil {
		return "", err
	}
	if len(sources) == 0 {
		return "", fmt.Errorf("tree %s has no source", tree)
	}
	remote, err := q.Remote(sources[0].RemoteID)
	return remote.Mirror, err
}

// plan is what a checkout gets.
type plan struct {
	checkout models.Checkout
	tree     models.Tree
	configs  []models.TreeBuild
	tests    []models.Test
	cases    map[id.ID][]models.Test // by parent: those seen on the branch's last checkout
}

func gatherPlan(q models.Query, checkout models.Checkout) (plan, error) {
	p := plan{checkout: checkout, cases: map[id.ID][]models.Test{}}
	var err error
	if p.tree, err = q.Tree(checkout.TreeID); err != nil {
		return p, err
	}
	if p.configs, err = q.TreeBuilds(checkout.TreeID); err != nil {
		return p, err
	}
	if p.tests, err = q.TestsOfTree(checkout.TreeID); err != nil {
		return p, err
	}
	for _, test := range p.tests {
		if test.EachCase && checkout.PreviousID != nil {
			if p.cases[test.ID], err = q.CasesSeen(*checkout.PreviousID, test.ID); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

// note says why nothing is tested, or "".
func (p plan) note() string {
	switch {
	case len(p.configs) == 0:
		return "the tree has no build configuration"
	case p.tree.State == status.TreePaused:
		return "the tree was paused"
	}
	return ""
}

// store writes the plan: items, builds with their first job, results.
func (p plan) store(tx *models.Tx) error {
	if err := tx.AddPlan(p.items()); err != nil {
		return err
	}
	if p.note() != "" {
		return nil
	}
	builds := p.builds()
	if err := tx.AddBuilds(builds); err != nil {
		return err
	}
	for _, build := range builds {
		if err := tx.AddResults(p.tree.ID, build.Arch, p.results(build)); err != nil {
			return err
		}
		if err := addJob(tx, models.Job{Kind: models.JobBuild, CheckoutID: p.checkout.ID, BuildID: build.ID, Attempt: 1}, 0); err != nil {
			return err
		}
	}
	return nil
}

func (p plan) items() []models.PlanItem {
	var items []models.PlanItem
	for _, test := range p.tests {
		item := models.PlanItem{
			CheckoutID: p.checkout.ID, TestID: test.ID, Chosen: true,
			Rule: "always", Reason: "every test of the tree runs on every checkout",
		}
		if test.State == status.TestOff {
			item.Chosen, item.Rule, item.Reason = false, "off", "the test is switched off"
		}
		items = append(items, item)
	}
	return items
}

func (p plan) builds() []models.Build {
	var builds []models.Build
	for _, config := range p.configs {
		builds = append(builds, models.Build{
			CheckoutID: p.checkout.ID, TreeBuildID: config.ID, Arch: config.Arch, Config: config.Config,
			Compiler: config.Compiler, Recipe: config.Recipe, Settings: config.Settings,
			Scenario: p.scenario("", config.Arch, config.Config, config.Compiler),
			Status:   status.Planned, Attempt: 1,
		})
	}
	return builds
}

func (p plan) scenario(test, arch, config, compiler string) int64 {
	return id.Scenario{
		Test: test, Tree: p.tree.Name, Branch: p.checkout.Branch,
		Arch: arch, Config: config, Compiler: compiler,
	}.Key()
}

func (p plan) results(build models.Build) []models.Result {
	var results []models.Result
	add := func(test, run models.Test) { results = append(results, p.result(build, test, run, status.Planned)) }
	for _, test := range p.tests {
		if test.State == status.TestOff {
			continue
		}
		add(test, test)
		for _, found := range p.cases[test.ID] {
			add(found, test)
		}
	}
	return results
}

// result is the first attempt at a test on a build, given by a run of itself
// or of the suite that it is a case of. The code of the test is looked up when
// it has run.
func (p plan) result(build models.Build, test, run models.Test, s status.Status) models.Result {
	return models.Result{
		CheckoutID: p.checkout.ID, BuildID: build.ID, TestID: test.ID, RunTestID: run.ID,
		Scenario: p.scenario(test.Path, build.Arch, build.Config, build.Compiler),
		Lane:     p.checkout.Lane, Attempt: 1, Final: true, Status: s, TestRevision: recipe.Revision{Definition: run.Version}.String(),
	}
}

// refusePlan ends a checkout that cannot be planned with that as its verdict.
func (w *Worker) refusePlan(ctx context.Context, run *Run, reason string) error {
	checkout, err := w.Store.With(ctx).Checkout(run.Object)
	if err != nil {
		return err
	}
	checkout.PlanNote = "it could not be planned: " + reason
	return run.Done(ctx, func(tx *models.Tx) error {
		if err := tx.SetPlanned(checkout, nil); err != nil {
			return err
		}
		return tx.Want(CheckoutJudge, checkout.ID, tx.Now)
	})
}

// dayStart is the beginning of a UTC day, where daily budgets start anew.
func dayStart(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
