package server

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"time"

	"drover/models"
	"drover/rules/status"
	"drover/views/route"
)

// feedLength is how many checkouts of a branch a feed looks at.
const feedLength = 100

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Link    atomLink `xml:"link"`
	Author  string   `xml:"author>name"`
	Summary string   `xml:"summary"`
}

// treeFeed is the checkouts of a tree with another verdict than the one before
// them on their branch.
func treeFeed(v *visit) error {
	t, err := v.namedTree()
	if err != nil {
		return err
	}
	tails, err := v.q.BranchTails(t.ID, feedLength)
	if err != nil {
		return err
	}
	changes := verdictChanges(tails, v.query.Get("branch"))
	feed := atomFeed{
		Title: t.Name + ": changes of the verdict", ID: v.absolute(route.Tree(t.Name)), Updated: t.CreatedAt.UTC().Format(time.RFC3339),
		Links: []atomLink{{Rel: "self", Href: v.absolute(route.TreeFeed(t.Name))}, {Href: v.absolute(route.Tree(t.Name))}},
	}
	for _, c := range changes {
		link := v.absolute(route.Checkout(c.ID))
		r := revisionOf(c)
		feed.Entries = append(feed.Entries, atomEntry{
			Title: c.Verdict.Word() + ": " + c.Branch + " " + r.Name(), ID: link, Updated: c.FinishedAt.UTC().Format(time.RFC3339),
			Link: atomLink{Href: link}, Author: "Drover", Summary: c.VerdictText + " – " + c.Subject,
		})
	}
	if len(changes) > 0 {
		feed.Updated = feed.Entries[0].Updated
	}
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return fmt.Errorf("write the feed: %w", err)
	}
	v.echo.Response().Header().Set("Cache-Control", "private, no-cache")
	return v.send(http.StatusOK, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), body...))
}

// verdictChanges picks the finished checkouts with another verdict than the
// one before, the latest to finish first. tails are newest first in each branch.
func verdictChanges(tails []models.CheckoutLine, branch string) []models.CheckoutLine {
	var changes []models.CheckoutLine
	before := map[string]status.Verdict{}
	for i := len(tails) - 1; i >= 0; i-- {
		c := tails[i]
		if c.State != models.CheckoutFinished || c.FinishedAt == nil || branch != "" && c.Branch != branch {
			continue
		}
		if before[c.Branch] != c.Verdict {
			changes = append(changes, c)
		}
		before[c.Branch] = c.Verdict
	}
	slices.SortStableFunc(changes, func(a, b models.CheckoutLine) int { return b.FinishedAt.Compare(*a.FinishedAt) })
	return changes
}
