package server

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // for machines without the database of time zones

	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const choiceAge = 365 * 24 * time.Hour

// choice is a setting that a browser keeps in a cookie. The first value is the
// default; it is kept by keeping nothing.
type choice struct {
	field  string
	cookie string
	values []string
}

var browserChoices = []choice{
	{"theme", "drover_theme", []string{"system", "light", "dark"}},
	{"density", "drover_density", []string{"cosy", "compact"}},
	{"keys", "drover_keys", []string{"on", "off"}},
	{"live_updates", "drover_live", []string{"on", "off"}},
	{"time_zone", "drover_zone", []string{"UTC"}}, // or any name that checkZone takes
}

// chosen is what this browser says to a setting; what is not understood is the
// default.
func (v *visit) chosen(field string) string {
	i := slices.IndexFunc(browserChoices, func(c choice) bool { return c.field == field })
	c := browserChoices[i]
	cookie, err := v.request.Cookie(c.cookie)
	if err != nil || c.check(cookie.Value) != nil {
		return c.values[0]
	}
	return cookie.Value
}

// check says what is wrong with a value for a setting.
func (c choice) check(value string) error {
	if c.field == "time_zone" {
		_, err := zoneNamed(value)
		return err
	}
	if !slices.Contains(c.values, value) {
		return fmt.Errorf("choose one of %s", strings.Join(c.values, ", "))
	}
	return nil
}

// zoneNamed finds a time zone of the IANA database. "Local" would be that of
// this server, which says nothing to a reader.
func zoneNamed(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" || len(name) > 60 {
		return nil, fmt.Errorf("no time zone is called %q: write UTC, or a name such as Europe/Prague", name)
	}
	return zone, nil
}

// zone is where this reader's clock is.
func (v *visit) zone() *time.Location {
	zone, err := zoneNamed(v.chosen("time_zone"))
	if err != nil {
		return time.UTC
	}
	return zone
}

// choices are the settings of this browser as pages take them.
func (v *visit) choices() ui.Choices {
	c := ui.Choices{KeysOff: v.chosen("keys") == "off", LiveOff: v.chosen("live_updates") == "off"}
	if theme := v.chosen("theme"); theme != "system" {
		c.Theme = theme
	}
	if density := v.chosen("density"); density != "cosy" {
		c.Density = density
	}
	return c
}

// me shows the settings of this browser, and who somebody is here.
func me(v *visit) error {
	data, err := v.settings()
	if err != nil {
		return err
	}
	return v.object(v.mePage(data, nil), data, route.Me())
}

// settings are those of this browser, with who is signed in.
func (v *visit) settings() (page.MeData, error) {
	account, err := v.account()
	return page.MeData{
		Theme: v.chosen("theme"), Density: v.chosen("density"), Zone: v.chosen("time_zone"), Keys: v.chosen("keys"), LiveUpdates: v.chosen("live_updates"), Account: account,
	}, err
}

func (v *visit) mePage(data page.MeData, errors ui.Errors) page.Me {
	f := v.frame("Settings", route.Me(), ui.Crumb{Text: "Settings"})
	f.Active, f.Formats = "me", []string{"json"}
	return page.Me{Frame: f, Data: data, Errors: errors, Zones: zoneNames, Token: page.TokenForm{Days: strconv.Itoa(tokenDays), Scopes: []string{"read"}}}
}

// saveSettings keeps the settings that were sent, all of them or one, in the
// browser. It changes nothing here, so everybody may.
func saveSettings(v *visit) error {
	w, err := v.body()
	if err != nil {
		return err
	}
	var errors ui.Errors
	sent := map[string]string{}
	for _, c := range browserChoices {
		if _, given := w[c.field]; !given {
			continue
		}
		sent[c.field] = strings.TrimSpace(w.get(c.field))
		if err := c.check(sent[c.field]); err != nil {
			errors = append(errors, ui.FieldError{Field: c.field, Text: upperFirst(err.Error()) + "."})
		}
	}
	if len(errors) > 0 {
		return v.refuseSettings(sent, errors)
	}
	for _, c := range browserChoices {
		if value, given := sent[c.field]; given {
			v.keep(c, value)
		}
	}
	if back := w.get("back"); back != "" {
		if sent["keys"] == "off" {
			v.leaveNote("keys")
		}
		return v.redirect(http.StatusSeeOther, local(back))
	}
	v.leaveNote("saved")
	return v.redirect(http.StatusSeeOther, route.Me())
}

// refuseSettings gives the form back with what was typed.
func (v *visit) refuseSettings(sent map[string]string, errors ui.Errors) error {
	if v.format == "json" {
		return failure{status: http.StatusUnprocessableEntity, title: "Not saved", text: "A value was not understood.", fields: errors}
	}
	data := page.MeData{Theme: sent["theme"], Density: sent["density"], Zone: sent["time_zone"], Keys: sent["keys"], LiveUpdates: sent["live_updates"]}
	var err error
	if data.Account, err = v.account(); err != nil {
		return err
	}
	return v.html(http.StatusUnprocessableEntity, v.mePage(data, errors))
}

func (v *visit) keep(c choice, value string) {
	if value == c.values[0] {
		v.dropCookie(c.cookie)
		return
	}
	v.cookie(c.cookie, value, choiceAge)
}

// setTheme is the theme alone, from the foot of any page; anything but light
// and dark is what the system says.
func setTheme(v *visit) error {
	fields, err := v.fields("theme", "back")
	if err != nil {
		return err
	}
	c := browserChoices[0]
	if c.check(fields["theme"]) != nil {
		fields["theme"] = c.values[0]
	}
	v.keep(c, fields["theme"])
	return v.redirect(http.StatusSeeOther, local(fields["back"]))
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// zoneNames are suggested; the database has some hundred more.
var zoneNames = []string{
	"UTC", "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi", "America/Anchorage", "America/Argentina/Buenos_Aires",
	"America/Bogota", "America/Chicago", "America/Denver", "America/Halifax", "America/Los_Angeles", "America/Mexico_City", "America/New_York",
	"America/Sao_Paulo", "America/Toronto", "Asia/Bangkok", "Asia/Dubai", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem", "Asia/Karachi",
	"Asia/Kolkata", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Asia/Tokyo", "Australia/Brisbane", "Australia/Sydney",
	"Europe/Athens", "Europe/Berlin", "Europe/Brussels", "Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon",
	"Europe/London", "Europe/Madrid", "Europe/Moscow", "Europe/Paris", "Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Vienna",
	"Europe/Warsaw", "Europe/Zurich", "Pacific/Auckland", "Pacific/Honolulu",
}
