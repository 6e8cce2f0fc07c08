package models

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"drover/rules/feed"
	"drover/rules/id"
	"drover/rules/status"
)

// States of a delivery.
const (
	DeliveryWaiting    = "waiting"
	DeliverySent       = "sent"
	DeliverySuppressed = "suppressed" // not sent, with the reason
	DeliveryRefused    = "refused"    // the other side will not have it
)

// Delivery is one effect that leaves: who is told what, once. Its Dedup says
// what it says to whom.
type Delivery struct {
	ID         id.ID
	Kind       string // mail
	Dedup      string
	CheckoutID id.ID
	Number     int64 // 1 the first report of the checkout, 2 its correction
	Verdict    status.Verdict
	Sentence   string // of the verdict, as it was then
	State      string
	Reason     string
	Recipients string // the address, "" where nobody was to be told
	Why        string // ends "You get it because …"
	Person     bool   // one person, not a list
	CreatedAt  time.Time
	SentAt     *time.Time
}

// Mail is a mail exactly as it was, or would have been, sent.
type Mail struct {
	ID         id.ID
	DeliveryID id.ID
	CheckoutID id.ID
	MessageID  string // without angle brackets, kept over all tries
	Sender     string
	Recipients string // one address a line
	Subject    string
	Raw        string
	Tries      int64
	Answers    string // the server's words, one recipient a line
	CreatedAt  time.Time
	SentAt     *time.Time
}

// Subscription is how one address wants mail of a tree; TreeID 0 means all.
type Subscription struct {
	ID        id.ID
	Address   string
	TreeID    id.ID
	Token     string // of the unsubscribe link
	MutedAt   *time.Time
	CreatedAt time.Time
}

// EnsureDelivery stores a delivery unless it is there; fresh tells which.
func (tx *Tx) EnsureDelivery(d Delivery) (delivery Delivery, fresh bool, err error) {
	if d.ID, err = tx.ID(); err != nil {
		return Delivery{}, false, err
	}
	d.CreatedAt = tx.Now
	done := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&d)
	if done.Error != nil {
		return Delivery{}, false, fmt.Errorf("store delivery: %w", done.Error)
	}
	if done.RowsAffected == 0 {
		delivery, err = take[Delivery](tx.db, "dedup = ?", d.Dedup)
		return delivery, false, err
	}
	tx.changed(ChangeCheckout, d.CheckoutID, "head", "reports")
	return d, true, nil
}

// Delivery reads a delivery.
func (q Query) Delivery(delivery id.ID) (Delivery, error) {
	return take[Delivery](q.db, "id = ?", delivery)
}

// Deliveries lists what was said, or not said, about a checkout.
func (q Query) Deliveries(checkout id.ID) ([]Delivery, error) {
	var rows []Delivery
	err := q.db.Where("checkout_id = ?", checkout).Order("number, id").Limit(1000).Find(&rows).Error
	return rows, err
}

// SetDelivery stores what became of a delivery.
func (tx *Tx) SetDelivery(d Delivery) error {
	tx.changed(ChangeCheckout, d.CheckoutID, "reports")
	if d.State == DeliverySent {
		tx.happened(FeedEvent{Kind: feed.ReportSent, ObjectID: d.CheckoutID, CheckoutID: d.CheckoutID, Detail: d.Kind})
	}
	return tx.db.Model(&Delivery{}).Where("id = ?", d.ID).Updates(map[string]any{
		"state": d.State, "reason": d.Reason, "sent_at": d.SentAt,
	}).Error
}

// EnsureMail stores the mail of a delivery; one that is there stays as it is,
// so that every try sends the same bytes.
func (tx *Tx) EnsureMail(m Mail) (Mail, error) {
	var err error
	if m.ID, err = tx.ID(); err != nil {
		return Mail{}, err
	}
	m.CreatedAt = tx.Now
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&m).Error; err != nil {
		return Mail{}, fmt.Errorf("store mail: %w", err)
	}
	return take[Mail](tx.db, "delivery_id = ?", m.DeliveryID)
}

// SetMail stores how sending went.
func (tx *Tx) SetMail(m Mail) error {
	return tx.db.Model(&Mail{}).Where("id = ?", m.ID).Updates(map[string]any{
		"tries": m.Tries, "answers": m.Answers, "sent_at": m.SentAt,
	}).Error
}

// Mail reads a mail.
func (q Query) Mail(mail id.ID) (Mail, error) { return take[Mail](q.db, "id = ?", mail) }

// MailOfDelivery reads the mail of a delivery.
func (q Query) MailOfDelivery(delivery id.ID) (Mail, error) {
	return take[Mail](q.db, "delivery_id = ?", delivery)
}

// Mails lists the newest mails that come before an id; 0 starts at the newest.
func (q Query) Mails(before id.ID, limit int) ([]Mail, error) {
	db := q.db.Order("id DESC").Limit(limit)
	if before > 0 {
		db = db.Where("id < ?", before)
	}
	var rows []Mail
	err := db.Find(&rows).Error
	return rows, err
}

// EnsureSubscription gives the subscription of an address to a tree's mail,
// with the token of its unsubscribe link.
func (tx *Tx) EnsureSubscription(address string, tree id.ID) (Subscription, error) {
	number, err := tx.ID()
	if err != nil {
		return Subscription{}, err
	}
	token := make([]byte, 15)
	if _, err := rand.Read(token); err != nil {
		return Subscription{}, err
	}
	row := Subscription{
		ID: number, Address: strings.ToLower(address), TreeID: tree, CreatedAt: tx.Now,
		Token: strings.ToLower(base32.StdEncoding.EncodeToString(token)),
	}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return Subscription{}, fmt.Errorf("store subscription: %w", err)
	}
	return take[Subscription](tx.db, "address = ? AND tree_id = ?", row.Address, tree)
}

// SubscriptionByToken reads the subscription of an unsubscribe link.
func (q Query) SubscriptionByToken(token string) (Subscription, error) {
	return take[Subscription](q.db, "token = ?", token)
}

// Subscriptions lists those of a tree by address.
func (q Query) Subscriptions(tree id.ID) (map[string]Subscription, error) {
	var rows []Subscription
	if err := q.db.Where("tree_id = ?", tree).Order("id").Limit(10_000).Find(&rows).Error; err != nil {
		return nil, err
	}
	byAddress := make(map[string]Subscription, len(rows))
	for _, row := range rows {
		byAddress[row.Address] = row
	}
	return byAddress, nil
}

// Mute stops the mails of a subscription, or starts them again.
func (tx *Tx) Mute(subscription id.ID, stop bool) error {
	var at any
	if stop {
		at = tx.Now
	}
	return tx.db.Model(&Subscription{}).Where("id = ?", subscription).Update("muted_at", at).Error
}

const sqlLastReport = `SELECT d.verdict FROM deliveries d JOIN checkouts c ON c.id = d.checkout_id
	WHERE c.tree_id = ? AND d.recipients = ? AND d.number > 0 AND c.id < ? ORDER BY d.id DESC LIMIT 1`

// LastReportTo is the verdict of the last report of a tree that went to an
// address, before a checkout; "" for none.
func (q Query) LastReportTo(tree id.ID, address string, before id.ID) (status.Verdict, error) {
	var verdicts []status.Verdict
	err := q.db.Raw(sqlLastReport, tree, address, before).Scan(&verdicts).Error
	if err != nil || len(verdicts) == 0 {
		return "", err
	}
	return verdicts[0], nil
}
