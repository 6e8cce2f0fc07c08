package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"drover/models"
	"drover/rules/permission"
)

var secretForm = regexp.MustCompile(`drover_[0-9a-f]{64}`)

// tokenOf makes a token of somebody in the way a browser does.
func (w *world) tokenOf(who, name string, scopes ...string) string {
	w.t.Helper()
	form := url.Values{"name": {name}, "scopes": scopes, "days": {"30"}}
	r := w.do(request{method: "POST", path: "/me/-/actions/token", body: form.Encode(), header: ownOrigin, cookies: w.as(who)})
	body := text(w.t, r)
	secret := secretForm.FindString(body)
	if r.StatusCode != http.StatusCreated || secret == "" || r.Header.Get("Cache-Control") != "no-store" {
		w.t.Fatalf("a token of %s: %d %q\n%.600s\n%s", who, r.StatusCode, r.Header.Get("Cache-Control"), body, w.lastError())
	}
	return secret
}

func bearer(secret string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + secret, "Accept": "application/json"}
}

// with sends a request with a token and gives the status and the body.
func (w *world) with(secret, method, path, body string) (int, string) {
	w.t.Helper()
	r := w.do(request{method: method, path: path, body: body, header: bearer(secret)})
	return r.StatusCode, text(w.t, r)
}

// TestTokenDoesWhatItsScopeAllows and what its person may do, no more.
func TestTokenDoesWhatItsScopeAllows(t *testing.T) {
	w := quick(t)
	reading, running, admins := w.tokenOf("milan", "reads", "read"), w.tokenOf("milan", "runs", "run"), w.tokenOf("ola", "all", "write", "admin")
	for _, c := range []struct {
		secret, method, path, form string
		status                     int
		says                       string
	}{
		{reading, "GET", "/trees.json", "", 200, "net-next"},
		{reading, "POST", "/trees/quiet/-/actions/look", "", 403, "The token needs the scope run or write."},
		{running, "GET", "/trees.json", "", 200, "net-next"},
		{running, "POST", "/trees/quiet/-/actions/look", "", 200, `"done":"look"`},
		{running, "POST", "/trees/quiet/-/actions/readers", "readers=", 403, "edit or write"},
		{running, "POST", "/queues/checkout.judge/-/actions/replay", "like=x", 403, "operate or write"},
		{running, "GET", "/admin/tokens.json", "", 403, "scope admin"},
		{admins, "GET", "/admin/tokens.json", "", 403, "Needs the role admin"},
		{admins, "POST", "/queues/checkout.judge/-/actions/replay", "like=" + w.old.ID.String(), 200, `"done":"replay"`},
		{admins, "POST", "/me/-/actions/token", "name=more&scopes=read", 403, "No token may do this"},
		{admins, "POST", "/me/-/actions/end-token", "token=x", 403, "No token may do this"},
		{"drover_" + strings.Repeat("0", 64), "GET", "/trees.json", "", 401, "The token is not good"},
		{"drover_", "GET", "/trees.json", "", 401, "The token is not good"},
	} {
		if status, body := w.with(c.secret, c.method, c.path, c.form); status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s %s: %d, want %d that says %q\n%.400s", c.method, c.path, status, c.status, c.says, body)
		}
	}
	lines, _, err := w.s.ListAudit(models.AuditFilter{Who: "(token runs)"}, models.Slice{Limit: 10})
	if err != nil || len(lines) != 1 || lines[0].Who != "Milan (token runs)" || lines[0].UserID == 0 {
		t.Errorf("the audit of what a token did: %+v %v", lines, err)
	}
	if strings.Contains(w.log.String(), reading) {
		t.Error("a token stands in the log")
	}
}

// TestTokenEnds on its day, when it is ended, and with what its person may do.
func TestTokenEnds(t *testing.T) {
	w := quick(t)
	mine, other := w.tokenOf("milan", "mine", "write"), w.tokenOf("milan", "other", "write")
	milan := w.userCalled("Milan")
	list, err := w.s.TokensOf(milan.ID, 10)
	if err != nil || len(list) != 2 || strings.Contains(list[0].Hash, other[7:]) {
		t.Fatalf("%+v %v", list, err)
	}
	if status, _ := w.with(mine, "POST", "/trees/quiet/-/actions/look", ""); status != 200 {
		t.Fatalf("an owner's token: %d", status)
	}
	w.tx(func(tx *models.Tx) error {
		return tx.Revoke(models.Grant{UserID: milan.ID, Role: permission.Owner.String(), ObjectKind: models.KindTree, ObjectID: w.quiet.ID})
	})
	if status, body := w.with(mine, "POST", "/trees/quiet/-/actions/look", ""); status != 403 || !strings.Contains(body, "owner of the tree quiet") {
		t.Errorf("a token of somebody who owns it no more: %d %.200s", status, body)
	}
	end := func(who string) int {
		return w.do(request{method: "POST", path: "/me/-/actions/end-token", body: "token=" + list[1].ID.String(), header: ownOrigin, cookies: w.as(who)}).StatusCode
	}
	if got := end("asha"); got != http.StatusNotFound {
		t.Errorf("somebody else ended it: %d", got)
	}
	if got := end("milan"); got != http.StatusSeeOther {
		t.Errorf("its owner ended it: %d", got)
	}
	if status, _ := w.with(mine, "GET", "/trees.json", ""); status != 401 {
		t.Errorf("an ended token: %d", status)
	}
	path := "/admin/tokens/" + list[0].ID.String() + "/-/actions/end"
	if r := w.do(request{method: "POST", path: path, header: ownOrigin, cookies: w.as("ola")}); r.StatusCode != http.StatusForbidden {
		t.Errorf("an operator ended somebody's token: %d", r.StatusCode)
	}
	page := text(t, w.do(request{path: "/admin/tokens?q=other", cookies: w.as("token")}))
	if !strings.Contains(page, path) || !strings.Contains(page, ">never<") && !strings.Contains(page, "other") {
		t.Errorf("tokens of everybody: %.600s", page)
	}
	before := w.audited()
	if r := w.do(request{method: "POST", path: path, header: ownOrigin, cookies: w.as("token")}); r.StatusCode != http.StatusSeeOther || w.audited() != before+1 {
		t.Errorf("an administrator ended somebody's token: %d", r.StatusCode)
	}
	if status, _ := w.with(other, "GET", "/trees.json", ""); status != 401 {
		t.Errorf("a token that an administrator ended: %d", status)
	}
	blocked := w.tokenOf("milan", "third", "read")
	w.tx(func(tx *models.Tx) error { return tx.Block(milan.ID, true) })
	w.tx(func(tx *models.Tx) error { return tx.Block(milan.ID, false) })
	if status, _ := w.with(blocked, "GET", "/trees.json", ""); status != 401 {
		t.Errorf("a token of somebody who was blocked: %d", status)
	}
}

// TestTokenOfItsDay: a token is good until its day, notes its use now and then
// and is forgotten a while after.
func TestTokenOfItsDay(t *testing.T) {
	w := quick(t)
	w.as("milan")
	milan := w.userCalled("Milan")
	add := func(name, secret string, ends time.Time) models.APIToken {
		var made models.APIToken
		sum := sha256.Sum256([]byte(secret))
		w.tx(func(tx *models.Tx) (err error) {
			made, err = tx.AddToken(models.APIToken{UserID: milan.ID, Name: name, Hash: hex.EncodeToString(sum[:]), Scopes: "read", ExpiresAt: ends})
			return err
		})
		return made
	}
	good, over := "drover_good", "drover_over"
	kept := add("good", good, now.Add(time.Second))
	add("over", over, now)
	if status, _ := w.with(good, "GET", "/trees.json", ""); status != 200 {
		t.Errorf("on its last second: %d", status)
	}
	if status, _ := w.with(over, "GET", "/trees.json", ""); status != 401 {
		t.Errorf("when it is over: %d", status)
	}
	list, err := w.s.TokensOf(milan.ID, 10)
	if err != nil || len(list) != 2 || list[1].ID != kept.ID || list[1].UsedAt == nil || !list[1].UsedAt.Equal(now) || list[0].UsedAt != nil {
		t.Errorf("%+v %v", list, err)
	}
	w.tx(func(tx *models.Tx) error {
		n, err := tx.TrimTokens(now.Add(time.Second), 10)
		if n != 1 {
			t.Errorf("forgot %d tokens, want the one that was over", n)
		}
		return err
	})
	production := writableSettings()
	production.Production, production.Environment = true, "production"
	w.serve(production)
	if status, _ := w.with(good, "GET", "/trees.json", ""); status != 401 {
		t.Errorf("where nobody can sign in as a person: %d", status)
	}
}

// TestTokenHoldsRestrictedTrees: to a program of somebody who may not read a
// tree it is not there.
func TestTokenHoldsRestrictedTrees(t *testing.T) {
	w := quick(t)
	inside, outside := w.tokenOf("milan", "inside", "read"), w.tokenOf("wen", "outside", "write")
	w.tx(func(tx *models.Tx) error {
		tree, err := tx.TreeByName("net-next")
		if err != nil {
			return err
		}
		return tx.SetReaders(tree, "lab-only")
	})
	if status, _ := w.with(inside, "GET", "/trees/net-next.json", ""); status != 200 {
		t.Errorf("its owner's program: %d", status)
	}
	for _, path := range []string{"/trees/net-next.json", "/checkouts/" + w.newest.ID.String() + ".json", "/results/" + w.failed.ID.String()} {
		if status, body := w.with(outside, "GET", path, ""); status != 404 || strings.Contains(body, "net: change") {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
	}
}

// TestTokenForm says what is wrong, keeps what was typed, and makes nothing.
func TestTokenForm(t *testing.T) {
	w := quick(t)
	w.tokenOf("asha", "taken", "read")
	asha := w.as("asha")
	for _, c := range []struct{ form, says string }{
		{"name=&scopes=read", "Give it a name"},
		{"name=" + strings.Repeat("x", 101) + "&scopes=read", "Give it a name"},
		{"name=a", "Choose at least one scope"},
		{"name=a&scopes=root", "There is no scope"},
		{"name=a&scopes=read&days=366", "from 1 to 365 days"},
		{"name=a&scopes=read&days=0", "from 1 to 365 days"},
		{"name=taken&scopes=read", "You have a token of this name"},
	} {
		before := w.audited()
		for _, header := range []map[string]string{ownOrigin, {"Accept": "application/json"}} {
			r := w.do(request{method: "POST", path: "/me/-/actions/token", body: c.form, header: header, cookies: asha})
			if body := text(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, c.says) || secretForm.MatchString(body) {
				t.Errorf("%s: %d, want %q", c.form, r.StatusCode, c.says)
			}
		}
		if w.audited() != before {
			t.Errorf("%s changed something", c.form)
		}
	}
	r := w.do(request{method: "POST", path: "/me/-/actions/token", body: "name=a&scopes=read", header: ownOrigin, cookies: w.as("token")})
	if r.StatusCode != http.StatusConflict {
		t.Errorf("a token of nobody: %d", r.StatusCode)
	}
}
