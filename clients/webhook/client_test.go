package webhook_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"drover/clients"
	"drover/clients/webhook"
	"drover/clients/webhook/webhooktest"
)

const secret, former = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

func start(t *testing.T, faults ...webhooktest.Fault) *webhooktest.Server {
	t.Helper()
	s := webhooktest.Start(faults...)
	t.Cleanup(s.Close)
	return s
}

func message(url string) webhook.Message {
	return webhook.Message{URL: url, ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", At: time.Unix(1614265330, 0), Body: []byte(`{"test": 2432232314}`), Secrets: []string{secret}}
}

// TestSignature is the example that the standard's own libraries test with.
func TestSignature(t *testing.T) {
	s := start(t)
	c := webhook.Client{AllowPrivate: true, Roots: s.Roots, Agent: "drover/test"}
	m := message(s.URL)
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.Secrets = append(m.Secrets, former)
	if _, err := c.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.Messages()
	if got[0].Signature != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" || got[0].Timestamp != "1614265330" || got[0].Agent != "drover/test" {
		t.Errorf("%+v", got[0])
	}
	for _, one := range []string{secret, former} {
		if !webhooktest.Verified(got[1], one) {
			t.Errorf("not signed with %s: %s", one, got[1].Signature)
		}
	}
	if webhooktest.Verified(got[0], former) {
		t.Error("signed with a secret that was not given")
	}
}

func TestAnswers(t *testing.T) {
	large := strings.Repeat("x", 10_000)
	for _, c := range []struct {
		name   string
		fault  webhooktest.Fault
		status int
		class  clients.Class // "" if it was taken
		after  time.Duration
		says   string
	}{
		{"taken", webhooktest.Fault{Status: 202, Body: "thanks"}, 202, "", 0, ""},
		{"a large answer", webhooktest.Fault{Status: 200, Body: large}, 200, "", 0, ""},
		{"a slow answer is one: it was taken", webhooktest.Fault{Status: 200, Body: "th", SlowBody: true}, 200, "", 0, ""},
		{"broken there", webhooktest.Fault{Status: 500, Body: "sorry"}, 500, clients.Transient, 0, "answered 500"},
		{"too many", webhooktest.Fault{Status: 429, RetryAfter: "90"}, 429, clients.Transient, 90 * time.Second, "answered 429"},
		{"for a year", webhooktest.Fault{Status: 503, RetryAfter: "99999999999"}, 503, clients.Transient, time.Hour, "answered 503"},
		{"elsewhere", webhooktest.Fault{Status: 307, Location: "https://127.0.0.1:1/"}, 307, clients.Transient, 0, "redirects are not followed"},
		{"cut", webhooktest.Fault{Cut: true}, 0, clients.Unknown, 0, "EOF"},
		{"no answer", webhooktest.Fault{Hang: true}, 0, clients.Unknown, 0, "no answer in time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, c.fault)
			client := webhook.Client{AllowPrivate: true, Roots: s.Roots, Timeout: 300 * time.Millisecond}
			a, err := client.Send(t.Context(), message(s.URL))
			if a.Status != c.status || len(a.Text) > webhook.AnswerBytes || !strings.HasPrefix(c.fault.Body, a.Text) && len(a.Text) < 4096 {
				t.Errorf("%d %.20q", a.Status, a.Text)
			}
			if (err == nil) != (c.class == "") || err != nil && (clients.ClassOf(err) != c.class || clients.After(err) != c.after || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%v: %s, after %v", err, clients.ClassOf(err), clients.After(err))
			}
			if err != nil && strings.Contains(err.Error(), "of-the-bot") {
				t.Errorf("the error repeats the address: %v", err)
			}
			if len(s.Messages()) != 1 {
				t.Errorf("%d messages came", len(s.Messages()))
			}
		})
	}
}

// TestRefuses what may not be called, before anything is sent.
func TestRefuses(t *testing.T) {
	s := start(t)
	plain := strings.Replace(s.URL, "https://", "http://", 1)
	for _, c := range []struct {
		name, url string
		private   bool
		says      string
	}{
		{"this machine", s.URL, false, "loopback address"},
		{"a name of this machine", strings.Replace(s.URL, "127.0.0.1", "localhost", 1), false, "loopback address"},
		{"a cloud's own address", "https://169.254.169.254/", true, "never called"},
		{"http", plain, false, "only https"},
		{"http elsewhere", "http://192.0.2.1/", true, "only this machine"},
		{"no address", "https://exa mple/", false, "well-formed"},
	} {
		_, err := webhook.Client{AllowPrivate: c.private, Roots: s.Roots}.Send(t.Context(), message(c.url))
		if clients.ClassOf(err) != clients.Permanent || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	m := message(s.URL)
	m.Secrets = []string{"whsec_%"}
	if _, err := (webhook.Client{AllowPrivate: true, Roots: s.Roots}).Send(t.Context(), m); err == nil || strings.Contains(err.Error(), "%") {
		t.Error(err)
	}
	if _, err := (webhook.Client{}).Send(clients.Inside(context.Background()), message(s.URL)); !errors.Is(err, clients.ErrInside) {
		t.Error(err)
	}
	if n := len(s.Messages()); n != 0 {
		t.Errorf("%d messages came", n)
	}
}
