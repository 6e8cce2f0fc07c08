package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// save sends the form of settings without a sign-in.
func (w *world) save(form string, cookies ...*http.Cookie) *http.Response {
	w.t.Helper()
	return w.do(request{method: "POST", path: "/me/-/actions/settings", body: form, cookies: cookies,
		header: map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://" + host}})
}

func TestSettingsOfABrowser(t *testing.T) {
	w := quick(t)
	r := w.save("theme=dark&density=compact&keys=off&live_updates=off&time_zone=Asia%2FTokyo")
	if r.StatusCode != 303 || r.Header.Get("Location") != "/me" {
		t.Fatalf("%d to %q: %s", r.StatusCode, r.Header.Get("Location"), text(t, r))
	}
	kept := r.Cookies()
	for _, c := range kept {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			t.Errorf("the cookie %s: %+v", c.Name, c)
		}
	}
	me := text(t, w.do(request{path: "/me", cookies: kept}))
	for _, want := range []string{"Saved.", `data-theme="dark" data-density="compact" data-zone="Asia/Tokyo"`, `value="Asia/Tokyo"`, "2026-11-27 19:42 JST", `value="off" checked`} {
		if !strings.Contains(me, want) {
			t.Errorf("no %s", want)
		}
	}
	running := text(t, w.do(request{path: "/checkouts/" + w.running.ID.String(), cookies: kept}))
	for _, want := range []string{"19:42:30 JST", `title="2026-11-27 10:42:30 UTC"`, "live updates off"} {
		if !strings.Contains(running, want) {
			t.Errorf("a running checkout: no %s", want)
		}
	}
	for _, not := range []string{"keys.js", "live.js", "http-equiv=\"refresh\"", "<dialog"} {
		if strings.Contains(running, not) {
			t.Errorf("a running checkout has %s", not)
		}
	}
	data := decode(t, text(t, w.do(request{path: "/me.json", cookies: kept})))
	if set := data["data"].(map[string]any); set["time_zone"] != "Asia/Tokyo" || set["keys"] != "off" || !strings.HasSuffix(data["generated_at"].(string), "Z") {
		t.Errorf("as JSON: %v", data)
	}
	for _, c := range w.save("theme=system&density=cosy&keys=on&live_updates=on&time_zone=UTC", kept...).Cookies() {
		if c.Name != "drover_note" && c.MaxAge >= 0 {
			t.Errorf("a default is kept: %v", c)
		}
	}
}

func TestOneSettingAlone(t *testing.T) {
	w := quick(t)
	r := w.save("keys=off&back=/trees?q=x")
	if r.StatusCode != 303 || r.Header.Get("Location") != "/trees?q=x" || len(r.Cookies()) != 2 {
		t.Errorf("%d to %q, %v", r.StatusCode, r.Header.Get("Location"), r.Cookies())
	}
	if body := text(t, w.do(request{path: "/trees", cookies: r.Cookies()})); !strings.Contains(body, "Keyboard shortcuts are off") {
		t.Error("nothing says so")
	}
	if r := w.save("keys=off&back=//evil.example"); r.Header.Get("Location") != "/" {
		t.Errorf("led to %q", r.Header.Get("Location"))
	}
	if r := w.do(request{method: "POST", path: "/me/-/actions/settings", body: "keys=off", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}); r.StatusCode != 403 {
		t.Errorf("from another site: %d", r.StatusCode)
	}
}

func TestBadSettings(t *testing.T) {
	w := quick(t)
	for _, form := range []string{"theme=pink", "density=1", "keys=", "live_updates=maybe", "time_zone=Local", "time_zone=", "time_zone=Mars/Olympus", "time_zone=../../etc/passwd", "time_zone=%2Fetc%2Fpasswd"} {
		r := w.save(form + "&theme=" + url.QueryEscape(hostile))
		body := text(t, r)
		if r.StatusCode != 422 || len(r.Cookies()) != 0 || !strings.Contains(body, "needs a look") && !strings.Contains(body, "need a look") || strings.Contains(body, "<script>alert") {
			t.Errorf("%s: %d %v", form, r.StatusCode, r.Cookies())
		}
	}
	if r := w.api("/me/-/actions/settings", `{"theme":"pink"}`); r.StatusCode != 422 {
		t.Errorf("as JSON: %d", r.StatusCode)
	}
	for _, c := range []http.Cookie{{Name: "drover_zone", Value: "Local"}, {Name: "drover_zone", Value: "../x"}, {Name: "drover_theme", Value: "pink"}, {Name: "drover_density", Value: "x"}} {
		if body := text(t, w.do(request{path: "/trees", cookies: []*http.Cookie{&c}})); !strings.Contains(body, `<html lang="en" data-zone="UTC">`) {
			t.Errorf("%s=%s: %.200s", c.Name, c.Value, body)
		}
	}
}

// A page that only differs in the words of its times is another page in another
// time zone, or a browser would keep the old one.
func TestZoneIsPartOfTheTag(t *testing.T) {
	w := quick(t)
	first := w.do(request{path: "/trees"})
	r := w.do(request{path: "/trees", header: map[string]string{"If-None-Match": first.Header.Get("ETag")}, cookies: []*http.Cookie{{Name: "drover_zone", Value: "Asia/Tokyo"}}})
	if r.StatusCode != 200 {
		t.Errorf("%d", r.StatusCode)
	}
}

func TestHelpAndRobots(t *testing.T) {
	w := quick(t)
	for _, name := range []string{"overview", "filters", "links", "mail", "log"} {
		w.get("/help/"+name, 200)
	}
	if body := w.get("/help/nope", 404); !strings.Contains(body, `href="/help"`) {
		t.Error("a missing help page does not lead to the others")
	}
	got := w.get("/robots.txt", 200)
	for _, want := range []string{"User-agent: *\n", "Disallow: /*?\n", "Disallow: /*/-/actions/\n", "Disallow: /search\n", "Disallow: /me\n", "Disallow: /unsubscribe/\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("robots.txt has no %q", want)
		}
	}
	if strings.Contains(got, "Disallow: /\n") {
		t.Error("robots.txt disallows everything")
	}
}
