package route

import (
	"net/url"
	"strings"
)

// Shape is the form of a family of URLs: {x} stands for one part of the path,
// {x...} for one or more.
type Shape struct {
	Method  string // GET or POST
	Pattern string
	Formats string // suffixes that are understood besides HTML, space-separated
}

// Shapes is every address of this site. The server's routes and the links of
// all pages are tested against it.
var Shapes = []Shape{
	{"GET", "/", "json"},
	{"POST", "/-/actions/sample", ""},
	{"GET", "/trees", "json csv"},
	{"GET", "/trees/new", ""},
	{"POST", "/trees/new", ""},
	{"GET", "/trees/new/{draft}/{step}", ""},
	{"POST", "/trees/new/{draft}/{step}", ""},
	{"GET", "/trees/{tree}", "json csv"},
	{"GET", "/trees/{tree}/badge.svg", ""},
	{"GET", "/trees/{tree}/feed.atom", ""},
	{"GET", "/trees/{tree}/-/grid", "json csv svg"},
	{"GET", "/trees/{tree}/-/settings", "json"},
	{"GET", "/trees/{tree}/-/settings/people", "json"},
	{"GET", "/trees/{tree}/-/settings/webhooks", "json"},
	{"POST", "/trees/{tree}/-/settings/webhooks", ""},
	{"GET", "/trees/{tree}/-/log", "json csv"},
	{"GET", "/trees/{tree}/-/commits/{revision}", ""},
	{"POST", "/trees/{tree}/-/actions/{verb}", ""},
	{"GET", "/checkouts", "json csv"},
	{"GET", "/checkouts/{id}", "json txt"},
	{"GET", "/checkouts/{id}/-/tests", "json csv"},
	{"GET", "/checkouts/{id}/-/builds", "json csv"},
	{"GET", "/checkouts/{id}/-/timeline", "json svg"},
	{"GET", "/checkouts/{id}/-/files", "json csv"},
	{"GET", "/checkouts/{id}/-/plan", "json csv"},
	{"GET", "/checkouts/{id}/-/compare", "json csv"},
	{"GET", "/checkouts/{id}/-/reports", "json csv"},
	{"POST", "/checkouts/{id}/-/actions/{verb}", ""},
	{"GET", "/builds/{id}", "json"},
	{"GET", "/builds/{id}/-/logs/{name}", "txt"},
	{"GET", "/builds/{id}/-/files/{name...}", ""},
	{"POST", "/builds/{id}/-/actions/{verb}", ""},
	{"GET", "/results/{id}", "json"},
	{"GET", "/results/{id}/-/logs/{name}", "txt"},
	{"GET", "/results/{id}/-/files/{name...}", ""},
	{"POST", "/results/{id}/-/actions/{verb}", ""},
	{"GET", "/tests", "json csv"},
	{"GET", "/tests/new", ""},
	{"POST", "/tests/new", ""},
	{"GET", "/tests/new/{draft}/{step}", ""},
	{"POST", "/tests/new/{draft}/{step}", ""},
	{"GET", "/tests/-/file", "json"},
	{"GET", "/tests/-/file/definitions.yaml", ""},
	{"POST", "/tests/-/file/-/actions/plan", ""},
	{"POST", "/tests/-/file/-/actions/apply", ""},
	{"GET", "/tests/{path...}/-/history", "json csv"},
	{"GET", "/tests/{path...}/-/targeting", "json"},
	{"POST", "/tests/{path...}/-/actions/preview", ""},
	{"POST", "/tests/{path...}/-/actions/targeting", ""},
	{"POST", "/tests/{path...}/-/actions/definition", ""},
	{"GET", "/tests/{path...}/-/settings", "json"},
	{"GET", "/tests/{path...}/-/versions", "json"},
	{"GET", "/tests/{path...}/-/settings/people", "json"},
	{"GET", "/tests/{path...}/-/log", "json csv"},
	{"POST", "/tests/{path...}/-/actions/{verb}", ""},
	{"GET", "/tests/{path...}", "json"},
	{"GET", "/targeting", "json"},
	{"POST", "/targeting/-/actions/try", ""},
	{"GET", "/jobs", "json csv"},
	{"GET", "/jobs/{id}", "json"},
	{"GET", "/queues", "json"},
	{"GET", "/queues/{queue}", "json csv"},
	{"POST", "/queues/{queue}/-/actions/{verb}", ""},
	{"GET", "/mail", "json csv"},
	{"GET", "/mail/{id}", "json txt"},
	{"POST", "/mail/{id}/-/actions/{verb}", ""},
	{"GET", "/webhooks/{id}", "json"},
	{"POST", "/webhooks/{id}/-/actions/{verb}", ""},
	{"GET", "/unsubscribe/{token}", ""},
	{"POST", "/unsubscribe/{token}", ""},
	{"GET", "/search", "json"},
	{"GET", "/me", "json"},
	{"POST", "/me/-/actions/theme", ""},
	{"POST", "/me/-/actions/settings", ""},
	{"POST", "/me/-/actions/end", ""},
	{"POST", "/me/-/actions/token", ""},
	{"POST", "/me/-/actions/end-token", ""},
	{"GET", "/help", ""},
	{"GET", "/help/{page}", ""},
	{"POST", "/me/-/actions/log", ""},
	{"GET", "/admin", ""},
	{"GET", "/admin/users", "json csv"},
	{"GET", "/admin/users/{id}", "json"},
	{"POST", "/admin/users/{id}/-/actions/{verb}", ""},
	{"GET", "/admin/tokens", "json csv"},
	{"POST", "/admin/tokens/{id}/-/actions/{verb}", ""},
	{"GET", "/admin/webhooks", "json"},
	{"POST", "/admin/webhooks", ""},
	{"GET", "/admin/audit", "json csv"},
	{"GET", "/admin/banner", "json"},
	{"POST", "/admin/banner", ""},
	{"GET", "/admin/settings", "json csv"},
	{"GET", "/ui", ""},
	{"GET", "/ui/{group}", ""},
	{"GET", "/ui/{group}/{example}", ""},
	{"POST", "/ui/{group}/-/actions/{verb}", ""},
	{"GET", "/login", ""},
	{"POST", "/login", ""},
	{"GET", "/login/back", ""},
	{"POST", "/logout", ""},
	{"GET", "/c/{id}", ""},
	{"GET", "/b/{id}", ""},
	{"GET", "/b/{id}/config", ""},
	{"GET", "/r/{id}", ""},
	{"GET", "/m/{message}", ""},
	{"GET", "/api", ""},
	{"GET", "/api/openapi", "json"},
	{"GET", "/api/events", "json"},
	{"GET", "/robots.txt", ""},
	{"GET", "/static/{name...}", ""},
	{"GET", "/events", ""},
	{"GET", "/healthz", ""},
	{"GET", "/readyz", ""},
	{"GET", "/metrics", ""},
}

// Find gives the Shape that a URL of this site has, and whether there is one.
// The first that fits wins; a format suffix must be one the shape understands.
func Find(method string, u URL) (Shape, bool) {
	raw, _, _ := strings.Cut(string(u), "?")
	raw, _, _ = strings.Cut(raw, "#")
	for _, s := range Shapes {
		if s.Method == method && s.fits(raw) {
			return s, true
		}
	}
	return Shape{}, false
}

func (s Shape) fits(raw string) bool {
	if match(s.Pattern, raw) {
		return true
	}
	rest, suffix := SplitFormat(raw)
	if suffix == "" {
		return false
	}
	for format := range strings.FieldsSeq(s.Formats) {
		if format == suffix && match(s.Pattern, rest) {
			return true
		}
	}
	return false
}

// match compares an escaped path with a pattern, part by part.
func match(pattern, raw string) bool {
	return matchParts(strings.Split(pattern, "/"), strings.Split(raw, "/"))
}

func matchParts(pattern, parts []string) bool {
	for i, p := range pattern {
		if strings.HasSuffix(p, "...}") {
			for n := len(parts); n > i; n-- {
				if namesOnly(parts[i:n]) && matchParts(pattern[i+1:], parts[n:]) {
					return true
				}
			}
			return false
		}
		if i >= len(parts) {
			return false
		}
		if strings.HasPrefix(p, "{") {
			if !namesOnly(parts[i : i+1]) {
				return false
			}
		} else if p != parts[i] {
			return false
		}
	}
	return len(pattern) == len(parts)
}

// namesOnly tells whether every part is a properly escaped name: not empty and
// not the separator "-".
func namesOnly(parts []string) bool {
	for _, p := range parts {
		text, err := url.PathUnescape(p)
		if err != nil || text == "" || p == "-" || strings.ContainsAny(p, " \"<>\\^`{|}") {
			return false
		}
	}
	return true
}
