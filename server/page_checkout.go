package server

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"drover/jobs"
	"drover/models"
	"drover/models/report"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/permission"
	"drover/rules/status"
	letter "drover/views/mail"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	checkoutCards = 20 // new failures on a checkout's page
	partRows      = 50 // rows of each of its sections
	commitRows    = 50
)

// checkoutPage gathers what the pages of one checkout share.
type checkoutPage struct {
	*visit
	row    models.Checkout
	tree   models.Tree
	counts models.CheckoutCounts
	frame  page.CheckoutFrame
}

func (v *visit) namedCheckout() (models.Checkout, error) {
	number, err := v.id("checkout")
	if err != nil {
		return models.Checkout{}, err
	}
	c, err := v.q.Checkout(number)
	return c, orMissing(err, "No such checkout", fmt.Sprintf("No checkout is called %q.", v.names["id"]))
}

// checkoutPage reads the head of a checkout's pages in five queries.
func (v *visit) checkoutPage(self func(id.ID) route.URL, tab string) (*checkoutPage, error) {
	row, err := v.namedCheckout()
	if err != nil {
		return nil, err
	}
	c := &checkoutPage{visit: v, row: row}
	if c.tree, err = v.q.Tree(row.TreeID); err != nil {
		return nil, err
	}
	event, err := v.q.Event(row.EventID)
	if err != nil {
		return nil, err
	}
	if c.counts, err = v.q.CountsOfCheckout(row); err != nil {
		return nil, err
	}
	steps, err := v.q.ParkedOfCheckout(row.ID)
	if err != nil {
		return nil, err
	}
	head := page.CheckoutHead{
		Revision: revisionOf(models.CheckoutLine{Checkout: row, Tree: c.tree.Name}), Source: sourceWord(row.Source), Lane: row.Lane,
		Author: v.person(row.Author, row.Email), Pushed: row.PushedAt, Why: event.Reason, Newer: c.counts.Newer,
		TestsCount: c.counts.Tests, BuildsCount: c.counts.Builds, ReportsCount: c.counts.Reports,
	}
	if row.PreviousID != nil {
		head.Older = *row.PreviousID
	}
	title := verdictTitle(row.Verdict, v.tallyOf(row).New) + c.tree.Name + " " + notice.Short(row.SHA)
	if tab != "" {
		title = tab + " · " + title
	}
	f := v.frame(title, self(row.ID), ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: c.tree.Name, URL: route.Tree(c.tree.Name)},
		ui.Crumb{Text: row.Branch, URL: route.TreeBranch(c.tree.Name, row.Branch)}, ui.Crumb{Text: head.Name()})
	f.Active, f.Family, f.Refresh = "trees", row.Verdict.Family(), row.State != models.CheckoutFinished
	f.Live = v.live(route.TopicOf(models.ChangeCheckout, row.ID))
	notices, actions := v.stuck(steps, route.Checkout(row.ID), v.treeObject(c.tree))
	f.Notices = append(f.Notices, notices...)
	c.frame = page.CheckoutFrame{Frame: f, Head: head, Actions: append(v.checkoutActions(row, v.treeObject(c.tree)), actions...)}
	return c, nil
}

func (v *visit) checkoutActions(c models.Checkout, on permission.Object) []ui.Action {
	if c.State == models.CheckoutFinished {
		return nil
	}
	return []ui.Action{{Text: "Cancel", URL: route.Action(route.Checkout(c.ID), "cancel"), Post: true, Danger: true, Why: v.why(permission.Cancel, on),
		Confirm: "Stop everything that still runs for this checkout?"}}
}

// person is somebody whose address only those who are signed in may see.
func (v *visit) person(name, email string) ui.Person {
	p := ui.Person{Name: name}
	if v.signedIn {
		p.Email = email
	}
	return p
}

func checkout(v *visit) error {
	if v.format == "txt" {
		return v.checkoutText()
	}
	c, err := v.checkoutPage(route.Checkout, "")
	if err != nil {
		return err
	}
	data, err := c.summary()
	if err != nil {
		return err
	}
	p := page.Checkout{CheckoutFrame: c.frame, Data: data, MissingPlan: c.row.PlanNote}
	return v.object(p, data, route.Checkout(c.row.ID))
}

// checkoutText is the report as text: what the mail says, without what only
// one reader is told.
func (v *visit) checkoutText() error {
	c, err := v.namedCheckout()
	if err != nil {
		return err
	}
	text, err := v.reportText(c.ID)
	if err != nil {
		return err
	}
	return v.text(text)
}

func (v *visit) reportText(checkout id.ID) (string, error) {
	facts, err := report.Facts(v.q, v.Blobs, jobs.Links{Base: v.links}, checkout)
	if err != nil {
		return "", fmt.Errorf("gather the report: %w", err)
	}
	facts.Credit = v.Settings.MailFrom
	return letter.Body(notice.Compose(facts)), nil
}

// summary reads everything that the first tab of a checkout shows.
func (c *checkoutPage) summary() (page.CheckoutData, error) {
	data := page.CheckoutData{CheckoutHead: c.frame.Head}
	compared, err := c.comparedOf([]models.CheckoutLine{{Checkout: c.row}})
	if err != nil {
		return data, err
	}
	data.Verdict = c.verdictOf(c.row, compared)
	rows, err := c.q.Remarkable(c.row.ID, partRows)
	if err != nil {
		return data, fmt.Errorf("read results: %w", err)
	}
	c.parts(&data, rows)
	news := slices.DeleteFunc(slices.Clone(rows), func(r models.ResultLine) bool { return r.Part != string(status.New) })
	if data.NewFailures, err = c.cards(c.row.ID, news, checkoutCards); err != nil {
		return data, err
	}
	if data.Builds, err = c.builds(); err != nil {
		return data, err
	}
	if data.Reports, err = c.reports(); err != nil {
		return data, err
	}
	return data, errors.Join(c.commits(&data, compared), c.plan(&data))
}

// parts sorts results into the sections of the page.
func (c *checkoutPage) parts(data *page.CheckoutData, rows []models.ResultLine) {
	sections := map[string]*page.Part{
		string(status.KnownIssue): &data.Known, string(status.Fixed): &data.Fixed, string(status.Flaky): &data.Flaky,
		string(status.StillFailing): &data.StillFailing, string(status.FirstRun): &data.FirstRun, string(status.Trial): &data.Trial,
		"infra": &data.InfraAndMissing,
	}
	for _, r := range rows {
		if r.Part == string(status.New) {
			data.NewFailuresTotal = r.PartTotal
		}
		if section := sections[r.Part]; section != nil {
			section.Total = r.PartTotal
			section.Rows = append(section.Rows, resultRow(r))
		}
	}
}

// resultRow is a result in a table.
func resultRow(r models.ResultLine) page.Result {
	row := page.Result{
		ID: r.ID, Mark: markOf(r.Status, r.Shown), Test: r.Test, Arch: r.Arch, Config: r.Config, Compiler: r.Compiler, Host: r.Host,
		Duration: ui.Seconds(float64(r.DurationMS) / 1000), FirstError: r.FirstError, Line: int(r.FirstErrorLine),
		Attempts: int(r.Attempt), Reason: r.Reason, Since: since(r.Result),
	}
	if r.JobID != nil && r.FirstErrorLine > 0 {
		row.Log = jobs.TestLog
	}
	return row
}

// since says how long a result is like this.
func since(r models.Result) string {
	switch {
	case r.Shown == status.FirstRun:
		return "first run"
	case r.Status == status.Fail && r.FailingFor > 1:
		return fmt.Sprintf("for %d checkouts", r.FailingFor)
	case r.Shown == status.Fixed && r.FailingFor > 1:
		return fmt.Sprintf("failed for %d checkouts", r.FailingFor)
	}
	return ""
}

// builds reads the builds of the checkout, with how their tests went.
func (c *checkoutPage) builds() ([]page.Build, error) {
	rows, err := c.q.Builds(c.row.ID)
	if err != nil {
		return nil, err
	}
	tallies, err := c.q.BuildTallies(c.row.ID)
	if err != nil {
		return nil, err
	}
	list := make([]page.Build, len(rows))
	for i, b := range rows {
		list[i] = buildRow(b, tallies[b.ID])
	}
	return list, nil
}

func buildRow(b models.Build, t models.BuildTally) page.Build {
	row := page.Build{
		ID: b.ID, Mark: markOf(b.Status, b.Shown), Arch: b.Arch, Config: b.Config, Compiler: b.Compiler,
		Duration: took(b.StartedAt, b.FinishedAt), Warnings: int(b.Warnings), FirstError: b.FirstError, Line: int(b.FirstErrorLine),
		Attempts: int(b.Attempt), Passed: t.Passed, Failed: t.Failed, Planned: t.Planned,
		AsBefore: b.Status == status.Fail && b.BaseStatus == status.Fail,
	}
	if b.FirstErrorLine > 0 {
		row.Log = jobs.BuildLog
	}
	return row
}

// commits lists the commits since what the checkout was compared with, else
// since the branch's checkout before.
func (c *checkoutPage) commits(data *page.CheckoutData, compared map[id.ID]models.CheckoutLine) error {
	var before models.CheckoutLine
	switch {
	case c.row.NotAncestor:
		return nil // no range leads from one to the other
	case c.row.ComparedID != nil:
		before = compared[*c.row.ComparedID]
	case c.row.PreviousID != nil:
		lines, err := c.q.CheckoutLines([]id.ID{*c.row.PreviousID})
		if err != nil {
			return err
		}
		before = lines[*c.row.PreviousID]
	}
	if before.ID == 0 || before.CommitID == c.row.CommitID {
		return nil
	}
	commits, total, err := c.q.CommitRange(c.row, before.CommitID, commitRows)
	if err != nil {
		return fmt.Errorf("list commits: %w", err)
	}
	data.CommitsTotal = total
	for _, one := range commits {
		row := page.CommitRow{Commit: one.SHA, Subject: one.Subject, Author: one.Author, When: at(one.CommittedAt)}
		if one.ID == c.row.CommitID {
			row.Checkout = c.row.ID
		}
		data.Commits = append(data.Commits, row)
	}
	return nil
}

func (c *checkoutPage) plan(data *page.CheckoutData) error {
	counts, err := c.q.PlanCounts(c.row.ID)
	for _, count := range counts {
		if count.Chosen {
			data.Plan = append(data.Plan, page.PlanRule{Rule: count.Rule, Tests: count.Tests})
		} else {
			data.NotChosen += count.Tests
		}
	}
	return err
}

// reports lists what was said about the checkout.
func (c *checkoutPage) reports() ([]page.Report, error) {
	lines, err := c.q.DeliveryLines(c.row.ID)
	if err != nil {
		return nil, err
	}
	list := make([]page.Report, len(lines))
	for i, d := range lines {
		list[i] = page.Report{
			Mail: d.MailID, Kind: d.Kind, Subject: d.Subject, State: mailState(d.State, d.Tries), Why: cmp.Or(d.Reason, d.Why), When: d.CreatedAt,
		}
		if d.SentAt != nil {
			list[i].When = *d.SentAt
		}
		if d.Recipients != "" {
			list[i].To = []string{c.address(d.Recipients, d.Person)}
		}
		if d.Subject == "" {
			list[i].Subject = "No report"
		}
	}
	return list, nil
}
