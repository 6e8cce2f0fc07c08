package models

import (
	"fmt"
	"time"

	"drover/rules/id"
)

// What the job that sends writes: never what people set, so that neither undoes
// the other's change.

const sqlWebhookTaken = `UPDATE webhooks SET sent_to = CASE WHEN sent_to < ? THEN ? ELSE sent_to END, failures = 0, failing_since = NULL,
	next_at = NULL, last_at = ?, last_status = ?, last_error = ? WHERE id = ?`

// WebhookTaken notes that a webhook is done with an event: it took it, or it was
// held back and the error says why.
func (tx *Tx) WebhookTaken(d WebhookDelivery) error {
	if err := tx.addWebhookDelivery(d); err != nil {
		return err
	}
	return tx.db.Exec(sqlWebhookTaken, d.EventID, d.EventID, tx.Now, d.Status, d.Error, d.WebhookID).Error
}

const sqlWebhookFailed = `UPDATE webhooks SET failures = failures + 1, failing_since = COALESCE(failing_since, ?), next_at = ?,
	last_at = ?, last_status = ?, last_error = ? WHERE id = ?`

// WebhookFailed notes that it did not take an event, and when that is tried
// again.
func (tx *Tx) WebhookFailed(d WebhookDelivery, next time.Time) error {
	if err := tx.addWebhookDelivery(d); err != nil {
		return err
	}
	return tx.db.Exec(sqlWebhookFailed, tx.Now, next, tx.Now, d.Status, d.Error, d.WebhookID).Error
}

const sqlWebhookGivenUp = `UPDATE webhooks SET state = 'off', stopped_at = ?, next_at = NULL, note = ?, version = version + 1 WHERE id = ? AND state = 'on'`

// GiveUpWebhook switches it off, with the reason.
func (tx *Tx) GiveUpWebhook(hook id.ID, why string) error {
	tx.changed(ChangeWebhook, hook)
	return tx.db.Exec(sqlWebhookGivenUp, tx.Now, why, hook).Error
}

// WebhookPinged notes the outcome of a test that was asked for at a time; one
// that was asked for since is still to come.
func (tx *Tx) WebhookPinged(d WebhookDelivery, asked time.Time) error {
	if err := tx.addWebhookDelivery(d); err != nil {
		return err
	}
	return tx.db.Exec(`UPDATE webhooks SET ping_at = NULL WHERE id = ? AND ping_at = ?`, d.WebhookID, asked).Error
}

// WebhookStuck notes why nothing can be sent now, which is not the other side's
// failure.
func (tx *Tx) WebhookStuck(hook id.ID, why string, next time.Time) error {
	tx.changed(ChangeWebhook, hook)
	return tx.db.Exec(`UPDATE webhooks SET last_error = ?, next_at = ? WHERE id = ?`, why, next, hook).Error
}

const sqlWebhookRead = `UPDATE webhooks SET sent_to = ?, note = CASE WHEN ? = '' THEN note ELSE ? END WHERE id = ? AND sent_to < ?`

// WebhookRead notes that nothing for it is up to an event, but what note says is
// lost.
func (tx *Tx) WebhookRead(hook id.ID, seen int64, note string) error {
	return tx.db.Exec(sqlWebhookRead, seen, note, note, hook, seen).Error
}

func (tx *Tx) addWebhookDelivery(d WebhookDelivery) (err error) {
	if d.ID, err = tx.ID(); err != nil {
		return err
	}
	d.At = tx.Now
	tx.changed(ChangeWebhook, d.WebhookID)
	if err := tx.db.Create(&d).Error; err != nil {
		return fmt.Errorf("note what a webhook was sent: %w", err)
	}
	return nil
}
