package server

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"drover/jobs"
	"drover/models"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// mailState is the state of a delivery in the words of the outbox.
func mailState(state string, tries int64) string {
	switch {
	case state == models.DeliveryWaiting && tries > 0:
		return "retrying"
	case state == models.DeliveryWaiting:
		return "queued"
	case state == models.DeliveryRefused:
		return "failed"
	}
	return state
}

// mailStates are the same words as filters, with what they select.
var mailStates = map[string]string{
	"queued": models.DeliveryWaiting, "sent": models.DeliverySent, "suppressed": models.DeliverySuppressed, "failed": models.DeliveryRefused,
}

var mailStateOptions = []ui.Option{
	{Value: "sent", Text: "Sent"}, {Value: "queued", Text: "Queued"}, {Value: "suppressed", Text: "Suppressed"}, {Value: "failed", Text: "Failed"},
}

// mailKind says what a report is to those who get it.
func mailKind(number int64) string {
	if number > 1 {
		return "correction"
	}
	return "report"
}

func mails(v *visit) error {
	l, err := v.listing(route.Mails(), nil,
		filter{name: "q", label: "Subject"},
		filter{name: "state", label: "State", options: mailStateOptions, many: true},
		filter{name: "tree", label: "Tree", many: true})
	if err != nil {
		return err
	}
	f := models.MailFilter{Text: l.get("q"), State: l.choice("state"), Tree: l.choice("tree")}
	for _, words := range [][]string{f.State.Any, f.State.None} {
		for i, word := range words {
			words[i] = mailStates[word]
		}
	}
	lines, e, err := v.q.ListMails(f, l.slice)
	if err != nil {
		return err
	}
	total, err := v.q.CountMails(f)
	if err != nil {
		return err
	}
	first, last := outermost(lines, func(l models.MailLine) models.Key { return models.Key{ID: l.ID} })
	l.show(len(lines), total, e, first, last)
	rows := make([]page.MailRow, len(lines))
	for i, m := range lines {
		rows[i] = page.MailRow{
			ID: m.ID, Time: m.CreatedAt, Kind: mailKind(m.Number), To: len(models.Lines(m.Recipients)), Subject: m.Subject,
			Checkout: &ui.Revision{ID: m.CheckoutID, Tree: m.Tree, Branch: m.Branch, Commit: m.SHA, Describe: m.Describe, Subject: m.Title},
			State:    mailState(m.State, m.Tries), Why: m.Reason,
		}
	}
	p := page.Mails{Frame: v.frame("Mail", l.self(), ui.Crumb{Text: "Mail"}), Data: rows, ListParts: l.parts()}
	p.Active = "mail"
	return v.list(p, rows, rows, l)
}

func mail(v *visit) error {
	number, err := v.id("mail")
	if err != nil {
		return err
	}
	m, err := v.q.Mail(number)
	if err != nil {
		return orMissing(err, "No such mail", fmt.Sprintf("No mail is called %q.", v.names["id"]))
	}
	d, err := v.q.Delivery(m.DeliveryID)
	if err != nil {
		return err
	}
	raw := m.Raw
	if !v.signedIn {
		raw = redacted(raw, d.Person)
	}
	if v.format == "txt" {
		v.sandboxed("text/plain; charset=utf-8", "")
		return v.send(200, "text/plain; charset=utf-8", []byte(raw))
	}
	p, err := v.place(m.CheckoutID)
	if err != nil {
		return err
	}
	revision := p.revision()
	data := page.MailData{
		ID: m.ID, Subject: m.Subject, Kind: mailKind(d.Number), State: mailState(d.State, m.Tries), Why: cmp.Or(d.Reason, "Sent because "+d.Why+"."),
		Written: m.CreatedAt, Sent: at(m.SentAt), Checkout: &revision, Raw: raw,
	}
	for _, to := range models.Lines(m.Recipients) {
		data.To = append(data.To, v.address(to, d.Person))
	}
	for _, answer := range models.Lines(m.Answers) {
		if !v.signedIn && d.Person {
			answer = addresses.ReplaceAllStringFunc(answer, masked)
		}
		data.Tries = append(data.Tries, ui.Event{When: cmp.Or(at(m.SentAt), m.CreatedAt), Who: "mail server", What: answer})
	}
	step, err := v.q.Step(jobs.DeliverySend, d.ID)
	switch {
	case err == nil:
		data.Next = step.DueAt
		if step.LastError != "" {
			data.Why = step.LastError
		}
	case !errors.Is(err, models.ErrNotFound):
		return err
	}
	f := v.frame(m.Subject, route.Mail(m.ID), ui.Crumb{Text: "Mail", URL: route.Mails()}, ui.Crumb{Text: m.Subject})
	f.Active = "mail"
	return v.object(page.Mail{Frame: f, Data: data}, data, route.Mail(m.ID))
}

var (
	addresses = regexp.MustCompile(`[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]+@[A-Za-z0-9.-]+[A-Za-z0-9]`)
	// privateHeaders name or serve one reader. A header goes on in lines that
	// begin with a blank.
	privateHeaders = regexp.MustCompile(`(?mi)^(To|Cc|List-Unsubscribe):[^\n]*\n([ \t][^\n]*\n)*`)
	tokens         = regexp.MustCompile(`/unsubscribe/[A-Za-z0-9_-]+`)
)

// redacted is a mail as strangers may read it: a person's address and the link
// that stops their mail are nobody else's.
func redacted(raw string, person bool) string {
	raw = tokens.ReplaceAllString(raw, "/unsubscribe/...")
	if !person {
		return raw
	}
	end := strings.Index(raw, "\r\n\r\n")
	if end < 0 {
		end = max(0, strings.Index(raw, "\n\n"))
	}
	head := privateHeaders.ReplaceAllStringFunc(raw[:end], func(h string) string {
		return addresses.ReplaceAllStringFunc(h, masked)
	})
	return head + raw[end:]
}

// masked leaves of an address what lets its owner know it.
func masked(address string) string {
	name, host, found := strings.Cut(address, "@")
	if !found || name == "" {
		return address
	}
	return name[:1] + "...@" + host
}

// address is one as this reader may see it; those of lists are no secret.
func (v *visit) address(address string, person bool) string {
	if person && !v.signedIn {
		return masked(address)
	}
	return address
}

// askUnsubscribe asks before mail is stopped: programs that follow every link
// of a mail must not stop it.
func askUnsubscribe(v *visit) error {
	return v.showSubscription()
}

func (v *visit) showSubscription() error {
	p := page.Unsubscribe{Frame: v.frame("Fewer mails", route.Unsubscribe(v.names["token"])), Token: v.names["token"]}
	p.Formats = nil
	s, err := v.q.SubscriptionByToken(v.names["token"])
	if errors.Is(err, models.ErrNotFound) {
		p.Problem = "It is not one of ours, or its last letters are missing. Copy the whole address from the foot of the mail."
		return v.html(404, p)
	}
	if err != nil {
		return err
	}
	p.Address, p.Done, p.What = masked(s.Address), s.MutedAt != nil, "reports"
	if s.TreeID != 0 {
		t, err := v.q.Tree(s.TreeID)
		if err == nil {
			p.What = "reports about " + t.Name
		} else if !errors.Is(err, models.ErrNotFound) { // the link is for who may not read the tree, too
			return err
		}
	}
	return v.html(200, p)
}

// unsubscribe stops mail, or starts it again. It needs nothing but the token,
// and works on every address: mail programs post List-Unsubscribe=One-Click
// (RFC 8058).
func unsubscribe(v *visit) error {
	fields, err := v.fields("do", "List-Unsubscribe")
	if err != nil {
		return err
	}
	s, err := v.q.SubscriptionByToken(v.names["token"])
	if errors.Is(err, models.ErrNotFound) {
		return v.showSubscription()
	}
	if err != nil {
		return err
	}
	stop := fields["do"] != "undo"
	err = v.Store.Tx(v.context(), func(tx *models.Tx) error {
		if err := tx.Mute(s.ID, stop); err != nil {
			return err
		}
		what := "stopped the mail"
		if !stop {
			what = "wants the mail again"
		}
		return tx.Record(models.Audit{Who: "the holder of the link", What: what, ObjectKind: "subscription", ObjectID: s.ID})
	})
	if err != nil {
		return err
	}
	if fields["do"] == "" {
		return v.text("Done: no more of this mail.\n")
	}
	return v.redirect(303, route.Unsubscribe(v.names["token"]))
}
