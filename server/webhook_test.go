package server_test

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"drover/models"
	"drover/rules/id"
)

var hookSecretForm = regexp.MustCompile(`whsec_[A-Za-z0-9+/&#;]{40,}=`)

// hook is the webhook of net-next, made at the first need.
func (w *world) hook() (h models.Webhook) {
	w.t.Helper()
	list, err := w.s.WebhooksOf(w.tree.ID, 1)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(list) > 0 {
		return list[0]
	}
	w.tx(func(tx *models.Tx) error {
		h, err = tx.AddWebhook(models.Webhook{TreeID: w.tree.ID, URL: "https://bot.example.org/net-next", MadeBy: "Milan"},
			func(row id.ID) (string, error) { return w.keys.Seal("whsec_AAAA", models.WebhookTable, row) })
		return err
	})
	return h
}

func (w *world) posted(cookies []*http.Cookie, path, form string, header map[string]string) (*http.Response, string) {
	w.t.Helper()
	r := w.do(request{method: "POST", path: path, body: form, header: header, cookies: cookies})
	return r, text(w.t, r)
}

// TestWebhookSecret: only who owns the tree, or administers, makes one; the
// secret is shown once, and stands nowhere else.
func TestWebhookSecret(t *testing.T) {
	w := quick(t)
	tree, all := "/trees/net-next/-/settings/webhooks", "/admin/webhooks"
	form := "url=" + url.QueryEscape("https://bot.example.org/x?key=of-the-bot") + "&kinds=failure.new&kinds=checkout.judged"
	for _, c := range []struct {
		who, path string
		status    int
	}{
		{"", tree, 403}, {"asha", tree, 403}, {"tomas", tree, 403}, {"", all, 403}, {"milan", all, 403}, {"ola", all, 403}, {"milan", tree, 201}, {"token", all, 201},
	} {
		cookies := w.as(c.who) // to sign in is in the audit, too
		before := w.audited()
		r, body := w.posted(cookies, c.path, form, ownOrigin)
		secret := hookSecretForm.FindString(body)
		if r.StatusCode != c.status || (secret != "") != (c.status == 201) {
			t.Fatalf("%q at %s: %d %.300s", c.who, c.path, r.StatusCode, body)
		}
		if c.status != 201 {
			if w.audited() != before {
				t.Errorf("%q at %s: in the audit", c.who, c.path)
			}
			continue
		}
		if r.Header.Get("Cache-Control") != "no-store" || w.audited() != before+1 {
			t.Errorf("%q at %s: %q", c.who, c.path, r.Header.Get("Cache-Control"))
		}
	}
	hook := w.hook()
	self := "/webhooks/" + hook.ID.String()
	r, renewed := w.posted(w.as("milan"), self+"/-/actions/renew", "", ownOrigin)
	if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "no-store" || !strings.Contains(renewed, "24 hours") {
		t.Errorf("renewed: %d %.300s", r.StatusCode, renewed)
	}
	hook = w.hook()
	secrets, err := hook.Secrets(w.keys, now)
	if err != nil || len(secrets) != 2 || !strings.Contains(renewed, secrets[0]) && !strings.Contains(renewed, strings.ReplaceAll(secrets[0], "+", "&#43;")) {
		t.Fatalf("%d secrets, %v", len(secrets), err)
	}
	var said strings.Builder
	for _, path := range []string{self, self + ".json", tree, tree + ".json", "/trees/net-next/-/log", "/trees/net-next/-/log.json", "/tests/-/file/definitions.yaml"} {
		r := w.do(request{path: path, cookies: w.as("milan")})
		body := text(t, r)
		if r.StatusCode != 200 {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
		if strings.Contains(path, "/log") && strings.Contains(body, "of-the-bot") {
			t.Errorf("%s has the address", path)
		}
		said.WriteString(body)
	}
	said.WriteString(w.log.String())
	for _, file := range w.databaseFiles() {
		said.Write(file)
	}
	for _, secret := range secrets {
		if strings.Contains(said.String(), secret) || strings.Contains(said.String(), secret[6:]) {
			t.Error("the secret stands in a page, a log or the database")
		}
	}
}

// databaseFiles is what SQLite has stored, its journal too.
func (w *world) databaseFiles() (all [][]byte) {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(w.t.TempDir()), "*", "drover.db*"))
	if err != nil || len(files) == 0 {
		w.t.Fatal(files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, content)
	}
	if !bytes.Contains(bytes.Join(all, nil), []byte("of-the-bot")) {
		w.t.Fatal("this is not the database")
	}
	return all
}

func TestWebhookForm(t *testing.T) {
	w := quick(t)
	path := "/trees/net-next/-/settings/webhooks"
	milan := w.as("milan") // to sign in is in the audit, too
	for _, c := range []struct{ form, says string }{
		{"url=", "Give an address"},
		{"url=http://bot.example.org/", "not encrypted"},
		{"url=https://bot.example.org/&kinds=odd", "There is no kind"},
		{"url=https://bot.example.org/&kinds=test.changed", "There is no kind"},
	} {
		for _, header := range []map[string]string{ownOrigin, {"Accept": "application/json"}} {
			before := w.audited()
			if r, body := w.posted(milan, path, c.form, header); r.StatusCode != 422 || !strings.Contains(body, c.says) || w.audited() != before {
				t.Errorf("%s: %d %.300s", c.form, r.StatusCode, body)
			}
		}
	}
	hook := w.hook()
	self := "/webhooks/" + hook.ID.String()
	w.keys = nil // as on PostgreSQL without the setting
	w.serve(writableSettings())
	if r, body := w.posted(milan, path, "url=https://bot.example.org/", ownOrigin); r.StatusCode != 409 || !strings.Contains(body, "DROVER_SECRET_KEY") {
		t.Errorf("without a key: %d %.300s", r.StatusCode, body)
	}
	for _, page := range []string{path, self} {
		if body := text(t, w.do(request{path: page, cookies: w.as("milan")})); !strings.Contains(body, "DROVER_SECRET_KEY") {
			t.Errorf("%s does not name the setting that is missing", page)
		}
	}
	if r, _ := w.posted(milan, self+"/-/actions/delete", "version=1", ownOrigin); r.StatusCode != 303 {
		t.Errorf("deleted: %d", r.StatusCode)
	}
	if r := w.do(request{path: self, cookies: w.as("milan")}); r.StatusCode != 404 {
		t.Errorf("after it was deleted: %d", r.StatusCode)
	}
}

// TestWebhookOfEverything is for administrators alone.
func TestWebhookOfEverything(t *testing.T) {
	w := quick(t)
	var hook models.Webhook
	w.tx(func(tx *models.Tx) (err error) {
		hook, err = tx.AddWebhook(models.Webhook{URL: "https://bot.example.org/all"}, func(row id.ID) (string, error) { return w.keys.Seal("whsec_AAAA", models.WebhookTable, row) })
		return err
	})
	self := "/webhooks/" + hook.ID.String()
	for who, status := range map[string]int{"": 303, "milan": 403, "ola": 403, "token": 200} {
		if r := w.do(request{path: self, cookies: w.as(who)}); r.StatusCode != status {
			t.Errorf("%q reads it: %d, want %d", who, r.StatusCode, status)
		}
		if r, _ := w.posted(w.as(who), self+"/-/actions/test", "", ownOrigin); (r.StatusCode == 303) != (who == "token") {
			t.Errorf("%q sends a ping: %d", who, r.StatusCode)
		}
	}
}

// A mistake in the form of a new webhook is answered as one, also where those
// of everything are made.
func TestWebhookFormIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, path := range []string{"/admin/webhooks", "/trees/net-next/-/settings/webhooks"} {
			if r := w.post(path, "url=ftp://bot.example.org"); r.StatusCode != 422 {
				t.Errorf("%s: %d, want 422", path, r.StatusCode)
			}
		}
	})
}
