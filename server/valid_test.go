package server_test

import (
	"testing"

	"drover/views/viewstest"
)

// TestValidHTML: every page, for a person who may change things, those that
// are another for a visitor, and the pages of errors are what the HTML standard
// asks for.
func TestValidHTML(t *testing.T) {
	w := quick(t)
	documents := map[string]string{}
	cookies := w.signedIn()
	for path := range w.pages() {
		documents[path+" signed in"] = text(t, w.do(request{path: path, cookies: cookies}))
	}
	for path, code := range map[string]int{"/trees/new": 200, "/tests/new": 200, "/trees/nope": 404, "/checkouts?since=soon&foo=1": 200} {
		documents[path] = w.get(path, code)
	}
	refused := w.post("/trees/new", "url=nonsense")
	if refused.StatusCode != 422 {
		t.Errorf("a refused form: %d", refused.StatusCode)
	}
	documents["a refused form"] = text(t, refused)
	viewstest.Validate(t, documents)
}
