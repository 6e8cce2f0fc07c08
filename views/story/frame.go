package story

import (
	"time"

	"github.com/a-h/templ"

	"drover/rules/status"
	"drover/views/route"
	"drover/views/ui"
)

// framed is a page in a frame with a head and a word on what to look at.
func framed(f ui.Frame, look string) templ.Component {
	return with(ui.Layout(f), with(ui.PageHead(f.Title, nil), text(look)))
}

// headed is a page with a head of its own.
func headed(f ui.Frame, head templ.Component) templ.Component { return with(ui.Layout(f), head) }

// actions are more than fit beside a title on a narrow screen.
func actions() []ui.Action {
	return []ui.Action{{Text: "Compare", URL: here("frame")}, {Text: "Retry failed", URL: tried("frame"), Post: true, Confirm: "Retry 3 failed tests?"}, {Text: "Cancel", URL: tried("frame"), Post: true, Danger: true, Why: "it has finished"}}
}

// everyNotice has one of each kind.
func (s Samples) everyNotice() []ui.Notice {
	return []ui.Notice{
		{Kind: ui.Info, Text: "A new version was installed."},
		{Kind: ui.Warn, Text: "Beaker answers slowly, results are late.", Since: s.Before(90 * time.Minute)},
		{Kind: ui.Alarm, Text: "The disk is nearly full: 120 MB are free.", Link: &ui.Link{Text: "What to do", URL: route.Help()}},
		{Kind: ui.Good, Text: "Saved."},
		{Kind: "later", Text: Hostile + " " + LongName},
	}
}

func number(n int) *int { return &n }

func (s Samples) frame() []Component {
	notices := s.everyNotice()
	return []Component{
		{Name: "Layout", For: "A whole page: stripe, head, notices, crumbs, what is on it, and foot.", Pages: []Whole{
			{"production", "production: no stripe, no storybook", func(f ui.Frame) templ.Component { f.Environment = ""; return framed(f, "No stripe on top.") }},
			{"staging", "staging", func(f ui.Frame) templ.Component {
				f.Environment = "staging"
				return framed(f, "A stripe on top says so.")
			}},
			{"read-only", "nothing can be changed here", func(f ui.Frame) templ.Component {
				f.ReadOnly = "this server does not listen on loopback"
				return framed(f, "The notice says why.")
			}},
			{"notices", "notices of every kind", func(f ui.Frame) templ.Component { f.Notices = notices; return framed(f, "Five notices.") }},
			{"signed-in", "somebody is signed in", func(f ui.Frame) templ.Component {
				f.User, f.CanSignIn = &ui.Person{Name: "Asha Rao"}, false
				return framed(f, "The head says who.")
			}},
			{"visitor", "a visitor who can sign in", func(f ui.Frame) templ.Component {
				f.User, f.CanSignIn = nil, true
				return framed(f, "The head leads to the sign-in.")
			}},
			{"failing", "something fails: sign in the title, favicon", func(f ui.Frame) templ.Component {
				f.Family, f.Active = status.Bad, "trees"
				return framed(f, "Look at the tab of this page, and at the navigation.")
			}},
			{"running", "something runs: sign in the title, favicon", func(f ui.Frame) templ.Component {
				f.Family, f.Refresh = status.Active, true
				return framed(f, "Look at the tab of this page.")
			}},
			{"live", "live updates", func(f ui.Frame) templ.Component {
				f.Live, f.LiveOff = ui.Live{Topics: []string{route.TopicHome}}, false
				return framed(f, "The foot says that the page is live, and can be paused.")
			}},
			{"live-off", "live updates are switched off", func(f ui.Frame) templ.Component {
				f.Live, f.LiveOff = ui.Live{Topics: []string{route.TopicHome}}, true
				return framed(f, "The foot says so.")
			}},
			{"keys-off", "keys are switched off", func(f ui.Frame) templ.Component {
				f.KeysOff = true
				return framed(f, "Keys in the foot leads to the help.")
			}},
			{"compact", "compact and dark", func(f ui.Frame) templ.Component {
				f.Density, f.Theme = "compact", "dark"
				return framed(f, "As somebody chose in the settings.")
			}},
			{"formats", "other forms of the page", func(f ui.Frame) templ.Component {
				f.Self, f.Formats = route.Trees(), []string{"json", "csv"}
				return framed(f, "The foot leads to them.")
			}},
		}},
		{Name: "PageHead", For: "The h1 of a page, a quiet line under it (the children), and what can be done.", Pages: []Whole{
			{"head-alone", "a title alone", func(f ui.Frame) templ.Component { return headed(f, ui.PageHead("Trees", nil)) }},
			{"head-full", "a line and actions", func(f ui.Frame) templ.Component {
				return headed(f, with(ui.PageHead("tcp: close: drop the extra reference", actions()), ui.Commit(hash, ""), text("Asha Rao"), ui.When(s.Before(3*time.Hour), s.Now)))
			}},
			{"head-long", "a long title, long crumbs and actions", func(f ui.Frame) templ.Component {
				f.Crumbs = append(f.Crumbs, ui.Crumb{Text: LongName, URL: here("frame")}, ui.Crumb{Text: LongName})
				return headed(f, with(ui.PageHead(LongName, actions()), text(LongName)))
			}},
			{"head-hostile", "markup in every text", func(f ui.Frame) templ.Component {
				f.Title, f.Query, f.Crumbs = Hostile, Hostile, []ui.Crumb{{Text: Hostile, URL: here("frame")}, {Text: Hostile}}
				return headed(f, with(ui.PageHead(Hostile, actions()), text(Hostile)))
			}},
		}},
		{Name: "Nav", For: "The front doors.", Wide: true, Examples: []Example{
			{"none is here", ui.Nav("")},
			{"one is", ui.Nav("tests")},
		}},
		{Name: "NoticeLine", For: "One line to everybody who sees the page, or the answer to an action.", Wide: true, Examples: []Example{
			{"info", ui.NoticeLine(notices[0], s.Now)},
			{"warning, with its beginning", ui.NoticeLine(notices[1], s.Now)},
			{"error, with a link", ui.NoticeLine(notices[2], s.Now)},
			{"good", ui.NoticeLine(notices[3], s.Now)},
			{"an unknown kind, long and hostile", ui.NoticeLine(notices[4], s.Now)},
		}},
		{Name: "Crumbs", For: "The way from the root to this page.", Wide: true, Examples: []Example{
			{"three steps", ui.Crumbs([]ui.Crumb{{Text: "Trees", URL: route.Trees()}, {Text: "block", URL: here("frame")}, {Text: "for-6.13/block"}})},
			{"long and hostile", ui.Crumbs([]ui.Crumb{{Text: Hostile, URL: here("frame")}, {Text: LongName, URL: here("frame")}, {Text: LongName}})},
			{"none: nothing", ui.Crumbs(nil)},
		}},
		{Name: "Tabs", For: "Links to sibling views of one object.", Wide: true, Examples: []Example{
			{"with counts", ui.Tabs("Views", []ui.Tab{{Text: "Summary", URL: here("frame"), Active: true}, {Text: "Tests", URL: here("frame"), Count: number(1246)}, {Text: "Builds", URL: here("frame"), Count: number(0)}, {Text: "Reports", URL: here("frame"), Count: number(123456)}})},
			{"more than fit", ui.Tabs("Branches", []ui.Tab{{Text: "main", URL: here("frame"), Active: true}, {Text: "for-6.13/block", URL: here("frame")}, {Text: LongName, URL: here("frame")}, {Text: Hostile, URL: here("frame")}})},
		}},
		{Name: "SectionHead", For: "The h2 of a section, with a count unless it is negative; the children stand beside it.", Wide: true, Examples: []Example{
			{"with a count", ui.SectionHead("New failures", 2)},
			{"without", ui.SectionHead("Builds", -1)},
			{"zero, with more beside it", with(ui.SectionHead("Untested commits", 0), text("in the last 30 days"))},
			{"long and hostile, huge", ui.SectionHead(LongName+" "+Hostile, 1234567)},
		}},
		{Name: "Details", For: "A section that opens on demand; its children are there already.", Wide: true, Examples: []Example{
			{"closed, with a count", with(ui.Details("closed", "Untested commits", 2, false), text("What is inside."))},
			{"open", with(ui.Details("open", "Environment", -1, true), ui.PairFacts([]ui.Pair{{Name: "Compiler", Value: "gcc 14.2.1"}}))},
			{"open and empty", with(ui.Details("empty", "Attempts", 0, true))},
			{"long and hostile", with(ui.Details("odd", LongName+" "+Hostile, 1234567, true), ui.Long(LongName))},
		}},
		{Name: "Part", For: "A part of a page that is renewed alone while the page is open; it draws nothing of its own.", Wide: true, Examples: []Example{
			{"around something else", with(ui.Part("verdict", "newer checkout", "newer checkouts"), ui.WordBadge(status.Active, "running"))},
		}},
		{Name: "KeyTable", For: "Keys and what they do, in the dialog of a page and in the help.", Examples: []Example{
			{"of a log", ui.KeyTable(ui.KeysOf("log")[0], false)},
			{"none", ui.KeyTable(ui.KeyGroup{Title: "On this page"}, false)},
		}},
	}
}
