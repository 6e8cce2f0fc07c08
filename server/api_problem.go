package server

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"drover/views/route"
)

// problem is how programs get an error (RFC 9457).
type problem struct {
	Type     string            `json:"type"` // an address that says what it means and what to do
	Title    string            `json:"title"`
	Status   int               `json:"status"`
	Detail   string            `json:"detail"`
	Instance string            `json:"instance"`         // the request id, as in the log
	Fields   map[string]string `json:"fields,omitempty"` // what is wrong with which
	Needs    []string          `json:"needs,omitempty"`  // roles of which each would do
}

const problemType = "application/problem+json"

// problemNames are the kinds of problems by status; the help explains each.
var problemNames = map[int]string{
	http.StatusBadRequest:            "bad-request",
	http.StatusUnauthorized:          "sign-in",
	http.StatusForbidden:             "not-allowed",
	http.StatusNotFound:              "not-found",
	http.StatusGone:                  "gone",
	http.StatusMethodNotAllowed:      "bad-request",
	http.StatusConflict:              "conflict",
	http.StatusRequestEntityTooLarge: "bad-request",
	http.StatusUnprocessableEntity:   "bad-value",
	http.StatusTooManyRequests:       "too-many",
	http.StatusServiceUnavailable:    "away",
	http.StatusInsufficientStorage:   "away",
}

// problemNamed names the kind of a problem: one of a fault of ours if the status
// says no more.
func problemNamed(status int) string {
	switch name := problemNames[status]; {
	case name != "":
		return name
	case status < http.StatusInternalServerError:
		return "bad-request"
	}
	return "fault"
}

// failProgram answers a program.
func (s *site) failProgram(c echo.Context, f failure, request string) error {
	p := problem{
		Type: s.links.Absolute(route.Problem(problemNamed(f.status))), Title: f.title, Status: f.status, Detail: f.text, Instance: request, Needs: f.needs,
	}
	for _, one := range f.fields {
		if p.Fields == nil {
			p.Fields = map[string]string{}
		}
		p.Fields[one.Field] = one.Text
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return c.Blob(f.status, problemType, append(body, '\n'))
}
