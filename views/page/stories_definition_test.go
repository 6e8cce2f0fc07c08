package page

import (
	"fmt"
	"strings"

	"drover/rules/definition"
	"drover/views/route"
	"drover/views/ui"
)

// definitionStories are the page that takes definitions out and puts files in.
func definitionStories() []story {
	f := frame("Definitions as YAML", route.Definitions(), ui.Crumb{Text: "Tests", URL: route.Tests()}, ui.Crumb{Text: "As YAML"})
	f.Active, f.Formats = "tests", []string{"json"}
	first := Definitions{Frame: f, Data: DefinitionCounts{Trees: 4, Sets: 1, Tests: 120}, SignedIn: true, Site: "https://ci.example.org"}
	visitor := first
	visitor.SignedIn, visitor.Why = false, "Sign in first."
	refused := first
	refused.Text = "tests:\n  net/tls:\n    comand: make run_tests\n"
	refused.Errors = ui.Errors{{Field: "text", Text: "line 3, column 5: `comand`: did you mean `command`?"}, {Field: "text", Text: "line 2, column 3: write the command that runs the test"}}
	planned := first
	planned.Text = "tests:\n  net/tls:\n    command: make run_tests\n"
	planned.Plan = &definition.Plan{Base: "0f3c", Unchanged: make([]definition.Object, 41), Absent: []definition.Object{{Kind: "tree", Name: "quiet"}, {Kind: "test", Name: "mm/slow"}}, Changes: []definition.Change{
		{Object: definition.Object{Kind: "tree", Name: "net-next"}, Differences: []definition.Difference{{Key: "branches", Before: "main\nfor-*", After: "main"}}},
		{Object: definition.Object{Kind: "set", Name: "net"}, New: true, Differences: []definition.Difference{{Key: "description", After: "Networking"}}},
		{Object: definition.Object{Kind: "test", Name: "kselftest/net/" + strings.Repeat("a_long_name_", 7)}, Differences: []definition.Difference{
			{Key: "timeout", Before: "10m", After: "20m"}, {Key: "when", Before: "", After: "paths:\n    - net/tls/\n    - ~include/net/(tls|tcp|" + strings.Repeat("another|", 12) + "udp).*"}}},
	}}
	meanwhile := planned
	meanwhile.Errors = ui.Errors{{Text: "Somebody else changed what the files define since this plan was made. Nothing was applied; this is the plan as it would be now."}}
	many := planned
	plan := *planned.Plan
	many.Plan = &plan
	plan.Changes, plan.Absent = nil, make([]definition.Object, absentShown+3)
	for i := range changesShown + 2 {
		plan.Changes = append(plan.Changes, definition.Change{Object: definition.Object{Kind: "set", Name: fmt.Sprint("s", i)}, New: true})
	}
	same := planned
	same.Plan = &definition.Plan{Unchanged: make([]definition.Object, 3)}
	return []story{{"definitions", first}, {"definitions-visitor", visitor}, {"definitions-refused", refused}, {"definitions-planned", planned},
		{"definitions-meanwhile", meanwhile}, {"definitions-same", same}, {"definitions-many", many}}
}
