package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"drover/models"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// failure is an answer that is an error, in words for people.
type failure struct {
	status    int
	title     string
	text      string
	next      ui.Link
	fields    ui.Errors // of a form or filter
	challenge bool      // ask a program for its token
	needs     []string  // roles of which each would do
	to        route.URL // where a browser is sent instead of an error page
}

func (f failure) Error() string { return f.title + ": " + f.text }

func link(text string, u route.URL) ui.Link { return ui.Link{Text: text, URL: u} }

func notFound(title, text string) failure {
	return failure{status: http.StatusNotFound, title: title, text: text}
}

// orMissing turns "no such row" into the page that says so; other errors stay.
func orMissing(err error, title, text string) error {
	if errors.Is(err, models.ErrNotFound) {
		return notFound(title, text)
	}
	return err
}

// explain is the one place where errors become words.
func explain(err error) (f failure, known bool) {
	var echoed *echo.HTTPError
	var full *models.FullError
	switch {
	case errors.As(err, &f):
		return f, true
	case errors.As(err, &full):
		return failure{status: http.StatusInsufficientStorage, title: "The disk is full",
			text: upper(full.Place) + " is full: free some space, then try again. Nothing that was stored is lost; what was asked for here was not stored."}, false
	case errors.As(err, &echoed) && echoed.Code == http.StatusMethodNotAllowed:
		return failure{status: echoed.Code, title: "Not possible here", text: "This address does not take that kind of request."}, true
	case errors.As(err, &echoed) && echoed.Code == http.StatusNotFound:
		return notFound("No such page", "There is nothing at this address."), true
	case errors.As(err, &echoed) && echoed.Code < 500:
		return failure{status: echoed.Code, title: "The request was not understood", text: http.StatusText(echoed.Code)}, true
	case errors.Is(err, context.DeadlineExceeded):
		return failure{status: http.StatusServiceUnavailable, title: "Too slow",
			text: "The database did not answer in time. Try again, with fewer rows or a shorter time."}, false
	}
	return failure{status: http.StatusInternalServerError, title: "Something went wrong here",
		text: "This is a fault of Drover, not of your request."}, false
}

// fail answers a request that ended in an error: a page in the frame, or a
// problem for programs. What nobody expected is logged once, with the request id.
func (s *site) fail(c echo.Context, err error) {
	n := noteOf(c)
	if late := c.Request().Context().Err(); errors.Is(late, context.DeadlineExceeded) && !errors.Is(err, late) {
		err = fmt.Errorf("%w: %w", late, err) // a database names it in its own words
	}
	f, known := explain(err)
	if !known && !errors.Is(c.Request().Context().Err(), context.Canceled) {
		s.Log.ErrorContext(c.Request().Context(), "request failed", "request_id", n.id, "route", n.pattern, "error", err.Error())
	}
	if c.Response().Committed {
		return
	}
	header := c.Response().Header()
	header.Del("ETag")
	header.Set("Cache-Control", "private, no-cache")
	if f.to != "" && partsAsked(c.Request()) == nil {
		if err := c.Redirect(f.status, string(f.to)); err != nil {
			s.Log.ErrorContext(c.Request().Context(), "redirect failed", "request_id", n.id, "error", err.Error())
		}
		return
	}
	if f.to != "" {
		f.status = http.StatusForbidden
	}
	if f.challenge {
		header.Set("WWW-Authenticate", `Bearer realm="drover"`)
	}
	if wantsJSON(c.Request()) || endsInFormat(c.Request()) || c.Request().Header.Get("Authorization") != "" {
		err = s.failProgram(c, f, n.id)
	} else if partsAsked(c.Request()) != nil {
		err = failPart(c, f, n.id)
	} else {
		err = s.failPage(c, f, n.id)
	}
	if err != nil {
		s.Log.ErrorContext(c.Request().Context(), "error page failed", "request_id", n.id, "error", err.Error())
	}
}

// endsInFormat tells whether the address asks for a form that programs read.
func endsInFormat(r *http.Request) bool {
	_, suffix := route.SplitFormat(r.URL.Path)
	return suffix == "json" || suffix == "csv" || strings.HasPrefix(r.URL.Path, "/api/")
}

// failPart answers who asked for parts of a page only.
func failPart(c echo.Context, f failure, request string) error {
	var body bytes.Buffer
	view := ui.Failed(f.title+": "+f.text, request, route.URL(c.Request().URL.RequestURI()))
	if err := view.Render(context.WithoutCancel(c.Request().Context()), &body); err != nil {
		return err
	}
	return c.HTMLBlob(f.status, body.Bytes())
}

func (s *site) failPage(c echo.Context, f failure, request string) error {
	v := s.visit(c, row{}, nil)
	p := page.ErrorPage{
		Frame:  v.frame(f.title, "", ui.Crumb{Text: f.title}),
		Status: f.status, Title: f.title, Text: f.text, Next: f.next, RequestID: request,
	}
	p.Frame.Self = ""
	if p.Next.URL == "" {
		p.Next = link("Overview", route.Home())
	}
	return v.html(f.status, p)
}
