package server

import (
	"slices"

	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

func checkouts(v *visit) error {
	l, err := v.listing(route.Checkouts(), nil, slices.Concat([]filter{
		{name: "q", label: "Subject or commit"},
		{name: "tree", label: "Tree", many: true},
		{name: "branch", label: "Branch", many: true},
		{name: "verdict", label: "Verdict", options: verdictOptions, many: true},
		{name: "source", label: "Source", options: sourceOptions, many: true},
		{name: "author", label: "Author"},
	}, timeFilters(true))...)
	if err != nil {
		return err
	}
	rows, err := v.checkoutList(l, models.CheckoutFilter{TreeName: l.choice("tree"), Branch: l.choice("branch")})
	if err != nil {
		return err
	}
	p := page.Checkouts{Frame: v.frame("Checkouts", l.self(), ui.Crumb{Text: "Checkouts"}), Data: rows, ListParts: l.parts()}
	p.Active = "trees"
	p.Live = v.live(route.TopicHome)
	p.Refresh = slices.ContainsFunc(rows, func(r page.CheckoutRow) bool { return r.Verdict == status.StillRunning })
	return v.list(p, rows, rows, l)
}

// checkoutList reads a slice of the list of checkouts: f is narrowed by the
// filters that all such lists have.
func (v *visit) checkoutList(l *listing, f models.CheckoutFilter) ([]page.CheckoutRow, error) {
	f.Text, f.Author, f.Verdict, f.Source = l.get("q"), l.get("author"), l.choice("verdict"), l.choice("source")
	f.From, f.To = l.window()
	lines, e, err := v.q.ListCheckouts(f, l.slice)
	if err != nil {
		return nil, err
	}
	total, err := v.q.CountCheckouts(f)
	if err != nil {
		return nil, err
	}
	first, last := outermost(lines, func(l models.CheckoutLine) models.Key { return models.Key{ID: l.ID} })
	l.show(len(lines), total, e, first, last)
	compared, err := v.comparedOf(lines)
	if err != nil {
		return nil, err
	}
	rows := make([]page.CheckoutRow, len(lines))
	for i, line := range lines {
		rows[i] = v.checkoutRow(line, compared)
	}
	return rows, nil
}

// comparedOf reads what some checkouts were compared with.
func (v *visit) comparedOf(lines []models.CheckoutLine) (map[id.ID]models.CheckoutLine, error) {
	return v.q.CheckoutLines(checkoutIDs(lines))
}

func (v *visit) checkoutRow(c models.CheckoutLine, compared map[id.ID]models.CheckoutLine) page.CheckoutRow {
	counts := v.tallyOf(c.Checkout)
	row := page.CheckoutRow{
		Revision: revisionOf(c), Verdict: c.Verdict, VerdictText: c.VerdictText, Source: sourceWord(c.Source), Lane: c.Lane,
		New: counts.New, Fixed: counts.Fixed, Known: counts.Known, Infra: infraOf(counts), Done: counts.Finished, Planned: counts.Planned,
		Started: c.PushedAt, Report: took(&c.PushedAt, c.FinishedAt),
	}
	if c.ComparedID != nil {
		if other, ok := compared[*c.ComparedID]; ok {
			revision := revisionOf(other)
			row.Compared = &revision
		}
	}
	return row
}

// sourceWord says how a checkout came about.
func sourceWord(source string) string {
	switch source {
	case "button":
		return "asked for"
	case "api":
		return "asked for by a program"
	}
	return source
}

// verdictOf is the judgement of a checkout as it was stored.
func (v *visit) verdictOf(c models.Checkout, compared map[id.ID]models.CheckoutLine) ui.Verdict {
	out := ui.Verdict{Kind: c.Verdict, Sentence: c.VerdictText, Counts: countsOf(v.tallyOf(c)), Started: c.PushedAt}
	if c.State == models.CheckoutFinished {
		out.Finished, out.Report = at(c.FinishedAt), took(&c.PushedAt, c.FinishedAt)
	}
	if c.ComparedID == nil {
		return out
	}
	if other, ok := compared[*c.ComparedID]; ok {
		out.Compared = &ui.Compared{Revision: revisionOf(other), Verdict: other.Verdict}
		if c.NotAncestor {
			out.Compared.Why = "not an ancestor: the branch was rebased"
		} else {
			out.Compared.CommitsBack = int(c.ComparedBack)
		}
	}
	return out
}
