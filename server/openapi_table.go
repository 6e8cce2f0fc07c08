package server

import (
	"drover/rules/feed"
	"drover/views/page"
)

// answer is what a page answers to programs.
type answer struct {
	text    string // what it is, for people
	data    any    // the page whose Data it is, or the data itself
	list    bool   // has pages and filters
	filters string // their names
}

// answers are the pages that programs read, by pattern. A test holds them against
// the routes, and the filters against what each list says that it has.
var answers = map[string]answer{
	"/":                                  {text: "What needs attention", data: page.Overview{}},
	"/trees":                             {text: "The newest state of every branch", data: page.Trees{}, list: true, filters: "q state verdict"},
	"/trees/{tree}":                      {text: "A tree: the newest state of a branch, and its checkouts", data: page.Tree{}, list: true, filters: "branch q verdict source author since from to"},
	"/trees/{tree}/-/grid":               {text: "Tests by checkouts", data: page.Grid{}, list: true, filters: "branch rows q test status arch config owner source columns fold gaps size"},
	"/trees/{tree}/-/settings":           {text: "What is built and tested, and who is told", data: page.TreeSettings{}},
	"/trees/{tree}/-/settings/people":    {text: "Who owns a tree, and who may read it", data: page.PeopleData{}},
	"/trees/{tree}/-/settings/webhooks":  {text: "Who is told of a tree", data: []page.WebhookRow{}},
	"/webhooks/{id}":                     {text: "A webhook, and what it was told", data: page.WebhookData{}},
	"/admin/webhooks":                    {text: "Who is told of anything", data: []page.WebhookRow{}},
	"/trees/{tree}/-/log":                {text: "Who changed what of a tree", data: page.Changes{}, list: true, filters: "q who since from to"},
	"/checkouts":                         {text: "Every source state under test", data: page.Checkouts{}, list: true, filters: "q tree branch verdict source author since from to"},
	"/checkouts/{id}":                    {text: "A checkout: its verdict, and what it rests on", data: page.Checkout{}},
	"/checkouts/{id}/-/tests":            {text: "Results of a checkout", data: page.CheckoutTests{}, list: true, filters: "q status shown arch config compiler host include test issue build"},
	"/checkouts/{id}/-/builds":           {text: "Builds of a checkout", data: page.CheckoutBuilds{}, list: true},
	"/checkouts/{id}/-/timeline":         {text: "When each job waited and ran", data: page.CheckoutTimeline{}, filters: "build"},
	"/checkouts/{id}/-/plan":             {text: "Why each test was chosen or not", data: page.CheckoutPlan{}, list: true, filters: "q chosen rule"},
	"/checkouts/{id}/-/files":            {text: "Files that a checkout changes", data: page.CheckoutFiles{}, list: true, filters: "q covered"},
	"/checkouts/{id}/-/compare":          {text: "Two checkouts side by side", data: page.CheckoutCompare{}, list: true, filters: "with q test arch config compiler include kind change a b"},
	"/checkouts/{id}/-/reports":          {text: "What was said about a checkout, and to whom", data: page.CheckoutReports{}, list: true},
	"/builds/{id}":                       {text: "A build", data: page.BuildPage{}},
	"/results/{id}":                      {text: "A result", data: page.ResultPage{}},
	"/tests":                             {text: "The test definitions, and how they do", data: page.Tests{}, list: true, filters: "q state tree owner include"},
	"/tests/-/file":                      {text: "How many trees, sets and tests can be taken out as YAML", data: page.Definitions{}},
	"/targeting":                         {text: "Which tests a change would run, and why", data: page.SimulatorData{}, filters: "tree arch checkout range"},
	"/tests/{path...}":                   {text: "A test: how it does, and where it fails", data: page.Test{}, list: true, filters: "q status shown tree branch arch config compiler host include redirect since from to"},
	"/tests/{path...}/-/history":         {text: "Results of a test", data: page.TestHistory{}, list: true, filters: "q status shown tree branch arch config compiler host include redirect since from to"},
	"/tests/{path...}/-/targeting":       {text: "For which changes a test runs, and would have run", data: page.Targeting{}},
	"/tests/{path...}/-/settings":        {text: "How a test runs", data: page.DefinitionForm{}},
	"/tests/{path...}/-/versions":        {text: "Editions of a test", data: page.TestVersions{}},
	"/tests/{path...}/-/settings/people": {text: "Who owns a test", data: page.PeopleData{}},
	"/tests/{path...}/-/log":             {text: "Who changed what of a test", data: page.Changes{}, list: true, filters: "q who since from to"},
	"/jobs":                              {text: "Jobs, those that run or wait unless asked otherwise", data: page.Jobs{}, list: true, filters: "q state kind tree arch host include"},
	"/jobs/{id}":                         {text: "A job, and what was decided about it", data: page.Job{}},
	"/queues":                            {text: "Steps that are to be done, by kind", data: page.Queues{}},
	"/queues/{queue}":                    {text: "Steps of one kind", data: page.Queue{}, list: true, filters: "q state"},
	"/mail":                              {text: "Reports as sent, and why some were not", data: page.Mails{}, list: true, filters: "q state tree"},
	"/mail/{id}":                         {text: "A report as sent", data: page.Mail{}},
	"/search":                            {text: "Everything that has a name", data: page.Search{}, filters: "q"},
	"/me":                                {text: "Who asks", data: page.Me{}},
	"/admin/users":                       {text: "Everybody who has signed in", data: page.Users{}, list: true, filters: "q role"},
	"/admin/users/{id}":                  {text: "A person", data: page.User{}},
	"/admin/tokens":                      {text: "Tokens of everybody", data: page.Tokens{}, list: true, filters: "q"},
	"/admin/audit":                       {text: "Who changed what", data: page.Changes{}, list: true, filters: "q who kind since from to"},
	"/admin/banner":                      {text: "The line on every page", data: page.Banner{}},
	"/admin/settings":                    {text: "What the site was started with", data: page.Configuration{}},
	"/api/events":                        {text: "What happened", data: []feed.Event{}},
}

// change is what a program can have done.
type change struct {
	text   string
	fields []string // names of what is sent
	status int      // of the answer; 0 is 200
}

// changes are what programs can have done, by pattern with the verb in it. A test
// holds them against the routes and the scopes.
var changes = map[string]change{
	"/-/actions/sample":                     {text: "Add the sample tree"},
	"/trees/new":                            {text: "Add a tree", fields: treeFields, status: 201},
	"/trees/{tree}/-/actions/test":          {text: "Test a revision", fields: []string{"revision", "branch"}, status: 202},
	"/trees/{tree}/-/actions/look":          {text: "Look at the repository now"},
	"/trees/{tree}/-/actions/replay":        {text: "Try again what waits for a person", fields: []string{"kind", "object"}},
	"/trees/{tree}/-/actions/pause":         {text: "Pause a tree", fields: []string{"was"}},
	"/trees/{tree}/-/actions/resume":        {text: "Resume a tree", fields: []string{"was"}},
	"/trees/{tree}/-/actions/live":          {text: "End a rehearsal: from now on it reports", fields: []string{"responder"}},
	"/trees/{tree}/-/actions/give":          {text: "Make somebody an owner", fields: []string{"person", "hand", "version"}},
	"/trees/{tree}/-/actions/take":          {text: "Take the role from an owner", fields: []string{"user", "version"}},
	"/trees/{tree}/-/actions/readers":       {text: "Say which group alone may read a tree", fields: []string{"readers", "version"}},
	"/checkouts/{id}/-/actions/cancel":      {text: "Stop everything that still runs"},
	"/checkouts/{id}/-/actions/replay":      {text: "Try again what waits for a person", fields: []string{"kind", "object"}},
	"/targeting/-/actions/try":              {text: "Say which tests a patch would run", fields: simulatorFields},
	"/tests/-/file/-/actions/plan":          {text: "Say what applying files would change", fields: definitionFileFields},
	"/tests/-/file/-/actions/apply":         {text: "Bring trees, sets and tests to what files say", fields: definitionFileFields},
	"/tests/new":                            {text: "Add a test", fields: testFields, status: 201},
	"/tests/{path...}/-/actions/definition": {text: "Change how a test runs", fields: definitionFields},
	"/tests/{path...}/-/actions/targeting":  {text: "Change for which changes a test runs", fields: targetingFields},
	"/tests/{path...}/-/actions/state":      {text: "Say how much a test counts", fields: stateFields},
	"/tests/{path...}/-/actions/give":       {text: "Make somebody an owner", fields: []string{"person", "hand", "version"}},
	"/tests/{path...}/-/actions/take":       {text: "Take the role from an owner", fields: []string{"user", "version"}},
	"/queues/{queue}/-/actions/replay":      {text: "Try again what waits for a person", fields: []string{"like"}},
	"/admin/users/{id}/-/actions/give":      {text: "Give a role", fields: []string{"role", "kind", "object", "version"}},
	"/admin/users/{id}/-/actions/take":      {text: "Take a role", fields: []string{"role", "kind", "object", "version"}},
	"/admin/users/{id}/-/actions/block":     {text: "Block somebody"},
	"/admin/users/{id}/-/actions/unblock":   {text: "Let somebody in again"},
	"/admin/tokens/{id}/-/actions/end":      {text: "End a token of anybody"},
	"/trees/{tree}/-/settings/webhooks":     {text: "Tell an address of a tree; the answer has the secret, once", fields: []string{"url", "kinds"}, status: 201},
	"/admin/webhooks":                       {text: "Tell an address of everything; the answer has the secret, once", fields: []string{"url", "kinds"}, status: 201},
	"/webhooks/{id}/-/actions/test":         {text: "Send a ping now"},
	"/webhooks/{id}/-/actions/pause":        {text: "Tell it nothing for now", fields: []string{"version"}},
	"/webhooks/{id}/-/actions/on":           {text: "Go on where it stopped", fields: []string{"version"}},
	"/webhooks/{id}/-/actions/renew":        {text: "Make another secret; the answer has it, once", fields: []string{"version"}},
	"/webhooks/{id}/-/actions/change":       {text: "Change where and of what it is told", fields: []string{"url", "kinds", "version"}},
	"/webhooks/{id}/-/actions/delete":       {text: "Delete a webhook", fields: []string{"version"}},
	"/admin/banner":                         {text: "Change the line on every page", fields: []string{"text", "kind", "version"}},
}

// pathNames are what varies in an address.
var pathNames = map[string]string{
	"tree": "Name of a tree", "id": "Short id of the object", "path": "Path of a test, its slashes as they are", "queue": "Kind of steps",
}

// filterNames are the filters of all lists: what each chooses.
var filterNames = map[string]string{
	"q": "Text that is looked for", "tree": "Name of a tree", "branch": "Name of a branch", "verdict": "Verdict of a checkout", "source": "Where a checkout came from",
	"author": "A part of the author's name or address", "since": "Not older than this: 7d, 12h", "from": "The first day, UTC", "to": "The last day, UTC", "state": "State of the object",
	"status": "Status as stored", "shown": "Status with what history adds", "arch": "Architecture", "config": "Configuration", "compiler": "Compiler", "host": "Host", "owner": "Who looks after it",
	"include": "What is hidden unless asked for", "test": "Tests: a glob, or a regular expression behind ~", "issue": "none: without an issue", "build": "Short id of a build",
	"covered": "Whether a test covers the file", "chosen": "Whether the test runs", "rule": "What chose the test or not", "with": "Short id of the other checkout", "kind": "Kind of object",
	"change": "How the sides differ", "a": "Status on the other side", "b": "Status on this side", "redirect": "1: leads to the newest result", "role": "A role", "who": "Who did it",
	"rows": "Which rows", "columns": "How many columns", "fold": "What is folded", "gaps": "Whether gaps are shown", "size": "Size of the cells",
	"checkout": "Short id of a checkout", "range": "Commits of the tree: A..B, or one",
}

var listKeyNames = map[string]string{
	"limit": "Rows of a page", "after": "Where the page begins: from page.next", "before": "Where the page ends", "sort": "A column; with - in front it is turned round",
}

var eventKeyNames = map[string]string{
	"after": "Events after this id; 0 is the oldest that is kept; without it, from now on", "kind": "Kinds of events, any of them", "limit": "Events of a page",
	"tree": "Name of a tree", "wait": "Seconds to wait for something to happen",
}

var eventKeySchemas = map[string]object{
	"after": {"type": "integer", "minimum": 0}, "kind": {"type": "array", "items": object{"type": "string"}},
	"limit": {"type": "integer", "minimum": 1, "maximum": eventsMost, "default": eventsUsual}, "tree": {"type": "string"},
	"wait": {"type": "integer", "minimum": 0, "maximum": waitMost, "default": 0},
}
