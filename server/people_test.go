package server_test

import (
	"net/http"
	"strings"
	"testing"

	"drover/models"
)

// An owner who is shut out owns what they owned, but nobody is told to ask them,
// and a page says that an administrator has to find another one.
func TestBlockedOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.as("milan") // who owns the trees
		owner := w.userCalled("Milan")
		const page, warning = "/trees/quiet/-/settings/people", "Nobody who owns it can sign in any more."
		refusal := func() string {
			t.Helper()
			r := w.do(request{method: "POST", path: "/trees/quiet/-/actions/pause", cookies: w.as("asha"), header: ownOrigin})
			body := text(t, r)
			if r.StatusCode != http.StatusForbidden {
				t.Fatalf("somebody else pauses the tree: %d %.300s", r.StatusCode, body)
			}
			return body
		}
		if body := refusal(); !strings.Contains(body, owner.Name) {
			t.Errorf("the refusal does not name %s: %.2000s", owner.Name, body)
		}
		if body := text(t, w.do(request{path: page, cookies: w.as("ola")})); !strings.Contains(body, owner.Name) || strings.Contains(body, warning) {
			t.Errorf("the people of the tree: %.3000s", body)
		}
		w.tx(func(tx *models.Tx) error { return tx.Block(owner.ID, true) })
		if body := refusal(); strings.Contains(body, owner.Name) || !strings.Contains(body, "operator or admin") {
			t.Errorf("the refusal names somebody who is shut out: %.2000s", body)
		}
		if body := text(t, w.do(request{path: page, cookies: w.as("ola")})); !strings.Contains(body, warning) || !strings.Contains(body, "(blocked)") {
			t.Errorf("the people of the tree do not say that nobody is left: %.3000s", body)
		}
		r := w.do(request{method: "POST", path: "/trees/quiet/-/actions/give", body: "person=" + owner.Name, cookies: w.as("ola"), header: ownOrigin})
		if body := text(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "is blocked: an administrator lets them in again first") {
			t.Errorf("a blocked person becomes an owner: %d %.2000s", r.StatusCode, body)
		}
	})
}
