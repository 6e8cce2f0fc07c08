package models

import (
	"fmt"
	"time"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/webhook"
)

// WebhookSend is the step that sends, one for each webhook. It is named here for
// the one place where a step follows from what any transaction did.
const WebhookSend = "webhook.send"

// WebhookTable is what secrets of webhooks are sealed for, beside their row.
const WebhookTable = "webhooks"

// WebhookState says whether a webhook is told of what happens.
type WebhookState string

// The states of a webhook.
const (
	WebhookOn     WebhookState = "on"
	WebhookPaused WebhookState = "paused" // by a person
	WebhookOff    WebhookState = "off"    // given up; the note says why
)

// Webhook is an address outside that is told what happens, from SentTo on.
type Webhook struct {
	ID           id.ID
	TreeID       id.ID // 0 for everything
	URL          string
	Kinds        string // of events, one a line; "" for all
	Secret       string // sealed
	FormerSecret string // sealed; "" without
	FormerUntil  *time.Time
	SentTo       int64 // the newest event that it is done with
	State        WebhookState
	Note         string // why it is off, or what was lost
	Failures     int64  // in a row
	FailingSince *time.Time
	NextAt       *time.Time // not before this, after a failure
	StoppedAt    *time.Time // since when it is not on
	PingAt       *time.Time // since when somebody waits for a test
	LastAt       *time.Time
	LastStatus   int64 // of the last answer; 0 without one
	LastError    string
	MadeBy       string
	CreatedAt    time.Time
	Version      int64 // of what people set
}

// Filter chooses the events of a webhook.
func (h Webhook) Filter() FeedFilter { return FeedFilter{Kinds: Lines(h.Kinds), TreeID: h.TreeID} }

// Secrets are what signs at a time: the secret, and the former one as long as it
// is good.
func (h Webhook) Secrets(keys *Keys, now time.Time) ([]string, error) {
	secret, err := keys.Open(h.Secret, WebhookTable, h.ID)
	if err != nil {
		return nil, err
	}
	list := []string{secret}
	if h.FormerSecret == "" || h.FormerUntil == nil || !now.Before(*h.FormerUntil) {
		return list, nil
	}
	former, err := keys.Open(h.FormerSecret, WebhookTable, h.ID)
	return append(list, former), err
}

// WebhookDelivery is one try to tell a webhook of something.
type WebhookDelivery struct {
	ID        id.ID
	WebhookID id.ID
	EventID   int64 // 0 for a ping
	Kind      feed.Kind
	Status    int64  // of the answer; 0 without one
	Error     string // "" if it was taken
	Answer    string // the beginning of it
	TookMS    int64
	At        time.Time
}

// Webhook reads one. ErrNotFound if there is none.
func (q Query) Webhook(hook id.ID) (Webhook, error) { return take[Webhook](q.db, "id = ?", hook) }

// WebhooksOf lists the webhooks of a tree, oldest first.
func (q Query) WebhooksOf(tree id.ID, limit int) ([]Webhook, error) {
	var rows []Webhook
	err := q.db.Where("tree_id = ?", tree).Order("id").Limit(limit).Find(&rows).Error
	return rows, err
}

// WebhookLine is a webhook with the name of its tree, "" for everything.
type WebhookLine struct {
	Webhook
	Tree string
}

const sqlWebhooks = `SELECT h.id, h.tree_id, h.url, h.kinds, h.secret, h.former_secret, h.former_until, h.sent_to, h.state, h.note, h.failures,
	h.failing_since, h.next_at, h.stopped_at, h.ping_at, h.last_at, h.last_status, h.last_error, h.made_by, h.created_at, h.version,
	COALESCE(t.name, '') AS tree FROM webhooks h LEFT JOIN trees t ON t.id = h.tree_id ORDER BY h.tree_id, h.id LIMIT ?`

// Webhooks lists all of them, those of everything first.
func (q Query) Webhooks(limit int) ([]WebhookLine, error) {
	var rows []WebhookLine
	err := q.db.Raw(sqlWebhooks, limit).Scan(&rows).Error
	return rows, err
}

// WebhookDeliveries lists the last tries of a webhook, newest first.
func (q Query) WebhookDeliveries(hook id.ID, limit int) ([]WebhookDelivery, error) {
	var rows []WebhookDelivery
	err := q.db.Where("webhook_id = ?", hook).Order("id DESC").Limit(limit).Find(&rows).Error
	return rows, err
}

// The row of the step is always locked before that of the webhook, and that of
// the feed before both: the job that sends holds its step when it writes, and
// who tells of something holds the feed when it wakes the steps.

// sqlHoldFeed makes those who tell of something wait until this transaction is
// over, so that they see the webhook that it switches on.
const sqlHoldFeed = `UPDATE feed_head SET newest = newest WHERE one = 1 RETURNING newest, trimmed`

func (tx *Tx) holdFeed() (head FeedHead, err error) {
	if err := tx.db.Raw(sqlHoldFeed).Scan(&head).Error; err != nil {
		return head, fmt.Errorf("hold the feed: %w", err)
	}
	return head, nil
}

// AddWebhook stores a new webhook, which hears of what happens from now on. seal
// gives its sealed secret once its number is known.
func (tx *Tx) AddWebhook(h Webhook, seal func(id.ID) (string, error)) (Webhook, error) {
	head, err := tx.holdFeed()
	if err != nil {
		return h, err
	}
	if h.ID, err = tx.ID(); err != nil {
		return h, err
	}
	if h.Secret, err = seal(h.ID); err != nil {
		return h, err
	}
	h.SentTo, h.State, h.CreatedAt, h.Version = head.Newest, WebhookOn, tx.Now, 1
	if err := tx.Want(WebhookSend, h.ID, tx.Now); err != nil {
		return h, err
	}
	if err := tx.db.Create(&h).Error; err != nil {
		return h, fmt.Errorf("add a webhook: %w", translate(err))
	}
	return h, nil
}

// setWebhook changes what people set. ErrStale when it is not at that version.
func (tx *Tx) setWebhook(h Webhook, values map[string]any) error {
	values["version"] = h.Version + 1
	done := tx.db.Model(&Webhook{}).Where("id = ? AND version = ?", h.ID, h.Version).Updates(values)
	tx.changed(ChangeWebhook, h.ID)
	return staleUnless(done.RowsAffected, done.Error)
}

// ChangeWebhookTo sets where and of what a webhook is told.
func (tx *Tx) ChangeWebhookTo(h Webhook, url, kinds string) error {
	return tx.setWebhook(h, map[string]any{"url": url, "kinds": kinds})
}

// PauseWebhook tells it nothing more until it is switched on.
func (tx *Tx) PauseWebhook(h Webhook) error {
	return tx.setWebhook(h, map[string]any{"state": WebhookPaused, "stopped_at": tx.Now, "next_at": nil})
}

// StartWebhook goes on where it stopped. What is not kept any more is lost, and
// its note says so.
func (tx *Tx) StartWebhook(h Webhook) error {
	head, err := tx.holdFeed()
	if err != nil {
		return err
	}
	if err := tx.Want(WebhookSend, h.ID, tx.Now); err != nil {
		return err
	}
	return tx.setWebhook(h, map[string]any{
		"state": WebhookOn, "stopped_at": nil, "next_at": nil, "failures": 0, "failing_since": nil,
		"sent_to": max(h.SentTo, head.Trimmed), "note": h.LostBefore(head),
	})
}

// LostBefore says what a webhook that goes on after SentTo was not told of and
// nobody can tell any more, "" for nothing.
func (h Webhook) LostBefore(head FeedHead) string {
	if h.SentTo >= head.Trimmed {
		return ""
	}
	return fmt.Sprintf("What happened from event %d to %d is not kept any more: of these it was told nothing.", h.SentTo+1, head.Trimmed)
}

// RenewWebhook gives it another sealed secret; the former one signs beside it
// for a day.
func (tx *Tx) RenewWebhook(h Webhook, sealed string) error {
	return tx.setWebhook(h, map[string]any{
		"secret": sealed, "former_secret": h.Secret, "former_until": tx.Now.Add(webhook.FormerLasts),
	})
}

// PingWebhook asks for a test now, whatever its state.
func (tx *Tx) PingWebhook(h Webhook) error {
	if err := tx.Want(WebhookSend, h.ID, tx.Now); err != nil {
		return err
	}
	tx.changed(ChangeWebhook, h.ID)
	return tx.db.Model(&Webhook{}).Where("id = ?", h.ID).Update("ping_at", tx.Now).Error
}

// EndWebhook forgets a webhook and what it was told. ErrStale as the others.
func (tx *Tx) EndWebhook(h Webhook) error {
	if err := tx.Drop(WebhookSend, h.ID); err != nil {
		return err
	}
	done := tx.db.Where("id = ? AND version = ?", h.ID, h.Version).Delete(&Webhook{})
	if err := staleUnless(done.RowsAffected, done.Error); err != nil {
		return err
	}
	tx.changed(ChangeWebhook, h.ID)
	return tx.db.Where("webhook_id = ?", h.ID).Delete(&WebhookDelivery{}).Error
}

// sqlAwake finds the webhooks that hear of some trees.
const sqlAwake = `SELECT id FROM webhooks WHERE state = 'on' AND (tree_id = 0 OR tree_id IN ?
	OR tree_id IN (SELECT tree_id FROM checkouts WHERE id IN ?)) ORDER BY id`

// wakeWebhooks asks for the steps of the webhooks that hear of what happened.
// Whoever adds one or switches it on holds the feed, as this transaction does.
func (tx *Tx) wakeWebhooks() error {
	trees, checkouts := []id.ID{0}, []id.ID{0}
	for _, e := range tx.happenings {
		trees, checkouts = append(trees, e.TreeID), append(checkouts, e.CheckoutID)
	}
	var hooks []id.ID
	if err := tx.db.Raw(sqlAwake, trees, checkouts).Scan(&hooks).Error; err != nil {
		return fmt.Errorf("find webhooks to wake: %w", err)
	}
	for _, hook := range hooks {
		if err := tx.Want(WebhookSend, hook, tx.Now); err != nil {
			return err
		}
	}
	return nil
}

const sqlTrimWebhookDeliveries = `DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries WHERE at < ? ORDER BY at, id LIMIT ?)`

// TrimWebhookDeliveries forgets tries from before a time, at most limit of them.
func (tx *Tx) TrimWebhookDeliveries(before time.Time, limit int) (int64, error) {
	done := tx.db.Exec(sqlTrimWebhookDeliveries, before, limit)
	return done.RowsAffected, done.Error
}

// UnreadableSecrets says of which webhooks the secret cannot be opened, and why.
func (q Query) UnreadableSecrets(keys *Keys, limit int) ([]string, error) {
	hooks, err := q.Webhooks(limit)
	var list []string
	for _, h := range hooks {
		if _, err := h.Secrets(keys, q.Clock()); err != nil {
			list = append(list, h.ID.String()+": "+err.Error())
		}
	}
	return list, err
}
