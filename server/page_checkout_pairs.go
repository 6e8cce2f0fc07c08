package server

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"drover/jobs"
	"drover/models"
	"drover/rules/compare"
	"drover/rules/id"
	"drover/rules/status"
	"drover/views/page"
	"drover/views/route"
	"drover/views/ui"
)

// comparedSides are the things of both checkouts, as rows and as what the rule
// takes, at the same places.
type comparedSides struct {
	rows  [2][]models.ComparedResult // A, B; builds have no test
	items [2][]compare.Item
}

// pairs reads both sides, pairs them and shows the part that is asked for.
func (p *comparePage) pairs() error {
	if err := p.readSides(); err != nil {
		return err
	}
	all := compare.Pairs(p.both.items[0], p.both.items[1])
	if p.l.get("include") != "trial" {
		all = slices.DeleteFunc(all, p.isTrial)
	}
	p.count(all)
	shown := slices.DeleteFunc(slices.Clone(all), func(pair compare.Pair) bool { return !p.wanted(pair) })
	p.explain(all)
	for _, pair := range p.cut(shown) {
		p.page.Data.Rows = append(p.page.Data.Rows, p.difference(pair))
	}
	return nil
}

// readSides reads what the filters of identity choose, before anything is
// paired: two sides of one thing stay or go together.
func (p *comparePage) readSides() error {
	builds, err := p.q.BuildsOf([]id.ID{p.a.ID, p.row.ID})
	if err != nil {
		return err
	}
	pattern, err := testPattern(p.l.get("test"))
	if err != nil {
		return err
	}
	for side, checkout := range []id.ID{p.a.ID, p.row.ID} {
		for _, b := range builds {
			if b.CheckoutID == checkout && p.wantsBuild(b) {
				p.add(side, models.ComparedResult{ID: b.ID, Arch: b.Arch, Config: b.Config, Compiler: b.Compiler, Status: b.Status, Shown: b.Shown,
					FirstError: b.FirstError, FirstErrorLine: b.FirstErrorLine})
			}
		}
		results, err := p.q.ComparedResults(models.ResultFilter{
			Checkout: checkout, Arch: p.l.choice("arch"), Config: p.l.choice("config"), Compiler: p.l.choice("compiler"), Trial: true,
		}, p.l.get("q"))
		if err != nil {
			return err
		}
		p.page.Cut = p.page.Cut || len(results) == models.CompareLimit
		for _, r := range results {
			if plain := p.l.get("test"); plain == "" || pattern == nil && r.Test == plain || pattern != nil && pattern.MatchString(r.Test) {
				p.add(side, r)
			}
		}
	}
	return nil
}

// wantsBuild tells whether the filters of identity choose a build; those of
// tests choose none.
func (p *comparePage) wantsBuild(b models.Build) bool {
	return !p.l.has("q", "test") && fits(p.l.choice("arch"), b.Arch) && fits(p.l.choice("config"), b.Config) && fits(p.l.choice("compiler"), b.Compiler)
}

func (p *comparePage) add(side int, r models.ComparedResult) {
	p.both.rows[side] = append(p.both.rows[side], r)
	p.both.items[side] = append(p.both.items[side], compare.Item{
		Key: compare.Key{Test: r.Test, Arch: r.Arch, Config: r.Config, Compiler: r.Compiler}, Status: r.Status,
	})
}

// on gives both sides of a pair, nil where a side does not have it.
func (p *comparePage) on(pair compare.Pair) (a, b *models.ComparedResult) {
	if pair.A >= 0 {
		a = &p.both.rows[0][pair.A]
	}
	if pair.B >= 0 {
		b = &p.both.rows[1][pair.B]
	}
	return a, b
}

// isTrial tells whether a pair counts on neither side.
func (p *comparePage) isTrial(pair compare.Pair) bool {
	a, b := p.on(pair)
	return (a == nil || a.Shown == status.Trial) && (b == nil || b.Shown == status.Trial)
}

// wanted tells whether the filters of outcome let a pair through.
func (p *comparePage) wanted(pair compare.Pair) bool {
	change := p.l.choice("change")
	if slices.Contains(change.Any, "all") {
		change = models.Choice{}
	}
	kind := p.l.get("kind")
	a, b := p.on(pair)
	return fits(change, string(pair.Change)) && (kind == "" || kind == kindOf(pair.Key)) &&
		endsAs(p.l.choice("a"), statusOf(a)) && endsAs(p.l.choice("b"), statusOf(b))
}

func statusOf(r *models.ComparedResult) status.Status {
	if r == nil {
		return ""
	}
	return r.Status
}

func kindOf(key compare.Key) string {
	if key.Test == "" {
		return "build"
	}
	return "test"
}

// count fills the matrix and the sizes of the sides.
func (p *comparePage) count(all []compare.Pair) {
	kinds := map[string][]compare.Pair{}
	for _, pair := range all {
		kind := kindOf(pair.Key)
		kinds[kind] = append(kinds[kind], pair)
	}
	size := func(pairs []compare.Pair) (a, b int) {
		for _, pair := range pairs {
			a += btoi(pair.A >= 0)
			b += btoi(pair.B >= 0)
		}
		return a, b
	}
	data := &p.page.Data
	data.A.Builds, data.B.Builds = size(kinds["build"])
	data.A.Tests, data.B.Tests = size(kinds["test"])
	builds, tests := compare.Count(kinds["build"]), compare.Count(kinds["test"])
	data.Counts = page.CompareCounts{Builds: changeCounts(builds), Tests: changeCounts(tests)}
	p.page.Matrix = []page.CompareRow{p.matrixRow("Builds", "build", builds), p.matrixRow("Tests", "test", tests)}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func changeCounts(c compare.Counts) page.ChangeCounts {
	total, _ := c.Total()
	return page.ChangeCounts{
		New: c[compare.New], Fixed: c[compare.Fixed], StillFailing: c[compare.StillFailing], Appeared: c[compare.Appeared], Gone: c[compare.Gone],
		StatusChanged: c[compare.StatusChanged], Unfinished: c[compare.Unfinished], Same: c[compare.Same], Total: total,
	}
}

// matrixRow is the counts of one kind; each leads to the list that it counts.
func (p *comparePage) matrixRow(name, kind string, counts compare.Counts) page.CompareRow {
	row := page.CompareRow{Kind: name}
	for _, change := range compare.Changes {
		word := change.Word()
		row.Cells = append(row.Cells, p.matrixCell(kind, string(change), page.CompareCell{Head: word.Text, Family: word.Family, Count: counts[change]}))
	}
	total, _ := counts.Total()
	row.Cells = append(row.Cells, p.matrixCell(kind, "all", page.CompareCell{Head: "All", Family: status.Off, Count: total}))
	return row
}

func (p *comparePage) matrixCell(kind, change string, cell page.CompareCell) page.CompareCell {
	cell.URL = p.with(map[string][]string{"kind": {kind}, "change": {change}, "a": nil, "b": nil})
	cell.Active = p.l.get("kind") == kind && slices.Equal(p.l.values["change"], []string{change}) && !p.l.has("a", "b")
	return cell
}

// with is this list with some filters set anew.
func (p *comparePage) with(values map[string][]string) route.URL {
	other := *p.l
	other.values = map[string][]string{}
	for name, list := range p.l.values {
		other.values[name] = list
	}
	for name, list := range values {
		other.values[name] = list
	}
	return route.With(other.base, other.pairs(nil)...)
}

// explain says what it means that no row is shown.
func (p *comparePage) explain(all []compare.Pair) {
	data := &p.page.Data
	counts := compare.Count(all)
	total, both := counts.Total()
	empty := &p.page.Nothing
	switch {
	case total == 0:
		empty.Text = "Neither of the two has a build or a test."
	case both == 0:
		empty.Text = "The two have nothing in common."
		empty.Why = fmt.Sprintf("A has %s, B has %s; none of them is the same test, arch, config and compiler on both sides.",
			sizeOf(data.A.Builds, data.A.Tests), sizeOf(data.B.Builds, data.B.Tests))
	case counts[compare.Same] == total:
		empty.Text = "No difference in " + ui.Count(total) + " builds and tests."
		return
	default:
		empty.Text = "Nothing new and nothing fixed in " + ui.Count(total) + " builds and tests."
	}
	if total > 0 {
		empty.Action = &ui.Link{Text: "See all other differences", URL: p.with(map[string][]string{"change": {"!" + string(compare.Same)}})}
	}
}

func sizeOf(builds, tests int) string {
	return fmt.Sprintf("%s builds and %s tests", ui.Count(builds), ui.Count(tests))
}

// cut gives the slice of the pairs that the listing asks for.
func (p *comparePage) cut(pairs []compare.Pair) []compare.Pair {
	by, descending := strings.CutPrefix(p.l.sort, "-")
	place := func(pair compare.Pair) string {
		k := pair.Key
		text := strings.Join([]string{k.Test, k.Arch, k.Config, k.Compiler}, "\x00")
		if by == "change" {
			text = string(rune('a'+pair.Change.Rank())) + text
		}
		return text
	}
	order := func(x, y string) int {
		if descending {
			x, y = y, x
		}
		return cmp.Compare(x, y)
	}
	slices.SortFunc(pairs, func(x, y compare.Pair) int { return order(place(x), place(y)) })
	var from, to int
	after := func(key *models.Key, equal bool) int {
		i, found := slices.BinarySearchFunc(pairs, key.Text, func(pair compare.Pair, text string) int { return order(place(pair), text) })
		if found && equal {
			i++
		}
		return i
	}
	switch {
	case p.l.slice.After != nil:
		from = after(p.l.slice.After, true)
		to = min(len(pairs), from+p.l.limit)
	case p.l.slice.Before != nil:
		to = after(p.l.slice.Before, false)
		from = max(0, to-p.l.limit)
	default:
		to = min(len(pairs), p.l.limit)
	}
	first, last := outermost(pairs[from:to], func(pair compare.Pair) models.Key { return models.Key{Text: place(pair)} })
	p.l.show(to-from, len(pairs), models.Ends{Earlier: from > 0, Later: to < len(pairs)}, first, last)
	return pairs[from:to]
}

// difference is a pair as a row.
func (p *comparePage) difference(pair compare.Pair) page.Difference {
	a, b := p.on(pair)
	d := page.Difference{
		Kind: kindOf(pair.Key), Test: pair.Key.Test, Arch: pair.Key.Arch, Config: pair.Key.Config, Compiler: pair.Key.Compiler,
		A: differentSide(a), B: differentSide(b), Change: pair.Change,
	}
	if b != nil {
		d.FirstError = b.FirstError
		switch {
		case b.FirstErrorLine == 0:
		case d.Kind == "build":
			d.Log, d.Line = jobs.BuildLog, int(b.FirstErrorLine)
		case b.JobID != nil:
			d.Log, d.Line = jobs.TestLog, int(b.FirstErrorLine)
		}
	}
	return d
}

func differentSide(r *models.ComparedResult) *page.DifferentSide {
	if r == nil {
		return nil
	}
	return &page.DifferentSide{ID: r.ID, Mark: markOf(r.Status, r.Shown)}
}
