package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"drover/views/route"
	"drover/views/story"
)

// storyPages are the addresses of the storybook.
func storyPages() []string {
	list := []string{string(route.Story())}
	for _, g := range story.Groups(now) {
		list = append(list, string(route.StoryGroup(g.Name)))
		for _, c := range g.Components {
			for _, w := range c.Pages {
				list = append(list, string(route.StoryPage(g.Name, w.Name)))
			}
		}
	}
	return list
}

// In development every page of the storybook is there, the foot leads to it and
// the help explains it; the buttons of its examples do nothing.
func TestStorybook(t *testing.T) {
	w := quick(t)
	titles := map[string]string{}
	for _, path := range storyPages() {
		root, err := html.Parse(strings.NewReader(w.get(path, 200)))
		if err != nil {
			t.Fatal(err)
		}
		title := strings.Join(textsOf(root, "title"), "")
		if titles[title] != "" {
			t.Errorf("%s and %s have the title %q", path, titles[title], title)
		}
		titles[title] = path
		linksExist(t, path, root)
	}
	for _, path := range []string{"/ui/nothing", "/ui/frame/nothing", "/ui/badges/staging", "/ui/-"} {
		w.get(path, 404)
	}
	for path, link := range map[string]string{"/": `<a href="/ui">Storybook</a>`, "/help": `href="/help/storybook"`, "/help/storybook": `href="/ui"`, "/ui": `href="/help/storybook"`} {
		if !strings.Contains(w.get(path, 200), link) {
			t.Errorf("%s has no %s", path, link)
		}
	}
	r := w.post("/ui/forms/-/actions/try", "branch=main")
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/ui/forms" {
		t.Fatalf("a button of an example: %d to %s", r.StatusCode, r.Header.Get("Location"))
	}
	if after := text(t, w.do(request{path: "/ui/forms", cookies: r.Cookies()})); !strings.Contains(after, "That was an example: nothing was done.") {
		t.Error("no word that nothing was done")
	}
}

// Elsewhere its addresses are like any that do not exist, and nothing claims
// that there is one.
func TestNoStorybookElsewhere(t *testing.T) {
	w := quick(t)
	for _, environment := range []string{"production", "staging"} {
		settings := writableSettings()
		settings.Environment, settings.Production = environment, environment == "production"
		w.serve(settings)
		unknown := w.get("/nothing", 404)
		for _, path := range append(storyPages(), "/ui/nothing", "/help/storybook") {
			if body := w.get(path, 404); path != "/help/storybook" && withoutRequest(body) != withoutRequest(unknown) {
				t.Errorf("%s: %s answers otherwise than an unknown address", environment, path)
			}
		}
		if r := w.post("/ui/forms/-/actions/try", ""); r.StatusCode != 404 {
			t.Errorf("%s: a button of an example: %d", environment, r.StatusCode)
		}
		for path := range w.pages() {
			if body := w.get(path, 200); strings.Contains(body, `href="/ui`) || strings.Contains(strings.ToLower(body), "storybook") {
				t.Errorf("%s: %s speaks of the storybook", environment, path)
			}
		}
	}
}

// withoutRequest leaves out the number that each answer has of its own.
func withoutRequest(body string) string {
	before, rest, _ := strings.Cut(body, "Request <code>")
	_, after, _ := strings.Cut(rest, "</code>")
	return before + after
}

// Times in the examples are near the time of the page.
func TestStorybookTimes(t *testing.T) {
	w := quick(t)
	if body := w.get("/ui/values", 200); !strings.Contains(body, now.Add(-12*time.Minute).Format(time.RFC3339)) {
		t.Error("twelve minutes ago is not twelve minutes before now")
	}
}
