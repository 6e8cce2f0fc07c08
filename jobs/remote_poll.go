package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"drover/clients"
	"drover/clients/git"
	"drover/models"
	"drover/rules/status"
	"drover/rules/trigger"
)

// Push is the body of an event: a branch moved, or somebody asks for a revision.
type Push struct {
	Branch   string `json:"branch"`
	Old      string `json:"old,omitempty"` // "" when the branch is new to us
	New      string `json:"new,omitempty"` // "" when the branch is gone
	Revision string `json:"revision,omitempty"`
	By       string `json:"by,omitempty"` // who asked for the revision
}

// pollRemote asks one remote once for the branches of all trees that watch it,
// and stores an event for each that moved.
func (w *Worker) pollRemote(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	remote, err := q.Remote(run.Object)
	if err != nil {
		return err
	}
	watches, err := w.watches(q, remote)
	if err != nil {
		return err
	}
	if len(watches) == 0 { // all paused
		return run.Again(ctx, w.Settings.Poll, nil)
	}
	listing, err := w.listRemote(ctx, remote, watches)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		after := max(clients.After(err), delay(remote.Failures+2, remote.URL))
		return run.Again(ctx, after, func(tx *models.Tx) error {
			return tx.RemoteFailed(remote.ID, string(clients.ClassOf(err)), err.Error())
		})
	}
	refs, err := q.Refs(remote.ID)
	if err != nil {
		return err
	}
	w.metrics.polled(w.Store.Clock())
	return run.Again(ctx, w.pollAfter(remote), func(tx *models.Tx) error {
		return recordListing(tx, remote, watches, listing, refs)
	})
}

// pollAfter spreads the looks of different remotes over time.
func (w *Worker) pollAfter(remote models.Remote) time.Duration {
	return w.Settings.Poll + w.Settings.Poll/10*time.Duration(remote.ID%10)/10
}

// watch is one tree's interest in a remote.
type watch struct {
	tree   models.Tree
	source models.TreeSource
}

func (w *Worker) watches(q models.Query, remote models.Remote) ([]watch, error) {
	sources, err := q.SourcesOfRemote(remote.ID)
	if err != nil {
		return nil, err
	}
	var list []watch
	for _, source := range sources {
		tree, err := q.Tree(source.TreeID)
		if err != nil {
			return nil, err
		}
		if tree.State != status.TreePaused {
			list = append(list, watch{tree, source})
		}
	}
	return list, nil
}

func (w *Worker) listRemote(ctx context.Context, remote models.Remote, watches []watch) (listing git.Listing, err error) {
	var patterns []string
	for _, watch := range watches {
		patterns = append(patterns, models.Lines(watch.source.Branches)...)
	}
	err = w.outside("git.list", func() error {
		target, err := w.Git.Check(ctx, remote.URL)
		if err != nil {
			return err
		}
		listing, err = w.Git.LsRefs(ctx, target, trigger.Prefixes(patterns))
		return err
	})
	return listing, err
}

// recordListing stores what a remote answered: refs, events and notes.
func recordListing(tx *models.Tx, remote models.Remote, watches []watch, listing git.Listing, refs []models.Ref) error {
	if err := tx.RemoteAnswered(remote.ID, strings.TrimPrefix(listing.Head, "refs/heads/"), listing.Empty); err != nil {
		return err
	}
	known := map[string]models.Ref{}
	for _, ref := range refs {
		known[ref.Name] = ref
	}
	for _, watch := range watches {
		if err := recordWatch(tx, watch, listing, known); err != nil {
			return err
		}
	}
	for _, ref := range listing.Refs {
		if err := tx.SaveRef(models.Ref{RemoteID: remote.ID, Name: ref.Name, OID: ref.Commit()}); err != nil {
			return err
		}
	}
	return recordGone(tx, watches, listing, refs)
}

func recordWatch(tx *models.Tx, watch watch, listing git.Listing, known map[string]models.Ref) error {
	patterns := models.Lines(watch.source.Branches)
	matched := 0
	for _, ref := range listing.Refs {
		branch, isBranch := strings.CutPrefix(ref.Name, "refs/heads/")
		if !isBranch || !trigger.Watches(patterns, branch) {
			continue
		}
		matched++
		if seen := known[ref.Name]; seen.OID == ref.Commit() && seen.GoneAt == nil && seen.SeenAt.After(watch.tree.UpdatedAt) {
			continue // read when it came
		}
		// The key, not the old value, keeps one push from being read twice: a
		// tree that came later reads the branch too.
		push := Push{Branch: branch, Old: known[ref.Name].OID, New: ref.Commit()}
		if push.Old == push.New {
			push.Old = ""
		}
		if err := addPush(tx, watch.tree, push, "push:"+push.New); err != nil {
			return err
		}
	}
	return tx.NoteSource(watch.source.ID, noteOf(listing, patterns, matched))
}

// noteOf says in words why a source gives nothing.
func noteOf(listing git.Listing, patterns []string, matched int) string {
	switch {
	case matched > 0:
		return ""
	case listing.Empty:
		return "The repository is empty. Drover goes on looking."
	case listing.Head != "":
		return fmt.Sprintf("No branch matches %s. The default branch is %s.",
			strings.Join(patterns, ", "), strings.TrimPrefix(listing.Head, "refs/heads/"))
	}
	return "No branch matches " + strings.Join(patterns, ", ") + "."
}

func addPush(tx *models.Tx, tree models.Tree, push Push, about string) error {
	body, err := json.Marshal(push)
	if err != nil {
		return err
	}
	_, _, err = tx.AddEvent(models.Event{
		Source: "git", TreeID: tree.ID, Body: string(body),
		Dedup: fmt.Sprintf("%s:%s:%s", tree.ID, push.Branch, about),
	}, EventRead)
	return err
}

// recordGone notes branches that the remote no longer lists. One look is not
// enough to believe it: mirrors lag, and an answer can be odd.
func recordGone(tx *models.Tx, watches []watch, listing git.Listing, refs []models.Ref) error {
	for _, ref := range refs {
		if _, there := listing.Find(ref.Name); there {
			continue
		}
		branch := strings.TrimPrefix(ref.Name, "refs/heads/")
		if ref.GoneAt == nil {
			ref.GoneAt = &tx.Now
			if err := tx.SaveRef(ref); err != nil {
				return err
			}
			continue
		}
		for _, watch := range watches {
			if trigger.Watches(models.Lines(watch.source.Branches), branch) {
				if err := addPush(tx, watch.tree, Push{Branch: branch, Old: ref.OID}, "gone:"+ref.OID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
