package server

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"drover/views/route"
)

// note is what the outer layers know of a request.
type note struct {
	id      string          // request id: in the answer, on error pages, in the log
	pattern string          // of the route, "" if none fits
	whole   context.Context // of the request, without the deadline of an answer
	by      *person         // who asks, once that was found out
}

const noteKey = "drover.note"

func noteOf(c echo.Context) *note {
	if n, ok := c.Get(noteKey).(*note); ok {
		return n
	}
	return &note{}
}

// securityHeaders are sent with every answer (ui.md 14). Raw files narrow the
// policy further.
var securityHeaders = [][2]string{
	{"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	{"Referrer-Policy", "same-origin"},
	{"X-Content-Type-Options", "nosniff"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Permissions-Policy", "camera=(), microphone=(), geolocation=()"},
}

// around gives each request an id, a deadline, headers, a line in the log and
// its place in the metrics; a panic becomes an error.
func (s *site) around(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		n := &note{id: requestID(), whole: c.Request().Context()}
		c.Set(noteKey, n)
		header := c.Response().Header()
		for _, h := range securityHeaders {
			header.Set(h[0], h[1])
		}
		header.Set("X-Request-Id", n.id)
		ctx, cancel := context.WithTimeout(c.Request().Context(), patience)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		if err := recovered(next)(c); err != nil {
			s.fail(c, err)
		}
		s.logged(c, n, time.Since(started))
		return nil
	}
}

func requestID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand
	return hex.EncodeToString(b[:])
}

// recovered turns a panic into an error with its stack.
func recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
					panic(p)
				}
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		return next(c)
	}
}

// logged writes the access log and counts the request. A query may hold a
// token when somebody signs in, a path when somebody unsubscribes: neither is
// written.
func (s *site) logged(c echo.Context, n *note, took time.Duration) {
	status := c.Response().Status
	s.metrics.observe(n.pattern, status, took)
	if quiet[n.pattern] && status < 400 {
		return
	}
	url := c.Request().URL
	path, query := url.EscapedPath(), url.RawQuery
	if strings.HasPrefix(path, "/login") || strings.Contains(query, "token") {
		query = ""
	}
	if stop := string(route.Unsubscribe("")); strings.HasPrefix(path, stop) {
		path = stop + "-"
	}
	s.Log.InfoContext(c.Request().Context(), "request", "request_id", n.id, "method", c.Request().Method, "route", n.pattern,
		"path", path, "query", query, "status", status, "bytes", c.Response().Size,
		"duration_ms", float64(took.Microseconds())/1000, "client", c.RealIP())
}

// quiet routes are asked by machines every few seconds; only trouble is logged.
var quiet = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true, "/static/{name...}": true, streams: true}

// streams is the route whose answers last as long as their pages are open.
const streams = "/events"
