package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/static"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// patience is how long a page may take to be read from the database.
const patience = 20 * time.Second

// visit is one request on its way to an answer.
type visit struct {
	*site
	echo     echo.Context
	request  *http.Request
	q        models.Query // bound to the request
	row      row
	names    map[string]string // from the path
	query    url.Values
	format   string // "" for HTML, else a suffix
	now      time.Time
	signedIn bool
	by       person              // who asks
	asked    map[string][]string // who can give roles, as far as it was asked for
	liveAt   int64               // the newest change that may be seen: known before anything was read
	parts    []string            // of the page, if only those are asked for
	rendered *rendered
	worked   func() // ends the turn of a deep request, if it has one

	byError error // who it is could not be found out
}

func (s *site) visit(c echo.Context, r row, names map[string]string) *visit {
	v := &visit{
		site: s, echo: c, request: c.Request(), q: s.Store.With(c.Request().Context()), row: r, names: names,
		query: asText(c.Request().URL.Query()), now: s.Store.Clock(), parts: partsAsked(c.Request()),
	}
	v.by, v.byError = s.personOf(c)
	v.signedIn = v.by.facts.SignedIn
	if !unasked(noteOf(c).pattern) { // those show nothing of a tree
		q, err := v.q.As(v.by.reader())
		v.q, v.byError = q, errors.Join(v.byError, err)
	}
	if s.Live != nil {
		v.liveAt = s.Live.Head()
	}
	if wantsJSON(c.Request()) && (strings.Contains(r.formats, "json") || r.method == http.MethodPost) {
		v.format = "json"
	}
	return v
}

// storable tells whether a database takes a text: bad UTF-8 and NUL are refused
// by some.
func storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// asText puts the replacement sign where a query holds what is no text, so that
// it finds nothing rather than fails.
func asText(query url.Values) url.Values {
	for _, values := range query {
		for i, value := range values {
			if !storable(value) {
				values[i] = strings.ReplaceAll(strings.ToValidUTF8(value, "\uFFFD"), "\x00", "\uFFFD")
			}
		}
	}
	return query
}

// wantsJSON tells whether a client asks for JSON rather than for a page.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	if at := strings.Index(accept, "application/json"); at >= 0 {
		html := strings.Index(accept, "text/html")
		return html < 0 || at < html
	}
	return r.Method == http.MethodPost && isJSON(r)
}

// isJSON tells whether the body of a request is JSON.
func isJSON(r *http.Request) bool {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return strings.TrimSpace(kind) == "application/json"
}

// isBot tells whether the answer goes to a program.
func (v *visit) isBot() bool { return v.format == "json" || v.format == "csv" }

// context ends when the client goes away, or after patience.
func (v *visit) context() context.Context { return v.request.Context() }

// id reads the name "id" of the path; text that is no id names nothing.
func (v *visit) id(what string) (id.ID, error) {
	number, err := id.Parse(v.names["id"])
	if err != nil {
		return 0, notFound("No such "+what, fmt.Sprintf("%q is not the short name of a %s.", v.names["id"], what))
	}
	return number, nil
}

// frame is what every page has around its content.
func (v *visit) frame(title string, self route.URL, crumbs ...ui.Crumb) ui.Frame {
	f := ui.Frame{
		Title: title, Crumbs: crumbs, AsOf: v.now.In(v.zone()), Self: self, Formats: strings.Fields(v.row.formats),
		Choices: v.choices(), Topic: page.TopicOf(v.row.pattern), Version: v.Settings.Version, Asset: asset,
	}
	if v.signedIn {
		f.User = &ui.Person{Name: "Signed in"}
		if v.by.user != 0 {
			f.User.Name = v.by.name
		}
		f.IsAdmin = v.why(permission.Administer, permission.Object{}) == ""
	} else if v.canSignIn() {
		f.CanSignIn = true
	} else {
		f.ReadOnly = v.whyReadOnly()
	}
	if !v.Settings.Production {
		f.Environment = v.Settings.Environment
	}
	if notice, ok := v.roomNotice(); ok {
		f.Notices = append(f.Notices, notice)
	}
	if notice, ok := v.bannerNotice(); ok && (v.signedIn || !v.Settings.Closed) {
		f.Notices = append(f.Notices, notice)
	}
	if v.Settings.Notice != "" {
		f.Notices = append(f.Notices, ui.Notice{Kind: ui.Warn, Text: v.Settings.Notice})
	}
	if note, ok := v.takeNote(); ok {
		f.Notices = append(f.Notices, note)
	}
	return f
}

func asset(name string) route.URL { return route.URL(static.Path(name)) }

// absolute is a URL as somebody outside writes it.
func (v *visit) absolute(u route.URL) string { return v.links.Absolute(u) }

// redirect sends the client on: 303 after a change, else the status given.
func (v *visit) redirect(status int, to route.URL) error {
	return v.echo.Redirect(status, string(to))
}
