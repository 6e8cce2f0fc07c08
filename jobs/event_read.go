package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"drover/clients"
	"drover/clients/git"
	"drover/models"
	"drover/rules/status"
	"drover/rules/trigger"
)

const (
	// maxHistory is how many commits behind a new branch's tip are recorded,
	// so that a later push finds its ancestors.
	maxHistory = 500
	// maxPush bounds the commits of one push that are looked at.
	maxPush = 5000
)

// readEvent turns an event into checkouts, or into a reason why there are none.
func (w *Worker) readEvent(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	event, err := q.Event(run.Object)
	if err != nil {
		return err
	}
	if event.DecidedAt != nil {
		return run.Done(ctx, nil)
	}
	var push Push
	if err := json.Unmarshal([]byte(event.Body), &push); err != nil {
		return clients.Fail(clients.Permanent, "event body", err)
	}
	r := reading{event: event, push: push}
	if r.tree, err = q.Tree(event.TreeID); err != nil {
		return err
	}
	if push.New == "" && push.Revision == "" {
		return run.Done(ctx, func(tx *models.Tx) error {
			return tx.DecideEvent(event.ID, "nothing", "the branch "+push.Branch+" was deleted; what was tested of it stays")
		})
	}
	if err := w.fetchPush(ctx, q, &r); err != nil {
		return err
	}
	if err := r.decide(q, w); err != nil {
		return err
	}
	return run.Done(ctx, r.store)
}

// reading is an event with what git says about it.
type reading struct {
	event    models.Event
	tree     models.Tree
	push     Push
	forced   bool
	commits  []git.Commit // new with the push, newest first
	history  []git.Commit // to be recorded, newest first
	decision trigger.Decision
}

// fetchPush brings the commits into the mirror and lists them.
func (w *Worker) fetchPush(ctx context.Context, q models.Query, r *reading) error {
	sources, err := q.TreeSources(r.tree.ID)
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		return clients.Fail(clients.Permanent, "event read", errors.New("the tree has no source"))
	}
	remote, err := q.Remote(sources[0].RemoteID)
	if err != nil {
		return err
	}
	return w.outside("git.fetch", func() error {
		target, err := w.Git.Check(ctx, remote.URL)
		if err != nil {
			return err
		}
		if r.push.Revision != "" {
			return w.fetchRevision(ctx, target, remote.Mirror, r)
		}
		refs := []string{"refs/heads/" + r.push.Branch, r.push.New} // an id is kept for good
		if err := w.Git.Fetch(ctx, target, remote.Mirror, refs); err != nil {
			return err
		}
		return w.listPush(ctx, remote.Mirror, r)
	})
}

// fetchRevision finds the commit that a person or a bot named. A full id that
// the mirror has needs no word of the remote: it names the same for ever.
func (w *Worker) fetchRevision(ctx context.Context, target git.Target, mirror string, r *reading) error {
	full := isFullName(r.push.Revision)
	if full {
		if err := w.listRevision(ctx, mirror, r.push.Revision, r); clients.ClassOf(err) != clients.NotYet {
			return err
		}
	}
	if r.push.Branch != "" {
		if err := w.Git.Fetch(ctx, target, mirror, []string{"refs/heads/" + r.push.Branch}); err != nil {
			return err
		}
	}
	sha, err := w.Git.Resolve(ctx, mirror, r.push.Revision)
	if err != nil && full {
		if err := w.Git.Fetch(ctx, target, mirror, []string{r.push.Revision}); err != nil {
			return err
		}
		sha, err = w.Git.Resolve(ctx, mirror, r.push.Revision)
	}
	if err != nil {
		return clients.Fail(clients.Permanent, "find the revision",
			fmt.Errorf("%q is not a commit of this repository's watched branches: give a full commit id, a tag or a branch (%w)", r.push.Revision, err))
	}
	return w.listRevision(ctx, mirror, sha, r)
}

// listRevision lists a commit of the mirror with its history, and keeps it.
// NotYet: the mirror lacks it.
func (w *Worker) listRevision(ctx context.Context, mirror, sha string, r *reading) (err error) {
	if r.history, err = w.Git.Log(ctx, mirror, git.Range{Tip: sha, Max: maxHistory}); err != nil {
		return err
	}
	if len(r.history) == 0 { // a tree or a file has an id, too
		return clients.Fail(clients.Permanent, "find the revision", fmt.Errorf("%s is not a commit: give the id of a commit, a tag or a branch", sha))
	}
	r.commits, r.push.New = r.history[:1], r.history[0].SHA
	return w.Git.Keep(ctx, mirror, r.push.New)
}

func isFullName(revision string) bool {
	return len(revision) == 40 && strings.Trim(revision, "0123456789abcdef") == ""
}

// listPush lists what a push brought.
func (w *Worker) listPush(ctx context.Context, mirror string, r *reading) (err error) {
	if r.push.Old != "" {
		ancestor, err := w.Git.IsAncestor(ctx, mirror, r.push.Old, r.push.New)
		if err != nil { // the old tip is not in the mirror: it was never fetched
			r.push.Old = ""
		}
		r.forced = err == nil && !ancestor
	}
	if r.push.Old == "" {
		r.history, err = w.Git.Log(ctx, mirror, git.Range{Tip: r.push.New, Max: maxHistory})
		if err == nil && len(r.history) > 0 {
			r.commits = r.history[:1]
		}
		return err
	}
	r.commits, err = w.Git.Log(ctx, mirror, git.Range{Tip: r.push.New, Not: []string{r.push.Old}, Max: maxPush})
	r.history = r.commits
	return err
}

// decide asks the tree's policy which commits become checkouts. Who asks for
// one revision gets it, whatever the policy and the budget say.
func (r *reading) decide(q models.Query, w *Worker) error {
	if r.push.Revision != "" {
		r.decision = trigger.Decision{Chosen: []string{r.push.New}, Reason: r.push.By + " asked for " + r.push.Revision}
		return nil
	}
	used, err := q.CheckoutsSince(r.tree.ID, dayStart(w.Store.Clock()))
	if err != nil {
		return err
	}
	p := trigger.Push{Old: r.push.Old, New: r.push.New, Forced: r.forced, NewBranch: r.push.Old == ""}
	for _, c := range r.commits {
		p.Commits = append(p.Commits, trigger.Commit{SHA: c.SHA, Parents: c.Parents})
	}
	r.decision = trigger.Decide(p, trigger.Policy{
		Mode: trigger.Mode(r.tree.Policy), DailyBudget: int(r.tree.DailyBudget), UsedToday: int(used),
	})
	return nil
}

// store records ancestry, checkouts and what was left out, and the decision.
func (r *reading) store(tx *models.Tx) error {
	var list []models.NewCommit
	for _, c := range r.history {
		list = append(list, models.NewCommit{
			Commit:  models.Commit{SHA: c.SHA, Author: c.Author, Email: c.Email, Subject: c.Subject, CommittedAt: &c.Time},
			Parents: c.Parents,
		})
	}
	known, err := tx.AddCommits(list)
	if err != nil {
		return err
	}
	for i := len(r.decision.Chosen) - 1; i >= 0; i-- { // oldest first, so that history is there
		if err := r.addCheckout(tx, known, r.decision.Chosen[i]); err != nil {
			return err
		}
	}
	var untested []models.UntestedCommit
	for _, u := range r.decision.Untested {
		untested = append(untested, models.UntestedCommit{
			TreeID: r.tree.ID, Branch: r.push.Branch, SHA: u.SHA, Subject: known[u.SHA].Subject,
			Reason: u.Reason, EventID: r.event.ID, NotedAt: tx.Now,
		})
	}
	if err := tx.AddUntested(untested); err != nil {
		return err
	}
	word := "checkouts"
	if len(r.decision.Chosen) == 0 {
		word = "nothing"
	}
	return tx.DecideEvent(r.event.ID, word, r.decision.Reason)
}

func (r *reading) addCheckout(tx *models.Tx, known map[string]models.Commit, sha string) error {
	commit, ok := known[sha]
	if !ok {
		return fmt.Errorf("commit %s was chosen but not listed", sha)
	}
	lane := status.Baseline
	if r.tree.State == status.TreeRehearsal {
		lane = status.Rehearsal
	}
	checkout, fresh, err := tx.EnsureCheckout(models.Checkout{
		TreeID: r.tree.ID, Branch: r.push.Branch, CommitID: commit.ID, SHA: sha, Lane: lane,
		Source: r.event.Source, EventID: r.event.ID, Subject: commit.Subject, Author: commit.Author, Email: commit.Email,
		State: models.CheckoutPlanned, PushedAt: r.event.ReceivedAt,
	})
	if err != nil || !fresh {
		return err
	}
	return tx.Want(CheckoutPlan, checkout.ID, tx.Now)
}

// refuseEvent ends an event that cannot be read, with the reason on it.
func (w *Worker) refuseEvent(ctx context.Context, run *Run, reason string) error {
	return run.Done(ctx, func(tx *models.Tx) error {
		return tx.DecideEvent(run.Object, "nothing", reason)
	})
}
