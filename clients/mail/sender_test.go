package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"drover/clients"
	"drover/clients/mail/mailtest"
)

const sample = "From: Drover <drover@ci.example.org>\r\n" +
	"To: Asha Rao <asha@example.com>\r\n" +
	"Subject: [drover] PASS: net-next/main 9c1e77aa01cd\r\n" +
	"Date: Mon, 23 Nov 2026 10:42:00 +0000\r\n" +
	"Message-ID: <checkout.8f3k2m.1@ci.example.org>\r\n" +
	"\r\n" +
	"Hello,\r\n" +
	"\r\n" +
	".a line that starts with a dot\r\n" +
	".\r\n" +
	"and the end\r\n"

func relay(t *testing.T, script mailtest.Script) *mailtest.Server {
	t.Helper()
	server, err := mailtest.Start(script)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("closing the relay: %v", err)
		}
	})
	return server
}

func sender(server *mailtest.Server) Sender {
	return Sender{
		Addr: server.Addr, From: "bounce@ci.example.org", TLS: Plain,
		Timeout: 20 * time.Second, Hostname: "ci.example.org", Roots: server.Roots,
	}
}

// outcome is what the tables compare: "asha@example.com delivered 250".
func outcome(list []Recipient) []string {
	var out []string
	for _, r := range list {
		line := fmt.Sprintf("%s %s %d", r.Address, r.State, r.Code)
		if r.BadAddress {
			line += " bad"
		}
		out = append(out, line)
	}
	return out
}

func TestBytesArriveAsTheyWere(t *testing.T) {
	server := relay(t, mailtest.Script{})
	list, err := sender(server).Send(t.Context(), Envelope{To: []string{"asha@example.com", "list@lists.example.org"}}, []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"asha@example.com delivered 250", "list@lists.example.org delivered 250"}, outcome(list)); diff != "" {
		t.Error(diff)
	}
	messages := server.Messages()
	if len(messages) != 1 {
		t.Fatalf("%d messages arrived", len(messages))
	}
	m := messages[0]
	if string(m.Data) != sample {
		t.Errorf("sent and received differ:\n%s", cmp.Diff(sample, string(m.Data)))
	}
	if m.From != "bounce@ci.example.org" || len(m.To) != 2 || m.TLS {
		t.Errorf("envelope %+v", m)
	}
	if got := m.Header("Message-ID"); got != "<checkout.8f3k2m.1@ci.example.org>" {
		t.Errorf("Message-ID %q", got)
	}
}

func TestLineFeedsBecomeCRLF(t *testing.T) {
	server := relay(t, mailtest.Script{})
	unix := strings.ReplaceAll(sample, "\r\n", "\n")
	if _, err := sender(server).Send(t.Context(), Envelope{From: "other@ci.example.org", To: []string{"asha@example.com"}}, []byte(unix)); err != nil {
		t.Fatal(err)
	}
	m := server.Messages()[0]
	if string(m.Data) != sample || m.From != "other@ci.example.org" {
		t.Errorf("received from %s:\n%s", m.From, cmp.Diff(sample, string(m.Data)))
	}
}

func TestReplies(t *testing.T) {
	const a, b, c = "a@example.com", "b@example.com", "c@example.com"
	no := mailtest.Reply{Code: 550, Enhanced: [3]int{5, 1, 1}, Text: "no such user"}
	grey := mailtest.Reply{Code: 451, Enhanced: [3]int{4, 7, 1}, Text: "greylisted, come back"}
	policy := mailtest.Reply{Code: 554, Enhanced: [3]int{5, 7, 1}, Text: "looks like spam"}
	for _, one := range []struct {
		name   string
		script mailtest.Script
		want   []string
		class  clients.Class // "" is no error
		kept   int           // messages that the relay has
	}{
		{
			name:   "one address is refused, the other gets it",
			script: mailtest.Script{Rcpt: map[string][]mailtest.Reply{a: {no}}},
			want:   []string{a + " refused 550 bad", b + " delivered 250", c + " delivered 250"},
			kept:   1,
		}, {
			name:   "greylisting leaves one for later",
			script: mailtest.Script{Rcpt: map[string][]mailtest.Reply{b: {grey}}},
			want:   []string{a + " delivered 250", b + " deferred 451", c + " delivered 250"},
			class:  clients.Transient, kept: 1,
		}, {
			name:   "all addresses are refused",
			script: mailtest.Script{Rcpt: map[string][]mailtest.Reply{a: {no}, b: {no}, c: {no}}},
			want:   []string{a + " refused 550 bad", b + " refused 550 bad", c + " refused 550 bad"},
			class:  clients.Permanent,
		}, {
			name:   "refused and deferred, nobody taken",
			script: mailtest.Script{Rcpt: map[string][]mailtest.Reply{a: {no}, b: {grey}, c: {grey}}},
			want:   []string{a + " refused 550 bad", b + " deferred 451", c + " deferred 451"},
			class:  clients.Transient,
		}, {
			name:   "refused by policy is not a bad address",
			script: mailtest.Script{Rcpt: map[string][]mailtest.Reply{a: {{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: "blocked"}}}},
			want:   []string{a + " refused 550", b + " delivered 250", c + " delivered 250"},
			kept:   1,
		}, {
			name:   "552 to a recipient is too many recipients, not too large",
			script: mailtest.Script{Rcpt: map[string][]mailtest.Reply{c: {{Code: 552, Text: "too many"}}}},
			want:   []string{a + " delivered 250", b + " delivered 250", c + " deferred 552"},
			class:  clients.Transient, kept: 1,
		}, {
			name:   "the relay closes at a recipient",
			script: mailtest.Script{Rcpt: map[string][]mailtest.Reply{b: {{Code: 421, Text: "shutting down"}}}},
			want:   []string{a + " deferred 421", b + " deferred 421", c + " deferred 421"},
			class:  clients.Transient,
		}, {
			name:   "the sender is refused",
			script: mailtest.Script{Mail: []mailtest.Reply{{Code: 550, Enhanced: [3]int{5, 7, 1}, Text: "not your domain"}}},
			want:   []string{a + " refused 550", b + " refused 550", c + " refused 550"},
			class:  clients.Permanent,
		}, {
			name:   "the relay is full",
			script: mailtest.Script{Mail: []mailtest.Reply{{Code: 452, Text: "no space"}}},
			want:   []string{a + " deferred 452", b + " deferred 452", c + " deferred 452"},
			class:  clients.Transient,
		}, {
			name:   "the text is refused for all who were taken",
			script: mailtest.Script{Rcpt: map[string][]mailtest.Reply{a: {no}}, Data: []mailtest.Reply{policy}},
			want:   []string{a + " refused 550 bad", b + " refused 554", c + " refused 554"},
			class:  clients.Permanent,
		}, {
			name:   "the text is put off",
			script: mailtest.Script{Data: []mailtest.Reply{{Code: 451, Text: "scanner is down"}}},
			want:   []string{a + " deferred 451", b + " deferred 451", c + " deferred 451"},
			class:  clients.Transient,
		}, {
			name:   "the connection is lost at a recipient",
			script: mailtest.Script{Faults: []mailtest.Fault{mailtest.CutAtRcpt}},
			want:   []string{a + " deferred 0", b + " deferred 0", c + " deferred 0"},
			class:  clients.Transient,
		}, {
			name:   "the connection is lost at once",
			script: mailtest.Script{Faults: []mailtest.Fault{mailtest.CutAtHello}},
			want:   []string{a + " deferred 0", b + " deferred 0", c + " deferred 0"},
			class:  clients.Transient,
		}, {
			name:   "lost after the end of the text: nobody knows, and it is there",
			script: mailtest.Script{Rcpt: map[string][]mailtest.Reply{a: {no}}, Faults: []mailtest.Fault{mailtest.CutAfterDot}},
			want:   []string{a + " refused 550 bad", b + " unsettled 0", c + " unsettled 0"},
			class:  clients.Unknown, kept: 1,
		}, {
			name:   "lost inside the text: nobody knows, and it is not there",
			script: mailtest.Script{Faults: []mailtest.Fault{mailtest.CutInside}},
			want:   []string{a + " unsettled 0", b + " unsettled 0", c + " unsettled 0"},
			class:  clients.Unknown,
		}, {
			name:   "sign-in is wanted and no user is set",
			script: mailtest.Script{User: "drover", Password: "secret"},
			want:   []string{a + " deferred 530", b + " deferred 530", c + " deferred 530"},
			class:  clients.Auth,
		},
	} {
		t.Run(one.name, func(t *testing.T) {
			server := relay(t, one.script)
			list, err := sender(server).Send(t.Context(), Envelope{To: []string{a, b, c}}, []byte(sample))
			if diff := cmp.Diff(one.want, outcome(list)); diff != "" {
				t.Error(diff)
			}
			checkClass(t, err, one.class)
			if n := len(server.Messages()); n != one.kept {
				t.Errorf("the relay has %d messages, want %d", n, one.kept)
			}
			for _, r := range list {
				if r.State != Delivered && r.Text == "" {
					t.Errorf("%s has no text", r.Address)
				}
			}
		})
	}
}

func checkClass(t *testing.T, err error, want clients.Class) {
	t.Helper()
	if (err == nil) != (want == "") {
		t.Fatalf("error %v, want class %q", err, want)
	}
	if err != nil && clients.ClassOf(err) != want {
		t.Errorf("class %q of %v, want %q", clients.ClassOf(err), err, want)
	}
}

// An unknown outcome is sent again; the archive must see one message.
func TestAgainAfterUnknownOutcome(t *testing.T) {
	server := relay(t, mailtest.Script{Faults: []mailtest.Fault{mailtest.CutAfterDot}})
	s := sender(server)
	envelope := Envelope{To: []string{"asha@example.com"}}
	_, err := s.Send(t.Context(), envelope, []byte(sample))
	checkClass(t, err, clients.Unknown)
	_, err = s.Send(t.Context(), envelope, []byte(sample))
	checkClass(t, err, "")
	messages := server.Messages()
	if len(messages) != 2 || !bytes.Equal(messages[0].Data, messages[1].Data) {
		t.Errorf("%d messages, which should be two equal ones", len(messages))
	}
	if ids := server.MessageIDs(); len(ids) != 1 {
		t.Errorf("distinct Message-IDs: %q", ids)
	}
}

func TestDeferredIsSentLaterToThoseOnly(t *testing.T) {
	server := relay(t, mailtest.Script{Rcpt: map[string][]mailtest.Reply{"b@example.com": {{Code: 450, Text: "later"}}}})
	s := sender(server)
	list, err := s.Send(t.Context(), Envelope{To: []string{"a@example.com", "b@example.com"}}, []byte(sample))
	checkClass(t, err, clients.Transient)
	var again []string
	for _, r := range list {
		if r.State == Deferred {
			again = append(again, r.Address)
		}
	}
	list, err = s.Send(t.Context(), Envelope{To: again}, []byte(sample))
	checkClass(t, err, "")
	if diff := cmp.Diff([]string{"b@example.com delivered 250"}, outcome(list)); diff != "" {
		t.Error(diff)
	}
	if n := server.Connections(); n != 2 {
		t.Errorf("%d connections", n)
	}
}

func TestTransportSecurity(t *testing.T) {
	for _, one := range []struct {
		name   string
		script mailtest.Script
		mode   TLSMode
		class  clients.Class
	}{
		{"STARTTLS", mailtest.Script{StartTLS: true}, StartTLS, ""},
		{"TLS from the start", mailtest.Script{TLS: true}, TLS, ""},
		{"STARTTLS is wanted and not offered: nothing is sent in the clear", mailtest.Script{}, StartTLS, clients.Permanent},
		{"TLS is wanted and the relay speaks first", mailtest.Script{}, TLS, clients.Transient},
		{"unknown mode", mailtest.Script{}, "ssl", clients.Permanent},
		{"no mode", mailtest.Script{}, "", clients.Permanent},
	} {
		t.Run(one.name, func(t *testing.T) {
			server := relay(t, one.script)
			s := sender(server)
			s.TLS = one.mode
			_, err := s.Send(t.Context(), Envelope{To: []string{"asha@example.com"}}, []byte(sample))
			checkClass(t, err, one.class)
			messages := server.Messages()
			if err == nil && (len(messages) != 1 || !messages[0].TLS) {
				t.Errorf("messages %d, protected: %v", len(messages), messages)
			}
			if err != nil && len(messages) != 0 {
				t.Error("a message was sent without protection")
			}
		})
	}
}

func TestUntrustedCertificate(t *testing.T) {
	for mode, script := range map[TLSMode]mailtest.Script{StartTLS: {StartTLS: true}, TLS: {TLS: true}} {
		server := relay(t, script)
		s := sender(server)
		s.TLS, s.Roots = mode, nil
		_, err := s.Send(t.Context(), Envelope{To: []string{"asha@example.com"}}, []byte(sample))
		checkClass(t, err, clients.Transient)
		if !strings.Contains(err.Error(), "certificate") || len(server.Messages()) != 0 {
			t.Errorf("%s: error %v, %d messages", mode, err, len(server.Messages()))
		}
	}
}

func TestSignIn(t *testing.T) {
	const password = "s3cret-pass/word"
	for _, one := range []struct {
		name     string
		script   mailtest.Script
		password string
		class    clients.Class
	}{
		{"PLAIN", mailtest.Script{}, password, ""},
		{"LOGIN", mailtest.Script{Mechanisms: []string{"LOGIN"}}, password, ""},
		{"PLAIN after STARTTLS", mailtest.Script{StartTLS: true}, password, ""},
		{"a wrong password", mailtest.Script{}, "wrong-" + password, clients.Auth},
		{"a wrong password for LOGIN", mailtest.Script{Mechanisms: []string{"LOGIN"}}, "wrong-" + password, clients.Auth},
		{"the account store is down", mailtest.Script{AuthReply: mailtest.Reply{Code: 454, Text: "temporary failure"}}, "wrong-" + password, clients.Transient},
		{"a refusal with another code", mailtest.Script{AuthReply: mailtest.Reply{Code: 550, Text: "locked"}}, "wrong-" + password, clients.Auth},
		{"no mechanism that we have", mailtest.Script{Mechanisms: []string{"GSSAPI"}}, password, clients.Auth},
		{
			"the relay repeats the secret",
			mailtest.Script{AuthReply: mailtest.Reply{Code: 535, Text: "bad password wrong-" + password + " AHdhZ24Ad3JvbmctczNjcmV0LXBhc3Mvd29yZA=="}},
			"wrong-" + password, clients.Auth,
		},
	} {
		t.Run(one.name, func(t *testing.T) {
			one.script.User, one.script.Password = "drover", password
			server := relay(t, one.script)
			s := sender(server)
			if one.script.StartTLS {
				s.TLS = StartTLS
			}
			s.User, s.Password = "drover", one.password
			list, err := s.Send(t.Context(), Envelope{To: []string{"asha@example.com"}}, []byte(sample))
			checkClass(t, err, one.class)
			if err == nil {
				if m := server.Messages(); len(m) != 1 || m[0].User != "drover" {
					t.Errorf("messages %+v", m)
				}
				return
			}
			if text := fmt.Sprintf("%v %+v", err, list); strings.Contains(text, password) {
				t.Errorf("the password is in the error: %s", text)
			}
			if len(server.Messages()) != 0 || list[0].State != Deferred {
				t.Errorf("state %v, %d messages", list[0], len(server.Messages()))
			}
		})
	}
}

func TestScrubKnowsTheFormsOfAPassword(t *testing.T) {
	s := Sender{User: "drover", Password: "hunter22"}
	for _, text := range []string{"hunter22", "aHVudGVyMjI=", "AGRyb3ZlcgBodW50ZXIyMg=="} {
		if got := s.scrub("x " + text + " y"); got != "x [removed] y" {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := (Sender{}).scrub("nothing to hide"); got != "nothing to hide" {
		t.Error(got)
	}
}

// The library takes names such as 127.0.0.1 for this machine; anything else
// must not get a password in the clear, whatever it offers.
func TestSignInNeedsProtection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skip("no second loopback address here")
	}
	defer listener.Close()
	heard := make(chan string, 1)
	go func() { heard <- offerSignIn(listener) }()
	s := Sender{
		Addr: listener.Addr().String(), From: "a@ci.example.org", User: "drover", Password: "hunter22",
		TLS: Plain, Timeout: 10 * time.Second,
	}
	_, err = s.Send(t.Context(), Envelope{To: []string{"asha@example.com"}}, []byte(sample))
	checkClass(t, err, clients.Auth)
	if got := <-heard; !strings.Contains(got, "EHLO") || strings.Contains(got, "AUTH") {
		t.Errorf("the relay heard %q", got)
	}
}

// offerSignIn answers one connection like a relay with AUTH and without TLS,
// and returns what it heard.
func offerSignIn(listener net.Listener) string {
	conn, err := listener.Accept()
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	var all strings.Builder
	buffer := make([]byte, 4096)
	fmt.Fprint(conn, "220 relay.test ESMTP\r\n")
	for _, answer := range []string{"250-relay.test\r\n250 AUTH PLAIN\r\n", "221 bye\r\n"} {
		n, err := conn.Read(buffer)
		if err != nil {
			break
		}
		all.Write(buffer[:n])
		fmt.Fprint(conn, answer)
	}
	return all.String()
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := Sender{Addr: address, From: "a@ci.example.org", TLS: Plain, Timeout: 5 * time.Second}.
		Send(t.Context(), Envelope{To: []string{"asha@example.com"}}, []byte(sample))
	checkClass(t, err, clients.Transient)
	if list[0].State != Deferred {
		t.Errorf("%+v", list)
	}
	_, err = Sender{Addr: "no port", From: "a@ci.example.org", TLS: Plain}.Send(t.Context(), Envelope{To: []string{"asha@example.com"}}, []byte(sample))
	checkClass(t, err, clients.Permanent)
}

func TestInsideATransaction(t *testing.T) {
	server := relay(t, mailtest.Script{})
	_, err := sender(server).Send(clients.Inside(t.Context()), Envelope{To: []string{"asha@example.com"}}, []byte(sample))
	if !errors.Is(err, clients.ErrInside) || server.Connections() != 0 {
		t.Errorf("error %v, %d connections", err, server.Connections())
	}
}

// A relay that hangs is left at each stage when the caller gives up.
func TestCancelled(t *testing.T) {
	for _, one := range []struct {
		stage mailtest.Stage
		class clients.Class
		state State
	}{
		{mailtest.StageHello, clients.Transient, Deferred},
		{mailtest.StageMail, clients.Transient, Deferred},
		{mailtest.StageRcpt, clients.Transient, Deferred},
		{mailtest.StageEnd, clients.Unknown, Unsettled},
	} {
		t.Run(string(one.stage), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			release := make(chan struct{})
			server := relay(t, mailtest.Script{Wait: func(at mailtest.Stage) {
				if at == one.stage {
					cancel()
					<-release
				}
			}})
			list, err := sender(server).Send(ctx, Envelope{To: []string{"asha@example.com"}}, []byte(sample))
			close(release)
			checkClass(t, err, one.class)
			if !errors.Is(err, context.Canceled) || list[0].State != one.state {
				t.Errorf("error %v, state %s", err, list[0].State)
			}
		})
	}
}

func TestTimeOut(t *testing.T) {
	release := make(chan struct{})
	server := relay(t, mailtest.Script{Wait: func(at mailtest.Stage) {
		if at == mailtest.StageRcpt {
			<-release
		}
	}})
	s := sender(server)
	s.Timeout = 300 * time.Millisecond
	_, err := s.Send(t.Context(), Envelope{To: []string{"asha@example.com"}}, []byte(sample))
	close(release)
	checkClass(t, err, clients.Transient)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}
