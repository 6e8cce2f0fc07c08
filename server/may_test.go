package server

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"drover/rules/permission"
)

// openChanges are those that everybody may make: of their own browser, of
// their own sign-in, or with a token that is the permission.
var openChanges = []string{"/login", "/logout", "/unsubscribe/{token}", "/me/-/actions/theme", "/me/-/actions/settings", "/me/-/actions/log"}

// storesNothing tells of a form that is only looked at.
func storesNothing(pattern string) bool {
	return strings.HasSuffix(pattern, "/actions/preview") || strings.HasSuffix(pattern, "/actions/try")
}

// TestEveryRouteNamesItsAction: a route without one lets nobody in, and no
// change is only read.
func TestEveryRouteNamesItsAction(t *testing.T) {
	known := map[permission.Action]bool{}
	for _, line := range permission.Table {
		known[line.Action] = true
	}
	for _, r := range routes {
		byVerbs := strings.Contains(r.pattern, "{verb}") && !strings.HasPrefix(r.pattern, "/ui/") // examples, which do nothing
		switch {
		case byVerbs && (r.action != byVerb || verbs[r.pattern] == nil):
			t.Errorf("%s %s has verbs without actions", r.method, r.pattern)
		case !byVerbs && !known[r.action]:
			t.Errorf("%s %s has the action %q", r.method, r.pattern, r.action)
		case r.method == http.MethodPost && r.action == permission.Read && !strings.HasPrefix(r.pattern, "/ui/") && !storesNothing(r.pattern):
			t.Errorf("%s %s changes something, and whoever may read may do it", r.method, r.pattern)
		case r.method == http.MethodPost && r.action == permission.Open && !slices.Contains(openChanges, r.pattern):
			t.Errorf("%s %s is open to everybody", r.method, r.pattern)
		}
	}
	for pattern, list := range verbs {
		if !slices.ContainsFunc(routes, func(r row) bool { return r.pattern == pattern && r.action == byVerb }) {
			t.Errorf("%s has verbs and no route", pattern)
		}
		for verb, action := range list {
			if !known[action] || action == permission.Read || action == permission.Open {
				t.Errorf("%s %s: %q", pattern, verb, action)
			}
		}
	}
}
