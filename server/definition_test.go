package server_test

import (
	"net/url"
	"strings"
	"testing"
)

// What a test was is on its pages; addresses of people are for those who are
// signed in.
func TestEditionsOfATest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const settings = "/tests/mm/slow/-/settings"
		form := "owners=Tomas+<tomas@example.org>%0Asecond@example.org&command=true&format=exit&timeout=9m&trees=net-next"
		if r := w.post("/tests/mm/slow/-/actions/definition", form); r.StatusCode != 303 {
			t.Fatalf("%d %.500s", r.StatusCode, text(t, r))
		}
		// Who opened the form before that must not undo it unseen, also where it was the first change.
		r := w.post("/tests/mm/slow/-/actions/definition", "edition=0&description=mine&command=true&format=exit&timeout=9m&trees=net-next")
		if body := text(t, r); r.StatusCode != 409 || !strings.Contains(body, `value="mine"`) || !strings.Contains(body, "somebody else changed this test") {
			t.Errorf("an edition that is old: %d %.500s", r.StatusCode, body)
		}
		if r := w.post("/tests/mm/slow/-/actions/targeting", "edition=0&as=fields&paths=mine/"); r.StatusCode != 409 || !strings.Contains(text(t, r), "mine/") {
			t.Errorf("conditions on an edition that is old: %d", r.StatusCode)
		}
		for _, bad := range []string{"command=&format=exit&timeout=9m", "command=true&format=xml&timeout=soon&trees=nowhere", form + "&trees=nowhere"} {
			if r := w.post("/tests/mm/slow/-/actions/definition", bad); r.StatusCode != 422 {
				t.Errorf("%s: %d", bad, r.StatusCode)
			}
		}
		for _, path := range []string{settings, settings + ".json", "/tests/mm/slow/-/versions", "/tests/mm/slow/-/versions.json", "/tests/mm/slow/-/targeting", "/tests/mm/slow/-/log", "/tests/mm/slow"} {
			if body := w.get(path, 200); strings.Contains(body, "tomas@example") || strings.Contains(body, "second@example") {
				t.Errorf("%s shows an address to everybody", path)
			}
			if body := text(t, w.do(request{path: path, cookies: w.signedIn()})); strings.Contains(path, "settings") && !strings.Contains(body, "second@example.org") {
				t.Errorf("%s hides an address from who is signed in", path)
			}
		}
		if body := w.get("/tests/mm/slow/-/versions", 200); !strings.Contains(body, "Edition 2") || !strings.Contains(body, "Tomas") {
			t.Errorf("the editions do not say what changed: %.2000s", body)
		}
	})
}

func TestTargetingEditor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		send := func(verb, form string) (int, string) {
			r := w.post("/tests/mm/slow/-/actions/"+verb, form)
			return r.StatusCode, text(t, r)
		}
		code, body := send("preview", "as=fields&paths=net/core/&tree=net-next")
		if code != 200 || !strings.Contains(body, "Would have run on ") || strings.Contains(body, "No change in this window") {
			t.Errorf("a preview: %d %s", code, body)
		}
		if got, err := w.s.TestByPath("mm/slow"); err != nil || got.Conditions != "" {
			t.Errorf("a preview stored %q, %v", got.Conditions, err)
		}
		for form, want := range map[string]string{
			"as=fields&paths=~(":         "regular expression is refused",
			"as=fields&paths=/net":       "write it without the first /",
			"as=text&text=pathes: [net]": "line 1, column 1",
			"as=text&text=a":             "expected keys such as paths",
		} {
			for _, verb := range []string{"preview", "targeting"} {
				if code, body := send(verb, form); code != 422 || !strings.Contains(body, want) {
					t.Errorf("%s %s: %d, no %q", verb, form, code, want)
				}
			}
		}
		if code, body := send("targeting", "as=fields&paths=net/core/%0Anet/ipv4/&arches=x86_64"); code != 303 {
			t.Fatalf("%d %s", code, body)
		}
		got, err := w.s.TestByPath("mm/slow")
		if err != nil || !strings.Contains(got.Conditions, "net/ipv4/") || got.Edition != 2 {
			t.Errorf("stored %q, edition %d, %v", got.Conditions, got.Edition, err)
		}
		if page := w.get("/tests/mm/slow/-/targeting", 200); !strings.Contains(page, "Runs if the change changes a file below net/core/ or below net/ipv4/ on x86_64.") {
			t.Errorf("the page does not say when it runs: %.3000s", page)
		}
		if data := decode(t, w.get("/tests/mm/slow/-/targeting.json", 200))["data"].(map[string]any); data["runs"].(float64) < 1 || len(data["changes"].([]any)) < 2 {
			t.Errorf("%v", data)
		}
		nested := "or:\n- paths: [mm/]\n- not: {arches: [s390x]}\n"
		if code, body := send("targeting", "as=text&text="+url.QueryEscape(nested)); code != 303 {
			t.Errorf("%d %s", code, body)
		}
		if page := w.get("/tests/mm/slow/-/targeting", 200); !strings.Contains(page, "Conditions as YAML") || strings.Contains(page, "in fields") {
			t.Error("what fields cannot say is shown as text alone")
		}
		if r := w.do(request{path: "/tests/kunit/list/add/-/targeting"}); r.StatusCode != 303 || r.Header.Get("Location") != "/tests/kunit/-/targeting" {
			t.Errorf("a case: %d to %s", r.StatusCode, r.Header.Get("Location"))
		}
	})
}
