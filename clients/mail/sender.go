// Package mail sends finished messages to an SMTP relay. It sends the bytes
// that it is given, so that a message sent again has the same Message-ID and
// text; it tells for each recipient what became of it. It composes nothing and
// knows no reports: views/mail does. jobs calls it; the subpackage mailtest is
// its double.
//
// The SMTP dialogue is that of github.com/wneessen/go-mail/smtp. The library's
// upper half is not used: it writes messages itself and stops at the first
// refused recipient.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"drover/clients"
)

// TLSMode says how the connection is protected.
type TLSMode string

// The modes. There is no "if the server offers it": who sits between could
// remove the offer.
const (
	StartTLS TLSMode = "starttls" // port 587
	TLS      TLSMode = "tls"      // port 465
	Plain    TLSMode = "none"     // a relay on this machine only
)

// Sender sends through one relay. It holds no connection: each Send makes its
// own, since reports are few and a relay drops idle ones. Safe for parallel use.
type Sender struct {
	Addr     string // host:port
	From     string // envelope sender when the envelope has none; bounces go there
	User     string // "" sends without signing in
	Password string
	TLS      TLSMode
	Timeout  time.Duration // for one Send; 0 is DefaultTimeout
	Hostname string        // our name in EHLO; "" is "localhost"
	// Roots verify the relay's certificate; nil uses the system's.
	Roots *x509.CertPool
}

// DefaultTimeout leaves a slow relay time for its checks of the text.
const DefaultTimeout = 2 * time.Minute

// State is what became of one recipient.
type State string

// The states.
const (
	Delivered State = "delivered" // the relay took it over
	Refused   State = "refused"   // for good: this message will not reach this address
	Deferred  State = "deferred"  // not now: try again later
	// Unsettled means that the relay may have it or not: the connection broke
	// after the end of the message. Send again with the same bytes.
	Unsettled State = "unsettled"
)

// Envelope is who gets the message, whatever its headers say.
type Envelope struct {
	From string // "" uses Sender.From
	To   []string
}

// Recipient is the outcome for one address, in the order of Envelope.To.
type Recipient struct {
	Address string
	Code    int    // SMTP reply, 0 if there was none
	Text    string // of the reply, in one line
	State   State
	// BadAddress means that the relay knows no such mailbox: do not write to it
	// again. Without it, Refused is about the message or about us.
	BadAddress bool
}

// Send hands raw to the relay and tells of each recipient what became of it.
// raw is a whole message with CRLF or LF line ends.
//
// The error is nil when nothing is left to do: every recipient is Delivered or
// Refused, and at least one was delivered. Otherwise its class says how to go
// on: Transient, send again to those Deferred; Unknown, send the same bytes
// again to those Unsettled; Auth and Permanent, a person has to look.
func (s Sender) Send(ctx context.Context, e Envelope, raw []byte) ([]Recipient, error) {
	if err := clients.Outside(ctx); err != nil {
		return nil, fmt.Errorf("mail send: %w", err)
	}
	if e.From == "" {
		e.From = s.From
	}
	if err := check(e, raw); err != nil {
		return nil, clients.Fail(clients.Permanent, "mail check", err)
	}
	limit := s.Timeout
	if limit <= 0 {
		limit = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	d := &dialogue{sender: s, outcomes: make([]Recipient, len(e.To))}
	for i, to := range e.To {
		d.outcomes[i] = Recipient{Address: to, State: Deferred}
	}
	err := d.run(ctx, e, raw)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = clients.Fail(clients.ClassOf(err), "mail send", fmt.Errorf("%w: %w", cause, err))
	}
	return d.outcomes, err
}

// host is the relay's name, which its certificate has to show.
func (s Sender) host() (string, error) {
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return "", fmt.Errorf("address of the relay: %w", err)
	}
	return host, nil
}

// connect opens the connection, protects it and reads the greeting. The
// returned function ends the connection and its watch.
func (s Sender) connect(ctx context.Context) (*smtp.Client, func(), error) {
	host, err := s.host()
	if err != nil {
		return nil, nil, clients.Fail(clients.Permanent, "mail connect", err)
	}
	if err := s.checkMode(); err != nil {
		return nil, nil, clients.Fail(clients.Permanent, "mail connect", err)
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return nil, nil, clients.Fail(clients.Transient, "mail connect", err)
	}
	// The end of ctx moves the deadline into the past, which wakes every read
	// and write of the dialogue.
	stop := context.AfterFunc(ctx, func() {
		// It can fail only on a closed connection, which needs no waking.
		_ = conn.SetDeadline(time.Unix(1, 0))
	})
	end := func() {
		stop()
		// The outcome is known by now; what the other side thinks of the end
		// of the connection changes nothing.
		_ = conn.Close()
	}
	stream := conn
	if s.TLS == TLS {
		stream = tls.Client(conn, s.config(host))
	}
	client, err := smtp.NewClient(stream, host)
	if err != nil {
		end()
		return nil, nil, s.fail("mail greeting", err)
	}
	client.SkipSMTPUTF8(true) // addresses are ASCII, see check
	return client, end, nil
}

func (s Sender) config(host string) *tls.Config {
	return &tls.Config{ServerName: host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
}

func (s Sender) checkMode() error {
	switch s.TLS {
	case StartTLS, TLS, Plain:
		return nil
	}
	return fmt.Errorf("TLS mode %q: use starttls, tls or none", s.TLS)
}

// greet says who we are and protects the connection if that is still to do.
func (s Sender) greet(client *smtp.Client) error {
	name := s.Hostname
	if name == "" {
		name = "localhost"
	}
	if err := client.Hello(name); err != nil {
		return s.fail("mail hello", err)
	}
	if s.TLS != StartTLS {
		return nil
	}
	if offered, _ := client.Extension("STARTTLS"); !offered {
		return clients.Fail(clients.Permanent, "mail starttls",
			errors.New("the relay does not offer STARTTLS: use the TLS mode that it has, or none for a relay on this machine"))
	}
	host, err := s.host()
	if err != nil {
		return clients.Fail(clients.Permanent, "mail starttls", err)
	}
	if err := client.StartTLS(s.config(host)); err != nil {
		return s.fail("mail starttls", err)
	}
	return nil
}
