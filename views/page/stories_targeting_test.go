package page

import (
	"time"

	"drover/rules/definition"
	"drover/rules/promotion"
	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// targetingStories are what chooses a test, its settings and its editions.
func targetingStories() []story {
	const name = "kselftest/net/tls"
	crumbs := []ui.Crumb{{Text: "Tests", URL: route.Tests()}, {Text: name, URL: route.Test(name)}, {Text: "Targeting"}}
	page := func(title string, u route.URL) ui.Frame {
		f := frame(title, u, crumbs...)
		f.Active, f.Formats, f.Scripts = "tests", []string{"json"}, []string{"preview.js"}
		return f
	}
	trees := []ui.Option{{Text: "all its trees"}, {Value: "net-next", Text: "net-next"}}
	lasts := []ui.Option{{Value: "50", Text: "the newest 50"}}
	seen := Foresight{Runs: 2, Ran: 2, Newly: 1, NoLonger: 1, PerDay: 3.1, HoursADay: 2.4, Changes: []ForeseenChange{
		{Revision: head, Pushed: before(time.Hour), Files: 12, Aimed: []string{"net/tls/tls_main.c", "net/tls/tls_sw.c", "include/net/tls.h"}, More: 2, Runs: true, Ran: true, Why: "net/tls/tls_main.c has changed: the test is for changes of a file below net/tls/"},
		{Revision: head, Pushed: before(2 * time.Hour), Files: 1, Aimed: []string{"net/tls/Kconfig"}, Runs: true, Why: "net/tls/Kconfig has changed: the test is for changes of a file below net/tls/"},
		{Revision: head, Pushed: before(3 * time.Hour), Files: 3, Other: "Documentation/networking/tls.rst", Ran: true, Why: "the test is only for changes of a file below net/tls/"},
		{Revision: head, Pushed: before(4 * time.Hour), Why: "the test is only for changes of a file below net/tls/"},
	}}
	const words = "Runs if the change changes a file below net/tls/ on x86_64."
	fields := TargetingForm{Paths: "net/tls/\ninclude/net/tls.h", NotPaths: "Documentation/", Arches: "x86_64", Last: "50", Edition: 3}
	needs := []promotion.Condition{
		{Text: "passes in a row, per arch", Needed: "20", Have: "x86_64 20, aarch64 14", Lacks: "aarch64 needs 6 more passes"}, {Text: "unexplained failures", Needed: "0", Have: "0", Met: true},
	}
	test := frame(name, route.Test(name), crumbs[:2]...)
	test.Active = "tests"
	trial := Test{Frame: test, Data: TestData{Test: name, State: status.TestTrial, Promotion: Promotion{State: status.TestTrial, Since: before(20 * 24 * time.Hour), Conditions: needs, Lacking: "aarch64 needs 6 more passes"}},
		Changes: []StateChange{{State: status.TestReporting, From: status.TestTrial, Text: "Promote to reporting", Why: "not yet: aarch64 needs 6 more passes"}, {State: status.TestOff, From: status.TestTrial, Text: "Switch off"}}}
	operator := trial
	operator.Changes = []StateChange{{State: status.TestReporting, From: status.TestTrial, Text: "Promote to reporting", Early: "aarch64 needs 6 more passes"}}
	quarantined := Test{Frame: test, Data: TestData{Test: name, State: status.TestQuarantined, Promotion: Promotion{State: status.TestQuarantined, Issue: "#12", Until: before(-20 * 24 * time.Hour)}},
		Changes: []StateChange{{State: status.TestReporting, From: status.TestQuarantined, Text: "Let it report"}}}
	reporting := Test{Frame: test, Data: TestData{Test: name, State: status.TestReporting}, Changes: []StateChange{{State: status.TestQuarantined, From: status.TestReporting, Text: "Quarantine"}}}
	form := DefinitionForm{Description: "TLS in the kernel.", Owners: "Tomás Silva", Command: "make run_tests", Format: "ktap", Timeout: "20m", Trees: []string{"net-next"}, Sets: []string{"net"}, Edition: 3}
	settings := TestSettings{Frame: page("Settings · "+name, route.TestSettings(name)), Test: name, Values: form, Trees: trees[1:], Sets: []ui.Option{{Value: "net", Text: "net", Help: "Networking"}},
		Formats: []ui.Option{{Value: "ktap", Text: "KTAP"}}, Costs: []ui.Option{{Text: "usual"}}, Words: words, Text: "tests:\n    kselftest/net/tls:\n        command: make run_tests\n"}
	refused := settings
	refused.Errors, refused.Why = ui.Errors{{Field: "timeout", Text: "write a time such as 90s, 10m or 1h30m"}, {Text: "somebody else changed this test since you opened the page"}}, "Needs the role owner of the test."
	builtIn := settings
	builtIn.KUnit, builtIn.Sets = true, nil
	versions := page("Editions · "+name, route.TestVersions(name))
	return []story{
		{"targeting", Targeting{Frame: page("Targeting · "+name, route.TestTargeting(name)), Test: name, Values: fields, Words: words, Trees: trees, Lasts: lasts, Data: seen,
			Other: ui.Tab{Text: "Edit the saved conditions as YAML", URL: route.With(route.TestTargeting(name), "as", "text")}}},
		{"targeting-text", Targeting{Frame: page("Targeting · "+name, route.TestTargeting(name)), Test: name, Values: TargetingForm{AsText: true, Text: "or:\n- paths: [net/]\n"}, Words: words, Trees: trees, Lasts: lasts,
			Errors: ui.Errors{{Field: "text", Text: "line 2, column 3: `path`: did you mean `paths`?"}}, Why: "Needs the role owner of the test.", Data: Foresight{Cut: true, Changes: seen.Changes[2:]}}},
		{"targeting-sections", Targeting{Frame: page("Targeting · "+name, route.TestTargeting(name)), Test: name, Values: TargetingForm{Maintainers: "NETWORKING [TLS]"}, Words: words, Trees: trees, Lasts: lasts,
			Data: Foresight{Maintainers: MaintainersWaits, Changes: seen.Changes[2:]}}},
		{"targeting-nothing", Targeting{Frame: page("Targeting · "+name, route.TestTargeting(name)), Test: name, Words: "Runs on every change.", Trees: trees, Lasts: lasts}},
		{"test-trial", trial}, {"test-trial-operator", operator}, {"test-quarantined", quarantined}, {"test-reporting", reporting},
		{"test-settings", settings}, {"test-settings-refused", refused}, {"test-settings-kunit", builtIn},
		{"test-versions", TestVersions{Frame: versions, Test: name, Data: []TestVersion{
			{Number: 2, When: before(time.Hour), Who: "Tomás Silva", Differences: []definition.Difference{{Key: "timeout", Before: "10m", After: "20m"}, {Key: "sets", After: "net"}}}, {Number: 1, When: before(48 * time.Hour)}}}},
		{"test-versions-empty", TestVersions{Frame: versions, Test: name}},
	}
}
