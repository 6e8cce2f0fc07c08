package page

import (
	"time"

	"drover/rules/id"
	"drover/views/route"
	"drover/views/ui"
)

// testWizardStories are the steps of adding a test, in every state.
func testWizardStories() []story {
	const draft = id.ID(1<<40 + 9)
	crumbs := []ui.Crumb{{Text: "Tests", URL: route.Tests()}, {Text: "Add a test"}}
	at := func(step string, done int) TestWizard {
		p := TestWizard{Frame: frame("kselftest/net: "+step, route.NewTestStep(draft, step), crumbs...), Draft: draft, Step: step,
			Trees: []ui.Option{{Value: "net-next", Text: "net-next"}, {Value: "mm", Text: "mm"}}, Values: NewTestForm{
				Trees: []string{"net-next"}, What: "kselftest net", Name: "kselftest/net", Code: "tools/testing/selftests/net/", Timeout: "30m", Format: "ktap", Owners: "Asha Rao <asha@example.org>"}}
		for i, s := range TestSteps {
			p.Steps = append(p.Steps, ui.Step{Text: s.Text, URL: route.NewTestStep(draft, s.Value), Here: s.Value == step, Done: i < done, Bad: i == 2 && done == 4})
		}
		return p
	}
	first := at(StepWhere, 0)
	first.Draft, first.Frame, first.Steps, first.Values = 0, frame("Add a test", route.NewTest(), crumbs...), []ui.Step{{Text: "Where", Here: true}, {Text: "Needs"}}, NewTestForm{}
	begun, noTree := first, first
	noTree.Trees = nil
	begun.Drafts = []DraftRow{{ID: draft, Name: "kselftest/net", Step: StepOwner, Owner: "Asha Rao", Updated: before(26 * time.Hour)}, {ID: draft + 1, Step: StepWhere, Owner: "Milan Novak", Updated: before(time.Minute)}}
	begun.YAML = "tests:\n  x: {comand: make}\n"
	begun.Errors = ui.Errors{{Field: "yaml", Text: "line 2: unknown key comand: did you mean command?"}, {Field: "trees", Text: "choose at least one tree, or the test runs nowhere"}}
	where := at(StepWhere, 0)
	where.Where = TestWhere{Tree: "net-next", Files: WizardFiles{Branch: "net-next, branch main", Asked: true, Facts: []ui.Pair{{Name: "tools/testing/selftests/Makefile", Value: "2 targets of kselftest: mm, net"}, {Name: ".kunitconfig", Value: "in lib/kunit"}}},
		Offers: []ui.Option{{Value: "command", Text: "A command of your own"}, {Value: "kselftest net", Text: "kselftest: net"}, {Value: "kunit lib/kunit", Text: "KUnit suites of lib/kunit"}}}
	waits, unknown := at(StepWhere, 0), at(StepWhere, 1)
	waits.Where = TestWhere{Tree: "net-next", Files: WizardFiles{Branch: "main", Asked: true, Waits: true}, Offers: where.Where.Offers[:1]}
	unknown.Where, unknown.Values = TestWhere{Tree: "mm", Offers: where.Where.Offers[:1]}, NewTestForm{What: "command", Name: "a//b"}
	unknown.Errors = ui.Errors{{Field: "name", Text: "a//b has an empty part between slashes"}, {Field: "command", Text: "write the command that runs the test"}, {Field: "trees", Text: "choose at least one tree"}}
	needs := at(StepNeeds, 1)
	needs.Arches, needs.Values.When.Arches = []ui.Option{{Value: "x86_64", Text: "x86_64", Help: "this machine's own"}, {Value: "arm64", Text: "arm64"}}, "arm64"
	asText := needs
	asText.Values.When.AsText, asText.Errors = true, ui.Errors{{Field: "timeout", Text: "write a time such as 90s, 10m or 1h30m"}}
	targeting := at(StepTargeting, 2)
	targeting.Starts = []ui.Link{{Text: "Files of this test", URL: route.With(route.NewTestStep(draft, StepTargeting), "from", "code")}, {Text: "Always", URL: route.With(route.NewTestStep(draft, StepTargeting), "from", "always")}}
	targeting.When = Targeting{Values: TargetingForm{Paths: "net/\ninclude/net/"}, Trees: []ui.Option{{Value: "", Text: "all its trees"}}, Lasts: []ui.Option{{Value: "50", Text: "the newest 50"}},
		Other: ui.Tab{Text: "Write them as YAML", URL: route.With(route.NewTestStep(draft, StepTargeting), "as", "text")},
		Data: Foresight{Runs: 1, Ran: 1, PerDay: 2, HoursADay: 0.4, AtMost: true, Changes: []ForeseenChange{{Revision: ui.Revision{Tree: "net-next", Branch: "main", Commit: "9c1e77a0123456789abcdef0123456789abcdef0", Subject: "net: sched: fix a leak"},
			Pushed: before(time.Hour), Files: 2, Aimed: []string{"net/sched/sch_api.c"}, Runs: true, Ran: true, Why: "net/sched/sch_api.c is below net/"}}}}
	wrong := targeting
	wrong.When.Values = TargetingForm{AsText: true, Text: "path: x"}
	wrong.Errors = ui.Errors{{Field: "text", Text: "line 1: unknown key path: did you mean paths?"}}
	wrong.When.Errors, wrong.When.Data, wrong.When.Other = wrong.Errors, Foresight{}, ui.Tab{}
	owner := at(StepOwner, 3)
	owner.Formats, owner.Sets = []ui.Option{{Value: "ktap", Text: "KTAP"}, {Value: "exit", Text: "Exit status only"}}, []ui.Option{{Value: "net", Text: "net", Help: "Networking"}}
	nobody := owner
	nobody.Values.Owners, nobody.Sets, nobody.Errors = "", nil, ui.Errors{{Field: "format", Text: "an exit status has no cases"}}
	review := at(StepReview, 4)
	review.YAML, review.When = "tests:\n  kselftest/net:\n    state: trial\n", targeting.When
	review.Review = WizardReview{Facts: []ui.Pair{{Name: "Name", Value: "kselftest/net"}, {Name: "Chosen", Value: "Runs if the change touches net/."}}, Warnings: []string{"Nobody looks after it: a failure has no one to ask."}}
	refused := review
	refused.Why, refused.When = "Sign in first", Targeting{}
	refused.Review.Mistakes = []ui.Link{{Text: "A test is called \"kselftest/net\" already: choose another name", URL: route.NewTestStep(draft, StepWhere)}}
	return []story{
		{"test-wizard-first", first}, {"test-wizard-begun", begun}, {"test-wizard-where", where}, {"test-wizard-where-waits", waits}, {"test-wizard-where-errors", unknown},
		{"test-wizard-needs", needs}, {"test-wizard-targeting", targeting}, {"test-wizard-targeting-errors", wrong}, {"test-wizard-needs-text", asText}, {"test-wizard-owner", owner},
		{"test-wizard-owner-errors", nobody}, {"test-wizard-review", review}, {"test-wizard-review-refused", refused}, {"test-wizard-no-tree", noTree},
	}
}
