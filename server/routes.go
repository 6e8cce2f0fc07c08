package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"drover/views/route"
)

// handler answers one request.
type handler func(*visit) error

// row is one line of the table of routes: {x} is one part of the path,
// {x...} one or more. Formats are the suffixes it understands besides HTML.
type row struct {
	method  string
	pattern string
	formats string
	handle  handler
}

// routes is every address of this site. Of rows that fit, the first answers.
var routes = []row{
	{"GET", "/", "json", overview},
	{"POST", "/-/actions/sample", "", addSample},
	{"GET", "/trees", "json csv", trees},
	{"GET", "/trees/new", "", newTree},
	{"POST", "/trees/new", "", addTree},
	{"GET", "/trees/new/{draft}/{step}", "", treeStep},
	{"POST", "/trees/new/{draft}/{step}", "", saveTreeStep},
	{"GET", "/trees/{tree}", "json csv", tree},
	{"GET", "/trees/{tree}/badge.svg", "", treeBadge},
	{"GET", "/trees/{tree}/feed.atom", "", treeFeed},
	{"GET", "/trees/{tree}/-/grid", "json csv svg", treeGrid},
	{"GET", "/trees/{tree}/-/settings", "json", treeSettings},
	{"GET", "/trees/{tree}/-/commits/{revision}", "", treeCommit},
	{"POST", "/trees/{tree}/-/actions/{verb}", "", treeAction},
	{"GET", "/checkouts", "json csv", checkouts},
	{"GET", "/checkouts/{id}", "json txt", checkout},
	{"GET", "/checkouts/{id}/-/tests", "json csv", checkoutTests},
	{"GET", "/checkouts/{id}/-/builds", "json csv", checkoutBuilds},
	{"GET", "/checkouts/{id}/-/timeline", "json svg", checkoutTimeline},
	{"GET", "/checkouts/{id}/-/plan", "json csv", checkoutPlan},
	{"GET", "/checkouts/{id}/-/compare", "json csv", checkoutCompare},
	{"GET", "/checkouts/{id}/-/reports", "json csv", checkoutReports},
	{"POST", "/checkouts/{id}/-/actions/{verb}", "", checkoutAction},
	{"GET", "/builds/{id}", "json", build},
	{"GET", "/builds/{id}/-/logs/{name}", "txt", buildLog},
	{"GET", "/builds/{id}/-/files/{name...}", "", buildFile},
	{"POST", "/builds/{id}/-/actions/{verb}", "", unknownAction},
	{"GET", "/results/{id}", "json", result},
	{"GET", "/results/{id}/-/logs/{name}", "txt", resultLog},
	{"GET", "/results/{id}/-/files/{name...}", "", resultFile},
	{"POST", "/results/{id}/-/actions/{verb}", "", unknownAction},
	{"GET", "/tests", "json csv", tests},
	{"GET", "/tests/new", "", newTest},
	{"POST", "/tests/new", "", addTest},
	{"GET", "/tests/{path...}/-/history", "json csv", testHistory},
	{"POST", "/tests/{path...}/-/actions/{verb}", "", testAction},
	{"GET", "/tests/{path...}", "json", test},
	{"GET", "/jobs", "json csv", jobList},
	{"GET", "/jobs/{id}", "json", jobPage},
	{"GET", "/queues", "json", queues},
	{"GET", "/queues/{queue}", "json csv", queue},
	{"POST", "/queues/{queue}/-/actions/{verb}", "", queueAction},
	{"GET", "/mail", "json csv", mails},
	{"GET", "/mail/{id}", "json txt", mail},
	{"POST", "/mail/{id}/-/actions/{verb}", "", unknownAction},
	{"GET", "/unsubscribe/{token}", "", askUnsubscribe},
	{"POST", "/unsubscribe/{token}", "", unsubscribe},
	{"GET", "/search", "json", searchAll},
	{"GET", "/me", "json", me},
	{"POST", "/me/-/actions/theme", "", setTheme},
	{"POST", "/me/-/actions/settings", "", saveSettings},
	{"GET", "/help", "", help},
	{"GET", "/help/{page}", "", helpPage},
	{"POST", "/me/-/actions/log", "", setLogView},
	{"GET", "/ui", "", inDevelopment(storybook)},
	{"GET", "/ui/{group}", "", inDevelopment(storyGroup)},
	{"GET", "/ui/{group}/{example}", "", inDevelopment(storyPage)},
	{"POST", "/ui/{group}/-/actions/{verb}", "", inDevelopment(tryExample)},
	{"GET", "/login", "", signIn},
	{"POST", "/login", "", signInForm},
	{"POST", "/logout", "", signOut},
	{"GET", "/c/{id}", "", shortCheckout},
	{"GET", "/b/{id}", "", shortBuild},
	{"GET", "/b/{id}/config", "", shortConfig},
	{"GET", "/r/{id}", "", shortResult},
	{"GET", "/m/{message}", "", shortMessage},
	{"GET", "/robots.txt", "", robots},
	{"GET", "/static/{name...}", "", staticFile},
	{"GET", "/events", "", events},
	{"GET", "/healthz", "", alive},
	{"GET", "/readyz", "", ready},
	{"GET", "/metrics", "", metrics},
}

// mount gives echo the table. Where a pattern has a rest in its middle, echo
// finds the beginning and fit the row.
func (s *site) mount(e *echo.Echo) {
	type address struct{ method, path string }
	var order []address
	groups := map[address][]row{}
	for _, r := range routes {
		for _, path := range r.paths() {
			at := address{r.method, path}
			if groups[at] == nil {
				order = append(order, at)
			}
			groups[at] = append(groups[at], r)
		}
	}
	for _, at := range order {
		serve := s.serve(groups[at])
		e.Add(at.method, at.path, serve)
		if at.method == http.MethodGet {
			e.Add(http.MethodHead, at.path, serve)
		}
	}
}

// paths are the row's pattern in echo's words, one for each format whose
// suffix does not end up inside of a name.
func (r row) paths() []string {
	var parts []string
	for part := range strings.SplitSeq(r.pattern, "/") {
		switch {
		case strings.HasSuffix(part, "...}"):
			return []string{strings.Join(append(parts, "*"), "/")}
		case strings.HasPrefix(part, "{"):
			part = ":" + strings.Trim(part, "{}")
		}
		parts = append(parts, part)
	}
	paths := []string{strings.Join(parts, "/")}
	if strings.HasPrefix(parts[len(parts)-1], ":") {
		return paths
	}
	for format := range strings.FieldsSeq(r.formats) {
		paths = append(paths, paths[0]+"."+format)
	}
	return paths
}

// serve finds the row of a request among those of one echo route.
func (s *site) serve(rows []row) echo.HandlerFunc {
	return func(c echo.Context) error {
		for _, r := range rows {
			if names, format, ok := r.fit(c.Request().URL.EscapedPath()); ok {
				note := noteOf(c)
				note.pattern = r.pattern
				v := s.visit(c, r, names)
				if format != "" {
					v.format = format
				}
				return v.answer()
			}
		}
		return echo.ErrNotFound
	}
}

// fit compares an escaped path with the row, with and without a suffix for the
// format, and gives the names in it, unescaped.
func (r row) fit(path string) (names map[string]string, format string, ok bool) {
	rest, suffix := route.SplitFormat(path)
	if suffix != "" && slices.Contains(strings.Fields(r.formats), suffix) {
		if names, ok := match(strings.Split(r.pattern, "/"), strings.Split(rest, "/")); ok {
			return names, suffix, true
		}
	}
	names, ok = match(strings.Split(r.pattern, "/"), strings.Split(path, "/"))
	return names, "", ok
}

// match compares the parts of a pattern with those of an escaped path.
func match(pattern, parts []string) (map[string]string, bool) {
	names := map[string]string{}
	for i, p := range pattern {
		name, isName := strings.CutPrefix(p, "{")
		if rest, isRest := strings.CutSuffix(name, "...}"); isName && isRest {
			end := len(parts) - (len(pattern) - i - 1)
			if end <= i {
				return nil, false
			}
			text, ok := unescape(parts[i:end])
			if !ok {
				return nil, false
			}
			more, ok := match(pattern[i+1:], parts[end:])
			if !ok {
				return nil, false
			}
			for key, value := range more {
				names[key] = value
			}
			names[rest] = text
			return names, true
		}
		if i >= len(parts) {
			return nil, false
		}
		if !isName {
			if p != parts[i] {
				return nil, false
			}
			continue
		}
		text, ok := unescape(parts[i : i+1])
		if !ok {
			return nil, false
		}
		names[strings.TrimSuffix(name, "}")] = text
	}
	return names, len(pattern) == len(parts)
}

// unescape reads the parts of a name: none may be empty, or the bare dash that
// ends a name, or hold what is no text.
func unescape(parts []string) (string, bool) {
	texts := make([]string, len(parts))
	for i, p := range parts {
		text, err := url.PathUnescape(p)
		if err != nil || text == "" || p == "-" || !storable(text) {
			return "", false
		}
		texts[i] = text
	}
	return strings.Join(texts, "/"), true
}
