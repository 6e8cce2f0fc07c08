package server

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"drover/models"
	"drover/rules/id"
	"drover/rules/permission"
	"drover/rules/status"
	"drover/views/chart"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// treeRows is every branch of every tree, those that need attention first. It
// takes four queries, however many trees there are.
func (v *visit) treeRows(withPaused bool) ([]page.TreeRow, error) {
	list, err := v.q.Trees()
	if err != nil {
		return nil, err
	}
	tails, err := v.q.BranchTails(0, 20)
	if err != nil {
		return nil, err
	}
	sources, err := v.q.SourcesWithRemote(0)
	if err != nil {
		return nil, err
	}
	rates, err := v.treeRates(list)
	if err != nil {
		return nil, err
	}
	branches := map[id.ID][][]models.CheckoutLine{}
	for _, line := range tails {
		groups := branches[line.TreeID]
		if len(groups) == 0 || groups[len(groups)-1][0].Branch != line.Branch {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], line)
		branches[line.TreeID] = groups
	}
	var rows []page.TreeRow
	for _, t := range list {
		if t.State == status.TreePaused && !withPaused {
			continue
		}
		row := page.TreeRow{Tree: t.Name, State: t.State, Kind: "git", PassRate: rates[t.ID]}
		for _, s := range sources {
			if s.TreeID == t.ID {
				row.Kind, row.Problem, row.Branch = s.Kind, problemOf(s), plainBranch(s.Branches)
			}
		}
		for _, tail := range branches[t.ID] {
			rows = append(rows, v.branchRow(row, tail))
		}
		if len(branches[t.ID]) == 0 {
			row.PassRate = nil
			rows = append(rows, row)
		}
	}
	sortByAttention(rows)
	return rows, nil
}

// branchRow is a branch with its newest checkouts, newest first.
func (v *visit) branchRow(row page.TreeRow, tail []models.CheckoutLine) page.TreeRow {
	newest := tail[0]
	revision, counts := revisionOf(newest), v.tallyOf(newest.Checkout)
	row.Branch, row.Checkout, row.Started = newest.Branch, &revision, newest.PushedAt
	row.Verdict, row.VerdictText = newest.Verdict, newest.VerdictText
	row.New, row.Known, row.Infra = counts.New, counts.Known, infraOf(counts)
	row.Unexplained = counts.New + counts.StillFailing + counts.FirstRun
	row.Last = verdictCells(tail, 20)
	var reports []time.Duration
	for _, line := range tail {
		if line.State != models.CheckoutFinished {
			row.Running++
		} else if line.FinishedAt != nil {
			reports = append(reports, line.FinishedAt.Sub(line.PushedAt))
		}
	}
	row.Report = percentile(reports, 0.5)
	return row
}

// treeRates is the pass rate of each tree by day.
func (v *visit) treeRates(list []models.Tree) (map[id.ID][]chart.Rate, error) {
	var ids []id.ID
	for _, t := range list {
		ids = append(ids, t.ID)
	}
	rates := map[id.ID][]chart.Rate{}
	if len(ids) == 0 {
		return rates, nil
	}
	rollup, err := v.q.RollupOfTrees(ids, firstRateDay(v.now))
	if err != nil {
		return nil, err
	}
	days := map[id.ID]map[int64]models.Tally{}
	for _, r := range rollup {
		if days[r.TreeID] == nil {
			days[r.TreeID] = map[int64]models.Tally{}
		}
		addTally(days[r.TreeID], r.Day, r.Tally)
	}
	for tree, of := range days {
		rates[tree] = ratesOf(of, v.now)
	}
	return rates, nil
}

// problemOf is why a source gives nothing, for people.
func problemOf(s models.SourceLine) string {
	if s.Error != "" {
		return s.Error
	}
	return s.Note
}

// plainBranch is the first branch that is a name and no pattern.
func plainBranch(branches string) string {
	for _, branch := range models.Lines(branches) {
		if !strings.ContainsAny(branch, `*?[\`) {
			return branch
		}
	}
	return ""
}

// sortByAttention puts unexplained new failures first, then the most recent.
func sortByAttention(rows []page.TreeRow) {
	slices.SortStableFunc(rows, func(a, b page.TreeRow) int {
		return cmp.Or(cmp.Compare(min(b.New, 1), min(a.New, 1)), b.Started.Compare(a.Started),
			cmp.Compare(a.Tree, b.Tree), cmp.Compare(a.Branch, b.Branch))
	})
}

var verdictOptions = []ui.Option{
	{Value: "broken", Text: "Broken"}, {Value: "new", Text: "New failures"}, {Value: "unclear", Text: "Unclear"},
	{Value: "running", Text: "Running"}, {Value: "ok", Text: "OK"}, {Value: "nothing", Text: "Nothing tested"}, {Value: "planned", Text: "Planned"},
}

var treeStateOptions = []ui.Option{
	{Value: string(status.TreeLive), Text: "Live"}, {Value: string(status.TreeRehearsal), Text: "Rehearsal"}, {Value: string(status.TreePaused), Text: "Paused"},
}

func trees(v *visit) error {
	l, err := v.listing(route.Trees(), nil,
		filter{name: "q", label: "Name"},
		filter{name: "verdict", label: "Verdict", options: verdictOptions, many: true},
		filter{name: "state", label: "State", options: treeStateOptions, many: true})
	if err != nil {
		return err
	}
	all, err := v.treeRows(true)
	if err != nil {
		return err
	}
	wanted := slices.DeleteFunc(all, func(r page.TreeRow) bool {
		word := cmp.Or(string(r.Verdict), "planned")
		return !fits(l.choice("verdict"), word) || !fits(l.choice("state"), string(r.State)) ||
			!strings.Contains(strings.ToLower(r.Tree+" "+r.Branch), strings.ToLower(l.get("q")))
	})
	rows := l.cut(wanted)
	p := page.Trees{Frame: v.frame("Trees", l.self(), ui.Crumb{Text: "Trees"}), Data: rows, ListParts: l.parts(), AddWhy: v.why(permission.Draft, permission.Object{})}
	p.Active = "trees"
	p.Live = v.live(route.TopicHome)
	p.Refresh = slices.ContainsFunc(rows, func(r page.TreeRow) bool { return r.Running > 0 })
	return v.list(p, rows, rows, l)
}

// fits tells whether a value is chosen.
func fits(c models.Choice, value string) bool {
	return (len(c.Any) == 0 || slices.Contains(c.Any, value)) && !slices.Contains(c.None, value)
}

// cut takes the slice that was asked for out of rows that are all here. A row
// is found again by its name; one that is gone starts the list anew.
func (l *listing) cut(rows []page.TreeRow) []page.TreeRow {
	key := func(r page.TreeRow) models.Key { return models.Key{Text: r.Tree + "\x00" + r.Branch} }
	find := func(k models.Key) int {
		return slices.IndexFunc(rows, func(r page.TreeRow) bool { return key(r).Text == k.Text })
	}
	start := 0
	if l.slice.After != nil {
		start = find(*l.slice.After) + 1
	}
	if l.slice.Before != nil {
		start = max(0, find(*l.slice.Before)-l.limit)
	}
	part := rows[start:min(len(rows), start+l.limit)]
	first, last := outermost(part, key)
	l.show(len(part), len(rows), models.Ends{Earlier: start > 0, Later: start+len(part) < len(rows)}, first, last)
	return part
}
