package story

import (
	"time"

	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// rawMail is a mail as sent; one of its lines is longer than 72 columns.
const rawMail = "From: Drover <drover@ci.example.org>\nTo: netdev@example.org\nSubject: [drover] FAIL 2 new: net-next/main 9c1e77aa01cd\nMessage-ID: <checkout.8f3k2m.1@ci.example.org>\n\n" +
	"Hello,\n\nDrover tested net-next/main at 9c1e77aa01cd: 2 new failures, 4 known.\n\n  FAIL  aarch64 debug gcc-14   kselftest/net/fib_tests.sh\n" +
	"        not ok 14 fib_nexthop_nongw\n\nThe log: https://ci.example.org/results/8f3k2m/-/logs/console.log?l=812#L812-and-a-line-that-is-longer-than-it-should-be\n"

// resultFile is where a file of an invented result is.
func resultFile(name string) route.URL { return route.ResultFile(Nth(31), name) }

func (s Samples) facts() []Component {
	return []Component{
		{Name: "Facts", For: "Names and values, side by side; the children are facts.", Wide: true, Examples: []Example{
			{"three", with(ui.Facts(), with(ui.Fact("Host"), text("hpe-apollo-07.lab")), with(ui.Fact("Duration"), ui.Duration(252, 200)), with(ui.Fact("Status"), ui.Badge(ui.Mark{Status: status.Pass}, "")))},
			{"none", with(ui.Facts())},
		}},
		{Name: "Fact", For: "One of them; the children are its value.", Wide: true, Examples: []Example{
			{"several values", with(ui.Facts(), with(ui.Fact("Commit"), ui.Commit(hash, ""), ui.When(s.Before(time.Hour), s.Now)))},
			{"a long value", with(ui.Facts(), with(ui.Fact("Test"), ui.Long(LongName)))},
			{"no value", with(ui.Facts(), with(ui.Fact("Host"), text("")))},
		}},
		{Name: "PairFacts", For: "Facts that are plain text.", Wide: true, Examples: []Example{
			{"settings", ui.PairFacts([]ui.Pair{{Name: "Recipe", Value: "kbuild"}, {Name: "Config", Value: "defconfig"}, {Name: "Branches", Value: "main, for-6.13/block, linux-*.y"}})},
			{"long and hostile", ui.PairFacts([]ui.Pair{{Name: "Command", Value: LongName}, {Name: Hostile, Value: Hostile}, {Name: "Empty"}})},
			{"none", ui.PairFacts(nil)},
		}},
		{Name: "EventList", For: "What happened, and why.", Wide: true, Examples: []Example{
			{"some", ui.EventList([]ui.Event{
				{When: s.Before(time.Minute), What: "Tried once more", Why: "a failed test is tried once more: not ok 14 fib_nexthop_nongw"},
				{When: s.Before(3 * time.Hour), Who: "Asha Rao", What: "State: trial to reporting"},
				{When: s.Before(90 * 24 * time.Hour), Who: "the command line", What: "Added"},
			}, s.Now)},
			{"no time, long and hostile", ui.EventList([]ui.Event{{What: LongName, Why: LongName}, {When: s.Before(time.Hour), Who: Hostile, What: Hostile, Why: Hostile}}, s.Now)},
			{"none", ui.EventList(nil, s.Now)},
		}},
		{Name: "Files", For: "Stored files with their sizes.", Wide: true, Examples: []Example{
			{"some", ui.Files([]ui.File{{Name: "console.log", Size: 9_700_000}, {Name: "config", Size: 812}, {Name: "vmlinux", Note: "not kept: larger than 2 MB"}}, resultFile)},
			{"awkward names and sizes", ui.Files([]ui.File{{Name: LongName, Size: 0}, {Name: Hostile, Size: 1 << 40, Note: Hostile}}, resultFile)},
			{"none", ui.Files(nil, resultFile)},
		}},
		{Name: "MailText", For: "A mail exactly as sent, with a mark at column 72 where lines should end.", Wide: true, Examples: []Example{
			{"a report", ui.MailText(rawMail)},
			{"empty", ui.MailText("")},
			{"markup", ui.MailText("Subject: " + Hostile + "\n\n" + Hostile)},
		}},
	}
}
