package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"drover/clients/git"
	"drover/jobs/sampletree"
	"drover/models"
	"drover/rules/id"
	"drover/rules/recipe"
	"drover/rules/status"
)

const (
	// SampleName is the name of the sample tree.
	SampleName   = "sample"
	sampleBranch = "main"
	// sampleLook is how often the sample looks whether its commit is judged.
	sampleLook = 300 * time.Millisecond
)

// SampleURL is where the sample's repository is made, below the data folder.
func SampleURL(dataDir string) string { return filepath.Join(dataDir, "sample", "linux.git") }

// AddSample onboards the sample tree and its tests, and asks for its commits
// to be made one by one. The tree that is there already is given as it is.
func AddSample(tx *models.Tx, dataDir string) (models.Tree, error) {
	if tree, err := tx.TreeByName(SampleName); err == nil || !isNotFound(err) {
		return tree, err
	}
	build := sampletree.Build()
	settings, err := json.Marshal(recipe.Command{
		Command: fmt.Sprintf("make %s && make -j2 %s", build.ConfigTarget, strings.Join(build.Targets, " ")),
		Format:  recipe.Exit, Timeout: 5 * time.Minute,
	})
	if err != nil {
		return models.Tree{}, err
	}
	tree, _, err := tx.AddTree(models.NewTree{
		Tree: models.Tree{
			Name: SampleName, State: status.TreeLive, Policy: "every", UnclearShare: 0.2, DeadlineS: 3600,
			Trusted: true, MailTo: "developer@example.org\nlist kernel-list@example.org", MailPass: false,
		},
		URL: SampleURL(dataDir), Branches: []string{sampleBranch},
		Builds: []models.TreeBuild{{
			Arch: build.Arch, Config: build.Config, Compiler: build.Compiler, Recipe: recipe.NameCommand, Settings: string(settings),
		}},
	})
	if err != nil {
		return models.Tree{}, err
	}
	for _, t := range sampletree.Tests() {
		if err := addSampleTest(tx, tree, t); err != nil {
			return models.Tree{}, err
		}
	}
	return tree, tx.Want(SampleGrow, tree.ID, tx.Now)
}

func addSampleTest(tx *models.Tx, tree models.Tree, t sampletree.Test) error {
	path := SampleName + "/" + t.Name
	if known, err := tx.TestByPath(path); err == nil || !isNotFound(err) {
		if err != nil {
			return err
		}
		return tx.TieTest(tree.ID, known.ID)
	}
	_, err := tx.AddTest(models.Test{
		Path: path, Description: "A test of the sample tree.", Command: t.Command, Code: strings.Join(t.Code, "\n"), Recipe: recipe.NameCommand,
		Format: t.Format, TimeoutS: int64(t.TimeoutSeconds), State: status.TestReporting,
	}, []id.ID{tree.ID})
	return err
}

// growSample makes the next commit of the sample tree when the one before has
// its verdict. What has been made is read from the repository and the
// checkouts, so that a worker that dies in between does no harm.
func (w *Worker) growSample(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	sources, err := q.TreeSources(run.Object)
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		return run.Done(ctx, nil) // the tree is gone
	}
	remote, err := q.Remote(sources[0].RemoteID)
	if err != nil {
		return err
	}
	checkouts, err := q.CheckoutsOfBranch(run.Object, sampleBranch, 100)
	if err != nil {
		return err
	}
	tip, err := w.sampleTip(ctx, remote.URL)
	if err != nil {
		return err
	}
	commits := sampletree.Commits()
	settled := len(checkouts) == 0 || checkouts[0].State == models.CheckoutFinished && checkouts[0].SHA == tip
	switch {
	case len(checkouts) >= len(commits) && settled:
		return run.Done(ctx, nil)
	case !settled || tip != "" && len(checkouts) == 0: // made, and on its way
		return run.Again(ctx, sampleLook, func(tx *models.Tx) error {
			if len(checkouts) > 0 && checkouts[0].SHA == tip {
				return nil
			}
			return tx.Want(RemotePoll, remote.ID, tx.Now)
		})
	}
	if err := w.outside("sample.commit", func() error { return w.commitSample(ctx, remote.URL, commits[len(checkouts)]) }); err != nil {
		return err
	}
	return run.Again(ctx, sampleLook, func(tx *models.Tx) error { return tx.Want(RemotePoll, remote.ID, tx.Now) })
}

// sampleTip is the newest commit of the sample's repository, "" without one.
func (w *Worker) sampleTip(ctx context.Context, url string) (string, error) {
	if _, err := git.InitRepo(ctx, url); err != nil {
		return "", err
	}
	target, err := w.Git.Check(ctx, url)
	if err != nil {
		return "", err
	}
	listing, err := w.Git.LsRefs(ctx, target, []string{"refs/heads/" + sampleBranch})
	if err != nil {
		return "", err
	}
	ref, _ := listing.Find("refs/heads/" + sampleBranch)
	return ref.OID, nil
}

func (w *Worker) commitSample(ctx context.Context, url string, c sampletree.Commit) error {
	repo, err := git.InitRepo(ctx, url)
	if err != nil {
		return err
	}
	_, err = repo.CommitFiles(ctx, git.Change{
		Files: c.Files, Deleted: c.Deleted, Author: c.Author,
		Message: c.Subject + "\n\n" + c.Body, When: w.Store.Clock(),
	})
	return err
}

func isNotFound(err error) bool { return errors.Is(err, models.ErrNotFound) }
