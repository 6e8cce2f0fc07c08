// Package server is the web side of Drover: pages, JSON, CSV, text and
// pictures under one address each, and the forms that change things. It reads
// and writes through models, shows through views, and decides nothing.
//
// It must not call anybody outside: what needs that is a step of package jobs,
// asked for in the same transaction. main makes a handler of it.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"

	"drover/models"
	"drover/models/blob"
	"drover/rules/permission"
	"drover/views/route"
)

// Deps is what the web side works with.
type Deps struct {
	Store *models.Store
	Blobs *blob.Store
	// Queue answers whether hints reach the workers; nil is not asked.
	Queue interface{ Ping(context.Context) error }
	// Live tells of changes; nil leaves live updates out.
	Live *Live
	// Free tells how many bytes are free under DataDir; nil is not asked.
	Free     func() (int64, error)
	Log      *slog.Logger
	Metrics  *prometheus.Registry
	Keys     *models.Keys // that seal secrets; nil has none
	Settings Settings
}

// Settings are those of the configuration that pages need.
type Settings struct {
	URL         string // under which people reach this site
	Version     string
	DataDir     string
	Production  bool
	Environment string // the word for the stripe where it is not production
	// Token allows changes; "" allows none, ever.
	Token string
	// Writable says that the listener is on a loopback address.
	Writable bool
	// Hosts are the accepted Host headers while Writable.
	Hosts []string
	// Notice stands on every page: jobs cannot be isolated, for instance.
	Notice   string
	MailFrom string        // "Name <address>", as mails name the sender
	Poll     time.Duration // between two looks at a remote that answers
	// OIDC says how people sign in; nil where only the token of the start does.
	OIDC *OIDC
	// GroupRoles are the roles that come with a group of the provider.
	GroupRoles map[string][]permission.Role
	// Closed asks everybody for a sign-in, also to read.
	Closed bool
	// Configuration is what is set, secrets masked.
	Configuration []Setting
	// Deep is how much work in each second deep requests without a sign-in
	// may take; 0 is no bound.
	Deep time.Duration
	// AllowPrivate lets webhooks be on private networks.
	AllowPrivate bool
	// Rate is how many requests a second one token, or one address without
	// one, may make; 0 is no bound.
	Rate int
}

// Setting is one line of the configuration, as administrators may see it.
type Setting struct {
	Name, Value, Meaning string
}

// site serves requests.
type site struct {
	Deps
	links   route.Base
	crossed *http.CrossOriginProtection
	metrics *requestMetrics
	shared  sharedParts
	cells   keptCells
	growing growingLogs
	shelter *shelter
	pace    *pace // nil without a bound
	waiting waiters
	rows    []row // the table of routes, as the description of the API reads it

	banner   keptBanner
	sessions *scs.SessionManager
	issuer   *issuer // nil without an identity provider
}

// New makes the handler of a whole site.
func New(d Deps) http.Handler {
	if d.Log == nil {
		d.Log = slog.Default()
	}
	if d.Metrics == nil {
		d.Metrics = prometheus.NewRegistry()
	}
	s := &site{Deps: d, crossed: http.NewCrossOriginProtection(), shelter: newShelter(d.Settings.Deep), pace: newPace(d.Settings.Rate), waiting: newWaiters(), rows: routes}
	base, err := route.ParseBase(d.Settings.URL)
	if err != nil {
		d.Log.Warn("links in feeds and reports will be relative", "error", err)
	}
	s.links = base
	s.sessions = newSessions(d.Store)
	if d.Settings.OIDC != nil {
		s.issuer = newIssuer(*d.Settings.OIDC, base)
	}
	s.metrics = s.register()
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = echo.ExtractIPDirect() // no header of a stranger names a client
	e.HTTPErrorHandler = func(err error, c echo.Context) { s.fail(c, err) }
	e.Pre(escapedPath)
	e.Use(s.around, s.guard)
	s.mount(e)
	return e
}

// escapedPath makes the router see the path as it was sent: names may have
// slashes, dots and dashes of their own.
func escapedPath(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Request().URL.RawPath = c.Request().URL.EscapedPath()
		return next(c)
	}
}
