package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"drover/clients/git"
	"drover/clients/local"
	"drover/jobs/seedtree"
	"drover/models"
	"drover/rules/status"
	"drover/rules/targeting"
)

// bigLog is how many lines stand between two cases of the newest failing log
// of mainline, which makes it more than 120,000 lines long.
const bigLog = 6000

// seededCheckout is one checkout of the month while it is being stored.
type seededCheckout struct {
	*seededTree
	number, of int
	pushed     time.Time
	running    bool // half of its results are still to come
	checkout   models.Checkout
	finished   time.Time
	logs       []seededLog
}

// seededLog is a log that goes into the blob store.
type seededLog struct {
	job  models.Job
	name string
	text string
}

// addCheckout stores a checkout with everything that came of it, and has it
// judged and reported.
func (s Seeding) addCheckout(ctx context.Context, c *seededCheckout) error {
	s.Clock.Set(c.pushed)
	sha, err := c.commit(ctx)
	if err != nil {
		return err
	}
	if err := s.Worker.Store.Tx(ctx, func(tx *models.Tx) error { return c.store(tx, sha) }); err != nil {
		return err
	}
	for _, log := range c.logs {
		if err := s.storeLog(ctx, log); err != nil {
			return err
		}
	}
	s.Clock.Set(c.finished)
	if err := s.work(ctx, CheckoutJudge, c.checkout); err != nil {
		return err
	}
	deliveries, err := s.Worker.Store.Deliveries(c.checkout.ID)
	for _, d := range deliveries {
		s.Worker.process(ctx, models.Hint{Kind: DeliverySend, Object: d.ID})
	}
	return err
}

// work does the step of a checkout at once, as a worker would.
func (s Seeding) work(ctx context.Context, kind string, c models.Checkout) error {
	if err := s.Worker.Store.Tx(ctx, func(tx *models.Tx) error { return tx.Want(kind, c.ID, tx.Now) }); err != nil {
		return err
	}
	s.Worker.process(ctx, models.Hint{Kind: kind, Object: c.ID})
	return nil
}

func (c *seededCheckout) commit(ctx context.Context) (string, error) {
	return c.repo.CommitFiles(ctx, git.Change{
		Files: map[string]string{
			"Makefile": "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 0\nEXTRAVERSION = -rc3\n", "Kconfig": "mainmenu \"Linux\"\n",
			seedtree.Changed(c.Tree, c.number): fmt.Sprintf("int v = %d;\n", c.number),
		},
		Author: seedtree.Author(c.Tree, c.number), Message: seedtree.Subject(c.Tree, c.number), When: c.pushed.Add(-20 * time.Minute),
	})
}

// store writes the event, the commit, the checkout, its plan and its outcome.
func (c *seededCheckout) store(tx *models.Tx, sha string) error {
	event, _, err := tx.AddEvent(models.Event{Source: "git", Dedup: c.tree.ID.String() + ":" + sha, TreeID: c.tree.ID, Body: "{}"}, EventRead)
	if err != nil {
		return err
	}
	if err := tx.Drop(EventRead, event.ID); err != nil {
		return err
	}
	if err := tx.DecideEvent(event.ID, "checkouts", "the tip of "+c.Branch+" after a push"); err != nil {
		return err
	}
	author, email := splitMailbox(seedtree.Author(c.Tree, c.number))
	written := c.pushed.Add(-20 * time.Minute)
	row := models.NewCommit{Commit: models.Commit{SHA: sha, Author: author, Email: email, Subject: seedtree.Subject(c.Tree, c.number), CommittedAt: &written}}
	if c.parent != "" {
		row.Parents = []string{c.parent}
	}
	c.parent = sha
	known, err := tx.AddCommits([]models.NewCommit{row})
	if err != nil {
		return err
	}
	c.checkout, _, err = tx.EnsureCheckout(models.Checkout{
		TreeID: c.tree.ID, Branch: c.Branch, CommitID: known[sha].ID, SHA: sha, Lane: status.Baseline, Source: "git", EventID: event.ID,
		Subject: row.Subject, Author: author, Email: email, State: models.CheckoutPlanned, PushedAt: c.pushed,
		Describe: fmt.Sprintf("v6.12-rc3-%d-g%.12s", 12*c.number+c.offset(), sha),
	})
	if err != nil {
		return err
	}
	p, err := gatherPlan(tx.Query, c.checkout)
	if err != nil {
		return err
	}
	file := git.File{Path: seedtree.Changed(c.Tree, c.number), Kind: git.Modified}
	change := targeting.Change{Files: targeting.OfFiles(targeting.File{Path: file.Path}), Subjects: targeting.Only(row.Subject)}
	if err := p.choose(change, nil); err != nil {
		return err
	}
	if err := tx.AddPlan(p.items); err != nil {
		return err
	}
	if err := tx.SetPlanned(p.checkout, p.files(git.Changes{Files: []git.File{file}})); err != nil {
		return err
	}
	if err := tx.SetStarted(c.checkout.ID, c.pushed.Add(time.Minute)); err != nil {
		return err
	}
	return c.storeBuilds(tx, p)
}

// offset keeps the trees' numbers apart.
func (c *seededCheckout) offset() int { return 100 * (c.seededTree.number + 1) }

func (c *seededCheckout) storeBuilds(tx *models.Tx, p plan) error {
	builds := p.builds()
	c.finished = c.pushed.Add(time.Minute)
	for i, config := range seedtree.Configs() {
		b := &builds[i]
		started := c.pushed.Add(time.Duration(i/4+1) * 2 * time.Minute)
		ended := started.Add(seedtree.BuildTime(c.seededTree.number, c.number, config))
		b.Status, b.StartedAt, b.FinishedAt, b.CompilerVersion = status.Pass, &started, &ended, config.Compiler+" (made up)"
		if seedtree.BuildFails(c.seededTree.number, c.number, config) {
			b.Status, b.FirstError, b.FirstErrorLine, b.Reason = status.Fail, "mm/slub.c:412:9: error: implicit declaration of function 'kmem_cache_helper'", 3, "ended with status 2."
		}
		if c.running && i >= 4 {
			b.Status, b.FinishedAt = status.Running, nil
		}
	}
	if err := tx.AddBuilds(builds); err != nil {
		return err
	}
	for i, config := range seedtree.Configs() {
		if err := c.storeBuild(tx, p, builds[i], config); err != nil {
			return err
		}
	}
	return nil
}

func (c *seededCheckout) storeBuild(tx *models.Tx, p plan, b models.Build, config seedtree.Config) error {
	job := models.Job{Kind: models.JobBuild, CheckoutID: c.checkout.ID, BuildID: b.ID, Attempt: 1}
	state := endedJob(b.StartedAt, b.FinishedAt)
	if b.Status == status.Fail {
		state.Reason, state.Detail, state.ExitStatus = string(local.Exit), b.Reason, 2
	}
	job, err := addEndedJob(tx, job, state)
	if err != nil {
		return err
	}
	if b.Status == status.Fail {
		c.logs = append(c.logs, seededLog{job, BuildLog, "make ARCH=" + config.Arch + " defconfig\n  CC      mm/slub.o\n" + b.FirstError + "\nmake: *** [Makefile:1921: .] Error 2\n"})
	}
	at := b.FinishedAt
	for _, suite := range seedtree.Suites() {
		run := seededRun{seededCheckout: c, build: b, run: seedtree.Run{Tree: c.seededTree.number, Checkout: c.number, Checkouts: c.of, Config: config, Suite: suite}}
		if at, err = run.store(tx, p, at); err != nil {
			return err
		}
	}
	if at != nil && at.After(c.finished) {
		c.finished = *at
	}
	return nil
}

// endedJob is the part of a job's row that says how it went.
func endedJob(started, ended *time.Time) models.Job {
	j := models.Job{State: models.JobCollected, Reason: string(local.OK), Isolation: "bubblewrap", Host: "builder-01", SubmittedAt: started, StartedAt: started, FinishedAt: ended, CollectedAt: ended}
	if ended == nil {
		j.State, j.Reason = models.JobRunning, ""
	}
	return j
}

func addEndedJob(tx *models.Tx, job, state models.Job) (models.Job, error) {
	job, err := tx.AddJob(job)
	if err != nil {
		return job, err
	}
	job.State, job.Reason, job.Detail, job.ExitStatus, job.Isolation, job.Host = state.State, state.Reason, state.Detail, state.ExitStatus, state.Isolation, state.Host
	job.SubmittedAt, job.StartedAt, job.FinishedAt, job.CollectedAt = state.SubmittedAt, state.StartedAt, state.FinishedAt, state.CollectedAt
	return job, tx.SetJob(job)
}

// storeLog puts a log where those of real jobs are.
func (s Seeding) storeLog(ctx context.Context, l seededLog) error {
	_, files, err := s.Worker.putLog(ctx, l.job, l.name, strings.NewReader(l.text))
	if err != nil {
		return err
	}
	return s.Worker.Store.Tx(ctx, func(tx *models.Tx) error {
		for _, file := range files {
			if err := tx.AddFile(file); err != nil {
				return err
			}
		}
		return nil
	})
}
