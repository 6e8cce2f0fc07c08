package page

import (
	"slices"

	"github.com/a-h/templ"

	"drover/rules/status"
	"drover/views/chart"
	"drover/views/route"
	"drover/views/ui"
)

// HelpIndex lists the help pages.
type HelpIndex struct{ ui.Frame }

// HelpPage is one of them.
type HelpPage struct {
	ui.Frame
	Topic Topic
}

// Topic is a help page: one for each kind of page, and some on what all pages
// have in common.
type Topic struct {
	Name    string // in its address
	Title   string
	Summary string // one sentence
	// patterns are the routes whose pages it explains; none for what is common.
	patterns []string
}

// storybookTopic explains pages that are there in development alone.
const storybookTopic = "storybook"

// ForDevelopment tells whether only somebody who works on Drover needs it.
func (t Topic) ForDevelopment() bool { return t.Name == storybookTopic }

// topics in the order of the index.
var topics = []Topic{
	{"overview", "Overview", "What needs attention now, and the first steps of a new installation.", []string{"/"}},
	{"trees", "Trees", "The branches that are watched, and how to add a tree.", []string{"/trees", "/trees/new", "/trees/new/{draft}/{step}"}},
	{"tree", "A tree", "The newest state of a branch, and its checkouts.", []string{"/trees/{tree}", "/trees/{tree}/-/settings", "/trees/{tree}/-/commits/{revision}"}},
	{"people", "People", "Who owns a tree or a test, who may read it, and who changed what.", []string{"/trees/{tree}/-/settings/people", "/trees/{tree}/-/log",
		"/tests/{path...}/-/settings/people", "/tests/{path...}/-/log"}},
	{"grid", "The grid of a tree", "Tests by checkouts: which pattern a failure has.", []string{"/trees/{tree}/-/grid"}},
	{"checkouts", "Checkouts", "Every source state that was or is under test.", []string{"/checkouts"}},
	{"checkout", "A checkout", "The verdict on one source state, and what it rests on.", []string{"/checkouts/{id}", "/checkouts/{id}/-/tests",
		"/checkouts/{id}/-/builds", "/checkouts/{id}/-/plan", "/checkouts/{id}/-/files", "/checkouts/{id}/-/reports", "/checkouts/{id}/-/compare", "/checkouts/{id}/-/timeline"}},
	{"build", "A build", "One compile of a checkout.", []string{"/builds/{id}"}},
	{"result", "A result", "One execution of a test: is it the test, the change or the host?", []string{"/results/{id}"}},
	{"log", "A log", "How to find the line, and how to point at it.", []string{"/builds/{id}/-/logs/{name}", "/results/{id}/-/logs/{name}"}},
	{"tests", "Tests", "The test definitions, how they do, and how to add one.", []string{"/tests", "/tests/new", "/tests/new/{draft}/{step}"}},
	{"test", "A test", "How one test does, where it fails, and how much it counts.", []string{"/tests/{path...}", "/tests/{path...}/-/history", "/tests/{path...}/-/targeting", "/tests/{path...}/-/settings", "/tests/{path...}/-/versions"}},
	{"targeting", "Try a change", "Which tests a change would run, and why.", []string{"/targeting"}},
	{"definitions", "Definitions as YAML", "Trees, sets and tests as files, for teams that keep them in git.", []string{"/tests/-/file", "/tests/-/file/definitions.yaml"}},
	{"jobs", "Jobs and steps", "What runs and waits, what was decided about it, and what waits for a person.", []string{"/jobs", "/jobs/{id}", "/queues", "/queues/{queue}"}},
	{"mail", "Mail", "Every report as sent, why some were not, and how to get less.", []string{"/mail", "/mail/{id}", "/unsubscribe/{token}"}},
	{"search", "Search", "One box for everything that has a name.", []string{"/search"}},
	{"settings", "Settings", "Theme, density, time zone, keys and live updates of this browser, where you are signed in, and your tokens.", []string{"/me"}},
	{"signin", "Sign-in and roles", "Who may do what, and who can give a role.", []string{"/login", "/login/back"}},
	{"admin", "Administration", "People and their roles, tokens, webhooks, the audit, the banner and the configuration.", []string{"/admin", "/admin/users", "/admin/users/{id}",
		"/admin/tokens", "/admin/webhooks", "/admin/audit", "/admin/banner", "/admin/settings"}},
	{storybookTopic, "Storybook", "Every component of the pages in every state, for whoever changes one.", []string{"/ui", "/ui/{group}", "/ui/{group}/{example}"}},
	{"statuses", "Words, signs and pictures", "What each status and verdict means, what “new” means, and how to read a strip.", nil},
	{"filters", "Filters", "The query of a list: filters, times, order and pages.", nil},
	{"formats", "JSON, CSV and text", "The same pages for programs.", nil},
	{"bots", "Programs and tokens", "How a program signs in, what it may do, and how it is told what happens.", []string{"/api", "/trees/{tree}/-/settings/webhooks", "/webhooks/{id}"}},
	{"links", "Short links and badges", "Addresses for mails and comments that stay.", nil},
	{"keys", "Keys", "Single-key shortcuts, and how to switch them off.", nil},
}

// topicBodies are what the pages say, by name.
var topicBodies = map[string]func() templ.Component{
	"overview":    helpOverview,
	"trees":       helpTrees,
	"tree":        helpTree,
	"checkouts":   helpCheckouts,
	"checkout":    helpCheckout,
	"build":       helpBuild,
	"result":      helpResult,
	"log":         helpLog,
	"tests":       helpTests,
	"test":        helpTest,
	"targeting":   helpTargeting,
	"definitions": helpDefinitions,
	"jobs":        helpJobs,
	"grid":        helpGrid,
	"mail":        helpMail,
	"search":      helpSearch,
	"settings":    helpSettings,
	"signin":      helpSignIn,
	"people":      helpPeople,
	"admin":       helpAdmin,
	"statuses":    helpStatuses,
	"filters":     helpFilters,
	"formats":     helpFormats,
	"bots":        helpBots,
	"links":       helpLinks,
	"keys":        helpKeys,

	storybookTopic: helpStorybook,
}

// TopicOf names the help page of the pages of a route; "" if they have none.
func TopicOf(pattern string) string {
	for _, t := range topics {
		if slices.Contains(t.patterns, pattern) {
			return t.Name
		}
	}
	return ""
}

// TopicNamed finds a help page.
func TopicNamed(name string) (Topic, bool) {
	i := slices.IndexFunc(topics, func(t Topic) bool { return t.Name == name })
	if i < 0 {
		return Topic{}, false
	}
	return topics[i], true
}

// Topics lists the names of all help pages.
func Topics() []string {
	names := make([]string, len(topics))
	for i, t := range topics {
		names[i] = t.Name
	}
	return names
}

// helpRow is a line of a table that explains a word by the thing itself.
type helpRow struct {
	mark  ui.Mark
	means string
}

var statusRows = []helpRow{
	{ui.Mark{Status: status.Pass}, "It ran and passed."},
	{ui.Mark{Status: status.Fail}, "It ran and failed. A failed result is tried once more before it counts."},
	{ui.Mark{Status: status.Error}, "It could not run properly: install, network, harness, a timeout of the lab. It says nothing about the kernel."},
	{ui.Mark{Status: status.Miss}, "It was planned, and no result came."},
	{ui.Mark{Status: status.Skip}, "It was decided not to run it; the reason stands beside it."},
	{ui.Mark{Status: status.Done}, "It ran and gives no verdict, a measurement for instance."},
	{ui.Mark{Status: status.Planned}, "It waits for its turn."},
	{ui.Mark{Status: status.Running}, "It runs now."},
	{ui.Mark{Status: status.Cancelled}, "Somebody stopped it."},
}

var shownRows = []helpRow{
	{ui.Mark{Status: status.Fail, Shown: status.New}, "It fails, and passed on the checkout it is compared with. This is what you want to look at."},
	{ui.Mark{Status: status.Fail, Shown: status.StillFailing}, "It fails, and failed before too."},
	{ui.Mark{Status: status.Fail, Shown: status.FirstRun}, "It fails, and has no earlier result on this branch to compare with. Not counted as new."},
	{ui.Mark{Status: status.Pass, Shown: status.Fixed}, "It passes, and failed on the checkout it is compared with."},
	{ui.Mark{Status: status.Pass, Shown: status.Flaky}, "It failed, then passed on its second try in the same checkout."},
	{ui.Mark{Status: status.Fail, Shown: status.Trial}, "The test is in trial: its result never counts."},
}

var verdictRows = []struct {
	verdict status.Verdict
	means   string
}{
	{status.Nothing, "No test was chosen, or nothing could be planned; the reason is given."},
	{status.Broken, "It does not build on some configurations. “As before” says that it did not build before either."},
	{status.NewFailures, "There are new failures, confirmed by their second try."},
	{status.StillRunning, "Results are still to come, and none so far is a new failure."},
	{status.Unclear, "Finished, but too many planned results are infra errors or missing (a fifth, unless the tree says otherwise), or there was nothing to compare with."},
	{status.NoNewFailures, "No new failure. There may be some that fail as before."},
}

// problemRows are the kinds of errors that programs get.
var problemRows = []struct{ name, status, means string }{
	{"bad-request", "400, 405, 413", "The request was not understood. Mend it: the same again gets the same answer."},
	{"sign-in", "401", "Send a token that is good."},
	{"not-allowed", "403", "The token’s scopes or its person’s roles do not suffice; needs says which role would."},
	{"not-found", "404", "There is nothing there, or nothing that this person may read."},
	{"conflict", "409", "Somebody changed it meanwhile, or it is not possible in this state. Read it again, then decide."},
	{"gone", "410", "What came after that event is not known any more. Read the lists anew, and go on from the event that detail names."},
	{"bad-value", "422", "A value is not good; fields says which."},
	{"too-many", "429", "Wait as long as Retry-After says, then send it again."},
	{"away", "503, 507", "Something that Drover needs is away or full. Try again later."},
	{"fault", "500", "A fault of Drover. Tell its operator the instance."},
}

// IsProblem tells whether the help explains a kind of error.
func IsProblem(name string) bool {
	for _, p := range problemRows {
		if p.name == name {
			return true
		}
	}
	return false
}

var exampleStrip = []chart.Cell{
	{Status: status.Pass}, {Status: status.Pass}, {Status: status.Skip}, {Status: status.Pass, Shown: status.Flaky}, {Status: status.Pass}, {},
	{Status: status.Error}, {Status: status.Miss}, {Status: status.Pass}, {Status: status.Fail}, {Status: status.Fail, Shown: status.New}, {Status: status.Running}, {Status: status.Planned},
}

var examplePassRate = []chart.Rate{0.99, 0.98, 0.99, 1, 0.97, chart.NoRate(), 0.99, 0.98, 0.9, 0.92, 0.96}

// helpLink leads from one help page to another by its title.
func helpLink(name string) ui.Link {
	t, _ := TopicNamed(name)
	return ui.Link{Text: t.Title, URL: route.HelpPage(name)}
}
