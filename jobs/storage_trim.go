package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"drover/clients"
	"drover/clients/local"
	"drover/models"
	"drover/rules/id"
)

// Keep says for how long what is not a result stays; 0 is for good. Results,
// verdicts, mails and statistics always stay.
type Keep struct {
	Events   time.Duration // bodies of events that are decided
	Passing  time.Duration // logs and artifacts of what passed
	Failing  time.Duration // of what did not
	Reported time.Duration // of what did not, where a mail points to it
	Tries    time.Duration // tries of steps
	Jobs     time.Duration // of the local runner: what ended and nobody needs
	Warm     time.Duration // work trees that no build started from
	Caches   time.Duration // compiler caches that no build used
}

// before is the time before which something is old.
func before(now time.Time, kept time.Duration) time.Time {
	if kept == 0 {
		return time.Time{}
	}
	return now.Add(-kept)
}

// One try of a trim does so much, and another one follows soon if there is more.
const (
	trimRows    = 2000 // rows of a table
	trimFiles   = 200  // blobs
	trimSoon    = time.Second
	trimSeldom  = 6 * time.Hour
	sweepSeldom = 24 * time.Hour
)

// What somebody began and left, and what was found out for it.
const (
	lookupsKept = 7 * 24 * time.Hour
	draftsKept  = 90 * 24 * time.Hour
	feedKept    = 14 * 24 * time.Hour // what programs follow; the help says so
	tokensKept  = 30 * 24 * time.Hour // after they were over
)

// trimAfter is the wait before the next try of a trim.
func trimAfter(more bool) time.Duration {
	if more {
		return trimSoon
	}
	return trimSeldom
}

// trimStorage forgets rows, and what is in them, when their time is over.
func (w *Worker) trimStorage(ctx context.Context, run *Run) error {
	var tries, events, lookups, drafts, tokens, keys, told, feed int64
	now, keep := w.Store.Clock(), w.Settings.Keep
	err := run.Save(ctx, func(tx *models.Tx) (err error) {
		if tries, err = tx.TrimTries(before(now, keep.Tries), trimRows); err != nil {
			return fmt.Errorf("trim tries: %w", err)
		}
		if events, err = tx.TrimEvents(before(now, keep.Events), trimRows); err != nil {
			return fmt.Errorf("trim events: %w", err)
		}
		if lookups, err = tx.TrimLookups(now.Add(-lookupsKept), trimRows); err != nil {
			return fmt.Errorf("trim lookups: %w", err)
		}
		if drafts, err = tx.TrimDrafts(now.Add(-draftsKept), trimRows); err != nil {
			return fmt.Errorf("trim drafts: %w", err)
		}
		if tokens, err = tx.TrimTokens(now.Add(-tokensKept), trimRows); err != nil {
			return fmt.Errorf("trim tokens: %w", err)
		}
		if keys, err = tx.TrimKeys(now.Add(-models.KeyKept), trimRows); err != nil {
			return fmt.Errorf("trim keys: %w", err)
		}
		if told, err = tx.TrimWebhookDeliveries(now.Add(-feedKept), trimRows); err != nil {
			return fmt.Errorf("trim deliveries of webhooks: %w", err)
		}
		// The last, because it holds up whoever has something to tell.
		if feed, err = tx.TrimFeed(now.Add(-feedKept), trimRows); err != nil {
			return fmt.Errorf("trim what happened: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.tellTrimmed(run, "tries", tries)
	w.tellTrimmed(run, "events", events)
	w.tellTrimmed(run, "lookups", lookups)
	w.tellTrimmed(run, "drafts", drafts)
	w.tellTrimmed(run, "tokens", tokens)
	w.tellTrimmed(run, "keys", keys)
	w.tellTrimmed(run, "webhook deliveries", told)
	w.tellTrimmed(run, "feed", feed)
	return run.Again(ctx, trimAfter(max(tries, events, lookups, drafts, tokens, keys, told, feed) == trimRows), nil)
}

// trimLogs removes the logs and artifacts whose time is over. First the row
// says so, then the blob goes, then the row forgets it: whoever is killed in
// between leaves a row that says so, and the next try goes on from there.
func (w *Worker) trimLogs(ctx context.Context, run *Run) error {
	now, keep := w.Store.Clock(), w.Settings.Keep
	var marked int64
	err := run.Save(ctx, func(tx *models.Tx) (err error) {
		marked, err = tx.TrimFiles(models.LogsBefore{
			Passing: before(now, keep.Passing), Failing: before(now, keep.Failing), Reported: before(now, keep.Reported),
		}, trimFiles)
		return err
	})
	if err != nil {
		return err
	}
	blobs, err := w.Store.With(ctx).TrimmedBlobs(trimFiles)
	if err != nil {
		return fmt.Errorf("list trimmed blobs: %w", err)
	}
	files, err := w.removeBlobs(ctx, blobs)
	w.tellTrimmed(run, "files", int64(len(files)))
	if err != nil {
		return errors.Join(err, run.Save(ctx, func(tx *models.Tx) error { return tx.ForgetBlobs(files) }))
	}
	return run.Again(ctx, trimAfter(marked == trimFiles || len(blobs) == trimFiles), func(tx *models.Tx) error {
		return tx.ForgetBlobs(files)
	})
}

// removeBlobs removes what no other file needs, and gives the files that are
// done with.
func (w *Worker) removeBlobs(ctx context.Context, blobs []models.TrimmedBlob) (files []id.ID, err error) {
	err = w.outside("blob.remove", func() error {
		for _, b := range blobs {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !b.Shared {
				if err := w.Blobs.Remove(b.Blob); err != nil {
					return fmt.Errorf("remove %s: %w", b.Blob, err)
				}
			}
			files = append(files, b.ID)
		}
		return nil
	})
	return files, err
}

func (w *Worker) tellTrimmed(run *Run, what string, number int64) {
	w.metrics.trim(what, number)
	if number > 0 {
		run.Log.Info("trimmed", "what", what, "number", number)
	}
}

// sweepRunner removes what the local runner holds and nobody needs any more.
// Jobs that are still to be read or tested stay, however old: a Drover that was
// off for weeks must find them.
func (w *Worker) sweepRunner(ctx context.Context, run *Run) error {
	keep := w.Settings.Keep
	var swept local.Swept
	err := w.outside("local.sweep", func() (err error) {
		swept, err = w.Local.Sweep(ctx, local.Sweeping{
			Jobs: keep.Jobs, Warm: keep.Warm, Caches: keep.Caches, Needed: w.Store.With(ctx).Needed,
		})
		return err
	})
	w.tellTrimmed(run, "jobs", int64(swept.Jobs))
	w.tellTrimmed(run, "trees", int64(swept.Trees))
	w.tellTrimmed(run, "caches", int64(swept.Caches))
	if err != nil {
		return err
	}
	w.metrics.swept(swept.Bytes, swept.Free)
	return run.Again(ctx, sweepSeldom, nil)
}

// tidyMirror joins the packs that a day of fetches left in one mirror.
func (w *Worker) tidyMirror(ctx context.Context, run *Run) error {
	remote, err := w.Store.With(ctx).Remote(run.Object)
	if err != nil {
		return err
	}
	err = w.outside("git.tidy", func() error { return w.Git.Tidy(ctx, remote.Mirror) })
	if err != nil && clients.ClassOf(err) != clients.NotYet { // not yet: nothing was fetched so far
		return err
	}
	return run.Again(ctx, sweepSeldom, nil)
}
