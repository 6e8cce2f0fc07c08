package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"drover/clients"
)

// dialogue is one message on its way, with what is known of each recipient.
type dialogue struct {
	sender   Sender
	outcomes []Recipient
}

func (d *dialogue) run(ctx context.Context, e Envelope, raw []byte) error {
	client, end, err := d.sender.connect(ctx)
	if err != nil {
		return d.unsent(err)
	}
	defer end()
	if err := d.sender.greet(client); err != nil {
		return d.unsent(err)
	}
	if err := d.sender.signIn(client); err != nil {
		return d.unsent(err)
	}
	if err := client.Mail("<" + e.From + ">"); err != nil {
		return d.whole("mail from", err, nil)
	}
	accepted, err := d.recipients(client)
	if err != nil {
		return err
	}
	if len(accepted) > 0 {
		if err := d.data(client, accepted, raw); err != nil {
			return err
		}
	}
	// The relay has answered for every recipient: a failure of the farewell
	// must not make a sent message look unsent.
	_ = client.Quit()
	return d.verdict()
}

// unsent notes for everybody why the dialogue did not get to them. They stay
// Deferred whatever the class of err: the message was not even offered.
func (d *dialogue) unsent(err error) error {
	var r Reply
	text := err.Error()
	if errors.As(err, &r) {
		text = r.Text
	}
	for i := range d.outcomes {
		d.outcomes[i].Code, d.outcomes[i].Text = r.Code, text
	}
	return err
}

// recipients names every address and keeps its reply. It returns the places of
// those that the relay takes.
func (d *dialogue) recipients(client *smtp.Client) ([]int, error) {
	var accepted []int
	for i := range d.outcomes {
		to := &d.outcomes[i]
		err := client.Rcpt("<" + to.Address + ">")
		if err == nil {
			accepted = append(accepted, i)
			continue
		}
		r, replied := replyOf(err, d.sender)
		if !replied || r.Code == codeClosing {
			// Nothing was handed over yet, so nobody has the message.
			return nil, d.whole("mail recipient", err, nil)
		}
		to.Code, to.Text = r.Code, r.Text
		switch classOf(r, atRecipient) {
		case clients.Permanent:
			to.State, to.BadAddress = Refused, r.badAddress()
		case clients.Auth:
			return nil, d.whole("mail recipient", err, nil)
		}
	}
	return accepted, nil
}

// data sends the message. From the moment its end is on the wire until the
// reply has been read, the outcome is unknown.
func (d *dialogue) data(client *smtp.Client, accepted []int, raw []byte) error {
	w, err := client.Data()
	if err != nil {
		return d.whole("mail data", err, accepted)
	}
	if _, err := w.Write(raw); err != nil {
		return d.whole("mail data", err, accepted)
	}
	err = w.Close()
	if err == nil {
		text := "accepted"
		if closer, ok := w.(*smtp.DataCloser); ok {
			text = oneLine(closer.ServerResponse())
		}
		d.mark(accepted, Recipient{Code: 250, Text: text, State: Delivered})
		return nil
	}
	if _, replied := replyOf(err, d.sender); !replied {
		d.mark(accepted, Recipient{Text: "no reply to the end of the message", State: Unsettled})
		return clients.Fail(clients.Unknown, "mail end of message", d.sender.clean(err))
	}
	return d.whole("mail end of message", err, accepted)
}

// whole handles what concerns the message and not one address: all that are
// still open share the reply. It returns the classed error.
func (d *dialogue) whole(op string, err error, concerned []int) error {
	failed := d.sender.fail(op, err)
	outcome := Recipient{State: Deferred, Text: d.sender.clean(err).Error()}
	if r, replied := replyOf(err, d.sender); replied {
		outcome.Code, outcome.Text = r.Code, r.Text
	}
	if clients.ClassOf(failed) == clients.Permanent {
		outcome.State = Refused
	}
	if concerned == nil {
		for i, to := range d.outcomes {
			if to.State == Deferred && to.Code == 0 {
				concerned = append(concerned, i)
			}
		}
	}
	d.mark(concerned, outcome)
	return failed
}

func (d *dialogue) mark(places []int, outcome Recipient) {
	for _, i := range places {
		outcome.Address = d.outcomes[i].Address
		d.outcomes[i] = outcome
	}
}

// verdict is the error of a dialogue that ran to its end.
func (d *dialogue) verdict() error {
	var deferred, refused []string
	for _, to := range d.outcomes {
		line := fmt.Sprintf("%s: %d %s", to.Address, to.Code, to.Text)
		switch to.State {
		case Deferred:
			deferred = append(deferred, line)
		case Refused:
			refused = append(refused, line)
		}
	}
	switch {
	case len(deferred) > 0:
		return clients.Fail(clients.Transient, "mail recipient", errors.New(strings.Join(deferred, "; ")))
	case len(refused) == len(d.outcomes):
		return clients.Fail(clients.Permanent, "mail recipient", errors.New(strings.Join(refused, "; ")))
	}
	return nil
}

// signIn uses PLAIN, or LOGIN where that is all there is. The library refuses
// both on a connection that is not protected, except to this machine.
func (s Sender) signIn(client *smtp.Client) error {
	if s.User == "" {
		return nil
	}
	host, err := s.host()
	if err != nil {
		return clients.Fail(clients.Permanent, "mail sign in", err)
	}
	offered, list := client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(list))
	var how smtp.Auth
	switch {
	case offered && slices.Contains(mechanisms, "PLAIN"):
		how = smtp.PlainAuth("", s.User, s.Password, host, false)
	case offered && slices.Contains(mechanisms, "LOGIN"):
		how = smtp.LoginAuth(s.User, s.Password, host, false)
	default:
		return clients.Fail(clients.Auth, "mail sign in", errors.New("a user is set, but the relay offers neither PLAIN nor LOGIN"))
	}
	err = client.Auth(how)
	if err == nil {
		return nil
	}
	r, replied := replyOf(err, s)
	switch {
	case replied:
		return clients.Fail(classOf(r, atSignIn), "mail sign in", r)
	case errors.Is(err, smtp.ErrUnencrypted), errors.Is(err, smtp.ErrWrongHostname):
		return clients.Fail(clients.Auth, "mail sign in", s.clean(err))
	case errors.Is(err, io.EOF):
		return clients.Fail(clients.Transient, "mail sign in", errors.New("the relay closed the connection"))
	}
	return clients.Fail(clients.Transient, "mail sign in", s.clean(err))
}
