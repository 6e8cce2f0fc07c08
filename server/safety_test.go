package server_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"drover/jobs"
	"drover/models"
	"drover/rules/status"
	"drover/server"
	"drover/views/route"
)

// policy is the header of ui.md 14, word for word.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func TestSecurityHeaders(t *testing.T) {
	w := quick(t)
	paths := []string{"/nothing", "/healthz", "/metrics", "/trees/net-next/badge.svg", "/trees/net-next/feed.atom", "/trees.json", "/checkouts.csv", "/c/" + w.newest.ID.String()}
	for path := range w.pages() {
		paths = append(paths, path)
	}
	for _, path := range paths {
		h := w.do(request{path: path}).Header
		for name, want := range map[string]string{
			"Content-Security-Policy": policy, "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			"Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
	r := w.failed.ID.String()
	for path, kind := range map[string]string{
		"/results/" + r + "/-/logs/console.log.txt": "text/plain; charset=utf-8", "/builds/" + w.build.ID.String() + "/-/files/config": "text/plain; charset=utf-8",
		"/builds/" + w.build.ID.String() + "/-/files/kernel": "application/octet-stream", "/mail/" + w.mail.ID.String() + ".txt": "text/plain; charset=utf-8",
	} {
		h := w.do(request{path: path}).Header
		if h.Get("Content-Security-Policy") != "sandbox" || h.Get("Content-Type") != kind || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
		if attachment := strings.HasPrefix(h.Get("Content-Disposition"), "attachment"); attachment != (kind == "application/octet-stream") {
			t.Errorf("%s: Content-Disposition is %q", path, h.Get("Content-Disposition"))
		}
	}
}

// snapshot is everything that a request could change.
func (w *world) snapshot() string {
	w.t.Helper()
	trees, err := w.s.Trees()
	tests, err2 := w.s.TestsOfTree(w.tree.ID)
	counts, err3 := w.s.StepCounts()
	changes, err4 := w.s.Changes("tree", w.tree.ID, 100)
	events, err5 := w.s.Events(w.tree.ID, 100)
	sub, err6 := w.s.SubscriptionByToken(w.link)
	drafts, err7 := w.s.Drafts(models.DraftTree, 100)
	more, err8 := w.s.Drafts(models.DraftTest, 100)
	if err := errors.Join(err, err2, err3, err4, err5, err6, err7, err8); err != nil {
		w.t.Fatal(err)
	}
	steps := ""
	for _, c := range counts {
		steps += fmt.Sprintf("%s %d %d;", c.Kind, c.Due, c.Parked)
	}
	return fmt.Sprint(trees, len(tests), tests, steps, len(changes), len(events), len(drafts)+len(more), sub.MutedAt)
}

// writes are requests that change something if they are let through.
func (w *world) writes() map[string]string {
	return map[string]string{
		"/trees/new":                     "url=https://git.example.org/x.git&branches=main&builds=tinyconfig",
		"/tests/new":                     "trees=net-next",
		"/trees/quiet/-/actions/resume":  "",
		"/trees/net-next/-/actions/test": "revision=abc1234",
		"/tests/mm/slow/-/actions/state": "state=off",
		"/-/actions/sample":              "",
		"/checkouts/" + w.running.ID.String() + "/-/actions/cancel": "",
	}
}

func TestWhoMayWrite(t *testing.T) {
	w := quick(t)
	own := map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://" + host}
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	readOnly := writableSettings()
	readOnly.Writable, readOnly.Token, readOnly.Hosts = false, "", nil
	halfOpen := writableSettings() // the token alone opens nothing
	halfOpen.Writable = false
	noToken := writableSettings()
	noToken.Token = ""
	cookies := w.signedIn()
	for _, c := range []struct {
		name     string
		settings server.Settings
		request  request
		want     int
	}{
		{"no token", writableSettings(), request{header: own}, 403},
		{"no token, a program", writableSettings(), request{header: map[string]string{"Accept": "application/json"}}, 401},
		{"a wrong token", writableSettings(), request{header: bearer("wrong")}, 401},
		{"an empty token", writableSettings(), request{header: bearer("")}, 401},
		{"another scheme", writableSettings(), request{header: map[string]string{"Authorization": "Basic " + token}}, 401},
		{"a forged cookie", writableSettings(), request{header: own, cookies: []*http.Cookie{{Name: "drover_session_8080", Value: token}}}, 403},
		{"a cookie of another port", writableSettings(), request{header: own, cookies: []*http.Cookie{{Name: "drover_session_9090", Value: cookies[0].Value}}}, 403},
		{"a wrong token beside a good cookie", writableSettings(), request{header: bearer("wrong"), cookies: cookies}, 401},
		{"from another site", writableSettings(), request{header: map[string]string{"Sec-Fetch-Site": "cross-site"}, cookies: cookies}, 403},
		{"from another port", writableSettings(), request{header: map[string]string{"Sec-Fetch-Site": "same-site"}, cookies: cookies}, 403},
		{"from another origin", writableSettings(), request{header: map[string]string{"Origin": "http://evil.example"}, cookies: cookies}, 403},
		{"from no origin at all", writableSettings(), request{header: map[string]string{"Origin": "null"}, cookies: cookies}, 403},
		{"another host", writableSettings(), request{host: "evil.example:8080", header: map[string]string{"Origin": "http://evil.example:8080"}, cookies: cookies}, 421},
		{"another host with the token", writableSettings(), request{host: "evil.example", header: bearer(token)}, 421},
		{"not on loopback", readOnly, request{header: own, cookies: cookies}, 403},
		{"not on loopback, with the token", readOnly, request{header: bearer(token)}, 403},
		{"not on loopback, token set", halfOpen, request{header: bearer(token)}, 403},
		{"started without a token", noToken, request{header: bearer("")}, 403},
	} {
		w.serve(c.settings)
		before := w.snapshot()
		for path, form := range w.writes() {
			c.request.method, c.request.path, c.request.body = "POST", path, form
			if r := w.do(c.request); r.StatusCode != c.want {
				t.Errorf("%s: POST %s: %d, want %d: %.200s", c.name, path, r.StatusCode, c.want, text(t, r))
			}
		}
		if w.snapshot() != before {
			t.Errorf("%s: something was changed", c.name)
		}
		if strings.Contains(w.log.String(), token) {
			t.Errorf("%s: the token is in the log", c.name)
		}
	}
	w.serve(writableSettings())
	for path, form := range w.writes() {
		if r := w.post(path, form); r.StatusCode != 303 {
			t.Errorf("signed in: POST %s: %d %.300s", path, r.StatusCode, text(t, r))
		}
	}
	if strings.Contains(w.log.String(), token) || strings.Contains(w.log.String(), w.signedIn()[0].Value) {
		t.Error("the token, or what stands for it, is in the log")
	}
}

func TestRebinding(t *testing.T) {
	w := quick(t)
	for _, name := range []string{"evil.example", "127.0.0.1", "127.0.0.1:8081", "localhost:8080.evil.example", ""} {
		for path := range w.pages() {
			if name == "" {
				break
			}
			r := w.do(request{path: path, host: name})
			if body := text(t, r); r.StatusCode != http.StatusMisdirectedRequest || strings.Contains(body, "net-next") {
				t.Errorf("Host %s, %s: %d", name, path, r.StatusCode)
			}
		}
	}
	w.do(request{path: "/login?token=" + token, host: "evil.example"})
	w.do(request{path: "/nothing?token=" + token})
	if strings.Contains(w.log.String(), token) {
		t.Error("the token is in the log")
	}
	if r := w.do(request{path: "/", host: "LOCALHOST:8080"}); r.StatusCode != 200 {
		t.Errorf("LOCALHOST: %d", r.StatusCode)
	}
	settings := writableSettings()
	settings.Writable = false
	w.serve(settings)
	if r := w.do(request{path: "/", host: "ci.example.org"}); r.StatusCode != 200 {
		t.Errorf("a read-only site under its own name: %d", r.StatusCode)
	}
}

func TestReadingChangesNothing(t *testing.T) {
	w := quick(t)
	before := w.snapshot()
	cookies := w.signedIn()
	for path := range w.pages() {
		w.do(request{path: path, cookies: cookies})
		w.do(request{method: "HEAD", path: path, cookies: cookies})
	}
	for path, form := range w.writes() {
		if r := w.do(request{path: path + "?" + form, cookies: cookies}); r.StatusCode == 303 {
			t.Errorf("GET %s does something", path)
		}
		r := w.do(request{method: "POST", path: path + "?_method=GET", cookies: nil, header: map[string]string{"X-HTTP-Method-Override": "GET"}})
		if r.StatusCode < 400 {
			t.Errorf("POST %s without a sign-in: %d", path, r.StatusCode)
		}
	}
	w.do(request{path: string(route.Unsubscribe(w.link)) + "?do=stop&List-Unsubscribe=One-Click"})
	if w.snapshot() != before {
		t.Error("a GET changed something")
	}
}

func TestSignIn(t *testing.T) {
	w := quick(t)
	r := w.do(request{path: "/login?token=" + token})
	c := r.Cookies()[0]
	if r.StatusCode != 303 || r.Header.Get("Location") != "/" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Value == token {
		t.Errorf("the printed address: %d to %q, %v", r.StatusCode, r.Header.Get("Location"), c)
	}
	if body := w.get("/trees/new", 200); !strings.Contains(body, "Sign in first") || !strings.Contains(body, "disabled") {
		t.Error("the form does not say why it cannot be sent")
	}
	if body := text(t, w.do(request{path: "/trees/new", cookies: r.Cookies()})); strings.Contains(body, "Sign in first") {
		t.Error("the form says that it cannot be sent")
	}
	for _, bad := range []request{
		{path: "/login?token=wrong"}, {method: "POST", path: "/login", body: "token=wrong"}, {method: "POST", path: "/login", body: "token="},
	} {
		if r := w.do(bad); r.StatusCode != 403 || len(r.Cookies()) != 0 {
			t.Errorf("%s %s: %d, %v", bad.method, bad.path, r.StatusCode, r.Cookies())
		}
	}
	for next, want := range map[string]string{"/trees?q=a": "/trees?q=a", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "": "/"} {
		r := w.do(request{method: "POST", path: "/login", body: url.Values{"token": {token}, "next": {next}}.Encode()})
		if r.StatusCode != 303 || r.Header.Get("Location") != want {
			t.Errorf("next=%s: %d to %q", next, r.StatusCode, r.Header.Get("Location"))
		}
	}
	out := w.do(request{method: "POST", path: "/logout", cookies: r.Cookies(), header: map[string]string{"Sec-Fetch-Site": "same-origin"}})
	if out.StatusCode != 303 || out.Cookies()[0].MaxAge >= 0 {
		t.Errorf("signing out: %d, %v", out.StatusCode, out.Cookies())
	}
	settings := writableSettings()
	settings.Writable = false
	w.serve(settings)
	if r := w.do(request{path: "/login?token=" + token}); r.StatusCode != 403 || len(r.Cookies()) != 0 {
		t.Errorf("a read-only site: %d, %v", r.StatusCode, r.Cookies())
	}
	if body := w.get("/", 200); !strings.Contains(body, "Writes are off: this server does not listen on a loopback address") {
		t.Error("a read-only page does not say so")
	}
}

func TestPersonalData(t *testing.T) {
	w := quick(t)
	self := string(route.Mail(w.mail.ID))
	for _, path := range []string{self, self + ".json", self + ".txt", string(route.CheckoutReports(w.newest.ID)), string(route.Checkout(w.newest.ID)),
		"/trees/net-next/-/settings", "/mail", "/mail.csv", string(route.CheckoutReports(w.newest.ID)) + ".json"} {
		stranger := w.get(path, 200)
		if strings.Contains(stranger, person) || strings.Contains(stranger, w.link) {
			t.Errorf("%s shows a stranger an address or the link that stops its mail", path)
		}
	}
	if body := text(t, w.do(request{path: self + ".txt", cookies: w.signedIn()})); body != w.mail.Raw {
		t.Errorf("signed in, the mail is not as sent:\n%s", body)
	}
}

func TestUnsubscribe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		settings := writableSettings()
		settings.Writable = false // it works everywhere
		w.serve(settings)
		self := string(route.Unsubscribe(w.link))
		muted := func() bool {
			s, err := w.s.SubscriptionByToken(w.link)
			if err != nil {
				t.Fatal(err)
			}
			return s.MutedAt != nil
		}
		if body := w.get(self, 200); !strings.Contains(body, "a...@example.com") || !strings.Contains(body, "reports about net-next") || muted() {
			t.Errorf("the question:\n%s", body)
		}
		// RFC 8058: what a mail program sends, from wherever it is.
		r := w.do(request{method: "POST", path: self, body: "List-Unsubscribe=One-Click", header: map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}})
		if r.StatusCode != 200 || !muted() {
			t.Errorf("one click: %d, muted %v", r.StatusCode, muted())
		}
		if body := w.get(self, 200); !strings.Contains(body, "No more mail") {
			t.Error("the page does not say that it is stopped")
		}
		if r := w.do(request{method: "POST", path: self, body: "do=undo"}); r.StatusCode != 303 || muted() {
			t.Errorf("undo: %d, muted %v", r.StatusCode, muted())
		}
		if r := w.do(request{method: "POST", path: self, body: "do=stop"}); r.StatusCode != 303 || r.Header.Get("Location") != self || !muted() {
			t.Errorf("the button: %d, muted %v", r.StatusCode, muted())
		}
		if r := w.do(request{method: "POST", path: "/unsubscribe/nope", body: "do=stop"}); r.StatusCode != 404 {
			t.Errorf("an unknown token: %d", r.StatusCode)
		}
		if strings.Contains(w.log.String(), w.link) {
			t.Error("the token is in the log")
		}
	})
}

func TestTheme(t *testing.T) {
	w := quick(t)
	for back, want := range map[string]string{"/trees?q=x": "/trees?q=x", "//evil": "/", "": "/"} {
		r := w.do(request{method: "POST", path: "/me/-/actions/theme", body: url.Values{"theme": {"dark"}, "back": {back}}.Encode(), header: map[string]string{"Sec-Fetch-Site": "same-origin"}})
		if r.StatusCode != 303 || r.Header.Get("Location") != want {
			t.Fatalf("%d to %q", r.StatusCode, r.Header.Get("Location"))
		}
		if body := text(t, w.do(request{path: "/", cookies: r.Cookies()})); !strings.Contains(body, `data-theme="dark"`) {
			t.Error("the choice does not hold")
		}
	}
	if body := text(t, w.do(request{path: "/", cookies: []*http.Cookie{{Name: "drover_theme", Value: `"><script>`}}})); strings.Contains(body, "data-theme=") {
		t.Error("an odd cookie became a theme")
	}
	if r := w.do(request{method: "POST", path: "/me/-/actions/theme", body: "theme=dark", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}); r.StatusCode != 403 {
		t.Errorf("from another site: %d", r.StatusCode)
	}
}

func TestReplay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.park(jobs.CheckoutJudge, w.newest)
		self := string(route.Checkout(w.newest.ID))
		if body := w.get(self, 200); !strings.Contains(body, "Stuck: checkout.judge") || !strings.Contains(body, "it broke") {
			t.Error("the page does not say what is stuck")
		}
		if body := w.get("/trees/net-next", 200); !strings.Contains(body, "Stuck: checkout.judge") {
			t.Error("the tree does not say what is stuck")
		}
		other := "kind=checkout.judge&object=" + w.old.ID.String()
		if r := w.post(self+"/-/actions/replay", other); r.StatusCode != 409 {
			t.Errorf("another object's step: %d", r.StatusCode)
		}
		form := "kind=checkout.judge&object=" + w.newest.ID.String()
		if r := w.post(self+"/-/actions/replay", form); r.StatusCode != 303 {
			t.Errorf("replay: %d %s", r.StatusCode, text(t, r))
		}
		step, err := w.s.Step(jobs.CheckoutJudge, w.newest.ID)
		if err != nil || step.ParkedAt != nil {
			t.Errorf("the step is %+v, %v", step, err)
		}
		if r := w.post(self+"/-/actions/replay", form); r.StatusCode != 409 {
			t.Errorf("a second time: %d", r.StatusCode)
		}
	})
}

// park makes a step that waits for a person.
func (w *world) park(kind string, c models.Checkout) {
	w.t.Helper()
	ctx := w.t.Context()
	w.tx(func(tx *models.Tx) error { return tx.Want(kind, c.ID, tx.Now) })
	claim, err := w.s.Claim(ctx, models.Hint{Kind: kind, Object: c.ID}, "test", 1e9)
	if err == nil {
		err = w.s.Fail(ctx, claim, models.Failure{Class: "permanent", Text: "it broke", Due: now, Park: true})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestStateOfTests(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if r := w.post("/tests/kunit/-/actions/state", "state=quarantined&issue=12&until="+time.Now().AddDate(0, 1, 0).Format(time.DateOnly)); r.StatusCode != 303 {
			t.Fatalf("%d %s", r.StatusCode, text(t, r))
		}
		for _, path := range []string{"kunit", "kunit/list/add", "kunit/list/del"} {
			got, err := w.s.TestByPath(path)
			if err != nil || got.State != status.TestQuarantined {
				t.Errorf("%s is %q, %v", path, got.State, err)
			}
		}
		for form, want := range map[string]int{"state=nonsense": 422, "state=": 422, "state=quarantined": 422, "state=blocking": 422, "state=off&was=blocking": 409} {
			if r := w.post("/tests/kunit/-/actions/state", form); r.StatusCode != want {
				t.Errorf("%s: %d", form, r.StatusCode)
			}
		}
		if r := w.post("/tests/kunit/list/add/-/actions/state", "state=reporting"); r.StatusCode != 409 {
			t.Errorf("a case: %d", r.StatusCode)
		}
		if body := w.get("/tests/kunit", 200); !strings.Contains(body, "a browser with the token") {
			t.Error("the page does not say who did it")
		}
	})
}
