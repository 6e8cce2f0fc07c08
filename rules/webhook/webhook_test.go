package webhook_test

import (
	"strings"
	"testing"
	"time"

	. "drover/rules/webhook"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		address string
		private bool
		says    string // "" if it can be one
	}{
		{"https://bot.example.org/drover?to=x", false, ""},
		{"https://bot.example.org:8443", false, ""},
		{"", false, "Give an address"},
		{"https://bot.example.org/" + strings.Repeat("x", 2000), false, "longer"},
		{"http://bot.example.org/", false, "not encrypted"},
		{"http://bot.example.org/", true, "not encrypted"},
		{"http://127.0.0.1:9/", false, "not encrypted"},
		{"http://127.0.0.1:9/", true, ""},
		{"http://[::1]:9/", true, ""},
		{"http://localhost/", true, ""},
		{"http://127.0.0.1.example.org/", true, "not encrypted"},
		{"ftp://bot.example.org/", true, "begins with https"},
		{"bot.example.org/drover", false, "begins with https"},
		{"https:///drover", false, "begins with https"},
		{"https://user:pw@bot.example.org/", false, "user name"},
		{"https://bot.example.org/#x", false, "before #"},
		{"https://bot.example.org/a b", false, "well-formed"},
		{"https://bot.example.org/\x00", false, "well-formed"},
		{"https://böt.example.org/", false, "well-formed"},
	} {
		if got := Check(c.address, c.private); (got == "") != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%q, private %v: %q, want %q", c.address, c.private, got, c.says)
		}
	}
	if got := Host("https://hooks.example.org:8443/T0/secret?key=1"); got != "hooks.example.org:8443" {
		t.Error(got)
	}
}

func TestWait(t *testing.T) {
	for failures, want := range map[int64]time.Duration{1: 30 * time.Second, 2: time.Minute, 4: 4 * time.Minute, 10: 256 * time.Minute, 11: 6 * time.Hour, 1 << 40: 6 * time.Hour} {
		if got := Wait(failures); got != want {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
	}
}

func TestGiveUp(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Outcome
		up   bool
	}{
		{"the first failure", Outcome{Status: 500}, false},
		{"nearly five days", Outcome{Failing: 5*24*time.Hour - 1}, false},
		{"five days", Outcome{Failing: 5 * 24 * time.Hour}, true},
		{"gone at once", Outcome{Status: 410}, true},
		{"not found may come back", Outcome{Status: 404}, false},
	} {
		if got := GiveUp(c.o); (got != "") != c.up {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if got := Next(Outcome{Asked: time.Minute}, time.Second); got != time.Minute {
		t.Error(got)
	}
	if got := Next(Outcome{Asked: 1000 * time.Hour}, time.Second); got != 6*time.Hour {
		t.Error(got)
	}
	if got := Next(Outcome{Asked: time.Second}, time.Minute); got != time.Minute {
		t.Error(got)
	}
}
