package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"drover/clients/git"
	"drover/jobs/seedtree"
	"drover/models"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

// Seeding stores a month of made-up history, judged by the same code as real
// history. Checkouts is for all trees together; 300 of them are some 250,000
// results.
type Seeding struct {
	Worker    *Worker
	Clock     *SeedClock // the store's clock
	DataDir   string     // repositories of the trees are made below it
	Checkouts int
	Said      func(done, all int) // called after each checkout; nil for none
}

// SeedClock is a clock that stands where it was set.
type SeedClock struct{ at atomic.Int64 }

// Now is what it was set to, in UTC.
func (c *SeedClock) Now() time.Time { return time.UnixMicro(c.at.Load()).UTC() }

// Set moves the clock.
func (c *SeedClock) Set(t time.Time) { c.at.Store(t.UnixMicro()) }

// ErrSeeded says that the store is not empty.
var ErrSeeded = errors.New("there are trees already: seeding needs an empty installation (another DROVER_DATA)")

// seededTree is a tree of the month while it is being stored.
type seededTree struct {
	seedtree.Tree
	number int
	tree   models.Tree
	repo   *git.Repo
	tests  []models.Test            // the suites
	cases  map[string][]models.Test // by suite
	parent string                   // newest commit
}

// Run stores the month that ends at a time. Its last checkout is running.
func (s Seeding) Run(ctx context.Context, end time.Time) error {
	q := s.Worker.Store.With(ctx)
	known, err := q.Trees()
	if err != nil {
		return err
	}
	if len(known) > 0 {
		return ErrSeeded
	}
	start := end.Add(-seedtree.Days * 24 * time.Hour)
	s.Clock.Set(start)
	trees, err := s.addTrees(ctx)
	if err != nil {
		return fmt.Errorf("add the trees: %w", err)
	}
	each := max(1, s.Checkouts/len(trees))
	all := each * len(trees)
	step := end.Sub(start) / time.Duration(all+1)
	for n := range all {
		// The checkouts take turns, the last of all is net-next's.
		t := trees[(n+2)%len(trees)]
		at := start.Add(time.Duration(n+1) * step)
		c := seededCheckout{seededTree: t, number: n / len(trees), of: each, pushed: at, running: n == all-1}
		if err := s.addCheckout(ctx, &c); err != nil {
			return fmt.Errorf("%s, checkout %d: %w", t.Name, c.number, err)
		}
		if s.Said != nil {
			s.Said(n+1, all)
		}
	}
	s.Clock.Set(end)
	return s.answerRemotes(ctx, trees)
}

func (s Seeding) addTrees(ctx context.Context) ([]*seededTree, error) {
	var trees []*seededTree
	for number, known := range seedtree.Trees() {
		repo, err := git.InitRepo(ctx, filepath.Join(s.DataDir, "sample", known.Name+".git"))
		if err != nil {
			return nil, err
		}
		repo.Branch = known.Branch
		trees = append(trees, &seededTree{Tree: known, number: number, repo: repo, cases: map[string][]models.Test{}})
	}
	return trees, s.Worker.Store.Tx(ctx, func(tx *models.Tx) error {
		for _, t := range trees {
			if err := t.add(tx); err != nil {
				return err
			}
		}
		return addSuites(tx, trees)
	})
}

func (t *seededTree) add(tx *models.Tx) error {
	url := t.repo.Dir
	if t.Broken {
		url = "https://git.example.invalid/" + t.Name + "/linux.git"
	}
	var builds []models.TreeBuild
	for _, c := range seedtree.Configs() {
		settings, err := json.Marshal(recipe.KBuild{Arch: c.Arch, Compiler: c.Compiler, ConfigTarget: "defconfig"})
		if err != nil {
			return err
		}
		builds = append(builds, models.TreeBuild{Arch: c.Arch, Config: c.Config, Compiler: c.Compiler, Recipe: recipe.NameKBuild, Settings: string(settings)})
	}
	var err error
	t.tree, _, err = tx.AddTree(models.NewTree{
		Tree: models.Tree{
			Name: t.Name, State: status.TreeLive, Policy: "tip", UnclearShare: 0.2, DeadlineS: 43200, MailTo: "list " + t.List,
		},
		URL: url, Branches: []string{t.Branch}, Builds: builds,
	})
	return err
}

// addSuites stores the tests, which all trees share.
func addSuites(tx *models.Tx, trees []*seededTree) error {
	var owners []id.ID
	for _, t := range trees {
		owners = append(owners, t.tree.ID)
	}
	for _, suite := range seedtree.Suites() {
		test, err := tx.AddTest(models.Test{
			Path: suite.Path, Description: suite.Description, Owner: suite.Owner, Command: suite.Command, Recipe: recipe.NameCommand,
			Format: "ktap", EachCase: true, TimeoutS: 3600, State: status.TestReporting,
		}, owners)
		if err != nil {
			return err
		}
		var paths []string
		for _, name := range suite.Cases {
			paths = append(paths, suite.Path+"/"+name)
		}
		found, err := tx.EnsureCases(test, paths)
		if err != nil {
			return err
		}
		var cases []models.Test
		for _, path := range paths {
			cases = append(cases, found[path])
		}
		for _, t := range trees {
			t.tests = append(t.tests, test)
			t.cases[suite.Path] = cases
		}
	}
	return nil
}

// answerRemotes records what the last look at each remote gave.
func (s Seeding) answerRemotes(ctx context.Context, trees []*seededTree) error {
	return s.Worker.Store.Tx(ctx, func(tx *models.Tx) error {
		for _, t := range trees {
			sources, err := tx.TreeSources(t.tree.ID)
			if err != nil {
				return err
			}
			remote := sources[0].RemoteID
			if err := tx.SaveRef(models.Ref{RemoteID: remote, Name: "refs/heads/" + t.Branch, OID: t.parent}); err != nil {
				return err
			}
			if t.Broken {
				err = tx.RemoteFailed(remote, "transient", "fatal: unable to access: Could not resolve host: git.example.invalid")
			} else {
				err = tx.RemoteAnswered(remote, t.Branch, false)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
