package page

import (
	"strings"
	"time"

	"drover/rules/id"
	"drover/views/route"
	"drover/views/ui"
)

// wizardStories are the steps of adding a tree, in every state.
func wizardStories() []story {
	const draft = id.ID(1<<40 + 7)
	steps := func(here string, done int) []ui.Step {
		var list []ui.Step
		for i, s := range TreeSteps {
			list = append(list, ui.Step{Text: s.Text, URL: route.NewTreeStep(draft, s.Value), Here: s.Value == here, Done: i < done, Bad: i == 1 && done == 4})
		}
		return list
	}
	at := func(step string, done int) TreeWizard {
		f := frame("net-next: "+step, route.NewTreeStep(draft, step), ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: "Add a tree"})
		return TreeWizard{Frame: f, Draft: draft, Step: step, Steps: steps(step, done), Values: NewTreeForm{
			URL: "https://git.example.org/net-next.git", Branches: "main\nlinux-*.y", Name: "net-next", Policy: "tip", Builds: "quick", Arches: []string{"x86_64"}, Configs: "defconfig", Compilers: []string{"gcc"}}}
	}
	files := WizardFiles{Branch: "main", Asked: true, SHA: "9c1e77a0123456789abcdef0123456789abcdef0", Subject: "net: sched: fix a leak", When: before(3 * time.Hour), Linux: true, Version: "6.12.0-rc3"}
	answered := WizardSource{Asked: true, Head: "main", Total: 412, Tags: 900, Branches: []BranchFact{{"main", files.SHA}, {"linux-6.6.y", files.SHA}}, Shown: 412,
		Matches: []string{"main", "linux-6.6.y"}, Matched: 9, Policies: policies(), Files: files}
	first := at(StepSource, 0)
	first.Draft, first.Frame = 0, frame("Add a tree", route.NewTree(), ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: "Add a tree"})
	first.Values, first.Steps = NewTreeForm{}, []ui.Step{{Text: "Source", Here: true}, {Text: "People and mail"}}
	begun := first
	begun.Drafts = []DraftRow{{ID: draft, Name: "net-next", Step: StepBuilds, Owner: "Asha Rao", Updated: before(26 * time.Hour)}, {ID: draft + 1, Step: StepSource, Owner: "Milan Novak", Updated: before(time.Minute)}}
	begun.YAML, begun.Errors = "tree: net-next\nurll: x\n", ui.Errors{{Field: "yaml", Text: `line 2: there is no field "urll"`}}
	source := func(s WizardSource) TreeWizard {
		p := at(StepSource, 0)
		p.Source = s
		return p
	}
	refused := func(problem, said string) TreeWizard {
		return source(WizardSource{Asked: true, Problem: problem, Said: said, Try: "What to do about it."})
	}
	known, other, reading, unread := answered, answered, answered, answered
	known.Known = []KnownTree{{"net", "main"}}
	other.Files.Linux, other.Files.Version, other.Files.Missing, other.Matched, other.Matches = false, "", "a Kconfig at its top", 0, nil
	reading.Files = WizardFiles{Branch: "main", Asked: true, Waits: true}
	unread.Files = WizardFiles{Branch: "main", Asked: true, Problem: "git fetch: no answer in time"}
	people := at(StepPeople, 1)
	people.People = WizardPeople{Files: files, Has: true, HasLists: true, More: "me@example.org", Ticked: []string{"asha@example.org"},
		Sections: []SectionFact{{"NETWORKING [GENERAL]", 14402, []string{"net/", "include/net/"}}},
		Offers:   []ui.Option{{Value: "asha@example.org", Text: "Asha Rao", Help: "asha@example.org · maintainer of NETWORKING [GENERAL]"}, {Value: "list netdev@example.org", Text: "netdev@example.org", Help: "open list of NETWORKING [GENERAL]"}}}
	wrong := people
	wrong.Errors = ui.Errors{{Field: "agreed", Text: "a list gets reports only if it agreed to"}, {Field: "mail", Text: `"you" is not a plain mail address`}}
	nobody, nothing := at(StepPeople, 1), at(StepPeople, 1)
	nobody.People, nobody.Errors = WizardPeople{Files: files, Has: true}, ui.Errors{{Field: "mail", Text: `"you" is not a plain mail address`}}
	nothing.People = WizardPeople{Files: files}
	builds := at(StepBuilds, 4)
	builds.Builds = WizardBuilds{Presets: presets(), Arches: []ui.Option{{Value: "x86_64", Text: "x86_64", Help: "this machine's own"}}, Compilers: []ui.Option{{Value: "gcc", Text: "gcc"}}, Files: files, Cost: "2 builds for each checkout, 44 min of building, by the newest builds here."}
	builds.Builds.Files.Facts = []ui.Pair{{Name: "arch/*/configs", Value: "arm64 (2), x86 (3)"}}
	own := builds
	own.Values.Builds, own.Builds.Files.Facts = "matrix", nil
	own.Errors = ui.Errors{{Field: "configs", Text: "write at least one configuration"}, {Field: "arches", Text: "tick at least one"}, {Field: "trusted", Text: "Own code runs only for trees that are trusted"}}
	tests := at(StepTests, 3)
	tests.Tests = WizardTests{Files: files, Offers: []ui.Option{{Value: "net/tls.sh", Text: "net/tls.sh", Help: "TLS in the kernel · reporting · usually 42 s"}}, Preview: TestPreview{Branch: "main", Known: true, Commits: 20}}
	tests.Tests.Files.Facts = []ui.Pair{{Name: "tools/testing/selftests/Makefile", Value: "2 targets of kselftest: mm, net"}}
	tried := tests
	tried.Tests.Preview.Ticked, tried.Tests.Preview.Commits, tried.Tests.Preview.AtMost = 2, 2, true
	tried.Tests.Preview.Rows = []PreviewedCommit{
		{SHA: strings.Repeat("ab12", 10), Subject: "tls: do not wait for a record that came", When: now.Add(-time.Hour), Files: 2, Took: 84,
			Tests: []PreviewedTest{{Name: "net/tls.sh", Why: "net/tls/tls_sw.c has changed: the test is for changes of a file below net/tls/", Builds: 2}}},
		{SHA: strings.Repeat("cd34", 10), Subject: "Merge tag 'mm-next'", When: now.Add(-25 * time.Hour), Files: 5000, Cut: true},
	}
	waits, failed := tests, tests
	waits.Tests.Preview = TestPreview{Branch: "main", Waits: true}
	failed.Tests.Preview = TestPreview{Branch: "main", Problem: "the server does not answer"}
	noTests := at(StepTests, 3)
	noTests.Tests = WizardTests{Files: reading.Files}
	review := at(StepReview, 4)
	review.YAML = "tree: net-next\nurl: https://git.example.org/net-next.git\n"
	review.Review = WizardReview{Facts: []ui.Pair{{Name: "Name", Value: "net-next"}, {Name: "Branches", Value: "main"}}, Warnings: []string{"Nobody gets mail: results are on the pages alone."}, Cost: "2 builds for each checkout."}
	notAllowed := review
	notAllowed.Why = "Sign in first"
	notAllowed.Review.Mistakes = []ui.Link{{Text: "a tree is called \"net-next\" already", URL: route.NewTreeStep(draft, StepSource)}}
	return []story{
		{"wizard-first", first}, {"wizard-begun", begun}, {"wizard-source-waits", source(WizardSource{Asked: true, Waits: true})}, {"wizard-source-forgotten", source(WizardSource{})},
		{"wizard-source-unreachable", refused("The server does not answer.", "git ls-refs: could not resolve host")},
		{"wizard-source-blocked", refused("This address is within a private network.", "10.1.2.3 is a private address")},
		{"wizard-source-auth", refused("The repository wants a credential.", "")},
		{"wizard-source", source(answered)}, {"wizard-source-known", source(known)}, {"wizard-source-other", source(other)},
		{"wizard-source-reading", source(reading)}, {"wizard-source-unread", source(unread)}, {"wizard-source-empty", source(WizardSource{Asked: true, Empty: true, Policies: policies()})},
		{"wizard-people", people}, {"wizard-people-errors", wrong}, {"wizard-people-none", nobody}, {"wizard-people-nothing", nothing},
		{"wizard-builds", builds}, {"wizard-builds-own", own}, {"wizard-tests", tests}, {"wizard-tests-tried", tried}, {"wizard-tests-waits", waits}, {"wizard-tests-failed", failed}, {"wizard-tests-none", noTests}, {"wizard-review", review}, {"wizard-review-refused", notAllowed},
	}
}
