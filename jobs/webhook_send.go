package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"drover/clients"
	"drover/clients/webhook"
	"drover/models"
	"drover/rules/id"
	"drover/views/route"

	rules "drover/rules/webhook"
)

const (
	// hookIdle is when a webhook looks again although nobody woke it: then it
	// knows how far it has read of what is not for it.
	hookIdle = 10 * time.Minute
	// hookTurn is how long one try goes on: others want the worker, too.
	hookTurn = 30 * time.Second
	// hookEvents is how many events are sent before it is looked again whether
	// people changed something.
	hookEvents = 10
	// hookReads bounds what is looked at for them, however few are for it.
	hookReads = 10_000
	// hookStuck is the wait while its secret cannot be read.
	hookStuck = 10 * time.Minute
)

// sendWebhook tells a webhook what happened, one event after the other. The
// event is stored as told after the other side took it: who is killed in between
// sends it once more, under the same id.
func (w *Worker) sendWebhook(ctx context.Context, run *Run) error {
	hook, err := w.Store.With(ctx).Webhook(run.Object)
	if errors.Is(err, models.ErrNotFound) {
		return run.Done(ctx, nil)
	}
	if err != nil {
		return err
	}
	base, err := route.ParseBase(w.Settings.URL)
	if err != nil {
		return clients.Fail(clients.Permanent, "DROVER_URL", err)
	}
	now := w.Store.Clock()
	secrets, err := hook.Secrets(w.Keys, now)
	if err != nil {
		return run.Again(ctx, hookStuck, func(tx *models.Tx) error { return tx.WebhookStuck(hook.ID, err.Error(), tx.Now.Add(hookStuck)) })
	}
	t := telling{Worker: w, run: run, hook: hook.ID, base: base, url: hook.URL, secrets: secrets}
	if hook.PingAt != nil {
		if err := t.ping(ctx, *hook.PingAt); err != nil {
			return err
		}
	}
	switch {
	case hook.State != models.WebhookOn:
		return run.Done(ctx, nil)
	case hook.NextAt != nil && hook.NextAt.After(now):
		return run.Again(ctx, hook.NextAt.Sub(now), nil)
	}
	return t.events(ctx, now.Add(hookTurn))
}

// telling is one turn of one webhook.
type telling struct {
	*Worker
	run     *Run
	hook    id.ID
	base    route.Base
	url     string
	secrets []string
}

// events sends what is there, until that is all, it fails, or the turn is over.
func (t telling) events(ctx context.Context, until time.Time) error {
	q := t.Store.With(ctx)
	for {
		hook, err := q.Webhook(t.hook)
		if err != nil || hook.State != models.WebhookOn || hook.URL != t.url {
			return t.away(ctx, err)
		}
		head, err := q.FeedHead()
		if err != nil {
			return err
		}
		if lost := hook.LostBefore(head); lost != "" {
			if err := t.read(ctx, head.Trimmed, lost); err != nil {
				return err
			}
			continue
		}
		seen := max(hook.SentTo, min(head.Newest, hook.SentTo+hookReads))
		rows, err := q.Feed(hook.SentTo, seen, hook.Filter(), hookEvents)
		switch {
		case err != nil:
			return err
		case len(rows) > 0:
			if done, err := t.some(ctx, hook, rows, until); done || err != nil {
				return err
			}
		case seen == hook.SentTo:
			return t.run.Again(ctx, hookIdle, nil)
		default:
			if err := t.read(ctx, seen, ""); err != nil {
				return err
			}
		}
	}
}

// some sends some events. done tells that the turn is over.
func (t telling) some(ctx context.Context, hook models.Webhook, rows []models.FeedLine, until time.Time) (done bool, err error) {
	for _, row := range rows {
		if !t.Store.Clock().Before(until) {
			return true, t.run.Again(ctx, 0, nil)
		}
		if done, err := t.event(ctx, hook, row); done || err != nil {
			return done, err
		}
		hook.Failures, hook.FailingSince = 0, nil
	}
	return false, nil
}

// read notes up to where nothing is left for the webhook, and what was lost.
func (t telling) read(ctx context.Context, seen int64, lost string) error {
	return t.run.Save(ctx, func(tx *models.Tx) error { return tx.WebhookRead(t.hook, seen, lost) })
}

// away ends a turn when people changed something meanwhile: the next one, if
// there is one, sees it.
func (t telling) away(ctx context.Context, err error) error {
	if err != nil && !errors.Is(err, models.ErrNotFound) {
		return err
	}
	return t.run.Again(ctx, 0, nil)
}

// event sends one event. done tells that the turn is over with it.
func (t telling) event(ctx context.Context, hook models.Webhook, row models.FeedLine) (done bool, err error) {
	letter, err := eventLetter(t.base, row)
	if err != nil {
		return false, clients.Fail(clients.Permanent, "write an event", err)
	}
	d, asked, err := t.send(ctx, letter)
	if err != nil {
		return false, err
	}
	if d.Error == "" || t.offline() != "" {
		return false, t.run.Save(ctx, func(tx *models.Tx) error { return tx.WebhookTaken(d) })
	}
	return true, t.failed(ctx, hook, d, asked)
}

// failed notes a failure, and says when to try again or that it is given up.
func (t telling) failed(ctx context.Context, hook models.Webhook, d models.WebhookDelivery, asked time.Duration) error {
	now := t.Store.Clock()
	o := rules.Outcome{Status: int(d.Status), Asked: asked}
	if hook.FailingSince != nil {
		o.Failing = now.Sub(*hook.FailingSince)
	}
	after := rules.Next(o, spread(rules.Wait(hook.Failures+1), hook.ID.String()+d.Error))
	why := rules.GiveUp(o)
	note := func(tx *models.Tx) error {
		if err := tx.WebhookFailed(d, tx.Now.Add(after)); err != nil || why == "" {
			return err
		}
		return tx.GiveUpWebhook(hook.ID, why)
	}
	t.run.Log.Warn("a webhook failed", "failures", hook.Failures+1, "status", d.Status, "error", d.Error, "given_up", why)
	if why != "" {
		return t.run.Done(ctx, note)
	}
	return t.run.Again(ctx, after, note)
}

// ping sends a test, whose outcome counts for nothing else.
func (t telling) ping(ctx context.Context, asked time.Time) error {
	letter, err := pingLetter(t.hook, asked)
	if err != nil {
		return clients.Fail(clients.Permanent, "write a ping", err)
	}
	d, _, err := t.send(ctx, letter)
	if err != nil {
		return err
	}
	return t.run.Save(ctx, func(tx *models.Tx) error { return tx.WebhookPinged(d, asked) })
}

// offline says why nothing leaves, or "".
func (t telling) offline() string {
	if t.Settings.Environment != "production" {
		return "not sent: DROVER_ENVIRONMENT is " + t.Settings.Environment
	}
	return ""
}

// send is one try. The error is only that of a worker that has to stop.
func (t telling) send(ctx context.Context, l hookLetter) (d models.WebhookDelivery, asked time.Duration, err error) {
	d = models.WebhookDelivery{WebhookID: t.hook, EventID: l.event, Kind: l.kind, Error: t.offline()}
	if d.Error != "" {
		return d, 0, nil
	}
	var answer webhook.Answer
	err = t.outside("webhook.send", func() (err error) {
		answer, err = t.Webhook.Send(ctx, webhook.Message{URL: t.url, ID: l.id, At: t.Store.Clock(), Body: l.body, Secrets: t.secrets})
		return err
	})
	if err != nil && ctx.Err() != nil {
		return d, 0, fmt.Errorf("the worker stops: %w", err)
	}
	d.Status, d.Answer, d.TookMS = int64(answer.Status), answer.Text, answer.Took.Milliseconds()
	if err != nil {
		d.Error = err.Error()
	}
	return d, clients.After(err), nil
}
