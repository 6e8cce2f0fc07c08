package server

import (
	"net/http"
	"strings"
	"time"

	"drover/views/route"
	"drover/views/ui"
)

const noteCookie = "drover_note"

// cookie is one of ours: no script reads it, no other site's form sends it.
// SameSite is Lax, not Strict: the printed address may be opened from a page
// of another site, and the redirect that follows must already carry it.
func (v *visit) cookie(name, value string, age time.Duration) {
	http.SetCookie(v.echo.Response(), &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: v.request.TLS != nil || strings.HasPrefix(v.Settings.URL, "https://") && !v.Settings.Writable,
	})
}

// dropCookie makes the browser forget one.
func (v *visit) dropCookie(name string) { v.cookie(name, "", -time.Second) }

// notes are what is said after an action, on the page that follows. The cookie
// carries the key alone, so that nobody can put words of their own there.
var notes = map[string]ui.Notice{
	"sample":      {Kind: ui.Good, Text: "The sample tree was added. Its first commit is made, built and tested now."},
	"tree":        {Kind: ui.Good, Text: "The tree was added. Drover looks at its repository now; what it finds stands here in a moment."},
	"rehearsal":   {Kind: ui.Good, Text: "The rehearsal began: Drover looks at the repository now, and tests the head of each branch. Nothing is reported."},
	"live":        {Kind: ui.Good, Text: "The tree is live: from now on new failures are reported."},
	"test":        {Kind: ui.Good, Text: "The test was added in trial: it runs with the next checkout, and its results do not count yet."},
	"event":       {Kind: ui.Good, Text: "Stored. The checkout appears here as soon as the revision has been found."},
	"state":       {Kind: ui.Good, Text: "The state was changed."},
	"look":        {Kind: ui.Good, Text: "Drover looks at the repository now."},
	"replay":      {Kind: ui.Good, Text: "It is being tried again."},
	"cancel":      {Kind: ui.Good, Text: "Everything that still ran is being stopped."},
	"example":     {Kind: ui.Info, Text: "That was an example: nothing was done."},
	"saved":       {Kind: ui.Good, Text: "Saved. This browser keeps these settings for a year."},
	"keys":        {Kind: ui.Good, Text: "Keyboard shortcuts are off in this browser.", Link: &ui.Link{Text: "Settings", URL: route.Me()}},
	"definitions": {Kind: ui.Good, Text: "Applied. It holds from the next checkout on."},
	"test-saved":  {Kind: ui.Good, Text: "Saved. It holds from the next checkout on."},
	"ended":       {Kind: ui.Good, Text: "That session is over."},
	"token-ended": {Kind: ui.Good, Text: "That token is over: programs that show it are refused from now on."},
	"hook-test":   {Kind: ui.Info, Text: "A ping is sent now; its outcome stands among the deliveries in a moment."},
	"hook-pause":  {Kind: ui.Good, Text: "Paused: nothing is sent until it is switched on, and it goes on where it stopped."},
	"hook-on":     {Kind: ui.Good, Text: "Switched on: it goes on where it stopped."},
	"hook-change": {Kind: ui.Good, Text: "Saved. It holds from the next message on."},
	"hook-delete": {Kind: ui.Good, Text: "That webhook is gone: nothing more is sent there."},
	"people":      {Kind: ui.Good, Text: "Saved. It holds from the next request on."},
	"banner":      {Kind: ui.Good, Text: "Saved. The banner stands on every page within a few seconds."},
}

func (v *visit) leaveNote(key string) { v.cookie(noteCookie, key, time.Minute) }

// takeNote is the note left for this page, once.
func (v *visit) takeNote() (ui.Notice, bool) {
	c, err := v.request.Cookie(noteCookie)
	if err != nil || c.Value == "" {
		return ui.Notice{}, false
	}
	v.dropCookie(noteCookie)
	n, ok := notes[c.Value]
	return n, ok
}
