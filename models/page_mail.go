package models

import (
	"time"

	"drover/rules/id"
)

// MailLine is a mail in the outbox, with its delivery and its checkout.
type MailLine struct {
	ID         id.ID
	DeliveryID id.ID
	CheckoutID id.ID
	Subject    string
	Recipients string
	Tries      int64
	CreatedAt  time.Time
	SentAt     *time.Time
	State      string
	Reason     string
	Number     int64
	Person     bool
	Tree       string
	Branch     string
	SHA        string `gorm:"column:sha"`
	Describe   string
	Title      string // first line of the commit message
}

// MailFilter chooses mails.
type MailFilter struct {
	State Choice // states of a delivery
	Tree  Choice
	Text  string // a part of the subject
}

const (
	fromMails = ` FROM mails m JOIN deliveries d ON d.id = m.delivery_id JOIN checkouts c ON c.id = m.checkout_id
		JOIN trees t ON t.id = c.tree_id`
	columnsOfMailLine = `m.id, m.delivery_id, m.checkout_id, m.subject, m.recipients, m.tries, m.created_at, m.sent_at, d.state, d.reason,
		d.number, d.person, t.name AS tree, c.branch, c.sha, c.describe, c.subject AS title`
)

func (f MailFilter) conditions() conditions {
	var c conditions
	c.choose("d.state", f.State)
	c.choose("t.name", f.Tree)
	if f.Text != "" {
		c.contains(f.Text, "m.subject")
	}
	return c
}

// ListMails lists mails, newest first.
func (q Query) ListMails(f MailFilter, s Slice) ([]MailLine, Ends, error) {
	c := f.conditions()
	tail := c.slice(s, ordering{id: "m.id", descending: true})
	var rows []MailLine
	err := q.db.Raw("SELECT "+columnsOfMailLine+fromMails+c.where()+tail, c.args...).Scan(&rows).Error
	rows, e := ends(rows, s)
	return rows, e, err
}

// CountMails counts them, up to CountLimit + 1.
func (q Query) CountMails(f MailFilter) (int, error) { return q.count(fromMails, f.conditions()) }

// MailsNamed lists the mails of a checkout with a Message-ID: one for each
// reader.
func (q Query) MailsNamed(checkout id.ID, message string) ([]Mail, error) {
	var rows []Mail
	err := q.db.Select("id", "checkout_id", "message_id").
		Where("checkout_id = ? AND message_id = ?", checkout, message).Order("id").Limit(10).Find(&rows).Error
	return rows, err
}
