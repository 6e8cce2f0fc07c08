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
	"drover/rules/targeting"
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
	mirror, err := w.mirrorOf(q, checkout.TreeID)
	if err != nil {
		return err
	}
	change, changes, err := w.inspect(ctx, q, &checkout, mirror)
	if err != nil {
		return err
	}
	p, err := gatherPlan(q, checkout)
	if err != nil {
		return err
	}
	var sections targeting.Sections
	err = w.outside("git.inspect", func() error {
		sections, err = w.sections(ctx, p, mirror)
		return err
	})
	if err != nil {
		return err
	}
	if err := p.choose(change, sections); err != nil {
		return err
	}
	return run.Done(ctx, func(tx *models.Tx) error {
		if err := p.store(tx); err != nil {
			return err
		}
		p.checkout.PlanNote = p.note()
		if err := tx.SetPlanned(p.checkout, p.files(changes)); err != nil {
			return err
		}
		return tx.Want(CheckoutJudge, checkout.ID, tx.Now)
	})
}

// inspect asks git what a checkout is: its describe, and the files it changes.
func (w *Worker) inspect(ctx context.Context, q models.Query, checkout *models.Checkout, mirror string) (change targeting.Change, changes git.Changes, err error) {
	err = w.outside("git.inspect", func() error {
		var describe, diff error
		var both sync.WaitGroup
		both.Go(func() { checkout.Describe, describe = w.Git.Describe(ctx, mirror, checkout.SHA) })
		both.Go(func() { change, changes, diff = w.changeOf(ctx, q, *checkout, mirror) })
		both.Wait()
		return errors.Join(describe, diff)
	})
	return change, changes, err
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

	active      []models.Test          // of the tests, those that are not off
	definitions []targeting.Definition // of them
	chosen      []map[id.ID]bool       // for each of the configs, the tests that run
	items       []models.PlanItem
	covering    map[string][]string // by changed file: the tests that it chooses
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
	if p.tests, err = q.TestsToPlan(checkout.TreeID); err != nil {
		return p, err
	}
	for _, test := range p.tests {
		if test.EachCase && checkout.PreviousID != nil {
			if p.cases[test.ID], err = q.CasesSeen(*checkout.PreviousID, test.ID); err != nil {
				return p, err
			}
		}
	}
	p.active, p.definitions, err = q.Targeting(p.tests)
	return p, err
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
	if err := tx.AddPlan(p.items); err != nil {
		return err
	}
	if p.note() != "" {
		return nil
	}
	builds := p.builds()
	if err := tx.AddBuilds(builds); err != nil {
		return err
	}
	for i, build := range builds {
		if err := tx.AddResults(p.tree.ID, build.Arch, p.results(build, p.chosen[i])); err != nil {
			return err
		}
		if err := addJob(tx, models.Job{Kind: models.JobBuild, CheckoutID: p.checkout.ID, BuildID: build.ID, Attempt: 1}, 0); err != nil {
			return err
		}
	}
	return nil
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

// results are those planned on a build: of the tests that were chosen for it.
func (p plan) results(build models.Build, chosen map[id.ID]bool) []models.Result {
	var results []models.Result
	add := func(test, run models.Test) { results = append(results, p.result(build, test, run, status.Planned)) }
	for _, test := range p.active {
		if !chosen[test.ID] {
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
