package mail

import (
	"bytes"
	"errors"
	"net/textproto"
	"strings"
	"testing"

	"drover/clients"
	"drover/clients/mail/mailtest"
)

func TestRefusedBeforeSending(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(sample, old, new, 1) }
	for _, one := range []struct {
		name string
		from string
		to   []string
		raw  string
		want error
	}{
		{"nobody", "a@example.com", nil, sample, ErrNobody},
		{"a command in a recipient", "a@example.com", []string{"b@example.com>\r\nRCPT TO:<c@example.com"}, sample, ErrAddress},
		{"a command in the sender", "a@example.com\nDATA", []string{"b@example.com"}, sample, ErrAddress},
		{"a parameter in a recipient", "a@example.com", []string{"b@example.com> NOTIFY=NEVER"}, sample, ErrAddress},
		{"a name in a recipient", "a@example.com", []string{"Bob <b@example.com>"}, sample, ErrAddress},
		{"no host", "a@example.com", []string{"b"}, sample, ErrAddress},
		{"no name", "a@example.com", []string{"@example.com"}, sample, ErrAddress},
		{"letters that need SMTPUTF8", "a@example.com", []string{"bjørn@example.com"}, sample, ErrAddress},
		{"two recipients in one", "a@example.com", []string{"b@example.com,c@example.com"}, sample, ErrAddress},
		{"no sender", "", []string{"b@example.com"}, sample, ErrAddress},
		{"no text at all", "a@example.com", []string{"b@example.com"}, "", ErrHeaders},
		{"no headers", "a@example.com", []string{"b@example.com"}, "\r\nHello\r\n", ErrHeaders},
		{"a second From", "a@example.com", []string{"b@example.com"}, with("Subject:", "From: evil@example.com\r\nSubject:"), ErrHeaders},
		{"a second Message-ID", "a@example.com", []string{"b@example.com"}, with("Subject:", "message-id: <x@y>\r\nSubject:"), ErrHeaders},
		{"no Message-ID", "a@example.com", []string{"b@example.com"}, with("Message-ID: <checkout.8f3k2m.1@ci.example.org>\r\n", ""), ErrHeaders},
		{"no Date", "a@example.com", []string{"b@example.com"}, with("Date: Mon, 23 Nov 2026 10:42:00 +0000\r\n", ""), ErrHeaders},
		{"a header that is not ASCII", "a@example.com", []string{"b@example.com"}, with("Asha", "Åsa"), ErrSevenBit},
		{"a line of 999 bytes", "a@example.com", []string{"b@example.com"}, sample + strings.Repeat("x", 999) + "\r\n", ErrLine},
		{"a carriage return alone", "a@example.com", []string{"b@example.com"}, sample + "a\rb\r\n", ErrLineEnd},
		{"two carriage returns", "a@example.com", []string{"b@example.com"}, sample + "a\r\r\n", ErrLineEnd},
		{"a NUL", "a@example.com", []string{"b@example.com"}, sample + "a\x00b\r\n", ErrLineEnd},
	} {
		t.Run(one.name, func(t *testing.T) {
			server := relay(t, mailtest.Script{})
			s := sender(server)
			s.From = ""
			_, err := s.Send(t.Context(), Envelope{From: one.from, To: one.to}, []byte(one.raw))
			if !errors.Is(err, one.want) || clients.ClassOf(err) != clients.Permanent {
				t.Errorf("error %v (%s), want %v", err, clients.ClassOf(err), one.want)
			}
			if server.Connections() != 0 {
				t.Error("the relay was called")
			}
		})
	}
}

func TestLongestLineIsSent(t *testing.T) {
	server := relay(t, mailtest.Script{})
	raw := sample + strings.Repeat("x", 998) + "\r\n"
	if _, err := sender(server).Send(t.Context(), Envelope{To: []string{"b@example.com"}}, []byte(raw)); err != nil {
		t.Fatal(err)
	}
	if got := server.Messages()[0].Data; string(got) != raw {
		t.Errorf("%d bytes arrived of %d", len(got), len(raw))
	}
}

func TestClassOf(t *testing.T) {
	for _, one := range []struct {
		code int
		at   moment
		want clients.Class
	}{
		{421, atMessage, clients.Transient},
		{450, atRecipient, clients.Transient},
		{451, atMessage, clients.Transient},
		{452, atRecipient, clients.Transient},
		{454, atSignIn, clients.Transient},
		{530, atMessage, clients.Auth},
		{530, atRecipient, clients.Auth},
		{534, atSignIn, clients.Auth},
		{535, atMessage, clients.Auth},
		{550, atSignIn, clients.Auth},
		{550, atRecipient, clients.Permanent},
		{552, atRecipient, clients.Transient},
		{552, atMessage, clients.Permanent},
		{554, atMessage, clients.Permanent},
	} {
		if got := classOf(Reply{Code: one.code}, one.at); got != one.want {
			t.Errorf("%d at %d: %s, want %s", one.code, one.at, got, one.want)
		}
	}
}

func TestReplyText(t *testing.T) {
	r, ok := replyOf(&textproto.Error{Code: 550, Msg: "5.1.1 no\nsuch\x1b[31m user\xff " + strings.Repeat("x", 600)}, Sender{})
	if !ok || r.Code != 550 || strings.ContainsAny(r.Text, "\n\x1b") || len(r.Text) > maxReply+3 {
		t.Errorf("%v %+v", ok, r)
	}
	if _, ok := replyOf(errors.New("connection reset"), Sender{}); ok {
		t.Error("a broken connection was taken for a reply")
	}
	if _, ok := replyOf(&textproto.Error{Code: 0, Msg: "garbage"}, Sender{}); ok {
		t.Error("a reply without a code was taken for one")
	}
}

// Whatever passes the check arrives byte for byte, and nothing that passes can
// say more to the relay than the envelope does.
func FuzzCheck(f *testing.F) {
	f.Add("a@example.com", "b@example.com", "hello\r\n.\r\nRCPT TO:<c@example.com>\r\n")
	f.Add("a@example.com\r\nDATA", "b@example.com", "hello\n")
	f.Add("a@example.com", "b@example.com> X", "a\rb")
	f.Add("a@b", "c@d", "\r\n.\r\n")
	f.Add("", "@", "")
	f.Fuzz(func(t *testing.T, from, to, body string) {
		raw := []byte(sample + body)
		err := check(Envelope{From: from, To: []string{to}}, raw)
		if err != nil {
			return
		}
		for _, address := range []string{from, to} {
			if strings.ContainsAny(address, "\r\n<> \x00") || !strings.Contains(address, "@") {
				t.Errorf("accepted %q", address)
			}
		}
		for line := range bytes.SplitSeq(raw, []byte("\n")) {
			if len(bytes.TrimSuffix(line, []byte("\r"))) > 998 {
				t.Error("accepted a long line")
			}
		}
	})
}

func FuzzScrub(f *testing.F) {
	f.Add("535 bad password hunter22", "hunter22")
	f.Add("AGRyb3ZlcgBodW50ZXIyMg==", "hunter22")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, text, password string) {
		// A password out of the mark's own letters would be found in the mark.
		if password == "" || strings.ContainsAny(password, "[]") || strings.Contains("removed", password) {
			return
		}
		s := Sender{User: "drover", Password: password}
		if got := s.scrub(text); strings.Contains(got, password) {
			t.Errorf("%q still holds %q", got, password)
		}
	})
}
