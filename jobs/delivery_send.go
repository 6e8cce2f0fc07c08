package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"drover/clients"
	"drover/clients/mail"
	"drover/models"
	"drover/models/report"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/views/route"

	letter "drover/views/mail"
)

// Sender sends one message; clients/mail has the real one.
type Sender interface {
	Send(ctx context.Context, e mail.Envelope, raw []byte) ([]mail.Recipient, error)
}

// sendDelivery renders the mail of a delivery once, stores it, and sends it.
// Every try sends the same bytes under the same Message-ID: after an unknown
// outcome the mail may arrive twice, and is one mail to every archive.
func (w *Worker) sendDelivery(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	delivery, err := q.Delivery(run.Object)
	if err != nil {
		return err
	}
	if delivery.State != models.DeliveryWaiting {
		return run.Done(ctx, nil)
	}
	message, err := q.MailOfDelivery(delivery.ID)
	if errors.Is(err, models.ErrNotFound) {
		message, err = w.write(ctx, run, q, delivery)
	}
	if err != nil {
		return err
	}
	reason, err := stranger(q, delivery)
	if err != nil {
		return err
	}
	if reason = cmp.Or(reason, w.heldBack()); reason != "" {
		delivery.State, delivery.Reason = models.DeliverySuppressed, reason
		return run.Done(ctx, func(tx *models.Tx) error {
			if err := w.observeReport(tx, delivery); err != nil {
				return err
			}
			return tx.SetDelivery(delivery)
		})
	}
	return w.send(ctx, run, delivery, message)
}

// stranger says why a report does not go to who may not read its tree, or "".
// It is asked last of all: the tree may have been restricted meanwhile.
func stranger(q models.Query, d models.Delivery) (string, error) {
	checkout, err := q.Checkout(d.CheckoutID)
	if err != nil {
		return "", err
	}
	tree, err := q.Tree(checkout.TreeID)
	if err != nil {
		return "", err
	}
	ok, err := q.MayBeMailed(tree, d.Recipients)
	if err != nil || ok {
		return "", err
	}
	return fmt.Sprintf("not sent: only the group %s may read %s, and nobody in it signed in with this address", tree.Readers, tree.Name), nil
}

// heldBack says why nothing can leave, or "".
func (w *Worker) heldBack() string {
	switch {
	case w.Settings.Environment != "production":
		return "not sent: DROVER_ENVIRONMENT is " + w.Settings.Environment
	case w.Mail == nil:
		return "not sent: no mail server is set (DROVER_SMTP)"
	}
	return ""
}

// write renders the mail and stores it before anything is sent.
func (w *Worker) write(ctx context.Context, run *Run, q models.Query, d models.Delivery) (models.Mail, error) {
	text, err := w.render(ctx, run, q, d)
	if err != nil {
		return models.Mail{}, err
	}
	raw, err := letter.Message(text)
	if err != nil {
		return models.Mail{}, clients.Fail(clients.Permanent, "write mail", err)
	}
	var stored models.Mail
	err = run.Save(ctx, func(tx *models.Tx) error {
		stored, err = tx.EnsureMail(models.Mail{
			DeliveryID: d.ID, CheckoutID: d.CheckoutID, MessageID: notice.MessageID(d.CheckoutID, int(d.Number), text.Host),
			Sender: w.Settings.MailFrom, Recipients: d.Recipients, Subject: notice.Subject(text.Report), Raw: string(raw),
		})
		return err
	})
	return stored, err
}

// render makes the letter of a delivery.
func (w *Worker) render(ctx context.Context, run *Run, q models.Query, d models.Delivery) (letter.Letter, error) {
	base, err := route.ParseBase(w.Settings.URL)
	if err != nil {
		return letter.Letter{}, clients.Fail(clients.Permanent, "DROVER_URL", err)
	}
	audience := notice.Audience{Why: d.Why, Person: d.Person}
	if d.Person {
		checkout, err := q.Checkout(d.CheckoutID)
		if err != nil {
			return letter.Letter{}, err
		}
		err = run.Save(ctx, func(tx *models.Tx) error {
			subscription, err := tx.EnsureSubscription(d.Recipients, checkout.TreeID)
			audience.Unsubscribe = base.Unsubscribe(subscription.Token)
			return err
		})
		if err != nil {
			return letter.Letter{}, err
		}
	}
	facts, err := report.Facts(q, w.Blobs, Links{base}, d.CheckoutID)
	if err != nil {
		return letter.Letter{}, err
	}
	facts.Audience, facts.Credit = audience, w.Settings.MailFrom
	if d.Number > 1 {
		facts.Corrects, err = corrected(q, d)
		if err != nil {
			return letter.Letter{}, err
		}
	}
	name, address := splitMailbox(w.Settings.MailFrom)
	return letter.Letter{
		Report: notice.Compose(facts), Number: int(d.Number), Host: mailHost(base, address),
		From: letter.Address{Name: name, Address: address}, To: letter.Address{Address: d.Recipients},
		Date: d.CreatedAt.Truncate(time.Second),
	}, nil
}

// mailHost is the domain of Message-IDs: the sender's, so that they name a
// place that is ours wherever the site runs.
func mailHost(base route.Base, address string) string {
	if _, domain, ok := strings.Cut(address, "@"); ok {
		return domain
	}
	return base.Host()
}

// corrected names the first report, which a second one corrects.
func corrected(q models.Query, d models.Delivery) (*notice.Corrected, error) {
	deliveries, err := q.Deliveries(d.CheckoutID)
	if err != nil {
		return nil, err
	}
	for _, first := range deliveries {
		if first.Number == 1 {
			return &notice.Corrected{Finished: first.CreatedAt, Sentence: first.Sentence}, nil
		}
	}
	return nil, fmt.Errorf("delivery %s corrects a report that is not there", d.ID)
}

// send hands the mail to the server and stores what it said.
func (w *Worker) send(ctx context.Context, run *Run, d models.Delivery, m models.Mail) error {
	var answers []mail.Recipient
	err := w.outside("mail.send", func() (err error) {
		answers, err = w.Mail.Send(ctx, mail.Envelope{From: w.Settings.own(), To: []string{m.Recipients}}, []byte(m.Raw))
		return err
	})
	m.Tries++
	m.Answers = answersOf(answers)
	if err != nil && clients.ClassOf(err) != clients.Permanent {
		if saved := run.Save(ctx, func(tx *models.Tx) error { return tx.SetMail(m) }); saved != nil {
			return errors.Join(err, saved)
		}
		return err
	}
	return run.Done(ctx, func(tx *models.Tx) error {
		d.State, d.SentAt, m.SentAt = models.DeliverySent, &tx.Now, &tx.Now
		if err != nil || !delivered(answers) {
			d.State, d.SentAt, m.SentAt = models.DeliveryRefused, nil, nil
			d.Reason = "the mail server refused it: " + m.Answers
			if err != nil {
				d.Reason = err.Error()
			}
		}
		if err := tx.SetMail(m); err != nil {
			return err
		}
		if err := w.observeReport(tx, d); err != nil {
			return err
		}
		return tx.SetDelivery(d)
	})
}

func delivered(answers []mail.Recipient) bool {
	for _, a := range answers {
		if a.State == mail.Delivered {
			return true
		}
	}
	return false
}

func answersOf(answers []mail.Recipient) string {
	var lines []string
	for _, a := range answers {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s: %s %d %s", a.Address, a.State, a.Code, a.Text)))
	}
	return strings.Join(lines, "\n")
}

// observeReport measures the time from the push to the first report.
func (w *Worker) observeReport(tx *models.Tx, d models.Delivery) error {
	if d.Number != 1 {
		return nil
	}
	checkout, err := tx.Checkout(d.CheckoutID)
	if err != nil {
		return err
	}
	w.metrics.reported(tx.Now.Sub(checkout.PushedAt))
	return nil
}

// Links makes the addresses in a report those of the site at Base.
type Links struct{ route.Base }

// Result is the short link to a result, or to a line of its log.
func (l Links) Result(result id.ID, line int64) string {
	return l.Base.Result(result, route.Lines{First: int(line)})
}
