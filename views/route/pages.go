package route

import "drover/rules/id"

// Home is the overview.
func Home() URL { return "/" }

// Sample is where the one click that adds the sample tree is posted to.
func Sample() URL { return Action(Home(), "sample") }

// Trees is the list of trees.
func Trees() URL { return "/trees" }

// NewTree is where adding a tree begins; it is posted to the same URL.
func NewTree() URL { return "/trees/new" }

// NewTreeStep is one step of adding a tree; it is posted to the same URL.
func NewTreeStep(draft id.ID, step string) URL {
	return URL("/trees/new/" + draft.String() + "/" + segment(step))
}

// Tree is the newest state of a tree on its main branch.
func Tree(name string) URL { return URL("/trees/" + segment(name)) }

// TreeBranch is the newest state of one branch of a tree.
func TreeBranch(name, branch string) URL { return With(Tree(name), "branch", branch) }

// TreeSettings shows how a tree is watched, built and tested.
func TreeSettings(name string) URL { return below(Tree(name), "settings") }

// TreePeople is who owns a tree and who may read it.
func TreePeople(name string) URL { return below(Tree(name), "settings", "people") }

// TreeWebhooks are who is told of a tree; a new one is posted to the same URL.
func TreeWebhooks(name string) URL { return below(Tree(name), "settings", "webhooks") }

// TreeLog is who changed what of a tree.
func TreeLog(name string) URL { return below(Tree(name), "log") }

// TreeGrid is the table of a tree's tests by checkouts; pairs as in With.
func TreeGrid(name string, pairs ...string) URL {
	return With(below(Tree(name), "grid"), pairs...)
}

// TreeCommit redirects to the checkout of a revision of a tree.
func TreeCommit(name, revision string) URL { return below(Tree(name), "commits", revision) }

// TreeBadge is a small picture of the newest verdict of a branch; the main
// branch if branch is empty.
func TreeBadge(name, branch string) URL {
	return With(Tree(name)+"/badge.svg", "branch", branch)
}

// TreeFeed is the Atom feed of verdict changes of a tree.
func TreeFeed(name string) URL { return Tree(name) + "/feed.atom" }

// Checkouts is the list of all checkouts.
func Checkouts() URL { return "/checkouts" }

// Checkout is the summary of one source state.
func Checkout(checkout id.ID) URL { return object("checkouts", checkout) }

// CheckoutTests is the table of every result of a checkout. Without a query it
// hides what passed; pairs are query keys and values as in With.
func CheckoutTests(checkout id.ID, pairs ...string) URL {
	return With(below(Checkout(checkout), "tests"), pairs...)
}

// CheckoutBuilds is the table of every build of a checkout.
func CheckoutBuilds(checkout id.ID) URL { return below(Checkout(checkout), "builds") }

// CheckoutTimeline shows when each job of a checkout waited and ran.
func CheckoutTimeline(checkout id.ID) URL { return below(Checkout(checkout), "timeline") }

// CheckoutCompare sets a checkout, side B, beside another one, side A; without
// one it is what the checkout was compared with when it was judged.
func CheckoutCompare(checkout, with id.ID) URL {
	text := ""
	if with != 0 {
		text = with.String()
	}
	return With(below(Checkout(checkout), "compare"), "with", text)
}

// CheckoutPlan says why each test was chosen or not.
func CheckoutPlan(checkout id.ID) URL { return below(Checkout(checkout), "plan") }

// TestTargeting is the editor of what chooses a test.
func TestTargeting(path string) URL { return below(Test(path), "targeting") }

// TestSettings is the form of a test's definition.
func TestSettings(path string) URL { return below(Test(path), "settings") }

// TestVersions lists the editions of a test's definition.
func TestVersions(path string) URL { return below(Test(path), "versions") }

// CheckoutFiles lists what a checkout changes; pairs are filters.
func CheckoutFiles(checkout id.ID, pairs ...string) URL {
	return With(below(Checkout(checkout), "files"), pairs...)
}

// CheckoutReports lists what was said to whom about a checkout.
func CheckoutReports(checkout id.ID) URL { return below(Checkout(checkout), "reports") }

// Build is one compile.
func Build(build id.ID) URL { return object("builds", build) }

// BuildLog is the log viewer for a log of a build.
func BuildLog(build id.ID, name string, lines Lines) URL {
	return With(below(Build(build), "logs", name), "l", lines.String()) + lines.fragment()
}

// BuildLogRaw is a log of a build as plain text.
func BuildLogRaw(build id.ID, name string) URL {
	return Format(below(Build(build), "logs", name), "txt")
}

// BuildFile is a stored file of a build.
func BuildFile(build id.ID, name string) URL {
	return below(Build(build), "files") + URL("/"+path(name))
}

// Result is one execution of a test.
func Result(result id.ID) URL { return object("results", result) }

// ResultLog is the log viewer for a log of a result.
func ResultLog(result id.ID, name string, lines Lines) URL {
	return With(below(Result(result), "logs", name), "l", lines.String()) + lines.fragment()
}

// ResultLogRaw is a log of a result as plain text.
func ResultLogRaw(result id.ID, name string) URL {
	return Format(below(Result(result), "logs", name), "txt")
}

// ResultFile is a stored file of a result.
func ResultFile(result id.ID, name string) URL {
	return below(Result(result), "files") + URL("/"+path(name))
}

// Tests is the list of test definitions.
func Tests() URL { return "/tests" }

// NewTest is where adding a test begins; it is posted to the same URL.
func NewTest() URL { return "/tests/new" }

// Simulator says which tests a change would run.
func Simulator(pairs ...string) URL { return With("/targeting", pairs...) }

// Definitions is where trees, sets and tests are taken out as YAML and put in.
func Definitions() URL { return "/tests/-/file" }

// ExportDefinitions is all of them as one file.
func ExportDefinitions() URL { return Definitions() + "/definitions.yaml" }

// NewTestStep is one step of adding a test; it is posted to the same URL.
func NewTestStep(draft id.ID, step string) URL {
	return URL("/tests/new/" + draft.String() + "/" + segment(step))
}

// Test is one test definition or one case of it, by its slash path.
func Test(name string) URL { return URL("/tests/" + path(name)) }

// TestHistory is the table of results of a test; pairs as in With.
func TestHistory(name string, pairs ...string) URL {
	return With(below(Test(name), "history"), pairs...)
}

// TestPeople is who owns a test.
func TestPeople(name string) URL { return below(Test(name), "settings", "people") }

// TestLog is who changed what of a test.
func TestLog(name string) URL { return below(Test(name), "log") }

// Jobs is the list of jobs; pairs as in With.
func Jobs(pairs ...string) URL { return With("/jobs", pairs...) }

// Job is one unit handed to a runner.
func Job(job id.ID) URL { return object("jobs", job) }

// Queues is what is to be done, by kind of step.
func Queues() URL { return "/queues" }

// Queue is the steps of one kind; pairs as in With.
func Queue(kind string, pairs ...string) URL { return With(URL("/queues/"+segment(kind)), pairs...) }

// Mails is the outbox.
func Mails() URL { return "/mail" }

// Mail is one mail as sent.
func Mail(mail id.ID) URL { return object("mail", mail) }

// Unsubscribe stops mail without a login; undoing is posted to the same URL.
func Unsubscribe(token string) URL { return URL("/unsubscribe/" + segment(token)) }

// Search is the page of what a text may name; without a text it says what can
// be searched.
func Search(text string) URL { return With("/search", "q", text) }

// Me is what a person set for this browser.
func Me() URL { return "/me" }

// SaveSettings is where the settings of a browser are posted to, one or all.
func SaveSettings() URL { return Action(Me(), "settings") }

// Theme is where the choice of light, dark or system is posted to.
func Theme() URL { return Action(Me(), "theme") }

// EndSession is where the end of one of one's own sessions is posted to.
func EndSession() URL { return Action(Me(), "end") }

// MakeToken is where a new token of one's own is asked for.
func MakeToken() URL { return Action(Me(), "token") }

// EndOwnToken is where the end of one of one's own tokens is posted to.
func EndOwnToken() URL { return Action(Me(), "end-token") }

// Tokens are the tokens of everybody, for administrators; pairs as in With.
func Tokens(pairs ...string) URL { return With("/admin/tokens", pairs...) }

// EndToken is where administrators end a token of anybody.
func EndToken(token id.ID) URL { return Action(object("admin/tokens", token), "end") }

// Webhooks is who is told of anything, for administrators; a new one for
// everything is posted to the same URL.
func Webhooks() URL { return "/admin/webhooks" }

// Webhook is one of them.
func Webhook(hook id.ID) URL { return object("webhooks", hook) }

// Users is the list of people, for administrators; pairs as in With.
func Users(pairs ...string) URL { return With("/admin/users", pairs...) }

// User is one person, for administrators.
func User(user id.ID) URL { return object("admin/users", user) }

// Audit is who changed what everywhere; pairs as in With.
func Audit(pairs ...string) URL { return With("/admin/audit", pairs...) }

// Banner is the form of the line on every page; it is posted to the same URL.
func Banner() URL { return "/admin/banner" }

// Configuration shows what is set where the site runs.
func Configuration() URL { return "/admin/settings" }

// Help is the list of help pages.
func Help() URL { return "/help" }

// HelpPage is one help page.
func HelpPage(name string) URL { return URL("/help/" + segment(name)) }

// Problem is where the help explains a kind of error that programs get.
func Problem(name string) URL { return HelpPage("bots") + URL("#"+segment(name)) }

// API is the page of what programs can do.
func API() URL { return "/api" }

// APIDocument is the same for programs (OpenAPI 3.1).
func APIDocument() URL { return "/api/openapi.json" }

// APIEvents is what happened, for programs; pairs as in With.
func APIEvents(pairs ...string) URL { return With("/api/events", pairs...) }

// LogView is where the choice of how logs are shown is posted to.
func LogView() URL { return "/me/-/actions/log" }

// SignIn asks for a sign-in and then goes on to next, a URL of this site.
func SignIn(next URL) URL { return With("/login", "next", string(next)) }

// SignInBack is where an identity provider sends people back to.
func SignInBack() URL { return "/login/back" }

// SignOut ends a session.
func SignOut() URL { return "/logout" }

// Robots tells crawlers what to leave alone.
func Robots() URL { return "/robots.txt" }

// Static is a file of the browser's side by its hashed name.
func Static(hashed string) URL { return URL("/static/" + path(hashed)) }

// Story is the list of all components of the pages, in development.
func Story() URL { return "/ui" }

// StoryGroup is the page of some of them.
func StoryGroup(group string) URL { return Story() + URL("/"+segment(group)) }

// StoryPage is an example that is a page of its own.
func StoryPage(group, example string) URL {
	return StoryGroup(group) + URL("/"+segment(example))
}
