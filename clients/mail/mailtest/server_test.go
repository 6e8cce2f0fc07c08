package mailtest

import (
	"crypto/tls"
	"errors"
	"net"
	"net/smtp"
	"net/textproto"
	"testing"
)

// The double is proved by a client that is not ours: that of the standard
// library.

const text = "From: a@example.com\r\nMessage-ID: <1@example.com>\r\n\r\n.dot\r\n"

func start(t *testing.T, script Script) *Server {
	t.Helper()
	server, err := Start(script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func send(server *Server, to ...string) error {
	return smtp.SendMail(server.Addr, nil, "a@example.com", to, []byte(text))
}

func code(err error) int {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code
	}
	return 0
}

func TestKeepsWhatItGets(t *testing.T) {
	server := start(t, Script{})
	for range 2 {
		if err := send(server, "b@example.com", "c@example.com"); err != nil {
			t.Fatal(err)
		}
	}
	messages := server.Messages()
	if len(messages) != 2 || string(messages[0].Data) != text || len(messages[1].To) != 2 || messages[0].From != "a@example.com" {
		t.Errorf("%+v", messages)
	}
	if ids := server.MessageIDs(); len(ids) != 1 || ids[0] != "<1@example.com>" || server.Connections() != 2 {
		t.Errorf("ids %q, %d connections", ids, server.Connections())
	}
}

// Each entry of a script is used once, then the relay accepts.
func TestScriptIsUsedUp(t *testing.T) {
	no := func(code int) []Reply { return []Reply{{Code: code, Text: "no"}} }
	for name, one := range map[string]struct {
		script Script
		want   int
	}{
		"hello":     {Script{Hello: no(421)}, 0}, // the client falls back to HELO, which is accepted
		"mail":      {Script{Mail: no(452)}, 452},
		"recipient": {Script{Rcpt: map[string][]Reply{"b@example.com": no(550)}}, 550},
		"data":      {Script{Data: no(554)}, 554},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, one.script)
			err := send(server, "b@example.com")
			if code(err) != one.want {
				t.Errorf("first: %v, want %d", err, one.want)
			}
			if err := send(server, "b@example.com"); err != nil {
				t.Errorf("second: %v", err)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	for fault, kept := range map[Fault]int{CutAtHello: 0, CutAtRcpt: 0, CutInside: 0, CutAfterDot: 1} {
		t.Run(string(fault), func(t *testing.T) {
			server := start(t, Script{Faults: []Fault{fault}})
			err := send(server, "b@example.com")
			if err == nil || code(err) != 0 {
				t.Errorf("error %v", err)
			}
			if n := len(server.Messages()); n != kept {
				t.Errorf("%d messages, want %d", n, kept)
			}
			if err := send(server, "b@example.com"); err != nil {
				t.Errorf("the next connection: %v", err)
			}
		})
	}
}

func TestSignInAndSecurity(t *testing.T) {
	server := start(t, Script{StartTLS: true, User: "drover", Password: "secret"})
	host, _, err := net.SplitHostPort(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client, err := smtp.Dial(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.StartTLS(&tls.Config{ServerName: host, RootCAs: server.Roots, MinVersion: tls.VersionTLS12}); err != nil {
		t.Fatal(err)
	}
	if err := client.Mail("a@example.com"); code(err) != 530 {
		t.Errorf("without a sign-in: %v", err)
	}
	if err := client.Auth(smtp.PlainAuth("", "drover", "secret", host)); err != nil {
		t.Fatal(err)
	}
	if err := client.Mail("a@example.com"); err != nil {
		t.Errorf("after the sign-in: %v", err)
	}
}

func TestWrongPassword(t *testing.T) {
	server := start(t, Script{User: "drover", Password: "secret"})
	host, _, err := net.SplitHostPort(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	err = smtp.SendMail(server.Addr, smtp.PlainAuth("", "drover", "guess", host), "a@example.com", []string{"b@example.com"}, []byte(text))
	if code(err) != 535 || len(server.Messages()) != 0 {
		t.Errorf("error %v, %d messages", err, len(server.Messages()))
	}
}

func TestCloseBeforeAnybodyCame(t *testing.T) {
	for range 20 {
		server, err := Start(Script{})
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
