package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/rules/status"
	"drover/rules/trigger"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

const (
	treeStrip    = 40 // checkouts in the strip of a tree
	treeCards    = 5  // new failures on its page
	untestedRows = 50
)

// namedTree reads the tree of the path.
func (v *visit) namedTree() (models.Tree, error) {
	t, err := v.q.TreeByName(v.names["tree"])
	return t, orMissing(err, "No such tree", fmt.Sprintf("No tree is called %q. The list of trees has all.", v.names["tree"]))
}

func tree(v *visit) error {
	t, err := v.namedTree()
	if err != nil {
		return err
	}
	return v.showTree(t, treeForms{}, http.StatusOK)
}

// treeForms are the forms on the page of a tree, as typed before.
type treeForms struct {
	test page.TestCommit
	live page.Rehearsal
}

// showTree shows a branch of a tree, with the forms as given.
func (v *visit) showTree(t models.Tree, forms treeForms, status int) error {
	l, err := v.listing(route.Tree(t.Name), nil, slices.Concat([]filter{
		{name: "branch", label: "Branch", hidden: true, quiet: true},
		{name: "q", label: "Subject or commit"},
		{name: "verdict", label: "Verdict", options: verdictOptions, many: true},
		{name: "source", label: "Source", options: sourceOptions, many: true},
		{name: "author", label: "Author"},
	}, timeFilters(true))...)
	if err != nil {
		return err
	}
	b := treePage{visit: v, tree: t, listing: l}
	if err := b.read(); err != nil {
		return err
	}
	p, err := b.page(forms)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return v.html(status, p)
	}
	return v.list(p, p.Data, p.Data.Checkouts, l)
}

var sourceOptions = []ui.Option{{Value: "git", Text: "Push"}, {Value: "button", Text: "Asked for"}, {Value: "api", Text: "Asked for by a program"}}

// treePage gathers what the page of a tree shows.
type treePage struct {
	*visit
	tree    models.Tree
	listing *listing
	source  models.SourceLine
	tails   []models.CheckoutLine // of all branches
	tail    []models.CheckoutLine // of the branch that is shown, newest first
	branch  string
	data    page.TreeData
}

func (b *treePage) read() error {
	sources, err := b.q.SourcesWithRemote(b.tree.ID)
	if err != nil {
		return err
	}
	if len(sources) > 0 {
		b.source = sources[0]
	}
	if b.tails, err = b.q.BranchTails(b.tree.ID, treeStrip); err != nil {
		return err
	}
	b.data = page.TreeData{Name: b.tree.Name, URL: b.source.URL, State: b.tree.State, Branches: branchesOf(b.tails)}
	b.branch = b.listing.get("branch")
	if b.branch == "" && len(b.data.Branches) > 0 {
		b.branch = b.data.Branches[0].Name
	}
	if b.branch == "" {
		b.branch = cmp.Or(plainBranch(b.source.Branches), b.source.Head)
	}
	for _, line := range b.tails {
		if line.Branch == b.branch {
			b.tail = append(b.tail, line)
		}
	}
	if len(b.tail) == 0 && b.listing.has("branch") && !trigger.Watches(models.Lines(b.source.Branches), b.branch) {
		return notFound("No such branch", fmt.Sprintf("%s has no branch %q.", b.tree.Name, b.branch))
	}
	b.data.Branch, b.data.Last = b.branch, verdictCells(b.tail, treeStrip)
	return errors.Join(b.readCheckouts(), b.readUntested(), b.readLook(), b.readRates(), b.readNewest())
}

// branchesOf lists branches, the most recent first.
func branchesOf(tails []models.CheckoutLine) []page.Branch {
	var list []page.Branch
	for _, line := range tails {
		if len(list) == 0 || list[len(list)-1].Name != line.Branch {
			list = append(list, page.Branch{Name: line.Branch, Verdict: line.Verdict, Updated: line.PushedAt})
		}
	}
	slices.SortStableFunc(list, func(x, y page.Branch) int { return y.Updated.Compare(x.Updated) })
	return list
}

func (b *treePage) readCheckouts() error {
	f := models.CheckoutFilter{Tree: b.tree.ID, Branch: models.Choice{Any: []string{b.branch}}}
	rows, err := b.checkoutList(b.listing, f)
	b.data.Checkouts = rows
	return err
}

func (b *treePage) readUntested() error {
	rows, err := b.q.Untested(b.tree.ID, b.branch, untestedRows)
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, u := range rows {
		b.data.Untested = append(b.data.Untested, page.CommitRow{Commit: u.SHA, Subject: u.Subject, When: u.NotedAt})
	}
	total, err := b.q.CountUntested(b.tree.ID, b.branch)
	b.data.UntestedTotal, b.data.UntestedWhy = int(total), rows[0].Reason
	return err
}

func (b *treePage) readLook() error {
	s := b.source
	look := page.Look{Last: at(s.PolledAt), Problem: s.Error, Tries: int(s.Failures), Since: at(s.FailingSince)}
	if b.tree.State != status.TreePaused {
		look.Next, look.Every = at(s.NextAt), ui.SecondsOf(b.Settings.Poll)
	}
	ref, err := b.q.RefOf(s.RemoteID, "refs/heads/"+b.branch)
	if err == nil {
		look.Head = ref.OID
	} else if errors.Is(err, models.ErrNotFound) {
		err = nil
	}
	b.data.Look = look
	return err
}

func (b *treePage) readRates() error {
	rates, err := b.treeRates([]models.Tree{b.tree})
	b.data.PassRate = rates[b.tree.ID]
	return err
}

// readNewest reads the newest finished checkout: its verdict and new failures.
func (b *treePage) readNewest() error {
	if len(b.tail) == 0 {
		return nil
	}
	if b.tail[0].State != models.CheckoutFinished {
		running := revisionOf(b.tail[0])
		b.data.Running = &running
	}
	i := slices.IndexFunc(b.tail, func(c models.CheckoutLine) bool { return c.State == models.CheckoutFinished })
	if i < 0 {
		return nil
	}
	newest := revisionOf(b.tail[i])
	b.data.Newest = &newest
	compared, err := b.comparedOf(b.tail[i : i+1])
	if err != nil {
		return err
	}
	b.data.Verdict = b.verdictOf(b.tail[i].Checkout, compared)
	rows, err := b.q.Remarkable(newest.ID, 0)
	if err != nil {
		return fmt.Errorf("read new failures: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(r models.ResultLine) bool { return r.Shown != status.New })
	if len(rows) > 0 {
		b.data.NewFailuresTotal = rows[0].PartTotal
	}
	b.data.NewFailures, err = b.cards(newest.ID, rows, treeCards)
	return err
}

func (b *treePage) page(forms treeForms) (page.Tree, error) {
	form := forms.test
	t := b.tree
	f := b.frame(b.title(), b.listing.self(), ui.Crumb{Text: "Trees", URL: route.Trees()}, ui.Crumb{Text: t.Name})
	f.Active, f.Refresh = "trees", b.data.Running != nil
	f.Live = b.live(route.TopicTree(t.Name))
	f.Family = b.data.Verdict.Kind.Family()
	if b.data.Newest == nil {
		f.Family = status.Off
	}
	if b.source.Note != "" {
		f.Notices = append(f.Notices, ui.Notice{Kind: ui.Warn, Text: b.source.Note})
	}
	steps, err := b.q.ParkedOfTree(t.ID)
	if err != nil {
		return page.Tree{}, fmt.Errorf("read stuck steps: %w", err)
	}
	notices, actions := b.stuck(steps, route.Tree(t.Name), b.treeObject(t))
	f.Notices = append(f.Notices, notices...)
	form.Why = b.why(permission.TestNow, b.treeObject(t))
	if form.Why == "" && t.State == status.TreePaused {
		form.Why = "The tree is paused."
	}
	return page.Tree{
		Frame: f, Data: b.data, ListParts: b.listing.parts(), Actions: append(b.treeActions(t), actions...), Test: &form, Rehearsal: b.rehearsal(forms.live),
	}, nil
}

// title names the tab: "2 new · net-next main".
func (b *treePage) title() string {
	name := b.tree.Name
	if b.branch != "" {
		name += " " + b.branch
	}
	return verdictTitle(b.data.Verdict.Kind, b.data.Verdict.Counts.New) + name
}

// verdictTitle is the beginning of a title.
func verdictTitle(v status.Verdict, news int) string {
	switch v {
	case status.NotYetJudged:
		return ""
	case status.NewFailures:
		return fmt.Sprintf("%d new · ", news)
	}
	return v.Word() + " · "
}

func (v *visit) treeActions(t models.Tree) []ui.Action {
	self, on, was := route.Tree(t.Name), v.treeObject(t), []string{"was", string(t.State)}
	if t.State == status.TreePaused {
		return []ui.Action{{Text: "Resume", URL: route.Action(self, "resume"), Post: true, Why: v.why(permission.Edit, on), Fields: was}}
	}
	look := ui.Action{Text: "Look now", URL: route.Action(self, "look"), Post: true, Why: v.why(permission.Retry, on)}
	if t.State == status.TreeRehearsal {
		return []ui.Action{look}
	}
	return []ui.Action{
		look,
		{Text: "Pause", URL: route.Action(self, "pause"), Post: true, Why: v.why(permission.Edit, on), Fields: was, Confirm: "Stop looking at " + t.Name + "? What runs goes on."},
	}
}

// treeCommit leads from a revision to the newest checkout of it.
func treeCommit(v *visit) error {
	t, err := v.namedTree()
	if err != nil {
		return err
	}
	revision := v.names["revision"]
	found, err := v.q.CheckoutsNamed(t.ID, revision, 1)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return v.redirect(http.StatusFound, route.Checkout(found[0].ID))
	}
	text := fmt.Sprintf("%s has no checkout of %q.", t.Name, revision)
	if len(revision) >= 7 {
		switch u, err := v.q.UntestedBySHA(t.ID, revision); {
		case err == nil:
			text += " The commit is known and was left out: " + u.Reason + "."
		case !errors.Is(err, models.ErrNotFound):
			return err
		}
	}
	f := notFound("No such checkout", text)
	f.next = link("The tree "+t.Name, route.Tree(t.Name))
	return f
}

// checkoutIDs collects ids that are set.
func checkoutIDs(lines []models.CheckoutLine) []id.ID {
	var ids []id.ID
	for _, line := range lines {
		if line.ComparedID != nil {
			ids = append(ids, *line.ComparedID)
		}
	}
	return ids
}
