package jobs

import (
	"drover/models"
	"drover/rules/id"
	"drover/rules/notice"
	"drover/rules/recipe"
	"drover/rules/status"
	"drover/rules/verdict"
)

const (
	// lookBack is how many tested ancestors are asked for a scenario's last
	// pass or fail before it counts as never run.
	lookBack = 30
	// lookAtOnce is how many of them one query asks; mostly the first has all.
	lookAtOnce = 4
	// streak is how far back failures in a row are counted.
	streak = 40
)

// past is what was seen before a checkout.
type past struct {
	line        []models.Ancestor // tested checkouts behind it, nearest first
	notAncestor bool              // after a rebase: the branch's previous checkouts
	results     map[int64]base    // by scenario
	builds      map[int64]base
	runs        map[int64][]models.Result // last results by scenario, oldest first
}

// base is the last pass or fail of a scenario along the line.
type base struct {
	status   status.Status
	back     int // 1 is the checkout before
	checkout id.ID
	label    string
	revision string
}

// pastOf looks up everything that a checkout is compared with.
func pastOf(q models.Query, checkout models.Checkout, builds []models.Build, results []models.Result) (past, error) {
	p := past{results: map[int64]base{}, builds: map[int64]base{}, runs: map[int64][]models.Result{}}
	var err error
	if p.line, err = q.TestedAncestors(checkout, lookBack); err != nil {
		return p, err
	}
	if len(p.line) == 0 {
		p.notAncestor = true
		if p.line, err = q.CheckoutsBefore(checkout, lookBack); err != nil {
			return p, err
		}
	}
	if err := p.lookUpBuilds(q, builds); err != nil {
		return p, err
	}
	if err := p.lookUpResults(q, results); err != nil {
		return p, err
	}
	var failing []int64
	for _, r := range results {
		if r.Status == status.Fail || p.results[r.Scenario].status != status.Pass {
			failing = append(failing, r.Scenario)
		}
	}
	if len(results) > 0 {
		p.runs, err = q.History(failing, results[0].ID-1, streak)
	}
	return p, err
}

func (p *past) lookUpBuilds(q models.Query, builds []models.Build) error {
	wanted := map[int64]bool{}
	for _, b := range builds {
		wanted[b.Scenario] = true
	}
	return p.walk(func(ids []id.ID, place map[id.ID]int) (bool, error) {
		rows, err := q.BuildsOf(ids)
		for _, row := range rows {
			if wanted[row.Scenario] && (row.Status == status.Pass || row.Status == status.Fail) {
				p.note(p.builds, row.Scenario, row.Status, place[row.CheckoutID], "")
			}
		}
		return len(p.builds) < len(wanted), err
	})
}

func (p *past) lookUpResults(q models.Query, results []models.Result) error {
	wanted := map[int64]bool{}
	for _, r := range results {
		wanted[r.Scenario] = true
	}
	return p.walk(func(ids []id.ID, place map[id.ID]int) (bool, error) {
		rows, err := q.Outcomes(ids)
		for _, row := range rows {
			if wanted[row.Scenario] {
				p.note(p.results, row.Scenario, row.Status, place[row.CheckoutID], row.TestRevision)
			}
		}
		return len(p.results) < len(wanted), err
	})
}

// walk asks the line a few checkouts at a time until look has all it wants.
func (p *past) walk(look func(ids []id.ID, place map[id.ID]int) (more bool, err error)) error {
	for start := 0; start < len(p.line); start += lookAtOnce {
		var ids []id.ID
		place := map[id.ID]int{}
		for i := start; i < min(start+lookAtOnce, len(p.line)); i++ {
			ids = append(ids, p.line[i].CheckoutID)
			place[p.line[i].CheckoutID] = i
		}
		more, err := look(ids, place)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// note keeps the nearest of what was seen of a scenario.
func (p *past) note(seen map[int64]base, scenario int64, s status.Status, place int, revision string) {
	if known, ok := seen[scenario]; ok && known.back <= place+1 {
		return
	}
	a := p.line[place]
	seen[scenario] = base{status: s, back: place + 1, checkout: a.CheckoutID, label: notice.Short(a.SHA), revision: revision}
}

// ofResult is the history of one result as the judge reads it.
func (p *past) ofResult(final models.Result) verdict.History {
	b := p.results[final.Scenario]
	h := verdict.History{
		Base: b.status, Back: b.back, Label: b.label, NotAncestor: p.notAncestor && b.back > 0,
		TestChanged: recipe.RevisionChanged(b.revision, final.TestRevision),
	}
	runs := p.runs[final.Scenario]
	for i := len(runs) - 1; i >= 0; i-- {
		if s := runs[i].Status; s == status.Pass || s == status.Fail {
			h.Last = s
			break
		}
	}
	h.FailingFor = failuresInARow(runs)
	if final.Status == status.Fail {
		h.FailingFor++
	}
	return h
}

// failuresInARow counts the last runs that failed; those without a pass or a
// fail neither count nor end the row.
func failuresInARow(runs []models.Result) int {
	n := 0
	for i := len(runs) - 1; i >= 0; i-- {
		switch runs[i].Status {
		case status.Fail:
			n++
		case status.Pass:
			return n
		}
	}
	return n
}

func (p *past) ofBuild(b models.Build) verdict.History {
	seen := p.builds[b.Scenario]
	return verdict.History{Base: seen.status, Back: seen.back, Label: seen.label, NotAncestor: p.notAncestor && seen.back > 0}
}
