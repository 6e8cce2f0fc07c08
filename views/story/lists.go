package story

import (
	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// here is a page of the storybook, for links of examples that lead nowhere else.
func here(group string) route.URL { return route.StoryGroup(group) }

// tried is where buttons of examples are sent: nothing is done there.
func tried(group string) route.URL { return route.Action(here(group), "try") }

// row is one line of a table in the examples.
type row struct {
	mark          ui.Mark
	test, problem string
	runs, fails   int
	took          ui.Seconds
}

var usualRows = []row{
	{ui.Mark{Status: status.Fail, Shown: status.New}, "kselftest/net/fib_tests.sh", "not ok 14 fib_nexthop_nongw", 38, 2, 252},
	{ui.Mark{Status: status.Pass}, "kselftest/net/tls.sh", "", 38, 0, 11.7},
	{ui.Mark{Status: status.Running}, "boot", "", 0, 0, 0},
}

var awkwardRows = []row{
	{ui.Mark{Status: status.Fail, Shown: status.FirstRun}, LongName, LongName + " " + LongName, 1234567, 250000, 187200},
	{ui.Mark{Status: "later"}, Hostile, Hostile, 1, 1, 0.84},
}

// columns of these tables.
func columns(sorted string) []ui.Column {
	return []ui.Column{{Text: "Status"}, {Text: "Test", Sort: here("lists"), Sorted: sorted}, {Text: "First error"}, {Text: "Runs", Number: true, Sort: here("lists")}, {Text: "Failed", Number: true}, {Text: "Duration", Number: true}}
}

// filters above a list: a text that was not understood, a choice, chips.
func filters() ui.Filters {
	return ui.Filters{
		Action: here("lists"), Keep: []string{"branch", "for-6.13/block"}, Clear: here("lists"),
		Fields: []ui.FilterField{
			{Name: "q", Label: "Subject has", Value: "tls"},
			{Name: "verdict", Label: "Verdict", Value: "new", Options: []ui.Option{{Value: "", Text: "any"}, {Value: "new", Text: "New failures"}}},
			{Name: "since", Label: "Since", Value: "7x", Error: "7x is not a time such as 7d"},
		},
		Chips: []ui.Chip{{Text: "subject has tls", Remove: here("lists")}, {Text: "verdict is new", Remove: here("lists")}},
	}
}

// filtered are chips without fields.
func filtered(texts ...string) ui.Filters {
	f := ui.Filters{Action: here("lists"), Clear: here("lists")}
	for _, t := range texts {
		f.Chips = append(f.Chips, ui.Chip{Text: t, Remove: here("lists")})
	}
	return f
}

func (s Samples) lists() []Component {
	return []Component{
		{Name: "Table", For: "A table of data; the children are its rows. With cards, each is a card on a narrow screen.", Wide: true, Examples: []Example{
			{"cards on narrow screens, sorted", with(ui.Table("Results", columns("ascending"), true), tableRows(usualRows))},
			{"a table on every screen, sorted the other way", with(ui.Table("Results, always a table", columns("descending"), false), tableRows(usualRows))},
			{"long, huge and hostile", with(ui.Table("Awkward results", columns(""), true), tableRows(awkwardRows))},
			{"one row", with(ui.Table("One result", columns(""), true), tableRows(usualRows[:1]))},
		}},
		{Name: "Number", For: "A cell with a count; zeros recede, a count that leads somewhere is a link.", Wide: true, Examples: []Example{
			{"zero, one, many, and links", inTable(ui.Number("Failed", 0, here("lists")), ui.Number("Failed", 1, ""), ui.Number("Failed", 1234567, ""), ui.Number("Failed", 12, here("lists")))},
		}},
		{Name: "PagerLine", For: "How much of a list is shown, and the ways to the rest.", Examples: []Example{
			{"all of it", ui.PagerLine(ui.Pager{Shown: 3, Total: 3, Exact: true})},
			{"one row", ui.PagerLine(ui.Pager{Shown: 1, Total: 1, Exact: true})},
			{"no row", ui.PagerLine(ui.Pager{Exact: true})},
			{"the first page", ui.PagerLine(ui.Pager{Next: here("lists"), Shown: 50, Total: 120, Exact: true})},
			{"in the middle, not counted exactly", ui.PagerLine(ui.Pager{Prev: here("lists"), Next: here("lists"), Shown: 50, Total: 10000})},
			{"the last page", ui.PagerLine(ui.Pager{Prev: here("lists"), Shown: 20, Total: 120, Exact: true})},
		}},
		{Name: "FilterForm", For: "The form above a list, with the filters in force as chips.", Wide: true, Examples: []Example{
			{"a text, a choice, and one that was not understood", ui.FilterForm(filters())},
			{"long and hostile values", ui.FilterForm(ui.Filters{Action: here("lists"), Fields: []ui.FilterField{{Name: "q", Label: "Test has", Value: LongName}, {Name: "branch", Label: Hostile, Value: Hostile, Error: Hostile}}})},
			{"nothing to filter by: nothing", ui.FilterForm(ui.Filters{})},
		}},
		{Name: "Chips", For: "The filters in force, each with the link that takes it away.", Wide: true, Examples: []Example{
			{"one", ui.Chips(filtered("status is fail"))},
			{"many, long and hostile", ui.Chips(filtered("status is fail", "arch is aarch64", "branch is for-6.13/block", LongName, Hostile))},
			{"none: nothing", ui.Chips(ui.Filters{})},
		}},
		{Name: "Nothing", For: "What stands where a list has no rows.", Wide: true, Examples: []Example{
			{"nothing exists yet", ui.Nothing(ui.Empty{Text: "No tree yet.", Why: "A tree is a git repository with branches that are watched.", Action: &ui.Link{Text: "Add a tree", URL: route.NewTree()}}, ui.Filters{})},
			{"a sentence alone", ui.Nothing(ui.Empty{Text: "No failure in the last 24 hours."}, ui.Filters{})},
			{"because of filters", ui.Nothing(ui.Empty{Text: "No result."}, filtered("status is fail", "arch is s390x"))},
			{"long and hostile", ui.Nothing(ui.Empty{Text: LongName, Why: Hostile}, ui.Filters{})},
			{"because of a hostile filter", ui.Nothing(ui.Empty{}, filtered(Hostile, LongName))},
		}},
		{Name: "Failed", For: "A part of a page that could not be read; the rest of it stands.", Wide: true, Examples: []Example{
			{"with a way on", ui.Failed("The log storage does not answer.", "r-8f3k2m", here("lists"))},
			{"a sentence alone", ui.Failed("The failures could not be read.", "", "")},
			{"long and hostile", ui.Failed(LongName+" "+Hostile, "r-8f3k2m", here("lists"))},
		}},
	}
}
