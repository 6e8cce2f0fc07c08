package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"drover/models"
	"drover/models/modelstest"
)

// keyed sends a request of a program under a key.
func (w *world) keyed(key, path, body string) *http.Response {
	w.t.Helper()
	return w.do(request{method: "POST", path: path, body: body, header: map[string]string{
		"Content-Type": "application/json", "Authorization": "Bearer " + token, "Idempotency-Key": key, "Accept-Encoding": "gzip"}})
}

// TestKeyedRequests: under a key everything is done once, and answered the same.
func TestKeyedRequests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i, c := range []struct {
			path, body string
			status     int
		}{
			{"/trees/net-next/-/actions/test", `{"revision":"v6.13"}`, 202},
			{"/trees/net-next/-/actions/pause", `{}`, 200},
			{"/trees/new", `{"url":"https://git.example.org/x.git"}`, 201},
			{"/admin/banner", `{"text":"Hello","kind":"info","was":"0"}`, 200},
			{"/me/-/actions/theme", `{"theme":"dark"}`, 200},
			{"/tests/-/file/-/actions/apply", `{"text":"sets: {large: One} #` + strings.Repeat("x", 2*256<<10) + `"}`, 200},
		} {
			key := "key " + string(rune('a'+i))
			first := w.keyed(key, c.path, c.body)
			body := text(t, first)
			if first.StatusCode >= 400 {
				t.Errorf("%s: %d %s", c.path, first.StatusCode, body)
				continue
			}
			before := w.audited()
			again := w.keyed(key, c.path, c.body)
			if got := text(t, again); got != body || again.StatusCode != first.StatusCode || again.Header.Get("Location") != first.Header.Get("Location") ||
				again.Header.Get("Content-Type") != first.Header.Get("Content-Type") {
				t.Errorf("%s again: %d %q, before %d %q", c.path, again.StatusCode, got, first.StatusCode, body)
			}
			if again.Header.Get("Idempotent-Replayed") != "true" || first.Header.Get("Idempotent-Replayed") != "" || w.audited() != before {
				t.Errorf("%s was done again: %v", c.path, again.Header)
			}
			other := w.keyed(key, c.path, `{"x":"y"}`)
			if p := decode(t, text(t, other)); other.StatusCode != 422 || p["title"] != "The key stands for another request" {
				t.Errorf("%s: another request under the key: %d %v", c.path, other.StatusCode, p)
			}
			if elsewhere := w.keyed(key, "/trees/quiet/-/actions/look", c.body); elsewhere.StatusCode != 422 {
				t.Errorf("the key of %s elsewhere: %d", c.path, elsewhere.StatusCode)
			}
		}
		if tree, err := w.s.TreeByName("net-next"); err != nil || tree.State != "paused" {
			t.Errorf("%v %v", tree.State, err)
		}
	})
}

// TestKeyOfARefusal stands for nothing: what was refused can be asked for anew.
func TestKeyOfARefusal(t *testing.T) {
	w := quick(t)
	const self = "/trees/net-next/-/actions/test"
	for range 2 {
		if r := w.keyed("k", self, `{"revision":"a..b"}`); r.StatusCode != 422 || r.Header.Get("Idempotent-Replayed") != "" {
			t.Errorf("%d %v", r.StatusCode, r.Header)
		}
	}
	if r := w.keyed("k", self, `{"revision":"v6.13"}`); r.StatusCode != 202 {
		t.Errorf("the mended request: %d", r.StatusCode)
	}
	for _, bad := range []string{strings.Repeat("x", 256), "k\u00e9y", "a\tb"} {
		if r := w.keyed(bad, self, `{"revision":"v6.13"}`); r.StatusCode != 400 {
			t.Errorf("%q: %d", bad, r.StatusCode)
		}
	}
	if r := w.keyed("big", self, `{"revision":"`+strings.Repeat("x", 300<<10)+`"}`); r.StatusCode != 413 {
		t.Errorf("a body without end: %d", r.StatusCode)
	}
}

// TestKeysBelongToTheirSender: of a token, a person, or nobody.
func TestKeysBelongToTheirSender(t *testing.T) {
	w := quick(t)
	send := func(secret string) *http.Response {
		header := bearer(secret)
		header["Idempotency-Key"] = "same"
		return w.do(request{method: "POST", path: "/trees/quiet/-/actions/look", header: header})
	}
	one, two := w.tokenOf("ola", "one", "write"), w.tokenOf("ola", "two", "write")
	before := w.audited()
	for i, secret := range []string{one, two, one, two} {
		if r := send(secret); r.StatusCode != 200 || (r.Header.Get("Idempotent-Replayed") != "") != (i > 1) {
			t.Errorf("%d: %d %v", i, r.StatusCode, r.Header)
		}
	}
	if n := w.audited() - before; n != 2 {
		t.Errorf("done %d times by two tokens", n)
	}
	for range 2 { // visitors have no keys
		r := w.do(request{method: "POST", path: "/me/-/actions/theme", body: "theme=dark", header: map[string]string{"Idempotency-Key": "same", "Sec-Fetch-Site": "same-origin"}})
		if r.StatusCode >= 400 || r.Header.Get("Idempotent-Replayed") != "" {
			t.Errorf("a visitor: %d %v", r.StatusCode, r.Header)
		}
	}
	if revoked := w.userCalled("Ola"); revoked.ID != 0 {
		w.tx(func(tx *models.Tx) error { return tx.Block(revoked.ID, true) })
	}
	if r := send(one); r.StatusCode != 401 {
		t.Errorf("the answer of somebody who was blocked: %d", r.StatusCode)
	}
}

// TestKeyKeepsNoSecret: a new token is shown once, also under a key.
func TestKeyKeepsNoSecret(t *testing.T) {
	w := quick(t)
	asha := w.as("asha")
	make := func() (*http.Response, string) {
		header := map[string]string{"Idempotency-Key": "once", "Accept": "application/json"}
		for name, value := range ownOrigin {
			header[name] = value
		}
		r := w.do(request{method: "POST", path: "/me/-/actions/token", body: "name=a&scopes=read", header: header, cookies: asha})
		return r, text(t, r)
	}
	if r, body := make(); r.StatusCode != 201 || !secretForm.MatchString(body) {
		t.Fatalf("%d %s", r.StatusCode, body)
	}
	if r, body := make(); r.StatusCode != 409 || secretForm.MatchString(body) || !strings.Contains(body, "Done already") {
		t.Errorf("again: %d %s", r.StatusCode, body)
	}
}

// TestKeyWhileItRuns: of many who ask at once, one does it. Those who ask
// meanwhile are told to come again.
func TestKeyWhileItRuns(t *testing.T) {
	var held, entered = make(chan struct{}), make(chan struct{})
	var once sync.Once
	var w *world
	ready := false
	s := modelstest.SQLite(t, models.Options{Point: func(name string) {
		if ready && name == "commit.after" {
			// The first commit takes the key; the request waits right behind it.
			once.Do(func() { close(entered); <-held })
		}
	}})
	w = seeded(t, s)
	ready = true
	answer := make(chan int)
	go func() {
		r := httptest.NewRequest("POST", "http://"+host+"/trees/quiet/-/actions/look", strings.NewReader("{}"))
		for name, value := range map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + token, "Idempotency-Key": "k"} {
			r.Header.Set(name, value)
		}
		recorder := httptest.NewRecorder()
		w.handler.ServeHTTP(recorder, r)
		answer <- recorder.Code
	}()
	<-entered
	if r := w.keyed("k", "/trees/quiet/-/actions/look", "{}"); r.StatusCode != 409 || r.Header.Get("Retry-After") == "" {
		t.Errorf("meanwhile: %d %v", r.StatusCode, r.Header)
	}
	close(held)
	if got := <-answer; got != 200 {
		t.Errorf("the first: %d", got)
	}
	if r := w.keyed("k", "/trees/quiet/-/actions/look", "{}"); r.StatusCode != 200 || r.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("afterwards: %d", r.StatusCode)
	}
}
