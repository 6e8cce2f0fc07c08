package server

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"drover/rules/permission"
	"drover/views/route"
)

// handler answers one request.
type handler func(*visit) error

// row is one line of the table of routes: {x} is one part of the path,
// {x...} one or more. Formats are the suffixes it understands besides HTML. Action is
// what somebody must be allowed to do before the handler is asked.
type row struct {
	method  string
	pattern string
	formats string
	action  permission.Action
	handle  handler
}

// routes is every address of this site. Of rows that fit, the first answers.
var routes = []row{
	{"GET", "/", "json", permission.Read, overview},
	{"POST", "/-/actions/sample", "", permission.Draft, addSample},
	{"GET", "/trees", "json csv", permission.Read, trees},
	{"GET", "/trees/new", "", permission.Read, newTree},
	{"POST", "/trees/new", "", permission.Draft, addTree},
	{"GET", "/trees/new/{draft}/{step}", "", permission.Draft, treeStep},
	{"POST", "/trees/new/{draft}/{step}", "", permission.Draft, saveTreeStep},
	{"GET", "/trees/{tree}", "json csv", permission.Read, tree},
	{"GET", "/trees/{tree}/badge.svg", "", permission.Read, treeBadge},
	{"GET", "/trees/{tree}/feed.atom", "", permission.Read, treeFeed},
	{"GET", "/trees/{tree}/-/grid", "json csv svg", permission.Read, treeGrid},
	{"GET", "/trees/{tree}/-/settings", "json", permission.Read, treeSettings},
	{"GET", "/trees/{tree}/-/settings/people", "json", permission.Read, treePeople},
	{"GET", "/trees/{tree}/-/settings/webhooks", "json", permission.Edit, treeWebhooks},
	{"POST", "/trees/{tree}/-/settings/webhooks", "", permission.Edit, makeTreeWebhook},
	{"GET", "/trees/{tree}/-/log", "json csv", permission.Read, treeLog},
	{"GET", "/trees/{tree}/-/commits/{revision}", "", permission.Read, treeCommit},
	{"POST", "/trees/{tree}/-/actions/{verb}", "", byVerb, treeAction},
	{"GET", "/checkouts", "json csv", permission.Read, checkouts},
	{"GET", "/checkouts/{id}", "json txt", permission.Read, checkout},
	{"GET", "/checkouts/{id}/-/tests", "json csv", permission.Read, checkoutTests},
	{"GET", "/checkouts/{id}/-/builds", "json csv", permission.Read, checkoutBuilds},
	{"GET", "/checkouts/{id}/-/timeline", "json svg", permission.Read, checkoutTimeline},
	{"GET", "/checkouts/{id}/-/plan", "json csv", permission.Read, checkoutPlan},
	{"GET", "/checkouts/{id}/-/files", "json csv", permission.Read, checkoutFiles},
	{"GET", "/checkouts/{id}/-/compare", "json csv", permission.Read, checkoutCompare},
	{"GET", "/checkouts/{id}/-/reports", "json csv", permission.Read, checkoutReports},
	{"POST", "/checkouts/{id}/-/actions/{verb}", "", byVerb, checkoutAction},
	{"GET", "/builds/{id}", "json", permission.Read, build},
	{"GET", "/builds/{id}/-/logs/{name}", "txt", permission.Read, buildLog},
	{"GET", "/builds/{id}/-/files/{name...}", "", permission.Read, buildFile},
	{"POST", "/builds/{id}/-/actions/{verb}", "", byVerb, unknownAction},
	{"GET", "/results/{id}", "json", permission.Read, result},
	{"GET", "/results/{id}/-/logs/{name}", "txt", permission.Read, resultLog},
	{"GET", "/results/{id}/-/files/{name...}", "", permission.Read, resultFile},
	{"POST", "/results/{id}/-/actions/{verb}", "", byVerb, unknownAction},
	{"GET", "/tests", "json csv", permission.Read, tests},
	{"GET", "/tests/new", "", permission.Read, newTest},
	{"POST", "/tests/new", "", permission.Draft, addTest},
	{"GET", "/tests/new/{draft}/{step}", "", permission.Draft, testStep},
	{"POST", "/tests/new/{draft}/{step}", "", permission.Draft, saveTestStep},
	{"GET", "/tests/-/file", "json", permission.Read, definitions},
	{"GET", "/tests/-/file/definitions.yaml", "", permission.Read, exportDefinitions},
	{"POST", "/tests/-/file/-/actions/plan", "", permission.Draft, planDefinitions},
	{"POST", "/tests/-/file/-/actions/apply", "", permission.Draft, applyDefinitions},
	{"GET", "/tests/{path...}/-/history", "json csv", permission.Read, testHistory},
	{"GET", "/tests/{path...}/-/targeting", "json", permission.Read, testTargeting},
	{"GET", "/tests/{path...}/-/settings", "json", permission.Read, testSettings},
	{"GET", "/tests/{path...}/-/versions", "json", permission.Read, testVersions},
	{"POST", "/tests/{path...}/-/actions/definition", "", permission.Edit, saveTestSettings},
	{"POST", "/tests/{path...}/-/actions/preview", "", permission.Read, previewTargeting},
	{"POST", "/tests/{path...}/-/actions/targeting", "", permission.Edit, saveTargeting},
	{"GET", "/tests/{path...}/-/settings/people", "json", permission.Read, testPeople},
	{"GET", "/tests/{path...}/-/log", "json csv", permission.Read, testLog},
	{"POST", "/tests/{path...}/-/actions/{verb}", "", byVerb, testAction},
	{"GET", "/tests/{path...}", "json", permission.Read, test},
	{"GET", "/targeting", "json", permission.Read, simulator},
	{"POST", "/targeting/-/actions/try", "", permission.Read, trySimulator},
	{"GET", "/jobs", "json csv", permission.Read, jobList},
	{"GET", "/jobs/{id}", "json", permission.Read, jobPage},
	{"GET", "/queues", "json", permission.Read, queues},
	{"GET", "/queues/{queue}", "json csv", permission.Read, queue},
	{"POST", "/queues/{queue}/-/actions/{verb}", "", byVerb, queueAction},
	{"GET", "/mail", "json csv", permission.Read, mails},
	{"GET", "/mail/{id}", "json txt", permission.Read, mail},
	{"POST", "/mail/{id}/-/actions/{verb}", "", byVerb, unknownAction},
	{"GET", "/webhooks/{id}", "json", permission.Edit, webhookPage},
	{"POST", "/webhooks/{id}/-/actions/{verb}", "", byVerb, webhookAction},
	{"GET", "/unsubscribe/{token}", "", permission.Open, askUnsubscribe},
	{"POST", "/unsubscribe/{token}", "", permission.Open, unsubscribe},
	{"GET", "/search", "json", permission.Read, searchAll},
	{"GET", "/me", "json", permission.Open, me},
	{"POST", "/me/-/actions/theme", "", permission.Open, setTheme},
	{"POST", "/me/-/actions/settings", "", permission.Open, saveSettings},
	{"POST", "/me/-/actions/end", "", permission.Watch, endSession},
	{"POST", "/me/-/actions/token", "", permission.Watch, makeToken},
	{"POST", "/me/-/actions/end-token", "", permission.Watch, endToken},
	{"GET", "/help", "", permission.Open, help},
	{"GET", "/help/{page}", "", permission.Open, helpPage},
	{"POST", "/me/-/actions/log", "", permission.Open, setLogView},
	{"GET", "/admin", "", permission.Administer, admin},
	{"GET", "/admin/users", "json csv", permission.Administer, users},
	{"GET", "/admin/users/{id}", "json", permission.Administer, userPage},
	{"POST", "/admin/users/{id}/-/actions/{verb}", "", byVerb, userAction},
	{"GET", "/admin/tokens", "json csv", permission.Administer, tokenList},
	{"POST", "/admin/tokens/{id}/-/actions/{verb}", "", byVerb, tokenAction},
	{"GET", "/admin/webhooks", "json", permission.Administer, allWebhooks},
	{"POST", "/admin/webhooks", "", permission.Administer, makeWebhook},
	{"GET", "/admin/audit", "json csv", permission.Administer, auditPage},
	{"GET", "/admin/banner", "json", permission.Administer, banner},
	{"POST", "/admin/banner", "", permission.Administer, saveBanner},
	{"GET", "/admin/settings", "json csv", permission.Administer, configurationPage},
	{"GET", "/ui", "", permission.Read, inDevelopment(storybook)},
	{"GET", "/ui/{group}", "", permission.Read, inDevelopment(storyGroup)},
	{"GET", "/ui/{group}/{example}", "", permission.Read, inDevelopment(storyPage)},
	{"POST", "/ui/{group}/-/actions/{verb}", "", permission.Read, inDevelopment(tryExample)},
	{"GET", "/login", "", permission.Open, signIn},
	{"POST", "/login", "", permission.Open, signInForm},
	{"GET", "/login/back", "", permission.Open, signInBack},
	{"POST", "/logout", "", permission.Open, signOut},
	{"GET", "/c/{id}", "", permission.Read, shortCheckout},
	{"GET", "/b/{id}", "", permission.Read, shortBuild},
	{"GET", "/b/{id}/config", "", permission.Read, shortConfig},
	{"GET", "/r/{id}", "", permission.Read, shortResult},
	{"GET", "/m/{message}", "", permission.Read, shortMessage},
	{"GET", "/api", "", permission.Read, apiPage},
	{"GET", "/api/openapi", "json", permission.Read, apiDocument},
	{"GET", "/api/events", "json", permission.Read, apiEvents},
	{"GET", "/robots.txt", "", permission.Open, robots},
	{"GET", "/static/{name...}", "", permission.Open, staticFile},
	{"GET", "/events", "", permission.Read, events},
	{"GET", "/healthz", "", permission.Open, alive},
	{"GET", "/readyz", "", permission.Open, ready},
	{"GET", "/metrics", "", permission.Open, metrics},
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
				if err := errors.Join(v.paced(), v.byError); err != nil {
					return err
				}
				if err := v.enter(); err != nil {
					return err
				}
				return v.once()
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
