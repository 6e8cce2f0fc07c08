package main

import (
	"fmt"
	"go/ast"
	"os"
	"slices"
	"strings"
	"testing"
)

// accepted says of each point that a person checks before they take Drover into
// use which tests hold it, and what of it cannot be checked yet, with the
// reason. A test is named by its package's folder and its function; without a
// folder it stands beside this file.
var accepted = []struct {
	point  int
	what   string
	tests  string
	absent string // what of it is not there yet, and why
}{
	{1, "axe-core finds nothing on any page, wide and narrow, light and dark, with what can be opened open",
		"TestNewcomer inspect samplePages everyPage axeOpened keys nothingMoves newRowsWait", "pages of issues, signatures, triage, statistics, fleet, hosts, gates and administration: these objects do not exist yet"},
	{2, "Lighthouse gives 95 or more", "deploy/lighthouse.sh", "issues and triage do not exist yet; it takes minutes of a machine that does nothing else, so it is make lighthouse and no test"},
	{3, "no error on the console, no breach of the policy, whose words are fixed", "quiet server.TestSecurityHeaders", ""},
	{4, "without scripts every page reads, filters, sorts, pages; logs can be searched; forms work",
		"withoutScripts filtersWithoutScripts logWithoutScripts server.TestPaging server.TestWizard server.TestWizardOfTests server.TestPauseAndCancel", ""},
	{5, "nothing scrolls sideways at 360 pixels and at 400 % zoom, and everything can be done there", "everyPage inspect", ""},
	{6, "by keys alone; the focus is seen and kept; keys are listed and can be turned off", "keys gridKeys logKeys nothingMoves newRowsWait ownColours views/page.TestKeysAndTheirScript",
		"T15, T16 and T19 need issues and hosts"},
	{7, "Back, Forward and loading again show the same rows, fields and place", "goesBack", ""},
	{8, "an address shows the same in another browser", "sameElsewhere", ""},
	{9, "lists as JSON, CSV and by Accept are the rows of the page", "rowsAsJSON server.TestFormatsAgree server.TestFilters", ""},
	{10, "a number leads to a list of that many", "numbersAreLists server.TestEveryNumberIsItsList server.TestSearchCountsAsTheLists", ""},
	{11, "an unknown filter is told; an empty list names its filters and lets them go", "clearsAll server.TestUnknownAndBadFilters", ""},
	{12, "titles are unique, and tell the checkouts of a tree apart", "everyPage tabsTellApart server.TestPages", ""},
	{13, "statuses can be told without colours and by the colour-blind", "inGrey views/ui.TestEveryFinalStatusHasAGlyph rules/grid.TestEveryStatusHasAMark", ""},
	{14, "statuses, focus and borders can be seen in forced colours", "ownColours", ""},
	{15, "a printed checkout has verdict, failures and links, and no navigation", "onPaper", ""},
	{16, "no text is cut without a way to it; long names break no page", "everyPage addLong", ""},
	{17, "times on hover and in JSON are UTC, the others follow the zone that is set", "settings server.TestZoneIsPartOfTheTag server.TestSettingsOfABrowser allAsJSON", ""},
	{18, "no font is loaded, and nothing from another host", "everyPage static.TestNothingFromElsewhere", ""},
	{19, "what is not production says so", "views/page.TestStripes server.TestNoticesOfTheFrame", ""},
	{20, "T1, T2: verdict and first error without scrolling", "tasksWithinBudget", ""},
	{21, "T3: one press to the line in the log", "tasksWithinBudget logAtLine", ""},
	{22, "T4: what reproduces a failure is whole, and copied as it is shown", "tasksWithinBudget views/ui.TestReproduceCopiesWhatIsShown rules/recipe.TestReproduceBuild rules/recipe.TestReproduceKUnit", ""},
	{23, "T5: what is around a result is on its page, with the right numbers", "tasksWithinBudget stripsAreRight views/chart.TestStripLabel", ""},
	{24, "T6: the search jumps to what has one name", "tasksWithinBudget server.TestSearchOpensWhatHasOneName", "merge requests, packages and issues do not exist yet"},
	{25, "T9: a comparison adds up, turns round, and calls nothing new that has one side", "tasksWithinBudget server.TestCompareSums rules/compare.TestSwappingTurnsTheChangeRound rules/compare.TestOneSidedIsNeverNew", ""},
	{26, "what fails on the base too is not new", "rules/verdict.TestShownResult rules/verdict.TestNearest", "patch series do not come in yet: a base is the nearest tested ancestor"},
	{27, "infrastructure alone is no news to developers", "rules/verdict.TestJudge rules/notice.TestDecide", ""},
	{28, "T10: a tree is added with at most 12 inputs; each mistake has its own words", "TestNewcomer addsTree TestOnboarding server.TestWizard server.TestWizardStates server.TestWizardYAML server.TestGoLive jobs.TestLookups jobs.TestBadRemotes", ""},
	{29, "T12: a preview of targeting", "tasksWithinBudget server.TestTargetingEditor server.TestPreviewOfSections", ""},
	{30, "T13, T14: a test is added and promoted", "TestNewcomer addsTest TestOnboarding server.TestWizardOfTests server.TestWizardOfTestsYAML server.TestAddTest server.TestStateOfTests rules/promotion.TestConditions rules/promotion.TestNext", ""},
	{31, "T15 to T17: triage", "", "issues do not exist yet"},
	{32, "signatures and their preview", "", "signatures do not exist yet"},
	{33, "T18, T20: what is stuck, and replaying it", "server.TestQueueOfParkedSteps server.TestQueueRefuses server.TestReplay", "a page of the fleet does not exist yet: steps and their workers are on the pages of queues"},
	{34, "T21: decisions on the page of a job", "server.TestJobPage rules/herding.TestDecide", ""},
	{35, "a mail is stopped in one press, without signing in, and comes again", "tasksWithinBudget server.TestUnsubscribe", ""},
	{36, "a log of 120,000 lines is there at once and scrolls", "logAtLine logScrolls logIsWhole", ""},
	{37, "a line, the hits and a word near the end are reached", "logWithoutScripts logKeys server.TestLogSearch", ""},
	{38, "a log that means harm is shown, and does none", "logHostile server.TestOddLines", ""},
	{39, "a running log is followed, and stops when somebody reads", "logRuns server.TestRunningLog", ""},
	{40, "ten tabs of running checkouts", "tenTabs", ""},
	{41, "the server goes and comes back", "serverIsAway server.TestEventsAfterRestart", ""},
	{42, "nothing moves while it is read; Pause stops all", "nothingMoves newRowsWait pauseStopsAll", ""},
	{43, "a verdict is said once", "verdictIsSaid", ""},
	{44, "mails are plain, narrow, threaded", "views/mail.TestGolden views/mail.TestColumns views/mail.TestAscii views/mail.TestFixedHeaders views/mail.TestThreading", ""},
	{45, "a checkout as text is its mail", "server.TestTextIsTheMail views/mail.TestBodyIsTheTextOfTheMessage", ""},
	{46, "the outbox says why a mail was not sent", "outboxSaysWhy rules/notice.TestSuppress rules/notice.TestWhoIsDroppedAndWhy", ""},
	{47, "html-validate finds nothing; one h1, headings in order, nothing inline", "server.TestValidHTML views/page.TestValidHTML views/page.TestPages", ""},
	{48, "pictures are kept as they are, and have a label and a table", "views/ui.TestPictures views/ui.TestGanttGolden views/page.TestGridPicture views/chart.TestStripLabel views/chart.TestGanttLabel", ""},
}

// TestAcceptance: each point of the list is there, and is held by tests that
// exist, or says why it is not.
func TestAcceptance(t *testing.T) {
	_, err := os.Stat("deploy/lighthouse.sh")
	functions := map[string]bool{"deploy/lighthouse.sh": err == nil}
	for _, file := range readProject(t) {
		if !strings.HasSuffix(file.path, "_test.go") {
			continue
		}
		for _, declared := range file.syntax.Decls {
			if f, is := declared.(*ast.FuncDecl); is {
				functions[strings.TrimPrefix(file.folder+".", ".")+f.Name.Name] = true
			}
		}
	}
	for i, a := range accepted {
		if a.point != i+1 {
			t.Errorf("point %d stands where %d should", a.point, i+1)
		}
		if a.tests == "" && a.absent == "" {
			t.Errorf("point %d (%s) is held by nothing, and no reason is given", a.point, a.what)
		}
		for name := range strings.FieldsSeq(a.tests) {
			if !functions[name] {
				t.Errorf("point %d (%s) names %s, which does not exist", a.point, a.what, name)
			}
		}
	}
	if len(accepted) != 48 {
		t.Errorf("there are %d points, want 48", len(accepted))
	}
	checkTasks(t)
}

// checkTasks wants every task that a person may have to be scripted, or the
// reason why it is not.
func checkTasks(t *testing.T) {
	t.Helper()
	for n := 1; n <= 23; n++ {
		prefix := fmt.Sprintf("T%d:", n)
		scripted := slices.ContainsFunc(tasks, func(k task) bool { return strings.HasPrefix(k.name, prefix) }) || n == 23 // T23 is allAsJSON
		if scripted == (unscripted[n] != "") {
			t.Errorf("%s scripted: %v, reason why not: %q", prefix, scripted, unscripted[n])
		}
	}
}

// unscripted are the tasks without a script, and why.
var unscripted = map[int]string{
	10: "counted in inputs, not in presses: TestNewcomer adds a tree, server.TestWizard by the form",
	11: "a test has an owner, but there is no front door of one's own before sign-in",
	13: "counted in inputs, not in presses: TestNewcomer adds a test, server.TestWizardOfTests by the form", 14: "a seeded month has no trial that may be promoted: server.TestStateOfTests",
	15: "issues do not exist yet", 16: "issues do not exist yet", 17: "issues do not exist yet",
	18: "a page of the fleet does not exist yet", 19: "hosts have no page yet", 20: "server.TestQueueOfParkedSteps: a seeded month has no parked steps",
	21: "server.TestJobPage: what the herder decided is on the page, without a press",
}
