package server

import (
	"net/http"
	"strings"
	"time"

	"drover/views/page"
)

const logCookie = "drover_log"

// logChoice is how this browser shows lines of logs: "on.kernel" in its cookie.
func (v *visit) logChoice() page.LogChoice {
	var c page.LogChoice
	cookie, err := v.request.Cookie(logCookie)
	if err != nil {
		return c
	}
	wrap, clock, _ := strings.Cut(cookie.Value, ".")
	if wrap == "on" || wrap == "off" {
		c.Wrap = wrap
	}
	if clock == page.ClockKernel || clock == page.ClockDifference {
		c.Clock = clock
	}
	return c
}

// setLogView keeps the choice of how logs are shown in the browser. It changes
// nothing here, so everybody may.
func setLogView(v *visit) error {
	fields, err := v.fields("wrap", "clock", "back")
	if err != nil {
		return err
	}
	choice := v.logChoice()
	switch fields["wrap"] {
	case "on", "off":
		choice.Wrap = fields["wrap"]
	}
	switch fields["clock"] {
	case page.ClockKernel, page.ClockDifference:
		choice.Clock = fields["clock"]
	case "off":
		choice.Clock = ""
	}
	v.cookie(logCookie, choice.Wrap+"."+choice.Clock, 365*24*time.Hour)
	return v.redirect(http.StatusSeeOther, local(fields["back"]))
}
