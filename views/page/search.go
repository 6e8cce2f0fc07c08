package page

import (
	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// Search is what a text may name, grouped by kind. Exactly one hit is not
// shown: the server leads to it.
type Search struct {
	ui.Frame
	Data SearchData
	// Problem says why the text was not looked for; "" if it was.
	Problem string
}

// SearchData is /search.json.
type SearchData struct {
	Query  string     `json:"query"` // as it was understood
	Groups []HitGroup `json:"groups"`
}

// HitGroup is what was found of one kind.
type HitGroup struct {
	Kind string `json:"kind"` // checkouts, builds, …
	// Total is how many there are; not Exact means at least so many.
	Total int   `json:"total"`
	Exact bool  `json:"total_is_exact"`
	Hits  []Hit `json:"hits"`
	// All is the list of all of them, "" if there is no such list or nothing
	// more to see.
	All route.URL `json:"-"`
}

// Hit is one thing that was found.
type Hit struct {
	Name string `json:"name"`
	Text string `json:"text"` // what it is, in a few words
	When Time   `json:"when,omitzero"`
	// Link is the whole address of URL, for programs.
	Link string    `json:"url"`
	URL  route.URL `json:"-"`
	// Verdict is that of a checkout, Mark that of a build or result.
	Verdict *status.Verdict `json:"verdict,omitempty"`
	*ui.Mark
	// Code says that the name is one that machines gave: a hash, a marker.
	Code bool `json:"-"`
}

// groupTitles are the heads of the groups.
var groupTitles = map[string]string{
	"checkouts": "Checkouts", "builds": "Builds", "results": "Results", "tests": "Tests", "trees": "Trees", "hosts": "Hosts",
	"jobs": "Jobs", "mails": "Mails", "commits": "Commits without a checkout of their own",
}

// Searchable is what can be looked for, with an example of each.
var searchable = []ui.Pair{
	{Name: "a commit, 7 characters or more", Value: "9c1e77aa01cd"},
	{Name: "the text of git describe", Value: "v6.12-rc3-412-g9c1e77aa01cd"},
	{Name: "the Message-ID of a mail from here", Value: "<checkout.8f3k2m.1@ci.example.org>"},
	{Name: "a test, or a part of its path", Value: "net/fib_tests.sh"},
	{Name: "a tree, or a part of its name", Value: "net-next"},
	{Name: "a host, or a part of its name", Value: "hpe-apollo-07"},
	{Name: "the marker of a job", Value: "test-7k2m9q"},
	{Name: "the short id of a checkout, build, result, job or mail", Value: "8f3k2m"},
	{Name: "words in the subject of a commit", Value: "tcp close"},
}
