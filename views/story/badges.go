package story

import (
	"drover/rules/status"
	"drover/views/ui"
)

func (s Samples) badges() []Component {
	return []Component{
		{Name: "Badge", For: "What happened to a result or build; with a URL it leads there.", Examples: []Example{
			{"pass", ui.Badge(ui.Mark{Status: status.Pass}, "")},
			{"fail, nothing known of before", ui.Badge(ui.Mark{Status: status.Fail}, "")},
			{"infra error", ui.Badge(ui.Mark{Status: status.Error}, "")},
			{"missing", ui.Badge(ui.Mark{Status: status.Miss}, "")},
			{"skipped", ui.Badge(ui.Mark{Status: status.Skip}, "")},
			{"done, without a verdict", ui.Badge(ui.Mark{Status: status.Done}, "")},
			{"planned", ui.Badge(ui.Mark{Status: status.Planned}, "")},
			{"queued", ui.Badge(ui.Mark{Status: status.Queued}, "")},
			{"running", ui.Badge(ui.Mark{Status: status.Running}, "")},
			{"cancelled", ui.Badge(ui.Mark{Status: status.Cancelled}, "")},
			{"new", ui.Badge(ui.Mark{Status: status.Fail, Shown: status.New}, "")},
			{"known failure", ui.Badge(ui.Mark{Status: status.Fail, Shown: status.KnownIssue}, "")},
			{"known infra error", ui.Badge(ui.Mark{Status: status.Error, Shown: status.KnownIssue}, "")},
			{"flaky", ui.Badge(ui.Mark{Status: status.Pass, Shown: status.Flaky}, "")},
			{"fixed", ui.Badge(ui.Mark{Status: status.Pass, Shown: status.Fixed}, "")},
			{"still failing", ui.Badge(ui.Mark{Status: status.Fail, Shown: status.StillFailing}, "")},
			{"first run", ui.Badge(ui.Mark{Status: status.Fail, Shown: status.FirstRun}, "")},
			{"a test in trial that failed", ui.Badge(ui.Mark{Status: status.Fail, Shown: status.Trial}, "")},
			{"a test in trial that passed", ui.Badge(ui.Mark{Status: status.Pass, Shown: status.Trial}, "")},
			{"a status of a later version", ui.Badge(ui.Mark{Status: "later"}, "")},
			{"no status: nothing", ui.Badge(ui.Mark{}, "")},
			{"a link", ui.Badge(ui.Mark{Status: status.Fail, Shown: status.New}, here("badges"))},
		}},
		{Name: "VerdictBadge", For: "The short form of a verdict, for lists of checkouts.", Examples: []Example{
			{"new failures", ui.VerdictBadge(status.NewFailures, "")},
			{"broken", ui.VerdictBadge(status.Broken, "")},
			{"unclear", ui.VerdictBadge(status.Unclear, "")},
			{"running", ui.VerdictBadge(status.StillRunning, "")},
			{"no new failures", ui.VerdictBadge(status.NoNewFailures, "")},
			{"nothing tested", ui.VerdictBadge(status.Nothing, "")},
			{"not yet judged", ui.VerdictBadge(status.NotYetJudged, "")},
			{"a link", ui.VerdictBadge(status.NoNewFailures, here("badges"))},
		}},
		{Name: "WordBadge", For: "The state of something that is no result: a tree, a test, a mail, a job.", Examples: []Example{
			{"good", ui.WordBadge(status.Good, "live")},
			{"bad", ui.WordBadge(status.Bad, "parked")},
			{"infra", ui.WordBadge(status.Infra, "suppressed")},
			{"active", ui.WordBadge(status.Active, "running")},
			{"off", ui.WordBadge(status.Off, "rehearsal")},
			{"a long name", ui.WordBadge(status.Off, LongName)},
			{"markup in the text", ui.WordBadge(status.Off, Hostile)},
		}},
		{Name: "Glyph", For: "The sign of a status, for the eye only: a word stands beside it.", Examples: []Example{
			{"pass", ui.Glyph(string(status.Pass))},
			{"fail", ui.Glyph(string(status.Fail))},
			{"error", ui.Glyph(string(status.Error))},
			{"miss", ui.Glyph(string(status.Miss))},
			{"skip", ui.Glyph(string(status.Skip))},
			{"done", ui.Glyph(string(status.Done))},
			{"planned, queued", ui.Glyph(string(status.Planned))},
			{"running", ui.Glyph(string(status.Running))},
			{"cancelled", ui.Glyph(string(status.Cancelled))},
			{"flaky", ui.Glyph("flaky")},
			{"an unknown one draws nothing", ui.Glyph("later")},
		}},
		{Name: "Icon", For: "One of the few Lucide icons, for the eye only.", Examples: []Example{
			{"triangle-alert", ui.Icon("triangle-alert")},
			{"circle-check", ui.Icon("circle-check")},
			{"info", ui.Icon("info")},
			{"copy", ui.Icon("copy")},
			{"git-branch", ui.Icon("git-branch")},
			{"folder-git", ui.Icon("folder-git")},
			{"flask", ui.Icon("flask")},
			{"play", ui.Icon("play")},
			{"an unknown one draws nothing", ui.Icon("later")},
		}},
	}
}
