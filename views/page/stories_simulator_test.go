package page

import (
	"strings"

	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// simulatorStories are the page that tries a change.
func simulatorStories() []story {
	f := frame("Try a change", route.Simulator(), ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: "Try a change"})
	f.Active, f.Formats = "tests", []string{"json"}
	first := Simulator{Frame: f, Trees: []ui.Option{{Text: "any: all tests"}, {Value: "net-next", Text: "net-next"}}, Arches: []ui.Option{{Text: "all"}, {Value: "x86_64", Text: "x86_64"}}}
	none, two := 0, 2
	planned := first
	planned.Values = SimulatorForm{Tree: "net-next", Range: "v6.12..main"}
	planned.Data = &Simulated{
		Change: "Commits v6.12..main of net-next.", Summary: "2 of 3 tests run", Uncovered: 1, Maintainers: MaintainersKnown,
		Tests: []PlanItem{
			{Test: "net/tls", State: status.TestBlocking, Chosen: true, Rule: "condition", Why: "net/tls/tls_main.c has changed: the test is for changes of a file below net/tls/", File: "net/tls/tls_main.c", Arches: []string{"arm64", "x86_64"}},
			{Test: "boot", State: status.TestReporting, Chosen: true, Rule: "condition", Why: "the test is for every change", Arches: []string{"x86_64"}},
			{Test: "mm/" + strings.Repeat("a_long_name_", 8), State: status.TestTrial, Rule: "condition", Why: "the test is only for changes of a file below mm/"},
		},
		Files: []ChangedFile{
			{Path: "Documentation/networking/" + strings.Repeat("deep/", 12) + "tls.rst", Kind: "modified", Tests: &none, Owners: []string{"Jonathan Corbet"}},
			{Path: "net/tls/tls_main.c", OldPath: "net/tls/main.c", Kind: "renamed", Tests: &two, Names: []string{"net/tls"}, Owners: []string{"Boris Pismenny", "John Fastabend", "Jakub Kicinski"}},
		},
	}
	unasked := planned
	data := *planned.Data
	data.Maintainers, data.Cut = MaintainersUnasked, true
	unasked.Data = &data
	waits := first
	waits.Values, waits.Asking = planned.Values, "The commits are being read in the mirror of net-next, which takes some seconds."
	refused := first
	refused.Values.Patch = "hello"
	refused.Errors = ui.Errors{{Field: "patch", Text: "this changes no file: is it a patch, as git diff or git format-patch writes it?"}}
	empty := planned
	empty.Data = &Simulated{Change: "The patch that was given.", Summary: "0 of 0 tests run", Maintainers: MaintainersNone}
	return []story{{"simulator", first}, {"simulator-planned", planned}, {"simulator-unasked", unasked}, {"simulator-waits", waits}, {"simulator-refused", refused}, {"simulator-empty", empty}}
}
