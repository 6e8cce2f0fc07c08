package jobs

import (
	"fmt"
	"strings"

	"drover/models"
	"drover/rules/notice"
	"drover/rules/status"
	"drover/rules/verdict"
)

// reporting is what a judgement leads to: deliveries to be made, or none.
type reporting struct {
	checkout   models.Checkout
	decision   notice.Decision
	verdict    status.Verdict
	sentence   string
	finished   bool
	deliveries []models.Delivery
}

// reporting asks whom a judgement concerns. It stores nothing yet.
func (w *Worker) reporting(q models.Query, c *Case, j verdict.Judgement) (*reporting, error) {
	deliveries, err := q.Deliveries(c.Checkout.ID)
	if err != nil {
		return nil, err
	}
	people, err := candidates(q, c)
	if err != nil {
		return nil, err
	}
	in := notice.Input{
		Lane: c.Checkout.Lane, Tree: c.Tree.State, TrialOnly: j.Counts.Planned == 0 && j.Counts.Trial > 0 && j.Counts.Builds.Failed == 0,
		Verdict: j.Verdict, Finished: j.Finished, Overdue: !w.Store.Clock().Before(c.deadline()),
		New:   j.Counts.New + j.Counts.Builds.Failed - j.Counts.Builds.Before,
		Fixed: j.Counts.Fixed, Infra: j.Counts.Infra + j.Counts.Missing + j.Counts.Builds.Infra,
		Failed: j.Counts.New + j.Counts.Known + j.Counts.StillFailing + j.Counts.FirstRun + j.Counts.Builds.Failed,
		Before: j.Verdict == status.Broken && !j.News,
		Sent:   sentBefore(deliveries), People: people,
		Operator: w.Settings.Operator, Own: w.Settings.own(),
	}
	r := &reporting{checkout: c.Checkout, decision: notice.Decide(in), verdict: j.Verdict, sentence: j.Text, finished: j.Finished}
	r.deliveries = deliveries
	return r, nil
}

// own is the bare address that Drover sends from.
func (s Settings) own() string {
	_, address := splitMailbox(s.MailFrom)
	return address
}

// splitMailbox reads "Name <address>".
func splitMailbox(mailbox string) (name, address string) {
	if open := strings.LastIndexByte(mailbox, '<'); open >= 0 {
		return strings.Trim(mailbox[:open], ` "`), strings.Trim(mailbox[open:], "<> ")
	}
	return "", strings.TrimSpace(mailbox)
}

// candidates are the addresses of the tree. A line "list netdev@example.org"
// is a mailing list, any other a person.
func candidates(q models.Query, c *Case) ([]notice.Candidate, error) {
	subscriptions, err := q.Subscriptions(c.Tree.ID)
	if err != nil {
		return nil, err
	}
	var people []notice.Candidate
	for _, line := range models.Lines(c.Tree.MailTo) {
		address, isList := strings.CutPrefix(line, "list ")
		address = strings.ToLower(strings.TrimSpace(address))
		had, err := q.LastReportTo(c.Tree.ID, address, c.Checkout.ID)
		if err != nil {
			return nil, err
		}
		one := notice.Candidate{
			Address: address, Role: notice.RoleSubscriber, Person: !isList, Passes: c.Tree.MailPass,
			Muted:      subscriptions[address].MutedAt != nil,
			HadFailure: had == status.NewFailures || had == status.Broken,
			Why:        "you get the reports of " + c.Tree.Name,
		}
		if isList {
			one.Role, one.Why = notice.RoleList, "this list gets the reports of "+c.Tree.Name
		}
		people = append(people, one)
	}
	return people, nil
}

// sentBefore groups deliveries that were or will be made by report.
func sentBefore(deliveries []models.Delivery) []notice.Sent {
	var sent []notice.Sent
	for _, d := range deliveries {
		if d.Number == 0 {
			continue
		}
		if int(d.Number) > len(sent) {
			sent = append(sent, notice.Sent{Verdict: d.Verdict})
		}
		sent[d.Number-1].To = append(sent[d.Number-1].To, d.Recipients)
	}
	return sent
}

// store writes the deliveries, each once, and asks for their sending. A
// checkout that ends untold keeps the reason as a delivery too.
func (r *reporting) store(tx *models.Tx) error {
	if r.decision.Send {
		for _, to := range r.decision.Recipients {
			if err := r.deliver(tx, to); err != nil {
				return err
			}
		}
	}
	if r.finished {
		for _, dropped := range r.decision.Dropped {
			if err := r.untold(tx, dropped.Address, dropped.Reason); err != nil {
				return err
			}
		}
		if !r.decision.Send && len(r.deliveries) == 0 {
			return r.untold(tx, "", r.decision.Reason)
		}
	}
	return nil
}

func (r *reporting) deliver(tx *models.Tx, to notice.Recipient) error {
	d, fresh, err := tx.EnsureDelivery(models.Delivery{
		Kind: "mail", CheckoutID: r.checkout.ID, Number: int64(r.decision.Number), Verdict: r.verdict, Sentence: r.sentence,
		Dedup: fmt.Sprintf("mail:%s:%d:%s", r.checkout.ID, r.decision.Number, to.Address),
		State: models.DeliveryWaiting, Reason: r.decision.Reason, Recipients: to.Address, Why: to.Why, Person: to.Person,
	})
	if err != nil || !fresh {
		return err
	}
	return tx.Want(DeliverySend, d.ID, tx.Now)
}

// untold notes that somebody, or nobody at all, was told, and why not.
func (r *reporting) untold(tx *models.Tx, address, reason string) error {
	_, _, err := tx.EnsureDelivery(models.Delivery{
		Kind: "mail", CheckoutID: r.checkout.ID, Number: 0, Verdict: r.verdict, Sentence: r.sentence,
		Dedup: fmt.Sprintf("mail:%s:untold:%s", r.checkout.ID, address),
		State: models.DeliverySuppressed, Reason: reason, Recipients: address,
	})
	return err
}
