package server_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestPace: one token, and one address without a token, makes so many requests
// at once and no more; others are not held up by it.
func TestPace(t *testing.T) {
	w := quick(t)
	settings := writableSettings()
	settings.Rate = 1
	w.serve(settings)
	one, two := w.tokenOf("asha", "one", "read"), w.tokenOf("milan", "two", "read")
	ask := func(client string, header map[string]string) *http.Response {
		return w.do(request{path: "/robots.txt", client: client, header: header})
	}
	until := func(client string, header map[string]string) (n int, last *http.Response) {
		for range 100 {
			if last = ask(client, header); last.StatusCode != http.StatusOK {
				break
			}
			n++
		}
		return n, last
	}
	n, last := until("192.0.2.1:1", bearer(one))
	body := text(t, last)
	if n != 60 || last.StatusCode != http.StatusTooManyRequests || last.Header.Get("Retry-After") != "1" || !strings.Contains(body, "#too-many") {
		t.Errorf("%d requests, then %d %v %s", n, last.StatusCode, last.Header, body)
	}
	if got := last.Header.Get("RateLimit"); got != `"requests";r=0;t=1` || last.Header.Get("RateLimit-Policy") != `"requests";q=60;w=60` {
		t.Errorf("RateLimit: %s", got)
	}
	if r := ask("192.0.2.1:1", bearer(two)); r.StatusCode != http.StatusOK {
		t.Errorf("another token is held up: %d", r.StatusCode)
	}
	if n, _ := until("192.0.2.2:1", nil); n != 60 {
		t.Errorf("a visitor made %d requests", n)
	}
	if r := ask("192.0.2.2:2", bearer("drover_nobody")); r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a token that is not good gets round the bound of its address: %d", r.StatusCode)
	}
	if n, _ := until("[2001:db8::1]:1", nil); n != 60 {
		t.Errorf("an IPv6 visitor made %d requests", n)
	}
	if r := ask("[2001:db8::2]:1", nil); r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("its neighbour made one more: %d", r.StatusCode)
	}
	if r := w.do(request{path: "/healthz", client: "192.0.2.2:1"}); r.StatusCode != http.StatusOK {
		t.Errorf("a machine that looks whether it lives: %d", r.StatusCode)
	}
}
