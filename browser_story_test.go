package main

import (
	"time"

	"github.com/chromedp/chromedp"

	"drover/views/route"
	"drover/views/story"
)

// storybook looks at every component in every state. Its pages show both themes
// at once, so one look at each width tells all.
func (b *browser) storybook(site installation) {
	b.t.Helper()
	b.theme("light")
	began := time.Now()
	pages := []visited{{"storybook", route.Story()}, {"storybook long head", route.StoryPage("frame", "head-long")}, {"storybook notices", route.StoryPage("frame", "notices")}}
	for _, g := range story.Groups(began) {
		pages = append(pages, visited{"storybook " + g.Name, route.StoryGroup(g.Name)})
	}
	for _, page := range pages {
		b.fits(page.name+" at 360", site.base+string(page.url), 360)
		b.fits(page.name+" at 1280", site.base+string(page.url), 1280)
		b.accessible(page.name)
	}
	b.do("a question", chromedp.Navigate(site.base+string(route.StoryGroup("forms"))), chromedp.Click(chromedp.CSS("form[data-confirm] button")))
	b.until("the question is asked", `document.querySelector("dialog[open]:not(#keys) button[value=yes]")`, patience)
	b.press(`dialog[open] button[value=yes]`)
	b.until("the answer", `document.querySelector(".notices").textContent.includes("nothing was done")`, patience)
	b.do("the live example", chromedp.Navigate(site.base+string(route.StoryPage("frame", "live"))))
	b.until("the foot of the live example", isLive, patience)
	b.quiet("storybook")
	b.t.Logf("measured: %d pages of the storybook took %.0f s", len(pages), time.Since(began).Seconds())
}
