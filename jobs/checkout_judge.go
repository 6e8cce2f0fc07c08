package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"drover/models"
	"drover/rules/id"
	"drover/rules/status"
	"drover/rules/verdict"
)

// judgeCheckout computes the one verdict of a checkout, stores it with what it
// says of each result, and decides whom to tell.
func (w *Worker) judgeCheckout(ctx context.Context, run *Run) error {
	q := w.Store.With(ctx)
	checkout, err := q.Checkout(run.Object)
	if err != nil {
		return err
	}
	if checkout.State == models.CheckoutPlanned {
		return run.Done(ctx, nil) // the plan asks again
	}
	c, err := gatherCase(q, checkout)
	if err != nil {
		return err
	}
	judgement := verdict.Judge(c.input())
	report, err := w.reporting(q, c, judgement)
	if err != nil {
		return err
	}
	store := func(tx *models.Tx) error {
		if err := c.store(tx, judgement); err != nil {
			return err
		}
		return report.store(tx)
	}
	if !judgement.Finished {
		return run.Again(ctx, c.untilDeadline(w.Store.Clock()), store)
	}
	return run.Done(ctx, store)
}

// Case is everything that a verdict is made of.
type Case struct {
	Checkout models.Checkout
	Tree     models.Tree
	Builds   []models.Build
	Results  []models.Result // all attempts
	Tests    map[id.ID]models.Test
	past     past
	groups   []group
}

// group is all attempts of one test on one build, the last one final.
type group struct {
	attempts []models.Result
	build    models.Build
	test     models.Test
}

func (g group) final() models.Result { return g.attempts[len(g.attempts)-1] }

func gatherCase(q models.Query, checkout models.Checkout) (*Case, error) {
	c := &Case{Checkout: checkout}
	var err error
	if c.Tree, err = q.Tree(checkout.TreeID); err != nil {
		return nil, err
	}
	if c.Builds, err = q.Builds(checkout.ID); err != nil {
		return nil, err
	}
	if c.Results, err = q.Results(checkout.ID); err != nil {
		return nil, err
	}
	var tests []id.ID
	for _, r := range c.Results {
		tests = append(tests, r.TestID)
	}
	if c.Tests, err = q.TestsByID(tests); err != nil {
		return nil, err
	}
	c.group()
	c.past, err = pastOf(q, checkout, c.Builds, c.Results)
	return c, err
}

// group puts the attempts of each test on each build together. Rows come in
// the order of their ids, so a later attempt comes later.
func (c *Case) group() {
	type key struct{ build, test id.ID }
	builds := map[id.ID]models.Build{}
	for _, b := range c.Builds {
		builds[b.ID] = b
	}
	place := map[key]int{}
	for _, r := range c.Results {
		k := key{r.BuildID, r.TestID}
		at, ok := place[k]
		if !ok {
			at = len(c.groups)
			place[k] = at
			c.groups = append(c.groups, group{build: builds[r.BuildID], test: c.Tests[r.TestID]})
		}
		c.groups[at].attempts = append(c.groups[at].attempts, r)
	}
}

// input turns rows into what the judge reads.
func (c *Case) input() verdict.Input {
	in := verdict.Input{Reason: c.Checkout.PlanNote, UnclearPercent: int(math.Round(c.Tree.UnclearShare * 100))}
	for _, b := range c.Builds {
		in.Builds = append(in.Builds, verdict.Build{
			Key: b.Label(), Attempts: []status.Status{b.Status}, History: c.past.ofBuild(b),
		})
	}
	for _, g := range c.groups {
		r := verdict.Result{
			Test: g.test.Path, Scenario: g.build.Label(), Build: g.build.Label(), State: g.test.State,
			History: c.past.ofResult(g.final()),
		}
		for _, attempt := range g.attempts {
			r.Attempts = append(r.Attempts, attempt.Status)
		}
		in.Results = append(in.Results, r)
	}
	return in
}

// deadline is when a partial report is due.
func (c *Case) deadline() time.Time {
	return c.Checkout.PushedAt.Add(time.Duration(c.Tree.DeadlineS) * time.Second)
}

// untilDeadline is when to judge again if nothing happens meanwhile.
func (c *Case) untilDeadline(now time.Time) time.Duration {
	if left := c.deadline().Sub(now); left > 0 {
		return left
	}
	return time.Hour
}

// store writes the verdict and what it says of each build and result.
func (c *Case) store(tx *models.Tx, j verdict.Judgement) error {
	var changed []models.Result
	for i, g := range c.groups {
		r, b := g.final(), c.past.results[g.final().Scenario]
		judged := r
		judged.Shown, judged.Note = j.Results[i].Shown, j.Results[i].Text
		judged.BaseStatus, judged.BaseBack, judged.BaseCheckoutID = b.status, int64(b.back), pointer(b.checkout)
		judged.FailingFor = int64(c.past.ofResult(r).FailingFor)
		if !sameJudgement(judged, r) {
			changed = append(changed, judged)
		}
	}
	if err := tx.JudgeResults(changed); err != nil {
		return err
	}
	for i, build := range c.Builds {
		b := c.past.builds[build.Scenario]
		build.Shown, build.BaseStatus, build.BaseCheckoutID = j.Builds[i].Shown, b.status, pointer(b.checkout)
		if err := tx.JudgeBuild(build); err != nil {
			return fmt.Errorf("store what is said of build %s: %w", build.ID, err)
		}
	}
	return c.storeVerdict(tx, j)
}

func sameJudgement(a, b models.Result) bool {
	return a.Shown == b.Shown && a.Note == b.Note && a.BaseStatus == b.BaseStatus && a.BaseBack == b.BaseBack && a.FailingFor == b.FailingFor
}

func pointer(i id.ID) *id.ID {
	if i == 0 {
		return nil
	}
	return &i
}

func (c *Case) storeVerdict(tx *models.Tx, j verdict.Judgement) error {
	counts, err := json.Marshal(j.Counts)
	if err != nil {
		return err
	}
	reasons, err := json.Marshal(j.Reasons)
	if err != nil {
		return err
	}
	row := c.Checkout
	row.Verdict, row.VerdictText, row.Version, row.News = j.Verdict, j.Text, int64(j.Version), j.News
	row.Counts, row.Reasons = string(counts), string(reasons)
	row.State = models.CheckoutRunning
	row.ComparedID, row.ComparedBack, row.NotAncestor = nil, 0, false
	if len(c.past.line) > 0 {
		nearest := c.past.line[0]
		row.ComparedID, row.ComparedBack, row.NotAncestor = &nearest.CheckoutID, int64(nearest.Distance), c.past.notAncestor
	}
	if j.Finished {
		row.State = models.CheckoutFinished
		if row.FinishedAt == nil {
			row.FinishedAt = &tx.Now
		}
	} else {
		row.FinishedAt = nil
	}
	return tx.SetVerdict(row)
}
