package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"drover/views/route"
)

// Who follows one filter after the other without signing in is asked to wait,
// and so is who comes from the same network; nobody and nothing else is.
func TestDeepRequestsHaveABound(t *testing.T) {
	w := quick(t)
	settings := writableSettings()
	settings.Deep = time.Millisecond // in each second, so 60 may be saved, half for one address, and each costs one at least
	w.serve(settings)
	const deep = "/checkouts?verdict=new"
	until := func(client string) (admitted int, refused *http.Response) {
		for admitted = range 100 {
			if r := w.do(request{path: deep, client: client}); r.StatusCode != http.StatusOK {
				return admitted, r
			}
		}
		t.Fatalf("%s: 100 requests were admitted", client)
		return 0, nil
	}
	first, refused := until("192.0.2.7:1000")
	if first == 0 || refused.StatusCode != http.StatusTooManyRequests || refused.Header.Get("Retry-After") == "" {
		t.Errorf("after %d: %d, retry after %q", first, refused.StatusCode, refused.Header.Get("Retry-After"))
	}
	if body := text(t, refused); !strings.Contains(body, string(route.SignIn(deep))) || !strings.Contains(body, "Too many requests") {
		t.Errorf("the page does not say what to do next:\n%s", body)
	}
	log := string(route.ResultLog(w.failed.ID, "console.log", route.Lines{}))
	for path, want := range map[string]int{
		deep: 429, "/checkouts.json?verdict=new": 429, "/search?q=tcp": 429, "/trees/net-next/-/grid?rows=all": 429, "/tests/net/tls.sh/-/history?q=x": 429,
		log + "?q=oops": 429, log + "?l=1": 200,
		"/checkouts": 200, "/": 200, string(route.Checkout(w.newest.ID)): 200, string(route.Result(w.failed.ID)): 200, "/login?next=/": 200,
	} {
		if r := w.do(request{path: path, client: "192.0.2.7:2000"}); r.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, r.StatusCode, want)
		}
	}
	if r := w.do(request{path: deep, client: "192.0.2.7:1", cookies: w.signedIn()}); r.StatusCode != http.StatusOK {
		t.Errorf("signed in: %d", r.StatusCode)
	}
	if r := w.do(request{path: deep, client: "192.0.2.7:1", header: map[string]string{"Authorization": "Bearer " + token}}); r.StatusCode != http.StatusOK {
		t.Errorf("a program with a token: %d", r.StatusCode)
	}
	w.serve(settings) // nothing is owed any more
	until("[2001:db8:1:2::1]:1")
	if r := w.do(request{path: deep, client: "[2001:db8:1:2:ffff::9]:1"}); r.StatusCode != http.StatusTooManyRequests {
		t.Errorf("another address of the same IPv6 network: %d", r.StatusCode)
	}
}
