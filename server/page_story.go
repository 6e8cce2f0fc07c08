package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"drover/views/route"
	"drover/views/story"
	"drover/views/ui"
)

// inDevelopment answers where somebody works on Drover itself; elsewhere the
// address is like any that does not exist.
func inDevelopment(answer handler) handler {
	return func(v *visit) error {
		if !v.developing() {
			return echo.ErrNotFound
		}
		return answer(v)
	}
}

// developing tells whether this site is one to work on Drover with.
func (s *site) developing() bool {
	return !s.Settings.Production && s.Settings.Environment == "development"
}

// storyFrame is the frame of a page of the storybook.
func (v *visit) storyFrame(title string, self route.URL, crumbs ...ui.Crumb) ui.Frame {
	f := v.frame(title+" · Storybook", self, append([]ui.Crumb{{Text: "Storybook", URL: route.Story()}}, crumbs...)...)
	f.Styles = []string{"story.css"}
	return f
}

// storybook lists the components of the pages.
func storybook(v *visit) error {
	f := v.frame("Storybook", route.Story(), ui.Crumb{Text: "Storybook"})
	return v.html(http.StatusOK, story.Index{Frame: f, Groups: story.Groups(v.now)})
}

// storyGroup shows some of them in all their states.
func storyGroup(v *visit) error {
	groups, g, err := v.storyOf()
	if err != nil {
		return err
	}
	f := v.storyFrame(g.Title, route.StoryGroup(g.Name), ui.Crumb{Text: g.Title})
	return v.html(http.StatusOK, story.Page{Frame: f, Groups: groups, Group: g})
}

// storyPage is an example that is a page of its own.
func storyPage(v *visit) error {
	_, g, err := v.storyOf()
	if err != nil {
		return err
	}
	whole, known := g.Whole(v.names["example"])
	if !known {
		return echo.ErrNotFound
	}
	f := v.storyFrame(whole.State, route.StoryPage(g.Name, whole.Name), ui.Crumb{Text: g.Title, URL: route.StoryGroup(g.Name)}, ui.Crumb{Text: whole.State})
	return v.html(http.StatusOK, story.WholePage{Frame: f, Whole: whole})
}

// tryExample answers a button of an example: nothing is done.
func tryExample(v *visit) error {
	_, g, err := v.storyOf()
	if err != nil {
		return err
	}
	return v.done("example", route.StoryGroup(g.Name))
}

// storyOf is the group of the storybook that the path names.
func (v *visit) storyOf() ([]story.Group, story.Group, error) {
	groups := story.Groups(v.now.In(v.zone()))
	g, known := story.GroupNamed(groups, v.names["group"])
	if !known {
		return nil, g, echo.ErrNotFound
	}
	return groups, g, nil
}
