package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"drover/jobs"
	"drover/models"
	"drover/rules/definition"
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/route"
)

// everyone are those whom a route can meet: a visitor, the personas, and the
// holder of the token, who administers. Milan owns the trees, Tomás the tests.
var everyone = []string{"", "asha", "milan", "tomas", "wen", "ola", "token"}

const signedInAll = "asha milan tomas wen ola token"

// change is a request that changes something.
type change struct {
	path, form string
	may        string // who of everyone may, "" for nobody
	needs      string // a role that the refusal names, "" if signing in is enough
	before     func() // makes it possible again
	versioned  bool   // refused as stale with another version
	edition    bool   // refused as stale with another edition, what was typed kept
	begins     bool   // a draft, which is not in the audit yet
	inside     bool   // what the form holds decides: a visitor is not told which role is missing
}

// changes are a request for each verb and form that changes something here.
// {who} in a form is who sends it.
func (w *world) changes() []change {
	ola := w.userCalled("Ola")
	in := func(do func(*models.Tx) error) func() { return func() { w.tx(do) } }
	state := func(s status.TreeState) func() {
		return in(func(tx *models.Tx) error { return tx.SetTreeState(w.quiet.ID, s) })
	}
	has := func(role, kind string, object id.ID) func() {
		return in(func(tx *models.Tx) error {
			return tx.EnsureGrant(models.Grant{UserID: ola.ID, Role: role, ObjectKind: kind, ObjectID: object})
		})
	}
	hasNot := func(role, kind string, object id.ID) func() {
		return in(func(tx *models.Tx) error {
			g := models.Grant{UserID: ola.ID, Role: role, ObjectKind: kind, ObjectID: object}
			if err := tx.EnsureGrant(g); err != nil {
				return err
			}
			return tx.Revoke(g)
		})
	}
	counts := in(func(tx *models.Tx) error {
		t, err := tx.TestByPath("mm/slow")
		if err != nil {
			return err
		}
		return tx.MoveTest(&t, status.TestReporting, definition.Quarantine{})
	})
	slow, user := w.tests["mm/slow"].ID, "/admin/users/"+ola.ID.String()+"/-/actions/"
	hook := "/webhooks/" + w.hook().ID.String() + "/-/actions/"
	return []change{
		{path: hook + "test", may: "milan ola token", needs: "owner of the tree net-next"},
		{path: hook + "pause", may: "milan ola token", needs: "owner of the tree net-next", versioned: true},
		{path: hook + "on", may: "milan ola token", needs: "operator", versioned: true},
		{path: hook + "change", form: "url=https://bot.example.org/{who}", may: "milan ola token", needs: "operator", versioned: true},
		{path: "/-/actions/sample", may: signedInAll},
		{path: "/trees/new", form: "name=from-{who}&url=https://git.example.org/{who}.git&branches=main&builds=tinyconfig", may: signedInAll, begins: true},
		{path: "/tests/new", form: "name=fresh/{who}&trees=net-next&command=true&format=exit", may: signedInAll, begins: true},
		{path: "/trees/quiet/-/actions/resume", form: "was=paused", may: "milan ola token", needs: "owner of the tree quiet", before: state(status.TreePaused)},
		{path: "/trees/quiet/-/actions/pause", form: "was=live", may: "milan ola token", needs: "operator", before: state(status.TreeLive)},
		{path: "/trees/quiet/-/actions/look", may: "milan wen ola token", needs: "triager"},
		{path: "/trees/net-next/-/actions/test", form: "revision=abc1234{who}", may: "milan ola token", needs: "owner of the tree net-next"},
		{path: "/trees/quiet/-/actions/readers", form: "readers=", may: "milan ola token", needs: "owner of the tree quiet", versioned: true},
		{path: "/trees/quiet/-/actions/give", form: "person=ola@example.com", may: "milan ola token", needs: "operator", before: hasNot("owner", "tree", w.quiet.ID), versioned: true},
		{path: "/trees/quiet/-/actions/take", form: "user=" + ola.ID.String(), may: "milan ola token", needs: "operator", before: has("owner", "tree", w.quiet.ID), versioned: true},
		{path: "/trees/net-next/-/actions/replay", form: "kind=event.read&object=" + w.event.ID.String(), may: "milan wen ola token", needs: "triager", before: func() { w.stuck(jobs.EventRead, w.event.ID) }},
		{path: "/checkouts/" + w.running.ID.String() + "/-/actions/cancel", may: "milan ola token", needs: "owner of the tree net-next"},
		{path: "/checkouts/" + w.newest.ID.String() + "/-/actions/replay", form: "kind=checkout.judge&object=" + w.newest.ID.String(), may: "milan wen ola token", needs: "triager",
			before: func() { w.stuck(jobs.CheckoutJudge, w.newest.ID) }},
		{path: "/tests/mm/slow/-/actions/state", form: "state=trial", may: "tomas ola token", needs: "owner of the test mm/slow", before: counts},
		{path: "/tests/mm/slow/-/actions/state", form: "state=blocking", may: "ola token", needs: "operator", before: counts},
		{path: "/tests/mm/slow/-/actions/targeting", form: "as=fields&paths=mm/{who}/", may: "tomas ola token", needs: "owner of the test mm/slow", edition: true},
		{path: "/tests/mm/slow/-/actions/definition", form: "description=by+{who}&command=true&format=exit&timeout=9m&trees=net-next", may: "tomas ola token", needs: "owner of the test mm/slow", edition: true},
		{path: "/tests/-/file/-/actions/apply", form: "text=tests:%0A++{who}/filed:%0A++++command:+x", may: signedInAll},
		{path: "/tests/-/file/-/actions/apply", form: "text=tests:%0A++mm/slow:%0A++++command:+by-{who}", may: "tomas ola token", needs: "owner of the test mm/slow", inside: true},
		{path: "/tests/mm/slow/-/actions/give", form: "person=Ola", may: "tomas ola token", needs: "owner of the test mm/slow", before: hasNot("owner", "test", slow), versioned: true},
		{path: "/tests/mm/slow/-/actions/take", form: "user=" + ola.ID.String(), may: "tomas ola token", needs: "owner of the test mm/slow", before: has("owner", "test", slow), versioned: true},
		{path: "/queues/checkout.judge/-/actions/replay", form: "like=" + w.old.ID.String(), may: "ola token", needs: "operator", before: func() { w.stuck(jobs.CheckoutJudge, w.old.ID) }},
		{path: user + "give", form: "role=gate-waiver", may: "token", needs: "admin", before: hasNot("gate-waiver", "", 0), versioned: true},
		{path: user + "take", form: "role=gate-waiver", may: "token", needs: "admin", before: has("gate-waiver", "", 0), versioned: true},
		{path: user + "unblock", may: "token", needs: "admin"},
		{path: "/admin/banner", form: "text=Hello&kind=info", may: "token", needs: "admin", versioned: true},
	}
}

// userCalled is the persona of a name, who has signed in.
func (w *world) userCalled(name string) models.User {
	w.t.Helper()
	found, err := w.s.UsersCalled(name)
	if err != nil || len(found) != 1 {
		w.t.Fatal(found, err)
	}
	return found[0]
}

// stuck makes a step wait for a person, unless it does already.
func (w *world) stuck(kind string, object id.ID) {
	w.t.Helper()
	if step, err := w.s.Step(kind, object); err != nil || step.ParkedAt == nil {
		w.parkStep(kind, object, "odd")
	}
}

// apart are the routes that change nothing which others see, each with the
// test that holds it.
var apart = map[string]string{
	"/login": "TestSignInAtAProvider", "/logout": "TestSignInAtAProvider", "/me/-/actions/end": "TestPersonIsIssuerAndSubject",
	"/trees/{tree}/-/settings/webhooks": "TestWebhookSecret", "/admin/webhooks": "TestWebhookSecret",
	"/me/-/actions/token": "TestTokenForm", "/me/-/actions/end-token": "TestTokenEnds", "/admin/tokens/{id}/-/actions/{verb}": "TestTokenEnds",
	"/trees/new/{draft}/{step}": "TestWhoseDraft", "/tests/new/{draft}/{step}": "TestWhoseDraft",
	"/me/-/actions/theme": "a cookie", "/me/-/actions/settings": "a cookie", "/me/-/actions/log": "a cookie", "/unsubscribe/{token}": "the token in it is the permission",
	"/ui/{group}/-/actions/{verb}": "does nothing", "/tests/{path...}/-/actions/preview": "stores nothing", "/tests/-/file/-/actions/plan": "stores nothing", "/targeting/-/actions/try": "stores nothing that somebody else sees", "/builds/{id}/-/actions/{verb}": "has no verb", "/results/{id}/-/actions/{verb}": "has no verb", "/mail/{id}/-/actions/{verb}": "has no verb",
}

func (w *world) audited() int {
	w.t.Helper()
	n, err := w.s.CountAudit(models.AuditFilter{})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestEveryChangeAndEveryRole sends each change as everyone, as a page and as
// a program: who may not is told which role is missing and nothing changes;
// who may does it, once, and it is in the audit. From another site, or with an
// old version of the form, nobody does it.
func TestEveryChangeAndEveryRole(t *testing.T) {
	w := quick(t)
	cookies := map[string][]*http.Cookie{}
	for _, who := range everyone {
		cookies[who] = w.as(who)
	}
	known := map[string]bool{}
	for _, c := range w.changes() {
		shape, _ := route.Find(http.MethodPost, route.URL(c.path))
		known[shape.Pattern] = true
		for _, who := range everyone {
			w.tries(c, who, cookies[who])
		}
	}
	for _, s := range route.Shapes {
		if s.Method == http.MethodPost && !known[s.Pattern] && apart[s.Pattern] == "" {
			t.Errorf("no case changes something by POST %s", s.Pattern)
		}
	}
}

// tries sends a change as somebody in all the ways it can be sent.
func (w *world) tries(c change, who string, cookies []*http.Cookie) {
	t := w.t
	t.Helper()
	if c.before != nil {
		c.before()
	}
	form := strings.ReplaceAll(c.form, "{who}", who)
	program := map[string]string{"Accept": "application/json", "Sec-Fetch-Site": "same-origin", "Origin": "http://" + host}
	send := func(body string, header map[string]string) (*http.Response, string) {
		r := w.do(request{method: "POST", path: c.path, body: body + "&x=1", cookies: cookies, header: header})
		return r, text(t, r)
	}
	before := w.audited()
	if r, _ := send(form, map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}); r.StatusCode != http.StatusForbidden {
		t.Errorf("%q from another site: POST %s: %d", who, c.path, r.StatusCode)
	}
	if c.inside && who == "" {
		c.needs = ""
	}
	if !slices.Contains(strings.Fields(c.may), who) {
		r, body := send(form, ownOrigin)
		if r.StatusCode != http.StatusForbidden || !strings.Contains(body, c.needs) || who == "" != strings.Contains(body, `href="/login?next=`) {
			t.Errorf("%q: POST %s: %d, want 403 that names %q\n%.300s", who, c.path, r.StatusCode, c.needs, body)
		}
		want := http.StatusForbidden
		if who == "" {
			want = http.StatusUnauthorized
		}
		r, body = send(form, program)
		if r.StatusCode != want || !strings.Contains(body, c.needs) || c.needs != "" && !strings.Contains(body, `"needs":[`) {
			t.Errorf("%q, a program: POST %s: %d, want %d that names %q\n%.300s", who, c.path, r.StatusCode, want, c.needs, body)
		}
		if after := w.audited(); after != before {
			t.Errorf("%q: POST %s: %d entries in the audit of what was refused", who, c.path, after-before)
		}
		return
	}
	if c.versioned {
		r, body := send(form+"&version=old", ownOrigin)
		if r.StatusCode != http.StatusConflict || !strings.Contains(body, "Somebody else changed") || w.audited() != before {
			t.Errorf("%q with an old form: POST %s: %d %.300s", who, c.path, r.StatusCode, body)
		}
	}
	if c.edition {
		r, body := send(form+"&edition=77", ownOrigin)
		if r.StatusCode != http.StatusConflict || !strings.Contains(body, "somebody else changed this test") || !strings.Contains(body, who) || w.audited() != before {
			t.Errorf("%q with an old edition: POST %s: %d %.300s", who, c.path, r.StatusCode, body)
		}
	}
	_, err := w.s.TreeByName(jobs.SampleName)
	again := c.path == "/-/actions/sample" && err == nil // it is there already
	r, body := send(form, ownOrigin)
	if r.StatusCode != http.StatusSeeOther {
		t.Errorf("%q: POST %s: %d, want 303\n%.400s\n%s", who, c.path, r.StatusCode, body, w.lastError())
	}
	want := 1
	if c.begins {
		want = 0
	}
	if after := w.audited(); after != before+want && !again {
		t.Errorf("%q: POST %s: %d new entries in the audit, want %d", who, c.path, after-before, want)
	}
}

// TestEveryPageAndEveryRole: all may read but for the pages of administrators;
// where everything asks for a sign-in, visitors get nothing.
func TestEveryPageAndEveryRole(t *testing.T) {
	w := quick(t)
	cookies := map[string][]*http.Cookie{}
	for _, who := range everyone {
		cookies[who] = w.as(who)
	}
	free := []string{"/login", "/login/back", "/me", "/help", "/help/{page}", "/unsubscribe/{token}", "/robots.txt", "/static/{name...}", "/healthz", "/readyz", "/metrics"}
	for _, closed := range []bool{false, true} {
		settings := writableSettings()
		settings.Closed = closed
		w.serve(settings)
		for _, s := range route.Shapes {
			if s.Method != http.MethodGet || s.Pattern == "/events" || s.Pattern == "/login/back" || s.Pattern == "/admin/users/{id}" || strings.Contains(s.Pattern, "{draft}") || strings.HasPrefix(s.Pattern, "/ui") {
				continue
			}
			for _, who := range everyone {
				for _, path := range w.concrete(s) {
					r := w.do(request{path: path, cookies: cookies[who]})
					admin := strings.HasPrefix(s.Pattern, "/admin")
					refused := who == "" && (admin || closed && !slices.Contains(free, s.Pattern))
					private := strings.Contains(s.Pattern, "webhooks") && !admin // for who may change the tree
					if private {
						refused = who == ""
					}
					program := strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".csv") || strings.HasPrefix(path, "/api/")
					switch {
					case refused && program && r.StatusCode != http.StatusUnauthorized,
						refused && !program && (r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(r.Header.Get("Location"), "/login?next=")),
						!refused && admin && who != "token" && r.StatusCode != http.StatusForbidden,
						!refused && private && (who == "milan" || who == "ola" || who == "token") != (r.StatusCode == http.StatusOK),
						!refused && !private && (!admin || who == "token") && r.StatusCode >= 400 && !strings.HasPrefix(path, "/results/"+w.failed.ID.String()+"/-/files/"): // it has none
						t.Errorf("closed %v: %q reads %s: %d %q %.200s", closed, who, path, r.StatusCode, r.Header.Get("Location"), text(t, r))
					}
					if refused && strings.Contains(text(t, r), "net: change") {
						t.Errorf("%s tells a visitor of a closed site something", path)
					}
				}
			}
		}
	}
}

// TestControls: who may not use a control sees it disabled with the reason;
// visitors do not see it.
func TestControls(t *testing.T) {
	w := quick(t)
	for _, c := range []struct{ who, want, not string }{
		{"", "net-next", ">Pause<"},
		{"asha", "Needs the role owner of the tree net-next, operator or admin. Ask an owner (Milan)", "data-confirm=\"x\""},
		{"milan", ">Pause</button>", "Needs the role"},
	} {
		w.as("milan") // owns the trees
		body := text(t, w.do(request{path: "/trees/net-next", cookies: w.as(c.who)}))
		if !strings.Contains(body, c.want) || strings.Contains(body, c.not) {
			t.Errorf("%q: want %q, not %q", c.who, c.want, c.not)
		}
	}
	mail := "/mail/" + w.mail.ID.String()
	if body := w.get(mail, 200); strings.Contains(body, person) {
		t.Error("a visitor reads an address")
	}
	if body := text(t, w.do(request{path: mail, cookies: w.as("asha")})); !strings.Contains(body, person) {
		t.Error("somebody who is signed in reads no address")
	}
}
