package server_test

import (
	"net/http"
	"strings"
	"testing"

	"drover/views/page"
)

// TestProblems: whatever a program did wrong, it gets one shape, and its type
// is explained.
func TestProblems(t *testing.T) {
	w := quick(t)
	json := map[string]string{"Accept": "application/json"}
	form := map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"}
	for _, c := range []struct {
		request request
		status  int
		field   string
	}{
		{request{path: "/trees/nope.json"}, 404, ""},
		{request{path: "/nothing/here.json"}, 404, ""},
		{request{path: "/trees.csv?foo=1"}, 400, ""},
		{request{path: "/checkouts.json?limit=x"}, 422, "limit"},
		{request{method: "DELETE", path: "/trees", header: json}, 405, ""},
		{request{method: "POST", path: "/trees/quiet/-/actions/look", header: json}, 401, ""},
		{request{method: "POST", path: "/trees/quiet/-/actions/look", header: map[string]string{"Accept": "application/json", "Sec-Fetch-Site": "cross-site"}}, 403, ""},
		{request{method: "POST", path: "/trees/new", body: `{"url":"-x","name":"y"}`, header: form}, 422, "url"},
		{request{method: "POST", path: "/trees/new", body: `{`, header: form}, 400, ""},
		{request{method: "POST", path: "/trees/new", body: strings.Repeat("x", 300<<10), header: form}, 400, ""},
	} {
		r := w.do(c.request)
		p := decode(t, text(t, r))
		fields, _ := p["fields"].(map[string]any)
		kind, _ := p["type"].(string)
		_, name, _ := strings.Cut(kind, "#")
		switch {
		case r.StatusCode != c.status || r.Header.Get("Content-Type") != "application/problem+json":
			t.Errorf("%s %s: %d %s, want %d", c.request.method, c.request.path, r.StatusCode, r.Header.Get("Content-Type"), c.status)
		case p["status"] != float64(c.status) || p["title"] == "" || p["detail"] == "" || p["instance"] != r.Header.Get("X-Request-Id"):
			t.Errorf("%s: %v", c.request.path, p)
		case !strings.HasPrefix(kind, "https://ci.example.org/help/bots#") || !page.IsProblem(name):
			t.Errorf("%s: the type %q leads nowhere", c.request.path, kind)
		case c.field != "" && fields[c.field] == nil:
			t.Errorf("%s: nothing is said of %s: %v", c.request.path, c.field, p)
		}
	}
	if r := w.do(request{path: "/trees/nope"}); r.StatusCode != http.StatusNotFound || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		t.Errorf("people get %s", r.Header.Get("Content-Type"))
	}
}
