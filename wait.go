package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"drover/models"
	"drover/rules/status"
	"drover/rules/verdict"
	"drover/views/route"
)

type waitCommand struct {
	Tree    string        `required:"" help:"Name of the tree."`
	Commit  string        `required:"" help:"Commit, in full."`
	Timeout time.Duration `help:"When to give up." default:"1h"`
}

// fullCommit is a commit as checkouts have it, of SHA-1 or SHA-256.
var fullCommit = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// Run watches a running server's database until the commit has its final
// verdict. Progress goes to standard error, facts as name=value to standard
// output.
func (w waitCommand) Run(ctx context.Context) (err error) {
	if !fullCommit.MatchString(w.Commit) {
		return fmt.Errorf("--commit %s: give all 40 digits, as `git rev-parse %s` prints them", w.Commit, w.Commit)
	}
	c, err := readEnvironment()
	if err != nil {
		return err
	}
	store, _, err := openToRead(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	q := store.With(ctx)
	limited, cancel := context.WithTimeout(ctx, w.Timeout)
	defer cancel()
	checkout, err := w.watch(limited, q)
	if err != nil {
		return err
	}
	base, err := route.ParseBase(c.URL)
	if err != nil {
		return err
	}
	return printFacts(q, base, checkout)
}

// watch looks every half second.
func (w waitCommand) watch(ctx context.Context, q models.Query) (models.Checkout, error) {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	said := ""
	for {
		tree, err := q.TreeByName(w.Tree)
		if errors.Is(err, models.ErrNotFound) {
			return models.Checkout{}, fmt.Errorf("there is no tree %s: `drover tree add` adds one", w.Tree)
		}
		if err != nil {
			return models.Checkout{}, fmt.Errorf("tree %s: %w", w.Tree, err)
		}
		checkouts, err := q.CheckoutsOfCommit(tree.ID, w.Commit)
		if err != nil {
			return models.Checkout{}, err
		}
		text, err := trouble(q, tree)
		if err != nil {
			return models.Checkout{}, err
		}
		if len(checkouts) > 0 {
			if checkouts[0].State == models.CheckoutFinished {
				return checkouts[0], nil
			}
			text = progress(checkouts[0])
		}
		if text != said {
			said = text
			fmt.Fprintln(os.Stderr, "drover: "+said)
		}
		select {
		case <-ctx.Done():
			return models.Checkout{}, fmt.Errorf("no verdict of %s in time (--timeout %s), last seen: %s (%w)", w.Commit, w.Timeout, said, ctx.Err())
		case <-ticker.C:
		}
	}
}

// trouble says what keeps a tree's remote from being read.
func trouble(q models.Query, tree models.Tree) (string, error) {
	sources, err := q.TreeSources(tree.ID)
	if err != nil || len(sources) == 0 {
		return "the commit has not been seen yet", err
	}
	remote, err := q.Remote(sources[0].RemoteID)
	if err != nil {
		return "", err
	}
	switch {
	case remote.Error != "":
		return "the remote cannot be read: " + remote.Error, nil
	case sources[0].Note != "":
		return sources[0].Note, nil
	}
	return "the commit has not been seen yet", nil
}

// printFacts prints what a script wants to know of a finished checkout.
func printFacts(q models.Query, base route.Base, c models.Checkout) error {
	var counts verdict.Counts
	if err := json.Unmarshal([]byte(c.Counts), &counts); err != nil {
		return fmt.Errorf("read the counts of %s: %w", c.ID, err)
	}
	fmt.Printf("checkout=%s\nurl=%s\nverdict=%s\ntext=%s\n", c.ID, base.Checkout(c.ID), c.Verdict, c.VerdictText)
	fmt.Printf("pass=%d\nfail=%d\nskip=%d\nnew=%d\n", counts.Pass,
		counts.New+counts.Known+counts.StillFailing+counts.FirstRun, counts.Skipped, counts.New)
	if err := printNew(q, c); err != nil {
		return err
	}
	if err := printBuilds(q, c); err != nil {
		return err
	}
	deliveries, err := q.Deliveries(c.ID)
	if err != nil {
		return err
	}
	for _, d := range deliveries {
		message, err := q.MailOfDelivery(d.ID)
		if errors.Is(err, models.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		fmt.Printf("mail=%s\n", base.Absolute(route.Mail(message.ID)))
	}
	return nil
}

func printNew(q models.Query, c models.Checkout) error {
	results, err := q.Results(c.ID)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Shown != status.New {
			continue
		}
		test, err := q.Test(r.TestID)
		if err != nil {
			return err
		}
		fmt.Printf("new_test=%s\n", test.Path)
	}
	return nil
}

// printBuilds tells how long the compilers took, all builds together.
func printBuilds(q models.Query, c models.Checkout) error {
	jobs, err := q.JobsOfCheckout(c.ID)
	if err != nil {
		return err
	}
	var took time.Duration
	for _, job := range jobs {
		if job.Kind == models.JobBuild && job.StartedAt != nil && job.FinishedAt != nil {
			took += job.FinishedAt.Sub(*job.StartedAt)
		}
	}
	fmt.Printf("build_seconds=%.1f\n", took.Seconds())
	return nil
}
