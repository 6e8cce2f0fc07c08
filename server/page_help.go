package server

import (
	"net/http"
	"strings"

	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// help lists the help pages.
func help(v *visit) error {
	return v.html(http.StatusOK, page.HelpIndex{Frame: v.frame("Help", route.Help(), ui.Crumb{Text: "Help"})})
}

// helpPage is one of them.
func helpPage(v *visit) error {
	topic, known := page.TopicNamed(v.names["page"])
	if !known || topic.ForDevelopment() && !v.developing() {
		f := notFound("No such help page", "There is no help on “"+v.names["page"]+"”. The list of help pages has all.")
		f.next = link("Help", route.Help())
		return f
	}
	f := v.frame(topic.Title+" · Help", route.HelpPage(topic.Name), ui.Crumb{Text: "Help", URL: route.Help()}, ui.Crumb{Text: topic.Title})
	f.Topic = topic.Name
	return v.html(http.StatusOK, page.HelpPage{Frame: f, Topic: topic})
}

// robots lets crawlers read pages, and keeps them from filters, of which there
// is no end, from large files, and from forms.
func robots(v *visit) error {
	lines := []string{
		"User-agent: *",
		"Disallow: /*?",
		"Allow: /trees/*?branch=",
		"Disallow: /*/-/actions/",
		"Disallow: /*/-/files/",
		"Disallow: /*/-/logs/",
	}
	for _, u := range []route.URL{route.Search(""), route.Me(), route.SignIn(""), route.SignOut(), route.Unsubscribe(""), route.NewTree(), route.NewTest()} {
		lines = append(lines, "Disallow: "+string(u))
	}
	v.echo.Response().Header().Set("Cache-Control", "public, max-age=86400")
	return v.send(http.StatusOK, "text/plain; charset=utf-8", []byte(strings.Join(lines, "\n")+"\n"))
}
